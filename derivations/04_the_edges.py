# %% [markdown]
# # 4. The two kinds of edges
#
# Left of the bulk $g$ is real and negative. How far can it go? Both eigenvalues (48) stay above
# $-2/p$ and come arbitrarily close to it as the teacher's output grows, so $1 - g f$ stays positive
# down to $g = -p/2$: equation (42).

# %%
from fractions import Fraction

from sympy import Eq, Float, Rational, limit, oo, simplify

from bbpsym import Model, density, edge, threshold
from bbpsym.equations import edges, spectrum
from bbpsym.equations.hessian import weight_matrix
from bbpsym.identities.compare import same_relation
from bbpsym.identities.evaluate import evaluate
from bbpsym.identities.inverse_stieltjes import domain_of_g
from bbpsym.identities.sharp_edge import square_root_from_the_minimum, square_root_statement
from bbpsym.identities.smooth_edge import essential_from_the_branch_point, essential_statement
from bbpsym.identities.smooth_edge_density import density_at
from bbpsym.identities.transition import critical_statement, sharp_edge_at_the_end
from bbpsym.symbols import a, alpha, g, p, p_star, y

for value, _count in weight_matrix().eigenvalues():
    assert limit(value, y, oo) == -2 / p
    assert simplify((value + 2 / p) * (a + y)).is_positive
domain_of_g()[1]

# %% [markdown]
# ## Sharp edge, (43)-(45)
#
# As $g$ falls from zero, $\lambda(g)$ rises from $-\infty$. If its slope vanishes inside the domain,
# it turns back there: no larger $\lambda$ belongs to a real $g$, and the bulk begins.

# %%
spectrum.sharp_edge_equation()

# %% [markdown]
# Close to the turning point $\xi = \lambda - \lambda_- = \frac12\lambda''(g-g_{sh})^2$ with
# $\lambda'' < 0$. For $\xi > 0$ the solution is complex, and its imaginary part over $\pi$ is the
# density, with its amplitude:

# %%
for derived, stated in zip(square_root_from_the_minimum(), square_root_statement(), strict=True):
    assert same_relation(derived, stated)
square_root_statement()[0]

# %% [markdown]
# ## Smooth edge, (46), (47) and (49)
#
# If the slope does not vanish before $g = -p/2$, the bulk begins at the end of the domain. The two
# cases meet where the slope vanishes at the end itself:

# %%
assert same_relation(sharp_edge_at_the_end(), critical_statement())
critical_statement()

# %% [markdown]
# What is the density there? Go a little past the end, $g = -\frac p2 (1 + \delta + i0)$. The
# denominator of the dressed weight, $a + (1-t) y + c\,t\,\hat y$ with $t = 1 + \delta$, now vanishes at
# $y_0 = (a + c\,t\,\hat y)/\delta$, deep in the tail of the chi-square law. The residue gives the
# average an imaginary part of order $e^{-p^* y_0/2}$, and $\hat y$ is squeezed to order $\delta$.
# Keeping $\lambda$ real then fixes the height of $t$ above the axis, which is the density. Finally
# $\delta$ is expressed by the distance $\xi$ to second order, because the exponential is sensitive
# to it: that is where $\lambda''$ enters the prefactor.

# %%
for derived, stated in zip(essential_from_the_branch_point(), essential_statement(), strict=True):
    assert same_relation(derived, stated)
Eq(edges.constant, edges.essential_constant())

# %%
edges.essential_density()

# %% [markdown]
# The law is put to a test over a hundred decades. The ratio of the computed density to the law
# tends to one, with a correction proportional to the distance.

# %%
model, ratio = Model(p=2, p_star=1, a="1.5"), Fraction(1)
exact = {a: Fraction(3, 2), alpha: ratio, p: Fraction(2), p_star: Fraction(1)}
point = {symbol: Rational(value) for symbol, value in exact.items()} | {g: Rational(-1)}
point[edges.alpha_c] = Float(threshold(model).alpha_c)
point[edges.curvature] = evaluate(edges.inverse_stieltjes_curvature(), point, 10)
ratios = []
for k in range(3):
    xi = Fraction(1, 160 * 2**k)
    found = density_at(tuple(exact.items()), xi, 30 + int(0.2 / xi))
    law = evaluate(edges.essential_law(), point | {edges.xi: Rational(xi)}, 10)
    ratios.append(float(found / law))
ratios

# %%
assert abs(2 * ratios[2] - ratios[1] - 1) < 0.01
assert ratios[0] > ratios[1] > ratios[2] > 1

# %% [markdown]
# The density of the package, in double precision, is the same where it can be compared:

# %%
xi = Fraction(1, 80)
left = edge(model, ratio).value
assert (
    abs(density(model, ratio, left + float(xi)) - float(density_at(tuple(exact.items()), xi, 40)))
    < 1e-10
)
