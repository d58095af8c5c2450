"""The command that prints threshold tables."""

from __future__ import annotations

from functools import partial as partial_of
from typing import Any

import click

from bbpsym.answers import journal
from bbpsym.answers.result_table import Table
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.columns import Style, style_options
from bbpsym.cli.options import Precision, jobs_option, precision_options, side_option
from bbpsym.cli.problems import given_options
from bbpsym.cli.resume import Work, partial, write

#: What is tabulated unless something else is asked about.
USUAL = {"p": "1,2,3,4,6,10,inf", "p_star": "1", "a": "0.1,0.3,0.7,1,1.5,3"}


@click.command()
@given_options(USUAL)
@side_option("Side of the bulk.")
@precision_options
@jobs_option
@style_options
def table(problems: list[Any], side: str, precision: Precision, jobs: int, style: Style) -> None:
    """Print a table of BBP thresholds.

    Every number is a list of numbers and ranges: 1:4,inf or 0.1:2:0.1. With --output the rows are
    kept in FILE.partial while they are computed, so that the same command takes up where it was
    interrupted.

    \b
    Example:
      bbpsym table --weight "(y-b)/(y+1)" --set b=0.5:2:0.5 --p-star 1:3 --side right
    """  # noqa: D301 - click reads the backspace
    output = style.output
    kind = journal.kind(problems[0])
    head = journal.head(kind)
    work = Work(
        problems,
        "thresholds",
        head,
        key=lambda problem: journal.key(problem, *precision, side),
        answer=partial_of(threshold_of, **precision._asdict(), side=side),
        dump=journal.dump,
        load=partial_of(journal.load, kind=kind),
        jobs=jobs,
    )
    with partial(output, head) as rows:
        done, complete = work.answers(rows)
        text = style.write(Table(tuple(done), *precision, kind))
        # What an interrupt leaves does not take the place of a whole table that was there before.
        if output is None or not (complete or not output.exists()):
            click.echo(text)
        else:
            write(text, output)
        if not complete:
            work.stop(len(done), kept=rows is not None)
        if rows is not None:
            rows.remove()
