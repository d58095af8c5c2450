"""What the paper reads off its simulations: crossings, `alpha_0`, edge exponents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bbpsym.errors import DomainError
from bbpsym.finite.estimate import Measured
from bbpsym.finite.instance import Array
from bbpsym.finite.summary import Summary
from bbpsym.reading import floats

IntArray = npt.NDArray[np.integer]

#: Degree of the polynomial that the log-odds of phi follow in alpha.
_DEGREE = 3
#: Fewest values of alpha from which a curve phi(alpha) is fitted.
FEWEST_ALPHA = _DEGREE + 2
#: Fraction of bootstrap resamples that must have a crossing for it to count as resolved.
_RESOLVED = 0.9
#: Standard errors by which the curves must differ on either side of a resolved crossing.
_SIGNIFICANT = 2.0


@dataclass(frozen=True)
class SizeCrossing:
    """Where the curves phi(alpha) of two sizes cross.

    Attributes
    ----------
    sizes : tuple of int
        The two values of `N`.
    alpha : Measured
        Where they cross, with its bootstrap error.
    phi : float
        Height at which they cross.

    Examples
    --------
    >>> from bbpsym.finite import Summary
    >>> from bbpsym.figures.simulations import data_file
    >>> summary = Summary.from_csv(data_file("summary.csv")).select(p=1, p_star=1, a=1.0)
    >>> from bbpsym.finite import crossing
    >>> crossing(summary, 100, 400).sizes
    (100, 400)
    """

    sizes: tuple[int, int]
    alpha: Measured
    phi: float


@floats.own_settings
def crossing(
    summary: Summary,
    small: int,
    large: int,
    *,
    column: str = "phi_outliers",
    resamples: int = 400,
    rng: np.random.Generator | None = None,
) -> SizeCrossing:
    """Return where the curves phi(alpha) of two sizes cross.

    The log-odds of phi are fitted, size by size, by a cubic polynomial in alpha (binomial
    likelihood); the crossing is where the larger size overtakes the smaller most steeply.

    Parameters
    ----------
    summary : Summary
        Rows of one `p`, `p_star`, `a`; use `Summary.select`.
    small, large : int
        The sizes `N`.
    column : {"phi_outliers", "phi"}
        Which fraction; they agree for `p p_star = 1`.
    resamples : int
        Bootstrap resamples behind the error.
    rng : numpy.random.Generator, optional
        For the bootstrap; a fixed stream by default.

    Returns
    -------
    SizeCrossing

    Raises
    ------
    DomainError
        When the rows mix problems, have too few values of alpha, or do not resolve a crossing.

    Examples
    --------
    >>> from bbpsym.finite import Summary
    >>> from bbpsym.figures.simulations import data_file
    >>> summary = Summary.from_csv(data_file("summary.csv")).select(p=1, p_star=1, a=1.0)
    >>> found = crossing(summary, 100, 400)
    >>> f"{found.alpha.value:.1f}"
    '1.0'
    """
    if column not in ("phi", "phi_outliers"):
        raise DomainError(f'column must be "phi" or "phi_outliers", not {column!r}')
    _one_family(summary)
    rng = np.random.default_rng(0) if rng is None else rng
    curves = [_counts(summary.select(N=size), column) for size in (small, large)]
    low = max(alpha[0] for alpha, _, _ in curves)
    high = min(alpha[-1] for alpha, _, _ in curves)
    grid = np.linspace(low, high, 1001)
    found = _overtaking(grid, *[_log_odds(x, hits, n, grid) for x, hits, n in curves])
    if found is None:
        raise DomainError(f"the curves of N={small} and N={large} do not cross at these alpha")
    redrawn = [[rng.binomial(n, hits / n) for _, hits, n in curves] for _ in range(resamples)]
    refitted = [
        _log_odds(x, np.array(hits), n, grid)
        for (x, _, n), hits in zip(curves, zip(*redrawn, strict=True), strict=True)
    ]
    again = (_overtaking(grid, *pair) for pair in zip(*refitted, strict=True))
    places = [where[0] for where in again if where is not None]
    place, height = found
    below, above = _significance(curves[0], curves[1], place)
    if len(places) < _RESOLVED * resamples or min(-below, above) < _SIGNIFICANT:
        raise DomainError(
            f"not resolved near alpha={place:.2f}: the larger N lies {-below:.1f} standard errors "
            f"below the smaller before it and {above:.1f} above after it; take more samples"
        )
    return SizeCrossing((small, large), Measured(place, float(np.std(places, ddof=1))), height)


def _significance(
    small: tuple[Array, IntArray, IntArray], large: tuple[Array, IntArray, IntArray], place: float
) -> tuple[float, float]:
    """Excess of the larger size over the smaller before and after `place`, in standard errors."""
    sides = []
    for sign in (-1, 1):
        means, variances = [], []
        for alpha, hits, samples in (small, large):
            here = sign * alpha > sign * place
            share = (hits[here] + 0.5) / (samples[here] + 1)
            means.append(share.mean())
            variances.append(np.sum(share * (1 - share) / samples[here]) / here.sum() ** 2)
        sides.append(float((means[1] - means[0]) / np.sqrt(sum(variances))))
    return sides[0], sides[1]


def _one_family(summary: Summary) -> None:
    families = {(row.point.p, row.point.p_star, row.point.a) for row in summary.rows}
    if len(families) != 1:
        raise DomainError(f"the rows must share p, p_star and a, they have {len(families)} choices")


def _counts(summary: Summary, column: str) -> tuple[Array, IntArray, IntArray]:
    """Values of alpha, hits, and number of samples of one size."""
    if len(summary) < FEWEST_ALPHA:
        raise DomainError(f"each size needs at least {FEWEST_ALPHA} values of alpha")
    alpha = np.array([row.point.alpha for row in summary.rows])
    samples = np.array([row.samples for row in summary.rows])
    hits = np.rint(summary.column(column)[0] * samples).astype(np.int64)
    return alpha, hits, samples


def _log_odds(alpha: Array, hits: IntArray, samples: IntArray, grid: Array) -> Array:
    """Fitted log-odds on `grid`, by Newton's method with half a pseudo-count each way.

    `hits` are of one sample, or of many along the first axis.
    """
    center, half = (alpha[-1] + alpha[0]) / 2, (alpha[-1] - alpha[0]) / 2
    basis = np.vander((alpha - center) / half, _DEGREE + 1)
    share, total = (hits + 0.5) / (samples + 1), samples + 1
    coefficients = np.linalg.lstsq(basis, np.log(share / (1 - share)).T, rcond=None)[0].T
    for _ in range(30):
        fitted = 1 / (1 + np.exp(-coefficients @ basis.T))
        curvature = (total * fitted * (1 - fitted))[..., None, :] * basis.T @ basis
        slope = (total * (share - fitted)) @ basis
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            break
    return coefficients @ np.vander((grid - center) / half, _DEGREE + 1).T


def _overtaking(grid: Array, small: Array, large: Array) -> tuple[float, float] | None:
    """Alpha and phi where `large - small` changes sign upwards most steeply."""
    difference = large - small
    up = np.flatnonzero((difference[:-1] < 0) & (difference[1:] >= 0))
    if not up.size:
        return None
    # In probability, not log-odds: a crossing of two curves at zero or one means nothing.
    odds = np.exp(-small)
    slope = np.diff(difference) * (odds / (1 + odds) ** 2)[:-1]
    at = up[np.argmax(slope[up])]
    part = difference[at] / (difference[at] - difference[at + 1])
    place = grid[at] + part * (grid[at + 1] - grid[at])
    return float(place), float(1 / (1 + odds[at]))


@dataclass(frozen=True)
class Line:
    """A weighted straight line `slope * x + intercept` and where it vanishes.

    Attributes
    ----------
    slope, intercept, zero : Measured
        Parameters and the zero `-intercept / slope`, with errors propagated from the data.
    chi2, freedom : float, int
        Sum of squared normalised residuals, and number of points less two.

    Examples
    --------
    >>> from bbpsym.finite import straight_line
    >>> f"{straight_line([1.0, 2.0, 3.0], [1.1, 2.0, 2.9], [0.1, 0.1, 0.1]).slope.value:.6f}"
    '0.900000'
    """

    slope: Measured
    intercept: Measured
    zero: Measured
    chi2: float
    freedom: int


@floats.own_settings
def straight_line(x: Array, y: Array, error: Array) -> Line:
    """Fit a straight line with standard errors on `y`; arrays of shape (n,), n >= 3.

    Raises
    ------
    DomainError
        For fewer than three points, whose line nothing could contradict, or an error that is not
        positive.

    Examples
    --------
    >>> found = straight_line([1.0, 2.0, 3.0], [1.1, 2.0, 2.9], [0.1, 0.1, 0.1])
    >>> f"{found.zero.value:.6f}"
    '-0.222222'
    """
    x, y, error = (np.asarray(values, dtype=np.float64) for values in (x, y, error))
    if x.ndim != 1 or x.shape != y.shape or x.shape != error.shape:
        raise DomainError("x, y and error must be one-dimensional, of equal length")
    if x.size < 3:
        raise DomainError(f"x must have at least 3 points to test a straight line, not {x.size}")
    if not np.all(error > 0):
        raise DomainError("error must be positive at every point")
    design = np.column_stack([x, np.ones_like(x)]) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    slope, intercept = covariance @ design.T @ (y / error)
    gradient = np.array([intercept / slope**2, -1 / slope])
    spread = np.sqrt(np.diag(covariance))
    return Line(
        Measured(float(slope), float(spread[0])),
        Measured(float(intercept), float(spread[1])),
        Measured(float(-intercept / slope), float(np.sqrt(gradient @ covariance @ gradient))),
        float(np.sum(((y - slope * x - intercept) / error) ** 2)),
        len(x) - 2,
    )


@floats.own_settings
def alpha_zero(summary: Summary, *, above: float, count: int | None = None) -> Line:
    """Return the straight line through `m^2(alpha)` above the transition; `zero` is `alpha_0`.

    Parameters
    ----------
    summary : Summary
        Rows of one `p`, `p_star`, `a` and one size `N`.
    above : float
        Smallest alpha that is fitted: the threshold.
    count : int, optional
        Fit only so many values of alpha, the first ones.

    Raises
    ------
    DomainError
        When the rows mix problems or sizes, or fewer than three are above.

    Examples
    --------
    >>> from bbpsym.finite import Summary
    >>> from bbpsym.figures.simulations import data_file
    >>> summary = Summary.from_csv(data_file("summary.csv")).select(p=1, p_star=1, a=1.0)
    >>> found = alpha_zero(summary.select(N=400), above=1.5)
    >>> found.zero.value < 1.5
    True
    """
    _one_family(summary)
    if len({row.point.N for row in summary.rows}) != 1:
        raise DomainError("the rows must share N")
    chosen = Summary(tuple(row for row in summary.rows if row.point.alpha >= above)[:count])
    alpha = np.array([row.point.alpha for row in chosen.rows])
    if len(alpha) < 3:
        raise DomainError(
            f"above must leave at least 3 values of alpha to test a straight line, and "
            f"{above:g} leaves {len(alpha)}"
        )
    return straight_line(alpha, *chosen.column("outlier_overlap2"))


@dataclass(frozen=True)
class EdgeScaling:
    """How the lowest bulk eigenvalue approaches the edge.

    Attributes
    ----------
    power : Measured
        `b` in `distance ~ N^{-b}`; 2/3 at a sharp edge.
    log_power : Measured
        `c` in `distance ~ (log N)^{-c}`; 1 at a smooth edge.
    power_chi2, log_chi2 : float
        Misfits of the two laws.
    freedom : int
        Number of sizes less two.

    Examples
    --------
    >>> from bbpsym.finite import edge_scaling
    >>> f"{edge_scaling([10, 20, 40], [4, 2, 1], [1, 1, 1]).power.value:.6f}"
    '1.000000'
    """

    power: Measured
    log_power: Measured
    power_chi2: float
    log_chi2: float
    freedom: int


@floats.own_settings
def edge_scaling(N: Array, distance: Array, error: Array) -> EdgeScaling:
    """Fit both laws to the mean distances of the lowest bulk eigenvalue from the edge.

    Parameters
    ----------
    N : ndarray, shape (n,)
        Sizes, at least three.
    distance, error : ndarray, shape (n,)
        Mean `bulk - lambda_-` and its standard error.

    Raises
    ------
    DomainError
        When a distance is not positive, or the arrays do not match.

    Examples
    --------
    >>> found = edge_scaling([10, 20, 40], [4, 2, 1], [1, 1, 1])
    >>> found.power_chi2 < found.log_chi2
    True
    """
    N, distance, error = (np.asarray(v, dtype=np.float64) for v in (N, distance, error))
    if N.size < 3:
        raise DomainError(f"N must have at least 3 sizes to test a power, not {N.size}")
    if not np.all(distance > 0):
        raise DomainError("distance must be positive: is the edge to the left of every eigenvalue?")
    y, relative = np.log(distance), error / distance
    power = straight_line(np.log(N), y, relative)
    log = straight_line(np.log(np.log(N)), y, relative)
    return EdgeScaling(
        Measured(-power.slope.value, power.slope.error),
        Measured(-log.slope.value, log.slope.error),
        power.chi2,
        log.chi2,
        power.freedom,
    )
