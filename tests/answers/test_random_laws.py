"""Random laws and weights, on both sides, against a solver that shares no code.

Labels are `y = place + side x` for x on an interval, so that the ends of laws, and what is
singular there, lie anywhere. The long runs: `pytest tests/answers/test_random_laws.py -m slow`;
LAWS_POINTS and MODELS_POINTS in the environment are the numbers of ensembles and of models,
FUZZ_SEED is the seed.
"""

import os
import re
from collections import Counter
from fractions import Fraction
from functools import partial
from math import exp as exponential

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bbpsym import Model, density, edge, edges, outlier, outliers, threshold
from bbpsym.errors import BBPError, DomainError
from tests.reference.random_ensembles import CASES, fractions
from tests.reference.two_dimensional import TwoDimensional

#: Relative accuracy at which the plain solver is trusted, and how near alpha may be to a threshold.
ACCURACY, NEAR = 2e-6, 1e-3

#: Least phase of a Stieltjes transform at which its rule resolves the density, the accuracy of
#: the two-dimensional quadrature, relative and near zero, and the share of random ensembles that
#: may be refused.
RESOLVED, QUADRATURE, SMALL, MOST_REFUSED = 0.1, 1e-5, 1e-6, 0.1

#: What is said of a weight without a bound.
UNBOUNDED = "no (left|right) edge|bounded on one side"


def agrees(mine, plain, scale=1.0):
    return abs(float(mine) - plain) <= ACCURACY * max(abs(plain), scale)


def compare_thresholds(case):
    """The threshold of both, or that neither has one; return alpha, or None."""
    plain = case.plain
    try:
        found = threshold(case.ensemble, side=case.side)
    except DomainError as error:
        if "no outlier" not in str(error):
            raise
        assert plain.threshold() is None, case
        return None
    t = plain.threshold()
    if t is None or t > plain.t[-20] or t < plain.t[20]:
        # Out of sight of the plain solver, that looks at moderate t only.
        assert float(found.t) > plain.t[-40] or float(found.t) < plain.t[40]
        return float(found.alpha)
    alpha = 1 / plain.rates(t)[1]
    assert agrees(found.t, t), (case, t, found.t)
    assert agrees(found.alpha, alpha), (case, alpha, found.alpha)
    return alpha


def compare_outliers(case, alpha):
    """Edge and outlier of both at an alpha; whether the plain solver sees them."""
    plain, at = case.plain, case.plain.edge(alpha)
    try:
        found = edge(case.ensemble, alpha, side=case.side)
    except DomainError:
        assert at is None, (case, alpha)
        return True
    if at is None or at > plain.t[-40] or at < plain.t[40]:
        return False
    value = plain.bulk(at, alpha) * case.sign
    assert agrees(found.value, value, plain.unit * (1 + 1 / at)), (case, alpha)
    mine, theirs = outlier(case.ensemble, alpha, side=case.side), plain.outlier(alpha, at)
    assert (mine is None) == (theirs is None), (case, alpha)
    if mine is not None:
        assert agrees(mine.t, theirs[0]), (case, alpha)
        assert abs(float(mine.overlap2) - theirs[1]) < 1e-4, (case, alpha)
    return True


def compare_densities(case, alpha, places):
    """Density of both, where the plain rule resolves the integrand; at how many x that was."""
    plain = case.plain
    mean, spread = alpha * (plain.f @ plain.share), np.sqrt(alpha * (plain.f**2 @ plain.share))
    x = float(mean) + float(spread) * places
    g = plain.resolvent(x, float(alpha))
    seen = -g.imag > RESOLVED * np.abs(g)
    at, theirs = (x * plain.unit * case.sign)[seen], -g.imag[seen] / np.pi
    mine = density(case.ensemble, alpha, at) * plain.unit
    far = np.abs(mine - theirs) > ACCURACY * np.maximum(theirs, 0.1)
    assert not np.any(far), (case, alpha, at[far], mine[far], theirs[far])
    return len(at)


def compare(case, factors, places, points):
    """Hold one ensemble against the plain solver; say what was refused, with one sentence.

    What was compared is counted in `points`.
    """
    try:
        alpha = compare_thresholds(case)
        points["thresholds"] += 1
        alpha = alpha if alpha and 1e-3 < alpha < 1e3 else 1
        alphas = [Fraction(factor * alpha).limit_denominator(10**6) for factor in factors]
        for alpha in alphas:
            points["edges and outliers"] += compare_outliers(case, alpha)
        points["densities"] += compare_densities(case, alphas[0], places)
    except BBPError as error:
        return str(error)
    return None


#: alpha in units of the threshold, or of one, as far from it as the plain solver can tell.
FACTORS = st.floats(-2, 2).filter(lambda x: abs(x) > NEAR).map(exponential)
CHOICE = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}

#: In the long run: alphas of an ensemble, places where its density is looked at, in spreads, and
#: the number of them in the bulk of a Hessian.
MANY, FINE, FEW = 8, np.linspace(-2, 2, 61), 8


@settings(max_examples=3, **CHOICE)
@given(CASES, FACTORS)
def test_random_ensembles(case, factor):
    compare(case, [factor], np.linspace(-1, 1, 3), Counter())


def long_run(name, count, check, cases):
    """Check so many random cases, and show all that differ at the end and not the first alone."""
    count, differ = int(os.environ.get(f"{name}_POINTS", count)), []
    rules = CHOICE | {"derandomize": False, "database": None, "max_examples": count}

    @seed(int(os.environ.get("FUZZ_SEED", "1")))
    @settings(phases=[Phase.generate], **rules)
    @given(cases)
    def run(case):
        try:
            check(*case)
        except Exception as error:  # a foreign one is as bad as a wrong value
            differ.append(f"{case}: {type(error).__name__}: {error}")

    run()
    assert differ == []


@pytest.mark.slow
def test_many_random_ensembles(record_property):
    """Refusals are counted, but for weights without a bound on the side asked for."""
    points, refused = Counter(), []

    def check(case, *factors):
        refused.append(compare(case, factors, FINE, points))

    long_run("LAWS", 2000, check, st.tuples(CASES, *[FACTORS] * MANY))
    record_property("points", points)
    open_questions = [text for text in refused if text and not re.search(UNBOUNDED, text)]
    record_property("refused", Counter(open_questions))
    assert len(open_questions) < MOST_REFUSED * len(refused), Counter(open_questions)


MODELS = st.builds(Model, st.integers(1, 8), st.integers(1, 4), fractions("1/2", 3))


def compare_models(model, factors, points):
    """A Hessian against two-dimensional quadrature: threshold, edges and outliers, density."""
    nodes = 150 if model.a >= 1 else 260  # the pole at y = -a
    plain = TwoDimensional(model.p, model.p_star, float(model.a), nodes)
    found = threshold(model)
    near = partial(pytest.approx, rel=QUADRATURE)
    kind, alpha, g = plain.threshold()
    assert found.kind == kind
    assert (float(found.alpha), float(found.g)) == (near(alpha), near(g))
    points["thresholds"] += 1
    alphas = np.sort(alpha * np.array(factors))
    given = model.p, model.p_star, float(model.a)
    bulk, above = edges(*given, alphas), outliers(*given, alphas)
    ends, found = (-model.p / 2 * item.t for item in (bulk, above))
    assert np.all(np.isnan(above.value) == (alphas < alpha)), (model, alphas)
    for k, ratio in enumerate(alphas):
        if bulk.kind[k] == "sharp":
            assert plain.edge_alpha(ends[k]) == near(ratio), (model, ratio)
        else:
            assert plain.edge_alpha(-model.p / 2) > ratio * (1 - QUADRATURE), (model, ratio)
        assert plain.bulk(ends[k], ratio) == near(bulk.value[k]), (model, ratio)
        if ratio > alpha:
            theirs = [
                of(found[k]) for of in (plain.outlier_alpha, plain.eigenvalue, plain.overlap2)
            ]
            mine = ratio, above.value[k], above.overlap2[k]
            assert theirs == [near(number, abs=SMALL) for number in mine], (model, ratio)
    points["edges and outliers"] += len(alphas)
    x = np.linspace(bulk.value[-1], 2 * alphas[-1], FEW)[1:]
    mine, theirs = density(model, alphas[-1], x), plain.density(x, alphas[-1])
    seen = theirs > 0
    assert mine[seen] == near(theirs[seen], abs=QUADRATURE), (model, alphas[-1])
    points["densities"] += np.count_nonzero(seen)


@settings(max_examples=3, **CHOICE)
@given(MODELS, FACTORS)
def test_random_models(model, factor):
    compare_models(model, [factor], Counter())


@pytest.mark.slow
def test_many_random_models(record_property):
    points = Counter()

    def check(model, *factors):
        compare_models(model, factors, points)

    long_run("MODELS", 1000, check, st.tuples(MODELS, *[FACTORS] * (4 * MANY)))
    record_property("points", points)
