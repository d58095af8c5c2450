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
from sympy import Eq, Symbol, cancel, factor, factorial, simplify, solve, symbols

from bbpsym import Model, outlier_band, student_outliers, student_resolvent
from bbpsym import symbols as s
from bbpsym.equations import fluctuation, sectors
from bbpsym.equations import student as directions
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.hessian import weight_matrix
from bbpsym.equations.spectrum import inverse_stieltjes_slope, overlap2, signal_self_energy
from bbpsym.records import places
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.show import record

h = sectors.Pair(*symbols("h_1 h_2", real=True))


# %% [markdown]
# ## Two resolvents
#
# A resolvent that is moved by $z \to z + B$ gives $T(B) = \frac1N \mathrm{tr}_N\, R\,(B \otimes 1) R$, and
# by (28) $T = g^2 (B + \alpha E[h T h])$: a ladder whose rungs act by sectors. In the trace sector it
# is $-g'(z) = -1/\lambda'(g)$. The trace has the strongest rungs, because
# $\phi = \psi = h$ leaves squares of $h_2 - h_1$ as the differences:


# %%
@record("rungs", Nature.DERIVED, "29 48", "moments of a direction, by pairings")
def rungs_of_the_ladder():
    r"""Rungs of the ladder between two resolvents, by sectors.

    $B \to h B h$ averaged over the direction $n$ is a number on each of the three sectors.

    Domain: h_1 across n (p - 1 times), h_2 along it.
    """
    first, second = Symbol("R_1 - R_2"), Symbol("R_2 - R_3")
    square = (h.along - h.across) ** 2
    yield Eq(first, square / (s.p + 2)), Eq(second, 2 * square / (s.p * (s.p + 2)))
    yield tuple(sectors.dimension(sector) for sector in sectors.projectors()), "their dimensions"
    trace, symmetric, antisymmetric = sectors.sandwich(h, h).values()
    yield (trace, symmetric, antisymmetric), "trace, symmetric and antisymmetric sector"
    yield Eq(first, factor(trace - symmetric)), Eq(second, factor(symmetric - antisymmetric))


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
@record(
    "one-outlier",
    Nature.COMPUTED,
    "43 57 58 rungs",
    "signs and weights for p = p* = 1",
    places.one_outlier,
)
def variance_of_a_single_outlier():
    r"""Variance of the outlier of p = p* = 1, times N.

    The signs give the first term, the sampled weights the second. Both sides are held against each
    other in numbers; the algebra is that of the signs.

    Domain: p = p* = 1, to the left of the bulk, to first order in 1/N.
    """
    one = {s.p: 1, s.p_star: 1}
    h_1 = fluctuation.dressed().along
    ratio = signal_self_energy().diff(s.g) / inverse_stieltjes_slope()
    weights = s.alpha * fluctuation.covariance(*2 * [{s.y * h_1: 1, h_1: -ratio}])
    signs = -2 * inverse_stieltjes_slope() * (1 - overlap2()) ** 2
    closed = Eq(fluctuation.value_variance().subs(one), signs + overlap2() ** 2 * weights.subs(one))
    yield closed
    slope, end = Symbol("lambda'", negative=True), Symbol("S'", positive=True)
    m2, others = 1 / (1 - end / slope), symbols("s t")
    sector = dict(zip(sectors.projectors(), (end**2 * (-1 / slope), *others), strict=True))
    block = 2 * sectors.crossed(sector)["trace"].subs(one)
    yield identity(m2**2 * block, -2 * slope * (1 - m2) ** 2), "the signs' part"
    yield closed, "with the part of the sampled weights"


# %% [markdown]
# The overlap is $m^2 = 1/(1 - d\Sigma/dz)$ at the outlier. A sample moves it by
# $m^4 \left( m^2\, \partial_z^2 S\; \delta\Sigma + \partial_z \delta\Sigma \right)$, which takes the covariance of $\delta\Sigma$ at two
# points $z, z'$: the same ladder with $g\,g'$ in place of $g^2$. For $p p^* > 1$ it is the mean over
# the outliers, the trace of $\delta\Sigma$, to which rows add nothing.
#
# ## The next order
#
# The outliers of a sample are the poles of $\mathrm{tr}\,(z - S - \delta\Sigma)^{-1}$, and their $m^2$ are its
# residues. In powers of $\delta\Sigma$ this is a geometric series, so that the sum of the $m^2$ is that of the residues at
# $\lambda_*$ of $\mathrm{tr}\,\delta\Sigma^n/(z - S)^{n+1}$. For one outlier these must be what following its pole gives:


# %%
@record("overlap-orders", Nature.DERIVED, "56 58", "follow a pole, order by order")
def overlap_to_second_order():
    r"""Overlap of a sample's outlier to second order.

    In the sample's part $\delta\Sigma = d_0 + d_1 \zeta + d_2 \zeta^2/2$ of the self-energy, with
    $\zeta = z - \lambda_*$; $S_2$ and $S_3$ are derivatives of $S(g(z))$ at the outlier.

    Domain: a simple pole, m^2 > 0.
    """
    step, size = symbols("zeta epsilon")
    m2, bend, twist, *parts, first, second = symbols("m^2 S_2 S_3 d:3 zeta_1:3")
    orders = symbols("m^2_1 m^2_2")
    distance = step / m2 - bend * step**2 / 2 - twist * step**3 / 6
    random = sum(part * step**k / factorial(k) for k, part in enumerate(parts))
    yield (
        Eq(orders[0], m2**2 * (parts[1] + bend * m2 * parts[0])),
        Eq(
            orders[1],
            m2**3
            * (
                parts[0] * parts[2]
                + parts[1] ** 2
                + 3 * bend * m2 * parts[0] * parts[1]
                + (twist * m2 + 3 * bend**2 * m2**2) * parts[0] ** 2 / 2
            ),
        ),
    )
    yield (distance - size * random), "z - S - dSigma about the outlier"
    moved = size * first + size**2 * second
    equation = (distance - size * random).subs(step, moved).expand()
    (pole,) = solve([equation.coeff(size, n) for n in (1, 2)], [first, second], dict=True)
    yield tuple(Eq(*item) for item in pole.items()), "where its pole lies"
    residue = 1 / (distance - size * random).diff(step).subs(step, moved)
    followed = [residue.diff(size, n).subs(size, 0).subs(pole) / factorial(n) for n in (1, 2)]
    series = [
        (random**n * cancel(step / distance) ** (n + 1)).diff(step, n).subs(step, 0) / factorial(n)
        for n in (1, 2)
    ]
    yield (
        tuple(identity(*pair) for pair in zip(followed, series, strict=True)),
        "the residues there are those of the geometric series",
    )
    yield tuple(Eq(name, factor(item)) for name, item in zip(orders, series, strict=True))


# %% [markdown]
# The first order is that of the formula above. The second, for a Gaussian $\delta\Sigma$, has a variance of order $1/N^2$: the
# residues in $z$ and $z'$ of $2 \sum C(z, z')^2$, over its independent entries, divided by
# $(z - S)^3 (z' - S')^3$. It is added to the leading order. Of the sampled weights only what makes the outliers differ is
# counted: their part of the trace moves $g$, and $m^2$ stays nearly straight along $g$, while along $z$ it has a square root
# at the edge.
#
# **Derived**: the leading order, and this part of the next one. **Measured**: all else of that order, which is not small:
# the first order times the third, the skewness of the random signs, the shift of the means, the $1/N$ of the covariance.
# In simulations (`data/outlier_band.csv`) the whole is, within errors, between nought and five times that part. A band
# claims four times that part as its error, and gives no deviation of $m^2$ where the part exceeds a tenth of the leading
# order, or where the highest outlier comes within three of its distances from the mean to the edge. Towards a threshold
# the size that is needed grows without bound.

# %%
if __name__ == "__main__":
    print(outlier_band(Model(2, 1, "0.7"), 4, 250))
    print([outlier_band(Model(1, 1, 1), ratio, 10**9).overlap2_needs for ratio in (6, 3, 2)])

# %% [markdown]
# ## The student's own directions
#
# Put the rows $w_j$ of the student on axes as well. The block of the resolvent in these directions
# is made of matrices $V_{kj}$, node $k$ and direction $j$, and by the argument of (32)-(34) its
# self-energy is the map $V \to \alpha E[h V \lambda \lambda^T]$ with $\lambda\lambda^T = p\,\hat y\, n n^T$. What couples it to
# the teacher's block is odd in $u$. With $\psi_1 = 0$, $\psi_2 = p\,\hat y$:


# %%
@record("student-rungs", Nature.DERIVED, "34 rungs", "moments of a direction, by pairings")
def self_energies_of_the_student():
    r"""Self-energies of the student's directions are ordered.

    An outlier of a sector solves $1/g = \Sigma_s - \alpha \langle h \rangle$, as (40) does for the
    teacher. $h$ grows with $f$ and $f_2 > f_1$, so that the antisymmetric sector is the lowest.

    Domain: h_1 across n (p - 1 times), h_2 along it.
    """
    first, second = Symbol("S_1 - S_2"), Symbol("S_2 - S_3")
    step = s.yh * (h.along - h.across) / (s.p + 2)
    yield Eq(first, s.p * step), Eq(second, 2 * step)
    trace, symmetric, antisymmetric = sectors.sandwich(
        h, sectors.Pair(0 * s.p, s.p * s.yh)
    ).values()
    yield (trace, symmetric, antisymmetric), "trace, symmetric and antisymmetric sector"
    yield Eq(first, factor(trace - symmetric)), Eq(second, factor(symmetric - antisymmetric))


# %%
@record(
    "student-directions",
    Nature.DERIVED,
    "student-rungs 48 chi-square",
    "Stein's identity",
    places.student_directions,
)
def student_directions_have_no_outlier():
    r"""No student direction has an outlier left of the bulk.

    It is left to see the lowest sector, $E[\hat y h_1] - \langle h \rangle = E[(\hat y - 1) h_1] -
    \frac1p E[h_2 - h_1]$. By Stein's identity $E[(\hat y - 1) h_1] = \frac2p E[\hat y\, \partial
    h_1/\partial \hat y]$, and the difference is one square times positive factors, where $1/g < 0$.

    Domain: -p/2 < g < 0, every p, p*, a and alpha.
    """
    (f_1, _), (f_2, _) = weight_matrix().eigenvalues()
    square = 16 * (s.yh / (s.a + s.y)) ** 2 / (s.p**3 * (1 - s.g * f_1) ** 2 * (1 - s.g * f_2))
    yield Eq(directions.excess, Average(-s.g * square))
    across, along = fluctuation.dressed()
    antisymmetric = [*sectors.sandwich(h, sectors.Pair(0 * s.p, s.p * s.yh)).values()][-1]
    yield identity(antisymmetric, s.yh * h.across), "the lowest sector"
    require(chi_square(s.yh, s.p).stein_variance() == 2 / s.p, "Stein's identity holds for yh")
    integrand = 2 / s.p * s.yh * across.diff(s.yh) - (along - across) / s.p
    yield integrand, "Stein's identity"
    yield Eq(directions.excess, Average(factor(simplify(integrand))))


# %% [markdown]
# For $g < 0$ it is positive in the whole domain (42), up to the smooth edge itself. So **no student
# direction ever has an outlier left of the bulk** (derived), and none crosses the left edge. To the
# right the weights have no upper bound, the bulk has no right edge, and nothing can lie beyond it.
# The directions are not invisible, though: the resolvent in each of them is
# $1/(z - \Sigma_s(g(z)))$, and simulations see it at a real $z$ left of the bulk.

# %%
if __name__ == "__main__":
    print(student_outliers(Model(2, 1, "0.7"), 2))
    print(student_resolvent(Model(2, 1, "0.7"), 2, -2.5))
