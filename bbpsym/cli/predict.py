"""The command that predicts phi(alpha, N) from sampled weights."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np

from bbpsym.answers.sampled import read_dimension, size_text
from bbpsym.answers.sampled_phi import predicted_crossing, predicted_phi
from bbpsym.answers.threshold import threshold
from bbpsym.cli.columns import Style, look_options
from bbpsym.cli.options import File, Integer, jobs_option, model_options
from bbpsym.cli.resume import Work, partial, write
from bbpsym.errors import DomainError, StorageError
from bbpsym.model import Model
from bbpsym.reading import arguments
from bbpsym.writing.display import exact_text, uncertain
from bbpsym.writing.grid import Grid

Row = dict[str, str]

#: Columns that say which row it is, and its numbers, with and without --alpha.
KEYS = ("p", "p_star", "a", "N", "alpha", "samples", "seed", "extremes")
PHI = ("phi", "phi_error", "overlap2", "overlap2_error")
HALF = ("alpha_half", "alpha_half_error", "below_threshold_percent")


@dataclass(frozen=True)
class PhiQuestion:
    """What one row asks: phi at an alpha, or where phi is one half."""

    model: Model
    N: int
    alpha: Fraction | None
    samples: int
    seed: int
    extremes: int | None

    @property
    def key(self) -> Row:
        """What identifies the row."""
        model = (str(self.model.p), str(self.model.p_star), exact_text(self.model.a))
        alpha = "half" if self.alpha is None else exact_text(self.alpha)
        extremes = "default" if self.extremes is None else str(self.extremes)
        values = (*model, size_text(self.N), alpha, str(self.samples), str(self.seed), extremes)
        return dict(zip(KEYS, values, strict=True))

    def answer(self) -> Row:
        """Compute the row, from a random stream of its own."""
        model, ratio = self.model, arguments.nearest(self.alpha or Fraction(0))
        a = arguments.nearest(model.a)
        exact = (a.numerator, a.denominator, ratio.numerator, ratio.denominator)
        rng = np.random.default_rng([self.seed, int(model.p), model.p_star, *exact, self.N])
        if self.alpha is None:
            found = predicted_crossing(model, self.N, self.samples, rng, extremes=self.extremes)
            below = 100 * (1 - found.alpha / threshold(model).alpha)
            numbers = dict(zip(HALF, (found.alpha, found.error, below), strict=True))
        else:
            (point,) = predicted_phi(
                model, [self.alpha], self.N, self.samples, rng, extremes=self.extremes
            )
            numbers = {name: getattr(point, name) for name in PHI}
        return self.key | {name: f"{value:.6g}" for name, value in numbers.items()}


@click.command()
@model_options
@click.option("--N", "sizes", required=True, help="Input dimensions, up to 1e200 for p = 1.")
@click.option("--alpha", help="Signal-to-noise ratios; without them, where phi is one half.")
@click.option("--samples", type=Integer(1), required=True, help="Samples for each row.")
@click.option("--seed", type=Integer(), required=True, help="Fixes every row.")
@click.option("--extremes", type=Integer(), help="Extreme weights drawn; 0 draws all.")
@jobs_option
@click.option("--output", "kept", type=File(), help="CSV file that keeps the rows.")
@look_options
def predict(
    models: list[Model],
    sizes: str,
    alpha: str | None,
    samples: int,
    seed: int,
    extremes: int | None,
    jobs: int,
    kept: Path | None,
    style: Style,
) -> None:
    """Predict from sampled weights how often the lowest eigenvalue is an outlier.

    phi is the fraction of samples in which it is, overlap2 the mean squared overlap of the lowest
    eigenvector. Without --alpha the command prints where phi(alpha) passes one half. Rows that the
    file of --output holds are not computed again; each has its own random stream. New ones are kept
    in FILE.partial while they are computed.

    \b
    Example:
      bbpsym predict --p 1 --p-star 1 --a 1.5 --alpha 1:2:0.1 --N 100,1000,10000 \\
        --samples 50 --seed 1
    """  # noqa: D301 - click reads the backspace
    if kept is not None and kept.suffix.lower() not in ("", ".csv"):
        raise DomainError(f"output is a CSV file: it must end in .csv, not in {kept.suffix}")
    dimensions = arguments.sizes(sizes, "N")
    ratios = [None] if alpha is None else arguments.alphas(alpha)
    questions = [
        PhiQuestion(model, read_dimension(model, N), ratio, samples, seed, extremes)
        for model, N, ratio in product(models, dimensions, ratios)
    ]
    columns = (*KEYS, *(HALF if alpha is None else PHI))
    head = {"bbpsym": "predictions", "row": columns}
    work = _work(questions, head, jobs)
    with partial(kept, head) as rows:
        written = _written(kept, columns) if kept and rows is not None else []
        if rows is not None:
            rows.known = {tuple(row[name] for name in KEYS): row for row in written} | rows.known
        done, complete = work.answers(rows)
        style.put(_grid(done, columns, style.format))
        if not complete:
            work.stop(len(done), kept=rows is not None)
        if kept is not None:
            new = [row for row in done if row not in written]
            write(_grid([*written, *new], columns, "csv").to_csv(), kept)
        if rows is not None:
            rows.remove()


def _work(questions: Sequence[PhiQuestion], head: dict[str, Any], jobs: int) -> Work:
    """Questions and how their answers, which are rows already, are kept."""
    return Work(
        questions,
        "predictions",
        head,
        key=lambda question: tuple(question.key.values()),
        answer=PhiQuestion.answer,
        dump=dict,
        load=lambda _, row: row,
        jobs=jobs,
    )


def _written(output: Path, columns: Sequence[str]) -> list[Row]:
    """Rows of a file that is there; a line that was cut short is none."""
    head = ",".join(columns)
    try:
        text = output.read_text(encoding="utf-8") if output.exists() else f"{head}\n"
        first, *lines = text.split("\n")
        if first != head:
            raise StorageError(f"{output} holds other columns than {head}; move it")
        return [dict(zip(columns, row, strict=True)) for row in csv.reader(lines[:-1])]
    except StorageError:
        raise
    except (OSError, ValueError, csv.Error) as error:
        raise StorageError(f"output {output} cannot be read ({error}); move it") from None


def _grid(rows: list[Row], columns: Sequence[str], format_: str) -> Grid:
    """The rows with their errors in columns of their own for programs, behind numbers else."""
    if format_ in ("csv", "json"):
        shown, cells = [*columns], [[row[name] for name in columns] for row in rows]
    else:
        shown = [name for name in columns if not name.endswith("_error")]
        cells = [[_cell(row, name) for name in shown] for row in rows]
    aligned = [name not in KEYS or name in ("a", "alpha") for name in shown]
    numbers = [{name: _number(text) for name, text in row.items()} for row in rows]
    return Grid(shown, cells, aligned=aligned, records=numbers)


def _cell(row: Row, name: str) -> str:
    """A number of a table for the eye, with its error if it has one."""
    error = row.get(f"{name}_error")
    return row[name] if error is None else uncertain(float(row[name]), float(error))


def _number(text: str) -> int | float | str | None:
    """A cell as JSON has it; what is not a number stays text, and an unknown error is null."""
    for read in (int, float):
        try:
            value = read(text)
        except ValueError:
            continue
        return None if math.isnan(value) else value
    return text
