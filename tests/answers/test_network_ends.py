"""Where the weights of one node end, and on which side they do not."""

import numpy as np
import pytest
from scipy.special import expit
from sympy import Abs, Rational, cos, cosh, erf, erfc, exp, log, oo, sin, sqrt, symbols, tanh
from sympy import sign as sign_of

from bbpsym import Model, threshold
from bbpsym.answers.network import network_edge, network_threshold
from bbpsym.ensembles.networks import support
from bbpsym.ensembles.networks.landscape import landscape
from bbpsym.ensembles.networks.limits_at_infinity import limit_of
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.scalar_nodes import curve_of
from bbpsym.symbols import label
from tests.cases import long
from tests.reference.plain_network import largest_bound, plain_edge, polar

x, y, yh = symbols("x y yh")
U_1, U_2 = symbols("u_1 u_2")
SQUARED = (y - yh) ** 2 / 2


def test_an_end_that_no_double_resolves_is_not_taken_for_a_filled_one():
    """Of a steep tanh alpha_c is positive, below 1e-7: labels near one outweigh their rarity."""
    steep = network_threshold(Network(tanh(2 * x), SQUARED))
    assert (steep.alpha_c, steep.text("alpha")) == (None, "12.5109981641")
    assert network_threshold(Network(erf(x), SQUARED)).alpha_c == 0  # a Gaussian is outweighed
    with pytest.raises(ConvergenceError):
        _ = curve_of(NodeLaw(steep.model, 1), 3).edge(1e-9)


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


def test_a_product_of_two_teachers_has_the_limit_of_its_sign():
    end = lower_end(Network(tanh(x), SQUARED, p_star=2, teacher=tanh(2 * U_1 * U_2)), 1)
    t = np.tanh(np.linspace(0.8, 1, 20_001))  # at the label -1
    assert end.low == pytest.approx(np.min((1 - t**2) * (1 - 2 * t - 3 * t**2)), rel=1e-8)


def test_a_label_without_a_limit_is_refused():
    """Such a limit of the weights of several nodes ended in an error of the program."""
    with pytest.raises(PrecisionError, match="the label has no limit at u_2 -> oo"):
        limit_of(label, sin(U_1) + tanh(2 * U_1 * U_2), {U_2: oo}, {U_1: 0.4, U_2: 9.0})


@pytest.mark.parametrize(
    ("activation", "alpha", "value"),
    [
        (tanh(10 * x - 7), "0.2", -97.96643453038),  # two places, not mirrored: -97.967
        (sin(x), "0.5", -2.399976087194),  # more than one place for one sign of the label
    ],
)
def test_all_places_where_an_end_is_approached_have_nodes(activation, alpha, value):
    """Held against panels that shrink towards these places, at two orders and widths."""
    network = Network(activation, SQUARED, teacher=tanh(x))
    assert network_edge(network, alpha).value == pytest.approx(value, rel=2e-12)


def test_weights_that_no_node_sees_are_refused():
    """Two rules agreed on 1.00000000000e+12 for 1.000021e12: all weights lay between the nodes."""
    network = Network(tanh(10**6 * x), log(cosh(y - yh)), teacher=tanh(x))
    with pytest.raises(PrecisionError, match="the averages need more nodes"):
        network_edge(network, 3, "right")


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
    for normal in (1 + erf(y * yh / sqrt(2)), erfc(-y * yh / sqrt(2))):
        probit = Network(x, -log(normal / 2), teacher=sign_of(x))
        with pytest.raises(PrecisionError, match="written so that doubles keep their digits"):
            network_edge(probit, 3)


@pytest.mark.parametrize(("a", "p"), [(1000, 4), (10**4, 1), (10**5, 1), (10**9, 1)])
def test_a_small_weight_is_not_taken_for_an_unbounded_one(a, p):
    """`2 (yh - y)/(p (a + y^2))` is least at `yh = 0, y^2 = a`."""
    found = lower_end(Network(x**2, (y - yh) ** 2 / (2 * a + 2 * y**2), p), 1)
    assert found.low == pytest.approx(-1 / (np.sqrt(a) * p), rel=1e-13)
    assert found.is_filled == (p + 1 <= 4)


def test_a_weight_that_levels_off_far_out_is_not_unbounded():
    """Up to labels of the size of a it falls like one that has no end."""
    a = 2**32
    found = network_threshold(Network(x**2, (y - yh) ** 2 / (2 * (a + y))))
    expected = threshold(Model(1, 1, a))
    assert found.kind == expected.kind
    for name in ("alpha", "alpha_c", "value"):
        assert getattr(found, name) == pytest.approx(float(getattr(expected, name)), rel=1e-5)


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
