"""Averages by python-flint against the same by mpmath, which shares neither arithmetic nor code."""

from fractions import Fraction

import pytest
from flint import ctx as flint_context

from bbpsym import Model
from bbpsym.compilation.systems import critical_system, crossover_system, system
from bbpsym.laws.known_laws import KnownLaw
from bbpsym.numerics import arb_digits, multiprecision
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.numerics.quadrature import precise_nodes

NAMES = ("ratio", "ratio_slope", "outlier_eigenvalue", "edge_alpha")


@pytest.mark.parametrize(
    "model", [Model(2, 1, "0.7"), Model(1, 3, "1e-3"), Model(10**6, 10**6, 40), Model("inf", 2, 1)]
)
@pytest.mark.parametrize("t", [Fraction(1), Fraction(3, 10)])
def test_both_arithmetics_agree(model, t):
    ctx, before = multiprecision.context(40), flint_context.prec
    given = {**model.curve.parameters, "t": t}
    equations = system(model.curve.law, *NAMES)
    found = arb_digits.evaluate(equations, given, ctx)
    expected = multiprecision.evaluate(equations, given, ctx, CHI_SQUARE)
    for name in NAMES:
        assert abs(found[name] - expected[name]) < 1e-36 * abs(expected[name])
    assert flint_context.prec == before


def test_the_crossover_too():
    ctx = multiprecision.context(40)
    given, equations = (
        {"a": ctx.mpf("0.83"), "p": 2, "p^*": 1},
        crossover_system(Model(2, 1, 1).curve.law),
    )
    found = arb_digits.evaluate(equations, given, ctx)
    for name, value in multiprecision.evaluate(equations, given, ctx, CHI_SQUARE).items():
        assert abs(found[name] - value) < 1e-36 * abs(value)


@pytest.mark.parametrize("law", KnownLaw)
def test_the_simpler_form_of_alpha_c_is_the_curve_at_its_end(law):
    ctx = multiprecision.context(40)
    given = {"a": ctx.mpf("0.83"), "p": 2, "p^*": 3, "t": 1}
    critical = critical_system(law)
    assert (critical.integral_count == 0) == (law is not KnownLaw.HESSIAN)
    found, curve = (
        arb_digits.evaluate(equations, given, ctx)["edge_alpha"]
        for equations in (critical, system(law, "edge_alpha"))
    )
    assert abs(found - curve) < 1e-36 * curve


def test_nodes_are_those_of_mpmath():
    ctx = multiprecision.context(50)
    with arb_digits.precision(ctx.prec + arb_digits.GUARD):
        found = arb_digits.nodes(arb_digits.ball(3), ctx.dps, ctx.prec + arb_digits.GUARD)
        pairs = [tuple(arb_digits._number(part, ctx) for part in pair) for pair in found]
    expected = precise_nodes(ctx, ctx.mpf(3))
    assert len(pairs) == len(expected)
    for mine, theirs in zip(pairs, expected, strict=True):
        for one, other in zip(mine, theirs, strict=True):
            assert abs(one - other) <= 1e-46 * other


def test_what_is_no_number_is_said_to_be_none():
    ctx = multiprecision.context(20)
    assert ctx.isnan(arb_digits._number(arb_digits.arb.nan(), ctx))
