"""The commands that derive, check and show the equations."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import fill

import click
from tabulate import tabulate
from tqdm import tqdm

from bbpsym.appendix.names import NAMES
from bbpsym.cli.options import foretell, format_option
from bbpsym.errors import DomainError, meant, quoted
from bbpsym.reading import arguments
from bbpsym.records.check import DIGITS, Verdict, check
from bbpsym.records.record import Record
from bbpsym.records.registry import chapters, record_of, records
from bbpsym.records.show import description
from bbpsym.writing.display import counted

#: Most digits a check may be asked for: averages in two dimensions take minutes beyond.
MAX_DIGITS = 50

#: So many are checked before anybody wonders.
FEW = 20

HEADERS = ("", "title", "nature", "derived", "digits", "verdict")


@click.command()
@click.option(
    "--digits", default=str(DIGITS), show_default=True, help="Digits of agreement, 1 to 50."
)
@click.option("--only", help="Records by number or id: 40:44,53,alpha-BBP.")
@format_option("text", "json", "markdown")
def verify(digits: str, only: str | None, format_: str) -> None:
    """Derive every equation by code and check it in numbers.

    Exit status 0 only if all hold; what cannot be decided counts as a failure. A formula of your
    own is checked by "bbpsym claim".
    """
    asked, chosen = arguments.digits(digits, MAX_DIGITS) or DIGITS, _chosen(only)
    if len(chosen) > FEW:
        told = counted(len(chosen), "record", "records")
        foretell(f"deriving and checking {told}, about a minute; --only checks some")
    verdicts = []
    for verdict in _verdicts(chosen, asked):
        verdicts.append(verdict)
        if format_ == "text":
            tqdm.write(_line(verdict), file=sys.stdout)
    if format_ == "json":
        click.echo(json.dumps([verdict.as_json() for verdict in verdicts], indent=2))
    elif format_ == "markdown":
        click.echo(tabulate([_row(v) for v in verdicts], HEADERS, tablefmt="github"))
    failed = [verdict for verdict in verdicts if not verdict.ok]
    if format_ != "json":
        click.echo(_summary(verdicts, failed))
    sys.exit(1 if failed else 0)


def _chosen(only: str | None) -> Sequence[Record]:
    if only is None:
        return tuple(records().values())
    chosen = arguments.records(only, chapters())
    if not chosen:
        raise DomainError(f"only must name at least one record, and {only!r} names none")
    return tuple(map(record_of, chosen))


def _verdicts(chosen: Sequence[Record], digits: int) -> Iterator[Verdict]:
    """Check one record after the other behind a progress bar on standard error."""
    progress = tqdm(chosen, unit="equation", leave=False, disable=None)
    for record in progress:
        progress.set_postfix_str(record.id)
        yield check(record, digits)


def _row(verdict: Verdict) -> tuple[str, ...]:
    row = verdict.label, verdict.title, verdict.nature, verdict.how, verdict.digits_text
    return (*row, verdict.word)


def _line(verdict: Verdict) -> str:
    label, title, nature, how, digits, word = _row(verdict)
    return f"{label:<15} {title:<54.54} {nature:<18} {how:<62.62} {digits:>6} {word}"


def _summary(verdicts: Sequence[Verdict], failed: Sequence[Verdict]) -> str:
    if failed:
        names = ", ".join(verdict.label for verdict in failed)
        return f"{len(failed)} of {counted(len(verdicts), 'record', 'records')} failed: {names}"
    numbers = sum(verdict.id.isdigit() for verdict in verdicts)
    derived = sum(bool(verdict.derived) for verdict in verdicts)
    definitions = sum(verdict.is_definition for verdict in verdicts)
    return (
        f"{counted(len(verdicts) - definitions, 'record holds', 'records hold')}, "
        f"{counted(definitions, 'is a definition', 'are definitions')} "
        f"({counted(numbers, 'equation', 'equations')} of the paper, {len(verdicts) - numbers} "
        f"added); {derived} derived by code"
    )


@click.command()
@click.argument("name", required=False)
@click.option("--chain", is_flag=True, help="Add all that it follows from, roots first.")
def show(name: str | None, chain: bool) -> None:
    """Print an equation, the steps that derive it and its LaTeX.

    NAME is a number, an id, or what "bbpsym derive" calls the step: "outlier equation". Without it
    the names of all equations are listed, chapter by chapter.
    """
    if name is None:
        if chain:
            raise DomainError("chain is of one equation: name it, as in bbpsym show 40 --chain")
        home = chapters().__getitem__
        for chapter, names in groupby(sorted(chapters(), key=home), home):
            line = f"{chapter}: {', '.join(names)}"
            click.echo(fill(line, subsequent_indent="  ", break_on_hyphens=False))
        return
    wanted = name.strip().strip("()")
    ids = {record_id: record_id for record_id in chapters()}
    ids |= {step: record_id for record_id, step in NAMES.items()}
    near = "" if wanted in ids or wanted.isdigit() else meant(wanted, ids)
    if near:
        raise DomainError(f"there is no equation {quoted(wanted)}{near}")
    click.echo(description(record_of(ids.get(wanted, wanted)), chain))
