"""One random problem: data, weights on their spheres, pre-activations, and its loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bbpsym.errors import DomainError
from bbpsym.finite.memory import require
from bbpsym.finite.point import Point

Array = npt.NDArray[np.floating]

_PRECISIONS: dict[np.dtype[Any], type[np.float64] | type[np.float32]] = {
    np.dtype(np.float64): np.float64,
    np.dtype(np.float32): np.float32,
}


@dataclass(frozen=True, eq=False)
class Instance:
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
    """

    point: Point
    data: Array = field(repr=False)
    student: Array = field(repr=False)
    teacher: Array = field(repr=False)
    student_fields: Array = field(repr=False)
    teacher_fields: Array = field(repr=False)

    @property
    def label(self) -> Array:
        """Teacher outputs `y`, equation (1), shape (M,)."""
        return np.mean(self.teacher_fields**2, axis=1)

    @property
    def prediction(self) -> Array:
        """Student outputs `yh`, equation (2), shape (M,)."""
        return np.mean(self.student_fields**2, axis=1)

    @property
    def nbytes(self) -> int:
        """Bytes held by the arrays."""
        arrays = (self.data, self.student, self.teacher, self.student_fields, self.teacher_fields)
        return sum(array.nbytes for array in arrays)

    def loss(self, student: Array) -> float:
        """Return the loss (3) at the weights `student`, shape (p, N), on these data."""
        prediction = np.mean((self.data @ student.T) ** 2, axis=1)
        label = self.label
        return float(np.sum((label - prediction) ** 2 / (self.point.a + label)) / 2)


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
    """
    kind = _PRECISIONS.get(np.dtype(dtype))
    if kind is None:
        raise DomainError(f"dtype must be float64 or float32, not {np.dtype(dtype)}")
    if not isinstance(rng, np.random.Generator):
        raise DomainError(f"rng must be a numpy.random.Generator, not {type(rng).__name__}")
    M, N = point.M, point.N
    require(
        np.dtype(kind).itemsize * M * N,
        f"data of shape ({M}, {N})",
        "lower N or alpha, or use float32",
    )
    student, teacher = _sphere(rng, point.p, N), _sphere(rng, point.p_star, N)
    data: Array = rng.standard_normal((M, N), dtype=kind)
    data *= kind(N**-0.5)
    return Instance(
        point,
        data,
        student,
        teacher,
        _fields(data, student),
        _fields(data, teacher),
    )


def _sphere(rng: np.random.Generator, width: int, N: int) -> Array:
    """Draw `width` uniform vectors of norm `sqrt(N)`, one a row."""
    weights = rng.standard_normal((width, N))
    return weights * (np.sqrt(N) / np.linalg.norm(weights, axis=1, keepdims=True))


def _fields(data: Array, weights: Array) -> Array:
    """Pre-activations in double precision, without a double-precision copy of the data."""
    return (data @ weights.T.astype(data.dtype)).astype(np.float64)
