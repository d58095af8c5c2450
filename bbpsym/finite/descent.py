"""Full-batch gradient descent of a network's loss, many problems of one size together.

Time is counted in inverses of the Hessian's highest eigenvalue at the start. A step is a fraction
of one, so that with half the fraction it takes twice the steps to the same time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from bbpsym.errors import DomainError
from bbpsym.finite.eigen import Eigenpairs, lowest
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.point import Point, positive
from bbpsym.reading import floats

STARTS, SPACES = ("random", "hessian", "optimal"), ("free", "sphere")

#: Times at which a path is looked at, and then at its end.
MILESTONES = (0, 10, 30, 100, 300)

#: A student rests when the squared gradient has fallen to this share of that at the start.
REST = 1e-8

#: Steps between two looks at who rests.
_LOOK = 50

#: Rounding of the data's products may raise the loss by this share.
_ROUNDING = 1e-5

#: Residual of the highest eigenvalue at the start, which only sets the step; those of the lowest
#: ones, as a share of it.
_STEP_RESIDUAL, _RESIDUAL = 1e-2, 1e-4

#: A loss that is so many times that of the start has left all bounds.
_ASTRAY = 1e6


@dataclass(frozen=True, order=True)
class Descent(Point):
    """A problem's parameters, and how its student descends.

    Attributes
    ----------
    start : {"random", "hessian", "optimal"}
        Uniform on the spheres; the lowest eigenvector of the Hessian there; the `p_star` highest
        eigenvectors of the optimal matrix `sum_mu (1 - 1/y) x x^T`, mixed at random over the nodes.
        All have `|W|^2 = p N`.
    space : {"free", "sphere"}
        Whether every weight is kept at norm `sqrt(N)`.
    fraction : float
        Size of a step, positive and at most 1, in inverses of the Hessian's highest eigenvalue at
        the start.
    time : float
        End of the descent in the same unit, from 1 to 1e6.

    Raises
    ------
    DomainError
        When a parameter leaves its range.

    Examples
    --------
    >>> Descent(N=20, p=1, p_star=1, a=1.5, alpha=3.0).start
    'random'
    """

    start: str = "random"
    space: str = "free"
    fraction: float = 0.5
    time: float = 1000.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, known in (("start", STARTS), ("space", SPACES)):
            if getattr(self, name) not in known:
                words = ", ".join(known)
                raise DomainError(f"{name} must be one of {words}, not {getattr(self, name)!r}")
        for name, least, most in (("fraction", 0.0, 1.0), ("time", 1.0, 1e6)):
            value = positive(name, getattr(self, name))
            if not least <= value <= most:
                raise DomainError(f"{name} must be from {least:g} to {most:g}, not {value:g}")
            object.__setattr__(self, name, value)

    @property
    def milestones(self) -> tuple[float, ...]:
        """Times at which a path is looked at; those after the end are the end."""
        return (*(min(float(time), self.time) for time in MILESTONES), self.time)


def descents(
    points: Iterable[Point],
    start: Iterable[str] = ("random",),
    space: str = "free",
    fraction: float = 0.5,
    time: float = 1000.0,
) -> list[Descent]:
    """Return the points as problems whose students descend, from every start.

    Raises
    ------
    DomainError
        When a parameter leaves its range.

    Examples
    --------
    >>> from bbpsym.finite import Point
    >>> points = descents([Point(20, 1, 1, 1.5, 3.0)], start=("random", "optimal"))
    >>> [point.start for point in points]
    ['random', 'optimal']
    """
    way: dict[str, Any] = {"space": space, "fraction": fraction, "time": time}
    starts = list(start)
    if twice := [each for each in starts if starts.count(each) > 1]:
        raise DomainError(f"start must name different ones: {twice[0]} stands twice")
    problems = [
        {item.name: getattr(point, item.name) for item in fields(Point)} for point in points
    ]
    return [Descent(**problem, start=each, **way) for problem in problems for each in starts]


@dataclass(frozen=True, eq=False)
class Path(floats.Arrays):
    """A descent at its milestones.

    Attributes
    ----------
    students : ndarray, shape (k, p, N)
        Weights at `Descent.milestones`.
    loss : ndarray, shape (k,)
        The loss (3) there.
    highest : float
        Highest eigenvalue of the Hessian at the start.
    rises : int
        Steps that raised the loss by more than rounding; zero where the step was small enough.
    rest : float or None
        Time of rest; None where the descent ended before.
    """

    students: Array = field(repr=False)
    loss: Array
    highest: float
    rises: int
    rest: float | None


@floats.own_settings
def descend(instances: Sequence[Instance], *, dtype: npt.DTypeLike = np.float32) -> list[Path]:
    """Descend the loss of every instance, step by step together.

    Parameters
    ----------
    instances : sequence of Instance
        Problems drawn at one `Descent`.
    dtype : {float32, float64}
        Precision of the products with the data; weights and network are in double precision.

    Returns
    -------
    list of Path
        One an instance; the same whatever others are descended with it.

    Raises
    ------
    DomainError
        When there is not one `Descent` at which all were drawn, a label is not positive where the
        start needs it, steps lead out of all bounds, or the network's formulas are infinite or not
        real on the way.

    Examples
    --------
    >>> from bbpsym.finite.instance import draw
    >>> point = Descent(N=50, p=1, p_star=1, a=1.5, alpha=6.0)
    >>> instance = draw(point, np.random.default_rng(0))
    >>> (path,) = descend([instance])
    >>> path.rises, overlap2(path.students[-1], instance.teacher) > 0.99
    (0, True)
    """
    points = {instance.point for instance in instances}
    how = next(iter(points), None)
    if not isinstance(how, Descent) or len(points) != 1:
        raise DomainError("instances must be one or more, all drawn at one Descent")
    starts = np.stack([start(instance) for instance in instances])
    ends = [at(each, student, "right") for each, student in zip(instances, starts, strict=True)]
    highest = np.array([lowest(end, 1, tolerance=_STEP_RESIDUAL).values[0] for end in ends])
    run = _Run(how, _Problems.of(instances, dtype), starts, how.fraction / highest)
    seen = [run.advance(round(time / how.fraction)) for time in how.milestones]
    students, losses = (np.stack(part, axis=1) for part in zip(*seen, strict=True))
    rests = [None if np.isnan(time) else float(time) for time in run.rest]
    rises = map(int, run.rises)
    return list(map(Path, students, losses, map(float, highest), rises, rests))


def start(instance: Instance) -> Array:
    """Return the weights at which the student of a `Descent` starts, shape (p, N).

    Raises
    ------
    DomainError
        When the start is "optimal" and a label is not positive.
    """
    how, weights = instance.point, instance.student
    assert isinstance(how, Descent)
    if how.start == "hessian":
        weights = lowest(instance, 1).vectors[:, 0].reshape(weights.shape)
    elif how.start == "optimal":
        weights = _optimal(instance)
    if how.space == "sphere":
        return _on_spheres(weights)
    return weights * np.sqrt(how.size / np.sum(weights**2))


def _optimal(instance: Instance) -> Array:
    """Highest eigenvectors of the optimal matrix, mixed over the nodes as outliers are by (11)."""
    point, label = instance.point, instance.label
    if label.min() <= 0:
        raise DomainError('start must not be "optimal" where a label is not positive')
    X = instance.data.astype(np.float64, copy=False)
    ends = (point.N - point.p_star, point.N - 1)
    vectors = eigh(X.T @ ((1 - 1 / label)[:, None] * X), subset_by_index=ends)[1]
    # The random student is put to no other use, so that its entries may be the random numbers.
    return instance.student[:, : point.p_star] @ vectors.T


def _on_spheres(weights: Array) -> Array:
    norms = np.linalg.norm(weights, axis=-1, keepdims=True)
    return weights * (np.sqrt(weights.shape[-1]) / norms)


def at(instance: Instance, student: Array, side: str = "left") -> Instance:
    """Return the problem with its student at other weights, looked at from an end of the Hessian's.

    Raises
    ------
    DomainError
        When `side` is neither "left" nor "right".
    """
    student_fields = (instance.data @ student.T.astype(instance.data.dtype)).astype(np.float64)
    point = replace(instance.point, side=side)
    return replace(instance, point=point, student=student, student_fields=student_fields)


def lowest_along(instance: Instance, path: Path) -> list[Eigenpairs]:
    """Return the lowest eigenpair of the Hessian (4) at every milestone of a path."""
    tolerance = _RESIDUAL * path.highest
    return [lowest(at(instance, student), 1, tolerance=tolerance) for student in path.students]


def overlap2(student: Array, teacher: Array) -> float:
    """Return the squared length of (p, N) weights in the span of the teachers, as a share of all.

    For one teacher it is the square of the overlap (12) of the weights as a unit vector.
    """
    frame = np.linalg.qr(teacher.T)[0]
    return float(np.sum((student @ frame) ** 2) / np.sum(student**2))


def gradient(instance: Instance, student: Array) -> Array:
    """Return the gradient of the loss (3) at weights `student`, both of shape (p, N)."""
    return _Problems.of([instance], np.float64).descended(student[None])[1][0]


@dataclass(frozen=True, eq=False)
class _Problems:
    """Data, shape (S, M, N), and labels of several problems."""

    point: Point
    data: Array
    label: Array

    @classmethod
    def of(cls, instances: Sequence[Instance], dtype: npt.DTypeLike) -> _Problems:
        data = np.stack([instance.data.astype(dtype, copy=False) for instance in instances])
        return cls(instances[0].point, data, np.stack([each.label for each in instances]))

    def take(self, chosen: npt.NDArray[np.intp]) -> _Problems:
        """Return some of them; no copy where it is all."""
        everything = len(chosen) == len(self.data)
        data, label = self.data, self.label
        return self if everything else _Problems(self.point, data[chosen], label[chosen])

    def descended(self, W: Array) -> tuple[Array, Array]:
        """Losses, shape (S,), and their gradients, at weights of shape (S, p, N)."""
        kind, network = self.data.dtype, self.point.network
        lambdas = (self.data @ W.swapaxes(1, 2).astype(kind)).astype(np.float64)
        flat = lambdas.reshape(-1, lambdas.shape[2])
        loss, slope = network.slopes(self.label.ravel(), flat, self.point.a)
        slopes = slope.reshape(lambdas.shape).swapaxes(1, 2).astype(kind)
        return loss.reshape(self.label.shape).sum(axis=1), (slopes @ self.data).astype(np.float64)


class _Run:
    """Students under way."""

    def __init__(self, how: Descent, problems: _Problems, W: Array, steps: Array) -> None:
        self.how, self.problems, self.W, self.steps = how, problems, W, steps[:, None, None]
        self.loss, slope = problems.descended(W)
        self.begin, self.first = self.loss.copy(), self._squares(W, slope)
        self.rises, self.rest = np.zeros(len(W), int), np.full(len(W), np.nan)
        self.done = 0

    def advance(self, until: int) -> tuple[Array, Array]:
        """Take steps until there are so many; return weights and losses."""
        while self.done < until:
            self._several(min(_LOOK - self.done % _LOOK, until - self.done))
        return self.W.copy(), self.loss.copy()

    def _several(self, count: int) -> None:
        """Move those not at rest, and see who has come to it."""
        self.done += count
        moving = np.flatnonzero(np.isnan(self.rest))
        if not len(moving):
            return
        problems, steps = self.problems.take(moving), self.steps[moving]
        W, loss = self.W[moving], self.loss[moving]
        _, slope = problems.descended(W)
        for _ in range(count):
            before = loss
            W = self._moved(W, steps * slope)
            loss, slope = problems.descended(W)
            self.rises[moving] += loss > before * (1 + _ROUNDING)
            if np.any(loss > _ASTRAY * self.begin[moving]):
                raise DomainError(
                    f"fraction must be below {self.how.fraction:g} where the loss is steeper than "
                    "at the start: it grows without bound"
                )
        self.W[moving], self.loss[moving] = W, loss
        at_rest = self._squares(W, slope) <= REST * self.first[moving]
        self.rest[moving[at_rest]] = self.done * self.how.fraction

    def _moved(self, W: Array, move: Array) -> Array:
        if self.how.space == "free":
            return W - move
        return _on_spheres(W - _tangent(W, move))

    def _squares(self, W: Array, slope: Array) -> Array:
        """Squared length of the gradient, along the spheres where the weights are kept there."""
        inside = slope if self.how.space == "free" else _tangent(W, slope)
        return np.sum(inside**2, axis=(1, 2))


def _tangent(W: Array, move: Array) -> Array:
    return move - W * (np.sum(W * move, axis=2, keepdims=True) / W.shape[2])
