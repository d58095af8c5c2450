"""The matrix Dyson equation of a sample: accuracy, limits, and what the weights leave open."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from scipy.special import gammainc

from bbpsym.finite import Instance, Point, lowest
from bbpsym.numerics.finite_n.extremes import all_weights, extreme_weights
from bbpsym.numerics.finite_n.sampled_nodes import SampledCurve
from bbpsym.numerics.finite_n.weighted import WeightSamples
from tests.cases import long


def curve(p=1, p_star=1, N=300, alpha=4.0, a=1.5, seed=1):
    rng = np.random.default_rng(seed)
    return SampledCurve(all_weights(a, p, p_star, round(alpha * N), N, rng))


def test_edge_and_outlier_in_more_digits():
    """The same sums in 40 digits, solved by mpmath, are within the errors that are claimed."""
    context = mpmath.mp.clone()
    context.dps = 40
    N = 50
    found = curve(N=N)
    nodes = found.nodes
    y = [context.mpf(float(v)) ** 2 for v in nodes.teacher[:, 0]]
    yh = [context.mpf(float(v)) ** 2 for v in nodes.student[:, 0]]
    a = context.mpf(3) / 2
    f = [2 * (3 * w - v) / (a + v) for v, w in zip(y, yh, strict=True)]

    def h(g):
        return [value / (1 - g * value) for value in f]

    edge = found.edge()
    start = -(1 - edge.x) / nodes.unit
    turn = lambda g: 1 / g**2 - context.fsum(v**2 for v in h(g)) / N  # noqa: E731
    g = context.findroot(turn, start)
    exact = 1 / g + context.fsum(h(g)) / N
    assert abs(exact - nodes.unit * edge.value) < nodes.unit * found.edge_error(edge)
    ((state, k),) = found.outliers(edge)
    meet = lambda g: 1 / g + context.fsum((1 - v) * w for v, w in zip(y, h(g), strict=True)) / N  # noqa: E731
    g = context.findroot(meet, -(1 - state.x) / nodes.unit)
    exact = 1 / g + context.fsum(h(g)) / N
    assert k == 0
    assert abs(exact - nodes.unit * state.value) < nodes.unit * found.error(state)
    assert found.error(state) < 1e-9
    # Overlap and deviation by the scalar formulas (58) and (2/N) |lambda'| (1 - m^2)^2.
    slope = -1 / g**2 + context.fsum(v**2 for v in h(g)) / N
    rise = context.fsum(v * w**2 for v, w in zip(y, h(g), strict=True)) / N
    _, overlap2, deviation = found.pole(state, 0, N)
    m2 = 1 / (1 - rise / slope)
    assert overlap2 == pytest.approx(float(m2), rel=1e-9)
    expected = float(context.sqrt(-2 / context.mpf(N) * slope) * (1 - m2))
    assert nodes.unit * deviation == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("p", [2, 3])
def test_matrix_solutions_solve_the_equation(p):
    """At the edge and an outlier, with inverses of every 1 - G F instead of Sherman-Morrison."""
    N = 200
    found = curve(p=p, N=N)
    nodes, identity = found.nodes, np.eye(p)
    outer = nodes.student[:, :, None] * nodes.student[:, None, :]
    F = nodes.rank_one[:, None, None] * outer - (1 - nodes.excess)[:, None, None] * identity
    edge = found.edge()
    states = [edge, *(state for state, _ in found.outliers(edge))]
    assert len(states) == p + 1
    for state in states:
        G = state.distances - identity
        h = F @ np.linalg.inv(identity - G @ F)
        z = np.linalg.inv(G) + h.sum(axis=0) / N
        assert z == pytest.approx(state.value * identity, abs=1e-8)
        step = 1e-6
        moved = np.linalg.inv(G + step * state.tangent) + (
            (F @ np.linalg.inv(identity - (G + step * state.tangent) @ F)).sum(axis=0) / N
        )
        slope = (moved - z) / step
        assert slope == pytest.approx(state.slope * identity, abs=1e-4 * (1 + abs(state.slope)))
        assert state.value <= edge.value + 1e-12
    # The edge is where the response turns singular.
    assert abs(np.linalg.eigvalsh(edge.response)[-1]) < 1e-2
    assert np.linalg.eigvalsh(edge.response)[-1] < 0


def test_masses_count_samples():
    """Every sample twice, each with half the mass, is the same sample."""
    found = curve(p=2)
    nodes = found.nodes
    twice = {
        name: np.concatenate([getattr(nodes, name)] * 2)
        for name in ("excess", "rank_one", "student", "teacher", "mass")
    }
    halved = replace(nodes, **{**twice, "mass": twice["mass"] / 2})
    assert SampledCurve(halved).edge().value == pytest.approx(found.edge().value, rel=1e-9)


@pytest.mark.parametrize(("p", "p_star"), [(1, 1), (2, 1), (1, 3), (2, 2)])
def test_the_rule_has_the_moments_of_the_law_below_the_cut(p, p_star):
    N, alpha, count = 10**8, 2.0, 1000
    rng = np.random.default_rng(3)
    nodes = extreme_weights(1.5, p, p_star, alpha * N, N, count, rng)
    assert np.sum(nodes.mass) == pytest.approx(alpha, rel=1e-12)
    drawn, rest = np.s_[: nodes.drawn], np.s_[nodes.drawn :]
    assert abs(nodes.drawn - count) < 5 * np.sqrt(count)
    y = np.mean(nodes.teacher**2, axis=1)
    yh = np.mean(nodes.student**2, axis=1)
    cut = y[drawn].min()
    assert cut > y[rest].max()
    mass = nodes.mass[rest] / np.sum(nodes.mass[rest])
    # E[y; y < cut] is an incomplete gamma function; the cut is known to one in a thousand.
    half = p_star / 2
    assert mass @ y[rest] == pytest.approx(
        gammainc(half + 1, half * cut) / gammainc(half, half * cut), abs=1e-6
    )
    assert mass @ yh[rest] == pytest.approx(1, abs=1e-9)
    assert mass @ yh[rest] ** 2 == pytest.approx(1 + 2 / p, abs=1e-9)
    if p == 2:
        moment = np.einsum("n,ni,nj->ij", mass, nodes.student[rest], nodes.student[rest])
        assert moment == pytest.approx(np.eye(2), abs=1e-9)


def test_the_largest_sizes_neither_overflow_nor_lose_the_edge():
    rng = np.random.default_rng(1)
    found = SampledCurve(extreme_weights(1.5, 1, 1, 1.2e200, 1e200, 500, rng))
    edge = found.edge()
    # An isolated lowest weight: x = sqrt(mass/|1 - <(g h)^2>_rest|), about N^{-1/2}.
    assert 1e-101 < edge.x < 1e-98
    assert abs(edge.decline) < 1e-6


@pytest.mark.parametrize(("p", "samples", "N"), [(1, 120, 200), *long((2, 60, 150))])
def test_the_deviation_is_that_of_fresh_data_with_the_same_weights(p, samples, N):
    """Pre-activations are kept and all else is drawn anew: what is left is the random signs."""
    rng = np.random.default_rng(4)
    point = Point(N=N, p=p, p_star=1, a=1.5, alpha=4.0)
    fields = rng.standard_normal((point.M, p + 1))
    axes = np.sqrt(N) * np.eye(N)
    values = []
    for _ in range(samples):
        data = rng.standard_normal((point.M, N)) / np.sqrt(N)
        data[:, : p + 1] = fields / np.sqrt(N)
        instance = Instance(point, data, axes[:p], axes[p : p + 1], fields[:, :p], fields[:, p:])
        values.append(lowest(instance).values)
    found = SampledCurve(
        WeightSamples.of(1.5, fields[:, :p], fields[:, p:], np.full(point.M, 1 / N))
    )
    poles = [found.pole(*item, N) for item in found.outliers(found.edge())]
    predicted = np.array([value for value, _, _ in poles]) * found.nodes.unit
    deviation = np.mean([sigma for _, _, sigma in poles]) * found.nodes.unit
    means = np.mean(values, axis=1)
    error = 4 / np.sqrt(2 * samples)
    if p == 1:
        assert np.std(means) == pytest.approx(deviation, rel=error)
    else:  # two outliers: their mean varies less than one of them, but not by more than a half
        assert np.std(means) < deviation * (1 + error)
        assert np.std(means) > deviation * (1 - error) / np.sqrt(2)
    # What is left of the mean is of order 1/N.
    assert abs(means.mean() - predicted.mean()) < 4 * deviation / np.sqrt(samples) + 4 / N
