"""The optimal matrix of several indices in balls, where labels are few: every digit is proved.

Right of the bulk are all z for which `G^-1 + alpha E[K] < z` at some G > 0 with `G^-1 > T` for all
labels, Lehner's form of the edge. A G there with `G^-1 + alpha E[K] = z` is that of the bulk if the
map `D -> G^-1 D G^-1 - alpha E[K D K]` is positive definite. The left side then falls below z next
to G, so that z lies right of the bulk. And of G_1, the bulk's, the difference `X = G - G_1` has
`X = alpha G_1 E[K_1 X K] G`, since `K - K_1 = K_1 X K`. By Cauchy and Schwarz the spectral radius
of that map is at most the root of the product of those of `X -> alpha G E[K X K] G` and of the
same for G_1, which are below one: X is zero.

At the edge the map has a null matrix D, and z is the edge if D > 0: `U = 1/G` gives
`U + alpha E[T + T (U - T)^-1 T]`, which is convex, so that its mean with D, stationary there, is z
or more for every other U. Eigenvalues are counted by the signs of pivots, Sylvester's law.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx, fmpq
from sympy import Expr, Matrix

from bbpsym.ensembles.index_models.krawczyk import blocks, enclosed_zero
from bbpsym.errors import PrecisionError, UndecidedError
from bbpsym.functions.balls import ball_function, written
from bbpsym.symbols import label

#: Most steps that refine an eigenvalue.
STEPS = 40

#: How far eigenvalues of the map of overlaps lie from one, which is one of them.
APART = Fraction(1, 10**6)


class Enclosed(NamedTuple):
    """An outlier: its eigenvalue, its squared overlap, and the overlaps."""

    value: arb
    overlap2: arb
    overlap: np.ndarray


class DressedBalls(NamedTuple):
    """What is known at a G: `G^-1`, K of every label, and `D -> G^-1 D G^-1 - alpha E[K D K]`."""

    inverse: arb_mat
    K: list[arb_mat]
    rising: arb_mat


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
        places = [(i, j) for i in range(self.size) for j in range(self.size)]
        upper = [(i, j) for i, j in places if i <= j]
        self.spread = arb_mat([[arb(sorted(at) == [*of]) for of in upper] for at in places])
        self.upper = arb_mat([[arb(at == of) for at in places] for of in upper])

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

    def outlier(self, alpha: Fraction, start: np.ndarray) -> tuple[Enclosed, int]:
        """The eigenvalue at one, above the threshold, and how many lie above it.

        It starts from a G in double precision.

        Raises
        ------
        PrecisionError
            If something is not proved at this precision.
        UndecidedError
            If several eigenvectors lie at one.
        """
        ratio, z = _ball(alpha), arb(1)

        def system(x: arb_mat) -> tuple[arb_mat, arb_mat]:
            G = self._symmetric(x)
            at = self._dressed(ratio, G)
            return self._excess(ratio, z, at), -(self.upper * at.rising * self.spread)

        G = self._symmetric(enclosed_zero(system, self.upper * _column(arb_mat(start.tolist()))))
        at = self._bulk(ratio, G)
        levels = ratio * self._paired(at.K, self.moments)
        above, least = (positive(_shifted(levels, 1 + k * _ball(APART))) for k in (1, -1))
        if least != above + 1:
            raise UndecidedError("several eigenvectors lie at one, or too close to it")
        return self._known(ratio, z, at, self.one - G), above

    def outlier_above(
        self, alpha: Fraction, value: float, G: np.ndarray, overlap: np.ndarray
    ) -> Enclosed:
        """An eigenvalue right of the bulk next to one in double precision, with its G.

        Raises
        ------
        PrecisionError
            If something is not proved at this precision.
        """
        ratio, n, one = _ball(alpha), self.upper.nrows(), _column(self.one)
        first = _column(arb_mat((overlap / np.linalg.norm(overlap)).tolist()))

        def system(x: arb_mat) -> tuple[arb_mat, arb_mat]:
            g, N, z = _cut(x, n, self.size**2)
            at, N_ = self._dressed(ratio, self._symmetric(g)), _square(N)
            levels = ratio * self._paired(at.K, self.moments)
            turned = [(k * N_ * C).transpose() for k, C in zip(at.K, self.moments, strict=True)]
            gap = _diagonal(self.size**2, z) - levels
            rise = -(self.upper * at.rising * self.spread)
            slopes: list[list[arb_mat | None]] = [
                [rise, None, -(self.upper * one)],
                [-ratio * self._paired(at.K, turned) * self.spread, gap, N],
                [None, first.transpose(), None],
            ]
            length = first.transpose() * N - arb_mat([[1]])
            return blocks([[self._excess(ratio, z, at)], [gap * N], [length]]), blocks(slopes)

        g = self.upper * _column(arb_mat(G.tolist()))
        g, N, z = _cut(
            enclosed_zero(system, blocks([[g], [first], [arb_mat([[value]])]])), n, self.size**2
        )
        return self._known(ratio, z, self._bulk(ratio, self._symmetric(g)), _square(N))

    def edge(self, alpha: Fraction, value: float, G: np.ndarray, D: np.ndarray) -> arb:
        """The right edge of the bulk next to one in double precision, with its G and D.

        Raises
        ------
        PrecisionError
            If something is not proved at this precision.
        """
        ratio, n, one = _ball(alpha), self.upper.nrows(), _column(self.one)

        def system(x: arb_mat) -> tuple[arb_mat, arb_mat]:
            g, d, z = _cut(x, n, n)
            D, at = self._symmetric(d), self._dressed(ratio, self._symmetric(g))
            rising = self.upper * at.rising * self.spread
            turned = [k * D * k for k in at.K]
            bent = ratio * (self._paired(at.K, turned) + self._paired(turned, at.K))
            inner = at.inverse * D * at.inverse
            bent += _paired(at.inverse, inner) + _paired(inner, at.inverse)
            trace = one.transpose() * self.spread
            slopes: list[list[arb_mat | None]] = [
                [-rising, None, -(self.upper * one)],
                [-(self.upper * bent * self.spread), rising, None],
                [None, trace, None],
            ]
            size = trace * d - arb_mat([[1]])
            return blocks([[self._excess(ratio, z, at)], [rising * d], [size]]), blocks(slopes)

        g, d = (self.upper * _column(arb_mat(matrix.tolist())) for matrix in (G, D))
        g, d, z = _cut(enclosed_zero(system, blocks([[g], [d], [arb_mat([[value]])]])), n, n)
        self._admitted(self._dressed(ratio, self._symmetric(g)))
        if positive(self._symmetric(d)) != self.size:
            raise PrecisionError("the edge is not proved")
        return z

    def _bulk(self, alpha: arb, G: arb_mat) -> DressedBalls:
        """What is known at a G that is proved to be that of the bulk."""
        at = self._dressed(alpha, G)
        self._admitted(at)
        if positive(at.rising) != self.size**2:
            raise PrecisionError("G is not proved to be that of the bulk")
        return at

    def _admitted(self, at: DressedBalls) -> None:
        """Prove that G > 0 and `G^-1 > T`, for which it is enough to raise C by a little."""
        raised = [C + _diagonal(self.size, arb(2) ** (-ctx.prec // 4)) for C in self.moments]
        for matrix in (at.inverse, *(at.inverse - self.one + C.inv() for C in raised)):
            if positive(matrix) != self.size:
                raise PrecisionError("G is not proved to be that of the bulk")

    def _known(self, alpha: arb, value: arb, at: DressedBalls, N: arb_mat) -> Enclosed:
        """Overlaps of the outlier of a matrix N."""
        n = N * (1 / _norm(N))
        D = _square(at.rising.solve(_column(self.one)))
        parts = zip(self.shares, at.K, self.moments, strict=True)
        inside = sum((w * _trace(n.transpose() * k * D * k * n * C) for w, k, C in parts), arb(0))
        overlap2 = 1 / (1 + alpha * inside)
        known = np.array(n.tolist(), dtype=float) * np.sqrt(float(overlap2))
        return Enclosed(value, overlap2, known)

    def _excess(self, alpha: arb, z: arb, at: DressedBalls) -> arb_mat:
        """`G^-1 + alpha E[K] - z`, its upper triangle."""
        mean = sum((w * k for w, k in zip(self.shares, at.K, strict=True)), 0 * self.one)
        return self.upper * _column(_shifted(at.inverse + alpha * mean, z))

    def _dressed(self, alpha: arb, G: arb_mat) -> DressedBalls:
        """`K = (C - 1) (C - G (C - 1))^-1` of every label, and the map that it makes."""
        K = [(C - self.one) * (C - G * (C - self.one)).inv() for C in self.moments]
        inverse = G.inv()
        return DressedBalls(inverse, K, _paired(inverse, inverse) - alpha * self._paired(K, K))

    def _symmetric(self, upper: arb_mat) -> arb_mat:
        """A symmetric matrix by its upper triangle."""
        return _square(self.spread * upper)

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


def _cut(column: arb_mat, *sizes: int) -> tuple[arb_mat, arb_mat, arb]:
    """Two columns of these sizes, and one more number."""
    first, second = sizes
    rows = column.tolist()
    return arb_mat(rows[:first]), arb_mat(rows[first : first + second]), rows[-1][0]


def _norm(matrix: arb_mat) -> arb:
    return sum((x * x for row in matrix.tolist() for x in row), arb(0)).sqrt()


def _trace(matrix: arb_mat) -> arb:
    return sum((matrix[k, k] for k in range(matrix.nrows())), arb(0))
