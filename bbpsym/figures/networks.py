"""Figures 12 to 15: networks other than the paper's, from numbers stored with the package.

`data/network_theory.py` computes them, `data/units.sh` simulates.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.figures import simulations, style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.finite.architecture import PAPER_LOSS, Architecture
from bbpsym.finite.point import Point
from bbpsym.finite.summary import Summary

#: The units of figure 12: activation and normalisation of the paper's loss.
UNITS = {"sigmoid unit": ("logistic(x)", 1.0), "tanh unit": ("tanh(x)", 50.0)}

#: Networks of figure 13 with their losses, and the signal-to-noise ratios of figure 14.
WIDTHS = {
    "tanh": r"$\mathrm{tanh}$, squared loss",
    "erf": r"$\mathrm{erf}$, squared loss",
    "quadratic": r"$x^2$, $\log\cosh$",
}
ALPHAS = (3, 4, 8)

#: Width from which on a line goes to the limit: four tanh nodes lie far above one from three.
WIDE = 10

#: Abscissa of figure 14.
LENGTH = r"$|w|/\sqrt{N}$"

#: Scale beyond which `E h^2` is finite at the end of the support, so that an edge may be smooth.
SMOOTH_FROM = 8


@dataclass(frozen=True, eq=False)
class UnitPanel(Panel):
    """Squared overlap with the teacher of one unit, theory and simulation."""

    unit: str
    a: float
    threshold: Mark
    theory: PlottedCurve
    simulation: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class WidthPanel(Panel):
    """Thresholds against 1/p, with the limit at zero."""

    curves: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class SpikePanel(Panel):
    """Edges of logistic regression and its spike, in eigenvalues, against the length of w."""

    edges: tuple[PlottedCurve, ...]
    spike: PlottedCurve


@dataclass(frozen=True, eq=False)
class SpikeOverlapPanel(Panel):
    """Squared cosine of the spike with w, for several alpha."""

    curves: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class ScalePanel(Panel):
    """Thresholds against the scale kappa of the loss."""

    curve: PlottedCurve


def points() -> list[Point]:
    """Return the points of figure 12 to simulate: those of `data/units.sh`."""
    ranges = {"sigmoid unit": np.arange(1, 15), "tanh unit": np.arange(1, 15) / 2}
    return [
        Point(N, 1, 1, a, float(alpha), Architecture(PAPER_LOSS, activation))
        for name, (activation, a) in UNITS.items()
        for alpha in ranges[name]
        for N in (100, 400)
    ]


@cache
def stored() -> tuple[dict[str, str], ...]:
    """Return the stored numbers, a row each."""
    with simulations.data_file("network_theory.csv").open() as stream:
        return tuple(csv.DictReader(stream))


def _series(case: str, quantity: str) -> tuple[np.ndarray, np.ndarray]:
    """Stored numbers by rising abscissa; those that do not exist are not a number."""
    rows = [row for row in stored() if (row["case"], row["quantity"]) == (case, quantity)]
    pairs = sorted((float(row["x"]), float(row["y"] or "nan")) for row in rows)
    x, y = np.array(pairs).T
    return x, y


def units(simulation: Summary) -> tuple[UnitPanel, ...]:
    """Compute figure 12."""
    return tuple(unit(name, simulation) for name in UNITS)


def unit(name: str, simulation: Summary) -> UnitPanel:
    """Compute one panel of figure 12."""
    activation, a = UNITS[name]
    named = {"p": 1, "p_star": 1, "a": a, "network": name}
    (alpha,), (jump,) = (_series(name, quantity)[1] for quantity in ("threshold", "jump"))
    x, y = _series(name, "overlap2")
    theory = np.array([0, 0, jump, *y])
    place = np.array([0, alpha, alpha, *x])
    network = Architecture(PAPER_LOSS, activation)
    rows = simulation.select(network=network)
    within = (0.0, float(x[-1]))
    measured = simulations.curves(rows, "lowest_overlap2", "overlap2", within, a=a)
    return UnitPanel(
        name,
        a,
        Mark("threshold", float(alpha), named),
        PlottedCurve("overlap2", "alpha", place, theory, named),
        tuple(replace(curve, parameters={**named, **curve.parameters}) for curve in measured),
    )


def widths() -> tuple[WidthPanel]:
    """Compute figure 13."""
    curves = []
    for case in WIDTHS:
        p, alpha = _series(case, "threshold")
        curves.append(PlottedCurve("threshold", "1/p", 1 / p, alpha, {"network": case}))
    return (WidthPanel(tuple(curves)),)


def spikes() -> tuple[SpikePanel, SpikeOverlapPanel]:
    """Compute figure 14."""
    named = {"network": "logistic", "alpha": ALPHAS[1]}
    edges = tuple(
        PlottedCurve(f"{side} edge", "|w|", *_series("logistic", f"{side} edge"), named)
        for side in ("left", "right")
    )
    spike = PlottedCurve("left spike", "|w|", *_series("logistic", "left spike"), named)
    overlaps = tuple(
        PlottedCurve(
            "overlap2",
            "|w|",
            *_series("logistic", f"overlap2 {alpha}"),
            {"network": "logistic", "alpha": alpha},
        )
        for alpha in ALPHAS
    )
    return SpikePanel(edges, spike), SpikeOverlapPanel(overlaps)


def scales() -> tuple[ScalePanel]:
    """Compute figure 15."""
    x, y = _series("kappa", "threshold")
    return (ScalePanel(PlottedCurve("threshold", "kappa", x, y, {"network": "kappa", "p": 1})),)


def draw_unit(ax: Axes, panel: UnitPanel) -> None:
    """Draw one panel of figure 12."""
    simulations.draw(ax, panel.simulation)
    style.limit(ax, panel.theory)
    top = 1.25 * max(curve.y.max() for curve in (panel.theory, *panel.simulation))
    ax.set(xlim=(0, panel.theory.x[-1] + 0.2), ylim=(-0.02 * top, top))
    style.label(ax, "alpha", "overlap2")
    style.vertical(ax, panel.threshold.value, style.LABELS["threshold"])
    ax.set_title(rf"{panel.unit}, $a={panel.a:g}$")
    ax.legend(loc="lower right")


def draw_widths(ax: Axes, panel: WidthPanel) -> None:
    """Draw figure 13: a line through what is computed, up to the limit from wide students only."""
    looks = zip((style.VERMILION, style.ORANGE, style.BLUE), "os^", strict=True)
    for curve, (color, marker) in zip(panel.curves, looks, strict=True):
        name = WIDTHS[str(curve.parameters["network"])]
        drawn = (curve.x > 0) | (curve.x[curve.x > 0].min() <= 1 / WIDE)
        ax.plot(curve.x[drawn], curve.y[drawn], color=color, lw=0.7)
        ax.plot(curve.x, curve.y, marker, color=color, label=name)
    ticks = [1, 1 / 2, 1 / 3, 1 / 5, 1 / 10, 0]
    ax.set_xticks(ticks, [r"$1$", "$2$", "$3$", "$5$", "$10$", r"$\infty$"])
    ax.set(xlim=(-0.04, 1.04), ylim=(0, 1.25 * max(curve.y.max() for curve in panel.curves)))
    style.label(ax, "p", "threshold")
    ax.legend(loc="center", bbox_to_anchor=(0.5, 0.44))


def _draw_overlaps(ax: Axes, panel: SpikeOverlapPanel) -> None:
    for curve, color in zip(panel.curves, style.ramp(len(panel.curves)), strict=True):
        name = rf"$\alpha={curve.parameters['alpha']}$"
        ax.plot(curve.x, curve.y, "o-", color=color, lw=0.7, label=name)
    ax.set(ylim=(0, 1), xlim=(0, panel.curves[0].x[-1] + 0.5))
    ax.set_xlabel(LENGTH)
    ax.set_ylabel(r"$\cos^2$ of left spike and $w$")
    ax.legend(loc="lower right")


def _draw_edges(ax: Axes, panel: SpikePanel) -> None:
    left, right = panel.edges
    ax.fill_between(left.x, left.y, right.y, color="0.9", lw=0, label="bulk")
    for curve in panel.edges:
        ax.plot(curve.x, curve.y, color=style.GREY, lw=0.8)
    ax.plot(panel.spike.x, panel.spike.y, "o-", color=style.VERMILION, lw=0.7, label="left spike")
    low = np.nanmin([left.y.min(), np.nanmin(panel.spike.y)])
    ax.set(yscale="log", xlim=(0, left.x[-1] + 0.5), ylim=(low / 2, 2 * right.y.max()))
    ax.set_xlabel(LENGTH)
    ax.set_ylabel(r"$\lambda$")
    ax.set_title(rf"logistic regression, $\alpha={ALPHAS[1]}$: no right spike")
    ax.legend(loc="lower left")


def draw_scales(ax: Axes, panel: ScalePanel) -> None:
    """Draw figure 15: the transition is continuous as long as `E h^2` diverges."""
    curve = panel.curve
    ax.plot(curve.x, curve.y, "o-", color=style.BLUE, markerfacecolor="white", lw=0.8)
    ax.axvspan(SMOOTH_FROM, 12, color="0.9", lw=0)
    place: dict[str, Any] = {"rotation": 90, "va": "center", "ha": "center", "fontsize": 6.5}
    ax.text(9.8, curve.y.mean(), "edge may be smooth", **place)
    ax.set(xscale="log", xlim=(curve.x[0] / 1.3, 12), ylim=(0, 1.15 * curve.y.max()))
    ax.set_xlabel(r"$\kappa$")
    ax.set_ylabel(style.LABELS["threshold"])
    ax.set_title(r"$x^2$, loss $\kappa\,\log\cosh((y-\hat{y})/\kappa)$: continuous")


simulated = partial(simulations.stored, "units.csv")
UNIT = Recipe(
    "overlap of one sigmoid and one tanh unit",
    units,
    {UnitPanel: draw_unit},
    (style.DOUBLE, 2.6),
    columns=2,
    stored=simulated,
    simulate=partial(simulations.rebuild, points),
)
WIDTH = Recipe(
    "threshold against the width of other networks",
    widths,
    {WidthPanel: draw_widths},
    (style.SINGLE, 2.6),
)
SPIKES = Recipe(
    "edges and spike of logistic regression",
    spikes,
    {SpikePanel: _draw_edges, SpikeOverlapPanel: _draw_overlaps},
    (style.DOUBLE, 2.6),
    columns=2,
)
SCALE = Recipe(
    "threshold against the scale of a loss", scales, {ScalePanel: draw_scales}, (style.SINGLE, 2.6)
)
