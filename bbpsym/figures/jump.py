"""Figure 4: m^2 near a discontinuous transition, the straight line fitted to it, and alpha_0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers
from bbpsym.answers.threshold import threshold
from bbpsym.errors import DomainError
from bbpsym.figures import simulations, style
from bbpsym.figures.series import FIT, Mark, Panel, PlottedCurve
from bbpsym.figures.theory import FIT_TO, fitted_line
from bbpsym.finite.fits import alpha_zero
from bbpsym.finite.summary import Summary
from bbpsym.model import Model
from bbpsym.writing.display import exact_text

#: Two discontinuous transitions, and the range of alpha shown.
MODELS = (Model(1, 1, "1.5"), Model(2, 1, "1.5"))
RANGE = (0.25, 1.85)

#: The simulated line is fitted from alpha_BBP to this multiple of it, wider than in theory so
#: that it holds enough values of alpha; so many of the largest sizes are shown.
SIMULATED_TO, SIZES = 1.4, 2


@dataclass(frozen=True, eq=False)
class AlphaZeroPanel(Panel):
    """m^2 above the threshold, the fitted line down to its zero alpha_0, and simulations.

    Attributes
    ----------
    simulated_fits, simulated_zeros : tuple
        The same line and zero of the simulated m^2, for the largest sizes; the zeros have errors.
    """

    model: Model
    threshold: Mark
    theory: PlottedCurve
    fit: PlottedCurve
    alpha_zero: Mark
    simulation: tuple[PlottedCurve, ...]
    simulated_fits: tuple[PlottedCurve, ...]
    simulated_zeros: tuple[Mark, ...]


def panel(model: Model, simulation: Summary) -> AlphaZeroPanel:
    """Compute m^2 and its fit for one model."""
    named = {"p": model.p, "p_star": model.p_star, "a": exact_text(model.a)}
    widths: dict[str, Any] = {"p": model.p, "p_star": model.p_star, "a": float(model.a)}
    found = threshold(model)
    alpha = np.linspace(found.alpha, RANGE[1], 101)[1:]
    overlap2 = np.append(found.overlap2, outliers(**widths, alpha=alpha).overlap2)
    zero, slope = (float(value) for value in fitted_line(**widths))
    line = np.array([zero, FIT_TO * found.alpha])
    measured = simulation.select(**widths)
    fits, zeros = simulated_lines(measured, found.alpha, named)
    return AlphaZeroPanel(
        model,
        Mark("threshold", found.alpha, named),
        PlottedCurve("overlap2", "alpha", np.append(found.alpha, alpha), overlap2, named),
        PlottedCurve("overlap2", "alpha", line, slope * (line - zero), named, source=FIT),
        Mark("alpha_0", zero, named, source=FIT),
        simulations.curves(simulation, "outlier_overlap2", "overlap2", RANGE, fewest=5, **widths),
        fits,
        zeros,
    )


def simulated_lines(
    measured: Summary, threshold_alpha: float, named: dict
) -> tuple[tuple[PlottedCurve, ...], tuple[Mark, ...]]:
    """Fit the straight line to the simulated m^2 of the largest sizes that have enough alpha."""
    above = simulations.between(measured, threshold_alpha, SIMULATED_TO * threshold_alpha)
    fits, zeros = [], []
    for N in sorted({row.point.N for row in above.rows}):
        rows = above.select(N=N)
        try:
            line = alpha_zero(rows, above=threshold_alpha)
        except DomainError:  # too few values of alpha, or samples without an error
            continue
        x = np.array([line.zero.value, rows.rows[-1].point.alpha])
        y = line.slope.value * x + line.intercept.value
        fits.append(PlottedCurve("overlap2", "alpha", x, y, {**named, "N": N}, source=FIT))
        zeros.append(Mark("alpha_0", line.zero.value, {**named, "N": N}, FIT, line.zero.error))
    return tuple(fits[-SIZES:]), tuple(zeros[-SIZES:])


def draw(ax: Axes, panel: AlphaZeroPanel) -> None:
    """Draw one panel."""
    simulations.draw(ax, panel.simulation)
    style.limit(ax, panel.theory)
    ax.plot(
        panel.fit.x,
        panel.fit.y,
        color=style.BLUE,
        ls="--",
        label=r"linear fit, $N\to\infty$",
        zorder=6,
    )
    draw_simulated_fits(ax, panel)
    ax.plot(panel.alpha_zero.value, 0, "o", color=style.BLUE, clip_on=False, zorder=7, ms=4)
    above: dict[str, Any] = {"textcoords": "offset points", "color": style.BLUE, "ha": "right"}
    ax.annotate(style.LABELS["alpha_0"], (panel.alpha_zero.value, 0), (-3, 4), **above)
    style.vertical(ax, panel.threshold.value, style.LABELS["threshold"])
    ax.set(xlim=RANGE, ylim=(0, None))
    style.label(ax, "alpha", "overlap2")
    ax.set_title(style.model_name(panel.model))
    ax.legend(loc="upper left")


def draw_simulated_fits(ax: Axes, panel: AlphaZeroPanel) -> None:
    """Draw the lines fitted to simulations, and their zeros with errors on the axis."""
    if panel.simulated_fits:
        ax.plot([], [], color=style.GREY, ls="--", lw=0.8, label="linear fit, simulation")
    sizes = [curve.parameters["N"] for curve in panel.simulation]
    for line, zero in zip(panel.simulated_fits, panel.simulated_zeros, strict=True):
        color, marker = style.SIZES[sizes.index(zero.parameters["N"])]
        ax.plot(line.x, line.y, color=color, ls="--", lw=0.8)
        look: dict[str, Any] = {"color": color, "marker": marker, "ms": 4, "clip_on": False}
        ax.errorbar(zero.value, 0, xerr=zero.error, elinewidth=1.2, capsize=2.5, zorder=6, **look)


RECIPE = simulations.pair(
    "squared overlap near a discontinuous transition, and alpha_0",
    MODELS,
    panel,
    {AlphaZeroPanel: draw},
    (0.8, 1.85),
)
