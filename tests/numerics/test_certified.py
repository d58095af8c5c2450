"""Interval Newton and the proof that a curve crosses one only once."""

import math
from fractions import Fraction
from types import SimpleNamespace

import pytest
from flint import arb

from bbpsym import Model
from bbpsym.compilation.reductions import RISING
from bbpsym.compilation.systems import rising
from bbpsym.errors import PrecisionError
from bbpsym.numerics import certified
from bbpsym.numerics.curve import Condition, Level, Profile
from bbpsym.numerics.enclosures import as_ball, precision
from bbpsym.numerics.multiprecision import context


def test_the_rising_forms_are_the_curves():
    curve = Model(2, 1, "0.7").curve
    expected = curve.precise(Fraction(1, 3), context(40), "ratio", "ratio_slope")
    with precision(120):
        third = arb(1) / 3
    value, slope = Level(curve, Condition.THRESHOLD).enclosed(third, 120)
    with precision(200):
        assert expected["ratio"] in as_ball(value, 30)
        assert expected["ratio_slope"] in as_ball(slope, 30)
    assert set(RISING) == set(Condition)
    assert all(rising(name).outputs for name in RISING)


def square_root(x, bits, slope=True):
    with precision(bits):
        return x * x / 2, arb(2)


@pytest.mark.parametrize("bits", [60, 200, 1000])
def test_interval_newton_encloses_a_root(bits):
    found = certified.newton_root(square_root, math.sqrt(2), bits)
    with precision(bits + 20):
        assert found.contains(arb(2).sqrt())
    assert found.rel_accuracy_bits() > bits - 10


def test_a_root_is_not_found_where_there_is_none():
    with pytest.raises(PrecisionError):
        certified.newton_root(square_root, 1.1, 100)


class Toy(Level):
    """`log(square) = c - b t + d t^2`, convex; `response = 1`."""

    def profile(self, at, bits):
        c, b, d = self.curve.coefficients
        with precision(bits):
            square = (c - b * at + d * at * at).exp()
            return Profile(at, [square, arb(1)], [-b + 2 * d * at, arb(0)])

    def enclosed(self, at, bits, slope=True):
        with precision(bits):
            return self.combine(self.profile(at, bits))


def toy(*coefficients):
    curve = SimpleNamespace(coefficients=coefficients, has_own_condition=False)
    return Toy(curve, Condition.THRESHOLD)


def test_three_crossings_are_not_one():
    three = toy(arb("3.8"), arb(12), arb(10))
    assert not certified.crosses_once(three, arb(1), True)


@pytest.mark.parametrize(("level", "crosses"), [("6.5", True), ("1.9", False), ("1.0", False)])
def test_one_crossing_or_none_is_proved(level, crosses):
    assert certified.crosses_once(toy(arb(level), arb(12), arb(10)), arb(1), crosses)


@pytest.mark.parametrize("most", ["0.999", "1.001"])
def test_a_ratio_between_two_points_stays_below_its_chord(most):
    """`t exp(c - b t)` is highest at 1/b, where it is `exp(c - 1)/b`."""
    with precision(60):
        level = toy(1 + (12 * arb(most)).log(), arb(12), arb(0))
        ends = level.profile(arb(0), 60), level.profile(arb(1), 60)
    assert certified._stays_below(level, *ends) == (most < "1")


def test_two_crossings_are_not_none():
    two = toy(arb("3.8"), arb("13.4"), arb("9.5"))
    assert certified.side(two, arb(1), 60) < 0
    assert not certified.crosses_once(two, arb(1), False)


def test_a_sign_that_stays_open_is_an_error():
    touching = toy(arb(0), arb(0), arb(0))
    with pytest.raises(PrecisionError):
        certified.side(touching, arb(1), 100)
