"""Where the transition changes from continuous to discontinuous."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from bbpsym.answers.asking import ROUNDED_DIGITS
from bbpsym.answers.result import CERTIFIED_DIGITS
from bbpsym.compilation.systems import crossover_system
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.model import Model, in_numbers
from bbpsym.numerics import arb_digits, double, enclosures, multiprecision
from bbpsym.numerics import certified as balls
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.double import Estimate, known_digits
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Whole
from bbpsym.writing.display import DOUBLE_DIGITS

#: Range of a that is searched.
LOWEST, HIGHEST = 1e-12, 1e12


@floats.own_settings
def critical_a(p: Whole, p_star: Whole, digits: int | None = None, certified: bool = False) -> Any:
    """Find the a at which the transition changes type, where alpha_BBP = alpha_c.

    Below it the transition is continuous, above it discontinuous; for p >= p* the threshold
    alpha_BBP(a) has its minimum there.

    Parameters
    ----------
    p, p_star : int
        Student and teacher width, 1 to 1e6.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    certified : bool
        Whether to enclose the number by ball arithmetic; 15 digits unless others are asked for.
        It is then proved that the type changes once within the ball, but not that it changes
        nowhere else.

    Returns
    -------
    float, mpmath number or Ball

    Raises
    ------
    DomainError
        If an argument is out of range; p = inf is always discontinuous, eq. (53).
    PrecisionError
        If the digits cannot be reached.

    Examples
    --------
    >>> f"{critical_a(p=2, p_star=1):.12f}"
    '0.830386524051'
    """
    if arguments.is_infinite(p):
        raise DomainError("p must be finite: at p = inf the transition is discontinuous for all a")
    model = in_numbers(arguments.width(p, "p"), p_star, 1)
    digits = arguments.digits(digits)
    root = _double(model)
    if certified:
        return _certified(model, float(root.value), digits or CERTIFIED_DIGITS)
    if digits is None and known_digits(*root) >= DOUBLE_DIGITS:
        return float(root.value)
    start = float(root.value), max(1, known_digits(*root) - 1)

    def compute(working: int) -> dict[str, Any]:
        nonlocal start
        step = _newton_step(model)
        found = multiprecision.refine(step, *start, working)
        start = found, working - 10
        return {"a": found}

    found = multiprecision.stable(compute, digits or ROUNDED_DIGITS)["a"]
    return found if digits else float(found)


def _certified(model: Model, guess: float, digits: int) -> Ball:
    """The root in a ball that is narrow enough for `digits`."""

    def curve(at: arb, bits: int, slope: bool = True) -> tuple[arb, arb]:
        parameters = {**_widths(model), Parameter.A: at}
        equations, measure = crossover_system(model.curve.law), model.curve.measure
        found = enclosures.evaluate(equations, parameters, bits, measure)
        return found["ratio"], found["ratio_slope"]

    for bits in enclosures.working_bits(digits):
        with enclosures.precision(bits):
            found = balls.newton_root(curve, guess, bits)
            if enclosures.is_narrow(found, digits):
                return enclosures.as_ball(found, digits)
    raise PrecisionError(
        f"critical a of p={model.p}, p_star={model.p_star} is undecided at {digits} digits"
    )


def _double(model: Model) -> Estimate:
    widths, equations = _widths(model), crossover_system(model.curve.law)

    def curve(at: np.ndarray) -> tuple[Estimate, np.ndarray]:
        found = double.evaluate(equations, {**widths, Parameter.A: at}, model.curve.measure)
        ratio, error = found["ratio"]
        return Estimate(1 / ratio, error / ratio**2), -found["ratio_slope"].value

    return double.solve_logarithmic(curve, np.array(1.0), lower=LOWEST, upper=HIGHEST)


def _newton_step(model: Model) -> Any:
    """Newton's correction of a in `log(ratio)` against `log(a)`."""

    def step(at: Any, ctx: Any) -> Any:
        parameters = {**_widths(model), Parameter.A: at}
        found = arb_digits.evaluate(crossover_system(model.curve.law), parameters, ctx)
        return -at * ctx.ln(found["ratio"]) / found["ratio_slope"]

    return step


def _widths(model: Model) -> dict:
    return {Parameter.P: model.p, Parameter.P_STAR: model.p_star}
