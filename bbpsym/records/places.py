"""Where statements are held against numbers: random worlds, matrices, networks and samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise, permutations, product
from random import Random
from typing import Any

import numpy as np
from scipy.optimize import brentq
from sympy import IndexedBase, Matrix, Rational, diag, eye, log, sqrt, zeros

from bbpsym import symbols as s
from bbpsym.equations import (
    edges,
    finite_size,
    hessian,
    network,
    partitions,
    resolvent,
    student,
    thresholds,
)
from bbpsym.records import plane
from bbpsym.records.record import Approach, Place, Point
from bbpsym.records.world import DRESSED, World, parameters, rational, smooth_edge_density


def several(digits: int) -> range:
    """Two points by default; one where many digits make a point expensive."""
    return range(2 if digits <= plane.DOUBLE else 1)


def worlds(
    prepare: Callable[[World, Random], World], weights: plane.Weights | None = None, **fixed: Any
) -> Place:
    """A place of random worlds, each prepared in some way, with some parameters fixed."""
    values = {getattr(s, name): value for name, value in fixed.items()}

    def place(rng: Random, digits: int) -> Iterator[World]:
        for _ in several(digits):
            drawn = parameters(rng) | {s.c: rational(rng, "1.6", 3), s.t: rational(rng, 0, "0.4")}
            drawn |= {s.sigma: rational(rng, 0, 3), s.g: drawn[s.g] / drawn[s.p]} | values
            yield prepare(World(drawn | {s.g: drawn[s.g] * drawn[s.p]}, digits, weights), rng)

    return place


def at_the_end(values: dict[Any, Any], digits: int) -> World:
    """A world at the smooth edge with its outlier there."""
    return World(values | {s.g: -values[s.p] / 2}, digits).on_outlier()


def _below(world: World, rng: Random) -> World:
    """A smooth edge, at an alpha below alpha_c: the largest lambda of the domain is at its end."""
    end = world.at_the_end()
    end[s.alpha] = end[s.alpha_c] * plane.number(rational(rng, "0.2", "0.9"), world.digits)
    values = [
        (end.level(-world.number(s.p) / 2 * k / 20), -k * world[s.p] / 40) for k in range(1, 21)
    ]
    end[edges.g_smooth] = max(values, key=lambda pair: pair[0])[1]
    return end


def _far(world: World, _rng: Random) -> World:
    """A very large output of the teacher."""
    (weight, _), *_ = plane.hessian_weights(int(world[s.p]) + 1)
    far = {s.p: world[s.p], s.a: world[s.a], s.yh: 0, s.y: Rational(10) ** (world.digits + 20)}
    lowest = weight.subs(far)
    return world.given({edges.f_minus: lowest, edges.g_minus: 1 / lowest})


bulk = worlds(lambda world, _: world)
outlier = worlds(lambda world, _: world.on_outlier())
sharp_edge = worlds(lambda world, _: world.on_edge())
smooth_edge = worlds(_below)
end = worlds(lambda world, _: world.at_the_end().on_outlier())
two_and_two = worlds(lambda world, _: world, p=Rational(2), p_star=Rational(2))
far_output = worlds(_far)


#: Weights that are a function of the label: of the averaged Hessian, and the optimal ones (g > 0).
_AVERAGED: plane.Weights = ((2 / s.p * (1 + 2 / s.p - s.y) / (s.a + s.y), 1),)
_OPTIMAL: plane.Weights = ((1 - 1 / s.y, 1),)

averaged_end = worlds(lambda world, _: world.at_the_end(), _AVERAGED)
optimal = worlds(
    lambda world, rng: world.at(rational(rng, "0.1", "0.9")).on_outlier(), _OPTIMAL, p=Rational(1)
)
optimal_end = worlds(lambda world, _: world.at(Rational(1)).on_outlier(), _OPTIMAL, p=Rational(1))
off_curve = worlds(lambda world, rng: world.given({s.z: rational(rng, -3, 0)}))


def _sampled(world: World, _rng: Random) -> World:
    """Variance over the samples of the mean of a sample's p dressed weights."""
    dressed = [(DRESSED.subs(s.f, value), share) for value, share in world.weights]
    mean, square = (sum(share * h**n for h, share in dressed) for n in (1, 2))
    variance = world.mean(mean**2) - world.mean(mean) ** 2
    return world.given(
        {
            finite_size.edge_variance: world.number(s.alpha) * variance,
            finite_size.spread: world.mean(square - mean**2),
        }
    )


def _student(world: World, _rng: Random) -> World:
    """The lowest self-energy of a student's direction less that of the bulk, over alpha."""
    (across, _), (along, _) = ((DRESSED.subs(s.f, value), x) for value, x in world.weights)
    excess = world.mean((s.yh - 1) * across) - world.mean((along - across) / s.p)
    return world.given({student.excess: excess})


sampled_weights = worlds(_sampled, p=Rational(3))
student_directions = worlds(_student, p=Rational(3))
one_outlier = worlds(lambda world, _: world.on_outlier(), p=Rational(1), p_star=Rational(1))


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
    names = {resolvent.O: turn, resolvent.Ot: turn.T, resolvent.identity: eye(2)}
    names |= {resolvent.G: world[s.g] * eye(2), resolvent.Sigma: energy * eye(2)}
    return world.given(names)


def _two_signals(world: World, rng: Random) -> World:
    """The same with the self-energy (34) of a signal direction."""
    return _two_nodes(world, rng).given({resolvent.Sigma: world[s.S] * eye(2)})


two_nodes = worlds(_two_nodes, p=Rational(2))
two_signals = worlds(_two_signals, p=Rational(2))


def widening(rng: Random, digits: int) -> Iterator[Approach]:
    """Smooth edges at widths doubled each time."""
    values = {s.p_star: Rational(rng.randint(1, 3)), s.a: rational(rng, "0.3", 3)}
    widths = (Rational(64 * 2**k) for k in range(6))
    yield Approach(tuple(at_the_end(values | {s.p: width}, digits) for width in widths))


def wide(rng: Random, digits: int) -> Iterator[World]:
    """Widths at which the fourth order in 1/p is below 1e-10 and the third is not."""
    for _ in several(digits):
        values = {s.p: Rational(rng.randint(1000, 2000)), s.p_star: Rational(rng.randint(1, 3))}
        yield at_the_end(values | {s.a: rational(rng, "0.3", 3)}, digits)


def large_a(rng: Random, digits: int) -> Iterator[Approach]:
    """Smooth edges at a doubled each time."""
    values = {s.p: Rational(rng.randint(1, 4)), s.p_star: Rational(rng.randint(1, 3))}
    shifts = (Rational(100 * 2**k) for k in range(6))
    yield Approach(tuple(at_the_end(values | {s.a: shift}, digits) for shift in shifts))


def tiny_a(rng: Random, digits: int) -> Iterator[World]:
    """Smooth edges at a tiny a."""
    for _ in several(digits):
        values = {s.p: Rational(rng.randint(5, 9)), s.p_star: Rational(rng.randint(1, 3))}
        yield at_the_end(values | {s.a: Rational(1, 10**14)}, digits)


def narrow_widths(rng: Random, digits: int) -> Iterator[Point]:
    """Thresholds at the end of the domain for the smallest widths, under names of their own."""
    for _ in several(digits):
        values = parameters(rng)
        found = {
            thresholds.alpha_of[width]: at_the_end(values | {s.p: Rational(width)}, digits)[s.alpha]
            for width in thresholds.alpha_of
        }
        yield values | found


def _crossing(values: dict[Any, Any], gap: Callable[[World], float], ends: tuple) -> World:
    """The world at the g, in units of -p/2, where a gap vanishes."""
    scale = -float(values[s.p]) / 2
    t = brentq(lambda t: float(gap(World(values | {s.g: scale * t}, 10))), *ends, xtol=1e-15)
    return World(values | {s.g: scale * t}, 10)


def continuous_threshold(rng: Random, _digits: int) -> Iterator[World]:
    """Where the outlier's curve meets that of the sharp edge."""
    values = {s.p: Rational(2), s.p_star: Rational(1), s.a: rational(rng, "0.5", "0.8")}
    gap = lambda w: w.edge_alpha() / w.outlier_alpha() - 1  # noqa: E731
    yield _crossing(values, gap, (0.5, 0.999)).on_outlier()


def near_sharp_edge(_rng: Random, _digits: int) -> Iterator[Approach]:
    """Densities at distances from a sharp edge that are halved each time."""
    values = {s.p: Rational(2), s.p_star: Rational(1), s.a: Rational(7, 10), s.alpha: Rational(2)}
    world = _crossing(values, lambda w: w[s.lambda_slope], (0.3, 0.99))
    points = []
    for xi in (0.02 / 2**k for k in range(6)):
        density = world.stieltjes(world[s.edge] + xi).imag / np.pi
        points.append(world.at(world[s.g]).given({edges.xi: xi, edges.rho: density}))
    yield Approach(tuple(points))


def near_smooth_edge(_rng: Random, _digits: int) -> Iterator[Approach]:
    """Densities hundreds of decades below one, at distances that are halved each time."""
    values = {s.p: Rational(2), s.p_star: Rational(1), s.a: Rational(5, 2), s.alpha: Rational(1)}
    world = World(values | {s.g: Rational(-1)}, 10)
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


def matrix(rng: Random, rows: int, columns: int) -> Matrix:
    """A matrix of rational numbers between -1 and 1."""
    return Matrix(rows, columns, lambda _i, _j: rational(rng, -1, 1))


def symmetric(rng: Random, size: int) -> Matrix:
    """A symmetric rational matrix of norm about one half."""
    entries = matrix(rng, size, size)
    return (entries + entries.T) / (4 * size)


def rotation(rng: Random, size: int) -> Matrix:
    """A rational rotation, by Cayley's transform of an antisymmetric matrix."""
    entries = matrix(rng, size, size)
    generator = entries - entries.T
    return (eye(size) - generator).inv() * (eye(size) + generator)


def matrices(rng: Random, digits: int) -> Iterator[Point]:
    """One random matrix with rational eigenvectors: its blocks, its inverse, its self-energy."""
    r = resolvent
    for _ in several(digits):
        turn, z = rotation(rng, 4), rational(rng, 2, 3)
        levels = diag(*(rational(rng, -1, 1) for _ in range(4)))
        H = turn * levels * turn.T
        G = (z * eye(4) - H).inv()
        top, rest = slice(0, 2), slice(2, 4)
        energy = H[top, top] + H[top, rest] * (z * eye(2) - H[rest, rest]).inv() * H[rest, top]
        names = {r.H_11: H[top, top], r.H_12: H[top, rest], r.H_21: H[rest, top]}
        mean = sum(1 / (z - level) for level in levels.diagonal()) / 4
        yield names | {
            r.H_22: H[rest, rest],
            r.G_11: G[top, top],
            r.Sigma: energy,
            r.identity: eye(2),
            s.z: z,
            s.g: mean,
            s.p: Rational(2),
            s.N: Rational(2),
            **{IndexedBase("G")[n + 1, n + 1]: G[n, n] for n in range(4)},
        }


def eigenbases(rng: Random, digits: int) -> Iterator[Point]:
    """Eigenvectors and eigenvalues of a rational matrix."""
    r = resolvent
    for _ in several(digits):
        turn, z = rotation(rng, 4), rational(rng, 2, 3)
        levels = diag(*(rational(rng, -1, 1) for _ in range(4)))
        G = (z * eye(4) - turn * levels * turn.T).inv()
        yield {
            r.G: G,
            r.vectors: turn,
            r.vectors_t: turn.T,
            r.Lambda: levels,
            s.z: z,
            r.identity: eye(4),
        }


def series(rng: Random, digits: int) -> Iterator[Point]:
    """A bare resolvent and a self-energy whose product is nilpotent, so that series end."""
    r = resolvent
    for _ in several(digits):
        bare = matrix(rng, 3, 3) + 3 * eye(3)
        step = Matrix(3, 3, lambda i, j: rational(rng, -1, 1) if i < j else 0)
        energy = bare.inv() * step
        full = (bare.inv() - energy).inv()
        yield {r.G: full, r.G0: bare, r.Sigma: energy, r.identity: eye(3)}


def fields(rng: Random, digits: int) -> Iterator[Point]:
    """Random positive matrices of two fields, and a value of the one that stays."""
    r = resolvent
    for _ in several(digits):
        one, two, off = rational(rng, 1, 2), rational(rng, 1, 2), rational(rng, "0.1", "0.7")
        inverse = Matrix([[one, off], [off, two]]).inv()
        entries = {r.A_11: one, r.A_12: off, r.A_22: two, r.phi_1: rational(rng, -1, 1)}
        yield entries | {r.resolvent_entry: inverse[0, 1], r.Z: one}


def patterns(rng: Random, digits: int) -> Iterator[Point]:
    """All sign patterns `x_i = +-1/sqrt(N)` have the second moments of the Gaussian."""
    for _ in several(digits):
        weights = 2 * rotation(rng, 4)[:, 0]
        signs = [Matrix(signs) / 2 for signs in product((-1, 1), repeat=4)]
        moment = sum((weights.T * x)[0] * x[1] for x in signs) / len(signs)
        # The input has standard deviation 1/2.
        yield {resolvent.correlation: 2 * moment, resolvent.w_qi: weights[1], s.N: Rational(4)}


def signed_exchanges(rng: Random, digits: int) -> Iterator[Point]:
    """Average a random matrix over all signed exchanges of the axes: what is left commutes."""
    group = [
        Matrix(3, 3, lambda r, c: signs[r] if order[r] == c else 0)  # noqa: B023
        for order, signs in product(permutations(range(3)), product((1, -1), repeat=3))
    ]
    for _ in several(digits):
        start = symmetric(rng, 3)
        mean = sum((turn * start * turn.T for turn in group), zeros(3)) / len(group)
        yield {resolvent.G: mean, s.g: start.trace() / 3, resolvent.identity: eye(3)}


def mixed_derivative(function: Callable[[Any, Any], Any]) -> Any:
    """The mixed second derivative at zero of a polynomial of degree four, exactly."""

    def difference(h: Rational) -> Any:
        ends = function(h, h) - function(h, -h) - function(-h, h) + function(-h, -h)
        return ends / (4 * h**2)

    return (4 * difference(Rational(1, 2)) - difference(Rational(1))) / 3


def networks(rng: Random, digits: int) -> Iterator[Point]:
    """A student and a teacher with rational weights: outputs, loss, Hessian, weights, rotations."""
    n = network
    for node in several(digits):
        width, size, samples = rng.randint(2, 4), 3, 2
        W, W_star = matrix(rng, width, size), matrix(rng, 2, size)
        data, a = matrix(rng, samples, size), rational(rng, "0.3", 3)

        def loss(weights: Matrix, x: Matrix, W_star: Matrix = W_star, a: Any = a) -> Any:
            output, target = (sum(v**2 for v in M * x) / M.rows for M in (weights, W_star))
            return (target - output) ** 2 / (2 * (a + target))

        def moved(at: tuple[int, int], to: tuple[int, int], by: tuple, W: Matrix = W) -> Matrix:
            change = zeros(W.rows, W.cols)
            change[at] += by[0]
            change[to] += by[1]
            return W + change

        rows = [data[k, :].T for k in range(samples)]
        values = {
            n.hessian_entry: mixed_derivative(
                lambda *by: sum(loss(moved((0, 0), (node, 2), by), x) for x in rows)  # noqa: B023
            )
        }
        for k, x in enumerate(rows, start=1):
            # The weight (5) is the derivative in the pre-activations, of which x is a direction.
            direction = x / (x.T * x)[0]
            weight = mixed_derivative(
                lambda one, two: loss(W + _rows(width, (0, one), (node, two)) * direction.T, x)  # noqa: B023
            )
            values |= {n.weight_entry[k]: weight, n.x_i[k]: x[0], n.x_j[k]: x[2]}
        turn, nodes = rotation(rng, width), W * x
        values |= {
            n.weight_matrix_entry: weight,
            hessian.lambda_q: nodes[0],
            hessian.lambda_r: nodes[node],
            n.q: Rational(1),
            n.r: Rational(node + 1),
            s.p: Rational(width),
            s.N: Rational(size),
            s.p_star: Rational(2),
            s.M: Rational(samples),
            s.a: a,
            s.y: sum(v**2 for v in W_star * x) / 2,
            s.yh: sum(v**2 for v in turn * nodes) / width,
            n.W: W,
            n.Wt: W.T,
            n.x: x,
            n.xt: x.T,
            n.O: turn,
            n.Ot: turn.T,
        }
        values |= {n.teacher_nodes[k + 1]: v for k, v in enumerate(W_star * x)}
        values |= {n.student_nodes[k + 1]: v for k, v in enumerate(nodes)}
        values |= {n.x_entries[k + 1]: v for k, v in enumerate(x)}
        values |= {n.W_entries[k + 1, i + 1]: W[k, i] for k in range(width) for i in range(size)}
        yield values


def _rows(size: int, *entries: tuple[int, Any]) -> Matrix:
    found = zeros(size, 1)
    for row, value in entries:
        found[row] += value
    return found


def spectra(rng: Random, _digits: int) -> Iterator[Point]:
    """Eigenvalues of second derivatives of the loss in all pre-activations, p = 2 to 5."""
    for _ in range(2):
        width, a, y = rng.randint(2, 5), rational(rng, "0.3", 3), rational(rng, 0, 2)
        nodes = matrix(rng, width, 1)

        def loss(change: Matrix, nodes: Matrix = nodes, a: Any = a, y: Any = y) -> Any:
            return (y - sum(v**2 for v in nodes + change) / nodes.rows) ** 2 / (2 * (a + y))

        weight = Matrix(
            width,
            width,
            lambda k, l: mixed_derivative(
                lambda *by: loss(_rows(width, (k, by[0]), (l, by[1])))  # noqa: B023
            ),
        )
        low, high = sorted(weight.eigenvals())
        outputs = {s.y: y, s.yh: sum(v**2 for v in nodes) / width}
        yield outputs | {hessian.f_1: low, hessian.f_2: high, s.p: Rational(width), s.a: a}


def aligned(rng: Random, digits: int) -> Iterator[Point]:
    """An eigenvector aligned with one pair of nodes, in rotated bases of both networks."""
    n, width, width_star, size = network, 2, 3, 9
    for _ in several(digits):
        row, column, m = rng.randrange(width), rng.randrange(width_star), rational(rng, 0, 1)
        # |w*_l| = sqrt(N) = 3; what is not aligned is orthogonal to all teachers.
        teacher = 3 * eye(size)[:width_star, :]
        vector, unit = zeros(width, size), zeros(width, width_star)
        vector[row, column], vector[row, size - 1], unit[row, column] = m, sqrt(1 - m**2), 1
        turn, turn_star = rotation(rng, width), rotation(rng, width_star)
        V, W_star = turn * vector, turn_star.T * teacher
        M = V * W_star.T / 3
        yield {
            n.overlap_matrix: M,
            n.V: V,
            n.W_star_t: W_star.T,
            n.m: m,
            n.O: turn,
            n.O_star: turn_star,
            n.unit_matrix: unit,
            s.N: Rational(size),
            s.p: Rational(width),
            s.p_star: Rational(width_star),
            **{
                n.overlap_entries[k + 1, l + 1]: M[k, l]
                for k, l in product(range(width), range(width_star))
            },
        }


def _generator(rng: Random) -> np.random.Generator:
    return np.random.default_rng(rng.randrange(2**32))


def many_samples(rng: Random, _digits: int) -> Iterator[Point]:
    """A sum over many samples."""
    world, generator, count = World(parameters(rng), 10), _generator(rng), 2_000_000
    target, output = (
        generator.chisquare(int(world[k]), count) / int(world[k]) for k in (s.p_star, s.p)
    )
    a, width = float(world[s.a]), float(world[s.p])
    # The trace of the weight matrix over p: the mean of its eigenvalues.
    mean = np.mean((2 / width) * ((1 + 2 / width) * output - target) / (a + target))
    yield world.given({resolvent.sample_mean: mean * float(world[s.alpha])})


def sampled_matrices(rng: Random, _digits: int) -> Iterator[Point]:
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


def sampled_hessians(rng: Random, _digits: int) -> Iterator[Point]:
    """Mean overlaps of the two outliers of a few Hessians with p = 2, p* = 1."""
    from bbpsym.finite import Point as Parameters
    from bbpsym.finite import draw, lowest, overlaps

    point, generator, rows = Parameters(400, 2, 1, 0.7, 4.0), _generator(rng), []
    for _ in range(5):
        instance = draw(point, generator)
        rows.append(overlaps(instance, lowest(instance).vectors).norm ** 2)
    values = {s.p: Rational(2), s.p_star: Rational(1), s.a: Rational(7, 10)}
    gap = lambda world: world.outlier_alpha() - 4  # noqa: E731
    world = _crossing(values, gap, (0.2, 0.9)).on_outlier()
    for overlap in np.mean(rows, axis=0):
        yield world.at(world[s.g]).given({network.entry_overlap2: overlap})


def inside(rng: Random, _digits: int) -> Iterator[Point]:
    """The package's density inside the bulk, and the Stieltjes transform just below the axis."""
    from bbpsym import Model, density

    values = {s.p: Rational(rng.randint(2, 3)), s.p_star: Rational(rng.randint(1, 2))}
    world = World(values | {s.a: rational(rng, "0.6", "1.4"), s.alpha: rational(rng, 1, 2)}, 10)
    x, model = rational(rng, "0.2", "0.6"), Model(*(world[k] for k in (s.p, s.p_star, s.a)))
    found = world.stieltjes(x).imag
    yield {resolvent.rho: density(model, world[s.alpha], float(x)), resolvent.imaginary_part: found}


def scan(_rng: Random, _digits: int) -> Iterator[Point]:
    """The package's thresholds of both kinds on a grid of widths and a."""
    from bbpsym import thresholds as found

    shifts = np.array([1e-6, 0.1, 0.5, 1, 4])
    grid = np.meshgrid([1, 2, 3, 5, 10, 100], [1, 2, 4], shifts, indexing="ij")
    for alpha, width_star in zip(found(*grid).alpha.ravel(), grid[1].ravel(), strict=True):
        yield {s.alpha_BBP: alpha, s.p_star: Rational(int(width_star))}
