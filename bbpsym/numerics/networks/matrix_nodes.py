"""The matrix F of a network at the nodes of a rule, where nodes may only be exchanged.

F is diagonal plus rank one, `D + c a a^T`, and G a number plus rank one: with `-G = t_o` across
(1, ..., 1), t_s along its unit vector e, and `R = (1 + t_o D)^-1`, two steps of Sherman and
Morrison give

    K_o = R D + r (R a)(R a)^T,   r = c/(1 + t_o c a R a),
    K = K_o + s w w^T,   w = K_o e,   s = (t_o - t_s)/(1 - (t_o - t_s) e w).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from bbpsym.ensembles.real_values import evaluate
from bbpsym.numerics.networks import exchange
from bbpsym.numerics.networks.blocks import Block, forms
from bbpsym.numerics.networks.label_points import label_points
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.ordered_rule import Kinds, Spacing, ball
from bbpsym.numerics.networks.weight_parts import Data, WeightParts, parts_at, sample_at

#: Nodes at a time: what the cache of a processor holds.
CHUNK = 2**15


class State(NamedTuple):
    """Averages at one G.

    `k_i = E tr(P_i K)/dim_i` and `m_ij = E tr(P_i K P_j K)/dim_i`, with the projectors P_i on
    (1, ..., 1) and across.
    """

    k: np.ndarray
    m: np.ndarray


class Dressed(NamedTuple):
    """K at some nodes, `diag(kappa) + r b b^T + s w w^T`, and `1 - (t_o - t_s) e w`."""

    kappa: Any
    r: Any
    b: Any
    s: Any
    w: Any
    denominator: Any

    def matrix(self) -> np.ndarray:
        """K itself, shape (nodes, p, p)."""
        K = self.r[:, None, None] * self.b[:, :, None] * self.b[:, None, :]
        K += self.s[:, None, None] * self.w[:, :, None] * self.w[:, None, :]
        size = range(K.shape[1])
        K[:, size, size] += self.kappa
        return K


def _sum(rows: np.ndarray) -> np.ndarray:
    """Sums of many short rows: NumPy's own take a hundred times as long."""
    return rows @ np.ones(rows.shape[1])


@dataclass(frozen=True, eq=False)
class MatrixNodes:
    """F at the nodes of a rule, and the frame's variables in pairs."""

    #: Weights (ndarray, shape (nodes,)).
    mass: np.ndarray
    #: `v_a v_b` with `a <= b` of the directions that F depends on, the teachers' first, or means
    #: (ndarray, shape (nodes, r (r + 1)/2)).
    products: np.ndarray
    #: D and a (ndarray, shape (nodes, p)).
    bends: np.ndarray
    slopes: np.ndarray
    #: c (ndarray, shape (nodes,)).
    curvature: np.ndarray

    @property
    def p(self) -> int:
        """Width of the student."""
        return self.bends.shape[1]

    def parts(self) -> Iterator[MatrixNodes]:
        """Some of the nodes at a time."""
        for start in range(0, len(self.mass), CHUNK):
            part = slice(start, start + CHUNK)
            yield MatrixNodes(*(getattr(self, item.name)[part] for item in fields(self)))

    def matrices(self) -> np.ndarray:
        """F, shape (nodes, p, p)."""
        return WeightParts(self.bends, self.slopes, self.curvature).matrices()

    def mean(self) -> float:
        """`E tr F/p`."""
        return float(self.mass @ (_sum(self.bends) + self._rank)) / self.p

    def square(self) -> float:
        """`E tr F^2/p`."""
        cross = 2 * self.curvature * _sum(self.bends * self.slopes**2)
        return float(self.mass @ (_sum(self.bends**2) + cross + self._rank**2)) / self.p

    @property
    def _rank(self) -> np.ndarray:
        return self.curvature * _sum(self.slopes**2)

    def dressed(self, t_s: Any, t_o: Any) -> Dressed:
        """K at `g = -t`, real or complex."""
        inverse = 1 / (1 + t_o * self.bends)
        kappa, b = self.bends * inverse, self.slopes * inverse
        r = self.curvature / (1 + t_o * self.curvature * _sum(self.slopes * b))
        w = (kappa + (r * _sum(b))[:, None] * b) / np.sqrt(self.p)
        lift = t_o - t_s
        denominator = 1 - lift * _sum(w) / np.sqrt(self.p)
        return Dressed(kappa, r, b, lift / denominator, w, denominator)

    def is_admissible(self, t_s: float, t_o: float) -> bool:
        """Whether `1 - G F` is positive at all nodes."""
        return all(bool(part._are_positive(t_s, t_o).all()) for part in self.parts())

    def _are_positive(self, t_s: float, t_o: float) -> np.ndarray:
        one = 1 + t_o * self.bends
        with np.errstate(all="ignore"):
            rank = 1 + t_o * self.curvature * _sum(self.slopes**2 / one)
            down = _sum((one < 0).astype(float))
            # A rank-one part that is positive lifts one negative eigenvalue at most.
            across = ((down == 0) & (rank > 0)) | ((down == 1) & (rank < 0) & (self.curvature > 0))
            return across & (self.dressed(t_s, t_o).denominator > 0)

    def state(self, t_s: Any, t_o: Any) -> State:
        """Averages at `g = -t`, real or complex."""
        sums = np.sum([part._sums(t_s, t_o) for part in self.parts()], axis=0)
        k_s, ss, whole, trace, square = sums
        p = self.p
        across = max(p - 1, 1)
        k_o, so, oo = (trace - k_s) / across, whole - ss, (square - 2 * whole + ss) / across
        return State(np.array([k_s, k_o]), np.array([[ss, so], [so / across, oo]]))

    def _sums(self, t_s: Any, t_o: Any) -> np.ndarray:
        """Averages of `e K e`, its square, `|K e|^2`, `tr K` and `tr K^2`."""
        kappa, r, b, s, w, den = self.dressed(t_s, t_o)
        b2, w2 = _sum(b**2), _sum(w**2)
        third = _sum(kappa * w**2) + r * _sum(b * w) ** 2
        along = _sum(w) / np.sqrt(self.p) / den
        trace = _sum(kappa) + r * b2 + s * w2
        square = _sum(kappa**2) + 2 * r * _sum(kappa * b**2) + (r * b2) ** 2
        square += 2 * s * third + (s * w2) ** 2
        return np.array([self.mass @ x for x in (along, along**2, w2 / den**2, trace, square)])

    def signal(self, t_s: float, t_o: float) -> np.ndarray:
        """`E v v^T (x) K`, shape (r p, r p)."""
        return self._tensor(part.dressed(t_s, t_o).matrix() for part in self.parts())

    def signal_slope(self, t_s: float, t_o: float, slopes: np.ndarray) -> np.ndarray:
        """`E v v^T (x) K G' K` for slopes of g_s and g_o."""
        return self._tensor(part._slope(t_s, t_o, slopes) for part in self.parts())

    def _slope(self, t_s: float, t_o: float, slopes: np.ndarray) -> np.ndarray:
        K = self.dressed(t_s, t_o).matrix()
        Ke = K.sum(axis=2) / np.sqrt(self.p)
        along = Ke[:, :, None] * Ke[:, None, :]
        return slopes[0] * along + slopes[1] * (K @ K - along)

    def _tensor(self, tensors: Iterator[np.ndarray]) -> np.ndarray:
        p, size = self.p, self.products.shape[1]
        r = int(np.sqrt(2 * size))
        a, b = np.triu_indices(r)
        sums = np.zeros((size, p * p))
        for part, tensor in zip(self.parts(), tensors, strict=True):
            pairs = part.mass[:, None] * part.products
            sums += pairs.T @ tensor.reshape(len(tensor), -1)
        full = np.empty((r, r, p, p))
        full[a, b] = full[b, a] = sums.reshape(-1, p, p)
        return full.transpose(0, 2, 1, 3).reshape(r * p, r * p)


def kinds_of(law: NodeLaw) -> Kinds:
    """How many variables of each kind F depends on; a noisy label stands for its teacher."""
    network, present = law.network, law.variables
    teachers = sum(v in present for v in network.teacher_frame)
    students = sum(v in present for v in network.student_frame)
    pairs = zip(network.teacher_frame, network.cosines, strict=True)
    cosines = tuple(float(c) for v, c in pairs if v in present)
    noise = 0 if law.is_on_labels else len(present) - teachers - students
    return Kinds(teachers, students, noise, cosines, law.breaks)


def sample_of(law: NodeLaw, spacing: Spacing) -> Data:
    """Data at the nodes of a rule."""
    if law.is_on_labels:
        return label_points(law, spacing)
    return sample_at(law, *ball(kinds_of(law), spacing, law.is_mirrored))


def matrix_nodes(law: NodeLaw, spacing: Spacing) -> MatrixNodes:
    """Evaluate F at the nodes of a rule."""
    if law.network.is_limit:
        return _limit_nodes(law, *ball(kinds_of(law), spacing, law.is_mirrored))
    return matrix_nodes_at(law, sample_of(law, spacing))


def matrix_nodes_at(law: NodeLaw, sample: Data) -> MatrixNodes:
    """Evaluate F at given data."""
    return MatrixNodes(sample.mass, sample.products, *parts_at(law, sample))


def _limit_nodes(law: NodeLaw, points: np.ndarray, mass: np.ndarray) -> MatrixNodes:
    """At p = inf the one weight that is left."""
    f = law.sign * evaluate(law.network.weight_in_frame[0, 0], law.variables, points)
    none = np.zeros_like(f)
    return MatrixNodes(mass, np.zeros((len(f), 0)), f[:, None], none[:, None], none)


def blocks_of(law: NodeLaw) -> tuple[Block, ...]:
    """Sectors of the signal block with the forms of their overlaps."""
    network = law.network
    present = [k for k, v in enumerate(network.frame) if v in law.variables]
    teacher, student = forms(network, present)
    empty = np.zeros((0, 0), dtype=int)
    return tuple(
        Block(
            sector.name,
            sector.multiplicity,
            empty,
            *(sector.block(np.kron(form, np.eye(network.p))) for form in (teacher, student)),
        )
        for sector in sectors_of(law)
    )


def sectors_of(law: NodeLaw) -> tuple[exchange.Sector, ...]:
    """How the signal block splits."""
    kinds = kinds_of(law)
    return exchange.sectors(kinds.teachers, kinds.students)
