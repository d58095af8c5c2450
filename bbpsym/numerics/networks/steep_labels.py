"""Places where a label is too steep for equally spaced nodes, which would see it jump there.

All rules then agree with those of a label that jumps, and no error estimate tells; nodes that crowd
at such a place, as at a jump, see how the label passes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import numpy as np

from bbpsym.errors import PrecisionError
from bbpsym.numerics.networks.lattice import broken

#: Step and reach of nodes that have to see a label, and where between neighbours it is asked for.
STEP, REACH, BETWEEN = 0.04, 6.5, (0.23, 0.5, 0.71)

#: Share of a label's variation by which a cubic through four nodes may miss it between them, and
#: most steep places.
MISSED, MOST_PLACES = 0.005, 12

#: The same for a label that is steep in more places, as one that oscillates: fine rules see it.
FINE_STEP, OVERLOOKED = 0.01, 0.2

#: Lines in each direction on which a label of several pre-activations is looked at, and by what
#: share it may be missed there: `tanh(k*u)` where k times the step is about two.
LINES, MISSED_ON_LINES = 3, 0.04

#: Points of a window in which the steepest place is looked for, the share of the window's change
#: between neighbours at which it is resolved, and most windows.
WINDOW, RESOLVED, WINDOWS = 401, 0.03, 12

#: Nodes nearer to a break than this are left out: no cubic is told from rounding there.
TINY = 1e-9


def steep_places(
    label_at: Callable[[np.ndarray], np.ndarray], breaks: tuple[float, ...]
) -> tuple[float, ...]:
    """Where else than at its breaks nodes have to crowd for a label, a function on a line.

    Raises
    ------
    PrecisionError
        If there are too many such places.
    """
    found: list[float] = []
    while True:
        miss, *ends = _missed(label_at, STEP, tuple(sorted({*breaks, *found})))
        if miss < MISSED:
            return tuple(found)
        place = _steepest(label_at, *ends)
        if len(found) == MOST_PLACES or place in found or place in breaks:
            break
        found.append(place)
    miss, *ends = _missed(label_at, FINE_STEP, breaks)
    if miss > OVERLOOKED:
        _refuse(sum(ends) / 2)
    return ()


def check_smooth(label_at: Callable[[np.ndarray], np.ndarray], size: int, step: float) -> None:
    """Refuse a label of several pre-activations that nodes on a lattice would see jump.

    Parameters
    ----------
    label_at : callable
        The label at points, shape (points, size), without the jumps and bends that it has.
    step : float
        Distance of neighbours on a lattice that has to see it.

    Raises
    ------
    PrecisionError
        If it is as steep as that along some pre-activation.
    """
    for lines in np.random.default_rng(0).standard_normal((LINES, size)):
        for k in range(size):

            def along(x: np.ndarray, k: int = k, lines: np.ndarray = lines) -> np.ndarray:
                points = np.tile(lines, (len(x), 1))
                points[:, k] = x
                return label_at(points)

            miss, *ends = _missed(along, step, ())
            if miss > MISSED_ON_LINES:
                _refuse(sum(ends) / 2)


def _refuse(place: float) -> NoReturn:
    raise PrecisionError(
        "the label is too steep for the nodes of averages, as near the pre-activation "
        f"{place:.6g}: between neighbours it differs from what they see"
    )


def _missed(
    label_at: Callable[[np.ndarray], np.ndarray], step: float, breaks: tuple[float, ...]
) -> tuple[float, float, float]:
    """By what share a label is missed at most, and the ends of the four nodes around."""
    x, _ = broken(step, REACH, breaks)
    x = x[np.abs(x) < REACH]
    if breaks:
        x = x[np.min(np.abs(x[:, None] - np.array(breaks)), axis=1) > TINY]
    four = np.lib.stride_tricks.sliding_window_view(x, 4)
    side = np.searchsorted(breaks, four) if breaks else np.zeros(four.shape)
    four = four[side[:, 0] == side[:, 3]]
    with np.errstate(all="ignore"):
        mass = np.exp(-(x**2) / 2) * np.gradient(x)
        at_nodes = label_at(x)
        fine = np.isfinite(at_nodes)
        mean = np.average(at_nodes[fine], weights=mass[fine])
        spread = np.sqrt(np.average((at_nodes[fine] - mean) ** 2, weights=mass[fine]))
        seen = label_at(four.ravel()).reshape(four.shape) - mean
        size = np.abs(seen).max(axis=1)
        worst = np.zeros(len(four))
        for share in BETWEEN:
            at = four[:, 1] + share * (four[:, 2] - four[:, 1])
            values = label_at(at) - mean
            miss = np.abs(values - _cubic(four, seen, at))
            miss /= np.maximum(np.maximum(size, np.abs(values)), spread)
            worst = np.fmax(worst, np.where(np.isfinite(miss), miss, 0))
    ends = four[np.argmax(worst)]
    return float(worst.max()), float(ends[0]), float(ends[3])


def _cubic(nodes: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The cubic through four values in each row."""
    total = np.zeros(len(at))
    for i in range(4):
        term = values[:, i].copy()
        for j in range(4):
            if j != i:
                term *= (at - nodes[:, j]) / (nodes[:, i] - nodes[:, j])
        total += term
    return total


def _steepest(label_at: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> float:
    """The steepest place of a window, to a share of the length on which the label changes."""
    at = (low + high) / 2
    for _ in range(WINDOWS):
        x = np.linspace(low, high, WINDOW)
        rises = np.nan_to_num(np.abs(np.diff(label_at(x))))
        top = float(rises.max())
        # Of a straight rise the middle is taken.
        steepest = np.flatnonzero(rises > (1 - 1e-6) * top)
        k, step = int(steepest[len(steepest) // 2]), (high - low) / (WINDOW - 1)
        at = float(x[k] + x[k + 1]) / 2
        if top < RESOLVED * rises.sum():
            break
        low, high = float(x[max(k - 2, 0)]), float(x[min(k + 3, WINDOW - 1)])
    return float(round(at, int(np.ceil(-np.log10(10 * step))))) + 0.0
