"""Limits and orders of sequences that are known, under noise."""

from random import Random

import pytest

from bbpsym import claim
from bbpsym.claims.approach import Way, falls_like, vanishes
from bbpsym.claims.drawn import NEAR
from bbpsym.numerics.multiprecision import context
from tests.cases import long


@pytest.mark.parametrize("off", [0, *long(1e-9), 1e-6])
@pytest.mark.parametrize(
    "of", [lambda v: 1 / v + 3 / v**2, lambda v: 1 / ctx.sqrt(v), *long(lambda v: ctx.log(v) / v)]
)
def test_noise_never_makes_a_limit_true_or_false(of, off):
    rng, noise = Random(3), ctx.mpf(10) ** -12
    ways = [[of(v) + off + rng.uniform(-1, 1) * noise for v in NEAR] for _ in range(20)]
    found = [vanishes(way, ctx.one, [noise] * len(NEAR), None, ctx) for way in ways]
    wrong = "false" if off == 0 else "true"
    assert wrong not in {item.verdict for item in found}
    assert all(item.digits < 12 for item in found if item.verdict == "true")
    if off != 1e-9:
        assert {item.verdict for item in found} == {"true" if off == 0 else "false"}


ctx = context(60)
POWERS = [ctx.mpf(4) ** k for k in range(4, 17)]
NOISE = ctx.mpf(10) ** -50


@pytest.mark.parametrize(
    ("of", "verdict"),
    [
        (lambda v: 1 / v + 3 / v**2, "true"),
        (lambda v: ctx.log(v) / v, "true"),
        (lambda v: 1 / ctx.sqrt(v) + 1 / v, "true"),
        (lambda v: ctx.mpf(10) ** -9 + 1 / v, "false"),
        (lambda v: ctx.mpf(10) ** -15 + ctx.log(v) / v + 1 / v**2, "false"),
        (lambda v: ctx.log(v) ** 2 / v, "true"),
        (lambda v: ctx.exp(-v / 100), "true"),
        (ctx.log, "undecided"),
        (lambda v: 1 / ctx.log(v), "undecided"),
        (lambda v: ctx.sqrt(v), "false"),
    ],
)
def test_limits_of_known_sequences(of, verdict):
    noises = [NOISE] * len(POWERS)
    assert vanishes([of(v) for v in POWERS], ctx.one, noises, 10, ctx).verdict == verdict


def test_noise_is_no_limit():
    loud = [ctx.one] * len(POWERS)
    found = vanishes([ctx.zero] * len(POWERS), ctx.one, loud, 10, ctx)
    assert (found.verdict, found.digits) == ("undecided", 0)
    orders = [1 / v**2 for v in POWERS]
    way = Way(POWERS, [ctx.zero] * len(POWERS), orders, POWERS, loud)
    assert falls_like(way, 10, ctx).verdict == "undecided"


@pytest.mark.parametrize(
    ("rest", "order", "verdict"),
    [
        (lambda v: 2 / v**2 + 1 / v**3, lambda v: 1 / v**2, "true"),
        (lambda v: 2 / v**3, lambda v: 1 / v**2, "true"),
        (lambda v: ctx.log(v) / v**2, lambda v: ctx.log(v) / v**2, "true"),
        (lambda v: 1 / v**2, lambda v: ctx.log(v) / v**2, "true"),
        (lambda v: ctx.log(v) / v**2, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -9 / v, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -9 / ctx.sqrt(v), lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -12 / v, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v, lambda v: 1 / v**2, "false"),
        (lambda v: ctx.zero, lambda v: 1 / v**2, "true"),
    ],
)
def test_orders_of_known_remainders(rest, order, verdict):
    whole, left, claimed = ([f(v) for v in POWERS] for f in (lambda v: 1 + v, rest, order))
    way = Way(whole, left, claimed, POWERS, [NOISE * value for value in whole])
    assert falls_like(way, 10, ctx).verdict == verdict


@pytest.mark.parametrize(
    ("exponent", "digits", "verdict"),
    [(4, 10, "true"), (6, 10, "true"), (6, 14, "undecided"), (7, 10, "false")],
)
def test_a_remainder_that_sinks_into_the_noise_is_read_before(exponent, digits, verdict):
    rest = [1 / v**6 + ctx.mpf(10) ** -37 * (-1) ** k for k, v in enumerate(POWERS)]
    noises = [2 * ctx.mpf(10) ** -37] * len(POWERS)
    orders = [1 / v**exponent for v in POWERS]
    assert not all(abs(value) > noise for value, noise in zip(rest, noises, strict=True))
    way = Way([1 + 1 / v for v in POWERS], rest, orders, POWERS, noises)
    assert falls_like(way, digits, ctx).verdict == verdict


def test_an_order_alone_shows_no_digits():
    orders = [v**2 for v in POWERS]
    way = Way(POWERS, POWERS, orders, POWERS, [NOISE * v for v in POWERS])
    assert falls_like(way, 40, ctx)[:2] == ("true", None)
    found = claim("alpha_BBP = O(p^3, p, inf)", points=1)
    assert (found.verdict, found.record()["digits"]) == ("true", 0)
    assert found.points[0].record()["digits"] is None
    assert found.summary == "true at 1 random point: the order holds, and no digits stand before it"


def test_a_remainder_that_sinks_at_once_decides_nothing():
    rest = [1 / v**30 for v in POWERS]
    noises = [abs(rest[2])] * len(POWERS)
    way = Way([1 + 1 / v for v in POWERS], rest, [1 / v**4 for v in POWERS], POWERS, noises)
    assert falls_like(way, 10, ctx).verdict == "undecided"
