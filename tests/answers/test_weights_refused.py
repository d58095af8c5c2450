"""Laws and weights that have no answer, or one at the border of what is asked."""

import numpy as np
import pytest
import scipy.stats
from scipy.integrate import quad
from sympy import Piecewise, Rational, S, cos, exp, floor, pi, sin, sqrt, tan, tanh
from sympy.abc import x, y

from bbpsym import (
    Ensemble,
    Model,
    averaged_hessian,
    density,
    discrete_labels,
    edge,
    labels_of,
    laplace_labels,
    luo_alghamdi_lu,
    mondelli_montanari,
    outlier,
    spiked_identity,
    teacher_labels,
    threshold,
    trimmed,
    truncated,
)
from bbpsym.errors import BBPError, ConvergenceError, DomainError, NoOutlierError, PrecisionError

ONE = teacher_labels(1)
COIN = discrete_labels({0: "1/2", 1: "1/2"}, {0: "1/2", 1: "3/2"})
WEIGHT = (1 - y) / (Rational(7, 10) + y)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: threshold(luo_alghamdi_lu(1)), "side must be"),
        (lambda: edge(Ensemble(y, ONE), 2, side="right"), "unbounded above"),
        (lambda: edge(Ensemble(y, ONE), 2, side="up"), "side must be"),
        (lambda: edge(Model(1, 1, 1), 2, side="right"), "side must be"),
        (lambda: outlier(Model(1, 1, 1), 2, side="right"), "side must be"),
        (lambda: threshold(Model(1, 1, 1), side="right"), "side must be"),
        (lambda: threshold(Ensemble(tanh(y), ONE), certified=True, side="right"), "certified must"),
        (lambda: edge(Ensemble(1, COIN), "0.9"), "alpha must be above 1"),
        (lambda: threshold(Ensemble(y, ONE)), "has no outlier"),
        (lambda: Ensemble(0, ONE), "not zero"),
        (lambda: threshold(Ensemble(y - 1, discrete_labels({1: 1}, 1))), "no outlier"),
        (lambda: edge(Ensemble(1 / (y - 1), ONE), 2), "on one side.* as y goes to 1"),
        (lambda: edge(Ensemble(1 / (exp(y) - 2), ONE), 2), "bounded on one side"),
        (lambda: edge(Ensemble(floor(y), ONE), 2), "Piecewise"),
        (lambda: edge(Ensemble(tan(y), ONE), 2), r"can be proved.* near y = 1\.5708"),
        (lambda: laplace_labels(cos(y), y), "laplace must fall"),
        (lambda: laplace_labels(1 / (1 + x), exp(x)), "signal must be a polynomial"),
        (lambda: threshold(Ensemble(tanh(y), labels_of(exp(-y), 1 - y))), "mean square"),
        (lambda: discrete_labels([1, 2], y), "probabilities must be a mapping"),
        (lambda: labels_of(exp(-y), y, (0,)), "support must be"),
        (lambda: labels_of(exp(-y), y, None), "support must be numbers"),
        (lambda: labels_of(exp(-x), y), "same symbol"),
        (lambda: teacher_labels(1, "1e-12"), "noise must be"),
        (lambda: Ensemble(x + y, ONE), "one symbol"),
        (lambda: Ensemble("1 - y", ONE), "SymPy expression"),
        (lambda: Ensemble(y, scipy.stats.chi2(1)), "law must be Labels"),
        (lambda: edge(Ensemble(Piecewise((y, y < 1)), ONE), 2), "a real value everywhere"),
        (lambda: edge(Ensemble(Piecewise((1, sin(y) > 0), (0, True)), ONE), 2), "single points"),
        (lambda: edge(Ensemble(sqrt(1 - y), ONE), 2), "must be real"),
        (lambda: teacher_labels(0), "p_star must be"),
        (lambda: teacher_labels(1, -1), "noise must be"),
        (lambda: discrete_labels({0: "1/2"}, 1), "probabilities must be"),
        (lambda: discrete_labels({0: 1}, {1: 1}), "signal must have"),
        (lambda: labels_of(exp(-y), 1, support=(1, 0)), "support must be"),
        (lambda: laplace_labels(2 / (1 + x), 1), "laplace must be one"),
        (lambda: spiked_identity(-1), "theta must be"),
        (lambda: mondelli_montanari(2, "0.9"), "alpha must be at least"),
        (lambda: trimmed(1, 0), "level must be"),
        (lambda: averaged_hessian(1), "model must be"),
        (lambda: density(Ensemble(WEIGHT, laplace_labels(1 / (1 + x), y)), 2, 0.5), "law must"),
    ],
)
def test_bad_input_is_one_sentence(call, words):
    with pytest.raises(DomainError, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_digits_beyond_a_law_in_double_precision():
    ensemble = Ensemble(WEIGHT, labels_of(scipy.stats.chi2(1), y))
    with pytest.raises(PrecisionError, match="digits must be at most"):
        threshold(ensemble, digits=30)


def test_no_outlier_where_the_weight_has_no_mean():
    """Far from its bound the weight grows like the inverse of the share beyond it."""
    law = labels_of(2 / pi, 4 / pi * y, (0, pi / 2))
    with pytest.raises(NoOutlierError, match="no outlier on this side of its bulk at any alpha"):
        threshold(Ensemble(tan(y) - 1, law))


def test_a_law_that_is_no_probability_is_refused():
    with pytest.raises(BBPError, match="density must"):
        threshold(Ensemble(WEIGHT, labels_of(2 * exp(-y), y)))


def test_a_heavy_tail_is_integrated_or_refused():
    law = labels_of(2 / S.Pi / (1 + y**2), 1, name="half a Cauchy law")
    ensemble = Ensemble(tanh(y), law)
    exact = quad(lambda e: 2 / np.pi / (1 + e * e) * np.tanh(e) / (1 + np.tanh(e)), 0, np.inf)[0]
    try:
        found = ensemble.side().curve.values(1.0, "inverse_stieltjes", alpha=1.0)
    except ConvergenceError:
        return
    assert found["inverse_stieltjes"].value + 1 == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("ensemble", [trimmed(1, 200), trimmed(1, 1000), truncated(1, 200)])
def test_an_unseen_mass_at_the_bound_is_no_smooth_edge(ensemble):
    # Labels of positive density reach the bound, be they as rare as exp(-500).
    with pytest.raises(ConvergenceError):
        threshold(ensemble, side="right")


def test_below_the_rank_there_is_no_outlier():
    assert outlier(spiked_identity("-0.5"), "0.5") is None


def test_at_a_threshold_itself():
    # A continuous transition begins with nothing, a discontinuous one with its jump.
    assert outlier(luo_alghamdi_lu(1), "0.5", side="right") is None
    assert outlier(spiked_identity("0.5"), 4, side="right") is None
    averaged = averaged_hessian(Model(2, 1, "0.7"))
    jump = threshold(averaged)
    assert outlier(averaged, "1.35").overlap2 == pytest.approx(jump.overlap2, rel=1e-12)
    assert outlier(averaged, "1.34999999999999999999") is None
    above = outlier(averaged, "1.35000000000000000001")
    assert above.overlap2 == pytest.approx(jump.overlap2, rel=1e-12)
