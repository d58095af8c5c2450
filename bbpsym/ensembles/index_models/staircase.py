"""Directions of a teacher that are found one after the other, with the help of those known.

Who knows some directions knows their pre-activations of every sample, and may use them beside the
label. Orthogonal to them the inputs are Gaussian still, so that the theory of several indices holds
as it is, with the law of the others given both. `y = A psi + B`, A and B of what is known, tells as
much as psi.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isinf

import numpy as np
from sympy import Abs, Expr, Symbol, asinh, atan, erf, exp, factor_terms, sign, sinh, symbols, tanh

from bbpsym.ensembles.index_models.label_cells import LabelCells
from bbpsym.ensembles.index_models.multi_index import MultiIndex
from bbpsym.ensembles.index_models.teachers import INDICES, formula_of, teacher_of
from bbpsym.errors import DomainError
from bbpsym.writing.display import DOUBLE_DIGITS

#: Thresholds that agree so well are one, and components of a direction that are none.
SAME = 1e-9

#: Functions that tell as much as what they are of.
ONE_TO_ONE = (tanh, sinh, asinh, atan, exp, erf)

#: Mean squares of an index given the label that count as seen, and as none.
SEEN, NOT_SEEN = 0.02, 0.01


@dataclass(frozen=True)
class Stair:
    """What is found next.

    Attributes
    ----------
    found : tuple of str
        Indices of the teacher, all that are seen from the same alpha on.
    given : tuple of str
        Those that are known before.
    alpha : float
        Threshold of the best spectral method that uses them: 0 where the mean of an index given
        what is known is not zero, so that it is seen at any alpha; infinite where nothing is seen.
    digits : int
        Digits to which it is known.
    """

    found: tuple[str, ...]
    given: tuple[str, ...]
    alpha: float
    digits: int = DOUBLE_DIGITS


def staircase(teacher: str) -> tuple[Stair, ...]:
    """Return the steps in which the indices of a teacher are found.

    Parameters
    ----------
    teacher : str
        Label in u1, u2 and u3.

    Returns
    -------
    tuple of Stair
        The last one has an infinite alpha where something stays hidden. Indices found before count
        as known exactly, as they are well above their threshold: with less the next needs more.

    Raises
    ------
    DomainError
        If a step is not of the form `A psi + B`, of one or two indices or in closed form.

    Notes
    -----
    Hierarchical weak learnability: E. Troiani and others, arXiv 2405.15480. Thresholds are those of
    `MultiIndex.weak_recovery` with the law given the known indices.

    Examples
    --------
    >>> for step in staircase("u1^2 + sign(u1*u2*u3)"):
    ...     print(step.found, step.given, f"{step.alpha:.6f}")
    ('u1',) () 0.575166
    ('u2', 'u3') ('u1',) 2.467401
    """
    formula = formula_of(teacher)
    names = [str(index) for index in INDICES if index in formula.free_symbols]
    known: list[str] = []
    steps: list[Stair] = []
    while len(known) < len(names):
        steps.append(_next(formula, known))
        if isinf(steps[-1].alpha):
            break
        known += steps[-1].found
    return tuple(steps)


def given(teacher: str, known: Iterable[str]) -> MultiIndex:
    """Return the teacher of the other indices for whoever knows some of them.

    Parameters
    ----------
    teacher : str
        Label in u1, u2 and u3.
    known : iterable of str
        Names of the indices that are known.

    Returns
    -------
    MultiIndex
        Its directions are those of the other indices, in their order.

    Raises
    ------
    DomainError
        If it is not of the form `A psi + B` with a psi that is known, or every alpha shows the
        others.

    Examples
    --------
    >>> print(f"{given('u1*u2*u3', ['u1']).weak_recovery:.9f}")
    0.593751098
    """
    names = list(known)
    core, rest = _core(formula_of(teacher), names)
    if seen := _seen_at_once(core, rest):
        raise DomainError(
            f"given must leave something to find: {seen[0]} is seen at any alpha then"
        )
    return _renamed(core, rest)


def _next(formula: Expr, known: list[str]) -> Stair:
    """Indices seen first by whoever knows some, and from which alpha on."""
    core, rest = _core(formula, known)
    names, before = tuple(map(str, rest)), tuple(known)
    if at_once := _seen_at_once(core, rest):
        return Stair(at_once, before, 0.0)
    teacher = _renamed(core, rest)
    methods, digits = teacher.methods(), min(teacher.recovery_digits, DOUBLE_DIGITS)
    alpha = float(methods[0].weak_recovery)
    if isinf(alpha) or methods[0].direction is None:
        return Stair(names, before, alpha, digits)
    same = max(SAME, 10.0**-digits)
    first = np.array([m.direction for m in methods if m.weak_recovery <= alpha * (1 + same)])
    seen = np.abs(first).max(axis=0) > same
    if seen.sum() != len(first):
        raise DomainError(
            f"teacher must show whole indices first, not mixtures, as {teacher.name} does"
        )
    found = tuple(name for name, is_seen in zip(names, seen, strict=True) if is_seen)
    return Stair(found, before, alpha, digits)


def _seen_at_once(core: Expr, rest: list[Symbol]) -> tuple[str, ...]:
    """Indices whose mean given the label is not zero, so that any alpha shows them."""
    if len(rest) == 1 and _is_odd(core, rest[0]):
        return (str(rest[0]),)
    teacher = _renamed(core, rest)
    if not isinstance(teacher, LabelCells) or teacher.hides_signs:
        return ()
    squares, signed = teacher.means(), teacher.signed
    shown = [k for k in signed if squares[k, k] > SEEN]
    levels = np.linalg.eigvalsh(squares[np.ix_(shown, shown)]) if shown else np.zeros(0)
    if any(NOT_SEEN < squares[k, k] <= SEEN for k in signed) or np.any(levels < SEEN):
        raise DomainError(
            f"teacher must show whole indices first, not mixtures, as {teacher.name} does"
        )
    return tuple(str(rest[k]) for k in shown)


def _core(formula: Expr, known: list[str]) -> tuple[Expr, list[Symbol]]:
    """What is left of a label when known indices have explained all they can, and of what."""
    named = [str(index) for index in INDICES if index in formula.free_symbols]
    if not set(known) < set(named) or len(set(known)) < len(known):
        raise DomainError(f"given must name some of {', '.join(named)}, not {', '.join(known)}")
    rest = [index for index in INDICES if str(index) in named and str(index) not in known]
    others = [index for index in INDICES if str(index) in known]
    _, core = formula.as_independent(*rest, as_Add=True)
    factor, core = factor_terms(core).as_independent(*rest, as_Add=False)
    while isinstance(core, ONE_TO_ONE):
        _, core = core.args[0].as_independent(*rest, as_Add=True)
        inner, core = factor_terms(core).as_independent(*rest, as_Add=False)
        factor *= inner
    while isinstance(core, sign):
        inner, argument = core.args[0].as_independent(*rest, as_Add=False)
        factor *= inner
        core = sign(argument)
        if inner == 1:
            break
    if core.free_symbols != set(rest) or not _is_never_zero(factor, others):
        raise DomainError(
            f"teacher must be A*psi+B in what is given and what is not, not {formula}"
        )
    return core, rest


def _is_never_zero(factor: Expr, known: list[Symbol]) -> bool:
    """Whether a factor is a polynomial, signs aside, and so zero with probability zero."""
    bare = factor.replace(sign, lambda argument: argument).replace(Abs, lambda argument: argument)
    return bool(bare != 0 and bare.is_polynomial(*known))


def _is_odd(core: Expr, index: Symbol) -> bool:
    """Whether a label of one index is an odd power of it, or its sign."""
    return core == sign(index) or _power(core, index) % 2 == 1


def _power(core: Expr, index: Symbol) -> int:
    base, exponent = core.as_base_exp()
    return int(exponent) if base == index and exponent.is_positive and exponent.is_integer else 0


def _renamed(core: Expr, rest: list[Symbol]) -> MultiIndex:
    """The teacher that a formula of some indices is, with u1, u2, ... for these."""
    if len(rest) == 1 and (core == Abs(rest[0]) or _power(core, rest[0])):
        core = rest[0] ** 2  # tells as much as any even power
    places = dict(zip(rest, symbols("v1:4"), strict=False))
    back = dict(zip(symbols("v1:4"), INDICES, strict=True))
    return teacher_of(str(core.xreplace(places).xreplace(back)))
