"""Eigenpairs at an end of the spectrum: block Lanczos, in two precisions.

A cycle grows a Krylov space, in single precision, from the residuals of the current Ritz vectors.
These are computed in double precision and the correction is small, so that the single-precision
space costs no digits: each cycle gains five, and the data are read half as many bytes at a time.

Only NumPy's linear algebra is called in the iteration: SciPy brings its own pool of BLAS threads,
and two pools that spin on the same cores slow each other fourfold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bbpsym.errors import ConvergenceError
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.overlap import signal_directions
from bbpsym.finite.point import positive, whole
from bbpsym.reading import floats

#: Up to this order LAPACK on the dense matrix is faster.
_DENSE = 400
#: Largest dimension of the Krylov space of a cycle.
_DIMENSION = 600
#: Guard vectors beyond the `k` asked for, `k` of them within these bounds: they keep the last
#: wanted pair away from the rest.
_GUARDS = (2, 8)
#: What a cycle can gain before single-precision rounding stops it.
_CYCLE_GAIN = 3e-6


@dataclass(frozen=True, eq=False)
class Eigenpairs(floats.Arrays):
    """The outermost eigenpairs at one end: the lowest, ascending, or the highest, descending.

    Attributes
    ----------
    values : ndarray, shape (k,)
        Eigenvalues. Each is within its residual of one of `H`; the error of an isolated one is
        of the order of its residual squared.
    vectors : ndarray, shape (p N, k)
        Orthonormal eigenvectors.
    residuals : ndarray, shape (k,)
        `|H v - value v|`, computed in double precision.
    tolerance : float
        What the residuals were asked to meet.
    products : int
        Products of `H` with one vector that were spent; zero for a dense solution.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> from bbpsym.finite import lowest
    >>> lowest(instance).vectors.shape
    (40, 1)
    """

    values: Array
    vectors: Array = field(repr=False)
    residuals: Array
    tolerance: float
    products: int

    @property
    def converged(self) -> bool:
        """Whether every residual meets the tolerance."""
        return bool(np.all(self.residuals <= self.tolerance))


@floats.own_settings
def lowest(
    instance: Instance,
    k: int | None = None,
    *,
    tolerance: float = 1e-8,
    cycles: int = 60,
    rng: np.random.Generator | None = None,
    strict: bool = True,
) -> Eigenpairs:
    """Return the `k` lowest eigenpairs of the Hessian; the highest where the point says "right".

    Parameters
    ----------
    instance : Instance
        The problem.
    k : int, optional
        Number of pairs; the `p p_star` outliers by default.
    tolerance : float
        Bound on the residual norm `|H v - value v|`.
    cycles : int
        Restarts after which the iteration gives up.
    rng : numpy.random.Generator, optional
        For the part of the starting block that the signal directions leave; by default a fixed
        stream, so that the same instance gives the same result.
    strict : bool
        Raise when not converged; otherwise the result says so.

    Returns
    -------
    Eigenpairs

    Raises
    ------
    DomainError
        When an argument leaves its range.
    ConvergenceError
        When `strict` and a residual exceeds `tolerance`.

    Notes
    -----
    Memory: a single-precision copy of double-precision data, and about 600 vectors.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> found = lowest(instance)
    >>> len(found.values), bool(max(found.residuals) <= found.tolerance)
    (1, True)
    """
    size = instance.point.size
    k = whole("k", instance.point.outliers if k is None else k, 1, size)
    tolerance = positive("tolerance", tolerance)
    cycles = whole("cycles", cycles, 1)
    if size <= max(_DENSE, 8 * k):
        pairs = _dense(instance, k, tolerance)
    else:
        pairs = _iterate(instance, k, tolerance, cycles, rng or np.random.default_rng(0))
    if strict and not pairs.converged:
        raise ConvergenceError(
            f"residual {pairs.residuals.max():.1e} exceeds tolerance {tolerance:.1e}: "
            "raise cycles or tolerance, or pass strict=False"
        )
    return pairs


def _dense(instance: Instance, k: int, tolerance: float) -> Eigenpairs:
    H = hessian(instance)
    values, vectors = (part[..., :: instance.side][..., :k] for part in np.linalg.eigh(H))
    residuals = np.linalg.norm(H @ vectors - values * vectors, axis=0)
    return Eigenpairs(values, vectors, residuals, tolerance, 0)


def _iterate(
    instance: Instance, k: int, tolerance: float, cycles: int, rng: np.random.Generator
) -> Eigenpairs:
    """Restarted block Lanczos; see the head of the module."""
    H = HessianOperator.facing(instance)
    fast = H.single()
    start = _starting_block(instance, k + min(max(k, _GUARDS[0]), _GUARDS[1]), rng)
    values, V, R = _rayleigh_ritz(H, start)
    products = V.shape[1]
    for _ in range(cycles):
        residuals = np.linalg.norm(R, axis=0)
        if np.all(residuals[:k] <= tolerance):
            break
        V, spent = _expand(fast, values, V, R, k, tolerance)
        values, V, R = _rayleigh_ritz(H, V)
        products += spent + V.shape[1]
    residuals = np.linalg.norm(R[:, :k], axis=0)
    return Eigenpairs(instance.side * values[:k], V[:, :k], residuals, tolerance, products)


def _starting_block(instance: Instance, width: int, rng: np.random.Generator) -> Array:
    """Signal directions, then random ones: the latter see what the former are blind to."""
    signal = signal_directions(instance)[:, : width - 2]
    noise = rng.standard_normal((len(signal), width - signal.shape[1]))
    return np.hstack([signal, noise])


def _rayleigh_ritz(H: HessianOperator, V: Array) -> tuple[Array, Array, Array]:
    """Ritz values, Ritz vectors and residual vectors of span `V`, in double precision."""
    V = np.linalg.qr(V)[0]
    HV = H @ V
    values, C = np.linalg.eigh(V.T @ HV)
    V, HV = V @ C, HV @ C
    return values, V, HV - values * V


def _expand(
    H: HessianOperator, values: Array, V: Array, R: Array, k: int, tolerance: float
) -> tuple[Array, int]:
    """Improve the Ritz vectors `V` in the block Krylov space of their residuals `R`.

    The projected matrix holds `R^T K` where `V^T H K` belongs: equal, but exact relative to the
    small residuals, which is what lets single precision gain digits.
    """
    size, b = V.shape
    steps = max(2, min(_DIMENSION, size // 2) // b)
    target = max(0.3 * tolerance, _CYCLE_GAIN * np.linalg.norm(R, axis=0)[:k].max())
    single, scaled = V.astype(np.float32), R.astype(np.float32)
    K = np.empty((size, b * steps), np.float32, order="F")
    T = np.zeros((b * (steps + 1),) * 2)
    T[:b, :b] = np.diag(values)
    check = min(8, steps)
    norms = np.linalg.norm(scaled, axis=0)
    block = _orthonormal(scaled / np.maximum(norms, np.finfo(np.float32).tiny), single)
    for step in range(steps):
        here, end = slice(b * step, b * (step + 1)), b * (step + 1)
        K[:, here] = block
        T[:b, b + here.start : b + end] = scaled.T @ block
        W = H @ block
        coefficients, block, couple = _orthogonalise(W, K[:, :end], single, 2 * b)
        T[b : b + end, b + here.start : b + end] = coefficients
        if step + 1 in (check, steps):
            C = np.linalg.eigh(T[: b + end, : b + end], UPLO="U")[1][:, :b]
            left = np.linalg.norm(couple @ C[-b:, :k], axis=0).max() / target
            if left <= 1:
                break
            check = step + 1 + _until_next_check(step + 1, left)
    return V @ C[:b] + K[:, :end] @ C[b:].astype(np.float32), end


def _until_next_check(done: int, left: float) -> int:
    """Guess the steps worth taking before the Ritz problem is solved again."""
    return max(2, min(done // 2, round(4 * np.log(left))))


def _orthogonalise(W: Array, K: Array, V: Array, near: int) -> tuple[Array, Array, Array]:
    """Split `W` into its components along `K`, an orthonormal block beyond `K` and `V`, and `B`.

    All but rounding lies along the last `near` columns, by the recurrence of Lanczos: they are
    taken out first, and then everything once.
    """
    last = K[:, -near:]
    first = last.T @ W
    W = W - last @ first
    coefficients = K.T @ W
    W -= K @ coefficients
    W -= V @ (V.T @ W)
    coefficients[-near:] += first
    Q, B = np.linalg.qr(W)
    return coefficients, Q, B


def _orthonormal(W: Array, V: Array) -> Array:
    """Orthonormal basis of `W` in the complement of `V`, projected twice."""
    for _ in range(2):
        W = np.linalg.qr(W - V @ (V.T @ W))[0]
    return W
