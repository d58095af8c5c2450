"""What the optimal method of several indices sees, where it is one matrix of size r N."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from bbpsym.answers.asking import OwnAnswers, rounded
from bbpsym.answers.matrix_certified import certified_edge, certified_outliers, certified_threshold
from bbpsym.answers.matrix_result import MatrixEdge, MatrixOutlier, MatrixThreshold
from bbpsym.ensembles.index_models import matrix_bulk
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod, Recovered
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError, UndecidedError, quoted
from bbpsym.numerics.curve import RIGHT
from bbpsym.numerics.double import Estimate, exact, known_digits
from bbpsym.reading import arguments
from bbpsym.reading.floats import at_points

#: Accuracy of a density, as a share of its largest value, and the least of those.
DENSITY, LEAST = 1e-3, 1e-3

#: Relative error of a norm of averages in double precision.
ROUNDING = 1e-13

#: How much larger the error of a number may be than what is seen of rounding.
SEEN = 10.0

#: Error of an edge that is extrapolated to.
EDGE = 1e-10


def matrix_equation_threshold(
    method: MatrixMethod,
    side: str = RIGHT,
    sector: None = None,
    digits: int | None = None,
    certified: bool = False,
) -> MatrixThreshold:
    """Find where the eigenvalue at one appears; `threshold` calls it."""
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    found = _threshold(method, side)
    if certified:
        return certified_threshold(method, digits)
    numbers = _numbers(method, {"alpha": found}, digits)
    return MatrixThreshold(method, "continuous", **numbers, side=side)


def matrix_equation_outliers(
    method: MatrixMethod,
    alpha: Any,
    side: str = RIGHT,
    digits: int | None = None,
    certified: bool = False,
) -> tuple[MatrixOutlier, ...]:
    """Find the eigenvalue at one, then those above it, the largest first; `outlier` calls it.

    Raises
    ------
    UndecidedError
        If the threshold is not known well enough to say whether alpha is above it.
    """
    ratio = arguments.signal_to_noise(alpha)
    least, error = _threshold(method, side)
    if certified:
        return certified_outliers(method, ratio, digits)
    if abs(float(ratio) - least) <= error:
        raise UndecidedError(f"{method!r} is undecided at alpha = {float(ratio):.6g}")
    if ratio < least:
        return ()
    found, *others = method.recovered(float(ratio))
    if any(len(each) != len(found) for each in others):
        raise UndecidedError(f"{method!r} is undecided at alpha = {float(ratio):.6g}")
    return tuple(
        _outlier(method, ratio, each, (k - 1) % len(found), digits)
        for k, each in enumerate(zip(found, *others, strict=True))
    )


def matrix_equation_edge(
    method: MatrixMethod,
    alpha: Any,
    side: str = RIGHT,
    digits: int | None = None,
    certified: bool = False,
) -> MatrixEdge:
    """Find the right edge of the bulk; `edge` calls it.

    Raises
    ------
    UndecidedError
        If it is not known whether it is smooth.
    """
    ratio = arguments.signal_to_noise(alpha)
    least, error = _threshold(method, side)
    if certified:
        return certified_edge(method, ratio, digits)
    smooth = not getattr(method.teacher, "atoms", ())
    if smooth and abs(float(ratio) - least) <= error:
        raise UndecidedError(f"{method!r} is undecided at alpha = {float(ratio):.6g}")
    if smooth and ratio < least:
        return MatrixEdge(method, ratio, "smooth", **_numbers(method, {"value": exact(1)}, digits))
    fine, coarse = matrix_bulk.right_edges(method, float(ratio))
    found = Estimate(fine, abs(fine - coarse) + EDGE * (1 + abs(fine)))
    return MatrixEdge(method, ratio, "sharp", **_numbers(method, {"value": found}, digits))


def matrix_equation_density(method: MatrixMethod, alpha: Any, x: Any) -> Any:
    """Evaluate the density of the bulk; `density` calls it.

    Raises
    ------
    PrecisionError
        If it is not known to a thousandth of its largest value.
    """
    ratio = arguments.signal_to_noise(alpha)
    end = float(matrix_equation_edge(method, ratio).value)
    return at_points(x, partial(_density, method, float(ratio), end))


def _density(method: MatrixMethod, alpha: float, end: float, x: np.ndarray) -> np.ndarray:
    """The density at rising x, each once."""
    rho = np.where((x == 0) & (alpha < 1), np.inf, 0.0)
    inside = (x < end) & (rho == 0)
    fine, coarse = matrix_bulk.densities(method, alpha, x[inside])
    error = np.abs(fine - coarse)
    if np.any(error > DENSITY * max(fine.max(initial=0.0), LEAST)):
        worst = x[inside][int(np.argmax(error))]
        raise PrecisionError(f"the density of {method!r} is not known at x = {worst:.6g}")
    rho[inside] = fine
    return rho


def _outlier(
    method: MatrixMethod, alpha: Any, each: tuple[Recovered, ...], above: int, digits: int | None
) -> MatrixOutlier:
    """One outlier; its errors are what the coarser rule changes, and what rounding does."""
    found, *_ = each
    value, overlap2 = (
        _estimate(*numbers)
        for numbers in zip(*((item.value, item.overlap2) for item in each), strict=True)
    )
    if found.value == 1:
        value = exact(1)
    numbers = _numbers(method, {"value": value, "overlap2": overlap2}, digits)
    return MatrixOutlier(method, alpha, **numbers, above=above, overlap=found.overlap, side=RIGHT)


def _estimate(fine: float, coarse: float, *stirred: float) -> Estimate:
    rounding = max(abs(fine - other) for other in stirred) + np.finfo(float).eps * abs(fine)
    return Estimate(fine, abs(fine - coarse) + SEEN * rounding)


def _threshold(method: MatrixMethod, side: str) -> Estimate:
    """Where the eigenvalue at one appears, and its error."""
    if side != RIGHT:
        raise DomainError(f'side must be "right": the signal is there, not {quoted(side)}')
    least = method.weak_recovery
    if np.isinf(least):
        raise NoOutlierError(f"labels must tell something of the indices of {method.teacher.name}")
    fine, coarse = method.thresholds()
    return Estimate(fine, abs(fine - coarse) + ROUNDING * fine)


def _numbers(
    method: MatrixMethod, found: Mapping[str, Estimate], digits: int | None
) -> dict[str, Any]:
    """Numbers of a result, with the digits on which both rules for averages agree."""
    known = min(known_digits(*estimate) for estimate in found.values())
    numbers = rounded(found, known, arguments.digits(digits), method.teacher.fewest_digits)
    errors = {name: float(estimate.error) for name, estimate in found.items()}
    return {**numbers, "errors": errors, "method": "law in double precision"}


ANSWERS = OwnAnswers(
    matrix_equation_edge,
    matrix_equation_threshold,
    matrix_equation_outliers,
    matrix_equation_density,
    lambda _: DENSITY,
)
