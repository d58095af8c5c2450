"""Weights of a network at the nodes of a rule, for bulks with one Stieltjes transform `G = g 1`.

All averages are then sums over the eigenvalues f of F at the nodes: `E[X f/(1 - g f)]`, where X
runs over a few features: one for the bulk, and the entries of the signal blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import numpy as np
from sympy import Abs, Expr, Heaviside, Matrix, Max, Min, Piecewise, Symbol, oo
from sympy import sign as sign_of

from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.real_values import evaluate, evaluate_at
from bbpsym.equations import weights
from bbpsym.equations.weights import zeta
from bbpsym.errors import ConvergenceError
from bbpsym.functions.kinks import kinks
from bbpsym.numerics.networks.blocks import Block, Nodes, forms, student_blocks, teacher_block
from bbpsym.numerics.networks.lattice import lattice, peaked, rule
from bbpsym.numerics.networks.noisy_labels import LabelLine, label_line
from bbpsym.numerics.networks.radial_nodes import radial_nodes
from bbpsym.numerics.networks.steep_labels import check_smooth, steep_places
from bbpsym.numerics.networks.weight_parts import Data, parts_at, sample_at
from bbpsym.symbols import label

#: Most variables for which nodes stand on a lattice.
MOST_DIMENSIONS = 4

#: Least density of a noisy label with a pre-activation that counts.
LEAST_OF_PAIR = 1e-40

#: The rule for which it is asked whether noisy labels are dear.
ASKED = (0.05, 8.7)

#: Random data at which a symmetry is looked for.
MIRRORED = 50

#: Functions that bend or jump, which rules of several steps tell, and the level of the
#: lattice that has to see a label of several nodes: finer ones are not believed to tell otherwise.
BROKEN, SEEING_LEVEL = (Abs, Heaviside, Max, Min, Piecewise, sign_of), 1


@dataclass(frozen=True)
class NodeLaw:
    """A network whose bulk has one Stieltjes transform, with rules for its averages."""

    #: The network.
    network: Network
    #: -1 to look at `-F`: its left side is the right one of F.
    sign: int

    @property
    def _weights(self) -> Matrix:
        """Entries of F in the frame: exchange of nodes gives the others."""
        return self.network.weight_in_frame[:1, :2]

    @property
    def is_random(self) -> bool:
        """Whether there are too many variables for any rule but random nodes."""
        if self.network.is_radial:
            return False
        return len(self.variables) - self.is_on_labels > MOST_DIMENSIONS

    @cached_property
    def variables(self) -> tuple[Symbol, ...]:
        """Gaussian variables that F depends on: the frame's, and the noise."""
        free = self._weights.free_symbols
        if self.network.has_sectors:  # nodes are exchanged, whether F depends on them or not
            free |= set(self.network.student_frame)
        return tuple(v for v in (*self.network.frame, zeta) if v in free)

    @property
    def sees_label(self) -> bool:
        """Whether F depends on the label."""
        return self.network.label.free_symbols <= set(self.variables)

    @cached_property
    def is_mirrored(self) -> bool:
        """Whether F is the same at mirrored data, `v -> -v`: half of the nodes are then enough.

        Seen at random data; analytic functions that agree there agree everywhere.
        """
        points = np.random.default_rng(0).standard_normal((MIRRORED, len(self.variables)))
        pairs = (
            [evaluate(entry, self.variables, sign * points) for sign in (1, -1)]
            for entry in self._weights
        )
        return all(np.allclose(one, other, rtol=1e-10, atol=1e-12) for one, other in pairs)

    @cached_property
    def breaks(self) -> tuple[float, ...]:
        """Pre-activations of a single teacher node, the first variable, where its label bends.

        Or where it is too steep for nodes that do not crowd there.
        """
        network = self.network
        node, *others = network.teacher_frame
        if others and not self.is_random:
            self._check_label()
        if others or not (network.is_radial or node in self.variables):
            return ()
        found = kinks(network.clean_label.subs(node, label), (-oo, oo))
        bends = tuple(sorted(float(point) for point in found.points))
        clean_at = partial(evaluate, network.clean_label, (node,))
        places = {*bends, *steep_places(lambda u: clean_at(u[:, None]), bends)}
        if places and self.is_mirrored:  # a half of the nodes is taken
            places |= {0.0 - place for place in places}
        return tuple(sorted(places))

    def _check_label(self) -> None:
        """Refuse a label of several nodes that is too steep for a lattice, jumps and bends aside.

        Raises
        ------
        PrecisionError
            If it is.
        """
        step, _ = rule(self.dimension, SEEING_LEVEL)
        nodes = self.network.teacher_frame
        for piece in _pieces(self.network.clean_label):
            check_smooth(partial(evaluate, piece, nodes), len(nodes), step)

    @cached_property
    def is_on_label_plane(self) -> bool:
        """Whether averages run over a noisy label and the one pre-activation of a student."""
        teachers = [v for v in self.variables if v in self.network.teacher_frame]
        plain = self.network.p == 1 and not self.network.is_limit and zeta in self.variables
        others = self.network.p_star == 1 and len(teachers) == 1 and len(self.variables) == 3
        return plain and others and self.label_line(*ASKED) is not None

    @cached_property
    def is_on_labels(self) -> bool:
        """Whether averages run over a noisy label and the pre-activations of several nodes."""
        network = self.network
        if network.is_limit or network.is_radial or network.p == 1 or network.p_star > 1:
            return False
        given = {*network.teacher_frame, zeta} <= set(self.variables)
        return given and self.label_line(*ASKED) is not None

    @property
    def dimension(self) -> int:
        """How many variables the averages run over."""
        if self.is_on_labels and self.network.has_sectors:
            return 1 + self.network.p
        return 2 if self.network.is_radial or self.is_on_label_plane else len(self.variables)

    def label_line(self, step: float, reach: float) -> LabelLine | None:
        """Nodes for noisy labels of one teacher node; None if there are too many."""
        network = self.network
        clean_at = partial(evaluate, network.clean_label, network.teacher_frame)
        cosine, width = (abs(float(x)) for x in network.student_vectors.row(0)[:2])
        own = width / cosine / np.sqrt(network.p) if cosine else np.inf
        return label_line(clean_at, float(network.noise), (step, reach, self.breaks), own)

    def nodes(self, step: float, reach: float) -> Nodes:
        """Evaluate F at the nodes of a rule of a given step."""
        return _nodes(self, step, reach)

    def nodes_at_end(self, step: float, reach: float, peaks: tuple[float, ...]) -> Nodes:
        """Evaluate F at nodes for t near the end of the support, approached at infinity.

        There `1/(1 + t f)` has ever narrower peaks in the student's pre-activation, around a few
        values.
        """
        return _nodes_at_end(self, step, reach, peaks)


def _pieces(formula: Expr) -> Iterator[Expr]:
    """A formula on each piece of what bends or jumps in it: of each the first, the second, ..."""
    most = max((len(x.args) for x in formula.atoms(*BROKEN)), default=1)
    for k in range(most):

        def piece(broken: Expr, k: int = k) -> Expr:
            chosen = broken.args[min(k, len(broken.args) - 1)]
            return chosen.args[0] if isinstance(broken, Piecewise) else chosen

        yield formula.replace(lambda x: isinstance(x, BROKEN), piece)


@lru_cache(maxsize=8)
def _nodes(law: NodeLaw, step: float, reach: float) -> Nodes:
    network = law.network
    if network.is_radial:
        return radial_nodes(law, step, reach)
    if network.p == 1 or network.is_limit:
        return _plain(law, step, reach)
    return _even(law, step, reach)


def _plain(law: NodeLaw, step: float, reach: float) -> Nodes:
    """One weight, at p = 1 and at p = inf."""
    if law.is_on_label_plane:
        own, _ = lattice(1, step, reach)
        return _on_label_plane(law, step, reach, own[:, 0], np.full(len(own), step))
    return _one_weight(law, *lattice(len(law.variables), step, reach, law.is_mirrored, law.breaks))


def _one_weight(law: NodeLaw, points: np.ndarray, mass: np.ndarray) -> Nodes:
    """Weights and the features `v_i v_j` at given nodes."""
    network = law.network
    f = law.sign * evaluate(network.weight_in_frame[0, 0], law.variables, points)
    inside = [k for k, v in enumerate(law.variables) if v != zeta]
    size = len(inside)
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    columns = [mass, *(mass * points[:, inside[i]] * points[:, inside[j]] for i, j in pairs)]
    return _with_block(law, f, columns, inside)


def _with_block(law: NodeLaw, f: np.ndarray, columns: list, inside: list[int]) -> Nodes:
    """Nodes with one signal block, of which columns hold the upper half."""
    network, size = law.network, len(inside)
    pairs = [(i, j) for i in range(size) for j in range(i, size)]
    index = np.zeros((size, size), dtype=int)
    for number, (i, j) in enumerate(pairs, start=1):
        index[i, j] = index[j, i] = number
    kept = [network.frame.index(law.variables[k]) for k in inside]
    teacher, student = forms(network, kept)
    name, multiplicity = ("standard", np.inf) if network.is_limit else ("signal", 1)
    block = Block(name, multiplicity, index, teacher, student)
    return Nodes(f, np.stack(columns, axis=1), (block,) if size else ())


def _on_label_plane(
    law: NodeLaw, step: float, reach: float, own: np.ndarray, lengths: np.ndarray
) -> Nodes:
    """Nodes in the noisy label and in a student's pre-activation, at given places of this."""
    network, line = law.network, law.label_line(step, reach)
    if line is None:
        raise ConvergenceError("the averages need more nodes than can be handled")
    cosine, width = (float(x) for x in network.student_vectors)
    v = (own - cosine * line.u[:, None]) / width
    density = line.mass[:, None] * np.exp(-(v**2) / 2) * lengths / (width * np.sqrt(2 * np.pi))
    u = line.u[:, None]
    columns = [density, density * u**2, density * u * v, density * v**2]
    found = line.densities(np.concatenate(columns, axis=1))
    sums = found.reshape(len(line.labels), 4, len(own)).transpose(1, 0, 2)
    kept = sums[0] > LEAST_OF_PAIR * sums[0].max()
    labels = np.broadcast_to(line.labels[:, None], kept.shape)[kept]
    places = np.broadcast_to(own, kept.shape)[kept]
    variables = (label, *weights.student_nodes(1))
    f = law.sign * evaluate_at(network.weight[0, 0], variables, labels, places)
    return _with_block(law, f, [item[kept] for item in sums], [0, 1])


@lru_cache(maxsize=4)
def _nodes_at_end(law: NodeLaw, step: float, reach: float, peaks: tuple[float, ...]) -> Nodes:
    """Nodes in the student's pre-activation around its peaks, on a lattice in all others."""
    network = law.network
    (own,) = network.student_frame
    line, lengths = peaked(step, 2 * reach, peaks)
    if law.is_on_label_plane:
        return _on_label_plane(law, step, reach, line, lengths)
    place = law.variables.index(own)
    others, mass = lattice(len(law.variables) - 1, step, reach, law.is_mirrored, law.breaks)
    points = np.empty((len(others), len(line), len(law.variables)))
    points[:, :, [k for k in range(len(law.variables)) if k != place]] = others[:, None, :]
    cosines = {v: float(c) for v, c in zip(network.teacher_frame, network.cosines, strict=True)}
    kept = [v for v in law.variables if v != own]
    shift = others @ np.array([[cosines.get(v, 0.0)] for v in kept])
    width = np.sqrt(1 - sum(c**2 for c in cosines.values()))
    across = (line[None, :] - shift) / width
    points[:, :, place] = across
    density = np.exp(-(across**2) / 2) / (np.sqrt(2 * np.pi) * width)
    weight = mass[:, None] * (density * lengths[None, :])
    kept = weight.ravel() > weight.max() * 1e-40
    return _one_weight(law, points.reshape(-1, points.shape[2])[kept], weight.ravel()[kept])


def nodes_at(law: NodeLaw, points: np.ndarray, mass: np.ndarray) -> Nodes:
    """Evaluate F at given points, where the student does not enter by a length only."""
    if law.network.p == 1 or law.network.is_limit:
        return _one_weight(law, points, mass)
    return nodes_of(law, sample_at(law, points, mass))


def _even(law: NodeLaw, step: float, reach: float) -> Nodes:
    """Even activations at p > 1."""
    return nodes_of(
        law, sample_at(law, *lattice(len(law.variables), step, reach, law.is_mirrored, law.breaks))
    )


def nodes_of(law: NodeLaw, sample: Data) -> Nodes:
    """F by eigenvalues, blocks by the signs of the pre-activations, for even activations."""
    network, p, nodes = law.network, law.network.p, sample.nodes
    f, vectors = np.linalg.eigh(parts_at(law, sample).matrices())
    along = np.einsum("na,naj->nj", nodes, vectors) ** 2
    diagonal = np.einsum("na,naj->nj", nodes**2, vectors**2)
    length2 = (nodes**2).sum(axis=1)[:, None]
    ones = np.ones_like(f)
    columns = [ones / p]
    size = sum(v in law.variables for v in network.teacher_frame)
    pairs = iter(sample.products.T[:, :, None] / p)
    # Of the pairs of directions, in rows, the first ones of each row are the teachers'.
    rows = [[next(pairs) for _ in range(a, size + p)][: size - a] for a in range(size)]
    blocks = [teacher_block(columns, rows, p)]
    sectors = {
        "student trace": (1, along / p),
        "student diagonal": (p - 1, (diagonal - along / p) / (p - 1)),
        "student symmetric": (p * (p - 1) // 2, (length2 - 2 * diagonal + along) / (p * (p - 1))),
        "student antisymmetric": (p * (p - 1) // 2, (length2 - along) / (p * (p - 1))),
    }
    blocks += student_blocks(columns, sectors)
    weighted = [(sample.mass[:, None] * (column * ones)).ravel() for column in columns]
    return Nodes(f.ravel(), np.stack(weighted, axis=1), tuple(b for b in blocks if b.entries.size))
