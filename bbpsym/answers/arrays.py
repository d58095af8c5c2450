"""Many models at once: thresholds, edges and outliers for NumPy arrays, in double precision.

A phase diagram is one call. Points are sorted by the type of their answer and by a, and evaluated
in small blocks, so that the memory in use does not grow with their number (but for the results)
and the temporary arrays stay in the processor's cache. Where many differ in a alone, most of their
thresholds come of polynomials through a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from bbpsym.answers.array_arguments import parameters, positive, widths, with_alpha
from bbpsym.answers.array_results import Edges, Outliers, Thresholds
from bbpsym.answers.asking import own_answers, side_seen
from bbpsym.answers.edge import edge
from bbpsym.answers.interpolated import Answered, at_many
from bbpsym.answers.outlier import outlier
from bbpsym.answers.result import Matrix
from bbpsym.answers.threshold import threshold
from bbpsym.errors import DomainError
from bbpsym.model import Model, hessian_curve
from bbpsym.numerics import questions
from bbpsym.numerics.curve import EIGENVALUES, LEFT, Condition, Curve, Level, Side
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.measures import Accuracy
from bbpsym.numerics.questions import Kind, transition
from bbpsym.numerics.roots import solve
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number

#: Models as an argument.
Models: TypeAlias = Model | Sequence[Model]

#: Points evaluated at a time.
BLOCK = 128

#: Relative error of a main number at which a point is handed over to the answer for one model.
LOOSE = 5e-13

#: Main numbers of a threshold.
MAIN = ("t", "alpha", "alpha_c")


@floats.own_settings
def thresholds(
    p: ArrayLike | Models, p_star: ArrayLike | None = None, a: ArrayLike | None = None
) -> Thresholds:
    """Find the BBP thresholds of many models, eq. (14), in double precision.

    Parameters
    ----------
    p, p_star, a : array_like
        Student widths (inf allowed), teacher widths and normalisations, broadcast together;
        ranges as for `Model`, a between 1e-12 and 1e12. Or a `Model`, or a list of them, as p.

    Returns
    -------
    Thresholds
        Arrays of the broadcast shape.

    Raises
    ------
    DomainError
        If an element is out of range.
    PrecisionError
        If the type of a transition stays undecided at 200 digits.

    Examples
    --------
    >>> found = thresholds([1, 2, float("inf")], 1, 0.7)
    >>> found.alpha.round(6)
    array([1.243388, 0.927055, 0.85    ])
    """
    points = _Points.of(*parameters(p, p_star, a))
    pairs = np.where(np.isinf(points.p), 0, points.p) * (arguments.MAX_WIDTH + 1) + points.p_star
    found = at_many(points.a, pairs, points.transitions, (*MAIN, "value", "overlap2"), MAIN, LOOSE)
    kind = np.where(found.kind, Kind.CONTINUOUS.value, Kind.DISCONTINUOUS.value)
    return Thresholds(points.shaped(kind), **points.results(found.numbers))


@floats.own_settings
def edges(
    p: ArrayLike | Models,
    p_star: ArrayLike | None = None,
    a: ArrayLike | None = None,
    alpha: ArrayLike | None = None,
) -> Edges:
    """Find the left edges of many bulks, eqs. (44) and (46), in double precision.

    Parameters
    ----------
    p, p_star, a, alpha : array_like
        Widths, normalisations and signal-to-noise ratios, broadcast together; ranges as for
        `Model`, alpha between 1e-24 and 1e24. Or a `Model`, or a list of them, and alpha.

    Returns
    -------
    Edges
        Arrays of the broadcast shape.

    Raises
    ------
    DomainError
        If an element is out of range.

    Examples
    --------
    >>> edges(2, 1, [0.7, 1.5], alpha=2).value.round(6)
    array([-0.959627, -0.889725])
    """
    points = _Points.of(*with_alpha(p, p_star, a, alpha))
    sharp, at = points.edges()
    numbers = {"t": at, **points.along(at, points.all(), {"value": "inverse_stieltjes"})}
    numbers = points.mended(numbers, ("t",), edge)
    kind = np.where(sharp, Kind.SHARP.value, Kind.SMOOTH.value)
    return Edges(points.shaped(kind), **points.results(numbers))


@floats.own_settings
def outliers(
    p: ArrayLike | Models | Matrix,
    p_star: ArrayLike | None = None,
    a: ArrayLike | None = None,
    alpha: ArrayLike | Number | None = None,
    *,
    side: str | None = None,
    digits: int | None = None,
    certified: bool = False,
) -> Any:
    """Find the outliers of many models, eqs. (40) and (58), in double precision; or all of one.

    Parameters
    ----------
    p, p_star, a, alpha : array_like
        Widths, normalisations and signal-to-noise ratios, broadcast together; ranges as for
        `Model`, alpha between 1e-24 and 1e24. Or a `Model`, or a list of them, and alpha; or a
        `Network` in place of p, with its alpha, or a `DeformedGaussian` alone.
    side : {"left", "right"}, optional
        Side of the bulk, and
    digits : int, optional
        significant decimal digits of the outliers of one of these, which
    certified : bool
        encloses by ball arithmetic.

    Returns
    -------
    Outliers, or tuple of NetworkOutlier or DeformedOutlier
        Arrays of the broadcast shape; nan where alpha is below the threshold. All outliers of one
        ensemble, the one farthest from the bulk first.

    Raises
    ------
    DomainError
        If an element is out of range.

    Examples
    --------
    >>> outliers(2, 1, 0.7, alpha=[0.5, 2]).overlap2.round(6)
    array([    nan, 0.27623])
    """
    if own := own_answers(p, "outliers", certified):
        if alpha is None and a is None:  # it may follow directly, as it does a model
            p_star, alpha = None, p_star
        if p_star is not None or a is not None:
            name = "p_star" if p_star is not None else "a"
            raise DomainError(f"{name} must not be given with a {type(p).__name__}, which has all")
        return own(p, alpha, side_seen(p) if side is None else side, digits)
    if side not in (None, LEFT) or digits is not None or certified:
        raise DomainError(
            "side, digits and certified go with one matrix of several outliers: arrays are in "
            "double precision"
        )
    points = _Points.of(*with_alpha(p, p_star, a, alpha))
    _, edge_at = points.edges()

    def exists(side: Side, alpha: Fraction) -> bool:
        return questions.outlier(side.curve, alpha).root is not None

    beyond = points.beyond(Condition.OUTLIER, edge_at.value, exists)
    at = points.solved(beyond, Condition.OUTLIER, edge_at.value)
    equations = {"value": "outlier_eigenvalue", "overlap2": "overlap2"}
    numbers = points.along(at, beyond, equations)
    for estimate in (at, *numbers.values()):
        for part in estimate:
            part[~beyond] = np.nan
    numbers = points.mended({"t": at, **numbers}, ("t",), outlier, beyond)
    return Outliers(points.shaped(beyond), **points.results(numbers))


@dataclass(frozen=True)
class _Points:
    """Flat arrays of parameters, and the shape in which results are returned."""

    p: np.ndarray
    p_star: np.ndarray
    a: np.ndarray
    alpha: np.ndarray | None
    shape: tuple[int, ...]

    @classmethod
    def of(cls, p: Any, p_star: Any, a: Any, alpha: Any = None) -> _Points:
        """Read, check and broadcast the arguments."""
        given = {
            "p": widths(p, "p", infinite=True),
            "p_star": widths(p_star, "p_star"),
            "a": positive(a, "a"),
        }
        if alpha is not None:
            given["alpha"] = positive(alpha, "alpha", arguments.DECADES_OF_ALPHA)
        try:
            arrays = np.broadcast_arrays(*given.values())
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in given.items())
            raise DomainError(f"the shapes of the arguments must broadcast, not {shapes}") from None
        flat = dict(zip(given, (array.ravel() for array in arrays), strict=True))
        return cls(flat["p"], flat["p_star"], flat["a"], flat.get("alpha"), arrays[0].shape)

    def model(self, i: int) -> Model:
        """The model of one point."""
        p = "inf" if np.isinf(self.p[i]) else int(self.p[i])
        return Model(p, int(self.p_star[i]), float(self.a[i]))

    def exact_alpha(self, i: int) -> Fraction | None:
        """Alpha of one point, read as the answers for one model read it."""
        return None if self.alpha is None else arguments.signal_to_noise(float(self.alpha[i]))

    @property
    def size(self) -> int:
        """Number of points."""
        return len(self.a)

    def all(self) -> np.ndarray:
        """Mask of all points."""
        return np.ones(self.size, dtype=bool)

    def ends(self) -> Estimate:
        """The end of the domain, for every point."""
        return Estimate(np.ones(self.size), np.zeros(self.size))

    def blocks(self, where: np.ndarray) -> Iterator[tuple[Curve, np.ndarray]]:
        """Points of a mask in small blocks of similar a: their curves, and their indices."""
        for infinite in (False, True):
            chosen = np.flatnonzero(where & (np.isinf(self.p) == infinite))
            chosen = chosen[np.argsort(self.a[chosen])]
            for start in range(0, len(chosen), BLOCK):
                block = chosen[start : start + BLOCK]
                p = np.inf if infinite else self.p[block]
                yield hessian_curve(p, self.p_star[block], self.a[block]), block

    def alphas(self, block: np.ndarray) -> Any:
        """Alpha of a block, or None."""
        return None if self.alpha is None else self.alpha[block]

    def beyond(
        self, crossing: Condition, at: Any, exactly: Callable[[Side, Any], bool]
    ) -> np.ndarray:
        """Whether a level lies above one at t; `exactly` tells where double precision cannot."""
        at = np.broadcast_to(at, self.size)
        answer, is_open = np.zeros(self.size, dtype=bool), np.zeros(self.size, dtype=bool)
        for curve, block in self.blocks(self.all()):
            level = Level(curve, crossing, self.alphas(block))
            (value, error), _ = level.estimate(at[block], Accuracy.FULL, slope=False)
            answer[block] = value > 1
            is_open[block] = ~(np.abs(value - 1) > 4 * error + 1e-12)
        for i in np.flatnonzero(is_open).tolist():
            answer[i] = exactly(self.model(i).side(), self.exact_alpha(i))
        return answer

    def transitions(self, chosen: np.ndarray, a: np.ndarray) -> Answered:
        """Whether transitions are continuous, and their numbers, for points with an a each."""
        points = _Points(self.p[chosen], self.p_star[chosen], a, None, a.shape)
        continuous = points.beyond(
            Condition.THRESHOLD, 1.0, lambda side, _: transition(side.curve).kind is Kind.CONTINUOUS
        )
        at = points.solved(continuous, Condition.THRESHOLD)
        along = {"alpha": "outlier_alpha", "value": "outlier_eigenvalue"}
        numbers = points.along(at, continuous, along)
        numbers["overlap2"] = Estimate(np.zeros(points.size), np.zeros(points.size))
        for name, jump in points.along(at, ~continuous, {**along, "overlap2": "overlap2"}).items():
            numbers[name] = Estimate(*map(np.where, [continuous] * 2, numbers[name], jump))
        numbers |= points.along(points.ends(), points.all(), {"alpha_c": "edge_alpha"})
        numbers = points.mended({"t": at, **numbers}, MAIN, lambda m, _: threshold(m))
        return Answered(continuous, numbers)

    def edges(self) -> tuple[np.ndarray, Estimate]:
        """Where the edge is sharp, and its t."""
        sharp = self.beyond(
            Condition.EDGE,
            1.0,
            lambda side, alpha: questions.edge(side.curve, alpha).kind is Kind.SHARP,
        )
        return sharp, self.solved(sharp, Condition.EDGE)

    def solved(self, where: np.ndarray, crossing: Condition, upper: Any = 1.0) -> Estimate:
        """Roots of a level at the points of a mask, the end of the domain elsewhere."""
        at, upper = self.ends(), np.broadcast_to(upper, self.size)
        for curve, block in self.blocks(where):
            found = solve(Level(curve, crossing, self.alphas(block)), upper[block])
            at.value[block], at.error[block] = found
        return at

    def along(
        self, at: Estimate, where: np.ndarray, equations: Mapping[str, str]
    ) -> dict[str, Estimate]:
        """Evaluate equations at roots t at the points of a mask; nan elsewhere."""
        numbers = {name: Estimate(*np.full((2, self.size), np.nan)) for name in equations}
        for curve, block in self.blocks(where):
            root = Estimate(at.value[block], at.error[block])
            found = curve.along(root, *equations.values(), alpha=self.alphas(block))
            for name, equation in equations.items():
                numbers[name].value[block], numbers[name].error[block] = found[equation]
        return numbers

    def mended(
        self,
        numbers: dict[str, Estimate],
        main: tuple[str, ...],
        single: Callable[..., Any],
        where: np.ndarray | bool = True,
    ) -> dict[str, Estimate]:
        """Numbers in their units; where one of `main` is too inaccurate, from the single answer."""
        loose = np.zeros(self.size, dtype=bool)
        for name in main:
            value, error = numbers[name]
            loose |= where & ~(error <= LOOSE * np.abs(value))
        scale = self.units()
        for name in numbers.keys() & {*EIGENVALUES}:
            numbers[name] = Estimate(*(part * scale for part in numbers[name]))
        for i in np.flatnonzero(loose).tolist():
            result = single(self.model(i), self.exact_alpha(i))
            for name, estimate in numbers.items():
                estimate.value[i], estimate.error[i] = getattr(result, name), result.errors[name]
        return numbers

    def units(self) -> np.ndarray:
        """Unit of the eigenvalues at each point: 2/p, or one where p is infinite."""
        return np.where(np.isinf(self.p), 1.0, 2.0 / self.p)

    def shaped(self, flat: np.ndarray) -> np.ndarray:
        """A flat array in the shape of the arguments."""
        return flat.reshape(self.shape)

    def results(self, numbers: dict[str, Estimate]) -> dict[str, Any]:
        """Numbers and errors in the shape of the arguments, as the results name them."""
        errors = {name: self.shaped(item.error) for name, item in numbers.items()}
        return {name: self.shaped(item.value) for name, item in numbers.items()} | {
            "errors": errors
        }
