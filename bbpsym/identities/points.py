"""Random admissible points: exact rational parameters, rotations and matrices."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from sympy import Matrix, Rational, eye

from bbpsym.model import Model
from bbpsym.symbols import a, alpha, g, p, p_star


def rational(rng: Random, low: Any, high: Any, denominator: int = 97) -> Rational:
    """A rational number strictly between two bounds."""
    return Rational(low) + (Rational(high) - Rational(low)) * Rational(
        rng.randrange(1, denominator), denominator
    )


def parameters(rng: Random, t: tuple[Any, Any] = ("0.2", "0.9")) -> dict[Any, Any]:
    """Widths, loss normalisation, alpha and a g inside the domain (42)."""
    width, width_star = rng.randint(1, 4), rng.randint(1, 3)
    return {
        p: Rational(width),
        p_star: Rational(width_star),
        a: rational(rng, "0.3", 3),
        alpha: rational(rng, "0.5", 4),
        g: -Rational(width, 2) * rational(rng, *t),
    }


def at_model(model: Model, ratio: Fraction) -> dict[Any, Any]:
    """Values of the parameters for a model of the package at one alpha."""
    return {
        p: Rational(model.p),
        p_star: Rational(model.p_star),
        a: Rational(model.a),
        alpha: Rational(ratio),
    }


def several(rng: Random, digits: int) -> Iterator[Random]:
    """Two points by default; one where many digits make a point expensive."""
    for _ in range(2 if digits <= 12 else 1):
        yield rng


def matrix(rng: Random, rows: int, columns: int) -> Matrix:
    """A matrix of rational numbers between -1 and 1."""
    return Matrix(rows, columns, lambda _i, _j: rational(rng, -1, 1))


def symmetric(rng: Random, size: int) -> Matrix:
    """A symmetric rational matrix of norm about one half, so that series in it converge."""
    entries = matrix(rng, size, size)
    return (entries + entries.T) / (4 * size)


def rotation(rng: Random, size: int) -> Matrix:
    """A rational rotation, by Cayley's transform of an antisymmetric matrix."""
    entries = matrix(rng, size, size)
    generator = entries - entries.T
    return (eye(size) - generator).inv() * (eye(size) + generator)
