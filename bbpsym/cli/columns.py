"""How the commands write their tables: columns, digits, captions, numbers as strings, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from bbpsym.cli.options import FORMATS_BY_SUFFIX, SUFFIXES, Command, File, OneOf
from bbpsym.errors import DomainError
from bbpsym.reading import arguments
from bbpsym.writing.grid import FORMATS, Grid, written

NUMBERS = {"auto": None, "strings": True, "floats": False}


@dataclass(frozen=True)
class Style:
    """What a table shows, how, and where."""

    #: Names of its columns; all without any.
    columns: tuple[str, ...]
    #: Digits of some columns.
    digits: dict[str, int]
    #: Of a LaTeX table.
    caption: str
    label: str
    #: Whether numbers in JSON are strings; None leaves it to the precision.
    strings: bool | None
    #: One of `FORMATS`.
    format: str
    #: The file; standard output without one.
    output: Path | None

    def __post_init__(self) -> None:
        for name, needed in (("caption", "latex"), ("label", "latex"), ("strings", "json")):
            if getattr(self, name) not in ("", None) and self.format != needed:
                option = "numbers" if name == "strings" else name
                raise DomainError(f"{option} is for the format {needed}, not for {self.format}")
        if self.digits and self.format == "json":
            raise DomainError("digits of a column are not for json, which holds all that are known")

    def put(self, table: Any) -> None:
        """Write a table, or a text, to the file, or to the terminal without one."""
        text = table if isinstance(table, str) else self.write(table)
        if self.output is None:
            click.echo(text)
            return
        from bbpsym.cli.resume import write

        write(text, self.output)

    def write(self, table: Any) -> str:
        """Return a table in the format.

        Raises
        ------
        DomainError
            If there is no such column, or it has no digits to choose.
        """
        if isinstance(table, Grid):
            self._check_digits(table.rounded)
            table = table.choose(*self.columns)
        elif self.columns or self.digits:
            table = table.choose(*self.columns, digits=self.digits)
        if self.format == "latex":
            return str(table.to_latex(self.caption, self.label))
        if self.format == "json" and self.strings is not None:
            return str(table.to_json(self.strings))
        return str(written(table, self.format))

    def _check_digits(self, known: Sequence[str]) -> None:
        """Refuse digits of columns that have none to choose."""
        for name in self.digits:
            if not known:
                raise DomainError(f"columns have no digits to choose here: {name}, not {name}:...")
            if name not in known:
                raise DomainError(f"digits can be chosen for {', '.join(known)}, not for {name}")

    def shows(self, *names: str) -> bool:
        """Whether one of these columns is shown."""
        return not self.columns or not {*names}.isdisjoint(self.columns)

    @property
    def asks_for_table(self) -> bool:
        """Whether something is given that one answer alone does not take."""
        return bool(self.columns or self.caption or self.label)

    def given(self) -> dict[str, Any]:
        """The options by their names, without a value those that are not given."""
        numbers = self.strings is not None
        named = {"caption": self.caption or None, "label": self.label or None, "numbers": numbers}
        return {"columns": self.columns, **named, "output": self.output}


def style_options(command: Command) -> Command:
    """Add the options of a table; they arrive as `style`."""
    number_help = "JSON numbers: floats in double precision and else strings, or always one."
    return look_options(
        click.option("--numbers", type=OneOf([*NUMBERS]), default="auto", help=number_help)(command)
    )


def look_options(command: Command) -> Command:
    """Add the options of a table that is in double precision always.

    They arrive as `style`, with the format and a file that is given.
    """

    @wraps(command)
    def call(
        columns: str | None,
        caption: str,
        label: str,
        format_: str | None,
        numbers: str = "auto",
        output: Path | None = None,
        **given: Any,
    ) -> None:
        look = (*columns_of(columns), caption, label, NUMBERS[numbers])
        command(style=Style(*look, format_of(output, format_), output), **given)

    for decorate in (
        click.option(
            "--format", "format_", type=OneOf(FORMATS, FORMATS_BY_SUFFIX), help="Output format."
        ),
        click.option("--label", default="", help="Label of a LaTeX table."),
        click.option("--caption", default="", help="Caption of a LaTeX table, in LaTeX."),
        click.option("--columns", help="Columns of a table, with digits: NAME,NAME:6."),
    ):
        call = decorate(call)
    return call


def format_of(output: Path | None, given: str | None) -> str:
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


file_option = click.option("--output", type=File(), help="File to write to.")


def columns_of(text: str | None) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of columns and their digits."""
    if text is None:
        return (), {}
    pairs = [[part.strip() for part in item.partition(":")[::2]] for item in text.split(",")]
    digits = {name: arguments.digits(count) for name, count in pairs if count}
    return tuple(name for name, _ in pairs), {k: v for k, v in digits.items() if v is not None}
