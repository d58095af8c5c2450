"""Figure 8: the phase diagram in the plane of a and alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers, thresholds
from bbpsym.answers.crossover import critical_a
from bbpsym.errors import DomainError
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.reading import arguments

#: Points of the map of m^2 along each axis, and the smallest a.
RESOLUTION = 48
SMALLEST = 1e-3


@dataclass(frozen=True, eq=False)
class PhaseDiagram(Panel):
    """The lines of the diagram, and m^2 above the threshold.

    Attributes
    ----------
    threshold, alpha_c : PlottedCurve
        `alpha_BBP(a)`, and where the edge turns from smooth to sharp.
    critical_a : Mark
        Where the transition changes type.
    overlap2 : tuple of PlottedCurve
        `m^2` against alpha above the threshold, a curve for each of many a.
    """

    p: int
    p_star: int
    threshold: PlottedCurve
    alpha_c: PlottedCurve
    critical_a: Mark
    overlap2: tuple[PlottedCurve, ...]


def compute(p: Any = 2, p_star: Any = 1) -> tuple[PhaseDiagram]:
    """Compute the diagram of one pair of widths."""
    if arguments.is_infinite(p):
        raise DomainError("p must be finite: at p = inf the transition is discontinuous for all a")
    p, p_star = int(arguments.width(p, "p")), int(arguments.width(p_star, "p_star"))
    named = {"p": p, "p_star": p_star}
    kink = critical_a(p, p_star)
    a = np.unique(np.append(np.linspace(SMALLEST, 2.4 * kink, 161), kink))
    found = thresholds(p, p_star, a)
    return (
        PhaseDiagram(
            p,
            p_star,
            PlottedCurve("threshold", "a", a, found.alpha, named),
            PlottedCurve("alpha_c", "a", a, found.alpha_c, named),
            Mark("critical_a", kink, named),
            overlap_map(p, p_star, np.linspace(a[0], a[-1], RESOLUTION), 2.6 * found.alpha.min()),
        ),
    )


def overlap_map(p: int, p_star: int, a: np.ndarray, top: float) -> tuple[PlottedCurve, ...]:
    """Compute m^2 from the threshold up to `top`; points gather where it may start steeply."""
    found = thresholds(p, p_star, a)
    height = np.linspace(0, 1, RESOLUTION)[:, None] ** 2
    alpha = found.alpha + height * (np.maximum(top, 1.1 * found.alpha) - found.alpha)
    above = outliers(p, p_star, a, alpha[1:]).overlap2
    overlap2 = np.vstack([found.overlap2, above])
    return tuple(
        PlottedCurve("overlap2", "alpha", x, y, {"p": p, "p_star": p_star, "a": value})
        for value, x, y in zip(a.tolist(), alpha.T, overlap2.T, strict=True)
    )


def draw(ax: Axes, panel: PhaseDiagram) -> None:
    """Draw the diagram onto one axes, and a colour bar beside it."""
    kink, line, columns = panel.critical_a.value, panel.threshold, panel.overlap2
    alpha, overlap2 = np.array([column.x for column in columns]), [c.y for c in columns]
    a = np.array([[column.parameters["a"]] for column in columns]) + 0 * alpha
    look: dict[str, Any] = {"cmap": "cividis", "vmin": 0, "rasterized": True, "shading": "gouraud"}
    mesh = ax.pcolormesh(a, alpha, np.array(overlap2), **look)
    left, right = line.x <= kink, line.x >= kink
    ax.plot(line.x[left], line.y[left], color=style.SKY, lw=2, label="continuous")
    ax.plot(line.x[right], line.y[right], color=style.VERMILION, lw=2, label="discontinuous")
    ax.plot(panel.alpha_c.x, panel.alpha_c.y, color=style.BLACK, lw=0.8, ls="--")
    ax.plot(kink, line.y.min(), "o", color=style.BLACK, ms=4, zorder=5)
    ax.set(xlim=(0, line.x[-1]), ylim=(0.3 * line.y.min(), 2.6 * line.y.min()), facecolor="0.9")
    style.label(ax, "a", "alpha")
    ax.figure.colorbar(mesh, ax=ax, label=style.LABELS["overlap2"], pad=0.02)
    ax.set_title(rf"$p={panel.p},\ p^{{*}}={panel.p_star}$")
    ax.legend(title=style.LABELS["threshold"], loc="lower right", bbox_to_anchor=(1, 0.1))
    _name_regions(ax, panel)


def _name_regions(ax: Axes, panel: PhaseDiagram) -> None:
    kink, low, right = panel.critical_a.value, panel.threshold.y.min(), panel.threshold.x[-1]
    ax.vlines(kink, low, 3 * low, color=style.BLACK, lw=0.6, ls=":")
    ax.text(0.5 * kink, 2.45 * low, "continuous", ha="center", va="center")
    turn = np.interp(2.45 * low, panel.alpha_c.y, panel.alpha_c.x)
    ax.text(0.5 * (kink + turn), 2.45 * low, "discontinuous", ha="center", va="center")
    ax.text(0.6 * right, 0.36 * low, "uninformative", ha="center", va="bottom")
    place = 0.78 * kink
    alpha_c = np.interp(place, panel.alpha_c.x, panel.alpha_c.y)
    ax.annotate(r"$\alpha_c$", (place, alpha_c), (-3, 1), textcoords="offset points", ha="right")


RECIPE = Recipe(
    "phase diagram in (a, alpha)",
    compute,
    {PhaseDiagram: draw},
    (style.SINGLE, 2.9),
    options=("p", "p_star"),
)
