"""One node: values held against rules in other variables that share no code with the package."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit, ndtri
from scipy.stats import qmc
from sympy import Abs, Rational, cos, cosh, erf, exp, log, sin, sqrt, symbols, tanh
from sympy import sign as sign_of

from bbpsym import Model, threshold
from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.ensembles.networks import support
from bbpsym.ensembles.networks.landscape import landscape
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.scalar_nodes import curve_of
from tests.cases import long, with_long

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


def test_an_end_that_no_double_resolves_is_not_taken_for_a_filled_one():
    """Of a steep tanh alpha_c is positive, below 1e-7: labels near one outweigh their rarity."""
    steep = network_threshold(Network(tanh(2 * x), SQUARED))
    assert (steep.alpha_c, steep.text("alpha")) == (None, "12.5109981641")
    assert network_threshold(Network(erf(x), SQUARED)).alpha_c == 0  # a Gaussian is outweighed
    with pytest.raises(ConvergenceError):
        _ = curve_of(NodeLaw(steep.model, 1), 3).edge(1e-9)


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


def polar(radii=400, angles=600):
    """Nodes r (cos, sin): Gauss-Legendre in r, the trapezoidal rule in the angle."""
    r, mass = np.polynomial.legendre.leggauss(radii)
    r, mass = 4.5 * (r + 1), 4.5 * mass
    angle = 2 * np.pi * (np.arange(angles) + 0.3) / angles
    weight = np.outer(mass * r * np.exp(-(r**2) / 2), np.ones(angles)) / angles
    return np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle)), weight


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


def test_an_end_along_a_valley_is_approached_and_not_reached():
    """`f -> 1` where label and student grow alike: the right edge is smooth up to alpha_c."""
    network = Network(log(1 + exp(x)), log(cosh(y - yh)))
    u, v, mass = polar()
    d, s = np.logaddexp(0, v) - np.logaddexp(0, u), expit(v)
    f = s**2 / np.cosh(d) ** 2 + np.tanh(d) * s * (1 - s)
    h = f / (1 - f)
    found = network_edge(network, 1, "right")
    assert (found.kind, found.value) == ("smooth", pytest.approx(1 + np.sum(mass * h), rel=1e-8))
    assert found.value == pytest.approx(1.3362176955235, abs=2e-12)
    last = 1 / np.sum(mass * h**2)
    kinds = [network_edge(network, alpha * last, "right").kind for alpha in (0.999, 1.001)]
    assert kinds == ["smooth", "sharp"]
    with pytest.raises(PrecisionError, match="known in double precision"):
        network_edge(network, 1, "right", digits=20)


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


@pytest.mark.parametrize(
    ("network", "side", "words"),
    [
        (Network(x**2, SQUARED), "left", "unbounded below .near u_1"),
        (Network(x**2, SQUARED), "right", "unbounded above"),
        (Network(x**2, log(cosh(y - yh))), "right", "no right edge"),
        (Network(x**3, SQUARED), "left", "no left edge"),
        (Network(tanh(x), SQUARED, noise=1), "left", "zeta"),
        (Network(x**2, (sqrt(y) - sqrt(yh)) ** 2 / 2, 2), "left", "unbounded below .near u_1"),
    ],
)
def test_an_unbounded_side_is_refused(network, side, words):
    with pytest.raises(DomainError, match=words):
        network_edge(network, 3, side)


def test_what_doubles_lose_is_not_taken_for_an_unbounded_weight():
    """Of probit regression, whose weights are positive: `1 + erf(x)` has no digits at x = -6."""
    probit = Network(x, -log((1 + erf(y * yh / sqrt(2))) / 2), teacher=sign_of(x))
    with pytest.raises(PrecisionError, match="must be written so that doubles keep their digits"):
        network_edge(probit, 3)


@pytest.mark.parametrize(("a", "p"), [(1000, 4), (10**4, 1), (10**5, 1), (10**9, 1)])
def test_a_small_weight_is_not_taken_for_an_unbounded_one(a, p):
    """`2 (yh - y)/(p (a + y^2))` is least at `yh = 0, y^2 = a`."""
    found = lower_end(Network(x**2, (y - yh) ** 2 / (2 * a + 2 * y**2), p), 1)
    assert found.low == pytest.approx(-1 / (np.sqrt(a) * p), rel=1e-13)
    assert found.is_filled == (p + 1 <= 4)


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


def test_a_weight_that_levels_off_far_out_is_not_unbounded():
    """Up to labels of the size of a it falls like one that has no end."""
    a = 2**32
    found = network_threshold(Network(x**2, (y - yh) ** 2 / (2 * (a + y))))
    expected = threshold(Model(1, 1, a))
    assert found.kind == expected.kind
    for name in ("alpha", "alpha_c", "value"):
        assert getattr(found, name) == pytest.approx(float(getattr(expected, name)), rel=1e-5)


def plain_edge(weight, alpha):
    """The left edge by a trapezoidal sum over the plane and bisection; shares no code."""
    nodes = np.linspace(-9, 9, 1201)
    mass = np.exp(-(nodes**2) / 2)
    teacher, student = np.meshgrid(nodes, nodes, indexing="ij")
    mass, f = np.outer(mass, mass) / mass.sum() ** 2, weight(teacher, student)
    f, mass = f[mass > 1e-18], mass[mass > 1e-18]
    last = -1 / f.min()
    slope = lambda t: 1 / t**2 - alpha * np.sum(mass * (f / (1 + t * f)) ** 2)  # noqa: E731
    t = brentq(slope, 1e-3 * last, last * (1 - 1e-9), xtol=1e-14)
    return -1 / t + alpha * np.sum(mass * f / (1 + t * f))


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


def test_a_label_that_is_steep_in_too_many_places_is_refused():
    """One that rules see though it oscillates is not."""
    u = symbols("u1")
    with pytest.raises(PrecisionError, match="the label is too steep for the nodes"):
        network_edge(Network(x**2, log(cosh(y - yh)), teacher=sin(1000 * u)), 3)
    waves = network_edge(Network(x**2, log(cosh(y - yh)), teacher=cos(30 * u)), 3)
    # The value of panels; sums of its 770,000 nodes in one go were off by 5e-13.
    assert waves.value == pytest.approx(-0.6319306607350686, abs=5e-14)


def test_a_weight_may_vanish_far_out_with_the_sign_of_its_label():
    """Of labels of size one, logistic loss has the weight of one label."""
    loss = log(1 + exp(-y * yh))
    signs = network_edge(Network(x, loss, teacher=sign_of(x)), 4)
    assert signs.value == pytest.approx(network_edge(Network(x, loss.subs(y, 1)), 4).value)
    assert lower_end(Network(x, loss, teacher=tanh(x)), 1).low == 0
    for steepness in (Rational(7, 3), 50):  # doubles find -1e-11, and it grows with the box
        assert lower_end(Network(x, log(1 + exp(-steepness * y * yh))), 1).low == 0


@pytest.mark.parametrize(("steepness", "value"), [(2, 0.0937434608), (7, 0.1417345281)])
def test_rounding_next_to_an_end_at_zero_is_no_lower_weight(steepness, value):
    """The values are those of panels between geometric breaks."""
    network = Network(x, log(1 + exp(-steepness * y * yh)))
    assert network_edge(network, 3).value == pytest.approx(value, rel=1e-9)


def overflowing(u, v):
    """Logistic loss of a cubic unit, whose exponentials reach `e^1700`."""
    y, gap = u**2, u**2 * (v**3 / 3 + v)
    return expit(gap) * expit(-gap) * y**2 * (v * v + 1) ** 2 - 2 * y * v * expit(-gap)


def periodic(u, v):
    """A loss that levels off, of a unit whose extrema return after every period."""
    gap = u**2 - np.cos(v)
    return np.exp(-gap * gap / 2) * ((1 - gap * gap) * np.sin(v) ** 2 + gap * np.cos(v))


def logistic(u, v):
    """The logistic loss of a linear unit: never negative, and as near to zero as it likes."""
    label = np.tanh(3 * u)
    return label**2 * expit(label * v) * expit(-label * v)


def product(u, v, w):
    """log cosh of a tanh unit that overlaps with both factors of its label."""
    s = np.tanh(0.3 * u - 0.4 * v + np.sqrt(0.75) * w)
    gap, slope = s - u * v, 1 - s**2
    return slope**2 / np.cosh(gap) ** 2 - 2 * np.tanh(gap) * s * slope


def test_weights_that_come_near_to_zero_have_an_end_there():
    """Descents found 1e-13 in one box and zero in the next, which was no end."""
    network = Network(x, log(1 + exp(-y * yh)), teacher=tanh(3 * x))
    assert lower_end(network, 1).low == 0
    assert network_edge(network, 6).value == pytest.approx(
        largest_bound(logistic, 6, 2, 0.05), rel=1e-10
    )


def test_an_end_may_be_reached_at_data_of_any_size():
    """`f = 1` at `y = 0, lambda = 0`, whatever the other factor of the label: not at infinity."""
    network = Network(
        tanh(x), log(cosh(y - yh)), p_star=2, teacher=U_1 * U_2, overlap=("0.3", "-0.4")
    )
    found = network_edge(network, 5, "right")
    assert found.kind == "sharp"
    right = -largest_bound(lambda *at: -product(*at), 5, 3, 0.2)
    assert found.value == pytest.approx(right, rel=1e-7)


def test_a_valley_far_out_is_seen_where_factors_overflow():
    """The weight falls like `lambda^2` along `lambda^2 = u^2 + c`, ever narrower."""
    network = Network(x**2, 1 - exp(-((y - yh) ** 2) / 2))
    for side in ("left", "right"):
        with pytest.raises(DomainError, match="unbounded"):
            network_edge(network, 3, side)


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


def largest_bound(weight, alpha, count, step):
    """The left edge as the largest of Lehner's bounds, by a plain sum over data."""
    line = np.arange(-8, 8, step) + step / 3
    data = np.array(np.meshgrid(*[line] * count)).reshape(count, -1)
    mass = np.exp(-(data**2).sum(axis=0) / 2)
    f = weight(*data)
    last = -1 / f.min() if f.min() < 0 else 20
    bound = lambda t: 1 / t - alpha * np.sum(mass * f / (1 + t * f)) / mass.sum()  # noqa: E731
    return -minimize_scalar(bound, bounds=(1e-3, last), options={"xatol": 1e-9}).fun


def rough(u, v):
    """The loss `|y - yh|^(7/2)` of a tanh unit, whose derivatives SymPy writes with atoms."""
    gap, slope = np.tanh(v) - np.tanh(u), 1 - np.tanh(v) ** 2
    first = 3.5 * np.sign(gap) * np.abs(gap) ** 2.5
    return 8.75 * np.abs(gap) ** 1.5 * slope**2 - 2 * first * np.tanh(v) * slope


@pytest.mark.long
def test_a_loss_with_a_power_of_an_absolute_value():
    found = network_edge(Network(tanh(x), Abs(y - yh) ** Rational(7, 2)), 3)
    assert found.value == pytest.approx(plain_edge(rough, 3), rel=1e-4)


@pytest.mark.parametrize(
    ("activation", "loss", "weight"),
    [
        *long((x**3 / 3 + x, log(1 + exp(-y * yh)), overflowing)),
        (cos(x), 1 - exp(-((y - yh) ** 2) / 2), periodic),
    ],
)
def test_neither_overflow_nor_periods_stand_in_the_way(activation, loss, weight):
    network = Network(activation, loss, teacher=U_1**2)
    assert network_edge(network, 3).value == pytest.approx(plain_edge(weight, 3), rel=1e-11)


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


def test_the_end_of_the_weights_is_held_against_sympy():
    """A difference of numbers of which doubles lose everything."""
    network = Network(tanh(x), (y - yh) ** 2 / 2, p=1, p_star=1)
    scene = landscape(network, 1)
    point = np.full(len(scene.variables), 0.3)
    support._check_digits(scene, point, "a point")
    far = scene.variables[0] + 10**9
    lost = far**2 - scene.variables[0] ** 2 - 2 * 10**9 * scene.variables[0] - 10**18 + 1
    with pytest.raises(PrecisionError, match="doubles keep their digits"):
        support._check_digits(scene._replace(branches=(lost,)), point, "a point")
