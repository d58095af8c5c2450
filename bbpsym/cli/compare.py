"""The command that compares the Hessian, its average and the optimal weights."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bbpsym.answers.comparison import WIDTHS
from bbpsym.answers.comparison import compare as compare_of
from bbpsym.cli.columns import Style, file_option, look_options
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError
from bbpsym.reading import arguments

#: Most widths and alphas: a table that can be read, and a picture.
MOST_WIDTHS, MOST_ALPHAS = 20, 1000


@click.command()
@click.option("--p-star", required=True, help="Teacher width.")
@click.option("--a", required=True, help="Loss normalisation, a > 0.")
@click.option("--p", default=",".join(map(str, WIDTHS)), show_default=True, help="Student widths.")
@click.option("--alpha", help="Signal-to-noise ratios; chosen about the thresholds without it.")
@click.option("--weight", multiple=True, help="A weight T(y) of yours; may be repeated.")
@file_option
@look_options
@click.option("--picture", type=click.Path(path_type=Path), help="PDF, SVG or PNG file to draw.")
def compare(
    p_star: str,
    a: str,
    p: str,
    alpha: str | None,
    weight: tuple[str, ...],
    style: Style,
    picture: Path | None,
) -> None:
    """Print which matrix recovers more of the signal.

    The Hessian at several student widths, its average over the student, and two weights made of
    the labels alone: threshold, and squared overlap m^2 at each alpha. Widths and alphas are
    lists of numbers and ranges: 1:4,inf or 0.6:3:0.2. With --picture the same is drawn, as figure
    10, with its numbers as CSV beside it. A weight of your own stands on the side of the bulk
    where it sees the signal first.
    """
    widths = arguments.widths(p, "p", infinite=True)
    alphas = None if alpha is None else arguments.alphas(alpha)
    for name, values, most in (("p", widths, MOST_WIDTHS), ("alpha", alphas, MOST_ALPHAS)):
        if values is not None and len(values) > most:
            raise DomainError(f"{name} must stand for at most {most} values, not {len(values)}")
    seen = sys.stderr.isatty()
    if picture is None:
        others = [_ensemble(text, p_star) for text in weight]
        found = compare_of(p_star, a, widths, alphas, seen, others=others)
        style.put(found)
        return
    if weight:
        raise DomainError("picture shows no weight of your own: bbpsym figure 16 does")
    from bbpsym.figures.make import check_output, figure_data, save

    check_output(picture, "picture")
    last = None if alphas is None else max(alphas)
    panels = figure_data(10, p=widths, p_star=p_star, a=a, alpha_max=last)
    style.put(compare_of(p_star, a, widths, alphas, seen))
    for path in save(10, picture, panels):
        click.echo(path, err=True)


def _ensemble(text: str, p_star: str) -> Ensemble:
    from bbpsym.cli.spectral_method import ensemble_of

    return ensemble_of(text, p_star)
