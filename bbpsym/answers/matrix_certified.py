"""What the optimal matrix of several indices sees, in balls: of labels of few values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from bbpsym.answers.asking import enclosed
from bbpsym.answers.matrix_result import MatrixEdge, MatrixOutlier, MatrixThreshold
from bbpsym.ensembles.index_models.matrix_balls import Enclosed, FewLabels
from bbpsym.ensembles.index_models.matrix_bulk import edge_start
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod, Recovered
from bbpsym.errors import DomainError, PrecisionError, UndecidedError
from bbpsym.numerics.curve import RIGHT


def certified_threshold(method: MatrixMethod, digits: int | None) -> MatrixThreshold:
    """Enclose where the eigenvalue at one appears."""
    known, _ = _enclosed(method, lambda few: ({"alpha": 1 / few.information()}, None), digits)
    return MatrixThreshold(method, "continuous", **known, unique=True, side=RIGHT)


def certified_outliers(
    method: MatrixMethod, alpha: Fraction, digits: int | None
) -> tuple[MatrixOutlier, ...]:
    """Enclose the eigenvalue at one and those above it, or prove that there is none."""
    ratio = float(alpha)

    def compute(few: FewLabels) -> tuple[dict[str, arb], tuple[Enclosed, int] | None]:
        excess = few.information() * arb(alpha.numerator) / alpha.denominator - 1
        if excess.contains(0):
            raise PrecisionError(f"alpha = {ratio:.6g} may be the threshold")
        if excess < 0:
            return {}, None
        found, above = few.outlier(alpha, method.resolvent(ratio))
        return {"value": found.value, "overlap2": found.overlap2}, (found, above)

    known, at_one = _enclosed(method, compute, digits)
    if at_one is None:
        return ()
    found, above = at_one
    first = _outlier(method, alpha, known, found, above)
    others = [*_above(method, alpha, above, digits)] if above else []
    return first, *others


def _above(
    method: MatrixMethod, alpha: Fraction, count: int, digits: int | None
) -> Iterator[MatrixOutlier]:
    """Eigenvalues above one, the largest first, as many as were counted and each another one."""
    starts, last = method.recovered(float(alpha))[0][1:], None
    for rank, start in enumerate(starts):
        G = method.resolvent(float(alpha), start.value)

        def compute(
            few: FewLabels, start: Recovered = start, G: np.ndarray = G
        ) -> tuple[dict[str, arb], Enclosed]:
            found = few.outlier_above(alpha, start.value, G, start.overlap)
            return {"value": found.value, "overlap2": found.overlap2}, found

        known, found = _enclosed(method, compute, digits)
        if len(starts) != count or (last is not None and not found.value < last):
            raise UndecidedError(
                f"{method!r} is undecided: eigenvalues above one are not told apart"
            )
        last = found.value
        yield _outlier(method, alpha, known, found, rank)


def _outlier(
    method: MatrixMethod, alpha: Fraction, known: dict[str, Any], found: Enclosed, above: int
) -> MatrixOutlier:
    overlap = found.overlap
    return MatrixOutlier(
        method, alpha, **known, unique=True, above=above, overlap=overlap, side=RIGHT
    )


def certified_edge(method: MatrixMethod, alpha: Fraction, digits: int | None) -> MatrixEdge:
    """Enclose the right edge of the bulk, which is sharp: labels are few."""

    def compute(few: FewLabels) -> tuple[dict[str, arb], None]:
        return {"value": few.edge(alpha, *edge_start(method, float(alpha)))}, None

    known, _ = _enclosed(method, compute, digits)
    return MatrixEdge(method, alpha, "sharp", **known, unique=True, side=RIGHT)


def _enclosed(
    method: MatrixMethod,
    compute: Callable[[FewLabels], tuple[Mapping[str, arb], Any]],
    digits: int | None,
) -> tuple[dict[str, Any], Any]:
    """Numbers of a result, where averages have bounds."""
    teacher: Any = method.teacher
    if not teacher.atoms:
        raise DomainError(
            f"certified must be False for {method!r}: only averages over a label of few values "
            "have bounds"
        )

    def at(_bits: int) -> tuple[Mapping[str, arb], Any]:
        return compute(FewLabels(teacher.atoms, teacher.moments))

    return enclosed(at, repr(method), digits, UndecidedError)
