"""Figure 20: a sample covariance, its bulk, and what spikes on both sides of it show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from bbpsym.answers.arrays import outliers
from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.sample_covariance import SampleCovariance
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import SIMULATION, Panel, PlottedCurve
from bbpsym.figures.simulations import averaged
from bbpsym.finite.population import sample_covariance
from bbpsym.laws.labels import discrete_labels
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES

#: Dimensions over data, dimensions of the simulations, and their samples.
GAMMA, SIZE, SAMPLES = "1/5", 300, 6

#: Spikes that are simulated, and ends of the curves.
SPIKES = {LEFT: (0.1, 0.3, 0.5), RIGHT: (3.4, 4.5, 6.0, 8.0)}
ENDS = {LEFT: 0.02, RIGHT: 9.0}


@dataclass(frozen=True, eq=False)
class SpectrumPanel(Panel):
    """The density of eigenvalues, and a histogram of one sample."""

    bulk: PlottedCurve
    histogram: PlottedCurve


@dataclass(frozen=True, eq=False)
class OverlapAgainstSpike(Panel):
    """Squared overlaps against the spike, on both sides, and those of samples."""

    limits: tuple[PlottedCurve, ...]
    simulated: tuple[PlottedCurve, ...]


def matrix(spike: float | None = None) -> SampleCovariance:
    """Return the covariance of a population with the variances 1 and 3 in equal parts."""
    return SampleCovariance(discrete_labels({1: "1/2", 3: "1/2"}, 1, "1 and 3"), GAMMA, spike)


def _variances(size: int) -> np.ndarray:
    return np.repeat([1.0, 3.0], size // 2)


def compute() -> tuple[SpectrumPanel, OverlapAgainstSpike]:
    """Compute both panels."""
    rng = np.random.default_rng(20)
    low, high = (float(edge(matrix(), side=side).value) for side in SIDES)
    x = np.linspace(low, high, 241)
    bulk = PlottedCurve("density", "eigenvalue", x, density(matrix(), x=x))
    size = 2 * SIZE
    found = sample_covariance(_variances(size), 1.0, 5 * (size + 1), rng).eigenvalues
    heights, ends = np.histogram(found, 40, density=True)
    seen = PlottedCurve(
        "density", "eigenvalue", (ends[1:] + ends[:-1]) / 2, heights, {"N": size}, source=SIMULATION
    )
    limits = tuple(_limit(side) for side in SIDES)
    return SpectrumPanel(bulk, seen), OverlapAgainstSpike(
        limits, tuple(_seen(s, rng) for s in SIDES)
    )


def _limit(side: str) -> PlottedCurve:
    start = threshold(matrix(), side=side)
    spikes = np.linspace(float(start.spike), ENDS[side], 40)
    beyond = [float(outliers(matrix(float(x)), side=side)[0].overlap2) for x in spikes[1:]]
    return PlottedCurve(f"m^2, {side}", "spike", spikes, np.array([float(start.overlap2), *beyond]))


def _seen(side: str, rng: np.random.Generator) -> PlottedCurve:
    def squared(spike: float) -> float:
        sample = sample_covariance(_variances(SIZE), spike, 5 * (SIZE + 1), rng, side)
        return sample.overlap2

    found = averaged(squared, SPIKES[side], SAMPLES)
    return PlottedCurve(f"m^2, {side}", "spike", *found[:2], {"N": SIZE}, found[2], SIMULATION)


def _draw_spectrum(ax: Axes, panel: SpectrumPanel) -> None:
    seen = panel.histogram
    width = seen.x[1] - seen.x[0]
    ax.bar(seen.x, seen.y, width, color=style.GREY, alpha=0.35, label=rf"$p={SIZE * 2}$")
    ax.plot(panel.bulk.x, panel.bulk.y, color=style.BLUE, label=r"$p\to\infty$")
    style.label(ax, "lambda", "density")
    ax.set_ylim(bottom=0)
    ax.legend()


def _draw_spikes(ax: Axes, panel: OverlapAgainstSpike) -> None:
    """Both sides; the population lies in the band between them."""
    colors = (style.VERMILION, style.BLUE)
    for limit, seen, color, side in zip(panel.limits, panel.simulated, colors, SIDES, strict=True):
        ax.plot(limit.x, limit.y, color=color, label=f"{side} of the bulk")
        ax.errorbar(seen.x, seen.y, seen.error, fmt="o", ms=3, color=color)
    ax.axvspan(1, 3, color=style.GREY, alpha=0.15, lw=0)
    ax.text(2, 0.94, "population", ha="center", va="top", fontsize=7)
    ax.set(xlim=(0, ENDS[RIGHT]), ylim=(-0.02, 1))
    style.label(ax, "spike", "overlap2")
    ax.legend(loc="lower right")


RECIPE = Recipe(
    "a sample covariance with spikes on both sides",
    compute,
    {SpectrumPanel: _draw_spectrum, OverlapAgainstSpike: _draw_spikes},
    (style.DOUBLE, 2.7),
    columns=2,
)
