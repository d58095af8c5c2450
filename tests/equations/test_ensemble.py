"""The laws of the latent variables and the limit of infinite width."""

import pytest
from sympy import Integer, Rational, cancel, exp, gamma, integrate, log, oo, simplify, symbols

from bbpsym.equations.ensemble import Law, chi_square, hessian_ensemble, overparametrised_ensemble
from bbpsym.symbols import a, p, p_star, sigma, y, yh
from tests.cases import long


@pytest.mark.parametrize("width", [1, 2, *long(3, 8)])
def test_chi_square_transform_is_that_of_its_density(width):
    k = Rational(width, 2)
    density = k**k * y ** (k - 1) * exp(-k * y) / gamma(k)
    positive = symbols("positive", positive=True)
    transform = integrate(density.subs(y, positive) * exp(-sigma * positive), (positive, 0, oo))
    stated = exp(chi_square(y, Integer(width)).log_laplace)
    assert simplify(transform / stated) == 1


def test_cumulants_are_those_of_a_mean_of_squares():
    law = chi_square(y, p_star)
    # theory: E y = 1, Var y = 2/p*, E (y - 1)^3 = 8/p*^2
    assert [law.cumulant(n).simplify() for n in (1, 2, 3)] == [1, 2 / p_star, 8 / p_star**2]


def test_stein_identity_holds_for_gamma_laws_only():
    assert chi_square(y, p_star).stein_variance() == 2 / p_star
    two_points = Law(y, log((1 + exp(-2 * sigma)) / 2))
    assert two_points.stein_variance() is None


def test_stein_identity_on_exponentials():
    """`E[(v - 1) exp(-sigma v)] = V E[v d/dv exp(-sigma v)]`, from the transform alone."""
    law = chi_square(yh, p)
    transform = exp(law.log_laplace)
    left = -transform.diff(sigma) - transform
    right = law.stein_variance() * sigma * transform.diff(sigma)
    assert simplify(left - right) == 0


def test_the_limit_of_infinite_width():
    limit = overparametrised_ensemble()
    (weight,) = limit.weights
    assert weight.share == 1
    assert cancel(weight.value - (yh - y) / (a + y)) == 0
    assert [law.log_laplace for law in limit.laws][1] == -sigma  # the student's output is one
    assert limit.laws[0] == hessian_ensemble().laws[0]  # the teacher's is untouched


def test_shares_add_up():
    assert simplify(sum(weight.share for weight in hessian_ensemble().weights)) == 1


def test_the_unit_puts_the_lower_end_of_the_weights_at_minus_one():
    for weight in hessian_ensemble().weights:
        assert weight.value.subs(yh, 0).limit(y, oo) == -1
