"""Nodes for a bulk with one Stieltjes transform, and where and how its curve ends."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import product

import numpy as np
from mpmath.ctx_mp import MPContext
from scipy.optimize import minimize_scalar
from sympy import Integral, lambdify

from bbpsym.ensembles.networks.landscape import Landscape, landscape
from bbpsym.ensembles.networks.support import Support, lower_end
from bbpsym.ensembles.real_values import functions_of
from bbpsym.equations import weights
from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics.networks.blocks import Nodes
from bbpsym.numerics.networks.lattice import MOST_NODES, count, rule
from bbpsym.numerics.networks.node_laws import NodeLaw, nodes_at, nodes_of
from bbpsym.numerics.networks.ordered_rule import scrambled
from bbpsym.numerics.networks.scalar_curve import NEAR_END, ROUNDED, ScalarCurve
from bbpsym.numerics.networks.spacings import spaced, spaced_sample
from bbpsym.symbols import label

#: Rounding of a weight that is zero, whose terms cancel, relative to the largest one.
CANCELLED = 1e-13

#: Distances from the end at which a divergence of M is looked for, and how slowly its increments
#: may shrink if it diverges: a logarithm's do not shrink at all.
APPROACH, SHRINKING = 1 - 10.0 ** -np.arange(2, 10), 0.9

#: Places far out at which the decay of the distance to an end is compared, in digits that show it.
FAR_OUT, DECAY_DIGITS = (20, 40), 4000

#: Level of spaced nodes that stands for the level zero of a lattice.
COARSEST = 3

#: Share of the range of t from which on nodes for its end are used, where others are dense at the
#: peaks already.
NEARER_END = 0.999

#: A peak farther out than this counts for nothing: the density there is below 1e-195.
FARTHEST = 30.0

#: Lines on which peaks are looked for: how far out, and how many points; to what share of the end
#: weights fall there, how well peaks are found, and how far they are apart.
LINE_REACH, ON_LINE, NEARLY, FOUND, APART = 10.0, 20_001, 0.9, 1e-9, 1e-5

#: Length of a line with a peak, in steps of one, and most nodes for the end.
LINE, MOST_AT_END = 35.0, 20_000_000

#: How much farther out averages of h^2 reach at an end that is approached at infinity.
FARTHER = 5.0


@lru_cache(maxsize=16)
def curve_of(law: NodeLaw, level: int, graded: bool = False) -> ScalarCurve:
    """Curves of a law with the rule of a level, or of random nodes with that number as their seed.

    A lattice has one step in all directions; a `graded` rule, and any rule of a student that is
    no coordinate, has one for each, as far as one G tells.

    Raises
    ------
    DomainError
        If the weight is unbounded on this side.
    ConvergenceError
        If the rules have more nodes than can be handled, or it is not seen whether M diverges.
    """
    support = lower_end(law.network, law.sign)
    t_end = -1 / support.low if support.low < 0 else np.inf
    if law.is_random:
        nodes = nodes_at(law, *scrambled(len(law.variables), level))
        return _without_peaks(nodes, support, t_end, True)
    dimension = law.dimension
    step, reach = rule(dimension, level)
    uneven = graded or (dimension > 2 and law.network.overlap != 0) or law.is_on_labels
    if uneven:
        nodes = _spaced_nodes(law, level + COARSEST)
    elif count(dimension, step, reach) > MOST_NODES:
        raise ConvergenceError("the averages need more nodes than can be handled")
    else:
        nodes = law.nodes(step, reach)
    # Weights next to an end at zero are differences of numbers as large as weights elsewhere.
    lost = ROUNDED * abs(support.low) or CANCELLED * float(np.abs(nodes.f).max())
    if nodes.f.min() < support.low - lost:
        raise PrecisionError(
            f"the end of the weights of {law.network!r} is not found: there are lower ones"
        )
    if not _peaks(law):
        return _without_peaks(nodes, support, t_end, uneven)
    end = partial(_end_nodes, law, level)
    # With many variables nodes for the end are dear: what is decided there is decided by few.
    first = _end_nodes(law, 0) if uneven else end()
    filled, bound = _end_of(law, support, first, t_end)
    if not uneven:
        return ScalarCurve(nodes, end, t_end, filled, NEAR_END, bound)
    if bound is None:
        bound = 0.0 if filled else _sharp_alpha(first, t_end)
    return ScalarCurve(nodes, end, t_end, filled, NEARER_END, bound)


def _spaced_nodes(law: NodeLaw, level: int) -> Nodes:
    if law.network.is_limit or law.network.p == 1:
        return nodes_at(law, *spaced(law, level))
    return nodes_of(law, spaced_sample(law, level))


def has_two_rules(law: NodeLaw) -> bool:
    """Whether a lattice and a graded rule are both there to choose from, for one G."""
    network = law.network
    others = network.is_radial or network.has_sectors or law.is_random or law.is_on_labels
    return network.overlap == 0 and not others and law.dimension > 2


def _without_peaks(nodes: Nodes, support: Support, t_end: float, rough: bool) -> ScalarCurve:
    if not nodes.f.any():  # all weights lie between the nodes: two rules would agree on that
        raise ConvergenceError("the averages need more nodes than can be handled")
    filled = support.is_filled or _diverges(nodes, t_end)
    told = not rough or filled or np.isinf(t_end)
    alpha_c = None if told else _sharp_alpha(nodes, t_end)
    return ScalarCurve(nodes, lambda: nodes, t_end, filled, NEAR_END, alpha_c)


def _sharp_alpha(nodes: Nodes, t: float) -> float:
    """Where the edge is sharp at t."""
    return float(1 / (t**2 * nodes.sums(t)[1][0]))


@lru_cache(maxsize=16)
def _end_nodes(law: NodeLaw, level: int) -> Nodes:
    step, reach = rule(law.dimension, level)
    if count(law.dimension - 1, step, reach + FARTHER) * LINE / step > MOST_AT_END:
        raise ConvergenceError("the averages need more nodes than can be handled")
    return law.nodes_at_end(step, reach + FARTHER, _peaks(law))


@lru_cache(maxsize=16)
def _peaks(law: NodeLaw) -> tuple[float, ...]:
    """Where the peaks of `1/(1 + t f)` lie, if the end is approached as the label varies.

    For other signs of what goes to infinity they may lie elsewhere, and at weights that are nearly
    as low: all are found on lines far out.
    """
    support = lower_end(law.network, law.sign)
    if law.network.is_radial or len(support.point) != 1 or not support.away:
        return ()
    ((variable, value),) = support.point.items()
    if variable not in weights.student_nodes(1) or abs(value) > FARTHEST:
        return ()
    is_halved = law.is_mirrored and not law.is_on_label_plane
    found = [float(value) * (support.away[0] if is_halved else 1.0)]
    scene = landscape(law.network, law.sign)
    place = scene.variables.index(variable)
    for signs in product((1.0, -1.0), repeat=len(scene.variables) - 1):
        if is_halved and signs[0] < 0:
            continue
        for at in _minima_far_out(scene, place, signs, NEARLY * support.low):
            if np.min(np.abs(np.array(found) - at)) > APART:
                found.append(at)
    return tuple(found)


def _minima_far_out(
    scene: Landscape, place: int, signs: tuple[float, ...], most: float
) -> Iterator[float]:
    """Yield minima below some weight as one variable varies and all others are far out."""
    away = LINE_REACH * np.array(signs)

    def along(x: np.ndarray) -> np.ndarray:
        return scene.value(np.insert(np.tile(away, (len(x), 1)), place, x, axis=1))

    line = np.linspace(-LINE_REACH, LINE_REACH, ON_LINE)
    f = along(line)
    for k in np.flatnonzero((f[1:-1] < most) & (f[1:-1] <= f[:-2]) & (f[1:-1] < f[2:])):
        bounds, options = (line[k], line[k + 2]), {"xatol": FOUND}
        found = minimize_scalar(lambda x: along(np.array([x]))[0], bounds=bounds, options=options)
        yield float(found.x)


def _end_of(
    law: NodeLaw, support: Support, nodes: Nodes, t_end: float
) -> tuple[bool, float | None]:
    """Whether M diverges at an end that is approached at infinity, as far as doubles see.

    Where it does not, but they do not see that, with what alpha_c lies below.
    """
    if support.is_filled:
        return True, None
    try:
        if not _diverges(nodes, t_end):
            return False, None
    except ConvergenceError:
        if not _decays_slowly(law):
            raise
    else:
        if not _decays_slowly(law):
            return True, None
    return True, _sharp_alpha(nodes, t_end * float(APPROACH[-1]))


@lru_cache(maxsize=16)
def _decays_slowly(law: NodeLaw) -> bool:
    """Whether the distance d of F from its end falls like no Gaussian as the label varies.

    M is an average of `d^(-3/2)` then, which the Gaussian density outweighs. Both forms of the
    weight are taken at one pre-activation, so that its digits do not matter.
    """
    support = lower_end(law.network, law.sign)
    formula = law.network.weight[0, 0].subs(label, law.network.label)
    ((student, value),) = support.point.items()
    varying = [*formula.free_symbols - {student}]
    if len(varying) != 1 or support.limit is None or formula.has(Integral):
        return False
    ctx = MPContext()
    ctx.dps = DECAY_DIGITS
    distance = lambdify(
        (*varying, student), law.sign * formula - support.limit, [functions_of(ctx)]
    )
    found = [ctx.fabs(distance(ctx.mpf(support.away[0] * u), ctx.mpf(value))) for u in FAR_OUT]
    if not all(found):
        return False
    near, farther = (float(-3 * ctx.log(d) / u**2) for d, u in zip(found, FAR_OUT, strict=True))
    # Of an exponential the rate over u^2 halves from one to the other; that of a Gaussian stays.
    return 2 * farther - near < 0.5


def _diverges(nodes: Nodes, t_end: float) -> bool:
    """Whether M diverges at the end of the support."""
    if np.isinf(t_end):
        return False
    with np.errstate(all="ignore"):
        return diverges(np.array([nodes.sums(t_end * x)[1][0] for x in (*APPROACH, 1.0)]))


def diverges(squares: np.ndarray) -> bool:
    """Whether averages diverge, by their increments at the places `APPROACH` and the end itself."""
    *steps, left = np.abs(np.diff(squares))
    if np.all(np.array(steps[-3:]) > SHRINKING * np.array(steps[-4:-1])):
        return True
    if not np.isfinite(squares[-1]) or left > 1e-2 * abs(squares[-1]):
        raise ConvergenceError("whether the edge can be smooth is not seen")
    return False
