"""Irrational parameters, in double precision, to many digits and in balls."""

from fractions import Fraction

import pytest
import sympy

from bbpsym import (
    Ensemble,
    Model,
    averaged_hessian,
    density,
    edge,
    finite_edge,
    outlier,
    table,
    threshold,
    thresholds,
)

ROOT, PI = sympy.sqrt(2), sympy.pi
DECIMAL = Fraction(str(ROOT.evalf(60)))
MODEL, NEAR = Model(2, 1, ROOT / 2), Model(2, 1, DECIMAL / 2)


def test_digits_are_those_of_the_number_itself():
    mine, its = threshold(MODEL, 40), threshold(NEAR, 40)
    assert [mine.text(name) for name in mine.symbols] == [its.text(name) for name in mine.symbols]
    assert mine.text("alpha")[:12] == threshold(MODEL).text("alpha")[:12]
    certified = threshold(MODEL, 30, certified=True)
    assert certified.unique
    assert abs(certified.alpha.middle - Fraction(mine.text("alpha"))) < Fraction(1, 10**30)
    assert float(thresholds(MODEL).alpha) == pytest.approx(float(mine.alpha), rel=1e-14)


def test_alpha_may_be_irrational_too():
    near = Fraction(str(PI.evalf(60)))
    for verb in (edge, outlier):
        assert verb(MODEL, PI, 40).text("value") == verb(NEAR, near, 40).text("value")
        assert verb(MODEL, "pi", 20, certified=True).unique
    assert density(MODEL, PI, 0.5) == pytest.approx(density(NEAR, near, 0.5), rel=1e-12)
    assert outlier(MODEL, "sqrt(2)/2") is None
    assert finite_edge(MODEL, PI, 1000).edge == pytest.approx(edge(MODEL, PI).value)
    averaged = averaged_hessian(MODEL)
    assert isinstance(averaged, Ensemble)
    assert "sqrt(2)/2" in averaged.name


@pytest.mark.parametrize("a", [sympy.tanh(1), sympy.gamma("1/3"), sympy.acot(2)], ids=str)
def test_functions_of_rational_numbers_are_numbers(a):
    """They ended in an error of python-flint's rational numbers, which have no functions."""
    near = Fraction(str(a.evalf(60)))
    mine, its = threshold(Model(2, 1, a), 25), threshold(Model(2, 1, near), 25)
    assert mine.text("alpha") == its.text("alpha")
    assert threshold(Model(2, 1, a), certified=True).unique


def test_they_show_as_they_are():
    assert repr(MODEL) == "Model(p=2, p_star=1, a='sqrt(2)/2')"
    assert eval(repr(MODEL)) == MODEL
    assert MODEL._repr_latex_() == r"$p=2,\ p^*=1,\ a=\frac{\sqrt{2}}{2}$"
    rows = table([MODEL, Model(1, 1, 1)])
    assert "sqrt(2)/2" in str(rows)
    assert rows.records()[0]["a"] == pytest.approx(2**-0.5)
    assert rows.records(strings=True)[0]["a"] == "sqrt(2)/2"
    assert r"\frac{\sqrt{2}}{2}" in rows.to_latex()
    assert edge(MODEL, PI).record()["alpha"] == pytest.approx(3.14159265358979)
    assert "alpha  pi" in str(edge(MODEL, PI))
