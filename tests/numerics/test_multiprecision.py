from fractions import Fraction

import pytest

from bbpsym.errors import PrecisionError
from bbpsym.numerics.multiprecision import context, convert, stable


def test_contexts_are_private_and_exact_numbers_stay_exact():
    third = convert(Fraction(1, 3), context(40))
    assert abs(3 * context(60).mpf(third) - 1) < 1e-39
    assert context(40) is not context(41)


def test_stable_values_carry_the_digits_asked_for():
    found = stable(lambda working: {"x": context(working).sqrt(2), "none": None}, 30)
    assert str(found["x"]) == "1.41421356237309504880168872421"
    assert found["none"] is None


def test_an_unstable_value_is_an_error():
    with pytest.raises(PrecisionError, match="digits=20 could not be reached"):
        stable(
            lambda working: {"x": context(working).mpf(1) + 1 / context(working).mpf(working)}, 20
        )
