"""Automatic differentiation against SymPy, which shares no code with it."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from bbpsym.errors import DomainError, FormulaError
from bbpsym.finite.jets import derivatives
from bbpsym.reading.formulas import FUNCTIONS, parse

X = np.array([-1.7, -0.4, 0.3, 1.1, 2.6])
POSITIVE = {"log", "sqrt"}

FORMULAS = [
    "tanh(3*x/2)^2 - x^3",
    "log(cosh(y - x))",
    "(y - x)^2/(2*(7/10 + y^2))",
    "(2 + sin(x))^(cos(x)/3)",
    "2^x*x/(1 + x^4)",
    "max(x, x^2, 1/2) + min(x, -1)*abs(x - y)",
    "logistic(3*x)*softplus(-x) + relu(x + 1/5)^2",
    "x^0 + x^1 + x^(-2) + pi*E*y",
    "sqrt(1 + x^2)^3/(x^2 + 1)^(1/3)",
    "erf(x*y)*erfc(x) + sign(x)*atan(x)*tan(x/3) - asinh(x)/cosh(x) + exp(-sinh(x))",
]


def by_sympy(text, values):
    expression = parse(text).to_sympy()
    x = sympy.Symbol("x", real=True)
    exact = {sympy.Symbol(n, real=True): sympy.Rational(str(v)) for n, v in values.items()}
    orders = (expression, *(sympy.diff(expression, x, n) for n in (1, 2)))
    return [float(order.subs(exact).evalf(30)) for order in orders]


@pytest.mark.parametrize("text", [*FORMULAS, *(f"{name}(x)" for name in FUNCTIONS)])
def test_derivatives_are_those_of_sympy(text):
    points = np.abs(X) if text.partition("(")[0] in POSITIVE else X
    found = np.array(derivatives(parse(text), "formula", {"x": points, "y": 1.3}, "x"))
    expected = np.array([by_sympy(text, {"x": x, "y": 1.3}) for x in points]).T
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.1, 3))
def test_a_loss_is_differentiated_by_the_output_alone(y, yh, a):
    y, yh = np.array([y]), np.array([yh])
    loss = parse("(y - yh)^2/(2*(a + y^2))")
    value, first, second = derivatives(loss, "loss", {"y": y, "yh": yh, "a": a}, "yh")
    assert value == pytest.approx((y - yh) ** 2 / (2 * (a + y**2)))
    assert first == pytest.approx((yh - y) / (a + y**2))
    assert second == pytest.approx(1 / (a + y**2))


def test_a_constant_has_no_derivatives():
    value, first, second = derivatives(parse("pi/2"), "activation", {"x": X}, "x")
    assert np.all(value == np.pi / 2)
    assert not np.any(first)
    assert not np.any(second)
    assert value.shape == first.shape == second.shape == X.shape


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "1/(x - 3/10)", "x^(1/2)", "exp(exp(9*x))"])
def test_what_is_not_finite_and_real_is_refused(text):
    with pytest.raises(DomainError, match=r"activation must be finite and real .* x=-?\d"):
        derivatives(parse(text), "activation", {"x": X}, "x")


def test_a_number_beyond_double_precision_is_refused():
    with pytest.raises(FormulaError, match="too large for double precision"):
        derivatives(parse("1e400*x"), "activation", {"x": X}, "x")
