"""The end of the weights of one node: what is proved, what is not, and what no proof may say."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from sympy import Abs, Integer, Rational, acot, atan, cosh, exp, log, sqrt, symbols, tanh

from bbpsym.answers import network_result
from bbpsym.answers.network import network_edge
from bbpsym.answers.network_result import SEEN
from bbpsym.ensembles.networks import proved_domain, proved_end
from bbpsym.ensembles.networks.proved_domain import is_admissible
from bbpsym.ensembles.networks.proved_end import is_proved
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.equations.weights import argument, student_nodes
from bbpsym.functions.arb_functions import precision
from bbpsym.symbols import label
from tests.cases import long

x, y, yh = symbols("x y yh")
SQUARED, COSH = (y - yh) ** 2 / 2, log(cosh(y - yh))
SIGMOID, LOGISTIC = 1 / (1 + exp(-x)), log(1 + exp(-y * yh))


@pytest.mark.parametrize(
    ("network", "signs"),
    [
        (Network(SIGMOID, SQUARED / (1 + y)), (1, -1)),
        *long((Network(SIGMOID, LOGISTIC), (1, -1))),
        (Network(tanh(Rational(83, 100) * x), SQUARED), (1,)),
        *long((Network(SIGMOID, COSH, overlap="0.2"), (1, -1))),
        (Network(SIGMOID, COSH, noise="0.1"), (1,)),
        *long((Network(atan(x), sqrt(1 + (y - yh) ** 2)), (1,))),
        *long((Network(x, log(1 + exp(5 * yh)) / 25 - y * yh), (1, -1))),
        *long((Network(x**2, COSH), (1,))),
        (Network(x**2, COSH, "inf"), (1, -1)),
    ],
)
def test_no_weight_lies_below_the_end(network, signs):
    for sign in signs:
        assert is_proved(network, sign)


def test_the_end_that_is_proved_is_that_of_plain_descents():
    """Logistic loss between sigmoids, from a grid of starts and by formulas by hand."""

    def weight(at):
        label, s = at[0], expit(at[1])
        first, slope = -label * expit(-label * s), s * (1 - s)
        return slope**2 * label**2 * expit(label * s) * expit(-label * s) + first * slope * (
            1 - 2 * s
        )

    bounds = ((0, 1), (-20, 20))
    starts = [(label, v) for label in (0.1, 0.5, 0.9) for v in np.linspace(-6, 6, 13)]
    found = min(minimize(weight, start, bounds=bounds).fun for start in starts)
    assert lower_end(Network(SIGMOID, LOGISTIC), 1).low == pytest.approx(found, rel=1e-8)


@pytest.mark.parametrize("way", ["_by_boxes", "_by_factors", "_by_convexity"])
def test_an_end_above_a_weight_is_not_proved(way):
    """A planted end, a billionth too high."""
    network = {
        "_by_boxes": Network(SIGMOID, SQUARED),
        "_by_factors": Network(tanh(x), SQUARED, "inf"),
        "_by_convexity": Network(x**2, COSH),
    }[way]
    low = lower_end(network, 1).low
    prove = getattr(proved_end, way)
    assert prove(network, 1, low * (1 + 1e-12))
    assert not prove(network, 1, low * (1 - 1e-9))


@pytest.mark.parametrize("output", ["mean", "sum"])
def test_several_nodes_share_the_bend(output):
    """A planted end, a billionth too high, of three nodes."""
    network = Network(x**2, COSH, 3, output=output)
    low = lower_end(network, 1).low
    assert proved_end._by_convexity(network, 1, low * (1 + 1e-12))
    assert not proved_end._by_convexity(network, 1, low * (1 - 1e-9))


@pytest.mark.parametrize("rates", [(1, 2), (2, 1), (1, Rational(1, 2), 3)])
def test_the_unit_of_several_slopes_is_one_in_itself(rates):
    """Whichever comes first in a set: else a network and another wait for each other's proof."""

    def unit(scale):
        parts = [tanh(rate * argument / scale) for rate in rates]
        return proved_end._unit(SimpleNamespace(atoms=lambda *_kinds: parts))

    assert unit(1) == min(rates)
    assert unit(min(rates)) == 1


def test_the_proof_of_another_slope_holds_for_its_own_end_only(monkeypatch):
    """A planted end, a billionth too high, of an activation whose proof is that of tanh(x)."""
    network = Network(tanh(Rational(83, 100) * x), SQUARED)
    end = lower_end(network, 1)
    planted = {network: end._replace(low=end.low * (1 - 1e-9))}
    monkeypatch.setattr(
        proved_end, "lower_end", lambda one, sign: planted.get(one) or lower_end(one, sign)
    )
    assert is_proved(Network(tanh(x), SQUARED), 1)
    assert not is_proved.__wrapped__(network, 1)


@pytest.mark.parametrize(
    ("network", "alpha"),
    [
        (Network(tanh(x), SQUARED, 2), 10),
        *long((Network(SIGMOID, SQUARED, 2), 8)),
        *long((Network(tanh(x), SQUARED, 3), 10)),
    ],
)
def test_a_sharp_edge_of_several_nodes_lies_in_the_domain(network, alpha):
    found = network_edge(network, alpha)
    assert found.kind == "sharp"
    assert SEEN not in found.how
    t = tuple(-float(g) for g in found.g)
    assert not is_admissible(network, 1, (1.6 * t[0], 1.6 * t[1]))


@pytest.mark.parametrize(
    ("network", "sign", "scale"),
    [
        *long((Network(SIGMOID, SQUARED, 2), 1, 1)),
        (Network(SIGMOID, SQUARED, 2, output="sum"), 1, 4),
        *long((Network(SIGMOID, -SQUARED, 2), -1, 1)),
    ],
)
def test_the_border_of_the_domain_is_where_the_proof_ends(network, sign, scale):
    """Two equal sigmoid nodes at the label zero, across (1, 1): `s^2 (1 - s)(1 - 2 s)/2 = -1/t`.

    The sum at twice the label has four times the weight; minus the loss has it on the right.
    """
    s = (9 + np.sqrt(17)) / 16
    border = -2 / (s**2 * (1 - s) * (1 - 2 * s))
    inside, outside = ((5 / scale, factor * border / scale) for factor in (0.97, 1.0001))
    assert is_admissible(network, sign, inside)
    assert not is_admissible(network, sign, outside)


@pytest.mark.long
def test_the_border_of_three_nodes_is_not_inside():
    """Two equal nodes across, the third one far out: `(2 s + 1) s (1 - s)(1 - 2 s)/9 = -1/t`."""
    s = np.linspace(0.5, 1, 10_001)
    border = -9 / np.min((2 * s + 1) * s * (1 - s) * (1 - 2 * s))
    network = Network(SIGMOID, SQUARED, 3)
    assert is_admissible(network, 1, (5.0, 0.8 * border))
    assert not is_admissible(network, 1, (5.0, 1.0001 * border))


def test_slopes_that_are_not_enclosed_prove_nothing():
    """Those of a loss with a sign; in print this was an error of the program."""
    assert not is_admissible(Network(tanh(x), Abs(y - yh) ** 3, 2), 1, (0.1, 0.1))


def test_boxes_hold_the_weights_of_their_data():
    """F by hand at random points of random boxes, for log cosh between tanh nodes."""
    rng = np.random.default_rng(1)
    low, width = rng.uniform(-2, 2, (200, 3)), rng.uniform(0.01, 0.5, (200, 3))
    low[:, 0] = rng.uniform(-1, 0.5, 200)
    at = low + width * rng.uniform(size=(200, 3))
    network = Network(tanh(x), COSH, 2)
    with precision(80):
        cells = proved_domain.Cells(network.student)
        numbers = [
            [cells._add(ends) for ends in zip(a[1:], b[1:], strict=True)]
            for a, b in zip(low.tolist(), (low + width).tolist(), strict=True)
        ]
        slopes = proved_domain._slopes(network, (-1.0, 1.0), (-1.0, 1.0))
    places = np.stack([low[:, 0], low[:, 0] + width[:, 0]], axis=1)
    box = proved_domain._Box(network, 0.5, 1, places, cells.ranges[np.array(numbers)], slopes)
    s, d = np.tanh(at[:, 1:]), np.tanh(at[:, 1:]).mean(axis=1) - at[:, 0]
    first = 1 - s**2
    F = first[:, :, None] * first[:, None, :] / np.cosh(d)[:, None, None] ** 2 / 4
    F[:, [0, 1], [0, 1]] -= np.tanh(d)[:, None] * s * first
    assert np.all(np.abs(F - box.matrix) <= box.off + 1e-12)
    assert np.median(box.off) < 1


def test_quadratic_nodes_of_any_number_under_a_convex_loss():
    assert is_proved(Network(x**2, COSH, 7, noise="0.1"), 1)
    assert is_proved(Network(x**2, COSH, 3, output="sum"), 1)


def test_what_is_not_proved_is_said_to_be_seen():
    """Labels and pre-activations of any size, and several nodes."""
    network = Network(x**2, SQUARED / (1 + y**2))
    assert not is_proved(network, 1)
    assert not is_proved(Network(SIGMOID, COSH, 2), 1)
    assert not is_proved(Network(log(1 + exp(x)), COSH, "inf"), 1)
    assert SEEN in network_edge(network, 3).how
    assert network_edge(Network(SIGMOID, SQUARED * Rational(1, 2)), 3).how == "double precision"


def test_nothing_is_proved_before_it_is_said(monkeypatch):
    """A claim asks for many networks, and says nothing of their ends."""
    monkeypatch.setattr(network_result, "is_proved", None)
    found = network_edge(Network(tanh(x), SQUARED), 3)
    with pytest.raises(TypeError, match="not callable"):
        str(found)


def test_the_label_of_unlike_nodes_is_not_that_of_equal_ones():
    """The teacher's nodes share a factor: labels from -1/8 on, and not from zero."""
    mixed = tanh(x) * tanh(symbols("u_1"))
    network = Network(x, yh**2 / 2 * (1 + y), p_star=2, teacher=mixed)
    assert lower_end(network, 1).low == pytest.approx(7 / 8)
    assert not proved_end._by_factors(network, 1, 0.9)
    assert not is_proved(network, 1)


def test_a_slope_does_not_tell_of_a_jump():
    """It is lowest, -pi/2, left of a jump inside a box, and rises there against its slope."""
    (node,) = student_nodes(1)
    weight, labels = acot(node - Rational(1, 3)) + label / 10, (Integer(0), Integer(1))
    assert not proved_end._is_above(weight, node, labels, -1.4)
