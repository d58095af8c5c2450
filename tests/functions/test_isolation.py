"""Extremes and roots that are proved to be all there are."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sympy import LambertW, Rational, S, Shi, besselj, cos, exp, log, oo, sin, sqrt, tan, tanh

from bbpsym.errors import ConvergenceError
from bbpsym.functions.isolation import is_limit, roots, stationary, turns_rarely, value_at
from bbpsym.symbols import label as y
from tests.cases import long


@pytest.mark.parametrize("at", [Rational(1, 50), *long(3, 700, 20_000)])
def test_a_narrow_peak_is_found_wherever_it_is(at):
    weight = tanh(y - 1) + 2 * exp(-400 * (y - at) ** 2)
    found = minimize_scalar(
        lambda x: -np.tanh(x - 1) - 2 * np.exp(-400 * (x - float(at)) ** 2),
        bounds=(float(at) - 0.05, float(at) + 0.05),
        method="bounded",
        options={"xatol": 1e-12},
    )
    heights = [float(value_at(weight, x)) for x in stationary(weight, S.Zero, oo).points]
    assert max(heights) == pytest.approx(-found.fun, abs=1e-12)


@pytest.mark.parametrize("seed", [0, *long(1, 2, 3, 4, 5)])
def test_random_sums_of_peaks(seed):
    """Many peaks of many widths, against a grid that resolves all of them."""
    rng = np.random.default_rng(seed)
    rows = [
        tuple(Rational(str(round(x, 3))) for x in row)
        for row in np.column_stack(
            [rng.normal(size=8), rng.uniform(0, 6, 8), 10 ** rng.uniform(0, 3, 8)]
        )
    ]
    weight = sum(h * exp(-k * (y - at) ** 2) for h, at, k in rows)
    grid = np.linspace(0, 6, 600_001)
    values = sum(float(h) * np.exp(-float(k) * (grid - float(at)) ** 2) for h, at, k in rows)
    heights = [float(value_at(weight, x)) for x in stationary(weight, S.Zero, S(6)).points]
    heights += [values[0], values[-1]]
    assert max(heights) == pytest.approx(values.max(), abs=1e-6)
    assert min(heights) == pytest.approx(values.min(), abs=1e-6)
    assert max(heights) >= values.max() - 1e-12
    assert min(heights) <= values.min() + 1e-12


def test_roots():
    found = roots(exp(y) - 2, S.Zero, oo).points
    assert abs(found[0] - log(2).evalf(60)) < Rational(1, 10**55)
    assert len(found) == 1
    assert len(roots(cos(y) - y / 20, -oo, oo).points) == len(
        np.flatnonzero(np.diff(np.sign(np.cos(g := np.linspace(-30, 30, 300_001)) - g / 20)))
    )


@pytest.mark.long
def test_what_is_seen_at_samples_is_not_called_proved():
    assert stationary(tanh(y), S.Zero, oo).is_proved
    # Far out its terms cancel in every box; it rises, as one over their sum shows.
    assert stationary(1 / (y + sqrt(y**2 + 1)), S.Zero, oo).is_proved
    assert stationary(y - sqrt(y**2 + 1), S.Zero, oo).is_proved  # as its squares show
    assert stationary(y - (y**3 + 1) ** Rational(1, 3), S.Zero, oo).is_proved  # and its cubes
    assert not stationary(Shi(y) * exp(-y), S.Zero, oo).is_proved


def test_turns_are_not_fewer_than_there_are():
    """Six of them between 0 and 20."""
    assert turns_rarely(sin(y), S.Zero, S(20), 7)
    assert not turns_rarely(sin(y), S.Zero, S(20), 6)
    assert turns_rarely(exp(y), S.Zero, S(20), 1)


def test_what_cannot_be_proved_is_refused():
    with pytest.raises(ConvergenceError):
        stationary(tan(y), S.Zero, oo)
    with pytest.raises(ConvergenceError):
        roots((exp(y) - 2) ** 2, S.Zero, oo)  # not simple
    with pytest.raises(ConvergenceError):
        roots(sin(1 / y), S.Zero, S.One)


def test_limits_are_held_against_numbers():
    assert is_limit(-exp(-LambertW(y)), S.Zero, oo, "-")
    assert not is_limit(-exp(-LambertW(y)), -S.One, oo, "-")  # SymPy 1.14's answer
    assert is_limit(1 / log(y), S.Zero, S.Zero, "+")
    assert not is_limit(1 + 1 / log(y), S.Zero, S.Zero, "+")
    assert is_limit(log(y), -oo, S.Zero, "+")
    assert not is_limit(2 - 1 / log(y), oo, oo, "-")
    assert is_limit(besselj(0, y), S.Zero, oo, "-", fast=True)
    assert not is_limit(cos(y), S.One, oo, "-")
