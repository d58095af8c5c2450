"""The outliers and their overlap with the signal: eqs. (38)-(40), (56)-(58)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, overload

from bbpsym.answers.asking import Output, Outputs, Question, answer_beyond, ask
from bbpsym.answers.result import Averaged, Matrix, Result
from bbpsym.answers.result_table import Table
from bbpsym.numerics import questions
from bbpsym.numerics.ball import Value
from bbpsym.numerics.curve import Side
from bbpsym.numerics.questions import Beyond
from bbpsym.numerics.roots import Root
from bbpsym.reading import floats
from bbpsym.reading.arguments import Number, Several, Single

if TYPE_CHECKING:
    from bbpsym.answers.covariance_result import CovarianceOutlier
    from bbpsym.answers.deformed_result import DeformedOutlier
    from bbpsym.answers.matrix_result import MatrixOutlier
    from bbpsym.answers.network_result import NetworkOutlier
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
    from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
    from bbpsym.ensembles.networks.two_layer import Network
    from bbpsym.ensembles.sample_covariance import SampleCovariance
    from bbpsym.model import Model


@dataclass(frozen=True)
class Outlier(Result, Generic[Value]):
    """The outlier outside the bulk; the p p* outliers of the Hessian coincide, eq. (39).

    For an `Ensemble` eigenvalues are in the units of its weight, and `g = -t/|f_-|` on the left of
    the bulk, `t/f_+` on the right, with (42).

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    value : float, mpmath number or Ball
        lambda_*, for the loss (3) and x ~ N(0, 1/N); in units of 2/p at p = inf.
    overlap2 : float, mpmath number or Ball
        Squared overlap m^2 of an outlier's eigenvector with the signal, in [0, 1]; eq. (58).
    t, g : float, mpmath number or Ball
        Stieltjes transform at the outlier, g = -p t/2.

    Examples
    --------
    >>> from bbpsym import Model, outlier
    >>> found = outlier(Model(p=2, p_star=1, a="0.7"), alpha=2)
    >>> found.text("value"), found.text("overlap2", 4)
    ('-1.02169349739', '0.2762')
    """

    alpha: Fraction
    value: Value
    overlap2: Value
    t: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "t": "t",
        "g": "g",
    }
    columns: ClassVar[tuple[str, ...]] = ("alpha", "value", "overlap2", "t", "g")
    plural: ClassVar[str] = "Outliers"


@overload
def outlier(
    model: Averaged,
    alpha: str,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Outlier | Table[Outlier | None] | None: ...
@overload
def outlier(
    model: Averaged,
    alpha: Several,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Table[Outlier | None]: ...
@overload
def outlier(
    model: Network, alpha: Several, digits: int | None = ..., *, side: str | None = ...
) -> Table[NetworkOutlier | None]: ...
@overload
def outlier(
    model: Network, alpha: str, digits: int | None = ..., *, side: str | None = ...
) -> NetworkOutlier | Table[NetworkOutlier | None] | None: ...
@overload
def outlier(
    model: Model,
    alpha: Single,
    digits: None = ...,
    certified: Literal[False] = ...,
    *,
    side: str | None = ...,
) -> Outlier[float] | None: ...
@overload
def outlier(
    model: Averaged,
    alpha: Single,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> Outlier | None: ...
@overload
def outlier(
    model: Network, alpha: Single, digits: int | None = ..., *, side: str | None = ...
) -> NetworkOutlier | None: ...
@overload
def outlier(
    model: DeformedGaussian,
    alpha: None = None,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> DeformedOutlier | None: ...
@overload
def outlier(
    model: SampleCovariance,
    alpha: None = None,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> CovarianceOutlier | None: ...
@overload
def outlier(
    model: MatrixMethod, alpha: Single, digits: int | None = ..., *, side: str | None = ...
) -> MatrixOutlier | None: ...
@floats.own_settings
def outlier(
    model: Matrix,
    alpha: Number | Several | None = None,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str | None = None,
) -> Any:
    """Find the outlier and its overlap, eqs. (40) and (58); None below the threshold.

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
        Whether to enclose every number by ball arithmetic, and to prove that alpha lies above or
        below the threshold; 15 digits unless others are asked for.
    side : {"left", "right"}, optional
        Side of the bulk; the left one without it, the only one of a Hessian, and of a
        `DeformedGaussian` the one to which its spike pulls.

    Returns
    -------
    Outlier or None, or Table
        A table, with a row for each, if there are several alpha.

    Raises
    ------
    DomainError
        If `alpha` or `digits` is out of range, or the bulk has no edge on that side.
    PrecisionError
        If the digits cannot be reached.

    Notes
    -----
    Left of the edge there is at most one outlier: `z - S(g(z))` of (38) rises with slope one or
    more, since S' > 0 and g' < 0. There is one if and only if the outlier curve has passed
    below alpha at the edge.

    Examples
    --------
    >>> from bbpsym import Model
    >>> model = Model(p=2, p_star=1, a="0.7")
    >>> print(outlier(model, alpha=2).text("overlap2"), outlier(model, alpha="0.9"))
    0.276230470821 None
    >>> [row and round(row.overlap2, 4) for row in outlier(model, "0.5:2:0.5")]
    [None, 0.019, 0.1533, 0.2762]
    """
    return ask(OUTLIERS, model, alpha, digits, certified, side)


def _answer(
    model: Any, seen: Side, found: Beyond, digits: int | None, certified: bool
) -> Outlier | None:
    def build(**numbers: Any) -> Outlier:
        return Outlier(model, found.level.alpha, **numbers, side=seen.name)

    return answer_beyond(certified, build, seen, found, outlier_outputs, digits)


def outlier_outputs(root: Root) -> Outputs:
    """Say which equations give an outlier and its overlap."""
    return {"value": Output("outlier_eigenvalue", root), "overlap2": Output("overlap2", root)}


OUTLIERS = Question("outliers", Outlier, questions.outlier, _answer)
