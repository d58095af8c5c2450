"""phi(alpha, N) from sampled weights, against simulations, the limit, and an expansion."""

from concurrent.futures import ThreadPoolExecutor
from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from bbpsym import Model, outlier, predicted_crossing, predicted_phi, threshold
from bbpsym.errors import DomainError
from bbpsym.finite import Summary
from tests.cases import long

MODEL = Model(1, 1, "1.5")
DATA = Path(__file__).parents[2] / "data"


def rng():
    return np.random.default_rng(1)


def test_far_from_the_transition_all_samples_agree():
    low, high = predicted_phi(MODEL, ["0.5", 3], 3000, 20, rng())
    assert (low.phi, high.phi) == (0, 1)
    assert low.overlap2 == 0
    assert 0 < low.phi_error < 0.1  # 20 samples that agree prove no more
    assert high.overlap2 == pytest.approx(0.297, abs=6 * high.overlap2_error)
    assert high.record()["phi"] == 1


def test_the_result_does_not_depend_on_the_executor():
    arguments = (MODEL, [1, "1.2"], 300, 60)
    with ThreadPoolExecutor(2) as pool:
        assert predicted_phi(*arguments, rng(), executor=pool) == predicted_phi(*arguments, rng())


@pytest.mark.long
def test_continuous_transitions_step_at_the_threshold():
    """a = 1: the edge is sharp there, so that no extreme weight delays it."""
    model = Model(1, 1, 1)
    found = predicted_crossing(model, 10**12, 20, rng())
    assert found.alpha == pytest.approx(threshold(model).alpha, rel=2e-3)


@pytest.mark.long
def test_discontinuous_transitions_step_early():
    found = predicted_crossing(MODEL, 10**5, 20, rng(), extremes=1000)
    assert 1.05 < found.alpha < 1.15
    assert found.error < 0.02


def extreme_distance(log_size, quantile=0.5):
    """The tau such that the least of M samples of (a + 3 yh)/(a + y) lies below with probability.

    For p = p* = 1: y > (a + 3 yh)/tau - a, by a quadrature of its own.
    """

    def log_expected(tau):
        def tail(s):  # exp(-x^2/2) is taken out of erfc, which underflows
            x = (1.5 + 3 * s * s) / tau - 1.5
            x0 = 1.5 / tau - 1.5
            return sqrt(2 / np.pi) * exp(-s * s / 2) * sqrt(2 / (np.pi * x)) * exp((x0 - x) / 2)

        return log(quad(tail, 0, np.inf)[0]) - (1.5 / tau - 1.5) / 2 + log_size

    return brentq(lambda tau: log_expected(tau) - log(-log(1 - quantile)), 1e-3, 0.1)


@pytest.mark.parametrize("exponent", [30, *long(100)])
def test_the_drift_is_that_of_the_lowest_weight(exponent):
    """To first order in the least tau the outlier curve is followed past t = 1 to 1/(1 - tau)."""
    alpha_bbp = threshold(MODEL).alpha
    near = outlier(MODEL, alpha_bbp + 1e-4)
    slope = 1e-4 / (near.t - 1)
    tau = extreme_distance(exponent * log(10) + log(alpha_bbp))
    found = predicted_crossing(MODEL, f"1e{exponent}", 20, rng(), extremes=1000)
    first_order = alpha_bbp + slope * tau
    drift = alpha_bbp - found.alpha
    assert drift > 0
    assert alpha_bbp - first_order == pytest.approx(drift, rel=0.02)


@pytest.mark.long
def test_curves_of_small_sizes_cross():
    found = predicted_crossing(MODEL, 100, 60, rng(), larger=1000)
    assert found.sizes == (100, 1000)
    assert found.alpha == pytest.approx(1.09, abs=5 * found.error)
    assert found.error < 0.15


@pytest.mark.long
def test_curves_of_large_sizes_do_not():
    with pytest.raises(DomainError, match="do not cross while the larger size rises"):
        predicted_crossing(MODEL, 10**9, 20, rng(), larger="1e15", extremes=500)


def simulated(alpha):
    (row,) = Summary.from_csv(DATA / "summary.csv").select(p=1, a=1.5, N=1000, alpha=alpha).rows
    (found,) = predicted_phi(MODEL, [str(alpha)], 1000, 60, rng())
    return row, found


@pytest.mark.parametrize("alpha", [1.6, 1.8, 2.0])
def test_overlaps_of_simulations_above_the_threshold(alpha):
    """N = 1000: the prediction and 100 Hessians a point."""
    row, found = simulated(alpha)
    error = sqrt(found.overlap2_error**2 + row.lowest_overlap2.error**2)
    assert abs(found.overlap2 - row.lowest_overlap2.value) < 4 * error


def test_phi_of_small_simulations_is_flatter():
    """What the documentation says: at N = 1000 the signs still decide, on both sides."""
    row, found = simulated(0.6)
    assert found.phi < row.phi.value - 4 * row.phi.error
    row, found = simulated(1.6)
    assert found.phi > row.phi.value + 4 * row.phi.error


@pytest.mark.slow
def test_extreme_weights_give_the_same_phi_as_all():
    all_of_them = predicted_phi(MODEL, ["1.1"], 10**5, 400, rng(), extremes=0)[0]
    extreme = predicted_phi(MODEL, ["1.1"], 10**5, 400, rng(), extremes=4000)[0]
    error = sqrt(all_of_them.phi_error**2 + extreme.phi_error**2)
    assert abs(all_of_them.phi - extreme.phi) < 4 * error


BAD = {
    "samples must be an integer from 1": lambda: predicted_phi(MODEL, [1], 100, 0, rng()),
    "samples must be an integer from 20": lambda: predicted_crossing(MODEL, 100, 5, rng()),
    "alpha must be a number": lambda: predicted_phi(MODEL, [0], 100, 5, rng()),
    "rng must be": lambda: predicted_phi(MODEL, [1], 100, 5, None),
    "larger must be larger": lambda: predicted_crossing(MODEL, 100, 20, rng(), larger=50),
    "N must be": lambda: predicted_phi(MODEL, [1], "x", 5, rng()),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()
