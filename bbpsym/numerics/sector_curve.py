"""Edge, outliers and transition where exchange of the nodes is the only symmetry.

The Stieltjes transform is then `g_s` on (1, ..., 1) and `g_o` across. Everything is seen from the
left: `g = -t`. With `K = F (1 - G F)^-1` the bulk is the curve on which both

    lambda_i = 1/g_i + alpha E tr(P_i K)/dim_i

are equal; it is followed in `t_o`, with which lambda grows up to the edge. There the positive map
`D -> alpha G E[K D K] G` has the Perron eigenvalue one. Any admissible G gives a lower bound
`min lambda_i` of the edge (Lehner), and since every lambda_i is concave in the matrix 1/G, a
tangent of their mean with the left Perron vector an upper one.

A coarse rule is searched; finer ones start from what the one before has found, and take its slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from scipy.optimize import brentq

from bbpsym.ensembles.support import lower_end
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.exchange import Sector
from bbpsym.numerics.matrix_nodes import (
    MatrixNodes,
    State,
    blocks_of,
    matrix_nodes_at,
    sectors_of,
)
from bbpsym.numerics.node_laws import Block, NodeLaw
from bbpsym.numerics.ordered_rule import scrambled
from bbpsym.numerics.scalar_curve import ROUNDED, SHARP, Edge, Outlier, Transition
from bbpsym.numerics.spacings import spaced

#: First t_o of a path, in units of the inverse root mean square weight over root alpha, its growth,
#: and most steps.
FIRST, GROWTH, PATH = 1e-3, 1.5, 200

#: Newton steps and their relative accuracy.
NEWTON, CLOSE = 60, 3e-16

#: Range of alpha that is scanned for a threshold, its growth, and the width to which a crossing is
#: narrowed before all equations are solved together.
LOWEST, HIGHEST, SCAN, NEAR = 0.02, 2e4, 1.6, 1e-2

#: Distance from the end of the domain, relative to it, at which it counts as reached.
END = 1e-6

#: Relative accuracy of a root, and of roots of several equations: where steps may end, and what
#: they may be where they no longer shrink.
ROOT, SMALL, STALLED = 1e-14, 1e-15, 1e-11

#: Step of a slope in the logarithms of the unknowns.
QUOTIENT = 1e-5

#: Most nodes of a rule that is searched.
MOST_SEARCHED = 200_000


@dataclass(eq=False)
class SectorCurve:
    """Curves of a law with two sectors at the nodes of a rule.

    Attributes
    ----------
    nodes : MatrixNodes
        F at the nodes.
    blocks, sectors : tuple
        The sectors of the signal block.
    coarser : SectorCurve or None
        The curve of a coarser rule, from which slopes are taken.
    """

    nodes: MatrixNodes
    blocks: tuple[Block, ...]
    sectors: tuple[Sector, ...]
    coarser: SectorCurve | None = None
    known: dict[float, list[tuple[float, float]]] = field(default_factory=dict)
    edges: dict[float, Edge] = field(default_factory=dict)
    last: tuple[float, float] = (1.0, 1.0)

    def state(self, t_s: float, t_o: float) -> State | None:
        """Averages at `g = -t`; None where `1 - G F` is not positive at all nodes."""
        return self.nodes.state(t_s, t_o) if self.nodes.is_admissible(t_s, t_o) else None

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
        return np.inf if found is None else self._excess((found[0], t_o), found[1], alpha)

    @staticmethod
    def _excess(t: tuple[float, float], state: State, alpha: float) -> float:
        return perron(alpha * np.array([[t[0] ** 2], [t[1] ** 2]]) * state.m)[0] - 1

    @staticmethod
    def _gap(t: tuple[float, float], state: State, alpha: float) -> float:
        return float(-t[1] / t[0] + 1 + t[1] * alpha * (state.k[0] - state.k[1]))

    def _state(self, t: tuple[float, float]) -> State:
        state = self.state(*t)
        if state is None:
            raise ConvergenceError("1 - G F is not positive")
        return state

    @property
    def scale(self) -> float:
        """A typical t: the inverse of the root mean square weight."""
        return float(1 / np.sqrt(self.nodes.square()))

    def edge(self, alpha: float, near: Edge | None = None) -> Edge:
        """Find the edge.

        Raises
        ------
        ConvergenceError
            If the curve leaves the domain before the edge is sharp.
        """

        def equations(curve: SectorCurve, x: np.ndarray) -> list[float]:
            t = x[0], x[1]
            state = curve._state(t)
            return [curve._gap(t, state, alpha), curve._excess(t, state, alpha)]

        def search() -> tuple[float, ...]:
            low, high = self._bracket(alpha)
            t_o = float(brentq(self.excess, low, high, args=(alpha,), xtol=1e-300, rtol=ROOT))
            return self._known(t_o, alpha)[0], t_o

        t: Any = self._refined(equations, near and near.t, search)
        return self._edge_at(t, alpha)

    def _edge_at(self, t: tuple[float, float], alpha: float) -> Edge:
        """The edge at its t, with the two bounds."""
        state = self._state(t)
        self.known.setdefault(alpha, []).append((t[1], t[0] / t[1]))
        values = -1 / np.array(t) + alpha * state.k
        # The mean of both lambda with this vector has no gradient in 1/g, but for rounding.
        slopes = alpha * state.m * np.array(t) ** 2
        _, left = perron(slopes.T)
        gradient = left - left @ slopes
        reach = np.max(np.abs(values - alpha * self.nodes.mean())) * self.nodes.p
        upper = float(left @ values + np.abs(gradient).sum() * reach)
        rounding = ROUNDED * (1 / min(t) + alpha * float(np.abs(state.k).max()))
        low, value = float(values.min()) - rounding, float(values.mean())
        return Edge(SHARP, t, value, low, upper + rounding)

    def _solved(self, equations: Equations, guess: tuple[float, ...]) -> tuple[float, ...] | None:
        """Solve equations in positive unknowns from a good guess; None if that fails.

        Slopes are those of the coarser rule, improved by Broyden's updates on the way.
        """
        x, last = np.log(guess), np.inf
        try:
            slopes = _slopes(self.coarser or self, equations, x)
            left = np.array(equations(self, np.exp(x)))
            for _ in range(NEWTON):
                step = -np.linalg.solve(slopes, left)
                size = float(np.max(np.abs(step)))
                if size < SMALL or (size >= last / 2 and size < STALLED):
                    return tuple(float(value) for value in np.exp(x))
                if not size < 1:
                    return None
                x, last = x + step, size
                left = np.array(equations(self, np.exp(x)))
                slopes += np.outer(left, step) / (step @ step)
        except (ConvergenceError, np.linalg.LinAlgError):
            pass
        return None

    def _refined(
        self,
        equations: Equations,
        guess: tuple[float, ...] | None,
        search: Callable[[], tuple[float, ...] | None],
    ) -> tuple[float, ...] | None:
        """Solve equations from a guess, or search if that fails."""
        found = guess and self._solved(equations, guess)
        if found is None and len(self.nodes.mass) > MOST_SEARCHED:
            raise ConvergenceError("what a coarse rule has found is not there for a fine one")
        return search() if found is None else found

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
        return self.sectors[number].block(self.nodes.signal(*t))

    def _eigenvalues(self, edge: Edge, alpha: float) -> Iterator[tuple[int, int, float]]:
        """Yield number, index and distance from the edge of all eigenvalues of the signal block."""
        signal = self.nodes.signal(*edge.t)
        for number, sector in enumerate(self.sectors):
            for index, s in enumerate(np.linalg.eigvalsh(sector.block(signal))):
                yield number, index, float((alpha * s - edge.value) * edge.t[1])

    def margins(self, alpha: float, edge: Edge) -> list[float]:
        """Relative distances `s_i - edge` of all eigenvalues of the signal block at the edge."""
        return [found[2] for found in self._eigenvalues(edge, alpha)]

    def outliers(
        self, alpha: float, edge: Edge, near: list[Outlier] | None = None
    ) -> list[Outlier]:
        """Find all outliers left of the edge, from those found before by another rule."""
        beyond = [found for found in self._eigenvalues(edge, alpha) if found[2] < 0]
        guesses = [item.t for item in near] if near and len(near) == len(beyond) else repeat(None)
        return [
            self._outlier(number, index, alpha, edge, guess)
            for (number, index, _), guess in zip(beyond, guesses, strict=False)
        ]

    def _distance(
        self, t: tuple[float, float], state: State, alpha: float, number: int, index: int
    ) -> float:
        s = np.linalg.eigvalsh(self._block(t, number))[index]
        return float(-1 + t[1] * alpha * (state.k[1] - s))

    def _outlier(
        self, number: int, index: int, alpha: float, edge: Edge, guess: tuple | None
    ) -> Outlier:
        def equations(curve: SectorCurve, x: np.ndarray) -> list[float]:
            t = x[0], x[1]
            state = curve._state(t)
            return [curve._gap(t, state, alpha), curve._distance(t, state, alpha, number, index)]

        def along(t_o: float) -> float:
            t_s, state = self._known(t_o, alpha)
            return self._distance((t_s, t_o), state, alpha, number, index)

        def search() -> tuple[float, ...]:
            low = high = edge.t[1]
            while along(low) > 0:
                high, low = low, low / GROWTH
            t_o = float(brentq(along, low, high, xtol=1e-300, rtol=ROOT))
            return self._known(t_o, alpha)[0], t_o

        t: Any = self._refined(equations, guess, search)
        state = self._state(t)
        value = -1 / t[1] + alpha * float(state.k[1])
        overlaps = self._overlaps(number, index, t, state, alpha)
        return Outlier(self.blocks[number], t, value, *overlaps, index)

    def _overlaps(
        self, number: int, index: int, t: tuple[float, float], state: State, alpha: float
    ) -> tuple[float, float, float]:
        """Squared overlaps, as `1/(1 - ds/dlambda)` with `dG/dlambda` from the bulk."""
        block, sector = self.blocks[number], self.sectors[number]
        vector = np.linalg.eigh(self._block(t, number))[1][:, index]
        slopes = np.linalg.solve(alpha * state.m - np.diag(1 / np.array(t) ** 2), np.ones(2))
        tensor = self.nodes.signal_slope(*t, slopes)
        slope = alpha * float(vector @ sector.block(tensor) @ vector)
        total = 1 / (1 - slope)
        parts = [float(vector @ form @ vector) for form in (block.teacher, block.student)]
        return total, total * parts[0], total * parts[1]

    def transition(self, block: Block, near: Transition | None = None) -> Transition | None:
        """Find the lowest alpha beyond which a sector has an outlier; None if there is none."""
        number = [b.name for b in self.blocks].index(block.name)

        def equations(curve: SectorCurve, x: np.ndarray) -> list[float]:
            t, alpha = (x[0], x[1]), x[2]
            state = curve._state(t)
            outlier = curve._distance(t, state, alpha, number, 0)
            return [curve._gap(t, state, alpha), curve._excess(t, state, alpha), outlier]

        def depth(alpha: float) -> float:
            edge = self._remembered(alpha)
            lowest = np.linalg.eigvalsh(self._block(edge.t, number))[0]
            return float((alpha * lowest - edge.value) * edge.t[1])

        def search() -> tuple[float, ...] | None:
            if (bracket := self._crossing(depth)) is None:
                return None
            alpha = float(brentq(depth, *bracket, rtol=NEAR))
            solved = self._solved(equations, (*self._remembered(alpha).t, alpha))
            if solved is None:
                raise ConvergenceError("the threshold is not found")
            return solved

        found = self._refined(equations, near and (*near.t, near.alpha), search)
        if found is None:
            return None
        edge = self._edge_at(found[:2], found[2])  # type: ignore[arg-type]
        return Transition(block, False, edge.t, found[2], None, edge.value, 0.0, 0.0, 0.0)

    def _remembered(self, alpha: float) -> Edge:
        """The edge, from the nearest one that was found before: all sectors ask for the same."""
        if alpha not in self.edges:
            known = self.edges.items()
            near = min(known, key=lambda item: abs(np.log(item[0] / alpha)), default=(0, None))
            self.edges[alpha] = self.edge(alpha, near[1])
        return self.edges[alpha]

    @staticmethod
    def _crossing(depth: Callable[[float], float]) -> tuple[float, float] | None:
        """Two alpha of a scan between which the first outlier leaves; None if none does.

        It goes down, as far as the edge is sharp.
        """
        found: list[tuple[float, bool]] = []
        for alpha in np.exp(np.arange(np.log(HIGHEST), np.log(LOWEST), -np.log(SCAN))).tolist():
            try:
                found.append((alpha, depth(alpha) < 0))
            except ConvergenceError:  # the edge is smooth, or too near to being so
                if found:
                    break
        if not found or found[-1][1]:
            raise ConvergenceError("the threshold is at an edge that may be smooth")
        for (low, _), (high, outside) in zip(found[:0:-1], found[-2::-1], strict=True):
            if outside:
                return low, high
        return None


#: Equations of a curve in its t_s, t_o and, for a threshold, alpha: what vanishes.
Equations = Callable[[SectorCurve, np.ndarray], list[float]]


def _slopes(curve: SectorCurve, equations: Equations, x: np.ndarray) -> np.ndarray:
    """Slopes of equations in the logarithms of their unknowns."""
    here = np.array(equations(curve, np.exp(x)))
    moved = (equations(curve, np.exp(y)) for y in x + QUOTIENT * np.eye(len(x)))
    return np.stack([(np.array(there) - here) / QUOTIENT for there in moved], axis=1)


def perron(matrix: np.ndarray) -> tuple[float, np.ndarray]:
    """Perron eigenvalue of a positive 2 x 2 matrix, and its right vector of sum one."""
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    vector = np.abs(vectors[:, top].real)
    return float(values[top].real), vector / vector.sum()


@lru_cache(maxsize=8)
def sector_curve_of(law: NodeLaw, level: int) -> SectorCurve:
    """Curves of a law with the rule of a level.

    Raises
    ------
    DomainError
        If the weight is unbounded on this side.
    ConvergenceError
        If the rule has more nodes than can be handled.
    """
    lower_end(law.network, law.sign)  # an unbounded weight has no edge
    coarser = sector_curve_of(law, 0 if law.is_random else level - 1) if level else None
    rule = scrambled(len(law.variables), level) if law.is_random else spaced(law, level)
    return SectorCurve(matrix_nodes_at(law, *rule), blocks_of(law), sectors_of(law), coarser)
