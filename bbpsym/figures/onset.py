"""Figures 18 and 19: gradient descent, where it finds the teacher and what it feels on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from bbpsym.answers.alpha_zero import alpha_zero
from bbpsym.answers.arrays import outliers
from bbpsym.answers.outlier import outlier
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.methods import luo_alghamdi_lu
from bbpsym.figures import simulations, style
from bbpsym.figures.descent_sweep import is_usual, points
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import SIMULATION, Mark, Panel, PlottedCurve
from bbpsym.finite.descended import DESCENT
from bbpsym.finite.descent import MILESTONES, Descent
from bbpsym.finite.descent_summary import EARLY, WHEN, DescentSummary, summarize_descents
from bbpsym.finite.sweep import sweep
from bbpsym.model import Model

#: Problems shown, the range of alpha, and the alphas whose way is shown.
P_STAR, RANGE, WAYS = 1, (0, 5.15), (2.0, 4.0)
WIDTHS, LOSSES, SIZES = (1, 2, 4, 8), (1.5, 0.7), (100, 200, 400, 800)

#: Widths of the panels of starts, and of that of gains.
STARTED, GAINING = (1, 2, 8), WIDTHS

#: How a start is called and drawn.
STARTS: dict[str, tuple[str, str, str]] = {
    "random": ("random", style.GREY, "o"),
    "hessian": ("eigenvector", style.VERMILION, "s"),
    "optimal": ("optimal", style.BLUE, "D"),
}

#: How theory is drawn, and what that of figure 18 is.
DASHES, OPTIMAL = (0, (4, 1.6)), "optimal matrix"

#: Where the names of p*/2, alpha_0 and alpha_BBP stand beside their lines.
SIDES = (("right", -1), ("left", 2), ("left", 2))

#: Squared overlap below which a way is not drawn, and where time zero stands on its axis.
LEAST, ZERO = 2e-3, 3.0


@dataclass(frozen=True, eq=False)
class OnsetPanel(Panel):
    """Squared overlap at the end against alpha: a curve a width or a size, after a random start.

    Theory is the overlap of the optimal matrix, without any descent.
    """

    title: str
    varied: str
    thresholds: tuple[Mark, ...]
    theory: PlottedCurve
    simulation: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class GainPanel(Panel):
    """Squared overlap at an early time, over p*/N of a random start, for several widths and N."""

    thresholds: tuple[Mark, ...]
    simulation: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class WayPanel(Panel):
    """Squared overlaps of the student and of the Hessian's lowest eigenvector against time."""

    students: tuple[PlottedCurve, ...]
    eigenvectors: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class StartsPanel(Panel):
    """Squared overlap at the end against alpha, from each start; theory is that of the start."""

    p: int
    marks: tuple[Mark, ...]
    theory: tuple[PlottedCurve, ...]
    simulation: tuple[PlottedCurve, ...]


def rebuild(store: Path, samples: int | None, jobs: int) -> DescentSummary:
    """Descend at the points of both figures, or resume doing so, and average.

    Without `samples` every point has as many as in the list.
    """
    shown = {point: samples or count for point, count in points().items() if _is_shown(point)}
    how: dict[str, Any] = {"seed": simulations.SEED, "jobs": jobs, "progress": True}
    for count in sorted(set(shown.values()), reverse=True):
        chosen = [point for point, own in shown.items() if own == count]
        sweep(chosen, store, samples=count, what=DESCENT, **how)
    return summarize_descents(store)


def _is_shown(point: Descent) -> bool:
    is_first, is_random = point.a == LOSSES[0], point.start == Descent.start
    if not (is_usual(point) and point.p_star == P_STAR and (is_first or is_random)):
        return False
    return SIZES[0] == point.N or (is_first and is_random and point.p in GAINING)


def onsets(simulation: DescentSummary) -> tuple[OnsetPanel | GainPanel, ...]:
    """Compute figure 18."""
    widths = (onset_panel(simulation, "p", WIDTHS, a=a, N=SIZES[0]) for a in LOSSES)
    sizes = onset_panel(simulation, "N", SIZES, a=LOSSES[0], p=1)
    return (*widths, sizes, gain_panel(simulation))


def gain_panel(simulation: DescentSummary) -> GainPanel:
    """Compute what descent has made of the overlap at an early time."""
    curves = []
    for p in GAINING:
        for N in SIZES:
            named = {"p": p, "p_star": P_STAR, "a": LOSSES[0], "N": N}
            found = _against_alpha(simulation, named, "random", f"overlap2_{EARLY}")
            over = N / P_STAR
            kept = replace(
                found, quantity="gain", y=found.y * over, error=np.asarray(found.error) * over
            )
            curves += [kept] if len(found.x) else []
    return GainPanel(tuple(_threshold(p, LOSSES[0]) for p in GAINING), tuple(curves))


def onset_panel(
    simulation: DescentSummary, varied: str, values: Sequence[int], **fixed: Any
) -> OnsetPanel:
    """Compute one panel of figure 18."""
    each = [{**fixed, varied: value, "p_star": P_STAR} for value in values]
    widths = values if varied == "p" else (fixed["p"],)
    curves = (_against_alpha(simulation, named, "random") for named in each)
    held = rf"$N={fixed['N']}$" if varied == "p" else rf"$p={fixed['p']}$"
    return OnsetPanel(
        rf"$a={fixed['a']:g}$, {held}",
        varied,
        tuple(_threshold(p, fixed["a"]) for p in widths),
        _optimal(),
        tuple(curve for curve in curves if len(curve.x)),
    )


def ways(simulation: DescentSummary) -> tuple[WayPanel | StartsPanel, ...]:
    """Compute figure 19."""
    return (way_panel(simulation), *(starts_panel(simulation, p) for p in STARTED))


def way_panel(simulation: DescentSummary) -> WayPanel:
    """Compute squared overlaps against time, for one node."""
    named = {"p": 1, "p_star": P_STAR, "a": LOSSES[0], "N": SIZES[0]}
    chosen = _plain(simulation, "random").select(**named)
    there = {alpha: chosen.select(alpha=alpha) for alpha in WAYS}
    students, eigenvectors = (
        tuple(
            _along(rows, quantity, {**named, "alpha": alpha})
            for alpha, rows in there.items()
            if len(rows)
        )
        for quantity in ("overlap2", "lowest_overlap2")
    )
    return WayPanel(students, eigenvectors)


def starts_panel(simulation: DescentSummary, p: int) -> StartsPanel:
    """Compute what descents from each start end with."""
    named = {"p": p, "p_star": P_STAR, "a": LOSSES[0], "N": SIZES[0]}
    model = Model(p, P_STAR, LOSSES[0])
    zero = Mark("alpha_0", float(alpha_zero(model).line), {"p": p, "a": LOSSES[0]})
    least = Mark("p_star/2", P_STAR / 2, {"p_star": P_STAR})
    curves = (_against_alpha(simulation, named, start) for start in STARTS)
    return StartsPanel(
        p,
        (least, zero, _threshold(p, LOSSES[0])),
        (_spectral(model), _optimal()),
        tuple(curve for curve in curves if len(curve.x)),
    )


def _plain(simulation: DescentSummary, start: str) -> DescentSummary:
    """Descents of the paper's network at the default step, time and space."""
    usual = {"space": Descent.space, "fraction": Descent.fraction, "time": Descent.time}
    return simulation.select(start=start, **usual)


def _against_alpha(
    simulation: DescentSummary, named: dict[str, Any], start: str, column: str = "overlap2_end"
) -> PlottedCurve:
    rows = _plain(simulation, start).select(**named)
    alpha = np.array([row.point.alpha for row in rows.rows])
    y, error = rows.column(column)
    return PlottedCurve("overlap2", "alpha", alpha, y, {**named, "start": start}, error, SIMULATION)


def _along(rows: DescentSummary, quantity: str, named: dict[str, Any]) -> PlottedCurve:
    (row,) = rows.rows
    found = [row.estimates[f"{quantity}_{when}"] for when in WHEN]
    y, error = np.array([(each.value, each.error) for each in found]).T
    time = np.array([*MILESTONES, row.point.time], dtype=float)
    return PlottedCurve(quantity, "time", time, y, named, error, SIMULATION)


def _threshold(p: int, a: float) -> Mark:
    named = {"p": p, "p_star": P_STAR, "a": a}
    return Mark("threshold", float(threshold(Model(p, P_STAR, a)).alpha), named)


@cache
def _optimal() -> PlottedCurve:
    """Overlap of the optimal matrix, without descent."""
    alpha = P_STAR / 2 + (RANGE[1] - P_STAR / 2) * np.linspace(0, 1, 41) ** 2
    method = luo_alghamdi_lu(P_STAR)
    overlap2 = [0.0, *(float(outlier(method, x, side="right").overlap2) for x in alpha[1:])]
    return PlottedCurve("overlap2", "alpha", alpha, np.array(overlap2), {"p_star": P_STAR})


def _spectral(model: Model) -> PlottedCurve:
    """Overlap of the Hessian's outliers."""
    found = threshold(model)
    alpha = found.alpha + (RANGE[1] - found.alpha) * np.linspace(0, 1, 101)[1:] ** 2
    overlap2 = outliers(model.p, model.p_star, float(model.a), alpha).overlap2
    x = np.array([found.alpha, found.alpha, *alpha])
    y = np.array([0.0, found.overlap2, *overlap2])
    return PlottedCurve("overlap2", "alpha", x, y, {"p": model.p, "p_star": P_STAR, "a": LOSSES[0]})


def draw_onset(ax: Axes, panel: OnsetPanel) -> None:
    """Draw one panel of figure 18; the bars below are alpha_BBP of each width."""
    (optimal,) = ax.plot(panel.theory.x, panel.theory.y, color=style.BLACK, lw=0.8, ls=DASHES)
    colors = style.ramp(len(WIDTHS)) if panel.varied == "p" else [c for c, _ in style.SIZES[:4]]
    for curve, color, marker in zip(panel.simulation, colors, "os^D", strict=False):
        name = rf"${panel.varied}={curve.parameters[panel.varied]}$"
        ax.plot(curve.x, curve.y, color=color, lw=0.9)
        style.points(ax, curve, color, marker, label=name)
    _bars(ax, panel.thresholds, colors if len(panel.thresholds) > 1 else [style.BLACK])
    _overlap_axes(ax, panel)
    ax.set_title(panel.title)
    if panel.simulation:
        ax.add_artist(ax.legend([optimal], [OPTIMAL], loc="lower right"))
        ax.legend(loc="upper left", handletextpad=0.3, handlelength=1.2, borderaxespad=0.3)


def _bars(ax: Axes, thresholds: tuple[Mark, ...], colors: list[Any]) -> None:
    """Mark thresholds at the bottom of the axes."""
    foot: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "solid_capstyle": "butt"}
    for mark, color in zip(thresholds, colors, strict=False):
        ax.plot([mark.value] * 2, [0, 0.04], color=color, lw=1.4, **foot)
    last = max(mark.value for mark in thresholds)
    place: dict[str, Any] = {"xycoords": ax.get_xaxis_transform(), "fontsize": 6.5}
    ax.annotate(style.LABELS["threshold"], (last + 0.1, 0.022), va="center", **place)


def _draw_gain(ax: Axes, panel: GainPanel) -> None:
    colors = dict(zip(WIDTHS, style.ramp(len(WIDTHS)), strict=True))
    shapes = dict(zip(SIZES, "os^D", strict=True))
    for curve in panel.simulation:
        p, N = curve.parameters["p"], curve.parameters["N"]
        ax.plot(curve.x, curve.y, color=colors[p], lw=0.6)
        style.points(ax, curve, colors[p], shapes[N])
    if not panel.simulation:
        style.note(ax, simulations.MISSING)
    _bars(ax, panel.thresholds, [colors[p] for p in GAINING])
    ax.set(yscale="log", xlim=RANGE, ylim=(1, 100))
    ax.set_xlabel(style.LABELS["alpha"])
    ax.set_ylabel(rf"$N m^2/p^{{*}}$ at $t={EARLY}$")
    ax.set_title(rf"$a={LOSSES[0]:g}$")
    look: dict[str, Any] = {"mfc": "white", "color": style.BLACK, "ls": "none"}
    keys = [*(Line2D([], [], color=colors[p], lw=2.5) for p in GAINING)]
    keys += [Line2D([], [], marker=shapes[N], **look) for N in SIZES]
    names = [*(rf"$p={p}$" for p in GAINING), *(rf"$N={N}$" for N in SIZES)]
    ax.legend(keys, names, loc="upper left", ncols=2, columnspacing=0.9, handlelength=1.2)


def draw_way(ax: Axes, panel: WayPanel) -> None:
    """Draw the way of figure 19."""
    colors = (style.SKY, style.VERMILION)
    for curves, shape, ls in ((panel.students, "o", "-"), (panel.eigenvectors, "D", "--")):
        for curve, color in zip(curves, colors, strict=False):
            moved = replace(curve, x=np.where(curve.x > 0, curve.x, ZERO))
            ax.plot(moved.x, moved.y, color=color, ls=ls, lw=0.9)
            style.points(ax, moved, color, shape)
    if not panel.students:
        style.note(ax, simulations.MISSING)
    ax.set(xscale="log", yscale="log", xlim=(ZERO / 1.3, 1300), ylim=(LEAST, 1.6))
    ax.set_xticks([ZERO, 10, 100, 1000], ["0", "10", "100", "1000"])
    ax.set_xticks([], minor=True)
    ax.set_xlabel(r"time in $1/\lambda_{\max}$")
    ax.set_ylabel(style.LABELS["overlap2"])
    ax.set_title(r"on the way, $p=1$")
    look: dict[str, Any] = {"mfc": "white", "color": style.BLACK, "ms": 3.2}
    keys = [
        *(Line2D([], [], color=color, lw=2.5) for color in colors),
        Line2D([], [], marker="o", ls="-", **look),
        Line2D([], [], marker="D", ls="--", **look),
    ]
    names = [*(rf"$\alpha={alpha:g}$" for alpha in WAYS), "student", "lowest eigenvector"]
    ax.legend(keys, names, loc="lower center", ncols=2, columnspacing=0.9)


def _draw_starts(ax: Axes, panel: StartsPanel) -> None:
    for curve, color in zip(panel.theory, (style.VERMILION, style.BLUE), strict=True):
        ax.plot(curve.x, curve.y, color=color, lw=0.8, ls=DASHES)
    for curve in panel.simulation:
        name, color, marker = STARTS[str(curve.parameters["start"])]
        ax.plot(curve.x, curve.y, color=color, lw=0.9)
        style.points(ax, curve, color, marker, label=name)
    _overlap_axes(ax, panel)
    ax.set_ylim(top=1.17)
    names = (r"$p^{*}\!/2$", style.LABELS["alpha_0"], style.LABELS["threshold"])
    for mark, name, (ha, shift) in zip(panel.marks, names, SIDES, strict=True):
        ax.axvline(mark.value, color=style.GREY, lw=0.8, ls=":")
        place: dict[str, Any] = {"textcoords": "offset points", "ha": ha, "va": "top"}
        ax.annotate(name, (mark.value, 1.15), (shift, 0), fontsize=7, color=style.GREY, **place)
    ax.set_title(rf"three starts, $p={panel.p}$")
    if panel.simulation and panel.p == 1:
        ax.legend(loc="lower right", handletextpad=0.3, handlelength=1.2, borderaxespad=0.3)


def _overlap_axes(ax: Axes, panel: OnsetPanel | StartsPanel) -> None:
    if not panel.simulation:
        style.note(ax, simulations.MISSING)
    ax.set(xlim=RANGE, ylim=(-0.055, 1.05))
    style.label(ax, "alpha", "overlap2")


stored = partial(simulations.stored, "descents.csv", DescentSummary)
SHARED: dict[str, Any] = {"stored": stored, "simulate": rebuild, "samples": None}
ONSET = Recipe(
    "where gradient descent finds the teacher",
    onsets,
    {OnsetPanel: draw_onset, GainPanel: _draw_gain},
    (style.DOUBLE, 5.2),
    rows=2,
    columns=2,
    **SHARED,
)
WAY = Recipe(
    "what gradient descent feels, and from where it starts",
    ways,
    {WayPanel: draw_way, StartsPanel: _draw_starts},
    (style.DOUBLE, 5.0),
    rows=2,
    columns=2,
    **SHARED,
)
