"""Averages by brute force: a product rule over both outputs, sharing nothing with the reduction.

The densities of `y` and `yh` are integrated as they stand, each with a double-exponential map of
its own; the weight matrix enters by its eigenvalues, or for p = 2 by itself. The arithmetic is
double precision, or balls at the precision that the caller has set (`enclosures.precision`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import flint
import numpy as np
from sympy import Expr, Function, Rational, Symbol, exp, lambdify
from sympy.functions.elementary.hyperbolic import HyperbolicFunction

from bbpsym import symbols as s
from bbpsym.equations import resolvent
from bbpsym.functions.arb_functions import FUNCTIONS, NAMES
from bbpsym.numerics.enclosures import precision

#: Digits up to which double precision serves, and those of the balls beyond what is asked for.
DOUBLE, GUARD = 12, 15

#: Step of the rule in double precision; half of it changes nothing above 1e-15.
STEP = 0.085

#: Widths above this have a law so narrow that another map is better.
NARROW = 12

#: Angles of a student's pre-activations: exact for the trigonometric polynomials that occur.
ANGLES = 8

#: Functions of one argument that the loss of a rotated network may hold.
ONE_ARGUMENT = ("sin", "cos", "tan", "asin", "acos", "atan", "asinh", "erf", "erfc")

#: A weight of the random matrix as a function of the outputs, and its share of the p weights.
Weights = tuple[tuple[Expr, Any], ...]


def bits(digits: int) -> int:
    """Working precision for a number of digits, in bits."""
    return round(3.33 * (digits + GUARD))


def number(value: Any, digits: int) -> Any:
    """A number of the arithmetic that serves `digits`: a float (or complex), or a ball."""
    if digits <= DOUBLE:
        return complex(value) if isinstance(value, complex) else float(value)
    if isinstance(value, (int, Rational, Fraction)):
        return flint.arb(flint.fmpq(int(value.numerator), int(value.denominator)))
    return value if isinstance(value, (flint.arb, flint.acb)) else flint.arb(str(value))


def hessian_weights(width: int) -> Weights:
    """The eigenvalues (48) of the paper's Hessian, written out anew."""
    counts = {1: width - 1, 3: 1}
    values = ((2 / s.p * (c * s.yh - s.y) / (s.a + s.y), count) for c, count in counts.items())
    return tuple((value, Rational(count, width)) for value, count in values if count)


def average(argument: Expr, values: Mapping[Any, Any], weights: Weights, digits: int) -> Any:
    """Evaluate `<argument>`, in f, u^2 (which becomes y), both outputs and parameters.

    Of the values, p and p_star are integers, and g may be complex; f runs over `weights`.
    """
    nodes = (chi_square_rule(int(values[width]), digits) for width in (s.p_star, s.p))
    (y, y_masses), (yh, yh_masses) = nodes
    total = number(0, digits)
    for value, share in weights if argument.has(s.f) else ((s.f, 1),):
        integrand = argument.subs(s.u**2, s.y).subs(s.f, value)
        names = sorted(integrand.free_symbols - {s.y, s.yh}, key=str)
        function = _compiled(integrand, tuple(names), digits > DOUBLE)
        numbers = [number(values[name], digits) for name in names]
        grid = _on_grid(function, y, yh, numbers)
        if digits <= DOUBLE and not np.all(np.isfinite(grid)):
            with suppress(TypeError):  # SciPy has special functions of doubles only
                wide = y.astype(np.longdouble), yh.astype(np.longdouble)
                grid = _on_grid(function, *wide, numbers).astype(grid.dtype)
        total += number(share, digits) * (y_masses @ (grid @ yh_masses))
    return total


def _on_grid(function: Any, y: np.ndarray, yh: np.ndarray, numbers: list[Any]) -> Any:
    """Values for every pair of outputs; what overflows is seen by them."""
    with np.errstate(over="ignore", invalid="ignore"):
        return function(y[:, None], yh[None, :], *numbers) + 0 * (y[:, None] + yh[None, :])


def _is_power(item: Expr) -> bool:
    return bool(item.is_Pow and item.exp.is_Integer and item.exp > 1)


@lru_cache(maxsize=1024)
def _compiled(integrand: Expr, names: tuple[Symbol, ...], balls: bool) -> Any:
    if not balls:
        return lambdify((s.y, s.yh, *names), integrand, ["scipy", "numpy"])
    integrand = integrand.rewrite([*HyperbolicFunction.__subclasses__()], exp)
    # About zero balls know no power of their own.
    integrand = integrand.replace(_is_power, lambda item: Function("power")(*item.args))
    return lambdify((s.y, s.yh, *names), integrand, [_known_to_balls(), "mpmath"])


@cache
def _known_to_balls() -> dict[str, Any]:
    """Functions of arrays of balls, by the names that SymPy gives them for mpmath."""
    names = {name: np.frompyfunc(FUNCTIONS[name], 1, 1) for name in ONE_ARGUMENT}
    power = np.frompyfunc(NAMES["power"], 2, 1)
    own = {"mpf": flint.arb, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "power": power}
    return names | own


def chi_square_rule(width: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and masses for the mean of `width` squared standard Gaussians.

    The trapezoidal rule in x for `v = exp(x - exp(-x))`, double-exponential at both ends; for
    large widths, whose law is narrow, in units of its standard deviation for `v = exp(x)`.
    """
    return _rule(width, digits if digits > DOUBLE else DOUBLE)


@cache
def _rule(width: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    precise = digits > DOUBLE
    half, decay = width / 2, 2.303 * (digits + 10 if precise else 18)
    finer = decay / 40 if precise else 1.0
    if width > NARROW:
        step, reach = 0.35 / (half * finer) ** 0.5, (2 * decay / half) ** 0.5
        lower, upper = -reach - decay / half, reach + np.log(1 + decay / half)
    else:
        step, lower = STEP / finer, -np.log(2 * decay / half)
        upper = np.log(2 * (decay + 10 * half) / half)
    with precision(bits(digits + GUARD)):
        start, interval, exponent = flint.arb(lower), flint.arb(step), flint.arb(width) / 2
        norm = interval * (exponent * exponent.log() - exponent - exponent.lgamma()).exp()
        nodes, masses = [], []
        for k in range(int((upper - lower) / step) + 1):
            x = start + k * interval
            fall = flint.arb(0) if width > NARROW else (-x).exp()
            log_v = x - fall
            nodes.append(log_v.exp())
            masses.append(norm * (1 + fall) * (exponent * (log_v - nodes[-1] + 1)).exp())
    dtype: Any = object if precise else float
    return np.array(nodes, dtype=dtype), np.array(masses, dtype=dtype)


class Stack(np.ndarray):
    """A stack of matrices, multiplied as matrices."""

    def __mul__(self, other: Any) -> Any:
        """Multiply matrix by matrix, or by a number."""
        return self @ other if isinstance(other, Stack) else super().__mul__(other)

    def __pow__(self, power: Any, modulo: Any = None) -> Any:
        """Raise to an integer power, negative ones included."""
        return np.linalg.matrix_power(self, power)


def matrix_average(argument: Expr, point: Mapping[Any, Any]) -> np.ndarray:
    """Average a product of F and of fixed 2 x 2 matrices over all data, in double precision.

    The pre-activations are `sqrt(2 yh) (cos theta, sin theta)` with a uniform angle.
    """
    y, y_masses = chi_square_rule(int(point[s.p_star]), DOUBLE)
    yh, yh_masses = chi_square_rule(2, DOUBLE)
    angle = np.arange(ANGLES) * np.pi / ANGLES
    grid_y, grid_yh, theta = np.meshgrid(y, yh, angle, indexing="ij")
    n = np.stack([np.cos(theta), np.sin(theta)], axis=-1)
    (across, _), (along, _) = hessian_weights(2)
    across, along = (
        lambdify((s.y, s.yh), value.subs({s.p: 2, s.a: point[s.a]}))(grid_y, grid_yh)
        for value in (across, along)
    )
    identity = np.eye(2)
    weight = across[..., None, None] * identity
    weight = weight + ((along - across)[..., None] * n)[..., :, None] * n[..., None, :]
    values = {resolvent.F: weight, s.u: np.sqrt(grid_y)[..., None, None] * identity}
    symbols = sorted(argument.free_symbols, key=str)
    stacks = [_stack(values[item] if item in values else point[item]) for item in symbols]
    found = as_function(argument, symbols)(*stacks)
    return np.einsum("i,j,ijkab->ab", y_masses, yh_masses, found) / ANGLES


def _stack(value: Any) -> Any:
    if not hasattr(value, "shape"):
        return float(value)
    return np.array(value.tolist() if hasattr(value, "rows") else value, dtype=float).view(Stack)


def as_function(expression: Expr, symbols: list[Symbol]) -> Any:
    """Compile a product; lambdify renames odd symbols and would lose that they do not commute."""
    plain = [Symbol(f"m{k}", commutative=item.is_commutative) for k, item in enumerate(symbols)]
    renamed = expression.xreplace(dict(zip(symbols, plain, strict=True)))
    return lambdify(plain, renamed, modules="sympy")
