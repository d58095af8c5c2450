"""The density of eigenvalues of one large instance, by the kernel polynomial method."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bbpsym.errors import DomainError
from bbpsym.finite.eigen import lowest
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.matrix import HessianOperator
from bbpsym.finite.point import whole
from bbpsym.reading import floats

#: Lanczos steps that bound the spectrum, and how far beyond them the bounds are put.
_BOUND_STEPS, _MARGIN = 40, 2e-3


@dataclass(frozen=True, eq=False)
class SpectralDensity(floats.Arrays):
    """A density (6) of eigenvalues, smoothed by the Jackson kernel.

    Attributes
    ----------
    points : ndarray, shape (n,)
        Where the density is evaluated.
    density : ndarray, shape (n,)
        Eigenvalue density, of integral one.
    error : ndarray, shape (n,)
        Standard error from the spread over random vectors. It does not contain the smoothing.
    resolution : ndarray, shape (n,)
        Standard deviation of the kernel at each point: features narrower than it are smoothed.
    bounds : tuple of float
        The spectrum lies within.
    moments : ndarray, shape (degree,)
        Chebyshev moments of the density on `bounds`.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> from bbpsym.finite import density
    >>> density(instance, [-1, 0, 1], rng=np.random.default_rng(1), degree=50).density.shape
    (3,)
    """

    points: Array
    density: Array
    error: Array
    resolution: Array
    bounds: tuple[float, float]
    moments: Array = field(repr=False)


@floats.own_settings
def density(
    instance: Instance,
    points: Array,
    *,
    rng: np.random.Generator,
    degree: int = 800,
    vectors: int = 16,
) -> SpectralDensity:
    """Estimate the density of eigenvalues at `points`.

    Parameters
    ----------
    instance : Instance
        One large problem.
    points : ndarray, shape (n,)
        Abscissae; outside the spectrum the density is zero.
    rng : numpy.random.Generator
        For the random vectors.
    degree : int
        Number of Chebyshev moments, at least 2; the resolution is inversely proportional.
    vectors : int
        Random vectors, at least 2; the error falls as `(vectors p N)^{-1/2}`.

    Returns
    -------
    SpectralDensity

    Raises
    ------
    DomainError
        When an argument leaves its range.

    Notes
    -----
    Single precision: its rounding stays far below the error. Costs `vectors * degree / 2` products
    with the Hessian, in blocks. Weisse, Wellein, Alvermann and Fehske, Rev. Mod. Phys. 78, 275
    (2006).

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> found = density(instance, [-1, 0, 1], rng=np.random.default_rng(1), degree=50)
    >>> found.density.shape
    (3,)
    """
    degree, vectors = whole("degree", degree, 2), whole("vectors", vectors, 2)
    x = np.atleast_1d(np.asarray(points, dtype=np.float64))
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise DomainError("points must be a one-dimensional array of finite numbers")
    H = HessianOperator.of(instance)
    low, high = _bounds(instance, H, rng)
    center, half = (high + low) / 2, (high - low) / 2
    moments = _moments(H.single(), rng, degree, vectors, center, half)
    rows, resolution = _kernel_sum(moments, (x - center) / half)
    return SpectralDensity(
        x,
        rows.mean(axis=0) / half,
        rows.std(axis=0, ddof=1) / np.sqrt(vectors) / half,
        resolution * half,
        (low, high),
        moments.mean(axis=0),
    )


def _kernel_sum(moments: Array, x: Array) -> tuple[Array, Array]:
    """Density on (-1, 1) for each row of moments, and the width of the kernel; zero outside."""
    degree = moments.shape[1]
    inside = np.abs(x) < 1
    angle = np.arccos(np.where(inside, x, 0))
    damped = moments * _jackson(degree) * np.where(np.arange(degree) > 0, 2, 1)
    rows = damped @ np.cos(np.outer(np.arange(degree), angle)) / (np.pi * np.sin(angle))
    step = np.pi / degree
    width = step * np.sqrt(np.sin(angle) ** 2 + step * np.abs(np.cos(angle)))
    return np.where(inside, rows, 0), np.where(inside, width, 0)


def _bounds(
    instance: Instance, H: HessianOperator, rng: np.random.Generator
) -> tuple[float, float]:
    """Bounds of the spectrum: its ends to a coarse tolerance, moved out by a margin."""
    bottom = lowest(instance, 1, tolerance=1e-3).values[0]
    top = _highest(H, rng)
    margin = _MARGIN * (top - bottom)
    return float(bottom - margin), float(top + margin)


def _highest(H: HessianOperator, rng: np.random.Generator) -> float:
    """Highest Ritz value of a few Lanczos steps plus its residual; the upper tail is sparse."""
    size = H.shape[0]
    steps = min(_BOUND_STEPS, size)
    basis, T = np.zeros((size, steps)), np.zeros((steps, steps))
    v: Array = rng.standard_normal(size)
    v /= np.linalg.norm(v)
    for step in range(steps):
        basis[:, step] = v
        w = H @ v
        T[: step + 1, step] = basis[:, : step + 1].T @ w
        for _ in range(2):
            w -= basis[:, : step + 1] @ (basis[:, : step + 1].T @ w)
        beta = float(np.linalg.norm(w))
        v = w / max(beta, np.finfo(float).tiny)
    values, C = np.linalg.eigh(T, UPLO="U")
    return float(values[-1] + beta * abs(C[-1, -1]))


def _moments(
    H: HessianOperator,
    rng: np.random.Generator,
    degree: int,
    vectors: int,
    center: float,
    half: float,
) -> Array:
    """Chebyshev moments seen by each random vector, shape (vectors, degree).

    Each product gives two moments: `2 T_m T_n = T_{m+n} + T_{|m-n|}`.
    """
    size = H.shape[0]
    shift, scale = np.float32(center), np.float32(half)
    start = rng.choice(np.array([-1, 1], np.float32), size=(size, vectors))
    before, now = start, (H @ start - shift * start) / scale
    first = _dots(start, now)
    moments = np.empty((degree + 1, vectors))
    moments[0], moments[1] = size, first
    for n in range(1, degree // 2 + 1):
        moments[2 * n] = 2 * _dots(now, now) - size
        before, now = now, 2 / scale * (H @ now - shift * now) - before
        if 2 * n + 1 <= degree:
            moments[2 * n + 1] = 2 * _dots(before, now) - first
    return moments[:degree].T / size


def _dots(left: Array, right: Array) -> Array:
    """Products of the columns, added up in double precision."""
    return np.einsum("ij,ij->j", left, right, dtype=np.float64)


def _jackson(degree: int) -> Array:
    """Damping factors of the Jackson kernel, which keep the density non-negative."""
    n, q = np.arange(degree), np.pi / (degree + 1)
    return ((degree - n + 1) * np.cos(q * n) + np.sin(q * n) / np.tan(q)) / (degree + 1)
