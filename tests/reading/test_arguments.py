import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Eq, I, Interval, Matrix, Sum, exp, oo, zoo
from sympy.abc import y

from bbpsym import (
    Ensemble,
    Model,
    compare,
    derive,
    discrete_labels,
    edge,
    evaluate,
    labels_of,
    outlier_curve,
    predict_from,
    student_resolvent,
    threshold,
)
from bbpsym.errors import BBPError, DomainError
from bbpsym.reading.arguments import MAX_WIDTH, digits, positive, signal_to_noise, width
from bbpsym.reading.formulas import dyadic

SEVEN_TENTHS = Fraction(7, 10)


@pytest.mark.parametrize(
    "value",
    [
        "0.7",
        " 7/10 ",
        "7e-1",
        0.7,
        np.float64(0.7),
        np.float32(0.7),
        Decimal("0.7"),
        Fraction(7, 10),
        sympy.Rational(7, 10),
    ],
    ids=repr,
)
def test_one_number_in_every_spelling(value):
    assert positive(value, "a") == SEVEN_TENTHS


@pytest.mark.parametrize("digits", [3, 15, 50])
def test_an_mpmath_number_is_its_shortest_decimal_as_a_float_is(digits):
    with mpmath.workdps(max(digits, 15)):
        number = mpmath.mpf("0.7")
        with mpmath.workdps(digits):
            assert positive(number, "a") == SEVEN_TENTHS
    assert positive(mpmath.mpf("1.25"), "a") == Fraction(5, 4)
    assert dyadic(mpmath.mpf(0.7)) == Fraction(0.7) != SEVEN_TENTHS


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (sympy.sqrt(2), sympy.sqrt(2)),
        ("sqrt(2)", sympy.sqrt(2)),
        ("2^(1/2)", sympy.sqrt(2)),
        (" 2*pi/3 ", 2 * sympy.pi / 3),
        (sympy.pi * 0.7, 7 * sympy.pi / 10),
        ("0.7*pi", 7 * sympy.pi / 10),
        ("sqrt(9/4)", Fraction(3, 2)),
    ],
    ids=str,
)
def test_irrational_numbers_stay_as_they_are(value, number):
    assert positive(value, "a") == number


@pytest.mark.parametrize(
    "value", ["sqrt(-2)", "-pi", "log(1/2)", "pi*x", "sqrt(2", "exp(100)", sympy.I, -sympy.E]
)
def test_irrational_numbers_out_of_range_are_refused(value):
    with pytest.raises(DomainError, match=r"^a must be a number from 1e-12 to 1e12, not .+$"):
        positive(value, "a")


@pytest.mark.parametrize(
    "value",
    [0, -1, "0", "-0.7", math.nan, math.inf, "nan", "inf", "", "x", None, True, [], 1j, "1/0",
     "1e-25", 10**25, "1e999999999",
     Decimal("1e9999999"), mpmath.ldexp(1, 10**9),
     Fraction(1, 10**5000), 10**5000, mpmath.nan, Decimal("nan"), sympy.Symbol("a"), b"1",
     np.array([1.0, 2.0])],
    ids=lambda value: str(type(value).__name__),
)  # fmt: skip
def test_what_is_no_positive_number_is_refused_in_one_sentence(value):
    with pytest.raises(DomainError, match=r"^alpha must be a number from 1e-12 to 1e12, not .+$"):
        positive(value, "alpha")
    with pytest.raises(DomainError, match=r"^alpha must be a number from 1e-24 to 1e24, not .+$"):
        signal_to_noise(value)


@pytest.mark.parametrize("value", [0, -2, 1.5, "2.5", "x", None, True, math.nan, MAX_WIDTH + 1])
def test_what_is_no_width_is_refused(value):
    with pytest.raises(DomainError, match=r"^p_star must be an integer from 1 to 1000000, not"):
        width(value, "p_star")


@pytest.mark.parametrize("value", ["inf", math.inf, np.inf, sympy.oo, mpmath.inf, "oo"])
def test_infinite_width(value):
    assert width(value, "p", infinite=True) == math.inf
    with pytest.raises(DomainError, match="p_star must be an integer"):
        width(value, "p_star")


@pytest.mark.parametrize("value", [0, -1, 2001, 1.5, "many", math.nan])
def test_digits_out_of_reach(value):
    with pytest.raises(DomainError, match=r"^digits must be an integer from 1 to 2000, not"):
        digits(value)


def test_no_digits_means_double_precision():
    assert digits(None) is None
    assert digits("30") == 30


@pytest.mark.parametrize(
    "arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, "inf", 1), ("x", 1, 1), (1, 1, None)]
)
def test_a_model_names_the_argument(arguments):
    with pytest.raises(ValueError, match=r"^(p|p_star|a) must be "):
        Model(*arguments)


def test_models_with_the_same_numbers_are_the_same():
    assert Model(2, 1, "0.7") == Model(2.0, np.int64(1), Decimal("0.70"))
    assert len({Model(2, 1, "0.7"), Model(2, 1, 0.7)}) == 1


def test_a_model_shows_itself():
    assert repr(Model(2, 1, 0.7)) == "Model(p=2, p_star=1, a='0.7')"
    assert eval(repr(Model("inf", 3, "1/3"))) == Model("inf", 3, "1/3")
    assert Model("inf", 3, "1/3")._repr_latex_() == r"$p=\infty,\ p^*=3,\ a=\frac{1}{3}$"


class Unwritable:
    """What a message cannot show."""

    def __repr__(self):
        raise RuntimeError


JUNK = [10**5000, Unwritable(), np.eye(3), Matrix([[1, 2], [3, y]]), Eq(y, 1), "x" * 10**5]
ASKED = {
    "labels": lambda junk: Ensemble(y, junk),
    "share": lambda junk: discrete_labels({1: junk}, 1),
    "label": lambda junk: labels_of(exp(-y), y, support=(junk, "a")),
    "width": lambda junk: Model(junk, 1, "0.7"),
    "side": lambda junk: threshold(Model(2, 1, "0.7"), side=junk),
    "certified": lambda junk: edge(Model(2, 1, "0.7"), 2, certified=junk),
    "points": lambda junk: outlier_curve(Model(2, 1, "0.7"), 3, points=junk),
    "alpha_max": lambda junk: outlier_curve(Model(2, 1, "0.7"), [junk]),
    "widths": lambda junk: compare(1, "0.7", [junk]),
    "z": lambda junk: student_resolvent(Model(2, 1, "0.7"), 2, junk),
    "fields": lambda junk: predict_from(Model(2, 1, "0.7"), junk, junk, 50),
    "network": derive,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_whatever_is_no_answer_a_message_is_one_short_line(ask, junk):
    if ask is ASKED["certified"] and isinstance(junk, int):
        junk = 0.5  # a whole number is true or false in Python
    with pytest.raises(BBPError) as caught:
        ask(junk)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("what", [I * y, zoo, Interval(0, 1), Sum(y, (y, 1, oo)), Matrix([[y]])])
def test_only_real_expressions_are_evaluated(what):
    with pytest.raises(DomainError, match="real values"):
        evaluate(what, Model(2, 1, "0.7"), t="0.5")


def test_lists_without_an_end_are_refused():
    endless = sympy.S.Naturals
    calls = [
        lambda: edge(Model(1, 1, 1), endless),
        lambda: labels_of(exp(-y), y, support=endless),
        lambda: compare(1, 1, endless, [1]),
    ]
    for call in calls:
        with pytest.raises(DomainError, match="at most 100000"):
            call()
