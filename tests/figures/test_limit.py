"""The expansion in 1/p."""

import math

import numpy as np
import pytest
from sympy import Rational, simplify

from bbpsym import thresholds
from bbpsym.figures.limit import correction
from bbpsym.symbols import a


def test_the_correction_changes_sign_at_a_equal_to_one():
    assert correction().subs(a, 1) == 0
    assert correction().subs(a, Rational(1, 2)) < 0 < correction().subs(a, 2)


def test_the_correction_is_the_one_found_by_hand():
    assert simplify(correction() - (2 / (a + 3) - 2 / (1 + a) ** 2)) == 0


@pytest.mark.parametrize("value", [0.5, 1.5, 3.0])
def test_thresholds_approach_the_expansion_at_the_next_order(value):
    p = np.array([100, 200])
    ratio = thresholds(p, 1, value).alpha / thresholds(math.inf, 1, value).alpha
    rest = p**2 * (ratio - 1 - float(correction().subs(a, value)) / p)
    assert rest[0] == pytest.approx(rest[1], rel=0.05)
