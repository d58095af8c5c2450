# %% [markdown]
# # 9. Rotation sectors: finite size, and the student's own directions
#
# At finite $N$ the $p p^*$ outliers neither coincide nor sit at $\lambda_*$. How far they scatter,
# and what becomes of the directions that the paper leaves out, the rows of the student itself,
# rests on the same algebra.
#
# Every function of the weight matrix (5) is $\phi = \phi_1 (1 - n n^T) + \phi_2\, n n^T$, with $n$ the
# direction of the student's pre-activations: uniform on the sphere and independent of their length.
# A map $B \to E[\phi B \psi]$ of $p \times p$ matrices commutes with rotations, so that it is a number
# on each of three kinds of matrices: multiples of the identity, symmetric traceless ones, and
# antisymmetric ones. The numbers follow from the moments of $n$, sums over pairings.

# %%
import numpy as np
from sympy import Symbol, factor, simplify, symbols

from bbpsym import Model, outlier, student_outliers, student_resolvent, threshold
from bbpsym.averages import over_outputs
from bbpsym.compile import PlaneSystem
from bbpsym.equations import fluctuation, sectors
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.hessian import weight_matrix
from bbpsym.equations.spectrum import inverse_stieltjes_slope, overlap2, signal_self_energy
from bbpsym.finite import Point, draw, hessian, lowest, overlaps
from bbpsym.numerics import plane
from bbpsym.symbols import a, alpha, g, p, p_star, y, yh

phi, psi = (sectors.Pair(*symbols(f"{name}_1 {name}_2")) for name in ("phi", "psi"))
sectors.sandwich(phi, psi)

# %%
{sector: sectors.dimension(sector) for sector in sectors.projectors()}

# %% [markdown]
# ## Two resolvents
#
# A resolvent that is moved by $z \to z + B$ gives $T(B) = \frac1N \mathrm{tr}_N\, R\,(B \otimes 1) R$, and
# by (28) $T = g^2 (B + \alpha E[h T h])$: a ladder whose rungs act by sectors. In the trace sector it
# is $-g'(z) = -1/\lambda'(g)$. The trace has the strongest rungs, because
# $\phi = \psi = h$ leaves squares of $h_2 - h_1$ as the differences:

# %%
h = sectors.Pair(*symbols("h_1 h_2", real=True))
rung = sectors.sandwich(h, h)
first = factor(rung["trace"] - rung["symmetric"])
second = factor(rung["symmetric"] - rung["antisymmetric"])
assert simplify(first - (h.along - h.across) ** 2 / (p + 2)) == 0
assert simplify(second - 2 * (h.along - h.across) ** 2 / (p * (p + 2))) == 0
first, second

# %% [markdown]
# So the trace sector is the first to become singular, at the edge (44), and left of it all are finite.
#
# ## What makes a sample's outliers scatter
#
# In the signal block a sample's self-energy is $\frac1N \sum_{\mu\nu} v_\mu v_\nu^T \otimes Q_{\mu\nu}$, and the
# outliers are the eigenvalues of $\lambda_* + m^2\, \delta\Sigma$, to first order. Three parts of
# $\delta\Sigma$ are of order $N^{-1/2}$, and independent:
#
# - **Signs.** For $\mu \ne \nu$, $Q_{\mu\nu} = h_\mu\, (x_\mu^T R\, x_\nu)\, h_\nu$ has mean zero, since $v_\mu$ may change
#   its sign. The square of $x_\mu^T R x_\nu$ is $\frac1N T$; the weights at both ends give
#   $\alpha E[y\, h B h]$. By sectors: (end)$^2 \times T$, as a map of the first indices of the two matrices,
#   rearranged by `crossed`.
# - **Weights.** For $\mu = \nu$, $\frac1N\sum_\mu (v_\mu v_\mu^T \otimes h_\mu - E)$; and the bulk's
#   self-energy is an average over $M$ samples too: it moves $G$ by $T$, and that moves $h$ by
#   $h\,\delta G\, h$.
# - **Rows.** $W W^T/N$ is not quite $1$ off its diagonal, nor is $W^* W^{*T}/N$. This tilts the law of
#   the pre-activations by $1 + \frac12 \lambda^T q \lambda$, and splits the outliers only.
#
# For $p = p^* = 1$ the sum is the formula
# $\frac1N \left[ 2 |\lambda'| (1 - m^2)^2 + m^4 \alpha\, \mathrm{Var}(y h - \frac{S'}{\lambda'} h) \right]$:

# %%
one = {p: 1, p_star: 1}
slope, end = Symbol("lambda'", negative=True), Symbol("S'", positive=True)
m2 = 1 / (1 - end / slope)
signs = {"trace": end**2 * (-1 / slope), "symmetric": symbols("s"), "antisymmetric": symbols("t")}
block = 2 * sectors.crossed(signs)["trace"].subs(one)
assert simplify(m2**2 * block - 2 * (-slope) * (1 - m2) ** 2) == 0

parameters = {p: 1.0, p_star: 1.0, a: 1.5, alpha: 3.0, g: outlier(Model(1, 1, "1.5"), 3).g}


def value(expression):
    """A number for an expression in averages over the outputs."""
    system = PlaneSystem({"x": over_outputs(expression, hessian_ensemble())})
    return float(plane.evaluate(system, parameters)["x"].value)


h1 = fluctuation.dressed().along
ratio = signal_self_energy().diff(g) / inverse_stieltjes_slope()
weights = alpha * fluctuation.covariance({y * h1: 1, h1: -ratio})
closed = -2 * inverse_stieltjes_slope() * (1 - overlap2()) ** 2 + overlap2() ** 2 * weights
assert abs(value(closed) / value(fluctuation.value_variance()) - 1) < 1e-9
np.sqrt(value(closed) / 1000)

# %% [markdown]
# The overlap is $m^2 = 1/(1 - d\Sigma/dz)$ at the outlier. A sample moves it by
# $m^4 \left( m^2\, \partial_z^2 S\; \delta\Sigma + \partial_z \delta\Sigma \right)$, which takes the covariance of $\delta\Sigma$ at two
# points $z, z'$: the same ladder with $g\,g'$ in place of $g^2$. For $p p^* > 1$ it is the mean over
# the outliers, the trace of $\delta\Sigma$, to which rows add nothing.
#
# Held against simulations, the band is right where it stays clear of the bulk:

# %%
model, ratio, N, samples = Model(2, 1, "0.7"), 4, 250, 100
band = outlier(model, ratio, N=N)
point = Point(N, 2, 1, 0.7, ratio)
pairs = []
for index in range(samples):
    instance = draw(point, point.stream(0, index))
    found = lowest(instance)
    pairs.append(
        (found.values[:2].mean(), np.mean(overlaps(instance, found.vectors).norm[:2] ** 2))
    )
measured = np.std(pairs, axis=0, ddof=1)
band

# %%
predicted = np.array([band.value_deviation, band.overlap2_deviation])
assert np.all(np.abs(measured / predicted - 1) < 4 / np.sqrt(2 * samples) + 0.1)
predicted, measured

# %% [markdown]
# ## The student's own directions
#
# Put the rows $w_j$ of the student on axes as well. The block of the resolvent in these directions
# is made of matrices $V_{kj}$, node $k$ and direction $j$, and by the argument of (32)-(34) its
# self-energy is the map $V \to \alpha E[h V \lambda \lambda^T]$ with $\lambda\lambda^T = p\,\hat y\, n n^T$. What couples it to
# the teacher's block is odd in $u$. With $\psi_1 = 0$, $\psi_2 = p\,\hat y$:

# %%
student = sectors.sandwich(h, sectors.Pair(0 * p, p * yh))
student

# %% [markdown]
# An outlier of a sector solves $1/g = \Sigma_s - \alpha \langle h \rangle$, as (40) does for the teacher. Left of
# the bulk $g < 0$. **The right-hand side is positive**, for every $p$, $p^*$, $a$ and $\alpha$:
#
# The three self-energies are ordered, since $h$ grows with $f$ and $f_2 > f_1$:

# %%
trace, symmetric, antisymmetric = (student[sector] for sector in sectors.projectors())
assert simplify(trace - symmetric - p / (p + 2) * yh * (h.along - h.across)) == 0
assert simplify(symmetric - antisymmetric - 2 / (p + 2) * yh * (h.along - h.across)) == 0

# %% [markdown]
# It is left to see the lowest one, $E[\hat y h_1] - \langle h \rangle = E[(\hat y - 1) h_1] - \frac1p E[h_2 - h_1]$.
# By Stein's identity $E[(\hat y - 1) h_1] = \frac2p E[\hat y\, \partial h_1/\partial \hat y]$, and the difference is one square
# times positive factors:

# %%
across, along = fluctuation.dressed()
law = next(law for law in hessian_ensemble().laws if law.variable == yh)
assert law.stein_variance() == 2 / p
integrand = 2 / p * yh * across.diff(yh) - (along - across) / p
(f1, _), (f2, _) = weight_matrix().eigenvalues()
square = -16 * g * (yh / (a + y)) ** 2 / (p**3 * (1 - g * f1) ** 2 * (1 - g * f2))
assert simplify(integrand - square) == 0
square

# %% [markdown]
# For $g < 0$ it is positive in the whole domain (42), up to the smooth edge itself. So **no student
# direction ever has an outlier left of the bulk** (derived), and none crosses the left edge. To the
# right the weights have no upper bound, the bulk has no right edge, and nothing can lie beyond it.
# The directions are not invisible, though: the resolvent in each of them is
# $1/(z - \Sigma_s(g(z)))$, seen in a simulation at a real $z$ left of the bulk.

# %%
model, ratio = Model(2, 1, "0.7"), 2
student_outliers(model, ratio)

# %%
z, point = -2.5, Point(150, 2, 1, 0.7, ratio)
mixtures = np.eye(2), np.diag([1, -1]), np.array([[0, 1], [-1, 0]])
rows = []
for index in range(100):
    instance = draw(point, point.stream(2, index))
    V = np.array([(mix @ instance.student).ravel() for mix in mixtures]).T
    V /= np.linalg.norm(V, axis=0)
    H = hessian(instance)
    rows.append(np.sum(V * np.linalg.solve(z * np.eye(len(H)) - H, V), axis=0))
means, errors = np.mean(rows, axis=0), np.std(rows, axis=0) / np.sqrt(len(rows))
expected = np.array([*student_resolvent(model, ratio, z).values()])
expected, means, errors

# %%
assert np.all(np.abs(means - expected) < 4 * errors + 0.01 * np.abs(expected))
assert all(abs(one - two) > 10 * max(errors) for one in expected for two in expected if one != two)
assert all(
    item.excess > 0 for item in student_outliers(model, threshold(model).alpha).sectors.values()
)
