"""Densities of networks against laws in closed form, moments, and each other."""

import numpy as np
import pytest
from scipy.stats import norm, qmc
from sympy import cos, cosh, log, symbols, tanh

from bbpsym import Model, density
from bbpsym.answers.network import network_density
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError
from bbpsym.numerics.networks import network_density as engine
from bbpsym.numerics.networks.node_laws import NodeLaw

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2


def test_a_linear_unit_has_the_law_of_marchenko_and_pastur():
    s = np.linspace(0.2, 8, 9)
    low, high = ((1 + sign * np.sqrt(3)) ** 2 for sign in (-1, 1))
    exact = np.sqrt(np.maximum(0, (high - s) * (s - low))) / (2 * np.pi * s)
    assert network_density(Network(x, SQUARED), 3, s) == pytest.approx(exact, abs=1e-10)


def test_the_paper_s_model_is_an_instance():
    s = np.array([-2.0, -0.3, 0.7, 2.0, 5.0])
    mine = network_density(Network(x**2, SQUARED / (1 + y)), 2, s)
    assert mine == pytest.approx(density(Model(1, 1, 1), 2, s), abs=1e-8)


def test_where_a_rule_is_too_coarse_it_is_refined():
    """Far out the first rules are wrong by a percent; Gauss and Legendre's in pieces is not."""
    s = np.array([6.0, 10.0])
    found = network_density(Network(x**2, log(cosh(y - yh))), 2, s)
    nodes, masses = np.polynomial.legendre.leggauss(20)
    v = (np.arange(45)[:, None] + (1 + nodes) / 2).ravel() / 5
    w = np.tile(masses / 5, 45) * np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)
    gap, mass = v[None] ** 2 - v[:, None] ** 2, w[:, None] * w
    f = 2 * np.tanh(gap) + 4 * v[None] ** 2 / np.cosh(gap) ** 2
    for point, rho in zip(s, found, strict=True):
        g = 1 / (point - 4j)
        for depth in (4, 4, 2, 1, 0.5, 0.2, 0.05, 0, 0, 0, 0):
            h = f / (1 - g * f)
            gap_z = 1 / g + 2 * np.sum(mass * h) - (point - 1j * depth)
            g -= gap_z / (-1 / g**2 + 2 * np.sum(mass * h**2))
        assert rho == pytest.approx(g.imag / np.pi, rel=1e-5)


def test_the_first_moment_is_that_of_the_weights():
    s = np.linspace(-1.7, 3.6, 400)
    rho = network_density(Network(tanh(x), SQUARED), 3, s)
    nodes = NodeLaw(Network(tanh(x), SQUARED), 1).nodes(0.1, 8.5)
    assert np.trapezoid(rho, s) == pytest.approx(1, abs=2e-3)
    mean = 3 * float(nodes.features[:, 0] @ nodes.f)
    assert np.trapezoid(rho * s, s) == pytest.approx(mean, abs=3e-3)


@pytest.mark.long
def test_two_sectors_give_what_one_gives_for_an_even_activation():
    law = NodeLaw(Network(cos(x), SQUARED, 2), 1)
    s = np.array([-0.5, 0.5])
    one, error = engine._one(law, 3.0, s, 1e-12)
    two, its = engine._two(law, 3.0, s, 1e-6)
    assert np.all(np.abs(two - one) < error + its)
    assert np.all(error + its < 1e-5)
    assert np.all(one > 0.1)


def plain(weight, alpha, at):
    """Density at a point inside the bulk by damped iteration of eq. (31) over scrambled points."""
    points = norm.ppf(qmc.Sobol(4, seed=1).random(2**12))
    f = weight(*points.T)
    g = -1j * np.eye(2)
    for _ in range(60):
        dressed = np.mean(f @ np.linalg.inv(np.eye(2) - g @ f), axis=0)
        g = (g + np.linalg.inv(at * np.eye(2) - alpha * dressed)) / 2
    return -np.trace(g).imag / (2 * np.pi)


def bent(u, first, second, zeta):
    """F of two quadratic nodes with log cosh, overlap 0.4 and noise 0.1, by hand."""
    student = np.stack([first, second], -1)
    teacher = 0.4 * (first + second) + np.sqrt(1 - 0.32) * u
    bend = np.tanh(np.mean(student**2, -1) - teacher**2 - 0.1 * zeta)
    rank_one = student[:, :, None] * student[:, None] * (1 - bend**2)[:, None, None]
    return bend[:, None, None] * np.eye(2) + rank_one


def noisy(u, first, second, zeta):
    """F of two tanh nodes with squared loss and noise 0.1, which is unbounded, by hand."""
    values = np.tanh(np.stack([first, second], -1))
    slopes = (1 - values**2) / 2
    gap = np.mean(values, -1) - np.tanh(u) - 0.1 * zeta
    diagonal = -2 * gap[:, None] * values * slopes
    return slopes[:, :, None] * slopes[:, None] + diagonal[:, :, None] * np.eye(2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("network", "weight"),
    [
        (Network(x**2, log(cosh(y - yh)), 2, overlap="0.4", noise="0.1"), bent),
        (Network(tanh(x), SQUARED, 2, noise="0.1"), noisy),
    ],
)
def test_four_gaussian_variables_and_unbounded_weights_have_a_density(network, weight):
    assert density(network, 3, 0.1) == pytest.approx(plain(weight, 3, 0.1), rel=0.02)


@pytest.mark.slow
def test_two_sectors_are_normalised():
    s = np.linspace(-2.2, 4, 80)
    rho = network_density(Network(tanh(x), SQUARED, 2), 10, s)
    assert np.trapezoid(rho, s) == pytest.approx(1, abs=3e-3)


def test_the_atom_at_zero():
    network = Network(x, SQUARED)
    assert network_density(network, "0.5", 0) == np.inf
    assert network_density(network, 2, 0) == 0
    with pytest.raises(DomainError, match="x must be"):
        network_density(network, 2, [np.nan])
