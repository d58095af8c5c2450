"""The command that draws the figures."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from bbpsym.cli.options import Integer, OneOf, foretell, network_options
from bbpsym.errors import DomainError
from bbpsym.numerics.curve import SIDES
from bbpsym.reading import arguments

#: The figure of whatever matrix is asked about.
ANY_MATRIX = 16


def _number(_context: Any, _option: Any, value: str) -> Any:
    """Read what may be the number of a figure."""
    number = arguments.exact(value)
    return value if number is None or number.denominator != 1 else int(number)


@click.command()
@click.argument("number", callback=_number)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="PDF, SVG or PNG file; figureN.pdf by default.",
)
@click.option("--p", help="Student width, for figures 7, 8, 10 (or several) and 16.")
@click.option("--p-star", help="Teacher width, for figures 2, 8, 10 and 16.")
@click.option("--a", help="Loss normalisation, for figures 10 and 16.")
@click.option("--alpha", help="Signal-to-noise ratio, for figure 16.")
@click.option("--alpha-max", help="Last signal-to-noise ratio, for figure 10.")
@partial(network_options, ensembles=True, output=False)
@click.option("--side", type=OneOf(SIDES), help="Side of the bulk, for figure 16.")
@click.option("--simulate", is_flag=True, help="Simulate anew (1, 3-5, 12, 18, 19), and resume.")
@click.option(
    "--samples",
    type=Integer(1),
    help="Samples at each point; 100 or, for descents, those of their list by default.",
)
@click.option("--jobs", type=Integer(1), help="Worker processes; 1 by default.")
@click.option("--store", type=click.Path(path_type=Path), help="File for the simulations.")
def figure(
    number: int,
    output: Path | None,
    p: str | None,
    p_star: str | None,
    a: str | None,
    alpha: str | None,
    alpha_max: str | None,
    side: str | None,
    simulate: bool,
    samples: int | None,
    jobs: int | None,
    store: Path | None,
    **others: Any,
) -> None:
    """Draw figure NUMBER, with its data as CSV beside it.

    \b
    1 overlap against alpha          6 as 2, for p* = 2
    2 threshold against a            7 threshold against p*
    3 phi against alpha              8 phase diagram
    4 m^2 and alpha_0                9 approach to p = inf
    5 left edge, sharp and smooth    10 Hessian, its average, optimal weights
    11 deformed Gaussian matrix      12 one sigmoid and one tanh unit
    13 threshold against p, other networks
    14 logistic regression           15 scale of a loss
    16 density and overlap of any model, weight or network
    17 teachers of two indices       18 onset of gradient descent
    19 gradient descent: its way, and its starts
    20 sample covariance

    Simulations come from the stored summaries; --simulate makes new ones, which the same command
    takes up where it was interrupted, in the file --store (beside the figure by default).

    \b
    Example:
      bbpsym figure 16 --weight "(y-1)/(y+1)" --p-star 1 --alpha 3 --side right
    """  # noqa: D301 - click reads the backspace
    from bbpsym.figures.make import check_output, figure_data, save

    for name, value in (("samples", samples), ("jobs", jobs), ("store", store)):
        if value is not None and not simulate:
            raise DomainError(f"{name} is for simulations: add --simulate, or leave it out")
    output = check_output(output or f"figure{number}.pdf")
    widths = {"p_star": p_star, "a": a, "p": p}
    formulas = {name: value for name, value in others.items() if value not in (None, {})}
    given: dict[str, Any] = {**widths, "alpha": alpha, "alpha_max": alpha_max, "side": side}
    if number == ANY_MATRIX:
        given = _matrix(widths, formulas, alpha, side) | {"alpha_max": alpha_max}
    elif formulas:
        name = "set" if (first := next(iter(formulas))) == "values" else first
        raise DomainError(f"{name} is for figure {ANY_MATRIX}, not for {number}")
    options = {name: value for name, value in given.items() if value is not None}
    if simulate:
        foretell("simulating takes minutes, or hours for many samples; the same command resumes")
    else:
        foretell(f"computing figure {number}, up to a minute")
    simulation = _simulation(number, output, store, samples, jobs or 1) if simulate else None
    panels = figure_data(number, simulation=simulation, **options)
    for path in save(number, output, panels):
        click.echo(path)


def _matrix(
    widths: dict[str, str | None], formulas: dict[str, Any], alpha: str | None, side: str | None
) -> dict[str, Any]:
    """The options of the figure that shows any matrix."""
    from bbpsym.cli.problems import one, problems

    if not (formulas or any(widths.values())):
        return {"alpha": alpha, "side": side}
    if alpha is None:
        raise DomainError(f"alpha must be given for figure {ANY_MATRIX}")
    matrix = one(problems(widths, formulas), f"figure {ANY_MATRIX}")
    return {"matrix": matrix, "alpha": alpha, "side": side}


def _simulation(
    number: int, output: Path, store: Path | None, samples: int | None, jobs: int
) -> Any:
    from bbpsym.figures.catalogue import recipe

    chosen = recipe(number)
    if chosen.simulate is None:
        raise DomainError(f"simulate has no meaning for figure {number}: it shows theory alone")
    return chosen.simulate(
        store or output.with_suffix(chosen.store), samples or chosen.samples, jobs
    )
