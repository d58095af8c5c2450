"""Limits of weights: by continuity where that tells, else by SymPy."""

import pytest
from sympy import Max, Piecewise, Rational, atan, cosh, erf, exp, log, oo, pi, sqrt, symbols, tanh

from bbpsym import Network, edge
from bbpsym.ensembles.networks.limits_at_infinity import limit_at, limit_of
from bbpsym.errors import PrecisionError

x, v = symbols("x v", real=True)


@pytest.mark.parametrize(
    ("moving", "value"),
    [
        (tanh(x - v**2 + atan(v)), -1),
        (log(1 + exp(-v)) + x, x),
        (tanh(tanh(v) / 2 + erf(x) / 2), tanh(erf(x) / 2 + 0.5)),
        (x * sqrt(1 - tanh(v) ** 2), 0),
        # What grows against what vanishes is not told by either alone.
        (tanh(v * (pi / 2 - atan(v))), tanh(1)),
        ((1 - tanh(v)) * exp(2 * v), 2),
    ],
)
def test_limits(moving, value):
    found = limit_at(moving, v, oo)
    assert complex((found - value).subs(x, 0.3)) == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("moving", [tanh(x * v), tanh(v) / (1 - tanh(v)), exp(v)])
def test_what_has_no_limit_is_said(moving):
    with pytest.raises(PrecisionError, match="no limit as v goes to oo"):
        limit_at(moving, v, oo)


def test_a_label_of_pieces_has_the_limit_of_the_piece_that_counts():
    """SymPy's own ends in a TypeError; the value is that of panels between the breaks."""
    y, yh, u = symbols("y yh u1")
    pieces = Piecewise((exp(v), v < 3), (tanh(v), v > 5))  # none of which holds at 4
    assert limit_of(x, pieces, {v: oo}, {}) == x
    network = Network(x**2, log(cosh(y - yh)), teacher=Max(u, Rational(3, 10)))
    assert edge(network, 3).value == pytest.approx(-1.8590232423, rel=1e-10)
