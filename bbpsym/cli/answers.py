"""The commands that answer one question about one model."""

from __future__ import annotations

import json
from typing import Any

import click

from bbpsym.answers.crossover import critical_a as critical_a_of
from bbpsym.answers.edge import edge as edge_of
from bbpsym.answers.outlier import outlier as outlier_of
from bbpsym.answers.outlier_band import outlier_band as band_of
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.options import certified_option, digits_option, format_option, model_options
from bbpsym.display import DOUBLE_DIGITS, json_number, number
from bbpsym.errors import DomainError
from bbpsym.model import Model

alpha_option = click.option("--alpha", required=True, help="Signal-to-noise ratio M/N.")


@click.command()
@model_options
@digits_option
@certified_option
@format_option("text", "json", "latex")
def threshold(
    p: str, p_star: str, a: str, digits: int | None, certified: bool, format_: str
) -> None:
    """Print the BBP threshold of one model."""
    _show(threshold_of(Model(p, p_star, a), digits, certified), format_)


@click.command()
@model_options
@alpha_option
@digits_option
@certified_option
@format_option("text", "json", "latex")
def edge(
    p: str, p_star: str, a: str, alpha: str, digits: int | None, certified: bool, format_: str
) -> None:
    """Print the left edge of the bulk at a signal-to-noise ratio."""
    _show(edge_of(Model(p, p_star, a), alpha, digits, certified), format_)


@click.command()
@model_options
@alpha_option
@digits_option
@certified_option
@click.option("--N", "N", help="Input dimension: print how far finite systems deviate.")
@format_option("text", "json", "latex")
def outlier(
    p: str,
    p_star: str,
    a: str,
    alpha: str,
    digits: int | None,
    certified: bool,
    N: str | None,
    format_: str,
) -> None:
    """Print the outlier and its overlap with the signal, if there is one."""
    model = Model(p, p_star, a)
    if N is not None and (digits is not None or certified):
        raise DomainError("N must come without digits and certified: a band carries its own error")
    found = outlier_of(model, alpha, digits, certified) if N is None else band_of(model, alpha, N)
    if found is None and format_ != "json":
        # Enough digits to tell the threshold from an alpha that was given to many.
        known = threshold_of(model, max(DOUBLE_DIGITS, min(len(alpha) + 3, 200))).text("alpha")
        click.echo(f"no outlier: alpha = {alpha} is below the threshold alpha_BBP = {known}")
    else:
        _show(found, format_)


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
