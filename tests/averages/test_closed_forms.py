"""Closed forms against quadrature, and a clear refusal where there is none."""

import mpmath
import pytest
from sympy import Integer, N

from bbpsym.averages.closed_forms import closed_form, elementary, lower
from bbpsym.averages.laplace_variable import expectation
from bbpsym.equations.ensemble import Law, hessian_ensemble
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.errors import DomainError
from bbpsym.symbols import a, p, p_star, t, y, yh


def laws(width, width_star):
    return tuple(
        Law(law.variable, law.log_laplace.subs({p: width, p_star: width_star}))
        for law in hessian_ensemble().laws
    )


def chi_square_mean(function, width):
    half = mpmath.mpf(width) / 2
    density = lambda x: half**half / mpmath.gamma(half) * x ** (half - 1) * mpmath.exp(-half * x)  # noqa: E731
    return mpmath.quad(lambda x: function(x) * density(x), [0, 0.1, 1, 5, mpmath.inf])


@pytest.mark.parametrize("width", [2, 3, 4, 7])
def test_a_mean_inverse_is_an_exponential_integral(width):
    average = expectation(1 / (a + yh), hessian_ensemble().laws)
    found = closed_form(average).subs({p: width, a: Integer(2) / 3})
    expected = chi_square_mean(lambda x: 1 / (mpmath.mpf(2) / 3 + x), width)
    assert float(N(found)) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("order", [1, 3, 5])
def test_the_recurrence_keeps_the_value(order):
    z = Integer(3) / 4
    found = lower(ExponentialIntegral(Integer(order), z), Integer(1))
    assert float(N(found)) == pytest.approx(float(mpmath.expint(order, 0.75)), rel=1e-12)


def test_half_integer_orders_are_error_functions():
    found = elementary(ExponentialIntegral(Integer(3) / 2, Integer(1)))
    assert not found.has(ExponentialIntegral)
    assert float(N(found)) == pytest.approx(float(mpmath.expint(1.5, 1)), rel=1e-12)


@pytest.mark.parametrize("widths", [(1, 1), (3, 1), (3, 2), (2, 3)])
def test_odd_widths_at_general_t_have_no_closed_form_and_say_so(widths):
    average = expectation(1 / (a + (1 - t) * y + t * yh), laws(*widths))
    with pytest.raises(DomainError) as caught:
        closed_form(average)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("width", [2, 4, 6])
def test_an_even_width_put_in_first_gives_the_same(width):
    found = closed_form(expectation(1 / (a + yh), laws(width, 1))).subs(a, Integer(2) / 3)
    expected = chi_square_mean(lambda x: 1 / (mpmath.mpf(2) / 3 + x), width)
    assert float(N(found)) == pytest.approx(float(expected), rel=1e-9)
