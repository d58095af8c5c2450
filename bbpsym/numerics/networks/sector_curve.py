"""Edge, outliers and transition where exchange of the nodes is the only symmetry.

The Stieltjes transform is then `g_s` on (1, ..., 1) and `g_o` across. Everything is seen from the
left: `g = -t`. With `K = F (1 - G F)^-1` the bulk is the curve on which both

    lambda_i = 1/g_i + alpha E tr(P_i K)/dim_i

are equal; it is followed in `t_o`, with which lambda grows up to the edge. That is sharp where the
positive map `D -> alpha G E[K D K] G` has the Perron eigenvalue one, and smooth where the curve
leaves the domain of G before. Any admissible G gives a lower bound `min lambda_i` of the edge
(Lehner), and since every lambda_i is concave in the matrix 1/G, a tangent of their mean with the
left Perron vector an upper one. On the border of the domain, which is convex in 1/G, no other G
gives more than this one as long as the Perron eigenvalue is below one.

A coarse rule is searched; finer ones start from what the one before has found, and take its slopes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from scipy.optimize import brentq

from bbpsym.ensembles.networks.domain import Domain, domain_of
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.errors import ConvergenceError
from bbpsym.numerics.networks import broyden, sector_transition
from bbpsym.numerics.networks import sector_equations as equations
from bbpsym.numerics.networks.blocks import Block
from bbpsym.numerics.networks.exchange import Sector
from bbpsym.numerics.networks.matrix_nodes import (
    MatrixNodes,
    State,
    blocks_of,
    matrix_nodes_at,
    sectors_of,
)
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.ordered_rule import scrambled
from bbpsym.numerics.networks.scalar_curve import (
    ROUNDED,
    SHARP,
    SMOOTH,
    EnclosedEdge,
    SectorOutlier,
    Transition,
)
from bbpsym.numerics.networks.scalar_nodes import APPROACH, diverges
from bbpsym.numerics.networks.spacings import spaced_sample
from bbpsym.numerics.networks.weight_parts import sample_at

#: First t_o of a path, in units of the inverse root mean square weight over root alpha, its growth,
#: and most steps.
FIRST, GROWTH, PATH = 1e-3, 1.5, 200

#: Newton steps and their relative accuracy.
NEWTON, CLOSE = 60, 3e-16

#: Distance from the end of the domain, relative to it, at which it counts as reached.
END = 1e-6

#: Relative accuracy of a root, and clearance of a border that counts as none.
ROOT, ON_BORDER = 1e-14, 1e-11

#: Most borders that an edge may meet one after the other.
BORDERS = 5

#: Said where neither kind of edge is there.
TOO_NEAR = "the edge is too near to the end of the support to be seen"

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
    domain : Domain
        Where `1 - G F` is positive for all data, not only at the nodes.
    coarser : SectorCurve or None
        The curve of a coarser rule, from which slopes are taken.
    """

    nodes: MatrixNodes
    blocks: tuple[Block, ...]
    sectors: tuple[Sector, ...]
    domain: Domain
    coarser: SectorCurve | None = None
    known: dict[float, list[tuple[float, float]]] = field(default_factory=dict)
    edges: dict[float, EnclosedEdge] = field(default_factory=dict)
    ends: dict[tuple[float, float], bool] = field(default_factory=dict)
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
        """The same, starting from the nearest point that is known; None beyond a border, too."""
        known = self.known.get(alpha) or [self.last]
        near = min(known, key=lambda pair: abs(np.log(pair[0] / t_o)))
        found = self.on_curve(t_o, alpha, t_o * near[1])
        if found is None or self.domain.clearance((found[0], t_o)) < -ON_BORDER:
            return None
        self.last = t_o, found[0] / t_o
        self.known.setdefault(alpha, []).append(self.last)
        return found

    def excess(self, t_o: float, alpha: float) -> float:
        """Perron eigenvalue of the map less one; infinite beyond the domain."""
        found = self._followed(t_o, alpha)
        return np.inf if found is None else equations.excess((found[0], t_o), found[1], alpha)

    def state_at(self, t: tuple[float, float]) -> State:
        """The same; a `ConvergenceError` where it is not positive."""
        state = self.state(*t)
        if state is None:
            raise ConvergenceError("1 - G F is not positive")
        return state

    @property
    def scale(self) -> float:
        """A typical t: the inverse of the root mean square weight."""
        return float(1 / np.sqrt(self.nodes.square()))

    def edge(self, alpha: float, near: EnclosedEdge | None = None) -> EnclosedEdge:
        """Find the edge, of the kind of one that was found before.

        Raises
        ------
        ConvergenceError
            If the edge is too near to a border of the domain to be told.
        """
        if near is not None:
            of = equations.smooth_edge if near.kind == SMOOTH else equations.sharp_edge
            t: Any = self.solved(of, near.t, alpha)
            with suppress(ConvergenceError):  # it may be of the other kind
                if t is not None:
                    return self.edge_at(near.kind, t, alpha)
            if len(self.nodes.mass) > MOST_SEARCHED:
                raise ConvergenceError("what a coarse rule has found is not there for a fine one")
        return self._searched(alpha)

    def _searched(self, alpha: float) -> EnclosedEdge:
        """Follow the curve to its end, which may show a border that was not known."""
        for _ in range(BORDERS):
            low, high = self._bracket(alpha)
            t_o = low if high is None else self._crossed(low, high, alpha)
            t: Any = self._known(t_o, alpha)[0], t_o
            if self.domain.learn(t if high else tuple(x * (1 + 2 * END) for x in t)):
                continue
            if high is None:
                t = self.solved(equations.smooth_edge, t, alpha)
                if t is None:
                    break
            return self.edge_at(SHARP if high else SMOOTH, t, alpha)
        raise ConvergenceError("no edge is seen before the end of the support")

    def _crossed(self, low: float, high: float, alpha: float) -> float:
        return float(brentq(self.excess, low, high, args=(alpha,), xtol=1e-300, rtol=ROOT))

    def edge_at(self, kind: str, t: tuple[float, float], alpha: float) -> EnclosedEdge:
        """The edge at its t, with the two bounds."""
        state = self.state_at(t)
        self.known.setdefault(alpha, []).append((t[1], t[0] / t[1]))
        values = -1 / np.array(t) + alpha * state.k
        low, value, upper = float(values.min()), float(values.mean()), float(values.max())
        if kind == SHARP:
            if self.domain.clearance(t) < -ON_BORDER:
                raise ConvergenceError(TOO_NEAR)
            # The mean of both lambda with this vector has no gradient in 1/g, but for rounding.
            slopes = alpha * state.m * np.array(t) ** 2
            _, left = equations.perron(slopes.T)
            gradient = left - left @ slopes
            reach = np.max(np.abs(values - alpha * self.nodes.mean())) * self.nodes.p
            upper = float(left @ values + np.abs(gradient).sum() * reach)
        elif equations.excess(t, state, alpha) > 0 or self._diverges(t):
            raise ConvergenceError(TOO_NEAR)
        rounding = ROUNDED * (1 / min(t) + alpha * float(np.abs(state.k).max()))
        return EnclosedEdge(kind, t, value, low - rounding, upper + rounding)

    def _diverges(self, t: tuple[float, float]) -> bool:
        """Whether `E tr K^2` diverges at a border."""
        if t not in self.ends:
            squares = [float(self.state_at((t[0] * x, t[1] * x)).m[1, 1]) for x in (*APPROACH, 1.0)]
            self.ends[t] = diverges(np.array(squares))
        return self.ends[t]

    def solved(
        self, of: SectorEquations, guess: tuple[float, ...], *given: float
    ) -> tuple[float, ...] | None:
        """Solve equations from a good guess; None if that fails."""
        return broyden.solve(
            lambda x: of(self, *x, *given), lambda x: of(self.coarser or self, *x, *given), guess
        )

    def _bracket(self, alpha: float) -> tuple[float, float | None]:
        """Two t_o with a sharp edge between them; or the last one inside the domain, and None."""
        t, growth = FIRST * self.scale / np.sqrt(max(alpha, 1.0)), GROWTH
        for _ in range(PATH):
            value = self.excess(t * growth, alpha)
            if np.isinf(value):
                growth = 1 + (growth - 1) / 2
                if growth < 1 + END:
                    return t, None
            elif value > 0:
                return t, t * growth
            else:
                t *= growth
        raise ConvergenceError("no edge is seen before the end of the support")

    def _known(self, t_o: float, alpha: float) -> tuple[float, State]:
        found = self._followed(t_o, alpha)
        if found is None:
            raise ConvergenceError("the bulk could not be followed to its edge")
        return found

    def block(self, t: tuple[float, float], number: int) -> np.ndarray:
        """The signal block of a sector: E[v v^T (x) K]."""
        return self.sectors[number].block(self.nodes.signal(*t))

    def _eigenvalues(self, edge: EnclosedEdge, alpha: float) -> Iterator[tuple[int, int, float]]:
        """Yield number, index and distance from the edge of all eigenvalues of the signal block."""
        signal = self.nodes.signal(*edge.t)
        for number, sector in enumerate(self.sectors):
            for index, s in enumerate(np.linalg.eigvalsh(sector.block(signal))):
                yield number, index, float((alpha * s - edge.value) * edge.t[1])

    def margins(self, alpha: float, edge: EnclosedEdge) -> list[float]:
        """Relative distances `s_i - edge` of all eigenvalues of the signal block at the edge."""
        return [found[2] for found in self._eigenvalues(edge, alpha)]

    def outliers(
        self, alpha: float, edge: EnclosedEdge, near: list[SectorOutlier] | None = None
    ) -> list[SectorOutlier]:
        """Find all outliers left of the edge, from those found before by another rule."""
        beyond = [found for found in self._eigenvalues(edge, alpha) if found[2] < 0]
        guesses = [item.t for item in near] if near and len(near) == len(beyond) else repeat(None)
        return [
            self._outlier(number, index, alpha, edge, guess)
            for (number, index, _), guess in zip(beyond, guesses, strict=False)
        ]

    def distance(
        self, t: tuple[float, float], state: State, alpha: float, number: int, index: int
    ) -> float:
        """`t_o (lambda - alpha s_i)`, which vanishes at an outlier."""
        s = np.linalg.eigvalsh(self.block(t, number))[index]
        return float(-1 + t[1] * alpha * (state.k[1] - s))

    def _outlier(
        self, number: int, index: int, alpha: float, edge: EnclosedEdge, guess: tuple | None
    ) -> SectorOutlier:
        def along(t_o: float) -> float:
            t_s, state = self._known(t_o, alpha)
            return self.distance((t_s, t_o), state, alpha, number, index)

        def search() -> tuple[float, ...]:
            low = high = edge.t[1]
            while along(low) > 0:
                high, low = low, low / GROWTH
            if low == high:
                raise ConvergenceError("an outlier is at the edge, as far as this rule tells")
            t_o = float(brentq(along, low, high, xtol=1e-300, rtol=ROOT))
            return self._known(t_o, alpha)[0], t_o

        found = guess and self.solved(equations.outlier, guess, alpha, number, index)
        t: Any = search() if found is None else found
        state = self.state_at(t)
        value = -1 / t[1] + alpha * float(state.k[1])
        overlaps = self.overlaps(number, index, t, state, alpha)
        return SectorOutlier(self.blocks[number], t, value, *overlaps, index)

    def overlaps(
        self, number: int, index: int, t: tuple[float, float], state: State, alpha: float
    ) -> tuple[float, float, float]:
        """Squared overlaps, as `1/(1 - ds/dlambda)` with `dG/dlambda` from the bulk."""
        block, sector = self.blocks[number], self.sectors[number]
        vector = np.linalg.eigh(self.block(t, number))[1][:, index]
        slopes = np.linalg.solve(alpha * state.m - np.diag(1 / np.array(t) ** 2), np.ones(2))
        tensor = self.nodes.signal_slope(*t, slopes)
        slope = alpha * float(vector @ sector.block(tensor) @ vector)
        total = 1 / (1 - slope)
        parts = [float(vector @ form @ vector) for form in (block.teacher, block.student)]
        return total, total * parts[0], total * parts[1]

    def transition(self, block: Block, near: Transition | None = None) -> Transition | None:
        """Find the lowest alpha beyond which a sector has an outlier; None if there is none."""
        number = [b.name for b in self.blocks].index(block.name)
        return sector_transition.transition(self, number, near)


#: What vanishes, as a function of a curve and of its t_s, t_o and alpha.
SectorEquations = Callable[..., list[float]]


@lru_cache(maxsize=8)
def sector_curve_of(law: NodeLaw, level: int) -> SectorCurve:
    """Curves of a law with the rule of a level, or of random nodes with that number as their seed.

    Raises
    ------
    DomainError
        If the weight is unbounded on this side.
    ConvergenceError
        If the rule has more nodes than can be handled.
    """
    lower_end(law.network, law.sign)  # an unbounded weight has no edge
    coarser = sector_curve_of(law, 0 if law.is_random else level - 1) if level else None
    if law.is_random:
        sample = sample_at(law, *scrambled(len(law.variables), level))
    else:
        sample = spaced_sample(law, level)
    parts = matrix_nodes_at(law, sample), blocks_of(law), sectors_of(law)
    return SectorCurve(*parts, domain_of(law.network, law.sign), coarser)
