"""Figure 4: m^2 near a discontinuous transition, the straight line fitted to it, and alpha_0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers
from bbpsym.answers.threshold import threshold
from bbpsym.display import exact_text
from bbpsym.figures import simulations, style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import FIT, Curve, Mark, Panel
from bbpsym.figures.theory import tangent_zero
from bbpsym.finite.point import Point
from bbpsym.finite.summary import Summary
from bbpsym.finite.sweep import grid
from bbpsym.model import Model

#: Two discontinuous transitions, and the range of alpha shown.
MODELS = (Model(1, 1, "1.5"), Model(2, 1, "1.5"))
RANGE = (0.75, 1.85)

#: The line is fitted to so many values from alpha_BBP to this multiple of it.
FIT_TO, FIT_POINTS = 1.2, 21


@dataclass(frozen=True, eq=False)
class AlphaZeroPanel(Panel):
    """m^2 above the threshold, the fitted line down to its zero alpha_0, and simulations.

    `tangent_zero` is what alpha_0 becomes as the fitted range shrinks to the threshold.
    """

    model: Model
    threshold: Mark
    theory: Curve
    fit: Curve
    alpha_zero: Mark
    tangent_zero: Mark
    simulation: tuple[Curve, ...]


def compute(simulation: Summary) -> tuple[AlphaZeroPanel, ...]:
    """Compute both panels."""
    return tuple(panel(model, simulation) for model in MODELS)


def panel(model: Model, simulation: Summary) -> AlphaZeroPanel:
    """Compute m^2 and its fit for one model."""
    named = {"p": model.p, "p_star": model.p_star, "a": exact_text(model.a)}
    widths = {"p": model.p, "p_star": model.p_star, "a": float(model.a)}
    found = threshold(model)
    alpha = np.linspace(found.alpha, RANGE[1], 101)[1:]
    overlap2 = np.append(found.overlap2, outliers(**widths, alpha=alpha).overlap2)
    fitted = np.linspace(found.alpha, FIT_TO * found.alpha, FIT_POINTS)[1:]
    slope, height = np.polyfit(fitted, outliers(**widths, alpha=fitted).overlap2, 1)
    zero = -height / slope
    line = np.array([zero, FIT_TO * found.alpha])
    return AlphaZeroPanel(
        model,
        Mark("alpha_bbp", found.alpha, named),
        Curve("overlap2", "alpha", np.append(found.alpha, alpha), overlap2, named),
        Curve("overlap2", "alpha", line, slope * line + height, named, source=FIT),
        Mark("alpha_0", zero, named, source=FIT),
        Mark("alpha_0_of_tangent", float(tangent_zero(**widths)), named),
        simulations.curves(simulation, "outlier_overlap2", "overlap2", fewest=5, **widths),
    )


def draw(ax: Axes, panel: AlphaZeroPanel) -> None:
    """Draw one panel."""
    for curve, (color, marker) in zip(panel.simulation, style.SIZES, strict=False):
        style.points(ax, curve, color, marker, label=rf"$N={curve.parameters['N']}$")
    if not panel.simulation:
        style.note(ax, simulations.MISSING)
    ax.plot(panel.theory.x, panel.theory.y, color=style.BLACK, label=r"$N\to\infty$", zorder=5)
    ax.plot(panel.fit.x, panel.fit.y, color=style.BLUE, ls="--", label="linear fit", zorder=6)
    ax.plot(panel.alpha_zero.value, 0, "o", color=style.BLUE, clip_on=False, zorder=7, ms=4)
    above: dict[str, Any] = {"textcoords": "offset points", "color": style.BLUE, "ha": "right"}
    ax.annotate(style.LABELS["alpha_0"], (panel.alpha_zero.value, 0), (-3, 4), **above)
    style.vertical(ax, panel.threshold.value, style.LABELS["alpha_bbp"])
    ax.set(xlim=RANGE, ylim=(0, None))
    style.label(ax, "alpha", "overlap2")
    ax.set_title(style.model_name(panel.model))
    ax.legend(loc="upper left")


def points() -> list[Point]:
    """Return the points to simulate."""
    alpha = np.round(np.arange(0.8, 1.85, 0.1), 10)
    return grid(N=(100, 200, 400), p=(1, 2), p_star=(1,), a=(1.5,), alpha=alpha)


RECIPE = Recipe(
    "squared overlap near a discontinuous transition, and alpha_0",
    compute,
    draw,
    rows=1,
    columns=2,
    size=(style.DOUBLE, 2.6),
    stored=simulations.stored,
    simulate=partial(simulations.rebuild, points),
)
