"""Many models at once: thresholds, edges and outliers for NumPy arrays, in double precision.

A phase diagram is one call. Points are sorted by the type of their answer and by a, and evaluated
in small blocks, so that the memory in use does not grow with their number (but for the results)
and the temporary arrays stay in the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from bbpsym import arguments, floats
from bbpsym.answers.edge import SHARP, SMOOTH, edge, edge_curves, edge_kind
from bbpsym.answers.outlier import has_outlier, outlier, outlier_curves
from bbpsym.answers.threshold import (
    CONTINUOUS,
    DISCONTINUOUS,
    kind_of,
    threshold,
    threshold_curves,
)
from bbpsym.equations.ensemble import WeightLaw, hessian_ensemble, overparametrised_ensemble
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.roots import values
from bbpsym.symbols import a as A
from bbpsym.symbols import p as P
from bbpsym.symbols import p_star as P_STAR

#: Points evaluated at a time.
BLOCK = 64

#: Relative error of a main number at which a point is handed over to the answer for one model.
LOOSE = 5e-13


@dataclass(frozen=True, eq=False)
class Thresholds(floats.Arrays):
    """BBP thresholds of many models.

    Attributes
    ----------
    kind : ndarray of str
        "continuous" or "discontinuous".
    alpha, alpha_c, t, eigenvalue, overlap2 : ndarray of float
        As in `Threshold`; eigenvalues are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number; alpha, alpha_c and t carry 12 digits
        or more, the others what their error says.
    """

    kind: np.ndarray
    alpha: np.ndarray
    alpha_c: np.ndarray
    t: np.ndarray
    eigenvalue: np.ndarray
    overlap2: np.ndarray
    errors: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Edges(floats.Arrays):
    """Left edges of many bulks.

    Attributes
    ----------
    kind : ndarray of str
        "sharp" or "smooth".
    value, t : ndarray of float
        As in `Edge`; values are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number.
    """

    kind: np.ndarray
    value: np.ndarray
    t: np.ndarray
    errors: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Outliers(floats.Arrays):
    """Outliers of many models; all numbers are nan where there is none.

    Attributes
    ----------
    exists : ndarray of bool
        Whether alpha is beyond the threshold.
    value, overlap2, t : ndarray of float
        As in `Outlier`; values are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number.
    """

    exists: np.ndarray
    value: np.ndarray
    overlap2: np.ndarray
    t: np.ndarray
    errors: Mapping[str, np.ndarray]


@floats.own_settings
def thresholds(p: Any, p_star: Any, a: Any) -> Thresholds:
    """Find the BBP thresholds of many models, eq. (14), in double precision.

    Parameters
    ----------
    p, p_star, a : array_like
        Student widths (inf allowed), teacher widths and normalisations, broadcast together;
        ranges as for `Model`, a between 1e-12 and 1e12.

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
    points = _Points.of(p, p_star, a)
    continuous = points.decide("ratio", 1.0, lambda model, _: kind_of(model) == CONTINUOUS)
    numbers = points.fill(
        ("t", "alpha", "alpha_c", "eigenvalue", "overlap2"),
        continuous,
        lambda ensemble, parameters, _, kind: threshold_curves(ensemble, parameters, kind),
        ("t", "alpha", "alpha_c"),
        lambda model, _: threshold(model),
    )
    kind = np.where(continuous, CONTINUOUS, DISCONTINUOUS)
    return Thresholds(points.shaped(kind), **points.results(numbers))


@floats.own_settings
def edges(p: Any, p_star: Any, a: Any, alpha: Any) -> Edges:
    """Find the left edges of many bulks, eqs. (44) and (46), in double precision.

    Parameters
    ----------
    p, p_star, a, alpha : array_like
        Widths, normalisations and signal-to-noise ratios, broadcast together; ranges as for
        `Model`, alpha between 1e-12 and 1e12.

    Returns
    -------
    Edges
        Arrays of the broadcast shape.

    Raises
    ------
    DomainError
        If an element is out of range.
    """
    points = _Points.of(p, p_star, a, alpha)
    sharp = points.sharp()
    numbers = points.fill(("t", "value"), sharp, edge_curves, ("t",), edge)
    return Edges(points.shaped(np.where(sharp, SHARP, SMOOTH)), **points.results(numbers))


@floats.own_settings
def outliers(p: Any, p_star: Any, a: Any, alpha: Any) -> Outliers:
    """Find the outliers of many models, eqs. (40) and (58), in double precision.

    Parameters
    ----------
    p, p_star, a, alpha : array_like
        Widths, normalisations and signal-to-noise ratios, broadcast together; ranges as for
        `Model`, alpha between 1e-12 and 1e12.

    Returns
    -------
    Outliers
        Arrays of the broadcast shape; nan where alpha is below the threshold.

    Raises
    ------
    DomainError
        If an element is out of range.
    """
    points = _Points.of(p, p_star, a, alpha)
    edge_t = points.fill(("t", "value"), points.sharp(), edge_curves, ("t",), edge)["t"].value
    beyond = points.decide("outlier_alpha", edge_t, has_outlier, target=True)
    found = points.fill(
        ("t", "value", "overlap2"),
        beyond,
        lambda ensemble, parameters, alpha, _: outlier_curves(
            ensemble, parameters, alpha[0], alpha[1]
        ),
        ("t",),
        outlier,
        only=True,
        extra=edge_t,
    )
    return Outliers(points.shaped(beyond), **points.results(found))


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
            "p": _widths(p, "p", infinite=True),
            "p_star": _widths(p_star, "p_star"),
            "a": _positive(a, "a"),
        }
        if alpha is not None:
            given["alpha"] = _positive(alpha, "alpha", arguments.DECADES_OF_ALPHA)
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
        return None if self.alpha is None else arguments.positive(float(self.alpha[i]), "alpha")

    def blocks(self, where: np.ndarray) -> Iterator[tuple[WeightLaw, dict, np.ndarray]]:
        """Points of a mask in small blocks of similar a: ensemble, parameters, indices."""
        for infinite in (False, True):
            chosen = np.flatnonzero(where & (np.isinf(self.p) == infinite))
            chosen = chosen[np.argsort(self.a[chosen])]
            ensemble = overparametrised_ensemble() if infinite else hessian_ensemble()
            for start in range(0, len(chosen), BLOCK):
                block = chosen[start : start + BLOCK]
                parameters = {A: self.a[block], P_STAR: self.p_star[block]}
                yield ensemble, parameters if infinite else {**parameters, P: self.p[block]}, block

    def decide(
        self,
        name: str,
        at: Any,
        exactly: Callable[[Model, Fraction], bool],
        target: bool = False,
    ) -> np.ndarray:
        """Whether a curve at t lies beyond one, or below alpha if that is the target.

        Where double precision cannot tell, the decision for one model does.
        """
        size = len(self.a)
        at = np.broadcast_to(at, size)
        answer = np.zeros(size, dtype=bool)
        open_ = np.zeros(size, dtype=bool)
        for ensemble, parameters, block in self.blocks(np.ones(size, dtype=bool)):
            curve = values(ensemble, parameters, at[block], name)[name]
            level = self.alpha[block] if target and self.alpha is not None else 1.0
            distance = level - curve.value if target else curve.value - level
            answer[block] = distance > 0
            open_[block] = ~(np.abs(distance) > 4 * curve.error + 1e-12 * level)
        for i in np.flatnonzero(open_).tolist():
            answer[i] = exactly(self.model(i), self.exact_alpha(i))  # type: ignore[arg-type]
        return answer

    def sharp(self) -> np.ndarray:
        """Where the edge is sharp."""
        return self.decide(
            "edge_alpha", 1.0, lambda model, alpha: edge_kind(model, alpha) == SHARP, target=True
        )

    def fill(
        self,
        names: tuple[str, ...],
        kinds: np.ndarray,
        curves: Callable[..., dict[str, Estimate]],
        main: tuple[str, ...],
        single: Callable[..., Any],
        only: bool = False,
        extra: np.ndarray | None = None,
    ) -> dict[str, Estimate]:
        """Evaluate curves for all points, block by block of one kind; loose ones one by one.

        Parameters
        ----------
        names : tuple of str
            Numbers to return; those in `main` are recomputed where they are too inaccurate.
        kinds : ndarray of bool
            Kind of each point, passed to `curves`; with `only`, just the points that are True.
        curves : callable
            Of (ensemble, parameters, alpha, kind), as the answers define them.
        single : callable
            The answer for one model.
        """
        size = len(self.a)
        numbers = {name: Estimate(*np.full((2, size), np.nan)) for name in names}
        loose = np.zeros(size, dtype=bool)
        for kind in (True,) if only else (True, False):
            for ensemble, parameters, block in self.blocks(kinds == kind):
                alpha = None if self.alpha is None else self.alpha[block]
                level = alpha if extra is None else (alpha, extra[block])
                found = curves(ensemble, parameters, level, kind)
                for name in names:
                    numbers[name].value[block] = found[name].value
                    numbers[name].error[block] = found[name].error
                for name in main:
                    tight = found[name].error <= LOOSE * np.abs(found[name].value)
                    loose[block] |= ~tight
        scale = self.units()
        for name in ("eigenvalue", "value"):
            if name in numbers:
                numbers[name] = Estimate(*(part * scale for part in numbers[name]))
        for i in np.flatnonzero(loose).tolist():
            model, alpha = self.model(i), self.exact_alpha(i)
            result = single(model, alpha)
            for name in names:
                numbers[name].value[i] = getattr(result, name)
                numbers[name].error[i] = result.errors[name]
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


def _widths(given: Any, name: str, infinite: bool = False) -> np.ndarray:
    array = floats.read(given, name)
    whole = (array == np.floor(array)) & (array >= 1) & (array <= arguments.MAX_WIDTH)
    if not np.all(whole | (np.isinf(array) & (array > 0) if infinite else False)):
        allowed = f"integers from 1 to {arguments.MAX_WIDTH}" + (" or inf" if infinite else "")
        raise DomainError(f"{name} must be an array of {allowed}")
    return array


def _positive(given: Any, name: str, decades: int = arguments.DECADES) -> np.ndarray:
    array = floats.read(given, name)
    if not np.all((array >= 10.0**-decades) & (array <= 10.0**decades)):
        raise DomainError(f"{name} must be an array of numbers from 1e-{decades} to 1e{decades}")
    return array
