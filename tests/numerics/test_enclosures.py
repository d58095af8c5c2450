"""Enclosures against `acb.integral`, against mpmath, and against what must not pass."""

from fractions import Fraction

import pytest
from flint import acb, arb, ctx
from sympy import Integer, Integral, Rational, exp, log, oo

from bbpsym.averages.laplace_variable import tail_bound
from bbpsym.compilation import compile as compiler
from bbpsym.compilation.compile import System
from bbpsym.compilation.systems import crossover_system, system
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.functions import balls
from bbpsym.numerics import enclosures, multiprecision
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.parameters import PROFILE, PROFILE_SLOPES, Parameter
from bbpsym.symbols import a, p, s

A, P, P_STAR, T = Parameter.A, Parameter.P, Parameter.P_STAR, Parameter.T

POINTS = [
    {A: Fraction(7, 10), P: 2, P_STAR: 1, T: Fraction(1, 2)},
    {A: Fraction(3, 2), P: 1, P_STAR: 3, T: Fraction(1)},
    {A: Fraction(1, 100), P: 3, P_STAR: 1, T: Fraction(9, 10)},
    {A: Fraction(50), P: 1000, P_STAR: 20, T: Fraction(1, 1000)},
]


def averages():
    return system(hessian_ensemble(), *PROFILE, *PROFILE_SLOPES)


def holds(enclosure, value):
    ball = enclosures.as_ball(enclosure, 40)
    return value in ball


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("bits", [40, 150])
def test_mpmath_values_lie_in_the_balls(point, bits):
    system = averages()
    expected = multiprecision.evaluate(system, point, multiprecision.context(60), CHI_SQUARE)
    with enclosures.precision(300):
        for name, enclosure in enclosures.evaluate(system, point, bits, CHI_SQUARE).items():
            assert enclosure.rel_accuracy_bits() > bits - 20
            assert holds(enclosure, expected[name])


@pytest.mark.parametrize("point", POINTS)
def test_a_ball_does_not_depend_on_what_was_asked_before(point):
    def bits_of(t):
        found = enclosures.evaluate(averages(), {**point, T: t}, 60, CHI_SQUARE)
        return {name: (ball.mid().man_exp(), ball.rad().man_exp()) for name, ball in found.items()}

    near = point[T] * Fraction(19, 20)
    expected = bits_of(near)
    enclosures._near_by.cache_clear()
    bits_of(point[T])
    assert bits_of(near) == expected


@pytest.mark.parametrize("point", POINTS[:3])
def test_acb_integral_agrees(point):
    system = averages()
    bits = 100
    with enclosures.precision(bits):
        given = {name: enclosures.ball(value) for name, value in point.items()}
        values = [given[name] for name in system.parameters]
        ours = enclosures.integrals(system, given, bits)
        end = arb(400) / given[A]
        tails = system.balls.tails(end, *values)
        for k, (our, tail) in enumerate(zip(ours, tails, strict=True)):
            theirs = acb.integral(
                lambda x, analytic, k=k: system.balls.integrands(x, analytic, *values)[k],
                0,
                end.mid(),
            ).real
            assert our.overlaps(theirs + arb(0, tail.abs_upper()))
            assert theirs.rel_accuracy_bits() > bits - 25


def test_parameters_may_be_balls():
    system = averages()
    wide = {**POINTS[0], T: arb(0.5, 0.001)}
    ball = enclosures.evaluate(system, wide, 60, CHI_SQUARE)["square"]
    for inner in ("0.4991", "0.5", "0.5009"):
        point = {**POINTS[0], T: Fraction(inner)}
        assert ball.contains(enclosures.evaluate(system, point, 60, CHI_SQUARE)["square"])


def test_tail_bounds_hold_and_are_not_idle():
    system = averages()
    with enclosures.precision(80):
        values = [enclosures.ball(POINTS[0][name]) for name in system.parameters]
        start = arb(12)
        bounds = system.balls.tails(start, *values)
        for k, bound in enumerate(bounds):
            tail = acb.integral(
                lambda x, analytic, k=k: system.balls.integrands(x, analytic, *values)[k],
                start,
                300,
            ).real
            assert abs(tail) < bound
            assert bound < 100 * abs(tail)


def test_every_integral_of_the_crossover_has_a_tail_bound():
    assert all(tail_bound(item.function) for item in crossover_system(hessian_ensemble()).integrals)


@pytest.mark.parametrize(
    "integrand",
    [
        exp(-a * s) / (1 - s),
        exp(-a * s + p * log(1 + s)),
        exp(-a * s) * (1 + s) ** Rational(3, 2),
        exp(-a * s) / (1 + s + s**2),
        exp(-s * log(s)),
    ],
)
def test_an_integrand_without_a_known_tail_is_refused(integrand):
    with pytest.raises(DomainError):
        tail_bound(integrand)


def slow_system():
    """Branch points close to the axis: the integrand is singular at s = -1/10."""
    decay = exp(-a * s - Rational(3, 2) * log(1 + 10 * s))
    return System({"value": Integral(decay, (s, 0, oo))})


def exact_slow(digits=50):
    context = multiprecision.context(digits)
    return context.quad(
        lambda x: context.exp(-x) * (1 + 10 * x) ** -1.5, [0, 0.01, 0.1, 1, 10, 50, 200]
    )


def test_half_integer_powers():
    with enclosures.precision(120):
        assert holds(
            enclosures.evaluate(slow_system(), {a: 1}, 100, CHI_SQUARE)["value"], exact_slow()
        )


def test_a_missing_tail_bound_is_caught(monkeypatch):
    system = slow_system()
    functions = system.balls

    def nothing(_start, *_values):
        return [arb(0)]

    monkeypatch.setitem(vars(system), "balls", functions._replace(tails=nothing))
    with enclosures.precision(120):
        assert not holds(
            enclosures.evaluate(system, {a: 1}, 100, CHI_SQUARE)["value"], exact_slow()
        )


def growing_root(monkeypatch):
    """A square root that is finite at its branch point, so that only `analytic` sees the cut."""
    monkeypatch.setattr(compiler, "tail_bound", lambda integrand: 2 * integrand)
    return System({"value": Integral(exp(-a * s) * (1 + 10 * s) ** Rational(1, 2), (s, 0, oo))})


def exact_growing_root(digits=50):
    context = multiprecision.context(digits)
    return context.quad(
        lambda x: context.exp(-x) * context.sqrt(1 + 10 * x), [0, 0.01, 0.1, 1, 10, 50, 200]
    )


def test_a_cut_is_seen(monkeypatch):
    found = enclosures.evaluate(growing_root(monkeypatch), {a: 1}, 100, CHI_SQUARE)["value"]
    with enclosures.precision(120):
        assert holds(found, exact_growing_root())


def test_a_cut_crossed_without_analytic_is_caught(monkeypatch):
    class Careless(balls.BallPrinter):
        """Print square roots the plain way: right at every point, wrong as a bound."""

        def _print_Pow(self, expr, **options):
            plain = expr.exp == Rational(1, 2)
            return f"({self._print(expr.base)}).sqrt()" if plain else super()._print_Pow(expr)

    monkeypatch.setattr(balls, "BallPrinter", Careless)
    found = enclosures.evaluate(growing_root(monkeypatch), {a: 1}, 100, CHI_SQUARE)["value"]
    with enclosures.precision(120):
        assert not holds(found, exact_growing_root())


def test_a_wrong_formula_is_caught(monkeypatch):
    system = averages()
    functions = system.balls

    def slightly_wrong(x, analytic, *values):
        right = functions.integrands(x, analytic, *values)
        return [term * (1 + arb(10) ** -35) for term in right]

    monkeypatch.setitem(vars(system), "balls", functions._replace(integrands=slightly_wrong))
    expected = multiprecision.evaluate(system, POINTS[0], multiprecision.context(60), CHI_SQUARE)
    with enclosures.precision(200):
        for name, enclosure in enclosures.evaluate(system, POINTS[0], 150, CHI_SQUARE).items():
            assert not holds(enclosure, expected[name])


def test_no_precision_leaks():
    before = ctx.prec
    enclosures.evaluate(slow_system(), {a: 1}, 200, CHI_SQUARE)
    assert ctx.prec == before
    with pytest.raises(PrecisionError), enclosures.precision(90):
        raise PrecisionError
    assert ctx.prec == before


def test_what_does_not_decay_is_an_error():
    growing = System({"value": Integral(exp(-a * s + s) * Integer(1), (s, 0, oo))})
    with pytest.raises((PrecisionError, DomainError)):
        enclosures.evaluate(growing, {a: Fraction(1, 2)}, 60, CHI_SQUARE)


def test_gauss_legendre_is_exact_for_polynomials():
    with enclosures.precision(100):
        rule = enclosures.gauss_legendre(6, 64)
        total = sum((w * x**10 for x, w in rule), arb(0))
        assert total.overlaps(arb(2) / 11)
        assert total.rel_accuracy_bits() > 55
