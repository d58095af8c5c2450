"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable

import click

from bbpsym import arguments

Command = Callable[..., None]


def model_options(command: Command) -> Command:
    """Add the widths and the loss normalisation of one model."""
    for decorate in (
        click.option("--a", required=True, help="Loss normalisation, a > 0."),
        click.option("--p-star", required=True, help="Teacher width."),
        click.option("--p", required=True, help='Student width, or "inf".'),
    ):
        command = decorate(command)
    return command


def digits_option(command: Command) -> Command:
    """Add the number of digits."""
    text = "Significant digits, 1 to 2000; without it double precision, 12 digits."
    read = lambda _context, _option, value: arguments.digits(value)  # noqa: E731
    return click.option("--digits", callback=read, help=text)(command)


def certified_option(command: Command) -> Command:
    """Add the wish for proved digits."""
    text = "Enclose every number by ball arithmetic; 15 digits unless --digits says otherwise."
    return click.option("--certified", is_flag=True, help=text)(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Add the output format; the first one is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )
