"""Where finite systems seem to have their transition: `alpha_0` in several ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bbpsym.answers.arrays import outliers
from bbpsym.answers.crossover import critical_a
from bbpsym.answers.outlier import outlier
from bbpsym.answers.sampled_phi import PredictedCrossing
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.compilation.systems import finite_system
from bbpsym.errors import BBPError, DomainError
from bbpsym.model import Model
from bbpsym.numerics import continued, double
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.questions import Kind
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.writing.display import CERTAIN_DIGITS, Shown, certain

#: The line is fitted to so many values from alpha_BBP to this multiple of it.
FIT_TO, FIT_POINTS = 1.2, 21

#: The ways, with what each is worth.
WAYS = {
    "line": "computed: straight line fitted to m^2 up to 1.2 alpha_BBP, the paper's definition",
    "tangent": "derived: tangent to m^2 at alpha_BBP, the line for a vanishing window",
    "crossing": "given or predicted: where curves phi(alpha) of finite N cross, or one is 1/2",
    "resonance": "computed: complex continuation past t = 1; that finite N sees it is conjectured",
    "real_part": "computed: the same with the real parts of the averages alone; likewise",
}


@dataclass(frozen=True)
class AlphaZero(Shown):
    """The apparent transition of finite systems, in several ways side by side.

    At a continuous transition m^2 itself vanishes at alpha_BBP and needs no extrapolation: every
    way that applies gives alpha_BBP.

    Attributes
    ----------
    model : Model
        The problem.
    kind : {"continuous", "discontinuous"}
        Type of the transition.
    threshold : float
        alpha_BBP.
    line : float
        Zero of the straight line fitted to the theory's m^2 over [alpha_BBP, 1.2 alpha_BBP]: what
        the paper calls alpha_0.
    tangent : float
        Zero of the tangent to m^2 at alpha_BBP.
    crossing : float or None
        What was given as the crossing of curves phi(alpha), or as where one is 1/2; for a
        `PredictedCrossing` its `sizes` say which.
    resonance : complex or None
        alpha at the complex root of the continuous threshold's equation, continued past t = 1;
        its conjugate is the continuation from the other side. It stands for a real alpha as far
        as its imaginary part is small against `threshold - alpha`.
    real_part : float or None
        alpha at the real root that is left when only real parts are kept.
    resonance_t, real_part_t : complex, float or None
        The t of these roots, beyond the smooth edge t = 1.
    reasons : mapping of str to str
        Why a way gives None.
    errors : mapping of str to float
        Numerical error of each number that is not None.

    Examples
    --------
    >>> from bbpsym import Model, alpha_zero
    >>> found = alpha_zero(Model(1, 1, "1.5"))
    >>> found.text("threshold")[:6], found.text("tangent")[:6]
    ('1.3745', '1.0842')
    """

    model: Model
    kind: str
    threshold: float
    line: float
    tangent: float
    crossing: float | None
    resonance: complex | None
    real_part: float | None
    resonance_t: complex | None
    real_part_t: float | None
    reasons: Mapping[str, str] = field(repr=False, compare=False)
    errors: Mapping[str, float] = field(repr=False, compare=False)

    def text(self, name: str, digits: int | None = None) -> str:
        """Write one number with the digits its error leaves, at most eight or those given.

        None is "-".
        """
        most = arguments.whole(digits or CERTAIN_DIGITS, f"digits of {name}", 1, CERTAIN_DIGITS)
        value = getattr(self, name)
        if value is None:
            return "-"
        error = self.errors[name]
        if isinstance(value, complex):
            sign = "-" if value.imag < 0 else "+"
            parts = [certain(part, error, most) for part in (value.real, abs(value.imag))]
            return f"{parts[0]} {sign} {parts[1]}i"
        return certain(value, error, most)

    def _worth(self, name: str) -> str:
        """What a way is worth here, or why it gives nothing."""
        if self.kind == Kind.CONTINUOUS and name != "crossing":
            return "alpha_BBP itself, where m^2 vanishes"
        return self.reasons.get(name, WAYS[name])

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON; a complex number is a pair."""
        p = "inf" if self.model.is_overparametrised_limit else self.model.p
        head = {"p": p, "p_star": self.model.p_star, "a": float(self.model.a), "kind": self.kind}
        values = {name: getattr(self, name) for name in NUMBERS}
        pairs = {k: [v.real, v.imag] if isinstance(v, complex) else v for k, v in values.items()}
        return {**head, **pairs, "reasons": dict(self.reasons)}

    def __str__(self) -> str:
        rows = [("threshold", self.text("threshold"), self.kind)]
        rows += [(name, self.text(name), self._worth(name)) for name in WAYS]
        widths = [max(len(row[k]) for row in rows) for k in (0, 1)]
        lines = [f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in rows]
        return "\n".join([repr(self.model), *lines])


#: The numbers of a result, in the order of display.
NUMBERS = ("threshold", *WAYS, "resonance_t", "real_part_t")


@floats.own_settings
def alpha_zero(model: Model, crossing: float | PredictedCrossing | None = None) -> AlphaZero:
    """Find where finite systems seem to have their transition, in several ways.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation.
    crossing : PredictedCrossing, int, str, Fraction, Decimal, SymPy Rational or float, optional
        A crossing of curves phi(alpha), predicted by `predicted_crossing` or simulated, to stand
        beside the other ways.

    Returns
    -------
    AlphaZero

    Raises
    ------
    DomainError
        If `crossing` is out of range.
    PrecisionError
        If the type of the transition stays undecided.

    Examples
    --------
    >>> found = alpha_zero(Model(p=1, p_star=1, a="1.5"))
    >>> f"{found.line:.3f} {found.tangent:.3f} {found.resonance:.3f} {found.real_part:.3f}"
    '1.073 1.084 1.098+0.006j 1.096'
    """
    given = _given(model, crossing)
    reasons = {"crossing": "none was given"} if given is None else {}
    found = threshold(model)
    own = Estimate(found.alpha, found.errors["alpha"])
    if found.kind == Kind.CONTINUOUS:
        at = Estimate(found.t, found.errors["t"])
        ways = {name: own for name in WAYS if name != "crossing"}
        ways |= {"resonance_t": at, "real_part_t": at}
    else:
        ways = {"line": _line(model, found), "tangent": _tangent(model)}
        ways |= _continued(model, reasons)
    ways["threshold"] = own
    if given is not None:
        ways["crossing"] = given
    numbers: dict[str, Any] = dict.fromkeys(NUMBERS)
    numbers |= {name: np.asarray(estimate.value).item() for name, estimate in ways.items()}
    errors = {name: float(estimate.error) for name, estimate in ways.items()}
    return AlphaZero(model, found.kind, **numbers, reasons=reasons, errors=errors)


def _given(model: Model, crossing: Any) -> Estimate | None:
    """A crossing with its statistical error, where that is known."""
    if crossing is None:
        return None
    if isinstance(crossing, PredictedCrossing):
        if crossing.model != model:
            raise DomainError(f"crossing must be one of {model!r}, not of {crossing.model!r}")
        return Estimate(crossing.alpha, crossing.error)
    return Estimate(float(arguments.signal_to_noise(crossing)), 0.0)


def straight_line(alpha: np.ndarray, overlap2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Zero and slope of the least-squares line through `overlap2`, along the first axis."""
    middle, height = alpha.mean(axis=0), overlap2.mean(axis=0)
    apart = alpha - middle
    slope = np.sum(apart * overlap2, axis=0) / np.sum(apart**2, axis=0)
    return middle - height / slope, slope


def _line(model: Model, found: Threshold) -> Estimate:
    """The paper's alpha_0; an error of m^2 moves the zero by no more than itself over the slope."""
    alpha = found.alpha * np.linspace(1, FIT_TO, FIT_POINTS)
    if model.is_overparametrised_limit:
        above = [outlier(model, float(value)) for value in alpha[1:]]
        overlap2 = [row.overlap2 for row in above if row is not None]
        errors = [row.errors["overlap2"] for row in above if row is not None]
    else:
        rows = outliers(model.p, model.p_star, float(model.a), alpha[1:])
        overlap2, errors = list(rows.overlap2), list(rows.errors["overlap2"])
    zero, slope = straight_line(alpha, np.array([found.overlap2, *overlap2]))
    # The zero lies outside the window: the weights of single values in it add up to a few.
    reach = 1 + abs(zero - alpha.mean()) / alpha.std()
    wrong = max(found.errors["overlap2"], *errors) / abs(slope)
    return Estimate(zero, reach * (wrong + found.errors["alpha"]))


def _tangent(model: Model) -> Estimate:
    values = {**model.curve.floats, Parameter.T: 1.0}
    equations = finite_system(model.curve.law, "tangent")
    return double.evaluate(equations, values, model.curve.measure)["tangent"]


def _continued(model: Model, reasons: dict[str, str]) -> dict[str, Estimate]:
    """Complex and real root past t = 1; what has none gets a reason."""
    ensemble, parameters = model.curve.law, model.curve.floats
    ways: dict[str, Estimate] = {}
    try:
        if model.is_overparametrised_limit:
            raise DomainError("at p = inf no continuous transition to continue")
        root = continued.resonance(ensemble, parameters, critical_a(model.p, model.p_star))
        if root.alpha.value.real <= 0:
            raise DomainError("the continued root has Re alpha < 0")
        ways |= {"resonance": root.alpha, "resonance_t": root.t}
    except BBPError as error:
        reasons["resonance"] = str(error)
    real = continued.real_root(ensemble, parameters)
    if real is None:
        reasons["real_part"] = "no real root: it has merged with another one"
    else:
        ways |= {"real_part": real.alpha, "real_part_t": real.t}
    return ways
