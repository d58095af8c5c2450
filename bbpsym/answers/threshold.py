"""Where the signal leaves the bulk: the BBP threshold, eqs. (14), (40), (44), (46), (49)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, overload

from flint import arb

from bbpsym.answers.asking import Output, answer, numbers_of, own_answers, side_asked, side_of
from bbpsym.answers.result import Averaged, Matrix, Result
from bbpsym.errors import BBPError, DomainError, NoOutlierError
from bbpsym.numerics.arithmetic import Double
from bbpsym.numerics.ball import Value
from bbpsym.numerics.certified import certify_side, crosses_once
from bbpsym.numerics.curve import Condition, End, Level
from bbpsym.numerics.double import known_digits
from bbpsym.numerics.questions import FoundRoot, Kind, transition
from bbpsym.numerics.roots import end_of_domain
from bbpsym.reading import floats

if TYPE_CHECKING:
    from bbpsym.answers.covariance_result import CovarianceThreshold
    from bbpsym.answers.deformed_result import DeformedThreshold
    from bbpsym.answers.matrix_result import MatrixThreshold
    from bbpsym.answers.network_result import NetworkThreshold
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
    from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
    from bbpsym.ensembles.networks.two_layer import Network
    from bbpsym.ensembles.sample_covariance import SampleCovariance
    from bbpsym.model import Model

#: Digits of a threshold that a message names.
SHOWN = 6


@dataclass(frozen=True)
class Threshold(Result, Generic[Value]):
    """The BBP threshold of a model or an ensemble.

    For an `Ensemble` eigenvalues are in the units of its weight, and `g = -t/|f_-|` on the left of
    the bulk, `t/f_+` on the right, with (42).

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Type of the transition: at a sharp edge (15) or at a smooth one (16).
    alpha : float, mpmath number or Ball
        Threshold alpha_BBP, eq. (14).
    alpha_c : float, mpmath number or Ball
        Where the edge turns from smooth to sharp, eq. (49).
    t, g : float, mpmath number or Ball
        Stieltjes transform at the threshold, g = -p t/2; t = 1 if discontinuous.
    value : float, mpmath number or Ball
        The outlier where it meets the edge, for the loss (3) and x ~ N(0, 1/N); in units of 2/p
        at p = inf.
    overlap2 : float, mpmath number or Ball
        Squared overlap m^2 at the threshold: 0 if continuous, the jump if discontinuous.

    Examples
    --------
    >>> from bbpsym import Model, threshold
    >>> found = threshold(Model(p=2, p_star=1, a="0.7"))
    >>> found.kind, found.text("alpha"), found.text("alpha_c")
    ('continuous', '0.927055296717', '0.727591178513')
    """

    kind: str
    alpha: Value
    alpha_c: Value
    t: Value
    g: Value
    value: Value
    overlap2: Value

    symbols: ClassVar[Mapping[str, str]] = {
        "alpha": r"\alpha_{\mathrm{BBP}}",
        "alpha_c": r"\alpha_c",
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "t": "t",
        "g": "g",
    }
    columns: ClassVar[tuple[str, ...]] = ("kind", "alpha", "alpha_c", "value", "overlap2")
    plural: ClassVar[str] = "BBP thresholds"


@overload
def threshold(
    model: Model, digits: None = ..., certified: Literal[False] = ..., *, side: str | None = ...
) -> Threshold[float]: ...
@overload
def threshold(
    model: Averaged,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
    sector: str | None = ...,
) -> Threshold: ...
@overload
def threshold(
    model: Network, digits: int | None = ..., *, side: str | None = ..., sector: str | None = ...
) -> NetworkThreshold: ...
@overload
def threshold(
    model: DeformedGaussian,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> DeformedThreshold: ...
@overload
def threshold(
    model: SampleCovariance,
    digits: int | None = ...,
    certified: bool = ...,
    *,
    side: str | None = ...,
) -> CovarianceThreshold: ...
@overload
def threshold(
    model: MatrixMethod, digits: int | None = ..., *, side: str | None = ...
) -> MatrixThreshold: ...
@floats.own_settings
def threshold(
    model: Matrix,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str | None = None,
    sector: str | None = None,
) -> Any:
    """Find the BBP threshold of a model, eq. (14).

    Parameters
    ----------
    model : Model, Ensemble, Network or DeformedGaussian
        Widths and loss normalisation, or a spectral method of any weight.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it, with 12 digits or
        more in every number.
    certified : bool
        Whether to enclose every number by ball arithmetic, and to prove the type of the
        transition; 15 digits unless others are asked for.
    side : {"left", "right"}, optional
        Side of the bulk; the left one without it, the only one of a Hessian, and of a
        `DeformedGaussian` the one to which its spike pulls.
    sector : str, optional
        Sector of the outliers of a `Network`; the first to leave the bulk without it.

    Returns
    -------
    Threshold

    Raises
    ------
    DomainError
        If `digits` is out of range, or there is no edge on that side.
    NoOutlierError
        If there is no outlier on that side; where the other one has a threshold, it is named.
    PrecisionError
        If the digits cannot be reached, or the type of the transition stays undecided.
    ConvergenceError
        If it is not decided whether an ensemble has an outlier, or which of several is the last.

    Notes
    -----
    The discontinuous threshold is the outlier curve at the smooth edge t = 1; the transition is
    discontinuous if and only if that point is not beyond alpha_c. Otherwise the outlier curve and
    the sharp-edge curve meet at one t in (0, 1). That there is only one has been seen in every
    scan; with `certified` it is proved for the model at hand, and the result's `unique` says so.

    Examples
    --------
    >>> from bbpsym import Model
    >>> print(threshold(Model(p=2, p_star=1, a="0.7"), digits=30).alpha)
    0.927055296717066084667855737239
    """
    side = side_asked(model, side)
    try:
        if own := own_answers(model, "threshold", certified):
            return own(model, side, sector, digits)
        if sector is not None:
            raise DomainError("sector must be None but for a Network: all outliers are alike")
        return _averaged(model, side, digits, certified)
    except NoOutlierError as error:
        raise NoOutlierError(f"{error}{_elsewhere(model, side, sector)}") from None


def _elsewhere(model: Any, side: str, sector: str | None) -> str:
    """What there is to say of the other side of the bulk, where it has a threshold.

    Nothing where that takes minutes: of networks with sectors.
    """
    if getattr(model, "has_sectors", False):
        return ""
    own = own_answers(model, "threshold")
    for other in (name for name in model.sides if name != side):
        with suppress(BBPError):
            what = "alpha" if getattr(model, "takes_alpha", True) else "spike"
            least, known = (
                (float(getattr(own(model, other, sector), what)), SHOWN)
                if own
                else _seen_in_double(model, other)
            )
            where = f" from {what} = {least:.{min(known, SHOWN)}g} on" if known else ""
            return f'; with side="{other}" there is one{where}'
    return ""


def _seen_in_double(model: Any, side: str) -> tuple[float, int]:
    """The alpha of a threshold in double precision, and how many digits of it are known."""
    seen = side_of(model, side)
    found = transition(seen.curve)
    outputs = {"alpha": Output("outlier_alpha", found.root)}
    alpha = numbers_of(seen, found.root, outputs, Double())["alpha"]
    return float(alpha.value), known_digits(*alpha)


def _averaged(model: Any, side: str, digits: int | None, certified: bool) -> Threshold:
    """The threshold of a model with averages over one law."""
    seen = side_of(model, side, digits)
    found = transition(seen.curve)
    end = end_of_domain(seen.curve)
    jumps = found.kind is Kind.DISCONTINUOUS
    outputs = {
        "alpha": Output("outlier_alpha", found.root),
        "alpha_c": Output(seen.curve.critical_equation, end),
        "value": Output("outlier_eigenvalue", found.root),
        "overlap2": Output("overlap2" if jumps else None, found.root),
    }

    def build(**numbers: Any) -> Threshold:
        return Threshold(model, found.kind, **numbers, side=side)

    prove = _proof(found) if certified else None
    return answer(build, seen, found.root, outputs, digits, prove)


def _proof(found: FoundRoot) -> Callable[[int], bool]:
    """Prove the type of the transition, and that the crossing, or its absence, is the only one."""
    level = Level(found.root.level.curve, Condition.THRESHOLD)
    crosses = found.kind is Kind.CONTINUOUS

    @cache
    def is_unique() -> bool:
        return level.curve.crosses_once and crosses_once(level, arb(1), crosses)

    def prove(bits: int) -> bool:
        if level.curve.end is End.SMOOTH:
            certify_side(level, arb(1), bits, 1 if crosses else -1)
        return is_unique()

    return prove
