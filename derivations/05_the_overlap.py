# %% [markdown]
# # 5. The overlap with the signal
#
# In the basis of its eigenvectors the resolvent has one simple pole for every eigenvalue. Along the
# signal the residue at the outlier is the squared overlap.

# %%
from itertools import count

# isort: off
from sympy import Derivative, Eq, Function, Limit, MatMul, Matrix, Mul, Sum, Symbol, cancel, expand
from sympy import eye, limit, residue, simplify, solve, sqrt, symbols, zeros
# isort: on

from bbpsym import symbols as s
from bbpsym.equations import curves, spectrum, student_teacher, thresholds
from bbpsym.equations import resolvent as r
from bbpsym.equations.average import Average
from bbpsym.records import matrices, places
from bbpsym.records.equality import same_expression
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation, record_of
from bbpsym.records.show import record

#: The entry of the resolvent along the signal, and its self-energy as a function of z.
entry, energy = Function("G_{11}")(s.z), Function("S")(s.z)

#: Slopes of self-energy and bulk at the outlier, as (57) and (43) give them.
S_slope, bulk_slope = s.S_slope, s.lambda_slope


# %% [markdown]
# ## What an overlap is


# %%
@record("8", Nature.DEFINITION, "1")
def overlap_with_a_single_teacher():
    """Overlap with a single teacher. Domain: p = p* = 1."""
    product, vector, teacher = (
        Symbol(rf"\left|{inside}\right|", positive=True)
        for inside in (r"v \cdot w^{*}", "{v}", "w^{*}")  # SymPy leaves names with a brace alone
    )
    yield Eq(student_teacher.m, product / (vector * teacher))


# %%
@record("9", Nature.DEFINITION, "1 4", at=matrices.aligned)
def overlap_matrix():
    """Overlap matrix.

    Domain: V: an eigenvector reshaped to p x N, of unit Frobenius norm; W*: p* x N.
    """
    yield student_teacher.overlap_matrix_definition()


# %%
def rotation(size):
    """A general rotation near the identity, by Cayley's transform."""
    generator, names = zeros(size), count()
    for row in range(size):
        for column in range(row):
            generator[row, column] = Symbol(f"tau{next(names)}", real=True)
            generator[column, row] = -generator[row, column]
    return (eye(size) - generator).inv() * (eye(size) + generator)


@record("10", Nature.DERIVED, "2", "lambda_k is entry k of W x; O^T O = 1", matrices.networks)
def output_as_a_quadratic_form():
    r"""Output as a quadratic form, and its invariance.

    The output only depends on $|Wx|$, so eigenvectors come in arbitrary bases of both networks. The
    rotations are written out for $p = 2, 3$.

    Domain: O a rotation of the p nodes.
    """
    n = student_teacher
    yield n.student_output_as_matrix(), n.rotated_output()
    yield equation("2"), "the output (2), with pre-activations lambda = W x"
    for width in (2, 3):
        W, x = Matrix(width, 2, symbols(f"W:{2 * width}")), Matrix(symbols("x_1 x_2"))
        nodes = {n.student_nodes[k + 1]: node for k, node in enumerate(W * x)}
        output = equation("2").rhs.subs(s.p, width).doit().subs(nodes)
        form = (x.T * W.T * W * x)[0] / width
        require(expand(output - form) == 0, "the squares add up to x^T W^T W x")
        turn = rotation(width)
        require(simplify(turn.T * turn - eye(width)) == zeros(width), "O^T O = 1")
    rotated = n.xt * n.Wt * n.Ot * n.O * n.W * n.x / s.p
    yield rotated, "sum of their squares in rotated nodes"
    cancelled = rotated.subs(n.Ot * n.O, 1)
    yield Eq(s.yh, cancelled), Eq(rotated, cancelled)


# %%
@record("11", Nature.DERIVED, "9 10", "rotate V and W* in (9)", matrices.aligned)
def overlap_matrix_in_rotated_bases():
    """Overlap matrix in rotated bases.

    Domain: O, O* rotations of the student's and the teacher's nodes.
    """
    yield student_teacher.rotated_overlap_matrix()
    aligned = sqrt(s.N) * student_teacher.m * student_teacher.unit_matrix
    yield (
        Eq(student_teacher.V * student_teacher.W_star_t, aligned),
        "one pair of nodes, in the right bases",
    )
    found = equation("9").rhs.subs(student_teacher.V * student_teacher.W_star_t, aligned)
    yield Eq(student_teacher.overlap_matrix, found), "in the definition (9)"
    yield (
        Eq(student_teacher.overlap_matrix, student_teacher.O * found * student_teacher.O_star),
        "rotate both networks",
    )


# %%
@record("12", Nature.DERIVED, "11", "written out for small widths; trace for any", matrices.aligned)
def overlap_from_the_frobenius_norm():
    r"""Overlap from the Frobenius norm.

    $\mathrm{tr}\, O E O^* O^{*T} E^T O^T = \mathrm{tr}\, E E^T = 1$ for any widths, by the cyclic
    property of the trace; here with general rotations of small widths.

    Domain: 0 <= m <= 1.
    """
    yield student_teacher.overlap_norm()
    numbers, factors = equation("11").rhs.args_cnc()
    for width, width_star in ((1, 1), (2, 1), (2, 2)):
        unit = zeros(width, width_star)
        unit[width - 1, 0] = 1
        values = {student_teacher.O: rotation(width), student_teacher.O_star: rotation(width_star)}
        values[student_teacher.unit_matrix] = unit
        found: Matrix = Mul(*numbers) * MatMul(*(values[item] for item in factors)).doit()
        square = simplify(sum(value**2 for value in found))
        yield identity(square, student_teacher.m**2), f"the sum of all squares for p = {width}"
    entries = student_teacher.overlap_entries[student_teacher.k, student_teacher.l]
    limits = (student_teacher.k, 1, s.p), (student_teacher.l, 1, s.p_star)
    yield Eq(student_teacher.m**2, Sum(entries**2, *limits))


# %% [markdown]
# ## The residue


# %%
@record("54", Nature.DERIVED, "18", "V^T V = 1", matrices.eigenbases)
def resolvent_in_the_basis_of_eigenvectors():
    """Resolvent in the basis of eigenvectors. Domain: z outside the spectrum; V orthogonal."""
    yield r.spectral_decomposition()
    inner = s.z * r.identity - r.Lambda
    yield r.vectors * inner * r.vectors_t, "z - H in its basis"
    proposed = r.vectors * r.inverse(inner) * r.vectors_t
    product = r.vectors * inner * r.vectors_t * proposed
    yield product, "times the right-hand side"
    cancelled = product.subs(r.vectors_t * r.vectors, 1)
    yield cancelled, "V^T V = 1"
    require(cancelled == r.vectors * r.vectors_t, "V V^T is left, the identity")
    yield Eq(r.G, proposed)


# %%
@record("55", Nature.LIMIT, "8 54", "residue of the projected sum")
def squared_overlap_is_a_residue():
    r"""The squared overlap is a residue.

    Projected on the signal, (54) is a sum over eigenvalues with their squared overlaps; the others
    give no pole at $\lambda_*$.

    Domain: lambda_* isolated.
    """
    yield Eq(s.overlap2, Limit((s.z - s.outlier) * entry, s.z, s.outlier))
    others = zip(symbols("m_1:4", real=True), symbols("l_1:4", real=True), strict=True)
    projected = s.overlap2 / (s.z - s.outlier) + sum(m**2 / (s.z - l) for m, l in others)
    yield Eq(entry, projected), "(54) along the signal"
    found = residue(projected, s.z, s.outlier)
    yield found, "its residue"
    near = limit((s.z - s.outlier) * projected, s.z, s.outlier)
    require(found == near, "the residue is the limit")
    yield Eq(found, Limit((s.z - s.outlier) * entry, s.z, s.outlier))


# %%
@record("56", Nature.LIMIT, "33 38 55", "(33) in (55)")
def residue_through_the_signal_block():
    """Residue through the signal block. Domain: z -> lambda_*."""
    ratio = (s.z - s.outlier) / (s.z - energy)
    yield Eq(s.overlap2, Limit(ratio, s.z, s.outlier))
    block = equation("33").rhs.subs({r.Sigma: Symbol("S"), r.identity: 1})
    yield Eq(entry, block.subs(Symbol("S"), energy)), "(33) with a scalar self-energy"
    yield equation("55").subs(entry, block.subs(Symbol("S"), energy))


# %%
@record("57", Nature.DERIVED, "38 39", "differentiate under the average", places.bulk)
def self_energy_along_the_signal():
    """Self-energy along the signal, and its slope. Domain: -p/2 < g < 0."""
    h = spectrum.dressed_weight
    value = spectrum.signal_self_energy().subs(s.u**2, s.y)
    yield Eq(s.S, value), Eq(s.S_slope, s.alpha * Average(s.y * h**2))
    energy_ = equation("38").rhs.subs(s.u**2, student_teacher.teacher_output().lhs)
    yield Eq(s.S, energy_), "right-hand side of (38), with the symmetry between the teachers"
    yield identity(Derivative(h, s.g), h**2), "slope of the dressed weight"
    yield (Eq(s.S, energy_), Eq(s.S_slope, energy_.diff(s.g)))


# %%
@record("58", Nature.DERIVED, "40 43 56 57", "residue by series about the outlier", places.outlier)
def squared_overlap():
    r"""Squared overlap.

    Near the outlier $g(z) = g + (z-\lambda_*)/\lambda'(g) + \dots$ and $S = \lambda_*$ by (39), so
    that $z - S(g(z)) = (z - \lambda_*)\,(1 - S'(g)/\lambda'(g)) + \dots$.

    Domain: g = g(lambda_*), above the threshold; u^2 -> y.
    """
    yield Eq(s.overlap2, 1 / (1 - S_slope / bulk_slope)), Eq(s.overlap2, spectrum.overlap2())
    distance, second, curved = symbols("epsilon g_2 S_2")
    shift = distance / bulk_slope + second * distance**2
    yield shift, "change of g with z - lambda_* = epsilon, the inverse of lambda(g)"
    self_energy = s.outlier + S_slope * shift + curved * shift**2 / 2
    yield self_energy, "S there, to second order"
    ratio = distance / (s.outlier + distance - self_energy)
    yield ratio, "the ratio of (56)"
    found = cancel(limit(cancel(ratio), distance, 0))
    yield Eq(s.overlap2, found), "as epsilon -> 0"
    values = {bulk_slope: equation("43").rhs, S_slope: equation("38").rhs.diff(s.g)}
    yield (Eq(s.overlap2, found), Eq(s.overlap2, found.subs(values))), "with the slopes (43), (57)"


# %%
@record(
    "13",
    Nature.DERIVED,
    "11 12 37 38 58",
    "the signal block is a multiple of the identity",
    places.sampled_hessians,
    1,
)
def all_outliers_share_one_overlap():
    r"""All outliers share one overlap.

    Numbers: the two outliers of sampled Hessians with $p = 2$, $p^* = 1$; fluctuations of order
    $1/\sqrt N$ leave one digit.

    Domain: every pair of nodes k, l.
    """
    yield Eq(student_teacher.entry_overlap2, spectrum.overlap2())
    slope = symbols("c", positive=True)
    block = eye(4) * ((s.z - s.outlier) * slope)
    yield block, "z - S(g(z)) near its zero, in all p p* = 4 directions"
    residues = [residue(item, s.z, s.outlier) for item in block.inv().diagonal()]
    yield tuple(residues), "residues of its inverse"
    (common,) = set(residues)
    found = common.subs(slope, 1 / record_of("58").relations()[1].rhs)
    yield Eq(student_teacher.entry_overlap2, found), "the slope of (58)"


# %% [markdown]
# ## Curves without a root to solve for
#
# Everything is explicit in $g$: alpha, the outlier and the overlap.


# %%
@record("curves", Nature.DERIVED, "39 40 58", "solve (40) for alpha", places.outlier)
def curves_in_g():
    """Outlier, alpha and overlap as curves in g. Domain: -p/2 < g < 0; u^2 -> y."""
    yield (
        Eq(s.alpha, thresholds.parametric_alpha()),
        Eq(s.outlier, thresholds.parametric_eigenvalue()),
        Eq(s.overlap2, thresholds.parametric_overlap2()),
    )
    (ratio,) = solve(equation("40"), s.alpha)
    yield Eq(s.alpha, ratio), "(40) solved for alpha"
    outlier, overlap = equation("38").rhs, record_of("58").relations()[1].rhs
    found = ratio, outlier.subs(s.alpha, ratio), overlap.subs(s.alpha, ratio)
    package = spectrum.outlier_alpha(), curves.outlier_eigenvalue(), curves.outlier_overlap2()
    for derived, stated in zip(found, package, strict=True):
        require(same_expression(derived, stated), "these are the curves of the package")
    yield tuple(map(Eq, (s.alpha, s.outlier, s.overlap2), found)), "put into (38) and (58)"


# %%
@record(
    "overlap-slope",
    Nature.DERIVED,
    "curves 44 14",
    "derivative along the curve where K = g <h^2>",
    places.continuous_threshold,
    8,
)
def slope_of_the_overlap():
    r"""Slope of the squared overlap at a continuous threshold.

    $(d m^2/dg)/(d\alpha/dg)$ where the outlier meets a sharp edge, $K = g \langle h^2\rangle$ with
    $K = \langle (u^2-1) h\rangle$: (40) and (44) with one alpha.

    Domain: g = g_sh where the outlier meets a sharp edge.
    """
    yield Eq(s.overlap_rate, thresholds.overlap_slope())
    ratio, _, overlap = (relation.rhs for relation in record_of("curves").relations())
    h, excess = spectrum.dressed_weight, s.u**2 - 1
    known = {
        Average(excess * h): "K",
        Average(h**2): "B",
        Average(excess * h**2): "C",
        Average(h**3): "D",
    }
    names = {average: Symbol(name) for average, name in known.items()}
    found = (overlap.diff(s.g) / ratio.diff(s.g)).doit()
    plain = {}
    for item in found.atoms(Average):
        for average, name in names.items():
            factor = simplify(item.args[0] / average.args[0])
            if factor.is_number:
                plain[item] = factor * name
    K, B, *_ = names.values()
    yield found.xreplace(plain), "K, B = <h^2>, C = <(u^2 - 1) h^2>, D = <h^3>"
    meeting = simplify(found.xreplace(plain).subs(K, s.g * B))
    yield meeting, "K = g B"
    yield Eq(s.overlap_rate, meeting.xreplace({name: item for item, name in names.items()}))


# %%
@record("tangent", Nature.DERIVED, "curves", "derivatives along the curve", places.outlier, 8)
def zero_of_the_tangent():
    """Zero of the tangent to the squared overlap.

    That a finite sample loses the signal there is a conjecture of the paper; the formula for the
    tangent is exact.

    Domain: any g on the outlier curve; at the threshold a sharp form of the paper's alpha_0.
    """
    yield Eq(s.alpha_0, thresholds.tangent_alpha())
    ratio, _, overlap = (relation.rhs for relation in record_of("curves").relations())
    rate = overlap.diff(s.g) / ratio.diff(s.g)
    yield Eq(s.overlap_rate, rate), "chain rule, both curves in g"
    yield Eq(s.alpha_0, s.alpha - s.overlap2 / s.overlap_rate), "zero of the tangent"
    yield Eq(s.alpha_0, ratio - overlap / rate), "with the curves"
