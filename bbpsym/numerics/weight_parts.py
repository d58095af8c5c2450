"""The weight matrix of a network at data, by its diagonal and its part of rank one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bbpsym.ensembles.real_values import evaluate, evaluate_at
from bbpsym.equations import weights
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.numerics.node_laws import NodeLaw


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


def parts_at(law: NodeLaw, points: np.ndarray) -> WeightParts:
    """F at points in the variables of a law; at p = inf the one weight that is left."""
    network = law.network
    if network.is_limit:
        f = law.sign * evaluate(network.weight_in_frame[0, 0], law.variables, points)
        return WeightParts(f[:, None], np.zeros((len(f), 1)), np.zeros(len(f)))
    labels = evaluate(network.label, law.variables, points) if law.sees_label else points[:, 0]
    vectors = np.array(network.student_vectors.evalf(25), dtype=float)
    kept = [(k, law.variables.index(v)) for k, v in enumerate(network.frame) if v in law.variables]
    in_frame, in_points = zip(*kept, strict=True)
    nodes = points[:, in_points] @ vectors[:, in_frame].T
    parts = weights.parts(network.loss, network.student, network.p, network.output == "mean")
    values = [evaluate_at(part, (weights.argument,), nodes) for part in parts.activation]
    given = (label, weights.prediction), labels, values[0].sum(axis=1)
    slope, curvature = (evaluate_at(part, *given) for part in parts.loss)
    return WeightParts(law.sign * slope[:, None] * values[2], values[1], law.sign * curvature)
