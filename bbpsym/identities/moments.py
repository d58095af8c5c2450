"""Chapter 5: sums over the samples, and moments of the bulk seen in samples and counted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

import numpy as np
from sympy import (
    ZZ,
    Eq,
    Expr,
    Rational,
    Symbol,
    factorial,
    lambdify,
    ring,
    solve,
    symbols,
)

from bbpsym.equations import partitions, resolvent
from bbpsym.equations.average import Average
from bbpsym.equations.hessian import weight_matrix
from bbpsym.identities.points import parameters
from bbpsym.identities.proof import require
from bbpsym.identities.quadrature import average
from bbpsym.identities.record import Nature, Point, Record, Statement
from bbpsym.symbols import a, alpha, f, g, p, p_star, y, yh, z

#: Orders of the moments that are seen in samples, and of those that are counted.
SAMPLED_ORDER, COUNTED_ORDER = 4, 8

sample_mean = Symbol(r"\frac{1}{N} \sum_\mu f^\mu", real=True)


def concentration() -> Eq:
    """A sum over the samples is its mean, as N -> infinity."""
    return Eq(sample_mean, alpha * Average(f))


def concentration_points(rng: Random, _digits: int) -> Iterator[Point]:
    """A sum over many samples."""
    values = parameters(rng)
    generator = np.random.default_rng(rng.randrange(2**32))
    count, width, width_star = 4_000_000, int(values[p]), int(values[p_star])
    target = generator.chisquare(width_star, count) / width_star
    output = generator.chisquare(width, count) / width
    total = 0.0
    for eigenvalue, number in weight_matrix().eigenvalues():
        share = float(number.subs(p, width)) / width
        sample = eigenvalue.subs({p: width, a: float(values[a])})
        total += share * float(np.mean(_call(sample, target, output)))
    yield values | {sample_mean: total * float(values[alpha])}


def _call(expression: Expr, target: np.ndarray, output: np.ndarray) -> np.ndarray:
    return lambdify((y, yh), expression, "numpy")(target, output)


def planarity() -> Statement:
    """Only planar diagrams survive: moments of the bulk are sums over non-crossing partitions."""
    orders = range(1, SAMPLED_ORDER + 1)
    return tuple(
        Eq(partitions.moment_symbol(n), partitions.moment(n, partitions.sample_cumulant))
        for n in orders
    )


def planarity_points(rng: Random, _digits: int) -> Iterator[Point]:
    """Moments of sampled matrices with p = 1, for weights independent of the inputs."""
    generator = np.random.default_rng(rng.randrange(2**32))
    size, ratio, shift, runs = 600, 4, 2.0, 3
    totals, powers = np.zeros(SAMPLED_ORDER), np.zeros(SAMPLED_ORDER)
    for _ in range(runs):
        target, output = generator.chisquare(8, (2, ratio * size)) / 8  # light tails
        ((_, _), (eigenvalue, _)) = weight_matrix().eigenvalues()
        weights = _call(eigenvalue.subs({p: 1, a: shift}), target, output)
        data = generator.standard_normal((ratio * size, size)) / np.sqrt(size)
        totals += _traces(data.T @ (weights[:, None] * data)) / (size * runs)
        orders = np.arange(1, SAMPLED_ORDER + 1)[:, None]
        powers += ratio * np.mean(weights**orders, axis=1) / runs
    yield {
        **{partitions.moment_symbol(n + 1): value for n, value in enumerate(totals)},
        **{partitions.sample_cumulant(n + 1): value for n, value in enumerate(powers)},
    }


def _traces(matrix: np.ndarray) -> np.ndarray:
    """Traces of the first four powers of a symmetric matrix."""
    square = matrix @ matrix
    pairs = (matrix, matrix), (square, matrix), (square, square)
    return np.array([np.trace(matrix), *(np.sum(left * right) for left, right in pairs)])


@cache
def moments_from_equation(order: int) -> tuple[Expr, ...]:
    """Moments from (31): put `z g = 1 + sum_n kappa_n g^n` into itself, as a series in w = 1/z.

    The kappa_n are the Taylor coefficients of `g z(g)`, by differentiating (31) under the average.
    """
    kappas = symbols(f"kappa1:{order + 1}")
    domain, *cumulants = ring(kappas, ZZ)
    stieltjes = [domain(1)] + [domain(0)] * order  # coefficients of w, w^2, ...
    for _ in range(order):
        power, total = [domain(1)] + [domain(0)] * order, [domain(1)] + [domain(0)] * order
        for shift, cumulant in enumerate(cumulants, start=1):
            power = _product(power, stieltjes)
            for n in range(order + 1 - shift):
                total[n + shift] += cumulant * power[n]
        stieltjes = total
    values = dict(zip(kappas, _taylor_coefficients(order), strict=True))
    return tuple(moment.as_expr().subs(values) for moment in stieltjes[1:])


def _taylor_coefficients(order: int) -> list[Expr]:
    """Coefficients of g, g^2, ... in `g z(g)`, from the equation (31) itself."""
    (level,) = solve(resolvent.scalar_equation(), z)
    slope = (g * level).expand()
    found = []
    for n in range(order + 1):
        found.append((slope.subs(g, 0) / factorial(n)).expand(average=True))
        slope = slope.diff(g).doit()
    require(found[0] == 1, "g z(g) tends to one")
    return found[1:]


def _product(left: list[Any], right: list[Any]) -> list[Any]:
    """Product of two truncated power series."""
    return [sum(left[k] * right[n - k] for k in range(n + 1)) for n in range(len(left))]


def counted_moments() -> Statement:
    """Moments to order 8 by counting non-crossing partitions."""
    orders = range(1, COUNTED_ORDER + 1)
    return tuple(Eq(partitions.moment_symbol(n), partitions.moment(n)) for n in orders)


def moments_of_the_stieltjes_transform() -> Statement:
    """Moments as the coefficients of g(z) at large z, from (31)."""
    found = moments_from_equation(COUNTED_ORDER)
    return tuple(Eq(partitions.moment_symbol(n), m) for n, m in enumerate(found, start=1))


def moment_points(rng: Random, digits: int) -> Iterator[Point]:
    """Free cumulants from quadrature, moments by Lagrange inversion of `z(g)`."""
    values = parameters(rng)
    cumulants = [
        values[alpha] * _exact(average(f**n, values, digits)) for n in range(1, COUNTED_ORDER + 1)
    ]
    yield values | {
        partitions.moment_symbol(n): _lagrange(cumulants, n) for n in range(1, COUNTED_ORDER + 1)
    }


def _exact(value: Any) -> Rational:
    return Rational(float(value)) if isinstance(value, float) else Rational(str(value))


def _lagrange(cumulants: list[Rational], order: int) -> Rational:
    """The coefficient `[g^n] phi^(n+1)/(n+1)` with `w = g/phi(g)`, phi = 1 + sum c_k g^k."""
    series = [Rational(1), *cumulants[:order]]
    power = [Rational(1)] + [Rational(0)] * order
    for _ in range(order + 1):
        power = _product(power, series)
    return power[order] / (order + 1)


RECORDS = (
    Record(
        "concentration",
        "Sums over the samples concentrate",
        Nature.LARGE_N,
        concentration,
        domain="N -> infinity at fixed alpha = M/N",
        how="law of large numbers; seen with 4e6 samples",
        witness=concentration_points,
        reach=2,
    ),
    Record(
        "planarity",
        "Only planar diagrams survive",
        Nature.LARGE_N,
        planarity,
        domain="N -> infinity; the bulk is a compound free Poisson variable",
        how="crossing lines cost 1/N; four moments of sampled matrices",
        witness=planarity_points,
        reach=2,
    ),
    Record(
        "moments",
        "Moments of the bulk to order 8",
        Nature.DERIVED,
        counted_moments,
        domain="all moments of the weights exist",
        follows_from=("31",),
        how="series of g(z) from (31) against non-crossing partitions",
        derive=moments_of_the_stieltjes_transform,
        witness=moment_points,
    ),
)
