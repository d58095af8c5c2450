# %% [markdown]
# # 2b. The scalar equation of the bulk
#
# The weights look the same from every direction: the matrix equation (28) becomes one for a number,
# whose series counts non-crossing partitions.

# %%
# isort: off
from sympy import ZZ, Derivative, Eq, Integer, Matrix, diag, expand, eye, factorial
from sympy import linear_eq_to_matrix, ring, solve, symbols, zeros
# isort: on

from bbpsym import symbols as s
from bbpsym.ensembles.networks.setting import paper
from bbpsym.equations import partitions, spectrum
from bbpsym.equations import resolvent as r
from bbpsym.equations.average import Average
from bbpsym.equations.hessian import WeightMatrix, weight_matrix
from bbpsym.records import matrices, places
from bbpsym.records.equality import same_expression
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record

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
