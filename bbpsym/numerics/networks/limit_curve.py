"""Infinite width: the trivial sector, which sees more of F than its diagonal.

With a mean output, in units of 1/p, F is `D + c a a^T` with `D_q = l' s''(lambda_q)`, `c = l''`,
`a_q = s'(lambda_q)/sqrt(p)`. With overlaps `lambda_q = m . u + sqrt(1 - m^2) v_q`, and v_q is
lambda_q without. Averages over nodes are laws of large numbers at given u and label, so that all of
`K = F (1 - G F)^-1` that the sector asks for are its elements between `e`, along (1, ..., 1), and
`b_q = v_q/sqrt(p)`. What all v_q have in common, their sum over sqrt(p), is independent of these
to leading order and makes no outlier. Across e the Stieltjes transform is that of the bulk,
`g = -t`; along it `g_s = -t_s` with

    lambda = -1/t_s + alpha E[e K e],

a band of a share 1/p of the eigenvalues; the signal block holds `u (x) e` and
`sum_q v_q (x) e_q`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy.optimize import brentq
from sympy import Symbol

from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.real_values import evaluate, evaluate_at
from bbpsym.equations import weights
from bbpsym.equations.weights import zeta
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.numerics.networks.blocks import Block, forms, summed
from bbpsym.numerics.networks.lattice import count, lattice, rule
from bbpsym.numerics.networks.node_laws import MOST_DIMENSIONS, NodeLaw
from bbpsym.numerics.networks.scalar_curve import (
    EnclosedEdge,
    ScalarCurve,
    SectorOutlier,
    Transition,
)
from bbpsym.numerics.networks.scalar_nodes import curve_of
from bbpsym.symbols import label

TRIVIAL, STUDENT_TRACE = "trivial", "student trace"

#: Newton steps and their relative accuracy.
NEWTON, CLOSE = 100, 1e-13

#: Step of the rule with which the trivial sector of several teachers is scanned.
SCANNED = 0.25

#: Numbers of an array at a time, and most of all arrays of a rule.
CHUNK, LARGEST = 2**20, 50_000_000

#: Step of a derivative by a complex argument, which costs no digits however small.
COMPLEX = 1e-30


@dataclass(frozen=True, eq=False)
class Conditional:
    """Averages over the nodes at given labels."""

    #: Weights of the labels (ndarray, shape (labels,)).
    mass: np.ndarray
    #: The teacher's pre-activations (ndarray, shape (labels, p_star)).
    teachers: np.ndarray
    #: `l'` and `l''` (ndarray, shape (labels,)).
    slope: np.ndarray
    curvature: np.ndarray
    #: Weights of v, what a node's pre-activation has of its own (ndarray, shape (nodes,)).
    density: np.ndarray
    #: `s''` and `s'^2, v s', s', 1, v, v^2`, for all that pre-activations have in common (ndarray,
    #: shapes (places, nodes) and (places, nodes, 6)).
    bend: np.ndarray
    products: np.ndarray
    #: What they have in common at a label; without an overlap there is one place (ndarray of int,
    #: shape (labels,)).
    which: np.ndarray

    def elements(self, t_s: Any, t: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`e K e`, `b K e` and `b K b` at every label; not a number outside the domain."""
        size = max(1, CHUNK // len(self.density))
        starts = range(0, len(self.mass), size)
        found = [self._elements(slice(k, k + size), t_s, t) for k in starts]
        ee, be, bb = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return ee, be, bb

    def _elements(self, rows: slice, t_s: Any, t: Any) -> tuple[np.ndarray, ...]:
        """The same at some labels."""
        which = slice(None) if len(self.bend) == 1 else self.which[rows]
        bend, products = self.bend[which], self.products[which]
        curvature = self.curvature[rows]
        D = self.slope[rows, None] * bend
        h = self.density / (1 + t * D)
        square, mixed, plain = _over_nodes(h, products[:, :, :3])
        one, first, second = _over_nodes(h * D, products[:, :, 3:])
        den = 1 + t * curvature * square
        rank = curvature / np.where(den.real > 0, den, np.nan)
        ee, be, bb = (one + rank * plain**2, first + rank * mixed * plain, second + rank * mixed**2)
        lift = 1 - (t - t_s) * ee
        lift = np.where(lift.real > 0, lift, np.nan)
        return ee / lift, be / lift, bb + (t - t_s) * be**2 / lift

    def block(self, t_s: Any, t: Any) -> np.ndarray:
        """The signal block on `u (x) e` and `sum_q v_q (x) e_q`."""
        ee, be, bb = self.elements(t_s, t)
        cross = summed(self.teachers, self.mass * be)
        size = len(cross)
        found = np.empty((size + 1, size + 1), dtype=ee.dtype)
        found[:size, :size] = self.teachers.T @ ((self.mass * ee)[:, None] * self.teachers)
        found[:size, size] = found[size, :size] = cross
        found[size, size] = self.mass @ bb
        return found


def _over_nodes(weight: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums over the nodes at every label, shape (columns, labels)."""
    if len(values) == 1:
        return (weight @ values[0]).T
    return np.matmul(weight[:, None, :], values)[:, 0, :].T


def conditional(law: NodeLaw, step: float, reach: float) -> Conditional:
    """Evaluate the parts of F at the nodes of a rule.

    Raises
    ------
    ConvergenceError
        If they are too many.
    """
    network = law.network
    variables = (*_teachers(network), *([zeta] if network.label.has(zeta) else []))
    each = count(1, step, reach)
    if count(len(variables), step, reach) * each > LARGEST:
        raise ConvergenceError("the averages need more nodes than can be handled")
    points, mass = lattice(len(variables), step, reach, breaks=law.breaks)
    slope, curvature = (
        law.sign * evaluate(part.subs(label, network.label), variables, points)
        for part in weights.limit_slopes(network.loss, network.student, network.limit_mean)
    )
    inside = [k for k, v in enumerate(variables) if v != zeta]
    nodes, density = lattice(1, step, reach)
    x = nodes[:, 0]
    vector = np.array(network.student_vectors.evalf(25), dtype=float)[0]
    cosines = [vector[network.frame.index(v)] for v in variables if v != zeta]
    shared, which = np.unique(points[:, inside] @ cosines, return_inverse=True)
    if len(shared) * each > LARGEST / 10:
        raise ConvergenceError("the averages need more nodes than can be handled")
    own = shared[:, None] + x * vector[-1]
    first, bend = (
        evaluate_at(network.student.diff(weights.argument, k), (weights.argument,), own)
        for k in (1, 2)
    )
    one = np.ones_like(first)
    products = np.stack([first**2, x * first, first, one, x * one, x**2 * one], axis=2)
    parts = slope, curvature, density, bend, products, which.ravel()
    return Conditional(mass, points[:, inside], *parts)


def _teachers(network: Network) -> tuple[Symbol, ...]:
    """The teacher's directions that the label or the nodes depend on."""
    pairs = zip(network.teacher_frame, network.cosines, strict=True)
    return tuple(v for v, cosine in pairs if cosine or network.label.has(v))


@dataclass(frozen=True, eq=False)
class LimitCurve(ScalarCurve):
    """Curves at p = inf: those of the bulk, and the trivial sector's."""

    inner: Conditional
    is_even: bool
    rough: Conditional
    forms: tuple[np.ndarray, np.ndarray]

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The standard sector and the trivial one.

        For an even activation the trivial sector's teachers are as the standard ones.
        """
        size = self.inner.teachers.shape[1] + 1
        name, kept = (
            (STUDENT_TRACE, slice(size - 1, None)) if self.is_even else (TRIVIAL, slice(None))
        )
        forms = (form[kept, kept] for form in self.forms)
        return (*self.nodes.blocks, Block(name, 1, np.zeros((0, 0), dtype=int), *forms))

    def _has_band(self, block: Block) -> bool:
        return block.name == self.blocks[-1].name

    def signal(self, block: Block, t: float, alpha: float) -> np.ndarray:
        """The matrix `sigma` of a sector.

        Raises
        ------
        PrecisionError
            If the trivial sector's lies inside a band of a share 1/p of the eigenvalues.
        """
        if not self._has_band(block):
            return super().signal(block, t, alpha)
        return self._kept(self.inner.block(self._along(t, alpha), t))

    def outliers(
        self, alpha: float, edge: EnclosedEdge, near: list[SectorOutlier] | None = None
    ) -> list[SectorOutlier]:
        """Find all outliers left of the edge, if no band lies beyond it."""
        self._along(edge.t, alpha)
        return super().outliers(alpha, edge, near)

    def transition(self, block: Block, near: Transition | None = None) -> Transition | None:
        """Find the lowest alpha beyond which a block has an outlier, if no band lies there."""
        found = super().transition(block, near)
        if found is not None:
            self._along(found.t, found.alpha)
        return found

    def _kept(self, block: np.ndarray) -> np.ndarray:
        return block[-1:, -1:] if self.is_even else block

    def signal_slope(self, block: Block, t: float, alpha: float) -> np.ndarray:
        """`d sigma/d lambda` along the curve, by complex arguments."""
        if not self._has_band(block):
            return super().signal_slope(block, t, alpha)
        t_s, step = self._along(t, alpha), 1j * COMPLEX
        across = 1 / (1 / t**2 - alpha * float(self.at(t)[1][0]))
        by_s, by_t = (
            (self._band(at_s, at, alpha).imag / COMPLEX, self.inner.block(at_s, at).imag / COMPLEX)
            for at_s, at in ((t_s + step * t_s, t), (t_s, t + step * t))
        )
        moved = across / t
        along = (1 - by_t[0] * moved) / by_s[0]
        return self._kept(by_s[1] * along + by_t[1] * moved)

    def first_alpha(self, block: Block, t: float) -> float:
        """Where the first outlier of a block meets a smooth edge."""
        if not self._has_band(block):
            return super().first_alpha(block, t)
        low = self.alpha_c * 1e-3
        return float(brentq(lambda alpha: self.distance(block, 0, t, alpha), low, self.alpha_c))

    def gap(self, block: Block, t: float) -> float:
        """The same as for any curve; not a number inside a band."""
        try:
            return super().gap(block, t)
        except PrecisionError:
            return np.nan

    def _crossing(self, block: Block) -> tuple[float, float]:
        if self._has_band(block) and self.inner is not self.rough:
            return replace(self, inner=self.rough)._crossing(block)
        low, high = super()._crossing(block)
        if self._has_band(block) and any(
            np.isnan(self.gap(block, t)) for t in ([high] if low else self._grid())
        ):
            raise inside_a_band()
        return low, high

    def _band(self, t_s: Any, t: Any, alpha: float) -> Any:
        """The eigenvalue lambda at which the trivial sector has `g_s = -t_s`."""
        return -1 / t_s + alpha * (self.inner.mass @ self.inner.elements(t_s, t)[0])

    def _along(self, t: float, alpha: float) -> float:
        """Solve for t_s; lambda is concave in `w = -1/t_s`, so that Newton's method rises to it.

        Raises
        ------
        PrecisionError
            If there is none: the point lies inside a band of a share 1/p of the eigenvalues.
        """
        if self.is_even and np.all(np.isfinite(self.inner.elements(t, t)[0])):
            return t
        target = self.inverse_stieltjes(t, alpha)
        w = target - alpha * float(self.inner.mass @ self.inner.elements(0.0, t)[0])
        for _ in range(NEWTON):
            if not w < 0 or self.is_even:
                break
            ee = self.inner.elements(-1 / w, t)[0]
            value = w + alpha * float(self.inner.mass @ ee)
            slope = 1 - alpha * float(self.inner.mass @ ee**2) / w**2
            step = (target - value) / slope
            if not slope > 0:
                break
            if abs(step) < CLOSE * abs(w):
                return -1 / w
            w += step
        raise inside_a_band()


def inside_a_band() -> PrecisionError:
    """Say why there are no outliers."""
    return PrecisionError(
        "at p = inf a share 1/p of the eigenvalues lies beyond the edge of the bulk, the trivial "
        "sector's or those of the rank-one parts of F: outliers are not told there"
    )


@lru_cache(maxsize=8)
def limit_curve_of(law: NodeLaw, level: int, graded: bool = False) -> LimitCurve:
    """Curves at p = inf with the rule of a level; takes and raises what `curve_of` does."""
    if law.is_random:
        raise DomainError(
            f"p_star must be at most {MOST_DIMENSIONS - 1} for p = inf, where averages run over "
            f"{MOST_DIMENSIONS} Gaussian variables at most"
        )
    bulk = curve_of(law, level, graded)
    step, reach = rule(max(1, len(law.variables) - 1), level)
    inner = conditional(law, step, reach)
    rough = inner if len(law.variables) < 3 else conditional(law, SCANNED, reach)
    bound = bulk.rough_alpha_c or None if bulk.is_filled else None
    parts = bulk.nodes, bulk.end_nodes, bulk.t_end, bulk.is_filled, bulk.near_end, bound
    return LimitCurve(*parts, inner, law.network.is_even, rough, _forms(law.network))


def _forms(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Squared projections on the teacher's and the student's spans in the trivial sector."""
    kept = [network.frame.index(v) for v in (*_teachers(network), *network.student_frame)]
    return forms(network, kept)
