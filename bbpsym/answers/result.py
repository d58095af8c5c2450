"""What all results share: how they were obtained, what error they carry, how they display."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, ClassVar, TypeVar

import numpy as np
from flint import arb

from bbpsym import arguments
from bbpsym.display import DOUBLE_DIGITS, exact_text, json_number, latex_number, number
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.model import Model
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.enclosures import as_ball, precision
from bbpsym.numerics.multiprecision import stable
from bbpsym.numerics.roots import Start
from bbpsym.systems import unit_of

#: Digits certified unless others are asked for; working precisions: factor and guard bits.
CERTIFIED_DIGITS = 15
RAISES = ((1.0, 25), (1.0, 60), (1.3, 150), (2.2, 300))

#: Digits computed where double precision cannot keep its promise, then rounded to a float.
ROUNDED_DIGITS = 17

ResultType = TypeVar("ResultType", bound="Result")


@dataclass(frozen=True)
class Result:
    """A result for one model.

    Attributes
    ----------
    model : Model, Ensemble or Network
        The problem.
    digits : int
        Significant decimal digits known to be right in every number of the result.
    method : str
        "double precision", "multiprecision" or "ball arithmetic", and how it was checked.
    errors : mapping of str to float
        Bound claimed for the absolute error of each number; proved in ball arithmetic.
    unique : bool or None
        Whether the root t was proved to be the only one (or, where t = 1, that there is none
        below); False if the proof did not come to an end, None without ball arithmetic.
    side : {"left", "right"}
        Side of the bulk; right of it only for an `Ensemble`.
    """

    model: Any
    digits: int = field(kw_only=True)
    method: str = field(kw_only=True)
    errors: Mapping[str, float] = field(kw_only=True, repr=False, compare=False)
    unique: bool | None = field(default=None, kw_only=True, repr=False)
    side: str = field(default="left", kw_only=True, repr=False)

    #: attribute -> LaTeX symbol, in the order of display.
    symbols: ClassVar[Mapping[str, str]] = {}

    @property
    def _asked(self) -> int | None:
        return None if self.method.startswith("double") else self.digits

    def _numbers(self) -> Mapping[str, str]:
        """What is displayed: attribute -> LaTeX symbol."""
        return self.symbols

    @property
    def unit(self) -> str:
        """Unit of eigenvalues: "1", or "2/p" at p = inf, where they vanish like 1/p."""
        if not isinstance(self.model, Model):
            return getattr(self.model, "unit", "1")
        return "2/p" if self.model.is_overparametrised_limit else "1"

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON; numbers as strings if precise."""
        asked = self._asked
        numbers = {
            JSON_NAMES.get(name, name): json_number(getattr(self, name), asked)
            for name in self._numbers()
        }
        head = _head(self.model, asked)
        proof = {} if self.unique is None else {"certified": True, "unique": self.unique}
        tail = {"unit": self.unit, "digits": asked or DOUBLE_DIGITS}
        labels = self._labels()
        if "alpha" in labels:
            labels["alpha"] = _exact_json(labels["alpha"], asked)
        return head | labels | numbers | tail | proof

    def _labels(self) -> dict[str, Any]:
        """What the result holds beside numbers that were computed: the given alpha, the kind."""
        names = [item.name for item in fields(self) if item.name not in self.symbols]
        shown = ("alpha", "kind", *(() if isinstance(self.model, Model) else ("side",)))
        return {name: getattr(self, name) for name in shown if name in names}

    def text(self, name: str) -> str:
        """Write one number with its known digits."""
        return number(getattr(self, name), self._asked)

    def __str__(self) -> str:
        labels = self._labels()
        if "alpha" in labels:
            labels["alpha"] = exact_text(labels["alpha"])
        labels |= {name: self.text(name) for name in self._numbers()}
        width = max(map(len, labels))
        lines = [repr(self.model), *(f"  {name:<{width}}  {text}" for name, text in labels.items())]
        shown = self._asked or DOUBLE_DIGITS
        inverse = {"2/p": "p/2", "1/p": "p"}.get(self.unit)
        unit = f"; eigenvalues in units of {self.unit}, g of {inverse}" if inverse else ""
        return "\n".join(
            [
                *lines,
                f"  ({shown} digit{'s' * (shown > 1)}, {self.method}{PROOFS[self.unique]}{unit})",
            ]
        )

    def _repr_latex_(self) -> str:
        right = self.side == "right"
        rows = [
            rf"{symbol.replace('_-', '_+') if right else symbol} &= {latex_number(self.text(name))}"
            for name, symbol in self._numbers().items()
        ]
        labels = self._labels()
        title = self.model._repr_latex_().strip("$")
        if "alpha" in labels:
            title += rf",\ \alpha={latex_number(exact_text(labels['alpha']))}"
        if "N" in labels:
            title += rf",\ N={labels['N']}"
        if labels.get("reaches_edge"):
            title += r":\ \text{the band reaches the edge}"
        if "kind" in labels:
            title += rf":\ \text{{{labels['kind']}}}"
        body = r" \\ ".join(rows)
        return rf"$\displaystyle {title}\qquad \begin{{aligned}} {body} \end{{aligned}}$"


def _head(model: Any, asked: int | None) -> dict[str, Any]:
    """What a record says of the model."""
    if not isinstance(model, Model):
        return model.labels()
    p = "inf" if model.is_overparametrised_limit else model.p
    return {"p": p, "p_star": model.p_star, "a": _exact_json(model.a, asked)}


def _exact_json(value: Fraction, asked: int | None) -> float | str:
    return float(value) if asked is None else exact_text(value)


def only_left(side: str) -> None:
    """Refuse the right side of a Hessian.

    Raises
    ------
    DomainError
        If `side` is not "left".
    """
    if side != "left":
        raise DomainError(
            f'side must be "left" for a Model, not {side!r:.40}: the weights of the Hessian are '
            "unbounded above, so that its bulk has no right edge"
        )


def only_uncertified(certified: bool) -> None:
    """Refuse balls for an ensemble.

    Raises
    ------
    DomainError
        If `certified` is true.
    """
    if certified:
        raise DomainError("certified must be False for an Ensemble: no bounds for its integrals")


#: What is said of the proof that the root t is the only one.
PROOFS = {
    None: "",
    True: ", every digit certified, the root in t proved unique",
    False: ", every digit certified, uniqueness of the root in t not proved",
}

#: attribute -> key of a JSON record, where they differ.
JSON_NAMES = {"alpha": "alpha_bbp"}


def answer(
    build: Callable[..., ResultType],
    model: Model,
    digits: int | None,
    double: Callable[[], Mapping[str, Estimate]],
    precise: Callable[[int, Start | None], Mapping[str, Any]],
) -> ResultType:
    """Answer in double precision if no digits are asked for and it can, else precisely.

    Parameters
    ----------
    build : callable
        Makes the result from its numbers, `digits`, `method` and `errors`.
    double, precise : callable
        The numbers in units of the ensemble, with "t" among them: as estimates, and for a number
        of working digits and an earlier root to start from.
    """
    digits = arguments.digits(digits)
    if digits is None:
        estimates = in_units(double(), model)
        known = min(known_digits(*estimate) for estimate in estimates.values())
        if known >= DOUBLE_DIGITS:
            numbers = {name: float(estimate.value) for name, estimate in estimates.items()}
            errors = {name: float(estimate.error) for name, estimate in estimates.items()}
            return build(**numbers, digits=known, method="double precision", errors=errors)
    start: Start | None = None

    def compute(working: int) -> dict[str, Any]:
        nonlocal start
        found = precise(working, start)
        start = Start(found["t"], working - 10)
        return in_units(found, model)

    numbers = stable(compute, digits or ROUNDED_DIGITS)
    if digits is None:
        numbers = {name: float(value) for name, value in numbers.items()}
    shown = digits or ROUNDED_DIGITS - 2
    errors = {name: abs(float(value)) * 10.0**-shown for name, value in numbers.items()}
    method = "multiprecision" if digits else "double precision from multiprecision"
    return build(**numbers, digits=shown, method=method, errors=errors)


def certified_answer(
    build: Callable[..., ResultType],
    model: Model,
    digits: int | None,
    enclose: Callable[[int], Mapping[str, Any] | None],
) -> Any:
    """Answer by enclosures, with a precision that is raised until they are narrow enough.

    Parameters
    ----------
    build : callable
        Makes the result from its numbers, `digits`, `method`, `errors` and whatever else
        `enclose` finds.
    digits : int, optional
        Digits to certify; 15 without it.
    enclose : callable
        Maps a number of bits to balls in units of the ensemble, "t" among them, and to labels;
        or to None if it is proved that there is nothing to answer.

    Raises
    ------
    PrecisionError
        If a sign or a root stays undecided, or a ball too wide, at more than twice the digits.
    """
    digits = arguments.digits(digits) or CERTIFIED_DIGITS
    for bits in working_bits(digits):
        with precision(bits):  # all of it, so that no other thread changes the bits in between
            try:
                enclosed = enclose(bits)
            except PrecisionError as error:
                reason = str(error)
                continue
            if enclosed is None:
                return None
            found = in_units(enclosed, model)
            balls = {name: item for name, item in found.items() if isinstance(item, arb)}
            if all(
                item.rel_accuracy_bits() >= wanted_bits(digits) or item.is_zero()
                for item in balls.values()
            ):
                errors = {name: float(item.rad()) for name, item in balls.items()}
                numbers = {name: as_ball(item, digits) for name, item in balls.items()}
                how = {"digits": digits, "method": "ball arithmetic", "errors": errors}
                return build(**{**found, **numbers}, **how)
        reason = "the enclosures stay too wide"
    raise PrecisionError(f"{model!r} is undecided at {digits} digits: {reason}")


def wanted_bits(digits: int) -> int:
    """Bits that are accurate in a ball of which `digits` are shown: some more than these."""
    return math.ceil(digits * math.log2(10)) + 10


def working_bits(digits: int) -> list[int]:
    """Working precisions to be tried one after the other."""
    return [int(factor * wanted_bits(digits)) + guard for factor, guard in RAISES]


def in_units(found: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Add g and give eigenvalues the unit of the model: `g = -t/unit`, `lambda = unit * l`."""
    unit = unit_of(model)
    numbers = dict(found)
    numbers["g"] = scaled(found["t"], -1 / unit)
    for name in ("eigenvalue", "value"):
        if name in found:
            numbers[name] = scaled(found[name], unit)
    return numbers


def scaled(number: Any, factor: Fraction) -> Any:
    """Multiply an estimate or a precise number by an exact factor."""
    if isinstance(number, Estimate):
        return Estimate(number.value * float(factor), number.error * abs(float(factor)))
    return number * factor.numerator / factor.denominator


def known_digits(value: Any, error: Any) -> int:
    """Significant digits of a double-precision value that its error leaves standing."""
    if value == 0:
        return 15 if error == 0 else 0
    if not np.isfinite(value):
        return 0
    return int(np.clip(-np.log10(2 * error / abs(value) + 1e-300), 0, 15))
