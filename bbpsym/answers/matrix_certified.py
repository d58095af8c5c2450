"""What the optimal matrix of several indices sees, in balls: of labels of few values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from bbpsym.answers.asking import enclosed
from bbpsym.answers.matrix_result import MatrixOutlier, MatrixThreshold
from bbpsym.ensembles.index_models.matrix_balls import Enclosed, FewLabels
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.errors import DomainError, PrecisionError, UndecidedError
from bbpsym.numerics.curve import RIGHT
from bbpsym.writing.display import counted


def certified_threshold(method: MatrixMethod, digits: int | None) -> MatrixThreshold:
    """Enclose where the eigenvalue at one appears."""
    known, _ = _enclosed(method, lambda few: ({"alpha": 1 / few.information()}, None), digits)
    return MatrixThreshold(method, "continuous", **known, unique=True, side=RIGHT)


def certified_outliers(
    method: MatrixMethod, alpha: Fraction, digits: int | None
) -> tuple[MatrixOutlier, ...]:
    """Enclose the eigenvalue at one, or prove that there is none.

    Raises
    ------
    DomainError
        If there are eigenvalues above it, which are not enclosed.
    """

    def compute(few: FewLabels) -> tuple[dict[str, arb], Enclosed | None]:
        excess = few.information() * arb(alpha.numerator) / alpha.denominator - 1
        if excess.contains(0):
            raise PrecisionError(f"alpha = {float(alpha):.6g} may be the threshold")
        if excess < 0:
            return {}, None
        found = few.outlier(alpha, method.resolvent(float(alpha)))
        return {"value": arb(1), "overlap2": found.overlap2}, found

    known, found = _enclosed(method, compute, digits)
    if found is None:
        return ()
    if found.above:
        lie = counted(found.above, "eigenvalue lies", "eigenvalues lie")
        raise DomainError(
            f"certified must be False for {method!r} at alpha = {float(alpha):.6g}: {lie} above "
            "one, and only the one at one is enclosed"
        )
    return (
        MatrixOutlier(
            method, alpha, **known, unique=True, above=0, overlap=found.overlap, side=RIGHT
        ),
    )


def no_edge(method: MatrixMethod) -> DomainError:
    """Say that the bulk is not enclosed."""
    return DomainError(
        f"certified must be False for an edge of {method!r}: the infimum over matrices G that it "
        "is has no enclosure; threshold and outlier have"
    )


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
