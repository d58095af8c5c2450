"""Overlaps of eigenvectors with the teachers, equations (8)-(13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.finite.instance import Array, Instance
from bbpsym.reading import floats


def signal_directions(instance: Instance) -> Array:
    """Return the `p p_star` signal directions as columns, shape (p N, p p_star).

    Column `k p_star + l` is the teacher `l` put on the student node `k`, of norm one, so that
    `v . column` is the entry `M_kl` of (9).
    """
    N = instance.point.N
    return np.kron(np.eye(instance.point.p), instance.teacher.T / np.sqrt(N))


def span_directions(instance: Instance) -> tuple[Array, Array]:
    """Return orthonormal columns of what the students span, and the students and teachers.

    Returns
    -------
    students, all : ndarray, shapes (p N, p^2) and (p N, p (p + p_star))
        On every student node in turn.
    """
    nodes = np.eye(instance.point.p)
    frames = (instance.student, np.vstack([instance.student, instance.teacher]))
    students, both = (np.kron(nodes, np.linalg.qr(frame.T)[0]) for frame in frames)
    return students, both


@dataclass(frozen=True, eq=False)
class Overlaps(floats.Arrays):
    """Overlap matrices of a set of eigenvectors.

    Attributes
    ----------
    matrices : ndarray, shape (k, p, p_star)
        `M = V W*^T / sqrt(N)` of (9), one an eigenvector.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> from bbpsym.finite import lowest, overlaps
    >>> overlaps(instance, lowest(instance).vectors).matrices.shape
    (1, 1, 1)
    """

    matrices: Array

    @property
    def norm(self) -> Array:
        """Overlap `m = |M|_F` of (12), shape (k,)."""
        return np.linalg.norm(self.matrices, axis=(1, 2))

    @property
    def gram(self) -> Array:
        """Products `<M_i, M_j>_F`, shape (k, k); `m^2` times the identity by (11) and (13)."""
        flat = self.matrices.reshape(len(self.matrices), -1)
        return flat @ flat.T


@floats.own_settings
def overlaps(instance: Instance, vectors: Array) -> Overlaps:
    """Return the overlap matrices (9) of unit vectors.

    Parameters
    ----------
    instance : Instance
        Its teachers are the signal.
    vectors : ndarray, shape (p N, k)
        Unit eigenvectors, one a column.

    Raises
    ------
    DomainError
        When `vectors` has another shape.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> from bbpsym.finite import lowest
    >>> found = overlaps(instance, lowest(instance).vectors)
    >>> f"{abs(found.matrices[0, 0, 0]):.3f}"
    '0.222'
    """
    p, N = instance.point.p, instance.point.N
    if vectors.ndim != 2 or vectors.shape[0] != p * N:
        raise DomainError(f"vectors must have shape ({p * N}, k), not {vectors.shape}")
    V = vectors.T.reshape(-1, p, N)
    return Overlaps(V @ instance.teacher.T / np.sqrt(N))
