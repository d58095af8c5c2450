"""The command that prints threshold tables."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path

import click
from tqdm import tqdm

from bbpsym.answers.threshold import Threshold
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli import ranges
from bbpsym.cli.options import certified_option, digits_option
from bbpsym.errors import DomainError, StorageError
from bbpsym.journal import Journal
from bbpsym.model import Model
from bbpsym.tables import FORMATS, Table

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
@click.option("--output", type=click.Path(path_type=Path), help="File to write to.")
def table(
    p: str,
    p_star: str,
    a: str,
    digits: int | None,
    certified: bool,
    format_: str | None,
    output: Path | None,
) -> None:
    """Print a table of BBP thresholds.

    Widths and normalisations are lists of numbers and ranges: 1:4,inf or 0.1:2:0.1. With
    --output the rows are kept in FILE.partial while they are computed, so that the same command
    takes up where it was interrupted.
    """
    models = _models(p, p_star, a)
    format_ = format_ or _format_of(output)
    journal = None
    if output is not None:
        _check_writable(output)
    if output is None or _is_device(output):  # nowhere to resume from
        done, complete = _compute(map(_row(digits, certified), _progress(models)))
    else:
        journal = Journal(output.with_name(output.name + ".partial"), digits, certified)
        done, complete = _compute(journal.rows(_progress(models), _row(digits, certified)))
    text = FORMATS[format_](Table(tuple(done), digits, certified))
    # What an interrupt leaves does not take the place of a whole table that was there before.
    _write(text, output if complete or not (output and output.exists()) else None)
    if not complete:
        hint = "" if journal is None else "; the same command takes up from here"
        click.echo(f"bbpsym: interrupted after {len(done)} of {len(models)} rows{hint}", err=True)
        raise click.exceptions.Exit(130)
    if journal is not None:
        journal.close()


def _format_of(output: Path | None) -> str:
    suffix = output.suffix.lower() if output else ""
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


def _row(digits: int | None, certified: bool) -> Callable[[Model], Threshold]:
    return lambda model: threshold_of(model, digits, certified)


def _progress(models: list[Model]) -> Iterable[Model]:
    return tqdm(models, "thresholds", delay=0.5, leave=False)


def _compute(rows: Iterable[Threshold]) -> tuple[list[Threshold], bool]:
    """Collect rows until the end or an interrupt, and say whether all are there."""
    done: list[Threshold] = []
    try:
        done.extend(rows)
    except KeyboardInterrupt:
        return done, False
    return done, True


def _is_device(output: Path) -> bool:
    return output.exists() and not output.is_file()


def _check_writable(output: Path) -> None:
    """Complain before hours of work, not after."""
    folder = output.parent
    writable = os.access(output if output.exists() else folder, os.W_OK)
    if output.is_dir() or not folder.is_dir() or not writable:
        raise StorageError(f"output must be a file that can be written, not {output}")


def _write(text: str, output: Path | None) -> None:
    """Write whole or not at all; where the file cannot take it, the terminal does."""
    if output is None:
        click.echo(text)
        return
    scratch = output.with_name(output.name + ".writing")
    target = output if _is_device(output) else scratch
    try:
        target.write_text(text + "\n")
        if target is scratch:
            scratch.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        click.echo(text)
        raise StorageError(
            f"output {output} could not be written ({error.strerror}); the table is on standard "
            "output instead"
        ) from None
