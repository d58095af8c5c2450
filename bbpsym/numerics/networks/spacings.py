"""How fine a rule has to be in each direction: seen at one G, from how its averages change.

The error of the trapezoidal rule falls like `exp(-rate/step)` with a rate for every direction, so
that rules with steps `rate/level` have the same error in all of them.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bbpsym.ensembles.networks.support import Support, lower_end
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.numerics.networks.label_points import label_count, label_growth
from bbpsym.numerics.networks.lattice import MOST_NODES
from bbpsym.numerics.networks.matrix_nodes import MatrixNodes, kinds_of, matrix_nodes, sample_of
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.ordered_rule import (
    EQUAL,
    FROM_ZERO,
    Growth,
    Kinds,
    Spacing,
    ball,
    count,
)
from bbpsym.numerics.networks.weight_parts import Data

#: Logarithm of the error at level zero, its growth from level to level, and what the radius of the
#: ball allows for beyond it.
FIRST, FINER, BEYOND = 4.0, 1.4, 8.0

#: Where rates are measured: relative to the end of t, which a smooth edge comes nearer to than one
#: that is always sharp; where it is infinite, to the inverse root mean square weight.
SHARE, FAR = {False: 0.95, True: 0.85}, 3.0

#: Steps that are compared, by the number of variables up to three and beyond, and a ball's radius.
STEPS, RADIUS = ((0.25, 0.17), (0.5, 0.35)), 6.5

#: How much shorter the longest step gets at each level: no two rules are the same.
SHORTER = 0.1

#: Width of the region of short steps around a pre-activation at the end of the support, narrower
#: where an edge may be smooth and has ever narrower peaks there; the inverse of the longest steps.
WIDTH, FLOOR = {True: 0.25, False: 0.003}, 0.6

#: Most variables for which there may be as many nodes as narrow peaks need.
FEW = 3

#: Decimals of such a pre-activation: those of a student's nodes that should be equal are made so.
DECIMALS = 5

#: Relative changes that are told from rounding and from chance.
LEAST, MOST = 1e-12, 0.5


def spacing_of(law: NodeLaw, level: int) -> Spacing:
    """The rule of a level."""
    size = FIRST * FINER**level
    rates = _rates(law)
    longest = 2 * STEPS[0][0] / (1 + SHORTER * level)
    teacher, student, noise = (min(rate / size, longest) for rate in rates[:3])
    reach = float(np.sqrt(2 * (size + BEYOND)))
    return rates._replace(teacher=teacher, student=student, noise=noise, reach=reach)


def spaced(law: NodeLaw, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the rule of a level, in all variables.

    Raises
    ------
    ConvergenceError
        If it has more nodes than can be handled.
    """
    return ball(kinds_of(law), _handled(law, level), law.is_mirrored)


def spaced_sample(law: NodeLaw, level: int) -> Data:
    """Data at the nodes of the rule of a level, where F is a matrix; raises what `spaced` does."""
    return sample_of(law, _handled(law, level))


def _handled(law: NodeLaw, level: int) -> Spacing:
    if size_of(law, level) > MOST_NODES:
        raise ConvergenceError("the averages need more nodes than can be handled")
    return spacing_of(law, level)


def size_of(law: NodeLaw, level: int) -> float:
    """Number of nodes of the rule of a level."""
    return _count(law, kinds_of(law), spacing_of(law, level))


def _count(law: NodeLaw, kinds: Kinds, spacing: Spacing) -> float:
    if law.is_on_labels:
        return label_count(law, kinds, spacing)
    return count(kinds, spacing, law.is_mirrored)


@lru_cache(maxsize=16)
def _rates(law: NodeLaw) -> Spacing:
    """Rates in the place of steps, and the growth of steps that needs the fewest nodes."""
    kinds = kinds_of(law)
    return min(
        (_rates_with(law, kinds, *pair) for pair in _growths_of(law)),
        key=lambda rates: _count(law, kinds, rates),
    )


def _growths(law: NodeLaw) -> list[tuple[Growth, Growth]]:
    """Growths of steps that are tried, of all others and of the student's nodes."""
    support = _support(law)
    centres: tuple[float, ...] = ()
    are_few = len(law.variables) <= FEW
    if support is not None:
        # Of mirrored data the half with a positive first variable is left.
        way = support.heading if law.is_mirrored else 1.0
        centres = tuple(sorted({round(way * x, DECIMALS) for x in support.nodes}))
        width = WIDTH[support.is_filled or not are_few]
    nodes = [(FROM_ZERO, Growth(centres, width, FLOOR))] if centres else []
    is_open = support is not None and not support.is_filled
    if nodes and is_open and (are_few or law.network.overlap == 0):
        # Peaks there are too narrow for the steps at which rates are measured to show them.
        return nodes
    return [(FROM_ZERO, FROM_ZERO), (EQUAL, EQUAL), *nodes]


def _growths_of(law: NodeLaw) -> list[tuple[Growth, Growth]]:
    """The same; a label's steps are short where it is sharp."""
    growths = _growths(law)
    if not law.is_on_labels:
        return growths
    own = label_growth(law)
    return [(own, nodes) for _, nodes in growths]


def _rates_with(law: NodeLaw, kinds: Kinds, growth: Growth, nodes: Growth) -> Spacing:
    coarse, fine = STEPS[kinds.total > FEW]
    best = Spacing(fine, fine, fine, growth, nodes, RADIUS)
    reference, t = _moments(law, best, None)

    def rate(moved: Spacing) -> float:
        change = float(np.max(np.abs(_moments(law, moved, t)[0] / reference - 1)))
        return -coarse * float(np.log(np.clip(change, LEAST, MOST)))

    teacher, student, noise = (
        rate(best._replace(teacher=coarse)) if kinds.teachers else coarse,
        rate(best._replace(student=coarse)),
        rate(best._replace(noise=coarse)) if kinds.noise else coarse,
    )
    return best._replace(teacher=teacher, student=student, noise=noise)


def _moments(law: NodeLaw, spacing: Spacing, t: complex | None) -> tuple[np.ndarray, complex]:
    """Averages at a number G, which is chosen where none is given."""
    nodes = matrix_nodes(law, spacing)
    t = _place(law, nodes) if t is None else t
    state = nodes.state(t, t)
    single = nodes.p == 1
    return np.array([state.k[0], state.m[0, 0]] if single else [*state.k, *state.m.ravel()]), t


def _place(law: NodeLaw, nodes: MatrixNodes) -> complex:
    """A t at which averages are looked at: real where a bulk has an edge, else in the bulk."""
    support, usual = _support(law), FAR / float(np.sqrt(nodes.square()))
    if support is None:
        return 1j * usual
    return -SHARE[support.is_filled] / support.low if support.low < 0 else usual


def _support(law: NodeLaw) -> Support | None:
    """The lower end of the weights; None where they have none."""
    try:
        return lower_end(law.network, law.sign)
    except DomainError:
        return None
