"""Random admissible points, as even as can be over the classes that a claim may tell apart."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import zip_longest
from random import Random
from typing import Any, NamedTuple

from bbpsym.claims.quantities import ask, is_dear
from bbpsym.claims.statement import INFINITY, Towards
from bbpsym.claims.words import AT_ALPHA
from bbpsym.errors import BBPError, DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments

#: Where the parameters of the paper's model are drawn from unless a claim says otherwise.
DEFAULTS: Mapping[str, Any] = {"p": (1, 12), "p_star": (1, 6), "a": ("1/10", 10)}

#: Candidates drawn for each point that is asked for; figures of a number; share of them at p = 1.
CANDIDATES, FIGURES, SHARE_OF_ONE = 8, 3, 0.25

#: Alpha over the threshold for an outlier, over alpha_c (or the threshold) for an edge.
ABOVE, ABOUT = (1.1, 6.0), (0.2, 5.0)

#: Values of a variable that goes to infinity or to zero: powers of two for widths, else of four.
WIDTHS = tuple(2**k for k in range(5, 20))
FAR = tuple(Fraction(4) ** k for k in range(2, 17))

#: The same where double precision is all there is.
NEAR_WIDTHS, NEAR = tuple(2**k for k in range(2, 13)), tuple(Fraction(2) ** k for k in range(2, 13))

#: Fewest points on the way of a variable that are extrapolated.
FEWEST = 7


@dataclass(frozen=True)
class Range:
    """Where a parameter is drawn from; both ends belong to it."""

    low: Fraction
    high: Fraction
    whole: bool

    @property
    def count(self) -> float:
        """How many values it has."""
        return int(self.high - self.low) + 1 if self.whole else math.inf

    def draw(self, rng: Random) -> Fraction | int:
        """A number, evenly in its logarithm."""
        if self.low == self.high:
            return int(self.low) if self.whole else self.low
        if self.whole and self.low == 1 and rng.random() < SHARE_OF_ONE:
            return 1
        value = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        if self.whole:
            return min(max(round(value), int(self.low)), int(self.high))
        return min(max(near(value), self.low), self.high)


@dataclass(frozen=True)
class Drawn:
    """A point: parameters, what they specify, and the classes it belongs to."""

    exact: Mapping[str, Fraction | int]
    problem: Any = field(compare=False)
    classes: Mapping[str, str] = field(compare=False)


class Refused(NamedTuple):
    """Parameters at which the engine has no answer, and why not."""

    exact: Mapping[str, Any]
    sentence: str


class DrawnPoints(NamedTuple):
    """Points, and the first of those that have none, if there are such."""

    points: list[Drawn]
    refused: Refused | None


class NotWantedError(DomainError):
    """A point is of another class than a claim speaks of."""


@dataclass(frozen=True)
class Asked:
    """What is asked about, and where.

    Attributes
    ----------
    of : callable
        Makes a model of its parameters.
    ranges : mapping of str to Range
        Ranges of these, and of alpha if it was given one.
    wanted : mapping of str to str
        The only class of a kind that is admitted: of the transition, of the edge.
    given : frozenset of str
        Parameters with a range of the reader's.
    far : bool
        Whether a variable goes far, where digits are many.
    """

    of: Callable[..., Any]
    ranges: Mapping[str, Range]
    questions: frozenset[str]
    side: str
    wanted: Mapping[str, str]
    given: frozenset[str] = frozenset()
    far: bool = True


def near(value: float) -> Fraction:
    """A short decimal near a positive number, exactly."""
    return Fraction(f"{value:.{FIGURES}g}")


def range_of(name: str, given: Any) -> Range:
    """Read a range: a number, or a pair of both ends; whole if both are integers of Python.

    Raises
    ------
    DomainError
        If it is none.
    """
    several = isinstance(given, tuple | list)
    pair = tuple(given) if several else (given, given)
    ends = [arguments.exact(end) for end in pair]
    if len(ends) != 2 or None in ends or not 0 < ends[0] <= ends[1]:  # type: ignore[operator]
        allowed = "a positive rational number or a rising pair of them, its two ends"
        shown = f"({', '.join(map(str, pair))})" if several else repr(given)
        raise DomainError(f"{name} must be {allowed}, not {shown:.60}")
    whole = name in ("p", "p_star") or all(isinstance(end, int) for end in pair)
    if whole and any(end.denominator != 1 for end in ends if end):
        raise DomainError(f"{name} must be an integer or a pair of integers, not {given!r}")
    return Range(ends[0], ends[1], whole and name not in ("a", "alpha"))  # type: ignore[arg-type]


def draw(place: Asked, count: int, seed: int, approach: Towards | None = None) -> DrawnPoints:
    """Draw random points, in turn from every class that is found.

    Ranges of the reader's with no more values than points are gone through first.
    A variable that goes somewhere is put as far as it goes; where digits are few, as far as there
    are answers. Of networks whose answers are dear, no more are looked at than are asked for.

    Raises
    ------
    DomainError
        If there is no admissible point.
    """
    rng, refusal, dear = Random(seed), "", 0
    refused: list[Refused] = []
    groups: dict[tuple[str, ...], list[Drawn]] = defaultdict(list)
    ends = _ends(place, approach)
    few = {
        name: at for name, at in place.ranges.items() if name in place.given and at.count <= count
    }
    for turn in range(CANDIDATES * count):
        in_turn = {name: int(at.low) + turn for name, at in few.items() if turn < at.count}
        exact, share = _numbers(place, rng, in_turn | ends[0])
        try:
            if is_dear(_problem(place, exact)):
                dear += 1
                if groups and dear > count:
                    continue
            found = point(place, _with_alpha(place, exact, share))
        except NotWantedError as error:
            refusal = str(error)
        except BBPError as error:
            refusal, ends = str(error), ends[1:] or ends
            refused.append(Refused(exact, refusal))
        else:
            group = groups[tuple(found.classes.values())]
            if found not in group:
                group.append(found)
    if not groups:
        if place.questions & AT_ALPHA and "alpha" not in {*place.ranges, *ends[0]}:
            refusal = f"{refusal}; a range of alpha would spare the threshold that it is drawn by"
        raise DomainError(f"there is no admissible point: {refusal}")
    # How far a variable goes is up to the engine.
    told = refused[0] if refused and approach is None else None
    return DrawnPoints(list(_in_turn(list(groups.values()), count, few)), told)


def _in_turn(groups: list[list[Drawn]], count: int, few: Iterable[str]) -> Iterator[Drawn]:
    """One of each group, then another; in time, those with values of `few` that are missing."""
    left = [point for row in zip_longest(*groups) for point in row if point is not None]
    values = [{(name, point.exact[name]) for name in few} for point in left]
    missing: set[tuple[str, Any]] = set().union(*values)
    for slots in range(min(count, len(left)), 0, -1):
        most = max(Counter(name for name, _ in missing).values(), default=0)
        new = [len(missing & own) for own in values]
        best = new.index(max(new)) if most >= slots else 0
        missing -= values.pop(best)
        yield left.pop(best)


def _ends(place: Asked, approach: Towards | None) -> list[dict[str, Fraction | int]]:
    """How far a variable goes that goes somewhere, the farthest first."""
    if approach is None:
        return [{}]
    last = way(place, approach)[-1 if place.far else FEWEST - 1 :]
    return [{approach.variable: value} for value in reversed(last)]


def way(place: Asked, approach: Towards) -> tuple[Fraction | int, ...]:
    """Values of a variable on its way to infinity or zero."""
    given = place.ranges.get(approach.variable)
    if given is not None and given.whole:
        if approach.to != INFINITY:
            raise DomainError(f"{approach.variable} must go to inf: it is an integer")
        return WIDTHS if place.far else NEAR_WIDTHS
    far = FAR if place.far else NEAR
    return far if approach.to == INFINITY else tuple(1 / value for value in far)


def point(place: Asked, exact: Mapping[str, Fraction | int]) -> Drawn:
    """A point with given parameters.

    Raises
    ------
    BBPError
        If it is not admissible.
    """
    problem = _problem(place, exact)
    classes = _classes(place, problem, exact.get("alpha"), exact)
    for name, wanted in place.wanted.items():
        if classes.get(name) != wanted:
            raise NotWantedError(f"no {name} is {wanted} at the points that were drawn")
    return Drawn(dict(exact), problem, classes)


def _problem(place: Asked, exact: Mapping[str, Any]) -> Any:
    """What its parameters specify."""
    return place.of(**{name: value for name, value in exact.items() if name != "alpha"})


def _numbers(place: Asked, rng: Random, fixed: Mapping[str, Any]) -> tuple[dict[str, Any], float]:
    """Parameters, with alpha if it has a range, and a random number to draw alpha by if not."""
    names = [name for name in place.ranges if name != "alpha"]
    exact: dict[str, Any] = {name: place.ranges[name].draw(rng) for name in names}
    if not place.questions & AT_ALPHA:
        return {**exact, **fixed}, 0.0
    share = rng.random()
    if "alpha" in place.ranges and "alpha" not in fixed:
        exact["alpha"] = place.ranges["alpha"].draw(rng)
    return {**exact, **fixed}, share


def _with_alpha(place: Asked, exact: Mapping[str, Any], share: float) -> Mapping[str, Any]:
    """Parameters with an alpha, if it matters."""
    if "alpha" in exact or not place.questions & AT_ALPHA:
        return exact
    return {**exact, "alpha": _alpha(place, _problem(place, exact), share)}


def _alpha(place: Asked, problem: Any, share: float) -> Fraction:
    """An alpha above the threshold for an outlier, on both sides of alpha_c for an edge alone."""
    found = ask("threshold", problem, None, place.side, None)
    about, (low, high) = float(found.alpha), ABOVE
    if "outlier" not in place.questions:
        critical = float(getattr(found, "alpha_c", None) or about)
        about, (low, high) = critical if critical < math.inf else about, ABOUT
    return near(about * low * (high / low) ** share)


def _classes(place: Asked, problem: Any, alpha: Any, exact: Mapping[str, Any]) -> dict[str, str]:
    """Classes that points are told apart by, in plain words."""
    classes = {}
    if place.questions & {"threshold", "outlier"}:
        classes["transition"] = ask("threshold", problem, None, place.side, None).kind
    if place.questions & AT_ALPHA:
        ask("outlier", problem, alpha, place.side, None) if "outlier" in place.questions else None
        classes["edge"] = ask("edge", problem, alpha, place.side, None).kind
    if "p" in exact:
        classes["width"] = "p = 1" if exact["p"] == 1 else "p > 1"
    return classes


def model(p: Any, p_star: Any, a: Any = 1) -> Model:
    """The paper's model; a matters to all quantities but critical_a."""
    return Model(p, p_star, a)
