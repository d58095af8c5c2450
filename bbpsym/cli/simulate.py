"""`bbpsym simulate`, `descend` and `summarize`: sweeps of finite-size Hessians and descents."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bbpsym.cli.columns import Style, file_option, look_options
from bbpsym.cli.options import (
    FORMULAS,
    Command,
    Integer,
    Real,
    jobs_option,
    network_options,
    side_option,
)
from bbpsym.errors import DomainError
from bbpsym.reading import arguments
from bbpsym.writing.display import counted

if TYPE_CHECKING:
    from bbpsym.finite.sweep import Swept


def numbers_option(name: str, text: str, required: bool = True) -> Callable[[Command], Command]:
    """Add a list of positive numbers and ranges."""
    read = lambda _context, _option, value: value and arguments.numbers(value, name)  # noqa: E731
    return click.option(f"--{name}", callback=read, required=required, help=text)


def widths_option(name: str, text: str) -> Callable[[Command], Command]:
    """Add a list of positive integers and ranges."""
    read = lambda _context, _option, value: arguments.widths(value, name)  # noqa: E731
    return click.option(
        f"--{name.replace('_', '-')}", name, callback=read, required=True, help=text
    )


def sizes_option(command: Command) -> Command:
    """Add the list of input dimensions."""

    def read(_context: Any, _option: Any, value: str) -> list[int]:
        why = "matrices of p N rows are made"
        return [
            arguments.dimension(item, 2, arguments.MAX_WIDTH, why)
            for item in arguments.sizes(value, "N")
        ]

    return click.option("--N", "N", callback=read, required=True, help="Input dimensions.")(command)


def sweep_options(command: Command) -> Command:
    """Add a grid of problems, how many to draw at each, and where to keep what was measured.

    They arrive as `problems`, what `grid` takes, and as `how`, what `sweep` takes beside it.
    """

    @wraps(command)
    def call(
        alpha: list[Fraction], a: list[Fraction] | None, values: dict[str, str], **given: Any
    ) -> None:
        formulas = {name: given.pop(name) for name in (*FORMULAS, "output")}
        problems = {name: given.pop(name) for name in ("N", "p", "p_star")}
        problems |= {"alpha": [*map(float, alpha)], **network_of(formulas, values, a)}
        how = {name: given.pop(name) for name in ("store", "samples", "seed", "jobs")}
        command(problems=problems, how=how | {"progress": sys.stderr.isatty()}, **given)

    found: Command = call
    path = click.Path(path_type=Path)
    for add in (
        network_options,
        click.option("--store", type=path, required=True, help="File of samples."),
        jobs_option,
        click.option(
            "--seed", type=Integer(), required=True, help="With the parameters, fixes every sample."
        ),
        click.option("--samples", type=Integer(1), required=True, help="Samples at each point."),
        numbers_option("alpha", "Signal-to-noise ratios M/N."),
        numbers_option(
            "a", "Loss normalisations: the values of a in the formulas.", required=False
        ),
        widths_option("p_star", "Teacher widths."),
        widths_option("p", "Student widths."),
        sizes_option,
    ):
        found = add(found)
    return found


@click.command()
@sweep_options
@side_option("End of the spectrum that is measured.")
def simulate(problems: dict[str, Any], how: dict[str, Any], side: str) -> None:
    """Draw problems over a grid, measure their Hessians, keep the results in a file.

    The network is the paper's, with x^2 and the loss (y-yh)^2/(2*(a+y)), where nothing else is
    given. Formulas hold numbers, names and known functions, such as tanh, erf, exp, log and max.

    Lists are written 1,2,4 and ranges 0.8:1.8:0.1, ends included. Run the same command again to
    resume after an interruption, or a larger one to add to the file.

    \b
    Example:
      bbpsym simulate --p 1 --p-star 1 --a 1.5 --alpha 0.8:1.8:0.1 --N 100,200,400 \\
        --samples 200 --seed 1 --jobs 2 --store runs.jsonl
      bbpsym simulate --loss "log(cosh((y-yh)/k))" --activation "tanh(x)" --set k=0.5 --p 1 \\
        --p-star 1 --alpha 3 --N 400 --samples 20 --seed 1 --store runs.jsonl
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite.sweep import grid, sweep

    say(sweep(grid(**problems, side=side), **how))


@click.command()
@sweep_options
@click.option("--start", default="random", show_default=True, help="Of random, hessian, optimal.")
@click.option("--space", default="free", show_default=True, help="Weights: free, or on the sphere.")
@click.option("--fraction", type=Real(), default=0.5, show_default=True, help="Size of a step.")
@click.option("--time", type=Real(), default=1000, show_default=True, help="End of the descent.")
def descend(
    problems: dict[str, Any],
    how: dict[str, Any],
    start: str,
    space: str,
    fraction: float,
    time: float,
) -> None:
    """Descend the loss over a grid, measure the way, keep the results in a file.

    A step and the time are in inverses of the Hessian's highest eigenvalue at the start. Starts are
    a random student, the lowest eigenvector of its Hessian, and the highest eigenvectors of the
    optimal matrix; several are written random,hessian. The problems are those of `simulate`.

    Run the same command again to resume after an interruption, or a larger one to add to the file.

    \b
    Example:
      bbpsym descend --p 1,2 --p-star 1 --a 1.5 --alpha 1:3:0.5 --N 100 --samples 30 --seed 1 \\
        --store descents.jsonl
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite.descended import DESCENT
    from bbpsym.finite.descent import descents
    from bbpsym.finite.sweep import grid, sweep

    starts = [word.strip() for word in start.split(",")]
    points = descents(grid(**problems), starts, space, fraction, time)
    say(sweep(points, **how, what=DESCENT))


def network_of(
    formulas: dict[str, str | None], values: dict[str, str], a: list[Fraction] | None
) -> dict[str, Any]:
    """Return the network and the values of a that a command was given, by their names in `grid`."""
    from bbpsym.finite.architecture import PAPER, Architecture

    given: dict[str, Any] = {name: text for name, text in formulas.items() if text is not None}
    if "a" in values:
        if a is not None:
            raise DomainError("a must be given once, not by --a and by --set")
        a = arguments.numbers(values.pop("a"), "a")
    default = {"loss": PAPER.loss, "activation": PAPER.activation}
    network = Architecture(**{**default, **given}, parameters=values)
    if network.has_a and a is None:
        raise DomainError(f"a must be given: it stands in {network}")
    if a is not None and not network.has_a:
        raise DomainError("a has a value but is in no formula")
    return {"network": network, "a": [0.0] if a is None else list(map(float, a))}


def say(done: Swept) -> None:
    """Print what a sweep did."""
    computed = counted(done.computed, "sample", "samples")
    click.echo(f"{computed} computed, {done.found} found in {done.store}")


#: Parameters whose values are words.
_WORDS = ("side", "start", "space")


class Parameters(click.ParamType):
    """Parameters to select by, such as `p=1,2,a=1.5`: each of one of its values."""

    name = "parameters"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, list[Any]]:
        """Return the values of the parameters by name."""
        texts: dict[str, str] = {}
        for part in str(value).split(","):
            name, sign, text = (word.strip() for word in part.rpartition("="))
            if (sign and name in texts) or not (name or texts):
                raise DomainError(f"select must be like p=1,2,a=1.5, not {str(value)!r:.40}")
            name = name or [*texts][-1]
            texts[name] = f"{texts[name]},{text}" if name in texts else text
        return {name: _selected(name, text) for name, text in texts.items()}


def _selected(name: str, text: str) -> list[Any]:
    """The values of one parameter: words, integers and ranges of them, or numbers."""
    if name in _WORDS:
        return [word.strip() for word in text.split(",")]
    if name in ("p", "p_star"):
        return [*arguments.widths(text, name)]
    read = arguments.sizes(text, name) if name == "N" else arguments.reals(text, name)
    return [*map(float, read)]


@click.command()
@click.argument("store", type=click.Path(path_type=Path))
@file_option
@look_options
@click.option("--select", type=Parameters(), default=None, help="Only these, as in p=1,2,a=1.5.")
@click.option("--crossings", is_flag=True, help="Where phi(alpha) of successive sizes cross.")
@click.option("--alpha-zero", type=Real(), metavar="ABOVE", help="Zero of m^2 fitted above ABOVE.")
@click.option("--edge", type=Real(), metavar="EDGE", help="Exponents of the distance from EDGE.")
@click.option("--onset", is_flag=True, help="Where descents pass m^2 = 1/2, by straight lines.")
def summarize(
    store: Path,
    style: Style,
    select: dict[str, Any] | None,
    crossings: bool,
    alpha_zero: float | None,
    edge: float | None,
    onset: bool,
) -> None:
    """Average the samples in STORE, point by point, with bootstrap errors.

    Of descents, found is the fraction that end with a squared overlap above 0.9, and 0, 100 and
    end are times. Of Hessians, phi is the fraction of samples whose eigenvector of largest overlap
    is the lowest, phi_outliers the fraction in which it is among the p p_star lowest. STORE may
    also be a summary in CSV.

    \b
    Example:
      bbpsym summarize runs.jsonl --format csv > summary.csv
      bbpsym summarize summary.csv --select p=1,a=1.5 --alpha-zero 1.4
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite import fit_tables
    from bbpsym.finite.descent_summary import holds_descents

    fitted, is_descents = crossings or alpha_zero is not None or edge is not None, False
    if fitted or onset:
        is_descents = holds_descents(store)
    if fitted and is_descents:
        raise DomainError("crossings, alpha-zero and edge are for Hessians, not for descents")
    if onset and not is_descents:
        raise DomainError("onset is for descents, not for Hessians")
    if (fitted or onset) and style.format != "text":
        raise DomainError(f"format must be text for fits and onsets, not {style.format}")
    if (fitted or onset) and style.columns:
        raise DomainError("columns are for averages, not for fits and onsets")
    if style.digits:
        raise DomainError("columns are names here, without digits, which errors decide")
    summary = _averages(store, select or {}).choose(*style.columns)
    tables = [fit_tables.crossing_table(summary)] if crossings else []
    tables += [] if alpha_zero is None else [fit_tables.alpha_zero_table(summary, alpha_zero)]
    tables += [] if edge is None else [fit_tables.edge_table(summary, edge)]
    tables += [summary.onsets()] if onset else []
    text = "\n\n".join(tables) or replace(style, columns=()).write(summary)
    style.put(text.rstrip("\n"))


def _averages(store: Path, select: dict[str, Any]) -> Any:
    """Averages of a store, or from CSV, of Hessians or of descents, at some of its points."""
    from bbpsym.finite.descent_summary import DescentSummary, holds_descents, summarize_descents
    from bbpsym.finite.summary import Summary
    from bbpsym.finite.summary import summarize as average

    read: Any = (Summary.from_csv, average)
    if holds_descents(store):
        read = (DescentSummary.from_csv, summarize_descents)
    summary = read[0 if store.suffix == ".csv" else 1](store)
    chosen = summary.select(**select)
    if len(summary) and not len(chosen):
        texts = {name: ",".join(map(_text, values)) for name, values in select.items()}
        words = ",".join(f"{name}={text}" for name, text in texts.items())
        raise DomainError(f"select must name some of the {len(summary)} points, not {words}")
    return chosen


def _text(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"
