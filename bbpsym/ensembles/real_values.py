"""Formulas of a loss or an activation on arrays: real and finite, or a sentence says where not."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

import numpy as np
from flint import arb
from mpmath.ctx_mp import MPContext
from mpmath.libmp import from_man_exp
from sympy import Expr, Float, Function, Integral, Symbol, Tuple, lambdify

from bbpsym.compilation.compile import _array_function
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.functions.arb_functions import precision

#: Digits of a Gaussian mean.
MEAN_DIGITS = 25

#: Working digits beyond those of a mean, where its integral is cut, at every integer as far as the
#: Gaussian has weight, and the finest rule that is tried between.
GUARD, REACH, DEGREE = 10, 12, 10

#: Steps of the trapezoidal rule for means at given data, how well two of them have to agree, and
#: how many values are held at once.
STEPS, AGREED, HELD_AT_ONCE = tuple(0.25 / 2**k for k in range(12)), 1e-14, 2**18


def evaluate(expression: Expr, variables: tuple[Symbol, ...], points: np.ndarray) -> np.ndarray:
    """Evaluate an expression at points, shape (nodes, variables)."""
    columns = [points[:, k] for k in range(len(variables))]
    return np.broadcast_to(evaluate_at(expression, variables, *columns), len(points)).copy()


def evaluate_at(
    expression: Expr, variables: tuple[Symbol, ...], *columns: Any, name: str = ""
) -> np.ndarray:
    """Evaluate an expression on arrays; `name` is the argument that it comes from.

    Raises
    ------
    DomainError
        If it is no finite real number at some of them.
    """
    function = compiled(expression, variables)
    values = np.asarray(np.nan, dtype=complex)
    # A constant may be too large for a double.
    with suppress(OverflowError), np.errstate(all="ignore"):
        values = np.asarray(function(*columns)[0], dtype=complex)
    shape = np.broadcast_shapes(*(np.shape(c) for c in columns)) if columns else ()
    values = np.broadcast_to(values, shape)
    bad = _is_bad(values)
    if np.any(bad):
        values = values.copy()
        values[bad] = _in_wide_range(
            expression, variables, [np.broadcast_to(c, shape)[bad] for c in columns]
        )
        bad = _is_bad(values)
    if np.any(bad):
        where = np.unravel_index(int(np.argmax(bad)), shape) if shape else ()
        place = ", ".join(
            f"{v} = {np.broadcast_to(c, shape)[where]:.3g}"
            for v, c in zip(variables, columns, strict=True)
        )
        raise DomainError(
            f"{name or 'loss, activation and teacher'} must be real and finite on the data, with "
            f"two derivatives if it is no teacher, which is not so at {place}"
        )
    return values.real


def _is_bad(values: np.ndarray) -> np.ndarray:
    return ~np.isfinite(values) | (np.abs(values.imag) > 1e-12 * (1 + np.abs(values)))


def _in_wide_range(
    expression: Expr, variables: tuple[Symbol, ...], columns: list[np.ndarray]
) -> np.ndarray:
    """Values where doubles overflow on the way, by mpmath; nan from the first on that is none.

    Most have them in long doubles already, where there are any.
    """
    values = np.full(len(columns[0]) if columns else 1, np.nan, dtype=complex)
    # SciPy's functions have none.
    with suppress(TypeError, OverflowError), np.errstate(all="ignore"):
        long = (column.astype(np.longdouble) for column in columns)
        values[:] = compiled(expression, variables)(*long)[0]
    ctx = MPContext()
    function = lambdify(variables, expression, [functions_of(ctx)])
    for k in np.flatnonzero(_is_bad(values)):
        try:
            values[k] = complex(function(*(ctx.mpf(float(column[k])) for column in columns)))
        except (ArithmeticError, ValueError, TypeError, NotImplementedError, MemoryError):
            break
        if _is_bad(values[k : k + 1])[0]:
            break
    return values


@lru_cache(maxsize=32)
def compiled(formulas: Expr | tuple[Expr, ...], variables: tuple[Symbol, ...]) -> Any:
    """Compile formulas for arrays: a function that gives a list, of one where there is one.

    A mean that has no closed form is a number.

    Raises
    ------
    DomainError
        If they hold a function that neither NumPy nor SciPy has.
    """
    together = Tuple(*formulas) if isinstance(formulas, tuple) else Tuple(formulas)
    expressions, means = _without_means(together)
    function = _array_function(variables, list(expressions), _special() | means)
    known = function.__globals__.keys() | vars(builtins)
    if unknown := sorted({*function.__code__.co_names} - known):
        raise DomainError(
            "the loss and the activation must be made of functions that NumPy or SciPy has, and "
            f"{', '.join(unknown)} is none"
        )
    return function


def _without_means(expression: Tuple) -> tuple[Tuple, dict[str, Any]]:
    """Put numbers for means, and functions for those that depend on something."""
    functions: dict[str, Any] = {}
    values = {}
    for mean in expression.atoms(Integral):
        free = tuple(sorted(mean.free_symbols, key=str))
        if free:
            name = f"mean_{len(functions)}"
            functions[name] = partial(_means, mean, free)
            values[mean] = Function(name)(*free)
        else:
            values[mean] = mean_number(mean, MEAN_DIGITS)
    return expression.xreplace(values), functions


def _means(mean: Integral, free: tuple[Symbol, ...], *columns: Any) -> np.ndarray:
    """A Gaussian mean as a function of arrays, which have few different values."""
    arrays = np.broadcast_arrays(*columns)
    rows, place = np.unique(
        np.stack([item.ravel() for item in arrays], axis=1), axis=0, return_inverse=True
    )
    function = compiled(mean.function, (*free, *mean.variables))
    # Far out the rounding of the data is that of the values; all rows have to agree, since the
    # nodes of a coarse rule may all miss where an activation is steep.
    size = np.abs(rows).max(axis=1, initial=1.0)
    coarse = np.full(len(rows), np.inf)
    for step in STEPS:
        fine = _by_trapezoids(function, rows, step)
        if not np.any(np.abs(fine - coarse) > AGREED * np.maximum(size, np.abs(fine))):
            return fine[place.ravel()].reshape(arrays[0].shape)
        coarse = fine
    raise PrecisionError(f"the Gaussian mean {mean} is not found to double precision")


def _by_trapezoids(function: Any, rows: np.ndarray, step: float) -> np.ndarray:
    """Integrals over the last variable of a function, for rows of the others."""
    x = np.arange(-REACH, REACH, step) + step / 2
    pieces = np.array_split(rows, len(rows) * len(x) // HELD_AT_ONCE + 1)
    sums = [np.sum(function(*part.T[:, :, None], x)[0], axis=1) for part in pieces]
    return step * np.concatenate(sums)


@lru_cache(maxsize=64)
def mean_number(mean: Integral, digits: int) -> Float:
    """A Gaussian mean in digits, by mpmath: SymPy's own way takes minutes for an error function.

    Raises
    ------
    PrecisionError
        If two rules do not agree on it to its digits.
    """
    ctx = MPContext()
    ctx.dps = digits + GUARD
    integrand = lambdify(mean.variables, mean.function, [functions_of(ctx)])
    ends = [-ctx.inf, *range(-REACH, REACH + 1), ctx.inf]
    value, error = ctx.quad(integrand, ends, error=True, maxdegree=DEGREE)
    if not error <= ctx.mpf(10) ** -digits * max(1, abs(value)):
        raise PrecisionError(f"the Gaussian mean {mean} is not found to {digits} digits")
    return Float(str(value), digits)


def functions_of(ctx: MPContext) -> dict[str, Any]:
    """All that a context of mpmath knows, by its name; error functions by balls, far faster."""
    known = {name: getattr(ctx, name) for name in dir(ctx) if not name.startswith("_")}
    return known | {name: partial(_by_ball, ctx, name, known[name]) for name in ("erf", "erfc")}


def _by_ball(ctx: MPContext, name: str, other: Callable, x: Any) -> Any:
    """A function of a finite real number; of another one as mpmath has it."""
    if not (isinstance(x, ctx.mpf) and ctx.isfinite(x)):
        return other(x)
    with precision(ctx.prec + GUARD):
        mantissa, exponent = getattr(arb(x), name)().mid().man_exp()
    return +ctx.make_mpf(from_man_exp(int(mantissa), int(exponent)))


def _special() -> dict[str, Any]:
    """Functions that NumPy does not have."""
    from scipy import special

    bessel = {f"bessel{kind}": getattr(special, f"{kind}v") for kind in "jyik"}
    alike = ("erf", "erfc", "erfi", "erfinv", "gamma", "loggamma", "digamma", "polygamma", "zeta")
    return bessel | {name: getattr(special, name) for name in alike}
