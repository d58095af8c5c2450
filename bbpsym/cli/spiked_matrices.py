"""The commands for deformed Gaussian matrices and sample covariances."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any, cast

import click
import numpy as np

from bbpsym.answers.asking import own_answers
from bbpsym.answers.covariance_result import CovarianceEdge, CovarianceOutlier, CovarianceThreshold
from bbpsym.answers.deformed_result import DeformedEdge, DeformedOutlier, DeformedThreshold
from bbpsym.answers.deformed_sampled import deformed_scatter
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.result import Result
from bbpsym.answers.result_table import Table
from bbpsym.answers.threshold import threshold
from bbpsym.cli.columns import Style, file_option, style_options
from bbpsym.cli.densities import is_density, put_densities, x_option
from bbpsym.cli.options import Integer, OneOf, Precision, precision_options, refuse
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.ensembles.sample_covariance import SampleCovariance
from bbpsym.errors import DomainError, NoOutlierError
from bbpsym.laws.expressions import exact_number
from bbpsym.laws.labels import Labels, discrete_labels, labels_of
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES
from bbpsym.reading import arguments
from bbpsym.reading.formulas import read

#: Formats in which all answers about one matrix are shown, each as itself.
ONE = ("text", "json", "latex")

#: What a table may be of, and the class of its rows.
RESULTS: dict[type, dict[str, type[Result]]] = {
    DeformedGaussian: {
        "edge": DeformedEdge,
        "threshold": DeformedThreshold,
        "outliers": DeformedOutlier,
    },
    SampleCovariance: {
        "edge": CovarianceEdge,
        "threshold": CovarianceThreshold,
        "outliers": CovarianceOutlier,
    },
}

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


only_option = click.option(
    "--only",
    type=OneOf(["edge", "threshold", "outliers", "density"]),
    help="A table of these alone.",
)


@click.command()
@click.option("--diagonal", help='Density in x, or values "0:1/2,1:1/2"; zero without it.')
@click.option("--support", help="Ends of the density, as in --support=-1,1.")
@click.option("--sigma", default="1", show_default=True, help="Strengths of the Gaussian part.")
@click.option("--spike", help="Strengths of spikes, as in 1,0.5 or 0.5:2:0.1.")
@click.option("--site", help="The diagonal's entry where the spike is, if along a coordinate.")
@click.option(
    "--side", type=OneOf(SIDES), help="Side of the bulk; without it those the spikes pull to."
)
@click.option(
    "--N",
    "N",
    help="Size: predict mean and scatter over sampled diagonals; that of J is not in it.",
)
@click.option("--samples", help=f"Samples of such diagonals, {SAMPLES} without it.")
@click.option("--seed", type=Integer(), help="Fixes them.")
@only_option
@x_option
@precision_options
@file_option
@style_options
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
    only: str | None,
    x: str | None,
    precision: Precision,
    style: Style,
) -> None:
    """Print edge, threshold and outliers of J + D + theta w w^T, a deformed Gaussian matrix.

    J is Gaussian with entries of variance sigma^2/N, D diagonal, theta the strength of a spike.
    Several sigma, a range of spikes, --only, and every format but text, JSON and LaTeX make a
    table.

    \b
    Example:
      bbpsym deformed --diagonal "15/16*(1-x^2)^2" --support=-1,1 --sigma 0.3 --spike 1
      bbpsym deformed --sigma 0.5:1.5:0.5 --spike 1:2:0.5 --format csv
    """  # noqa: D301 - click reads the backspace
    law, sigmas = _law(diagonal, support, "diagonal"), arguments.numbers(sigma, "sigma")
    strengths = None if spike is None else _strengths(spike)
    ensembles = [DeformedGaussian(law, item, strengths, site=site) for item in sigmas]
    if N is not None:
        if seed is None:
            raise DomainError("N must come with seed")
        others = {**precision._asdict(), "side": side, "only": only, "x": x}
        refuse(others | style.given(), "with N")
        _predict(ensembles, N, samples or SAMPLES, seed, style.format)
        return
    for name, value in (("samples", samples), ("seed", seed)):
        if value is not None:
            raise DomainError(f"{name} is for sampled diagonals: give --N")
    if is_density(only, x, {"spike": spike, "site": site, "side": side}, precision):
        put_densities([(item, None) for item in ensembles], x, style)
        return
    sides = [side] if side else _pulled_to(ensembles[0])
    if len(sigmas) == 1 and not _is_table(spike, only, style):
        found = {at: _answers(ensembles[0], at, precision) for at in sides}
        style.put(_shown(found, style.format))
        return
    only = only or ("outliers" if strengths else "threshold")
    if only == "outliers":
        _check_spikes(ensembles[0], side, spike)
    each = _one_by_one(ensembles, sides, only == "outliers")
    style.put(_table(each, only, precision))


def _check_spikes(ensemble: DeformedGaussian, side: str | None, spike: str | None) -> None:
    """Refuse to look for outliers where no spike pulls."""
    if not ensemble.spike:
        raise DomainError("spike must be given for outliers")
    if side not in (None, *_pulled_to(ensemble)):
        sign = "negative" if side == LEFT else "positive"
        raise DomainError(f"spike must be {sign} for an outlier on the {side}, not {spike}")


def _one_by_one(
    ensembles: Sequence[DeformedGaussian], sides: Sequence[str], with_spikes: bool
) -> list[tuple[DeformedGaussian, str]]:
    """Each matrix on each side, without its spikes, or with one of those that pull there."""
    return [
        (replace(item, spike=spikes), at)
        for item in ensembles
        for at in sides
        for spikes in ([(theta,) for theta in item.spike] if with_spikes else [()])
        if not spikes or (LEFT if spikes[0] < 0 else RIGHT) == at
    ]


def _strengths(text: str) -> list[str | Fraction]:
    """Strengths of spikes; what is no range is read by the matrix."""
    return arguments.reals(text, "spike") if ":" in text else text.split(",")  # type: ignore[return-value]


def _pulled_to(ensemble: DeformedGaussian) -> list[str]:
    """The sides to which there are spikes, that of the first one first."""
    pulls = dict.fromkeys(LEFT if theta < 0 else RIGHT for theta in ensemble.spike)
    return [*pulls] or [ensemble.side_seen]


def _predict(
    ensembles: Sequence[DeformedGaussian], N: str, samples: str, seed: int, format_: str
) -> None:
    """Print what sampled diagonals predict."""
    if len(ensembles) > 1 or format_ not in ("text", "json"):
        raise DomainError("N must come with one sigma, in the formats text and json")
    (ensemble,) = ensembles
    if len(ensemble.diagonal.atoms) == 1:
        raise DomainError("N must come with a diagonal of more than one value: it is sampled")
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
@click.option("--gamma", required=True, help="Dimensions over data, p/n, as in 0.5 or 0.1:1:0.1.")
@click.option("--spike", help="One more eigenvalue of the population, or several, one at a time.")
@click.option("--side", type=OneOf(SIDES), help="Side of the bulk; else that of the spike.")
@only_option
@x_option
@precision_options
@file_option
@style_options
def covariance(
    population: str,
    support: str | None,
    gamma: str,
    spike: str | None,
    side: str | None,
    only: str | None,
    x: str | None,
    precision: Precision,
    style: Style,
) -> None:
    """Print an edge, threshold and outlier of a sample covariance of any population.

    Several gamma or spikes, --only, and every format but text, JSON and LaTeX make a table.

    \b
    Example:
      bbpsym covariance --population 1:1/2,3:1/2 --gamma 1/2 --spike 8
      bbpsym covariance --population 1:1 --gamma 0.1:1:0.1 --spike 2,4 --format csv
    """  # noqa: D301 - click reads the backspace
    law = _law(population, support, "population")
    assert law is not None  # a population has a text
    spikes = [None] if spike is None else arguments.numbers(spike, "spike")
    gammas = arguments.numbers(gamma, "gamma")
    if is_density(only, x, {"spike": spike, "side": side}, precision):
        put_densities([(SampleCovariance(law, item), None) for item in gammas], x, style)
        return
    if len(gammas) == len(spikes) == 1 and not _is_table(None, only, style):
        matrix = SampleCovariance(law, gammas[0], spikes[0])
        at = side or matrix.side_seen
        style.put(_shown({at: _answers(matrix, at, precision)}, style.format))
        return
    only = only or ("threshold" if spike is None else "outliers")
    matrices = [SampleCovariance(law, item, one) for item in gammas for one in spikes]
    each = [(item, side or item.side_seen) for item in matrices]
    if only != "outliers":  # of these spikes say the sides
        each = _without_spikes(each)
    style.put(_table(each, only, precision))


def _without_spikes(
    each: Sequence[tuple[SampleCovariance, str]],
) -> list[tuple[SampleCovariance, str]]:
    """Matrices without their spikes, each once, on the sides that these leave."""
    for item, at in each:
        item.side(at)  # refuses a spike inside the population
    sides = dict.fromkeys((item.population, item.gamma, at) for item, at in each)
    return [(SampleCovariance(population, gamma), at) for population, gamma, at in sides]


def _is_table(spike: str | None, only: str | None, style: Style) -> bool:
    """Whether one matrix is shown as a table."""
    wanted = (
        only,
        style.columns,
        style.digits,
        style.caption,
        style.label,
        style.strings is not None,
    )
    return style.format not in ONE or any(wanted) or ":" in (spike or "")


def _table(each: Sequence[tuple[Any, str]], only: str, precision: Precision) -> Table:
    """One question about several matrices."""
    verbs: dict[str, Callable[..., Any]]
    verbs = {"edge": edge, "threshold": threshold, "outliers": outlier}

    def answer(item: Any, _: None, at: str) -> Any:
        with suppress(NoOutlierError):
            return verbs[only](item, **precision._asdict(), side=at)
        return None

    points, kind = [(item, None, at) for item, at in each], RESULTS[type(each[0][0])][only]
    return Table.asked(answer, points, kind, *precision)


def _answers(ensemble: Any, side: str, precision: Precision) -> dict[str, Any]:
    """Edge, threshold and outliers of one side; None where there is no threshold, or no spike."""
    found: dict[str, Any] = {"edge": edge(ensemble, None, *precision, side=side), "threshold": None}
    with suppress(NoOutlierError):
        found["threshold"] = threshold(ensemble, *precision, side=side)
    if ensemble.spike in (None, ()):
        return found | {"outliers": None}
    own = cast(Callable[..., Any], own_answers(ensemble, "outliers", precision.certified))
    return found | {"outliers": own(ensemble, None, side, precision.digits)}


def _shown(each: Mapping[str, dict[str, Any]], format_: str) -> str:
    """Write the answers of each side; in JSON under its name if there are two."""
    if format_ == "json":
        records = {
            side: {name: _record(item) for name, item in each[side].items()} for side in each
        }
        whole: Any = records if len(records) > 1 else next(iter(records.values()))
        return json.dumps(whole, indent=2)
    lines = []
    for side, found in each.items():
        results = filter(None, (found["edge"], found["threshold"], *(found["outliers"] or ())))
        lines += [item._repr_latex_() if format_ == "latex" else str(item) for item in results]
        if found["outliers"] == () or found["threshold"] is None:
            lines.append(_none(found["threshold"], side, format_))
    return "\n".join(lines)


def _record(found: Any) -> Any:
    """One answer, several or none as they stand in JSON."""
    if isinstance(found, tuple):
        return [result.record() for result in found]
    return None if found is None else found.record()


def _none(start: Any, side: str, format_: str) -> str:
    """Say on which side of which threshold there is no spike, or that there is no threshold."""
    none = f"no outlier {side} of the bulk"
    if start is None:
        text = f"{none}, whatever the spike: there is no threshold for gamma above 1"
    else:
        name = "theta" if "theta" in start.symbols else "spike"
        text = f"{none}: no spike beyond the threshold {start.text(name)}"
    return rf"$\text{{{none}}}$" if format_ == "latex" else text


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
