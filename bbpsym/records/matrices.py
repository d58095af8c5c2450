"""Rational matrices and networks of random entries: both sides of a statement are exact."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from random import Random
from typing import Any

from sympy import IndexedBase, Matrix, Rational, diag, eye, sqrt, zeros

from bbpsym import symbols as s
from bbpsym.equations import hessian
from bbpsym.equations import resolvent as r
from bbpsym.equations import student_teacher as n
from bbpsym.records.record import Assignment
from bbpsym.records.world import named, rational, several


def matrix(rng: Random, rows: int, columns: int) -> Matrix:
    """A matrix of rational numbers between -1 and 1."""
    return Matrix(rows, columns, lambda _i, _j: rational(rng, -1, 1))


def rotation(rng: Random, size: int) -> Matrix:
    """A rational rotation, by Cayley's transform of an antisymmetric matrix."""
    entries = matrix(rng, size, size)
    generator = entries - entries.T
    return (eye(size) - generator).inv() * (eye(size) + generator)


@several
def matrices(rng: Random, _digits: int) -> Assignment:
    """One random matrix with rational eigenvectors: its blocks, its inverse, its self-energy."""
    turn, z = rotation(rng, 4), rational(rng, 2, 3)
    levels = diag(*(rational(rng, -1, 1) for _ in range(4)))
    H = turn * levels * turn.T
    G, top, rest = (z * eye(4) - H).inv(), slice(0, 2), slice(2, 4)
    energy = H[top, top] + H[top, rest] * (z * eye(2) - H[rest, rest]).inv() * H[rest, top]
    mean = sum(1 / (z - level) for level in levels.diagonal()) / 4
    blocks = named(r, H_11=H[top, top], H_12=H[top, rest], H_21=H[rest, top], H_22=H[rest, rest])
    blocks |= named(r, G_11=G[top, top], Sigma=energy, identity=eye(2))
    entries = {IndexedBase("G")[k + 1, k + 1]: G[k, k] for k in range(4)}
    return blocks | entries | named(s, z=z, g=mean, p=2, N=2)


@several
def eigenbases(rng: Random, _digits: int) -> Assignment:
    """Eigenvectors and eigenvalues of a rational matrix."""
    turn, z = rotation(rng, 4), rational(rng, 2, 3)
    levels = diag(*(rational(rng, -1, 1) for _ in range(4)))
    G = (z * eye(4) - turn * levels * turn.T).inv()
    basis = named(r, G=G, vectors=turn, vectors_t=turn.T, Lambda=levels, identity=eye(4))
    return basis | {s.z: z}


@several
def series(rng: Random, _digits: int) -> Assignment:
    """A bare resolvent and a self-energy whose product is nilpotent, so that series end."""
    bare = matrix(rng, 3, 3) + 3 * eye(3)
    step = Matrix(3, 3, lambda i, j: rational(rng, -1, 1) if i < j else 0)
    energy = bare.inv() * step
    return named(r, G=(bare.inv() - energy).inv(), G0=bare, Sigma=energy, identity=eye(3))


@several
def fields(rng: Random, _digits: int) -> Assignment:
    """Random positive matrices of two fields, and a value of the one that stays."""
    one, two, off = rational(rng, 1, 2), rational(rng, 1, 2), rational(rng, "0.1", "0.7")
    entry = Matrix([[one, off], [off, two]]).inv()[0, 1]
    values = named(r, A_11=one, A_12=off, A_22=two, phi_1=rational(rng, -1, 1), Z=one)
    return values | {r.resolvent_entry: entry}


@several
def patterns(rng: Random, _digits: int) -> Assignment:
    """All sign patterns `x_i = +-1/sqrt(N)` have the second moments of the Gaussian."""
    weights = 2 * rotation(rng, 4)[:, 0]
    signs = [Matrix(signs) / 2 for signs in product((-1, 1), repeat=4)]
    moment = sum((weights.T * x)[0] * x[1] for x in signs) / len(signs)
    # The input has standard deviation 1/2.
    return {r.correlation: 2 * moment, r.w_qi: weights[1], s.N: Rational(4)}


@several
def signed_exchanges(rng: Random, _digits: int) -> Assignment:
    """Average a random matrix over all signed exchanges of the axes: what is left commutes."""
    start, total, size = matrix(rng, 3, 3), zeros(3), 3
    group = [*product(permutations(range(size)), product((1, -1), repeat=size))]
    for order, signs in group:
        turn = zeros(size)
        for row, (column, sign) in enumerate(zip(order, signs, strict=True)):
            turn[row, column] = sign
        total += turn * start * turn.T
    return {r.G: total / len(group), s.g: start.trace() / size, r.identity: eye(size)}


def mixed_derivative(function: Callable[[Matrix], Any], at: Matrix, *ways: Matrix) -> Any:
    """Second derivative along two directions of a polynomial of degree four, exactly."""
    one, two = ways

    def difference(h: Any) -> Any:
        corners = product((1, -1), repeat=2)
        return sum(i * j * function(at + h * (i * one + j * two)) for i, j in corners) / (4 * h**2)

    return (4 * difference(Rational(1, 2)) - difference(1)) / 3


def _loss(weights: Matrix, x: Matrix, target: Any, shift: Any) -> Any:
    """The loss (3) of one sample in plain arithmetic."""
    output = sum(value**2 for value in weights * x) / weights.rows
    return (target - output) ** 2 / (2 * (shift + target))


def unit(rows: int, columns: int, *at: int) -> Matrix:
    """A matrix with a single entry."""
    found = zeros(rows, columns)
    found[at] = 1
    return found


@several
def networks(rng: Random, _digits: int) -> Assignment:
    """A student and a teacher with rational weights: outputs, loss, Hessian, weights, rotations."""
    width, size, node = rng.randint(2, 4), 3, rng.randint(0, 1)
    W, W_star = matrix(rng, width, size), matrix(rng, 2, size)
    turn, shift = rotation(rng, width), rational(rng, "0.3", 3)
    values: dict[Any, Any] = {}
    total = Rational(0)
    for sample in (1, 2):
        x = matrix(rng, size, 1)
        target = sum(value**2 for value in W_star * x) / 2
        loss = lambda weights: _loss(weights, x, target, shift)  # noqa: B023, E731
        at = unit(width, size, 0, 0), unit(width, size, node, 2)
        total += mixed_derivative(loss, W, *at)
        # The weight (5) is the derivative in the pre-activations: weights moved along the input.
        ways = (unit(width, 1, row, 0) * x.T / (x.T * x)[0] for row in (0, node))
        weight = mixed_derivative(loss, W, *ways)
        values |= {n.weight_entry[sample]: weight, n.x_i[sample]: x[0], n.x_j[sample]: x[2]}
    nodes = W * x
    values |= named(n, hessian_entry=total, weight_matrix_entry=weight, q=1, r=node + 1)
    values |= named(n, W=W, Wt=W.T, x=x, xt=x.T, O=turn, Ot=turn.T)
    values |= named(s, p=width, N=size, p_star=2, M=2, a=shift, y=target)
    values[s.yh] = sum(value**2 for value in turn * nodes) / width
    values |= named(hessian, lambda_q=nodes[0], lambda_r=nodes[node])
    for base, entries in ((n.teacher_nodes, W_star * x), (n.student_nodes, nodes)):
        values |= {base[k + 1]: value for k, value in enumerate(entries)}
    return values


@several
def spectra(rng: Random, _digits: int) -> Assignment:
    """Eigenvalues of second derivatives of the loss in all pre-activations, p = 2 to 5."""
    width, shift, target = rng.randint(2, 5), rational(rng, "0.3", 3), rational(rng, 0, 2)
    nodes = matrix(rng, width, 1)
    loss = lambda moved: _loss(moved, eye(1), target, shift)  # noqa: E731
    axes = [unit(width, 1, k, 0) for k in range(width)]
    weight = Matrix([[mixed_derivative(loss, nodes, one, two) for one in axes] for two in axes])
    low, high = sorted(weight.eigenvals())
    output = sum(value**2 for value in nodes) / width
    return named(s, p=width, a=shift, y=target, yh=output) | {hessian.f_1: low, hessian.f_2: high}


@several
def aligned(rng: Random, _digits: int) -> Assignment:
    """An eigenvector aligned with one pair of nodes, in rotated bases of both networks."""
    width, width_star, size = 2, 3, 9
    row, column, m = rng.randrange(width), rng.randrange(width_star), rational(rng, 0, 1)
    # |w*_l| = sqrt(N) = 3; what is not aligned is orthogonal to all teachers.
    vector, pair = zeros(width, size), unit(width, width_star, row, column)
    vector[row, column], vector[row, size - 1] = m, sqrt(1 - m**2)
    turn, turn_star = rotation(rng, width), rotation(rng, width_star)
    V, W_star_t = turn * vector, (turn_star.T * 3 * eye(size)[:width_star, :]).T
    M = V * W_star_t / 3
    values = named(n, overlap_matrix=M, V=V, W_star_t=W_star_t, m=m, O=turn, O_star=turn_star)
    values |= named(s, N=size, p=width, p_star=width_star) | {n.unit_matrix: pair}
    cells = product(range(width), range(width_star))
    return values | {n.overlap_entries[k + 1, l + 1]: M[k, l] for k, l in cells}
