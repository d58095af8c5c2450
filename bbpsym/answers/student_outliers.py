"""The student's own directions: where their outliers would lie, and their resolvent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from numbers import Real
from typing import Any

import numpy as np
from scipy.optimize import brentq

from bbpsym.answers.edge import edge
from bbpsym.averages.laplace_variable import reduce
from bbpsym.compilation.compile import System
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.sectors import dimension, projectors
from bbpsym.equations.spectrum import inverse_stieltjes, inverse_stieltjes_slope
from bbpsym.equations.student import student_excess, student_self_energy
from bbpsym.errors import ConvergenceError, DomainError, quoted
from bbpsym.model import Model
from bbpsym.numerics import double
from bbpsym.numerics.double import SMALLEST_T, Estimate
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number
from bbpsym.symbols import p as P
from bbpsym.writing.display import exact_latex, exact_text, json_number, latex_number, number

#: Why no sector has an outlier; chapter 9 of the derivations proves the first, (42) the second.
NONE_LEFT = "left of the bulk its self-energy lies above that of the bulk, where (40) has no root"
NONE_RIGHT = "the weights have no upper bound, so that the bulk has no right edge"


@dataclass(frozen=True)
class StudentSector:
    """One kind of student directions: matrices V, node by row of W, that rotations do not mix.

    Attributes
    ----------
    name : {"trace", "symmetric", "antisymmetric"}
        The multiples of W itself, its symmetric traceless and its antisymmetric mixtures.
    dimension : int
        Number of directions.
    self_energy : float
        Its self-energy at the left edge.
    excess : float
        Self-energy less that of the bulk, there; an outlier needs 1/g < 0, and it is positive.
    outlier : None
        No sector has an outlier, at any p, p*, a and alpha (derived).
    reason : str
        Why not, to the left and to the right of the bulk.

    Examples
    --------
    >>> from bbpsym import Model, student_outliers
    >>> found = student_outliers(Model(p=2, p_star=1, a="0.7"), alpha=2)
    >>> type(next(iter(found.sectors.values()))).__name__
    'StudentSector'
    """

    name: str
    dimension: int
    self_energy: float
    excess: float
    outlier: None = None
    reason: str = f"left: {NONE_LEFT}; right: {NONE_RIGHT}"


@dataclass(frozen=True, eq=False, repr=False)
class StudentOutliers(floats.Arrays):
    """The student's own directions at a given signal-to-noise ratio.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    edge : float
        Left edge of the bulk, for the loss (3) and x ~ N(0, 1/N).
    sectors : mapping of str to StudentSector
        By name; the trace sector alone at p = 1.
    errors : mapping of str to float
        Bound claimed for the error of every self-energy.

    Examples
    --------
    >>> from bbpsym import Model, student_outliers
    >>> print(student_outliers(Model(p=2, p_star=1, a="0.7"), alpha=2).alpha)
    2
    """

    model: Model
    alpha: Fraction
    edge: float
    sectors: Mapping[str, StudentSector]
    errors: Mapping[str, float] = field(repr=False, compare=False)

    def record(self) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON."""
        head = {"p": self.model.p, "p_star": self.model.p_star, "a": float(self.model.a)}
        sectors = {
            sector.name: {
                "dimension": sector.dimension,
                "self_energy": json_number(sector.self_energy, None),
                "outlier": sector.outlier,
                "reason": sector.reason,
            }
            for sector in self.sectors.values()
        }
        return head | {"alpha": float(self.alpha), "edge": self.edge, "sectors": sectors}

    def __str__(self) -> str:
        lines = [
            f"  {sector.name:<13}  no outlier; {sector.dimension} direction"
            f"{'s' * (sector.dimension > 1)}, self-energy at the edge "
            f"{number(sector.self_energy, None)}"
            for sector in self.sectors.values()
        ]
        head = f"{self.model!r}, alpha = {exact_text(self.alpha)}, edge {number(self.edge, None)}"
        return "\n".join([head, *lines, f"  (left: {NONE_LEFT};", f"  right: {NONE_RIGHT})"])

    def __repr__(self) -> str:
        return f"<{self!s}>"

    def _repr_latex_(self) -> str:
        rows = [
            rf"\Sigma_{{\text{{{name}}}}}(g_-) &= {latex_number(number(item.self_energy, None))}"
            for name, item in self.sectors.items()
        ]
        title = self.model._repr_latex_().strip("$")
        title += rf",\ \alpha={exact_latex(self.alpha)}"
        body = r" \\ ".join(rows)
        return rf"$\displaystyle {title}\qquad \begin{{aligned}} {body} \end{{aligned}}$"


@floats.own_settings
def student_outliers(model: Model, alpha: Number) -> StudentOutliers:
    """Say for every sector of the student's directions what its self-energy is, and its outlier.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation, p finite.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.

    Returns
    -------
    StudentOutliers

    Raises
    ------
    DomainError
        If `alpha` is out of range or p infinite.

    Examples
    --------
    >>> from bbpsym import Model
    >>> found = student_outliers(Model(p=2, p_star=1, a="0.7"), alpha=2)
    >>> sorted(found.sectors)
    ['antisymmetric', 'symmetric', 'trace']
    """
    alpha, left = _read(model, alpha), edge(model, alpha)
    found = _evaluate(model, alpha, float(left.t), float(left.errors.get("t", 0.0)))
    sectors = {
        name: StudentSector(
            name,
            size,
            self_energy=float(found[f"{name} self_energy"].value),
            excess=float(found[f"{name} excess"].value),
        )
        for name, size in _dimensions(model.p).items()
    }
    errors = {name: float(found[f"{name} self_energy"].error) for name in sectors}
    return StudentOutliers(model, alpha, float(left.value), sectors, errors)


@floats.own_settings
def student_resolvent(model: Model, alpha: Number, z: float) -> dict[str, float]:
    """Resolvent `v^T (z - H)^{-1} v` of a unit vector of every sector, z left of the bulk.

    `1/(z - Sigma_s(g(z)))`, the limit of large N (derived).

    Parameters
    ----------
    model : Model
        Widths and loss normalisation, p finite.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.
    z : float
        A point left of the edge of the bulk.

    Returns
    -------
    dict of str to float
        By sector; the trace alone at p = 1. Ten digits or more.

    Raises
    ------
    DomainError
        If an argument is out of range.
    ConvergenceError
        If fewer than ten digits are left, at a z too close to the edge.

    Examples
    --------
    >>> from bbpsym import Model
    >>> found = student_resolvent(Model(p=2, p_star=1, a="0.7"), alpha=2, z=-3.0)
    >>> sorted(found)
    ['antisymmetric', 'symmetric', 'trace']
    """
    alpha, left = _read(model, alpha), edge(model, alpha)
    if not isinstance(z, Real) or not z < float(left.value) or not np.isfinite(z):
        raise DomainError(f"z must lie left of the edge {float(left.value):.6g}, not {quoted(z)}")
    at = _stieltjes(model, alpha, float(z), float(left.t))
    found = _evaluate(model, alpha, float(at.value), float(at.error))
    resolvents = {}
    for name in _dimensions(model.p):
        value, error = found[f"{name} self_energy"]
        resolvents[name] = float(1 / (z - value))
        if error > 1e-10 * abs(z - value):
            raise ConvergenceError(f"z = {z} is too close to the edge for ten digits")
    return resolvents


def _read(model: Model, alpha: Any) -> Fraction:
    alpha = arguments.signal_to_noise(alpha)
    if not isinstance(model, Model):
        raise DomainError(f"model must be a Model(p, p_star, a), not {quoted(model)}")
    if model.is_overparametrised_limit:
        raise DomainError(
            "p must be finite: the p^2 directions of the student have no limit at p = inf"
        )
    return alpha


def _dimensions(p: int) -> dict[str, int]:
    """Directions in every sector that there is."""
    sizes = {sector: int(dimension(sector).subs(P, p)) for sector in projectors()}
    return {sector: size for sector, size in sizes.items() if size}


@cache
def _system() -> System:
    """Self-energies and their excess, in units of the ensemble, and the bulk's lambda(g)."""
    ensemble = hessian_ensemble()
    parts = {"self_energy": student_self_energy, "excess": student_excess}.items()
    outputs = {f"{name} {k}": x for k, part in parts for name, x in part(ensemble).items()}
    outputs |= {"value": inverse_stieltjes(), "slope": inverse_stieltjes_slope()}
    return System({name: reduce(item, ensemble) for name, item in outputs.items()})


def _evaluate(model: Model, alpha: Fraction, at: float, error: float) -> dict[str, Estimate]:
    """Evaluate everything at t, which is known to within `error`, in the units of the paper."""
    parameters = {**model.curve.floats, Parameter.ALPHA: float(alpha)}
    found = double.evaluate(_system(), {**parameters, Parameter.T: at}, CHI_SQUARE)
    near = double.evaluate_plain(
        _system(), {**parameters, Parameter.T: at * (1 - 1e-6)}, CHI_SQUARE
    )
    unit = float(model.scale)
    return {
        name: Estimate(
            unit * item.value,
            unit * (item.error + abs(item.value - near[name]) / (1e-6 * at) * error),
        )
        for name, item in found.items()
    }


def _stieltjes(model: Model, alpha: Fraction, z: float, upper: float) -> Estimate:
    """The t with `lambda(g) = z`, left of the edge."""
    parameters = {**model.curve.floats, Parameter.ALPHA: float(alpha)}
    target = z / float(model.scale)

    def distance(log_t: float) -> float:
        at = {**parameters, Parameter.T: np.exp(log_t)}
        return float(double.evaluate_plain(_system(), at, CHI_SQUARE)["value"]) - target

    at = float(np.exp(brentq(distance, np.log(SMALLEST_T), np.log(upper), xtol=1e-15, rtol=1e-15)))
    found = double.evaluate(_system(), {**parameters, Parameter.T: at}, CHI_SQUARE)
    error = found["value"].error / abs(found["slope"].value) + 1e-15 * at
    return Estimate(np.asarray(at), error)
