"""Edge, outliers and transition where exchange of the nodes is the only symmetry.

The Stieltjes transform is then `g_s` on (1, ..., 1) and `g_o` across. Everything is seen from the
left: `g = -t`. With `K = F (1 - G F)^-1` the bulk is the curve on which both

    lambda_i = 1/g_i + alpha E tr(P_i K)/dim_i

are equal; it is followed in `t_o`, with which lambda grows up to the edge. There the positive map
`D -> alpha G E[K D K] G` has the Perron eigenvalue one. Any admissible G gives a lower bound
`min lambda_i` of the edge (Lehner), and since every lambda_i is concave in the matrix 1/G, a
tangent of their mean with the left Perron vector an upper one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import repeat
from math import factorial
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq, root

from bbpsym.ensembles.support import lower_end
from bbpsym.errors import ConvergenceError
from bbpsym.numerics import exchange
from bbpsym.numerics.lattice import MOST_NODES, count, rule
from bbpsym.numerics.matrix_nodes import MatrixNodes, blocks_of, matrix_nodes
from bbpsym.numerics.node_laws import Block, NodeLaw
from bbpsym.numerics.scalar_curve import ROUNDED, SHARP, Edge, Outlier, Transition

#: First t_o of a path, in units of the inverse root mean square weight over root alpha, its growth,
#: and most steps.
FIRST, GROWTH, PATH = 1e-3, 1.5, 200

#: Newton steps and their relative accuracy.
NEWTON, CLOSE = 60, 3e-16

#: Range of alpha that is scanned for a threshold, its growth, and the width to which a crossing is
#: narrowed before all equations are solved together.
LOWEST, HIGHEST, SCAN, NEAR = 0.02, 2e4, 1.6, 1e-2

#: Relative distance from the end of the domain at which it counts as reached.
END = 1e-6

#: Relative accuracy of roots, and what their equations may leave.
ROOT, RESIDUAL = 1e-14, 1e-11


class State(NamedTuple):
    """Averages at one G.

    `k_i = E tr(P_i K)/dim_i` and `m_ij = E tr(P_i K P_j K)/dim_i`, with the projectors P_i on
    (1, ..., 1) and across.
    """

    k: np.ndarray
    m: np.ndarray


@dataclass(eq=False)
class SectorCurve:
    """Curves of a law with two sectors at the nodes of a rule."""

    law: NodeLaw
    nodes: MatrixNodes
    blocks: tuple[Block, ...]
    bases: tuple[np.ndarray, ...]
    known: dict[float, list[tuple[float, float]]] = field(default_factory=dict)
    last: tuple[float, float] = (1.0, 1.0)

    @cached_property
    def _along(self) -> np.ndarray:
        """Squared component of every eigenvector of F along (1, ..., 1)."""
        return self.nodes.vectors.sum(axis=1) ** 2 / self.nodes.p

    def state(self, t_s: float, t_o: float) -> State | None:
        """Averages at `g = -t`; None where `1 - G F` is not positive at all nodes."""
        one = 1 + t_o * self.nodes.f
        den = 1 - (t_o - t_s) * (self._along * self.nodes.f / one).sum(axis=1)
        if not np.all(one.prod(axis=1) * den > 0):
            return None
        return self.moments(t_s, t_o)

    def moments(self, t_s: Any, t_o: Any) -> State:
        """Averages at `g = -t`, real or complex.

        With `K_o = F (1 + t_o F)^-1` and e along (1, ..., 1), K is `K_o` plus a rank-one matrix:
        moments of `K_o` in e are enough.
        """
        c, w, p = self._along, self.nodes.mass, self.nodes.p
        kappa = self.nodes.f / (1 + t_o * self.nodes.f)
        first, second, third = ((c * kappa**n).sum(axis=1) for n in (1, 2, 3))
        den = 1 - (t_o - t_s) * first
        rank = (t_o - t_s) / den
        along, length = first / den, second / den**2
        trace = kappa.sum(axis=1) + rank * second
        square = (kappa**2).sum(axis=1) + 2 * rank * third + (rank * second) ** 2
        k_s, ss, whole = w @ along, w @ along**2, w @ length
        k_o = (w @ trace - k_s) / (p - 1)
        so, oo = whole - ss, (w @ square - 2 * whole + ss) / (p - 1)
        return State(np.array([k_s, k_o]), np.array([[ss, so], [so / (p - 1), oo]]))

    def _matrices(self, t_s: float, t_o: float) -> tuple[np.ndarray, np.ndarray]:
        """K and K e at the nodes."""
        nodes, p = self.nodes, self.nodes.p
        kappa = nodes.f / (1 + t_o * nodes.f)
        K = (nodes.vectors * kappa[:, None, :]) @ nodes.vectors.transpose(0, 2, 1)
        a = K.sum(axis=2) / np.sqrt(p)
        den = 1 - (t_o - t_s) * a.sum(axis=1) / np.sqrt(p)
        K += ((t_o - t_s) / den)[:, None, None] * a[:, :, None] * a[:, None, :]
        return K, a / den[:, None]

    def on_curve(self, t_o: float, alpha: float, guess: float) -> tuple[float, State] | None:
        """Solve `lambda_s = lambda_o` for t_s by Newton's method; None beyond the domain."""
        t_s, last = guess, np.inf
        for _ in range(NEWTON):
            state = self.state(t_s, t_o)
            if state is None:
                return None
            gap = -1 / t_s + 1 / t_o + alpha * (state.k[0] - state.k[1])
            slope = 1 / t_s**2 - alpha * (state.m[0, 0] - state.m[1, 0])
            step = gap / slope
            if abs(step) < CLOSE * t_s or (abs(step) >= last and abs(step) < 1e-12 * t_s):
                return t_s, state
            last = abs(step)
            t_s = float(np.clip(t_s - step, t_s / 2, 2 * t_s))
        return None

    def _followed(self, t_o: float, alpha: float) -> tuple[float, State] | None:
        """The same, starting from the nearest point that is known."""
        known = self.known.get(alpha) or [self.last]
        near = min(known, key=lambda pair: abs(np.log(pair[0] / t_o)))
        found = self.on_curve(t_o, alpha, t_o * near[1])
        if found is not None:
            self.last = t_o, found[0] / t_o
            self.known.setdefault(alpha, []).append(self.last)
        return found

    def excess(self, t_o: float, alpha: float) -> float:
        """Perron eigenvalue of the map less one; infinite beyond the domain."""
        found = self._followed(t_o, alpha)
        if found is None:
            return np.inf
        return perron(self._map(found[0], t_o, found[1], alpha))[0] - 1

    def _map(self, t_s: float, t_o: float, state: State, alpha: float) -> np.ndarray:
        return alpha * np.array([[t_s**2], [t_o**2]]) * state.m

    @property
    def scale(self) -> float:
        """A typical t: the inverse of the root mean square weight."""
        return float(1 / np.sqrt(self.nodes.mass @ (self.nodes.f**2).mean(axis=1)))

    def edge(self, alpha: float, near: Edge | None = None) -> Edge:
        """Find the edge.

        Raises
        ------
        ConvergenceError
            If the curve leaves the domain before the edge is sharp.
        """
        t = near and self._solved(self._edge_equations(alpha), near.t)
        if t is None:
            low, high = self._bracket(alpha)
            t_o = float(brentq(self.excess, low, high, args=(alpha,), xtol=1e-300, rtol=ROOT))
            t = self._known(t_o, alpha)[0], t_o
        t_s, t_o = t
        state = self._state(t)
        self.known.setdefault(alpha, []).append((t_o, t_s / t_o))
        values = np.array([-1 / t_s, -1 / t_o]) + alpha * state.k
        # The mean of both lambda with this vector has no gradient in 1/g, but for rounding.
        slopes = alpha * state.m * np.array([t_s, t_o]) ** 2
        _, left = perron(slopes.T)
        gradient = left - left @ slopes
        mean = (self.nodes.mass @ self.nodes.f.sum(axis=1)) / self.nodes.p
        reach = np.max(np.abs(values - alpha * mean)) * self.nodes.p
        upper = float(left @ values + np.abs(gradient).sum() * reach)
        rounding = ROUNDED * (1 / min(t) + alpha * float(np.abs(state.k).max()))
        low, value = float(values.min()) - rounding, float(values.mean())
        return Edge(SHARP, (t_s, t_o), value, low, upper + rounding)

    def _edge_equations(self, alpha: float) -> Callable[[np.ndarray], list[float]]:
        """Equal lambda, and the Perron eigenvalue one."""

        def equations(x: np.ndarray) -> list[float]:
            t_s, t_o = np.exp(x[:2])
            state = self._state((t_s, t_o))
            eigenvalue = perron(self._map(t_s, t_o, state, alpha))[0]
            return [self._gap(t_s, t_o, state, alpha), eigenvalue - 1]

        return equations

    @staticmethod
    def _gap(t_s: float, t_o: float, state: State, alpha: float) -> float:
        return float(-t_o / t_s + 1 + t_o * alpha * (state.k[0] - state.k[1]))

    def _state(self, t: tuple[float, float]) -> State:
        state = self.state(*t)
        if state is None:
            raise ConvergenceError("1 - G F is not positive")
        return state

    @staticmethod
    def _solved(
        equations: Callable[[np.ndarray], list[float]], guess: tuple[float, ...]
    ) -> tuple[Any, ...] | None:
        """Solve equations in positive unknowns from a good guess; None if that fails."""
        try:
            found = root(equations, np.log(guess), method="hybr", options={"xtol": ROOT})
            small = np.max(np.abs(equations(found.x))) < RESIDUAL
        except ConvergenceError:
            return None
        return tuple(float(t) for t in np.exp(found.x)) if small else None

    def _bracket(self, alpha: float) -> tuple[float, float]:
        """Two t_o with the edge between them."""
        t, growth = FIRST * self.scale / np.sqrt(max(alpha, 1.0)), GROWTH
        for _ in range(PATH):
            value = self.excess(t * growth, alpha)
            if np.isinf(value):
                growth = 1 + (growth - 1) / 2
                if growth < 1 + END:
                    break
            elif value > 0:
                return t, t * growth
            else:
                t *= growth
        raise ConvergenceError("no sharp edge is seen before the end of the support")

    def _known(self, t_o: float, alpha: float) -> tuple[float, State]:
        found = self._followed(t_o, alpha)
        if found is None:
            raise ConvergenceError("the bulk could not be followed to its edge")
        return found

    def _block(self, t: tuple[float, float], number: int) -> np.ndarray:
        """The signal block of a sector: E[v v^T (x) K]."""
        return self._projected(self._matrices(*t)[0], number)

    def _projected(self, tensor: np.ndarray, number: int) -> np.ndarray:
        nodes, p = self.nodes, self.nodes.p
        sums = nodes.pairs.T @ tensor.reshape(len(tensor), -1)
        full = np.empty((nodes.size, nodes.size, p, p))
        for entry, (a, b) in zip(sums, zip(*np.triu_indices(nodes.size), strict=True), strict=True):
            full[a, b] = full[b, a] = entry.reshape(p, p)
        matrix = full.transpose(0, 2, 1, 3).reshape(nodes.size * p, nodes.size * p)
        basis = self.bases[number]
        return basis.T @ exchange.symmetrised(matrix, nodes.teachers, p) @ basis

    def _beyond(self, edge: Edge, alpha: float) -> Iterator[tuple[int, int, float]]:
        """Yield number, index and distance from the edge of all eigenvalues of the signal block."""
        for number in range(len(self.blocks)):
            for index, s in enumerate(np.linalg.eigvalsh(self._block(edge.t, number))):
                yield number, index, (alpha * s - edge.value) * edge.t[1]

    def margins(self, alpha: float, edge: Edge) -> list[float]:
        """Relative distances `s_i - edge` of all eigenvalues of the signal block at the edge."""
        return [float(distance) for _, _, distance in self._beyond(edge, alpha)]

    def outliers(
        self, alpha: float, edge: Edge, near: list[Outlier] | None = None
    ) -> list[Outlier]:
        """Find all outliers left of the edge, from those found before by another rule."""
        beyond = [item for item in self._beyond(edge, alpha) if item[2] < 0]
        guesses = [item.t for item in near] if near and len(near) == len(beyond) else repeat(None)
        return [
            self._outlier(number, index, alpha, edge, guess)
            for (number, index, _), guess in zip(beyond, guesses, strict=False)
        ]

    def _outlier(
        self, number: int, index: int, alpha: float, edge: Edge, guess: tuple | None
    ) -> Outlier:
        def distance(t: tuple[float, float], state: State) -> float:
            s = np.linalg.eigvalsh(self._block(t, number))[index]
            return float(-1 + t[1] * alpha * (state.k[1] - s))

        def equations(x: np.ndarray) -> list[float]:
            t_s, t_o = np.exp(x)
            state = self._state((t_s, t_o))
            return [self._gap(t_s, t_o, state, alpha), distance((t_s, t_o), state)]

        def along(t_o: float) -> float:
            t_s, state = self._known(t_o, alpha)
            return distance((t_s, t_o), state)

        t = guess and self._solved(equations, guess)
        if t is None:
            low = high = edge.t[1]
            while along(low) > 0:
                high, low = low, low / GROWTH
            t_o = float(brentq(along, low, high, xtol=1e-300, rtol=ROOT))
            t = self._known(t_o, alpha)[0], t_o
        state = self._state(t)
        value = -1 / t[1] + alpha * float(state.k[1])
        overlaps = self._overlaps(number, index, t, state, alpha)
        return Outlier(self.blocks[number], t, value, *overlaps, index)

    def _overlaps(
        self, number: int, index: int, t: tuple[float, float], state: State, alpha: float
    ) -> tuple[float, float, float]:
        """Squared overlaps, as `1/(1 - ds/dlambda)` with `dG/dlambda` from the bulk."""
        block = self.blocks[number]
        K, Ke = self._matrices(*t)
        vector = np.linalg.eigh(self._projected(K, number))[1][:, index]
        slopes = np.linalg.solve(alpha * state.m - np.diag(1 / np.array(t) ** 2), np.ones(2))
        along, whole = Ke[:, :, None] * Ke[:, None, :], K @ K
        tensor = slopes[0] * along + slopes[1] * (whole - along)
        slope = alpha * float(vector @ self._projected(tensor, number) @ vector)
        total = 1 / (1 - slope)
        parts = [float(vector @ form @ vector) for form in (block.teacher, block.student)]
        return total, total * parts[0], total * parts[1]

    def transition(self, block: Block, near: Transition | None = None) -> Transition | None:
        """Find the lowest alpha beyond which a sector has an outlier; None if there is none."""
        number = [b.name for b in self.blocks].index(block.name)

        last: list[Edge] = []

        def lowest(t: tuple[float, float]) -> float:
            return float(np.linalg.eigvalsh(self._block(t, number))[0])

        def depth(log_alpha: float) -> float:
            alpha = float(np.exp(log_alpha))
            edge = self.edge(alpha, last[-1] if last else None)
            last.append(edge)
            return float((alpha * lowest(edge.t) - edge.value) * edge.t[1])

        def equations(x: np.ndarray) -> list[float]:
            t_s, t_o, alpha = np.exp(x)
            k = self._state((t_s, t_o)).k[1]
            outlier = -1 + t_o * alpha * (k - lowest((t_s, t_o)))
            return [*self._edge_equations(alpha)(x), outlier]

        found = near and self._solved(equations, (*near.t, near.alpha))
        if found is None:
            bracket = self._crossing(depth)
            if bracket is None:
                return None
            alpha = float(np.exp(brentq(depth, *bracket, xtol=NEAR)))
            found = self._solved(equations, (*last[-1].t, alpha))
            if found is None:
                raise ConvergenceError("the threshold is not found")
        edge = self.edge(found[2], Edge(SHARP, found[:2], 0.0, 0.0, 0.0))
        return Transition(block, False, edge.t, found[2], None, edge.value, 0.0, 0.0, 0.0)

    @staticmethod
    def _crossing(depth: Callable[[float], float]) -> tuple[float, float] | None:
        before: float | None = None
        for value in np.arange(np.log(LOWEST), np.log(HIGHEST), np.log(SCAN)).tolist():
            try:
                outside = depth(value) < 0
            except ConvergenceError:  # the edge is smooth, or too near to being so
                continue
            if outside:
                if before is None:
                    raise ConvergenceError("the threshold is at an edge that may be smooth")
                return before, value
            before = value
        return None


def perron(matrix: np.ndarray) -> tuple[float, np.ndarray]:
    """Perron eigenvalue of a positive 2 x 2 matrix, and its right vector of sum one."""
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    vector = np.abs(vectors[:, top].real)
    return float(values[top].real), vector / vector.sum()


@lru_cache(maxsize=4)
def sector_curve_of(law: NodeLaw, level: int) -> SectorCurve:
    """Curves of a law with the rule of a level.

    Raises
    ------
    DomainError
        If the weight is unbounded on this side.
    ConvergenceError
        If the rule has more nodes than can be handled.
    """
    lower_end(law.network, law.sign)
    dimension = len(law.variables)
    step, reach = rule(dimension, level)
    if count(dimension, step, reach) > MOST_NODES * factorial(law.network.p):
        raise ConvergenceError("the averages need more nodes than can be handled")
    return SectorCurve(law, matrix_nodes(law, step, reach), *blocks_of(law))
