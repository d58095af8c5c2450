"""What is measured on one drawn problem: a row of a sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from threadpoolctl import ThreadpoolController

from bbpsym.finite.instance import draw
from bbpsym.finite.point import Point
from bbpsym.finite.signal import Signal, signal
from bbpsym.reading import floats

#: A task holds samples worth about this many operations of order `(p N)^3`, a tenth of a second.
_TASK = 400**3


@dataclass(frozen=True)
class Sample:
    """Measurements on one drawn problem, from the end of the spectrum that its point names.

    From the right, "lowest" is the highest, and "below" is above.

    Attributes
    ----------
    point : Point
        Its parameters.
    seed, index : int
        They and the parameters determine the random stream, `Point.stream`.
    lowest : float
        Lowest eigenvalue.
    lowest_overlap2 : float
        Squared overlap (12) of its eigenvector.
    outlier : float
        Mean of the `p p_star` lowest eigenvalues: the outliers, above the transition.
    outlier_overlap2 : float
        Mean of their squared overlaps.
    bulk : float
        The next eigenvalue: the lowest of the bulk, above the transition.
    top : float
        Eigenvalue of the eigenvector of largest overlap.
    top_overlap2 : float
        Its squared overlap.
    rank : int
        Number of eigenvalues below it; see `Signal.rank`.
    lowest_student2, lowest_span2 : float or None
        Squared length of the projection of the lowest eigenvector on what the students span, and
        on what students and teachers span; None for the paper's network.
    outlier_student2, outlier_span2 : float or None
        Their means over the `p p_star` lowest.

    Examples
    --------
    >>> from bbpsym.finite import Point
    >>> from bbpsym.finite import measure
    >>> sample = measure(Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0), seed=1, index=0)
    >>> sample.lowest <= sample.outlier
    True
    """

    point: Point
    seed: int
    index: int
    lowest: float
    lowest_overlap2: float
    outlier: float
    outlier_overlap2: float
    bulk: float
    top: float
    top_overlap2: float
    rank: int
    lowest_student2: float | None = None
    lowest_span2: float | None = None
    outlier_student2: float | None = None
    outlier_span2: float | None = None


@floats.own_settings
def measure(point: Point, seed: int, index: int) -> Sample:
    """Draw sample `index` at `point` and measure it; the same everywhere and always.

    Examples
    --------
    >>> from bbpsym.finite import Point
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> measure(point, seed=1, index=0).rank
    0
    """
    found = signal(draw(point, point.stream(seed, index)))
    d = min(point.outliers, len(found.lowest) - 1)
    return Sample(
        point,
        seed,
        index,
        lowest=float(found.lowest[0]),
        lowest_overlap2=float(found.lowest_overlap2[0]),
        outlier=float(found.lowest[:d].mean()),
        outlier_overlap2=float(found.lowest_overlap2[:d].mean()),
        bulk=float(found.lowest[d]),
        top=found.value,
        top_overlap2=found.overlap2,
        rank=found.rank,
        **_shares(found, d),
    )


def _shares(found: Signal, d: int) -> dict[str, float]:
    """Projections on the spans of the weights, by the names of the columns."""
    columns = zip(("student2", "span2"), found.spans, strict=False)
    return {
        f"{which}_{name}": float(squares[:count].mean())
        for name, squares in columns
        for which, count in (("lowest", 1), ("outlier", d))
    }


def measure_many(point: Point, seed: int, indices: tuple[int, ...]) -> list[Sample]:
    """Measure several samples with one BLAS thread: a task of a worker.

    One thread is faster when there are as many workers as cores, and makes the last bit of a
    result independent of the machine's load.
    """
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        return [measure(point, seed, index) for index in indices]


@dataclass(frozen=True)
class Measurement:
    """What a sweep measures.

    Attributes
    ----------
    name : str
        Of its rows, in the file.
    point, row : type
        Dataclasses of the parameters, and of a row, which begins with point, seed and index.
    measure : callable
        Maps a point, a seed and indices of samples to rows; a task of a worker.
    together : callable
        Maps a point to how many samples make a task.
    """

    name: str
    point: type[Any]
    row: type[Any]
    measure: Callable[[Any, int, tuple[int, ...]], list[Any]]
    together: Callable[[Any], int]


#: Of the Hessian at its random student.
HESSIAN = Measurement(
    "samples", Point, Sample, measure_many, lambda point: max(1, min(100, _TASK // point.size**3))
)
