"""How often the lowest eigenvalue is an outlier, as the sampled weights predict: phi(alpha, N)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from scipy.special import betaincinv
from tqdm import tqdm

from bbpsym.answers.sampled import predict, read_dimension, size_text
from bbpsym.answers.threshold import threshold
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole
from bbpsym.writing.display import Shown, exact_text, uncertain

#: Most samples, and those that one worker predicts in one go.
MOST, TASK = 10**6, 25

#: Ratio of neighbouring alpha while a level of phi is bracketed, most of such steps, and the
#: relative accuracy to which it is found; a sample's error is far larger.
STRIDE, STRIDES, ACCURACY = 1.25, 40, 1e-4

#: Heights of the larger size between which two curves are compared, and the standard errors by
#: which they must differ there.
LOW, HIGH, SIGNIFICANT = 0.1, 0.9, 2.0


#: Means of a `PredictedPhi`.
MEANS = ("phi", "overlap2")


@dataclass(frozen=True)
class PredictedPhi(Shown):
    """What many samples of the weights predict at one alpha and N.

    Attributes
    ----------
    model : Model
        Widths and loss normalisation.
    alpha : Fraction
        Signal-to-noise ratio M/N.
    N, samples : int
        Input dimension, and how often the weights were sampled.
    phi, phi_error : float
        Fraction of samples whose lowest eigenvalue is an outlier, and its standard error: binomial,
        or the one-sided bound at 68% where all samples agree.
    overlap2, overlap2_error : float
        Mean squared overlap of the lowest eigenvector with the signal, zero where it is no
        outlier, and its standard error.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model, predicted_phi
    >>> (found,) = predicted_phi(Model(1, 1, 1), [4], 1000, 10, np.random.default_rng(1))
    >>> found.record()["N"]
    '1000'
    """

    model: Model
    alpha: Fraction
    N: int
    samples: int
    phi: float
    phi_error: float
    overlap2: float
    overlap2_error: float

    def record(self) -> dict[str, Any]:
        """Return the prediction as a dictionary ready for JSON."""
        model = {"p": self.model.p, "p_star": self.model.p_star, "a": exact_text(self.model.a)}
        point = {"N": size_text(self.N), "alpha": exact_text(self.alpha), "samples": self.samples}
        names = ("phi", "phi_error", "overlap2", "overlap2_error")
        return model | point | {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        numbers = ((n, uncertain(getattr(self, n), getattr(self, f"{n}_error"))) for n in MEANS)
        head = f"{self.model!r}, alpha = {exact_text(self.alpha)}, N = {size_text(self.N)}"
        lines = (f"  {name:<8}  {text}" for name, text in numbers)
        return "\n".join([head, *lines, f"  ({self.samples} samples of the weights)"])


@dataclass(frozen=True)
class PredictedCrossing(Shown):
    """Where predicted curves phi(alpha) pass one half, or where those of two sizes cross.

    Attributes
    ----------
    model : Model
        Widths and loss normalisation.
    sizes : tuple of int
        One N, or two.
    alpha, error : float
        The place, and its standard error from the number of samples.
    phi : float
        Height of the crossing.
    samples : int
        How often the weights were sampled for each size.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model, predicted_crossing
    >>> predicted_crossing(Model(1, 1, "1.5"), 1000, 20, np.random.default_rng(1)).phi
    0.5
    """

    model: Model
    sizes: tuple[int, ...]
    alpha: float
    error: float
    phi: float
    samples: int

    def __str__(self) -> str:
        sizes = ", ".join(map(size_text, self.sizes))
        place = f"  alpha  {uncertain(self.alpha, self.error)}\n  phi    {self.phi:.4g}"
        what = "passes one half" if len(self.sizes) == 1 else "crosses"
        head = f"{self.model!r}: phi(alpha) at N = {sizes} {what} at"
        return f"{head}\n{place}\n  ({self.samples} samples of the weights)"


@floats.own_settings
def predicted_phi(
    model: Model,
    alphas: Iterable[Number],
    N: Whole,
    samples: int,
    rng: np.random.Generator,
    *,
    extremes: int | None = None,
    executor: Executor | None = None,
    progress: bool = False,
) -> tuple[PredictedPhi, ...]:
    """Predict phi and the mean overlap of the lowest eigenvector from sampled weights.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation; p finite.
    alphas : iterable
        Signal-to-noise ratios, each read like `alpha` of `predict`.
    N : int, float or str
        Input dimension, as for `predict`.
    samples : int
        Independent samples of the weights at each alpha, 1 to 1e6.
    rng : numpy.random.Generator
        The only source of randomness; the result does not depend on the executor.
    extremes : int, optional
        As for `predict`.
    executor : concurrent.futures.Executor, optional
        Where to compute; in this process without it. It is not shut down.
    progress : bool
        Whether to show a progress bar on standard error.

    Returns
    -------
    tuple of PredictedPhi

    Raises
    ------
    DomainError
        If an argument is out of range.
    ConvergenceError
        If an iteration does not settle.

    Notes
    -----
    The random signs that the weights leave open are not sampled: within a distance of order
    N^{-1/2} of the edge the prediction decides, where a Hessian would throw a coin.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model
    >>> (found,) = predicted_phi(Model(1, 1, 1), [4], 1000, 10, np.random.default_rng(1))
    >>> found.phi
    1.0
    """
    N, samples = read_dimension(model, N), arguments.whole(samples, "samples", 1, MOST)
    if isinstance(alphas, str) or not isinstance(alphas, Iterable):
        alphas = [alphas]
    ratios = [arguments.signal_to_noise(alpha) for alpha in alphas]
    bar = tqdm(ratios, f"phi at N={size_text(N)}", disable=not progress, delay=0.5, leave=False)
    rows = []
    for alpha in bar:
        overlap2 = _outcomes(model, alpha, N, extremes, _seeds(rng, samples), executor)
        hits = int(np.sum(~np.isnan(overlap2)))
        values = np.nan_to_num(overlap2)
        error = float(values.std(ddof=1) / math.sqrt(samples)) if samples > 1 else math.nan
        phi_error = _fraction_error(hits, samples)
        mean = float(values.mean())
        rows.append(PredictedPhi(model, alpha, N, samples, hits / samples, phi_error, mean, error))
    return tuple(rows)


@floats.own_settings
def predicted_crossing(
    model: Model,
    N: Whole,
    samples: int,
    rng: np.random.Generator,
    *,
    larger: Whole | None = None,
    extremes: int | None = None,
    executor: Executor | None = None,
) -> PredictedCrossing:
    """Find where predicted phi(alpha) is one half, or where the curves of two sizes cross.

    Every alpha is looked at with the same random numbers, so that the estimated phi is a curve
    and not a scatter of points.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation; p finite.
    N : int, float or str
        Input dimension, as for `predict`.
    samples : int
        Samples of the weights for each size, at least 20.
    rng : numpy.random.Generator
        The only source of randomness.
    larger : int, float or str, optional
        A larger input dimension: the place where its curve overtakes that of N is then found.
    extremes : int, optional
        As for `predict`.
    executor : concurrent.futures.Executor, optional
        Where to compute; in this process without it.

    Returns
    -------
    PredictedCrossing

    Raises
    ------
    DomainError
        If an argument is out of range, or if the two curves do not cross by more than two standard
        errors on both sides.
    ConvergenceError
        If an iteration does not settle, or phi does not reach the level.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model
    >>> found = predicted_crossing(Model(1, 1, "1.5"), 1000, 20, np.random.default_rng(1))
    >>> 0.9 < found.alpha < 1.3
    True
    """
    samples = arguments.whole(samples, "samples", 20, MOST)
    sizes = [read_dimension(model, size) for size in (N, larger) if size is not None]
    if len(sizes) == 2 and sizes[1] <= sizes[0]:
        raise DomainError(f"larger must be larger than N = {size_text(sizes[0])}")
    curves = [_curve(model, size, samples, rng, extremes, executor) for size in sizes]
    start = float(threshold(model).alpha)
    if len(curves) == 1:
        spread = 0.5 / math.sqrt(samples)
        places = [_level(curves[0], 0.5 + k * spread, start, samples) for k in (-1, 0, 1)]
        error = (places[2] - places[0]) / 2 + ACCURACY * places[1]
        return PredictedCrossing(model, tuple(sizes), places[1], error, 0.5, samples)
    small, large = curves
    place, error = _overtaking(small, large, samples, start)
    height = (small(place) + large(place)) / 2
    return PredictedCrossing(model, tuple(sizes), place, error, height, samples)


def _overtaking(
    small: Callable[[float], float], large: Callable[[float], float], samples: int, start: float
) -> tuple[float, float]:
    """Where `large` overtakes `small` while it rises, with the standard error."""
    low, high = (_level(large, height, start, samples) for height in (LOW, HIGH))

    def lead(alpha: float) -> float:
        return large(alpha) - small(alpha)

    def spread(alpha: float) -> float:
        shares = np.clip([small(alpha), large(alpha)], 1 / samples, 1 - 1 / samples)
        return float(np.sqrt(np.sum(shares * (1 - shares)) / samples))

    if lead(low) > -SIGNIFICANT * spread(low) or lead(high) < SIGNIFICANT * spread(high):
        raise DomainError(
            f"the curves do not cross while the larger size rises from {LOW} to {HIGH}, between "
            f"alpha = {low:.3f} and {high:.3f}: its lead is {lead(low):+.2f} and {lead(high):+.2f}"
        )
    place = _bisected(lead, low, high, samples)
    sigma = spread(place)
    first = _bisected(lambda alpha: lead(alpha) + sigma, low, high, samples)
    last = _bisected(lambda alpha: lead(alpha) - sigma, low, high, samples)
    return place, (last - first) / 2 + ACCURACY * place


def _curve(
    model: Model,
    N: int,
    samples: int,
    rng: np.random.Generator,
    extremes: int | None,
    executor: Executor | None,
) -> Callable[[float], float]:
    """Estimate phi as a function of alpha, from the same random numbers everywhere."""
    seeds = _seeds(rng, samples)

    @cache
    def phi(alpha: float) -> float:
        ratio = arguments.signal_to_noise(round(alpha, 6))
        found = _outcomes(model, ratio, N, extremes, seeds, executor)
        return float(np.mean(~np.isnan(found)))

    return phi


def _level(curve: Callable[[float], float], level: float, start: float, samples: int) -> float:
    """Where an increasing curve passes a level."""
    low = high = start
    for _ in range(STRIDES):
        if curve(low) < level <= curve(high):
            return _bisected(lambda alpha: curve(alpha) - level, low, high, samples)
        low = low / STRIDE if curve(low) >= level else low
        high = high * STRIDE if curve(high) < level else high
    raise ConvergenceError(f"phi does not pass {level:.2f} between {low:.2g} and {high:.2g}")


def _bisected(function: Callable[[float], float], low: float, high: float, samples: int) -> float:
    """Halve a bracket until it is narrow or holds a single sample's change of mind."""
    while high - low > ACCURACY * high and function(high) - function(low) > 1 / samples:
        middle = (low + high) / 2
        low, high = (low, middle) if function(middle) >= 0 else (middle, high)
    return (low + high) / 2


def _seeds(rng: np.random.Generator, samples: int) -> list[int]:
    """One seed a sample, so that samples may be drawn anywhere, and again."""
    return floats.generator(rng).integers(2**63, size=samples).tolist()


def _outcomes(
    model: Model,
    alpha: Fraction,
    N: int,
    extremes: int | None,
    seeds: list[int],
    executor: Executor | None,
) -> np.ndarray:
    """Squared overlaps of the lowest outliers, nan where there is none; one entry a seed."""
    parts = [seeds[start : start + TASK] for start in range(0, len(seeds), TASK)]
    tasks = [(model, alpha, N, extremes, part) for part in parts]
    found = executor.map(_predict_many, tasks) if executor else map(_predict_many, tasks)
    return np.concatenate(list(found))


def _predict_many(task: tuple[Model, Fraction, int, int | None, list[int]]) -> np.ndarray:
    model, alpha, N, extremes, seeds = task
    found = (
        predict(model, alpha, N, np.random.default_rng(seed), extremes=extremes) for seed in seeds
    )
    return np.array([item.outliers[0].overlap2 if item.outliers else np.nan for item in found])


def _fraction_error(hits: int, samples: int) -> float:
    """Standard error of a fraction; where all agree, the one-sided 68% bound."""
    if 0 < hits < samples:
        share = hits / samples
        return math.sqrt(share * (1 - share) / samples)
    return float(betaincinv(1, samples, 1 - math.erfc(math.sqrt(0.5))))
