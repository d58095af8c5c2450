"""Averages of 2 x 2 matrices over the data, with the weight matrix itself and not its eigenvalues.

For p = 2 the pre-activations are `sqrt(2 yh) (cos theta, sin theta)` with a uniform angle; the
trapezoidal rule is exact for the trigonometric polynomials that occur.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sympy import Expr, Symbol, lambdify

from bbpsym.equations import resolvent
from bbpsym.equations.hessian import weight_matrix
from bbpsym.errors import DomainError
from bbpsym.identities.quadrature import chi_square_rule
from bbpsym.symbols import a, p, p_star, u, y, yh

ANGLES = 8


class Stack:
    """A stack of matrices in the arithmetic of matrices."""

    #: So that an array of numbers times a stack is left to `__rmul__`.
    __array_ufunc__ = None

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __mul__(self, other: Any) -> Stack:
        """Multiply matrix by matrix, or by numbers."""
        if isinstance(other, Stack):
            return Stack(self.array @ other.array)
        return Stack(self.array * np.asarray(other)[..., None, None])

    __rmul__ = __mul__

    def __add__(self, other: Stack) -> Stack:
        """Add matrices."""
        return Stack(self.array + other.array)

    def __sub__(self, other: Stack) -> Stack:
        """Subtract matrices."""
        return Stack(self.array - other.array)

    def __neg__(self) -> Stack:
        """Change the sign."""
        return Stack(-self.array)

    def __pow__(self, power: int) -> Stack:
        """Raise to an integer power, negative ones included."""
        return Stack(np.linalg.matrix_power(self.array, power))


def matrix_average(argument: Expr, point: Any) -> np.ndarray:
    """Average a product of F and of fixed matrices over all data, for p = 2, in double precision.

    Raises
    ------
    DomainError
        If the point is not one of p = 2.
    """
    if point[p] != 2:
        raise DomainError(f"p must be 2 for the average of a matrix, not {point[p]}")
    y_nodes, y_masses = chi_square_rule(int(point[p_star]), 12)
    yh_nodes, yh_masses = chi_square_rule(2, 12)
    angle = np.arange(ANGLES) * np.pi / ANGLES
    grid_y, grid_yh, grid_angle = np.meshgrid(y_nodes, yh_nodes, angle, indexing="ij")
    direction = np.stack([np.cos(grid_angle), np.sin(grid_angle)], axis=-1)
    nodes = np.sqrt(2 * grid_yh)[..., None] * direction
    parts = lambdify((y, yh), [*_parts(point)], "numpy")(grid_y, grid_yh)
    one, rank = (np.broadcast_to(part, grid_y.shape)[..., None, None] for part in parts)
    weight = one * np.eye(2) + rank * nodes[..., :, None] * nodes[..., None, :]
    values = {resolvent.F: Stack(weight), u: np.sqrt(grid_y)}
    found = _evaluate(argument, values, point)
    averaged = np.einsum("i,j,ijkab->ab", y_masses, yh_masses, found.array)
    return averaged / ANGLES


def _parts(point: Any) -> tuple[Expr, Expr]:
    """The coefficients of (5) as functions of both outputs."""
    found = weight_matrix()
    values = {p: 2, a: point[a]}
    return found.identity.subs(values), found.rank_one.subs(values)


def _evaluate(argument: Expr, values: dict[Any, Any], point: Any) -> Stack:
    symbols = sorted(argument.free_symbols, key=str)
    plain = [Symbol(f"m{k}", commutative=item.is_commutative) for k, item in enumerate(symbols)]
    function = lambdify(
        plain, argument.xreplace(dict(zip(symbols, plain, strict=True))), modules=[]
    )
    return function(*(values[item] if item in values else _fixed(point[item]) for item in symbols))


def _fixed(value: Any) -> Any:
    return Stack(np.array(value.tolist(), dtype=float)) if hasattr(value, "rows") else float(value)
