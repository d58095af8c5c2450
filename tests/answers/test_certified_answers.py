"""Certified answers: they hold the multiprecision ones, and say what is proved."""

from fractions import Fraction

import pytest
from click.testing import CliRunner

from bbpsym import Model, critical_a, edge, outlier, table, threshold
from bbpsym.cli import bbpsym
from bbpsym.errors import PrecisionError
from tests.cases import with_long

MODELS = [
    Model(1, 1, 1),
    Model(2, 1, "0.7"),
    Model(2, 1, "1.5"),
    Model(10, 3, "0.2"),
    Model(1, 50, 2),
    Model("inf", 2, "1/3"),
    Model(10**6, 1, "0.5"),
]


def assert_holds(certified, precise, digits):
    for name in certified.symbols:
        ball, number = getattr(certified, name), getattr(precise, name)
        assert ball.certified_digits >= digits
        assert number in ball
        assert ball.lower <= ball.upper


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_thresholds_hold_the_multiprecision_ones(model):
    certified = threshold(model, 30, certified=True)
    assert certified.kind == threshold(model).kind
    assert certified.unique
    assert_holds(certified, threshold(model, 70), 30)


@pytest.mark.parametrize("model", with_long(MODELS, MODELS[0], *MODELS[2:4]), ids=repr)
def test_edges_and_outliers_hold_the_multiprecision_ones(model):
    alpha_bbp = Fraction(threshold(model).alpha)
    for factor in ("0.9", "1.01", "3"):
        alpha = alpha_bbp * Fraction(factor)
        assert_holds(edge(model, alpha, 25, certified=True), edge(model, alpha, 70), 25)
        certified, precise = outlier(model, alpha, 25, certified=True), outlier(model, alpha, 70)
        assert (certified is None) == (precise is None) == (factor == "0.9")
        if certified is not None:
            assert certified.unique
            assert_holds(certified, precise, 25)


@pytest.mark.parametrize("widths", [(1, 1), (2, 1), (1000, 1), (1, 1000)])
def test_critical_a(widths):
    ball = critical_a(*widths, 30, certified=True)
    assert critical_a(*widths, 70) in ball
    assert ball.certified_digits == 30


@pytest.mark.long
def test_next_to_the_crossover_the_type_needs_digits():
    between = critical_a(2, 1, 160, certified=True).middle
    near = Model(2, 1, between + Fraction(1, 10**140))
    assert threshold(near, 60, certified=True).kind == "discontinuous"
    with pytest.raises(PrecisionError, match="undecided at 3 digits"):
        threshold(near, 3, certified=True)


def test_an_outlier_at_the_threshold_is_undecided():
    with pytest.raises(PrecisionError, match="undecided"):
        outlier(Model("inf", 1, "0.7"), "0.85", 20, certified=True)


def test_closed_form_at_infinite_width():
    found = threshold(Model("inf", 1, "0.7"), 40, certified=True)
    assert "0.85" in found.alpha
    assert "1.445" in found.alpha_c
    assert Fraction(7, 57) in found.overlap2


def test_display_says_what_is_proved():
    found = threshold(Model(2, 1, "0.7"), 20, certified=True)
    assert str(found.alpha) == "0.92705529671706608467"
    assert "proved unique" in str(found)
    assert found.record()["certified"]
    assert found.record()["unique"] is True
    assert "0.92705529671706608467" in found._repr_latex_()


def test_digits_default_to_fifteen():
    found = threshold(Model(2, 1, "0.7"), certified=True)
    assert found.digits == 15
    assert len(str(found.alpha)) == len("0.927055296717066")


def test_a_table_says_so_in_its_header():
    found = table([Model(2, 1, "0.7")], digits=20, certified=True)
    assert "certified" in found.to_text().splitlines()[0]
    assert "0.92705529671706608467" in found.to_csv()


def test_the_command_line_prints_certified_tables():
    command = ["table", "--certified", "--digits", "30", "--p", "2,inf", "--a", "0.7"]
    shown = CliRunner().invoke(bbpsym, command)
    assert shown.exit_code == 0
    assert "30 digits, every digit certified by ball arithmetic" in shown.stdout
    assert "0.927055296717066084667855737239" in shown.stdout
