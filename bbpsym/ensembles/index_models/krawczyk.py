"""A zero of a system of equations in balls, proved by Krawczyk's map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from flint import arb, arb_mat, ctx

from bbpsym.errors import PrecisionError

#: Values of the equations at a column of unknowns, and their derivatives.
Equations: TypeAlias = Callable[[arb_mat], tuple[arb_mat, arb_mat]]

#: Most steps that refine a root, and how often a box is widened until it is mapped into itself.
STEPS, BOXES = 40, 8


def enclosed_zero(system: Equations, start: arb_mat) -> arb_mat:
    """Enclose the zero next to a start; there is no other one in the enclosure.

    Raises
    ------
    PrecisionError
        If none is found at the precision of `flint.ctx`.
    """
    try:
        return _enclosed(system, start)
    except ZeroDivisionError:  # a matrix of balls has no inverse
        raise PrecisionError("a root is not enclosed") from None


def _enclosed(system: Equations, middle: arb_mat) -> arb_mat:
    for _ in range(STEPS):
        value, slope = system(middle)
        inverse = slope.inv().mid()
        step = inverse * value
        middle = (middle - step).mid()
        if _size(step) < arb(2) ** (-ctx.prec * 3 // 4):
            break
    step = -(inverse * system(middle)[0])
    radius = 2 * _size(step) + arb(2) ** (-ctx.prec + 8)
    for _ in range(BOXES):
        box = arb_mat([[arb(0, radius)]] * middle.nrows())
        left = -(inverse * system(middle + box)[1])
        for k in range(middle.nrows()):
            left[k, k] += 1
        moved = step + left * box
        pairs = zip(box.tolist(), moved.tolist(), strict=True)
        if all(old.contains_interior(new) for (old,), (new,) in pairs):
            return middle + moved
        radius *= 8
    raise PrecisionError("a root is not enclosed")


def blocks(rows: Sequence[Sequence[arb_mat | None]]) -> arb_mat:
    """Return one matrix made of blocks; None stands for zeros."""
    columns = zip(*rows, strict=True)
    heights = [next(block.nrows() for block in row if block is not None) for row in rows]
    widths = [next(block.ncols() for block in column if block is not None) for column in columns]
    lines: list[list[arb]] = []
    for row, height in zip(rows, heights, strict=True):
        for k in range(height):
            lines.append([])
            for block, width in zip(row, widths, strict=True):
                lines[-1] += block.tolist()[k] if block is not None else [arb(0)] * width
    return arb_mat(lines)


def _size(matrix: arb_mat) -> arb:
    """An upper bound of the sum of absolute values."""
    return sum((x.abs_upper() for row in matrix.tolist() for x in row), arb(0)).upper()
