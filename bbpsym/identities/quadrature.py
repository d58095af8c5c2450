"""Averages by brute force: a product rule over both outputs, sharing nothing with the reduction.

The densities of `y` and `yh` are integrated as they stand, each with a double-exponential map of
its own; the eigenvalues of the weight matrix enter as functions of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from sympy import Expr, lambdify

from bbpsym.equations.hessian import weight_matrix
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import f, p, p_star, u, y, yh

#: Digits up to which double precision serves.
DOUBLE = 12

#: Step of the rule in double precision; half of it changes nothing above 1e-15.
STEP = 0.085

#: Widths above this have a law so narrow that another map is better.
NARROW = 12


def average(argument: Expr, values: Mapping[Any, Any], digits: int) -> Any:
    """Evaluate `<argument>` at numeric parameters, by quadrature in two dimensions.

    Parameters
    ----------
    argument : Expr
        Argument of an `Average`: in f, y, yh, u^2 (averaged to y) and parameters.
    values : mapping of Symbol to number
        The parameters; p and p_star are integers.
    digits : int
        Digits wanted; double precision serves up to 12.
    """
    widths = {p: int(values[p]), p_star: int(values[p_star])}
    used = argument.subs(f, weight_matrix().identity + y).free_symbols - {y, yh}
    key = tuple(sorted(((k, v) for k, v in values.items() if k in used), key=str))
    return _average(argument, key, widths[p], widths[p_star], digits)


@cache
def _average(argument: Expr, items: tuple, width: int, width_star: int, digits: int) -> Any:
    number = as_number(digits)
    values = dict(items)
    names = [symbol for symbol in values if symbol not in (p, p_star)]
    numbers = [number(values[symbol]) for symbol in names]
    yh_nodes, yh_masses = chi_square_rule(width, digits)
    y_nodes, y_masses = chi_square_rule(width_star, digits)
    total = number(0)
    # Fractions are built in the private context, not at mpmath's global precision.
    precise: Any = [{"mpf": context(digits + 15).mpf}, "mpmath"]
    modules = "numpy" if digits <= DOUBLE else precise
    for eigenvalue, count in weight_matrix().eigenvalues():
        count = count.subs(p, width)
        if count == 0:
            continue
        integrand = argument.subs(u**2, y).subs(f, eigenvalue).subs({p: width, p_star: width_star})
        function = lambdify((y, yh, *names), integrand, modules)
        grid = function(y_nodes[:, None], yh_nodes[None, :], *numbers)
        grid = grid + 0 * (y_nodes[:, None] + yh_nodes[None, :])
        total = total + int(count) * (y_masses @ (grid @ yh_masses)) / width
    return total


def as_number(digits: int) -> Any:
    """The constructor of the arithmetic that serves `digits`: float, or numbers of a context."""
    if digits <= DOUBLE:
        return lambda value: complex(value) if isinstance(value, complex) else float(value)
    ctx = context(digits + 15)
    return lambda value: (
        ctx.mpf(int(value.p)) / int(value.q)
        if getattr(value, "is_Rational", False)
        else ctx.mpf(value._mpf_)
        if hasattr(value, "_mpf_") and not hasattr(value, "context")
        else ctx.convert(value)
    )


@cache
def chi_square_rule(width: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and masses for the mean of `width` squared standard Gaussians.

    The trapezoidal rule in x for `v = exp(x - exp(-x))`, double-exponential at both ends; for
    large widths, whose law is narrow, in units of its standard deviation for `v = exp(x)`.
    """
    precise = digits > DOUBLE
    ctx = context(digits + 15 if precise else 30)
    half = ctx.mpf(width) / 2
    e_folds = ctx.ln10 * (digits + 10 if precise else 18)
    finer = e_folds / 40 if precise else 1
    narrow = width > NARROW
    if narrow:
        step = ctx.mpf(0.35) / ctx.sqrt(half * finer)
        reach = ctx.sqrt(2 * e_folds / half)
        lower, upper = -reach - e_folds / half, reach + ctx.ln(1 + e_folds / half)
    else:
        step = ctx.mpf(STEP) / finer
        lower = -ctx.ln(2 * e_folds / half)
        upper = ctx.ln(2 * (e_folds + 10 * half) / half)
    norm = step * ctx.exp(half * ctx.ln(half) - half - ctx.loggamma(half))
    nodes, masses = [], []
    for k in range(int((upper - lower) / step) + 1):
        x = lower + k * step
        log_v, slope = (x, 1) if narrow else (x - ctx.exp(-x), 1 + ctx.exp(-x))
        v = ctx.exp(log_v)
        nodes.append(v)
        masses.append(norm * slope * ctx.exp(half * (log_v - v + 1)))
    dtype = object if precise else float
    return np.array(nodes, dtype=dtype), np.array(masses, dtype=dtype)
