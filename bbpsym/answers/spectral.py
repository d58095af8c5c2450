"""Thresholds, edges and outliers of any ensemble; `threshold`, `edge` and `outlier` call these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from bbpsym import arguments
from bbpsym.answers.result import Result, known_digits
from bbpsym.display import DOUBLE_DIGITS
from bbpsym.ensemble import Ensemble, Frame
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.ends import End, end_of
from bbpsym.numerics.label_curves import Curves, curves_of, precise_root
from bbpsym.numerics.label_edges import (
    critical_alpha,
    decided,
    edge_root,
    exact,
    outlier_root,
    sign_at_end,
    transition,
)
from bbpsym.numerics.multiprecision import context, convert, stable
from bbpsym.numerics.places import number as unit_number

ResultType = TypeVar("ResultType", bound=Result)

#: How an edge, and a transition, are called.
SHARP, SMOOTH = "sharp", "smooth"
CONTINUOUS, DISCONTINUOUS = "continuous", "discontinuous"

#: Digits computed where double precision cannot keep its promise.
ROUNDED_DIGITS = 17

#: Digits below which nothing is answered for a law in double precision.
FEWEST_DIGITS = 6

#: Accuracy of curves that are drawn.
DRAWN = 1e-8

#: Names of eigenvalues, and the working digits that they may lose to cancellation.
EIGENVALUES = ("eigenvalue", "value")
NOISE_DIGITS = 8


def ensemble_threshold(
    build: Callable[..., ResultType], ensemble: Ensemble, digits: int | None, side: str
) -> ResultType:
    """Find the threshold of an ensemble on one side of its bulk, eq. (14)."""
    frame, curves = _seen(ensemble, digits, side)
    found = transition(curves)
    if not curves.values(found.t.value, "outlier_alpha")["outlier_alpha"].value > 0:
        raise DomainError(f"law must be one of probability, and the {ensemble.law.name} are not")
    kind = DISCONTINUOUS if found.jumps else CONTINUOUS
    names = ("outlier_alpha", "outlier_eigenvalue", *(("overlap2",) if found.jumps else ()))
    nothing = exact(0)

    def double() -> dict[str, Estimate]:
        values = curves.along(found.t, *names)
        return {
            "t": found.t,
            "alpha": values["outlier_alpha"],
            "alpha_c": critical_alpha(curves),
            "eigenvalue": values["outlier_eigenvalue"],
            "overlap2": values.get("overlap2", nothing),
        }

    def precise(working: int) -> dict[str, Any]:
        ctx = context(working)
        at = ctx.one if found.at_end else _refined(curves, "ratio", 1, found.t, working)
        values = curves.precise(at, ctx, *names)
        return {
            "t": at,
            "alpha": values["outlier_alpha"],
            "alpha_c": _precise_critical_alpha(curves, ctx),
            "eigenvalue": values["outlier_eigenvalue"],
            "overlap2": values.get("overlap2", ctx.zero),
        }

    given = {"kind": kind, "side": side}
    return _answer(build, frame, digits, double, precise, given)


def ensemble_edge(
    build: Callable[..., ResultType],
    ensemble: Ensemble,
    alpha: Fraction,
    digits: int | None,
    side: str,
) -> ResultType:
    """Find an edge of the bulk of an ensemble, eqs. (44) and (46)."""
    frame, curves = _seen(ensemble, digits, side)
    kind, at = edge_of(curves, alpha)

    def double() -> dict[str, Estimate]:
        value = curves.along(at, "inverse_stieltjes", alpha=float(alpha))["inverse_stieltjes"]
        return {"t": at, "value": value}

    def precise(working: int) -> dict[str, Any]:
        ctx = context(working)
        t = _precise_edge(curves, kind, at, alpha, working)
        values = curves.precise(t, ctx, "inverse_stieltjes", alpha=alpha)
        return {"t": t, "value": values["inverse_stieltjes"]}

    return _answer(build, frame, digits, double, precise, {"kind": kind, "side": side})


def ensemble_outlier(
    build: Callable[..., ResultType],
    ensemble: Ensemble,
    alpha: Fraction,
    digits: int | None,
    side: str,
) -> ResultType | None:
    """Find the outlier of an ensemble and its overlap, eqs. (40) and (58), or None."""
    frame, curves = _seen(ensemble, digits, side)
    if end_of(curves.frame) is End.OPEN and float(alpha) <= critical_alpha(curves).value:
        return None
    kind, end = edge_of(curves, alpha)
    try:
        at = outlier_root(curves, float(alpha), float(end.value))
    except PrecisionError:
        at = _at_threshold(curves, alpha, kind, end)
    if at is None:
        return None
    names = ("outlier_eigenvalue", "overlap2")

    def named(t: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"t": t, "value": values["outlier_eigenvalue"], "overlap2": values["overlap2"]}

    def precise(working: int) -> dict[str, Any]:
        t = _refined(curves, "outlier_alpha", alpha, at, working)
        return named(t, curves.precise(t, context(working), *names))

    def double() -> dict[str, Estimate]:
        return named(at, curves.along(at, *names))

    return _answer(build, frame, digits, double, precise, {"side": side})


def _at_threshold(curves: Curves, alpha: Fraction, kind: str, end: Estimate) -> Estimate | None:
    """The outlier of an alpha that double precision does not tell from a threshold.

    At a threshold itself there is one exactly if the transition is discontinuous.

    Raises
    ------
    PrecisionError
        If alpha lies above the threshold by less than double precision resolves, or the law is
        not known to more.
    """
    sign = _side_of_threshold(curves, alpha, kind, end) if curves.measure.is_exact else 1
    if sign > 0:
        raise PrecisionError("alpha is too close to a threshold for the accuracy reached")
    jumps = kind == SMOOTH and sign_at_end(curves) > 0
    return exact(1) if sign == 0 and jumps else None


def _side_of_threshold(curves: Curves, alpha: Fraction, kind: str, end: Estimate) -> int:
    """Sign of alpha minus the outlier curve at the edge; zero at a tie to sixty digits."""

    def excess(working: int) -> Any:
        ctx, at = context(working), _precise_edge(curves, kind, end, alpha, working)
        return convert(alpha, ctx) * curves.precise(at, ctx, "outlier_rate")["outlier_rate"] - 1

    return decided(excess)


def ensemble_along(
    ensemble: Ensemble, at: np.ndarray, names: tuple[str, ...], side: str
) -> dict[str, np.ndarray]:
    """Evaluate curves of an ensemble at many t, eigenvalues in the units of its weight.

    Raises
    ------
    ConvergenceError
        If a curve is not known to the accuracy of a picture.
    """
    frame, curves = _seen(ensemble, None, side)
    found = {}
    for name, (value, error) in curves.values(at, *names).items():
        if not np.all(error <= DRAWN * np.maximum(1, np.abs(value))):
            raise ConvergenceError(f"{name} of {ensemble!r} is not known well enough to be drawn")
        scale = frame.sign * float(frame.unit.evalf(25)) if "eigenvalue" in name else 1.0
        found[name] = value * scale
    return found


def edge_of(curves: Curves, alpha: Fraction) -> tuple[str, Estimate]:
    """Type of the edge and its t in double precision.

    Raises
    ------
    DomainError
        If all weights have one sign and alpha is too small for anything but zeros at the edge.
    """
    alpha_c = critical_alpha(curves)
    if _is_beyond(curves, alpha, alpha_c):
        return SHARP, edge_root(curves, float(alpha))
    if end_of(curves.frame) is End.OPEN:
        raise DomainError(
            f"alpha must be above {alpha_c.value:.6g}, one over the share of weights that are not "
            "zero: up to there the matrix has zero eigenvalues at this end"
        )
    return SMOOTH, exact(1)


def _is_beyond(curves: Curves, alpha: Fraction, alpha_c: Estimate) -> bool:
    """Whether alpha is above `alpha_c`; at a tie to sixty digits it is not.

    A weight made for one alpha, such as Mondelli and Montanari's, has its `alpha_c` just there.
    """
    distance = float(alpha) - float(alpha_c.value)
    if abs(distance) > 4 * alpha_c.error or not curves.measure.is_exact:
        return distance > 0

    def excess(working: int) -> Any:
        ctx = context(working)
        return convert(alpha, ctx) / _precise_critical_alpha(curves, ctx) - 1

    return decided(excess) > 0


def _seen(ensemble: Ensemble, digits: int | None, side: str) -> tuple[Frame, Curves]:
    """The ensemble from one side, after checking that the digits can be reached."""
    digits = arguments.digits(digits)
    frame = ensemble.frame(side)
    most = frame.digits if ensemble.law.is_exact else DOUBLE_DIGITS
    if digits is not None and digits > most:
        raise PrecisionError(
            f"digits must be at most {most}: the {ensemble.law.name} or the bounds of the weight "
            "are not known to more"
        )
    return frame, curves_of(frame)


def _refined(curves: Curves, name: str, target: Any, at: Estimate, working: int) -> Any:
    correct = max(2, known_digits(at.value, at.error) - 1)
    return precise_root(curves, name, target, float(at.value), correct, working)


def _precise_edge(curves: Curves, kind: str, at: Estimate, alpha: Fraction, working: int) -> Any:
    if kind == SMOOTH:
        return context(working).one
    return _refined(curves, "edge_alpha", alpha, at, working)


def _precise_critical_alpha(curves: Curves, ctx: Any) -> Any:
    end = end_of(curves.frame)
    if end is End.ALWAYS_SHARP:
        return ctx.zero
    name = "edge_alpha" if end is End.SMOOTH else "share"
    value = curves.precise(1, ctx, name)[name]
    return value if end is End.SMOOTH else 1 / value


def _answer(
    build: Callable[..., ResultType],
    frame: Frame,
    digits: int | None,
    double: Callable[[], Mapping[str, Estimate]],
    precise: Callable[[int], Mapping[str, Any]],
    given: Mapping[str, str],
) -> ResultType:
    """Answer in double precision if no digits are asked for and it can, else precisely."""
    if digits is None or not frame.measure.is_exact:
        estimates = _in_units(double(), frame, None)
        known = min(known_digits(*estimate) for estimate in estimates.values())
        errors = {name: float(e.error) for name, e in estimates.items()}
        how: dict[str, Any] = {"errors": errors, **given}
        if not frame.measure.is_exact:
            return build(**_rounded(estimates, known, digits), **how)
        if known >= DOUBLE_DIGITS:
            numbers = {name: float(e.value) for name, e in estimates.items()}
            return build(**numbers, digits=known, method="double precision", **how)
    wanted = digits or min(ROUNDED_DIGITS, frame.digits)

    def compute(working: int) -> dict[str, Any]:
        return _in_units(_without_noise(precise(working), working), frame, working)

    numbers = stable(compute, wanted)
    if digits is None:
        numbers = {name: float(value) for name, value in numbers.items()}
    shown = digits or wanted - 2
    errors = {name: abs(float(value)) * 10.0**-shown for name, value in numbers.items()}
    method = "multiprecision" if digits else "double precision from multiprecision"
    return build(**numbers, **given, digits=shown, method=method, errors=errors)


def _rounded(estimates: Mapping[str, Estimate], known: int, digits: int | None) -> dict[str, Any]:
    """Numbers of a law in double precision, with the digits that it allows."""
    shown = digits or min(known, DOUBLE_DIGITS)
    if known < max(shown, FEWEST_DIGITS):
        raise PrecisionError(f"only {known} digits are reached: the law is in double precision")
    numbers = {name: context(shown).mpf(float(e.value)) for name, e in estimates.items()}
    return {**numbers, "digits": shown, "method": "law in double precision"}


def _without_noise(found: Mapping[str, Any], working: int) -> dict[str, Any]:
    """Make an eigenvalue zero that is so to nearly all working digits, against `1/t`.

    It is a difference of terms of that size, and may vanish exactly.
    """
    ctx = context(working)
    noise = ctx.mpf(10) ** (NOISE_DIGITS - working) / found["t"]
    return {
        name: ctx.zero if name in EIGENVALUES and abs(value) < noise else value
        for name, value in found.items()
    }


def _in_units(found: Mapping[str, Any], frame: Frame, working: int | None) -> dict[str, Any]:
    """Turn back what was reflected: `lambda = sign unit l`, `g = -sign t / unit`."""
    numbers = dict(found)
    numbers["g"] = _scaled(found["t"], frame, working, inverse=True)
    for name in EIGENVALUES:
        if name in found:
            numbers[name] = _scaled(found[name], frame, working, inverse=False)
    return numbers


def _scaled(number: Any, frame: Frame, working: int | None, inverse: bool) -> Any:
    sign = -frame.sign if inverse else frame.sign
    if working is None:
        unit = float(frame.unit.evalf(25))
        factor = sign / unit if inverse else sign * unit
        rounding = 2**-52 * abs(number.value * factor) if unit != 1 else 0.0
        return Estimate(number.value * factor, number.error * abs(factor) + rounding)
    ctx = context(working)
    unit = unit_number(frame.unit, ctx)
    return sign * number / unit if inverse else sign * number * unit
