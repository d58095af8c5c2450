"""The edges of the bulk: eqs. (42)-(49)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, overload

from bbpsym.answers.asking import Output, Question, answer, ask
from bbpsym.answers.result import Averaged, Matrix, Result
from bbpsym.answers.result_table import Table
from bbpsym.numerics import questions
from bbpsym.numerics.ball import Value
from bbpsym.numerics.certified import lies
from bbpsym.numerics.curve import Condition, End, Side
from bbpsym.numerics.questions import FoundRoot, Kind
from bbpsym.numerics.roots import end_of_domain
from bbpsym.reading import floats
from bbpsym.reading.arguments import Number, Several, Single

if TYPE_CHECKING:
    from bbpsym.answers.covariance_result import CovarianceEdge
    from bbpsym.answers.deformed_result import DeformedEdge
    from bbpsym.answers.matrix_result import MatrixEdge
    from bbpsym.answers.network_result import NetworkEdge
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
    from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
    from bbpsym.ensembles.networks.two_layer import Network
    from bbpsym.ensembles.sample_covariance import SampleCovariance
    from bbpsym.model import Model


@dataclass(frozen=True)
class Edge(Result, Generic[Value]):
    """An edge of the bulk spectrum at a given signal-to-noise ratio.

    For an `Ensemble` eigenvalues are in the units of its weight, and `g = -t/|f_-|` on the left of
    the bulk, `t/f_+` on the right, with (42).

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    kind : {"sharp", "smooth"}
        Square-root (15) or exponential (16) vanishing of the density.
    value : float, mpmath number or Ball
        lambda_- (lambda_+ on the right), for the loss (3) and x ~ N(0, 1/N); in units of 2/p at
        p = inf.
    t, g : float, mpmath number or Ball
        Stieltjes transform at the edge, g = -p t/2; t = 1 if smooth.

    Examples
    --------
    >>> from bbpsym import Model, edge
    >>> edge(Model(p=2, p_star=1, a="0.7"), alpha=2).record()['kind']
    'sharp'
    """

    alpha: Fraction
    kind: str
    value: Value
    t: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-", "t": "t", "g": "g"}
    columns: ClassVar[tuple[str, ...]] = ("alpha", "kind", "value", "t", "g")
    plural: ClassVar[str] = "Edges of the bulk"


@overload
def edge(
    model: Averaged,
    alpha: str,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Edge | Table[Edge]: ...
@overload
def edge(
    model: Averaged,
    alpha: Several,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Table[Edge]: ...
@overload
def edge(
    model: Network, alpha: Several, digits: int | None = ..., *, side: str | None = ...
) -> Table[NetworkEdge]: ...
@overload
def edge(
    model: Network, alpha: str, digits: int | None = ..., *, side: str | None = ...
) -> NetworkEdge | Table[NetworkEdge]: ...
@overload
def edge(
    model: Model,
    alpha: Single,
    digits: None = ...,
    certified: Literal[False] = ...,
    *,
    side: str | None = ...,
) -> Edge[float]: ...
@overload
def edge(
    model: Averaged,
    alpha: Single,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Edge: ...
@overload
def edge(
    model: Network, alpha: Single, digits: int | None = ..., *, side: str | None = ...
) -> NetworkEdge: ...
@overload
def edge(
    model: DeformedGaussian,
    alpha: None = None,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> DeformedEdge: ...
@overload
def edge(
    model: SampleCovariance,
    alpha: None = None,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> CovarianceEdge: ...
@overload
def edge(
    model: MatrixMethod, alpha: Single, digits: int | None = ..., *, side: str | None = ...
) -> MatrixEdge: ...
@floats.own_settings
def edge(
    model: Matrix,
    alpha: Number | Several | None = None,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str | None = None,
) -> Any:
    """Find an edge of the bulk, eqs. (44) and (46): the left one, for an ensemble also the right.

    Parameters
    ----------
    model : Model, Ensemble, Network or DeformedGaussian
        Widths and loss normalisation, or a spectral method of any weight.
    alpha : number, or list, array or range of numbers
        Signal-to-noise ratio, positive; read exactly like `Model.a`. A range is "1:3:0.1".
        A `DeformedGaussian` has none.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    certified : bool
        Whether to enclose every number by ball arithmetic, and to prove the type of the edge;
        15 digits unless others are asked for.
    side : {"left", "right"}, optional
        Side of the bulk; the left one without it, the only one of a Hessian, and of a
        `DeformedGaussian` the one to which its spike pulls.

    Returns
    -------
    Edge, or Table
        A table, with a row for each, if there are several alpha.

    Raises
    ------
    DomainError
        If `alpha` or `digits` is out of range, or the bulk has no edge on that side.
    PrecisionError
        If the digits cannot be reached, or the type of a certified edge stays undecided.

    Notes
    -----
    The sharp edge is the one root of (44) in (0, 1): `<(g f/(1 - g f))^2>` grows with t, since
    the derivative of each term has the sign of t. At alpha_c itself the edge is called smooth.

    Examples
    --------
    >>> from bbpsym import Model
    >>> found = edge(Model(p=2, p_star=1, a="0.7"), alpha=2)
    >>> found.kind, found.text("value")
    ('sharp', '-0.959626705215')
    """
    return ask(EDGE, model, alpha, digits, certified, side)


def edge_answer(
    model: Any, seen: Side, found: FoundRoot, digits: int | None, certified: bool = False
) -> Edge:
    """Answer for an edge that was found."""
    root, kind = found

    def build(**numbers: Any) -> Edge:
        return Edge(model, root.level.alpha, kind, **numbers, side=seen.name)

    prove = edge_proof(found) if certified else None
    return answer(build, seen, root, {"value": Output("inverse_stieltjes", root)}, digits, prove)


def edge_proof(found: FoundRoot) -> Callable[[int], bool]:
    """Prove the type of the edge; its root is the only one, since its level grows with t."""
    level = replace(found.root.level, crossing=Condition.EDGE)
    if level.curve.end is not End.SMOOTH:
        return lambda _: True
    return lies(level, end_of_domain(level.curve), 1 if found.kind is Kind.SHARP else -1)


EDGE = Question("edge", Edge, questions.edge, edge_answer)
