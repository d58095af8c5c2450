"""The commands for deformed Gaussian matrices and sample covariances."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click
import numpy as np

from bbpsym.answers.arrays import outliers
from bbpsym.answers.deformed_sampled import deformed_scatter
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.cli.options import digits_option, format_option
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.ensembles.sample_covariance import SampleCovariance
from bbpsym.errors import DomainError
from bbpsym.formulas import read
from bbpsym.labels import Labels, discrete_labels, exact_number, labels_of
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES

#: Samples of a diagonal where no number is given.
SAMPLES = "100"

#: What the numbers of a prediction are.
MEANINGS = {
    "phi": "share of the samples with an outlier",
    "value": "mean of the extreme eigenvalue: the outlier, or else the edge",
    "value_deviation": "its standard deviation from sample to sample",
    "overlap2": "mean squared overlap of its eigenvector with w; 0 without an outlier",
    "overlap2_deviation": "its standard deviation from sample to sample",
}

#: What these deviations leave out.
ALONE = "that of the sampled diagonal and w alone: what J adds is not in it"


@click.command()
@click.option("--diagonal", help='Density in x, or values "0:1/2,1:1/2"; zero without it.')
@click.option("--support", help="Ends of the density, as in --support=-1,1.")
@click.option("--sigma", default="1", show_default=True, help="Strength of the Gaussian part.")
@click.option("--spike", help="Strengths of spikes, as in 1,0.5.")
@click.option("--site", help="The diagonal's entry where the spike is, if along a coordinate.")
@click.option(
    "--side",
    type=click.Choice(SIDES),
    help="Side of the bulk; without it those the spikes pull to.",
)
@click.option(
    "--N",
    "N",
    help="Size: predict mean and scatter over sampled diagonals; that of J is not in it.",
)
@click.option("--samples", help=f"Samples of such diagonals, {SAMPLES} without it.")
@click.option("--seed", type=click.IntRange(0), help="Fixes them.")
@digits_option
@format_option("text", "json", "latex")
def deformed(
    diagonal: str | None,
    support: str | None,
    sigma: str,
    spike: str | None,
    site: str | None,
    side: str | None,
    N: str | None,
    samples: str | None,
    seed: int | None,
    digits: int | None,
    format_: str,
) -> None:
    """Print edge, threshold and outliers of J + D + theta w w^T, a deformed Gaussian matrix.

    J is Gaussian with entries of variance sigma^2/N, D diagonal, theta the strength of a spike.

    \b
    Example:
      bbpsym deformed --diagonal "15/16*(1-x^2)^2" --support=-1,1 --sigma 0.3 --spike 1
    """  # noqa: D301 - click reads the backspace
    given = None if spike is None else spike.split(",")
    law = _law(diagonal, support, "diagonal")
    ensemble = DeformedGaussian(law, sigma, given, site=site)
    if N is not None:
        if seed is None or digits is not None or side is not None or format_ == "latex":
            raise DomainError("N must come with seed, and without digits, side and latex")
        if len(ensemble.diagonal.atoms) == 1:
            raise DomainError("N must come with a diagonal of more than one value: it is sampled")
        _predict(ensemble, N, samples or SAMPLES, seed, format_)
        return
    for name, value in (("samples", samples), ("seed", seed)):
        if value is not None:
            raise DomainError(f"{name} is for sampled diagonals: give --N")
    sides = [side] if side else _pulled_to(ensemble)
    _show({at: _answers(ensemble, at, digits) for at in sides}, format_)


def _pulled_to(ensemble: DeformedGaussian) -> list[str]:
    """The sides to which there are spikes, that of the first one first."""
    pulls = dict.fromkeys(LEFT if theta < 0 else RIGHT for theta in ensemble.spike)
    return [*pulls] or [ensemble.side_seen]


def _predict(ensemble: DeformedGaussian, N: str, samples: str, seed: int, format_: str) -> None:
    """Print what sampled diagonals predict."""
    found = asdict(deformed_scatter(ensemble, N, samples, np.random.default_rng(seed)))
    if format_ == "json":
        said = {"seed": seed, "deviations": ALONE}
        click.echo(json.dumps(ensemble.labels() | found | said, indent=2))
        return
    rows = [f"  {name:<18}  {found[name]:<9.6g}  {text}" for name, text in MEANINGS.items()]
    title = f"{ensemble!r}, {found['samples']} diagonals of N = {found['N']}"
    click.echo("\n".join([title, *rows, f"  (the scatter is {ALONE})"]))


@click.command()
@click.option("--population", required=True, help='Density in x, or values "1:1/2,3:1/2".')
@click.option("--support", help="Ends of the density, as in --support=1,2.")
@click.option("--gamma", required=True, help="Dimensions over data, p/n.")
@click.option("--spike", help="One more eigenvalue of the population.")
@digits_option
@format_option("text", "json", "latex")
def covariance(
    population: str,
    support: str | None,
    gamma: str,
    spike: str | None,
    digits: int | None,
    format_: str,
) -> None:
    """Print right edge, threshold and outlier of a sample covariance of any population.

    \b
    Example:
      bbpsym covariance --population 1:1/2,3:1/2 --gamma 1/2 --spike 8
    """  # noqa: D301 - click reads the backspace
    law = _law(population, support, "population")
    assert law is not None  # a population has a text
    matrix = SampleCovariance(law, gamma, spike)
    _show({RIGHT: _answers(matrix, RIGHT, digits)}, format_)


def _answers(ensemble: Any, side: str, digits: int | None) -> dict[str, Any]:
    """Edge, threshold and outliers of one side; None in their place if there is no spike."""
    found = {
        "edge": edge(ensemble, digits=digits, side=side),
        "threshold": threshold(ensemble, digits, side=side),
    }
    spiked = ensemble.spike not in (None, ())
    return found | {"outliers": outliers(ensemble, side=side, digits=digits) if spiked else None}


def _show(each: Mapping[str, dict[str, Any]], format_: str) -> None:
    """Print the answers of each side; in JSON under its name if there are two."""
    if format_ == "json":
        records = {
            side: {name: _record(item) for name, item in each[side].items()} for side in each
        }
        whole: Any = records if len(records) > 1 else next(iter(records.values()))
        click.echo(json.dumps(whole, indent=2))
        return
    for side, found in each.items():
        for result in (found["edge"], found["threshold"], *(found["outliers"] or ())):
            click.echo(result._repr_latex_() if format_ == "latex" else str(result))
        if found["outliers"] == ():
            _show_none(found["threshold"], side, format_)


def _record(found: Any) -> Any:
    """One answer, several or none as they stand in JSON."""
    if isinstance(found, tuple):
        return [result.record() for result in found]
    return None if found is None else found.record()


def _show_none(start: Any, side: str, format_: str) -> None:
    """Say on which side of which threshold there is no spike."""
    none = f"no outlier {side} of the bulk"
    name = "theta" if "theta" in start.symbols else "spike"
    text = f"{none}: no spike beyond the threshold {start.text(name)}"
    click.echo(rf"$\text{{{none}}}$" if format_ == "latex" else text)


def _law(text: str | None, support: str | None, name: str) -> Labels | None:
    """A law from its text, the argument of that name."""
    if text is None:
        if support is not None:
            raise DomainError(f"support is for a {name} with a density")
        return None
    if ":" in text:
        if support is not None:
            raise DomainError(f"support is for a {name} with a density, not for values")
        return discrete_labels(probabilities(text, name), 1, text)
    if support is None:
        raise DomainError("support must be given for a density, as in --support=-1,1")
    formula = read(text, "density", ("x",), {}).to_sympy()
    return labels_of(formula, 1, [end.strip() for end in support.split(",")], text)


def probabilities(text: str, name: str) -> dict[Any, str]:
    """Values and their probabilities, each value once."""
    found: dict[Any, str] = {}
    for part in text.split(","):
        at, _, share = part.partition(":")
        value = exact_number(at.strip(), name)
        if value in found:
            raise DomainError(f"{name} must have each value once, not {value} twice")
        found[value] = share
    return found
