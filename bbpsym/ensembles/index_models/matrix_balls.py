"""The optimal matrix of several indices in balls, where labels are few: every digit is proved.

A matrix G below one with `G^-1 + alpha E[K] = 1` is that of the bulk if the map
`D -> G^-1 D G^-1 - alpha E[K D K]` is positive definite. The left side then falls below one next
to G, so that one lies right of the bulk, by Lehner's form of the edge. And of G_1, the bulk's, the
difference `X = G - G_1` has `X = alpha G_1 E[K_1 X K] G`, since `K - K_1 = K_1 X K`. By Cauchy and
Schwarz the spectral radius of that map is at most the root of the product of those of
`X -> alpha G E[K X K] G` and of the same for G_1, which are below one: X is zero. Eigenvalues are
counted by the signs of pivots, Sylvester's law.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx, fmpq
from sympy import Expr, Matrix

from bbpsym.errors import PrecisionError, UndecidedError
from bbpsym.functions.balls import ball_function, written
from bbpsym.symbols import label

#: Most steps that refine a root, and how often a box is widened until it is mapped into itself.
STEPS, BOXES = 40, 8

#: How far eigenvalues of the map of overlaps lie from one, which is one of them.
APART = Fraction(1, 10**6)


class Enclosed(NamedTuple):
    """The outlier at one: its squared overlap, the overlaps, how many eigenvalues lie above."""

    overlap2: arb
    overlap: np.ndarray
    above: int


class FewLabels:
    """Averages over a label of few values, at the precision of `flint.ctx`.

    Parameters
    ----------
    atoms : sequence of (Expr, Expr)
        Labels and their probabilities.
    moments : Matrix
        `E[u u^T | y]`.
    """

    def __init__(self, atoms: Sequence[tuple[Expr, Expr]], moments: Matrix) -> None:
        self.size = moments.rows
        self.one = _diagonal(self.size, arb(1))
        self.shares = [_number(share) for _, share in atoms]
        at = [moments.subs(label, value) for value, _ in atoms]
        self.moments = [arb_mat([[_number(x) for x in row] for row in C.tolist()]) for C in at]

    def information(self) -> arb:
        """The largest eigenvalue of `M -> E[G M G]`, one over the threshold.

        Raises
        ------
        PrecisionError
            If it is not enclosed at this precision.
        """
        excess = [C - self.one for C in self.moments]
        matrix = self._paired(excess, excess)
        found = _largest(matrix)
        near = arb(2) ** (-ctx.prec * 3 // 4) * found
        if positive(_shifted(matrix, found + near)) or not positive(_shifted(matrix, found - near)):
            raise PrecisionError("the largest eigenvalue is not enclosed")
        return found.union(found + near).union(found - near)

    def outlier(self, alpha: Fraction, start: np.ndarray) -> Enclosed:
        """The eigenvalue at one, above the threshold, from a G in double precision.

        Raises
        ------
        PrecisionError
            If something is not proved at this precision.
        UndecidedError
            If several eigenvectors lie at one.
        """
        ratio = _ball(alpha)
        G = self._root(ratio, start)
        K = self._dressed(G)
        inverse, norm = G.inv(), max(_norm(C) for C in self.moments)
        below = inverse + _diagonal(self.size, 1 / (2 * norm) - 1)
        rising = self._rising(ratio, inverse, K)
        if positive(below) != self.size or positive(rising) != self.size**2:
            raise PrecisionError("G is not proved to be that of the bulk")
        levels = ratio * self._paired(K, self.moments)
        above, least = (positive(_shifted(levels, 1 + k * _ball(APART))) for k in (1, -1))
        if least != above + 1:
            raise UndecidedError("several eigenvectors lie at one, or too close to it")
        N = self.one - G
        n = N * (1 / _norm(N))
        D = _square(rising.solve(_column(self.one)))
        parts = zip(self.shares, K, self.moments, strict=True)
        inside = sum((w * _trace(n * k * D * k * n * C) for w, k, C in parts), arb(0))
        overlap2 = 1 / (1 + ratio * inside)
        known = np.array(n.tolist(), dtype=float) * np.sqrt(float(overlap2))
        return Enclosed(overlap2, known, above)

    def _root(self, alpha: arb, start: np.ndarray) -> arb_mat:
        """Enclose the solution of `G^-1 + alpha E[K] = 1` next to a start, by Krawczyk's map.

        There is no other one in the box, so that its enclosure is symmetric as the box is.
        """
        middle = arb_mat(start.tolist())
        for _ in range(STEPS):
            excess, rising = self._excess(alpha, middle)
            inverse = rising.inv().mid()
            step = _square(inverse * _column(excess))
            middle = (middle + step).mid()
            middle = ((middle + middle.transpose()) * arb("0.5")).mid()
            if _size(step) < arb(2) ** (-ctx.prec * 3 // 4):
                break
        step = _square(inverse * _column(self._excess(alpha, middle)[0]))
        radius = 2 * _size(step) + arb(2) ** (-ctx.prec + 8)
        for _ in range(BOXES):
            shift = arb_mat([[arb(0, radius)] * self.size] * self.size)
            _, rising = self._excess(alpha, middle + shift)
            left = _diagonal(self.size**2, arb(1)) - inverse * rising
            moved = step + _square(left * _column(shift))
            pairs = zip(_column(shift).tolist(), _column(moved).tolist(), strict=True)
            if all(box.contains_interior(item) for (box,), (item,) in pairs):
                return middle + moved
            radius *= 8
        raise PrecisionError("G is not enclosed")

    def _excess(self, alpha: arb, G: arb_mat) -> tuple[arb_mat, arb_mat]:
        """`G^-1 + alpha E[K] - 1`, and minus its derivative."""
        K, inverse = self._dressed(G), G.inv()
        mean = sum((w * k for w, k in zip(self.shares, K, strict=True)), 0 * self.one)
        return inverse + alpha * mean - self.one, self._rising(alpha, inverse, K)

    def _rising(self, alpha: arb, inverse: arb_mat, K: list[arb_mat]) -> arb_mat:
        """The map `D -> G^-1 D G^-1 - alpha E[K D K]`."""
        return _paired(inverse, inverse) - alpha * self._paired(K, K)

    def _dressed(self, G: arb_mat) -> list[arb_mat]:
        """`K = (C - 1) (C - G (C - 1))^-1` of every label."""
        return [(C - self.one) * (C - G * (C - self.one)).inv() for C in self.moments]

    def _paired(self, left: list[arb_mat], right: list[arb_mat]) -> arb_mat:
        """The map `D -> E[left D right]` of symmetric matrices."""
        rows = zip(self.shares, left, right, strict=True)
        first, *others = (w * _paired(a, b) for w, a, b in rows)
        return sum(others, first)


def positive(matrix: arb_mat) -> int:
    """How many eigenvalues of a symmetric matrix are positive, by the signs of its pivots.

    Raises
    ------
    PrecisionError
        If a pivot may be zero.
    """
    rows, count = matrix.tolist(), 0
    for k, pivot_row in enumerate(rows):
        pivot = pivot_row[k]
        if pivot.contains(0):
            raise PrecisionError("the sign of an eigenvalue is not proved")
        count += bool(pivot > 0)
        for row in rows[k + 1 :]:
            factor = row[k] / pivot
            for j in range(k + 1, len(rows)):
                row[j] -= factor * pivot_row[j]
    return count


def _largest(matrix: arb_mat) -> arb:
    """The largest eigenvalue of a symmetric matrix, by Rayleigh's iteration; not enclosed."""
    values, vectors = np.linalg.eigh(np.array(matrix.mid().tolist(), dtype=float))
    vector = arb_mat([[float(x)] for x in vectors[:, -1]])
    value, before = arb(float(values[-1])), arb(0)
    for _ in range(STEPS):
        size = (vector.transpose() * vector)[0, 0]
        value = ((vector.transpose() * matrix * vector)[0, 0] / size).mid()
        if abs(value - before) < arb(2) ** (-ctx.prec * 7 // 8):
            break
        try:
            vector = _shifted(matrix, value).mid().solve(vector).mid()
        except ZeroDivisionError:  # as close as can be
            break
        vector = (vector * (1 / _norm(vector))).mid()
        before = value
    return value


def _paired(left: arb_mat, right: arb_mat) -> arb_mat:
    """The map `D -> left D right` of symmetric matrices."""
    a, b = left.tolist(), right.tolist()
    return arb_mat([[x * y for x in row for y in other] for row in a for other in b])


def _number(value: Any) -> arb:
    return arb(ball_function((), written(value), free=True)())


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _diagonal(size: int, value: arb) -> arb_mat:
    return arb_mat([[value if i == j else arb(0) for j in range(size)] for i in range(size)])


def _shifted(matrix: arb_mat, value: arb) -> arb_mat:
    return matrix - _diagonal(matrix.nrows(), value)


def _column(matrix: arb_mat) -> arb_mat:
    return arb_mat([[x] for row in matrix.tolist() for x in row])


def _square(column: arb_mat) -> arb_mat:
    size = round(column.nrows() ** 0.5)
    entries = [x for (x,) in column.tolist()]
    return arb_mat([entries[k : k + size] for k in range(0, size * size, size)])


def _norm(matrix: arb_mat) -> arb:
    return sum((x * x for row in matrix.tolist() for x in row), arb(0)).sqrt()


def _size(matrix: arb_mat) -> arb:
    """An upper bound of the sum of absolute values."""
    return sum((x.abs_upper() for row in matrix.tolist() for x in row), arb(0)).upper()


def _trace(matrix: arb_mat) -> arb:
    return sum((matrix[k, k] for k in range(matrix.nrows())), arb(0))
