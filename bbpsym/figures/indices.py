"""Figure 17: teachers of two indices, what their optimal weights see, and what others miss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy import special
from sympy import Abs, tanh

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.parametric import outlier_curve
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.index_models.staircase import given
from bbpsym.ensembles.index_models.teachers import product, teacher_of, two_squares
from bbpsym.figures import style
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import SIMULATION, Mark, Panel, PlottedCurve
from bbpsym.figures.simulations import averaged
from bbpsym.finite.spectral import label_moments, matrix_eigenvalues, matrix_spectral, spectral
from bbpsym.numerics.curve import RIGHT
from bbpsym.symbols import label

#: Largest alpha of both panels, and how many are drawn; those that are simulated.
LAST, POINTS = (4.0, 9.0), 40
SIMULATED = ((0.8, 1.6, 2.4, 3.2), (1.5, 3.5, 5.5, 7.5))

#: Size and samples of the simulations.
N, SAMPLES = 300, 6

#: Share of the second square in the label of the second panel.
RATIO, SQUARES = 0.5, "u1^2+u2^2/2"

#: Where the legend of so many curves finds room.
LEGEND = {2: 0.35, 3: 1.0, 5: 0.7}

#: A teacher whose moments have no common eigenvectors, and draws for these.
MIXED, DRAWS = "u1^3*u2", 10**6

#: Points of a curve of its; the alpha of its bulk, and where this is shown, away from zero.
FEWER, NEAREST, BULK, BARS = 16, 1 / 9, 3.0, 31
PLACES = np.concatenate([np.linspace(*ends) for ends in ((-8, -1.1, 24), (-1, -0.05, 20))])
PLACES = np.concatenate([PLACES, np.linspace(0.05, 0.5, 31), [1.2]])

Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Method:
    """A spectral method, the same once more as arrays for the simulation, and where it looks.

    Where `known` indices are known, the simulation's weight takes them as well.
    """

    name: str
    method: Any
    weight: Callable[..., np.ndarray]
    direction: tuple
    rank: int = 0
    known: int = 0


@dataclass(frozen=True, eq=False)
class IndexPanel(Panel):
    """Squared overlaps against alpha, of the limit and of finite matrices."""

    title: str
    names: tuple[str, ...]
    limits: tuple[PlottedCurve, ...]
    simulated: tuple[PlottedCurve, ...]


@dataclass(frozen=True, eq=False)
class IndexBulkPanel(Panel):
    """Density of the bulk of the optimal matrix, and of eigenvalues of finite ones."""

    title: str
    limit: PlottedCurve
    simulated: PlottedCurve
    edge: Mark


def compute() -> tuple[IndexPanel | IndexBulkPanel, ...]:
    """Compute all panels."""
    rng = np.random.default_rng(17)
    one = _panel("$y=u_1u_2$", _of_product(), lambda u: u[:, 0] * u[:, 1], 0, rng)
    squares = lambda u: u[:, 0] ** 2 + RATIO * u[:, 1] ** 2  # noqa: E731
    two = _panel(r"$y=u_1^2+u_2^2/2$", _of_squares(), squares, 1, rng)
    labels = lambda u: u[:, 0] ** 3 * u[:, 1]  # noqa: E731
    moments = label_moments(labels, 2, rng, DRAWS)
    return one, two, _mixed_panel(labels, moments, rng), _bulk_panel(labels, moments, rng)


def _bulk_panel(labels: Function, moments: Function, rng: np.random.Generator) -> IndexBulkPanel:
    """The bulk of the optimal matrix at one alpha."""
    (optimal,) = teacher_of(MIXED).methods()
    weight = lambda y: np.eye(2) - np.linalg.inv(moments(y))  # noqa: E731
    values = np.concatenate(
        [matrix_eigenvalues(labels, weight, 2, N // 2, BULK, rng) for _ in range(SAMPLES)]
    )
    bars = np.linspace(PLACES[0], PLACES[-1], BARS)
    heights = np.histogram(values, bars)[0] / (len(values) * np.diff(bars))
    middle = (bars[1:] + bars[:-1]) / 2
    rho = density(optimal, BULK, PLACES)
    return IndexBulkPanel(
        rf"$y=u_1^3u_2,\ \alpha={BULK:g}$",
        PlottedCurve("density", "lambda", PLACES, rho, {"alpha": BULK}),
        PlottedCurve("density", "lambda", middle, heights, {"N": N // 2}, None, SIMULATION),
        Mark("edge", float(edge(optimal, BULK).value), {"alpha": BULK}),
    )


def _mixed_panel(labels: Function, moments: Function, rng: np.random.Generator) -> IndexPanel:
    """Without common eigenvectors: the optimal matrix of size 2 N, and a weight of one's own."""
    one, teacher = np.eye(2), teacher_of(MIXED)
    (optimal,), (own, _) = teacher.methods(), teacher.methods(tanh(label))
    names = "optimal matrix", r"$\tanh\,y$"

    def whole(alpha: float) -> float:
        weight = lambda y: one - np.linalg.inv(moments(y))  # noqa: E731
        return float(np.sum(matrix_spectral(labels, weight, 2, N // 2, alpha, rng).overlap ** 2))

    def scalar(alpha: float) -> float:
        return spectral(labels, np.tanh, one, N, alpha, rng).overlap2

    pairs = tuple(zip(names, (whole, scalar), (N // 2, N), strict=True))
    seen = tuple(_averaged(name, draw, SIMULATED[0], size) for name, draw, size in pairs)
    limits = tuple(_by_alpha(name, item) for name, item in zip(names, (optimal, own), strict=True))
    return IndexPanel("$y=u_1^3u_2$", names, limits, seen)


def _by_alpha(name: str, method: Any) -> PlottedCurve:
    """Squared overlap from a threshold on, asked for at each alpha."""
    first = float(threshold(method, side=RIGHT).alpha)
    # Nearer to the threshold the overlap has no digit.
    shares = np.append(0.0, np.linspace(NEAREST, 1, FEWER - 1) ** 2)
    alphas = first + (LAST[0] - first) * shares
    overlap2 = [float(outlier(method, alpha, side=RIGHT).overlap2) for alpha in alphas[1:]]
    return PlottedCurve(f"m^2, {name}", "alpha", alphas, np.array([0.0, *overlap2]))


def _of_product() -> list[Method]:
    teacher, size = product(), Abs(label)
    (optimal,) = (m for m in teacher.methods() if m.direction is not None and min(m.direction) > 0)
    (odd,) = (e for e in teacher.methods(label / (1 + size)) if "-" not in e.law.name)
    even = teacher.methods(label**2 / (1 + label**2))[0]

    def factor(y: np.ndarray) -> np.ndarray:
        near = np.abs(y)
        return near * special.k1e(near) / special.k0e(near) + y

    # The even weight has two equal outliers, so that eigenvectors lie anywhere in the plane.
    along, both = (1.0, 1.0), ((1.0, 1.0), (1.0, -1.0))
    return [
        Method("optimal", optimal, lambda y: 1 - 1 / factor(y), along),
        Method("$y/(1+|y|)$", odd, lambda y: y / (1 + np.abs(y)), along),
        Method("$y^2/(1+y^2)$", even, lambda y: y**2 / (1 + y**2), both),
    ]


def _of_squares() -> list[Method]:
    teacher, weight = two_squares(RATIO), label / (1 + label)
    optimal, plain = teacher.methods(), teacher.methods(weight)

    def best(sign: int, share: float) -> Function:
        def weights(y: np.ndarray) -> np.ndarray:
            k = y * (1 / RATIO - 1) / 4
            return 1 - 2 * share / (y * (1 + sign * special.ive(1, k) / special.ive(0, k)))

        return weights

    ways = ((1.0, 0.0), (0.0, 1.0))
    pairs = zip(optimal, (best(1, 1.0), best(-1, RATIO)), ways, strict=True)
    found = [Method(f"optimal for $u_{k + 1}$", *pair, rank=k) for k, pair in enumerate(pairs)]
    (helped,) = given(SQUARES, ["u1"]).methods()

    def rest(y: np.ndarray, known: np.ndarray) -> np.ndarray:
        return 1 - RATIO / (y - known[:, 0] ** 2)

    found += [
        Method(f"$y/(1+y)$, $u_{k + 1}$", plain[k], lambda y: y / (1 + y), ways[k], k)
        for k in range(2)
    ]
    return [*found, Method("optimal for $u_2$ given $u_1$", helped, rest, (1.0,), known=1)]


def _panel(
    title: str, methods: list[Method], teacher: Function, index: int, rng: np.random.Generator
) -> IndexPanel:
    limits = tuple(_limit(method, LAST[index]) for method in methods)
    simulated = tuple(_simulated(method, teacher, SIMULATED[index], rng) for method in methods)
    return IndexPanel(title, tuple(method.name for method in methods), limits, simulated)


def _limit(method: Method, last: float) -> PlottedCurve:
    """Squared overlap, from the threshold on."""
    found = outlier_curve(method.method, last, POINTS, side=RIGHT)
    return PlottedCurve(f"m^2, {method.name}", "alpha", found.alpha, found.overlap2)


def _simulated(
    method: Method, teacher: Function, alphas: tuple[float, ...], rng: np.random.Generator
) -> PlottedCurve:
    asked = (teacher, method.weight, np.array(method.direction), N)

    def squared(alpha: float) -> float:
        return spectral(*asked, alpha, rng, method.rank, method.known).overlap2

    return _averaged(method.name, squared, alphas, N)


def _averaged(
    name: str, squared: Callable[[float], float], alphas: tuple[float, ...], size: int
) -> PlottedCurve:
    """Means over samples, with their errors."""
    found = averaged(squared, alphas, SAMPLES)
    return PlottedCurve(f"m^2, {name}", "alpha", *found[:2], {"N": size}, found[2], SIMULATION)


def _draw_bulk(ax: Axes, panel: IndexBulkPanel) -> None:
    """Draw a bulk with its edge and its outlier."""
    seen, limit = panel.simulated, panel.limit
    ax.bar(seen.x, seen.y, np.diff(seen.x)[0], color=style.SKY, alpha=0.5, label="matrices")
    ax.plot(limit.x, limit.y, color=style.BLUE, label="limit")
    ax.plot([panel.edge.value], [0], marker="^", ms=5, color=style.BLACK, ls="none", clip_on=False)
    ax.plot([1], [0], marker="o", ms=5, color=style.VERMILION, ls="none", clip_on=False)
    ax.set(xlim=(PLACES[0], PLACES[-1]), ylim=(0, None))
    style.label(ax, "lambda", "density")
    ax.set_title(panel.title)
    ax.legend(loc="upper left")


def draw(ax: Axes, panel: IndexPanel) -> None:
    """Draw one teacher; a dotted line where the overlap jumps."""
    colors = (style.BLUE, style.VERMILION, style.GREEN, style.GREY, style.BLACK)
    rows = zip(panel.names, panel.limits, panel.simulated, colors, strict=False)
    for name, limit, seen, color in rows:
        ax.plot(limit.x, limit.y, color=color, label=name)
        ax.vlines(limit.x[0], 0, limit.y[0], color=color, lw=0.8, ls=":")
        ax.errorbar(seen.x, seen.y, seen.error, fmt="o", ms=3, color=color)
    ax.set(xlim=(0, None), ylim=(-0.02, 1))
    style.label(ax, "alpha", "overlap2")
    ax.set_title(panel.title)
    ax.legend(loc="upper right", bbox_to_anchor=(1, LEGEND[len(panel.names)]), labelspacing=0.15)


RECIPE = Recipe(
    "teachers of two indices",
    compute,
    {IndexPanel: draw, IndexBulkPanel: _draw_bulk},
    (style.DOUBLE, 5.2),
    rows=2,
    columns=2,
)
