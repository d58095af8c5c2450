"""The command that finds the width, or the normalisation, of the lowest threshold."""

from __future__ import annotations

import json
from itertools import product

import click

from bbpsym.answers.lowest_threshold import best as best_of
from bbpsym.cli.options import format_option
from bbpsym.reading import arguments


@click.command()
@click.option("--p-star", required=True, help="Teacher widths.")
@click.option("--p", help="Student widths: which a is best at each?")
@click.option("--a", help="Normalisations of the loss: which p is best at each?")
@click.option("--certified", is_flag=True, help="Prove what can be proved in ball arithmetic.")
@format_option("text", "json")
def best(p_star: str, p: str | None, a: str | None, certified: bool, format_: str) -> None:
    """Print which student width p at a given a, or which a at a given p, sees the signal first."""
    teachers = arguments.widths(p_star, "p_star")
    students = [None] if p is None else arguments.widths(p, "p", infinite=True)
    normalisations = [None] if a is None else arguments.numbers(a, "a")
    found = [
        best_of(q, p=k, a=b, certified=certified)
        for q, b, k in product(teachers, normalisations, students)
    ]
    if format_ == "json":
        records = [item.record() for item in found]
        click.echo(json.dumps(records if len(records) > 1 else records[0], indent=2))
    else:
        click.echo("\n\n".join(map(str, found)))
