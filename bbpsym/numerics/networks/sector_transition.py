"""The threshold of a sector: where its first outlier meets the edge, sharp or smooth."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics.networks import sector_equations as equations
from bbpsym.numerics.networks.scalar_curve import SHARP, SMOOTH, EnclosedEdge, Transition

if TYPE_CHECKING:
    from bbpsym.numerics.networks.sector_curve import SectorCurve

#: Range of alpha that is scanned for a threshold, its growth, and the width to which a crossing is
#: narrowed before all equations are solved together.
LOWEST, HIGHEST, SCAN, NEAR = 0.02, 2e4, 1.6, 1e-2

#: Most steps towards alpha_c.
STEPS = 60


class UnseenThresholdError(ConvergenceError):
    """No outlier is seen at any alpha at which the edge is."""


#: What stands in the way of a threshold that is not found.
UNSEEN = "where the edge is not seen to be sharp or smooth"


def transition(curve: SectorCurve, number: int, near: Transition | None) -> Transition | None:
    """Find the lowest alpha beyond which a sector has an outlier; None if there is none.

    Raises
    ------
    ConvergenceError
        If it lies where the edge is neither seen to be sharp nor to be smooth.
    """
    found = None
    if near is not None:
        found = _met(curve, number, (*near.t, near.alpha), near.jumps)
    elif (bracket := _crossing(curve, number)) is None:
        return None
    else:
        alpha = float(brentq(partial(_depth, curve, number), *bracket, rtol=NEAR))
        edge = _edge(curve, alpha)
        for jumps in (edge.kind == SMOOTH, edge.kind != SMOOTH):
            found = found or _met(curve, number, (*edge.t, alpha), jumps)
    if found is None:
        raise ConvergenceError("the threshold is not found")
    return found


def _edge(curve: SectorCurve, alpha: float) -> EnclosedEdge:
    """The edge, from the nearest one that was found before: all sectors ask for the same."""
    if not curve.edges:
        with suppress(ConvergenceError):  # the border is met with few data, and known then
            curve.edges[LOWEST] = curve.edge(LOWEST)
    if alpha not in curve.edges:
        known = curve.edges.items()
        near = min(known, key=lambda item: abs(np.log(item[0] / alpha)), default=(0, None))
        curve.edges[alpha] = curve.edge(alpha, near[1])
    return curve.edges[alpha]


def _depth(curve: SectorCurve, number: int, alpha: float) -> float:
    """Distance of the lowest eigenvalue of a sector from the edge, negative beyond it."""
    edge = _edge(curve, alpha)
    lowest = np.linalg.eigvalsh(curve.block(edge.t, number))[0]
    return float((alpha * lowest - edge.value) * edge.t[1])


def _crossing(curve: SectorCurve, number: int) -> tuple[float, float] | None:
    """Two alpha of a scan between which the first outlier leaves; None if none does.

    It goes down, as far as edges are seen.
    """
    found: list[tuple[float, bool]] = []
    unseen: float | None = None
    for alpha in np.exp(np.arange(np.log(HIGHEST), np.log(LOWEST), -np.log(SCAN))).tolist():
        try:
            found.append((alpha, _depth(curve, number, alpha) < 0))
        except (ConvergenceError, PrecisionError):  # neither sharp nor smooth, as far as is seen
            unseen = alpha
            if found:
                break
    if found and found[-1][1]:
        raise ConvergenceError(f"the threshold is below alpha = {found[-1][0]:.3g}, {UNSEEN}")
    for (low, _), (high, outside) in zip(found[:0:-1], found[-2::-1], strict=True):
        if outside:
            return low, high
    if unseen is not None:
        place = f"no threshold is seen above alpha = {unseen:.3g}, {UNSEEN}"
        raise UnseenThresholdError(place)
    return None


def _met(
    curve: SectorCurve, number: int, guess: tuple[float, ...], jumps: bool
) -> Transition | None:
    """Where an outlier meets an edge of one kind, if that is the edge there."""
    of = equations.smooth_threshold if jumps else equations.sharp_threshold
    solved = curve.solved(of, guess, number)
    if solved is None:
        return None
    t, alpha = (solved[0], solved[1]), solved[2]
    try:
        edge = curve.edge_at(SMOOTH if jumps else SHARP, t, alpha)
    except ConvergenceError:
        return None
    overlaps, end = (0.0, 0.0, 0.0), None
    if jumps:
        overlaps = curve.overlaps(number, 0, t, curve.state_at(t), alpha)
        end = _sharp_from(curve, t, alpha)
    return Transition(curve.blocks[number], jumps, t, alpha, end, edge.value, *overlaps)


def _sharp_from(curve: SectorCurve, t: Any, alpha: float) -> float | None:
    """Where the edge turns from smooth to sharp: alpha_c; None if that is not found."""
    for _ in range(STEPS):
        excess = equations.excess(t, curve.state_at(t), alpha)
        if abs(excess) < NEAR:
            break
        alpha /= 1 + excess
        if (t := curve.solved(equations.smooth_edge, t, alpha)) is None:
            return None
    found = curve.solved(equations.last_smooth, (*t, alpha))
    return None if found is None else found[2]
