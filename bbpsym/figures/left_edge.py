"""Figure 5: the left edge, sharp and smooth: density, its law at the edge, and lambda(g)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.figures import spectra, style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import SIMULATION, Mark, Panel, PlottedCurve
from bbpsym.figures.theory import edge_law, inverse_stieltjes
from bbpsym.model import Model

#: One model below and above its alpha_c, and the range of eigenvalues shown.
MODEL = Model(2, 1, 3)
ALPHAS = {"sharp": 8, "smooth": 1.5}
RANGE = (-1.5, 2.0)

#: Distances from the edge at which its shape shows, and the densities seen there. At a smooth
#: edge the density leaves the range of double precision not far below these.
CLOSE = {"sharp": np.geomspace(3e-3, 0.3, 41), "smooth": np.geomspace(0.039, 0.3, 61)}
HEIGHTS = {"sharp": (8e-3, 0.3), "smooth": (1e-10, 4)}
TICKS = {"sharp": (0.003, 0.01, 0.03, 0.1, 0.3), "smooth": (0.04, 0.06, 0.1, 0.2, 0.3)}

#: The range of lambda(g), and the room beyond its lowest mark.
DEPTH, ROOM = 0.6, 0.15


@dataclass(frozen=True, eq=False)
class DensityPanel(Panel):
    """The density of the bulk, its edge, the outlier, and a simulation."""

    kind: str
    alpha: float
    density: PlottedCurve
    edge: Mark
    outlier: Mark | None
    simulation: PlottedCurve | None


@dataclass(frozen=True, eq=False)
class ClosePanel(Panel):
    """The density close to the edge, and the law it tends to: eq. (45) or (47)."""

    kind: str
    density: PlottedCurve
    law: PlottedCurve


@dataclass(frozen=True, eq=False)
class InversePanel(Panel):
    """lambda(g) on its domain, eq. (41), and the point where it gives the edge."""

    kind: str
    alpha: float
    inverse: PlottedCurve
    edge: PlottedCurve
    outlier: PlottedCurve | None


EdgePanel = DensityPanel | ClosePanel | InversePanel


def compute(simulation: dict[float, spectra.Spectrum]) -> tuple[EdgePanel, ...]:
    """Compute the densities, below them their laws at the edge, and then lambda(g)."""
    kinds = ALPHAS.items()
    densities = [density_panel(kind, alpha, simulation.get(alpha)) for kind, alpha in kinds]
    close = [close_panel(kind, alpha) for kind, alpha in kinds]
    return (*densities, *close, *(inverse_panel(kind, alpha) for kind, alpha in kinds))


def density_panel(kind: str, alpha: float, simulated: spectra.Spectrum | None) -> DensityPanel:
    """Compute the density at one alpha; points gather at the edge."""
    named = _named(alpha)
    left, out = edge(MODEL, alpha), outlier(MODEL, alpha)
    x = left.value + (RANGE[1] - left.value) * np.linspace(0, 1, 241)[1:] ** 2
    histogram = None
    if simulated is not None:
        middle = (simulated.edges[1:] + simulated.edges[:-1]) / 2
        sizes = {**named, "N": simulated.N}
        columns = ("density", "eigenvalue", middle, simulated.density, sizes)
        histogram = PlottedCurve(*columns, source=SIMULATION)
    return DensityPanel(
        kind,
        alpha,
        PlottedCurve("density", "eigenvalue", x, density(MODEL, alpha, x), named),
        Mark("edge", left.value, named),
        None if out is None else Mark("outlier", out.value, named),
        histogram,
    )


def close_panel(kind: str, alpha: float) -> ClosePanel:
    """Compute the density and its law at small distances from the edge."""
    named, xi = _named(alpha), CLOSE[kind]
    found = density(MODEL, alpha, edge(MODEL, alpha).value + xi)
    law = edge_law(MODEL, alpha, xi)
    return ClosePanel(
        kind,
        PlottedCurve("density", "distance", xi, found, named),
        PlottedCurve("edge_law", "distance", xi, law, named),
    )


def inverse_panel(kind: str, alpha: float) -> InversePanel:
    """Compute lambda(g) at one alpha on the whole domain -p/2 < g < 0."""
    named = _named(alpha)
    left, out = edge(MODEL, alpha), outlier(MODEL, alpha)
    unit = float(MODEL.scale)
    t = np.linspace(0.12, 1, 201)  # lambda(g) falls without bound towards g = 0
    y = inverse_stieltjes(MODEL.p, MODEL.p_star, float(MODEL.a), alpha, t)
    place = None
    if out is not None:
        place = PlottedCurve("outlier", "g", np.array([out.g]), np.array([out.value]), named)
    return InversePanel(
        kind,
        alpha,
        PlottedCurve("lambda", "g", -t / unit, y, named),
        PlottedCurve("edge", "g", np.array([left.g]), np.array([left.value]), named),
        place,
    )


def _named(alpha: float) -> dict:
    return {"p": MODEL.p, "p_star": MODEL.p_star, "a": float(MODEL.a), "alpha": alpha}


def draw_density(ax: Axes, panel: DensityPanel) -> None:
    """Draw a density with its edge and outlier, and a simulated histogram under it."""
    if panel.simulation is not None:
        width = panel.simulation.x[1] - panel.simulation.x[0]
        name = rf"one $\mathcal{{H}}$, $N={panel.simulation.parameters['N']}$"
        ax.bar(
            panel.simulation.x, panel.simulation.y, width, color=style.SKY, alpha=0.6, label=name
        )
    else:
        style.note(ax, "theory only: no stored spectrum")
    ax.plot(panel.density.x, panel.density.y, color=style.BLACK, label=style.LABELS["density"])
    style.vertical(ax, panel.edge.value, r"$\lambda_-$", color=style.BLUE)
    if panel.outlier is not None:
        style.vertical(ax, panel.outlier.value, r"$\lambda_*$", color=style.VERMILION, side="left")
    ax.set(xlim=RANGE, ylim=(0, 0.85))
    style.label(ax, "lambda", "density")
    ax.set_title(rf"{panel.kind} edge, {style.model_name(MODEL)}, $\alpha={panel.alpha}$")
    ax.legend(loc="upper right")


def draw_close(ax: Axes, panel: ClosePanel) -> None:
    """Draw the density close to the edge: a power law (15), or an essential singularity (16)."""
    ax.loglog(panel.density.x, panel.density.y, color=style.BLACK, label=style.LABELS["density"])
    law = {
        "sharp": r"$\sqrt{2(\lambda-\lambda_-)/|\lambda''(g_{\mathrm{sh}})|}\,/\,\pi$",
        "smooth": r"$C(\lambda-\lambda_-)^{(p-p^{*})/2-1}\,e^{-A/(\lambda-\lambda_-)}$",
    }
    look: dict[str, Any] = {"color": style.VERMILION, "ls": "--", "label": law[panel.kind]}
    ax.loglog(panel.law.x, panel.law.y, **look)
    ax.set(ylim=HEIGHTS[panel.kind], xlim=panel.density.x[[0, -1]])
    ax.set_xticks(TICKS[panel.kind], [f"{xi:g}" for xi in TICKS[panel.kind]])
    ax.xaxis.set_minor_formatter(NullFormatter())
    style.label(ax, "distance", "density")
    ax.legend(loc="lower right")


def draw_inverse(ax: Axes, panel: InversePanel) -> None:
    """Draw lambda(g), with the edge where it is largest or where its domain ends."""
    ax.plot(panel.inverse.x, panel.inverse.y, color=style.BLACK)
    (g,), (left,) = panel.edge.x, panel.edge.y
    ax.axhline(left, color=style.BLUE, lw=0.8, ls="--")
    ax.plot(g, left, "o", color=style.BLUE, clip_on=False, zorder=5, ms=4)
    name = r"$\lambda'(g_{\mathrm{sh}})=0$" if panel.kind == "sharp" else r"$g_{\mathrm{sm}}=-p/2$"
    ax.annotate(name, (g, left), (5, 5), textcoords="offset points", color=style.BLUE)
    lowest = left - DEPTH
    if panel.outlier is not None:
        (g,), (place,) = panel.outlier.x, panel.outlier.y
        lowest = min(lowest, place)
        ax.plot(g, place, "s", color=style.VERMILION, zorder=5)
        look: dict[str, Any] = {"textcoords": "offset points", "color": style.VERMILION}
        ax.annotate(r"$\lambda_*=\lambda(g_*)$", (g, place), (6, -2), **look)
    ax.axvspan(-1.2, panel.inverse.x[-1], color="0.9", lw=0)
    ax.set(xlim=(-1.1, 0), ylim=(lowest - ROOM, left + 0.2))
    style.label(ax, "g", "lambda")


RECIPE = Recipe(
    "the left edge, sharp and smooth",
    compute,
    {DensityPanel: draw_density, ClosePanel: draw_close, InversePanel: draw_inverse},
    (style.DOUBLE, 6.2),
    rows=3,
    columns=2,
    stored=spectra.stored,
    simulate=partial(spectra.rebuild, MODEL, tuple(ALPHAS.values())),
    store=".spectra.csv",
)
