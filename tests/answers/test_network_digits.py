"""Many digits for one node: the paper's model is a witness that shares no nodes and no code."""

import pytest
from sympy import Rational, cosh, exp, log, sqrt, symbols, tanh

from bbpsym import Model, edge, outlier, threshold
from bbpsym.answers.network import network_edge, network_outliers, network_threshold
from bbpsym.answers.recognised import paper_model
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError, PrecisionError
from tests.cases import long

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2
MODEL = Model(1, 1, "1.5")
SAME = Network(x**2, (y - yh) ** 2 / (2 * (Rational(3, 2) + y)))


def same(mine, its, *names):
    for name in names:
        assert mine.text(name) == its.text(name)


def test_edge_and_outlier_of_the_paper_s_model_to_eighteen_digits():
    same(network_edge(SAME, 3, digits=18), edge(MODEL, 3, digits=18), "value")
    (found,) = network_outliers(SAME, 3, digits=18)
    same(found, outlier(MODEL, 3, digits=18), "value", "overlap2")
    assert found.teacher2 == found.overlap2
    assert found.student2 == 0


@pytest.mark.slow
def test_the_smooth_edge_of_the_paper_s_model_to_twenty_digits():
    names = "alpha", "alpha_c", "value", "overlap2"
    same(network_threshold(SAME, digits=20), threshold(MODEL, digits=20), *names)


def test_thirty_digits_of_logistic_regression():
    network = Network(x, log(1 + exp(5 * yh)) / 25 - y * yh)
    assert network_edge(network, 4, digits=30).text("value").startswith("0.03029346120271")
    few, many = (network_threshold(network, digits=n) for n in (30, 45))
    assert many.text("alpha").startswith(few.text("alpha")[:-1])
    assert few.text("alpha").startswith("2.65987656580")
    # Rounding next to the end of the weights shows in the 13th digit of sums of doubles.
    assert network_edge(network, 4, digits=13).method.startswith("multiprecision")


@pytest.mark.parametrize(
    ("p", "p_star", "a"), [*long((4, 1, "0.7"), (3, 2, "1.5")), ("inf", 1, "0.7")]
)
def test_any_width_of_the_paper_s_network_is_recognised(p, p_star, a):
    """The general road gives the first digits, the paper's own all others."""
    loss = (yh - y) ** 2 / (2 * y + 2 * Rational(a))
    network, model = Network(x**2, loss, p, p_star), Model(p, p_star, a)
    unit = 2 if p == "inf" else 1
    many, its = network_threshold(network, digits=40), threshold(model, digits=40)
    same(many, its, "alpha", "alpha_c", "overlap2")
    few = network_threshold(network)
    for name in ("alpha", "alpha_c", "value", "overlap2", "teacher2", "student2", "g"):
        assert float(getattr(few, name)) == pytest.approx(float(getattr(many, name)), abs=1e-10)
    assert many.value == unit * its.value
    border = network_edge(network, 4, digits=30)
    assert border.bounds[0] <= border.value <= border.bounds[1]
    assert border.value == unit * edge(model, 4, digits=30).value
    (found,) = network_outliers(network, 4, digits=30)
    same(found, outlier(model, 4, digits=30), "overlap2")


def test_what_is_not_the_paper_s_is_not_recognised():
    loss = (y - yh) ** 2 / (2 * (1 + y))
    assert paper_model(Network(x**2, loss)) == Model(1, 1, 1)
    for other in (
        Network(x**2, 2 * loss),
        Network(x**2, loss, noise="0.1"),
        Network(x**2, loss, overlap="0.1"),
        Network(x**2, loss, output="sum"),
        Network(x**2, loss, teacher=2 * x**2),
        Network(x**2, loss, bias=1),
        Network(x**2 + 1, loss),
        Network(x**2, (y - yh) ** 2 / (2 * (1 + 2 * y))),
    ):
        assert paper_model(other) is None


@pytest.mark.long
def test_balls_about_zero_are_no_obstacle():
    """Nodes lie on u = v, where the loss is flat: tanh(u^2 - v^2) is a ball about zero there."""
    found = network_threshold(Network(x**2, log(cosh(y - yh))), digits=20)
    assert found.text("alpha") == "0.98681055194536409785"
    assert found.text("value") == "-3.2266894518524578028"


@pytest.mark.slow
def test_thirty_digits_of_tanh():
    value = network_edge(Network(tanh(x), SQUARED), 3, digits=30).text("value")
    assert value == "-1.59231560269843745714269007790"


def test_digits_that_are_not_reached_are_refused():
    sigmoid = Network(1 / (1 + exp(-x)), (y - yh) ** 2 / (2 * (1 + y)))
    with pytest.raises(PrecisionError, match="narrow peaks at a smooth edge"):
        network_threshold(sigmoid, digits=30)
    with pytest.raises(PrecisionError, match="one node"):
        network_edge(Network(x**2, log(cosh(y - yh)), 2), 3, digits=30)
    with pytest.raises(PrecisionError, match="no closed form"):
        network_edge(Network(tanh(x), log(cosh(y - yh)), "inf", overlap="1/2"), 20, digits=30)
    with pytest.raises(DomainError, match="digits must be an integer"):
        network_edge(SAME, 3, digits=10**6)


def test_a_constant_weight_has_any_number_of_digits():
    """The law of Marchenko and Pastur: the linear unit under squared loss."""
    network = Network(x, (y - yh) ** 2 / 2)
    for side, sign in (("left", -1), ("right", 1)):
        found = network_edge(network, 3, side, 30)
        assert str(found.value)[:28] == str(((sqrt(3) + sign) ** 2).evalf(30))[:28]
