from fractions import Fraction

import pytest
from mpmath import mpf

from bbpsym.numerics.ball import Ball


def around(middle, radius, digits=20):
    scale = 2**200
    return Ball.between(
        Fraction(int((middle - radius) * scale), scale),
        Fraction(int((middle + radius) * scale), scale),
        digits,
    )


def test_only_certified_digits_are_written():
    ball = around(Fraction(2, 3), Fraction(1, 10**9))
    assert str(ball) == "0.666667"
    assert 0 < ball.certified_digits < 9
    assert str(around(Fraction(2, 3), Fraction(1, 10**40))) == "0.66666666666666666667"


def test_a_ball_around_zero_shows_its_ends():
    assert str(around(Fraction(0), Fraction(1, 1000))) == "[-0.001, 0.001]"
    assert str(Ball.between(Fraction(0), Fraction(0), 30)) == "0"


@pytest.mark.parametrize("text", ["0.3", "0.29999", "0.30001"])
def test_membership_is_exact(text):
    ball = around(Fraction(3, 10), Fraction(1, 10**6))
    assert (text in ball) == (text == "0.3")
    assert (mpf(text) in ball) == (text == "0.3")
    assert "no number" not in ball


def test_ends_are_exact_and_differ_when_printed():
    ball = around(Fraction(1, 3), Fraction(1, 10**25))
    assert ball.lower < ball.upper
    assert str(ball.lower) != str(ball.upper)
    assert ball == around(Fraction(1, 3), Fraction(1, 10**25))
    assert float(ball) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("power", "shown"), [(400, "6.67e+399"), (-2000, "6.67e-2001")])
def test_ends_have_any_size(power, shown):
    unit, ends = Fraction(2) ** -7000, (Fraction(2, 3), Fraction(3, 4))
    low, high = (round(Fraction(10) ** power * end / unit) * unit for end in ends)
    ball = Ball.between(low, high, 5)
    assert repr(ball).startswith(f"Ball([{shown},")
    assert float(ball) == (float("inf") if power > 0 else 0)


def test_ends_have_any_number_of_digits():
    scale = 2**5000
    ball = Ball.between(Fraction(scale // 3, scale), Fraction(scale // 3 + 1, scale), 1400)
    assert str(ball) == "0." + 1400 * "3"
    assert ball.radius == Fraction(1, 2 * scale)
