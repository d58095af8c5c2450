"""The Stieltjes transform of a network's Hessian inside its bulk, for one sector and for two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bbpsym.errors import DomainError, PrecisionError
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import Bulk, Inverse
from bbpsym.numerics.networks.blocks import Nodes
from bbpsym.numerics.networks.lattice import count, rule
from bbpsym.numerics.networks.matrix_nodes import MatrixNodes, matrix_nodes_at
from bbpsym.numerics.networks.node_laws import MOST_DIMENSIONS, NodeLaw
from bbpsym.numerics.networks.sector_equations import perron
from bbpsym.numerics.networks.spacings import size_of, spaced_sample

#: Level of the first rule, of the one that checks it, and of the last that is tried; and the nodes
#: of a rule up to which it is.
LEVEL, FINER, FINEST, MOST = 0, 1, 5, 400_000

#: Accuracy in shares of the largest value, by the number of Gaussian variables up to three and
#: beyond: of four a rule of `MOST` nodes leaves more.
ACCURACY = (1e-6, 1e-3)

#: Least share of the change from one level to the next that is claimed as the error of the finer
#: one: with a step 1.4 times smaller the error falls to its power 1.4. If the last change fell less
#: against the one before, that share.
FALL = 0.1

#: Least size of -g, of which an accuracy is a share.
LEAST = 1e-3

#: Entries of an array at a time.
CHUNK = 4_000_000

#: Level of the first rule for two sectors, of the last that is tried, and the nodes of the largest.
SECTORS, LARGEST = (2, 8), 1_200_000

#: Heights above the axis in units of the spectrum's width, from which two sectors are followed.
HEIGHTS = (*np.geomspace(4.0, 1e-6, 24), 0.0)

#: Newton steps for two sectors, and their relative accuracy: far below what a density may be wrong
#: by, far above the rounding of its averages.
STEPS, SETTLED = 60, 1e-12

#: Relative imaginary part from which on a point lies inside the bulk, and starts its neighbour.
INSIDE = 1e-3


def check_size(law: NodeLaw) -> None:
    """Refuse random nodes: of their error too little is known for a density.

    Raises
    ------
    DomainError
        If a sample has too many Gaussian variables for any other rule.
    """
    if law.is_random:
        raise DomainError(
            f"p and p_star must be smaller for a density: it takes {MOST_DIMENSIONS} Gaussian "
            f"variables at most, and a sample has {len(law.variables)}"
        )


def accuracy_of(law: NodeLaw) -> float:
    """Accuracy of a density, as a share of its largest value."""
    return ACCURACY[law.dimension > 3]


def transform(
    law: NodeLaw, alpha: float, x: np.ndarray, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    """Imaginary part of `-g` at increasing points, and the error that the rule leaves.

    Rules are refined wherever the error is above `accuracy`, as a share of the largest value.

    Raises
    ------
    ConvergenceError
        If Newton's method does not settle at some x.
    """
    solve = _two if law.network.has_sectors else _one
    values, error = solve(law, alpha, x, accuracy)
    outside = values < 4 * error
    values[outside], error[outside] = 0.0, 4 * error[outside]
    return values, error


def rank_share(law: NodeLaw) -> float:
    """Share of eigenvalues of F that are not zero."""
    if law.network.has_sectors:
        nodes = matrix_nodes_at(law, spaced_sample(law, SECTORS[0]))
        flat = np.linalg.eigvalsh(nodes.matrices())
        mass = nodes.mass[:, None] / nodes.p
    else:
        plain = law.nodes(*_rule(law, 0))
        flat, mass = plain.f, plain.features[:, 0]
    zero = np.abs(flat) < 1e-13 * np.abs(flat).max()
    return 1.0 - float((mass * zero).sum())


def _rule(law: NodeLaw, level: int) -> tuple[float, float]:
    return rule(law.dimension, level)


def _one(
    law: NodeLaw, alpha: float, x: np.ndarray, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    """Solve with the first rule, then with finer ones wherever the last step was too large."""
    found = bulk.solve(_at_level(law, LEVEL, alpha), x, _width(law, alpha), (0.0,), (0.5,))
    change, error = np.full((2, len(x)), np.inf)
    for level in range(FINER, FINEST + 1):
        bad = error > accuracy * max(found.t.imag.max(), LEAST)
        if not bad.any() or (level > FINER and count(law.dimension, *_rule(law, level)) > MOST):
            break
        before = Bulk(*(values[bad] for values in found))
        better = bulk.follow(_at_level(law, level, alpha), x[bad], before)
        moved = np.abs(better.t - before.t)
        error[bad] = np.clip(moved / change[bad], FALL, 1) * moved + better.error
        change[bad] = moved
        for values, finer in zip(found, better, strict=True):
            values[bad] = finer
    return found.t.imag, error


def _at_level(law: NodeLaw, level: int, alpha: float) -> Inverse:
    return _inverse(law.nodes(*_rule(law, level)), alpha)


def _width(law: NodeLaw, alpha: float) -> float:
    nodes = law.nodes(*_rule(law, 0))
    square = float(nodes.features[:, 0] @ nodes.f**2)
    return float((alpha + np.sqrt(alpha)) * np.sqrt(square))


def _inverse(nodes: Nodes, alpha: float) -> Inverse:
    """`lambda(t)`, its slope and its rounding error for arrays of complex t."""
    weight, f = nodes.features[:, 0], nodes.f
    size = max(1, CHUNK // len(f))

    def inverse(t: np.ndarray, _place: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, second = np.empty_like(t), np.empty_like(t)
        for start in range(0, len(t), size):
            part = slice(start, start + size)
            h = f / (1 + t[part, None] * f)
            first[part], second[part] = h @ weight, (h * h) @ weight
        value = -1 / t + alpha * first
        error = np.finfo(float).eps * 8 * (np.abs(1 / t) + alpha * np.abs(first))
        return value, 1 / t**2 - alpha * second, error

    return inverse


def _two(
    law: NodeLaw, alpha: float, x: np.ndarray, accuracy: float
) -> tuple[np.ndarray, np.ndarray]:
    """Solve for both parts of G with the first rule, then with finer ones where they are wanted."""
    nodes = matrix_nodes_at(law, spaced_sample(law, SECTORS[0]))
    shares = np.array([1.0, nodes.p - 1]) / nodes.p
    found = np.array(list(_along(nodes, alpha, x)))
    change, error = np.zeros(len(x)), np.full(len(x), np.inf)
    for level in range(SECTORS[0] + 1, SECTORS[1] + 1):
        bad = np.flatnonzero(error > accuracy * max((found.imag @ shares).max(), LEAST))
        if not bad.size or size_of(law, level) > LARGEST:
            break
        nodes = matrix_nodes_at(law, spaced_sample(law, level))
        for k in bad.tolist():
            better = _settled(_newton(nodes, alpha, x[k] + 0j, found[k]), x[k])
            moved = float(shares @ np.abs(better - found[k])) + SETTLED
            # At first nothing tells how fast changes fall: all of the first is the error.
            share = np.clip(moved / change[k], FALL, 1) if change[k] else 1.0
            found[k], change[k], error[k] = better, moved, share * moved
    return found.imag @ shares, error


def _along(nodes: MatrixNodes, alpha: float, x: np.ndarray) -> Iterator[np.ndarray]:
    """Follow both parts of G from far above the axis at the first x, then along it."""
    width = float((alpha + np.sqrt(alpha)) * np.sqrt(nodes.p * nodes.square()))
    t: np.ndarray | None = None
    for point in x.tolist():
        found = None if t is None else _newton(nodes, alpha, point + 0j, t)
        found = _from_above(nodes, alpha, point, width) if found is None else found
        found = _settled(found, point)
        t = found if found.imag.min() > INSIDE * np.abs(found).max() else None
        yield found


def _settled(found: np.ndarray | None, x: float) -> np.ndarray:
    if found is None:
        raise PrecisionError(f"the Stieltjes transform is not found at x = {x:.6g}")
    return found


def _from_above(nodes: MatrixNodes, alpha: float, x: float, width: float) -> np.ndarray | None:
    """Follow the solution from far above the axis."""
    found: np.ndarray | None = np.full(2, -1 / (x + 1j * HEIGHTS[0] * width))
    for height in HEIGHTS:
        if found is not None:
            found = _newton(nodes, alpha, x + 1j * height * width, found)
    return found


def _newton(nodes: MatrixNodes, alpha: float, z: complex, t: np.ndarray) -> np.ndarray | None:
    """Solve `lambda_i(t) = z` with both t in the upper half-plane; None if that fails.

    The unknowns are `w = -1/t`, in which lambda is about linear.
    """
    w: np.ndarray = -1 / t
    for _ in range(STEPS):
        state = nodes.state(*(-1 / w))
        residual = w + alpha * state.k - z
        jacobian = np.eye(2) - alpha * state.m / w**2
        step = np.linalg.solve(jacobian, residual)
        size = float(np.max(np.abs(step / w)))
        moved = w - step * min(1.0, 0.5 / (size + SETTLED))
        # With z above the axis w is so too: a step across it is cut short.
        w = moved.real + 1j * np.where(moved.imag > 0, moved.imag, w.imag / 4)
        if size < SETTLED:
            return -1 / w if _is_stable(alpha, w, nodes) else None
    return None


def _is_stable(alpha: float, w: np.ndarray, nodes: MatrixNodes) -> bool:
    """Whether a real solution is the Stieltjes transform: the map of the bulk stays below one."""
    if np.any(w.imag > INSIDE * np.abs(w)):
        return True
    t = -1 / w.real
    if not nodes.is_admissible(*t):
        return False
    return perron(alpha * nodes.state(*t).m / w.real[:, None] ** 2)[0] < 1
