# %% [markdown]
# # 2. The bulk of the spectrum
#
# The density of eigenvalues follows from the resolvent, and the resolvent of the Hessian is a
# Gaussian average. Expanding it in the data and keeping planar diagrams leaves two geometric series.

# %%
# isort: off
from sympy import ZZ, Add, Derivative, DiracDelta, Eq, Function, I, IndexedBase, Integer, Integral
from sympy import Limit, Matrix, Sum, Symbol, diag, diff, exp, expand, eye, factorial, im, integrate
from sympy import limit, linear_eq_to_matrix, log, oo, ring, simplify, solve, sqrt, symbols, zeros
# isort: on

from bbpsym import symbols as s
from bbpsym.ensembles.setting import paper
from bbpsym.equations import partitions, spectrum
from bbpsym.equations import resolvent as r
from bbpsym.equations.average import Average
from bbpsym.equations.hessian import WeightMatrix, weight_matrix
from bbpsym.records import matrices, places
from bbpsym.records.equality import apply_identity, same_expression
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


# %% [markdown]
# ## Rotations


# %%
@record("29", Nature.DERIVED, "5 28", "lambda and O lambda have one law", places.two_nodes, 12)
def rotated_weights(of=None):
    r"""Rotated weights, the same resolvent.

    $F$ depends on the Gaussian vector $\lambda$ through $|\lambda|^2$ and $\lambda\lambda^T$ alone.
    Since $O\lambda$ has the law of $\lambda$, we may replace $F$ by $OFO^T$.

    Domain: every rotation O of the p nodes.
    """
    of = of or paper()
    yield r.rotated_resolvent_equation()
    F, nodes = weight_matrix(of.formula), symbols("lambda_q lambda_r", real=True)
    require(not F.identity.has(*nodes), "the first part of F is the same for every direction")
    require(not F.rank_one.has(*nodes), "and so is the coefficient of the second")
    yield Eq(r.G, equation("28").rhs.subs(r.F, r.O * r.F * r.Ot))


# %%
@record("30", Nature.DERIVED, "29", "O^T O = 1 in every term of the series", places.two_nodes, 12)
def rotation_moved_to_the_resolvent():
    r"""The rotation moved to the resolvent.

    Multiply (29) by $O^T$ and $O$. Term by term the rotations pass from the weights to $G$, and
    $(O^T X O)^{-1} = O^T X^{-1} O$.

    Domain: every rotation O of the p nodes.
    """
    yield r.resolvent_equation_rotated_back()
    turned, moved = r.O * r.F * r.Ot, r.Ot * r.G * r.O
    for order in range(6):
        left = r.cancel_rotations(r.Ot * turned * (r.G * turned) ** order * r.O)
        right = r.F * (moved * r.F) ** order
        require(expand(left - expand(right)) == 0, "rotations cancel in every term")
        if order == 2:
            yield Eq(r.Ot * turned * (r.G * turned) ** order * r.O, right), "a term of the series"
    rotated = equation("29").rhs
    (average,) = rotated.atoms(r.MatrixAverage)
    dressed = turned * r.inverse(r.identity - r.G * turned)
    require(average.args[0] == dressed, "(29) holds the rotated dressed weight")
    inner = r.F * r.inverse(r.identity - moved * r.F)
    yield inner, "the sum of all terms"
    yield Eq(moved, rotated.xreplace({average: r.MatrixAverage(inner)}))


# %%
def _generators(size):
    for row in range(size):
        for column in range(row):
            turn = zeros(size)
            turn[row, column], turn[column, row] = 1, -1
            yield turn
    yield diag(-1, *(1 for _ in range(size - 1)))


@record(
    "commutant",
    Nature.DERIVED,
    "30",
    "linear equations for the generators, p = 2, 3, 4",
    matrices.signed_exchanges,
)
def commutant_of_rotations():
    r"""What all rotations leave alone is a multiple of the identity.

    By (30) $O^T G O$ solves the same equation as $G$; the solution with $G \sim 1/z$ at infinity is
    unique, so $G$ commutes with every $O$. For $p = 2, 3, 4$ we solve the linear equations $XT = TX$
    for the generators $T$ of the rotations and one reflection; for any $p$, the reflection of one
    axis kills the off-diagonal entries of its row, and the exchange of two axes makes their diagonal
    entries equal.

    Domain: p >= 1; rotations and reflections.
    """
    yield Eq(r.G, s.g * r.identity)
    for size in (2, 3, 4):
        entries = symbols(f"X:{size * size}")
        X = Matrix(size, size, entries)
        conditions = [entry for turn in _generators(size) for entry in X * turn - turn * X]
        coefficients, _ = linear_eq_to_matrix(conditions, entries)
        (solution,) = coefficients.nullspace()
        found = Matrix(size, size, list(solution / solution[0]))
        yield found, f"the only solution for p = {size}"
        require(found == eye(size), "only multiples of the identity commute")
    yield Eq(r.G, s.g * r.identity), "whose factor is the trace over p"


# %% [markdown]
# ## The scalar equation


# %%
def _trace_of_dressed(width, F):
    """Trace of `F (1 - g F)^{-1}` for a matrix like (5) with the pre-activations along one axis."""
    squares = diag(width * s.yh, *(0 for _ in range(width - 1)))
    weight = (F.identity * eye(width) + F.rank_one * squares).subs(s.p, width)
    return (weight * (eye(width) - s.g * weight).inv()).trace()


@record("31", Nature.DERIVED, "28 commutant 48", "trace of (28) with G = g 1", places.two_nodes, 12)
def equation_of_the_stieltjes_transform():
    r"""Self-consistent equation of the Stieltjes transform.

    With $G = g\,\mathbf 1$ the trace of (28) only sees the eigenvalues of $F$: $\langle\cdot\rangle$
    is the mean over them and over the data.

    Domain: g = g(z), z outside the spectrum.
    """
    yield r.scalar_equation()
    inverse = r.inverse(equation("28").rhs.subs(r.G, equation("commutant").rhs))
    yield Eq(r.inverse(r.G), inverse), "(28) with G = g 1, inverted"
    found = r.normalised_trace(inverse)
    (dressed,) = (item.args[0] for item in found.atoms(Average))
    yield dressed, "the trace over p of the dressed weight"
    F = WeightMatrix(*symbols("c_1 c_2", real=True))  # any multiple of 1 and of lambda lambda^T
    for width in (2, 3):
        by_values = Integer(0)
        for value, count in F.eigenvalues():
            by_values += count.subs(s.p, width) * dressed.subs(s.f, value.subs(s.p, width))
        require(same_expression(_trace_of_dressed(width, F), by_values), "(48) gives the trace")
    yield Eq(1 / s.g, found), "checked on the matrices of p = 2, 3"


# %%
@record(
    "moments",
    Nature.DERIVED,
    "31",
    "series of g(z) from (31) against non-crossing partitions",
    places.moments,
)
def moments_of_the_bulk():
    r"""Moments of the bulk to order 8.

    (31) says that the bulk is a free compound Poisson variable with free cumulants
    $\alpha\langle f^n\rangle$. Its moments can also be counted: one term for every non-crossing
    partition; of the 4140 partitions of eight elements 1430 do not cross. Here they are the
    coefficients of $g(z)$ at large $z$: put $z g = 1 + \sum_n \kappa_n g^n$ into itself.

    Domain: all moments of the weights exist.
    """
    order = 8
    counted = (partitions.moment(n) for n in range(1, order + 1))
    yield tuple(Eq(partitions.moment_symbol(n), m) for n, m in enumerate(counted, start=1))
    (level,) = solve(equation("31"), s.z)
    slope, kappas = (s.g * level).expand(), []
    yield slope, "g z(g), from (31)"
    require(slope.subs(s.g, 0) == 1, "g z(g) tends to one")
    for n in range(1, order + 1):
        slope = slope.diff(s.g).doit()
        kappas.append((slope.subs(s.g, 0) / factorial(n)).expand(average=True))
    yield tuple(kappas[:3]), "its Taylor coefficients"
    names = symbols(f"kappa1:{order + 1}")
    domain, *cumulants = ring(names, ZZ)
    one = [domain(1)] + [domain(0)] * order
    g = one  # coefficients of 1/z, 1/z^2, ...
    for _ in range(order):
        power, total = one, list(one)
        for shift, cumulant in enumerate(cumulants, start=1):
            power = [sum(power[k] * g[n - k] for k in range(n + 1)) for n in range(order + 1)]
            for n in range(order + 1 - shift):
                total[n + shift] += cumulant * power[n]
        g = total
    yield tuple(moment.as_expr() for moment in g[1:4]), "coefficients of g(z)"
    values = dict(zip(names, kappas, strict=True))
    found = (moment.as_expr().subs(values) for moment in g[1:])
    yield tuple(Eq(partitions.moment_symbol(n), m) for n, m in enumerate(found, start=1))


# %% [markdown]
# ## The inverse of the Stieltjes transform


# %%
@record("41", Nature.DERIVED, "31", "solve (31) for z", places.bulk)
def inverse_of_the_stieltjes_transform():
    """Inverse of the Stieltjes transform. Domain: -p/2 < g < 0."""
    yield Eq(s.lambda_g, spectrum.inverse_stieltjes())
    yield equation("31"), "start from (31)"
    (level,) = solve(equation("31"), s.z)
    yield Eq(s.lambda_g, level)


# %%
@record("43", Nature.DERIVED, "41", "differentiate under the average", places.bulk)
def slope_of_the_inverse():
    r"""Slope of the inverse.

    The dressed weight has a simple derivative, its own square.

    Domain: -p/2 < g < 0.
    """
    yield Eq(s.lambda_slope, spectrum.inverse_stieltjes_slope())
    h = spectrum.dressed_weight
    yield identity(Derivative(h, s.g), h**2), "slope of the dressed weight"
    level = equation("41").rhs
    yield Eq(s.lambda_slope, (1 / s.g).diff(s.g) + (level - 1 / s.g).diff(s.g))
