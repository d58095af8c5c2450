"""What is a weight: functions of any kind, read exactly, and nothing else."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from sympy import (
    AccumBounds,
    And,
    Eq,
    Float,
    Function,
    I,
    Interval,
    Lambda,
    Matrix,
    MatrixSymbol,
    Order,
    Poly,
    Rational,
    Symbol,
    oo,
    sin,
    zoo,
)
from sympy.abc import x, y

from bbpsym import Ensemble, Model, edge, teacher_labels, threshold
from bbpsym.errors import DomainError
from bbpsym.labels import in_label
from bbpsym.symbols import label

ONE = teacher_labels(1)

NO_WEIGHTS = [
    *({y: 1}, Eq(y, 1), y > 1, And(y > 1, y < 2), True, None, "1 - y", "", b"1", [y], (y,), {1}),
    *(Matrix([[1, 2], [3, y]]), MatrixSymbol("A", 2, 2), Symbol("A", commutative=False)),
    *(Function("f")(y), Function("f"), Function("f")(y).diff(y), sin, Lambda(y, y), lambda y: y),
    *(Interval(0, 1), AccumBounds(0, 1), Poly(y**2 - 1, y), Order(y), np.array([1.0, 2.0])),
    *(float("nan"), float("inf"), oo, -oo, zoo, zoo * y, oo * y, Decimal("nan"), 0, 10**5000, I),
    *(x + y, ONE, object()),
]


@pytest.mark.parametrize("weight", NO_WEIGHTS, ids=lambda weight: type(weight).__name__)
def test_what_is_no_weight_is_refused_with_one_sentence(weight):
    with pytest.raises(DomainError) as caught:
        Ensemble(weight, ONE)
    assert "\n" not in str(caught.value)


def test_a_weight_that_is_not_real_is_refused():
    for weight in (I * y, (y - 1) ** Rational(1, 2), (1 - y) ** Rational(1, 3)):
        with pytest.raises(DomainError, match="must be real"):
            edge(Ensemble(weight, ONE), 2)


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (0.12345678901234566, "0.12345678901234566"),
        (Float("0.1234567890123456789012345678901", 31), "0.1234567890123456789012345678901"),
        (np.float64(0.3), "3/10"),
        (1e-20, "1e-20"),
        (-123456789.12345679, "-123456789.12345679"),
    ],
)
def test_floats_inside_a_weight_are_their_shortest_decimal(number, exact):
    assert in_label(y + number) == label + Rational(exact)


def test_numbers_are_weights_as_they_are():
    for one_third in (Fraction(1, 3), Rational(1, 3)):
        assert in_label(one_third) == Rational(1, 3)
    assert in_label(Decimal("0.1")) == in_label(0.1) == Rational(1, 10)


def test_a_float_has_all_the_digits_of_its_decimal():
    ensemble = Ensemble((y - 1) / (y + 0.12345678901234566), ONE)
    found = threshold(ensemble, digits=20, side="right")
    assert found.text("alpha") == "0.56172839450617283000"


def test_a_float_of_sympys_in_a_model_is_its_decimal():
    assert Model(2, 1, Float(0.7)) == Model(2, 1, "0.7") == Model(2, 1, Float("0.7", 40))
    assert Model(2, 1, Float("0.123456789012345678", 18)).a == Fraction("0.123456789012345678")
