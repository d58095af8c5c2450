"""The commands that answer one question about one model."""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

import click

from bbpsym import ranges
from bbpsym.answers.crossover import critical_a as critical_a_of
from bbpsym.answers.edge import edge as edge_of
from bbpsym.answers.outlier import outlier as outlier_of
from bbpsym.answers.result_table import FORMATS as TABLES
from bbpsym.answers.result_table import Point, Table
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.columns import Style, style_options
from bbpsym.cli.options import (
    ENSEMBLE,
    FORMULAS,
    Command,
    certified_option,
    digits_option,
    format_option,
    network_options,
    one_value,
    side_option,
    width_options,
)
from bbpsym.display import DOUBLE_DIGITS, exact_text, number
from bbpsym.errors import DomainError
from bbpsym.model import Model

alpha_option = click.option(
    "--alpha", required=True, help="Signal-to-noise ratios M/N: 2, or 1,2,4, or 1:3:0.1."
)
answer_format = format_option("text", *(name for name in TABLES if name != "text"))


def problem_options(command: Command) -> Command:
    """Add what a model, a network or an ensemble is given by; it arrives as `problem`."""

    @wraps(command)
    def call(p: str | None, p_star: str | None, a: str | None, **given: Any) -> None:
        names = (*FORMULAS, *ENSEMBLE, "output", "values")
        others = {name: value for name in names if (value := given.pop(name)) not in (None, {})}
        command(problem=_problem(p, p_star, a, others), **given)

    of = one_value("--a", help="Normalisation of the paper's loss, a > 0.")
    side = side_option("Side of the bulk.")
    return width_options(of(network_options(side(call), ensembles=True)), required=False)


def _problem(p: str | None, p_star: str | None, a: str | None, network: dict[str, Any]) -> Any:
    """Return the paper's model, or a network or an ensemble where anything of one is given."""
    if {*ENSEMBLE} & {*network}:
        return _ensemble(p, p_star, a, network)
    need = {"--p": p, "--p-star": p_star, **({} if network else {"--a": a})}
    missing = ", ".join(f"'{name}'" for name, value in need.items() if value is None)
    if missing:
        raise click.UsageError(f"Missing option{'s' * (',' in missing)} {missing}.")
    if not network:
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
    from bbpsym.cli.network_options import network_of

    return network_of(str(p), str(p_star), **network)


def _ensemble(p: str | None, p_star: str | None, a: str | None, given: dict[str, Any]) -> Any:
    """Return the spectral method of a weight."""
    others = [*(name for name in FORMULAS if name != "noise"), "output"]
    wrong = [name for name in others if name in given]
    wrong += [name for name, value in (("p", p), ("a", a)) if value is not None]
    if wrong:
        raise DomainError(f"{wrong[0]} is for networks: a weight has none")
    if "weight" not in given:
        raise DomainError("weight must be given with law and signal")
    from bbpsym.cli.spectral_method import ensemble_of

    return ensemble_of(p_star, **given)


def _is_network(problem: Any) -> bool:
    return hasattr(problem, "answers")


def _check_only(where: str, **options: Any) -> None:
    """Refuse options that have a meaning elsewhere."""
    for name, value in options.items():
        if value:
            raise DomainError(f"{name} is for {where}")


#: Formats in which one answer is no table.
ONE = ("text", "json", "latex")

PAPER = "the paper's network only: leave out loss and activation"
OTHERS = "other networks only: give loss and activation"


@click.command()
@problem_options
@click.option("--sector", help="Sector of the outliers of a network; else the first to come.")
@digits_option
@certified_option
@answer_format
@style_options
def threshold(
    problem: Any,
    side: str,
    sector: str | None,
    digits: int | None,
    certified: bool,
    format_: str,
    style: Style,
) -> None:
    """Print the BBP threshold of one model, or of any network with --loss and --activation."""
    if _is_network(problem):
        _check_only(PAPER, certified=certified)
    else:
        _check_only(OTHERS, sector=sector)
    found = threshold_of(problem, digits, certified, side=side, sector=sector)
    _show(Table((found,), digits, certified, type(found)), format_, style)


@click.command()
@problem_options
@alpha_option
@digits_option
@certified_option
@answer_format
@style_options
def edge(
    problem: Any,
    side: str,
    alpha: str,
    digits: int | None,
    certified: bool,
    format_: str,
    style: Style,
) -> None:
    """Print an edge of the bulk at one signal-to-noise ratio, or a table of several."""
    if _is_network(problem):
        _check_only(PAPER, certified=certified)
    found = edge_of(problem, ranges.alphas(alpha), digits, certified, side=side)
    _show(found, format_, style)


@click.command()
@problem_options
@alpha_option
@digits_option
@certified_option
@click.option("--N", "N", help="Input dimension: print how far finite systems deviate.")
@answer_format
@style_options
def outlier(
    problem: Any,
    side: str,
    alpha: str,
    digits: int | None,
    certified: bool,
    N: str | None,
    format_: str,
    style: Style,
) -> None:
    """Print the outlier and its overlap with the signal, if there is one; of a network, all.

    With several alpha it is a table.
    """
    ratios = ranges.alphas(alpha)
    if _is_network(problem):
        _check_only(PAPER, certified=certified, N=N)
        _show_outliers(problem, ratios, side, digits, format_, style)
        return
    if not isinstance(problem, Model):
        _check_only(PAPER, N=N)
    if N is not None and (digits is not None or certified):
        raise DomainError("N must come without digits and certified: a band carries its own error")
    if N is None:
        found: Any = outlier_of(problem, ratios, digits, certified, side=side)
    else:
        from bbpsym.answers.outlier_band import OutlierBand
        from bbpsym.answers.outlier_band import outlier_band as band_of

        problem.side(side)  # there is no right one
        asked = [(ratio, size) for ratio in ratios for size in ranges.sizes(N, "N")]
        rows = tuple(band_of(problem, ratio, size) for ratio, size in asked)
        found = Table(rows, None, False, OutlierBand, tuple(Point(problem, r) for r, _ in asked))
    if len(found) == 1 and found[0] is None and format_ in ONE:
        # Enough digits to tell the threshold from an alpha that was given to many.
        most = max(DOUBLE_DIGITS, min(len(alpha) + 3, 200))
        known = threshold_of(problem, most, side=side).text("alpha")
        below = f"no outlier: alpha = {alpha} is below the threshold {known}"
        click.echo("null" if format_ == "json" else below)
    else:
        _show(found, format_, style)


def _show_outliers(
    network: Any, ratios: list[Any], side: str, digits: int | None, format_: str, style: Style
) -> None:
    """Print all outliers of a network at each alpha."""
    from bbpsym.answers.network import network_outliers
    from bbpsym.answers.network_result import NetworkOutlier

    each = [(ratio, network_outliers(network, ratio, side, digits)) for ratio in ratios]
    if len(each) == 1 and not each[0][1] and format_ in ONE:
        none = f"no outlier on the {side} of the bulk at alpha = {exact_text(ratios[0])}"
        click.echo("[]" if format_ == "json" else none)
        return
    rows = [(ratio, row) for ratio, found in each for row in found or (None,)]
    points = tuple(Point(network, ratio, side) for ratio, _ in rows)
    table = Table(tuple(row for _, row in rows), digits, False, NetworkOutlier, points)
    if len(ratios) == 1 and format_ in ONE:
        _show_each(table, format_, style)
    else:
        click.echo(style.write(table, format_))


@click.command()
@one_value("--p", required=True, help="Student width.")
@one_value("--p-star", required=True, help="Teacher width.")
@digits_option
@certified_option
@format_option("text", "json")
def critical_a(p: str, p_star: str, digits: int | None, certified: bool, format_: str) -> None:
    """Print the a at which the transition turns from continuous to discontinuous."""
    value = critical_a_of(p, p_star, digits, certified)
    digits = getattr(value, "digits", digits)
    if format_ == "json":
        model = Model(p, p_star, 1)
        text = number(value, digits)
        found = text if digits is not None else float(text)
        record = {"p": model.p, "p_star": model.p_star, "critical_a": found}
        click.echo(json.dumps(record))
    else:
        click.echo(number(value, digits))


def _show(found: Table, format_: str, style: Style) -> None:
    """Print one answer as itself, several as a table, and any as one where it is asked for."""
    if len(found) > 1 or format_ not in ONE or style.columns or style.caption or style.label:
        click.echo(style.write(found, format_))
        return
    style.check(format_)
    if format_ == "json":
        click.echo(json.dumps(found[0].record(style.strings), indent=2))
    else:
        click.echo(found[0]._repr_latex_() if format_ == "latex" else str(found[0]))


def _show_each(found: Table, format_: str, style: Style) -> None:
    """Print several answers at one alpha, each as itself."""
    if format_ == "json" or style.columns:
        click.echo(style.write(found, format_))
        return
    for row in found:
        _show(Table((row,), None, False, type(row)), format_, style)
