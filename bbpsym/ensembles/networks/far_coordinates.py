"""The coordinates of a weight that go to infinity where it is lowest."""

from __future__ import annotations

import numpy as np
from sympy import Expr, Symbol, oo

from bbpsym.ensembles.networks.landscape import Landscape

#: Factors by which a coordinate is moved outwards to see whether the weight confines it, and
#: inwards to see whether it need be so far; the first is not whole, so that no period is met again.
OUTWARDS, INWARDS = 9.7, 0.8

#: An exponent that doubles hold.
EXPONENT = 700.0


def pulled(scene: Landscape, point: np.ndarray, enough: float) -> np.ndarray:
    """Bring those coordinates near that need not be far: they do not go to infinity.

    Twice, since one may be far only because another one was.
    """
    point = point.copy()
    for k in [*range(len(point))] * 2:
        while abs(point[k]) > 1:
            moved = point.copy()
            moved[k] *= INWARDS
            if not scene.value(moved[None])[0] <= enough:
                break
            point = moved
    return point


def away_at(scene: Landscape, point: np.ndarray, enough: float) -> dict[Symbol, Expr]:
    """The coordinates that go to infinity where the weight is low enough, and to which."""
    away: dict[Symbol, Expr] = {}
    largest = max(1.0, float(np.abs(point).max(initial=0.0)))
    for k, v in enumerate(scene.variables):
        moved = np.array([point, point, point])
        # Past its own size, if no exponential overflows, and past what the others outweigh.
        own = min(OUTWARDS * max(abs(point[k]), 1.0), max(EXPONENT, 2 * abs(point[k])))
        moved[:2, k] = np.copysign((own, OUTWARDS**2 * largest), point[k])
        moved[2, k] = 0.0
        values = scene.value(moved)
        if values[2] <= enough:
            continue  # it may as well be zero
        if values[0] <= enough and not enough < values[1] < np.inf:
            away[v] = oo if point[k] > 0 else -oo
    return _with_the_outweighed(scene, point, enough, away) if away else away


def _with_the_outweighed(
    scene: Landscape, point: np.ndarray, enough: float, away: dict[Symbol, Expr]
) -> dict[Symbol, Expr]:
    """Add what goes to infinity only where others go further; those go first.

    Where nodes overlap with several teachers the farthest one has the sign of the student's output,
    and all have that of the label.
    """
    leads = [v in away for v in scene.variables]
    outweighed = []
    for k, v in enumerate(scene.variables):
        shared = scene.label.has(v) and any(branch.has(v) for branch in scene.branches)
        if leads[k] or not shared:
            continue
        moved = np.array([point, point])
        moved[0, leads] *= OUTWARDS**2
        moved[0, k] *= OUTWARDS
        moved[1, k] = 0.0
        further, without = scene.value(moved)
        if further <= enough < without:
            outweighed.append(k)
    farthest = [k for k in np.argsort(-np.abs(point)) if leads[k]]
    order = [*farthest, *outweighed]
    found = {scene.variables[k]: oo if point[k] > 0 else -oo for k in order}
    return found if outweighed else away
