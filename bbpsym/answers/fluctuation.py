"""The finite-size band of outlier and overlap: Gaussian fluctuations of order N^(-1/2)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from bbpsym import arguments
from bbpsym.averages import over_outputs
from bbpsym.compile import PlaneSystem
from bbpsym.equations import fluctuation as equations
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.fluctuation import BLOCKS
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.model import Model
from bbpsym.numerics import plane
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.signal_block import draw
from bbpsym.parameters import Parameter
from bbpsym.symbols import g as G

#: Standard deviations within which an outlier and the edge of the bulk count as touching.
REACH = 2.0

#: Relative error at which the four digits that are shown of a deviation still hold.
SHOWN = 1e-4

DEVIATIONS = ("value_deviation", "value_spread", "overlap2_deviation")
ROWS = ("student rows", "teacher rows")

#: Largest order of the signal block of which samples are drawn, and entries drawn at a time: by
#: `lowest`, and at most.
LARGEST_BLOCK, CHUNK, MOST = 64, 2**22, 2**26


class Lowest(NamedTuple):
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
class Fluctuation:
    """How far the p p* outliers of one sample lie from their limit, to leading order in N^(-1/2).

    Derived (chapter 9 of the derivations), for fixed M = alpha N and weights on their spheres; the
    shift of the means, of order 1/N, is not part of it. Lengths are in the units of the paper.

    Attributes
    ----------
    N : int
        Input dimension.
    value_deviation : float
        Standard deviation of the mean of the p p* outliers.
    value_spread : float
        Root mean square distance of an outlier from that mean; zero for p = p* = 1.
    overlap2_deviation : float
        Standard deviation of the mean of their squared overlaps.
    reaches_edge : bool
        Whether an outlier two standard deviations above its limit would touch the bulk, or one two
        below have no overlap: the Gaussian law then does not hold at this N.
    limit : float
        The outlier as N goes to infinity.
    block_variances : mapping of (str, str) to float
        The outliers less their limit are the eigenvalues of a Gaussian matrix of order p p*; this
        is the variance of its component along a unit matrix of every sector, student and teacher.
    row_response : tuple of float
        What one unit of `W W^T/N - 1`, and of `W* W*^T/N - 1`, adds to that matrix.
    errors : mapping of str to float
        Bound claimed for the numerical error of each deviation, given the Gaussian law.
    """

    model: Model
    alpha: Fraction
    N: int
    value_deviation: float
    value_spread: float
    overlap2_deviation: float
    reaches_edge: bool
    limit: float = field(repr=False)
    block_variances: Mapping[tuple[str, str], float] = field(repr=False, compare=False)
    row_response: tuple[float, float] = field(repr=False, compare=False)
    errors: Mapping[str, float] = field(repr=False, compare=False)

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
        if not isinstance(rng, np.random.Generator):
            raise DomainError(f"rng must be a numpy.random.Generator, not {type(rng).__name__}")
        samples = arguments.whole(samples, "samples", 1, MOST // order**2)
        shape = samples, self.model.p, self.model.p_star
        student, teacher = (response / math.sqrt(self.N) for response in self.row_response)
        return draw(rng, shape, self.block_variances, (student, teacher))

    def lowest(self, rng: np.random.Generator, samples: int = 10_000) -> Lowest:
        """Mean and deviation of the lowest outlier, from samples of the Gaussian matrix.

        Parameters
        ----------
        rng : numpy.random.Generator
            The only source of randomness; not used for p = p* = 1, where the law is known.
        samples : int
            Matrices of order p p* that are drawn, 100 to 1e7.

        Returns
        -------
        Lowest

        Raises
        ------
        DomainError
            If p p* is larger than 64, or an argument is out of range.
        """
        samples = arguments.whole(samples, "samples", 100, 10**7)
        order = self.model.p * self.model.p_star
        if order == 1:
            return Lowest(self.limit, self.value_deviation, 0.0, 0.0)
        chunk = max(1, CHUNK // order**2)
        sizes = [min(chunk, samples - start) for start in range(0, samples, chunk)]
        blocks = (self.draw(rng, size) for size in sizes)
        shifts = np.concatenate([np.linalg.eigvalsh(block)[:, 0] for block in blocks])
        return _lowest(self.limit, shifts)


def _lowest(limit: float, shifts: np.ndarray) -> Lowest:
    """Moments of the lowest outlier with their standard errors."""
    mean, deviation = float(shifts.mean()), float(shifts.std(ddof=1))
    fourth = float(np.mean((shifts - mean) ** 4))
    mean_error = deviation / math.sqrt(len(shifts))
    deviation_error = math.sqrt(max(fourth - deviation**4, 0) / len(shifts)) / (2 * deviation)
    return Lowest(limit + mean, deviation, mean_error, deviation_error)


def fluctuation_of(
    model: Model, alpha: Fraction, N: int, limit: Mapping[str, float], edge: float
) -> Fluctuation:
    """Deviations of the outliers of a model with a finite p.

    Parameters
    ----------
    limit : mapping of str to float
        The outlier's "g", "value" and "overlap2" as N goes to infinity.
    edge : float
        Left edge of the bulk.

    Raises
    ------
    PrecisionError
        If fewer than four digits of a deviation are left.
    """
    parameters = {**model.curve.floats, Parameter.ALPHA: float(alpha), G.name: float(limit["g"])}
    found = plane.evaluate(_system(), parameters)
    deviations = {name: _deviation(found[name], N) for name in DEVIATIONS}
    value, spread, overlap2 = (float(deviations[name].value) for name in DEVIATIONS)
    if any(item.error > SHOWN * item.value for item in deviations.values()):
        raise PrecisionError(f"alpha = {float(alpha)} is too close to the threshold for a band")
    overlap4 = limit["overlap2"] ** 2
    rows = [limit["overlap2"] * float(found[name].value) for name in ROWS]
    return Fluctuation(
        model,
        alpha,
        N,
        value,
        spread,
        overlap2,
        reaches_edge=limit["value"] + REACH * math.hypot(value, spread) >= edge
        or limit["overlap2"] <= REACH * overlap2,
        errors={name: float(item.error) for name, item in deviations.items()},
        limit=float(limit["value"]),
        block_variances={
            block: overlap4 / N * float(found[" ".join(block)].value) for block in BLOCKS
        },
        row_response=(rows[0], rows[1]),
    )


def _deviation(variance: Estimate, N: int) -> Estimate:
    """Standard deviation from N times a variance."""
    root = np.sqrt(variance.value / N)
    return Estimate(root, variance.error / (2 * N * root) if root else variance.error)


@cache
def _system() -> PlaneSystem:
    """Everything a band needs, over shared averages."""
    variances = {" ".join(block): value for block, value in equations.block_variances().items()}
    outputs = {
        "value_deviation": equations.value_variance(),
        "value_spread": equations.spread_variance(),
        "overlap2_deviation": equations.overlap2_variance(),
        **variances,
        **dict(zip(ROWS, equations.row_response(), strict=True)),
    }
    return PlaneSystem(
        {name: over_outputs(item, hessian_ensemble()) for name, item in outputs.items()}
    )
