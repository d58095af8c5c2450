"""Figure 1: the overlap against alpha, at a continuous and at a discontinuous transition."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers
from bbpsym.answers.threshold import threshold
from bbpsym.figures import simulations, style
from bbpsym.figures.series import Mark, Panel, PlottedCurve
from bbpsym.finite.summary import Summary
from bbpsym.model import Model
from bbpsym.numerics.questions import Kind
from bbpsym.writing.display import exact_text

#: The paper's two examples, and the range of alpha shown.
MODELS = (Model(2, 1, "0.7"), Model(2, 1, "1.5"))
RANGE = (0.5, 2.1)


@dataclass(frozen=True, eq=False)
class MeasuredOverlapPanel(Panel):
    """The overlap m of the outliers, eq. (58), with what simulations measure at several N."""

    model: Model
    kind: str
    threshold: Mark
    jump: Mark
    theory: PlottedCurve
    simulation: tuple[PlottedCurve, ...]


def panel(model: Model, simulation: Summary) -> MeasuredOverlapPanel:
    """Compute the overlap of one model against alpha."""
    parameters = {"p": model.p, "p_star": model.p_star, "a": exact_text(model.a)}
    found = threshold(model)
    # Points gather quadratically above the threshold, where m may start as a square root.
    above = (RANGE[1] - found.alpha) * np.linspace(0, 1, 201)[1:] ** 2
    alpha = np.array([RANGE[0], found.alpha, found.alpha, *(found.alpha + above)])
    overlap2 = outliers(model.p, model.p_star, float(model.a), found.alpha + above).overlap2
    m = np.sqrt([0, 0, found.overlap2, *overlap2])
    chosen = {"p": model.p, "p_star": model.p_star, "a": float(model.a)}
    column = "outlier_overlap2"
    measured = simulations.curves(simulation, column, "overlap", RANGE, fewest=1, **chosen)
    return MeasuredOverlapPanel(
        model,
        found.kind,
        Mark("threshold", found.alpha, parameters),
        Mark("overlap_at_threshold", float(np.sqrt(found.overlap2)), parameters),
        PlottedCurve("overlap", "alpha", alpha, m, parameters),
        tuple(map(_root, measured)),
    )


def _root(squared: PlottedCurve) -> PlottedCurve:
    """The overlap from the mean of its square, with the error that follows."""
    m = np.sqrt(squared.y)
    error = squared.error / (2 * m) if squared.error is not None else None
    return replace(squared, y=m, error=error)


def draw(ax: Axes, panel: MeasuredOverlapPanel) -> None:
    """Draw one panel."""
    simulations.draw(ax, panel.simulation)
    style.limit(ax, panel.theory)
    ax.set(xlim=RANGE, ylim=(-0.02, 0.7))
    style.label(ax, "alpha", "overlap")
    style.vertical(ax, panel.threshold.value, style.LABELS["threshold"])
    ax.set_title(f"{panel.kind}, {style.model_name(panel.model)}")
    if panel.kind == Kind.CONTINUOUS:
        ax.legend(loc="upper left")


RECIPE = simulations.pair(
    "overlap against alpha, continuous and discontinuous",
    MODELS,
    panel,
    {MeasuredOverlapPanel: draw},
    (0.6, 2.05),
)
