"""Numbers for expressions of averages, against two-dimensional quadrature and the answers."""

import flint
import numpy as np
import pytest
from sympy import Float, Integer, Rational, exp, log
from sympy.abc import x, y

from bbpsym import (
    Ensemble,
    Model,
    edge,
    edge_curve,
    evaluate,
    lambdify,
    outlier,
    outlier_curve,
    teacher_labels,
    threshold,
)
from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import inverse_stieltjes, outlier_alpha, signal_self_energy
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.symbols import f, g, u
from tests.reference.two_dimensional import TwoDimensional

MODEL = Model(3, 2, 1)
DRESSED = f / (1 - g * f)
CUBE = Average(u**2 * DRESSED**3)


def test_an_expression_that_is_no_equation_of_the_paper():
    witness = TwoDimensional(3, 2, 1).average(lambda y, h: y * h**3, -0.75)
    assert evaluate(CUBE, MODEL, t="1/2") == pytest.approx(witness, rel=1e-9)
    precise = evaluate(CUBE, MODEL, t="1/2", digits=30)
    assert float(precise) == pytest.approx(witness, rel=1e-9)
    certified = evaluate(CUBE, MODEL, t="1/2", digits=20, certified=True)
    assert abs(float(certified.middle) - float(precise)) < 1e-15
    assert abs(certified.middle - evaluate(CUBE, MODEL, t="1/2", certified=True).middle) < 1e-14


def test_the_three_functions_agree():
    arrays, digits, balls = (lambdify(CUBE, MODEL, kind) for kind in ("numpy", "mpmath", "arb"))
    points = np.array([[0.25], [0.5]])
    assert arrays(points).shape == points.shape
    for t, value in zip(points.flat, arrays(points).flat, strict=True):
        assert value == pytest.approx(float(digits(t, digits=20)), rel=1e-13)
        assert abs(float(balls(flint.arb(t)).mid()) - value) < 1e-9 * abs(value)
        assert balls(flint.arb(t)).rad() < 1e-9


@pytest.mark.parametrize("side", ["left", "right"])
def test_units_are_those_of_the_matrix(side):
    alpha, model, found = 2, MODEL, edge(MODEL, 2)
    if side == "right":
        alpha, model = 5, Ensemble((y - 1) / (y + 1), teacher_labels(1))
        found = outlier(model, alpha, side=side)
        value = evaluate(signal_self_energy(), model, t=found.t, alpha=alpha, side=side)
        assert value == pytest.approx(found.value)
    value = evaluate(inverse_stieltjes(), model, t=found.t, alpha=alpha, side=side)
    assert value == pytest.approx(found.value, rel=1e-12)


def test_the_paper_s_curves_at_given_t():
    found = threshold(MODEL)
    curve = outlier_curve(MODEL, t=[found.t, 0.5])
    assert curve.alpha[0] == pytest.approx(found.alpha, rel=1e-12)
    assert curve.value[0] == pytest.approx(found.value, rel=1e-12)
    assert curve.alpha[1] == pytest.approx(evaluate(outlier_alpha(), MODEL, t=0.5), rel=1e-12)
    sharp = edge_curve(MODEL, t=0.5)
    single = edge(MODEL, float(sharp.alpha[0]))
    assert (single.t, single.value) == pytest.approx((0.5, sharp.value[0]), rel=1e-10)


@pytest.mark.parametrize(
    ("sentence", "call"),
    [
        ("expression holds x, which has no value", lambda: evaluate(x * CUBE, MODEL, t=1)),
        ("expression holds alpha", lambda: evaluate(inverse_stieltjes(), MODEL, t=1)),
        ("t must be at most 1", lambda: evaluate(CUBE, MODEL, t=2)),
        ("t must be a number", lambda: evaluate(CUBE, MODEL, t=0)),
        ("expression must be one of SymPy's with real values", lambda: evaluate("f", MODEL, t=1)),
        ("arithmetic must be one of", lambda: lambdify(CUBE, MODEL, "float")),
        ("t must be given in place of", lambda: outlier_curve(MODEL)),
        ("t must be given in place of", lambda: edge_curve(MODEL, 1, 2, t=0.5)),
        ("t must be positive, at most 1", lambda: edge_curve(MODEL, t=[0.5, 1.5])),
    ],
)
def test_bad_input_is_named(sentence, call):
    with pytest.raises(DomainError, match=sentence):
        call()


@pytest.mark.parametrize("value", [Integer(10) ** 400, Rational(1, 10**400), exp(2000)])
def test_no_float_stands_for_a_number_beyond_its_range(value):
    with pytest.raises(PrecisionError, match="beyond the range of double precision"):
        evaluate(value, MODEL, t=1)
    found = Float(evaluate(value, MODEL, t=1, digits=12))
    assert float(found / value) == pytest.approx(1, rel=1e-12)
    if value > 1:
        with pytest.raises(ConvergenceError):
            lambdify(value, MODEL)([1])


def test_decimals_are_exact():
    read, exact = (evaluate(x, MODEL, t=1, digits=30) for x in (Float("0.1"), Rational(1, 10)))
    assert read == exact


@pytest.mark.parametrize("factor", [exp(2000), exp(Rational(1, 3)), log(Rational(2, 3)), log(2)])
def test_functions_of_numbers_are_enclosed(factor):
    found = evaluate(factor, MODEL, t=1, digits=20, certified=True)
    assert abs(Rational(found.middle) / factor.evalf(25) - 1) < 1e-19
