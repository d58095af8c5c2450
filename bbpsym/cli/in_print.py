"""The command that prints published numbers."""

from __future__ import annotations

from pathlib import Path

import click

from bbpsym.cli.columns import Style, file_options, format_of, look_options, put
from bbpsym.cli.options import foretell
from bbpsym.published import printed


@click.command()
@look_options
@file_options
def published(style: Style, format_: str | None, output: Path | None) -> None:
    """Print what others have printed, what this package finds, and the digits that agree."""
    format_ = format_of(output, format_)
    style.check(format_)
    foretell("computing the table, about ten seconds")
    put(style.write(printed.grid(printed.published()), format_), output)
