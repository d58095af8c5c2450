"""What all results share: how they were obtained, what error they carry, how they display."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple, TypeAlias, TypeVar

from bbpsym import arguments
from bbpsym.answers.own import Matrix
from bbpsym.display import DOUBLE_DIGITS, exact_latex, exact_text, is_exact, latex_number, number
from bbpsym.errors import DomainError, PrecisionError, meant
from bbpsym.numerics.arithmetic import Arithmetic, Digits, Double
from bbpsym.numerics.curve import EIGENVALUES, Side
from bbpsym.numerics.double import Estimate, known_digits
from bbpsym.numerics.multiprecision import context, stable
from bbpsym.numerics.roots import Root

#: Digits certified unless others are asked for.
CERTIFIED_DIGITS = 15

#: Digits computed where double precision cannot keep its promise, then rounded to a float.
ROUNDED_DIGITS = 17

#: Digits below which nothing is answered for a law in double precision.
FEWEST_DIGITS = 6

#: Working digits that an eigenvalue may lose to cancellation.
NOISE_DIGITS = 8

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

    model: Matrix
    digits: int = field(kw_only=True)
    method: str = field(kw_only=True)
    errors: Mapping[str, float] = field(kw_only=True, repr=False, compare=False)
    unique: bool | None = field(default=None, kw_only=True, repr=False)
    side: str = field(default="left", kw_only=True, repr=False)

    #: attribute -> LaTeX symbol, in the order of display.
    symbols: ClassVar[Mapping[str, str]] = {}

    #: Columns of a table beside those of the model, and what it is a table of.
    columns: ClassVar[tuple[str, ...]] = ()
    plural: ClassVar[str] = "Answers"

    def __getattr__(self, name: str) -> Any:
        """Say which attribute may be meant; only called where there is none of that name."""
        known = [item.name for item in fields(self)] if not name.startswith("_") else []
        own = f"{type(self).__name__} has no attribute {name!r}"
        raise AttributeError(own + meant(name, known), name=name)

    @property
    def _asked(self) -> int | None:
        return None if self.method.startswith("double") else self.digits

    @property
    def shown_digits(self) -> int:
        """Digits that are shown: 12 in double precision."""
        return self._asked or DOUBLE_DIGITS

    def _numbers(self) -> Mapping[str, str]:
        """What is displayed: attribute -> LaTeX symbol."""
        return self.symbols

    @property
    def unit(self) -> str:
        """Unit of eigenvalues: "1", or "2/p" at p = inf, where they vanish like 1/p."""
        return str(self.model.unit)

    def record(self, strings: bool | None = None) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON, under the names of the attributes.

        Parameters
        ----------
        strings : bool, optional
            Whether numbers are strings, which keep every digit, or floats; without it floats in
            double precision and strings where digits were asked for. Floats hold 15 digits at
            most, whatever was asked for.
        """
        strings = self._asked is not None if strings is None else strings
        given = {**self.model.labels(), **self._labels()}
        head = exact_record(given, strings)
        texts = {name: number(getattr(self, name), self._asked) for name in self._numbers()}
        numbers = {name: text if strings else float(text) for name, text in texts.items()}
        proof = {} if self.unique is None else {"certified": True, "unique": self.unique}
        digits = self.shown_digits if strings else min(self.shown_digits, FLOAT_DIGITS)
        return head | numbers | {"unit": self.unit, "digits": digits} | proof

    def _labels(self) -> dict[str, Any]:
        """What the result holds beside numbers that were computed: the given alpha, the kind."""
        names = [item.name for item in fields(self) if item.name not in self.symbols]
        shown = ("alpha", "kind", *(("side",) if len(self.model.sides) > 1 else ()))
        return {name: getattr(self, name) for name in shown if name in names}

    def text(self, name: str, digits: int | None = None) -> str:
        """Write one number with its known digits, or with fewer."""
        return number(getattr(self, name), digits or self._asked)

    def __str__(self) -> str:
        labels = self._labels()
        if "alpha" in labels:
            labels["alpha"] = exact_text(labels["alpha"])
        labels |= {name: self.text(name) for name in self._numbers()}
        width = max(map(len, labels))
        lines = [repr(self.model), *(f"  {name:<{width}}  {text}" for name, text in labels.items())]
        shown = self.shown_digits
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
            title += rf",\ \alpha={exact_latex(labels['alpha'])}"
        if "N" in labels:
            title += rf",\ N={labels['N']}"
        if "kind" in labels:
            title += rf":\ \text{{{labels['kind']}}}"
        body = r" \\ ".join(rows)
        return rf"$\displaystyle {title}\qquad \begin{{aligned}} {body} \end{{aligned}}$"


def exact_record(given: Mapping[str, Any], strings: bool) -> dict[str, Any]:
    """What was given, ready for JSON: exact numbers as texts or as floats."""
    write = exact_text if strings else float
    return {k: write(value) if is_exact(value) else value for k, value in given.items()}


#: Decimal digits that every float keeps.
FLOAT_DIGITS = sys.float_info.dig

#: What is said of the proof that the root t is the only one.
PROOFS = {
    None: "",
    True: ", every digit certified, the root in t proved unique",
    False: ", every digit certified, uniqueness of the root in t not proved",
}


class Output(NamedTuple):
    """One number of a result: an equation at a root; exactly zero without an equation."""

    equation: str | None
    root: Root


def no_model(value: Any) -> DomainError:
    """Say what can be asked about."""
    allowed = "a Model(p, p_star, a), an Ensemble or a Network"
    return DomainError(f"model must be {allowed}, not {value!r:.40}")


def side_of(model: Any, side: str, digits: int | None = None) -> Side:
    """One side of what is asked about.

    Raises
    ------
    DomainError
        If it is no model and no ensemble, or has no such side.
    PrecisionError
        If its law and the bounds of its weight are not known to as many digits.
    """
    if not hasattr(model, "side"):
        raise no_model(model)
    found = model.side(side)
    digits = arguments.digits(digits)
    if digits is not None and digits > found.digits:
        raise PrecisionError(
            f"digits must be at most {found.digits}: the law or the bounds of {found.curve.name} "
            "are not known to more"
        )
    return found


#: Number of a result -> where it comes from.
Outputs: TypeAlias = Mapping[str, Output]


def answer(
    build: Callable[..., ResultType],
    side: Side,
    root: Root,
    outputs: Outputs,
    digits: int | None,
    alpha: Fraction | None = None,
) -> ResultType:
    """Answer in double precision if no digits are asked for and it can, else precisely.

    Parameters
    ----------
    build : callable
        Makes the result from its numbers, t and g among them, `digits`, `method` and `errors`.
    side : Side
        What is asked about, with its units.
    root : Root
        The t of the answer.
    outputs : mapping of str to Output
        The other numbers.
    alpha : Fraction, optional
        Signal-to-noise ratio, for equations that need one.

    Raises
    ------
    PrecisionError
        If the digits cannot be reached.
    """
    digits, law_is_exact = arguments.digits(digits), side.curve.measure.is_exact
    also = f", {side.seen}" if side.seen else ""
    if digits is None or not law_is_exact:
        estimates = numbers_of(side, root, outputs, alpha, Double())
        known = min(known_digits(*estimate) for estimate in estimates.values())
        how: dict[str, Any] = {"errors": {k: float(e.error) for k, e in estimates.items()}}
        if not law_is_exact:
            rounded = _rounded(estimates, known, digits)
            return build(**rounded, method=f"law in double precision{also}", **how)
        if known >= DOUBLE_DIGITS:
            numbers = {name: float(estimate.value) for name, estimate in estimates.items()}
            return build(**numbers, digits=known, method=f"double precision{also}", **how)
    start: tuple[Any, int] | None = None

    def compute(working: int) -> dict[str, Any]:
        nonlocal start
        found = numbers_of(side, root, outputs, alpha, Digits(working, start))
        start = found["t"], working - 10
        return _without_noise(found, working)

    wanted = digits or min(ROUNDED_DIGITS, side.digits)
    numbers = stable(compute, wanted)
    if digits is None:
        numbers = {name: float(value) for name, value in numbers.items()}
    shown = digits or wanted - 2
    errors = {name: abs(float(value)) * 10.0**-shown for name, value in numbers.items()}
    method = "multiprecision" if digits else "double precision from multiprecision"
    return build(**numbers, digits=shown, method=method + also, errors=errors)


def _groups(outputs: Outputs) -> list[tuple[Root, tuple[str, ...]]]:
    """Roots with the equations that are evaluated there."""
    roots = {id(output.root): output.root for output in outputs.values()}
    equations = {
        key: tuple(o.equation for o in outputs.values() if id(o.root) == key and o.equation)
        for key in roots
    }
    return [(roots[key], names) for key, names in equations.items() if names]


def numbers_of(
    side: Side, root: Root, outputs: Outputs, alpha: Fraction | None, arithmetic: Arithmetic
) -> dict[str, Any]:
    """All numbers of an answer, t and g among them, in the units of the matrix."""
    t = arithmetic.t(root)
    found = {
        (id(at), name): value
        for at, names in _groups(outputs)
        for name, value in arithmetic.values(
            side.curve, t if at is root else arithmetic.t(at), *names, alpha=alpha
        ).items()
    }
    numbers = {
        name: found.get((id(output.root), output.equation or ""), arithmetic.zero)
        for name, output in outputs.items()
    }
    numbers = {"t": t, "g": t} | numbers
    return {name: arithmetic.scaled(value, side.scale(name)) for name, value in numbers.items()}


def _rounded(estimates: Mapping[str, Estimate], known: int, digits: int | None) -> dict[str, Any]:
    """Numbers of a law in double precision, with the digits that it allows."""
    shown = digits or min(known, DOUBLE_DIGITS)
    if known < max(shown, FEWEST_DIGITS):
        raise PrecisionError(f"only {known} digits are reached: the law is in double precision")
    numbers = {name: context(shown).mpf(float(e.value)) for name, e in estimates.items()}
    return {**numbers, "digits": shown}


def _without_noise(found: dict[str, Any], working: int) -> dict[str, Any]:
    """Make an eigenvalue zero that is so to nearly all working digits.

    It is a difference of terms of the size of 1/g, and may vanish exactly.
    """
    ctx = context(working)
    noise = ctx.mpf(10) ** (NOISE_DIGITS - working) / abs(found["g"])
    return {
        name: ctx.zero if name in EIGENVALUES and abs(value) < noise else value
        for name, value in found.items()
    }
