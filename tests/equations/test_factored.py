"""Formulas are factored only where that loses no digits and comes to an end."""

import numpy as np
import pytest
from sympy import Float, Rational, cosh, exp, log, sqrt, symbols, tanh

from bbpsym import edge
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.real_values import compiled
from bbpsym.equations.factored import factored
from bbpsym.equations.weights import parts
from bbpsym.symbols import label
from tests.cases import long

x, y, yh, u = symbols("x y yh u")


def dip(k):
    return (y - yh) ** 2 / 2 + Rational(1, k) / (1 + k * (yh - Rational(1, 2)) ** 2)


def formulas(network):
    """Entries of F in independent variables, and the parts that the nodes are averaged with."""
    own = parts(network.loss, network.student, network.p, network.output == "mean")
    entries = network.radial_weights if network.is_radial else tuple(network.weight)
    return [f.subs(label, network.label) for f in (*entries, *own.loss, *own.activation)]


@pytest.mark.parametrize(
    "network",
    [
        Network(tanh(x), dip(100)),
        Network(tanh(x), dip(10**7)),
        *long(Network(tanh(x), dip(10**4), p=2)),
        Network(x**2, dip(10**7), p=5),
        Network(tanh(x), log(cosh(y - yh))),
        Network(1 / (1 + exp(-x)), (y - yh) ** 2 / (2 * (1 + y)), p=2),
    ],
    ids=str,
)
def test_a_compiled_weight_is_the_formula(network):
    """Also where a dip is a thousandth wide: `evalf` works until it has its digits."""
    rng = np.random.default_rng(3)
    for formula in formulas(network):
        names = sorted(formula.free_symbols, key=str)
        points = rng.normal(size=(6, len(names)))
        points[3:] = np.arctanh(0.5) + 3e-4 * points[3:]
        values = np.broadcast_to(compiled(formula, tuple(names))(*points.T)[0], 6)
        for point, value in zip(points, values, strict=True):
            exact = float(formula.evalf(20, subs=dict(zip(names, map(Float, point), strict=True))))
            assert value == pytest.approx(exact, rel=1e-10, abs=1e-11)


def test_the_edge_behind_a_narrow_dip():
    """By Gauss and Legendre in pieces about the dip, and a bisection in t."""
    found = edge(Network(tanh(x), dip(10**4)), 3)
    assert found.value == pytest.approx(-1.7719072733127, abs=2e-12)


def test_a_narrow_gaussian_is_left_as_it_is():
    """SymPy would take it for a polynomial of degree 2400, and go on for minutes."""
    narrow = Network(x, (y - yh) ** 2 / 2 + exp(-400 * (yh - 3) ** 2) / 400, teacher=tanh(u))
    assert narrow.weight[0, 0].has(exp)


def test_factors_may_lose_a_symbol():
    """Whose name no function of Python's may have: a derivation ended in a `SyntaxError`."""
    output = symbols(r"\hat{y}", positive=True)
    slope = (sqrt(output) - x) / sqrt(output)
    assert factored((output * (1 / output - slope / output) + slope) * y) == y


def test_what_gains_by_it_is_factored():
    assert factored(x**2 * y - x * y) == x * y * (x - 1)
