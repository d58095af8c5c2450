"""The descents that are stored: one list for the sweep and for the pictures that make it anew."""

from __future__ import annotations

from typing import Any

from bbpsym.finite.descent import Descent, descents
from bbpsym.finite.sweep import grid
from bbpsym.reading import arguments

#: Samples of a point, and of the largest ones.
SAMPLES, FEWER = 30, 20

#: Teacher width, loss normalisations, student widths, ratios, sizes; and how, where not as usual.
SWEEP: tuple[tuple[tuple[int, ...], tuple[float, ...], tuple[int, ...], str, int, dict], ...] = (
    # One teacher: width, starts side by side, size.
    ((1,), (1.5,), (1, 2, 4, 8), "1:4:0.5,5", 100, {}),
    ((1,), (1.5,), (1, 2), "1:4:0.5", 100, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (1,), "1.5:3.5:0.5", 200, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (1,), "1.5:3:0.5", 400, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (4, 8), "1:4:0.5", 100, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (2, 4, 8), "1.5:3:0.5", 200, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (2, 4, 8), "1.5:2.5:0.5", 400, {"start": ["hessian", "optimal"]}),
    ((1,), (0.7,), (1, 2, 4), "1.5:3:0.5", 100, {"start": ["hessian", "optimal"]}),
    ((2,), (1.5,), (1, 2, 4), "2:5:1", 100, {"start": ["hessian", "optimal"]}),
    ((1,), (1.5,), (1, 2, 4), "1.5:4:0.5,5", 200, {}),
    ((1,), (1.5,), (8,), "2:3.5:0.5", 200, {}),
    ((1,), (1.5,), (1,), "2.5:4:0.5", 400, {}),
    ((1,), (1.5,), (2,), "2.5:3.5:0.5", 400, {}),
    ((1,), (1.5,), (4,), "2:3:0.5", 400, {}),
    ((1,), (1.5,), (8,), "2.5,3", 400, {}),
    ((1,), (1.5,), (2, 4), "2.5:3.5:0.5", 800, {"samples": FEWER}),
    ((1,), (1.5,), (8,), "2.5,3", 800, {"samples": FEWER}),
    ((1,), (1.5,), (1,), "3.5:4.5:0.5", 800, {"samples": FEWER}),
    # The other loss.
    ((1,), (0.7,), (1,), "1:4:0.5", 100, {}),
    ((1,), (0.7,), (2, 4, 8), "1.5:4:0.5", 100, {}),
    ((1,), (0.7,), (1, 2, 4, 8), "2:3.5:0.5", 200, {}),
    ((1,), (0.7,), (1,), "3:4:0.5", 400, {}),
    ((1,), (0.7,), (2,), "2.5:3.5:0.5", 400, {}),
    ((1,), (0.7,), (4, 8), "2.5,3", 400, {}),
    # Two teachers.
    ((2,), (0.7, 1.5), (1, 2, 4, 8), "2:6:1,8", 100, {}),
    ((2,), (0.7, 1.5), (1,), "4:6:1", 200, {}),
    ((2,), (0.7, 1.5), (2, 4), "3:5:1", 200, {}),
    ((2,), (0.7, 1.5), (8,), "3,4", 200, {}),
    ((2,), (0.7,), (1,), "5,6", 400, {}),
    ((2,), (1.5,), (1,), "5:7:1", 400, {}),
    ((2,), (0.7, 1.5), (2, 4, 8), "4,5", 400, {}),
    # Half the step, four times as long, on spheres.
    ((1,), (1.5,), (1, 2), "2:3:0.5", 100, {"fraction": 0.25}),
    ((1,), (1.5,), (1, 2), "2:3:0.5", 100, {"time": 4000.0}),
    ((1,), (1.5,), (1, 2, 4), "2:3:0.5", 100, {"space": "sphere"}),
)


def points() -> dict[Descent, int]:
    """Return every point of the sweep, small problems first, and how many samples it has."""
    every: dict[Descent, int] = {}
    for p_star, a, p, alpha, N, how in SWEEP:
        ratios = map(float, arguments.alphas(alpha))
        problems = grid(N=[N], p=p, p_star=p_star, a=a, alpha=ratios)
        given = {name: value for name, value in how.items() if name != "samples"}
        every |= dict.fromkeys(descents(problems, **given), how.get("samples", SAMPLES))
    return dict(sorted(every.items(), key=lambda item: item[0].size))


def is_usual(point: Any) -> bool:
    """Whether step, time and space of a descent are the usual ones."""
    usual = (Descent.space, Descent.fraction, Descent.time)
    return (point.space, point.fraction, point.time) == usual
