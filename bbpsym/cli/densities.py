"""The command that prints the density of eigenvalues."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import click

from bbpsym.answers.density import decimals, visible
from bbpsym.answers.density import density as density_of
from bbpsym.answers.result import exact_record
from bbpsym.cli.columns import Style, look_options
from bbpsym.cli.options import Precision, refuse
from bbpsym.cli.problems import problem_options
from bbpsym.cli.values import alpha_option
from bbpsym.reading import arguments
from bbpsym.writing.display import exact_text, is_exact
from bbpsym.writing.grid import Grid

#: Points where none are given.
POINTS = 41

#: The points, where densities are one answer of several.
x_option = click.option(
    "--x", "x", help="Eigenvalues of --only density, as in -1:2:0.1; else where the bulk is."
)


@click.command()
@problem_options
@alpha_option
@click.option("--x", "x", help="Eigenvalues: -1,0,0.5 or -1:2:0.1; else where the bulk is.")
@look_options
def density(problems: list[Any], alpha: str, x: str | None, style: Style) -> None:
    """Print the density of the bulk at given eigenvalues, every digit correct.

    It is zero outside the bulk and inf at an atom, whose weight it does not hold.

    \b
    Example:
      bbpsym density --weight "(y-1)/(y+1)" --p-star 1 --alpha 2 --x -1:1:0.1
      bbpsym density --p 2 --p-star 1 --a 0.7 --alpha 2 --format csv
    """  # noqa: D301 - click reads the backspace
    put_densities([*product(problems, arguments.alphas(alpha))], x, style)


def put_densities(
    given: Sequence[tuple[Any, Fraction | None]], x: str | None, style: Style
) -> None:
    """Print the densities of problems, each at an alpha if it has one, at eigenvalues."""
    points = None if x is None else arguments.reals(x, "x")
    rows = [row for problem, ratio in given for row in _rows(problem, ratio, points)]
    grid = _grid(given, rows)
    if style.format not in ("csv", "json") and not style.columns:
        told = [name for name in rows[0] if any(row[name] != "" for row in rows)]
        grid = grid.choose(*(told if len(given) > 1 else ("x", "density")))  # the title says more
    style.put(grid)


def is_density(
    only: str | None, x: str | None, others: dict[str, Any], precision: Precision
) -> bool:
    """Whether densities are asked for, which are those of the bulk in double precision."""
    if only != "density":
        refuse({"x": x}, "without --only density")
        return False
    refuse(others | precision._asdict(), "with --only density")
    return True


def _rows(
    problem: Any, alpha: Fraction | None, points: Sequence[Fraction] | None
) -> list[dict[str, Any]]:
    """One row a point: what is asked about, the point, and the density as a text."""
    at = visible(problem, alpha, POINTS) if points is None else [*map(float, points)]
    found = density_of(problem, alpha, at)
    places = decimals(problem, found)
    of = problem.labels() | ({} if alpha is None else {"alpha": alpha})
    return [
        {**of, "x": x, "density": f"{value:.{places}f}"}
        for x, value in zip(at if points is None else points, found.tolist(), strict=True)
    ]


def _record(row: dict[str, Any]) -> dict[str, Any]:
    value = row["density"]
    return exact_record(row, False) | {"density": value if value == "inf" else float(value)}


def _grid(given: Sequence[tuple[Any, Fraction | None]], rows: list[dict[str, Any]]) -> Grid:
    """A table under what it is about, where that is one."""
    heads, title = [*rows[0]], "Density of the bulk"
    if len(given) == 1:
        ((problem, alpha),) = given
        title = f"{title} of {problem!r}"
        title += "" if alpha is None else f" at alpha = {exact_text(alpha)}"
    cells = [[exact_text(x) if is_exact(x) else f"{x}" for x in row.values()] for row in rows]
    units = dict.fromkeys(problem.unit for problem, _ in given if problem.unit != "1")
    inverse = {"2/p": "p/2", "1/p": "p"}
    notes = [f"At p = inf x is in units of {u}, the density of {inverse[u]}." for u in units]
    aligned = [name in ("a", "alpha", "x", "density") for name in heads]
    records = [_record(row) for row in rows]
    return Grid(heads, cells, title, notes, aligned=aligned, right=heads, records=records)
