"""Figure 11: a deformed Gaussian matrix, its bulk, and the jump seen from finite sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from sympy import Rational

from bbpsym.answers.arrays import outliers
from bbpsym.answers.deformed import deformed_threshold
from bbpsym.answers.deformed_sampled import deformed_scatter
from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Panel, PlottedCurve
from bbpsym.laws.labels import labels_of
from bbpsym.symbols import label

#: Strengths of the Gaussian part, below and above the one at which the edge turns sharp.
SIGMAS = ("0.3", "0.8")

#: Strengths of the spike, sizes and samples of the second panel.
STRENGTHS = np.linspace(0.5, 1.1, 25)
SIZES, SAMPLES = (250, 1000, 4000), 40


@dataclass(frozen=True, eq=False)
class DiagonalBulkPanel(Panel):
    """Densities with a smooth and with a sharp edge, and that of the diagonal."""

    bulks: tuple[PlottedCurve, ...]
    diagonal: PlottedCurve


@dataclass(frozen=True, eq=False)
class JumpPanel(Panel):
    """Squared overlap against the strength of the spike, and what sampled diagonals predict."""

    overlap: PlottedCurve
    sampled: tuple[PlottedCurve, ...]


def matrix(sigma: str, spike: float | None = None) -> DeformedGaussian:
    """Return the matrix with a diagonal of density `(15/16) (1 - d^2)^2` on [-1, 1]."""
    law = labels_of(Rational(15, 16) * (1 - label**2) ** 2, 1, (-1, 1))
    return DeformedGaussian(law, sigma, spike)


def compute() -> tuple[DiagonalBulkPanel, JumpPanel]:
    """Compute both panels."""
    return bulk_panel(), jump_panel()


def bulk_panel() -> DiagonalBulkPanel:
    """Compute densities of eigenvalues."""
    bulks = []
    for sigma in SIGMAS:
        end = float(edge(matrix(sigma)).value)
        x = np.linspace(-end, end, 201)
        named = {"sigma": sigma}
        bulks.append(PlottedCurve("density", "eigenvalue", x, density(matrix(sigma), x=x), named))
    x = np.linspace(-1, 1, 201)
    return DiagonalBulkPanel(
        tuple(bulks), PlottedCurve("density", "d", x, 15 / 16 * (1 - x**2) ** 2)
    )


def jump_panel() -> JumpPanel:
    """Compute squared overlaps, in the limit and for sampled diagonals."""
    start = deformed_threshold(matrix(SIGMAS[0]))
    above = STRENGTHS[start.theta < STRENGTHS]
    theta = np.concatenate([[STRENGTHS[0], start.theta, start.theta], above])
    beyond = [float(outliers(matrix(SIGMAS[0], float(x)))[0].overlap2) for x in above]
    limit = np.array([0.0, 0.0, start.overlap2, *beyond])
    sampled = tuple(_sampled(N) for N in SIZES)
    return JumpPanel(PlottedCurve("overlap2", "theta", theta, limit, {"sigma": SIGMAS[0]}), sampled)


def _sampled(N: int) -> PlottedCurve:
    rng = np.random.default_rng(N)
    found = [deformed_scatter(matrix(SIGMAS[0], float(x)), N, SAMPLES, rng) for x in STRENGTHS[::2]]
    y = np.array([item.overlap2 for item in found])
    spread = np.array([item.overlap2_deviation for item in found])
    return PlottedCurve("overlap2", "theta", STRENGTHS[::2], y, {"N": N}, error=spread)


def draw_bulk(ax: Axes, panel: DiagonalBulkPanel) -> None:
    """Draw densities."""
    for curve, color in zip(panel.bulks, (style.BLUE, style.VERMILION), strict=True):
        ax.plot(curve.x, curve.y, color=color, label=rf"$\sigma={curve.parameters['sigma']}$")
    ax.plot(panel.diagonal.x, panel.diagonal.y, color=style.GREY, ls="--", label="diagonal")
    style.label(ax, "lambda", "density")
    ax.set_ylim(bottom=0)
    ax.legend()


def draw_jump(ax: Axes, panel: JumpPanel) -> None:
    """Draw the jump, and how finite sizes see it: bars are scatter from sample to sample."""
    ax.plot(panel.overlap.x, panel.overlap.y, color=style.BLACK, label=r"$N\to\infty$")
    for shift, (curve, color) in enumerate(zip(panel.sampled, style.ramp(3), strict=True)):
        name = rf"$N={curve.parameters['N']}$"
        ax.errorbar(
            curve.x + 0.004 * shift, curve.y, curve.error, fmt="o", ms=3, color=color, label=name
        )
    ax.set(xlim=(0.48, 1.13), ylim=(-0.1, 0.95))
    style.label(ax, "theta", "overlap2")
    ax.legend()


RECIPE = Recipe(
    "a deformed Gaussian matrix",
    compute,
    {DiagonalBulkPanel: draw_bulk, JumpPanel: draw_jump},
    (style.DOUBLE, 2.7),
    columns=2,
)
