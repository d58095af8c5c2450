"""Where statements are held against numbers: random worlds, their limits, and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
from sympy import Rational, eye, log

from bbpsym import symbols as s
from bbpsym.equations import (
    edges,
    finite_size,
    partitions,
    resolvent,
    student,
    student_teacher,
    thresholds,
)
from bbpsym.records import brute_force
from bbpsym.records.matrices import rotation
from bbpsym.records.record import Approach, Assignment
from bbpsym.records.world import (
    DRESSED,
    World,
    named,
    parameters,
    rational,
    several,
    smooth_edge_density,
)


@dataclass(frozen=True)
class Worlds:
    """A place of random worlds, each prepared in some way."""

    #: Puts a world where a statement is to hold.
    prepare: Callable[[World, Random], World]
    #: Draws a world.
    draw: Callable[[Random, int], World]

    def __call__(self, rng: Random, digits: int) -> Iterator[World]:
        """Draw some worlds and prepare them."""
        return several(lambda rng, digits: self.prepare(self.draw(rng, digits), rng))(rng, digits)

    def of(self, draw: Callable[[Random, int], World]) -> Worlds:
        """The same place among other worlds."""
        return replace(self, draw=draw)


def worlds(
    prepare: Callable[[World, Random], World],
    weights: brute_force.Weights | None = None,
    **fixed: int,
) -> Worlds:
    """A place of worlds of the paper's network, with some parameters fixed."""

    def draw(rng: Random, digits: int) -> World:
        drawn = parameters(rng, **fixed)
        drawn |= {s.c: rational(rng, "1.6", 3), s.t: rational(rng, 0, "0.4")}
        return World(drawn | {s.sigma: rational(rng, 0, 3)}, digits, weights)

    return Worlds(prepare, draw)


def at_the_end(values: dict[Any, Any], digits: int) -> World:
    """A world at the smooth edge with its outlier there."""
    return World(values | {s.g: -values[s.p] / 2}, digits).on_outlier()


def _below(world: World, rng: Random) -> World:
    """A smooth edge, at an alpha below alpha_c: the largest lambda of the domain is at its end."""
    end = world.at_the_end()
    end[s.alpha] = end[s.alpha_c] * brute_force.number(rational(rng, "0.2", "0.9"), world.digits)
    values = [
        (end.level(brute_force.number(world.end, world.digits) * k / 20), k * world.end / 20)
        for k in range(1, 21)
    ]
    end[edges.g_smooth] = max(values, key=lambda pair: pair[0])[1]
    return end


def _far(world: World, _rng: Random) -> World:
    """A very large output of the teacher."""
    (weight, _), *_ = brute_force.hessian_weights(int(world[s.p]) + 1)
    far = {s.p: world[s.p], s.a: world[s.a], s.yh: 0, s.y: Rational(10) ** (world.digits + 20)}
    lowest = weight.subs(far)
    return world.given({edges.f_minus: lowest, edges.g_minus: 1 / lowest})


bulk = worlds(lambda world, _: world)
outlier = worlds(lambda world, _: world.on_outlier())
sharp_edge = worlds(lambda world, _: world.on_edge())
smooth_edge = worlds(_below)
end = worlds(lambda world, _: world.at_the_end().on_outlier())
two_and_two = worlds(lambda world, _: world, p=2, p_star=2)
far_output = worlds(_far)


#: Weights that are a function of the label: of the averaged Hessian, and the optimal ones (g > 0).
_AVERAGED: brute_force.Weights = ((2 / s.p * (1 + 2 / s.p - s.y) / (s.a + s.y), 1),)
_OPTIMAL: brute_force.Weights = ((1 - 1 / s.y, 1),)

averaged_end = worlds(lambda world, _: world.at_the_end(), _AVERAGED)
optimal = worlds(
    lambda world, rng: world.at(rational(rng, "0.1", "0.9")).on_outlier(), _OPTIMAL, p=1
)
optimal_end = worlds(lambda world, _: world.at(Rational(1)).on_outlier(), _OPTIMAL, p=1)
off_curve = worlds(lambda world, rng: world.given({s.z: rational(rng, -3, 0)}))


def _sampled(world: World, _rng: Random) -> World:
    """Variance over the samples of the mean of a sample's p dressed weights."""
    dressed = [(DRESSED.subs(s.f, value), share) for value, share in world.weights]
    mean, square = (sum(share * h**n for h, share in dressed) for n in (1, 2))
    variance = world.mean(mean**2) - world.mean(mean) ** 2
    world[finite_size.spread] = world.mean(square - mean**2)
    return world.given({finite_size.edge_variance: world.number(s.alpha) * variance})


def _student(world: World, _rng: Random) -> World:
    """The lowest self-energy of a student's direction less that of the bulk, over alpha."""
    (across, _), (along, _) = ((DRESSED.subs(s.f, value), x) for value, x in world.weights)
    excess = world.mean((s.yh - 1) * across) - world.mean((along - across) / s.p)
    return world.given({student.excess: excess})


sampled_weights = worlds(_sampled, p=3)
student_directions = worlds(_student, p=3)
one_outlier = worlds(lambda world, _: world.on_outlier(), p=1, p_star=1)


def _moments(world: World, _rng: Random) -> World:
    """Free cumulants from quadrature, moments by Lagrange's inversion of `z(g)`."""
    series = [1] + [world.number(s.alpha) * world.mean(s.f**n) for n in range(1, 9)]
    for order in range(1, 9):
        power = [1] + [0] * order
        for _ in range(order + 1):
            power = [sum(power[k] * series[n - k] for k in range(n + 1)) for n in range(order + 1)]
        world[partitions.moment_symbol(order)] = power[order] / (order + 1)
    return world


moments = worlds(_moments)


def _two_nodes(world: World, rng: Random) -> World:
    """For p = 2 the resolvent and the self-energy (27) are numbers times the identity."""
    world[s.p_star], turn = Rational(1), rotation(rng, 2)
    energy = world.mean(DRESSED) * world.number(s.alpha)
    world[s.z] = 1 / world.number(s.g) + energy
    names = named(resolvent, O=turn, Ot=turn.T, identity=eye(2))
    return world.given(names | named(resolvent, G=world[s.g] * eye(2), Sigma=energy * eye(2)))


two_nodes = worlds(_two_nodes, p=2)

#: The same with the self-energy (34) of a signal direction.
two_signals = worlds(
    lambda world, rng: _two_nodes(world, rng).given({resolvent.Sigma: world[s.S] * eye(2)}), p=2
)


def widening(rng: Random, digits: int) -> Iterator[Approach]:
    """Smooth edges at widths doubled each time."""
    values = parameters(rng)
    widths = (Rational(64 * 2**k) for k in range(6))
    yield Approach(tuple(at_the_end(values | {s.p: width}, digits) for width in widths))


@several
def wide(rng: Random, digits: int) -> World:
    """Widths at which the fourth order in 1/p is below 1e-10 and the third is not."""
    return at_the_end(parameters(rng, p=rng.randint(1500, 2200)), digits)


@several
def rather_wide(rng: Random, digits: int) -> World:
    """The same for a series whose fourth order is smaller, so that its third stands out."""
    return at_the_end(parameters(rng, p=rng.randint(800, 1200)), digits)


def large_a(rng: Random, digits: int) -> Iterator[Approach]:
    """Smooth edges at a doubled each time."""
    values = parameters(rng)
    shifts = (Rational(100 * 2**k) for k in range(6))
    yield Approach(tuple(at_the_end(values | {s.a: shift}, digits) for shift in shifts))


@several
def tiny_a(rng: Random, digits: int) -> World:
    """Smooth edges at a tiny a."""
    values = parameters(rng, p=rng.randint(5, 9)) | {s.a: Rational(1, 10**14)}
    return at_the_end(values, digits)


@several
def narrow_widths(rng: Random, digits: int) -> Assignment:
    """Thresholds at the end of the domain for the smallest widths, under names of their own."""
    values = parameters(rng)
    for width, symbol in thresholds.alpha_of.items():
        values[symbol] = at_the_end(values | {s.p: Rational(width)}, digits)[s.alpha]
    return values


def _crossing(values: dict[Any, Any], gap: Callable[[World], float], ends: tuple) -> World:
    """The world at the g, in units of -p/2, where a gap vanishes."""
    from scipy.optimize import brentq

    scale = -float(values[s.p]) / 2
    t = brentq(lambda t: float(gap(World(values | {s.g: scale * t}, 10))), *ends, xtol=1e-15)
    return World(values | {s.g: scale * t}, 10)


def continuous_threshold(rng: Random, _digits: int) -> Iterator[World]:
    """Where the outlier's curve meets that of the sharp edge."""
    values = parameters(rng, p=2, p_star=1) | {s.a: rational(rng, "0.5", "0.8")}
    gap = lambda w: w.edge_alpha() / w.outlier_alpha() - 1  # noqa: E731
    yield _crossing(values, gap, (0.5, 0.999)).on_outlier()


def near_sharp_edge(_rng: Random, _digits: int) -> Iterator[Approach]:
    """Densities at distances from a sharp edge that are halved each time."""
    values = named(s, p=2, p_star=1, a=Rational(7, 10), alpha=2)
    world = _crossing(values, lambda w: w[s.lambda_slope], (0.3, 0.99))
    points = []
    for xi in (0.02 / 2**k for k in range(6)):
        density = world.stieltjes(world[s.edge] + xi).imag / np.pi
        points.append(world.at(world[s.g]).given({edges.xi: xi, edges.rho: density}))
    yield Approach(tuple(points))


def near_smooth_edge(_rng: Random, _digits: int) -> Iterator[Approach]:
    """Densities hundreds of decades below one, at distances that are halved each time."""
    world = World(named(s, p=2, p_star=1, a=Rational(5, 2), alpha=1, g=-1), 10)
    points = []
    for k in range(4):
        xi = Rational(1, 40 * 2**k)
        density = smooth_edge_density(world, float(xi))
        points.append(world.at(world[s.g]).given({edges.xi: xi, edges.rho: density}))
    yield Approach(tuple(points))


def exponents(rng: Random, digits: int) -> Iterator[Approach]:
    """Ratios of densities at doubled distances from a sharp edge."""
    for approach in near_sharp_edge(rng, digits):
        pairs = pairwise((float(at[edges.xi]), float(at[edges.rho])) for at in approach.points)
        slopes = (np.log(r / q) / np.log(x / w) for (x, r), (w, q) in pairs)
        yield Approach(tuple({edges.exponent: slope} for slope in slopes))


def constants(rng: Random, digits: int) -> Iterator[Approach]:
    """Second differences of log rho at a smooth edge: powers of xi and constants drop out."""
    for approach in near_smooth_edge(rng, digits):
        logs = [float(log(at[edges.rho])) for at in approach.points]
        rows = zip(approach.points, logs, logs[1:], logs[2:], strict=False)
        found = (
            World(at, 10).given({edges.constant: -at[edges.xi] * (one - 2 * two + three)})
            for at, one, two, three in rows
        )
        yield Approach(tuple(found), power=2)


def _generator(rng: Random) -> np.random.Generator:
    return np.random.default_rng(rng.randrange(2**32))


def many_samples(rng: Random, _digits: int) -> Iterator[Assignment]:
    """A sum over many samples."""
    world, generator, count = World(parameters(rng), 10), _generator(rng), 2_000_000
    target, output = (
        generator.chisquare(int(world[k]), count) / int(world[k]) for k in (s.p_star, s.p)
    )
    a, width = float(world[s.a]), float(world[s.p])
    # The trace of the weight matrix over p: the mean of its eigenvalues.
    mean = np.mean((2 / width) * ((1 + 2 / width) * output - target) / (a + target))
    yield world.given({resolvent.sample_mean: mean * float(world[s.alpha])})


def sampled_matrices(rng: Random, _digits: int) -> Iterator[Assignment]:
    """Moments of sampled matrices with p = 1, for weights independent of the inputs."""
    generator, size, ratio, runs = _generator(rng), 600, 4, 3
    totals, powers, orders = np.zeros(4), np.zeros(4), np.arange(1, 5)[:, None]
    for _ in range(runs):
        target, output = generator.chisquare(8, (2, ratio * size)) / 8  # light tails
        weights = 2 * (3 * output - target) / (2 + target)
        data = generator.standard_normal((ratio * size, size)) / np.sqrt(size)
        one = data.T @ (weights[:, None] * data)
        two = one @ one
        traces = np.trace(one), np.trace(two), np.sum(two * one), np.sum(two * two)
        totals += np.array(traces) / (size * runs)
        powers += ratio * np.mean(weights**orders, axis=1) / runs
    yield {partitions.moment_symbol(n + 1): value for n, value in enumerate(totals)} | {
        partitions.sample_cumulant(n + 1): value for n, value in enumerate(powers)
    }


def sampled_hessians(rng: Random, _digits: int) -> Iterator[Assignment]:
    """Mean overlaps of the two outliers of a few Hessians with p = 2, p* = 1."""
    from bbpsym.finite import Point as Parameters
    from bbpsym.finite import draw, lowest, overlaps

    point, generator, rows = Parameters(400, 2, 1, 0.7, 4.0), _generator(rng), []
    for _ in range(5):
        instance = draw(point, generator)
        rows.append(overlaps(instance, lowest(instance).vectors).norm ** 2)
    values = named(s, p=2, p_star=1, a=Rational(7, 10))
    gap = lambda world: world.outlier_alpha() - 4  # noqa: E731
    world = _crossing(values, gap, (0.2, 0.9)).on_outlier()
    for overlap in np.mean(rows, axis=0):
        yield world.at(world[s.g]).given({student_teacher.entry_overlap2: overlap})


def inside(rng: Random, _digits: int) -> Iterator[Assignment]:
    """The package's density inside the bulk, and the Stieltjes transform just below the axis."""
    from bbpsym import Model, density

    world = World(parameters(rng, p=2) | {s.alpha: rational(rng, 1, 2)}, 10)
    x, model = rational(rng, "0.2", "0.6"), Model(*(world[k] for k in (s.p, s.p_star, s.a)))
    found = world.stieltjes(x).imag
    yield {resolvent.rho: density(model, world[s.alpha], float(x)), resolvent.imaginary_part: found}


def scan(_rng: Random, _digits: int) -> Iterator[Assignment]:
    """The package's thresholds of both kinds on a grid of widths and a."""
    from bbpsym import thresholds as found

    shifts = np.array([1e-6, 0.1, 0.5, 1, 4])
    grid = np.meshgrid([1, 2, 3, 5, 10, 100], [1, 2, 4], shifts, indexing="ij")
    for alpha, width_star in zip(found(*grid).alpha.ravel(), grid[1].ravel(), strict=True):
        yield {s.alpha_BBP: alpha, s.p_star: Rational(int(width_star))}
