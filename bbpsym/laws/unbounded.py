"""A pole of a weight, as it is seen, for what is said of a weight whose bounds are not proved."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from flint import arb
from sympy import Expr

from bbpsym.functions.balls import enclosure

#: Labels that are looked at, halvings of the distance from a pole, and how much larger the weight
#: is there than where it was looked at first.
SEEN, HALVINGS, LARGE = 400, 40, 1e8


def unproved(weight: Expr, low: Expr, high: Expr) -> str:
    """What is said of a weight whose bounds between two labels are not proved."""
    pole = pole_seen(weight, low, high)
    near = "" if pole is None else f": it is unbounded near y = {pole:.6g}"
    return (
        f"weight must have bounds that can be proved, and {weight} has none between {low} and "
        f"{high}{near}"
    )


def pole_seen(weight: Expr, low: Expr, high: Expr) -> float | None:
    """A label near which a weight grows without bound, between two others; None if none is seen."""
    function = enclosure(weight)

    def size(x: float) -> float:
        """The inverse of the weight, which changes its sign or has a double zero at a pole."""
        value = float(function(arb(x)).mid())
        return 1 / value if value else np.inf

    at = _spaced(low, high)
    inverse = np.array([size(x) for x in at])
    for k, (here, there) in enumerate(pairwise(inverse)):
        if here * there < 0 and (found := _halved(size, at[k], at[k + 1])) is not None:
            return found
    return None


def _spaced(low: Expr, high: Expr) -> np.ndarray:
    """Labels inside an interval, far ones farther apart."""
    share = np.arange(1, SEEN) / SEEN
    if low.is_finite and high.is_finite:
        return float(low) + share * (float(high) - float(low))
    out = share / (1 - share)
    if low.is_finite:
        return float(low) + out
    return (float(high) if high.is_finite else 0.0) - out[::-1]


def _halved(size: Callable[[float], float], a: float, b: float) -> float | None:
    """Where an inverse changes its sign by going through zero, and not through infinity."""
    first = max(abs(size(a)), abs(size(b)))
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        a, b = (middle, b) if size(middle) * size(a) > 0 else (a, middle)
    return a if max(abs(size(a)), abs(size(b))) < first / LARGE else None
