"""The equations of `bbpsym.equations.sampled_weights` solved for weighted nodes.

A node is a sample, or a point of a quadrature rule for all samples that were not drawn. Every
quantity is in units of the lowest weight until it is returned. Left of the edge the resolvent's
block trace G(z) falls with z, so the solutions form a curve, followed here by the mean distance
`x = tr(1 + G)/p` from the end of the domain: `lambda(x)` rises up to the edge and turns back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit

from bbpsym.errors import ConvergenceError
from bbpsym.numerics.finite_n.weighted import Array, WeightSamples

#: Newton steps for the part of G that is no multiple of the identity, and halvings of a step.
STEPS, HALVINGS = 40, 12

#: Known solutions from which Newton's method is started, the nearest first.
STARTS = 3

#: Rounding error of a sum relative to its largest terms.
ROUNDING = 32 * np.finfo(float).eps

#: Relative accuracies: of a root, of Newton's step that the value alone takes (it is then wrong by
#: the square), of the bisection for an edge.
TOLERANCE, SETTLED, EDGE = 1e-12, 1e-9, 1e-4

#: What counts as a slope that vanishes, against that of 1/g.
FLAT = 0.01


@dataclass(frozen=True, eq=False)
class SampledState:
    """A point of the curve of solutions, in units of the lowest weight."""

    #: `1 + G`.
    distances: Array
    #: lambda and its derivative with respect to `tr G/p`.
    value: float
    slope: float
    #: Derivative of G with respect to `tr G/p`.
    tangent: Array
    #: `X -> -G^{-1} X G^{-1} + (1/N) sum_mu h X h`, singular at the edge.
    response: Array
    #: Self-energy of the signal, `(1/N) sum_mu u u^T (x) h`, eqs. (32)-(34).
    signal: Array

    @property
    def x(self) -> float:
        """The mean distance."""
        return float(np.trace(self.distances)) / len(self.distances)

    @property
    def scale(self) -> float:
        """Distance from the closer of the two ends, `G = -1` and `G = 0`, along the axes."""
        diagonal = np.diag(self.distances)
        return float(min(np.abs(diagonal).min(), 1 - diagonal.max()))

    @property
    def stable(self) -> bool:
        """Whether the solution is that of the resolvent: left of the edge, and only there.

        The response is then negative: the positive map `X -> (1/N) sum G h X h G` contracts.
        """
        return bool(np.linalg.eigvalsh(self.response)[-1] < 0)

    @property
    def decline(self) -> float:
        """`log(1 + g^2 lambda')`: it rises through zero at the edge; for p = 1, log <(g h)^2>."""
        return float(np.log(max(1 + (1 - self.x) ** 2 * self.slope, 1e-300)))


class SampledCurve:
    """The curve of solutions for given nodes.

    Parameters
    ----------
    nodes : WeightSamples
        The samples.
    """

    def __init__(self, nodes: WeightSamples) -> None:
        self.nodes = nodes
        self.p, self.p_star = nodes.student.shape[1], nodes.teacher.shape[1]
        self._known: list[SampledState] = []

    def state(self, x: float, starts: int = STARTS) -> SampledState | None:
        """Solve for G with `tr(1 + G)/p = x`; None behind the edge, except for p = 1.

        For p > 1 the equation has other solutions behind the edge. None that was ever met is
        stable, which is what tells them apart (an observation, not a proof).
        """
        if self.p == 1:
            return self._given(np.full((1, 1), x))
        near = sorted(self._known, key=lambda state: abs(state.x - x))[:starts]
        guesses = [state.distances + (x - state.x) * state.tangent for state in near]
        for distances in guesses or [x * np.eye(self.p)]:
            state = self._solved(distances)
            if state is not None and state.stable:
                self._known.append(state)
                return state
        return None

    def _given(self, distances: Array) -> SampledState | None:
        """The state for p = 1, where the trace leaves nothing open."""
        sums = self._sums(distances)
        if sums is None:
            return None
        residual, response, signal = sums
        slope, value = float(response[0, 0]), float(residual[0, 0])
        return SampledState(distances, value, slope, np.ones((1, 1)), response, signal)

    def _solved(self, distances: Array) -> SampledState | None:
        """Newton's method for the part of G that the trace leaves open."""
        p = self.p
        border = np.eye(p).reshape(-1)
        sums = self._sums(distances)
        for _ in range(STEPS):
            if sums is None:
                return None
            residual, response, signal = sums
            value = float(np.trace(residual)) / p
            bordered = np.block([[response, -border[:, None]], [border, 0.0]])
            right = np.zeros((p * p + 1, 2))
            right[:-1, 0] = (value * np.eye(p) - residual).reshape(-1)
            right[-1, 1] = p
            step, tangent = np.linalg.solve(bordered, right).T
            if np.abs(step[:-1]).max() <= max(SETTLED * np.abs(np.diag(distances)).min(), 1e-14):
                along = tangent[:-1].reshape(p, p)
                slope, value = float(tangent[-1]), value + float(step[-1])
                return SampledState(distances, value, slope, along, response, signal)
            distances, sums = self._moved(distances, step[:-1].reshape(p, p))
        return None

    def _moved(self, distances: Array, step: Array) -> tuple[Array, Any]:
        """Take a step of Newton's method, or the part of it that stays in the domain."""
        step = (step + step.T) / 2
        for _ in range(HALVINGS):
            sums = self._sums(distances + step)
            if sums is not None:
                return distances + step, sums
            step = step / 2
        return distances, None

    def _sums(self, distances: Array) -> tuple[Array, Array, Array] | None:
        """`G^{-1} + (1/N) sum h`, its derivative, and the self-energy of the signal."""
        p, p_star, nodes = self.p, self.p_star, self.nodes
        x, axes = np.linalg.eigh(distances)
        if x[-1] >= 1:
            return None
        first, second = np.zeros(p * p), np.zeros((p * p, p * p))
        block = np.zeros((p_star * p_star, p * p))
        for part in nodes.parts():
            h = nodes.dressed(part, x, axes)
            if h is None:
                return None
            h = h.reshape(-1, p * p)
            weighted = nodes.mass[part, None] * h
            first += weighted.sum(axis=0)
            second += h.T @ weighted
            block += _pairs(nodes.teacher[part]).T @ weighted
        inverse = np.diag(-1 / (1 - x))
        if p == 1:
            return inverse + first, second - inverse**2, block.reshape(p_star, p_star)
        residual = axes @ (inverse + first.reshape(p, p)) @ axes.T
        operator = second.reshape(p, p, p, p).transpose(0, 3, 1, 2).reshape(p * p, p * p)
        turn = np.kron(axes, axes)
        response = turn @ (operator - np.kron(inverse, inverse)) @ turn.T
        signal = (block @ turn.T).reshape(p_star, p_star, p, p).transpose(0, 2, 1, 3)
        return residual, response, signal.reshape(p_star * p, p_star * p)

    def at(self, place: float) -> SampledState:
        """The state at a coordinate of `place_of`, which must lie on the curve.

        Where Newton's method does not reach it from the nearest known solutions, it approaches by
        halves of the way.
        """
        x = float(expit(place)) if self.p == 1 else place
        state = self.state(x)
        for _ in range(HALVINGS * bool(self._known)):
            if state is not None:
                break
            nearest = min((known.x for known in self._known), key=lambda known: abs(known - x))
            for part in (1 / 2, 1 / 4, 1 / 16):
                if self.state(nearest + part * (x - nearest), starts=1) is not None:
                    break
            state = self.state(x)
        if state is None:
            raise ConvergenceError(f"the equation for G has no solution near x = {place}")
        return state

    def place_of(self, x: float) -> float:
        """Coordinate along the curve: the logarithmic one for p = 1, where x may be tiny."""
        return float(logit(x)) if self.p == 1 else x

    def edge(self) -> SampledState:
        """The state where lambda turns back, eq. (44), or where G ceases to be stable."""
        x = 0.5
        while (state := self.state(x)) is None or state.slope >= 0:
            x = (1 + x) / 2
            if 1 - x < TOLERANCE:
                raise ConvergenceError("no left edge was found: the curve turns back at once")
        if self.p > 1:
            return self._bisected(state)
        # The lowest weight alone brings <(g h)^2> to one.
        root = float(np.sqrt(self.nodes.mass[np.argmin(self.nodes.excess)]))
        low, high = self.place_of(0.999 * root / (1 + root)), self.place_of(x)
        return self.at(_root(lambda place: self.at(place).decline, low, high))

    def _bisected(self, inside: SampledState) -> SampledState:
        """The last stable state: of lambda only the square of the distance is lost.

        Newton's method may fail for a step that is too long although the curve goes on. The slope
        of lambda tells: it vanishes at the edge only.
        """
        for _ in range(STEPS):
            beyond = -0.9 * abs(inside.x)
            while inside.x - beyond > EDGE * inside.scale:
                middle = (inside.x + beyond) / 2
                state = self.state(middle, starts=1)
                inside, beyond = (inside, middle) if state is None else (state, beyond)
            if -inside.slope * (1 - inside.x) ** 2 < FLAT:
                return inside
        raise ConvergenceError("the curve of solutions could not be followed to the edge")

    def outliers(self, edge: SampledState) -> list[tuple[SampledState, int]]:
        """States left of the edge where an eigenvalue of the signal's self-energy meets lambda.

        Every one comes with the index of its eigenvalue, the lowest first.
        """
        first = self.place_of(edge.x)
        last, gaps = first, _gaps(edge)
        while np.any(_gaps(self.at(last)) > 0):
            last = last + 1 if self.p == 1 else (1 + last) / 2
        found = []
        for k in np.flatnonzero(gaps > 0).tolist():
            place = _root(partial(self._gap, k), first, last)
            found.append((self.at(place), k))
        return found

    def _gap(self, k: int, place: float) -> float:
        return float(_gaps(self.at(place))[k])

    def error(self, state: SampledState, width: float = TOLERANCE) -> float:
        """Bound claimed for the numerical error of lambda: rounding, and a root known to `width`.

        The trace of the response holds the sum of the squares of `tr h`, which bounds that of the
        moduli by the inequality of Cauchy and Schwarz.
        """
        inverse = float(np.trace(np.linalg.inv(np.eye(self.p) - state.distances)))
        squares = float(np.trace(state.response)) + inverse**2
        size = inverse + np.sqrt(np.sum(self.nodes.mass) * squares)
        return float(ROUNDING * size + 2 * abs(state.slope) * width)

    def edge_error(self, edge: SampledState) -> float:
        """The same for the edge, where the slope vanishes."""
        return self.error(edge, TOLERANCE if self.p == 1 else EDGE)

    def pole(self, state: SampledState, k: int, N: float) -> tuple[float, float, float]:
        """Outlier, squared overlap (56)(58) and standard deviation by the random signs.

        The pairs of different samples, whose signs are not fixed by the weights, contribute to
        the self-energy along V a Gaussian of variance `(2/N) tr(W (-R)^{-1}[W])`, with W of
        `_spread` and the response R; the pole moves by `m^2` times that.
        """
        p = self.p
        _, vectors = np.linalg.eigh(state.signal)
        spread = self._spread(state, vectors[:, k].reshape(self.p_star, p))
        dressed = np.linalg.solve(-state.response, spread.reshape(-1))
        fall = -float(np.sum(spread * state.tangent)) / state.slope
        overlap2 = 1 / (1 + fall)
        variance = 2 / N * overlap2**2 * float(spread.reshape(-1) @ dressed)
        return state.value, overlap2, float(np.sqrt(variance))

    def _spread(self, state: SampledState, vector: Array) -> Array:
        """`(1/N) sum_mu (h v)(h v)^T` with `v = V^T u`, shape (p, p)."""
        x, axes = np.linalg.eigh(state.distances)
        total = np.zeros((self.p, self.p))
        for part in self.nodes.parts():
            h = self.nodes.dressed(part, x, axes)
            if h is None:
                raise ConvergenceError("an outlier lies outside the domain of the equation for G")
            ends = np.einsum("nij,nj->ni", h, self.nodes.teacher[part] @ vector @ axes)
            total += ends.T @ (self.nodes.mass[part, None] * ends)
        return axes @ total @ axes.T


def _pairs(fields: Array) -> Array:
    return (fields[:, :, None] * fields[:, None, :]).reshape(len(fields), -1)


def _gaps(state: SampledState) -> Array:
    """Distances of lambda from the eigenvalues of the signal's self-energy, largest first."""
    return state.value - np.linalg.eigvalsh(state.signal)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    place, report = brentq(
        function, low, high, xtol=1e-15, rtol=TOLERANCE, full_output=True, disp=False
    )
    if not report.converged:
        raise ConvergenceError("a root along the curve of solutions had not settled")
    return float(place)
