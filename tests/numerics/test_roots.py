import numpy as np
import pytest

from bbpsym import Model
from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics import multiprecision, questions
from bbpsym.numerics.curve import Condition, Level
from bbpsym.numerics.double import Estimate, solve_logarithmic
from bbpsym.numerics.roots import Root, solve

CURVE = Model(2, 1, "0.7").curve


def power(exponent, target):
    """The curve t^exponent/target and its logarithmic slope."""
    return lambda t: (Estimate(t**exponent / target, 1e-15 + 0 * t), exponent + 0 * t)


@pytest.mark.parametrize("exponent", [3.0, 0.5])
def test_newton_finds_the_root_of_a_power(exponent):
    exact = np.array([0.9, 1e-3, 1e-9])
    found = solve_logarithmic(power(exponent, exact**exponent), np.full(3, 0.5))
    assert np.all(np.abs(found.value - exact) <= found.error + 1e-15 * exact)


def test_newton_gives_up_on_a_curve_without_a_root():
    with pytest.raises(ConvergenceError, match="had not settled"):
        solve_logarithmic(lambda t: (Estimate(2 + t, 0 * t), 1 + 0 * t), np.array([0.5]))


@pytest.mark.parametrize("crossing", Condition)
def test_double_and_precise_root_agree(crossing):
    level = Level(CURVE, crossing, None if crossing is Condition.THRESHOLD else 2)
    rough = solve(level)
    fine = Root(level, rough).precise(40)
    assert abs(float(fine) - rough.value) <= rough.error < 1e-13


def test_a_poor_start_does_not_give_wrong_digits():
    root = Root(Level(CURVE, Condition.THRESHOLD), Estimate(0.974071304726520, 1e-13))
    good = root.precise(40)

    def compute(working):
        return {"t": root.precise(working, (0.97, 12))}

    with pytest.raises(PrecisionError, match="digits=40 could not be reached"):
        multiprecision.stable(compute, 40)
    assert abs(good - multiprecision.context(40).mpf("0.9740713047265201607414096942")) < 1e-27


def test_a_tie_is_told_from_a_difference():
    """At p = inf and a = 1, p* = 1 the threshold is one."""
    curve = Model("inf", 1, 1).curve
    assert questions.outlier(curve, 1).root.level.crossing is None
    assert questions.outlier(curve, 1 - multiprecision.Fraction(1, 10**9)).root is None
    above = questions.outlier(curve, 1 + multiprecision.Fraction(1, 10**20))
    assert above.root.level.crossing is Condition.OUTLIER
