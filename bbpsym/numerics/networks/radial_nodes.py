"""Nodes for quadratic activations at any width, which enter by the student's length alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bbpsym.ensembles.real_values import evaluate, evaluate_at
from bbpsym.equations import weights
from bbpsym.equations.weights import zeta
from bbpsym.numerics.networks.blocks import Nodes, student_blocks, teacher_block
from bbpsym.numerics.networks.lattice import lattice
from bbpsym.numerics.networks.noisy_labels import LONGEST
from bbpsym.numerics.plane import nodes as chi_square_nodes
from bbpsym.symbols import label

if TYPE_CHECKING:
    from bbpsym.numerics.networks.node_laws import NodeLaw

#: Least density of a noisy label that counts.
LEAST = 1e-30


def radial_nodes(law: NodeLaw, step: float, reach: float) -> Nodes:
    """Quadratic activations at any width: the two eigenvalues (48) in the plane of the lengths.

    The student's own directions split into rotation sectors, as in `equations.student`.
    """
    network, p = law.network, law.network.p
    labels, teachers, mass = _labels(law, step, reach)
    squares, density = chi_square_nodes(float(p), step)
    share = squares[None, :]  # |lambda|^2/p
    variables = (label, weights.square)
    grid = labels[:, None], p * share
    f = np.stack([law.sign * evaluate_at(w, variables, *grid) for w in network.radial_weights])
    ones = np.ones_like(f)
    parts = np.array([(p - 1) / p, 1 / p])[:, None, None]
    columns = [parts * ones]
    rows = [[parts * entry[None, :, None] for entry in row] for row in teachers]
    copies = p * (network.p_star if len(teachers) == 1 else 1)
    blocks = [teacher_block(columns, rows, copies)]
    first, second = np.array([1.0, 0.0])[:, None, None], np.array([0.0, 1.0])[:, None, None]
    mixed = (p * first + 2 * second) / (p + 2)
    sectors = {
        "student trace": (1, second * share),
        "student symmetric": (p * (p + 1) // 2 - 1, mixed * share),
        "student antisymmetric": (p * (p - 1) // 2, first * share),
    }
    blocks += student_blocks(columns, sectors)
    measure = (mass[:, None] * density[None, :])[None]
    weighted = [(measure * (column * ones)).ravel() for column in columns]
    return Nodes(f.ravel(), np.stack(weighted, axis=1), tuple(blocks))


def _labels(law: NodeLaw, step: float, reach: float) -> tuple[np.ndarray, list, np.ndarray]:
    """Labels at nodes, the products of the teacher's pre-activations there, and weights."""
    network = law.network
    form = network.form
    noise = (zeta,) if network.noise else ()
    found = _noisy_labels(law, step, reach) if noise and network.p_star == 1 else None
    if found is not None:
        return found
    # Labels move by the noise's deviation per unit of zeta: its step may be as much longer.
    noise_step = min(step / float(network.noise), LONGEST) if noise else step
    if network.teacher is None and form is not None and (noise or network.p_star > 1):
        squares, mass = _mean_squares(network.p_star, step, reach)
        extra, more = lattice(len(noise), noise_step, reach)
        count = 1 if network.output == "mean" else network.p_star
        clean = float(count) * (float(form.curvature) * squares + float(form.offset))
        labels = clean[:, None] + float(network.noise) * (extra[:, 0] if noise else np.zeros(1))
        mean = np.broadcast_to(squares[:, None], labels.shape).ravel()
        return labels.ravel(), [[mean]], np.outer(mass, more).ravel()
    variables = (*network.teacher_frame, *noise)
    points, mass = lattice(len(variables), step, reach, breaks=law.breaks)
    labels = evaluate(network.label, variables, points)
    teachers = [points[:, k] for k in range(network.p_star)]
    return labels, [[a * b for b in teachers[k:]] for k, a in enumerate(teachers)], mass


def _noisy_labels(
    law: NodeLaw, step: float, reach: float
) -> tuple[np.ndarray, list, np.ndarray] | None:
    """Noisy labels on a line, and means of `u^2` at given ones; None if these are dear."""
    line = law.label_line(step, reach)
    if line is None:
        return None
    found = line.densities(np.stack([line.mass, line.mass * line.u**2], axis=1))
    kept = found[:, 0] > LEAST * found[:, 0].max()
    density, square = found[kept].T
    return line.labels[kept], [[square / density]], density


def _mean_squares(p_star: int, step: float, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for a mean of squares: one square by its root, whose nodes are fewer."""
    if p_star > 1:
        return chi_square_nodes(float(p_star), step)
    roots, mass = lattice(1, step, reach, halved=True)
    return roots[:, 0] ** 2, mass
