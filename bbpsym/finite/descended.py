"""What is measured on a descent: a row of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from threadpoolctl import ThreadpoolController

from bbpsym.finite.descent import Descent, Path, descend, lowest_along, overlap2
from bbpsym.finite.instance import Instance, draw
from bbpsym.finite.sample import Measurement

#: Squared overlap at the end above which a descent has found the teacher.
FOUND = 0.9

#: Entries of the data of samples that are descended together: fewer cost more calls than work.
_TOGETHER = 10**6

#: Columns with an entry for every milestone.
ALONG = ("loss", "overlap2", "lowest", "lowest_overlap2")


@dataclass(frozen=True)
class Descended:
    """Measurements on one descent, at the milestones of its point.

    Attributes
    ----------
    point : Descent
        Its parameters.
    seed, index : int
        They and the parameters of the problem determine the random stream, `Point.stream`: data,
        teacher and random student are the same for every start, space, fraction and time.
    loss : tuple of float
        The loss (3) per sample.
    overlap2 : tuple of float
        Squared overlap of the student with what the teachers span.
    lowest, lowest_overlap2 : tuple of float
        Lowest eigenvalue of the Hessian (4) at the student, and the squared overlap of its
        eigenvector.
    highest : float
        Highest eigenvalue at the start, whose inverse is the unit of time.
    rises : int
        Steps that raised the loss; see `Path`.
    rest : float or None
        Time of rest; None where the descent ended before.

    Examples
    --------
    >>> from bbpsym.finite import DESCENT, Point, descents
    >>> points = descents([Point(N=20, p=1, p_star=1, a=1.5, alpha=3.0)], time=5)
    >>> measure = DESCENT.measure
    >>> (found,) = measure(points[0], 1, (0,))
    >>> found.loss[-1] < found.loss[0]
    True
    """

    point: Descent
    seed: int
    index: int
    loss: tuple[float, ...]
    overlap2: tuple[float, ...]
    lowest: tuple[float, ...]
    lowest_overlap2: tuple[float, ...]
    highest: float
    rises: int
    rest: float | None

    def __post_init__(self) -> None:
        for name in ALONG:
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def found(self) -> bool:
        """Whether the student has found the teacher in the end."""
        return self.overlap2[-1] > FOUND


def measure_descents(point: Descent, seed: int, indices: tuple[int, ...]) -> list[Descended]:
    """Descend several samples together with one BLAS thread: a task of a worker."""
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        instances = [draw(point, point.stream(seed, index)) for index in indices]
        measured = map(_measured, instances, descend(instances))
        return [
            Descended(point, seed, *row)
            for row in zip(indices, *zip(*measured, strict=True), strict=True)
        ]


def _measured(instance: Instance, path: Path) -> tuple[object, ...]:
    """Every column of a row but its key."""
    pairs = lowest_along(instance, path)
    vectors = (pair.vectors.reshape(instance.student.shape) for pair in pairs)
    return (
        tuple(map(float, path.loss / instance.point.M)),
        tuple(overlap2(student, instance.teacher) for student in path.students),
        tuple(float(pair.values[0]) for pair in pairs),
        tuple(overlap2(vector, instance.teacher) for vector in vectors),
        path.highest,
        path.rises,
        path.rest,
    )


DESCENT = Measurement(
    "descents",
    Descent,
    Descended,
    measure_descents,
    lambda point: max(1, min(100, _TOGETHER // (point.M * point.N))),
)
