# %% [markdown]
# # 1. From the loss to the weight matrix
#
# A student of width $p$ learns a teacher of width $p^*$. On one input $x$ both only see their
# pre-activations, $\lambda_k = w_k\cdot x$ and $u_l = w^*_l\cdot x$. At initialisation all of them
# are independent standard Gaussians.
#
# Each cell tells one equation of the paper: what it states, then the steps that give it.

# %%
# isort: off
from sympy import Add, Eq, Function, KroneckerDelta, Matrix, Mul, Sum, Symbol, diff, exp, factor
from sympy import integrate, oo, pi, simplify, sqrt, symbols, zeros
# isort: on

from bbpsym import symbols as s
from bbpsym.ensembles.networks.setting import paper
from bbpsym.equations import hessian, student_teacher
from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.hessian import lambda_q, lambda_r
from bbpsym.equations.weights import argument
from bbpsym.records import matrices, places
from bbpsym.records.equality import same_expression
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record


# %%
@record("1", Nature.DEFINITION, at=matrices.networks)
def teacher_output(of=None):
    """Output of the teacher. Domain: p* >= 1; u_l = w*_l . x, iid N(0, 1)."""
    of = of or paper()
    yield of.teacher_output()


# %%
@record("2", Nature.DEFINITION, at=matrices.networks)
def student_output(of=None):
    """Output of the student. Domain: p >= 1; lambda_k = w_k . x, iid N(0, 1) at initialisation."""
    of = of or paper()
    yield of.student_output()


# %%
@record("3", Nature.DEFINITION)
def loss_of_one_sample(of=None):
    """Loss of one sample. Domain: a > 0, y >= 0, yh >= 0; the loss is the sum over samples."""
    of = of or paper()
    yield Eq(hessian.sample_loss, of.formula)


# %% [markdown]
# ## The chain rule and the weight matrix


# %%
def _loss_in_pre_activations(of):
    """The loss of one sample, with two pre-activations and the activations of all others in R."""
    pair = (of.node.subs(argument, node) for node in (lambda_q, lambda_r))
    return of.formula.subs(of.outputs[1], of.share_of_node * Add(*pair, hessian.rest))


def _any_loss(degree=3):
    """A general polynomial in two pre-activations."""
    powers = [(j, k) for j in range(degree + 1) for k in range(degree + 1 - j)]
    return Add(*(Symbol(f"c_{j}{k}") * lambda_q**j * lambda_r**k for j, k in powers))


@record("4", Nature.DERIVED, "2 3", "chain rule through lambda_q = w_q . x", matrices.networks)
def hessian_by_the_chain_rule(of=None):
    r"""Blocks of the Hessian.

    A weight $w_{qi}$ enters through $\lambda_q$ alone, with $\partial\lambda_q/\partial w_{qi} = x_i$.
    Two derivatives bring down $x_i x_j$ and the second derivative of the loss in the
    pre-activations, $F_{qr}$, for two nodes as for one. $R$ is what is not differentiated.

    Domain: 1 <= q, r <= p; 1 <= i, j <= N.
    """
    of = of or paper()
    yield student_teacher.hessian_blocks()
    w_q, w_r, x_i, x_j, R_q, R_r = symbols("w_qi w_rj x_i x_j R_q R_r", real=True)
    if of.is_paper:
        sample = _loss_in_pre_activations(of)
        yield sample, "(2) in (3)"
    else:
        sample = _any_loss()
        yield sample, "the loss to third order in two pre-activations: the rule asks no more of it"
    two_nodes = {lambda_q: w_q * x_i + R_q, lambda_r: w_r * x_j + R_r}
    twice = factor(diff(sample.subs(two_nodes), w_q, w_r))
    yield twice, "second derivative in two weights of different nodes"
    inputs = factor(twice / sample.diff(lambda_q, lambda_r).subs(two_nodes))
    yield inputs, "divided by the second derivative in the pre-activations"
    one_node = {lambda_q: w_q * x_i + w_r * x_j + R_q}
    diagonal = diff(sample.subs(one_node), w_q, w_r)
    weight = sample.diff(lambda_q, 2).subs(one_node)
    yield identity(diagonal, inputs * weight), "the same for two weights of one node"
    entry = student_teacher.weight_entry[student_teacher.mu] * inputs
    entry = entry.subs(
        {x_i: student_teacher.x_i[student_teacher.mu], x_j: student_teacher.x_j[student_teacher.mu]}
    )
    yield (
        Eq(student_teacher.hessian_entry, Sum(entry, (student_teacher.mu, 1, s.M))),
        "sum over the samples",
    )


# %%
@record(
    "5", Nature.DERIVED, "2 3 4", "second derivatives in the pre-activations", matrices.networks
)
def weight_matrix_by_differentiation(of=None):
    r"""Weight matrix of one sample.

    Off the diagonal one finds a multiple of the slopes $s'(\lambda_q)\,s'(\lambda_r)$ of the
    activation; on it the same, and one more thing. The width $p$ stays a symbol.

    Domain: 1 <= q, r <= p; a > 0.
    """
    of = of or paper()
    yield of.weight_matrix_entries()
    sample, output = _loss_in_pre_activations(of), of.outputs[1]
    pair = [of.node.subs(argument, node) for node in (lambda_q, lambda_r)]
    others = output / of.share_of_node - Add(*pair)
    off_diagonal = factor(sample.diff(lambda_q, lambda_r).subs(hessian.rest, others))
    yield off_diagonal, "two different nodes"
    diagonal = factor(sample.diff(lambda_q, 2).subs(hessian.rest, others))
    yield diagonal, "twice the same node, with R written by the output (2)"
    slopes = [
        activation.diff(node) for activation, node in zip(pair, (lambda_q, lambda_r), strict=True)
    ]
    rank_one = off_diagonal / Mul(*slopes)
    more = factor(diagonal - rank_one * slopes[0] ** 2)
    yield more, "what the diagonal has more"
    entry = rank_one * Mul(*slopes) + more * KroneckerDelta(student_teacher.q, student_teacher.r)
    yield Eq(student_teacher.weight_matrix_entry, entry)


# %%
def require_eigenvectors(of, width, across, along):
    """The explicit matrix of second derivatives has its eigenvectors along lambda and across."""
    nodes = symbols(f"lambda_1:{width + 1}", real=True)
    at_width = {s.p: width, s.yh: sum(node**2 for node in nodes) / width}
    sample = of.formula.subs(at_width)
    explicit = Matrix(width, width, lambda q, r: sample.diff(nodes[q], nodes[r]))
    vectors = [(Matrix(nodes), along)]
    for k in range(1, width):  # one for each further node: all are across lambda
        vector = zeros(width, 1)
        vector[0], vector[k] = nodes[k], -nodes[0]
        vectors.append((vector, across))
    for vector, value in vectors:
        for left, right in zip(explicit * vector, value.subs(at_width) * vector, strict=True):
            require(same_expression(left, right), f"{value} is an eigenvalue for p = {width}")


@record("48", Nature.DERIVED, "5 2", "a rank-one update of the identity", matrices.spectra)
def eigenvalues_of_the_weight_matrix(of=None):
    r"""Eigenvalues of the weight matrix.

    $F = c_1 \mathbf 1 + c_2\,\lambda\lambda^T$: every vector across $\lambda$ is an eigenvector with
    eigenvalue $c_1$; along $\lambda$ the rank-one part adds $c_2 |\lambda|^2 = c_2\, p\, \hat y$. For
    $p = 2, 3$ the explicit matrix of second derivatives has these eigenvectors.

    Domain: f_1 occurs p - 1 times, f_2 once; y >= 0, yh >= 0.
    """
    of = of or paper()
    yield tuple(map(Eq, (hessian.f_1, hessian.f_2), of.eigenvalues()))
    found = hessian.weight_matrix(of.formula)
    yield (found.identity, found.rank_one), "the two coefficients of (5)"
    (across, _), (along, _) = found.eigenvalues()
    yield (across, along), "across (p - 1 of them) and along the pre-activations"
    for width in (2, 3):
        require_eigenvectors(of, width, across, along)
    yield (Eq(hessian.f_1, across), Eq(hessian.f_2, along)), "checked for p = 2, 3"


# %% [markdown]
# ## The law of an output


# %%
@record("chi-square", Nature.DERIVED, "1", "one Gaussian integral for each node", places.bulk)
def law_of_an_output():
    r"""Law of an output at initialisation.

    $y$ is a mean of $p^*$ squared standard Gaussians. Its Laplace transform is all we shall need.

    Domain: sigma >= 0.
    """
    law = chi_square(s.y, s.p_star)
    yield Eq(s.laplace, exp(law.log_laplace))
    normal = exp(-(s.u**2) / 2) / sqrt(2 * pi)
    one = integrate(exp(-s.sigma * s.u**2 / s.p_star) * normal, (s.u, -oo, oo), conds="none")
    yield simplify(one), "one pre-activation, integrated over its Gaussian"
    require(law.cumulant(1) == 1, "the mean is one")
    yield identity(law.cumulant(2), 2 / s.p_star), "the variance"
    yield Eq(s.laplace, simplify(one) ** s.p_star), "the transforms of independent nodes multiply"


# %% [markdown]
# ## Spectral methods
#
# The same matrix with one weight per sample, a function of the label: the engine treats both alike.


# %%
@record("7", Nature.DEFINITION)
def spectral_method():
    """Matrix of a spectral method.

    Domain: T a preprocessing function; the same engine with one weight T(y).
    """
    weight = Function(r"\mathcal{T}")(Symbol("y^mu", nonnegative=True))
    entries = equation("4").rhs.xreplace({student_teacher.weight_entry[student_teacher.mu]: weight})
    yield Eq(Symbol("D_{ij}", real=True), entries)
