# %% [markdown]
# # 3. The outliers
#
# Put the teachers on the first axes. The rows and columns of the Hessian that touch them form a
# small block; what is left is the bulk of the last chapter.

# %%
# isort: off
from sympy import Add, Eq, Integer, Integral, Mul, Symbol, expand, eye, factor, integrate, oo
from sympy import solve, symbols
# isort: on

from bbpsym import symbols as s
from bbpsym.equations import resolvent as r
from bbpsym.equations import spectrum, student_teacher
from bbpsym.equations.average import Average
from bbpsym.records import matrices, places
from bbpsym.records.record import Nature, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record


# %%
@record("20", Nature.DEFINITION, "1 4")
def permuted_hessian():
    """Permuted Hessian. Domain: P projects on the p p* signal coordinates, Q = 1 - P."""
    yield r.permuted_hessian()


# %%
@record("21", Nature.DERIVED, "18 20", "block inversion: the Schur complement", matrices.matrices)
def signal_block_of_the_resolvent():
    """Signal block of the resolvent.

    Solve (z - H) G = 1 for the signal column of G, the lower rows first.

    Domain: z outside the spectrum of H_22.
    """
    yield r.signal_block()
    below = r.inverse(s.z * r.identity - r.H_22) * r.H_21 * r.G_11
    yield Eq(Symbol("G_{21}", commutative=False), below), "the lower rows"
    top = s.z * r.identity * r.G_11 - r.H_11 * r.G_11 - r.H_12 * below
    yield Eq(top, r.identity), "put into the upper rows"
    rest = Integer(0)
    for term in expand(top).as_ordered_terms():
        numbers, matrices = term.args_cnc()
        require(matrices[-1] == r.G_11, "every product ends with the signal block")
        rest += Mul(*numbers, *matrices[:-1])
    yield Eq(r.G_11, r.inverse(rest))


# %%
@record(
    "32",
    Nature.DERIVED,
    "20 22",
    "one Gaussian integral: the Schur complement",
    matrices.fields,
    11,
)
def signal_fields():
    """Signal fields once the others are integrated out.

    The exponent that is left holds the Schur complement of (21).

    Domain: A = z - H positive definite; one field of each kind stands for a block.
    """
    yield r.marginal_weight()
    weight = r.gaussian_weight()
    yield weight, "weight of two fields"
    found = integrate(weight, (r.phi_2, -oo, oo))
    yield Eq(Integral(weight, (r.phi_2, -oo, oo)), found)


# %% [markdown]
# ## Self-energy of a signal direction


# %%
@record(
    "33", Nature.DERIVED, "26 32", "geometric series with the bare resolvent", matrices.matrices
)
def dyson_equation_of_the_signal_block():
    """Dyson's equation in the signal block.

    Domain: Sigma: self-energy of the p p* signal fields.
    """
    yield r.signal_dyson_equation()
    yield equation("26"), "the same series (26) in the signal block"
    found = equation("26").rhs.subs(r.inverse(r.G0), s.z * r.identity)
    yield Eq(r.G_11, found), "with the bare resolvent 1/z"


# %%
@record(
    "34",
    Nature.DERIVED,
    "32 planarity concentration 24",
    "rainbow diagrams with u at both ends: geometric series",
    places.two_signals,
    12,
)
def self_energy_of_a_signal_direction():
    r"""Self-energy of a signal direction.

    Both ends of a diagram now carry the teacher's pre-activation $u$; in between the rainbows are
    those of the bulk.

    Domain: u: pre-activation of one teacher node.
    """
    yield r.signal_self_energy_matrix()
    step = r.G * r.F
    terms = [s.u * r.F * step**order * s.u for order in range(7)]
    yield Add(*terms[:3]), "the first three rainbows"
    for order in range(1, 7):
        partial = Add(*terms[:order])
        left = expand(partial - partial * step)
        rest = s.u**2 * r.F - terms[order]
        require(expand(left - rest) == 0, "the series between the signal vertices is geometric")
    yield left, "the first six, times 1 - G F"
    dressed = r.F * r.inverse(r.identity - step)
    yield Eq(r.Sigma, s.alpha * r.MatrixAverage(s.u**2 * dressed))


# %%
@record(
    "35",
    Nature.DERIVED,
    "34 commutant",
    "G = g 1; the average is even in each u_l",
    places.two_signals,
    12,
)
def signal_with_a_scalar_resolvent():
    r"""The same with a scalar resolvent.

    The average is even in each $u_l$: under $u_1 \to -u_1$ the term $u_1 u_2$ between two teachers
    changes its sign, so that different teachers do not mix.

    Domain: diagonal in the teacher index.
    """
    yield r.signal_self_energy_scalar_resolvent()
    first, second = symbols("u_1 u_2", real=True)
    mixed = first * second
    require(mixed.subs(first, -first) == -mixed, "odd powers average to zero")
    yield equation("commutant"), "the resolvent of the bulk"
    yield Eq(r.Sigma, equation("34").rhs.subs(r.G, equation("commutant").rhs)), "in (34)"


# %%
@record("36", Nature.DERIVED, "35 29", "lambda and O lambda have one law", places.two_signals, 12)
def signal_with_rotated_weights():
    """Rotated weights, the same self-energy. Domain: every rotation O of the p nodes."""
    yield r.signal_self_energy_rotated()
    yield Eq(r.Sigma, equation("35").rhs.subs(r.F, r.O * r.F * r.Ot))


# %%
@record(
    "37",
    Nature.DERIVED,
    "36 commutant",
    "O^T O = 1 in every term; then the commutant",
    places.two_signals,
    12,
)
def rotation_moved_to_the_self_energy():
    r"""The rotation moved to the self-energy.

    A resolvent that is a number lets the rotations through. What is left does not know $O$: the
    self-energy commutes with every rotation, and is a multiple of the identity as well.

    Domain: every rotation O; so Sigma is a multiple of the identity.
    """
    yield r.signal_self_energy_rotated_back()
    turned = r.O * r.F * r.Ot
    for order in range(6):
        left = r.cancel_rotations(r.Ot * turned * (s.g * turned) ** order * r.O)
        right = r.F * (s.g * r.F) ** order
        require(expand(left - right) == 0, "rotations cancel in every term")
    yield Eq(r.Ot * turned * (s.g * turned) ** order * r.O, right), "a term of the series"
    rotated = equation("36").rhs
    (average,) = rotated.atoms(r.MatrixAverage)
    dressed = turned * r.inverse(r.identity - s.g * r.identity * turned)
    require(average.args[0] == s.u**2 * dressed, "(36) holds the rotated dressed weight")
    inner = s.u**2 * r.F * r.inverse(r.identity - s.g * r.identity * r.F)
    yield Eq(r.Ot * r.Sigma * r.O, rotated.xreplace({average: r.MatrixAverage(inner)}))


# %% [markdown]
# ## Where the outliers are


# %%
@record("38", Nature.DERIVED, "33 37 48", "zero of the inverse signal block", places.outlier)
def singular_signal_block():
    r"""Where the signal block is singular.

    $\Sigma = S\,\mathbf 1$ by (37), and its trace over $p$ holds the eigenvalues (48). The inverse
    of (33) is a number times the identity, and singular where the number vanishes.

    Domain: g = g(z), z left of the bulk.
    """
    yield r.singular_signal_block()
    number = Symbol("S")
    inverse = r.inverse(equation("33").rhs).subs(r.Sigma, number * r.identity)
    yield Eq(r.inverse(r.G_11), inverse), "(33) inverted, with a scalar self-energy"
    determinant = factor((r.normalised_trace(inverse) * eye(3)).det())
    yield Eq(determinant, 0), "its determinant, for three signal coordinates"
    (root,) = solve(determinant, s.z)
    yield Eq(s.z, root), "the only root"
    yield Eq(s.z, root.subs(number, r.normalised_trace(equation("37").rhs))), "trace of (37) over p"


# %%
@record("39", Nature.DERIVED, "38 1", "symmetry between the teachers: u_l^2 -> y", places.outlier)
def position_of_the_outliers():
    r"""Position of the outliers.

    All teachers enter (38) alike, so $u_l^2$ may be replaced by its mean over $l$, the output $y$.

    Domain: g = g(lambda_*); p p* outliers at one place.
    """
    yield Eq(s.outlier, s.alpha * Average(s.y * spectrum.dressed_weight))
    yield Eq(s.outlier, equation("38").rhs), "(38) at the outlier"
    mean = student_teacher.teacher_output()
    yield mean, "the output (1) is the mean over the teachers"
    require(mean.rhs.args[0] == 1 / s.p_star, "it is a mean and not a sum")
    yield Eq(s.outlier, equation("38").rhs.xreplace({s.u**2: mean.lhs}))


# %%
@record("40", Nature.DERIVED, "31 38", "subtract (31) from (38)", places.outlier)
def stieltjes_transform_at_the_outlier():
    r"""Stieltjes transform at the outlier.

    (31) gives another expression for the same $z$. Their difference no longer contains $z$: one
    equation for $g$.

    Domain: -p/2 < g < 0; u^2 -> y for the Hessian.
    """
    yield spectrum.outlier_equation()
    (level,) = solve(equation("31"), s.z)
    yield Eq(s.z, level), "(31) solved for z"
    yield equation("38"), "(38) at the same z"
    difference = (equation("38").rhs - level).expand(average=True)
    yield Eq(0, difference, evaluate=False), "subtracted"
    yield Eq(1 / s.g, difference + 1 / s.g)
