"""Teachers of several indices whose law is known in closed form."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations
from typing import Any

from sympy import Expr, Matrix, Rational, S, Symbol, besseli, besselk, exp, eye, pi, sqrt, symbols

from bbpsym.ensembles.index_models.known_at_nodes import (
    KnownAtNodes,
    product_of_three,
    square_and_sign,
)
from bbpsym.ensembles.index_models.label_cells import by_formula
from bbpsym.ensembles.index_models.multi_index import MultiIndex
from bbpsym.errors import DomainError
from bbpsym.laws.expressions import rational
from bbpsym.reading import arguments
from bbpsym.reading.formulas import read
from bbpsym.symbols import label
from bbpsym.writing.display import exact_text

#: Pre-activations of the teacher, by their names in formulas.
INDICES = u1, u2, _ = symbols("u1 u2 u3", real=True)

#: Largest ratio of two squares, and its inverse, that has a law in closed form.
LARGEST_RATIO = Rational(32)


def teacher_of(text: str) -> MultiIndex:
    """Return the teacher that a formula in u1, u2 and u3 names.

    Its directions are those of the indices in the formula, in their order. A formula whose law has
    no closed form is averaged on lattices, to two to six digits, with three indices to two or
    three.

    Raises
    ------
    DomainError
        If it is no real number everywhere.
    FormulaError
        If it is no formula in them.

    Examples
    --------
    >>> teacher_of("u2 * u1"), teacher_of("u1^2 + u2^2/2"), teacher_of("u2/u1")
    (MultiIndex(u1*u2), MultiIndex(u1^2+1/2*u2^2), MultiIndex(u2/u1))
    """
    formula = formula_of(text)
    used = indices_of(formula)
    for places in permutations(INDICES[: len(used)]):
        known = _known(formula.xreplace(dict(zip(used, places, strict=True))))
        if known is not None:
            return _moved(known, used, places)
    return by_formula(formula.xreplace(dict(zip(used, INDICES, strict=False))), text)


def indices_of(formula: Expr) -> tuple[Symbol, ...]:
    """Return the indices that a label depends on: the others are not seen, and are left out."""
    return tuple(index for index in INDICES if index in formula.free_symbols)


def formula_of(text: str) -> Expr:
    """Read a label in u1, u2 and u3.

    Raises
    ------
    FormulaError
        If it is no formula in them.
    """
    return read(text, "teacher", tuple(map(str, INDICES))).to_sympy()


def _known(formula: Expr) -> MultiIndex | None:
    """The teacher of a formula as it stands here, if there is one."""
    for known, teacher in KNOWN.items():
        if formula == formula_of(known):
            return teacher()
    ratio = formula.coeff(u2**2)
    is_known = ratio.is_number and bool(1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO)
    if is_known and formula == u1**2 + ratio * u2**2:
        return two_squares(ratio)
    return None


def _moved(teacher: MultiIndex, used: tuple[Symbol, ...], places: tuple[Symbol, ...]) -> MultiIndex:
    """Return a teacher with other indices, each in the place of one of its own."""
    names = {str(place): str(index) for place, index in zip(places, used, strict=True)}
    if all(place == index for place, index in names.items()):
        return teacher
    order = [INDICES.index(place) for place in places]
    name = re.sub("u[1-3]", lambda found: names[found.group()], teacher.name)
    if isinstance(teacher, KnownAtNodes):
        return replace(teacher, name=name, order=tuple(order))
    moments = teacher.moments.extract(order, order)
    return MultiIndex(dict(teacher.atoms) or teacher.density, moments, teacher.support, name)


def sign_of_product() -> MultiIndex:
    """Return the teacher `y = sign(u_1 u_2)`.

    Examples
    --------
    >>> len(sign_of_product().methods())
    2
    """
    half, factor = Rational(1, 2), 2 * label / pi
    return MultiIndex({-1: half, 1: half}, Matrix([[1, factor], [factor, 1]]), name="sign(u1*u2)")


def product() -> MultiIndex:
    """Return the teacher `y = u_1 u_2`, whose label has the density `K_0(|y|)/pi`.

    Examples
    --------
    >>> len(product().methods())
    2
    """
    size = abs(label)
    square = size * besselk(1, size) / besselk(0, size)
    moments = Matrix([[square, label], [label, square]])
    return MultiIndex(besselk(0, size) / pi, moments, (-S.Infinity, 0, S.Infinity), "u1*u2")


def quotient() -> MultiIndex:
    """Return the teacher `y = u_1/u_2`, whose label follows Cauchy's law."""
    moments = 2 * Matrix([[label**2, label], [label, 1]]) / (1 + label**2)
    density = 1 / (pi * (1 + label**2))
    return MultiIndex(density, moments, (-S.Infinity, 0, S.Infinity), "u1/u2")


def two_squares(c: Any) -> MultiIndex:
    """Return the teacher `y = u_1^2 + c u_2^2`, whose directions are found one by one.

    With `u_1 = sqrt(y) cos(phi)` and `u_2 = sqrt(y/c) sin(phi)` the density of phi goes like
    `exp(k cos(2 phi))`, `k = y (1/c - 1)/4`, which gives Bessel functions of k.

    Parameters
    ----------
    c : number
        From 1/32 to 32: Bessel functions of larger k overflow where labels still count.

    Raises
    ------
    DomainError
        If it is not.

    Examples
    --------
    >>> first, second = two_squares("1/2").methods()
    >>> f"{first.weak_recovery:.6f} {second.weak_recovery:.6f}"
    '0.615720 2.014264'
    """
    exact = arguments.positive(c, "c")
    c = rational(exact)
    if not 1 / LARGEST_RATIO <= c <= LARGEST_RATIO:
        raise DomainError(f"c must be from 1/32 to 32 in u1^2+c*u2^2, not {exact_text(exact)}")
    k = label * (1 / c - 1) / 4
    density = exp(-label * (1 + 1 / c) / 4) * besseli(0, k) / (2 * sqrt(c))
    mean = besseli(1, k) / besseli(0, k)
    moments = Matrix([[label * (1 + mean) / 2, 0], [0, label * (1 - mean) / (2 * c)]])
    name = "u1^2+u2^2" if c == 1 else f"u1^2+{c}*u2^2"
    return MultiIndex(density, moments, (0, 1, S.Infinity), name)


def square() -> MultiIndex:
    """Return the teacher `y = u_1^2`, phase retrieval, by its root: it tells as much."""
    density = sqrt(2 / pi) * exp(-(label**2) / 2)
    return MultiIndex(density, [[label**2]], (0, 1, S.Infinity), "u1^2")


def sign_of_three() -> MultiIndex:
    """Return the teacher `y = sign(u_1 u_2 u_3)`, of which two moments tell nothing."""
    half = Rational(1, 2)
    return MultiIndex({-1: half, 1: half}, eye(3), name="sign(u1*u2*u3)")


#: Teachers by their formulas.
KNOWN = {
    "u1*u2": product,
    "sign(u1*u2)": sign_of_product,
    "u1/u2": quotient,
    "u1^2": square,
    "u1*u2*u3": product_of_three,
    "sign(u1*u2*u3)": sign_of_three,
    "u1^2+sign(u1*u2*u3)": square_and_sign,
}
