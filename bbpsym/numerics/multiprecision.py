"""Compiled systems at any precision, in private mpmath contexts.

No precision is global: every evaluation runs in a context of its own, and a result is accepted
when two evaluations with different precision, step and range agree to the digits asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

from mpmath.ctx_mp import MPContext

from bbpsym.compilation.compiled import Compiled
from bbpsym.errors import PrecisionError

#: Working digits that are not halved any further; the halving comes to rest at ten.
FEWEST = 15


class PreciseNodes(Protocol):
    """What averages run over, as far as digits are concerned."""

    def nodes(self, values: Mapping[str, Any], ctx: Any) -> Iterable[tuple[dict, Any]]:
        """Yield variables and share of every node, in the arithmetic of `ctx`."""
        ...


class _Contexts(threading.local):
    """The contexts of a thread: mpmath's functions raise the precision of theirs for a while."""

    def __init__(self) -> None:
        self.of = lru_cache(maxsize=32)(_make)


def context(digits: int) -> Any:
    """Return an mpmath context of `digits` decimal digits; not to be changed by the caller.

    Every thread has its own. Its numbers can be pickled, so that results travel between processes.
    """
    return _contexts.of(digits)


def _make(digits: int) -> Any:
    private = MPContext()
    private.dps = digits
    private.mpf.__reduce__ = lambda number: (_number, (digits, number._mpf_))
    return private


_contexts = _Contexts()


def _number(digits: int, value: tuple) -> Any:
    """Make a number of `context(digits)` from mpmath's own representation."""
    return context(digits).make_mpf(value)


def convert(number: Any, ctx: Any) -> Any:
    """Convert a number to `ctx`: exact ones to its precision, others without loss."""
    if isinstance(number, Fraction):
        return ctx.mpf(number.numerator) / number.denominator
    if hasattr(number, "evalf"):  # a number of SymPy's in closed form
        if number.is_Rational:
            return ctx.mpf(int(number.p)) / int(number.q)
        return ctx.mpf(str(number.evalf(ctx.dps + 5)))
    return ctx.convert(number)


def evaluate(
    system: Compiled, parameters: Mapping[Any, Any], ctx: Any, measure: PreciseNodes
) -> dict[str, Any]:
    """Evaluate every output of `system` at the precision of `ctx`.

    Parameters
    ----------
    system : Compiled
        Expressions, compiled.
    parameters : mapping of str or Symbol to number
        One exact or mpmath number for each of `system.parameters`.
    ctx : mpmath context
        Arithmetic and precision.
    measure : PreciseNodes
        What the integrals run over.
    """
    given = {str(name): convert(value, ctx) for name, value in parameters.items()}
    values = [given[name] for name in system.parameters]
    integrands, combine = system.mpmath(ctx)
    sums = [ctx.zero] * system.integral_count
    for at, share in measure.nodes(given, ctx) if sums else ():
        terms = integrands(*map(at.__getitem__, system.nodes), *values)
        sums = [total + share * term for total, term in zip(sums, terms, strict=True)]
    outputs = map(ctx.convert, combine(sums, *values))
    return dict(zip(system.outputs, outputs, strict=True))


def refine(newton_step: Callable[[Any, Any], Any], start: float, correct: int, digits: int) -> Any:
    """Raise a double-precision root to `digits`, doubling the precision with every Newton step.

    Parameters
    ----------
    newton_step : callable
        Maps (x, ctx) to Newton's correction of x in `ctx`.
    start : float
        The root to `correct` digits.
    digits : int
        Digits wanted.
    """
    precisions = [digits + 10]
    while precisions[-1] > max(2 * correct, FEWEST):
        precisions.append((precisions[-1] + 10) // 2)
    x: Any = start
    for precision in reversed(precisions):
        ctx = context(precision)
        x = ctx.mpf(x)
        x += newton_step(x, ctx)
    return x


def stable(compute: Callable[[int], Mapping[str, Any]], digits: int) -> dict[str, Any]:
    """Return the values of `compute` once `digits` of each of them are known to be right.

    Parameters
    ----------
    compute : callable
        Maps a number of working digits to named values (or None).
    digits : int
        Significant decimal digits promised.

    Returns
    -------
    dict of str to mpmath number
        Numbers of a context with `digits` digits.

    Raises
    ------
    PrecisionError
        If three rounds of raising the working precision do not make the values stable.
    """
    working = digits + 12
    coarse = compute(working)
    for extra in (13, 40, digits):
        working += extra
        fine = compute(working)
        if all(_agree(coarse[name], fine[name], digits) for name in fine):
            ctx = context(digits)
            return {
                name: None if value is None else ctx.make_mpf(value._mpf_)
                for name, value in fine.items()
            }
        coarse = fine
    raise PrecisionError(
        f"digits={digits} could not be reached: values unstable at {working} digits"
    )


def _agree(coarse: Any, fine: Any, digits: int) -> bool:
    """Whether two values agree to ten digits more than are promised."""
    if coarse is None or fine is None:
        return coarse is fine
    ctx = context(digits + 30)
    return abs(ctx.mpf(fine) - coarse) <= abs(ctx.mpf(fine)) * ctx.mpf(10) ** (-digits - 10)
