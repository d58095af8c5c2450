"""Figure 9: the approach to p = inf, its expansion in 1/p, and the divide at a = 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sympy import Expr, factor

from bbpsym.answers.arrays import thresholds
from bbpsym.averages.expansions import overparametrised_series
from bbpsym.equations.spectrum import outlier_alpha
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Panel, PlottedCurve
from bbpsym.numerics.questions import Kind
from bbpsym.symbols import a as A
from bbpsym.symbols import p as P

#: Normalisations on both sides of the divide, widths, and widths of the second panel.
NORMALISATIONS = (0.6, 0.8, 1.0, 1.5, 3.0)
WIDTHS = np.array([2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 300])
CORRECTION_WIDTHS = (5, 20, 100)

#: Teacher width; the ratio to the limit does not depend on it on the discontinuous branch.
P_STAR = 1


@dataclass(frozen=True, eq=False)
class ApproachPanel(Panel):
    """alpha_BBP over its limit against 1/p, where discontinuous, with the expansion."""

    ratios: tuple[PlottedCurve, ...]
    expansions: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class CorrectionPanel(Panel):
    """p (alpha_BBP / limit - 1) against a, with its limit, which vanishes at a = 1."""

    finite: tuple[PlottedCurve, ...]
    limit: PlottedCurve


@cache
def correction() -> Expr:
    """Return the `c(a)` in `alpha_BBP = (p*(a+1)/2) (1 + c(a)/p + O(1/p^2))`.

    It follows from the discontinuous threshold, eq. (40) at g = -p/2, expanded in 1/p.
    """
    expansion = overparametrised_series(outlier_alpha(), 1)
    return factor(expansion.coeff(1 / P, 1) / expansion.coeff(1 / P, 0))


def compute() -> tuple[ApproachPanel, CorrectionPanel]:
    """Compute both panels."""
    return approach_panel(), correction_panel()


def approach_panel() -> ApproachPanel:
    """Compute alpha_BBP / alpha_BBP(p = inf) against 1/p for several a."""
    ratios, expansions = [], []
    for a in NORMALISATIONS:
        named = {"p_star": P_STAR, "a": a}
        ratio, discontinuous = _ratio(WIDTHS, np.array(a))
        chosen = 1 / WIDTHS[discontinuous]
        ratios.append(PlottedCurve("ratio", "1/p", chosen, ratio[discontinuous], named))
        x = np.linspace(0, 1, 51)
        y = 1 + x * float(correction().subs(A, a))
        expansions.append(PlottedCurve("expansion", "1/p", x, y, named))
    return ApproachPanel(tuple(ratios), tuple(expansions))


def correction_panel() -> CorrectionPanel:
    """Compute p (alpha_BBP / limit - 1) against a for several p."""
    a = np.linspace(0.02, 3, 150)
    finite = []
    for p in CORRECTION_WIDTHS:
        ratio, discontinuous = _ratio(np.array(p), a)
        y = p * (ratio - 1)
        named = {"p": p, "p_star": P_STAR}
        finite.append(PlottedCurve("correction", "a", a[discontinuous], y[discontinuous], named))
    values = np.array([float(correction().subs(A, value)) for value in a])
    return CorrectionPanel(
        tuple(finite), PlottedCurve("correction", "a", a, values, {"p": "inf", "p_star": P_STAR})
    )


def _ratio(p: np.ndarray, a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = thresholds(p, P_STAR, a)
    return found.alpha / thresholds(math.inf, P_STAR, a).alpha, found.kind == Kind.DISCONTINUOUS


def draw_approach(ax: Axes, panel: ApproachPanel) -> None:
    """Draw the ratio to the limit: it rises to one for a < 1 and falls for a > 1."""
    colors = zip((style.BLUE, style.SKY, style.BLACK, style.ORANGE, style.VERMILION), strict=False)
    for (color,), ratio, line in zip(colors, panel.ratios, panel.expansions, strict=True):
        name = rf"$a={ratio.parameters['a']:g}$"
        ax.plot(line.x, line.y, color=color, lw=0.8, ls="--")
        ax.plot(ratio.x, ratio.y, "o", color=color, ms=3, label=name)
    ax.axhline(1, color=style.GREY, lw=0.6)
    ax.set(xlim=(0, 0.52), ylim=(0.94, 1.10))
    ax.set_xlabel(r"$1/p$")
    ax.set_ylabel(r"$\alpha_{\mathrm{BBP}}(p)\,/\,\alpha_{\mathrm{BBP}}(\infty)$")
    (exact,) = ax.plot([], [], "o", color=style.GREY, ms=3)
    (order,) = ax.plot([], [], "--", color=style.GREY, lw=0.8)
    ax.add_artist(ax.legend(loc="upper left", ncols=2))
    ax.legend([exact, order], ["exact", "first order in $1/p$"], loc="lower left")


def draw_correction(ax: Axes, panel: CorrectionPanel) -> None:
    """Draw the coefficient of 1/p: negative where overparametrisation is anomalous."""
    for curve, color in zip(panel.finite, style.ramp(len(panel.finite)), strict=True):
        ax.plot(curve.x, curve.y, color=color, label=rf"$p={curve.parameters['p']}$")
    ax.plot(panel.limit.x, panel.limit.y, color=style.BLACK, ls="--", label=r"$p\to\infty$")
    ax.axhline(0, color=style.GREY, lw=0.6)
    ax.axvline(1, color=style.GREY, lw=0.6, ls=":")
    ax.axvspan(0, 1, color="0.93", lw=0, zorder=0)
    place: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "va": "bottom", "ha": "center"}
    ax.text(0.5, 0.9, "rises with $p$", **place)
    ax.text(2, 0.9, "falls with $p$", **place)
    ax.set(xlim=(0, 3), ylim=(-1.4, 0.45))
    style.label(ax, "a", "correction")
    ax.legend(loc="lower right")


RECIPE = Recipe(
    "the approach to infinite overparametrisation",
    compute,
    {ApproachPanel: draw_approach, CorrectionPanel: draw_correction},
    (style.DOUBLE, 2.7),
    columns=2,
)
