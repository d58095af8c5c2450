"""Where the signal leaves the bulk: the BBP threshold, eqs. (14), (40), (44), (46), (49)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from flint import arb

from bbpsym import floats
from bbpsym.answers.result import (
    Result,
    answer,
    certified_answer,
    only_left,
    only_uncertified,
)
from bbpsym.answers.spectral import CONTINUOUS, DISCONTINUOUS, ensemble_threshold
from bbpsym.ensemble import LEFT, Ensemble
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.errors import PrecisionError
from bbpsym.model import Model
from bbpsym.numerics import certified as balls
from bbpsym.numerics import enclosures
from bbpsym.numerics.certified import Curve
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.roots import (
    Start,
    along,
    precise_root,
    precise_values,
    root,
    side,
    values,
)
from bbpsym.symbols import t
from bbpsym.systems import double_parameters, ensemble_of, parameters_of, system


@dataclass(frozen=True)
class Threshold(Result):
    """The BBP threshold of a model or an ensemble.

    For an `Ensemble` eigenvalues are in the units of its weight, and `g = -t/|f_-|` on the left of
    the bulk, `t/f_+` on the right, with (42).

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Type of the transition: at a sharp edge (15) or at a smooth one (16).
    alpha : float, mpmath number or Ball
        Threshold alpha_BBP, eq. (14).
    alpha_c : float, mpmath number or Ball
        Where the edge turns from smooth to sharp, eq. (49).
    t, g : float, mpmath number or Ball
        Stieltjes transform at the threshold, g = -p t/2; t = 1 if discontinuous.
    eigenvalue : float, mpmath number or Ball
        The outlier where it meets the edge, for the loss (3) and x ~ N(0, 1/N); in units of 2/p
        at p = inf.
    overlap2 : float, mpmath number or Ball
        Squared overlap m^2 at the threshold: 0 if continuous, the jump if discontinuous.
    """

    kind: str
    alpha: Any
    alpha_c: Any
    t: Any
    g: Any
    eigenvalue: Any
    overlap2: Any

    symbols: ClassVar[Mapping[str, str]] = {
        "alpha": r"\alpha_{\mathrm{BBP}}",
        "alpha_c": r"\alpha_c",
        "eigenvalue": r"\lambda_*",
        "overlap2": "m^2",
        "t": "t",
        "g": "g",
    }


@floats.own_settings
def threshold(
    model: Model | Ensemble,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str = LEFT,
) -> Threshold:
    """Find the BBP threshold of a model, eq. (14).

    Parameters
    ----------
    model : Model or Ensemble
        Widths and loss normalisation, or a spectral method of any weight.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it, with 12 digits or
        more in every number.
    certified : bool
        Whether to enclose every number by ball arithmetic, and to prove the type of the
        transition; 15 digits unless others are asked for. Not for an ensemble.
    side : {"left", "right"}
        Side of the bulk; a Hessian has a left edge only.

    Returns
    -------
    Threshold

    Raises
    ------
    DomainError
        If `digits` is out of range, or an ensemble has no edge or no outlier on that side.
    PrecisionError
        If the digits cannot be reached, or the type of the transition stays undecided.

    Notes
    -----
    The discontinuous threshold is the outlier curve at the smooth edge t = 1; the transition is
    discontinuous if and only if that point is not beyond alpha_c. Otherwise the outlier curve and
    the sharp-edge curve meet at one t in (0, 1). That there is only one has been seen in every
    scan; with `certified` it is proved for the model at hand, and the result's `unique` says so.

    Examples
    --------
    >>> print(threshold(Model(p=2, p_star=1, a="0.7"), digits=30).alpha)
    0.927055296717066084667855737239
    """
    if isinstance(model, Ensemble):
        only_uncertified(certified)
        return ensemble_threshold(lambda **found: Threshold(model, **found), model, digits, side)
    only_left(side)
    if certified:
        return certified_answer(
            lambda **found: Threshold(model, **found), model, digits, _enclosing(model)
        )
    kind = kind_of(model)
    return answer(
        lambda **found: Threshold(model, kind, **found),
        model,
        digits,
        lambda: threshold_curves(ensemble_of(model), double_parameters(model), kind == CONTINUOUS),
        lambda working, start: _precise(model, kind, working, start),
    )


def kind_of(model: Model) -> str:
    """Type of the transition, decided at whatever precision it takes."""
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    ratio = values(ensemble, parameters, 1.0, "ratio")["ratio"]
    distance = float(ratio.value) - 1
    sign = (
        np.sign(distance)
        if abs(distance) > 4 * ratio.error
        else side(ensemble, parameters, lambda working: 1, "ratio")
    )
    if sign == 0:
        raise PrecisionError(f"the type of the transition of {model!r} is undecided at 200 digits")
    return CONTINUOUS if sign > 0 else DISCONTINUOUS


def threshold_curves(
    ensemble: WeightLaw, parameters: Mapping, continuous: bool
) -> dict[str, Estimate]:
    """Evaluate t, alpha, alpha_c, eigenvalue and overlap2 at thresholds of one kind, for arrays."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in parameters.values()))
    one = np.ones(shape)
    at_edge = values(ensemble, parameters, one, "edge_alpha")["edge_alpha"]
    at = root(ensemble, parameters, "ratio", upper=one) if continuous else Estimate(one, 0 * one)
    jump = () if continuous else ("overlap2",)
    found = along(ensemble, parameters, at, "outlier_alpha", "outlier_eigenvalue", *jump)
    overlap2 = Estimate(0 * one, 0 * one) if continuous else found["overlap2"]
    return {
        "t": at,
        "alpha": found["outlier_alpha"],
        "alpha_c": at_edge,
        "eigenvalue": found["outlier_eigenvalue"],
        "overlap2": overlap2,
    }


def _precise(model: Model, kind: str, working: int, start: Start | None) -> dict[str, Any]:
    """Values to `working` digits, from a root known to fewer."""
    ensemble, parameters, ctx = ensemble_of(model), parameters_of(model), context(working)
    alpha_c = precise_values(ensemble, parameters, 1, ctx, "edge_alpha")["edge_alpha"]
    at = ctx.one
    if kind == CONTINUOUS:
        start = start or Start(root(ensemble, double_parameters(model), "ratio").value)
        at = precise_root(ensemble, parameters, "ratio", 1, start, working)
    names = ("outlier_alpha", "outlier_eigenvalue", "overlap2")
    found = precise_values(ensemble, parameters, at, ctx, *names)
    return {
        "t": at,
        "alpha": found["outlier_alpha"],
        "alpha_c": alpha_c,
        "eigenvalue": found["outlier_eigenvalue"],
        "overlap2": ctx.zero if kind == CONTINUOUS else found["overlap2"],
    }


@cache
def _unique(model: Model, crosses: bool) -> bool:
    """Whether the crossing of the two curves, or its absence, has been proved on all of (0, 1]."""
    curve = Curve(ensemble_of(model), parameters_of(model), "ratio")
    return balls.crosses_once(curve, arb(1), crosses)


def _enclosing(model: Model) -> Callable[[int], dict[str, Any]]:
    """The threshold in ball arithmetic, as a function of the working precision in bits."""
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    curve, one = Curve(ensemble, parameters, "ratio"), arb(1)

    def enclose(bits: int) -> dict[str, Any]:
        kind = CONTINUOUS if balls.side(curve, one, bits) > 0 else DISCONTINUOUS
        at = one
        if kind == CONTINUOUS:
            guess = float(root(ensemble, double_parameters(model), "ratio").value)
            at = balls.root(curve.values, guess, bits, one)
        names = ["outlier_alpha", "outlier_eigenvalue"]
        jump = ["overlap2"] if kind == DISCONTINUOUS else []
        found = enclosures.evaluate(system(ensemble, *names, *jump), {**parameters, t: at}, bits)
        edge = enclosures.evaluate(system(ensemble, "edge_alpha"), {**parameters, t: one}, bits)
        return {
            "kind": kind,
            "unique": _unique(model, kind == CONTINUOUS),
            "t": at,
            "alpha": found["outlier_alpha"],
            "alpha_c": edge["edge_alpha"],
            "eigenvalue": found["outlier_eigenvalue"],
            "overlap2": found.get("overlap2", arb(0)),
        }

    return enclose
