"""How the commands write their tables: columns, digits, captions, numbers as strings."""

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
    """What a table shows, and how.

    Attributes
    ----------
    columns : tuple of str
        Names of its columns; all without any.
    digits : dict of str to int
        Digits of some columns.
    caption, label : str
        Of a LaTeX table.
    strings : bool or None
        Whether numbers in JSON are strings; None leaves it to the precision.
    """

    columns: tuple[str, ...]
    digits: dict[str, int]
    caption: str
    label: str
    strings: bool | None

    def write(self, table: Any, format_: str) -> str:
        """Return a table in a format.

        Raises
        ------
        DomainError
            If an option has no meaning for the format, or there is no such column.
        """
        self.check(format_)
        if isinstance(table, Grid):
            self._check_digits(table.rounded)
            table = table.choose(*self.columns)
        elif self.columns or self.digits:
            table = table.choose(*self.columns, digits=self.digits)
        if format_ == "latex":
            return str(table.to_latex(self.caption, self.label))
        if format_ == "json" and self.strings is not None:
            return str(table.to_json(self.strings))
        return str(written(table, format_))

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
        return {"columns": self.columns, **named}

    def check(self, format_: str) -> None:
        """Refuse options that have no meaning for the format."""
        for name, needed in (("caption", "latex"), ("label", "latex"), ("strings", "json")):
            if getattr(self, name) not in ("", None) and format_ != needed:
                option = "numbers" if name == "strings" else name
                raise DomainError(f"{option} is for the format {needed}, not for {format_}")
        if self.digits and format_ == "json":
            raise DomainError("digits of a column are not for json, which holds all that are known")


def style_options(command: Command) -> Command:
    """Add the options of a table; they arrive as `style`."""
    number_help = "JSON numbers: floats in double precision and else strings, or always one."
    return look_options(
        click.option("--numbers", type=OneOf([*NUMBERS]), default="auto", help=number_help)(command)
    )


def look_options(command: Command) -> Command:
    """Add the options of a table that is in double precision always; they arrive as `style`."""

    @wraps(command)
    def call(
        columns: str | None, caption: str, label: str, numbers: str = "auto", **given: Any
    ) -> None:
        names, digits = columns_of(columns)
        command(style=Style(names, digits, caption, label, NUMBERS[numbers]), **given)

    for decorate in (
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


table_format = click.option(
    "--format", "format_", type=OneOf(FORMATS, FORMATS_BY_SUFFIX), help="Output format."
)


def file_options(command: Command) -> Command:
    """Add the format of a table and the file it is written to; they arrive as `format_`, `output`.

    Either may be None: `format_of` tells the format of both.
    """
    to = click.option("--output", type=File(), help="File to write to.")
    return table_format(to(command))


def put(text: str, output: Path | None) -> None:
    """Write a text to a file, or to the terminal without one."""
    if output is None:
        click.echo(text)
        return
    from bbpsym.cli.resume import write

    write(text, output)


def columns_of(text: str | None) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of columns and their digits."""
    if text is None:
        return (), {}
    pairs = [[part.strip() for part in item.partition(":")[::2]] for item in text.split(",")]
    digits = {name: arguments.digits(count) for name, count in pairs if count}
    return tuple(name for name, _ in pairs), {k: v for k, v in digits.items() if v is not None}
