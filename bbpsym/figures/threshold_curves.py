"""Figures 2, 6 and 7: the threshold alpha_BBP against a, p and p*."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import thresholds
from bbpsym.answers.crossover import critical_a
from bbpsym.errors import DomainError
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.figures.theory import fitted_line
from bbpsym.numerics.questions import Kind
from bbpsym.reading import arguments

#: Student widths of the curves (those not below p*), and the range of a.
WIDTHS = (1, 2, 3, 4, 6, 10)
A_RANGE = (0.02, 2.0)

#: Insets against p: the values of a, and the largest p.
INSET_A = (0.3, 0.7, 1.5)
INSET_LAST = 20

#: Marks of continuous and discontinuous transitions, and of alpha_0.
FILLED: dict[str, Any] = {
    "ls": "none",
    "marker": "o",
    "ms": 2.8,
    "color": style.BLUE,
    "markeredgewidth": 0.7,
}
OPEN = {**FILLED, "markerfacecolor": "white"}
ZERO: dict[str, Any] = {"ls": "none", "marker": "v", "ms": 2.4, "color": style.VERMILION}


@dataclass(frozen=True, eq=False)
class AgainstWidth(Panel):
    """An inset: alpha_BBP and alpha_0 against p at one a, with the limit p = inf."""

    a: float
    threshold: PlottedCurve
    continuous: np.ndarray
    alpha_zero: PlottedCurve
    limit: Mark


@dataclass(frozen=True, eq=False)
class AgainstNormalisation(Panel):
    """Figure 2 or 6: alpha_BBP against a for several p, the changes of type, and insets."""

    p_star: int
    curves: tuple[PlottedCurve, ...]
    crossovers: tuple[PlottedCurve, ...]
    limit: PlottedCurve
    insets: tuple[AgainstWidth, ...]


@dataclass(frozen=True, eq=False)
class AgainstTeacher(Panel):
    """Figure 7: alpha_BBP against p* for one p and several a."""

    p: int
    curves: tuple[PlottedCurve, ...]
    continuous: tuple[np.ndarray, ...]


def against_normalisation(
    p_star: Any = 1, insets: tuple[float, ...] = INSET_A
) -> tuple[AgainstNormalisation]:
    """Compute figure 2; with p_star = 2, figure 6."""
    p_star = int(arguments.width(p_star, "p_star"))
    a = np.linspace(*A_RANGE, 241)
    widths = [p for p in WIDTHS if p >= p_star]
    if not widths:
        raise DomainError(f"p_star must be at most {WIDTHS[-1]}, the largest p drawn, not {p_star}")
    found = {p: critical_a(p, p_star) for p in widths}
    curves, crossovers = [], []
    for p in widths:
        # The kink is a point of the curve.
        grid = np.unique(np.append(a, found[p]))
        named = {"p": p, "p_star": p_star}
        curves.append(
            PlottedCurve("threshold", "a", grid, thresholds(p, p_star, grid).alpha, named)
        )
        kink = np.array([found[p]])
        crossovers.append(
            PlottedCurve(
                "threshold_at_critical_a", "a", kink, thresholds(p, p_star, kink).alpha, named
            )
        )
    straight = thresholds(math.inf, p_star, a).alpha
    limit = PlottedCurve("threshold", "a", a, straight, {"p": "inf", "p_star": p_star})
    small = tuple(against_width(p_star, value) for value in insets)
    return (AgainstNormalisation(p_star, tuple(curves), tuple(crossovers), limit, small),)


def against_width(p_star: int, a: float) -> AgainstWidth:
    """Compute one inset."""
    widths = np.arange(p_star, INSET_LAST + 1)
    found = thresholds(widths, p_star, a)
    named = {"p_star": p_star, "a": a}
    zero, _ = fitted_line(widths, p_star, a)
    limit = float(thresholds(math.inf, p_star, a).alpha)
    return AgainstWidth(
        a,
        PlottedCurve("threshold", "p", widths, found.alpha, named),
        found.kind == Kind.CONTINUOUS,
        PlottedCurve("alpha_0", "p", widths, zero, named),
        Mark("threshold", limit, {**named, "p": "inf"}),
    )


def against_teacher(p: Any = 2, a: tuple[float, ...] = INSET_A) -> tuple[AgainstTeacher]:
    """Compute figure 7."""
    p = int(arguments.width(p, "p"))
    teachers = np.arange(1, 9)
    found = [thresholds(p, teachers, value) for value in a]
    curves = tuple(
        PlottedCurve("threshold", "p_star", teachers, row.alpha, {"p": p, "a": value})
        for row, value in zip(found, a, strict=True)
    )
    return (AgainstTeacher(p, curves, tuple(row.kind == Kind.CONTINUOUS for row in found)),)


def draw_against_normalisation(ax: Axes, panel: AgainstNormalisation, insets: bool = True) -> None:
    """Draw figure 2 or 6 onto one axes."""
    for curve, color in zip(panel.curves, style.ramp(len(panel.curves)), strict=True):
        ax.plot(curve.x, curve.y, color=color, label=rf"${curve.parameters['p']}$")
    ax.plot(panel.limit.x, panel.limit.y, color=style.BLACK, ls="--", label=r"$\infty$")
    kinks = np.array([(kink.x[0], kink.y[0]) for kink in panel.crossovers]).T
    ax.plot(*kinks, "o", color=style.VERMILION, ms=3.5, zorder=5, label="type changes")
    # Room for the insets above the right ends of the curves.
    top = 1.8 * max(curve.y[-1] for curve in panel.curves)
    ax.set(xlim=(0, A_RANGE[1]), ylim=(0.4 * panel.p_star, top))
    style.label(ax, "a", "threshold")
    widths = ax.legend(title=r"$p$", loc="lower right", ncols=4, columnspacing=1)
    if insets:
        ax.add_artist(widths)
        _explain_marks(ax)
        for inset, left in zip(panel.insets, (0.2, 0.475, 0.75), strict=True):
            draw_against_width(ax.inset_axes((left, 0.62, 0.22, 0.33)), inset)


def _explain_marks(ax: Axes) -> None:
    """Say under the insets what their marks mean."""
    marks = [ax.plot([], [], **look)[0] for look in (OPEN, FILLED, ZERO)]
    names = [
        r"insets: $\alpha_{\mathrm{BBP}}$, continuous",
        r"$\alpha_{\mathrm{BBP}}$, discontinuous",
        r"$\alpha_0$, zero of the line fitted to $m^2$",
    ]
    place: dict[str, Any] = {"loc": "upper right", "bbox_to_anchor": (0.985, 0.555), "ncols": 3}
    ax.legend(marks, names, columnspacing=1, handletextpad=0.2, **place)


def draw_against_width(ax: Axes, inset: AgainstWidth) -> None:
    """Draw an inset: filled marks where discontinuous, open where continuous."""
    ax.axhline(inset.limit.value, color=style.BLACK, ls="--", lw=0.7)
    ax.plot(inset.threshold.x, inset.threshold.y, color=style.BLUE, lw=0.6)
    draw_typed(ax, inset.threshold, inset.continuous, style.BLUE)
    zero = inset.alpha_zero
    ax.plot(zero.x, zero.y, **ZERO)
    ax.set_title(rf"$a={inset.a:g}$", fontsize=7, pad=2)
    low, high = np.nanmin(zero.y), inset.threshold.y.max()
    ax.set_ylim(low - 0.25 * (high - low), high + 0.1 * (high - low))
    ax.tick_params(labelsize=6, pad=1.5)
    ax.set_xlabel(r"$p$", fontsize=7, labelpad=0)
    place: dict[str, Any] = {"textcoords": "offset points", "ha": "right", "fontsize": 7}
    above = (zero.x[-1], max(inset.limit.value, inset.threshold.y[-1]))
    ax.annotate(style.LABELS["threshold"], above, (2, 4), color=style.BLUE, **place)
    last = (zero.x[-1], zero.y[-1])
    ax.annotate(style.LABELS["alpha_0"], last, (2, -9), color=style.VERMILION, **place)


def draw_typed(ax: Axes, curve: PlottedCurve, continuous: np.ndarray, color: str) -> None:
    """Draw marks that tell the type of the transition: open or filled."""
    ax.plot(curve.x[continuous], curve.y[continuous], **{**OPEN, "color": color})
    ax.plot(curve.x[~continuous], curve.y[~continuous], **{**FILLED, "color": color})


def draw_against_teacher(ax: Axes, panel: AgainstTeacher) -> None:
    """Draw figure 7 onto one axes; the underparametrised side is shaded."""
    colors = (style.BLUE, style.ORANGE, style.GREEN)
    for curve, continuous, color in zip(panel.curves, panel.continuous, colors, strict=False):
        ax.plot(curve.x, curve.y, color=color, lw=0.9, label=rf"$a={curve.parameters['a']:g}$")
        draw_typed(ax, curve, continuous, color)
    last = panel.curves[0].x[-1] + 0.5
    place: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "fontsize": 7}
    ax.axvspan(panel.p + 0.5, last, color="0.93", lw=0, zorder=0)
    ax.text(0.97, 0.13, "open: continuous, filled: discontinuous", **place)
    ax.text(0.97, 0.05, r"underparametrised, $p^{*}>p$", **place)
    ax.set(xlim=(0.5, last), yscale="log")
    style.label(ax, "p_star", "threshold")
    ax.legend(title=rf"$p={panel.p}$", loc="upper left")


SMALL_TEACHER = Recipe(
    "threshold against a for several p",
    against_normalisation,
    {AgainstNormalisation: draw_against_normalisation},
    (style.DOUBLE, 4.0),
    options=("p_star",),
)
LARGE_TEACHER = Recipe(
    "threshold against a for several p, p* = 2",
    partial(against_normalisation, p_star=2),
    {AgainstNormalisation: draw_against_normalisation},
    (style.DOUBLE, 4.0),
)
TEACHERS = Recipe(
    "threshold against p* at fixed p",
    against_teacher,
    {AgainstTeacher: draw_against_teacher},
    (style.SINGLE, 2.6),
    options=("p",),
)
