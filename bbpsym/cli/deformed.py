"""The commands for deformed Gaussian matrices and sample covariances."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
import numpy as np

from bbpsym.answers.arrays import outliers
from bbpsym.answers.deformed_sampled import deformed_scatter
from bbpsym.answers.edge import edge
from bbpsym.answers.threshold import threshold
from bbpsym.cli.options import digits_option, format_option
from bbpsym.ensembles.covariance import SampleCovariance
from bbpsym.ensembles.deformed import DeformedGaussian
from bbpsym.errors import DomainError
from bbpsym.formulas import read
from bbpsym.labels import Labels, discrete_labels, labels_of


@click.command()
@click.option("--diagonal", help='Density in x, or values "0:1/2,1:1/2"; zero without it.')
@click.option("--support", help="Ends of the density, as in --support=-1,1.")
@click.option("--sigma", default="1", show_default=True, help="Strength of the Gaussian part.")
@click.option("--spike", help="Strengths of spikes, as in 1,0.5.")
@click.option("--site", help="The diagonal's entry where the spike is, if along a coordinate.")
@click.option("--side", type=click.Choice(["left", "right"]), help="Side of the bulk.")
@click.option("--N", "N", help="Size: predict mean and scatter of sampled diagonals.")
@click.option("--samples", default="100", show_default=True, help="Samples of such diagonals.")
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
    samples: str,
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
    ensemble = DeformedGaussian(_law(diagonal, support), sigma, given, site=site)
    if N is not None:
        if seed is None or digits is not None or side is not None or format_ == "latex":
            raise DomainError("N must come with seed, and without digits, side and latex")
        found = asdict(deformed_scatter(ensemble, N, samples, np.random.default_rng(seed)))
        text = "\n".join(f"{name:<18}  {value:.6g}" for name, value in found.items())
        click.echo(json.dumps(found, indent=2) if format_ == "json" else text)
        return
    results: list[Any] = [edge(ensemble, digits=digits, side=side)]
    results.append(threshold(ensemble, digits, side=side))
    if given:
        results += outliers(ensemble, side=side, digits=digits)
    _show(results, format_)
    if given and len(results) == 2 and format_ != "json":
        click.echo("no outlier")


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
    law = _law(population, support)
    assert law is not None  # a population has a text
    matrix = SampleCovariance(law, gamma, spike)
    results: list[Any] = [edge(matrix, digits=digits), threshold(matrix, digits)]
    results += outliers(matrix, digits=digits) if spike is not None else ()
    _show(results, format_)
    if spike is not None and len(results) == 2 and format_ != "json":
        click.echo("no outlier")


def _show(results: list[Any], format_: str) -> None:
    if format_ == "json":
        click.echo(json.dumps([result.record() for result in results], indent=2))
        return
    for result in results:
        click.echo(result._repr_latex_() if format_ == "latex" else str(result))


def _law(diagonal: str | None, support: str | None) -> Labels | None:
    """A law from its text."""
    if diagonal is None:
        if support is not None:
            raise DomainError("support is for a diagonal with a density")
        return None
    if ":" in diagonal:
        pairs = [part.partition(":")[::2] for part in diagonal.split(",")]
        return discrete_labels({at.strip(): share for at, share in pairs}, 1, f"{diagonal}")
    if support is None:
        raise DomainError("support must be given for a density, as in --support=-1,1")
    formula = read(diagonal, "density", ("x",), {}).to_sympy()
    return labels_of(formula, 1, [end.strip() for end in support.split(",")], diagonal)
