"""Where the lowest eigenvalue of the bulk lies when there are only p N of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from bbpsym.answers.edge import Edge, edge
from bbpsym.compilation.systems import airy_system
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.numerics import double
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.finite_n import blur, lowest, sampled_edge, tail, tracy_widom
from bbpsym.numerics.questions import Kind
from bbpsym.numerics.rays import Rays
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole
from bbpsym.writing.display import CERTAIN_DIGITS, Shown, certain, exact_text

#: Range of N.
SMALLEST, LARGEST = 10, 10**100

#: Expected numbers of samples with an eigenvalue below the ends of the table at a smooth edge.
FEWEST, MOST = 1e-7, 40.0

#: Median and quartiles.
LEVELS = {"median": 0.5, "lower": 0.25, "upper": 0.75}

#: What the statement about each kind of edge rests on.
BASIS = {
    "sharp": "derived, given Tracy-Widom fluctuations at the edge that the weights set",
    "smooth": "conjectured: the lowest eigenvalue follows the lowest weight; less so near alpha_c",
}


@dataclass(frozen=True)
class FiniteEdge(Shown):
    """The lowest eigenvalue of the bulk of a finite Hessian, outliers left aside.

    Attributes
    ----------
    model : Model
        The problem.
    alpha : Fraction
        Signal-to-noise ratio, exact.
    N : int
        Input dimension; the Hessian has p N eigenvalues.
    kind : {"sharp", "smooth"}
        Type of the edge at N = infinity.
    edge : float
        lambda_-, the edge at N = infinity.
    median, lower, upper, mean : float
        Median, quartiles and mean of the lowest eigenvalue over samples.
    expected_one : float
        Where one eigenvalue is expected below, `p N int rho = 1`, with the density of infinite N.
    distance : float
        `median - edge`.
    scale : float
        Tracy-Widom scale gamma at a sharp edge; at a smooth one the distance over which the
        number of eigenvalues grows e-fold, at the median.
    deviation : float
        Standard deviation, of order `N^(-1/2)`, of the edge that the sampled weights set.
    basis : str
        Whether the statement is derived or conjectured, and on what it rests.
    errors : mapping of str to float
        Numerical error of each number; not that of the statement.

    Examples
    --------
    >>> from bbpsym import Model, finite_edge
    >>> found = finite_edge(Model(1, 1, 1), alpha="1.8", N=1000)
    >>> found.kind, round(found.median, 3)
    ('sharp', -1.757)
    """

    model: Model
    alpha: Fraction
    N: int
    kind: str
    edge: float
    median: float
    lower: float
    upper: float
    mean: float
    expected_one: float
    distance: float
    scale: float
    deviation: float
    basis: str
    errors: Mapping[str, float] = field(repr=False, compare=False)

    def text(self, name: str, digits: int | None = None) -> str:
        """Write one number with the digits its error leaves, at most eight or those given."""
        most = arguments.whole(digits or CERTAIN_DIGITS, f"digits of {name}", 1, CERTAIN_DIGITS)
        return certain(getattr(self, name), self.errors[name], most)

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON."""
        head = {"p": self.model.p, "p_star": self.model.p_star, "a": float(self.model.a)}
        point = {"alpha": float(self.alpha), "N": self.N, "kind": self.kind}
        numbers = {name: float(self.text(name)) for name in NUMBERS}
        return {**head, **point, **numbers, "basis": self.basis}

    def __str__(self) -> str:
        labels = {"alpha": exact_text(self.alpha), "N": str(self.N), "kind": self.kind}
        labels |= {name: self.text(name) for name in NUMBERS}
        width = max(map(len, labels))
        lines = [f"  {name:<{width}}  {text}" for name, text in labels.items()]
        return "\n".join([repr(self.model), *lines, f"  ({self.basis})"])


#: Eigenvalues, and all numbers of a result in the order of display.
PLACES = ("median", "lower", "upper", "mean", "expected_one")
NUMBERS = ("edge", *PLACES, "distance", "scale", "deviation")

#: What they are.
EXPLAINED = {
    "edge": "left edge of the bulk as N goes to infinity",
    "median, lower, upper, mean": "of the lowest eigenvalue of the bulk over samples",
    "expected_one": "where one eigenvalue is expected below",
    "distance": "median less edge",
    "scale": "Tracy-Widom scale, or the distance over which the number of eigenvalues grows e-fold",
    "deviation": "standard deviation of the edge that the sampled weights set",
}


@floats.own_settings
def finite_edge(model: Model, alpha: Number, N: Whole) -> FiniteEdge:
    """Predict the lowest eigenvalue of the bulk of p N eigenvalues.

    Parameters
    ----------
    model : Model
        Widths, p finite, and loss normalisation.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive; read exactly like `Model.a`.
    N : int
        Input dimension, 10 to 1e100.

    Returns
    -------
    FiniteEdge
        Eigenvalues for the loss (3) and x ~ N(0, 1/N).

    Raises
    ------
    DomainError
        If an argument is out of range, p is infinite, or alpha N so small that the lowest
        eigenvalue is as often as not no part of the edge.
    ConvergenceError
        If the Stieltjes transform is lost on the way to the edge.

    Notes
    -----
    Sharp edge: with the weights of a sample given, the lowest eigenvalue is that of a generic
    real symmetric matrix, `lambda_- - gamma s` with s of the Tracy-Widom law for beta = 1 and gamma
    from (45) with n = p N. The edge itself moves with the sampled weights, by a Gaussian of
    variance `(alpha/N) Var((1/p) tr h)`, which is the larger part of the scatter for large N.

    Smooth edge: the number of eigenvalues below x is p N times the integrated density, which next
    to the edge is the number of weights below `1/g(x)`; the samples are independent, so that none
    of them has its lowest weight there with probability exp(-their expected number). The same
    Gaussian is added. That each of the lowest eigenvalues follows one weight is a conjecture. It is
    less accurate close to alpha_c, where the prediction jumps to that of a sharp edge: for
    p = p* = 1, a = 1.5 by 0.02 at N = 1000.

    Examples
    --------
    >>> found = finite_edge(Model(p=1, p_star=1, a="1.5"), alpha="1.2", N=10**15)
    >>> found.kind, f"{found.edge:.4f} {found.median:.4f}"
    ('smooth', '-1.7826 -1.7715')
    """
    alpha = arguments.signal_to_noise(alpha)
    N = dimension(N)
    if model.is_overparametrised_limit:
        raise DomainError("p must be finite: at p = inf a Hessian has infinitely many eigenvalues")
    found = edge(model, alpha)
    parameters = {**model.curve.floats, Parameter.ALPHA: float(alpha)}
    at_edge = _sharp if found.kind == Kind.SHARP else _smooth
    estimates = at_edge(model, parameters, found, N)
    estimates["distance"] = estimates["median"]
    left = Estimate(found.value, found.errors["value"])
    for name in PLACES:
        value, error = estimates[name]
        estimates[name] = Estimate(left.value + value, left.error + error)
    estimates["edge"] = left
    numbers = {name: float(estimate.value) for name, estimate in estimates.items()}
    errors = {name: float(estimate.error) for name, estimate in estimates.items()}
    return FiniteEdge(
        model, alpha, N, found.kind, **numbers, basis=BASIS[found.kind], errors=errors
    )


def dimension(N: Any) -> int:
    """Read N: an integer from 10 to 1e100, or DomainError."""
    return arguments.dimension(N, SMALLEST, LARGEST)


def _sharp(model: Model, parameters: Mapping, found: Edge, N: int) -> dict[str, Estimate]:
    """The Tracy-Widom law about an edge that moves with the weights."""
    unit = float(model.scale)
    bend = model.curve.values(found.t, "curvature", alpha=parameters[Parameter.ALPHA])["curvature"]
    given = {Parameter.CURVATURE: float(bend.value), Parameter.COUNT: float(model.p * N)}
    found_at = double.evaluate_plain(airy_system(), given, model.curve.measure)
    scale, first = (unit * float(found_at[name]) for name in ("scale", "expected_one"))
    relative = abs(bend.error / bend.value) + tracy_widom.law().error
    return {
        **_law(model, parameters, found, N, lowest.at_sharp_edge(scale), relative * scale),
        "expected_one": Estimate(first, relative * first),
        "scale": Estimate(scale, relative * scale),
    }


def _smooth(model: Model, parameters: Mapping, found: Edge, N: int) -> dict[str, Estimate]:
    """The lowest of independent weights, each mapped to the eigenvalue that follows it."""
    unit = float(model.scale)
    left, n = found.value / unit, float(model.p * N)
    path = tail.follow(Rays(model.curve, found.alpha), left, n, MOST * model.p, FEWEST)
    law = lowest.at_smooth_edge(path, left, N)
    table = blur.GridDistribution(unit * law.table.x, law.table.distribution)
    spread = unit * law.error + found.errors["value"]
    return {
        **_law(model, parameters, found, N, table, spread),
        "expected_one": Estimate(unit * law.expected_one, spread),
        "scale": Estimate(unit * law.scale, unit * law.scale_error),
    }


def _law(
    model: Model,
    parameters: Mapping,
    found: Edge,
    N: int,
    table: blur.GridDistribution,
    spread: float,
) -> dict[str, Estimate]:
    """Quantiles and mean of the tabulated law with the scatter of the sampled weights added.

    All are distances from the edge at N = infinity. Their errors are the difference from what
    half of the table would give, and `spread`, that of the table itself.
    """
    variance = sampled_edge.variance(model.curve.law, parameters, float(found.t))
    deviation = float(model.scale) * float(np.sqrt(variance.value / N))
    half = blur.GridDistribution(table.x[::2], table.distribution[::2])
    results = {"deviation": Estimate(deviation, deviation * variance.error / variance.value)}
    for name, level in LEVELS.items():
        value, again = (blur.quantile(part, deviation, level) for part in (table, half))
        results[name] = Estimate(value, abs(value - again) + spread)
    value, again = blur.mean(table), blur.mean(half)
    left_out = (1 - table.distribution[-1]) * (table.x[-1] - table.x[0])
    results["mean"] = Estimate(value, abs(value - again) + spread + left_out)
    return results
