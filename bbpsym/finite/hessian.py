"""The Hessian (4)(5) of the loss: a dense matrix, and an operator that never forms one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.memory import require

#: Bytes of data worked on at a time: both products then read it from cache.
_CHUNK_BYTES = 2**22


def weights(instance: Instance) -> tuple[Array, Array]:
    """Coefficients of `F = rank_one * lambda lambda^T + diagonal * 1`, equation (5).

    Returns
    -------
    rank_one, diagonal : ndarray, shape (M,)
        `(2/p)^2 / (a + y)` and `(2/p) (yh - y) / (a + y)`, one entry a sample.
    """
    p, label = instance.point.p, instance.label
    scale = 2 / p / (instance.point.a + label)
    return 2 / p * scale, scale * (instance.prediction - label)


def hessian(instance: Instance) -> Array:
    """Return the dense Hessian (4), shape (p N, p N), in double precision.

    Entry `(q N + i, q' N + j)` is the derivative by `w_{qi}` and `w_{q'j}`. Memory is
    `8 (p N)^2` bytes and as much again as `alpha N^2` for a weighted copy of the data.

    Raises
    ------
    DomainError
        When it would not fit in memory.
    """
    point = instance.point
    N, size = point.N, point.size
    require(
        8 * (size**2 + 2 * point.M * N),
        f"a dense Hessian of order {size}",
        "use HessianOperator, which forms no matrix",
    )
    rank_one, diagonal = weights(instance)
    X, fields = instance.data.astype(np.float64, copy=False), instance.student_fields
    H = np.empty((size, size))
    for q in range(point.p):
        for r in range(q + 1):
            F = rank_one * fields[:, q] * fields[:, r] + (diagonal if q == r else 0)
            block = X.T @ (F[:, None] * X)
            H[q * N : (q + 1) * N, r * N : (r + 1) * N] = block
            H[r * N : (r + 1) * N, q * N : (q + 1) * N] = block.T
    return H


@dataclass(frozen=True, eq=False)
class HessianOperator:
    """The Hessian (4) as a product with vectors; it forms no matrix.

    Every block shares the data, so `H V = X^T (F (X V))`: two matrix products over slices of the
    data small enough to stay in cache, and an elementwise `F` in between. Works in the precision
    of `V`, whatever that of the data.

    Attributes
    ----------
    data : ndarray, shape (M, N)
        Inputs; a view, not a copy.
    fields : ndarray, shape (p, M)
        Student pre-activations.
    rank_one, diagonal : ndarray, shape (M,)
        Coefficients of (5), see `weights`.
    """

    data: Array = field(repr=False)
    fields: Array = field(repr=False)
    rank_one: Array = field(repr=False)
    diagonal: Array = field(repr=False)

    @classmethod
    def of(cls, instance: Instance) -> HessianOperator:
        """Return the operator of an instance; costs `O(M)` memory."""
        fields = np.ascontiguousarray(instance.student_fields.T)
        return cls(instance.data, fields, *weights(instance))

    @property
    def shape(self) -> tuple[int, int]:
        """Order of the Hessian, twice."""
        size = self.data.shape[1] * self.fields.shape[0]
        return size, size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision of the coefficients."""
        return self.rank_one.dtype

    def single(self) -> HessianOperator:
        """Return a copy in single precision (`4 M N` bytes unless the data already are)."""
        arrays = (self.data, self.fields, self.rank_one, self.diagonal)
        return HessianOperator(*(array.astype(np.float32, copy=False) for array in arrays))

    def __matmul__(self, vectors: Array) -> Array:
        """Return `H V` for `V` of shape (p N,) or (p N, k), in the precision of `V`."""
        V = np.asarray(vectors)
        if V.ndim not in (1, 2) or V.shape[0] != self.shape[0]:
            raise DomainError(f"vectors must have {self.shape[0]} rows, not shape {V.shape}")
        if V.dtype not in (np.float64, np.float32):
            V = V.astype(np.float64)
        # Vectors as rows: both products then read the data along rows, which BLAS does fastest.
        p, N = self.fields.shape[0], self.data.shape[1]
        rows = V.T.reshape(-1, N)
        product = np.zeros((len(rows), N), V.dtype)
        step = max(64, min(1024, _CHUNK_BYTES // (N * V.itemsize)))
        for start in range(0, self.data.shape[0], step):
            part = slice(start, start + step)
            X = self.data[part].astype(V.dtype, copy=False)
            product += self._weigh(part, (rows @ X.T).reshape(-1, p, len(X))) @ X
        return product.reshape(V.T.shape).T

    def _weigh(self, part: slice, Y: Array) -> Array:
        """Apply `F` of (5), sample by sample, to projections `Y` of shape (k, p, samples)."""
        fields = self.fields[:, part].astype(Y.dtype, copy=False)
        rank_one = self.rank_one[part].astype(Y.dtype, copy=False)
        diagonal = self.diagonal[part].astype(Y.dtype, copy=False)
        along = rank_one * np.sum(fields * Y, axis=1, keepdims=True)
        return (diagonal * Y + fields * along).reshape(-1, Y.shape[-1])
