"""The command that holds a closed form of the user's own against the engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import click
from sympy import oo

from bbpsym.claims.trial import claim as claim_of
from bbpsym.claims.verdict import FALSE, TRUE
from bbpsym.cli.derive import network_in_names
from bbpsym.cli.options import FORMULAS, foretell, format_option, network_options, side_option
from bbpsym.errors import DomainError
from bbpsym.reading.formulas import check_used

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
@network_options
@side_option("Side of the bulk of a network.")
@click.option("--digits", help="Digits to check; 30, of limits 15, of networks all known.")
@click.option("--points", help="Number of random points; 8, of networks and limits 2 or a range.")
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
    side: str,
    values: Mapping[str, str],
    p: str | None,
    p_star: str | None,
    a: str | None,
    alpha: str | None,
    **network: str | None,
) -> None:
    """Hold a formula of your own against the engine.

    STATEMENT is an equation such as "alpha_BBP = ..." between alpha_BBP, alpha_c, lambda_BBP, jump,
    lambda_star, overlap2, lambda_minus, lambda_plus (with --side right), critical_a and formulas in
    p, p_star, a, alpha; or "limit(alpha_BBP, p, inf) = ...", or an expansion that ends with
    "+ O(1/p^2)". Exit status 0 if it is true at every point, 1 if it is false, 2 if it cannot be
    read or decided. With --loss and --activation it is about that network, of width 1 unless --p
    and --p-star say otherwise; --set gives a range to each other name, as in k=0.5:2.
    """
    ranges = {"p": p, "p_star": p_star, "a": a, "alpha": alpha}
    _check_set(values, ranges, network)
    ranges |= values
    asked: dict[str, Any] = {"digits": digits, "points": points, "seed": seed, "side": side}
    if of := _network({k: v for k, v in network.items() if v is not None}, p):
        foretell("asking about a network at every point, up to a minute; of limits a few")
        asked["of"] = of
        ranges["p"] = values.get("p") if of.p is oo else ranges["p"] or "1"
        ranges["p_star"] = ranges["p_star"] or "1"
    elif values:
        raise DomainError(f"{next(iter(values))} has a value but is in no formula")
    given = {name: _range(text) for name, text in ranges.items() if text is not None}
    found = claim_of(statement, where=where, kind=kind, edge=edge, **asked, **given)
    if format_ == "json":
        click.echo(json.dumps(found.record(), indent=2))
    else:
        click.echo(found.to_latex() if format_ == "latex" else str(found))
    sys.exit(STATUS.get(found.verdict, OTHERWISE))


def _check_set(
    values: Mapping[str, str], options: Mapping[str, str | None], network: Mapping[str, str | None]
) -> None:
    """Refuse a name that has an option of its own, if it is given twice or is in no formula."""
    for name in sorted(options.keys() & values.keys()):
        if options[name] is not None:
            flag = name.replace("_", "-")
            raise DomainError(f"{name} must be given once, not by --{flag} and by --set")
        check_used([name], *(network.get(formula) for formula in FORMULAS))


def _network(formulas: Mapping[str, str], p: str | None) -> Any:
    """The network of formulas on the command line, its widths and parameters as symbols."""
    if not formulas:
        return None
    return network_in_names("inf" if p == "inf" else "p", "p_star", None, formulas)


def _range(text: str) -> Any:
    parts = tuple(part.strip() for part in text.split(":"))
    return parts if len(parts) > 1 else parts[0]
