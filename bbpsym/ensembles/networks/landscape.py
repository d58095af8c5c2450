"""The weight of a network as a landscape over its data, and the descent to its lowest places."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc
from sympy import Expr, Float, Integral, Matrix, Symbol

from bbpsym.ensembles.real_values import compiled
from bbpsym.equations import weights
from bbpsym.equations.weights import zeta
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: Starts (a power of two) and descents in a box, and what no weight reaches but by overflow.
STARTS, DESCENTS, LARGEST = 2**13, 10, 1e15

#: Descents from places where all coordinates are about alike.
VALLEYS = 2

#: Sum of inverse powers up to which a mean diverges, what is measured of it, and that of no rise.
DIVERGENT, ROUGH, FLAT = 2.0, 0.05, 0.1

#: Distances at which a rise is looked at, the least one in units of the end, and how alike it is.
DISTANCES, RISE, ALIKE = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1), 1e-11, 1.5

#: How a descent stops that is to find an end to its digits, in units of the end.
FINE = {"ftol": 1e-15, "gtol": 1e-9}

#: Steps along one coordinate, in units of its size, rounds of these, and the gain that counts.
STEPS, ROUNDS, GAIN = np.geomspace(1e-13, 1.0, 128), 40, 1e-14

#: Size below which a coordinate is shown as zero.
ZERO = 1e-5

#: Digits of a weight that doubles may have lost.
DIGITS = 60


class Landscape(NamedTuple):
    """A weight to be minimised: its lowest eigenvalue as a function of free coordinates.

    Its branches are formulas in the label, which is one in the coordinates, and the student's;
    `confined` gives for each coordinate of a point how many directions of the data it stands for.
    """

    variables: tuple[Symbol, ...]
    value: Callable[[np.ndarray], np.ndarray]
    branches: tuple[Expr, ...]
    label: Expr
    confined: Callable[[np.ndarray], np.ndarray]


def landscape(network: Network, sign: int, shift: np.ndarray | float = 0.0) -> Landscape:
    """The weight in independent coordinates: pre-activations of teacher and student, and noise.

    A constant matrix may be added to it.
    """
    if network.is_radial:
        return _radial_landscape(network, sign)
    matrix = sign * network.weight.subs(label, network.label)
    nodes = weights.student_nodes(matrix.shape[0])
    variables = tuple(v for v in (*network.teacher_frame, *nodes, zeta) if v in matrix.free_symbols)
    branches = (sign * network.weight[0, 0],) if len(nodes) == 1 else ()
    return of_matrix(matrix, variables, shift)._replace(branches=branches, label=network.label)


def of_matrix(
    matrix: Matrix, variables: tuple[Symbol, ...], shift: np.ndarray | float
) -> Landscape:
    """The least eigenvalue of a matrix of formulas and a constant one."""
    size = matrix.shape[0]
    places = np.tril_indices(size)
    entries = compiled(tuple(matrix[q, r] for q, r in zip(*places, strict=True)), variables)

    def value(points: np.ndarray) -> np.ndarray:
        found = real(entries, points)
        if size == 1:
            return found[0] + np.ravel(shift)
        lower = np.zeros((len(points), size, size))  # of which alone eigenvalues are taken
        lower[:, *places] = found.T
        good = np.isfinite(found).all(axis=0)
        least = np.full(len(points), np.inf)
        least[good] = np.linalg.eigvalsh(lower[good] + shift)[:, 0]
        return least

    return Landscape(variables, value, (), label, np.ones_like)


def _radial_landscape(network: Network, sign: int) -> Landscape:
    """The lower of the two eigenvalues (48), with the student's length `s` as a coordinate."""
    length = Symbol("|lambda|", real=True)
    radial = network.teacher is None and network.p_star > 1
    clean = network.label
    if radial:  # the label depends on the length of u only: one coordinate is enough
        clean = clean.subs(dict.fromkeys(network.teacher_frame[1:], 0))
    branches = tuple(sign * w.subs(weights.square, length**2) for w in network.radial_weights)
    explicit = [branch.subs(label, clean) for branch in branches]
    free = set().union(*(branch.free_symbols for branch in explicit))
    variables = tuple(v for v in (*network.teacher_frame, length, zeta) if v in free)
    both = compiled(tuple(explicit), variables)

    def value(points: np.ndarray) -> np.ndarray:
        return real(both, points).min(axis=0)

    def confined(point: np.ndarray) -> np.ndarray:
        counts = {length: network.p, network.teacher_frame[0]: network.p_star if radial else 1}
        return np.where(np.abs(point) < 1e-3, [counts.get(v, 1) for v in variables], 1)

    return Landscape(variables, value, branches, clean, confined)


def fills(scene: Landscape, point: np.ndarray, low: float) -> bool:
    """Whether the mean of `1/(weight - low)^2` is seen to diverge at a lowest point.

    Where the weight rises like the power c_k of the distance in the direction k, it does so if
    the sum of all `1/c_k` is at most two: in four directions of a parabola, in two of a cusp.
    """
    inverse = [_inverse_power(scene, point, low, k) for k in range(len(point))]
    return bool(scene.confined(point) @ np.array(inverse) < DIVERGENT + ROUGH)


def _inverse_power(scene: Landscape, point: np.ndarray, low: float, k: int) -> float:
    """One over the power of a rise, by the least distance at which it is alike both ways.

    Or grows alike, as in a cusp with two slopes. Infinite where none is, and where no rise is seen
    that of a very high power.
    """
    flat = True
    for distance in DISTANCES:
        moves = np.zeros((4, len(point)))
        moves[:, k] = distance * np.array([1, -1, 2, -2])
        one, other, *twice = scene.value(point + moves) - low
        flat &= max(one, other) < RISE * abs(low)
        if not RISE * abs(low) < min(one, other) <= max(one, other, *twice) < np.inf:
            continue
        growth = twice[0] / one, twice[1] / other
        if max(one, other) < ALIKE * min(one, other) or np.ptp(growth) < ROUGH:
            ratio = sum(twice) / (one + other)
            return float(1 / np.log2(ratio)) if ratio > 1 else np.inf
    return FLAT if flat else np.inf


def real(function: Callable, points: np.ndarray) -> np.ndarray:
    """Values of compiled functions, one row each; infinite where they are no real numbers.

    What overflows on the way, as exponentials of steep losses, is computed with a wider range.
    """
    found = _real(function, points)
    lost = np.isinf(found).any(axis=0)
    if lost.any():
        with suppress(TypeError):  # SciPy has special functions of doubles only
            found[:, lost] = _real(function, points[lost].astype(np.longdouble))
    return found


def _real(function: Callable, points: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = function(*points.T)
        found = np.empty((len(values), len(points)))
        for row, value in zip(found, values, strict=True):
            if np.iscomplexobj(value):
                is_real = np.abs(np.imag(value)) < 1e-9 * (1 + np.abs(value))
                value = np.where(is_real, np.real(value), np.inf)
            row[:] = value
        found[~np.isfinite(found)] = np.inf
    return found


def lowest(scene: Landscape, box: float) -> tuple[float, np.ndarray]:
    """Minimise in a box: samples dense near the origin, then descents from the best of them."""
    dimension = len(scene.variables)
    if not dimension:
        return float(scene.value(np.zeros((1, 0)))[0]), np.zeros(0)
    unit = 2 * qmc.Sobol(dimension, seed=0).random(STARTS) - 1
    starts = np.sign(unit) * np.expm1(np.abs(unit) * np.log1p(box))
    values = scene.value(starts)
    order = np.argsort(values)
    chosen = starts[order[:: max(1, STARTS // (8 * DESCENTS))][: DESCENTS // 2]]
    chosen = np.concatenate([chosen, starts[order[: DESCENTS // 2]]])
    alike = _alike(dimension, box)
    best = np.argsort(scene.value(alike))[:VALLEYS]
    ends = [descend(scene, start, box) for start in [*chosen, *alike[best]]]
    ends.append((float(values[order[0]]), starts[order[0]]))
    low, point = min(ends, key=lambda pair: pair[0])
    # The descents stop at absolute differences; those of a small weight matter in its own units.
    fine = descend(scene, point, box, abs(low)) if 0 < abs(low) < LARGEST else (low, point)
    return settled(scene, min(fine, (low, point), key=lambda pair: pair[0])[1], box)


def settled(scene: Landscape, point: np.ndarray, box: float) -> tuple[float, np.ndarray]:
    """Go down along one coordinate after the other, which needs no slopes: into cusps as well.

    Steps of all sizes find a valley that is narrow, next to a point that is near it.
    """
    point, low = point.copy(), float(scene.value(point[None])[0])
    for _ in range(ROUNDS):
        before = low
        for k in range(len(point)):
            steps = max(1.0, abs(point[k])) * np.concatenate([STEPS, -STEPS])
            moved = np.tile(point, (len(steps) + 1, 1))
            moved[:, k] = np.clip(np.append(point[k] + steps, 0.0), -box, box)
            with np.errstate(over="ignore"):
                values = scene.value(moved)
            best = int(np.argmin(values))
            if values[best] < low - GAIN * abs(low):
                low, point = float(values[best]), moved[best]
        if not low < before:
            break
    return low, point


def _alike(dimension: int, box: float) -> np.ndarray:
    """Starts of about equal sizes: where an output equals the label is a valley, narrow far out."""
    unit = 2 * qmc.Sobol(dimension + 1, seed=0).random(STARTS // 4) - 1
    size = np.expm1(np.abs(unit[:, :1]) * np.log1p(box))
    starts = np.sign(unit[:, 1:]) * (size + (2 * np.abs(unit[:, 1:]) - 1) / (1 + size))
    return np.clip(starts, -box, box)


def written(variables: tuple[Symbol, ...], point: np.ndarray) -> str:
    """Name the coordinates of a point."""
    return ", ".join(f"{v} = {shown(x)}" for v, x in zip(variables, point, strict=True))


def shown(x: float) -> str:
    """A coordinate that a descent has found, which zero is not to all digits."""
    return f"{x if abs(x) > ZERO else 0:.3g}"


def is_rounding(scene: Landscape, point: np.ndarray, least: float) -> bool:
    """Whether SymPy's own weights at a point are none of them below what doubles may lose."""
    at = {v: Float(float(x), DIGITS) for v, x in zip(scene.variables, point, strict=True)}
    explicit = [branch.subs(label, scene.label) for branch in scene.branches]
    if not explicit or any(branch.has(Integral) for branch in explicit):
        return False
    found = [branch.evalf(DIGITS, subs=at) for branch in explicit]
    return all(value.is_number and value.is_real and value >= least for value in found)


def descend(
    scene: Landscape, start: np.ndarray, box: float, unit: float = 1.0
) -> tuple[float, np.ndarray]:
    """Go down from a start inside a box; values in units of `unit` where they are small."""

    def with_slope(x: np.ndarray) -> tuple[float, np.ndarray]:
        shift = 1e-6 * (1 + np.abs(x))
        moves = np.concatenate([np.diag(shift), -np.diag(shift), np.zeros((1, len(x)))])
        with np.errstate(over="ignore"):
            *sides, value = np.minimum(scene.value(x + moves) / unit, 1e300)
            ahead, behind = np.reshape(sides, (2, len(x)))
            return float(value), (ahead - behind) / (2 * shift)

    bounds = [(-box, box)] * len(start)
    options = {"maxiter": 200} | ({} if unit == 1 else FINE)
    found = minimize(with_slope, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return float(found.fun) * unit, found.x
