"""The command that finds the width, or the normalisation, of the lowest threshold."""

from __future__ import annotations

import click

from bbpsym.answers.lowest_threshold import best as best_of
from bbpsym.cli.options import format_option, one_value


@click.command()
@one_value("--p-star", required=True, help="Teacher width.")
@one_value("--p", help="Student width: which a is best at it?")
@one_value("--a", help="Normalisation of the loss: which p is best at it?")
@click.option("--certified", is_flag=True, help="Prove what can be proved in ball arithmetic.")
@format_option("text", "json")
def best(p_star: str, p: str | None, a: str | None, certified: bool, format_: str) -> None:
    """Print which student width p at a given a, or which a at a given p, sees the signal first."""
    found = best_of(p_star, p=p, a=a, certified=certified)
    click.echo(found.to_json() if format_ == "json" else str(found))
