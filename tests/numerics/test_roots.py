import numpy as np
import pytest

from bbpsym import Model
from bbpsym.errors import ConvergenceError, PrecisionError
from bbpsym.numerics import multiprecision
from bbpsym.numerics.double import Estimate, solve_logarithmic
from bbpsym.numerics.roots import Start, precise_root, root, side
from bbpsym.systems import double_parameters, ensemble_of, parameters_of

MODEL = Model(2, 1, "0.7")


def power(exponent, target):
    """The curve t^exponent/target and its logarithmic slope."""
    return lambda t: (Estimate(t**exponent / target, 1e-15 + 0 * t), exponent + 0 * t)


@pytest.mark.parametrize(("exponent", "rising"), [(3.0, True), (-2.0, False)])
def test_newton_finds_the_root_of_a_power(exponent, rising):
    exact = np.array([0.9, 1e-3, 1e-9])
    found = solve_logarithmic(power(exponent, exact**exponent), rising, np.full(3, 0.5))
    assert np.all(np.abs(found.value - exact) <= found.error + 1e-15 * exact)


def test_newton_gives_up_on_a_curve_without_a_root():
    with pytest.raises(ConvergenceError, match="had not settled"):
        solve_logarithmic(lambda t: (Estimate(2 + t, 0 * t), 1 + 0 * t), True, np.array([0.5]))


@pytest.mark.parametrize("name", ["ratio", "edge_alpha", "outlier_alpha"])
def test_double_and_precise_root_agree(name):
    target = 1 if name == "ratio" else 2
    ensemble = ensemble_of(MODEL)
    rough = root(ensemble, double_parameters(MODEL), name, target)
    fine = precise_root(ensemble, parameters_of(MODEL), name, target, Start(rough.value), 40)
    assert abs(float(fine) - rough.value) <= rough.error < 1e-13


def test_a_poor_start_does_not_give_wrong_digits():
    ensemble, parameters = ensemble_of(MODEL), parameters_of(MODEL)
    good = precise_root(ensemble, parameters, "ratio", 1, Start(0.974071304726520), 40)

    def compute(working):
        return {"t": precise_root(ensemble, parameters, "ratio", 1, Start(0.97, 12), working)}

    with pytest.raises(PrecisionError, match="digits=40 could not be reached"):
        multiprecision.stable(compute, 40)
    assert abs(good - multiprecision.context(40).mpf("0.9740713047265201607414096942")) < 1e-27


def test_side_tells_a_tie_from_a_difference():
    limit = Model("inf", 1, 1)
    ensemble, parameters = ensemble_of(limit), parameters_of(limit)
    assert side(ensemble, parameters, lambda _: 1, "outlier_alpha", 1) == 0
    assert side(ensemble, parameters, lambda _: 1, "outlier_alpha", 1 + 10**-9) == -1
