"""The signal block of teacher and student, where a sample has one weight in their plane."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sympy import Eq, Matrix, expand, eye, symbols

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import dressed_weight as h
from bbpsym.records import places
from bbpsym.records.record import Assignment, Nature, Record

u, v = s.u, s.student_direction


def _block() -> Matrix:
    """`1/g - alpha <(v v^T - 1) h>` in the frame of teacher and student, times no z."""
    frame = (u, v)
    return eye(2) / s.g - Matrix(
        2, 2, lambda i, j: s.alpha * Average((frame[i] * frame[j] - (1 if i == j else 0)) * h)
    )


def block_step(scene: Scene) -> Step:
    """Where the signal block of teacher and student is singular."""
    diagonal = [1 / s.g - s.alpha * Average((w**2 - 1) * h) for w in (u, v)]
    mixed = s.alpha * Average(u * v * h)
    statement = Eq(diagonal[0] * diagonal[1], mixed**2)

    def tell() -> Iterator[Any]:
        r"""Outliers of teacher and student together.

        The weights $F$ are not even in the student's pre-activation, so that $\langle u v h\rangle$
        does not vanish: the directions of teacher and student mix. With (31) for $z$, the inverse
        of the signal block is the matrix below.

        Domain: 1/f_- < g < 0; u along the teacher, v_1 along what the student adds to it.
        """
        yield statement
        block = _block()
        yield block, "z less the self-energies of u and v_1, with z from (31)"
        determinant = block.det()
        yield Eq(determinant, 0), "singular"
        yield Eq(expand(determinant + mixed**2), mixed**2), "determinant"
        yield statement

    record = Record(
        "block",
        Nature.DERIVED,
        tell,
        (),
        "determinant of the signal block",
        places.outlier.of(scene.draw),
        scene.reach,
    )
    sources = ("signal self-energy", "Stieltjes equation")
    return Step("outlier equation", n.OUTLIER, record, sources)


def student_step(scene: Scene) -> Step:
    """Where the signal block is singular along the student, if teacher and student do not mix."""
    statement = Eq(1 / s.g, s.alpha * Average((v**2 - 1) * h))

    def tell() -> Iterator[Any]:
        r"""Outliers along the student.

        The weights are even in the student's pre-activation: $\langle u v h\rangle$ vanishes, and
        the outliers along teacher and student have one equation each. The first one that leaves
        the bulk may be either; the overlap below is the teacher's.

        Domain: 1/f_- < g < 0; v_1 along the student.
        """
        yield statement
        block = _block().subs(Average(u * v * h), 0)
        yield block, "z less the self-energies of u and v_1, with z from (31)"
        yield Eq(1 / s.g, expand(1 / s.g - block[1, 1])), "singular along v_1"

    def at(rng: Random, digits: int) -> Iterator[Assignment]:
        world = scene.draw(rng, digits)
        rate = world.mean((v**2 - 1) * h)
        yield world.given({s.alpha: 1 / (world[s.g] * rate)})

    how = "entry of the signal block"
    record = Record("student", Nature.DERIVED, tell, (), how, at, scene.reach)
    sources = ("signal self-energy", "Stieltjes equation")
    name = "outlier equation along the student"
    return Step(name, n.OUTLIER, record, sources)


def block_overlap(scene: Scene) -> Step:
    """Squared overlap from the null vector of the signal block."""
    n_u, n_v = symbols("n_u n_v", real=True)
    slope = s.alpha * (
        n_u**2 * Average(u**2 * h**2)
        + 2 * n_u * n_v * Average(u * v * h**2)
        + n_v**2 * Average(v**2 * h**2)
    )

    def tell() -> Iterator[Any]:
        r"""Squared overlap with teacher and student.

        Near the outlier the singular eigenvalue of the block moves by $z - \lambda_*$ times
        $1 - n^T \Sigma'(g)\, n/\lambda'(g)$, with the unit null vector $n = (n_u, n_v)$.
        The share $n_u^2$ of it lies along the teacher.

        Domain: g at the outlier; |n| = 1.
        """
        yield Eq(s.overlap2, 1 / (1 - slope / s.lambda_slope))
        null = Matrix([n_u, n_v])
        energy = Matrix(2, 2, lambda i, j: s.alpha * Average((u, v)[i] * (u, v)[j] * h))
        moved = (null.T * energy.diff(s.g) * null)[0]
        yield moved, "slope of the self-energy along the null vector"
        yield Eq(s.overlap2, 1 / (1 - moved / s.lambda_slope)), "residue, as for one direction"

    record = Record("block-overlap", Nature.DERIVED, tell, (), "residue along the null vector")
    return Step("overlap", n.OVERLAP, record, ("outlier equation", "residue"))
