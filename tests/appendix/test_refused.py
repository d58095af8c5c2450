"""What `derive` does not know it does not print, and what it cannot tell apart it refuses."""

import pytest
from sympy import Eq, Rational, Symbol, exp, log, symbols, tanh

from bbpsym import Model, Network, derive
from bbpsym import symbols as s
from bbpsym.appendix import worlds
from bbpsym.appendix.limits import limit_steps
from bbpsym.appendix.steps import Status
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.errors import DomainError
from bbpsym.records.show import block
from tests.cases import long

x, y, yh, a, b, p, p_star = symbols("x y yh a b p p_star")
SQUARED = (y - yh) ** 2 / 2


def test_a_star_in_a_name_is_no_power_in_flat_text():
    wide = sum(Symbol(f"k_{i}") for i in range(40))
    text = block([Eq(s.outlier, s.p_star * s.t * s.outlier**2 * wide)])
    assert " = " in text  # on one line
    assert "p_star*t" in text
    assert "lambda_star^2" in text
    assert "**" not in text
    assert "p^t" not in text


def test_a_width_has_no_name_of_something_else():
    """Equal names were two widths, and a width by the name of a parameter another one."""
    p, p_star, a = symbols("p p_star a")
    with pytest.raises(DomainError, match="p must have another name than a, which is in loss, too"):
        Network(x**2, (y - yh) ** 2 / (2 * (a + y)), a, p_star)
    with pytest.raises(DomainError, match="must have another name than p, which is in p"):
        Model(p, p, 1)


@pytest.mark.parametrize("name", ["t", "alpha", "s", "sigma", "g", "z", "u", "u_1", "zeta", "f"])
def test_a_parameter_has_no_name_of_the_equations(name):
    with pytest.raises(DomainError, match=f"loss must have another name than {name} in"):
        Network(x**2, SQUARED / (Symbol(name) + y), p, p_star)


def test_other_names_are_parameters(step_of):
    """Not even where the text of a step has the same letter for a number of directions."""
    found = Network(x**2, SQUARED / (Symbol("umax") + y), p, p_star)
    assert "umax" in map(str, found.parameters)
    own = Symbol("n", positive=True, integer=True)
    count = step_of(Network(x**2, SQUARED / (own + y**2), p, p_star), "confined directions")
    assert count.expression.lhs not in (own, Symbol("n", positive=True))


@pytest.mark.parametrize("wrong", [y, -1, 0, "inf"])
def test_the_normalisation_is_positive(wrong):
    with pytest.raises(DomainError, match="a must be positive"):
        Model(p, p_star, wrong)


def test_pre_activations_are_known_in_a_whole_label():
    u, u_1, u1 = symbols("u u_1 u1")
    first, *others = (
        Network(tanh(x), SQUARED / a, teacher=tanh(node), p=1, p_star=1) for node in (u_1, u, u1)
    )
    assert isinstance(first, Setting)
    assert [v.name for v in first.parameters] == ["a"]
    assert others == [first, first]


@pytest.mark.parametrize("width", [2, *long(p_star)])
def test_several_teachers_have_no_outlier_equation_of_one(width):
    found = derive(Network(tanh(x), SQUARED / a, p=1, p_star=width))
    outlier = found["outlier equation"]
    assert outlier.status is Status.UNKNOWN
    assert "signal block is a matrix" in outlier.reason
    assert {"overlap", "averages"}.isdisjoint(found.names)
    assert found["Stieltjes equation"].record.at is None


@pytest.mark.long
def test_a_number_without_a_second_rule_is_not_claimed():
    network = Network(tanh(x), SQUARED, 1, 2, overlap=Rational(1, 5))
    found = derive(network)["threshold in numbers"]
    assert found.status is Status.UNKNOWN
    assert "no second rule" in found.reason
    assert found.check() is None


def test_a_whole_label_of_one_pre_activation_has_one():
    u_1, u_2 = symbols("u_1 u_2")
    one, two = (
        derive(Network(tanh(x), SQUARED / a, p=1, p_star=2, teacher=tanh(label)))
        for label in (u_1, u_1 + u_2)
    )
    assert one["outlier equation"].status is Status.DERIVED
    assert two["outlier equation"].status is Status.UNKNOWN


def test_the_equations_of_exchangeable_nodes_are_for_two_and_three():
    found = derive(Network(tanh(x), SQUARED / a, p=p))
    for name in ("Stieltjes equation", "outlier equation"):
        assert found[name].status is Status.UNKNOWN
        assert "p = 2 or p = 3" in found[name].reason


def test_an_end_that_changes_with_a_parameter_is_not_told():
    loss = (y - yh) ** 2 / (2 * (1 + y)) - b * yh / (1 + y)
    found = derive(Network(x**2, loss, p, p_star))
    end = found["domain"]
    assert end.status is Status.UNKNOWN
    assert "-2*b/p" in end.reason
    assert "-2/p" in end.reason
    assert found["averages"].record.id == "plane"
    assert found["threshold"].status is Status.UNKNOWN
    assert {"smooth edge", "alpha_c"}.isdisjoint(found.names)


@pytest.mark.parametrize(
    ("value", "low"), [(Rational(13, 10), -Rational(13, 5)), *long((Rational(1, 5), -2))]
)
def test_with_a_number_for_it_the_end_is_the_lower_of_both(value, low, step_of):
    loss = (y - yh) ** 2 / (2 * (1 + y)) - value * yh / (1 + y)
    found = step_of(Network(x**2, loss, p, p_star), "domain")
    assert found.expression.rhs == low / s.p
    assert found.check().ok


def test_a_weight_that_is_nowhere_negative_has_no_domain_of_that_kind():
    found = derive(Network(x**2, yh**2 / (1 + y), p, p_star))
    assert found["domain"].status is Status.UNKNOWN
    assert "weights, 0, is not negative" in found["domain"].reason
    assert {"smooth edge", "averages", "threshold"}.isdisjoint(found.names)


def test_a_loss_that_changes_with_the_width_has_no_limit():
    for loss, output in ((SQUARED / (a + y**2), "sum"), (SQUARED / (a + y**2) / p, "mean")):
        wide = list(limit_steps(Network(x**2, loss, p, p_star, output=output), None))
        assert [step.status for step in wide] == [Status.UNKNOWN]


def test_a_weight_below_all_limits_is_seen():
    """Its turning point is the root of no polynomial."""
    found = derive(Network(x**2, SQUARED / (1 + exp(a * y)), p, p_star))
    assert found["domain"].status is Status.UNKNOWN
    assert "limits and turning points that are found is 0, but at a" in found["domain"].reason
    assert {"smooth edge", "alpha_c"}.isdisjoint(found.names)


@pytest.mark.long
def test_nothing_follows_where_weights_may_have_no_lower_end():
    """As both outputs grow with a distance between them, which no single limit sees."""
    found = derive(Network(x**2, log(1 + (y - yh) ** 2 / a), p, p_star))
    assert found["domain"].reason.endswith("what would follow of it is not derived.")
    assert "sharp edge" not in found.names
    assert found.verify().ok


@pytest.mark.long
def test_an_end_at_infinity_is_seen_or_said_not_to_be(monkeypatch, step_of):
    loss = SQUARED / (1 + exp(-a * y) + y)
    verdict = step_of(Network(x**2, loss, p, p_star), "domain").check()
    assert verdict.ok
    assert verdict.known_digits == 7
    monkeypatch.setattr(worlds, "SETTLED", -1)
    other = step_of(Network(x**2, loss / 2, p, p_star), "domain")
    assert other.status is Status.DERIVED
    assert "numbers do not settle on it" in other.reason
    assert other.record.at is None
    assert other.check().ok


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"p": "inf", "overlap": "0.5"}, "overlap must be 0 for a derivation at p = inf"),
        ({"p_star": 2, "overlap": ("0.3", "0.1")}, "overlap must be one number for a derivation"),
    ],
)
def test_overlaps_that_are_not_derived(given, words):
    with pytest.raises(DomainError, match=words):
        derive(Network(tanh(x), SQUARED, **given))
