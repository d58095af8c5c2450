"""Which width, or which loss normalisation, sees the signal first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bbpsym.answers.arrays import thresholds
from bbpsym.answers.crossover import critical_a
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.errors import DomainError, Suggesting
from bbpsym.model import Model, in_numbers
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Number, Whole
from bbpsym.writing.display import DOUBLE_DIGITS, number

#: Every width up to here is looked at, and so many more up to the largest.
EVERY, MORE = 64, 200

#: Decades of a that are looked at, and points in each; digits of a where its threshold is flat.
DECADES, POINTS, FLAT_DIGITS = 6, 20, 6

#: Relative distance of two thresholds above which double precision tells them apart.
APART = 1e-10


#: Kind of the transition at the a that divides the continuous from the discontinuous ones.
KINK = "at the change of type"


@dataclass(frozen=True)
class Best(Suggesting):
    """The width or the normalisation of the lowest BBP threshold, the other one being given.

    Attributes
    ----------
    asked : {"p", "a"}
        What was searched for.
    model : Model or None
        The best model; None if the threshold falls towards an end of the range of a.
    threshold : Threshold or None
        Its threshold. At the a at which the transition changes its type, its `kind` is "at the
        change of type" and its overlap zero: those of a rounded a would be either type's.
    digits : int or None
        Digits to which a is known; None for a width.
    searched : str
        Where was looked, and what is known beyond.
    proved : str
        What is proved of it: nothing without `certified`.

    Examples
    --------
    >>> from bbpsym import best
    >>> best(p_star=1, a="0.7").value
    3
    """

    asked: str
    model: Model | None
    threshold: Threshold | None
    digits: int | None
    searched: str
    proved: str

    @property
    def value(self) -> Any:
        """The best p or a; None if there is none."""
        return None if self.model is None else getattr(self.model, self.asked)

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON."""
        found = None if self.threshold is None else self.threshold.record()
        value: Any = self.value
        if value is not None:
            value = float(self.value_text) if self.asked == "a" else _json_width(value)
        return {"best": self.asked, "value": value, "digits": self.digits} | {
            "searched": self.searched,
            "proved": self.proved,
            "threshold": found,
        }

    def to_json(self) -> str:
        """Return `record` as a text."""
        return json.dumps(self.record(), indent=2)

    def __str__(self) -> str:
        lines = [f"searched: {self.searched}", f"proved: {self.proved}"]
        if self.threshold is None:
            return "\n".join([f"There is no best {self.asked}.", *lines])
        head = f"Best {self.asked}: {self.value_text}"
        return "\n".join([head, str(self.threshold), *lines])

    @property
    def value_text(self) -> str:
        """The best p or a with its digits; "-" if there is none."""
        if self.model is None:
            return "-"
        if self.asked == "a":
            return number(float(self.value), self.digits)
        return str(_json_width(self.value))

    def _repr_latex_(self) -> str | None:
        return None if self.threshold is None else self.threshold._repr_latex_()


def best(
    p_star: Whole, *, p: Whole | None = None, a: Number | None = None, certified: bool = False
) -> Best:
    """Find the p of the lowest threshold at a given a, or the a at a given p.

    Parameters
    ----------
    p_star : int
        Teacher width.
    p : int or "inf", optional
        Student width, for the best a.
    a : number, optional
        Loss normalisation, for the best p. One of the two is given.
    certified : bool
        Whether to prove, in ball arithmetic, that the threshold is lower than that of both
        neighbours, the next smaller and larger width, and that of infinite width. For the best
        a: that the transition changes its type there.

    Returns
    -------
    Best

    Raises
    ------
    DomainError
        If not one of p and a is given, or an argument is out of range.
    PrecisionError
        If two thresholds cannot be told apart.

    Notes
    -----
    At a given a every p to 64 is looked at, 200 more to 1e6, those around the best of them, and
    p = inf. At a given p, a is looked at from 1e-6 to 1e6. Where the lowest threshold is at the a
    at which the transition changes its type, that a is known to 12 digits; elsewhere the threshold
    is flat about its minimum, and a is known to 6. Neither search is a proof.

    Examples
    --------
    >>> found = best(p_star=1, a="0.7")
    >>> found.value, found.threshold.text("alpha")
    (3, '0.827070859046')
    >>> print(best(p_star=1, p=3).threshold.text("alpha"))
    0.823050555656
    """
    if (p is None) == (a is None):
        raise DomainError("one of p and a must be given: the other one is searched for")
    if a is not None:
        return _best_width(in_numbers(1, p_star, a), certified)
    return _best_normalisation(in_numbers(p, p_star, 1), certified)


def _best_width(model: Model, certified: bool) -> Best:
    p_star, a = model.p_star, model.a
    more = np.geomspace(EVERY, arguments.MAX_WIDTH, MORE).round()
    widths = np.unique([*range(1, EVERY + 1), *more])
    while True:
        alpha = thresholds([*widths, np.inf], p_star, float(a)).alpha[:-1]
        lowest = int(np.argmin(alpha))
        low, high = widths[max(lowest - 1, 0)], widths[min(lowest + 1, len(widths) - 1)]
        if high - low <= 2:
            break
        widths = np.unique(np.linspace(low, high, MORE).round())
    found = int(widths[lowest])
    near = [width for width in (found - 1, found + 1) if 1 <= width <= arguments.MAX_WIDTH]
    rivals = [Model(width, p_star, a) for width in [found, *near, "inf"]]
    chosen = _first(rivals)
    others = [other for other in rivals if other != chosen]
    proof = _proof(chosen, others) if certified else "nothing"
    searched = f"p = 1 to {EVERY}, {MORE} more to 1e6 and those around the best, p = inf"
    return Best("p", chosen, threshold(chosen, certified=certified), None, searched, proof)


def _first(models: Sequence[Model]) -> Model:
    """The model of the lowest threshold, to more digits where two are close."""
    for digits in (None, 30, 100):
        found = sorted((threshold(model, digits).alpha, k) for k, model in enumerate(models))
        (lowest, k), (second, _) = found[:2]
        if second - lowest > lowest * (APART if digits is None else 10.0 ** (5 - digits)):
            break
    return models[k]


def _proof(chosen: Model, others: Sequence[Model]) -> str:
    """Enclose all thresholds, and say what their order proves."""
    upper = threshold(chosen, certified=True).alpha.upper
    below = [m for m in others if upper < threshold(m, certified=True).alpha.lower]
    names = ", ".join("inf" if m.is_overparametrised_limit else str(m.p) for m in below)
    return f"its threshold is below that of p = {names}" if below else "nothing"


def _best_normalisation(model: Model, certified: bool) -> Best:
    p, p_star = model.p, model.p_star
    grid = np.geomspace(10.0**-DECADES, 10.0**DECADES, 2 * DECADES * POINTS + 1)
    lowest = int(np.argmin(thresholds(p, p_star, grid).alpha))
    searched = f"a = 1e-{DECADES} to 1e{DECADES}, {POINTS} points a decade"
    if lowest in (0, len(grid) - 1):
        end = "the smallest" if lowest == 0 else "the largest"
        return Best("a", None, None, None, f"{searched}; it is lowest at {end}", "nothing")
    low, high = grid[lowest - 1], grid[lowest + 1]
    kink = float(critical_a(p, p_star))
    at = _flat_minimum(p, p_star, low, high)
    if low < kink < high and _alpha(p, p_star, kink) <= _alpha(p, p_star, at) * (1 + APART):
        proof = "nothing"
        if certified:
            ball = critical_a(p, p_star, certified=True)
            proof = f"the type of the transition changes within {ball!r}"
        at, digits = kink, DOUBLE_DIGITS
    else:
        digits, proof = FLAT_DIGITS, "nothing"
    chosen = Model(p, p_star, number(at, digits))
    found = threshold(chosen)
    if at == kink:
        found = replace(found, kind=KINK, overlap2=0.0)
    return Best("a", chosen, found, digits, f"{searched}, and around the lowest", proof)


def _json_width(width: Any) -> int | str:
    return "inf" if width == float("inf") else int(width)


def _flat_minimum(p: Any, p_star: Any, low: float, high: float) -> float:
    """Where the threshold is lowest between two a, on finer and finer grids."""
    while high / low > 1 + 10.0 ** -(FLAT_DIGITS + 1):
        grid = np.geomspace(low, high, POINTS)
        at = int(np.argmin(thresholds(p, p_star, grid).alpha))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, POINTS - 1)]
    return float(np.sqrt(low * high))


def _alpha(p: Any, p_star: Any, a: float) -> float:
    return float(thresholds(p, p_star, a).alpha)
