"""The steps of two or three nodes of any activation, which exchange alone makes alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sympy import Eq, Integral, Matrix, Symbol, diag, exp, eye, oo, pi, solve, sqrt, symbols

from bbpsym.appendix import names as n
from bbpsym.appendix.chapters import Chapters
from bbpsym.appendix.exchanged_nodes import (
    INPUTS,
    MATRICES,
    SAMPLED,
    ExchangedScene,
    lowest_sampled,
    overlap_sampled,
)
from bbpsym.appendix.single import ending, has_one_teacher
from bbpsym.appendix.steps import Step
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations import exchangeable as ex
from bbpsym.equations.average import Average
from bbpsym.errors import BBPError, ConvergenceError
from bbpsym.records.record import Nature, Place, Record, require
from bbpsym.symbols import alpha, outlier, overlap2, z

#: Why labels of several teachers have no signal block here.
SEVERAL = (
    "Labels depend on several pre-activations, and the signal block is a matrix of averages over "
    "all of them: outliers and thresholds are computed from it. With p_star = 1 it is derived."
)

#: The order in which kinds of vectors are told.
KINDS = (ex.STANDARD, ex.TRIVIAL, ex.ALTERNATING)

#: Where G is.
INSIDE = "G < 0 and 1 - G F > 0 for all data, to the left of the bulk"


def exchange_steps(
    setting: Setting, chapters: Chapters, values: Mapping[Symbol, Any]
) -> Iterator[Step]:
    """Bulk, edge, outliers and overlaps of two or three exchangeable nodes."""
    p = int(setting.p)
    scene, trouble = _scene(setting, values)
    bulk = _Teller(p, scene, ex.STANDARD)
    yield _symmetry(p)
    yield bulk.step("Stieltjes equation", n.BULK, _bulk, ("symmetry",))
    yield bulk.step("slopes of the transforms", n.BULK, _slopes, ("Stieltjes equation",))
    if trouble is not None:
        yield trouble
        return
    yield _Teller(p, None, "").step("sharp edge", n.EDGES, _edge, ("slopes of the transforms",))
    if not has_one_teacher(setting):
        yield Step("outlier equation", n.OUTLIER, reason=SEVERAL)
        return
    yield chapters.step("34", n.OUTLIER)
    tellers = {kind: _Teller(p, scene, kind) for kind in sorted(ex.vectors(p), key=KINDS.index)}
    for kind, teller in tellers.items():
        sources = ("signal self-energy", "symmetry", "Stieltjes equation")
        yield teller.step(_named("outlier equation", kind), n.OUTLIER, _outlier, sources)
    yield chapters.step("55", n.OVERLAP)
    for kind, teller in tellers.items():
        sources = (_named("outlier equation", kind), "slopes of the transforms", "residue")
        yield teller.step(_named("overlap", kind), n.OVERLAP, _overlap, sources)
    if scene is not None:
        yield _sampled(p, scene)
    yield chapters.step("14", n.CLOSED, domain="alpha = alpha_BBP, of the kind that is first out")
    yield _averages(p, setting)


def _named(name: str, kind: str) -> str:
    return name if kind == ex.STANDARD else f"{name}, {kind} sector"


def _scene(
    setting: Setting, values: Mapping[Symbol, Any]
) -> tuple[ExchangedScene | None, Step | None]:
    """Where averages have numbers, if they have; or the step at which the derivation ends."""
    end = ending(setting)
    if end is not None or not has_one_teacher(setting) or setting.noise != 0:
        return None, end
    scene = ExchangedScene(setting, values)
    try:
        _ = scene.seen
    except ConvergenceError:
        return None, None
    except BBPError as error:
        return None, Step("no left edge", n.EDGES, reason=str(error))
    return scene, None


class _Teller:
    """Makes steps of one kind of vectors; those of the standard kind have numbers."""

    def __init__(self, p: int, scene: ExchangedScene | None, kind: str) -> None:
        self.p, self.kind = p, kind
        self.scene = scene if kind == ex.STANDARD else None

    def step(self, name: str, stage: str, make: Any, sources: tuple[str, ...]) -> Step:
        """A step with its sources."""
        tell, how = make(self.p, self.kind)
        at: Place | None = None if self.scene is None else self.scene.place
        reach = 1000 if self.scene is None else self.scene.reach
        record_id = f"{name}-{self.p}".replace(" ", "-").replace(",", "")
        record = Record(record_id, Nature.DERIVED, tell, (), how, at, reach)
        return Step(name, stage, record, sources)


def _symmetry(p: int) -> Step:
    entries = Matrix(p, p, symbols(f"G_1(1:{p + 1}) G_2(1:{p + 1}) G_3(1:{p + 1})")[: p * p])
    names = Matrix(p, p, lambda i, j: Symbol(str(ex.entry(i, j)).replace("K", "G"), real=True))

    def tell() -> Iterator[Any]:
        r"""What all exchanges of nodes leave alone.

        $F$ and $F$ with two nodes exchanged have one law, so that $G$ commutes with every exchange.
        In an orthonormal basis along $(1, \dots, 1)$, called $s$, and across, $a$ and $b$, it is
        diagonal, and across it is one number.

        Domain: exchangeable nodes.
        """
        diagonal = diag(*ex.transforms(p))
        places = [(i, j) for i in range(p) for j in range(i, p)]
        stated = tuple(Eq(names[i, j], diagonal[i, j]) for i, j in places)
        yield stated
        found = entries
        for k in range(p - 1):
            swap = eye(p).elementary_row_op("n<->m", row1=k, row2=k + 1)
            (solved,) = solve(
                list(swap * found - found * swap),
                sorted(found.free_symbols, key=str)[1:],
                dict=True,
            )
            found = found.subs(solved)
        yield found, "all that commutes with the exchanges of neighbours"
        turned = (ex.basis(p).T * found * ex.basis(p)).expand()
        yield turned, "along and across (1, ..., 1)"
        named = {turned[0, 0]: ex.g_s, turned[1, 1]: ex.g_o}
        yield (
            tuple(Eq(names[i, j], named.get(turned[i, j], turned[i, j])) for i, j in places),
            "two numbers",
        )

    record = Record(f"exchange-{p}", Nature.DERIVED, tell, (), "linear equations for the exchanges")
    return Step("symmetry", n.BULK, record, ("resolvent equation",))


def _bulk(p: int, _kind: str) -> tuple[Any, str]:
    def tell() -> Iterator[Any]:
        r"""Both Stieltjes transforms of the bulk.

        $K = F (1 - G F)^{-1}$ is the dressed weight, in the basis in which $G$ is diagonal. Its
        mean is as symmetric as $G$.

        Domain: G < 0 and 1 - G F > 0 for all data, or z off the real axis.
        """
        yield ex.bulk_equations()
        G, K = diag(*ex.transforms(p)), ex.dressed_weight(p)
        means = diag(*(Average(K[i, i]) for i in range(p)))
        whole = G.inv() + alpha * means
        yield Eq(z * Matrix.eye(p), whole, evaluate=False), "the resolvent equation, inverted"
        yield tuple(Eq(z, whole[i, i]) for i in range(2)), "along, and across"

    return tell, "diagonal of the resolvent equation"


def _slopes(p: int, _kind: str) -> tuple[Any, str]:
    def tell() -> Iterator[Any]:
        r"""Slopes of both transforms in z.

        From $dK = K\, dG\, K$; they take the place of $1/\lambda'(g)$.

        Domain: G < 0 and 1 - G F > 0 for all data, to the left of the bulk.
        """
        yield ex.transform_slopes(p)
        K, slopes = ex.dressed_weight(p), (ex.slope_s, *[ex.slope_o] * (p - 1))
        moved = K * diag(*slopes) * K
        rows = []
        for i, (g, slope) in enumerate(((ex.g_s, ex.slope_s), (ex.g_o, ex.slope_o))):
            mean = Average(moved[i, i].expand())
            yield mean, f"slope of <K_{'sa'[i] * 2}>"
            rows.append(Eq(1, (alpha * mean - slope / g**2)))
        yield tuple(rows), "derivative of the Stieltjes equation in z"
        yield ex.transform_slopes(p)

    return tell, "derivative of the Stieltjes equation"


def _edge(p: int, _kind: str) -> tuple[Any, str]:
    def tell() -> Iterator[Any]:
        r"""Sharp edge.

        The transforms turn infinitely steep where the linear equations of their slopes are
        singular. In other words, the positive map $D \to \alpha\, G \langle K D K \rangle G$ on
        diagonal matrices has the eigenvalue one; at the edge it is the largest, and this is the
        first such point along the bulk.

        Domain: G < 0 and 1 - G F > 0 for all data.
        """
        yield ex.sharp_edge(p)
        slopes = (ex.slope_s, ex.slope_o)
        matrix = Matrix(
            [[row.rhs.expand().coeff(x) for x in slopes] for row in ex.transform_slopes(p)]
        )
        yield matrix, "matrix of the equations for the slopes"
        yield (
            Eq(matrix[0, 0] * matrix[1, 1], matrix[0, 1] * matrix[1, 0]),
            "its determinant is zero",
        )

    return tell, "determinant of the equations for the slopes"


def _outlier(p: int, kind: str) -> tuple[Any, str]:
    def tell() -> Iterator[Any]:
        rows = ex.vectors(p)[kind]
        yield ex.outlier_equation(p, kind)
        sizes = {k: len(found) * _copies(p, k) for k, found in ex.vectors(p).items()}
        require(sum(sizes.values()) == p * (p + 1), "the kinds hold all of the signal block")
        yield tuple(rows), "vectors r_i of this sector, as w^T B on s, a, b"
        block = ex.signal_block(p, kind)
        yield block, "the block <r_i K r_j^T>"
        yield ex.outlier_equation(p, kind), "a level of it is z, which (31) gives: the outlier"

    copies = _copies(p, kind)
    tell.__doc__ = rf"""Outlier of the {kind} sector.

    The signal's self-energy is $\alpha \langle w w^T \otimes K \rangle$, with the input
    $w = (u, v_s, v_a, \dots)$ along the teacher and what the nodes add. It commutes with exchanges
    of nodes in both of its factors, so that it has one block for each kind of vectors;
    {_MEANING[kind]}.

    Domain: {INSIDE}; |n| = 1, z = lambda_*; {copies} outlier{"s" * (copies > 1)} at each solution.
    """
    return tell, "projection on the vectors that exchange turns alike"


def _sampled(p: int, scene: ExchangedScene) -> Step:
    def tell() -> Iterator[Any]:
        yield Eq(lowest_sampled, outlier), Eq(overlap_sampled, ex.overlap2(p, ex.STANDARD))

    tell.__doc__ = f"""Outlier and overlap in sampled matrices.

    Means over the p - 1 lowest eigenvalues of {MATRICES} matrices of order {p * INPUTS} of
    Gaussian inputs; fluctuations of order $1/\\sqrt N$ leave one digit.

    Domain: N -> infinity, alpha and z as above.
    """
    how = "eigenvectors of sampled matrices"
    record = Record(f"sampled-{p}", Nature.COMPUTED, tell, (), how, scene.sampled, SAMPLED)
    return Step("sampled matrices", n.OVERLAP, record, ("outlier equation", "overlap"))


#: What the kinds of vectors are.
_MEANING = {
    ex.STANDARD: "the standard one holds the teacher's direction across the nodes, $u \\otimes a$",
    ex.TRIVIAL: "the trivial one, which exchanges leave alone, holds the teacher's direction along "
    "$(1, \\dots, 1)$",
    ex.ALTERNATING: "the alternating one lies in the student's directions alone",
}


def _copies(p: int, kind: str) -> int:
    return p - 1 if kind == ex.STANDARD else 1


def _overlap(p: int, kind: str) -> tuple[Any, str]:
    def tell() -> Iterator[Any]:
        yield Eq(overlap2, ex.overlap2(p, kind))
        rows = ex.vectors(p)[kind]
        total = sum(
            (x * r for x, r in zip(ex.null_vector(len(rows)), rows, strict=True)), 0 * rows[0]
        )
        yield total, "r = n_1 r_1 + n_2 r_2 + ..., the null vector as w^T B"
        dressed = total * ex.dressed_weight(p)
        yield dressed, "q = r K"
        slope = ex.slope_s * Average(dressed[0] ** 2)
        slope += ex.slope_o * Average(sum(x**2 for x in dressed[1:]))
        yield alpha * slope, "slope of the self-energy along n: alpha <q G' q^T>, as K' = K G' K"
        yield Eq(overlap2, 1 / (1 - alpha * slope)), "residue of 1/(z - S)"

    share = "The share n_1^2 of it lies along the teacher." if kind != ex.ALTERNATING else ""
    tell.__doc__ = rf"""Squared overlap in the {kind} sector.

    Near the outlier the vanishing level of $z - \alpha \langle w w^T \otimes K \rangle$ moves by
    $1 - \alpha \langle q\, G' q^T \rangle$ times $z - \lambda_*$. {share}

    Domain: z at the outlier, |n| = 1; with all directions of teacher and student.
    """
    return tell, "residue along the null vector"


def _averages(p: int, setting: Setting) -> Step:
    axes = ex.input_directions(p)
    K = ex.entry(0, 0)

    def tell() -> Iterator[Any]:
        r"""Averages as Gaussian integrals.

        Coordinates of the input in any orthonormal frame are independent standard Gaussians.

        Domain: the domain of G.
        """
        density = exp(-sum(x**2 for x in axes) / 2) / sqrt(2 * pi) ** len(axes)
        whole = Eq(Average(K), Integral(K * density, *((x, -oo, oo) for x in axes)))
        yield whole
        overlap = setting.overlap
        nodes = ex.basis(p) * Matrix(axes[1:])
        place = tuple(
            Eq(Symbol(f"lambda_{k + 1}", real=True), overlap * axes[0] + sqrt(1 - overlap**2) * v)
            for k, v in enumerate(nodes)
        )
        yield place, "pre-activations of the nodes, in which the weight matrix F is given"
        yield whole, "law of the input"

    record = Record(f"gaussians-{p}", Nature.DERIVED, tell, (), "law of the input")
    reason = "There is no integral over one Laplace variable: F is no rational function of outputs."
    return Step("averages", n.AVERAGES, record, ("weight matrix",), reason)
