"""The command that holds a closed form of the user's own against the engine."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from bbpsym.claims.trial import claim as claim_of
from bbpsym.claims.verdict import FALSE, TRUE
from bbpsym.cli.options import format_option

#: Exit status of each verdict; what is undecided has not been verified.
STATUS = {TRUE: 0, FALSE: 1}
OTHERWISE = 2


@click.command()
@click.argument("statement")
@click.option("--where", multiple=True, help='A helper, as in "X(c) = exp(c)/c"; may be repeated.')
@click.option("--kind", help="Only continuous, or only discontinuous transitions.")
@click.option("--edge", help="Only smooth, or only sharp edges.")
@click.option("--p", help="Student width, or a range first:last.")
@click.option("--p-star", help="Teacher width, or a range.")
@click.option("--a", help="Loss normalisation, or a range.")
@click.option("--alpha", help="Signal-to-noise ratio, or a range.")
@click.option("--digits", help="Digits to check; 30, or 15 for limits and expansions.")
@click.option("--points", help="Number of random points; 8, or 2 for limits and expansions.")
@click.option("--seed", default="1", show_default=True, help="What the points are drawn with.")
@format_option("text", "json", "latex")
def claim(
    statement: str,
    where: tuple[str, ...],
    kind: str | None,
    edge: str | None,
    digits: str | None,
    points: str | None,
    seed: str,
    format_: str,
    **ranges: str | None,
) -> None:
    """Hold a formula of your own against the engine.

    STATEMENT is an equation such as "alpha_BBP = ..." between alpha_BBP, alpha_c, lambda_BBP, jump,
    lambda_star, overlap2, lambda_minus, critical_a and formulas in p, p_star, a, alpha; or
    "limit(alpha_BBP, p, inf) = ...", or an expansion that ends with "+ O(1/p^2)". Exit status 0 if
    it is true at every point, 1 if it is false, 2 if it cannot be read or decided.
    """
    given = {name: _range(text) for name, text in ranges.items() if text is not None}
    asked = {"digits": digits, "points": points, "seed": seed}
    found = claim_of(statement, where=where, kind=kind, edge=edge, **asked, **given)  # type: ignore[arg-type]
    if format_ == "json":
        click.echo(json.dumps(found.record(), indent=2))
    else:
        click.echo(found.to_latex() if format_ == "latex" else str(found))
    sys.exit(STATUS.get(found.verdict, OTHERWISE))


def _range(text: str) -> Any:
    parts = tuple(part.strip() for part in text.split(":"))
    return parts if len(parts) > 1 else parts[0]
