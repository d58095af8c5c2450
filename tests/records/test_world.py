"""The answers of the package are the numbers of the brute-force world."""

from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational

from bbpsym import Model, edge, outlier, threshold
from bbpsym import symbols as s
from bbpsym.finite import Point, draw, hessian
from bbpsym.records.world import World


def world(model, g, alpha=1):
    values = {s.p: model.p, s.p_star: model.p_star, s.a: Rational(model.a), s.alpha: alpha}
    return World({k: Rational(v) for k, v in values.items()} | {s.g: float(g)}, 10)


@pytest.mark.parametrize("model", [Model(1, 2, "1.1"), Model(3, 1, "0.9"), Model(2, 3, 2)])
def test_thresholds(model):
    found = threshold(model)
    there = world(model, found.g)
    assert there.on_outlier()[s.alpha] == pytest.approx(found.alpha, rel=1e-11)
    assert there[s.outlier] == pytest.approx(found.value, rel=1e-11)
    assert there[s.alpha_c] == pytest.approx(found.alpha_c, rel=1e-11)
    assert there[s.overlap2] == pytest.approx(found.overlap2, abs=1e-10)


@pytest.mark.parametrize("alpha", [Fraction(1, 2), Fraction(5, 2), 6])
def test_edges_and_outliers(alpha):
    model = Model(2, 1, "0.7")
    at = edge(model, alpha)
    assert world(model, at.g, alpha)[s.edge] == pytest.approx(at.value, rel=1e-11)
    if alpha > 1:
        found = outlier(model, alpha)
        there = world(model, found.g)
        assert there.on_outlier()[s.alpha] == pytest.approx(float(alpha), rel=1e-11)
        assert there[s.overlap2] == pytest.approx(found.overlap2, rel=1e-10)


def test_the_world_is_that_of_sampled_hessians():
    """The trace of a resolvent at `lambda(g)` is g."""
    there = world(Model(2, 1, "0.7"), -0.2, 4)
    H = hessian(draw(Point(300, 2, 1, 0.7, 4.0), np.random.default_rng(5)))
    levels = np.linalg.eigvalsh(H)
    assert np.mean(1 / (there[s.lambda_g] - levels)) == pytest.approx(-0.2, rel=0.03)
