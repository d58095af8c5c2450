"""Whether a formula is differentiable twice: a kink is an atom of the second derivative."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.optimize import minimize_scalar
from sympy import (
    Abs,
    DiracDelta,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Pow,
    Rational,
    Symbol,
    ceiling,
    floor,
    frac,
    im,
    lambdify,
    piecewise_fold,
    re,
    sign,
    simplify,
    solve,
)
from sympy.core.relational import Relational

from bbpsym.equations.weights import argument, prediction
from bbpsym.errors import DomainError
from bbpsym.symbols import label
from bbpsym.writing.handwriting import text

#: Functions that jump, or bend by more than a derivative can tell.
JUMPS = (Heaviside, sign, floor, ceiling, frac, DiracDelta)
BENDS = (Abs, Max, Min, Piecewise)
COMPLEX = (re, im)

#: Pre-activations among which a root of the loss is looked for, how many, and the share of a
#: typical value that counts as none.
SEARCHED, PLACES, TOUCHED = 40.0, 4001, 1e-12

#: A label, and the distances from a kink at which slopes are compared.
LABEL, STEPS = Rational(7, 10), (1e-5, 1e-3)


def check_twice_differentiable(formula: Expr, variable: Symbol, name: str) -> None:
    """Refuse a formula whose second derivative is not a function.

    Raises
    ------
    DomainError
        If the formula jumps, or its first derivative does.
    """
    shown = _text(formula)
    if formula.has(*COMPLEX):
        raise DomainError(f"{name} must be a real formula, and {shown} takes complex parts")
    if formula.has(*JUMPS):
        raise DomainError(f"{name} must be differentiable twice, and {shown} jumps")
    if not formula.has(*BENDS):
        return
    pieces = piecewise_fold(formula.rewrite(Piecewise))
    for order in (0, 1):
        for point, jump in _jumps(pieces.diff(variable, order), variable):
            if jump != 0:
                what = "jumps" if order == 0 else "has a kink, an atom of its second derivative,"
                raise DomainError(
                    f"{name} must be differentiable twice, and {shown} {what} at "
                    f"{_text(variable)} = {_text(point)}"
                )


def check_composition(loss: Expr, node: Expr) -> None:
    """Refuse a loss whose root is a kink in the pre-activation of a single node.

    So is `sqrt(yh)` of a square, which is `|x|`; of several nodes it is a cone, without an atom.

    Raises
    ------
    DomainError
        If the loss has a kink as a function of the pre-activation.
    """
    for root in loss.atoms(Pow):
        if root.exp.is_Integer or not root.base.has(prediction):
            continue
        for place in sorted(_touches(root.base.subs(prediction, node)), key=abs):
            if _bends(loss.subs(prediction, node), place):
                raise DomainError(
                    f"loss must be differentiable twice, and {_text(loss)} has a kink, an atom of "
                    f"its second derivative, at {_text(argument)} = {place:.3g}"
                )


def _touches(base: Expr) -> list[float]:
    """Where a function of the pre-activation alone, which is not negative, is zero."""
    if base.free_symbols != {argument}:
        return []
    x = np.linspace(-SEARCHED, SEARCHED, PLACES)
    function = lambdify(argument, base, ["scipy", "numpy"])
    with np.errstate(all="ignore"):
        size = np.abs(np.broadcast_to(function(x), x.shape))
        lowest = np.flatnonzero((size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])) + 1
        found = [
            minimize_scalar(lambda at: abs(function(at)), (x[k - 1], x[k], x[k + 1]), tol=1e-12)
            for k in lowest
        ]
    least = TOUCHED * np.nanmedian(size)
    return [round(float(item.x), 6) + 0.0 for item in found if abs(item.fun) < least]


def _bends(composed: Expr, place: float) -> bool:
    """Whether the derivative of a loss of a given label jumps at a place, as far as is seen."""
    slope = composed.diff(argument).subs(label, LABEL)
    near, far = (
        abs(slope.subs(argument, place + step).evalf() - slope.subs(argument, place - step).evalf())
        for step in STEPS
    )
    return bool(near > max(far / 2, STEPS[0]))


def _text(formula: Expr) -> str:
    """A formula in the names in which it is given."""
    return text(formula).replace(r"\hat{y}", "yh")


def _jumps(formula: Expr, variable: Symbol) -> Iterator[tuple[Expr, Expr]]:
    """Yield every break of a formula with the jump of its value there."""
    for piecewise in formula.atoms(Piecewise):
        for (left, condition), (right, _) in pairwise(piecewise.args):
            for relation in condition.atoms(Relational):
                for point in _breaks(relation, variable):
                    change = (left - right).subs(variable, point)
                    yield point, simplify(change)


def _breaks(relation: Relational, variable: Symbol) -> list[Expr]:
    if not relation.has(variable):
        return []
    try:
        return list(solve(relation.lhs - relation.rhs, variable))
    except NotImplementedError:
        raise DomainError(f"a formula must bend at points in closed form, not {relation}") from None
