"""The Hessian (4) of the loss: a dense matrix, and an operator that never forms one.

`F` of (5), the second derivative by the pre-activations of a sample, is of rank one plus diagonal
for every loss and activation: `F = rank_one * slope slope^T + diag(diagonal)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.memory import require
from bbpsym.reading import floats

#: Bytes of data worked on at a time: both products then read it from cache.
_CHUNK_BYTES = 2**21
#: Up to this many multiplications OpenBLAS does not copy the matrices first, which takes as long as
#: the product itself; worth while for slices of so many samples.
_UNCOPIED, _FEWEST = 10**6, 24


def weights(instance: Instance) -> tuple[Array, Array, Array]:
    """Return the parts of `F`, equation (5): see `Architecture.weights`.

    Raises
    ------
    DomainError
        When the network's formulas are infinite or not real on the data.
    """
    point = instance.point
    return point.network.weights(instance.label, instance.student_fields, point.a)


@floats.own_settings
def hessian(instance: Instance) -> Array:
    """Return the dense Hessian (4), shape (p N, p N), in double precision.

    Entry `(q N + i, q' N + j)` is the derivative by `w_{qi}` and `w_{q'j}`. Memory is
    `8 (p N)^2` bytes and as much again as `alpha N^2` for a weighted copy of the data.

    Raises
    ------
    DomainError
        When it would not fit in memory.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> hessian(instance).shape
    (40, 40)
    """
    point = instance.point
    N, size = point.N, point.size
    require(
        8 * (size**2 + 2 * point.M * N),
        f"a dense Hessian of order {size}",
        "use HessianOperator, which forms no matrix",
    )
    slope, rank_one, diagonal = weights(instance)
    X = instance.data.astype(np.float64, copy=False)
    H = np.empty((size, size))
    for q in range(point.p):
        for r in range(q + 1):
            F = rank_one * slope[:, q] * slope[:, r] + (diagonal[:, q] if q == r else 0)
            block = X.T @ (F[:, None] * X)
            H[q * N : (q + 1) * N, r * N : (r + 1) * N] = block
            H[r * N : (r + 1) * N, q * N : (q + 1) * N] = block.T
    return H


@dataclass(frozen=True, eq=False)
class HessianOperator(floats.Arrays):
    """The Hessian (4) as a product with vectors; it forms no matrix.

    Every block shares the data, so `H V = X^T (F (X V))`: two matrix products over slices of the
    data small enough to stay in cache, and an elementwise `F` in between. Works in the precision
    of `V`, whatever that of the data.

    Attributes
    ----------
    data : ndarray, shape (M, N)
        Inputs; a view, not a copy.
    slope, rank_one, diagonal : ndarray, shapes (p, M), (M,) and (p, M)
        Parts of `F`, see `weights`.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> operator = HessianOperator.of(instance)
    >>> operator.shape
    (40, 40)
    """

    data: Array = field(repr=False)
    slope: Array = field(repr=False)
    rank_one: Array = field(repr=False)
    diagonal: Array = field(repr=False)

    @classmethod
    def of(cls, instance: Instance) -> HessianOperator:
        """Return the operator of an instance; costs `O(M)` memory."""
        slope, rank_one, diagonal = weights(instance)
        rows = (np.ascontiguousarray(part.T) for part in (slope, diagonal))
        return cls(instance.data, next(rows), rank_one, next(rows))

    @classmethod
    def facing(cls, instance: Instance) -> HessianOperator:
        """Return the Hessian times `instance.side`: the end that is measured is the lowest."""
        H, side = cls.of(instance), instance.side
        return replace(H, rank_one=side * H.rank_one, diagonal=side * H.diagonal)

    @property
    def shape(self) -> tuple[int, int]:
        """Order of the Hessian, twice."""
        size = self.data.shape[1] * self.slope.shape[0]
        return size, size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the coefficients."""
        return self.rank_one.dtype

    def single(self) -> HessianOperator:
        """Return a copy in single precision (`4 M N` bytes unless the data already are).

        Raises
        ------
        DomainError
            When the copy would not fit in memory.
        """
        if self.data.dtype != np.float32:
            require(
                4 * self.data.size,
                "a single-precision copy of the data",
                "lower N or alpha, or draw with dtype=float32, which needs no copy",
            )
        arrays = (self.data, self.slope, self.rank_one, self.diagonal)
        return HessianOperator(*(array.astype(np.float32, copy=False) for array in arrays))

    def __matmul__(self, vectors: Array) -> Array:
        """Return `H V` for `V` of shape (p N,) or (p N, k), in the precision of `V`."""
        V = np.asarray(vectors)
        if V.ndim not in (1, 2) or V.shape[0] != self.shape[0]:
            raise DomainError(f"vectors must have {self.shape[0]} rows, not shape {V.shape}")
        if V.dtype not in (np.float64, np.float32):
            V = V.astype(np.float64)
        # Vectors as rows: the second product then reads the data along rows, as BLAS does fastest.
        p, N = self.slope.shape[0], self.data.shape[1]
        rows = V.T.reshape(-1, N)
        product = np.zeros((len(rows), N), V.dtype)
        parts = (self.slope, self.rank_one * self.slope, self.diagonal)
        slope, scaled, diagonal = (part.astype(V.dtype, copy=False) for part in parts)
        step = _samples_at_a_time(rows)
        for start in range(0, self.data.shape[0], step):
            part = slice(start, start + step)
            X = self.data[part].astype(V.dtype, copy=False)
            # OpenBLAS takes twice as long for `rows @ X.T`, the same product in the other order.
            Y = np.ascontiguousarray((X @ rows.T).T).reshape(-1, p, len(X))
            along = np.add.reduce(scaled[:, part] * Y, axis=1, keepdims=True)
            Y *= diagonal[:, part]
            Y += slope[:, part] * along
            product += Y.reshape(-1, len(X)) @ X
        return product.reshape(V.T.shape).T


def _samples_at_a_time(rows: Array) -> int:
    """Samples in a slice of the data, for a product with these rows."""
    step = _UNCOPIED // rows.size
    if step < _FEWEST:
        step = max(64, _CHUNK_BYTES // (rows.shape[1] * rows.itemsize))
    return min(1024, step)
