"""Nodes in a noisy label and in a student's pre-activations.

F sees the teacher's pre-activation u and the noise through the label alone. At a given label and
given pre-activations only means of 1, u and u^2 are left, sums over a fine line in u: the averages
have one variable less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bbpsym.numerics.networks.noisy_labels import LabelLine
from bbpsym.numerics.networks.ordered_rule import Growth, Kinds, Spacing, count, line, picked
from bbpsym.numerics.networks.weight_parts import Data

if TYPE_CHECKING:
    from bbpsym.numerics.networks.node_laws import NodeLaw

#: Width of the region of short steps around a label at which many u have nearly the same, in units
#: of the noise, and the inverse of the longest steps.
WIDTH, FLOOR = 3.0, 0.6

#: Step and reach of a line in u, where it is not the noise that sets its step.
LINE = (0.1, 8.7)

#: Decimals of a label at which u turns.
DECIMALS = 3


def label_growth(law: NodeLaw) -> Growth:
    """How steps in the label grow: short ones where its density without noise is singular."""
    found = _line(law)
    clean = found.clean
    slopes = np.abs(np.diff(clean))
    turning = (slopes[1:-1] < slopes[:-2]) & (slopes[1:-1] <= slopes[2:])
    centres: list[float] = []
    for at in np.sort(clean[1:-2][turning]).tolist():
        if not centres or at - centres[-1] > found.noise:  # one that nodes see but nearly
            centres.append(round(at, DECIMALS))
    if not centres:
        return Growth((), 1.0, max(1.0, 1 / (WIDTH * found.noise)))
    return Growth(tuple(centres), WIDTH * found.noise, FLOOR)


def label_count(law: NodeLaw, kinds: Kinds, spacing: Spacing) -> float:
    """Number of nodes of a rule, about."""
    ends = spacing.growth.place(np.array(_ends(_line(law), spacing)))
    own = kinds._replace(teachers=0, cosines=())
    return float(np.ptp(ends)) / spacing.teacher * count(own, spacing, False)


def _line(law: NodeLaw) -> LabelLine:
    found = law.label_line(*LINE)
    assert found is not None
    return found


def _ends(found: LabelLine, spacing: Spacing) -> tuple[float, float]:
    reach = spacing.reach * found.noise
    return float(found.clean.min() - reach), float(found.clean.max() + reach)


def label_points(law: NodeLaw, spacing: Spacing) -> Data:
    """Data of ordered nodes at labels, with means of what a frame's directions are there."""
    found = _line(law)
    vectors = np.array(law.network.student_vectors.evalf(25), dtype=float)
    p, cosine, width = len(vectors), float(vectors[0, 0]), float(vectors[0, 1])
    labels, lengths = _labels(law, found, spacing)
    axis, steps = line(spacing.student, spacing.nodes, (-spacing.reach, spacing.reach))
    picks, orders = picked(p, len(axis))
    near = (axis[picks] ** 2).sum(axis=1) <= spacing.reach**2
    picks, orders = picks[near], orders[near] * steps[picks[near]].prod(axis=1)
    moments = np.stack(
        [_moments(found, label, axis, picks, cosine, width) for label in labels], axis=1
    )
    mass = moments[0] * lengths[:, None] * orders
    rows, kept = np.nonzero(mass > mass.max() * np.exp(-(spacing.reach**2) / 2))
    first, second = (moment[rows, kept] / moments[0][rows, kept] for moment in moments[1:])
    nodes = axis[picks[kept]]
    products = _products(nodes, first, second, cosine, width)
    return Data(mass[rows, kept], labels[rows], nodes, products)


def _labels(law: NodeLaw, found: LabelLine, spacing: Spacing) -> tuple[np.ndarray, np.ndarray]:
    """Labels as far as they have a density; of mirrored data those above zero stand for both."""
    labels, lengths = line(spacing.teacher, spacing.growth, _ends(found, spacing))
    if law.is_mirrored:
        labels, lengths = labels[labels > 0], 2 * lengths[labels > 0]
    density = (_kernel(found, label)[1].sum() for label in labels)
    share = np.fromiter(density, dtype=float, count=len(labels)) * lengths
    kept = share > share.max() * np.exp(-(spacing.reach**2) / 2)
    return labels[kept], lengths[kept]


def _kernel(found: LabelLine, label: float) -> tuple[np.ndarray, np.ndarray]:
    """The u that a label may come from, and their weights times its density there."""
    away = (found.clean - label) / found.noise
    near = np.abs(away) < LINE[1]
    density = np.exp(-(away[near] ** 2) / 2) / (found.noise * np.sqrt(2 * np.pi))
    return found.u[near], found.mass[near] * density


def _moments(
    found: LabelLine, label: float, axis: np.ndarray, picks: np.ndarray, cosine: float, width: float
) -> np.ndarray:
    """Densities at a label and at nodes, times means of 1, u and u^2; shape (3, nodes)."""
    u, weight = _kernel(found, label)
    powers = weight * np.array([np.ones_like(u), u, u**2])
    gauss = np.exp(-(((axis - cosine * u[:, None]) / width) ** 2) / 2) / (
        width * np.sqrt(2 * np.pi)
    )
    if not cosine:
        own = np.exp(-(axis[picks] ** 2).sum(axis=1) / 2) / np.sqrt(2 * np.pi) ** picks.shape[1]
        return powers.sum(axis=1)[:, None] * own
    *others, last = np.moveaxis(picks, 1, 0)
    rows = np.zeros(len(picks), dtype=int)
    product = np.ones((len(u), 1))
    for column in others:
        product = (product[:, :, None] * gauss[:, None, :]).reshape(len(u), -1)
        rows = rows * len(axis) + column
    return np.stack([((power[:, None] * product).T @ gauss)[rows, last] for power in powers])


def _products(
    nodes: np.ndarray, first: np.ndarray, second: np.ndarray, cosine: float, width: float
) -> np.ndarray:
    """Means of `v_a v_b` in the frame, where a node is `cosine u + width v`."""
    size = nodes.shape[1]
    columns = [second]
    columns += [(nodes[:, k] * first - cosine * second) / width for k in range(size)]
    for j in range(size):
        for k in range(j, size):
            both = nodes[:, j] * nodes[:, k] - cosine * (nodes[:, j] + nodes[:, k]) * first
            columns.append((both + cosine**2 * second) / width**2)
    return np.stack(columns, axis=1)
