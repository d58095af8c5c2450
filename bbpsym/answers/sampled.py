"""What the sampled weights predict at finite N: (27)-(40), (56)-(58) with sums for averages.

One sample of the pre-activations decides where the edge of the bulk and the outliers of its Hessian
lie, up to fluctuations of order N^{-1/2} by what the weights leave open. No matrix is built.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from bbpsym.errors import DomainError, quoted
from bbpsym.model import Model
from bbpsym.numerics.finite_n.extremes import all_weights, extreme_weights
from bbpsym.numerics.finite_n.sampled_nodes import SampledCurve
from bbpsym.numerics.finite_n.weighted import WeightSamples
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole
from bbpsym.writing.display import Shown, exact_text

#: Largest N: for p = 1, where the lowest weight is approached on a logarithmic scale, and p > 1.
LARGEST_N, LARGEST_N_MATRIX = 10**200, 10**15

#: Up to so many samples all are drawn by default; beyond it so many extreme ones are.
MOST_SAMPLES, EXTREMES = 10**6, 4000

#: More samples than this are not drawn one by one.
MEMORY_SAMPLES = 10**8

#: Most outliers, the order of the signal block, whose size every sample is summed over.
LARGEST_BLOCK = 256


@dataclass(frozen=True)
class PredictedOutlier:
    """An outlier that one sample of the weights predicts.

    Attributes
    ----------
    value : float
        Eigenvalue, for the loss (3) and x ~ N(0, 1/N).
    overlap2 : float
        Squared overlap m^2 of its eigenvector with the signal, (12).
    deviation : float
        Standard deviation of the eigenvalue about `value` by what the weights leave open, to first
        order in N^{-1/2}: `sqrt((2/N) |lambda'|) (1 - m^2)` for p = p* = 1. It holds where it is
        small against the distance from the edge. What integrating the rest leaves out, where only
        extreme samples are drawn, is of the same order and not counted.
    error : float
        Bound claimed for the numerical error of `value`.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model, predict
    >>> found = predict(Model(1, 1, 1), 4, 10000, np.random.default_rng(1))
    >>> found.outliers[0].value < found.edge
    True
    """

    value: float
    overlap2: float
    deviation: float
    error: float


@dataclass(frozen=True)
class Prediction(Shown):
    """Edge and outliers that one sample of the weights predicts.

    Attributes
    ----------
    model : Model
        Widths and loss normalisation.
    alpha : Fraction
        Signal-to-noise ratio M/N.
    N : int
        Input dimension.
    edge : float
        Left edge of the bulk. The sampled weights have a lowest one, so it is always sharp.
    edge_error : float
        Bound claimed for its numerical error.
    outliers : tuple of PredictedOutlier
        Up to p p* outliers left of the edge, the lowest first; empty below the transition.
    drawn : int
        How many samples were drawn one by one.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model, predict
    >>> predict(Model(1, 1, 1), 4, 10000, np.random.default_rng(1)).is_outlier
    True
    """

    model: Model
    alpha: Fraction
    N: int
    edge: float
    edge_error: float
    outliers: tuple[PredictedOutlier, ...]
    drawn: int

    @property
    def is_outlier(self) -> bool:
        """Whether the lowest eigenvalue is an outlier."""
        return bool(self.outliers)

    @property
    def lowest(self) -> float:
        """The lowest eigenvalue: the lowest outlier, or else the edge."""
        return self.outliers[0].value if self.outliers else self.edge

    def record(self) -> dict[str, Any]:
        """Return the prediction as a dictionary ready for JSON."""
        names = ("value", "overlap2", "deviation")
        outliers = [{name: getattr(item, name) for name in names} for item in self.outliers]
        model = {"p": self.model.p, "p_star": self.model.p_star, "a": float(self.model.a)}
        point = {"alpha": float(self.alpha), "N": self.N}
        return model | point | {"edge": self.edge, "outliers": outliers}

    def __str__(self) -> str:
        head = f"{self.model!r}, alpha = {exact_text(self.alpha)}, N = {size_text(self.N)}"
        lines = [f"  edge      {self.edge:#.10g}"]
        for item in self.outliers:
            shown = f"{item.value:#.10g} +- {item.deviation:.2g} (random signs)"
            lines.append(f"  outlier   {shown}, m^2 = {item.overlap2:.6f}")
        return "\n".join([head, *lines, "  no outlier" * (not self.outliers)]).rstrip()


@floats.own_settings
def predict(
    model: Model, alpha: Number, N: Whole, rng: np.random.Generator, *, extremes: int | None = None
) -> Prediction:
    """Sample the weights of one problem and predict its edge and outliers.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation; p finite.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive; `M = alpha N` rounded to the nearest whole number.
    N : int, float or str
        Input dimension, a whole number from 2 to 1e200 for p = 1, to 1e15 for p > 1.
    rng : numpy.random.Generator
        The only source of randomness.
    extremes : int, optional
        About how many samples, those of the largest labels, are drawn exactly while the others
        are integrated over their law (p = 1 or 2); 0 draws all. By default all are drawn up to a
        million of them, and 4000 beyond.

    Returns
    -------
    Prediction

    Raises
    ------
    DomainError
        If an argument is out of range, or no sampled weight is negative.
    ConvergenceError
        If an iteration does not settle.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model
    >>> found = predict(Model(1, 1, 1), alpha=4, N=10000, rng=np.random.default_rng(1))
    >>> round(found.edge, 2), found.is_outlier
    (-0.89, True)
    """
    alpha, N = arguments.signal_to_noise(alpha), read_dimension(model, N)
    M = round(alpha * N)
    count = _extremes(model, M, extremes)
    floats.generator(rng)
    a, p, p_star = float(model.a), int(model.p), int(model.p_star)
    if p * p_star > LARGEST_BLOCK:
        raise DomainError(f"p p_star must be at most {LARGEST_BLOCK}, not {p * p_star}")
    if count:
        nodes = extreme_weights(a, p, p_star, float(M), float(N), count, rng)
    else:
        nodes = all_weights(a, p, p_star, M, float(N), rng)
    return _answer(model, alpha, N, nodes)


@floats.own_settings
def predict_from(
    model: Model, student_fields: np.ndarray, teacher_fields: np.ndarray, N: int
) -> Prediction:
    """Predict edge and outliers of the problem to which given pre-activations belong.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation; p finite.
    student_fields, teacher_fields : ndarray, shapes (M, p) and (M, p_star)
        Pre-activations `w_k . x` and `w*_l . x`, of variance one.
    N : int
        Input dimension.

    Returns
    -------
    Prediction

    Raises
    ------
    DomainError
        If the shapes do not match, or no sampled weight is negative.
    ConvergenceError
        If an iteration does not settle.

    Notes
    -----
    For p > 1 the equation for G is solved as a matrix equation. A multiple of the identity would
    give the mean of the outliers as well, but not how far they lie apart.

    Examples
    --------
    >>> import numpy as np
    >>> from bbpsym import Model
    >>> rng = np.random.default_rng(1)
    >>> student, teacher = rng.normal(size=(2, 4000, 1))
    >>> found = predict_from(Model(1, 1, 1), student, teacher, N=1000)
    >>> len(found.outliers)
    1
    """
    N = read_dimension(model, N)
    student = floats.read(student_fields, "student_fields", "an array of real numbers")
    teacher = floats.read(teacher_fields, "teacher_fields", "an array of real numbers")
    if not (student.size and student.ndim):
        raise DomainError("student_fields must be an array of real numbers")
    for name, array, width in (
        ("student_fields", student, model.p),
        ("teacher_fields", teacher, model.p_star),
    ):
        if array.shape != (len(student), width) or not np.all(np.isfinite(array)):
            raise DomainError(f"{name} must be finite numbers of shape ({len(student)}, {width})")
    M = len(student)
    mass = np.full(M, 1 / N)
    nodes = WeightSamples.of(float(model.a), student, teacher, mass)
    return _answer(model, Fraction(M, N), N, nodes)


def _answer(model: Model, alpha: Fraction, N: int, nodes: WeightSamples) -> Prediction:
    curve, unit = SampledCurve(nodes), nodes.unit
    edge = curve.edge()
    outliers = []
    for state, k in curve.outliers(edge):
        value, overlap2, deviation = curve.pole(state, k, float(N))
        error = unit * curve.error(state)
        outliers.append(PredictedOutlier(unit * value, overlap2, unit * deviation, error))
    outliers.sort(key=lambda item: item.value)
    error = unit * curve.edge_error(edge)
    return Prediction(model, alpha, N, unit * edge.value, error, tuple(outliers), nodes.drawn)


def size_text(N: int) -> str:
    """Write an input dimension: as a power of ten where it is too long to read."""
    return str(N) if N < 10**7 else f"{float(N):g}"


def read_dimension(model: Model, N: Any) -> int:
    """Read N, and refuse the models for which no finite matrix exists."""
    if not isinstance(model, Model):
        raise DomainError(f"model must be a Model(p, p_star, a), not {quoted(model)}")
    if model.is_overparametrised_limit:
        raise DomainError("p must be finite: there are no sampled weights at p = inf")
    size = arguments.exact(N)
    if size is not None and 2 <= size < model.p_star:
        raise DomainError(f"N must be at least p_star = {model.p_star}, not {N}")
    if model.p == 1:
        return arguments.dimension(N, 2, LARGEST_N)
    why = f"at p = {model.p} extreme weights are not drawn by their logarithms, as at p = 1"
    return arguments.dimension(N, 2, LARGEST_N_MATRIX, why)


def _extremes(model: Model, M: int, extremes: int | None) -> int:
    """How many samples to draw from the tail; zero for all."""
    number = arguments.exact(EXTREMES if extremes is None else extremes)
    if number is None or number.denominator != 1 or not (number == 0 or 100 <= number <= 10**6):
        raise DomainError(
            f"extremes must be 0 or an integer from 100 to 1e6, not {quoted(extremes)}"
        )
    count = 0 if extremes is None and M <= MOST_SAMPLES else int(number)
    if M < 10:
        raise DomainError(f"alpha N must round to at least 10 samples, not {M}")
    if 2 * count > M:
        raise DomainError(f"extremes must be at most half of the {M} samples, not {count}")
    if count and model.p > 2:
        raise DomainError("N must be lower for p > 2: all samples are then drawn one by one")
    if not count and M > MEMORY_SAMPLES:
        raise DomainError(f"alpha N must be at most 1e8 if all samples are drawn, not {M:.3g}")
    return count
