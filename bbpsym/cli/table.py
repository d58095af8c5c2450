"""The command that prints threshold tables."""

from __future__ import annotations

from functools import partial as partial_of
from itertools import product
from pathlib import Path

import click

from bbpsym import journal, ranges
from bbpsym.answers.result_table import FORMATS, Table
from bbpsym.answers.threshold import Threshold
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.columns import Style, style_options
from bbpsym.cli.options import certified_option, digits_option
from bbpsym.cli.resume import Work, partial, write
from bbpsym.errors import DomainError
from bbpsym.model import Model

SUFFIXES = {
    "": "text",
    ".txt": "text",
    ".csv": "csv",
    ".json": "json",
    ".md": "markdown",
    ".tex": "latex",
    ".html": "html",
}


@click.command()
@click.option("--p", default="1,2,3,4,6,10,inf", show_default=True, help="Student widths.")
@click.option("--p-star", default="1", show_default=True, help="Teacher widths.")
@click.option("--a", default="0.1,0.3,0.7,1,1.5,3", show_default=True, help="Normalisations.")
@digits_option
@certified_option
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), help="Output format.")
@click.option("--jobs", type=click.IntRange(1), default=1, help="Processes that answer.")
@style_options
@click.option("--output", type=click.Path(path_type=Path), help="File to write to.")
def table(
    p: str,
    p_star: str,
    a: str,
    digits: int | None,
    certified: bool,
    format_: str | None,
    output: Path | None,
    jobs: int,
    style: Style,
) -> None:
    """Print a table of BBP thresholds.

    Widths and normalisations are lists of numbers and ranges: 1:4,inf or 0.1:2:0.1. With
    --output the rows are kept in FILE.partial while they are computed, so that the same command
    takes up where it was interrupted.
    """
    models = _models(p, p_star, a)
    format_ = _format_of(output, format_)
    style.check(format_)
    work = Work(
        models,
        "thresholds",
        journal.HEAD,
        key=lambda model: journal.key(model, digits, certified),
        answer=partial_of(threshold_of, digits=digits, certified=certified),
        dump=journal.dump,
        load=journal.load,
        jobs=jobs,
    )
    with partial(output, journal.HEAD) as rows:
        done, complete = work.answers(rows)
        text = style.write(Table(tuple(done), digits, certified, Threshold), format_)
        # What an interrupt leaves does not take the place of a whole table that was there before.
        if output is None or not (complete or not output.exists()):
            click.echo(text)
        else:
            write(text, output)
        if not complete:
            work.stop(len(done), kept=rows is not None)
        if rows is not None:
            rows.remove()


def _format_of(output: Path | None, given: str | None) -> str:
    """The format that is given, or that of the file's name; both must not differ."""
    suffix = output.suffix.lower() if output else ""
    if given is not None:
        if suffix and SUFFIXES.get(suffix, given) != given:
            raise DomainError(
                f"format must be {SUFFIXES[suffix]} for an output in {suffix}, not {given}"
            )
        return given
    if suffix not in SUFFIXES:
        known = ", ".join(filter(None, SUFFIXES))
        raise DomainError(f"output must end in {known} unless --format is given, not in {suffix}")
    return SUFFIXES[suffix]


def _models(p: str, p_star: str, a: str) -> list[Model]:
    teachers, normalisations = ranges.widths(p_star, "p_star"), ranges.numbers(a, "a")
    students = ranges.widths(p, "p", infinite=True)
    rows = len(teachers) * len(normalisations) * len(students)
    if rows > ranges.MOST:
        raise DomainError(f"p, p_star and a must make at most {ranges.MOST} rows, not {rows}")
    return [Model(k, q, b) for q, b, k in product(teachers, normalisations, students)]
