"""Proof that there is no outlier: that the outlier curve stays beyond the edge curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

#: Most intervals that are looked at together, and how often they are halved.
MOST, HALVINGS = 4000, 60


class Rates(NamedTuple):
    """Bounds at points t: of `t R` and `t^2 <u^2 h^2>` from above, of `t^2 Q` from below."""

    outlier: np.ndarray
    edge: np.ndarray
    signal: np.ndarray


def is_proved(rates: Callable[[np.ndarray], Rates], at: np.ndarray) -> bool:
    """Whether `t R < t^2 Q` is proved between the first and the last of rising points t.

    The right side grows with t, and so does `w = t^2 <u^2 h^2>`. As long as the inequality holds
    the left side has the slope `(t R - t^2 Q + w)/t < w/t`. So on an interval from a to b it is
    below `a R(a) + w(b) log(b/a)`, and if that is below `a^2 Q(a)` the two never meet there.
    Intervals for which it is not are halved, unless it fails at a point itself.
    """
    low, high = at[:-1], at[1:]
    for _ in range(HALVINGS):
        points, place = np.unique(np.concatenate([low, high]), return_inverse=True)
        found = Rates(*(values[place] for values in rates(points)))
        first, last = slice(None, low.size), slice(low.size, None)
        with np.errstate(all="ignore"):
            rise = found.signal[last] * np.log(high / low)
            is_open = ~(found.outlier[first] + rise < found.edge[first])
            is_hopeless = ~(found.outlier[first] < found.edge[first])
        if not np.any(is_open):
            return True
        low, high = low[is_open], high[is_open]
        if np.any(is_hopeless) or np.any(low >= high) or low.size > MOST:
            return False
        middle = np.sqrt(low * high)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return False
