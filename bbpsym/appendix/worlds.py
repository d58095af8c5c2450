"""Numbers for the steps of any network: its averages by brute force, at random parameters.

Only the eigenvalues of F are taken from what is derived; averages are product rules, slopes complex
steps, overlaps residues, as in `bbpsym.records.world`. The end of the domain of g is found by
descent, and so is no closed form either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from itertools import cycle, product
from random import Random
from typing import Any

import numpy as np
from scipy.optimize import minimize
from sympy import (
    Abs,
    Expr,
    Float,
    Heaviside,
    Integral,
    Max,
    Min,
    Piecewise,
    Rational,
    Symbol,
    lambdify,
    oo,
    sign,
    sqrt,
)

from bbpsym import symbols as s
from bbpsym.appendix.outputs import OUTPUTS, least_of_outputs
from bbpsym.appendix.tried import SEED, near_one, spread
from bbpsym.ensembles.networks.bounds import Bound, lowest
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.real_values import MEAN_DIGITS, mean_number
from bbpsym.equations import weights
from bbpsym.equations.weights import zeta
from bbpsym.errors import PrecisionError
from bbpsym.records import brute_force
from bbpsym.records.world import DRESSED, World, rational

#: Trapezoidal rules over two and over three Gaussians: step, half-width and digits reached.
RULES: Mapping[int, tuple[float, float, int]] = {
    1: (0.05, 9.0, 10),
    2: (0.04, 8.5, 9),
    3: (0.2, 8.0, 6),
}

#: Digits that are left where the weight jumps or has a kink.
ROUGH = 3

#: Nodes of a grid in one coordinate, where the least weight is looked for.
GRID = 121

#: How much the largest outputs may change the least weight: less than half a unit of the seventh
#: digit, and seven are told.
SETTLED = 3e-8

#: Share within which a lower end is seen: what has settled is then never taken for another one.
ALIKE = 1e-6

#: At how many data the weight is looked at.
POINTS = 64


class RotatedWorld(World):
    """A world of a network that only sees the lengths of its pre-activations."""

    def __init__(self, parameters: Mapping[Any, Any], digits: int, scene: Scene) -> None:
        super().__init__(parameters, digits, scene.weights(parameters))
        self.scene = scene

    @property
    def end(self) -> Any:
        """The end of the domain of g, 1/f_-."""
        return self.scene.end(self, self.digits)

    def like(self, values: Mapping[Any, Any]) -> World:
        """A world of the same network with other values."""
        return type(self)(values, self.digits, self.scene)

    def at(self, g: Any) -> World:
        """The same parameters at another g."""
        kept = (s.alpha, *self.scene.setting.parameters, s.p, s.p_star)
        return self.like({k: self[k] for k in kept if k in self} | {s.g: g})


class PlaneWorld(RotatedWorld):
    """A world of a network whose weights are averaged over Gaussian pre-activations."""

    def mean(self, argument: Any, g: Any = None) -> Any:
        """The average `<argument>` at g."""
        g = self[s.g] if g is None else g
        return self.scene.mean(argument, self, g)

    def block(self, g: Any) -> np.ndarray:
        """`<(v v^T - 1) h>` in the frame of teacher and student."""
        frame = self.scene.frame
        entry = lambda a, b: self.mean((a * b - int(a == b)) * DRESSED, g)  # noqa: E731
        return np.array([[entry(a, b) for b in frame] for a in frame])

    def outlier_alpha(self) -> Any:
        """The alpha whose outlier is at g: the signal block is singular there."""
        if len(self.scene.frame) == 1:
            return super().outlier_alpha()
        g = float(self[s.g])
        rates = g * np.linalg.eigvalsh(self.block(g))
        return 1 / rates.max()

    def residue(self) -> Any:
        """Squared overlap from the slope of the singular eigenvalue of the signal block."""
        if len(self.scene.frame) == 1:
            return super().residue()
        g, ratio = float(self[s.g]), float(self[s.alpha])
        frame = self.scene.frame
        _, vectors = np.linalg.eigh(self.block(g) * g)
        null = vectors[:, -1]
        slope = ratio * sum(
            null[i] * null[j] * self.mean(a * b * DRESSED**2, g)
            for i, a in enumerate(frame)
            for j, b in enumerate(frame)
        )
        return 1 / (1 - slope / self.slope(self.level))


class Scene:
    """The weights of a network at random parameters.

    Parameters
    ----------
    setting : Setting
        The network.
    values : mapping of Symbol to number
        Parameters that have a value.
    whole : bool
        Whether the signal block holds the student's direction also where that does not mix.
    """

    def __init__(self, setting: Setting, values: Mapping[Symbol, Any], whole: bool = False) -> None:
        self.setting, self.values, self.whole = setting, dict(values), whole

    @cached_property
    def drawn(self) -> tuple[dict[Any, Any], ...]:
        """Values of all parameters, with an end of the domain each."""
        return near_one(self.setting, self.values)

    @cached_property
    def tried(self) -> tuple[dict[Any, Any], ...]:
        """These, and values far from one."""
        far = spread(self.setting) if self.setting.parameters else ()
        return (*self.drawn, *(own | row for own, row in zip(cycle(self.drawn), far)))

    @cached_property
    def bound(self) -> Bound | None:
        """The lower end of a rotated network's weights, proved or seen in numbers; else None."""
        return None if self.doubt else lowest(self.setting)

    @cached_property
    def doubt(self) -> str:
        """Why the least of all limits and turning points is not taken for the lower end."""
        found = lowest(self.setting)
        if found is None or found.proven:
            return ""
        if self.restless:
            return self.restless
        for drawn in self.tried:
            low, seen = float(found.value.subs(drawn)), self.descended(drawn)
            if abs(seen - low) > ALIKE * max(abs(seen), abs(low)):
                values = ", ".join(
                    f"{str(v).replace('^*', '_star')} = {x}" for v, x in drawn.items()
                )
                return f"at {values} there is a weight of {seen:.6g}"
        return ""

    @cached_property
    def restless(self) -> str:
        """Why numbers find no lower end of a rotated network's weights; "" where they do."""
        try:
            for drawn in self.tried:
                self.descended(drawn)
        except PrecisionError as error:
            return str(error)
        return ""

    def end(self, values: Mapping[Any, Any], digits: int) -> Any:
        """End of the domain of g left of the bulk: in symbols where it is known, or by descent."""
        bound = self.bound
        if bound is None:
            low = self.descended(values)
            return Float(1 / low) if low < 0 else -oo
        low = bound.value.subs({v: values[v] for v in bound.value.free_symbols})
        return (1 / low).evalf(80) if low.is_negative else -oo

    def descended(self, values: Mapping[Any, Any]) -> float:
        """Lower end of the weights by descent from many starts, or in a box if it is no more.

        Raises
        ------
        PrecisionError
            If the weights of a rotated network do not settle as the outputs grow.
        """
        if self.setting.is_rotated:
            return self._least_of_outputs(values)
        numbers = tuple(sorted(((v, values[v]) for v in self.setting.parameters), key=str))
        try:
            return _lowest(self.setting, numbers)
        except PrecisionError:
            return self.lowest_seen(values)

    def _least_of_outputs(self, values: Mapping[Any, Any]) -> float:
        """The least weight over outputs of all sizes."""
        fixed = {v: values[v] for v in (*self.setting.parameters, s.p, s.p_star)}
        lows = least_of_outputs([weight.subs(fixed) for weight, _ in self.weights(values)])
        if not abs(lows[1] - lows[0]) <= SETTLED * abs(lows[1]):
            raise PrecisionError(
                f"numbers do not settle on it: the least weight is {lows[0]:.10g} for outputs up "
                f"to {OUTPUTS[0]:.0e}, and {lows[1]:.10g} up to {OUTPUTS[1]:.0e}"
            )
        return lows[1]

    def weights(self, values: Mapping[Any, Any]) -> brute_force.Weights:
        """Eigenvalues of F with their shares, where the network is a rotated one."""
        if not self.setting.is_rotated:
            return ((s.f, 1),)
        width = int(values[s.p])
        across, along = self.setting.eigenvalues()
        pairs = ((across, width - 1), (along, 1))
        return tuple((value, Rational(count, width)) for value, count in pairs if count)

    @property
    def frame(self) -> tuple[Symbol, ...]:
        """Directions of the signal block: the teacher's, and the student's if they mix."""
        alone = self.setting.is_even and not self.whole
        return (s.u,) if alone else (s.u, s.student_direction)

    def draw(self, rng: Random, digits: int) -> World:
        """A world with a g inside the domain.

        Raises
        ------
        DomainError
            If the weights are unbounded below.
        """
        values = dict(rng.choice(self.drawn))
        values |= {s.alpha: rational(rng, "0.5", 4), s.sigma: rational(rng, 0, 3)}
        end = self.end(values, digits)
        reach = Rational(float(end)).limit_denominator(10**6) if end.is_finite else Rational(-3)
        return self.world(values | {s.g: reach * rational(rng, "0.2", "0.7")}, digits)

    def world(self, values: Mapping[Any, Any], digits: int) -> World:
        """The world of given values."""
        kind = RotatedWorld if self.setting.is_rotated else PlaneWorld
        return kind(values, digits, self)

    def lowest_seen(self, values: Mapping[Any, Any], box: float = 40.0) -> float:
        """The least weight in a box: a grid, dense near zero, and a simplex from its best node."""
        names = tuple(v for v in self.setting.parameters if self.weight.has(v))
        numbers = [float(values[v]) for v in names]
        axes = tuple(v for v in self._axes if self.weight.has(v))
        weight = lambdify((*axes, *names), self.weight, ["scipy", "numpy"])
        if not axes:
            return float(weight(*numbers))

        def at(point: Any) -> Any:
            with np.errstate(all="ignore"):
                found = weight(*point, *numbers) + 0 * sum(point)
            inside = np.max(np.abs(np.asarray(point)), axis=0) <= box
            return np.where(np.isfinite(found) & inside, found, np.inf)

        line = np.sinh(np.linspace(-np.arcsinh(box), np.arcsinh(box), GRID))
        grid = np.array([x.ravel() for x in np.meshgrid(*[line] * len(axes))])
        start = grid[:, np.argmin(at(grid))]
        options = {"xatol": 1e-10, "fatol": 1e-14, "maxiter": 4000}
        for _ in range(3):  # a simplex that has shrunk too early starts anew
            found = minimize(at, start, method="Nelder-Mead", options=options)
            start = found.x
        return float(found.fun)

    def is_finite(self, box: float) -> bool:
        """Whether the weight, without parameters, has a double at the ends of a box."""
        function = lambdify(self._axes, self.weight, ["scipy", "numpy"])
        ends = product((-box, box), repeat=len(self._axes))
        with np.errstate(all="ignore"):
            return bool(np.all([np.isfinite(function(*end)) for end in ends]))

    @cached_property
    def reach(self) -> int:
        """Digits that the averages reach."""
        if self.setting.is_rotated:
            return 1000
        return ROUGH if self._jumps else RULES[len(self._axes)][2]

    @property
    def _jumps(self) -> bool:
        """Whether the weight has jumps or kinks, of the label, which a lattice sees roughly."""
        return bool(self.weight.has(sign, Heaviside, Abs, Max, Min, Piecewise))

    @cached_property
    def weight(self) -> Expr:
        """The weight of a network with one pre-activation, in the frame and the noise."""
        return one_weight(self.setting).replace(Integral, _as_number)

    @cached_property
    def sees_label(self) -> bool:
        """Whether the weight at a student's pre-activation changes with the teacher's."""
        values = self.drawn[0]
        weight = self.weight.subs({v: values[v] for v in self.setting.parameters})
        overlap = float(self.setting.overlap.subs(values))
        function = lambdify((s.u, s.student_direction, zeta), weight, ["scipy", "numpy"])
        node, u, noise = np.random.default_rng(SEED).normal(size=(3, POINTS))

        def at(teacher: np.ndarray) -> Any:
            rest = (node - overlap * teacher) / np.sqrt(1 - overlap**2)
            return function(teacher, rest, noise) + 0 * u

        one, other = at(u), at(-2 * u[::-1])
        return bool(np.max(np.abs(one - other)) > ALIKE * np.max(np.abs(one)))

    @cached_property
    def _axes(self) -> tuple[Symbol, ...]:
        axes = {s.u, s.student_direction} | ({zeta} & self.weight.free_symbols)
        return tuple(sorted(axes, key=str))

    @cached_property
    def _rule(self) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
        step, half, _ = RULES[len(self._axes)]
        line = np.arange(-half, half + step / 2, step) + step / 2 * self._jumps
        mass = step * np.exp(-(line**2) / 2) / np.sqrt(2 * np.pi)
        nodes = np.meshgrid(*[line] * len(self._axes), indexing="ij")
        masses = np.ones_like(nodes[0])
        for grid in np.meshgrid(*[mass] * len(self._axes), indexing="ij"):
            masses = masses * grid
        return tuple(grid.ravel() for grid in nodes), masses.ravel()

    def mean(self, argument: Expr, values: Mapping[Any, Any], g: Any) -> Any:
        """Average over the Gaussians by the trapezoidal rule."""
        nodes, masses = self._rule
        names = tuple(v for v in self.setting.parameters if self.weight.has(v))
        numbers = tuple(float(values[v]) for v in names)
        f = _at_nodes(self, names, numbers)
        rest = tuple(sorted(argument.free_symbols - {s.f, s.g, *self._axes}, key=str))
        function = _argument(argument, self._axes, rest)
        g = g if isinstance(g, complex) else float(g)
        found = function(f, *nodes, g, *(float(values[v]) for v in rest))
        return np.sum(masses * found) / (f.size // masses.size)

    def spectrum(self, names: tuple[Symbol, ...], numbers: tuple[float, ...]) -> np.ndarray:
        """The weight at the nodes of the rule; of several eigenvalues each in a row."""
        nodes, _ = self._rule
        function = lambdify((*self._axes, *names), self.weight, ["scipy", "numpy"])
        with np.errstate(over="ignore"):
            return np.asarray(function(*nodes, *numbers)) + 0 * nodes[0]


@lru_cache(maxsize=8)
def _at_nodes(scene: Scene, names: tuple[Symbol, ...], numbers: tuple[float, ...]) -> np.ndarray:
    return scene.spectrum(names, numbers)


@lru_cache(maxsize=256)
def _argument(argument: Expr, axes: tuple[Symbol, ...], rest: tuple[Symbol, ...]) -> Callable:
    return lambdify((s.f, *axes, s.g, *rest), argument, "numpy")


@lru_cache(maxsize=64)
def _lowest(setting: Setting, numbers: tuple[tuple[Symbol, Any], ...]) -> float:
    return lower_end(setting.at(dict(numbers)), 1).low


def _as_number(*of: Any) -> Expr:
    """A mean without a parameter in digits, which are found once."""
    whole = Integral(*of)
    return whole if whole.free_symbols else mean_number(whole, MEAN_DIGITS)


def one_weight(setting: Setting, mean: Expr | None = None) -> Expr:
    """The weight of a network of width one or infinity in the Gaussians u, v_1 and zeta.

    At p = inf `mean` may stand for the student's output.
    """
    overlap, u, v = setting.overlap, s.u, s.student_direction
    node = weights.student_nodes(1)[0]
    replaced = {
        node: overlap * u + sqrt(1 - overlap**2) * v,
        s.label: setting.target.subs(weights.teacher_nodes(1)[0], u),
    }
    return setting.single_weight(mean).subs(replaced, simultaneous=True)
