"""Where the signal sits in the spectrum: the eigenvector of largest overlap and its rank.

The weights `m_i^2` of the eigenvectors on the signal directions are the atoms of the spectral
measure of the signal. Two ways lead there, neither computing all eigenvectors:

- dense: reduction to a tridiagonal `T = Q^T H Q`, whose eigenvectors are cheap, and the signal
  carried along as `Q^T S`; exact, and faster at small order;
- Krylov: block Lanczos started from the signal directions. A Ritz value that has converged is an
  atom, one that has not bounds what its neighbourhood can hold.

For `alpha < 1` the data span only `M` of `N` directions and zero is an eigenvalue of multiplicity
`p (N - M)`. Its eigenvectors are any basis, so a largest overlap among them means nothing: both
ways leave them out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh_tridiagonal, lapack

from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.finite.eigen import lowest
from bbpsym.finite.instance import Array, Instance
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.memory import require
from bbpsym.finite.overlap import signal_directions, span_directions
from bbpsym.reading import floats

#: Up to this order the dense way is the default.
_DENSE = 2500
#: Residual norm at which a Ritz pair counts as an eigenpair.
_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Signal(floats.Arrays):
    """The eigenvector of largest overlap, and the end of the spectrum that is measured.

    "Lowest" and "below" are seen from that end: for the right one they are the highest and above.

    Attributes
    ----------
    value : float
        Its eigenvalue.
    overlap2 : float
        Its squared overlap `m^2`, equation (12).
    rank : int
        Number of eigenvalues below it; exact when zero or when `method` is "dense", a lower bound
        otherwise (by interlacing).
    lowest : ndarray, shape (k,)
        The lowest eigenvalues, `k = p p_star + 1`: the outliers and the edge of the bulk.
    lowest_overlap2 : ndarray, shape (k,)
        Their squared overlaps.
    spans : tuple of two ndarrays, shape (k,)
        The squared lengths of their projections on what the students span, and the students and
        teachers together; empty for the paper's network, whose outliers are the teacher's.
    method : str
        "dense" or "krylov".

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> from bbpsym.finite import signal
    >>> found = signal(instance)
    >>> found.method
    'dense'
    """

    value: float
    overlap2: float
    rank: int
    lowest: Array
    lowest_overlap2: Array
    spans: tuple[Array, ...]
    method: str


@floats.own_settings
def signal(instance: Instance, *, method: str | None = None) -> Signal:
    """Find the eigenvector of largest overlap wherever it sits in the spectrum.

    Parameters
    ----------
    instance : Instance
        The problem.
    method : {"dense", "krylov"}, optional
        By default chosen by size: dense up to order 2500, Krylov beyond it, and dense again if
        the signal turns out to be spread over so many eigenvectors that a Krylov space of a
        quarter of the order cannot tell. Asked for by name, "krylov" goes on to the full order.

    Returns
    -------
    Signal

    Raises
    ------
    DomainError
        For an unknown method, or when a dense matrix or Krylov basis would not fit in memory.
    ConvergenceError
        When the lowest eigenpairs or the largest atom do not converge.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> signal(instance).rank
    12
    """
    if method not in (None, "dense", "krylov"):
        raise DomainError(f'method must be "dense" or "krylov", not {method!r}')
    if method == "dense" or (method is None and instance.point.size <= _DENSE):
        return _dense(instance)
    found = _krylov(instance, instance.point.size // (1 if method else 4))
    if found is not None:
        return found
    if method == "krylov":
        raise ConvergenceError(
            'no eigenvector of largest overlap could be singled out; use method="dense"'
        )
    return _dense(instance)


@floats.own_settings
def spectral_measure(instance: Instance) -> tuple[Array, Array]:
    """Return all eigenvalues and their squared overlaps with the signal, without eigenvectors.

    Returns
    -------
    values, overlap2 : ndarray, shape (p N,)
        Eigenvalues, ascending, and `m^2` of each eigenvector, equation (12). The latter sum to
        `p p_star`. That of the null space (`alpha < 1`) is shared out evenly over it.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym.finite import Point, draw
    >>> point = Point(N=40, p=1, p_star=1, a=1.5, alpha=3.0)
    >>> instance = draw(point, np.random.default_rng(1))
    >>> eigenvalues, shares = spectral_measure(instance)
    >>> round(float(shares.sum()), 12)
    1.0
    """
    values, (overlap2,) = _squares(instance, (signal_directions(instance),))
    return values, overlap2


def _squares(instance: Instance, spans: tuple[Array, ...]) -> tuple[Array, list[Array]]:
    """All eigenvalues, and the squared projections of their eigenvectors on each of the spans."""
    H = hessian(instance)
    size = len(H)
    work = int(lapack.dsytrd_lwork(size, lower=1)[0])
    # H is symmetric: its transpose is itself in the column order LAPACK can overwrite.
    c, d, e, tau, info = lapack.dsytrd(H.T, lower=1, lwork=work, overwrite_a=1)
    directions = np.hstack(spans)
    lower = np.asfortranarray(directions[1:])
    # The reflectors leave the first axis alone and lie below the diagonal, as those of a QR do.
    lower, _, more = lapack.dormqr("L", "T", c[1:, :-1], tau, lower, 64 * directions.shape[1])
    if info or more:
        raise ConvergenceError(f"tridiagonal reduction failed in LAPACK ({info}, {more})")
    values, Z = eigh_tridiagonal(d, e)
    weights = np.vstack([directions[:1], lower]).T @ Z
    ends = np.cumsum([span.shape[1] for span in spans])
    squares = [np.sum(part**2, axis=0) for part in np.split(weights, ends[:-1])]
    null = np.argsort(np.abs(values))[: instance.point.p * _missing(instance)]
    if null.size:
        for square in squares:
            square[null] = square[null].mean()
    return values, squares


def _missing(instance: Instance) -> int:
    """Dimension of the inputs' space that the data do not span."""
    return max(0, instance.point.N - instance.point.M)


def _seen(instance: Instance, directions: Array) -> Array:
    """Part of the signal directions that the data span: the rest is in the null space."""
    if not _missing(instance):
        return directions
    X = instance.data.astype(np.float64, copy=False)
    by_node = directions.reshape(instance.point.p, instance.point.N, -1)
    return (X.T @ np.linalg.solve(X @ X.T, X @ by_node)).reshape(directions.shape)


def _dense(instance: Instance) -> Signal:
    values, squares = _squares(instance, _spans(instance))
    values, (overlap2, *spans) = values[:: instance.side], [s[:: instance.side] for s in squares]
    top = int(np.argmax(overlap2))
    k = min(instance.point.outliers + 1, len(values))
    low = tuple(square[:k] for square in spans)
    value, square = float(values[top]), float(overlap2[top])
    return Signal(value, square, top, values[:k], overlap2[:k], low, "dense")


def _krylov(instance: Instance, dimension: int) -> Signal | None:
    """Block Lanczos from the signal; `None` when no eigenvector can be singled out."""
    pairs = lowest(instance, min(instance.point.outliers + 1, instance.point.size))
    spans = _spans(instance)
    squares, *low = (np.sum((span.T @ pairs.vectors) ** 2, axis=0) for span in spans)
    top = _largest_atom(HessianOperator.facing(instance), _seen(instance, spans[0]), dimension)
    if top is None:
        return None
    value, overlap2, below = instance.side * top[0], *top[1:]
    near = np.flatnonzero(np.abs(pairs.values - value) <= 1e-6)
    rank = int(near[0]) if near.size else max(below, len(pairs.values))
    return Signal(value, overlap2, rank, pairs.values, squares, tuple(low), "krylov")


def _spans(instance: Instance) -> tuple[Array, ...]:
    """Directions of the signal; of the students and of both, unless the network is the paper's."""
    signal = signal_directions(instance)
    return (signal,) if instance.point.is_papers else (signal, *span_directions(instance))


def _largest_atom(
    H: HessianOperator, directions: Array, dimension: int
) -> tuple[float, float, int] | None:
    """Eigenvalue, weight and number of Ritz values below of the largest atom of the measure.

    A window of `d + 1` neighbouring Ritz values that have not converged bounds the weight of an
    eigenvalue among them (Chebyshev, Markov and Stieltjes for `d = 1`).
    """
    size, d = directions.shape
    Q, start = np.linalg.qr(directions)
    limit = dimension // d
    require(8 * size * dimension, f"a Krylov basis of {dimension} vectors", "lower N")
    T = np.zeros((d * limit, d * limit))
    basis = np.empty((size, d * limit), order="F")
    check = 16
    for step in range(limit):
        here, end = slice(d * step, d * (step + 1)), d * (step + 1)
        basis[:, here] = Q
        W = H @ Q
        T[:end, here] = _project(W, basis[:, :end])
        Q, couple = np.linalg.qr(W)
        exhausted = np.abs(np.diag(couple)).min() < _TOLERANCE
        if exhausted or step + 1 in (check, limit):
            check = max(step + 9, int(1.25 * (step + 1)))
            values, C = np.linalg.eigh(T[:end, :end], UPLO="U")
            weights = np.sum((start.T @ C[:d]) ** 2, axis=0)
            settled = np.linalg.norm(couple @ C[-d:], axis=0) <= _TOLERANCE
            top = int(np.argmax(np.where(settled, weights, 0)))
            loose = np.convolve(np.where(settled, 0, weights), np.ones(d + 1))
            if settled[top] and loose.max() < weights[top]:
                return float(values[top]), float(weights[top]), top
        if exhausted:
            break
    return None


def _project(W: Array, basis: Array) -> Array:
    """Components of `W` along `basis`, taken out of `W` in place, twice."""
    first = basis.T @ W
    W -= basis @ first
    second = basis.T @ W
    W -= basis @ second
    return first + second
