"""Figure 3: how often the eigenvector of largest overlap is the lowest, against alpha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from bbpsym.answers.threshold import threshold
from bbpsym.errors import DomainError
from bbpsym.figures import simulations, style
from bbpsym.figures.series import FIT, Mark, Panel, PlottedCurve
from bbpsym.figures.theory import fitted_line
from bbpsym.finite.fits import crossing
from bbpsym.finite.summary import Summary
from bbpsym.model import Model
from bbpsym.numerics.questions import Kind
from bbpsym.writing.display import exact_text

#: A continuous and a discontinuous transition of a single outlier, and the range of alpha shown.
MODELS = (Model(1, 1, 1), Model(1, 1, "1.5"))
RANGE = (0.55, 2.05)

#: The sizes whose curves are crossed: those with the most samples, furthest apart.
CROSSING = (100, 400)


@dataclass(frozen=True, eq=False)
class PhiPanel(Panel):
    """phi(alpha) at several N, alpha_BBP, alpha_0 if discontinuous, the crossing if resolved."""

    model: Model
    kind: str
    threshold: Mark
    alpha_zero: Mark | None
    simulation: tuple[PlottedCurve, ...]
    crossing: Mark | None
    crossing_phi: Mark | None


def panel(model: Model, simulation: Summary) -> PhiPanel:
    """Collect phi of one model, and where theory puts its step."""
    found = threshold(model)
    parameters = {"p": model.p, "p_star": model.p_star, "a": exact_text(model.a)}
    zero = None
    if found.kind != Kind.CONTINUOUS:
        value, _ = fitted_line(model.p, model.p_star, float(model.a))
        zero = Mark("alpha_0", float(value), parameters, FIT)
    chosen = {"p": model.p, "p_star": model.p_star, "a": float(model.a)}
    phi = simulations.curves(simulation, "phi", "phi", RANGE, fewest=5, **chosen)
    crossed = crossing_marks(simulation.select(**chosen), parameters)
    alpha_bbp = Mark("threshold", found.alpha, parameters)
    return PhiPanel(model, found.kind, alpha_bbp, zero, phi, *crossed)


def crossing_marks(measured: Summary, named: dict) -> tuple[Mark | None, Mark | None]:
    """Return where the curves of two sizes cross, and at what height, if this is resolved."""
    try:
        found = crossing(measured, *CROSSING, column="phi")
    except DomainError:
        return None, None
    place = found.alpha
    alpha = Mark("crossing_alpha", place.value, named, FIT, place.error)
    return alpha, Mark("crossing_phi", found.phi, named, FIT)


def draw(ax: Axes, panel: PhiPanel) -> None:
    """Draw one panel."""
    simulations.draw(ax, panel.simulation, ls="-", lw=0.8)
    if panel.crossing is not None and panel.crossing_phi is not None:
        place = (panel.crossing.value, panel.crossing_phi.value)
        look: dict[str, Any] = {"color": style.BLACK, "marker": "o", "ls": "none", "capsize": 2.5}
        name = "crossing {}/{}".format(*CROSSING)
        ax.errorbar(*place, xerr=panel.crossing.error, label=name, zorder=6, **look)
    style.vertical(ax, panel.threshold.value, style.LABELS["threshold"])
    if panel.alpha_zero is not None:
        style.vertical(ax, panel.alpha_zero.value, style.LABELS["alpha_0"], ls=":")
    ax.set(xlim=RANGE, ylim=(-0.03, 1.12))
    style.label(ax, "alpha", "phi")
    ax.set_title(f"{panel.kind}, {style.model_name(panel.model)}")
    if panel.simulation:
        ax.legend(loc="lower right")


RECIPE = simulations.pair(
    "how often the lowest eigenvector is the informative one, against alpha",
    MODELS,
    panel,
    {PhiPanel: draw},
    (0.6, 2.05),
)
