"""The outliers and their overlap with the signal: eqs. (38)-(40), (56)-(58)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar

from bbpsym import arguments, floats
from bbpsym.answers.edge import SHARP, edge, edge_curves, edge_kind, enclosed_edge, precise_edge
from bbpsym.answers.fluctuation import Fluctuation, fluctuation_of
from bbpsym.answers.result import (
    Result,
    answer,
    certified_answer,
    only_left,
    only_uncertified,
)
from bbpsym.answers.spectral import ensemble_outlier
from bbpsym.ensemble import LEFT, Ensemble
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.numerics import certified as balls
from bbpsym.numerics import enclosures
from bbpsym.numerics.certified import Curve
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.roots import Start, along, precise_root, precise_values, root, side
from bbpsym.symbols import t as T
from bbpsym.systems import double_parameters, ensemble_of, parameters_of, system

#: What a band adds to the display.
BAND = {
    "value_deviation": r"\Delta\lambda_*",
    "value_spread": r"\delta\lambda_*",
    "overlap2_deviation": r"\Delta m^2",
}


@dataclass(frozen=True)
class Outlier(Result):
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
    fluctuation : Fluctuation or None
        Deviations at a finite N, if one was given.
    """

    alpha: Fraction
    value: Any
    overlap2: Any
    t: Any
    g: Any
    fluctuation: Fluctuation | None = field(default=None, kw_only=True)

    symbols: ClassVar[Mapping[str, str]] = {
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "t": "t",
        "g": "g",
    }

    @property
    def N(self) -> int | None:
        """Input dimension of the band; None in the limit."""
        return self.fluctuation.N if self.fluctuation else None

    @property
    def value_deviation(self) -> float | None:
        """Standard deviation of the mean of the p p* outliers at this N."""
        return self.fluctuation.value_deviation if self.fluctuation else None

    @property
    def value_spread(self) -> float | None:
        """Root mean square distance of an outlier from their mean at this N."""
        return self.fluctuation.value_spread if self.fluctuation else None

    @property
    def overlap2_deviation(self) -> float | None:
        """Standard deviation of their mean squared overlap at this N."""
        return self.fluctuation.overlap2_deviation if self.fluctuation else None

    def _numbers(self) -> Mapping[str, str]:
        return {**self.symbols, **BAND} if self.fluctuation else self.symbols

    def _labels(self) -> dict[str, Any]:
        labels = super()._labels()
        if self.fluctuation:
            labels["N"] = self.fluctuation.N
            labels["reaches_edge"] = self.fluctuation.reaches_edge
        return labels

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON; deviations with four digits."""
        band = {name: float(self.text(name)) for name in self._numbers() if name in BAND}
        return super().record() | band

    def text(self, name: str) -> str:
        """Write one number with its known digits; a deviation, whose law is a limit, with four."""
        return f"{getattr(self, name):#.4g}" if name in BAND else super().text(name)


@floats.own_settings
def outlier(
    model: Model | Ensemble,
    alpha: Any,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str = LEFT,
    N: Any = None,
) -> Outlier | None:
    """Find the outlier and its overlap, eqs. (40) and (58); None below the threshold.

    Parameters
    ----------
    model : Model or Ensemble
        Widths and loss normalisation, or a spectral method of any weight.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive; read exactly like `Model.a`.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    certified : bool
        Whether to enclose every number by ball arithmetic, and to prove that alpha lies above or
        below the threshold; 15 digits unless others are asked for. Not for an ensemble.
    side : {"left", "right"}
        Side of the bulk; a Hessian has a left edge only.
    N : int, optional
        Input dimension, 2 to 1e18, of finite systems with alpha N samples: the result then holds
        how far their outliers and overlaps deviate from the limit, see `Fluctuation`.

    Returns
    -------
    Outlier or None

    Raises
    ------
    DomainError
        If `alpha`, `digits` or `N` is out of range, or N is given with `digits` or `certified` or
        with p = inf or an ensemble; or if the bulk has no edge on that side.
    PrecisionError
        If the digits cannot be reached, or alpha is too close to the threshold for a band.

    Notes
    -----
    Left of the edge there is at most one outlier: `z - S(g(z))` of (38) rises with slope one or
    more, since S' > 0 and g' < 0. There is one if and only if the outlier curve has passed
    below alpha at the edge.
    """
    alpha = arguments.signal_to_noise(alpha)
    arguments.digits(digits)
    if isinstance(model, Ensemble):
        only_uncertified(certified)
        if N is not None:
            raise DomainError("N must be None for an Ensemble: its fluctuations are not derived")
        return ensemble_outlier(
            lambda **found: Outlier(model, alpha, **found), model, alpha, digits, side
        )
    only_left(side)
    if N is not None:
        return _with_band(model, alpha, N, digits, certified)
    if certified:
        return certified_answer(
            lambda **found: Outlier(model, alpha, **found),
            model,
            digits,
            _enclosing(model, alpha),
        )
    if not has_outlier(model, alpha):
        return None
    return answer(
        lambda **found: Outlier(model, alpha, **found),
        model,
        digits,
        lambda: outlier_curves(
            ensemble_of(model), double_parameters(model), float(alpha), _edge_t(model, alpha)
        ),
        lambda working, start: _precise(model, alpha, working, start),
    )


def _with_band(
    model: Model, alpha: Fraction, N: Any, digits: int | None, certified: bool
) -> Outlier | None:
    """The outlier in double precision, with its deviations at N."""
    N = arguments.dimension(N)
    if digits is not None or certified:
        raise DomainError("N must come without digits and certified: a band is a leading order")
    found = outlier(model, alpha)
    if model.is_overparametrised_limit:
        raise DomainError("N needs a finite p: at p = inf there are infinitely many outliers")
    if found is None:
        return None
    limit = {name: float(getattr(found, name)) for name in ("g", "value", "overlap2")}
    band = fluctuation_of(model, alpha, N, limit, float(edge(model, alpha).value))
    return replace(found, fluctuation=band)


def _enclosing(model: Model, alpha: Fraction) -> Callable[[int], dict[str, Any] | None]:
    """The outlier in ball arithmetic, as a function of the working precision in bits."""
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    curve = Curve(ensemble, parameters, "outlier_alpha", alpha)

    @cache
    def unique(bits: int) -> bool:
        return balls.crosses_once(curve, enclosed_edge(model, alpha, bits)[1], True)

    def enclose(bits: int) -> dict[str, Any] | None:
        _, edge = enclosed_edge(model, alpha, bits)
        if balls.side(curve, edge, bits) < 0:
            return None
        guess = root(ensemble, double_parameters(model), "outlier_alpha", float(alpha), edge_t)
        at = balls.root(curve.values, float(guess.value), bits, edge)
        names = ("outlier_eigenvalue", "overlap2")
        found = enclosures.evaluate(system(ensemble, *names), {**parameters, T: at}, bits)
        return {
            "unique": unique(2 * balls.PROOF_BITS),
            "t": at,
            "value": found["outlier_eigenvalue"],
            "overlap2": found["overlap2"],
        }

    edge_t = _edge_t(model, alpha)
    return enclose


def has_outlier(model: Model, alpha: Fraction) -> bool:
    """Whether the outlier has left the bulk; at a discontinuous threshold itself it has."""
    ensemble, parameters, kind = ensemble_of(model), parameters_of(model), edge_kind(model, alpha)
    found = edge_curves(ensemble, double_parameters(model), float(alpha), kind == SHARP)
    curve = along(ensemble, double_parameters(model), found["t"], "outlier_alpha")["outlier_alpha"]
    distance = float(alpha) - float(curve.value)
    if abs(distance) > 4 * curve.error + 1e-15 * float(alpha):
        return distance > 0

    def at(working: int) -> Any:
        return precise_edge(model, alpha, kind, working, None)

    sign = side(ensemble, parameters, at, "outlier_alpha", alpha)
    return sign < 0 or (sign == 0 and kind != SHARP)


def outlier_curves(
    ensemble: WeightLaw, parameters: Mapping, alpha: Any, upper: Any
) -> dict[str, Estimate]:
    """Evaluate t, the outlier and its overlap in double precision, for arrays above threshold."""
    at = root(ensemble, parameters, "outlier_alpha", alpha, upper=upper)
    found = along(ensemble, parameters, at, "outlier_eigenvalue", "overlap2")
    return {"t": at, "value": found["outlier_eigenvalue"], "overlap2": found["overlap2"]}


def _edge_t(model: Model, alpha: Fraction) -> Any:
    """The t of the edge: the outlier's lies below it."""
    sharp = edge_kind(model, alpha) == SHARP
    found = edge_curves(ensemble_of(model), double_parameters(model), float(alpha), sharp)
    return found["t"].value


def _precise(model: Model, alpha: Fraction, working: int, start: Start | None) -> dict[str, Any]:
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    if start is None:
        upper = _edge_t(model, alpha)
        guess = root(ensemble, double_parameters(model), "outlier_alpha", float(alpha), upper)
        start = Start(guess.value)
    at = precise_root(ensemble, parameters, "outlier_alpha", alpha, start, working)
    names = ("outlier_eigenvalue", "overlap2")
    found = precise_values(ensemble, parameters, at, context(working), *names)
    return {"t": at, "value": found["outlier_eigenvalue"], "overlap2": found["overlap2"]}
