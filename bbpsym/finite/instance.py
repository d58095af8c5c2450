"""One random problem: data, weights on their spheres, pre-activations, and its loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bbpsym.errors import DomainError
from bbpsym.finite.jets import Array
from bbpsym.finite.memory import require
from bbpsym.finite.point import Point
from bbpsym.reading import floats

_PRECISIONS: dict[np.dtype[Any], type[np.float64] | type[np.float32]] = {
    np.dtype(np.float64): np.float64,
    np.dtype(np.float32): np.float32,
}


@dataclass(frozen=True, eq=False)
class Instance(floats.Arrays):
    """A drawn problem.

    Attributes
    ----------
    point : Point
        Its parameters.
    data : ndarray, shape (M, N)
        Inputs, one a row; entries are normal with variance `1 / N`.
    student : ndarray, shape (p, N)
        Student weights, each row of norm `sqrt(N)`.
    teacher : ndarray, shape (p_star, N)
        Teacher weights, each row of norm `sqrt(N)`.
    student_fields, teacher_fields : ndarray, shapes (M, p) and (M, p_star)
        Pre-activations `w_k . x` and `w*_l . x`, in double precision.
    noise : ndarray, shape (M,), or 0
        Added to the labels.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> instance.data.shape, instance.student.shape
    ((120, 40), (1, 40))
    """

    point: Point
    data: Array = field(repr=False)
    student: Array = field(repr=False)
    teacher: Array = field(repr=False)
    student_fields: Array = field(repr=False)
    teacher_fields: Array = field(repr=False)
    noise: Array | float = field(repr=False, default=0.0)

    @property
    def label(self) -> Array:
        """Teacher outputs with noise `y`, equation (1), shape (M,)."""
        return self.point.network.label(self.teacher_fields, self.point.a) + self.noise

    @property
    def prediction(self) -> Array:
        """Student outputs `yh`, equation (2), shape (M,)."""
        return self.point.network.prediction(self.student_fields, self.point.a)

    @property
    def side(self) -> int:
        """Direction into the spectrum from the end that is measured: 1 from the left, else -1."""
        return 1 if self.point.side == "left" else -1

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        arrays = (self.data, self.student, self.teacher, self.student_fields, self.teacher_fields)
        return sum(array.nbytes for array in arrays) + np.asarray(self.noise).nbytes

    def loss(self, student: Array) -> float:
        """Return the loss (3) at the weights `student`, shape (p, N), on these data."""
        network, a = self.point.network, self.point.a
        prediction = network.prediction(self.data @ student.T, a)
        return float(np.sum(network.per_sample(self.label, prediction, a)[0]))


@floats.own_settings
def draw(point: Point, rng: np.random.Generator, *, dtype: npt.DTypeLike = np.float64) -> Instance:
    """Draw a problem at `point`.

    Parameters
    ----------
    point : Point
        Parameters of the problem.
    rng : numpy.random.Generator
        The only source of randomness.
    dtype : {float64, float32}
        Precision of the data. Memory is `alpha N^2` entries: 8 bytes each in double precision,
        4 in single (3.0 GiB at `N = 20000`, `alpha = 2`).

    Returns
    -------
    Instance

    Raises
    ------
    DomainError
        For a wrong `dtype` or `rng`, or when the data would not fit in memory.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> instance.teacher_fields.shape
    (120, 1)
    """
    kind = _PRECISIONS.get(np.dtype(dtype))
    if kind is None:
        raise DomainError(f"dtype must be float64 or float32, not {np.dtype(dtype)}")
    floats.generator(rng)
    M, N = point.M, point.N
    require(
        np.dtype(kind).itemsize * M * N,
        f"data of shape ({M}, {N})",
        "lower N or alpha, or use float32",
    )
    student, teacher = _sphere(rng, point.p, N), _sphere(rng, point.p_star, N)
    if point.network.overlap:
        student = _tilted(student, teacher, point.network.overlap)
    data: Array = rng.standard_normal((M, N), dtype=kind)
    data *= kind(N**-0.5)
    fields = _fields(data, student), _fields(data, teacher)
    deviation = point.network.noise
    noise = deviation * rng.standard_normal(M) if deviation else 0.0
    return Instance(point, data, student, teacher, *fields, noise)


def _sphere(rng: np.random.Generator, width: int, N: int) -> Array:
    """Draw `width` uniform vectors of norm `sqrt(N)`, one a row."""
    weights = rng.standard_normal((width, N))
    return weights * (np.sqrt(N) / np.linalg.norm(weights, axis=1, keepdims=True))


def _tilted(weights: Array, teacher: Array, cosine: float) -> Array:
    """Turn weights on their sphere so that each has this very cosine with every teacher node."""
    gram = teacher @ teacher.T
    across = weights - np.linalg.solve(gram, teacher @ weights.T).T @ teacher
    along = np.linalg.solve(gram, cosine * np.diag(gram)) @ teacher
    left = gram[0, 0] - along @ along
    if not left > 0:
        raise DomainError(
            f"overlap must be smaller than {cosine} with these teachers at N = {weights.shape[1]}: "
            "no weights have it with all of them"
        )
    across *= np.sqrt(left) / np.linalg.norm(across, axis=1, keepdims=True)
    return along + across


def _fields(data: Array, weights: Array) -> Array:
    """Pre-activations in double precision, without a double-precision copy of the data."""
    return (data @ weights.T.astype(data.dtype)).astype(np.float64)
