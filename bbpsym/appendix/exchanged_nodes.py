"""Numbers for the steps of a few exchangeable nodes: whole matrices at the nodes of a lattice.

The equations hold for inputs of any law that exchange leaves alone, and so for few on a coarse
lattice, without an error of quadrature. Nothing here knows the blocks that exchange makes of the
signal's self-energy: the whole of it is summed up, and its kinds of vectors are told apart by what
a sum of exchanges does to them. Slopes are differences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from random import Random
from typing import Any

import numpy as np
from scipy.linalg import eigh
from scipy.optimize import root
from sympy import Expr, Symbol, lambdify, sqrt

from bbpsym import symbols as s
from bbpsym.appendix.worlds import Scene
from bbpsym.equations import exchangeable as ex
from bbpsym.equations import weights
from bbpsym.errors import ConvergenceError
from bbpsym.records.world import STENCIL, World

#: Step and half-width of the lattice, by the student's width, and digits that differences reach.
LATTICES, REACH = {2: (0.5, 4.5), 3: (0.9, 3.6)}, 9

#: Inputs and number of the matrices that are sampled, and digits that their fluctuations leave.
INPUTS, MATRICES, SAMPLED = 240, 4, 1

#: The first outliers of the standard kind in sampled matrices, and their squared overlaps.
lowest_sampled = Symbol(r"\lambda_N", real=True)
overlap_sampled = Symbol("m_N^2", nonnegative=True)

#: Rounds in which an outlier is put at a given g, and when they have come to rest.
ROUNDS, REST = 100, 1e-13

#: Shares of the end of the domain at which an outlier is looked for.
SHARES = (0.4, 0.2, 0.1, 0.05)

#: The slope g'/g^2, which is -1 far from the bulk, at which a point is too near the edge: there
#: differences lose their digits.
STEEP = 2

#: Step in z of a difference, in units of 1/g.
DISTANCE = 1e-3


class ExchangedWorld(World):
    """A point of the bulk with an outlier of one kind."""

    def __init__(self, parameters: Mapping[Any, Any], scene: ExchangedScene, kind: str) -> None:
        super().__init__(parameters, 10, ((s.f, 1),))
        self.scene, self.kind = scene, kind

    def mean(self, argument: Expr, g: Any = None) -> Any:
        """The average of an argument in the entries of K, and in coordinates of the input."""
        return self.scene.mean(argument, self, g)


class ExchangedScene(Scene):
    """The weight matrices of two or three exchangeable nodes at the nodes of a lattice."""

    @property
    def width(self) -> int:
        """How many nodes the student has."""
        return int(self.setting.p)

    reach = REACH

    @cached_property
    def _lattice(self) -> tuple[np.ndarray, np.ndarray]:
        """Inputs along the teacher and what the nodes add, a row each, and their shares."""
        step, half = LATTICES[self.width]
        line = np.arange(-half, half + step / 2, step)
        mass = step * np.exp(-(line**2) / 2) / np.sqrt(2 * np.pi)
        dimension = self.width + 1
        points, shares = (
            np.array([x.ravel() for x in np.meshgrid(*[axis] * dimension, indexing="ij")])
            for axis in (line, mass)
        )
        return points, shares.prod(axis=0)

    def matrices(self, values: Mapping[Any, Any], points: np.ndarray | None = None) -> np.ndarray:
        """F at the lattice, or at other inputs."""
        setting, overlap = self.setting, self.setting.overlap
        mean = setting.output == "mean"
        matrix = weights.weight_matrix(setting.loss, setting.student, self.width, mean)
        axes = weights.teacher_nodes(1) + tuple(ex.node_directions[: self.width])
        nodes = (overlap * axes[0] + sqrt(1 - overlap**2) * v for v in axes[1:])
        replaced = dict(zip(weights.student_nodes(self.width), nodes, strict=True))
        matrix = matrix.subs(replaced | {s.label: setting.target}, simultaneous=True)
        numbers = {v: values[v] for v in setting.parameters}
        points = self._lattice[0] if points is None else points
        found = np.empty((points.shape[1], self.width, self.width))
        function = lambdify(axes, list(matrix.subs(numbers)), ["scipy", "numpy"])
        with np.errstate(over="ignore"):
            for k, entry in enumerate(function(*points)):
                found[:, k // self.width, k % self.width] = entry
        return found

    def dressed(self, F: np.ndarray, g: tuple[float, float]) -> np.ndarray:
        """`F (1 - G F)^-1` at the lattice, with G in the basis of the nodes."""
        along = np.full((self.width, self.width), 1 / self.width)
        G = g[0] * along + g[1] * (np.eye(self.width) - along)
        return F @ np.linalg.inv(np.eye(self.width) - G @ F)

    def bulk(self, K: np.ndarray) -> tuple[float, float]:
        """Means of K along (1, ..., 1) and across."""
        mean = np.einsum("n,nij->ij", self._lattice[1], K)
        along = mean.sum() / self.width
        return float(along), float((np.trace(mean) - along) / (self.width - 1))

    def signal(self, K: np.ndarray, kind: str) -> np.ndarray:
        """Levels of `<w w^T (x) K>` on the vectors of a kind, from the lowest."""
        points, shares = self._lattice
        size = self.width + 1
        full = np.empty((size, self.width, size, self.width))
        for a, b in combinations_with_replacement(range(size), 2):
            entry = np.einsum("n,nij->ij", shares * points[a] * points[b], K)
            full[a, :, b] = full[b, :, a] = entry
        vectors = self._kinds[kind]
        return np.linalg.eigvalsh(vectors.T @ full.reshape(size * self.width, -1) @ vectors)

    @cached_property
    def _kinds(self) -> Mapping[str, np.ndarray]:
        """Vectors of every kind: on one of each multiplet the first exchange is minus one.

        The sum of all exchanges is a number on each kind.
        """
        p = self.width
        exchanges = []
        for one, two in combinations(range(p), 2):
            small = np.eye(p)
            small[[one, two]] = small[[two, one]]
            frame = np.eye(p + 1)
            frame[1:, 1:] = small
            exchanges.append(np.kron(frame, small))
        values, vectors = np.linalg.eigh(sum(exchanges) + exchanges[0] / 10)
        pairs = p * (p - 1) / 2
        levels = {
            ex.TRIVIAL: pairs + 0.1,
            ex.STANDARD: p * (p - 3) / 2 - 0.1,
            ex.ALTERNATING: -pairs - 0.1,
        }
        return {kind: vectors[:, np.abs(values - x) < 1e-6] for kind, x in levels.items()}

    @cached_property
    def seen(self) -> World:
        """A point with an outlier of the standard kind.

        Raises
        ------
        ConvergenceError
            If there is none where it is looked for.
        """
        return self.outlier(ex.STANDARD)

    def place(self, _rng: Random, _digits: int) -> Iterator[World]:
        """Where all steps are held against numbers: a lattice has no more digits than these."""
        yield self.seen

    def sampled(self, rng: Random, _digits: int) -> Iterator[World]:
        """The same point, with what matrices of Gaussian inputs have: no lattice is in these."""
        world, generator = self.seen, np.random.default_rng(rng.getrandbits(64))
        found = [self._lowest(float(world[s.alpha]), generator) for _ in range(MATRICES)]
        level, share = np.mean(found, axis=0)
        yield world.given({lowest_sampled: level, overlap_sampled: share})

    def _lowest(self, ratio: float, rng: np.random.Generator) -> tuple[Any, Any]:
        """Means of the p - 1 lowest eigenvalues of a matrix, and of their shares in the signal."""
        p, x = self.width, rng.standard_normal((INPUTS, round(ratio * INPUTS)))
        F = self.matrices(self.drawn[0], x[: p + 1]) / INPUTS
        blocks = [[(x * F[:, q, r]) @ x.T for r in range(p)] for q in range(p)]
        values, vectors = eigh(np.block(blocks), subset_by_index=(0, p - 2))
        signal = vectors.reshape(p, INPUTS, p - 1)[:, : p + 1]
        return values.mean(), np.mean(np.sum(signal**2, axis=(0, 1)))

    def outlier(self, kind: str) -> World:
        """A point with an outlier of a kind left of the bulk."""
        values = self.drawn[0]
        low, F = self.descended(values), self.matrices(values)
        for share in SHARES:
            with suppress(ConvergenceError):
                return self._placed(dict(values), kind, F, share / low)
        raise ConvergenceError(f"no outlier of the {kind} kind is seen left of the bulk")

    def _placed(self, values: dict[Any, Any], kind: str, F: np.ndarray, g_o: float) -> World:
        """Put the lowest outlier of a kind at a given transform across the nodes."""
        g_s = g_o
        for _ in range(ROUNDS):
            K = self.dressed(F, (g_s, g_o))
            (k_s, k_o), lowest = self.bulk(K), self.signal(K, kind)[0]
            ratio = 1 / (g_o * (lowest - k_o))
            z = 1 / g_o + ratio * k_o
            before, g_s = g_s, 1 / (z - ratio * k_s)
            if not (ratio > 0 and g_s < 0):
                break
            if abs(g_s / before - 1) < REST:
                point = values | {s.alpha: ratio, ex.g_s: g_s, ex.g_o: g_o}
                world = ExchangedWorld(point, self, kind)
                world |= self._arrays(K) | {s.z: z, s.outlier: z}
                return self._with_slopes(world, F, (g_s, g_o))
        raise ConvergenceError("there is no such outlier")

    def _arrays(self, K: np.ndarray) -> dict[Any, Any]:
        """Entries of K and coordinates of the inputs in the basis along and across."""
        p, (points, _) = self.width, self._lattice
        turn = np.array(ex.basis(p).evalf(20), dtype=float)
        turned = turn.T @ K @ turn
        found = {ex.entry(i, j): turned[:, i, j] for i in range(p) for j in range(i, p)}
        inputs = np.concatenate([points[:1], turn.T @ points[1:]])
        return found | dict(zip(ex.input_directions(p), inputs, strict=True))

    def mean(self, argument: Expr, values: Mapping[Any, Any], _g: Any) -> Any:
        """Sum over the lattice, with the transforms among the values."""
        names = tuple(sorted(argument.free_symbols, key=str))
        numbers = (x if isinstance(x := values[v], np.ndarray) else float(x) for v in names)
        found = lambdify(names, argument, "numpy")(*numbers)
        return float(self._lattice[1] @ (found + np.zeros(len(self._lattice[1]))))

    def _with_slopes(
        self, world: ExchangedWorld, F: np.ndarray, g: tuple[float, float]
    ) -> ExchangedWorld:
        """Slopes in z of both transforms and of the outlier's level, from differences."""
        ratio, z = world[s.alpha], world[s.z]
        step, moved = DISTANCE / abs(g[1]), {}
        for k in range(1, len(STENCIL) + 1):
            for side in (-k, k):
                moved[side] = self._at(F, ratio, z + side * step, g, world.kind)
        slope = sum(w * (moved[k] - moved[-k]) for k, w in STENCIL)
        g_s, g_o, level = slope / (60 * step)
        if not (g_s < 0 and ratio * level < 0 and 0 < -g_o / g[1] ** 2 < STEEP):
            raise ConvergenceError("the point lies beyond the edge, or near it")
        world |= {ex.slope_s: g_s, ex.slope_o: g_o, s.overlap2: 1 / (1 - ratio * level)}
        block = ex.signal_block(self.width, world.kind)
        numbers = [[world.mean(x.args[0]) for x in block.row(i)] for i in range(block.rows)]
        levels, vectors = np.linalg.eigh(ratio * np.array(numbers))
        null = vectors[:, np.argmin(np.abs(levels - z))]
        world |= dict(zip(ex.null_vector(len(null)), null, strict=True))
        return world

    def _at(
        self, F: np.ndarray, ratio: float, z: float, g: tuple[float, float], kind: str
    ) -> np.ndarray:
        """Both transforms at another z of the bulk, and the lowest level of the signal there."""

        def equations(x: np.ndarray) -> Any:
            means = np.array(self.bulk(self.dressed(F, tuple(x))))
            return 1 + x * (ratio * means - z)

        found = root(equations, g, method="hybr", options={"xtol": 1e-14})
        level = self.signal(self.dressed(F, tuple(found.x)), kind)[0]
        return np.array([*found.x, level])
