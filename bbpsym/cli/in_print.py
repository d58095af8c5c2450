"""The command that prints published numbers."""

from __future__ import annotations

import click

from bbpsym.cli.columns import Style, file_option, look_options
from bbpsym.cli.options import foretell
from bbpsym.published import printed


@click.command()
@file_option
@look_options
def published(style: Style) -> None:
    """Print what others have printed, what this package finds, and the digits that agree."""
    foretell("computing the table, about ten seconds")
    style.put(printed.grid(printed.published()))
