"""Numbers for any expression of averages, in the three arithmetics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from bbpsym.answers.asking import ROUNDED_DIGITS, side_of
from bbpsym.answers.parametric import DRAWN
from bbpsym.answers.result import CERTIFIED_DIGITS, Averaged
from bbpsym.errors import ConvergenceError, DomainError, PrecisionError, quoted
from bbpsym.laws.known_laws import KnownLaw
from bbpsym.numerics import double, enclosures, multiprecision
from bbpsym.numerics.curve import LEFT, Side
from bbpsym.numerics.double import Estimate, known_digits
from bbpsym.numerics.measures import FEWEST_DIGITS, Measure
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number
from bbpsym.writing.display import DOUBLE_DIGITS, counted

if TYPE_CHECKING:
    from sympy import Expr

    from bbpsym.compilation.compile import System

#: Name of the one output.
VALUE = "value"

#: Least positive number with all digits of a double.
SMALLEST = np.finfo(float).tiny

ARITHMETICS = ("numpy", "mpmath", "arb")


@floats.own_settings
def evaluate(
    expression: Expr,
    model: Averaged,
    *,
    t: Number,
    alpha: Number | None = None,
    digits: int | None = None,
    certified: bool = False,
    side: str = LEFT,
) -> Any:
    """Evaluate an expression of averages at a point of the curve of a model.

    Parameters
    ----------
    expression : Expr
        In f, g, u and alpha of `bbpsym.symbols` and `Average` of them, as in `bbpsym.equations`,
        in the units of the matrix; also in a, p and p_star of a `Model`.
    model : Model or Ensemble
        What the averages run over.
    t : number
        The point, positive, at most 1 where the weights have a bound: `g = -p t/2` for a Model,
        `-t/2` in units of p at p = inf; `-t/|f_-|` and `t/f_+` left and right for an Ensemble.
    alpha : number, optional
        Signal-to-noise ratio, if it is in the expression.
    digits : int, optional
        Significant decimal digits; 12 or more in double precision without it.
    certified : bool
        Whether to enclose the value by ball arithmetic.
    side : {"left", "right"}
        Side of the bulk.

    Returns
    -------
    float, mpmath number or Ball

    Raises
    ------
    DomainError
        If an average has no reduction to one dimension, a symbol has no value, or an argument is
        out of range.
    PrecisionError
        If the digits cannot be reached, as where the value is zero, or without `digits` where it is
        beyond the range of double precision.

    Notes
    -----
    `bbpsym.averages.laplace_variable.reduce` writes averages as integrals over one variable.
    SymPy's `.doit()` does not come to an end on these: they are numbers by quadrature, which is
    what happens here.

    Examples
    --------
    >>> from bbpsym import Model
    >>> from bbpsym.equations.spectrum import outlier_alpha
    >>> evaluate(outlier_alpha(), Model(p=3, p_star=1, a="0.7"), t=1, digits=12)
    mpf('0.827070859046177')
    """
    seen = side_of(model, side, digits)
    given = _given(expression, seen, t, alpha)
    system, measure = _system(expression, seen), seen.curve.measure
    if certified:
        return _enclosed(system, given, seen, arguments.digits(digits) or CERTIFIED_DIGITS)
    digits = arguments.digits(digits)
    if digits is None:
        numbers = {name: float(value) for name, value in given.items()}
        estimate = _in_doubles(system, numbers, measure)
        known = known_digits(*estimate)
        if known >= DOUBLE_DIGITS and estimate.value != 0:
            return float(estimate.value)
        if not measure.is_exact:
            if known < FEWEST_DIGITS:
                reached = counted(known, "digit is", "digits are")
                raise PrecisionError(f"only {reached} reached: the law is in doubles")
            return float(estimate.value)

    def compute(working: int) -> dict[str, Any]:
        context = multiprecision.context(working)
        return multiprecision.evaluate(system, given, context, measure)

    working = digits or min(ROUNDED_DIGITS, seen.digits)
    if digits is None and known >= DOUBLE_DIGITS:  # zero, which may be too small a number
        value = compute(working)[VALUE]
        return _double(value) if abs(value) < SMALLEST else 0.0
    found = multiprecision.stable(compute, working)[VALUE]
    return found if digits else _double(found)


def _in_doubles(system: System, given: Mapping[str, Any], measure: Measure) -> Estimate:
    """The one output in double precision; nothing is known of it where a number has no double."""
    try:
        return double.evaluate(system, given, measure)[VALUE]
    except OverflowError:
        return Estimate(np.inf, np.inf)


def _double(value: Any) -> float:
    """A number of mpmath's as a float, if it is in the range of floats."""
    found = float(value)
    if not np.isfinite(found) or 0 != abs(value) < SMALLEST:
        raise PrecisionError(
            f"digits must be given: {mpmath.nstr(value, 3)} is beyond the range of double precision"
        )
    return found


def lambdify(
    expression: Expr, model: Averaged, arithmetic: str = "numpy", *, side: str = LEFT
) -> Callable[..., Any]:
    """Make a function of t, and of alpha, of an expression of averages.

    Parameters
    ----------
    expression : Expr
        As of `evaluate`.
    model : Model or Ensemble
        What the averages run over.
    arithmetic : {"numpy", "mpmath", "arb"}
        What the function computes in: NumPy's doubles, for arrays of t; mpmath numbers, to the
        keyword `digits` of the function; balls of python-flint at the precision of `flint.ctx`.
    side : {"left", "right"}
        Side of the bulk.

    Returns
    -------
    callable
        Maps (t, alpha=None) to the value; with "mpmath" (t, alpha=None, digits=15).

    Raises
    ------
    DomainError
        If the arithmetic is none of the three, or an average has no reduction.

    Examples
    --------
    >>> from bbpsym import Model
    >>> from bbpsym.equations.spectrum import outlier_alpha
    >>> function = lambdify(outlier_alpha(), Model(p=3, p_star=1, a="0.7"))
    >>> function([0.5, 1.0]).round(6)
    array([2.889556, 0.827071])
    """
    if arithmetic not in ARITHMETICS:
        raise DomainError(f"arithmetic must be one of {', '.join(ARITHMETICS)}, not {arithmetic!r}")
    seen = side_of(model, side)
    system, measure = _system(expression, seen), seen.curve.measure

    @floats.own_settings
    def arrays(t: Any, alpha: Any = None) -> Any:
        points = floats.read(t, "t")
        given = _named(expression, seen, points, None if alpha is None else floats.read(alpha, "a"))
        numbers = {k: v if np.ndim(v) else float(v) for k, v in given.items()}
        value, error = _in_doubles(system, numbers, measure)
        known = np.isfinite(value) & (error <= DRAWN * np.maximum(1, np.abs(value)))
        if not np.all(known):
            raise ConvergenceError(f"the value is not known to {DRAWN:.0e} at some t")
        return np.asarray(value)

    def digits_of(t: Any, alpha: Any = None, digits: int = 15) -> Any:
        return evaluate(expression, model, t=t, alpha=alpha, digits=digits, side=side)

    def balls(t: Any, alpha: Any = None) -> Any:
        import flint

        given = _named(expression, seen, t, alpha)
        return enclosures.evaluate(system, given, flint.ctx.prec, measure)[VALUE]

    return {"numpy": arrays, "mpmath": digits_of, "arb": balls}[arithmetic]


def _given(expression: Expr, seen: Side, t: Any, alpha: Any) -> dict[str, Any]:
    """Values of all parameters, exact."""
    t = arguments.positive(t, "t", arguments.DECADES_OF_ALPHA)
    if seen.curve.grid[-1] <= 1 and t > 1:
        raise DomainError(f"t must be at most 1 for {seen.curve.name}, not {t}")
    ratio = None if alpha is None else arguments.signal_to_noise(alpha)
    return _named(expression, seen, t, ratio)


def _named(expression: Expr, seen: Side, t: Any, alpha: Any) -> dict[str, Any]:
    given = {**seen.curve.parameters, Parameter.T: t}
    given |= {} if alpha is None else {Parameter.ALPHA: alpha}
    missing = set(_system(expression, seen).parameters) - {str(name) for name in given}
    if missing:
        raise DomainError(f"expression holds {', '.join(sorted(missing))}, which has no value")
    return given


def _system(expression: Expr, seen: Side) -> System:
    from sympy import I, Sum, nan, zoo

    from bbpsym.laws.expressions import is_function

    law = seen.curve.law
    written = law.written if isinstance(law, KnownLaw) else law
    if not is_function(expression) or expression.has(I, nan, zoo, Sum):
        raise DomainError(
            f"expression must be one of SymPy's with real values, not {quoted(expression)}"
        )
    return _reduced(expression, written, seen.sign, seen.unit)


@lru_cache(maxsize=64)
def _reduced(expression: Expr, law: Any, sign: int, unit: Any) -> System:
    """The expression as integrals, in units of the law."""
    from sympy import Float

    from bbpsym.averages.laplace_variable import reduce
    from bbpsym.compilation.compile import System
    from bbpsym.laws.expressions import rational
    from bbpsym.symbols import f, g

    scale = sign * rational(unit)
    decimals = {item: rational(arguments.exact(item)) for item in expression.atoms(Float)}
    scaled = expression.xreplace({f: scale * f, g: g / scale, **decimals})
    return System({VALUE: reduce(scaled, law)})


def _enclosed(system: System, given: dict[str, Any], seen: Side, digits: int) -> Any:
    reason = "the enclosure stays too wide"
    for bits in enclosures.working_bits(digits):
        with enclosures.precision(bits):
            try:
                found = enclosures.evaluate(system, given, bits, seen.curve.measure)[VALUE]
            except PrecisionError as error:
                reason = str(error)
                continue
            if enclosures.is_narrow(found, digits):
                return enclosures.as_ball(found, digits)
    raise PrecisionError(f"the value is undecided at {digits} digits: {reason}")
