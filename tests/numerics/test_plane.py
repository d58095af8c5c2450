"""Averages in the plane of both outputs, against moments and the one-dimensional integrals."""

import math

import numpy as np
import pytest

from bbpsym.averages.laplace_variable import over_outputs, reduce
from bbpsym.compilation.compile import PlaneSystem, System
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.spectrum import bulk_self_energy, overlap2, signal_self_energy
from bbpsym.numerics import double, plane
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.symbols import a, alpha, g, p, p_star, t

OUTPUTS = {
    "bulk": bulk_self_energy(),
    "signal": signal_self_energy(),
    "overlap2": overlap2(),
    "square": bulk_self_energy().diff(g),
}


@pytest.mark.parametrize("width", [1, 2, 3, 10, 1000, 10**6])
def test_moments_of_an_output(width):
    nodes, weights = plane.nodes(float(width), plane.STEP)
    assert np.sum(weights) == pytest.approx(1, rel=1e-14)
    for order in (1, 2, 4):
        exact = math.prod(1 + 2 * k / width for k in range(order))
        assert weights @ nodes**order == pytest.approx(exact, rel=1e-8)


@pytest.mark.parametrize("widths", [(1, 1), (2, 3), (7, 1), (100, 2), (1, 10**4)], ids=str)
@pytest.mark.parametrize("loss", [1e-6, 0.1, 1, 1e4])
def test_both_routes_to_an_average_agree(widths, loss):
    """Nothing is shared but the equations: nodes in y and yh here, one Laplace variable there."""
    flat = PlaneSystem({k: over_outputs(v, hessian_ensemble()) for k, v in OUTPUTS.items()})
    line = System({k: reduce(v, hessian_ensemble()) for k, v in OUTPUTS.items()})
    symbols = {p: float(widths[0]), p_star: float(widths[1]), a: loss, alpha: 3.0}
    model = {symbol.name: value for symbol, value in symbols.items()}
    unit = 2 / widths[0]
    powers = {"bulk": unit, "signal": unit, "overlap2": 1.0, "square": unit**2}
    for place in (0.01, 0.5, 0.99, 1.0):
        found = plane.evaluate(flat, {**model, g.name: -place / unit})
        exact = double.evaluate(line, {**model, t.name: place}, CHI_SQUARE)
        for name, power in powers.items():
            value, error = exact[name]
            allowed = 4 * found[name].error + power * error + 1e-12 * abs(power * value)
            assert abs(found[name].value - power * value) <= allowed
            assert found[name].error < 1e-5 * abs(found[name].value) + 1e-6
