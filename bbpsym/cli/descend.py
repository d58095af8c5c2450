"""`bbpsym descend`: sweeps of gradient descent."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import click

from bbpsym.cli.options import Real
from bbpsym.cli.simulate import network_of, say, sweep_options


@click.command()
@sweep_options
@click.option("--start", default="random", show_default=True, help="Of random, hessian, optimal.")
@click.option("--space", default="free", show_default=True, help="Weights: free, or on the sphere.")
@click.option("--fraction", type=Real(), default=0.5, show_default=True, help="Size of a step.")
@click.option("--time", type=Real(), default=1000, show_default=True, help="End of the descent.")
def descend(
    N: list[int],
    p: list[int],
    p_star: list[int],
    a: list[Fraction] | None,
    alpha: list[Fraction],
    samples: int,
    seed: int,
    jobs: int,
    store: Path,
    start: str,
    space: str,
    fraction: float,
    time: float,
    values: dict[str, str],
    **formulas: str | None,
) -> None:
    """Descend the loss over a grid, measure the way, keep the results in a file.

    A step and the time are in inverses of the Hessian's highest eigenvalue at the start. Starts are
    a random student, the lowest eigenvector of its Hessian, and the highest eigenvectors of the
    optimal matrix; several are written random,hessian. The problems are those of `simulate`.

    Run the same command again to resume after an interruption, or a larger one to add to the file.

    \b
    Example:
      bbpsym descend --p 1,2 --p-star 1 --a 1.5 --alpha 1:3:0.5 --N 100 --samples 30 --seed 1 \\
        --store descents.jsonl
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite.descended import DESCENT
    from bbpsym.finite.descent import descents
    from bbpsym.finite.sweep import grid, sweep

    problem = network_of(formulas, values, a)
    points = descents(
        grid(N=N, p=p, p_star=p_star, alpha=map(float, alpha), **problem),
        [word.strip() for word in start.split(",")],
        space,
        fraction,
        time,
    )
    bar = sys.stderr.isatty()
    say(sweep(points, store, samples=samples, seed=seed, jobs=jobs, progress=bar, what=DESCENT))
