"""Edge, outliers and transition of a network to many digits, starting in double precision."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb

from bbpsym.ensembles.networks.support import lower_end
from bbpsym.errors import PrecisionError
from bbpsym.numerics.enclosures import ball
from bbpsym.numerics.networks.lattice import rule
from bbpsym.numerics.networks.network_digits import (
    Moments,
    lowest,
    precise,
    quadratic_form,
    why_not_supported,
)
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.scalar_curve import (
    SMOOTH,
    EnclosedEdge,
    ScalarCurve,
    SectorOutlier,
    Transition,
)
from bbpsym.numerics.networks.scalar_nodes import curve_of

#: Level of the rule in double precision that gives slopes, and the relative step of their quotient.
LEVEL, QUOTIENT = 2, 1e-5

#: Most digits.
MOST_DIGITS = 200


def edge_digits(law: NodeLaw, alpha: Fraction, found: EnclosedEdge, digits: int) -> dict[str, Any]:
    """The edge and its t."""

    def residual(t: Any, m: Moments) -> Any:
        return ball(alpha) * t * t * m.m - 1  # a ball has the digits of where it is made

    def double(curve: ScalarCurve, t: float) -> float:
        return float(alpha) * t * t * float(curve.at(t)[1][0]) - 1

    def numbers(t: Any, m: Moments) -> dict[str, Any]:
        return {"value": -1 / t + ball(alpha) * m.k, "g": t}

    return _solved(law, digits, found.t, found.kind == SMOOTH, residual, double, numbers)


def outlier_digits(
    law: NodeLaw, alpha: Fraction, found: SectorOutlier, digits: int
) -> dict[str, Any]:
    """An outlier, its overlaps and its t."""
    number = found.number
    _check_block(law, found, digits)

    def residual(t: Any, m: Moments) -> Any:
        return -1 + t * ball(alpha) * (m.k - lowest(m.sigma, number)[0])

    def double(curve: ScalarCurve, t: float) -> float:
        return curve.distance(curve.blocks[0], number, t, float(alpha))

    def numbers(t: Any, m: Moments) -> dict[str, Any]:
        a = ball(alpha)
        return {"value": -1 / t + a * m.k, "g": t, **_overlaps(law, number, a, t, m)}

    return _solved(law, digits, found.t, False, residual, double, numbers)


def transition_digits(law: NodeLaw, found: Transition, digits: int) -> dict[str, Any]:
    """A threshold and what belongs to it.

    Where `1/(1 + t f)` has peaks at the end of t there is no `alpha_c`, nor a smooth edge.
    """
    _check_block(law, found, digits)

    def residual(t: Any, m: Moments) -> Any:
        return (m.k - lowest(m.sigma, 0)[0]) / (t * m.m) - 1

    def double(curve: ScalarCurve, t: float) -> float:
        return curve.gap(curve.blocks[0], t)

    def numbers(t: Any, m: Moments) -> dict[str, Any]:
        jumps = found.jumps
        a = 1 / (t * (m.k - lowest(m.sigma, 0)[0])) if jumps else 1 / (t * t * m.m)
        zero = dict.fromkeys(("overlap2", "teacher2", "student2"), arb(0))
        overlaps = _overlaps(law, 0, a, t, m) if jumps else zero
        return {"alpha": a, "value": -1 / t + a * m.k, "g": t, **overlaps}

    values = _solved(law, digits, found.t, found.jumps, residual, double, numbers)
    support = lower_end(law.network, law.sign)
    if found.alpha_c == 0:
        values["alpha_c"] = 0 * values["alpha"]
    elif support.low < 0 and support.limit is not None and not support.point:
        at_end: Callable = lambda t, m: {"alpha_c": 1 / (t * t * m.m)}  # noqa: E731
        values |= _solved(law, digits, found.t, True, residual, double, at_end)
    return values


def _solved(
    law: NodeLaw,
    digits: int,
    start: float,
    is_end: bool,
    residual: Callable[[Any, Moments], Any],
    double: Callable[[ScalarCurve, float], float],
    numbers: Callable[[Any, Moments], dict[str, Any]],
) -> dict[str, Any]:
    """Refine t, or take it at the end of the support, and evaluate numbers there."""
    if reason := why_not_supported(law):
        raise PrecisionError(f"digits must be fewer than {digits} for {law.network!r}: {reason}")
    support = lower_end(law.network, law.sign)
    step = rule(len(law.variables), LEVEL).step
    if is_end:
        if support.limit is None:
            raise PrecisionError(
                f"digits must be fewer than {digits} for {law.network!r}: the end of its weights "
                "is known in double precision"
            )
        if support.point:
            raise PrecisionError(
                f"digits must be fewer than {digits} for {law.network!r}: its averages have narrow "
                "peaks at a smooth edge"
            )
        return precise(
            law, digits, (0.0, 1.0), step, None, numbers, lambda n: -1 / support.precise(n)
        )
    curve, width = curve_of(law, LEVEL), QUOTIENT * start
    slope = (double(curve, start + width) - double(curve, start - width)) / (2 * width)
    return precise(law, digits, (start, slope), step, residual, numbers)


def _check_block(law: NodeLaw, found: SectorOutlier | Transition, digits: int) -> None:
    """Refuse the trivial sector at p = inf, whose block is not an average of the weight alone."""
    if found.block.entries.size == 0:
        raise PrecisionError(
            f"digits must be fewer than {digits} for the {found.block.name} sector of "
            f"{law.network!r}"
        )


def _overlaps(law: NodeLaw, number: int, alpha: Any, t: Any, m: Moments) -> dict[str, Any]:
    """Squared overlaps as in `ScalarCurve.overlaps`."""
    _, vector = lowest(m.sigma, number)
    forms = _forms(law)
    total = 1 / (1 - alpha * quadratic_form(m.slope, vector) / (alpha * m.m - 1 / (t * t)))
    shares = (total * quadratic_form(form, vector) for form in forms)
    return {"overlap2": total, **dict(zip(("teacher2", "student2"), shares, strict=True))}


def _forms(law: NodeLaw) -> list[list[list[Any]]]:
    """Projectors on both spans in the directions that F depends on, to all digits."""
    kept = [k for k, v in enumerate(law.network.frame) if v in law.variables]
    return [
        [[arb(str(form[i, j].evalf(MOST_DIGITS))) for j in kept] for i in kept]
        for form in law.network.projectors
    ]
