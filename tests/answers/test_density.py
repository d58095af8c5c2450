"""The bulk density against masses, moments, limits and a two-dimensional route."""

import numpy as np
import pytest
from mpmath import exp as exp_
from mpmath import findroot, log, quad
from scipy.special import roots_genlaguerre
from sympy import Rational, exp

from bbpsym import Ensemble, Model, density, edge, labels_of
from bbpsym.errors import DomainError
from bbpsym.symbols import label
from tests.cases import long

NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def integral(model, alpha, ends, functions):
    """Integrate functions times rho by panels in u, x = lambda_- + u^2: no square root is left."""
    low, high = np.array(ends[:-1])[:, None], np.array(ends[1:])[:, None]
    u = (high - low) / 2 * NODES + (high + low) / 2
    x = edge(model, alpha).value + u**2
    measure = density(model, alpha, x) * 2 * u * WEIGHTS * (high - low) / 2
    return [np.sum(measure * function(x)) for function in functions]


def moments(model, alpha):
    """Mean and second moment of the spectrum from those of the weights: free cumulants alpha <f^n>.

    `<f>` and `<f^2>` by Gauss-Laguerre quadrature over both outputs.
    """
    p, p_star, a = model.p, model.p_star, float(model.a)
    x, w = roots_genlaguerre(120, p_star / 2 - 1)
    y, wy = 2 * x / p_star, w / w.sum()
    x, w = roots_genlaguerre(120, p / 2 - 1)
    yh, wh = 2 * x / p, w / w.sum()
    means = []
    for power in (1, 2):
        f = {c: (2 / p * (c * yh[None] - y[:, None]) / (a + y[:, None])) ** power for c in (1, 3)}
        averages = {c: np.sum(np.outer(wy, wh) * f[c]) for c in f}
        means.append(alpha * ((p - 1) * averages[1] + averages[3]) / p)
    return means[0], means[1] + means[0] ** 2


@pytest.mark.parametrize(
    ("model", "alpha"),
    [(Model(2, 1, "0.7"), 2), *long((Model(3, 2, "1.5"), 6), (Model(1, 2, 2), 4))],
)
def test_mass_and_moments(model, alpha):
    ends = np.concatenate([np.linspace(0, 2, 9), np.linspace(2.3, 12, 30)])
    mean, second = moments(model, alpha)
    powers = (lambda x: 1, lambda x: x, lambda x: x**2)
    found = integral(model, alpha, ends, powers)
    assert found == pytest.approx([1, mean, second], abs=1e-6)
    assert found[0] == pytest.approx(1, abs=1e-8)


@pytest.mark.long
def test_mass_and_moments_of_a_wide_student():
    model, alpha = Model(50, 1, 1), 12
    ends = 6 * np.linspace(0, 1, 60) ** 1.5
    found = integral(model, alpha, ends, (lambda x: 1, lambda x: x, lambda x: x**2))
    assert found == pytest.approx([1, *moments(model, alpha)], abs=1e-9)


@pytest.mark.long
def test_below_one_the_atom_at_zero_is_left_out():
    model, alpha = Model(10, 1, 1), 0.2
    left = -edge(model, alpha).value
    root = np.sqrt(left)
    near = root * np.array([0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.9995, 1])
    far = root * np.array([1, 1.0005, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2, 3, 5, 8])
    parts = [integral(model, alpha, ends, [lambda x: 1])[0] for ends in (near, far)]
    assert sum(parts) == pytest.approx(alpha, abs=1e-6)


def test_below_one_the_density_is_infinite_at_zero():
    assert density(Model(10, 1, 1), 0.2, 0.0) == np.inf


def stieltjes_by_quadrature(model, alpha, z, nodes=100):
    """Solve (31) at complex z by fixed-point iteration over a two-dimensional average."""
    p, p_star, a = model.p, model.p_star, float(model.a)
    x, w = roots_genlaguerre(nodes, p_star / 2 - 1)
    y, wy = (2 * x / p_star)[:, None], (w / w.sum())[:, None]
    x, w = roots_genlaguerre(nodes, p / 2 - 1)
    yh, wh = (2 * x / p)[None], (w / w.sum())[None]
    g = 1 / z
    for _ in range(400):
        total = 0
        for c, count in ((1, p - 1), (3, 1)):
            f = 2 / p * (c * yh - y) / (a + y)
            total = total + count / p * np.sum(wy * wh * f / (1 - g * f))
        g = 0.5 * g + 0.5 / (z - alpha * total)
    return g


def test_smoothed_density_agrees_with_a_two_dimensional_route():
    """Averaging rho over a Lorentzian gives Im g at a distance from the axis."""
    model, alpha, z = Model(2, 2, 1), 2, 0.3 - 0.8j
    ends = np.concatenate([np.linspace(0, 2, 9), np.linspace(2.3, 12, 30)])
    (found,) = integral(model, alpha, ends, [lambda x: 1 / (z - x)])
    assert found == pytest.approx(stieltjes_by_quadrature(model, alpha, z), abs=1e-8)


def test_square_root_at_a_sharp_edge_to_the_last_distance():
    model = Model(2, 1, "0.7")
    left = edge(model, 2, digits=30).value
    distances = np.array([1e-12, 1e-10, 1e-8, 1e-6])
    points = np.array([float(left + d) for d in distances])
    exact = np.array([float(left.context.mpf(point) - left) for point in points])
    amplitudes = density(model, 2, points) / np.sqrt(exact)
    assert amplitudes == pytest.approx([amplitudes[1]] * 4, rel=1e-4)


def test_zero_outside_the_support():
    model = Model(2, 1, "0.7")
    left = edge(model, 2).value
    assert np.all(density(model, 2, left - np.array([1e-9, 1e-3, 1, 1e6])) == 0)
    limit = Model("inf", 1, 1)  # weights bounded above: the bulk ends on the right too
    assert density(limit, 3, [50.0, 1000.0]) == pytest.approx(0, abs=0)
    assert density(limit, 3, 1.0) > 0.1


def test_a_smooth_edge_is_flat():
    model = Model(2, 1, "0.7")
    left = edge(model, "0.5").value
    rho = density(model, "0.5", left + np.array([1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.2]))
    assert np.all(rho[:2] < 1e-10)
    assert np.all(np.diff(rho[1:]) > 0)


def test_shapes():
    model = Model(2, 1, 1)
    grid = np.array([[0.5, -3.0], [0.1, 0.5]])
    rho = density(model, 2, grid)
    assert rho.shape == (2, 2)
    assert rho[0, 0] == rho[1, 1] == pytest.approx(density(model, 2, 0.5), rel=1e-10)
    assert rho[0, 0] > 0
    assert rho[0, 1] == 0
    assert isinstance(density(model, 2, 1), float)


@pytest.mark.parametrize("x", [np.nan, [np.inf], "x", ["a"], 1j, None, [[1], [2, 3]]])
def test_bad_points(x):
    with pytest.raises(DomainError, match="x must be an array of finite real numbers"):
        density(Model(2, 1, 1), 2, x)


def test_bad_alpha():
    with pytest.raises(DomainError, match="alpha must be"):
        density(Model(2, 1, 1), -2, 0.5)


@pytest.mark.parametrize(("model", "alpha"), [(Model(2, 1, "0.7"), 2), (Model(3, 2, "0.05"), 1)])
def test_a_density_does_not_see_the_other_points(model, alpha):
    x = edge(model, alpha).value + np.geomspace(1e-3, 10, 9)
    alone = [density(model, alpha, point) for point in x]
    assert density(model, alpha, x) == pytest.approx(alone, abs=1e-13)


@pytest.mark.parametrize(
    ("model", "alpha", "one"),
    [(Model(1000, 1000, "0.1"), 50, 28), (Model(1000, 1, "0.5"), "0.3", 42)],
)
def test_a_density_of_wide_students_does_not_see_the_other_points(model, alpha, one):
    """A root that double precision loses from one start and not from another."""
    left = float(edge(model, alpha).value)
    distances = np.concatenate([np.geomspace(1e-6, 1, 60), np.geomspace(1, 1e4, 40)])
    x = left + (1 + abs(left)) * distances
    (alone,) = density(model, alpha, x[[one]])
    assert density(model, alpha, x)[one] == pytest.approx(alone, abs=1e-10 / model.scale)


def test_next_to_the_atom_at_zero_rules_become_finer():
    """Poles lie as close to the axis as x does to zero; the equation in closed form."""
    x, alpha, uniform = 0.012, 0.9, labels_of(Rational(1, 2), 1, support=(-1, 1))

    def left(g):
        return 1 / g + alpha * (log((1 + g) / (1 - g)) / (2 * g) - 1) / g - x

    g = findroot(left, 12 - 7j)
    assert density(Ensemble(label, uniform), alpha, x) == pytest.approx(
        float(-g.imag) / np.pi, abs=1e-8
    )


@pytest.mark.long
def test_a_light_tail_takes_the_finest_rule():
    """Against the equation itself, its average by another quadrature about the pole."""
    x, method = 5.4, Ensemble(label - 1, labels_of(exp(-label), label))

    def left(g):
        pole = (1 + 1 / g).real
        ends = [0, pole - 1, pole, pole + 1, pole + 9, 60]
        mean = quad(lambda v: exp_(-v) * (v - 1) / (1 - g * (v - 1)), ends)
        return 2 * mean + 1 / g - x

    g = findroot(left, 0.206 - 0.019j)
    assert density(method, 2, x) == pytest.approx(float(-g.imag) / np.pi, abs=1e-8)
