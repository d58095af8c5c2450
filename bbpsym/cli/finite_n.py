"""The commands about what finite systems see: the lowest eigenvalue of the bulk, and alpha_0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import click
import numpy as np
from tqdm import tqdm

from bbpsym.answers import alpha_zero as apparent
from bbpsym.answers import finite_edge as lowest
from bbpsym.answers.sampled import read_dimension
from bbpsym.answers.sampled_phi import PredictedCrossing, predicted_crossing
from bbpsym.cli.columns import Style, file_option, look_options
from bbpsym.cli.options import Integer, model_options, refuse
from bbpsym.errors import BBPError, DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments
from bbpsym.writing.display import exact_text
from bbpsym.writing.grid import Grid

EDGE_HEADS = ("alpha", "N", "kind", *lowest.NUMBERS)
MODEL_HEADS = ("p", "p_star", "a")
ZERO_HEADS = (*MODEL_HEADS, "kind", "threshold", *apparent.WAYS)

#: Which of the model's columns stand with their points below each other in LaTeX.
ALIGNED_MODEL = (False, False, True)

#: Samples of the weights where no number is given.
SAMPLES = 100


@click.command()
@model_options
@click.option("--alpha", required=True, help="Signal-to-noise ratios M/N: 1.2 or 0.8:1.6:0.1.")
@click.option("--N", "dimensions", required=True, help="Input dimensions: 1e3,1e6,1e15.")
@file_option
@look_options
def finite_edge(models: list[Model], alpha: str, dimensions: str, style: Style) -> None:
    """Print where the lowest eigenvalue of the bulk lies in a system of N inputs.

    The bulk has p N eigenvalues; outliers are left aside.
    """
    points = [*product(models, arguments.alphas(alpha), arguments.sizes(dimensions, "N"))]
    shown = tqdm(points, "edges", delay=0.5, leave=False, disable=None)
    rows = [lowest.finite_edge(*point) for point in shown]
    notes = [f"{kind} edge: {lowest.BASIS[kind]}." for kind in {row.kind: None for row in rows}]
    notes += [
        f"{names}: {meaning}."
        for names, meaning in lowest.EXPLAINED.items()
        if style.shows(*names.split(", "))
    ]
    grid = Grid(
        [*MODEL_HEADS, *EDGE_HEADS],
        [_edge_cells(row, style.digits) for row in rows],
        notes=["\n".join(notes)],
        aligned=[*ALIGNED_MODEL, True, *[False] * 2, *[True] * len(lowest.NUMBERS)],
        rounded=lowest.NUMBERS,
        records=[row.record() for row in rows],
    )
    if len(models) == 1 and style.format not in ("csv", "json") and not style.columns:
        grid = replace(grid.choose(*EDGE_HEADS), title=repr(models[0]))
    style.put(grid)


def _edge_cells(row: lowest.FiniteEdge, digits: Mapping[str, int]) -> list[str]:
    numbers = (row.text(name, digits.get(name)) for name in lowest.NUMBERS)
    return [*_named(row.model), exact_text(row.alpha), _power(row.N), row.kind, *numbers]


@click.command()
@model_options
@click.option("--N", "sizes", help="For the crossing: N where phi is 1/2, or two N that cross.")
@click.option("--samples", type=Integer(1), help=f"For the crossing, {SAMPLES} without it.")
@click.option("--seed", type=Integer(), help="Likewise, 0 without it.")
@file_option
@look_options
def alpha_zero(
    models: list[Model], sizes: str | None, samples: int | None, seed: int | None, style: Style
) -> None:
    """Print alpha_0, where finite systems seem to have their transition, in several ways.

    With --N the weights of finite systems are sampled, and the crossing of the curves phi(alpha)
    that they predict stands beside the other ways.
    """
    if sizes is None:
        refuse({"samples": samples, "seed": seed}, "without N: they are for the crossing")
    drawn = (SAMPLES if samples is None else samples, seed or 0)
    shown = tqdm(models, "alpha_0", delay=0.5, leave=False, disable=None)
    rows = [apparent.alpha_zero(model, _crossing(model, sizes, *drawn)) for model in shown]
    cells = [
        [
            *(*_named(row.model), row.kind),
            *(row.text(n, style.digits.get(n)) for n in ("threshold", *apparent.WAYS)),
        ]
        for row in rows
    ]
    notes = [f"{name}: {worth}." for name, worth in apparent.WAYS.items() if style.shows(name)]
    notes += [
        f"{row.model!r} has no {name}: {reason}."
        for row in rows
        for name, reason in row.reasons.items()
        if name != "crossing" and style.shows(name)
    ]
    grid = Grid(
        ZERO_HEADS,
        cells,
        notes=["\n".join(notes)],
        aligned=[*ALIGNED_MODEL, False, *[True] * (1 + len(apparent.WAYS))],
        rounded=("threshold", *apparent.WAYS),
        records=[row.record() for row in rows],
    )
    style.put(grid)


def _crossing(model: Model, sizes: str | None, samples: int, seed: int) -> PredictedCrossing | None:
    """The crossing predicted from sampled weights; every model has the same random numbers."""
    if sizes is None:
        return None
    first, *others = arguments.sizes(sizes, "N")
    if len(others) > 1:
        raise DomainError(f"N must be one size, or two that cross, not {sizes}")
    larger = others[0] if others else None
    rng = np.random.default_rng(seed)
    for size in (first, *others):
        read_dimension(model, size)
    try:
        return predicted_crossing(model, first, samples, rng, larger=larger)
    except BBPError as error:  # the other ways are not lost with this one
        click.echo(f"bbpsym: no crossing for {model!r}: {error}", err=True)
        return None


def _named(model: Model) -> tuple[str, str, str]:
    p = "inf" if model.is_overparametrised_limit else str(model.p)
    return p, str(model.p_star), exact_text(model.a)


def _power(N: int) -> str:
    """Write a power of ten from a million on as such."""
    zeros = len(str(N)) - len(str(N).rstrip("0"))
    return f"{N // 10**zeros}e{zeros}" if zeros >= 6 else str(N)
