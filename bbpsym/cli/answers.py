"""The commands that answer one question about one model."""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

import click

from bbpsym.answers.crossover import critical_a as critical_a_of
from bbpsym.answers.edge import edge as edge_of
from bbpsym.answers.outlier import outlier as outlier_of
from bbpsym.answers.outlier_band import outlier_band as band_of
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.options import (
    FORMULAS,
    Command,
    certified_option,
    digits_option,
    format_option,
    network_options,
    side_option,
    width_options,
)
from bbpsym.display import DOUBLE_DIGITS, json_number, number
from bbpsym.errors import DomainError
from bbpsym.model import Model

alpha_option = click.option("--alpha", required=True, help="Signal-to-noise ratio M/N.")


def problem_options(command: Command) -> Command:
    """Add what a model, or any other network, is given by; it arrives as `problem`."""

    @wraps(command)
    def call(p: str, p_star: str, a: str | None, **given: Any) -> None:
        names = (*FORMULAS, "output", "values")
        network = {name: value for name in names if (value := given.pop(name)) not in (None, {})}
        command(problem=_problem(p, p_star, a, network), **given)

    of = click.option("--a", help="Normalisation of the paper's loss, a > 0.")
    return width_options(of(network_options(side_option("Side of the bulk.")(call))))


def _problem(p: str, p_star: str, a: str | None, network: dict[str, Any]) -> Any:
    """Return the paper's model, or a network where anything of one is given."""
    if not network:
        if a is None:
            raise click.UsageError("Missing option '--a'.")
        return Model(p, p_star, a)
    if not {"loss", "activation"} <= set(network):
        raise DomainError(
            "loss and activation must both be given, or none of "
            f"{', '.join((*FORMULAS, 'output'))} and set"
        )
    if a is not None:
        raise DomainError(
            "a must not be given with loss and activation: write --set a=... for theirs"
        )
    from bbpsym.cli.network import network_of

    return network_of(p, p_star, **network)


def _check_only(where: str, **options: Any) -> None:
    """Refuse options that have a meaning elsewhere."""
    for name, value in options.items():
        if value:
            raise DomainError(f"{name} is for {where}")


PAPER = "the paper's network only: leave out loss and activation"
OTHERS = "other networks only: give loss and activation"


@click.command()
@problem_options
@click.option("--sector", help="Sector of the outliers of a network; else the first to come.")
@digits_option
@certified_option
@format_option("text", "json", "latex")
def threshold(
    problem: Any, side: str, sector: str | None, digits: int | None, certified: bool, format_: str
) -> None:
    """Print the BBP threshold of one model, or of any network with --loss and --activation."""
    if isinstance(problem, Model):
        _check_only(OTHERS, sector=sector)
        _show(threshold_of(problem, digits, certified, side=side), format_)
    else:
        from bbpsym.answers.network import network_threshold

        _check_only(PAPER, certified=certified)
        _show(network_threshold(problem, side, sector, digits), format_)


@click.command()
@problem_options
@alpha_option
@digits_option
@certified_option
@format_option("text", "json", "latex")
def edge(
    problem: Any, side: str, alpha: str, digits: int | None, certified: bool, format_: str
) -> None:
    """Print an edge of the bulk at a signal-to-noise ratio."""
    if isinstance(problem, Model):
        _show(edge_of(problem, alpha, digits, certified, side=side), format_)
    else:
        from bbpsym.answers.network import network_edge

        _check_only(PAPER, certified=certified)
        _show(network_edge(problem, alpha, side, digits), format_)


@click.command()
@problem_options
@alpha_option
@digits_option
@certified_option
@click.option("--N", "N", help="Input dimension: print how far finite systems deviate.")
@format_option("text", "json", "latex")
def outlier(
    problem: Any,
    side: str,
    alpha: str,
    digits: int | None,
    certified: bool,
    N: str | None,
    format_: str,
) -> None:
    """Print the outlier and its overlap with the signal, if there is one; of a network, all."""
    if not isinstance(problem, Model):
        _check_only(PAPER, certified=certified, N=N)
        _show_outliers(problem, alpha, side, digits, format_)
        return
    if N is not None and (digits is not None or certified):
        raise DomainError("N must come without digits and certified: a band carries its own error")
    if N is None:
        found: Any = outlier_of(problem, alpha, digits, certified, side=side)
    else:
        problem.side(side)  # there is no right one
        found = band_of(problem, alpha, N)
    if found is None and format_ != "json":
        # Enough digits to tell the threshold from an alpha that was given to many.
        known = threshold_of(problem, max(DOUBLE_DIGITS, min(len(alpha) + 3, 200))).text("alpha")
        click.echo(f"no outlier: alpha = {alpha} is below the threshold alpha_BBP = {known}")
    else:
        _show(found, format_)


def _show_outliers(network: Any, alpha: str, side: str, digits: int | None, format_: str) -> None:
    from bbpsym.answers.network import network_outliers

    found = network_outliers(network, alpha, side, digits)
    if format_ == "json":
        click.echo(json.dumps([one.record() for one in found], indent=2))
        return
    if not found:
        click.echo(f"no outlier on the {side} of the bulk at alpha = {alpha}")
    for one in found:
        _show(one, format_)


@click.command()
@click.option("--p", required=True, help="Student width.")
@click.option("--p-star", required=True, help="Teacher width.")
@digits_option
@certified_option
@format_option("text", "json")
def critical_a(p: str, p_star: str, digits: int | None, certified: bool, format_: str) -> None:
    """Print the a at which the transition turns from continuous to discontinuous."""
    value = critical_a_of(p, p_star, digits, certified)
    digits = getattr(value, "digits", digits)
    if format_ == "json":
        model = Model(p, p_star, 1)
        record = {"p": model.p, "p_star": model.p_star, "critical_a": json_number(value, digits)}
        click.echo(json.dumps(record))
    else:
        click.echo(number(value, digits))


def _show(result: Any, format_: str) -> None:
    if format_ == "json":
        click.echo(json.dumps(result and result.record(), indent=2))
    elif format_ == "latex":
        click.echo(result._repr_latex_())
    else:
        click.echo(str(result))
