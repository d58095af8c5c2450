"""Figure 5: the left edge, sharp and smooth: density, lambda(g), and a simulated spectrum."""

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
from bbpsym.figures.series import SIMULATION, Curve, Mark, Panel
from bbpsym.figures.theory import inverse_stieltjes
from bbpsym.model import Model
from bbpsym.systems import unit_of

#: One model below and above its alpha_c, and the range of eigenvalues shown.
MODEL = Model(2, 1, 3)
ALPHAS = {"sharp": 8, "smooth": 1.5}
RANGE = (-1.5, 2.0)

#: Distances from the edge at which its shape shows.
CLOSE = np.geomspace(1e-2, 0.5, 41)


@dataclass(frozen=True, eq=False)
class DensityPanel(Panel):
    """The density of the bulk, also close to its edge, the outlier, and a simulation."""

    kind: str
    alpha: float
    density: Curve
    close: Curve
    edge: Mark
    outlier: Mark | None
    simulation: Curve | None


@dataclass(frozen=True, eq=False)
class InversePanel(Panel):
    """lambda(g) on its domain, eq. (41), and the point where it gives the edge."""

    kind: str
    alpha: float
    inverse: Curve
    edge: Curve
    outlier: Curve | None


def compute(simulation: dict[float, spectra.Spectrum]) -> tuple[DensityPanel | InversePanel, ...]:
    """Compute the densities and, below them, lambda(g)."""
    densities = [density_panel(kind, x, simulation.get(x)) for kind, x in ALPHAS.items()]
    return (*densities, *(inverse_panel(kind, alpha) for kind, alpha in ALPHAS.items()))


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
        histogram = Curve(*columns, source=SIMULATION)
    return DensityPanel(
        kind,
        alpha,
        Curve("density", "eigenvalue", x, density(MODEL, alpha, x), named),
        Curve("density", "distance", CLOSE, density(MODEL, alpha, left.value + CLOSE), named),
        Mark("edge", left.value, named),
        None if out is None else Mark("outlier", out.value, named),
        histogram,
    )


def inverse_panel(kind: str, alpha: float) -> InversePanel:
    """Compute lambda(g) at one alpha on the whole domain -p/2 < g < 0."""
    named = _named(alpha)
    left, out = edge(MODEL, alpha), outlier(MODEL, alpha)
    unit = float(unit_of(MODEL))
    t = np.linspace(0.12, 1, 201)  # lambda(g) falls without bound towards g = 0
    y = inverse_stieltjes(MODEL.p, MODEL.p_star, float(MODEL.a), alpha, t)
    place = None
    if out is not None:
        place = Curve("outlier", "g", np.array([out.g]), np.array([out.value]), named)
    return InversePanel(
        kind,
        alpha,
        Curve("lambda", "g", -t / unit, y, named),
        Curve("edge", "g", np.array([left.g]), np.array([left.value]), named),
        place,
    )


def _named(alpha: float) -> dict:
    return {"p": MODEL.p, "p_star": MODEL.p_star, "a": float(MODEL.a), "alpha": alpha}


def draw(ax: Axes, panel: DensityPanel | InversePanel) -> None:
    """Draw one panel."""
    if isinstance(panel, DensityPanel):
        draw_density(ax, panel)
    else:
        draw_inverse(ax, panel)


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
    draw_close(ax.inset_axes((0.68, 0.45, 0.3, 0.32)), panel)


def draw_close(ax: Axes, panel: DensityPanel) -> None:
    """Draw the density close to the edge: a power law (15), or an essential singularity (16)."""
    ax.loglog(panel.close.x, panel.close.y, color=style.BLACK)
    place: dict[str, Any] = {"transform": ax.transAxes, "fontsize": 7}
    if panel.kind == "sharp":
        ax.text(0.95, 0.08, r"$\rho\sim\sqrt{\lambda-\lambda_-}$", ha="right", **place)
    else:
        ax.text(0.05, 0.74, r"$\rho\sim e^{-A/(\lambda-\lambda_-)}$", **place)
    ax.set(ylim=(3e-7, 1e4), xlim=(CLOSE[0], CLOSE[-1]), yticks=(1e-6, 1e-3, 1))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.tick_params(labelsize=6, pad=1.5)
    ax.set_xlabel(r"$\lambda-\lambda_-$", fontsize=7, labelpad=0)


def draw_inverse(ax: Axes, panel: InversePanel) -> None:
    """Draw lambda(g), with the edge where it is largest or where its domain ends."""
    ax.plot(panel.inverse.x, panel.inverse.y, color=style.BLACK)
    (g,), (left,) = panel.edge.x, panel.edge.y
    ax.axhline(left, color=style.BLUE, lw=0.8, ls="--")
    ax.plot(g, left, "o", color=style.BLUE, clip_on=False, zorder=5, ms=4)
    name = r"$\lambda'(g_{\mathrm{sh}})=0$" if panel.kind == "sharp" else r"$g_{\mathrm{sm}}=-p/2$"
    ax.annotate(name, (g, left), (5, 5), textcoords="offset points", color=style.BLUE)
    if panel.outlier is not None:
        ax.plot(panel.outlier.x, panel.outlier.y, "s", color=style.VERMILION, zorder=5)
        place: dict[str, Any] = {"textcoords": "offset points", "color": style.VERMILION}
        ax.annotate(r"$\lambda_*$", (panel.outlier.x[0], panel.outlier.y[0]), (5, -2), **place)
    ax.axvspan(-1.2, panel.inverse.x[-1], color="0.9", lw=0)
    ax.set(xlim=(-1.1, 0), ylim=(left - 0.6, left + 0.2))
    style.label(ax, "g", "lambda")


RECIPE = Recipe(
    "the left edge, sharp and smooth",
    compute,
    draw,
    rows=2,
    columns=2,
    size=(style.DOUBLE, 4.4),
    stored=spectra.stored,
    simulate=partial(spectra.rebuild, MODEL, tuple(ALPHAS.values())),
    store=".spectra.csv",
)
