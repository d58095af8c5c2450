"""A proof that two curves do not meet, and what it must not prove."""

import numpy as np
import pytest
from sympy import Rational, Symbol, exp, tanh
from sympy.abc import y

from bbpsym import Ensemble, Network, discrete_labels, labels_of, threshold
from bbpsym.answers.threshold import _elsewhere
from bbpsym.errors import DomainError, NoOutlierError
from bbpsym.numerics.absence import Rates, is_proved

HALF = Rational(1, 2)

GRID = 1 / (1 + np.exp(-np.linspace(-20, 20, 81)))


def of_atoms(weights, shares, factors):
    """Rates of a law of few values."""
    f, share, u2 = (np.asarray(item, dtype=float) for item in (weights, shares, factors))

    def rates(t):
        h = f / (1 + np.multiply.outer(t, f))
        return Rates(
            -t * (h @ (share * (u2 - 1))), t**2 * (h**2 @ share), t**2 * (h**2 @ (share * u2))
        )

    return rates


@pytest.mark.parametrize("seed", range(12))
def test_random_atoms(seed):
    rng = np.random.default_rng(seed)
    weights = np.append(-1, rng.normal(size=4).clip(-0.95))
    shares = rng.dirichlet(np.ones(5))
    rates = of_atoms(weights, shares, rng.gamma(0.5, 2, size=5))
    fine = 1 / (1 + np.exp(-np.linspace(-20, 20, 200_001)))
    outlier, edge, _ = rates(fine)
    meets = bool(np.any(outlier >= edge))
    assert is_proved(rates, GRID) is not meets


def test_a_narrow_meeting_between_points_is_not_overlooked():
    def rates(t):
        bump = 0.2 * np.exp(-(((t - 0.5001) / 1e-5) ** 2))
        return Rates(t**2 * (0.9 + bump), t**2, t**2 * 1e5)

    assert not is_proved(rates, GRID)


def test_what_is_not_a_number_proves_nothing():
    assert not is_proved(lambda t: Rates(*(np.full(t.shape, np.nan),) * 3), GRID)


def coin(excess):
    """Labels +1 and -1 with signals that differ by twice the excess."""
    return discrete_labels({1: HALF, -1: HALF}, {1: 1 + excess, -1: 1 - excess})


def test_an_outlier_at_a_huge_alpha_is_found():
    found = threshold(Ensemble(y, coin(Rational(1, 10**6))), side="right")
    assert abs(float(found.alpha) * 1e-12 - 1) < 1e-12  # R = excess, Q = 1: alpha = 1/excess^2


@pytest.mark.parametrize("excess", [Rational(1, 10**14), 0, -Rational(1, 10**6)])
def test_absence_is_claimed_as_far_as_alpha_goes(excess):
    with pytest.raises(DomainError, match=r"no outlier on this side .* up to 1e24"):
        threshold(Ensemble(y, coin(excess)), side="right")


def test_a_threshold_on_the_other_side_is_named():
    with pytest.raises(NoOutlierError, match=r'with side="right" there is one from alpha = 1e\+06'):
        threshold(Ensemble(y, coin(Rational(1, 10**3))))


def test_the_other_side_is_asked_about_the_same_sector_and_of_few_nodes_not_at_all():
    x, yh = Symbol("x"), Symbol("yh")
    one, two = (Network(tanh(x), (Symbol("y") - yh) ** 2 / 2, p=p) for p in (1, 2))
    assert "from alpha = 1.80488 on" in _elsewhere(one, "right", "signal")
    assert _elsewhere(one, "right", "trivial") == _elsewhere(two, "right", None) == ""


def test_without_a_signal_there_is_no_outlier_though_the_edge_moves_slowly():
    with pytest.raises(DomainError, match="no outlier"):  # <f^2> diverges
        threshold(Ensemble(-exp(y), labels_of(exp(-y), 1)), side="right")
