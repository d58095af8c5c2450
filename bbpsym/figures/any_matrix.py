"""Figure 16: any matrix: the density of its bulk with edges and outliers, and its overlap."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers
from bbpsym.answers.density import density, visible
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.parametric import outlier_curve
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError, NoOutlierError
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.laws.labels import teacher_labels
from bbpsym.model import Model
from bbpsym.numerics.curve import LEFT, RIGHT
from bbpsym.reading import arguments
from bbpsym.symbols import label
from bbpsym.writing.display import exact_text
from bbpsym.writing.handwriting import latex

#: What is drawn unless something else is asked for.
MATRIX, ALPHA = Ensemble((label - 1) / (label + 1), teacher_labels(1)), 3

#: Points of the density, of the overlap, and of the overlap where each point is an answer.
POINTS, CURVE, ANSWERS = 241, 200, 16

#: Longest weight that is written above the picture.
LONGEST = 40

#: How far the overlap is followed, in thresholds, and beyond alpha.
FAR, BEYOND = 4, 1.25


@dataclass(frozen=True, eq=False)
class BulkPanel(Panel):
    """The density, with the edges of the bulk and the outliers on both of its sides."""

    title: str
    density: PlottedCurve
    edges: tuple[Mark, ...]
    outliers: tuple[Mark, ...]


@dataclass(frozen=True, eq=False)
class OverlapPanel(Panel):
    """The squared overlap with the signal against alpha, on one side of the bulk.

    Without an outlier at any alpha there is neither a threshold nor a curve.
    """

    side: str
    alpha: float
    threshold: Mark | None = None
    overlap2: PlottedCurve | None = None


def compute(
    matrix: Any = MATRIX, alpha: Any = ALPHA, side: str | None = None
) -> tuple[BulkPanel | OverlapPanel, ...]:
    """Compute both panels: the density at alpha, and the overlap on a side.

    Without a side it is the left one of what is given.
    """
    ratio = arguments.signal_to_noise(alpha)
    side = side or (RIGHT if matrix is MATRIX else LEFT)
    return bulk_panel(matrix, ratio), overlap_panel(matrix, ratio, side)


def bulk_panel(matrix: Any, alpha: Any) -> BulkPanel:
    """Compute the density at one alpha, and what stands beside it."""
    named = {"alpha": float(alpha)}
    x = np.array(visible(matrix, alpha, POINTS))
    rho = density(matrix, alpha, x)
    rho[np.isinf(rho)] = np.nan  # an atom is not drawn
    ends, beyond = [], []
    for side in matrix.sides:
        with suppress(DomainError):  # there is no edge
            ends.append(Mark(f"{side} edge", float(edge(matrix, alpha, side=side).value), named))
            beyond += [
                Mark(f"{side} outlier", value, named) for value in _seen(matrix, alpha, side)
            ]
    curve = PlottedCurve("density", "eigenvalue", x, rho, named)
    title = rf"{_name(matrix)}$\alpha={exact_text(alpha)}$"
    return BulkPanel(title, curve, tuple(ends), tuple(beyond))


def _name(matrix: Any) -> str:
    """What is known of the matrix in few words."""
    if isinstance(matrix, Model):
        return f"{style.model_name(matrix)}, "
    weight = getattr(matrix, "weight", None) if isinstance(matrix, Ensemble) else None
    if weight is None or len(str(weight)) > LONGEST:
        return ""
    if weight.is_rational_function(label):
        return f"$T = {latex(weight, fold_short_frac=True)}$, "
    return f"$T$ = {weight}, "


def _seen(matrix: Any, alpha: Any, side: str) -> Iterator[float]:
    """The eigenvalues of all outliers on one side."""
    if hasattr(matrix, "answers"):
        yield from (float(found.value) for found in outliers(matrix, alpha=alpha, side=side))
    elif (found := outlier(matrix, alpha, side=side)) is not None:
        yield float(found.value)


def overlap_panel(matrix: Any, alpha: Any, side: str) -> OverlapPanel:
    """Compute the squared overlap from the threshold on."""
    try:
        start = threshold(matrix, side=side)
    except NoOutlierError:
        return OverlapPanel(side, float(alpha))
    first = float(start.alpha)
    last = max(FAR * first, BEYOND * float(alpha))
    if hasattr(matrix, "answers"):
        at = np.geomspace(first, last, ANSWERS + 1)[1:]
        found = [outlier(matrix, float(ratio), side=side) for ratio in at]
        m2 = np.array([np.nan if row is None else float(row.teacher2) for row in found])
        at, m2 = np.append(first, at), np.append(float(start.teacher2), m2)
    else:
        along = outlier_curve(matrix, last, CURVE, side=side)
        at, m2 = along.alpha, along.overlap2
    curve = PlottedCurve("overlap2", "alpha", at, m2)
    return OverlapPanel(side, float(alpha), Mark("threshold", first), curve)


def _draw_overlap(ax: Axes, panel: OverlapPanel) -> None:
    ax.set_title(f"outlier on the {panel.side}")
    style.label(ax, "alpha", "overlap2")
    if panel.overlap2 is None or panel.threshold is None:
        style.note(ax, f"no outlier on the {panel.side} at any alpha")
        return
    x, y = panel.overlap2.x, panel.overlap2.y
    ax.plot(x, y, color=style.BLACK)
    style.vertical(ax, panel.threshold.value, style.LABELS["threshold"])
    ax.axvline(panel.alpha, color=style.GREY, lw=0.6, ls=":")
    ax.set(xlim=(0, x[-1]), ylim=(0, max(1.1 * np.nanmax(y), 1e-3)))


def _draw_bulk(ax: Axes, panel: BulkPanel) -> None:
    x, rho = panel.density.x, panel.density.y
    ax.plot(x, rho, color=style.BLACK)
    for mark in panel.edges:
        name = r"$\lambda_-$" if mark.quantity.startswith(LEFT) else r"$\lambda_+$"
        style.vertical(ax, mark.value, name, color=style.BLUE)
    for mark in panel.outliers:
        ax.plot(mark.value, 0, "s", color=style.VERMILION, clip_on=False, zorder=5, ms=4)
        shift, align = (-4, "right") if mark.quantity.startswith(LEFT) else (4, "left")
        look: dict[str, Any] = {"textcoords": "offset points", "color": style.VERMILION}
        ax.annotate(r"$\lambda_*$", (mark.value, 0), (shift, 5), ha=align, **look)
    places = [x[0], x[-1], *(mark.value for mark in (*panel.edges, *panel.outliers))]
    room = 0.07 * (max(places) - min(places))
    # A peak beside an atom does not hide the rest.
    top = min(np.nanmax(rho), 12 * np.nanmedian(rho[rho > 0]))
    ax.set(xlim=(min(places) - room, max(places) + room), ylim=(0, 1.1 * top))
    ax.set_title(panel.title)
    style.label(ax, "lambda", "density")


RECIPE = Recipe(
    "any matrix: density, edges, outliers and overlap",
    compute,
    {BulkPanel: _draw_bulk, OverlapPanel: _draw_overlap},
    (style.DOUBLE, 2.6),
    columns=2,
    options=("matrix", "alpha", "side"),
)
