"""The command that prints published numbers."""

from __future__ import annotations

import json

import click

from bbpsym.cli.options import foretell, format_option
from bbpsym.published import printed
from bbpsym.writing.grid import FORMATS, written


@click.command()
@format_option(*FORMATS)
def published(format_: str) -> None:
    """Print what others have printed, what this package finds, and the digits that agree."""
    foretell("computing the table, about ten seconds")
    rows = printed.published()
    if format_ == "json":
        click.echo(json.dumps(printed.record(rows), indent=2))
    else:
        click.echo(written(printed.grid(rows), format_))
