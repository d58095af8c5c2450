"""Answers for arrays against answers for one model."""

import numpy as np
import pytest
from sympy import Symbol
from sympy.abc import x, y

from bbpsym import (
    Model,
    Network,
    critical_a,
    edge,
    edge_curve,
    edges,
    outlier,
    outlier_curve,
    outliers,
    threshold,
    thresholds,
)
from bbpsym.answers import arrays, interpolated
from bbpsym.answers.interpolated import Polynomial
from bbpsym.errors import DomainError
from bbpsym.numerics.double import Estimate

P = np.array([1, 2, 3, 1000, np.inf])[:, None]
A = np.array([0.05, 0.7, 1.5, 40.0])


def models(found, p_star, a=A):
    for i, j in np.ndindex(found.shape):
        p = "inf" if np.isinf(P[i, 0]) else int(P[i, 0])
        yield (i, j), Model(p, p_star, float(a[j]))


def close(name, found, where, single):
    errors = found.errors[name][where] + single.errors[name]
    return abs(getattr(found, name)[where] - getattr(single, name)) <= errors


@pytest.mark.parametrize("p_star", [1, 7])
def test_thresholds_agree_with_single_answers(p_star):
    found = thresholds(P, p_star, A)
    assert found.alpha.shape == (5, 4)
    assert set(np.unique(found.kind)) == {"continuous", "discontinuous"}
    for where, model in models(found.alpha, p_star):
        single = threshold(model)
        assert found.kind[where] == single.kind
        for name in ("alpha", "alpha_c", "t", "value", "overlap2"):
            assert close(name, found, where, single)
        assert found.errors["alpha"][where] < 1e-12 * found.alpha[where]


@pytest.mark.parametrize("factor", [0.95, 1.05, 4.0])
def test_edges_and_outliers_agree_with_single_answers(factor):
    alpha = thresholds(P, 2, A).alpha * factor
    bulk, out = edges(P, 2, A, alpha), outliers(P, 2, A, alpha)
    assert np.all(out.exists == (factor > 1))
    for where, model in models(alpha, 2):
        single = edge(model, float(alpha[where]))
        assert bulk.kind[where] == single.kind
        assert close("value", bulk, where, single)
        single = outlier(model, float(alpha[where]))
        assert (single is not None) == out.exists[where]
        if single is None:
            assert np.isnan(out.value[where])
        else:
            assert close("value", out, where, single)
            assert close("overlap2", out, where, single)


def test_a_point_does_not_see_its_company():
    """A block shares the number of its nodes: what that changes is within the errors claimed."""
    rng = np.random.default_rng(5)
    a, p = 10 ** rng.uniform(-2.5, 2, 24), rng.choice([1, 2, 10, 1000, np.inf], 24)
    found = thresholds(p, 2, a)
    alone = [thresholds(p[i], 2, a[i]) for i in range(len(a))]
    for name, errors in found.errors.items():
        change = abs(getattr(found, name) - [float(getattr(one, name)) for one in alone])
        assert np.all(change <= errors)
        assert np.all(change <= 1e-12 * abs(getattr(found, name)))


def test_next_to_the_crossover_each_point_is_decided_exactly():
    critical = critical_a(2, 1)
    a = critical * (1 + np.array([-1e-15, -3e-16, 3e-16, 1e-15, 1e-3]))
    found = thresholds(2, 1, a)
    expected = [threshold(Model(2, 1, float(value))).kind for value in a]
    assert list(found.kind) == expected


def test_blocks_do_not_matter(monkeypatch):
    a = np.geomspace(1e-3, 1e3, 37)
    whole = thresholds(2, 3, a)
    monkeypatch.setattr(arrays, "BLOCK", 5)
    parts = thresholds(2, 3, a)
    assert np.all(whole.kind == parts.kind)
    assert np.allclose(whole.alpha, parts.alpha, rtol=1e-12, atol=0)


@pytest.mark.parametrize(("p", "p_star", "low", "high"), [(2, 1, 0.02, 40), (np.inf, 3, 0.1, 9)])
def test_what_polynomials_give_is_what_each_point_gives(p, p_star, low, high, monkeypatch):
    """Among thousands of points that differ in a alone, a crossover and one value many times."""
    rng = np.random.default_rng(8)
    a = np.concatenate([np.geomspace(low, high, 3000), np.full(300, critical_a(2, 1))])
    solved, solve = [], arrays._Points.transitions
    monkeypatch.setattr(
        arrays._Points, "transitions", lambda *given: solved.append(len(given[1])) or solve(*given)
    )
    found, some = thresholds(p, p_star, a), rng.choice(len(a), 60, replace=False)
    assert sum(solved) < len(a) / 4
    alone = thresholds(p, p_star, a[some])
    assert np.all(found.kind[some] == alone.kind)
    for name, errors in found.errors.items():
        change = abs(getattr(found, name)[some] - getattr(alone, name))
        assert np.all(change <= errors[some] + alone.errors[name])
    for name in arrays.MAIN:
        assert np.all(found.errors[name] <= arrays.LOOSE * getattr(found, name))


def test_a_polynomial_is_refused_where_more_nodes_are_needed():
    places = interpolated._PLACES
    for value, is_enough in ((np.exp(places), True), (abs(places), False), (places * 0 + 3, True)):
        line = Polynomial.through(Estimate(value, 1e-15 * abs(value)), False)
        assert (line is not None) == is_enough
    x = np.linspace(-1, 1, 7)
    assert np.all(line.at(x).value == 3)
    exponential = Polynomial.through(Estimate(np.exp(places), 1e-15 * places**2), True).at(x)
    assert np.all(abs(exponential.value - np.exp(x)) <= exponential.error)


def test_scalars_and_empty_arrays():
    assert thresholds(2, 1, 0.7).alpha.shape == ()
    assert float(thresholds(2, 1, 0.7).alpha) == pytest.approx(0.927055296717066, rel=1e-12)
    assert thresholds(2, 1, np.empty((0, 3))).alpha.shape == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (([1.5], 1, 1), "p"),
        ((1, np.inf, 1), "p_star"),
        ((1, 1, [1, np.nan]), "a"),
        ((1, 1, -1), "a"),
        (("x", 1, 1), "p"),
        ((-np.inf, 1, 1), "p"),
        (([1, 2], [1, 2, 3], 1), "shapes"),
    ],
)
def test_bad_arrays_are_named(arguments, name):
    with pytest.raises(DomainError, match=name):
        thresholds(*arguments)


@pytest.mark.parametrize("model", [Model(2, 1, "0.7"), Model(2, 1, "1.5"), Model("inf", 2, 1)])
def test_the_outlier_curve_passes_through_single_answers(model):
    curve = outlier_curve(model, 5, points=20)
    first = threshold(model)
    assert curve.alpha[0] == pytest.approx(first.alpha, rel=1e-12)
    assert curve.overlap2[0] == pytest.approx(first.overlap2, abs=1e-7)
    assert curve.alpha[-1] == pytest.approx(5, rel=1e-12)
    assert np.all(np.diff(curve.alpha) > 0)
    for k in (5, 12, 19):
        single = outlier(model, float(curve.alpha[k]))
        assert curve.value[k] == pytest.approx(single.value, rel=1e-11)
        assert curve.overlap2[k] == pytest.approx(single.overlap2, rel=1e-10)


@pytest.mark.parametrize(("low", "high"), [("0.1", "0.2"), ("0.1", 4), (3, 4)])
def test_the_edge_curve_passes_through_single_answers(low, high):
    model = Model(2, 1, "0.7")
    curve = edge_curve(model, low, high, points=12)
    assert curve.alpha[0] == pytest.approx(float(low))
    assert curve.alpha[-1] == pytest.approx(float(high))
    assert np.all(np.diff(curve.alpha) > 0)
    for alpha, value in zip(curve.alpha, curve.value, strict=True):
        assert value == pytest.approx(edge(model, float(alpha)).value, rel=1e-11)


def test_bad_curves_are_refused():
    with pytest.raises(DomainError, match="alpha_max must be above the threshold"):
        outlier_curve(Model(2, 1, "0.7"), "0.5")
    with pytest.raises(DomainError, match="points"):
        outlier_curve(Model(2, 1, "0.7"), 2, points=1)
    with pytest.raises(DomainError, match="alpha_max"):
        edge_curve(Model(2, 1, "0.7"), 2, 1)


def test_a_list_of_models_holds_nothing_else_and_a_network_has_all():
    with pytest.raises(DomainError, match="p must hold nothing but models, or no model, and not 3"):
        outliers([Model(2, 1, "0.7"), 3], alpha=2)
    network = Network(x, (y - Symbol("yh")) ** 2 / 2)
    assert outliers(network, 3) == outliers(network, alpha=3)
    with pytest.raises(DomainError, match="p_star must not be given with a Network"):
        outliers(network, 3, 1)
    with pytest.raises(DomainError, match="p must be widths, a Model or a list of Models"):
        edges(network, 3)
