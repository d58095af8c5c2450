"""Infinite width: the trivial sector against matrices of many nodes, bands, and means."""

from itertools import pairwise

import numpy as np
import pytest
from mpmath import mp, quad
from scipy import integrate
from scipy.stats import norm
from sympy import Integral, Rational, Symbol, cos, cosh, erf, exp, log, sqrt, symbols, tanh

from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.real_values import evaluate, mean_number
from bbpsym.equations import weights
from bbpsym.errors import PrecisionError
from bbpsym.numerics.networks.limit_curve import limit_curve_of
from bbpsym.numerics.networks.node_laws import NodeLaw, nodes_at
from bbpsym.numerics.networks.spacings import spaced
from tests.cases import long

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2
TANH = Network(tanh(x), SQUARED, "inf")


def by_matrices(p, u, t_s, t, cosine=0.0):
    """`e K e, b K e, b K b` of F at p nodes, evenly spread, for s = tanh + x^2/4."""
    own = norm.ppf((np.arange(p) + 0.5) / p)
    lam = cosine * u + np.sqrt(1 - cosine**2) * own
    slope = 1 - np.tanh(lam) ** 2 + lam / 2
    bend = -2 * np.tanh(lam) * (1 - np.tanh(lam) ** 2) + 0.5
    d = np.tanh(u) + u**2 / 4 - np.mean(np.tanh(lam) + lam**2 / 4)
    F = np.diag(-np.tanh(d) * bend) + np.outer(slope, slope) / np.cosh(d) ** 2 / p
    e, b = np.ones(p) / np.sqrt(p), own / np.sqrt(p)
    G = -t * np.eye(p) + (t - t_s) * np.outer(e, e)
    K = F @ np.linalg.inv(np.eye(p) - G @ F)
    return np.array([e @ K @ e, b @ K @ e, b @ K @ b])


@pytest.mark.parametrize("cosine", [0, -0.3])
def test_elements_of_the_trivial_sector_are_those_of_wide_networks(cosine):
    network = Network(tanh(x) + x**2 / 4, log(cosh(y - yh)), "inf", overlap=cosine)
    inner = limit_curve_of(NodeLaw(network, 1), 0).inner
    k = int(np.argmin(np.abs(inner.teachers[:, 0] - 1.05)))
    found = np.array([element[k] for element in inner.elements(0.4, 0.3)])
    one, two, four = (
        by_matrices(p, inner.teachers[k, 0], 0.4, 0.3, cosine) for p in (150, 300, 600)
    )
    assert np.all(np.abs(found - two) < 0.6 * np.abs(found - one))  # the error falls like 1/p
    assert np.all(np.abs(found - four) < 0.6 * np.abs(found - two))
    assert found == pytest.approx(2 * four - two, abs=3e-5)


def test_wide_networks_that_overlap_with_their_teacher():
    """Given the label the student's output is a mean: f is a law of u and of a node's own part."""
    cosine, alpha = 0.3, 6
    network = Network(tanh(x), SQUARED, "inf", overlap=cosine)
    (found,) = network_outliers(network, alpha)
    line = np.arange(-8, 8, 0.08)
    u, v = line[:, None], line[None, :]
    mass = np.exp(-(u**2 + v**2) / 2)
    s = np.tanh(cosine * u + np.sqrt(1 - cosine**2) * v)
    output = (s * np.exp(-(v**2) / 2)).sum(axis=1) / np.exp(-(line**2) / 2).sum()
    t = -float(found.g)
    h = 1 / (t + 1 / ((output[:, None] - np.tanh(u)) * -2 * s * (1 - s**2)))
    block = [[np.sum(mass * h * a * b) for a in (u, v)] for b in (u, v)] / mass.sum()
    mean, square = np.sum(mass * h) / mass.sum(), np.sum(mass * h**2) / mass.sum()
    assert found.value == pytest.approx(-1 / t + alpha * mean, rel=1e-11)
    values, vectors = np.linalg.eigh(alpha * block)
    assert found.value == pytest.approx(values[0], rel=1e-11)
    n = vectors[:, 0]
    slope = np.sum(mass * h**2 * (n[0] * u + n[1] * v) ** 2) / mass.sum()
    total = 1 / (1 - alpha * slope / (alpha * square - 1 / t**2))
    assert found.overlap2 == pytest.approx(total, rel=1e-10)
    assert found.teacher2 == pytest.approx(total * n[0] ** 2, rel=1e-10)
    assert found.student2 == pytest.approx(total, rel=1e-10)  # its nodes' mean is the teacher's


def test_nodes_with_a_step_for_each_direction_are_those_of_a_lattice():
    """At p = inf, with an overlap and noise: F is one weight there, of three variables."""
    law = NodeLaw(Network(tanh(x), log(cosh(y - yh)), "inf", overlap="0.3", noise="0.2"), 1)
    found = nodes_at(law, *spaced(law, 5)).sums(0.5)
    plain = law.nodes(0.25, 7.0).sums(0.5)
    assert np.array(found) == pytest.approx(np.array(plain), abs=1e-6)


@pytest.mark.slow
def test_wide_networks_with_overlap_and_noise():
    """The law of f is summed on a plain grid of the two indices and the noise."""
    network = Network(tanh(x), log(cosh(y - yh)), "inf", overlap="0.3", noise="0.2")
    (found,) = network_outliers(network, 8)
    line = np.arange(-7, 7, 0.12)
    u, v, noise = line[:, None, None], line[None, :, None], line[None, None, :]
    mass = np.exp(-(u**2 + v**2 + noise**2) / 2)
    s = np.tanh(0.3 * u + np.sqrt(0.91) * v)
    output = (s * mass).sum(axis=1, keepdims=True) / mass.sum(axis=1, keepdims=True)
    t = -float(found.g)
    h = 1 / (t + 1 / (np.tanh(output - np.tanh(u) - 0.2 * noise) * -2 * s * (1 - s**2)))
    block = [[np.sum(mass * h * a * b) for a in (u, v)] for b in (u, v)] / mass.sum()
    value = -1 / t + 8 * np.sum(mass * h) / mass.sum()
    assert found.value == pytest.approx(value, rel=1e-5)
    assert np.linalg.eigvalsh(8 * block)[0] == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("overlap", [(0.3, 0.2), *long("0.3")])
def test_the_end_where_the_farther_of_two_teachers_outweighs_the_other(overlap):
    """The output is 1 and the label 0 there; moved alone the nearer one turns the output."""
    network = Network(tanh(x), log(cosh(y - yh)), "inf", p_star=2, overlap=overlap)
    found = lower_end(network, 1)
    assert len(found.away) == 2
    assert found.low == pytest.approx(-4 / np.sqrt(27) * np.tanh(1), rel=1e-14)


@pytest.mark.slow
def test_the_smooth_edge_of_wide_networks_that_overlap_with_two_teachers():
    """Its weights are summed on a plain grid of the two teachers and the nodes' own part."""
    network = Network(tanh(x), log(cosh(y - yh)), "inf", p_star=2, overlap="0.3")
    found = network_edge(network, 6)
    line, own = np.arange(-7.95, 8, 0.1), np.arange(-8, 8, 0.01)
    density = np.exp(-(own**2) / 2) / np.exp(-(own**2) / 2).sum()
    t, mean, mass = np.sqrt(27) / 4 / np.tanh(1), 0.0, 0.0
    for u in line:
        shared = 0.3 * (u + line[:, None])
        s = np.tanh(shared + np.sqrt(0.82) * own)
        difference = s @ density - (np.tanh(u) + np.tanh(line)) / 2
        f = np.tanh(difference)[:, None] * -2 * s * (1 - s**2)
        h = f / (1 + t * f)
        weight = np.exp(-(u**2 + line**2) / 2)
        mean, mass = mean + weight @ (h @ density), mass + weight.sum()
    assert found.kind == "smooth"
    assert found.value == pytest.approx(-1 / t + 6 * mean / mass, rel=1e-8)


def test_means_at_given_labels_in_closed_form():
    """`E erf(u/2 + sqrt(3/4) v) = erf(u/sqrt(10))`, and what has no closed form by two rules."""
    u = Symbol("u_1", real=True)
    mean = Network(erf(x), SQUARED, "inf", overlap="0.5").limit_mean
    assert mean == erf(sqrt(10) * u / 10)
    twice = [Network(s, SQUARED, "inf", overlap="0.5").limit_mean for s in (erf(x), erf(x) + x**2)]
    assert twice[1] - twice[0] == u**2 / 4 + Rational(3, 4)
    law = Network(tanh(20 * x), SQUARED, "inf", overlap="0.5").limit_mean
    places = np.array([[0.0], [0.3], [8.0], [30.0], [0.3]])  # a rule that suits some suits not all
    found = evaluate(law, (u,), places)
    for value, place in zip(found, places[:, 0], strict=True):
        kink = -mp.mpf(place) / mp.sqrt(3)
        function = lambda v: mp.tanh(10 * mp.sqrt(3) * (v - kink)) * mp.npdf(v)  # noqa: E731, B023
        ends = [end for k in (-0.3, -0.1, 0, 0.1, 0.3) if abs(end := kink + k) < 12]
        exact = quad(function, sorted([*range(-12, 13, 2), *ends]))
        assert value == pytest.approx(float(exact), rel=0, abs=1e-12)


def test_a_wide_tanh_has_a_second_outlier():
    """The standard ones come at alpha = 2.163, one in the trivial sector at 21.79."""
    assert [o.sector for o in network_outliers(TANH, 20)] == ["standard"]
    standard, trivial = network_outliers(TANH, 30)
    assert (standard.multiplicity, trivial.multiplicity) == (np.inf, 1)
    assert standard.value < trivial.value
    assert trivial.teacher2 + trivial.student2 == pytest.approx(trivial.overlap2, rel=1e-12)
    found = network_threshold(TANH, sector="trivial")
    assert found.kind == "continuous"
    assert found.alpha == pytest.approx(21.7916523387, abs=1e-9)


def test_the_overlap_is_the_slope_of_the_eigenvalue_of_the_block():
    """`1/(1 - ds/dlambda)` by differences along the curve."""
    (outlier,) = (o for o in network_outliers(TANH, 30) if o.sector == "trivial")
    curve = limit_curve_of(NodeLaw(TANH, 1), 1)
    block, t, move = curve.blocks[-1], -outlier.g, 1e-5
    points = (t * (1 - move), t * (1 + move))
    s = [30 * np.linalg.eigvalsh(curve.signal(block, at, 30.0))[0] for at in points]
    z = [curve.inverse_stieltjes(at, 30.0) for at in points]
    slope = (s[1] - s[0]) / (z[1] - z[0])
    assert outlier.overlap2 == pytest.approx(1 / (1 - slope), rel=1e-7)


def test_outliers_inside_a_band_are_not_told():
    """On the right the rank-one parts of F make a band of a share 1/p of the eigenvalues."""
    for ask in (network_threshold, lambda *of: network_outliers(of[0], 3, of[1])):
        with pytest.raises(PrecisionError, match="a share 1/p of the eigenvalues lies beyond"):
            ask(TANH, "right")


def test_an_even_activation_shows_only_what_is_new_in_the_trivial_sector():
    network = Network(x**2, SQUARED / (1 + y), "inf")
    blocks = limit_curve_of(NodeLaw(network, 1), 0).blocks
    assert [(b.name, b.multiplicity) for b in blocks] == [
        ("standard", np.inf),
        ("student trace", 1),
    ]
    (found,) = network_outliers(network, 3)
    assert found.sector == "standard"


def test_a_wide_sigmoid_jumps():
    """Its mean is 1/2: what is odd but for a constant has that as its mean."""
    found = network_threshold(Network(1 / (1 + exp(-x)), SQUARED / (1 + y), "inf"))
    assert (found.kind, found.sector) == ("discontinuous", "standard")
    assert found.alpha < found.alpha_c
    assert found.overlap2 > 0.1


@pytest.mark.parametrize(
    "activation",
    [x**3 + x**2, cos(x), x * exp(x), exp(2 * x) * cos(x), 1 + tanh(x), cosh(x) * x**2],
)
def test_gaussian_means_in_closed_form(activation):
    mean = weights.gaussian_mean(Network(activation, SQUARED).activation)
    function = Network(activation, SQUARED).activation
    with mp.workdps(20):
        number = quad(
            lambda v: mp.mpf(str(function.subs(weights.argument, v).evalf(20))) * mp.npdf(v),
            [-14, 0, 14],
        )
    assert mean.is_number
    assert not mean.has(weights.Integral)
    assert float(mean) == pytest.approx(float(number), rel=1e-10)


@pytest.mark.slow
def test_a_mean_without_a_closed_form_is_a_number():
    found = network_threshold(Network(log(1 + exp(2 * x)), log(cosh(y - yh)), "inf"))
    assert (found.sector, found.kind) == ("standard", "continuous")
    with pytest.raises(PrecisionError, match="digits must be fewer"):
        network_threshold(found.model, digits=30)


def test_a_steep_activation_has_the_mean_that_quadrature_finds():
    """mpmath's rule between minus infinity, zero and infinity gave nine digits of twenty-five."""
    steep = weights.gaussian_mean(tanh(20 * (weights.argument - 1)))
    number = steep.replace(Integral, lambda *of: mean_number(Integral(*of), 25))
    pieces = pairwise([-9, 0.8, 0.9, 1, 1.1, 1.2, 9])
    parts = [
        integrate.quad(lambda v: np.tanh(20 * (v - 1)) * norm.pdf(v), *ends)[0] for ends in pieces
    ]
    assert float(number) == pytest.approx(sum(parts), rel=1e-12)


@pytest.mark.parametrize("noise", [0.1, *long(1.0)])
def test_noise_of_a_label_costs_few_nodes_and_no_digit(noise):
    """Two quadratic nodes: averages over u, the noise and the length of lambda, by plain rules."""
    nodes = NodeLaw(Network(x**2, log(cosh(y - yh)), 2, noise=noise), 1).nodes(0.1, 8.4)
    u, zeta = np.linspace(-9, 9, 400)[:, None, None], np.linspace(-8, 8, 60)[:, None]
    length, mass = np.polynomial.laguerre.laggauss(120)
    mass = np.exp(-(u**2 + zeta**2) / 2) * mass
    across = -np.tanh(u**2 + noise * zeta - length)
    f = np.array([across, 2 * length * (1 - across**2) + across])
    for features, power in zip(nodes.sums(0.5), (1, 2), strict=True):
        h = np.mean((f / (1 + 0.5 * f)) ** power, axis=0)
        plain = [np.sum(mass * h * weight) / np.sum(mass) for weight in (1, u**2)]
        assert features[:2] == pytest.approx(plain, abs=1e-7)
