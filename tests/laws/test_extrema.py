"""Bounds of weights, and where they are cut."""

import numpy as np
import pytest
from flint import arb
from sympy import (
    Abs,
    Heaviside,
    LambertW,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    acot,
    atan,
    besseli,
    besselj,
    cbrt,
    cos,
    cosh,
    digamma,
    erf,
    exp,
    expint,
    fresnels,
    gamma,
    log,
    oo,
    pi,
    polylog,
    sech,
    sign,
    sin,
    sinc,
    sinh,
    sqrt,
    tan,
    tanh,
    zeta,
)

from bbpsym import discrete_labels, labels_of, teacher_labels
from bbpsym.errors import DomainError
from bbpsym.functions.arb_functions import precision
from bbpsym.functions.balls import enclosure, written
from bbpsym.functions.signs import sign_of
from bbpsym.laws.extrema import extremes, pieces
from bbpsym.symbols import label as y
from tests.cases import long

ONE, LINE = teacher_labels(1), teacher_labels(1, "0.5")


@pytest.mark.parametrize(
    ("weight", "law", "low", "high"),
    [
        (1 - 1 / y, ONE, -oo, 1),
        ((1 - y) / (Rational(7, 10) + y), ONE, -1, Rational(10, 7)),
        (y * (2 - y), ONE, -oo, 1),
        (y * exp(-y), ONE, 0, exp(-1)),
        (Piecewise((y, y <= 3), (0, True)), ONE, 0, 3),
        (Piecewise((1, y >= 2), (0, True)), ONE, 0, 1),
        (Min(y, 3), LINE, -oo, 3),
        (Max(Min(y, 3), -2), LINE, -2, 3),
        (Abs(y - 1), ONE, 0, oo),
        (1 / (y - 1), ONE, -oo, oo),
        (y**2 - y, discrete_labels({0: "1/2", 3: "1/2"}, 1), 0, 6),
        (y**3 - 3 * y, labels_of(Rational(1, 4), 1, support=(-2, 2)), -2, 2),
        (1 / (1 + (y - sqrt(2)) ** 2), ONE, 0, 1),
        (1 - (y - sqrt(2)) ** 4, ONE, -oo, 1),
        ((cbrt(y) - 1) / (1 + cbrt(y) ** 2), ONE, -1, (sqrt(2) - 1) / 2),
        (acot(y - Rational(1, 3)), ONE, -pi / 2, pi / 2),
        (y + 2 * atan(1 / (y - Rational(1, 3))), ONE, Rational(1, 3) - pi, oo),
        (atan(tan(y)), labels_of(Rational(1, 5), 1, support=(0, 5)), -pi / 2, pi / 2),
        (1 / (1 + (y - pi) ** 4), ONE, 0, 1),
        *long((1 / (y**2 - pi * y + 1), ONE, -oo, oo)),
        (-1 / (y**2 - exp(1) * y - 1), ONE, -oo, oo),
        (-((y**2 - sqrt(2)) ** -2), ONE, -oo, 0),
        (-sech(y), ONE, -1, 0),
        (acot(y + 1), ONE, 0, pi / 4),
        (1 - 1 / sqrt(y), ONE, -oo, 1),
        (erf(y - 1), ONE, -erf(1), 1),
        (exp(-2 * y) - exp(-y), ONE, Rational(-1, 4), 0),
        (Min(3, log(y)), ONE, -oo, 3),
        (Heaviside(y - 1) - sign(y - 2), ONE, 0, 2),
        (1 / (exp(y) - 2) ** 2, ONE, 0, oo),
        (cos(y), ONE, -1, 1),
        (Abs(log(y)) - sign(log(y)), ONE, -1, oo),
        (sinc(y - 3), ONE, sinc(Rational("4.4934094579090641753078809272802837")), 1),
        (Max(tanh(y), y / 3), ONE, 0, oo),
        *long((gamma(y + 1) / gamma(y + Rational(3, 2)), ONE, 0, 2 / sqrt(pi))),
        *long((1 / zeta(y + 2), ONE, 6 / pi**2, 1)),
        (-exp(-LambertW(y)), ONE, -1, 0),
        (Abs(y) ** Rational(1, 3), LINE, 0, oo),
        *long((expint(1, y + 1) - S.One / 20, ONE, -S.One / 20, expint(1, 1) - S.One / 20)),
    ],
)
def test_bounds(weight, law, low, high):
    found = extremes(weight, law)
    for mine, exact in ((found.low, low), (found.high, high)):
        if mine.is_infinite:
            assert mine == exact
        else:
            assert abs((mine - exact).evalf(30)) < 1e-28


def test_a_pole_without_closed_form_is_refused():
    with pytest.raises(DomainError, match="poles in closed form, not as near 1"):
        extremes(1 / (y**3 - pi * y - 1), ONE)


@pytest.mark.parametrize(
    ("weight", "law"),
    [
        (1 / gamma(y + 1), ONE),
        (y**y / (1 + y**y), ONE),
        (-1 / cosh(y), ONE),
        (sqrt(y + 1) - sqrt(y + 2), ONE),
        (log(1 + y) / y, ONE),
        *long((tanh(y) / y, LINE)),
        *long((digamma(y + 1) - log(y + 1), ONE)),
        *long((besselj(0, y) ** 2, ONE)),
        *long((sin(y) ** 2 / y**2, ONE)),
        *long((fresnels(y), ONE)),
        (sqrt(y**2 + 1) - y, ONE),
        (y - sqrt(y**2 - y + 1), ONE),
        *long((cosh(y - 1) / (1 + cosh(y) ** 2), ONE)),
        (tanh(y) ** 2, ONE),
        *long((-besseli(0, y) * exp(-y), ONE)),
        *long((polylog(2, exp(-y)), ONE)),
        (y - (y**3 + 1) ** Rational(1, 3), ONE),
        (y - (y**5 + y + 1) ** Rational(1, 5), ONE),
        *long((besselj(Rational(1, 2), y), ONE)),
        *long((zeta(2, y + 1), ONE)),
    ],
    ids=str,
)
def test_bounds_are_proved_where_plain_enclosures_are_too_wide(weight, law):
    assert extremes(weight, law).is_proved


@pytest.mark.parametrize(
    "function",
    [
        digamma(y + 1) - digamma(y + 2),
        sqrt(y + 1) - sqrt(y + 2),
        y * (1 - tanh(y) ** 2) - tanh(y),
        (y - 3) ** 3 * exp(-y) / (1 + y**y) ** 2,
        sinh(y - 3) * cosh(y) * gamma(y),
        log(1 + y) - 1 / y,
        sin(y) ** 2 - 2,
        sqrt(y) ** 3 * (y - 3) / (y + exp(y)),
    ],
    ids=str,
)
def test_a_sign_is_that_of_all_values(function):
    sign, value = sign_of(written(function)), enclosure(function)
    known = 0
    with precision(256):
        for low in (arb(10) ** k for k in range(-8, 9)):
            for share in (9, 2, 0.1, 0.01):
                found = sign((low * (1 + share)).union(low))
                known += found != 0
                points = [value(low * (1 + share * k / 7)) for k in range(8)]
                assert not found or all(found * x > 0 for x in points)
    assert known > 20


def test_an_oscillating_weight_is_bounded_where_it_is_largest():
    found = extremes(sin(pi * y) * exp(-y / 3), labels_of(exp(-y), 1))
    grid = np.linspace(0, 30, 1_000_001)
    values = np.sin(np.pi * grid) * np.exp(-grid / 3)
    assert float(found.high) == pytest.approx(values.max(), abs=1e-9)
    assert float(found.low) == pytest.approx(values.min(), abs=1e-9)
    # A rule needs a break where each bound is reached, and some between so many turns: the further
    # from one another the smaller these are.
    assert set(found.low_at + found.high_at) <= set(found.breaks)
    others = [float(x) for x in found.breaks[1:-1] if x not in found.low_at + found.high_at]
    steps = np.diff([0, *others])
    assert steps[0] == pytest.approx(8, abs=1)
    assert all(np.diff(steps) > 2)
    assert found.digits < 100


def test_pieces_meet():
    parts = pieces(Max(Min(y, 3), -2), LINE)
    assert [part.low for part in parts] == [-oo, -2, 0, 1, 3]
    assert [part.weight for part in parts] == [-2, y, y, y, 3]
