"""What is measured on one drawn problem: a row of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from threadpoolctl import ThreadpoolController

from bbpsym.finite.instance import draw
from bbpsym.finite.point import Point
from bbpsym.finite.signal import signal


@dataclass(frozen=True)
class Sample:
    """Measurements on one drawn problem.

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


def measure(point: Point, seed: int, index: int) -> Sample:
    """Draw sample `index` at `point` and measure it; the same everywhere and always."""
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
    )


def measure_many(point: Point, seed: int, indices: tuple[int, ...]) -> list[Sample]:
    """Measure several samples with one BLAS thread: a task of a worker.

    One thread is faster when there are as many workers as cores, and makes the last bit of a
    result independent of the machine's load.
    """
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        return [measure(point, seed, index) for index in indices]
