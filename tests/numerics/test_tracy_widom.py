"""The Tracy-Widom law against published numbers and against its other definition."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import airy

from bbpsym.numerics.finite_n import tracy_widom

#: Bornemann, arXiv:0804.2543, table 10: mean and variance for beta = 1.
MEAN, VARIANCE = -1.2065335745820, 1.607781034581


def test_published_moments():
    law = tracy_widom.law()
    assert law.error < 1e-12
    assert law.mean == pytest.approx(MEAN, abs=1e-12)
    assert law.deviation**2 == pytest.approx(VARIANCE, abs=1e-11)


def test_painleve():
    """`F1 = exp(-int (q + (x - s) q^2)/2)` with q'' = x q + 2 q^3, q ~ Ai: no determinant."""
    start, points = 5.0, np.array([2.0, 0.0, -1.5, -3.0])
    ai, slope = airy(start)[:2]
    # q, q', and the integrals from x to infinity of q, q^2 and of int q^2.
    above = np.linspace(start, 16, 20001)
    q = airy(above)[0]
    once = np.trapezoid(q**2, above)
    twice = np.trapezoid((above - start) * q**2, above)

    def right(x, v):
        return [v[1], x * v[0] + 2 * v[0] ** 3, -v[0], -(v[0] ** 2), -v[3]]

    found = solve_ivp(
        right,
        (start, points[-1]),
        [ai, slope, np.trapezoid(q, above), once, twice],
        method="DOP853",
        t_eval=points,
        rtol=1e-11,
        atol=1e-14,
    )
    expected = np.exp(-(found.y[2] + found.y[4]) / 2)
    assert tracy_widom.distribution(points) == pytest.approx(expected, abs=1e-7)
