"""One node: values held against rules in other variables that share no code with the package."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtri
from scipy.stats import qmc
from sympy import Abs, Piecewise, Rational, cos, cosh, exp, log, sin, sqrt, symbols, tanh
from sympy import sign as sign_of

from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.steep_labels import steep_places
from tests.cases import long, with_long
from tests.reference.plain_network import polar

x, y, yh = symbols("x y yh")
U_1, U_2 = symbols("u_1 u_2")
SQUARED = (y - yh) ** 2 / 2
SIGMOID = 1 / (1 + exp(-x))


def normalised(a):
    return (y - yh) ** 2 / (2 * (a + y))


#: Network, alpha, edge, outlier, m^2, threshold: each was found by two rules.
TABLE = {
    "quadratic with overlap": (
        Network(x**2, normalised(Rational(3, 2)), overlap="0.5"),
        3,
        ("-1.12120091018326", "-1.23130604334719", "0.25591303095396", "1.77742628034"),
    ),
    "log cosh": (
        Network(x**2, log(cosh(y - yh))),
        2,
        ("-3.53353692308", "-3.65832553874", "0.2221851322", "0.9868105519"),
    ),
    "tanh": (
        Network(tanh(x), SQUARED),
        3,
        ("-1.59231560269844", "-1.64705025885110", "0.2779537241503", "1.8048779960827"),
    ),
    "logistic regression": (
        Network(x, log(1 + exp(5 * yh)) / 25 - y * yh),
        4,
        ("0.0302934612027110", "0.0211131550700934", "0.848944129408", "2.6598765658038"),
    ),
}


def printed(text):
    """A number known to one unit of its last printed digit."""
    return pytest.approx(float(text), rel=0, abs=1.01 * 10.0 ** -len(text.partition(".")[2]))


@pytest.mark.parametrize("name", with_long(TABLE, "log cosh"))
def test_values_found_by_two_rules(name):
    network, alpha, (edge, value, overlap2, threshold) = TABLE[name]
    (outlier,) = network_outliers(network, alpha)
    assert network_edge(network, alpha).value == printed(edge)
    assert (outlier.value, outlier.overlap2) == (printed(value), printed(overlap2))
    assert network_threshold(network).alpha == printed(threshold)


def test_infinite_width_with_tanh():
    found = network_threshold(Network(tanh(x), SQUARED, "inf"))
    assert (found.sector, found.kind) == ("standard", "continuous")
    assert found.alpha == pytest.approx(2.16303879895, abs=6e-12)


def test_the_end_of_the_sigmoid_in_closed_form():
    s = (15 + sqrt(33)) / 24
    low = float((s**2 * (1 - s) * (2 - 3 * s)).evalf(20))
    support = lower_end(Network(SIGMOID, normalised(1)), 1)
    assert support.low == pytest.approx(low, rel=1e-15)
    assert not support.is_filled
    digits = support.precise(40)
    assert abs(digits - digits.context.mpf(str((s**2 * (1 - s) * (2 - 3 * s)).evalf(45)))) < 1e-38


def test_the_transition_of_the_sigmoid_jumps():
    found = network_threshold(Network(SIGMOID, normalised(1)))
    assert (found.kind, found.sector) == ("discontinuous", "signal")
    assert found.alpha_c == pytest.approx(6.38776871472, abs=6e-12)
    assert found.alpha == pytest.approx(2.42156092739, abs=6e-12)
    assert found.overlap2 == pytest.approx(0.36252366, abs=6e-9)


def test_the_sigmoid_at_its_smooth_edge_by_adaptive_quadrature():
    """alpha_c = 1/(t^2 E h^2) by nested adaptive integrals in other variables."""
    s0 = (15 + np.sqrt(33)) / 24
    t = -1 / (s0**2 * (1 - s0) * (2 - 3 * s0))
    peak = np.log(s0 / (1 - s0))

    def h2(v, u):
        s, label = 1 / (1 + np.exp(-v)), 1 / (1 + np.exp(-u))
        slope = s * (1 - s)
        f = (slope**2 + (s - label) * slope * (1 - 2 * s)) / (1 + label)
        return (f / (1 + t * f)) ** 2 * np.exp(-(v**2) / 2) / np.sqrt(2 * np.pi)

    def inner(u):
        options = {"epsabs": 0, "epsrel": 1e-11, "limit": 400}
        width = np.exp(u / 2) if u < 0 else 1.0
        cuts = sorted({-9.0, peak - 3 * width, peak, peak + 3 * width, 9.0})
        parts = (quad(h2, a, b, args=(u,), **options)[0] for a, b in pairwise(cuts))
        return sum(parts) * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)

    total = sum(
        quad(inner, a, b, epsabs=0, epsrel=1e-9)[0]
        for a, b in ((-13, -6), (-6, -2), (-2, 1), (1, 8.5))
    )
    assert 1 / (t**2 * total) == pytest.approx(
        network_threshold(Network(SIGMOID, normalised(1))).alpha_c, rel=1e-8
    )


def by_hand(f, u, v, weight, alpha, end):
    """Edge by direct maximisation, outlier by a determinant, overlap by a difference quotient."""

    def curve(t):
        return -1 / t + alpha * np.sum(weight * f / (1 + t * f))

    def block(t):
        h = weight * f / (1 + t * f)
        return alpha * np.array(
            [[np.sum(h * u * u), np.sum(h * u * v)], [np.sum(h * u * v), np.sum(h * v * v)]]
        )

    def determinant(t):
        return np.linalg.det(curve(t) * np.eye(2) - block(t))

    found = minimize_scalar(lambda t: -curve(t), bounds=(1e-3, end), options={"xatol": 1e-9})
    scan = np.linspace(1e-2, found.x, 200)
    signs = np.sign([determinant(t) for t in scan])
    roots = [
        brentq(determinant, a, b, xtol=1e-14)
        for a, b, s, r in zip(scan, scan[1:], signs, signs[1:], strict=False)
        if s != r
    ]
    values = []
    for t in roots:
        vector = np.linalg.eigh(block(t) - curve(t) * np.eye(2))[1]
        null = vector[:, np.argmin(np.abs(np.linalg.eigvalsh(block(t) - curve(t) * np.eye(2))))]
        d = 1e-4 * t
        slope = null @ (block(t + d) - block(t - d)) @ null / (curve(t + d) - curve(t - d))
        values.append((curve(t), 1 / (1 - slope)))
    return -found.fun, values


def tanh_weight(u, v):
    s = np.tanh(v)
    return (1 - s**2) ** 2 + (s - np.tanh(u)) * (-2 * s * (1 - s**2))


def cosh_weight(u, v):
    d = u**2 - v**2
    return 4 * v**2 / np.cosh(d) ** 2 - 2 * np.tanh(d)


def overlapping(u, v):
    """The student's pre-activation has the correlation 0.4 with the teacher's."""
    return tanh_weight(u, 0.4 * u + np.sqrt(1 - 0.16) * v)


def other_teacher(u, v):
    s = np.tanh(v)
    return (1 - s**2) ** 2 + (1 - s - np.sin(u)) * 2 * s * (1 - s**2)


@pytest.mark.parametrize(
    ("network", "weight", "alpha", "end"),
    [
        (TABLE["tanh"][0], tanh_weight, 3.0, 1.03),
        *long((TABLE["log cosh"][0], cosh_weight, 2.0, 0.49)),
        *long(
            (TABLE["tanh"][0], tanh_weight, 7.7, 1.03),
            (TABLE["log cosh"][0], cosh_weight, 1.3, 0.49),
            (Network(tanh(x), SQUARED, overlap="0.4"), overlapping, 3.0, 1.03),
            (Network(1 - tanh(x), SQUARED, teacher=sin(x)), other_teacher, 8.0, 0.59),
        ),
    ],
)
def test_polar_nodes_give_the_same(network, weight, alpha, end):
    u, v, mass = polar()
    edge, values = by_hand(weight(u, v), u, v, mass, alpha, end)
    assert network_edge(network, alpha).value == pytest.approx(edge, rel=1e-9)
    found = [(item.value, item.overlap2) for item in network_outliers(network, alpha)]
    assert len(found) == len(values) > 0
    for one, other in zip(found, sorted(values), strict=True):
        assert one == pytest.approx(other, rel=1e-6)


def test_bounds_enclose_the_edge_closely():
    found = network_edge(TABLE["tanh"][0], 3)
    low, high = found.bounds
    assert low <= found.value <= high
    assert found.record()["bounds"] == [low, high]
    assert high - low < 1e-13


def test_a_wishart_matrix_has_both_edges_of_marchenko_and_pastur():
    network = Network(x, SQUARED)
    for side, sign in (("left", -1), ("right", 1)):
        edge = (np.sqrt(3) + sign) ** 2
        assert network_edge(network, 3, side).value == pytest.approx(edge, rel=1e-13)
        assert network_outliers(network, 3, side) == ()
        with pytest.raises(DomainError, match="no outlier on the"):
            network_threshold(network, side)


def test_a_teacher_of_two_nodes_multiplied():
    """The label is unbounded with a sign that depends on the other node."""
    network = Network(tanh(x), log(cosh(y - yh)), p_star=2, teacher=U_1 * U_2)
    found = lower_end(network, 1)
    assert found.low == pytest.approx(-0.769800358919501, rel=1e-12)  # -4/(3 sqrt(3))
    assert found.precise(30) == pytest.approx(-4 / 27**0.5, rel=1e-15)


@pytest.mark.slow
def test_the_edge_of_a_teacher_of_two_nodes_multiplied():
    network = Network(tanh(x), log(cosh(y - yh)), p_star=2, teacher=U_1 * U_2)
    edge = network_edge(network, 3)
    assert edge.bounds[0] < edge.bounds[1] < edge.bounds[0] + 1e-5
    assert float(edge.value) == pytest.approx(edge.bounds[0], abs=1e-5)


def test_the_right_side_is_the_left_one_of_the_mirrored_law():
    """For a bounded weight both sides are answered; -F of a linear loss is F of its negative."""
    network = Network(tanh(x), SQUARED)
    mirrored = Network(tanh(x), -SQUARED)
    right, left = network_edge(network, 3, "right"), network_edge(mirrored, 3)
    assert right.value == pytest.approx(-left.value, rel=1e-12)
    assert right.bounds[0] <= right.value <= right.bounds[1]
    assert right.g > 0
    alpha = network_threshold(network, "right").alpha
    assert alpha == pytest.approx(network_threshold(mirrored).alpha, rel=1e-11)


def test_labels_that_jump_or_bend():
    """Values by Gauss and Legendre between the breaks, and the trapezoidal rule in the other."""
    u = symbols("u")
    bent = Network(x**2, log(cosh(y - yh)), teacher=Abs(u))
    assert network_edge(bent, 4).value == pytest.approx(-2.8368186258708, abs=1e-12)
    jumps = Network(tanh(x), log(1 + exp(-y * yh)), teacher=sign_of(u), overlap="0.3")
    (found,) = network_outliers(jumps, 4)
    assert (found.value, found.teacher2) == pytest.approx((-0.94094325755973, 0.06400724916538))
    assert network_threshold(jumps).alpha == pytest.approx(2.93470827867815, rel=1e-12)


@pytest.mark.parametrize(
    ("teacher", "value"),
    [
        (tanh(1000 * symbols("u1")), -1.48333244361774),
        (tanh(100 * symbols("u1")), -1.47218595094803),
        (symbols("u1") + exp(-((300 * symbols("u1")) ** 2)), -1.29136587663371),
    ],
)
def test_labels_that_are_steep(teacher, value):
    """Values by the trapezoidal rule in the logarithm of the label's pre-activation."""
    found = network_edge(Network(x**2, log(cosh(y - yh)), teacher=teacher), 3)
    assert found.value == pytest.approx(value, abs=1e-12)


def test_a_label_is_as_steep_whatever_is_added():
    places = [steep_places(lambda u, c=c: c + np.tanh(1000 * u), ()) for c in (0, 1000)]
    assert places[0] == places[1] == (0.0,)


def test_a_label_that_is_steep_in_too_many_places_is_refused():
    """One that rules see though it oscillates is not."""
    u = symbols("u1")
    with pytest.raises(PrecisionError, match="the label is too steep for the nodes"):
        network_edge(Network(x**2, log(cosh(y - yh)), teacher=sin(1000 * u)), 3)
    for teacher in (
        *(10 + tanh(1000 * u) + U_2, tanh(30 * u) + tanh(30 * U_2), Abs(tanh(1000 * (u - U_2)))),
        Piecewise((0, u < 0), (tanh(1000 * U_2), True)),
    ):
        with pytest.raises(PrecisionError, match="the label is too steep for the nodes"):
            network_edge(Network(x, log(cosh(y - yh)), p_star=2, teacher=teacher), 3)
    waves = network_edge(Network(x**2, log(cosh(y - yh)), teacher=cos(30 * u)), 3)
    # The value of panels; sums of its 770,000 nodes in one go were off by 5e-13.
    assert waves.value == pytest.approx(-0.6319306607350686, abs=5e-14)


@pytest.mark.parametrize(("activation", "cosine"), [(x * tanh(x), 0), *long((tanh(x), -0.6))])
def test_noise_is_averaged_in_the_label(activation, cosine):
    """Sums over a lattice in all three variables, of which the label is left."""
    network = Network(activation, log(cosh(y - yh)), overlap=cosine, noise="0.3")
    law = NodeLaw(network, 1)
    assert law.dimension == 2
    found, second = law.nodes(0.1, 8.4).sums(0.3)
    line = np.arange(-7.2, 7.2, 0.09)
    u, v, noise = np.array(np.meshgrid(line, line, line[::5])).reshape(3, -1)
    mass = np.exp(-(u**2 + v**2 + noise**2) / 2)
    own = cosine * u + np.sqrt(1 - cosine**2) * v
    s, even = np.tanh(own), cosine == 0
    node, first, bend = (
        (own * s, s + own * (1 - s**2), 2 * (1 - s**2) * (1 - own * s))
        if even
        else (s, 1 - s**2, -2 * s * (1 - s**2))
    )
    gap = node - (u * np.tanh(u) if even else np.tanh(u)) - 0.3 * noise
    f = first**2 / np.cosh(gap) ** 2 + np.tanh(gap) * bend
    for sums, power in ((found, 1), (second, 2)):
        h = mass * (f / (1 + 0.3 * f)) ** power / mass.sum()
        plain = [np.sum(h * item) for item in (1, u**2, u * v, v**2)]
        assert sums == pytest.approx(plain, abs=1e-6)


def test_a_noisy_label_of_a_near_student_has_twelve_digits():
    """The jump at a smooth edge, of which four digits were known; found by a plain rule, too."""
    network = Network(tanh(x), log(cosh(y - yh)), overlap="0.95", noise="0.1")
    found = network_threshold(network)
    assert (found.kind, found.digits) == ("discontinuous", 12)
    assert found.alpha == pytest.approx(4.46887, abs=1e-5)
    assert -1 / found.g == pytest.approx(4 / np.sqrt(27), rel=1e-12)  # least of tanh''


@pytest.mark.long
def test_one_node_of_two_teachers_has_a_threshold_to_twelve_digits():
    """With equal steps in all three directions two digits were known; random data agree."""
    found = network_threshold(Network(tanh(x), SQUARED, 1, 2))
    assert found.digits >= 12
    assert found.alpha == pytest.approx(1.84205416101, abs=2e-11)
    assert found.alpha_c is None  # too few nodes are spared for the end to tell it
    points = ndtri(qmc.Sobol(3, seed=5).random_base2(16))
    label, s = np.tanh(points[:, :2]).mean(axis=1), np.tanh(points[:, 2])
    f = (1 - s**2) ** 2 + 2 * (label - s) * s * (1 - s**2)
    t = -float(found.g)
    h = f / (1 + t * f)
    alpha = 1 / (t**2 * np.mean(h**2))
    assert found.alpha == pytest.approx(alpha, rel=5e-3)
    block = alpha * (points * h[:, None]).T @ points / len(h)
    assert found.value == pytest.approx(np.linalg.eigvalsh(block)[0], rel=5e-3)
    assert found.value == pytest.approx(-1 / t + alpha * h.mean(), rel=5e-3)
