"""Witnesses that are used by several chapters: simulation and curves by direct quadrature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from scipy.sparse.linalg import eigsh
from sympy import Rational

from bbpsym.answers.outlier import outlier
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.identities.proof import BrokenDerivationError
from bbpsym.identities.quadrature import as_number, average, chi_square_rule
from bbpsym.identities.record import Point
from bbpsym.model import Model
from bbpsym.numerics import multiprecision
from bbpsym.numerics.multiprecision import context
from bbpsym.symbols import a, alpha, f, g, p, p_star, t, y
from bbpsym.systems import system

#: Curves with the unit of an eigenvalue.
EIGENVALUES = ("outlier_eigenvalue", "inverse_stieltjes")

#: The dressed weight, written out so as not to share it with the equations it is to check.
DRESSED = f / (1 - g * f)


def outlier_alpha_by_quadrature(point: Mapping[Any, Any], digits: int) -> Any:
    """The alpha that puts an outlier at g, from (40) by two-dimensional quadrature."""
    number = as_number(digits)
    return 1 / (number(point[g]) * average((y - 1) * DRESSED, point, digits))


def edge_alpha_by_quadrature(point: Mapping[Any, Any], digits: int) -> Any:
    """The alpha that puts a sharp edge at g, from (44) by two-dimensional quadrature."""
    number = as_number(digits)
    return 1 / (number(point[g]) ** 2 * average(DRESSED**2, point, digits))


def overlap2_by_quadrature(values: Mapping[Any, Any], digits: int) -> Any:
    """The squared overlap (58) of an outlier at g, by two-dimensional quadrature."""
    ratio = outlier_alpha_by_quadrature(values, digits)
    square, signal = (average(x * DRESSED**2, values, digits) for x in (1 + 0 * y, y))
    bulk_slope = -1 / (values[g] ** 2) + ratio * square
    return 1 / (1 - ratio * signal / bulk_slope)


def sampled_hessian(
    rng: np.random.Generator, size: int, widths: tuple[int, int], shift: float, ratio: float
) -> np.ndarray:
    """Sample the Hessian (4) at initialisation, teachers along the first axes.

    Parameters
    ----------
    size : int
        Input dimension N.
    widths : (int, int)
        p and p*.
    shift, ratio : float
        a and alpha = M/N.

    Returns
    -------
    ndarray, shape (p N, p N)
    """
    width, width_star = widths
    data = rng.standard_normal((round(ratio * size), size)) / np.sqrt(size)
    student = rng.standard_normal((width, size))
    student *= np.sqrt(size) / np.linalg.norm(student, axis=1, keepdims=True)
    nodes = data @ student.T
    output = np.mean(nodes**2, axis=1)
    target = np.mean((np.sqrt(size) * data[:, :width_star]) ** 2, axis=1)
    blocks = np.empty((width, size, width, size))
    for q, r in np.ndindex(width, width):
        weight = 4 / width**2 * nodes[:, q] * nodes[:, r]
        weight = weight + (q == r) * 2 / width * (output - target)
        blocks[q, :, r, :] = data.T @ (data * (weight / (shift + target))[:, None])
    return blocks.reshape(width * size, width * size)


@dataclass(frozen=True)
class SampledOutliers:
    """Overlaps of the lowest eigenvectors with the signal, and where the theory is to be asked."""

    overlaps2: tuple[float, ...]
    parameters: Point


@cache
def _outliers_once(seed: int) -> SampledOutliers:
    rng = np.random.default_rng(seed)
    size, widths, shift, ratio = 400, (2, 1), Rational(7, 10), 4
    overlaps = []
    for _ in range(5):
        matrix = sampled_hessian(rng, size, widths, float(shift), ratio)
        start = rng.standard_normal(len(matrix))
        _, vectors = eigsh(matrix, k=widths[0] * widths[1], which="SA", v0=start, tol=1e-8)
        entries = vectors.reshape(widths[0], size, -1)[:, : widths[1], :]
        overlaps.append(np.sum(entries**2, axis=(0, 1)))
    found = outlier(Model(*widths, shift), ratio)
    if found is None:
        raise BrokenDerivationError("it fails that the sampled Hessian has an outlier")
    parameters = {
        p: Rational(widths[0]),
        p_star: Rational(widths[1]),
        a: shift,
        alpha: Rational(ratio),
        g: found.g,
    }
    return SampledOutliers(tuple(np.mean(overlaps, axis=0)), parameters)


def sampled_outliers(rng: np.random.Generator) -> SampledOutliers:
    """Mean overlaps of the two outliers of a few Hessians with p = 2, p* = 1."""
    return _outliers_once(int(rng.integers(2**32)))


def complex_stieltjes(point: Mapping[Any, Any], x: Any) -> complex:
    """Solve (31) at `x - i 0` by Newton's method on two-dimensional averages.

    The root is followed from far below the real axis, where it is `1/z`.
    """
    stieltjes = 1 / complex(x, -4)
    ratio = float(point[alpha])
    for depth in (4, 4, 2, 1, 0.5, 0.2, 0, 0, 0, 0, 0):
        here = dict(point) | {g: stieltjes}
        once, twice = (average(DRESSED**k, here, 12) for k in (1, 2))
        residual = 1 / stieltjes + ratio * once - complex(x, -depth)
        stieltjes -= residual / (-1 / stieltjes**2 + ratio * twice)
    return stieltjes


def one_dimensional(
    values: Mapping[Any, Any], names: tuple[str, ...], digits: int
) -> dict[str, Any]:
    """Evaluate curves of the package at a point, by its reduction to one dimension.

    Parameters
    ----------
    values : mapping
        Parameters with g; the curves are in units of 2/p and are converted here.
    names : tuple of str
        Names from `bbpsym.systems.EQUATIONS`; those with "eigenvalue" or "inverse" have the unit
        of an eigenvalue.
    """
    ctx = context(digits + 15)
    here = {symbol: Fraction(int(v.p), int(v.q)) for symbol, v in values.items() if symbol != g}
    unit = Fraction(2, int(values[p]))
    at = -Fraction(int(values[g].p), int(values[g].q)) * unit
    found = multiprecision.evaluate(system(hessian_ensemble(), *names), {**here, t: at}, ctx)
    return {
        name: value * unit.numerator / unit.denominator if name in EIGENVALUES else value
        for name, value in found.items()
    }


def edge_alpha_at_the_edge(values: Mapping[Any, Any], digits: int) -> Any:
    """`alpha_c` at any width: the teacher's moments by hand, the student's output by quadrature.

    `E (c yh - y)^2 = (c yh - 1)^2 + 2/p*` for given yh.
    """
    spread = as_number(digits)(2 / values[p_star])
    return values[p] / edge_sum(values, digits, lambda x, d: ((x - 1) ** 2 + spread) / d**2)


def outlier_alpha_at_the_edge(values: Mapping[Any, Any], digits: int) -> Any:
    """The alpha of an outlier at the smooth edge: `E (y - 1)(c yh - y) = -2/p*` for given yh."""
    spread = as_number(digits)(2 / values[p_star])
    return values[p] / edge_sum(values, digits, lambda _x, d: spread / d)


def edge_sum(values: Mapping[Any, Any], digits: int, term: Callable) -> Any:
    """Sum over the p eigenvalues of `E term(c yh, a + c yh)`."""
    number = as_number(digits)
    width, shift = int(values[p]), number(values[a])
    nodes, masses = chi_square_rule(width, digits)
    sums = [masses @ term(c * nodes, shift + c * nodes) for c in (1, 3)]
    return (width - 1) * sums[0] + sums[1]
