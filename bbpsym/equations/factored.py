"""Formulas in factors, where that loses no digits and comes to an end."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from sympy import (
    DiracDelta,
    Expr,
    Float,
    Integral,
    Mul,
    Pow,
    S,
    Symbol,
    cosh,
    exp,
    factor,
    lambdify,
    sinh,
    tanh,
)

#: Operations of the longest formula that is factored: what is longer becomes longer still.
LONGEST = 100

#: Largest multiple in an exponent: SymPy takes `exp(k x)` for the k-th power of what it factors.
RATE = 30

#: Points at which two forms are compared, and how wide they lie: then about the worst of them.
POINTS, WIDTHS = 256, (2.0, 0.3, 0.03, 0.003)

#: How wide they lie where exponentials may overflow.
WIDE = 10.0

#: Relative difference that is looked into, and how much worse the factors then have to be.
DIFFERENT, WORSE = 1e-11, 10.0

#: What keeps a quotient finite.
TINY = 1e-300


@lru_cache(maxsize=256)
def factored(formula: Expr) -> Expr:
    """Factor a formula, unless it is long, its powers are high, or factors lose digits."""
    plain = without_overflow(without_atoms(formula))
    if plain.count_ops() > LONGEST or _rate(plain) > RATE:
        return plain
    found = factor(plain)
    if _exponentials(found) > max(1, _exponentials(plain)) or _loses_digits(found, plain):
        return plain
    return found


def without_atoms(formula: Expr) -> Expr:
    """Drop the atoms that SymPy writes into derivatives of `|x|^3`, which is differentiable twice.

    Whether a second derivative has none is checked where a formula is read.
    """
    return formula.replace(DiracDelta, lambda *_: S.Zero)


def without_overflow(expression: Expr) -> Expr:
    """Write quotients of hyperbolic functions by `tanh`, which stays finite."""
    return expression.replace(sinh, lambda x: tanh(x) * cosh(x))


def _rate(formula: Expr) -> int:
    """Largest numerator of a number in an exponent that varies."""
    exponents = [item.as_base_exp()[1] for item in formula.atoms(exp, Pow)]
    numbers = [
        number
        for exponent in exponents
        if exponent.free_symbols
        for number in exponent.expand().as_coefficients_dict().values()
    ]
    return max((abs(int(number.p)) for number in numbers if number.is_Rational), default=0)


def _loses_digits(found: Expr, plain: Expr) -> bool:
    """Whether factors are further from the truth than the formula itself, where they differ."""
    names = sorted(plain.free_symbols, key=str)
    if found == plain or not names or plain.has(Integral):
        return False
    try:
        both = lambdify(names, [found, plain])
        if _overflows(both, names):
            return True
        gap, point, forms = _worst(both, names)
    except (NameError, TypeError):  # a function that NumPy and SciPy do not have
        return False
    if gap <= DIFFERENT:
        return False
    truth = plain.evalf(20, subs=dict(zip(names, map(Float, point), strict=True)))
    errors = [abs(Float(form) - truth) for form in forms]
    return bool(truth.is_Float and errors[0] > WORSE * errors[1])


def _exponentials(formula: Expr) -> int:
    """The most exponentials in one product.

    SymPy writes `exp(-(x - y)^2)` as three of them, of which one overflows doubles far out.
    """
    products = ([f for f in item.args if isinstance(f, exp)] for item in formula.atoms(Mul))
    return max(map(len, products), default=0)


def _overflows(both: Callable, names: list[Symbol]) -> bool:
    """Whether factors overflow doubles where the formula itself does not."""
    found, plain = _values(both, WIDE * _drawn(names))
    return bool(np.any(np.isfinite(plain) & ~np.isfinite(found)))


def _drawn(names: list[Symbol]) -> np.ndarray:
    """Points of one seed, in the ranges of the names."""
    points = np.random.default_rng(0).normal(size=(POINTS, len(names)))
    signs = [v.is_nonnegative for v in names]
    return np.where(signs, np.abs(points), points)


def _values(both: Callable, points: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.array([np.broadcast_to(form, len(points)) for form in both(*points.T)])


def _worst(both: Callable, names: list[Symbol]) -> tuple[float, np.ndarray, np.ndarray]:
    """Where two forms differ most: the relative difference, the point, and their values."""
    rng = np.random.default_rng(0)
    found = 0.0, np.zeros(len(names)), np.zeros(2)
    for width in WIDTHS:
        points = found[1] + width * rng.normal(size=(POINTS, len(names)))
        for k, v in enumerate(names):
            points[:, k] = np.abs(points[:, k]) if v.is_nonnegative else points[:, k]
        values = _values(both, points)
        good = np.isfinite(values).all(axis=0)
        if not good.any():
            break
        values, points = values[:, good], points[good]
        size = np.abs(values[1])
        gaps = np.abs(values[0] - values[1]) / (np.maximum(size, np.median(size)) + TINY)
        k = int(np.argmax(gaps))
        if gaps[k] > found[0]:
            found = float(gaps[k]), points[k], values[:, k]
    return found
