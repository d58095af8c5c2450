"""The simulations that pictures show: stored summaries, or a new sweep of the same points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import bbpsym
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import SIMULATION, Panel, PlottedCurve
from bbpsym.finite.point import Point
from bbpsym.finite.summary import PointSummary, Summary, summarize
from bbpsym.finite.sweep import grid, sweep
from bbpsym.model import Model

#: Said in a picture whose simulations are not there.
MISSING = "theory only: no stored simulations"

#: Sizes of those of two models.
SIZES = (100, 200, 400)

#: Seed of every simulation made for a picture.
SEED = 1


def data_file(name: str) -> Path:
    """Return where a stored file lies: in the installed package, else in the repository."""
    package = Path(bbpsym.__file__).parent
    packaged = package / "data" / name
    return packaged if packaged.exists() else package.parent / "data" / name


@lru_cache(maxsize=4)
def stored(name: str = "summary.csv", kind: Any = Summary) -> Any:
    """Return a stored summary; without rows where the file is not there."""
    path = data_file(name)
    return kind.from_csv(path) if path.exists() else kind(())


def rebuild(points: Callable[[], list[Point]], store: Path, samples: int, jobs: int) -> Summary:
    """Simulate the points of a picture, or resume doing so, and average."""
    sweep(points(), store, samples=samples, seed=SEED, jobs=jobs, progress=True)
    return summarize(store)


def curves(
    summary: Summary,
    column: str,
    quantity: str,
    within: tuple[float, float],
    fewest: int = 3,
    **parameters: float,
) -> tuple[PlottedCurve, ...]:
    """Return a column against alpha, a curve for each N with at least `fewest` points `within`."""
    chosen = between(summary.select(**parameters), *within)
    found = []
    for N in sorted({row.point.N for row in chosen.rows}):
        rows = sorted(chosen.select(N=N).rows, key=lambda row: row.point.alpha)
        if len(rows) >= fewest:
            found.append(_curve(rows, column, quantity, {**parameters, "N": N}))
    return tuple(found)


def between(summary: Summary, low: float, high: float) -> Summary:
    """Return the rows whose alpha lies from `low` to `high`."""
    return Summary(tuple(row for row in summary.rows if low <= row.point.alpha <= high))


def _curve(
    rows: list[PointSummary], column: str, quantity: str, parameters: dict[str, float]
) -> PlottedCurve:
    alpha = np.array([row.point.alpha for row in rows])
    value, error = Summary(tuple(rows)).column(column)
    return PlottedCurve(quantity, "alpha", alpha, value, parameters, error, SIMULATION)


def averaged(
    squared: Callable[[float], float], at: Sequence[float], samples: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return abscissas, means over so many samples at each, and their errors."""
    found = np.array([[squared(x) for _ in range(samples)] for x in at])
    return np.array(at), found.mean(axis=1), found.std(axis=1, ddof=1) / np.sqrt(samples)


def draw(ax: Axes, curves: Sequence[PlottedCurve], **look: Any) -> None:
    """Draw simulations of several sizes, or say that there are none."""
    for curve, (color, marker) in zip(curves, style.SIZES, strict=False):
        style.points(ax, curve, color, marker, label=rf"$N={curve.parameters['N']}$", **look)
    if not curves:
        style.note(ax, MISSING)


def pair(
    title: str,
    models: Sequence[Model],
    panel: Callable[[Model, Summary], Panel],
    draw_panel: Mapping[type[Panel], Callable[[Axes, Any], None]],
    within: tuple[float, float],
) -> Recipe:
    """A figure of two models side by side, over simulations at every tenth of alpha `within`."""

    def compute(simulation: Summary) -> tuple[Panel, ...]:
        return tuple(panel(model, simulation) for model in models)

    def points() -> list[Point]:
        alpha = np.round(np.arange(*within, 0.1), 10)
        p, a = {int(model.p) for model in models}, {float(model.a) for model in models}
        return grid(N=SIZES, p=sorted(p), p_star=(1,), a=sorted(a), alpha=alpha)

    how: dict[str, Any] = {"stored": stored, "simulate": partial(rebuild, points)}
    return Recipe(title, compute, draw_panel, (style.DOUBLE, 2.6), columns=2, **how)
