"""One independent world: a number for every symbol, from averages over the plane of the outputs.

Nothing here is taken from `bbpsym.equations` or from an answer: the dressed weight is written out,
a slope is a complex step, an overlap is the residue of a quotient, a threshold is where two of
these numbers are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import gamma
from random import Random
from types import MappingProxyType
from typing import Any

import flint
import numpy as np
from sympy import Derivative, Expr, Rational, exp

from bbpsym import symbols as s
from bbpsym.equations import edges, thresholds
from bbpsym.records import brute_force

#: The dressed weight, eq. (27).
DRESSED = s.f / (1 - s.g * s.f)

#: The central difference of order six.
STENCIL = ((3, 1), (2, -9), (1, 45))


class World(dict[Any, Any]):
    """Values of the parameters, and of every other symbol as soon as it is asked for.

    Parameters
    ----------
    parameters : mapping of Symbol to number
        Exact values; g to the left of the bulk unless a weight of its own is given.
    digits : int
        Digits wanted; double precision up to 12, balls beyond.
    weights : Weights, optional
        What f runs over: the paper's Hessian if nothing is said.
    """

    def __init__(
        self, parameters: Mapping[Any, Any], digits: int, weights: brute_force.Weights | None = None
    ) -> None:
        super().__init__(parameters)
        self.digits = digits
        self.weights = weights or brute_force.hessian_weights(int(self[s.p]))

    def __missing__(self, symbol: Any) -> Any:
        if isinstance(symbol, Derivative):
            return -self.mean(1 / (s.a + symbol.expr.args[0] * s.yh) ** 2)
        if isinstance(symbol, thresholds.X):
            return self.mean(1 / (s.a + symbol.args[0] * s.yh))
        self[symbol] = VALUES[symbol](self)
        return self[symbol]

    def number(self, symbol: Any) -> Any:
        """The value of a symbol in the arithmetic of this world."""
        return brute_force.number(self[symbol], self.digits)

    def given(self, values: Mapping[Any, Any]) -> World:
        """Add values to the world, and return it."""
        self.update(values)
        return self

    @property
    def end(self) -> Any:
        """The end of the domain of g, eq. (42)."""
        return -self[s.p] / 2

    def at(self, g: Any) -> World:
        """The same parameters at another g."""
        return self.like({k: v for k, v in self.items() if k in PARAMETERS} | {s.g: g})

    def like(self, values: Mapping[Any, Any]) -> World:
        """A world of the same weights with other values."""
        return World(values, self.digits, self.weights)

    def mean(self, argument: Any, g: Any = None) -> Any:
        """The average `<argument>` at g."""
        values = self if g is None else {**self, s.g: g}
        return brute_force.average(argument, values, self.weights, self.digits)

    def level(self, g: Any) -> Any:
        """`lambda(g)`: the z of (31)."""
        return 1 / g + self.number(s.alpha) * self.mean(DRESSED, g)

    def signal(self, g: Any) -> Any:
        """`S(g)`: the self-energy of a teacher's direction."""
        return self.number(s.alpha) * self.mean(s.u**2 * DRESSED, g)

    def step(self) -> Any:
        """Size of an imaginary step, whose square is below all digits."""
        return 1e-30 if self.digits <= brute_force.DOUBLE else flint.arb(10) ** -(self.digits + 10)

    def aside(self) -> Any:
        """The world's g with a small imaginary part."""
        g, step = self.number(s.g), self.step()
        return complex(g, step) if self.digits <= brute_force.DOUBLE else flint.acb(g, step)

    def slope(self, function: Callable[[Any], Any]) -> Any:
        """The derivative at g of a function that is real on the real axis."""
        return function(self.aside()).imag / self.step()

    def residue(self) -> Any:
        """`(z - lambda_*)/(z - S)` at a z next to the outlier: the squared overlap."""
        beside = self.aside()
        shift = self.level(beside).imag
        return shift / (shift - self.signal(beside).imag)

    def outlier_alpha(self) -> Any:
        """The alpha whose outlier is at g: there `lambda = S`."""
        g = self.number(s.g)
        return 1 / (g * (self.mean(s.u**2 * DRESSED, g) - self.mean(DRESSED, g)))

    def edge_alpha(self) -> Any:
        """The alpha whose sharp edge is at g: there lambda has no slope."""
        slope = self.slope(lambda g: self.mean(DRESSED, g))
        return 1 / (self.number(s.g) ** 2 * slope)

    def along(self, quantity: Callable[[World], Any]) -> Any:
        """The derivative in g of a quantity of the outlier's curve."""
        g = self.number(s.g)
        room = min(-g, g - brute_force.number(self.end, self.digits)) / 200

        def moved(by: Any) -> Any:
            return quantity(self.at(g + by * room).on_outlier())

        return sum(weight * (moved(k) - moved(-k)) for k, weight in STENCIL) / (60 * room)

    def on_outlier(self) -> World:
        """Take the alpha that puts an outlier at g."""
        self[s.alpha] = self.outlier_alpha()
        return self

    def on_edge(self) -> World:
        """Take the alpha that puts a sharp edge at g."""
        self[s.alpha] = self.edge_alpha()
        return self

    def at_the_end(self) -> World:
        """The end of the domain of g, where an edge is smooth."""
        return self.at(self.end)

    def overlap_slope(self) -> Any:
        """`d m^2/d alpha` along the outlier's curve."""
        rise, run = self.along(World.residue), self.along(lambda world: world[s.alpha])
        return rise / run

    def stieltjes(self, x: Any) -> complex:
        """The root g of (31) at `x - i 0`, followed from far below the real axis."""
        g, ratio = 1 / complex(x, -4), self.number(s.alpha)
        for depth in (4, 4, 2, 1, 0.5, 0.2, 0.05, 0, 0, 0, 0, 0, 0, 0):
            slope = -1 / g**2 + ratio * self.mean(DRESSED**2, g)
            g -= (self.level(g) - complex(x, -depth)) / slope
        return g


#: What a world is given; all else is computed from it.
PARAMETERS = (s.p, s.p_star, s.a, s.alpha, s.g)


def _curvature(world: World) -> Any:
    """`lambda''(g)`, whose dressed weights are written out."""
    g = world.number(s.g)
    return 2 / g**3 + world.number(s.alpha) * world.mean(2 * DRESSED**3)


#: How each symbol gets its number.
VALUES: Mapping[Any, Callable[[World], Any]] = MappingProxyType(
    {
        s.lambda_g: lambda w: w.level(w.number(s.g)),
        s.lambda_slope: lambda w: w.slope(w.level),
        s.S: lambda w: w.signal(w.number(s.g)),
        s.S_slope: lambda w: w.slope(w.signal),
        s.z: lambda w: w.level(w.number(s.g)),
        s.outlier: lambda w: w.level(w.number(s.g)),
        s.edge: lambda w: w.level(w.number(s.g)),
        s.overlap2: lambda w: w.residue(),
        s.overlap_rate: World.overlap_slope,
        s.alpha_0: lambda w: w.number(s.alpha) - w[s.overlap2] / w[s.overlap_rate],
        s.alpha_BBP: lambda w: w.at_the_end().outlier_alpha(),
        s.alpha_c: lambda w: w.at_the_end().edge_alpha(),
        edges.g_smooth: lambda w: w[s.g],
        edges.curvature: _curvature,
        edges.sharp_curvature: _curvature,
        s.laplace: lambda w: w.mean(exp(-s.sigma * s.y)),
        s.mean_at_t: lambda w: w.mean(1 / (s.a + (1 - s.t) * s.y + s.c * s.t * s.yh)),
    }
)


def smooth_edge_density(world: World, xi: float) -> float:
    """The density at a distance xi from a smooth edge, hundreds of decades below one.

    Past the end of the domain, `t = 1 + delta + i 0`, the denominator `a + (1 - t) y + c t yh` has
    a zero at a positive y. The contour of y is turned away from it for the real part of lambda;
    the zero's delta function gives the imaginary part, and that the height of the root t.
    """
    half = int(world[s.p_star]) / 2
    a, ratio, width = (float(world[k]) for k in (s.a, s.alpha, s.p))
    y, y_masses = brute_force.chi_square_rule(int(world[s.p_star]), brute_force.DOUBLE)
    yh, yh_masses = brute_force.chi_square_rule(int(world[s.p]), brute_force.DOUBLE)
    turn = np.exp(1j * np.pi / 4)
    y_masses = y_masses * turn**half * np.exp(half * y * (1 - turn))

    def over_weights(term: Callable[[int], Any]) -> Any:
        return ((width - 1) * term(1) + term(3)) / width

    def real_part(t: float) -> float:
        def share(c: int) -> float:
            D = a + c * t * yh + (1 - t) * turn * y[:, None]
            return (y_masses @ ((1 - (a + turn * y[:, None]) / D) @ yh_masses)).real

        return 2 / width * (ratio * over_weights(share) - 1) / t

    def imaginary_part(delta: float) -> float:
        def share(c: int) -> float:
            pole = (a + c * (1 + delta) * yh) / delta
            law = half**half / gamma(half) * pole ** (half - 1) * np.exp(-half * pole)
            return yh_masses @ ((a + pole) * law)

        return 2 / width * ratio * np.pi * over_weights(share) / (delta * (1 + delta))

    start, low, high = real_part(1), 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if real_part(1 + middle) - start < xi else (low, middle)
    slope = (real_part(1 + low * 1.001) - real_part(1 + low * 0.999)) / (low * 0.002)
    return width / 2 * imaginary_part(low) / (slope * np.pi)


def several(draw: Callable[[Random, int], Any]) -> Callable[[Random, int], Iterator[Any]]:
    """A place of two points by default; one where many digits make a point expensive."""

    def place(rng: Random, digits: int) -> Iterator[Any]:
        for _ in range(2 if digits <= brute_force.DOUBLE else 1):
            yield draw(rng, digits)

    return place


def named(module: Any, **values: Any) -> dict[Any, Any]:
    """Values of symbols by their names in a module, whole numbers exact."""
    exact = ((k, Rational(v) if isinstance(v, int) else v) for k, v in values.items())
    return {getattr(module, name): value for name, value in exact}


def parameters(rng: Random, **fixed: int) -> dict[Any, Any]:
    """Widths, loss normalisation, alpha and a g inside the domain (42), some of them fixed."""
    widths = {"p": rng.randint(1, 4), "p_star": rng.randint(1, 3)} | fixed
    t = rational(rng, "0.2", "0.9")
    rest = {"a": rational(rng, "0.3", 3), "alpha": rational(rng, "0.5", 4)}
    return named(s, **widths, **rest, g=-Rational(widths["p"], 2) * t)


def rational(rng: Random, low: Any, high: Any, denominator: int = 97) -> Expr:
    """A rational number strictly between two bounds."""
    share = Rational(rng.randrange(1, denominator), denominator)
    return Rational(low) + (Rational(high) - Rational(low)) * share
