"""The weight matrix of a network at data, by its diagonal and its part of rank one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bbpsym.ensembles.real_values import evaluate, evaluate_at
from bbpsym.equations import weights
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.numerics.networks.node_laws import NodeLaw


class WeightParts(NamedTuple):
    """F as `D + c a a^T` at points: D and a of shape (points, p), and c."""

    bends: np.ndarray
    slopes: np.ndarray
    curvature: np.ndarray

    def matrices(self) -> np.ndarray:
        """F, shape (points, p, p)."""
        outer = self.slopes[:, :, None] * self.slopes[:, None, :]
        bends = self.bends[:, :, None] * np.eye(self.bends.shape[1])
        return self.curvature[:, None, None] * outer + bends


class Data(NamedTuple):
    """Data at which F is asked for, and what they tell of the frame."""

    #: Weights (ndarray, shape (points,)).
    mass: np.ndarray
    #: The labels; of no meaning where F depends on none (ndarray, shape (points,)).
    labels: np.ndarray
    #: The student's pre-activations (ndarray, shape (points, p)).
    nodes: np.ndarray
    #: `v_a v_b` with `a <= b` of the directions that F depends on, or their means at the labels and
    #: pre-activations (ndarray, shape (points, r (r + 1)/2)).
    products: np.ndarray


def sample_at(law: NodeLaw, points: np.ndarray, mass: np.ndarray) -> Data:
    """Data by points in the variables of a law."""
    network = law.network
    labels = evaluate(network.label, law.variables, points) if law.sees_label else points[:, 0]
    vectors = np.array(network.student_vectors.evalf(25), dtype=float)
    kept = [(k, law.variables.index(v)) for k, v in enumerate(network.frame) if v in law.variables]
    in_frame, in_points = zip(*kept, strict=True)
    frame = points[:, in_points]
    a, b = np.triu_indices(len(kept))
    return Data(mass, labels, frame @ vectors[:, in_frame].T, frame[:, a] * frame[:, b])


def parts_at(law: NodeLaw, sample: Data) -> WeightParts:
    """F at data, where it is a matrix."""
    network = law.network
    parts = weights.parts(network.loss, network.student, network.p, network.output == "mean")
    values = [evaluate_at(part, (weights.argument,), sample.nodes) for part in parts.activation]
    given = (label, weights.prediction), sample.labels, values[0].sum(axis=1)
    slope, curvature = (evaluate_at(part, *given) for part in parts.loss)
    return WeightParts(law.sign * slope[:, None] * values[2], values[1], law.sign * curvature)
