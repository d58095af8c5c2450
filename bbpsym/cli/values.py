"""The commands that answer one question about one model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, product
from typing import Any

import click
from tqdm import tqdm

from bbpsym.answers.crossover import critical_a as critical_a_of
from bbpsym.answers.edge import edge as edge_of
from bbpsym.answers.outlier import outlier as outlier_of
from bbpsym.answers.result_table import Table, TablePoint
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.cli.columns import Style, file_option, look_options, style_options
from bbpsym.cli.options import Precision, models_of, precision_options, side_option, width_options
from bbpsym.cli.problems import problem_options
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments
from bbpsym.writing.display import DOUBLE_DIGITS, exact_text, number
from bbpsym.writing.grid import Grid

alpha_option = click.option(
    "--alpha", required=True, help="Signal-to-noise ratios M/N: 2, or 1,2,4, or 1:3:0.1."
)
bulk_side = side_option("Side of the bulk.")


def _is_network(problems: Sequence[Any]) -> bool:
    return hasattr(problems[0], "answers")


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
@bulk_side
@click.option("--sector", help="Sector of the outliers of a network; else the first to come.")
@precision_options
@style_options
def threshold(
    problems: list[Any], side: str, sector: str | None, precision: Precision, style: Style
) -> None:
    """Print the BBP threshold of a model, a network or a weight, or a table of several."""
    if _is_network(problems):
        _check_only(PAPER, certified=precision.certified)
    else:
        _check_only(OTHERS, sector=sector)

    def ask(problem: Any) -> Table:
        found = threshold_of(problem, *precision, side=side, sector=sector)
        return Table((found,), *precision, type(found))

    style.put(_shown(_each(problems, "thresholds", ask), style))


@click.command()
@problem_options
@bulk_side
@alpha_option
@precision_options
@style_options
def edge(problems: list[Any], side: str, alpha: str, precision: Precision, style: Style) -> None:
    """Print an edge of the bulk at one signal-to-noise ratio, or a table of several."""
    ratios = arguments.alphas(alpha)
    if _is_network(problems):
        _check_only(PAPER, certified=precision.certified)

    def ask(problem: Any) -> Table:
        return edge_of(problem, ratios, *precision, side=side)

    style.put(_shown(_each(problems, "edges", ask), style))


@click.command()
@problem_options
@bulk_side
@alpha_option
@precision_options
@click.option("--N", "N", help="Input dimension: print how far finite systems deviate.")
@style_options
def outlier(
    problems: list[Any], side: str, alpha: str, precision: Precision, N: str | None, style: Style
) -> None:
    """Print the outlier and its overlap with the signal, if there is one; of a network, all.

    With several models or alpha it is a table.
    """
    ratios = arguments.alphas(alpha)
    if N is not None and precision != Precision(None, False):
        raise DomainError("N must come without digits and certified: a band carries its own error")
    ask: Callable[[Any], Table]
    if _is_network(problems):
        _check_only(PAPER, certified=precision.certified, N=N)
        ask = lambda network: _outliers(network, ratios, side, precision.digits)  # noqa: E731
    elif N is None:
        ask = lambda problem: outlier_of(problem, ratios, *precision, side=side)  # noqa: E731
    else:
        ask = lambda problem: _bands(problem, ratios, N, side)  # noqa: E731
    found = _each(problems, "outliers", ask)
    if [*found] == [None] and style.format in ONE and not style.asks_for_table:
        text = _none(problems[0], alpha, side, precision.digits, style.format)
    elif _is_network(problems) and len(problems) == len(ratios) == 1:
        text = _one_by_one(found, style)
    else:
        text = _shown(found, style)
    if N is not None and style.format == "text" and any(row is not None for row in found):
        from bbpsym.answers.outlier_band import EXPLAINED

        said = [f"{names}: {what}." for names, what in EXPLAINED.items()]
        text = "\n".join([f"{text}\n", *said])
    style.put(text)


def _none(problem: Any, alpha: str, side: str, digits: int | None, format_: str) -> str:
    """Say that there is no outlier at the only alpha, and why."""
    if _is_network([problem]):
        (first, *_) = arguments.alphas(alpha)
        none = f"no outlier on the {side} of the bulk at alpha = {exact_text(first)}"
        return "[]" if format_ == "json" else none
    # Enough digits to tell the threshold from an alpha that was given to many.
    most = max(digits or DOUBLE_DIGITS, min(len(alpha) + 3, 200))
    known = threshold_of(problem, most, side=side).text("alpha")
    below = f"no outlier: alpha = {alpha} is below the threshold {known}"
    return "null" if format_ == "json" else below


def _bands(problem: Any, ratios: Sequence[Any], N: str, side: str) -> Table:
    """The outlier of a model at each alpha and each N, with its band."""
    from bbpsym.answers.outlier_band import OutlierBand
    from bbpsym.answers.outlier_band import outlier_band as band_of

    if not isinstance(problem, Model):
        _check_only(PAPER, N=N)
    problem.side(side)  # there is no right one
    asked = [*product(ratios, arguments.sizes(N, "N"))]
    rows = tuple(band_of(problem, ratio, size) for ratio, size in asked)
    return Table(rows, None, False, OutlierBand, tuple(TablePoint(problem, r) for r, _ in asked))


def _outliers(network: Any, ratios: Sequence[Any], side: str, digits: int | None) -> Table:
    """All outliers of a network at each alpha, or None where there is none."""
    from bbpsym.answers.network import network_outliers
    from bbpsym.answers.network_result import NetworkOutlier

    each = [(ratio, network_outliers(network, ratio, side, digits)) for ratio in ratios]
    rows = [(ratio, row) for ratio, found in each for row in found or (None,)]
    points = tuple(TablePoint(network, ratio, side) for ratio, _ in rows)
    return Table(tuple(row for _, row in rows), digits, False, NetworkOutlier, points)


def _each(problems: Sequence[Any], title: str, ask: Callable[[Any], Table]) -> Table:
    """Ask about each problem, behind a progress bar on a terminal, and join the tables."""
    shown = tqdm(problems, title, delay=0.5, leave=False, disable=None)
    tables = [ask(problem) for problem in shown]
    rows = tuple(chain.from_iterable(table.rows for table in tables))
    points = tuple(chain.from_iterable(table.points for table in tables))
    return replace(tables[0], rows=rows, points=points)


@click.command()
@width_options
@precision_options
@file_option
@look_options
def critical_a(p: str, p_star: str, precision: Precision, style: Style) -> None:
    """Print the a at which the transition turns from continuous to discontinuous."""
    found = [
        (model, critical_a_of(model.p, model.p_star, *precision))
        for model in models_of(p, p_star, "1")
    ]
    digits = precision.digits
    records = [_critical_record(model, value, digits) for model, value in found]
    if len(found) == 1 and style.format in ("text", "json") and not style.columns:
        ((_, value),) = found
        is_json = style.format == "json"
        style.put(json.dumps(records[0]) if is_json else _critical_text(value, digits))
        return
    cells = [
        [str(model.labels()["p"]), str(model.p_star), _critical_text(value, digits)]
        for model, value in found
    ]
    heads = ["p", "p_star", "critical_a"]
    grid = Grid(heads, cells, aligned=[False, False, True], records=records)
    style.put(grid)


def _critical_text(value: Any, digits: int | None) -> str:
    return number(value, getattr(value, "digits", digits))


def _critical_record(model: Model, value: Any, digits: int | None) -> dict[str, Any]:
    text = _critical_text(value, digits)
    digits = getattr(value, "digits", digits)
    widths = {name: item for name, item in model.labels().items() if name != "a"}
    return {**widths, "critical_a": text if digits is not None else float(text)}


def _shown(found: Table, style: Style) -> str:
    """Write one answer as itself, several as a table, and any as one where it is asked for."""
    if len(found) > 1 or style.format not in ONE or style.asks_for_table:
        return style.write(found)
    if style.format == "json":
        return json.dumps(found[0].record(style.strings), indent=2)
    return str(found[0]._repr_latex_() if style.format == "latex" else found[0])


def _one_by_one(found: Table, style: Style) -> str:
    """Write several answers at one alpha, each as itself."""
    if style.format not in ("text", "latex") or style.asks_for_table:
        return style.write(found)
    return "\n".join(_shown(found[k : k + 1], style) for k in range(len(found)))
