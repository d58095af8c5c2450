"""The parts of a fluctuation: divided differences, and resolvents that are simulated."""

import numpy as np
import pytest

from bbpsym.averages import over_outputs
from bbpsym.compile import PlaneSystem
from bbpsym.equations import fluctuation
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.fluctuation import g_2
from bbpsym.equations.sectors import ANTISYMMETRIC, SYMMETRIC, TRACE
from bbpsym.equations.spectrum import inverse_stieltjes, signal_self_energy
from bbpsym.finite import Point, draw, hessian
from bbpsym.numerics import plane
from bbpsym.symbols import a, alpha, g, p, p_star


def value(expression, p_=2, p_star_=1, a_=0.7, alpha_=2.0, **at):
    """A number for an expression in averages; `g` and `other` say where."""
    parameters = {p: p_, p_star: p_star_, a: a_, alpha: alpha_, g: at["g"], g_2: at.get("other")}
    system = PlaneSystem({"x": over_outputs(expression, hessian_ensemble())})
    return float(plane.evaluate(system, parameters)["x"].value)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_trace_sector_is_made_of_divided_differences(width):
    """`h(g) - h(g') = (g - g') h(g) h(g')`, so that nothing is averaged but `h` itself."""
    g_1, g_other = -0.2, -0.31
    at = {"p_": width, "p_star_": 2, "g": g_1, "other": g_other}

    def difference(curve):
        return (value(curve, **at) - value(curve.subs(g, g_2), **at)) / (g_1 - g_other)

    ladder = fluctuation.signal_ladder(g, g_2)[TRACE]
    assert value(ladder, **at) == pytest.approx(difference(signal_self_energy()), rel=1e-9)
    resolvents = fluctuation.two_resolvents(g, g_2)[TRACE]
    assert value(resolvents, **at) == pytest.approx(-1 / difference(inverse_stieltjes()), rel=1e-9)


MATRICES = {TRACE: [[1, 0], [0, 1]], SYMMETRIC: [[1, 2], [2, -1]], ANTISYMMETRIC: [[0, 1], [-1, 0]]}


def simulated(parameters, N, samples, places):
    """Mean and error of `(1/N) tr R (B x 1) R'`, the two other sectors over the trace, p = 2."""
    rows = []
    for index in range(samples):
        point = Point(N, *parameters)
        H = hessian(draw(point, point.stream(11, index)))
        R, S = (np.linalg.inv(z * np.eye(2 * N) - H).reshape(2, N, 2, N) for z in places)
        found = [
            np.einsum("kiaj,ab,bjli,kl->", R, B, S, B, optimize=True) / np.sum(np.square(B)) / N
            for B in MATRICES.values()
        ]
        rows.append(np.divide(found[1:], found[0]))
    return np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(samples)


@pytest.mark.parametrize("parameters", [(2, 1, 0.7, 2.0), (2, 2, 1.0, 3.0)], ids=str)
def test_two_resolvents_agree_with_simulations(parameters):
    """Symmetric and antisymmetric over trace: what moves all three alike, such as g, drops out."""
    at = dict(zip(("p_", "p_star_", "a_", "alpha_"), parameters, strict=True))
    at |= {"g": -0.45, "other": -0.4}
    curve = inverse_stieltjes()
    places = [value(item, **at) for item in (curve, curve.subs(g, g_2))]
    trace, *others = (value(item, **at) for item in fluctuation.two_resolvents(g, g_2).values())
    found, error = simulated(parameters, 250, 16, places)
    expected = np.divide(others, trace)
    assert np.all(np.abs(found - expected) < 4 * error)
    # Sharp enough to tell the three sectors apart.
    assert np.all(8 * error < np.abs(np.diff([1, *expected])))


def test_the_trace_sector_diverges_first():
    """At the edge its ladder is one, and the others stay below: the edge is that of the trace."""
    at = {"p_": 3, "p_star_": 2, "a_": 1.0, "alpha_": 5.0}
    for place in (-1.4, -1.0, -0.3):
        rungs = [value(item, g=place, **at) for item in fluctuation.bulk_ladder().values()]
        assert rungs == sorted(rungs, reverse=True)
