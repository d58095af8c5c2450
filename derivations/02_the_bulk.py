# %% [markdown]
# # 2. The bulk of the spectrum
#
# The density of eigenvalues follows from the resolvent, and the resolvent of the Hessian is a
# Gaussian average. Expanding it in the data and keeping planar diagrams leaves two geometric series.

# %%
# isort: off
from sympy import Add, DiracDelta, Eq, Function, I, IndexedBase, Integral
from sympy import Limit, Matrix, Sum, Symbol, diff, exp, expand, im, integrate
from sympy import limit, log, oo, simplify, sqrt, symbols
# isort: on

from bbpsym import symbols as s
from bbpsym.equations import partitions
from bbpsym.equations import resolvent as r
from bbpsym.equations.average import Average
from bbpsym.records import matrices, places
from bbpsym.records.equality import apply_identity
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record

# %% [markdown]
# ## Density and resolvent


# %%
@record("6", Nature.DEFINITION)
def density_of_eigenvalues():
    """Density of eigenvalues. Domain: N -> infinity."""
    level, levels, i = Symbol(r"\lambda"), IndexedBase("lambda"), Symbol("i", integer=True)
    peaks = Sum(DiracDelta(level - levels[i]), (i, 1, s.p * s.N)) / (s.p * s.N)
    yield Eq(Function(r"\rho")(level), Limit(peaks, s.N, oo))


# %%
@record("18", Nature.DEFINITION, "4", at=matrices.matrices)
def stieltjes_transform():
    """Stieltjes transform of the bulk.

    Domain: G = E (z - H)^{-1}, N -> infinity; z outside the spectrum.
    """
    yield r.stieltjes_definition()


# %%
@record("19", Nature.DERIVED, "6 18", "one pole is a Lorentzian of integral pi", places.inside, 6)
def density_from_the_stieltjes_transform():
    r"""Density from the Stieltjes transform.

    By (6) and (18) $g(z)$ is the mean of $1/(z - l)$ over the density of the eigenvalues $l$. Just
    below the real axis the imaginary part of one term is a Lorentzian, which tends to a multiple of
    Dirac's delta function: it vanishes off its centre, and its integral does not depend on
    $\epsilon$.

    Domain: lambda in the support; lambda - i 0 gives Im g > 0.
    """
    yield r.inversion_formula()
    x, level = symbols("x l", real=True)
    lorentzian = simplify(im(1 / (x - I * r.epsilon - level)))
    yield lorentzian, "imaginary part of one pole at x - i epsilon"
    off_centre = limit(lorentzian.subs(level, x + 1), r.epsilon, 0)
    require(off_centre == 0, "the Lorentzian vanishes off its centre")
    area = integrate(lorentzian, (level, -oo, oo))
    yield area, "its integral over l"
    yield Eq(r.rho, r.imaginary_part / area), "(18) is the density times this integral"


# %% [markdown]
# ## Gaussian integrals


# %%
@record("22", Nature.DERIVED, "18", "complete the square with a source", matrices.fields, 11)
def resolvent_as_a_gaussian_integral():
    r"""Resolvent as a Gaussian integral.

    Add a source, $J^T\phi$, to the exponent and shift the fields by $A^{-1} J$: the source enters as
    $e^{J^T A^{-1} J/2}$. Two derivatives with respect to it give the moment $\langle\phi_1\phi_2
    \rangle$; so the ratio of integrals is an entry of $A^{-1} = (z - H)^{-1}$, for two fields as for
    any number.

    Domain: A = z - H positive definite, |A_12|^2 < A_11 A_22.
    """
    yield r.gaussian_integral()
    A, fields = Matrix([[r.A_11, r.A_12], [r.A_12, r.A_22]]), Matrix([r.phi_1, r.phi_2])
    source = Matrix(symbols("J_1 J_2", real=True))
    exponent = log(r.gaussian_weight()).expand(force=True) + (source.T * fields)[0]
    yield exponent, "the exponent with a source"
    shifted, rest = fields - A.inv() * source, (source.T * A.inv() * source)[0] / 2
    square = -(shifted.T * A * shifted)[0] / 2 + rest
    require(simplify(square - exponent) == 0, "the square is complete")
    yield simplify(rest), "what is left when the fields are shifted"
    moment = diff(exp(rest), *source).subs({source[0]: 0, source[1]: 0})
    yield identity(moment, A.inv()[0, 1]), "its mixed derivative at J = 0"
    limits = [(field, -oo, oo) for field in fields]
    weight = r.gaussian_weight()
    mean = Integral(fields[0] * fields[1] * weight, *limits) / Integral(weight, *limits)
    yield Eq(r.resolvent_entry, mean), "the same derivative under the integral"


# %%
@record("23", Nature.LIMIT, "22", "limit of Z^(n - 1)", matrices.fields)
def replica_trick():
    """Replica trick.

    One field carries the moment of (22); the other n - 1 replicas give the power of the partition
    function.

    Domain: Z > 0, n -> 0.
    """
    yield r.replica_trick()
    others = r.Z ** (r.replicas - 1)
    yield others, "n - 1 replicas"
    yield Eq(limit(others, r.replicas, 0), Limit(others, r.replicas, 0))


# %%
@record(
    "24", Nature.LARGE_N, "1 2", "covariance of a pre-activation with one input", matrices.patterns
)
def bulk_inputs_decouple():
    r"""Bulk inputs decouple from the weight matrix.

    $\lambda_q = \sum_j w_{qj} x_j$ with $\mathbb E\, x_i x_j = \delta_{ij}/N$ and $|w_q|^2 = N$.

    Domain: w_qi of order one, so that the correlation vanishes as N -> infinity.
    """
    yield r.bulk_independence()
    size = 4
    weights, inputs = symbols(f"w_q1:{size + 1}", real=True), symbols(f"x_1:{size + 1}", real=True)
    second = {inputs[j] * inputs[0]: (1 if j == 0 else 0) / s.N for j in range(size)}
    product = expand(sum(w * x for w, x in zip(weights, inputs, strict=True)) * inputs[0])
    yield product, "a pre-activation times the first input"
    covariance = sum(weights[j] * second[inputs[j] * inputs[0]] for j in range(size))
    require(product.coeff(inputs[0], 2) == weights[0], "the product is bilinear")
    yield covariance, "averaged over the inputs"
    found = covariance / sqrt(1 * (1 / s.N))
    yield Eq(r.correlation, found.subs(weights[0], r.w_qi)), "over the standard deviations"


# %% [markdown]
# ## Two statements for large N
#
# Everything that follows rests on these two. They are seen in samples.


# %%
@record(
    "concentration",
    Nature.LARGE_N,
    how="law of large numbers; seen with 2e6 samples",
    at=places.many_samples,
    reach=2,
)
def concentration():
    """Sums over the samples concentrate. Domain: N -> infinity at fixed alpha = M/N."""
    yield Eq(r.sample_mean, s.alpha * Average(s.f))


# %%
@record(
    "planarity",
    Nature.LARGE_N,
    how="crossing lines cost 1/N; four moments of sampled matrices",
    at=places.sampled_matrices,
    reach=2,
)
def planarity():
    """Only planar diagrams survive.

    Moments of the bulk are sums over non-crossing partitions.

    Domain: N -> infinity; the bulk is a compound free Poisson variable.
    """
    counted = (partitions.moment(n, partitions.sample_cumulant) for n in range(1, 5))
    yield tuple(Eq(partitions.moment_symbol(n), m) for n, m in enumerate(counted, start=1))


# %% [markdown]
# ## Dyson's equation
#
# A diagram is a chain of one-particle irreducible pieces $\Sigma$ joined by bare lines $G_0 = 1/z$.


# %%
@record(
    "25",
    Nature.DERIVED,
    "18 22 23 24 planarity",
    "irreducible insertions, one after the other",
    matrices.series,
)
def series_in_the_self_energy():
    r"""Resolvent as a series in the self-energy.

    The first irreducible piece can be cut off: $G = G_0 + G_0\Sigma G$. Put into itself, this adds
    one term at every turn.

    Domain: formal series, or |G_0 Sigma| < 1.
    """
    yield r.dyson_series()
    cut = r.G0 + r.G0 * r.Sigma * r.G
    yield Eq(r.G, cut), "cut off the first insertion"
    partial = r.G0
    for order in range(1, 7):
        partial = expand(cut.subs(r.G, partial))
        if order < 3:
            yield partial, "put into itself"
        terms = [(r.G0 * r.Sigma) ** k * r.G0 for k in range(order + 1)]
        require(expand(partial - Add(*terms)) == 0, "each turn adds one term of the series (25)")
    yield Eq(r.G, Sum((r.G0 * r.Sigma) ** r.order * r.G0, (r.order, 0, oo)))


# %%
@record("26", Nature.DERIVED, "25", "geometric series", matrices.series)
def dyson_equation():
    r"""Dyson's equation.

    Multiply (25) by $1 - G_0\Sigma$. Everything but the first term cancels, whatever the order at
    which the series is cut, up to one remainder.

    Domain: G_0 = 1/z.
    """
    yield r.dyson_equation()
    step = r.G0 * r.Sigma
    for order in range(1, 7):
        partial = Add(*(step**k * r.G0 for k in range(order)))
        left = expand(partial - step * partial)
        require(expand(left - r.G0 + step**order * r.G0) == 0, "all but the first term cancel")
    yield left, "the first six terms of (25), times 1 - G_0 Sigma"
    yield Eq((r.identity - step) * r.G, r.G0), "without the remainder"
    yield Eq(r.G, r.inverse(apply_identity(r.inverse(r.G0) * (r.identity - step)))), "solved for G"


# %%
@record(
    "27",
    Nature.DERIVED,
    "4 24 planarity concentration",
    "rainbow diagrams as a geometric series",
    places.two_nodes,
    12,
)
def self_energy_of_the_bulk():
    r"""Self-energy of the bulk.

    Irreducible and planar: one outer arch, with any number of arches below it. In every inner line
    the full resolvent appears, and the sum is once more geometric, in $G F$.

    Domain: p x p matrices; 1 - G F invertible.
    """
    yield r.self_energy()
    series, step = r.rainbow_series(), r.G * r.F
    yield series, "any number of arches below the outer one"
    for order in range(1, 7):
        partial = Add(*(series.function.subs(r.order, k).doit() for k in range(order)))
        left = expand(partial - partial * step)
        require(expand(left - r.F + r.F * step**order) == 0, "the rainbow series is geometric")
    yield left, "its first six terms, times 1 - G F"
    yield Eq(r.Sigma, s.alpha * r.MatrixAverage(r.F * r.inverse(r.identity - step)))


# %%
@record("28", Nature.DERIVED, "26 27", "(27) in (26)", places.two_nodes, 12)
def equation_of_the_resolvent():
    """Self-consistent equation of the resolvent. Domain: z outside the spectrum."""
    yield r.resolvent_equation()
    dyson = equation("26").rhs.subs(r.inverse(r.G0), s.z * r.identity)
    yield Eq(r.G, dyson), "(26) with the bare resolvent 1/z"
    yield Eq(r.G, dyson.subs(r.Sigma, equation("27").rhs))
