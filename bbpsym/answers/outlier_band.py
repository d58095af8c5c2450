"""The band of outlier and overlap at finite N: Gaussian fluctuations, and how far to trust them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import numpy as np

from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import Outlier, outlier
from bbpsym.answers.result import Result
from bbpsym.compilation.systems import finite_system
from bbpsym.errors import DomainError, PrecisionError, quoted
from bbpsym.model import Model
from bbpsym.numerics import plane
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.finite_n.signal_block import draw
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole
from bbpsym.writing.display import exact_text, uncertain

#: Relative error at which the four digits that are shown of a deviation still hold.
SHOWN = 1e-4

#: Largest variance of the second order, relative to the first, at which a deviation is given.
LARGEST_BEND = 0.1

#: Distance of the edge from the mean outlier, relative to that of the highest outlier, above
#: which no outlier is lost among the bulk's eigenvalues, and what is left of the next order of a
#: variance, in units of that of the second order: measured by `data/outlier_band.py`, which writes
#: `data/outlier_band.csv`, for N from 60 to 500 and widths p, p* up to these.
REACH, REST = 3.0, 4.0
WIDEST = 4, 2

#: What is said of the errors for wider models.
BEYOND = "errors extrapolated from p <= {} and p* <= {}".format(*WIDEST)

#: Nodes on the circle by which residues are taken, its radius relative to the distance from what
#: is singular, and the step of the rule: three digits of the second order.
CIRCLE, RADIUS, STEP = 8, 0.4, 0.4

DEVIATIONS = ("value_deviation", "value_spread", "overlap2_deviation")
ROWS = ("student rows", "teacher rows")

#: What the rows of an answer mean.
EXPLAINED = {
    "value, overlap2": "outlier and squared overlap as N goes to infinity",
    "value_deviation, overlap2_deviation": "standard deviations, over samples of N inputs, of the "
    "mean of the p p* outliers and of their overlaps",
    "value_spread": "how far one outlier lies from that mean (root mean square)",
    "overlap2_needs": "smallest N at which overlap2_deviation is known",
}

#: Largest order of the signal block of which samples are drawn, and entries drawn at a time: by
#: `lowest`, and at most.
LARGEST_BLOCK, CHUNK, MOST = 64, 2**22, 2**26


class LowestOutlier(NamedTuple):
    """The lowest of the p p* outliers, from samples of their Gaussian matrix.

    Attributes
    ----------
    mean, deviation : float
        Its mean and its standard deviation.
    mean_error, deviation_error : float
        Standard errors of both, from the number of samples.
    """

    mean: float
    deviation: float
    mean_error: float
    deviation_error: float


@dataclass(frozen=True)
class OutlierBand(Result):
    """How far the p p* outliers of one sample lie from their limit, for fixed M = alpha N.

    The leading order is derived (chapter 9 of the derivations), and so is the part of the next one
    that is added to it: the variance of the second order in the random matrix. What else there is
    of that order is not derived. In simulations it stays below four times that part, which is the
    error claimed for both deviations; for the spread it is the part itself, relative to the
    variance of m^2. The means move, too, by an order 1/N that is not in the band.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    N : int
        Input dimension.
    value, overlap2 : float
        The outlier and its squared overlap as N goes to infinity.
    value_deviation : float
        Standard deviation of the mean of the p p* outliers.
    value_spread : float
        Root mean square distance of an outlier from that mean, to leading order; zero for
        p = p* = 1.
    overlap2_deviation : float or None
        Standard deviation of the mean of their squared overlaps; None if N is below
        `overlap2_needs`, where the next order is not small.
    overlap2_needs : int
        Smallest N at which `overlap2_deviation` is given.
    block_variances : mapping of (str, str) to float
        The outliers less their limit are the eigenvalues of a Gaussian matrix of order p p*; this
        is the variance of its component along a unit matrix of every sector, student and teacher.
    row_response : tuple of float
        What one unit of `W W^T/N - 1`, and of `W* W*^T/N - 1`, adds to that matrix.

    Examples
    --------
    >>> from bbpsym import Model, outlier_band
    >>> outlier_band(Model(p=2, p_star=1, a="0.7"), alpha=4, N=1000).text('overlap2_deviation')
    '0.02048(38)'
    """

    model: Model
    alpha: Fraction
    N: int
    value: float
    overlap2: float
    value_deviation: float
    value_spread: float
    overlap2_deviation: float | None
    overlap2_needs: int
    block_variances: Mapping[tuple[str, str], float] = field(
        kw_only=True, repr=False, compare=False
    )
    row_response: tuple[float, float] = field(kw_only=True, repr=False, compare=False)

    symbols: ClassVar[Mapping[str, str]] = {
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "value_deviation": r"\Delta\lambda_*",
        "value_spread": r"\delta\lambda_*",
        "overlap2_deviation": r"\Delta m^2",
    }

    def _numbers(self) -> Mapping[str, str]:
        return {name: symbol for name, symbol in self.symbols.items() if name in self.errors}

    def _labels(self) -> dict[str, Any]:
        return {**super()._labels(), "N": self.N, "overlap2_needs": self.overlap2_needs}

    columns: ClassVar[tuple[str, ...]] = ("alpha", "N", *symbols)
    plural: ClassVar[str] = "Bands of the outliers"

    def record(self, strings: bool | None = None) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON; deviations with four digits."""
        given = [name for name in DEVIATIONS if name in self.errors]
        rounded = {name: f"{getattr(self, name):.4g}" for name in given}
        errors = {f"{name}_error": f"{self.errors[name]:.2g}" for name in given}
        texts = {**rounded, **errors}
        numbers = texts if strings else {name: float(text) for name, text in texts.items()}
        return {**super().record(strings), "overlap2_deviation": None, **numbers}

    def text(self, name: str, digits: int | None = None) -> str:
        """Write one number: a deviation with its error in the last two digits, `0.060(12)`."""
        if name not in DEVIATIONS:
            return super().text(name, digits)
        return uncertain(getattr(self, name), self.errors[name])

    def draw(self, rng: np.random.Generator, samples: int) -> np.ndarray:
        """Draw deviations from the limit, shape (samples, p p_star, p p_star).

        The eigenvalues of a matrix are those of one sample's outliers, less their limit.

        Raises
        ------
        DomainError
            If p p* is larger than 64, or an argument is out of range: 2^26 entries at a time.
        """
        order = self.model.p * self.model.p_star
        if order > LARGEST_BLOCK:
            raise DomainError(f"p p_star must be at most {LARGEST_BLOCK}, not {order}")
        floats.generator(rng)
        samples = arguments.whole(samples, "samples", 1, MOST // order**2)
        shape = samples, self.model.p, self.model.p_star
        student, teacher = (response / math.sqrt(self.N) for response in self.row_response)
        return draw(rng, shape, self.block_variances, (student, teacher))

    def lowest(self, rng: np.random.Generator, samples: int = 10_000) -> LowestOutlier:
        """Mean and deviation of the lowest outlier, from samples of the Gaussian matrix.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness; not used for p = p* = 1, where the law is known.
        samples : int
            Matrices of order p p* that are drawn, 100 to 1e7.

        Returns
        -------
        LowestOutlier

        Raises
        ------
        DomainError
            If p p* is larger than 64, or an argument is out of range.
        """
        samples = arguments.whole(samples, "samples", 100, 10**7)
        order = self.model.p * self.model.p_star
        if order == 1:
            return LowestOutlier(self.value, self.value_deviation, 0.0, 0.0)
        chunk = max(1, CHUNK // order**2)
        sizes = [min(chunk, samples - start) for start in range(0, samples, chunk)]
        blocks = (self.draw(rng, size) for size in sizes)
        shifts = np.concatenate([np.linalg.eigvalsh(block)[:, 0] for block in blocks])
        return _lowest(self.value, shifts)


def _lowest(limit: float, shifts: np.ndarray) -> LowestOutlier:
    """Moments of the lowest outlier with their standard errors."""
    mean, deviation = float(shifts.mean()), float(shifts.std(ddof=1))
    fourth = float(np.mean((shifts - mean) ** 4))
    mean_error = deviation / math.sqrt(len(shifts))
    deviation_error = math.sqrt(max(fourth - deviation**4, 0) / len(shifts)) / (2 * deviation)
    return LowestOutlier(limit + mean, deviation, mean_error, deviation_error)


@floats.own_settings
def outlier_band(model: Model, alpha: Number, N: Whole) -> OutlierBand | None:
    """Say how far outlier and overlap of one system lie from their limit; None below threshold.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation; p finite.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.
    N : int
        Input dimension, 2 to 1e18, of systems with alpha N samples.

    Returns
    -------
    OutlierBand or None

    Raises
    ------
    DomainError
        If an argument is out of range, p is infinite, or N is too small for this alpha: near the
        threshold the next order in 1/N is as large as the first. The sentence says which N will do.
    PrecisionError
        If alpha is so close to the threshold that fewer than four digits of a deviation are left.

    Examples
    --------
    >>> from bbpsym import Model, outlier_band
    >>> band = outlier_band(Model(2, 1, "0.7"), 4, N=1000)
    >>> band.text("overlap2"), band.text("overlap2_deviation")
    ('0.590371746243', '0.02048(38)')
    """
    alpha, N = arguments.signal_to_noise(alpha), arguments.dimension(N)
    if not isinstance(model, Model):
        raise DomainError(f"model must be a Model(p, p_star, a), not {quoted(model)}")
    if model.is_overparametrised_limit:
        raise DomainError("p must be finite: at p = inf there are infinitely many outliers")
    limit = outlier(model, alpha)
    return None if limit is None else _band(model, limit, N)


def _band(model: Model, limit: Outlier, N: int) -> OutlierBand:
    parameters = {**model.curve.floats, Parameter.ALPHA: float(limit.alpha)}
    equations = finite_system(model.curve.law, "band")
    found = plane.evaluate(equations, {**parameters, Parameter.G: limit.g})
    if any(found[name].error > 2 * SHOWN * found[name].value for name in DEVIATIONS):
        raise PrecisionError(
            f"alpha = {exact_text(limit.alpha)} is too close to the threshold for a band"
        )
    ratios = _second_order(model, parameters, limit).items()
    bends = {name: bend / found[name].value for name, bend in ratios}
    needs = _least_size(model, limit, N, bends, found["value_spread"].value)
    deviations = _deviations(found, bends, N, with_overlap=needs <= N)
    overlap2 = deviations.get("overlap2_deviation")
    overlap4, widths = limit.overlap2**2, (model.p, model.p_star)
    is_measured = all(width <= most for width, most in zip(widths, WIDEST, strict=True))
    blocks = [name for name in found if name not in (*DEVIATIONS, *ROWS)]
    student, teacher = (limit.overlap2 * float(found[name].value) for name in ROWS)
    return OutlierBand(
        model,
        limit.alpha,
        N,
        limit.value,
        limit.overlap2,
        deviations["value_deviation"].value,
        deviations["value_spread"].value,
        overlap2 and overlap2.value,
        overlap2_needs=needs,
        digits=limit.digits,
        method=limit.method if is_measured else f"{limit.method}, {BEYOND}",
        errors={**limit.errors, **{name: x.error for name, x in deviations.items()}},
        block_variances={
            (one, other): overlap4 / N * float(found[f"{one} {other}"].value)
            for one, other in map(str.split, blocks)
        },
        row_response=(student, teacher),
    )


def _least_size(
    model: Model, limit: Outlier, N: int, bends: Mapping[str, float], spread2: float
) -> int:
    """Smallest N at which the scatter of the overlap is known."""
    least = {name: math.ceil(bend / LARGEST_BEND) for name, bend in bends.items()}
    if least["value_deviation"] > N:
        raise DomainError(
            f"N must be at least {least['value_deviation']} at alpha = {exact_text(limit.alpha)}, "
            f"not {N}: so close to the threshold the next order in 1/N is not small"
        )
    return max(least["overlap2_deviation"], _clear_of_edge(model, limit, spread2))


def _deviations(
    found: Mapping[str, Estimate], bends: Mapping[str, float], N: int, with_overlap: bool
) -> dict[str, Estimate]:
    """The scatter at N, of the overlap where it is known."""
    value, overlap2 = "value_deviation", "overlap2_deviation"
    deviations = {
        value: _deviation(found[value], bends[value], N),
        "value_spread": _spread(found["value_spread"], bends[overlap2], N),
    }
    return deviations | (
        {overlap2: _deviation(found[overlap2], bends[overlap2], N)} if with_overlap else {}
    )


def _clear_of_edge(model: Model, limit: Outlier, spread2: float) -> int:
    """Smallest N at which the highest outlier of a sample stays clear of the bulk.

    It lies a spread above the mean of two outliers, and at most about two above that of more of
    them: many form a semicircle.
    """
    highest = min(model.p * model.p_star - 1, 2) * math.sqrt(spread2)
    room = float(edge(model, limit.alpha).value) - limit.value
    return math.ceil((REACH * highest / room) ** 2)


def _deviation(first: Estimate, bend: float, N: int) -> Estimate:
    """Standard deviation from N times a variance, and N times that of the second order over it."""
    deviation = math.sqrt(first.value / N * (1 + bend / N))
    error = first.error / 2 + REST * first.value * bend / (2 * N)
    return Estimate(deviation, float(error / (N * deviation)))


def _spread(first: Estimate, bend: float, N: int) -> Estimate:
    """Root mean square distance from N times its square."""
    spread = math.sqrt(first.value / N)
    return Estimate(spread, spread * bend / N)


def _second_order(model: Model, parameters: Mapping, limit: Outlier) -> dict[str, float]:
    """N^2 times the variance of the second order in the means, by residues about the outlier.

    See `equations.fluctuation.pole_distance`; the residues are means over a circle in g.
    """
    room = min(abs(float(edge(model, limit.alpha).g) - limit.g), abs(limit.g))
    steps = RADIUS * room * np.exp(2j * np.pi * (np.arange(CIRCLE) + 0.5) / CIRCLE)
    bend, pole = (finite_system(model.curve.law, name) for name in ("bend", "pole"))
    covariance = np.zeros((CIRCLE, CIRCLE), complex)
    for i, j in zip(*np.triu_indices(CIRCLE), strict=True):
        # The nodes come in conjugate pairs, from either end of the list.
        if i + j < CIRCLE:
            at = {Parameter.G: limit.g + steps[i], Parameter.OTHER_G: limit.g + steps[j]}
            found = plane.evaluate_plain(bend, {**parameters, **at}, STEP)["bend"]
            covariance[i, j] = covariance[j, i] = found
            covariance[-1 - i, -1 - j] = covariance[-1 - j, -1 - i] = np.conj(found)
    places = [{**parameters, Parameter.G: limit.g + x} for x in steps]
    curves = [plane.evaluate_plain(pole, place, STEP) for place in places]
    slope, distance = (np.array([c[name] for c in curves]) for name in ("slope", "distance"))
    weights = steps / CIRCLE * slope
    value, overlap2 = (
        float(((weights / distance**order) @ covariance @ (weights / distance**order)).real)
        for order in (2, 3)
    )
    return {"value_deviation": value / 4, "overlap2_deviation": overlap2}
