"""Figure 10: what the Hessian, its average and the optimal weights recover of the signal."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from scipy.optimize import isotonic_regression
from sympy import lambdify

from bbpsym.answers.arrays import outliers
from bbpsym.answers.comparison_table import AVERAGED, HESSIAN, MADE_FOR_ALPHA, OPTIMAL
from bbpsym.answers.parametric import outlier_curve
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.methods import averaged_hessian, luo_alghamdi_lu
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.equations.published_weights import mondelli_montanari_normalisation
from bbpsym.errors import DomainError
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.model import Model
from bbpsym.numerics.curve import LEFT, RIGHT
from bbpsym.reading import arguments
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import p_star as P_STAR

#: Widths drawn by default, and the last alpha in units of p*/2.
WIDTHS = (1, 2, 4, "inf")
REACH = 12

#: Points of a curve, and of one whose weight is made anew for each alpha.
POINTS, MADE_POINTS = 300, 60

#: Ratio of last to first alpha from which the axis is logarithmic.
LOGARITHMIC = 6

#: Least distance between two names at the right, in fractions of the axis.
SPACING = 0.052

#: How the kinds of matrix are drawn.
LOOKS: dict[str, dict[str, Any]] = {
    HESSIAN: {"ls": "-"},
    AVERAGED: {"ls": "--", "dashes": (4, 1.6)},
    MADE_FOR_ALPHA: {"ls": "-.", "color": style.GREY},
    OPTIMAL: {"ls": "-", "color": style.BLACK, "lw": 1.8},
}


@dataclass(frozen=True, eq=False)
class RecoveryCurve(Panel):
    """One matrix: m^2 against alpha from its threshold, which is marked."""

    matrix: str
    curve: PlottedCurve
    threshold: Mark


@dataclass(frozen=True, eq=False)
class ComparisonPanel(Panel):
    """The squared overlap of every matrix of a comparison.

    The average at p = inf is the Hessian itself and is left out.
    """

    p_star: int
    a: Fraction
    widths: tuple[int | float, ...]
    alpha_max: float
    lines: tuple[RecoveryCurve, ...]


def compute(
    p_star: Any = 1, a: Any = "0.7", p: Any = WIDTHS, alpha_max: Any = None
) -> tuple[ComparisonPanel]:
    """Compute the panel.

    Parameters
    ----------
    p_star, a
        As in `bbpsym.compare`.
    p : int, "inf", iterable of them, or text
        Student widths; a text such as "1:3,inf" is a list.
    alpha_max : int, str, Fraction, Decimal, SymPy Rational or float, optional
        Last alpha, above p*/2; 12 times p*/2 by default.

    Raises
    ------
    DomainError
        If an argument is out of range.
    """
    if isinstance(p, str):
        given: Iterable[Any] = arguments.widths(p, "p", infinite=True)
    else:
        given = p if isinstance(p, Iterable) else [p]
    models = [Model(width, p_star, a) for width in dict.fromkeys(given)]
    least = Fraction(models[0].p_star, 2)
    last = least * REACH if alpha_max is None else arguments.signal_to_noise(alpha_max)
    if last <= least:
        raise DomainError(
            f"alpha must reach above p_star/2 = {float(least):g}, where the first matrix sees the "
            f"signal, not only to {float(last):g}"
        )
    found = [_line(HESSIAN, model, model, last) for model in models]
    found += [
        _line(AVERAGED, model, averaged_hessian(model), last)
        for model in models
        if not model.is_overparametrised_limit
    ]
    found += [_made_for_alpha(models[0], last)]
    found += [_line(OPTIMAL, models[0], luo_alghamdi_lu(models[0].p_star), last, RIGHT)]
    lines = tuple(line for line in found if line is not None)
    widths = tuple(model.p for model in models)
    return (ComparisonPanel(models[0].p_star, models[0].a, widths, float(last), lines),)


def _line(
    matrix: str, model: Model, method: Model | Ensemble, last: Fraction, side: str = LEFT
) -> RecoveryCurve | None:
    """One matrix along alpha, or None if its threshold lies beyond the picture."""
    start = threshold(method, side=side)
    if start.alpha * (1 + 1e-9) >= last:
        return None
    found = outlier_curve(method, last, POINTS, side=side)
    known = _parameters(matrix, model)
    curve = PlottedCurve(f"m^2, {matrix}", "alpha", found.alpha, found.overlap2, known)
    return RecoveryCurve(matrix, curve, Mark(f"threshold, {matrix}", start.alpha, known))


def _made_for_alpha(model: Model, last: Fraction) -> RecoveryCurve:
    """Mondelli and Montanari's weight, at each alpha the one that is made for it."""
    least, known = model.p_star / 2, _parameters(MADE_FOR_ALPHA, model)
    alpha = np.geomspace(least, float(last), MADE_POINTS)
    overlap2 = np.concatenate([[0.0], made_overlap2(model.p_star, alpha[1:])])
    curve = PlottedCurve(f"m^2, {MADE_FOR_ALPHA}", "alpha", alpha, overlap2, known)
    return RecoveryCurve(MADE_FOR_ALPHA, curve, Mark(f"threshold, {MADE_FOR_ALPHA}", least, known))


def made_overlap2(p_star: int, alpha: np.ndarray) -> np.ndarray:
    """m^2 of Mondelli and Montanari's weights, each made for its alpha above p*/2.

    They are minus those of Hessians at p = inf, whose a depends on alpha.
    """
    a = lambdify(ALPHA, mondelli_montanari_normalisation().subs(P_STAR, p_star))(alpha)
    return outliers(math.inf, p_star, a, alpha).overlap2


def _parameters(matrix: str, model: Model) -> dict[str, Any]:
    if matrix in (MADE_FOR_ALPHA, OPTIMAL):
        return {"p_star": model.p_star}
    p = "inf" if model.is_overparametrised_limit else model.p
    return {"p": p, "p_star": model.p_star, "a": float(model.a)}


def draw(ax: Axes, panel: ComparisonPanel) -> None:
    """Draw m^2 of every matrix, each named where its curve ends."""
    ends = []
    for line in panel.lines:
        look: dict[str, Any] = {"color": _color(panel, line), **LOOKS[line.matrix]}
        x, y = line.curve.x, line.curve.y
        ax.plot(x, y, **look)
        ax.vlines(x[0], 0, y[0], color=look["color"], lw=0.6, ls=":")
        shape: dict[str, Any] = {
            "mfc": "white",
            "mew": 0.9,
            "ms": 3.4,
            "zorder": 6,
            "clip_on": False,
        }
        ax.plot(x[0], y[0], "o", color=look["color"], **shape)
        ends.append((float(y[-1]), _name(line), look["color"]))
    low = 0.5 * panel.p_star
    _scale(ax, low, panel.alpha_max)
    ax.set(ylim=(0, 1))
    style.label(ax, "alpha", "overlap2")
    ax.set_title(rf"$p^{{*}}={panel.p_star},\ a={float(panel.a):g}$")
    _name_ends(ax, ends)


def _color(panel: ComparisonPanel, line: RecoveryCurve) -> Any:
    """A colour for each width, shared by the Hessian and its average; one apart for p = inf."""
    p = line.curve.parameters.get("p")
    if p is None:
        return style.BLACK
    finite = [width for width in panel.widths if not math.isinf(width)]
    return style.VERMILION if p == "inf" else style.ramp(len(finite) + 1)[finite.index(p)]


def _name(line: RecoveryCurve) -> str:
    if "p" not in line.curve.parameters:
        return {OPTIMAL: "Luo\N{EN DASH}Alghamdi\N{EN DASH}Lu: optimal"}.get(
            line.matrix, "Mondelli\N{EN DASH}Montanari"
        )
    p = str(line.curve.parameters["p"]).replace("inf", r"\infty")
    return rf"{line.matrix}, $p={p}$"


def _scale(ax: Axes, low: float, high: float) -> None:
    """Choose a logarithmic axis for a wide range, with numbers at 1, 2 and 5 of each decade."""
    if high / low >= LOGARITHMIC:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        ax.xaxis.set_minor_locator(LogLocator(subs=range(1, 10)))
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_xlim(low * (low / high) ** 0.04, high)
    else:
        ax.set_xlim(low - 0.04 * (high - low), high)


def _name_ends(ax: Axes, ends: list[tuple[float, str, Any]]) -> None:
    """Name curves at the right of the axes, apart from one another and joined to their ends."""
    ordered = sorted(ends, key=lambda end: end[0])
    spacing = min(SPACING, 1 / len(ordered))
    heights = _apart([height for height, _, _ in ordered], spacing)
    place: dict[str, Any] = {"transform": ax.transAxes, "clip_on": False}
    size = 7 * spacing / SPACING
    for (y, name, color), height in zip(ordered, heights, strict=True):
        ax.add_line(Line2D((1.008, 1.035), (y, height), color=color, lw=0.6, **place))
        ax.text(1.045, height, name, color=color, va="center", fontsize=size, **place)


def _apart(heights: list[float], spacing: float) -> np.ndarray:
    """Shift rising heights to at least `spacing` between them and at most one, by least squares."""
    steps = spacing * np.arange(len(heights))
    return np.minimum(isotonic_regression(heights - steps).x, 1 - steps[-1]) + steps


RECIPE = Recipe(
    "which matrix recovers more of the signal",
    compute,
    {ComparisonPanel: draw},
    (0.75 * style.DOUBLE, 3.4),
    options=("p", "p_star", "a", "alpha_max"),
)
