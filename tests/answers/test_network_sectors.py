"""Two nodes: values found by two rules, the symmetry of the nodes, and limits that are known."""

from itertools import permutations

import numpy as np
import pytest
from sympy import Rational, cos, cosh, lambdify, log, symbols, tanh

from bbpsym import Model, edge, outlier, threshold
from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.ensembles.networks.domain import domain_of
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.numerics.networks import exchange, node_laws, ordered_rule
from bbpsym.numerics.networks.matrix_nodes import blocks_of, kinds_of, matrix_nodes, sectors_of
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.ordered_rule import (
    EQUAL,
    FROM_ZERO,
    Growth,
    Kinds,
    Spacing,
    ball,
    count,
    ordered,
)
from bbpsym.numerics.networks.scalar_nodes import curve_of
from bbpsym.numerics.networks.sector_curve import SectorCurve
from bbpsym.numerics.networks.sector_equations import perron
from tests.cases import long

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2


@pytest.mark.long
def test_two_quadratic_nodes_with_log_cosh():
    network = Network(x**2, log(cosh(y - yh)), 2)
    assert network_edge(network, 3).value == pytest.approx(-1.906146640493, abs=2e-12)
    (found,) = network_outliers(network, 3)
    assert (found.sector, found.multiplicity) == ("teacher", 2)
    assert found.value == pytest.approx(-2.21787602579, abs=2e-11)
    assert found.overlap2 == pytest.approx(0.45275620367, abs=1e-11)


def test_two_tanh_nodes():
    (found,) = network_outliers(Network(tanh(x), SQUARED, 2), 10)
    assert (found.sector, found.multiplicity) == ("standard", 1)
    assert found.value == pytest.approx(-2.302789321737, abs=2e-12)
    assert found.overlap2 == pytest.approx(0.6358442783, abs=1e-10)
    assert found.student2 / found.overlap2 == pytest.approx(0.57, abs=0.01)


def curve_at(law, step, reach):
    """The curve of a rule with one step for all directions."""
    nodes = matrix_nodes(law, Spacing(step, step, step, EQUAL, EQUAL, reach))
    return SectorCurve(nodes, blocks_of(law), sectors_of(law), domain_of(law.network, law.sign))


def test_edge_and_threshold_of_two_tanh_nodes():
    """More nodes need more data: 1.80488 for one."""
    network = Network(tanh(x), SQUARED, 2)
    assert network_edge(network, 10).value == pytest.approx(-1.92157008928, abs=2e-11)
    found = network_threshold(network)
    assert (found.sector, found.alpha_c) == ("standard", None)
    assert found.digits >= 10
    assert found.alpha == pytest.approx(2.2163365603, abs=1e-10)  # two rules of equal steps


@pytest.mark.parametrize(
    ("p", "p_star", "a"), [(1, 1, "1.5"), *long((2, 1, "0.7"), (3, 2, "1"), (10, 1, "0.7"))]
)
def test_the_paper_s_model_is_an_instance(p, p_star, a):
    model = Model(p, p_star, a)
    network = Network(x**2, (y - yh) ** 2 / (2 * (Rational(a) + y)), p, p_star)
    mine, its = network_threshold(network), threshold(model)
    assert mine.kind == its.kind
    for name in ("alpha", "alpha_c", "value", "overlap2"):
        assert getattr(mine, name) == pytest.approx(getattr(its, name), rel=1e-11)
    assert network_edge(network, 4).value == pytest.approx(edge(model, 4).value, rel=1e-12)
    (found,), expected = network_outliers(network, 4), outlier(model, 4)
    assert found.multiplicity == p * p_star
    assert (found.value, found.overlap2) == pytest.approx(
        (expected.value, expected.overlap2), rel=1e-11
    )


def test_the_paper_s_limit_is_an_instance_in_other_units():
    model = Model("inf", 1, "0.7")
    network = Network(x**2, (y - yh) ** 2 / (2 * (Rational("0.7") + y)), "inf")
    mine, its = network_threshold(network), threshold(model)
    assert mine.alpha == pytest.approx(its.alpha, rel=1e-11)
    assert mine.value == pytest.approx(2 * its.value, rel=1e-11)
    assert mine.overlap2 == pytest.approx(its.overlap2, rel=1e-11)


@pytest.mark.long
def test_an_even_activation_gives_the_same_with_and_without_its_symmetry():
    """The sectors of exchange alone, for a law that also has the symmetry of signs."""
    law = NodeLaw(Network(x**2, log(cosh(y - yh)), 2), 1)
    curve = curve_at(law, 0.2, 8.0)
    one = curve_of(law, 0).edge(3.0)
    edge_ = curve.edge(3.0, one._replace(t=(1.001 * one.t, one.t)))
    assert edge_.t[0] == pytest.approx(edge_.t[1], rel=1e-6)
    assert edge_.value == pytest.approx(-1.906146640493, abs=2e-6)
    values = [o.value for o in curve.outliers(3.0, edge_)]
    assert values == pytest.approx(2 * [-2.21787602579], abs=1e-5)


@pytest.mark.long
def test_two_even_nodes_have_as_many_digits_as_one():
    """With equal steps in all directions no digit of their threshold was known."""
    found, *_ = network_outliers(Network(x * tanh(x), log(cosh(y - yh)), 2), 5)
    assert (found.sector, found.multiplicity) == ("teacher", 2)
    assert found.digits >= 11
    t, line = -float(found.g), np.arange(-6.5, 6.5, 0.2)
    u, *nodes = np.array(np.meshgrid(line, line, line)).reshape(3, -1)
    mass = np.exp(-(u**2 + nodes[0] ** 2 + nodes[1] ** 2) / 2)
    v, th = np.array(nodes), np.tanh(nodes)
    first = (th + v * (1 - th**2)) / 2
    gap = (v * th).mean(axis=0) - u * np.tanh(u)
    F = np.einsum("in,jn,n->nij", first, first, 1 / np.cosh(gap) ** 2)
    F[:, [0, 1], [0, 1]] += (np.tanh(gap) * (1 - th**2) * (1 - v * th)).T
    trace = np.trace(np.linalg.solve(np.eye(2) + t * F, F), axis1=1, axis2=2)
    plain, teacher = (np.sum(mass * w * trace) / mass.sum() / 2 for w in (1, u**2))
    assert found.value == pytest.approx(-1 / t + 5 * plain, rel=1e-6)
    assert found.value == pytest.approx(5 * teacher, rel=1e-6)


def test_bounds_enclose_the_edge_at_any_admissible_point():
    """Lehner: at any G the least lambda is below the edge, and the edge is its maximum."""
    law = NodeLaw(Network(tanh(x), SQUARED, 2), 1)
    curve = curve_at(law, 0.35, 7.5)
    found = curve.edge(10.0)
    assert found.lower <= found.value <= found.upper
    assert found.upper - found.lower < 1e-12
    rng = np.random.default_rng(1)
    for factors in np.exp(rng.normal(scale=0.1, size=(30, 2))):
        t = np.array(found.t) * factors
        state = curve.state(*t)
        if state is not None:
            assert np.min(-1 / t + 10 * state.k) < found.value


def test_averages_by_moments_are_those_of_the_matrices():
    law = NodeLaw(Network(tanh(x), SQUARED, 3), 1)
    curve = curve_at(law, 1.0, 5.0)
    t_s, t_o = 0.3, 0.5
    state = curve.state(t_s, t_o)
    along = np.full((3, 3), 1 / 3)
    G = -t_s * along - t_o * (np.eye(3) - along)
    points, _ = ball(kinds_of(law), Spacing(1.0, 1.0, 1.0, EQUAL, EQUAL, 5.0), True)
    F = lambdify([law.variables], law.network.weight_in_frame.tolist())(points.T)
    F = np.array(F).transpose(2, 0, 1)  # of the Hessian by SymPy
    assert np.allclose(F, curve.nodes.matrices(), rtol=1e-10, atol=1e-13)
    K = F @ np.linalg.inv(np.eye(3) - G @ F)
    dressed = curve.nodes.dressed(t_s, t_o)
    assert np.allclose(K, dressed.matrix())
    assert np.allclose(K.sum(axis=2) / np.sqrt(3), dressed.w / dressed.denominator[:, None])
    direct = np.einsum("n,ni,nj,nab->iajb", curve.nodes.mass, points, points, K)
    assert np.allclose(curve.nodes.signal(t_s, t_o), direct.reshape(12, 12))
    for t_o in (0.5, 3.0, 8.0):  # of the last, some nodes leave the domain
        one = np.eye(3) + (0.3 * along + t_o * (np.eye(3) - along)) @ F
        positive = np.all(np.linalg.eigvals(one).real > 0)
        assert curve.nodes.is_admissible(0.3, t_o) == positive
    w, parts = curve.nodes.mass, ((along, 1), (np.eye(3) - along, 2))
    for i, (one, size) in enumerate(parts):
        assert state.k[i] == pytest.approx(w @ np.trace(one @ K, axis1=1, axis2=2) / size)
        for j, (other, _) in enumerate(parts):
            value = w @ np.trace(one @ K @ other @ K, axis1=1, axis2=2) / size
            assert state.m[i, j] == pytest.approx(value)


@pytest.mark.parametrize(("teachers", "p"), [(1, 2), (2, 2), (1, 3), (0, 3), (1, 4), (2, 5)])
def test_sectors_fill_the_signal_block(teachers, p):
    sectors = exchange.sectors(teachers, p)
    assert sum(s.multiplicity * s.bases.shape[2] for s in sectors) == (teachers + p) * p
    rng = np.random.default_rng(0)
    size = (teachers + p) * p
    raw = rng.standard_normal((size, size))
    block = symmetrised(raw + raw.T, teachers, p)
    values = [
        value
        for s in sectors
        for value in np.linalg.eigvalsh(s.block(raw + raw.T))
        for _ in range(s.multiplicity)
    ]
    assert np.allclose(np.sort(values), np.linalg.eigvalsh(block))


def symmetrised(block, teachers, p):
    """The mean of a matrix on `v (x) e` over all exchanges of nodes."""
    total, group = 0.0, list(permutations(range(p)))
    for order in group:
        small = np.eye(p)[:, list(order)]
        frame = np.eye(teachers + p)
        frame[teachers:, teachers:] = small
        large = np.kron(frame, small)
        total = total + large @ block @ large.T
    return total / len(group)


def test_ordered_nodes_stand_for_all():
    axis = np.arange(4) - 1.5
    grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
    nodes, orders = ordered(3, axis, np.ones(4))
    assert orders.sum() == len(grid)
    symmetric = lambda rows: np.exp(rows.sum(axis=1)) + (rows**4).sum(axis=1)  # noqa: E731
    assert orders @ symmetric(nodes) == pytest.approx(symmetric(grid).sum())


@pytest.mark.parametrize(
    "growth", [EQUAL, FROM_ZERO, Growth((-0.7, 0.9), 0.25, 0.6), Growth((-0.7,), 0.003, 0.6)]
)
@pytest.mark.parametrize("cosines", [(), (0.6,), (-0.8,)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_rules_of_all_growths_give_gaussian_averages(growth, cosines, mirrored):
    kinds = Kinds(1, 2, 0, cosines)
    step = 0.2 * kinds.width  # given the teacher's, pre-activations are narrower
    spacing = Spacing(step, step, step, FROM_ZERO, growth, 7.0)
    points, mass = ball(kinds, spacing, mirrored)
    assert 1 / 3 < len(mass) / count(kinds, spacing, mirrored) < 3
    u, v, w = points.T
    assert mass.sum() == pytest.approx(1, abs=1e-8)
    found = mass @ (u**4 * np.cos(v) * np.cos(w))
    assert found == pytest.approx(3 * np.exp(-1), abs=1e-7)


def test_nodes_of_several_teachers_and_noise_stand_in_the_pre_activation():
    """Whatever the overlaps, variables are standard Gaussians, and pre-activations lie on lines."""
    spacing = Spacing(0.4, 0.3, 0.5, EQUAL, EQUAL, 6.5)
    points, mass = ball(Kinds(2, 1, 1, (0.5, -0.6)), spacing, False)
    assert mass.sum() == pytest.approx(1, abs=1e-7)
    assert (points * mass[:, None]).T @ points == pytest.approx(np.eye(4), abs=1e-6)
    own = points @ np.array([0.5, -0.6, np.sqrt(0.39), 0.0])
    assert own / 0.3 - 0.5 == pytest.approx(np.round(own / 0.3 - 0.5), abs=1e-9)


def test_noisy_labels_of_two_nodes_that_overlap_with_their_teacher():
    """Values by the trapezoidal rule in all four variables, a formula of F by hand, and chunks."""
    network = Network(x**2, log(cosh(y - yh)), 2, overlap="0.4", noise="0.1")
    found = network_edge(network, 3)
    assert found.digits >= 11
    assert found.value == pytest.approx(-1.8774975171111, abs=2e-11)


@pytest.mark.long
def test_outliers_of_noisy_labels_of_two_nodes():
    network = Network(x**2, log(cosh(y - yh)), 2, overlap="0.4", noise="0.1")
    standard, trivial = network_outliers(network, 3)
    assert standard.value == pytest.approx(-2.2089835592384, abs=2e-11)
    assert trivial.value == pytest.approx(-2.0456816100794, abs=2e-11)
    found = network_threshold(network)
    assert found.digits >= 10
    assert found.value == pytest.approx(-1.5532496995809, abs=1e-9)
    even = network_edge(Network(cos(x), log(cosh(y - yh)), 2, noise="0.2"), 3)
    assert even.digits >= 11


def test_wide_quadratic_networks_build_no_matrix():
    law = NodeLaw(Network(x**2, log(cosh(y - yh)), 1000), 1)
    assert not law.is_random
    assert not law.is_on_labels
    assert law.breaks == ()
    assert "weight" not in vars(law.network)


def test_perron_vector_is_positive():
    value, vector = perron(np.array([[2.0, 1.0], [1.0, 2.0]]))
    assert value == pytest.approx(3)
    assert vector == pytest.approx([0.5, 0.5])


@pytest.mark.long
def test_random_nodes_agree_with_a_lattice_to_their_error(monkeypatch):
    monkeypatch.setattr(node_laws, "MOST_DIMENSIONS", 2)
    monkeypatch.setattr(ordered_rule, "DOUBLINGS", (11, 13))
    network = Network(tanh(x), SQUARED, 2, teacher=tanh(x))
    (rough,) = network_outliers(network, 10)
    assert 2 <= rough.digits <= 6
    assert abs(rough.value + 2.302789321737) < rough.errors["value"] < 1e-2
    assert abs(rough.overlap2 - 0.6358442783) < rough.errors["overlap2"] < 5e-2


@pytest.mark.long
def test_overlap_with_several_teachers_is_that_with_the_direction_they_use():
    """A label that depends on one direction of the teacher's span only."""
    u, u1, u2 = symbols("u u1 u2")
    one = Network(tanh(x), SQUARED, teacher=tanh(u), overlap="0.5")
    two = Network(
        tanh(x), SQUARED, 1, 2, teacher=tanh((3 * u1 + 4 * u2) / 5), overlap=("0.3", "0.4")
    )
    assert network_edge(two, 5).value == pytest.approx(network_edge(one, 5).value, abs=1e-10)
    (mine,), (its,) = network_outliers(two, 5), network_outliers(one, 5)
    for name in ("value", "overlap2", "teacher2", "student2"):
        assert getattr(mine, name) == pytest.approx(getattr(its, name), abs=1e-9)
