"""The outliers and their overlap with the signal: eqs. (38)-(40), (56)-(58)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, ClassVar

from bbpsym import arguments, floats
from bbpsym.answers.edge import edge
from bbpsym.answers.fluctuation import Fluctuation, fluctuation_of
from bbpsym.answers.result import (
    Output,
    Outputs,
    Result,
    answer,
    certified_answer,
    proved,
    side_of,
)
from bbpsym.ensemble import Ensemble
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.numerics import questions
from bbpsym.numerics.certified import Level, certify_side, enclosed_root
from bbpsym.numerics.curve import LEFT, RIGHT, Crossing, Side
from bbpsym.numerics.roots import Root

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
        below the threshold; 15 digits unless others are asked for.
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
    alpha, seen = arguments.signal_to_noise(alpha), side_of(model, side, digits)
    if N is not None and isinstance(model, Model):
        return _with_band(model, alpha, N, digits, certified)
    root = questions.outlier(seen.curve, alpha)
    if certified:
        return _certified(model, seen, alpha, root, digits)
    if root is None:
        return None
    return answer(_build(model, alpha, side), seen, root, _outputs(root), digits)


def _build(model: Any, alpha: Fraction, side: str) -> Callable[..., Outlier]:
    return lambda **numbers: Outlier(model, alpha, **numbers, side=side)


def _outputs(root: Root) -> Outputs:
    return {"value": Output("outlier_eigenvalue", root), "overlap2": Output("overlap2", root)}


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


def _certified(
    model: Any, seen: Side, alpha: Fraction, root: Root | None, digits: int | None
) -> Outlier | None:
    """The outlier in ball arithmetic, or a proof that there is none."""
    level = Level(seen.curve, Crossing.OUTLIER, alpha)
    edge = questions.edge(seen.curve, alpha).root

    def prove(bits: int) -> bool:
        certify_side(level, enclosed_root(edge, bits), bits, -1 if root is None else 1)
        return True

    if root is not None:
        build = _build(model, alpha, LEFT if seen.sign > 0 else RIGHT)
        return certified_answer(build, seen, root, _outputs(root), digits, prove)
    proved(prove, digits, seen)
    return None
