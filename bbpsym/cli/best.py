"""The command that finds the width, or the normalisation, of the lowest threshold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from typing import Any

import click
from tqdm import tqdm

from bbpsym.answers.lowest_threshold import Best
from bbpsym.answers.lowest_threshold import best as best_of
from bbpsym.answers.threshold import Threshold
from bbpsym.cli.columns import Style, file_option, look_options
from bbpsym.reading import arguments
from bbpsym.writing.display import DOUBLE_DIGITS, exact_text
from bbpsym.writing.grid import Grid
from bbpsym.writing.heads import HEADS

#: Columns of a table: what is given and what is found, and the numbers of the threshold.
MODEL, NUMBERS = ("p", "p_star", "a"), tuple(Threshold.symbols)


@click.command()
@click.option("--p-star", required=True, help="Teacher widths.")
@click.option("--p", help="Student widths: which a is best at each?")
@click.option("--a", help="Normalisations of the loss: which p is best at each?")
@click.option("--certified", is_flag=True, help="Prove what can be proved in ball arithmetic.")
@file_option
@look_options
def best(p_star: str, p: str | None, a: str | None, certified: bool, style: Style) -> None:
    """Print which student width p at a given a, or which a at a given p, sees the signal first.

    \b
    Example:
      bbpsym best --p-star 1:3 --a 0.1:2:0.1 --format csv --columns p_star,a,p,alpha:6
    """  # noqa: D301 - click reads the backspace
    teachers = arguments.widths(p_star, "p_star")
    students = [None] if p is None else arguments.widths(p, "p", infinite=True)
    normalisations = [None] if a is None else arguments.numbers(a, "a")
    asked = [*product(teachers, normalisations, students)]
    shown = tqdm(asked, "best", delay=0.5, leave=False, disable=None)
    found = [best_of(q, p=k, a=b, certified=certified) for q, b, k in shown]
    if style.columns or style.format not in ("text", "json"):
        rows = [_cells(*pair, style) for pair in zip(asked, found, strict=True)]
        style.put(_grid(rows, found))
    elif style.format == "json":
        records = [item.record() for item in found]
        style.put(json.dumps(records if len(records) > 1 else records[0], indent=2))
    else:
        style.put("\n\n".join(map(str, found)))


def _cells(asked: tuple[Any, Any, Any], found: Best, style: Style) -> list[str]:
    """What is given, what is best, and its threshold; nothing where there is none."""
    q, b, k = asked
    given = {"p": k, "p_star": q, "a": b and exact_text(b)} | {found.asked: found.value_text}
    start = found.threshold
    kind = "-" if start is None else str(start.kind)
    for name, count in style.digits.items():
        arguments.whole(count, f"digits of {name}", 1, DOUBLE_DIGITS)
    numbers = ["-" if start is None else start.text(n, style.digits.get(n)) for n in NUMBERS]
    return [*(str(given[name]) for name in MODEL), kind, *numbers]


def _grid(rows: Sequence[Sequence[str]], found: Sequence[Best]) -> Grid:
    names = [*MODEL, "kind", *NUMBERS]
    notes = dict.fromkeys(f"best {item.asked}, searched: {item.searched}." for item in found)
    aligned = [name not in ("p", "p_star", "kind") for name in names]
    records = [{name: _json(text) for name, text in zip(names, row, strict=True)} for row in rows]
    symbols = {name: f"${symbol}$" for name, symbol in Threshold.symbols.items()}
    heads = [(HEADS | symbols).get(name, name) for name in names]
    return Grid(names, rows, "", [*notes], heads, (), aligned, (), NUMBERS, records)


def _json(text: str) -> Any:
    """A number, or a word; nothing where there is no best."""
    if text == "-":
        return None
    number = None if text == "inf" else arguments.exact(text)
    return text if number is None else int(text) if text.isdigit() else float(text)
