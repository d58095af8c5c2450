"""The bulk of the optimal method of several indices, where it has a matrix G: edge and density.

Right of the bulk G is the least solution, and the derivative of its map rises to one at a sharp
edge, like the square root of the distance. At z = 1 there is G = 1, of derivative `alpha/alpha_c`:
up to alpha_c that is the least one, and the end of the domain where C is unbounded, so that the
edge is smooth and lies there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bbpsym.ensembles.index_models.factor_law import NODES
from bbpsym.ensembles.index_models.matrix_method import DressedLaw, MatrixMethod, paired, solved
from bbpsym.errors import ConvergenceError

#: Share of the way to where an edge is expected that a step leaves, distance at which it is found,
#: and the most steps.
LEFT_OVER, CLOSE, STEPS = 0.2, 1e-7, 200

#: Steps of Newton's method at one z, and the change that ends it.
NEWTON, SETTLED = 40, 1e-12

#: Heights above the real axis from which the bulk is approached, in units of its width.
HEIGHTS = (*np.geomspace(3, 1e-4, 25), 0.0)

#: Least imaginary part of a G inside the bulk, and the largest one in a gap at the least height.
INSIDE, FADING = 1e-6, 1e-2


def right_edges(method: MatrixMethod, alpha: float) -> tuple[float, float]:
    """The right edge by the rule for averages and by a coarser one; one where it is smooth."""
    fine, coarse = (_turning_point(law)[0] for law in _laws(method, alpha, NODES[-1]))
    return fine, coarse


def edge_start(method: MatrixMethod, alpha: float) -> tuple[float, np.ndarray, np.ndarray]:
    """The right edge, its G, and the matrix D of trace one that the derivative leaves as it is."""
    law, _ = _laws(method, alpha, NODES[-1])
    z, G = _turning_point(law)
    K = law.dressed(G)
    values, ways = np.linalg.eig(np.kron(G, G) @ (alpha * paired(law.share, K, K)))
    D = np.real(ways[:, np.argmax(np.abs(values))]).reshape(G.shape)
    return z, G, (D + D.T) / (2 * np.trace(D))


def densities(method: MatrixMethod, alpha: float, x: np.ndarray) -> np.ndarray:
    """The density at rising x inside the bulk, by both rules, shape (2, n)."""
    return np.array([[*_density(law, x)] for law in _laws(method, alpha, NODES[1])])


def _laws(method: MatrixMethod, alpha: float, per_unit: int) -> list[DressedLaw]:
    moments, *rules = method.teacher.nodes(per_unit)
    return [DressedLaw(moments, share, alpha, method.teacher.name) for share in rules]


def _turning_point(law: DressedLaw) -> tuple[float, np.ndarray]:
    """Go down towards where the derivative is one: the square of what it lacks falls linearly.

    Return the edge, and the last G before it.
    """
    G, z = law.resolvent(1.0), 1.0
    above = law.resolvent(1 + LEFT_OVER)
    points = [(1 + LEFT_OVER, _lack(law, above)), (z, _lack(law, G))]
    for _ in range(STEPS):
        (z_1, q_1), (z_0, q_0) = points[-2:]
        expected = z_0 - q_0 * (z_1 - z_0) / (q_1 - q_0)
        if abs(z_1 - expected) < CLOSE * (1 + abs(z_0)):  # two points are as close
            break
        step = (1 - LEFT_OVER) * (z_0 - expected)
        while (found := law.polished(G, z_0 - step)) is None:
            step /= 2
            if step < CLOSE**2:
                raise ConvergenceError(f"no edge is found at alpha = {law.alpha:.6g}: {law.name}")
        G = found
        points.append((z_0 - step, _lack(law, G)))
    else:
        raise ConvergenceError(f"no edge is found at alpha = {law.alpha:.6g} for {law.name}")
    places, lacks = np.array(points[-3:]).T
    return float(np.polyval(np.polyfit(lacks / lacks[0], places, len(places) - 1), 0.0)), G


def _lack(law: DressedLaw, G: np.ndarray) -> float:
    """The square of what the derivative of the map lacks of one."""
    K = law.dressed(G)
    slopes = np.linalg.eigvals(np.kron(G, G) @ (law.alpha * paired(law.share, K, K)))
    return float((1 - np.abs(slopes).max()) ** 2)


def _density(law: DressedLaw, x: np.ndarray) -> Iterator[float]:
    """Minus the imaginary part of the mean of G, from neighbour to neighbour."""
    G, last = None, np.nan
    width = 1 + float(np.abs(x).max(initial=0.0))
    for place in x:
        found = _newton(law, G, place + 0j) if G is not None and last * place > 0 else None
        if found is None or np.linalg.eigvalsh(-found.imag)[0] < INSIDE:
            found = _from_above(law, place, width)
        G, last = found, place
        yield max(0.0, -float(np.trace(G).imag) / (np.pi * len(G)))


def _from_above(law: DressedLaw, place: float, width: float) -> np.ndarray:
    """G at a point of the real axis, by smaller and smaller heights above it."""
    G = np.eye(law.moments.shape[1]) / (place + 1j * HEIGHTS[0] * width)
    for height in HEIGHTS:
        found = _newton(law, G, place + 1j * height * width)
        if found is None:
            if height == 0 and np.linalg.eigvalsh(-G.imag)[0] < FADING:
                return G.real + 0j  # in a gap
            raise ConvergenceError(f"the density of {law.name} is not found at x = {place:.6g}")
        G = found
    return G


def _newton(law: DressedLaw, G: np.ndarray, z: complex) -> np.ndarray | None:
    """Newton's method in the lower half-plane of G; None where it leads elsewhere."""
    for _ in range(NEWTON):
        with np.errstate(all="ignore"):
            K = law.dressed(G)
            risen = np.linalg.inv(z * np.eye(len(G)) - law.alpha * np.tensordot(law.share, K, 1))
            step = solved(law.alpha * paired(law.share, K, K), risen, risen - G)
        if not np.isfinite(step).all():
            return None
        share = 1.0
        while share > SETTLED and not _is_below(G + share * step):
            share /= 2
        G = G + share * step
        if np.abs(step).max() < SETTLED * (1 + np.abs(G).max()):
            return G if _is_below(G) else None
    return None


def _is_below(G: np.ndarray) -> bool:
    """Whether the imaginary part is negative."""
    return bool(np.linalg.eigvalsh(-G.imag)[0] > 0)
