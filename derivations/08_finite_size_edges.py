# %% [markdown]
# # 8. What finite N sees of the edges
#
# A Hessian has $pN$ eigenvalues. Where is the lowest of its bulk, when the edges of chapter 4 are
# those of $N = \infty$?

# %%
from itertools import product

# isort: off
from sympy import Derivative, Eq, Limit, Symbol, exp, expand, integrate, limit, log, oo, pi
from sympy import simplify, solve, sqrt, symbols
# isort: on

from bbpsym import Model, alpha_zero, critical_a, finite_edge
from bbpsym import symbols as s
from bbpsym.equations import edges, finite_size, spectrum
from bbpsym.equations.average import Average
from bbpsym.numerics.finite_n import tracy_widom
from bbpsym.records import places
from bbpsym.records.record import Nature, identity
from bbpsym.records.registry import equation
from bbpsym.records.show import record


# %%
@record("potential", Nature.DERIVED, "19 41", "derivatives of the potential", places.off_curve)
def logarithmic_potential():
    r"""Logarithmic potential of the bulk.

    How many eigenvalues lie below $z$? $\Phi = g z - \log(-g) + \alpha\langle\log(1 - g f)\rangle$ is
    stationary in $g$ exactly where (41) holds, and then its derivative in $z$ is $g$. By (19) its
    imaginary part over $\pi$ is the integral of the density.

    Domain: -p/2 < g < 0, any z.
    """
    phi = finite_size.bulk_potential()
    yield Eq(phi.diff(s.g), s.z - s.lambda_g)
    yield Eq(finite_size.potential, phi), "the potential"
    yield identity(Derivative(phi, s.z), s.g), "slope in z at a given g"
    slope = phi.diff(s.g).expand(average=True)
    yield slope, "slope in g"
    rest = (s.z - slope).expand(average=True)
    yield identity(rest, equation("41").rhs), "z less the slope is (41)"
    yield Eq(slope, s.z - s.lambda_g)


# %% [markdown]
# ## Smooth edge
#
# Next to a smooth edge the root is real up to an exponentially small height, and because the
# potential is stationary that height does not count. What is left is
# $\alpha\,\mathrm{Im}\langle\log(1-gf)\rangle = \pi\,\alpha\,P(1 - gf < 0)$: **the eigenvalues below
# $x$ are the weights below $1/g(x)$, in number**. *Derived, for the mean number.*


# %%
@record("essential-count", Nature.LIMIT, "47", "its slope is (47) to leading order")
def eigenvalues_below_a_smooth_edge():
    r"""Fraction of eigenvalues below a distance from a smooth edge.

    To leading order the integral of (47) is $\rho\,\xi^2/A$.

    Domain: xi -> 0+ at a smooth edge.
    """
    yield Eq(Limit(finite_size.essential_count().diff(edges.xi) / edges.rho, edges.xi, 0), 1)
    count = edges.rho * edges.xi**2 / edges.constant
    yield Eq(finite_size.below, count), "rho changes by 1/e over xi^2/A"
    law = edges.essential_law()
    whole = count.subs({edges.rho: law, edges.constant: edges.essential_constant()})
    ratio = simplify(whole.diff(edges.xi) / law)
    yield ratio, "slope of the count, over the density (47)"
    left = Limit(finite_size.essential_count().diff(edges.xi) / edges.rho, edges.xi, 0)
    yield Eq(left, limit(ratio, edges.xi, 0, "+"))


# %%
@record("logarithmic-approach", Nature.LIMIT, "16 essential-count", "one eigenvalue is expected")
def logarithmic_approach():
    r"""Distance of the lowest eigenvalue from a smooth edge.

    Of $n$ eigenvalues one is expected below $\xi$ where $n\,\rho\,\xi^2/A = 1$. Put $\xi = A/(\log n
    + \dots)$ into its logarithm, where powers of $\xi$ and constants are of order $\log\log n$.

    Domain: n -> infinity, to leading order.
    """
    n, A = finite_size.count, edges.constant
    yield Eq(edges.xi, finite_size.logarithmic_approach())
    leading = log(n) - A / edges.xi
    yield Eq(leading, 0), "logarithm of n rho xi^2/A, without what is of order log log n"
    (found,) = solve(leading, edges.xi)
    yield Eq(edges.xi, found), "solved"
    yield Eq(edges.xi, found.subs(A, equation("16").rhs))


# %% [markdown]
# How many is one thing, their law another. The samples are independent, so the lowest weight has an
# exact law: none of $\alpha N$ samples has its lowest weight below $1/g(x)$ with probability
# $e^{-\alpha N P(\min_k f_k < 1/g)}$ for rare events. A sample has $p - 1$ equal weights $f_1$ and
# one $f_2$, so that its eigenvalues come in clusters: for $p > 2$ it is samples that are to be
# counted, not eigenvalues. That the lowest eigenvalue follows the lowest weight, $x =
# \lambda(1/f)$, is a *conjecture*. It follows only up to a fluctuation.


# %%
def _gaussian_moment(powers):
    """`E prod x_i^(k_i)` for independent standard Gaussians with even k up to four."""
    moment = 1
    for k in powers:
        moment *= {0: 1, 2: 1, 4: 3}[k]
    return moment


@record("follower-variance", Nature.DERIVED, "43", "variance of a quadratic form")
def variance_of_a_follower():
    r"""Variance with which an eigenvalue follows its weight, times N.

    The sample's eigenvalue solves $1/f = x^T R(z)\,x$ with the resolvent $R$ of all others and
    $x_i \sim N(0, 1/N)$. Its variance is $2\,\mathrm{tr} R^2/N^2 = -(2/N)\,g'(z)$, and with
    $dz = dg/g'(z)$, $g' = 1/\lambda'$ the eigenvalue moves by a Gaussian. Every candidate is moved
    by its own; where their number grows like $e^{x/s}$ the lowest one comes to lie lower by $v/(2s)$.
    At $N = 100$ this is as large as the spread.

    Domain: g = 1/f outside the bulk, lambda'(g) < 0.
    """
    yield Eq(finite_size.eigenvalue_variance, finite_size.follower_variance())
    rows = symbols("r_1:4", positive=True)
    second = sum(
        rows[i] * rows[j] * _gaussian_moment([2 * (k == i) + 2 * (k == j) for k in range(3)])
        for i, j in product(range(3), repeat=2)
    )
    variance = expand(second - sum(rows) ** 2)
    yield (
        identity(variance, 2 * sum(r**2 for r in rows)),
        "variance of sum r_i x_i^2, x_i ~ N(0, 1)",
    )
    slope = Symbol("g'", negative=True)  # g'(z) = -(1/N) tr R^2
    form = -2 * slope
    yield form, "N times the variance of the quadratic form"
    moved = form / slope**2
    yield moved, "dz = dg/g'"
    yield Eq(finite_size.eigenvalue_variance, moved.subs(slope, 1 / equation("43").rhs))


# %%
@record("candidates", Nature.DERIVED, "follower-variance", "a Gaussian integral")
def lowest_of_many_candidates():
    r"""Candidates that are moved by a Gaussian of variance v.

    Where their number grows like $e^{x/s}$, moving each of them is moving all of them by $v/(2s)$.

    Domain: s, v > 0.
    """
    x, scale, v = symbols("x s v", positive=True)
    u, number = Symbol("u", real=True), Symbol("n(x)")
    yield Eq(number, exp((x + v / (2 * scale)) / scale))
    law = exp(-(u**2) / (2 * v)) / sqrt(2 * v * pi)
    yield exp((x - u) / scale) * law, "moved by u, with the density of u"
    moved = exp(x / scale) * integrate(exp(-u / scale) * law, (u, -oo, oo))
    yield Eq(number, simplify(moved))


# %% [markdown]
# The slow approach, to $N = 10^{15}$. The last column tends to one, like $\log\log N/\log N$:

# %%
if __name__ == "__main__":
    model = Model(p=1, p_star=1, a="1.5")
    values = {s.a: 1.5, s.p: 1, s.p_star: 1, s.alpha: 0.8, s.alpha_c: 1.6721475}
    constant = float(edges.essential_constant().subs(values))
    table = [finite_edge(model, "0.8", 10**k) for k in (3, 6, 9, 12, 15, 60)]
    approach = [row.distance * float(log(row.N)) / constant for row in table]
    for row, ratio in zip(table, approach, strict=True):
        print(row.N, round(row.median, 5), round(ratio, 3))
    assert abs(approach[-1] - 1) < abs(approach[-2] - 1) < 0.2


# %% [markdown]
# ## Sharp edge


# %%
@record("tracy-widom-scale", Nature.DERIVED, "45", "matching Airy's density with (45)")
def tracy_widom_scale():
    r"""Scale of the lowest eigenvalue at a sharp edge.

    Far inside the spectrum the Airy density $\mathrm{Ai}'^2 - x\,\mathrm{Ai}^2$ is $\sqrt{-x}/\pi$;
    it is to be $n$ times (45). Derived, given that the edge is universal; the rotations of the
    student's nodes are a symmetry of the law, not of a drawn Hessian, so $n = pN$ and $\beta = 1$.

    Domain: lambda''(g_sh) < 0, n -> infinity.
    """
    scale = finite_size.scale
    yield Eq(scale, finite_size.tracy_widom_scale())
    airy = sqrt(edges.xi / scale) / (pi * scale)
    yield airy, "Airy's density of scale gamma, far inside"
    matched = Eq(airy, finite_size.count * equation("45").rhs)
    yield matched, "n times (45)"
    (found,) = solve(matched, scale)
    yield Eq(scale, found)


# %%
@record(
    "sampled-edge",
    Nature.DERIVED,
    "44",
    "variance of a mean over the samples",
    places.sampled_weights,
)
def variance_of_a_sampled_edge():
    r"""Variance of a sharp edge with sampled weights, times N.

    At a sharp edge $\lambda' = 0$, so only the change of the average counts: $\frac1p\mathrm{tr}\,h$
    over $\alpha N$ samples. $v$ is the variance of $h$ over the $p$ eigenvalues of one sample. The
    root, of order $N^{-1/2}$, is larger than $\gamma \sim N^{-2/3}$: the scatter between samples is
    Gaussian; Tracy-Widom is the law for given weights, and sets the mean.

    Domain: g = g_sh; to leading order in 1/N.
    """
    yield Eq(finite_size.edge_variance, finite_size.sampled_edge_variance())
    h, v = spectrum.dressed_weight, finite_size.spread
    yield Eq(Symbol("E t^2"), Average(h**2) - v), "t = tr h/p: over the eigenvalues of one sample"
    variance = Symbol("E t^2") - Symbol("E t") ** 2
    yield s.alpha**2 * s.N * variance / (s.alpha * s.N), "N Var of alpha times a mean of alpha N"
    means = {Symbol("E t"): Average(h), Symbol("E t^2"): Average(h**2) - v}
    yield Eq(finite_size.edge_variance, s.alpha * variance.subs(means))


# %%
@record("spread", Nature.DERIVED, "48 sampled-edge", "Feynman's formula for a product")
def spread_within_a_sample():
    r"""Variance of the dressed weights within one sample.

    It needs a product of two denominators, by Feynman's formula
    $\frac1{b^2c^2} = \int_0^1 \frac{6x(1-x)\,dx}{((1-x) b + x c)^4}$.

    Domain: p - 1 eigenvalues f_1 and one f_2; x from 0 to 1 is to be integrated over.
    """
    first, second = symbols("f_1 f_2", real=True)
    x, integrand = finite_size.between, Symbol("dv/dx")
    yield Eq(integrand, finite_size.dressed_spread(first, second))
    b, c = symbols("b c", positive=True)
    feynman = 6 * x * (1 - x) / ((1 - x) * b + x * c) ** 4
    whole = integrate(feynman, (x, 0, 1), meijerg=False)
    yield identity(whole, 1 / (b * c) ** 2), "Feynman's formula"
    one, two = (spectrum.dressed_weight.subs(s.f, value) for value in (first, second))
    ends = 1 - s.g * first, 1 - s.g * second
    yield identity(one - two, (first - second) / (ends[0] * ends[1])), "difference of the weights"
    weight = (s.p - 1) / s.p**2  # variance of p - 1 equal values and one other
    values = {b: ends[0], c: ends[1]}
    yield Eq(integrand, weight * (first - second) ** 2 * feynman.subs(values))


# %%
if __name__ == "__main__":
    print(tracy_widom.law().mean)


# %% [markdown]
# ## The apparent transition
#
# The straight line through $m^2(\alpha)$ and its tangent are properties of the theory's curve above
# $\alpha_{\mathrm{BBP}}$. The equations of the continuous threshold, $K/g = \langle h^2\rangle$, can be
# followed past the smooth edge $t = 1$ instead: the root becomes complex, with $\mathrm{Im}\,t < 0$
# when the averages are continued from above. It starts at the $a$ where the type changes, with an
# exponentially small imaginary part, and has been found in every scan for $a$ up to four times as
# large; what grows is its imaginary part. *Computed; that it has to do with what finite systems see
# is a conjecture.*

# %%
if __name__ == "__main__":
    print(critical_a(1, 1))
    found = [alpha_zero(Model(1, 1, value)) for value in ("1.2", "1.5", "2", "3")]
    for row in found:
        print(row.threshold, row.line, row.tangent, row.resonance, row.real_part)
    widths = [row.resonance.imag for row in found]
    assert 0 < widths[0] < widths[1] < widths[2] < widths[3]
    assert all(row.line < row.tangent < row.resonance.real < row.threshold for row in found[1:])
