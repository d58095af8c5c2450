"""Answers by ball arithmetic: proved, and enclosed to the digits asked for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from bbpsym import arguments
from bbpsym.answers.result import (
    CERTIFIED_DIGITS,
    Outputs,
    ResultType,
    answer,
    numbers_of,
)
from bbpsym.errors import PrecisionError, UndecidedError
from bbpsym.numerics.arithmetic import Balls
from bbpsym.numerics.curve import Side
from bbpsym.numerics.enclosures import as_ball, is_narrow, precision, working_bits
from bbpsym.numerics.roots import Root


def certified_answer(
    build: Callable[..., ResultType],
    side: Side,
    root: Root,
    outputs: Outputs,
    digits: int | None,
    prove: Callable[[int], bool],
    alpha: Fraction | None = None,
) -> ResultType:
    """Answer by enclosures, with a precision that is raised until they are narrow enough.

    Parameters
    ----------
    digits : int, optional
        Digits to certify; 15 without it.
    prove : callable
        Proves, with a number of bits, that `root` is the one asked for, or raises PrecisionError;
        returns whether it is also proved to be the only one.

    Raises
    ------
    DomainError
        If the law has no bounds for its integrals.
    PrecisionError
        If a sign or a root stays undecided, or a ball too wide, at more than twice the digits.
    """
    digits = arguments.digits(digits) or CERTIFIED_DIGITS
    reason = ""
    for bits in working_bits(digits):
        with precision(bits):  # all of it, so that no other thread changes the bits in between
            try:
                unique = prove(bits)
                balls = numbers_of(side, root, outputs, alpha, Balls(bits))
            except PrecisionError as error:
                reason = str(error)
                continue
            if all(is_narrow(item, digits) for item in balls.values()):
                errors = {name: float(item.rad()) for name, item in balls.items()}
                numbers: dict[str, Any] = {k: as_ball(item, digits) for k, item in balls.items()}
                how: dict[str, Any] = {"digits": digits, "method": "ball arithmetic"}
                return build(**numbers, unique=unique, errors=errors, **how)
        reason = "the enclosures stay too wide"
    raise PrecisionError(f"{side.curve.name} is undecided at {digits} digits: {reason}")


def answer_by(
    prove: Callable[[int], bool] | None,
    build: Callable[..., ResultType],
    side: Side,
    root: Root,
    outputs: Outputs,
    digits: int | None,
    alpha: Fraction | None = None,
) -> ResultType:
    """Answer by enclosures with a proof, and without one as `answer` does."""
    if prove is None:
        return answer(build, side, root, outputs, digits, alpha)
    return certified_answer(build, side, root, outputs, digits, prove, alpha)


def proved(prove: Callable[[int], bool], digits: int | None, side: Side) -> None:
    """Prove what needs no number, with a precision that is raised until it is done.

    Raises
    ------
    UndecidedError
        If it stays undecided at more than twice the digits.
    """
    for bits in working_bits(arguments.digits(digits) or CERTIFIED_DIGITS):
        try:
            with precision(bits):  # no other thread changes the bits in between
                prove(bits)
        except PrecisionError as error:
            reason = str(error)
        else:
            return
    raise UndecidedError(f"{side.curve.name} is undecided: {reason}")
