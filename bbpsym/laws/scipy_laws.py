"""Laws from SciPy: distributions old and new, histograms and kernel densities."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import stats
from scipy.stats import rv_histogram
from sympy import Expr, Rational, oo

from bbpsym.errors import DomainError, quoted

#: Probabilities at which the bulk of a law is seen.
QUARTILES = (0.25, 0.5, 0.75)

#: Probabilities at which the law of a kernel density is cut: its kernels are narrow.
CUTS = np.linspace(0, 1, 9)[1:-1]

#: Shares of a law below labels between which it is searched for bends, none of which is a simple
#: quantile; halvings of an interval, the least fall of differences of a smooth density at each,
#: the distance, in spreads, at which a bend is the median, and differences that are rounding.
SHARES = np.linspace(0.00137, 0.99873, 120)
HALVINGS, SMOOTH, CLOSE, ROUNDED = 24, 0.4, 1e-6, 1e-15

#: Binary logarithms of the distances from an end of the support, as shares of the label, at which
#: a power law is fitted; it holds closer to the end, where a label has no digits of its distance.
#: A density that is a small difference, as 1 + cos(y), is fitted further away, where it scatters
#: less than QUIET about its fit at the distances NEAR, as shares of the last.
FITTED = ((-16, -19, -22), (-13, -16, -19), (-10, -13, -16))
NEAR, QUIET = np.linspace(1, 1.5, 9), 1e-6


class PowerLaw(NamedTuple):
    """A density next to an end: `exp(level + slope x) x^power` at a distance x up to `reach`.

    There the density that it is fitted to has the relative error `noise`.
    """

    power: float
    level: float
    slope: float
    reach: float
    noise: float

    def __call__(self, x: Any) -> Any:
        """Return the density."""
        return np.exp(self.level + self.slope * x + self.power * np.log(x))


class Density:
    """Density of a SciPy distribution, which is equal to that of a copy."""

    def __init__(self, distribution: Any) -> None:
        self.distribution = distribution

    def __call__(self, y: Any) -> Any:
        """Return the density at labels y; what SciPy is warned of on the way is its own."""
        with np.errstate(all="ignore"):
            return self.distribution.pdf(y)

    def from_break(self, base: float, offset: float) -> float:
        """Return the density at a distance from a break.

        Next to an end of the support that is not zero a power law takes over: the label would be
        rounded onto the end. Further away it tells what rounding the label changes.
        """
        law = self._ends.get((base, offset > 0))
        if law and abs(offset) < law.reach:
            return float(law(abs(offset)))
        found = np.asarray(self(base + offset), dtype=float).item()
        return found * (offset / (base + offset - base)) ** law.power if law else found

    def logarithm_from_break(self, base: float, offset: float) -> float:
        """Return the logarithm of the density, also where that is below all floats."""
        with np.errstate(all="ignore"):
            near = np.log(self.from_break(base, offset))
            if not np.isinf(near):
                return float(near)
            return np.asarray(self.distribution.logpdf(base + offset), dtype=float).item()

    @cached_property
    def rounding(self) -> float:
        """Share of the labels that may be lost where they are rounded, next to ends not zero.

        There the distance has an error of `eps |end|`, as of `(label - place)/scale`, and the
        density one in proportion; the integral of both begins where no power law is used.
        """
        at = ((law, abs(base)) for (base, _), law in self._ends.items() if law.power < 0)
        return sum(float(law(law.reach)) * size for law, size in at) * np.finfo(float).eps

    def noise(self, labels: np.ndarray) -> Any:
        """Relative errors of the density at labels, as seen next to ends where it vanishes fast.

        There the inverse squares of smooth edges magnify them.
        """
        laws = [law for law in self._ends.values() if law.power > 1]
        with np.errstate(all="ignore"):
            found = self(labels)
            return sum(law.noise / np.maximum(1, found / law(law.reach)) for law in laws)

    @cached_property
    def _ends(self) -> dict[tuple[float, bool], PowerLaw]:
        """Power laws at the finite ends of the support that are not zero."""
        low, high = support_of(self.distribution)
        found = {(low, True): self._fitted(low, 1), (high, False): self._fitted(high, -1)}
        return {end: law for end, law in found.items() if law}

    def _fitted(self, end: float, side: int) -> PowerLaw | None:
        """The power law at an end; None where there is none."""
        if end == 0 or not np.isfinite(end):
            return None
        best = None
        for places in FITTED:
            found = self._fitted_at(end, side * abs(end) * 2.0 ** np.array(places))
            if found and (best is None or found.noise < best.noise):
                best = found
            if best and best.noise < QUIET:
                break
        return best

    def _fitted_at(self, end: float, offsets: np.ndarray) -> PowerLaw | None:
        labels = end + np.concatenate([offsets, offsets[-1] * NEAR])
        x = np.abs(labels - end)  # as they are rounded
        with np.errstate(all="ignore"):
            values = np.log([np.asarray(self(y), dtype=float).item() for y in labels])
        if not np.all(np.isfinite(values)):
            return None
        rows = np.stack([np.log(x), np.ones(len(x)), x], axis=1)
        fit = np.linalg.solve(rows[:3], values[:3])
        noise = float(np.ptp(values[3:] - rows[3:] @ fit))
        power, level, slope = map(float, fit)
        return PowerLaw(power, level, slope, float(x[2]), noise) if power > -1 else None

    def _what(self) -> tuple[Any, ...]:
        """Everything that the density depends on; the law itself where that is not known."""
        law = self.distribution
        if hasattr(law, "dataset"):
            arrays = (law.dataset, law.weights, law.covariance)
            return type(law), *(np.asarray(array).tobytes() for array in arrays)
        if hasattr(law, "icdf"):  # SciPy's new distributions say what they are
            return type(law), repr(law)
        base: Any = getattr(law, "dist", law)
        stock: Any = getattr(stats, str(getattr(base, "name", "")), None)
        state: Any = base.name if type(base) is type(stock) else base
        if isinstance(base, rv_histogram):
            state = base._hbins.tobytes(), base._hpdf.tobytes()
        given = (law.args, tuple(sorted(law.kwds.items()))) if law is not base else ()
        return state, given

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Density) and self._what() == other._what()

    def __hash__(self) -> int:
        return hash(self._what())


def support_of(distribution: Any) -> tuple[float, float]:
    """Ends of the support; a kernel density has none."""
    if hasattr(distribution, "dataset"):
        return -np.inf, np.inf
    low, high = (np.asarray(end, dtype=float).item() for end in distribution.support())
    return low, high


def cut(distribution: Any) -> tuple[tuple[Expr, ...], Expr]:
    """Where the law of a distribution is to be cut for integration, and its spread.

    Raises
    ------
    DomainError
        If it is not one continuous distribution of one number.
    """
    try:
        low, high = support_of(distribution)
        inner, spread = _bulk(distribution)
        middle = inner[len(inner) // 2] if inner else (low + high) / 2
        known = not np.isnan(np.asarray(Density(distribution)(middle), dtype=float).item())
    except (TypeError, ValueError, AttributeError):
        known = False
    if not known:
        raise DomainError(
            "density must be one continuous distribution of one number, which "
            f"{quoted(distribution, 60)} is not"
        )
    inside = [point for point in sorted(set(inner)) if low < point < high]
    return tuple(_exact(end) for end in (low, *inside, high)), _exact(spread)


def _bulk(distribution: Any) -> tuple[list[float], float]:
    """Points about the bulk of a distribution, and its spread."""
    if hasattr(distribution, "dataset"):
        (sample,) = distribution.dataset
        width = np.sqrt(np.asarray(distribution.covariance, dtype=float).item())
        return np.quantile(sample, CUTS).tolist(), float(width)
    edges = _edges(distribution)
    if edges is not None:  # between them the density is constant
        return edges[1:-1].tolist(), 1.0
    quantile = distribution.icdf if hasattr(distribution, "icdf") else distribution.ppf
    first, middle, third = (np.asarray(quantile(q), dtype=float).item() for q in QUARTILES)
    labels = np.asarray(quantile(SHARES), dtype=float)
    bends = _bends(lambda y: np.asarray(distribution.pdf(y), dtype=float), labels)
    alone = all(abs(middle - bend) > CLOSE * (third - first) for bend in bends)
    return [*bends, *[middle] * alone], third - first


def _bends(density: Callable[[np.ndarray], np.ndarray], labels: np.ndarray) -> list[float]:
    """Where a density bends, jumps or is singular between labels, as far as differences show.

    Second differences of a smooth one fall by four where intervals are halved, those of others by
    two at most.
    """
    values = density(labels)
    noise = ROUNDED * np.max(values[np.isfinite(values)], initial=0.0)
    found: list[float] = []
    for first, last in pairwise(labels[1:-1]):
        low, high = first, last
        size = _differences(density, low, high)
        for halving in range(1, HALVINGS + 1):
            starts = low + (high - low) * np.array([0, 1, 2]) / 4
            parts = _differences(density, starts, starts + (high - low) / 2)
            best = int(np.argmax(parts))
            low, high = starts[best], starts[best] + (high - low) / 2
            if not parts[best] > max(size * SMOOTH**halving / 2, noise):
                break
        else:
            if first < low and high < last:
                found.append(_shortest(low, high))
    return found


def _shortest(low: float, high: float) -> float:
    """The shortest decimal between two numbers."""
    middle = (low + high) / 2
    rounded = (round(float(middle), digits) for digits in range(17))
    return next((x for x in rounded if low <= x <= high), float(middle))


def _differences(
    density: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Sizes of second differences over intervals."""
    with np.errstate(all="ignore"):
        found = np.abs(density(low) - 2 * density((low + high) / 2) + density(high))
    return np.nan_to_num(found, posinf=0.0)


def _edges(distribution: Any) -> np.ndarray | None:
    """Edges of the bins of a histogram, or None; SciPy has no public name for them."""
    law = getattr(distribution, "dist", distribution)
    if not isinstance(law, rv_histogram):
        return None
    given = (distribution.args, distribution.kwds) if law is not distribution else ((), {})
    _, place, scale = law._parse_args(*given[0], **given[1])
    return place + scale * np.asarray(law._hbins)


def _exact(number: float) -> Expr:
    """A float as its shortest decimal."""
    if np.isinf(number):
        return oo if number > 0 else -oo
    return Rational(repr(float(number)))
