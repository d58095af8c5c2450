"""What the optimal method of several indices sees, where it is one matrix of size r N."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bbpsym import arguments
from bbpsym.answers.asking import Answers, rounded
from bbpsym.answers.matrix_result import MatrixOutlier, MatrixThreshold
from bbpsym.ensembles.matrix_method import MatrixMethod, Recovered
from bbpsym.errors import DomainError, NoOutlierError, UndecidedError
from bbpsym.numerics.curve import RIGHT
from bbpsym.numerics.double import Estimate, exact, known_digits

#: Relative error of a norm of averages in double precision.
ROUNDING = 1e-13


def matrix_equation_threshold(
    method: MatrixMethod, side: str = RIGHT, sector: None = None, digits: int | None = None
) -> MatrixThreshold:
    """Find where the eigenvalue at one appears; `threshold` calls it."""
    if sector is not None:
        raise DomainError("sector must be None but for a Network")
    found = _threshold(method, side)
    numbers = _numbers(method, {"alpha": found}, digits)
    return MatrixThreshold(method, "continuous", **numbers, side=side)


def matrix_equation_outliers(
    method: MatrixMethod, alpha: Any, side: str = RIGHT, digits: int | None = None
) -> tuple[MatrixOutlier, ...]:
    """Find the eigenvalue at one, then those above it, the largest first; `outlier` calls it.

    Raises
    ------
    UndecidedError
        If the threshold is not known well enough to say whether alpha is above it.
    """
    ratio = arguments.signal_to_noise(alpha)
    least, error = _threshold(method, side)
    if abs(float(ratio) - least) <= error:
        raise UndecidedError(f"{method!r} is undecided at alpha = {float(ratio):.6g}")
    if ratio < least:
        return ()
    found, others = method.recovered(float(ratio))
    if len(found) != len(others):
        raise UndecidedError(f"{method!r} is undecided at alpha = {float(ratio):.6g}")
    return tuple(
        _outlier(method, ratio, *pair, (k - 1) % len(found), digits)
        for k, pair in enumerate(zip(found, others, strict=True))
    )


def _outlier(
    method: MatrixMethod,
    alpha: Any,
    fine: Recovered,
    coarse: Recovered,
    above: int,
    digits: int | None,
) -> MatrixOutlier:
    """One outlier, its error the difference of the rules."""
    pairs = ((fine.value, coarse.value), (fine.overlap2, coarse.overlap2))
    value, overlap2 = (Estimate(one, abs(one - other) + fine.rounding) for one, other in pairs)
    if fine.value == 1:
        value = exact(1)
    numbers = _numbers(method, {"value": value, "overlap2": overlap2}, digits)
    return MatrixOutlier(method, alpha, **numbers, above=above, overlap=fine.overlap, side=RIGHT)


def _threshold(method: MatrixMethod, side: str) -> Estimate:
    """Where the eigenvalue at one appears, and its error."""
    if side != RIGHT:
        raise DomainError(f'side must be "right": the signal is there, not {side!r:.40}')
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


ANSWERS = Answers(threshold=matrix_equation_threshold, outliers=matrix_equation_outliers)
