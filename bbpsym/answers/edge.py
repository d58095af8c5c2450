"""The left edge of the bulk: eqs. (42)-(49)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from flint import arb

from bbpsym import arguments, floats
from bbpsym.answers.result import (
    Result,
    answer,
    certified_answer,
    only_left,
    only_uncertified,
)
from bbpsym.answers.spectral import SHARP, SMOOTH, ensemble_edge
from bbpsym.ensemble import LEFT, Ensemble
from bbpsym.equations.ensemble import WeightLaw
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
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import t as T
from bbpsym.systems import double_parameters, ensemble_of, parameters_of, system


@dataclass(frozen=True)
class Edge(Result):
    """An edge of the bulk spectrum at a given signal-to-noise ratio.

    For an `Ensemble` eigenvalues are in the units of its weight, and `g = -t/|f_-|` on the left of
    the bulk, `t/f_+` on the right, with (42).

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    kind : {"sharp", "smooth"}
        Square-root (15) or exponential (16) vanishing of the density.
    value : float, mpmath number or Ball
        lambda_- (lambda_+ on the right), for the loss (3) and x ~ N(0, 1/N); in units of 2/p at
        p = inf.
    t, g : float, mpmath number or Ball
        Stieltjes transform at the edge, g = -p t/2; t = 1 if smooth.
    """

    alpha: Fraction
    kind: str
    value: Any
    t: Any
    g: Any

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-", "t": "t", "g": "g"}


@floats.own_settings
def edge(
    model: Model | Ensemble,
    alpha: Any,
    digits: int | None = None,
    certified: bool = False,
    *,
    side: str = LEFT,
) -> Edge:
    """Find an edge of the bulk, eqs. (44) and (46): the left one, for an ensemble also the right.

    Parameters
    ----------
    model : Model or Ensemble
        Widths and loss normalisation, or a spectral method of any weight.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive; read exactly like `Model.a`.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    certified : bool
        Whether to enclose every number by ball arithmetic, and to prove the type of the edge;
        15 digits unless others are asked for. Not for an ensemble.
    side : {"left", "right"}
        Side of the bulk; a Hessian has a left edge only.

    Returns
    -------
    Edge

    Raises
    ------
    DomainError
        If `alpha` or `digits` is out of range, or the bulk has no edge on that side.
    PrecisionError
        If the digits cannot be reached, or the type of a certified edge stays undecided.

    Notes
    -----
    The sharp edge is the one root of (44) in (0, 1): `<(g f/(1 - g f))^2>` grows with t, since
    the derivative of each term has the sign of t. At alpha_c itself the edge is called smooth.
    """
    alpha = arguments.signal_to_noise(alpha)
    if isinstance(model, Ensemble):
        only_uncertified(certified)
        return ensemble_edge(
            lambda **found: Edge(model, alpha, **found), model, alpha, digits, side
        )
    only_left(side)
    if certified:
        return certified_answer(
            lambda **found: Edge(model, alpha, **found), model, digits, _enclosing(model, alpha)
        )
    kind = edge_kind(model, alpha)
    return answer(
        lambda **found: Edge(model, alpha, kind, **found),
        model,
        digits,
        lambda: edge_curves(
            ensemble_of(model), double_parameters(model), float(alpha), kind == SHARP
        ),
        lambda working, start: _precise(model, alpha, kind, working, start),
    )


def _enclosing(model: Model, alpha: Fraction) -> Callable[[int], dict[str, Any]]:
    """The edge in ball arithmetic, as a function of the working precision in bits."""

    def enclose(bits: int) -> dict[str, Any]:
        kind, at = enclosed_edge(model, alpha, bits)
        parameters = {**parameters_of(model), ALPHA: alpha, T: at}
        equation = system(ensemble_of(model), "inverse_stieltjes")
        value = enclosures.evaluate(equation, parameters, bits)["inverse_stieltjes"]
        return {"kind": kind, "unique": True, "t": at, "value": value}

    return enclose


def enclosed_edge(model: Model, alpha: Fraction, bits: int) -> tuple[str, arb]:
    """Type of the edge, proved, and a ball of its t; the root is unique by the note of `edge`."""
    curve = Curve(ensemble_of(model), parameters_of(model), "edge_alpha", alpha)
    one = arb(1)
    if balls.side(curve, one, bits) < 0:
        return SMOOTH, one
    found = edge_curves(ensemble_of(model), double_parameters(model), float(alpha), True)
    return SHARP, balls.root(curve.values, float(found["t"].value), bits, one)


def edge_kind(model: Model, alpha: Fraction) -> str:
    """Sharp above alpha_c, smooth up to it, eq. (49)."""
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    alpha_c = values(ensemble, double_parameters(model), 1.0, "edge_alpha")["edge_alpha"]
    distance = float(alpha) - float(alpha_c.value)
    if abs(distance) > 4 * alpha_c.error + 1e-15 * float(alpha):
        return SHARP if distance > 0 else SMOOTH
    return SHARP if side(ensemble, parameters, lambda _: 1, "edge_alpha", alpha) < 0 else SMOOTH


def edge_curves(
    ensemble: WeightLaw, parameters: Mapping, alpha: Any, sharp: bool
) -> dict[str, Estimate]:
    """Evaluate t and the edge's value in double precision, for arrays of one kind."""
    shape = np.broadcast_shapes(np.shape(alpha), *(np.shape(v) for v in parameters.values()))
    one = np.ones(shape)
    at = Estimate(one, 0 * one)
    if sharp:
        at = root(ensemble, parameters, "edge_alpha", alpha, upper=one)
    found = along(ensemble, {**parameters, ALPHA: alpha}, at, "inverse_stieltjes")
    return {"t": at, "value": found["inverse_stieltjes"]}


def precise_edge(
    model: Model, alpha: Fraction, kind: str, working: int, start: Start | None
) -> Any:
    """The t of the edge to `working` digits."""
    ensemble, parameters = ensemble_of(model), parameters_of(model)
    if kind == SMOOTH:
        return context(working).one
    start = start or Start(
        root(ensemble, double_parameters(model), "edge_alpha", float(alpha)).value
    )
    return precise_root(ensemble, parameters, "edge_alpha", alpha, start, working)


def _precise(
    model: Model, alpha: Fraction, kind: str, working: int, start: Start | None
) -> dict[str, Any]:
    at = precise_edge(model, alpha, kind, working, start)
    parameters = {**parameters_of(model), ALPHA: alpha}
    found = precise_values(
        ensemble_of(model), parameters, at, context(working), "inverse_stieltjes"
    )
    return {"t": at, "value": found["inverse_stieltjes"]}
