# %% [markdown]
# # 8. What finite N sees of the edges
#
# A Hessian has $pN$ eigenvalues. Where is the lowest of its bulk, when the edges of chapter 4 are
# those of $N = \infty$? First: how many eigenvalues lie below $x$? Take the logarithmic potential

# %%
from itertools import pairwise, product

from mpmath import airyai, quad
from sympy import (
    Eq,
    Rational,
    Symbol,
    exp,
    expand,
    integrate,
    limit,
    log,
    oo,
    pi,
    simplify,
    sqrt,
    symbols,
)

from bbpsym import Model, alpha_zero, critical_a, finite_edge
from bbpsym.equations import edges, finite_size, spectrum
from bbpsym.numerics import tracy_widom
from bbpsym.symbols import a, alpha, f, g, p, p_star, z

potential = finite_size.bulk_potential()
potential

# %% [markdown]
# It is stationary in $g$ exactly where (41) holds, and then its derivative in $z$ is $g$. By (19)
# its imaginary part over $\pi$ is the integral of the density. *Derived.*

# %%
stationary = potential.diff(g) - (z - spectrum.inverse_stieltjes())
assert stationary.expand(average=True) == 0
assert potential.diff(z) == g

# %% [markdown]
# ## Smooth edge
#
# Next to a smooth edge the root is real up to an exponentially small height, and because the
# potential is stationary that height does not count. What is left is
# $\alpha\,\mathrm{Im}\langle\log(1-gf)\rangle = \pi\,\alpha\,P(1 - gf < 0)$: **the eigenvalues below
# $x$ are the weights below $1/g(x)$, in number**. *Derived, for the mean number.*
#
# To leading order the number is $n\,\rho\,\xi^2/A$, the integral of (47):

# %%
law, below = edges.essential_law(), finite_size.essential_count()
assert limit(simplify(below.diff(edges.xi) / law), edges.xi, 0, "+") == 1
A = edges.essential_constant()
A

# %% [markdown]
# It is one at a distance that tends to $A/\log n$: put $\xi = A/(\log n + \dots)$ into $\log(n\,
# \rho\,\xi^2/A)$, where powers of $\xi$ and constants are of order $\log\log n$.

# %%
n = finite_size.count
assert (A / edges.xi).subs(edges.xi, finite_size.logarithmic_approach()) == log(n)

# %% [markdown]
# How many is one thing, their law another. The samples are independent, so the lowest weight has an
# exact law: none of $\alpha N$ samples has its lowest weight below $1/g(x)$ with probability
# $e^{-\alpha N P(\min_k f_k < 1/g)}$ for rare events. A sample has $p - 1$ equal weights $f_1$ and
# one $f_2$, so that its eigenvalues come in clusters: for $p > 2$ it is samples that are to be
# counted, not eigenvalues. That the lowest eigenvalue follows the lowest weight, $x =
# \lambda(1/f)$, is a *conjecture*.
#
# It follows only up to a fluctuation: the sample's eigenvalue solves $1/f = x^T R(z)\,x$ with the
# resolvent $R$ of all others and $x_i \sim N(0, 1/N)$. A quadratic form has the variance
# $2\,\mathrm{tr} R^2/N^2 = -(2/N)\,g'(z)$:

# %%
rows = symbols("r_1:4", positive=True)


def gaussian_moment(powers):
    """`E prod x_i^(k_i)` for independent standard Gaussians with even k up to four."""
    value = {0: 1, 2: 1, 4: 3}
    moment = 1
    for k in powers:
        moment *= value[k]
    return moment


second = sum(
    rows[i] * rows[j] * gaussian_moment([2 * (k == i) + 2 * (k == j) for k in range(3)])
    for i, j in product(range(3), repeat=2)
)
assert expand(second - sum(rows) ** 2 - 2 * sum(r**2 for r in rows)) == 0

# %% [markdown]
# and with $dz = dg/g'(z)$ and $g' = 1/\lambda'$ the eigenvalue moves by a Gaussian of variance

# %%
finite_size.follower_variance() / Symbol("N")

# %% [markdown]
# Every candidate is moved by its own; where their number grows like $e^{x/s}$ the lowest one comes
# to lie lower by $v/(2s)$. At $N = 100$ this is as large as the spread.

# %%
x, s, v = symbols("x s v", positive=True)
u = Symbol("u", real=True)
moved = integrate(exp((x - u) / s) * exp(-(u**2) / (2 * v)) / sqrt(2 * v * pi), (u, -oo, oo))
assert simplify(moved / exp((x + v / (2 * s)) / s)) == 1

# %% [markdown]
# The slow approach, to $N = 10^{15}$. The last column tends to one, like $\log\log N/\log N$:

# %%
model = Model(p=1, p_star=1, a="1.5")
table = [finite_edge(model, "0.8", 10**k) for k in (3, 6, 9, 12, 15, 60)]
constant = float(A.subs({a: 1.5, p: 1, p_star: 1, alpha: 0.8, edges.alpha_c: 1.6721475}))
approach = [row.distance * float(log(row.N)) / constant for row in table]
[(row.N, round(row.median, 5), round(ratio, 3)) for row, ratio in zip(table, approach, strict=True)]

# %%
assert all(later.distance < row.distance for row, later in pairwise(table))
assert abs(approach[-1] - 1) < abs(approach[-2] - 1) < 0.2

# %% [markdown]
# ## Sharp edge
#
# Far inside the spectrum the Airy density $\mathrm{Ai}'^2 - x\,\mathrm{Ai}^2$ is $\sqrt{-x}/\pi$:

# %%
inside = quad(lambda v: airyai(v, derivative=1) ** 2 - v * airyai(v) ** 2, [-40, -30, -20, -10, 0])
assert abs(float(inside) / float(Rational(2, 3) * 40 ** Rational(3, 2) / pi) - 1) < 2e-3

# %% [markdown]
# Matching it with $n$ times (45) gives the scale of the lowest eigenvalue. *Derived, given that the
# edge is universal*; the rotations of the student's nodes are a symmetry of the law, not of a drawn
# Hessian, so $n = pN$ and $\beta = 1$.

# %%
Eq(finite_size.scale, finite_size.tracy_widom_scale())

# %%
airy = sqrt(edges.xi / finite_size.scale) / (pi * finite_size.scale)
matched = airy.subs(finite_size.scale, finite_size.tracy_widom_scale())
assert simplify(matched / (n * edges.square_root_law())) == 1
tracy_widom.law().mean

# %% [markdown]
# But the edge itself moves with the sampled weights. At a sharp edge $\lambda' = 0$, so only the
# change of the average counts, and $\frac1p\mathrm{tr}\,h$ over $\alpha N$ samples has the variance

# %%
finite_size.sampled_edge_variance() / Symbol("N")

# %% [markdown]
# of order $N^{-1}$: its root $N^{-1/2}$ is larger than $\gamma \sim N^{-2/3}$. *The scatter between
# samples is Gaussian; Tracy-Widom is the law for given weights, and sets the mean.* The variance
# $v$ of $h$ within one sample needs a product of two denominators, by Feynman's formula:

# %%
b, c = symbols("b c", positive=True)
w = finite_size.between
mixed = integrate(simplify(6 * w * (1 - w) / ((1 - w) * b + w * c) ** 4), (w, 0, 1))
assert simplify(mixed - 1 / (b * c) ** 2) == 0
first, second = symbols("f_1 f_2", real=True)
dressed = [spectrum.dressed_weight.subs(f, value) for value in (first, second)]
gap = (first - second) / ((1 - g * first) * (1 - g * second))
assert simplify(dressed[0] - dressed[1] - gap) == 0

# %% [markdown]
# ## The apparent transition
#
# The straight line through $m^2(\alpha)$ and its tangent are properties of the theory's curve above
# $\alpha_{\mathrm{BBP}}$. The equations of the continuous threshold, $K/g = \langle h^2\rangle$, can be followed past
# the smooth edge $t = 1$ instead: the root becomes complex, with $\mathrm{Im}\,t < 0$ when the
# averages are continued from above. It starts at the $a$ where the type changes, with an
# exponentially small imaginary part, and has been found in every scan for $a$ up to four times as
# large; what grows is its imaginary part. *Computed; that it has to do with what finite systems see
# is a conjecture.*

# %%
change = critical_a(1, 1)
found = [alpha_zero(Model(1, 1, value)) for value in ("1.2", "1.5", "2", "3")]
[(change, row.threshold, row.line, row.tangent, row.resonance, row.real_part) for row in found]

# %%
widths = [row.resonance.imag for row in found]
assert 0 < widths[0] < widths[1] < widths[2] < widths[3]
assert all(row.line < row.tangent < row.resonance.real < row.threshold for row in found[1:])
