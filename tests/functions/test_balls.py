"""Functions of a label in ball arithmetic, against SymPy's own evaluation."""

import random
import threading

import mpmath
import pytest
from flint import arb, ctx
from sympy import (
    Abs,
    Ci,
    Ei,
    EulerGamma,
    GoldenRatio,
    LambertW,
    Rational,
    S,
    Shi,
    Si,
    Symbol,
    acos,
    acosh,
    acot,
    acoth,
    acsc,
    acsch,
    airyai,
    airyaiprime,
    airybi,
    asec,
    asech,
    asin,
    asinh,
    atan,
    atanh,
    besseli,
    besselj,
    besselk,
    bessely,
    beta,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    dirichlet_eta,
    elliptic_k,
    erf,
    erfc,
    erfi,
    erfinv,
    exp,
    expint,
    factorial,
    fresnelc,
    fresnels,
    gamma,
    harmonic,
    hyper,
    jn,
    lerchphi,
    li,
    log,
    loggamma,
    lowergamma,
    pi,
    polygamma,
    polylog,
    sec,
    sech,
    sin,
    sinc,
    sinh,
    sqrt,
    tan,
    tanh,
    uppergamma,
    zeta,
)

from bbpsym.equations.label_law import ParabolicCylinder
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.functions.arb_functions import FUNCTIONS, precision
from bbpsym.functions.balls import (
    accurate,
    ball,
    ball_function,
    check,
    enclosure,
    evaluated,
    written,
)
from bbpsym.symbols import label as y

EVERYWHERE = [
    *(f(y) for f in (sin, cos, tan, cot, sec, csc, sinh, cosh, tanh, coth, sech, csch)),
    *(f(y) for f in (atan, acot, asinh, acsch, erf, erfc, erfi, gamma, exp, log, sqrt, sinc)),
    *(f(y) for f in (Ei, Si, Ci, Shi, li, LambertW, loggamma, factorial, harmonic)),
    *(f(y) for f in (airyai, airybi, airyaiprime, fresnels, fresnelc, dirichlet_eta)),
    *(f(1 / (1 + y)) for f in (asin, acos, atanh, asech, erfinv)),
    *(f(y + 2) for f in (acosh, acoth, zeta, acsc, asec)),
    *(f(n, y) for n in (0, Rational(1, 2)) for f in (besselj, bessely, besseli, besselk)),
    *(f(2, y) for f in (expint, uppergamma, lowergamma, beta, jn)),
    *(polygamma(n, y + 1) for n in (0, 1, 2)),
    *(polylog(s, 1 / (2 + y)) for s in (2, Rational(5, 2))),
    LambertW(-exp(-1 - y), -1),
    elliptic_k(-y),
    *(zeta(y + 2, 3), lerchphi(Rational(9, 10), Rational(1, 2), y + 1)),
    1 / gamma(y),
    -1 / y ** Rational(3, 2),
    y**y * pi + EulerGamma * GoldenRatio**y,
]


@pytest.mark.parametrize("function", EVERYWHERE, ids=str)
def test_a_function_is_what_sympy_evaluates(function):
    check(function, [Rational(k, 97) for k in (31, 155, 424)])
    draw = random.Random(1)
    for _ in range(3):
        low = Rational(draw.randrange(1, 400), 101)
        inside = low + Rational(draw.randrange(1, 100), 10_000)
        with precision(120):
            wide = enclosure(function)(ball(low).union(ball(low + Rational(1, 100))))
            point = enclosure(function)(ball(inside))
        assert point.is_finite()
        assert wide.overlaps(point)


def test_functions_that_arb_does_not_know_are_evaluated_by_sympy():
    with precision(120):
        function = enclosure(hyper([1], [2], -y))
        assert abs(function(arb(1)) - (1 - arb(-1).exp())) < 1e-25
        assert not function(arb(1, 0.1)).is_finite()


def test_what_is_not_real_is_refused():
    for function in (sqrt(1 - y), 1 / (y - y**2)):
        with pytest.raises(DomainError, match="must be real"):
            check(function, [S(1), S(2)])


def test_a_function_that_differs_is_refused(monkeypatch):
    monkeypatch.setattr("bbpsym.functions.balls.enclosure", lambda _: lambda x: x.cosh())
    with pytest.raises(PrecisionError, match="cannot be evaluated"):
        check(1 / cosh(y), [S(1)])


def test_numbers_are_known_to_the_bits_asked_for():
    x = Rational(1, 10**60)
    small = accurate(lambda: 1 - enclosure(cos(y))(ball(x)), 80)
    assert small.rel_accuracy_bits() >= 80
    assert abs(float(small) / 5e-121 - 1) < 1e-15
    assert accurate(lambda: enclosure(sin(y) ** 2 + cos(y) ** 2 - 1)(ball(x)), 80) == 0
    assert not accurate(lambda: arb(1, 0.1), 80).is_finite()


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("at", [0.4, 1.5, 7.25, 64.5, 90.0])
def test_slopes_of_zeta(order, at):
    with mpmath.workdps(50):
        expected = mpmath.zeta(at, 1, order)
    with precision(200):
        slope = enclosure(written(zeta(y)).diff(y, order))
        assert abs(slope(arb(at)) / arb(expected) - 1) < 1e-9
        assert slope(arb(at, 1e-9)).contains(arb(expected))


def test_threads_do_not_change_each_others_precision():
    seen = []

    def work(bits):
        for _ in range(200):
            with precision(bits):
                seen.append(ctx.prec == bits)

    before = ctx.prec
    threads = [threading.Thread(target=work, args=(bits,)) for bits in (60, 300, 900)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(seen)
    assert ctx.prec == before


def test_absolute_values_are_left_to_pieces():
    with precision(60):
        assert not enclosure(Abs(y - 1))(arb(1, 0.5)).is_finite()


def test_powers_of_a_ball_about_zero():
    x = Symbol("x", real=True)
    for power in (2, 3):
        value = ball_function((x,), x**power, free=True)(arb(0, 0.5))
        assert value.contains(arb(0.5) ** power)
        assert value.is_finite()
        assert float(abs(value).upper()) < 0.51**power * 1.01


@pytest.mark.parametrize(
    "function",
    [
        *(besseli(n, y) for n in (0, 1, 3)),
        *(exp(-y) * besseli(n, y) for n in (0, 1, 3)),
        *(fresnels(y), fresnelc(y), lerchphi(Rational(1, 2), 2, y)),
        *((y - 3) ** n for n in (2, 3, 4)),
    ],
    ids=str,
)
def test_a_wide_ball_holds_all_values_on_it(function):
    draw, curve = random.Random(3), enclosure(function)
    with precision(100):
        for _ in range(20):
            low = draw.expovariate(0.1)
            box = arb(low).union(arb(low + draw.expovariate(0.1)))
            whole = curve(box)
            ends = [box.lower() + (box.upper() - box.lower()) * k / 7 for k in range(8)]
            assert all(whole.contains(curve(x.mid())) for x in ends if box.contains(x.mid()))


def test_falling_exponentials_of_bessel_functions_and_even_powers_keep_their_size():
    with precision(100):
        box = arb(50).union(arb(500))
        assert enclosure(exp(-y) * besseli(1, y))(box) < 0.06
        assert enclosure(besselj(0, y) ** 2)(box) > -1e-9
        assert abs(enclosure(fresnels(y))(box) - 0.5) < 0.01


def test_lerchs_transcendent_keeps_its_digits():
    # Nine tenths of the way terms fall slowly; `sum z^k/(a + k)^(1/2)` is near `10/a^(1/2)`.
    with precision(110):
        found = enclosure(lerchphi(Rational(9, 10), Rational(1, 2), y))(arb(10) ** 4)
    assert found.rel_accuracy_bits() > 90
    assert float(found) == pytest.approx(sum(0.9**k / (1e4 + k) ** 0.5 for k in range(500)))


def test_lerchs_transcendent_far_out():
    """The sum of `2^-k/(y + k)` is `2/y - 2/y^2 + ...`."""
    with precision(300):
        for decades in (99, 101, 400):
            value = enclosure(lerchphi(Rational(1, 2), 1, y))(arb(10) ** decades)
            assert abs(value * arb(10) ** decades / 2 - 1) < arb(10) ** -80


def test_a_power_of_the_label_to_the_label_comes_to_an_end():
    """SymPy's exact power of one fraction to another does not."""
    at = Rational(1234567891234567, 2**50)
    expected = float(at) ** (1 / float(at))
    assert float(evaluated(y ** (1 / y), at, 40)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("order", [Rational(-1, 2), Rational(-1), Rational(-7, 2)])
@pytest.mark.parametrize("z", [-20, -0.75, 0, 1.5, 30])
def test_parabolic_cylinders_are_mpmaths_and_enclosed(order, z):
    function = enclosure(ParabolicCylinder(order, y))
    found = accurate(lambda: function(arb(z)), 100)
    with mpmath.workdps(40), precision(140):
        theirs = arb(str(mpmath.pcfd(mpmath.mpf(order.p) / order.q, z)))
        assert abs(found - theirs) < abs(theirs) * arb("1e-27")
    with precision(100):
        assert function(arb(z, 0.5)).contains(function(arb(z + 0.25)))


def test_a_polynomial_with_a_coefficient_that_is_not_read_has_no_roots():
    """More digits than the precision tells; zero in its place is another polynomial."""
    wide = arb(2).union(arb(3))
    assert FUNCTIONS["PolynomialRoot"](0, -wide, 0, 1).is_nan()
    assert FUNCTIONS["PolynomialRoot"](1, -2, 0, 1).overlaps(arb(2).sqrt())
