"""Two and three nodes against sums over random data, with plain matrices and formulas by hand."""

import numpy as np
import pytest
from scipy.optimize import brentq, fsolve
from scipy.special import expit, ndtri
from scipy.stats import qmc
from sympy import exp, log, symbols, tanh

from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.ensembles.networks.domain import Domain
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import PrecisionError

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2
SIGMOID, SOFTPLUS = 1 / (1 + exp(-x)), log(1 + exp(x))

#: Where `s^2 (1 - s)(1 - 2 s)/2`, the weight of two equal nodes at the label zero, is least.
S = (9 + np.sqrt(17)) / 16
END = -2 / (S**2 * (1 - S) * (1 - 2 * S))


def tanh_parts(v):
    s = np.tanh(v)
    return s, 1 - s**2, -2 * s * (1 - s**2)


def sigmoid_parts(v):
    s = expit(v)
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)


class Plain:
    """The matrix Dyson equation of squared losses, over random data."""

    def __init__(self, parts, p, doublings=15, seed=99):
        points = qmc.Sobol(p + 1, seed=seed).random_base2(doublings)
        self.v, self.p = ndtri(np.clip(points, 1e-16, 1 - 1e-16)), p
        (label, _, _), (s, first, second) = parts(self.v[:, :1]), parts(self.v[:, 1:])
        error = label - s.mean(axis=1, keepdims=True)
        self.F = first[:, :, None] * first[:, None, :] / p**2
        self.F[:, range(p), range(p)] -= error * second / p
        self.along = np.full((p, p), 1 / p)

    def K(self, t_s, t_o):
        G = -t_s * self.along - t_o * (np.eye(self.p) - self.along)
        return np.linalg.solve(np.eye(self.p) - self.F @ G, self.F)

    def eigenvalues(self, t_s, t_o, alpha):
        """Both lambda, and their slopes in 1/g as a matrix."""
        K, p = self.K(t_s, t_o), self.p
        parts = self.along, np.eye(p) - self.along
        sizes, t = np.array([1, p - 1]), np.array([t_s, t_o])
        k = np.array([np.trace(P @ K.mean(axis=0)) for P in parts]) / sizes
        m = [[np.mean(np.trace(P @ K @ Q @ K, axis1=1, axis2=2)) for Q in parts] for P in parts]
        return -1 / t + alpha * k, alpha * np.array(m) / sizes[:, None] * t**2

    def lowest(self, t_s, t_o, alpha):
        """The lowest eigenvalue of the signal block: p - 1 times, but for chance."""
        K = self.K(t_s, t_o)
        block = np.einsum("ni,nj,nab->iajb", self.v, self.v, K, optimize=True) / len(K)
        values = np.linalg.eigvalsh(block.reshape((self.p + 1) * self.p, -1))
        return alpha * values[: self.p - 1].mean()

    def threshold(self, guess, t_o=None):
        """Where that meets an edge: a sharp one, or a smooth one at a given t_o."""

        def left(unknown):
            t_s, *middle, alpha = unknown
            place = t_o or middle[0]
            (a, b), slopes = self.eigenvalues(t_s, place, alpha)
            marginal = [] if t_o else [np.max(np.linalg.eigvals(slopes).real) - 1]
            return [a - b, self.lowest(t_s, place, alpha) - b, *marginal]

        return fsolve(left, guess, xtol=1e-10)[-1]


def deviation(value, parts, p, guess, t_o=None, doublings=14, count=6):
    """How far a threshold is from that of random data, and the standard error of these."""
    found = [Plain(parts, p, doublings, seed).threshold(guess, t_o) for seed in range(count)]
    return abs(np.mean(found) - float(value)), np.std(found, ddof=1) / np.sqrt(count)


@pytest.fixture(scope="module")
def sigmoids():
    return Plain(sigmoid_parts, 2)


def test_a_smooth_edge_is_the_largest_bound_of_any_transform(sigmoids):
    found = network_edge(Network(SIGMOID, SQUARED, 2), 2)
    assert found.kind == "smooth"
    assert found.digits >= 12
    low, high = found.bounds
    assert low <= found.value <= high < low + 1e-11
    assert found.g[1] == pytest.approx(-END, rel=1e-14)

    def gap(t_s):
        a, b = sigmoids.eigenvalues(t_s, END, 2.0)[0]
        return a - b

    t_s = brentq(gap, 5, 25)
    (value, _), slopes = sigmoids.eigenvalues(t_s, END, 2.0)
    assert np.max(np.linalg.eigvals(slopes).real) < 1
    assert found.value == pytest.approx(value, rel=5e-4)
    for other in ((t_s, 0.99 * END), (0.9 * t_s, END), (1.1 * t_s, END), (1.1 * t_s, 0.9 * END)):
        assert min(sigmoids.eigenvalues(*other, 2.0)[0]) < value


def test_an_outlier_at_a_smooth_edge(sigmoids):
    (found,) = network_outliers(Network(SIGMOID, SQUARED, 2), 4)
    t_s, t_o = (-float(g) for g in found.g)
    assert found.value == pytest.approx(sigmoids.lowest(t_s, t_o, 4.0), rel=5e-4)
    assert sigmoids.eigenvalues(t_s, t_o, 4.0)[0] == pytest.approx(2 * [found.value], rel=5e-4)


@pytest.mark.long
def test_the_jump_at_a_smooth_edge():
    network = Network(SIGMOID, SQUARED, 2)
    jump = network_threshold(network)
    assert (jump.kind, jump.sector, jump.multiplicity) == ("discontinuous", "standard", 1)
    assert jump.digits >= 10
    off, error = deviation(jump.alpha, sigmoid_parts, 2, (12.6, 2.0), END)
    assert off < 4 * error < 0.05
    assert jump.alpha == pytest.approx(2.081500101, abs=1e-9)
    assert jump.alpha_c == pytest.approx(5.203365902, abs=1e-8)
    (beyond,) = network_outliers(network, 1.0001 * float(jump.alpha))
    assert beyond.overlap2 == pytest.approx(jump.overlap2, rel=1e-3)
    assert network_outliers(network, 0.9999 * float(jump.alpha)) == ()


@pytest.mark.long
@pytest.mark.parametrize("ask", [network_edge, network_threshold])
def test_three_sigmoid_nodes_jump(ask):
    """At the border one node and the label are at infinity, and each is a little short of it."""
    network = Network(SIGMOID, SQUARED, 3)
    if ask is network_edge:
        found = network_edge(network, 2)
        assert (found.kind, found.digits >= 6) == ("smooth", True)
        assert found.g[1] == pytest.approx(-36, rel=1e-12)  # s = 1/2 - sqrt(3)/6 at the label one
        return
    jump = network_threshold(network)
    assert (jump.kind, jump.sector, jump.multiplicity) == ("discontinuous", "standard", 2)
    assert jump.alpha == pytest.approx(3.058165, abs=1e-6)
    off, error = deviation(jump.alpha, sigmoid_parts, 3, (15.2, 3.06), 36.0, 13, 4)
    assert off < 4 * error < 0.1


@pytest.mark.long
def test_the_threshold_of_three_tanh_nodes_by_random_data():
    """What the package finds in minutes, without its nodes, sectors or slopes."""
    off, error = deviation(2.225697, tanh_parts, 3, (1.3, 2.2, 2.2))
    assert off < 4 * error < 0.04


def tanh_pair_by_plane(cosine, t_o, start):
    """t_s and alpha where an outlier of two tanh nodes meets their smooth edge, by a plain rule."""
    centre = -0.7588315467  # where the weights are least
    place = lambda v: np.arcsinh((v - centre) / 0.003) + 0.6 * v  # noqa: E731
    dense, steps = np.linspace(-7, 7, 20_001), np.arange(-13, 13, 0.3)
    line = np.interp(steps, place(dense), dense)
    for _ in range(4):
        length = 1 / (0.6 + 1 / np.hypot(line - centre, 0.003))
        line -= (place(line) - steps) * length
    length = 1 / (0.6 + 1 / np.hypot(line - centre, 0.003))
    # Mirrored data have the same weight: half of them are enough.
    U, *nodes = np.meshgrid((np.arange(32) + 0.5) / 4, line, line, indexing="ij")
    v = (np.array(nodes) - cosine * U) / np.sqrt(1 - cosine**2)
    mass = np.exp(-(U**2 + (v**2).sum(axis=0)) / 2) * length[:, None] * length
    kept = mass > 1e-13 * mass.max()
    mass, U, values = mass[kept] / mass.sum(), U[kept], np.tanh(np.array(nodes)[:, kept])
    slope = 1 - values**2
    F = slope[:, None] * slope / 4
    F[[0, 1], [0, 1]] -= (values.mean(axis=0) - np.tanh(U)) * values * slope
    turn = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    F, (plus, minus) = np.einsum("ai,ijn,jb->nab", turn, F, turn), turn @ v[:, kept]
    odd = [(U, 1), (plus, 1), (minus, 0)]

    def equations(unknown):
        t_s, alpha = unknown
        G = -np.array([t_s, t_o])
        K = np.linalg.solve(np.eye(2) - F * G, F)
        block = [[mass @ (a * b * K[:, i, j]) for a, i in odd] for b, j in odd]
        along, across = 1 / G + alpha * np.einsum("n,naa->a", mass, K)
        return [along - across, across - alpha * np.linalg.eigvalsh(block)[0]]

    return fsolve(equations, start)


@pytest.mark.long
def test_the_jump_of_a_pair_that_overlaps_with_the_teacher():
    """Steps follow the pre-activations, around which the peaks at the border lie."""
    found = network_threshold(Network(tanh(x), SQUARED, 2, overlap="0.4"), side="left")
    assert (found.kind, found.sector) == ("discontinuous", "standard")
    t_s, t_o = (-float(g) for g in found.g)
    plain = tanh_pair_by_plane(0.4, t_o, [0.9, 2.4])
    assert (t_s, float(found.alpha)) == pytest.approx(plain, abs=1e-7)


def test_a_border_is_a_limit_and_not_the_least_of_what_is_near():
    """The weight of two softplus nodes tends to -1/8 like one over the label."""
    domain = Domain(Network(SOFTPLUS, SQUARED / (1 + y), 2), 1)
    low, _, _ = domain.seen((3.0, 7.9))
    assert low > 0.02
    assert domain.learn((3.0, 7.9)) is False
    assert domain.clearance((3.0, 7.9)) == pytest.approx(1 - 7.9 / 8, rel=1e-12)
    assert domain.borders[0].where == "u_1 -> oo"


@pytest.mark.slow
def test_three_tanh_nodes():
    meet = network_threshold(Network(tanh(x), SQUARED, 3))
    assert meet.digits >= 6
    assert meet.alpha == pytest.approx(2.225697, abs=2e-6)
    off, error = deviation(meet.alpha, tanh_parts, 3, (1.3, 2.2, 2.2), None, 17, 8)
    assert off < 4 * error < 0.01


@pytest.mark.slow
def test_four_tanh_nodes_jump_to_an_overlap_of_one_digit():
    """The border is that of two equal nodes at the label one, all others at minus infinity."""
    with pytest.raises(PrecisionError, match=r"alpha = 2\.731 within 0\.002.*overlap2 = 0\.0667"):
        network_threshold(Network(tanh(x), SQUARED, 4))
    s = np.linspace(-1, 0, 100_001)
    end = -4 / np.min(s * (3 - s) * (1 - s**2))
    off, error = deviation(2.731, tanh_parts, 4, (1.65, 2.73), end, 16)
    assert off < 4 * error < 0.05


@pytest.mark.long
def test_a_border_that_moves_with_the_box_has_no_digits():
    """Logistic loss of softplus units is largest along `u e^lambda = c`, which goes to infinity."""
    network = Network(SOFTPLUS, log(1 + exp(-y * yh)), 2)
    with pytest.raises(PrecisionError, match="is not found to its digits"):
        network_edge(network, 2, "right")
