import mpmath
import numpy as np
import pytest
from sympy import (
    Float,
    Integral,
    Rational,
    acot,
    acsc,
    asec,
    cot,
    csc,
    csch,
    exp,
    log,
    oo,
    sec,
    sech,
)
from sympy.codegen.cfunctions import log1p

from bbpsym.compilation.compile import System, accurate_logarithms, magnitude
from bbpsym.numerics import double, multiprecision
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.symbols import a, p, s, t

#: int_0^inf exp(-a s) (1 + 2 s/p)^(-p/2) ds = (p/2) exp(p a/2) E_{p/2}(p a/2)
KNOWN = Integral(exp(-a * s - p * log(1 + 2 * s / p) / 2), (s, 0, oo))


@pytest.fixture(scope="module")
def system():
    return System({"X": KNOWN, "square": t * KNOWN**2})


def test_both_backends_give_the_exponential_integral(system):
    with mpmath.workdps(60):
        exact = mpmath.mpf(3) / 2 * mpmath.exp(mpmath.mpf("1.05"))
        exact *= mpmath.expint(mpmath.mpf(3) / 2, mpmath.mpf("1.05"))
    at = {"a": 0.7, "p": 3.0, "t": 2.0}
    found = double.evaluate(system, at, CHI_SQUARE)
    assert abs(found["X"].value - float(exact)) <= found["X"].error < 1e-14
    assert found["square"].value == pytest.approx(2 * float(exact) ** 2, rel=1e-14)
    ctx = multiprecision.context(50)
    precise = multiprecision.evaluate(
        system, {"a": multiprecision.convert("7/10", ctx), "p": 3, "t": 2}, ctx, CHI_SQUARE
    )
    assert abs(precise["X"] - exact) < ctx.mpf(10) ** -49
    assert abs(precise["square"] - 2 * ctx.mpf(exact) ** 2) < ctx.mpf(10) ** -48


def test_parameters_broadcast(system):
    found = double.evaluate(
        system,
        {"a": np.array([0.5, 1.0, 2.0]), "p": np.array([[1.0], [4.0]]), "t": 1.0},
        CHI_SQUARE,
    )
    assert found["X"].value.shape == found["X"].error.shape == (2, 3)
    single = double.evaluate(system, {"a": 2.0, "p": 4.0, "t": 1.0}, CHI_SQUARE)
    assert found["X"].value[1, 2] == pytest.approx(float(single["X"].value), rel=1e-14)


def test_integrals_are_shared(system):
    assert len(system.integrals) == 1
    assert system.parameters == ("a", "p", "t")


def test_sensitivities_are_derivatives(system):
    (_, (by_x,)) = system.sensitivities
    assert by_x == 2 * t * system.combinations[0]


def test_the_error_sees_terms_that_cancel_at_a_node():
    """E[(y - 1) + ...] built to vanish at every node is still known to its rounding only."""
    cancelling = Integral((3 * a - 2 * a - a * t) * exp(-a * s), (s, 0, oo))
    found = double.evaluate(System({"zero": cancelling}), {"a": 0.7, "t": 1.0}, CHI_SQUARE)["zero"]
    assert abs(found.value) <= found.error
    assert 1e-15 < found.error < 1e-13


def test_magnitudes_add_up_what_may_cancel():
    assert magnitude((1 - 2 * t) ** 2 / (3 + t)) == (1 + 2 * t) ** 2 / (3 + t)


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="would cap the digits"):
        System({"X": Float("0.1") * KNOWN})


def test_logarithms_near_one_keep_their_digits():
    assert accurate_logarithms(log(1 + 2 * s / p)) == log1p(2 * s / p)


@pytest.mark.parametrize(
    "integrand",
    [
        *(f(2 + s) for f in (acot, acsc, asec, cot, csc, csch, sec, sech)),
        *((1 + s) ** Rational(n, 2) for n in (-5, -3, -2, -1, 1, 3)),
        *(s**n for n in (-3, -2, -1, 1, 2)),
    ],
    ids=str,
)
def test_compiled_functions_are_the_expression(integrand):
    """SymPy writes some functions as powers of minus one; a power must keep its sign."""
    system = System({"X": Integral(-t * integrand, (s, 0, oo))})
    nodes = np.array([0.3, 0.9, 1.7])
    value, size = system.numpy[0](nodes, 1.5)
    expected = [float(-1.5 * integrand.subs(s, Rational(str(x)))) for x in nodes]
    assert value == pytest.approx(expected, rel=1e-13)
    assert size == pytest.approx(np.abs(expected), rel=1e-13)
