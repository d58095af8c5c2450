"""`bbpsym simulate` and `bbpsym summarize`: sweeps of finite-size Hessians."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import click

from bbpsym.cli import ranges

Command = Callable[..., None]


def numbers_option(name: str, text: str) -> Callable[[Command], Command]:
    """Add a list of positive numbers and ranges."""
    read = lambda _context, _option, value: ranges.numbers(value, name)  # noqa: E731
    return click.option(f"--{name}", callback=read, required=True, help=text)


def widths_option(name: str, text: str) -> Callable[[Command], Command]:
    """Add a list of positive integers and ranges."""
    read = lambda _context, _option, value: ranges.widths(value, name)  # noqa: E731
    return click.option(
        f"--{name.replace('_', '-')}", name, callback=read, required=True, help=text
    )


@click.command()
@widths_option("N", "Input dimensions.")
@widths_option("p", "Student widths.")
@widths_option("p_star", "Teacher widths.")
@numbers_option("a", "Loss normalisations.")
@numbers_option("alpha", "Signal-to-noise ratios M/N.")
@click.option("--samples", type=int, required=True, help="Samples at each combination.")
@click.option("--seed", type=int, required=True, help="With the parameters, fixes every sample.")
@click.option("--jobs", type=int, default=1, show_default=True, help="Worker processes.")
@click.option("--store", type=click.Path(path_type=Path), required=True, help="SQLite file.")
def simulate(
    N: list[int],
    p: list[int],
    p_star: list[int],
    a: list[Fraction],
    alpha: list[Fraction],
    samples: int,
    seed: int,
    jobs: int,
    store: Path,
) -> None:
    """Draw problems over a grid, measure their Hessians, keep the results in a file.

    Lists are written 1,2,4 and ranges 0.8:1.8:0.1, ends included. Run the same command again to
    resume after an interruption, or a larger one to add to the file.

    \b
    Example:
      bbpsym simulate --p 1 --p-star 1 --a 1.5 --alpha 0.8:1.8:0.1 --N 100,200,400 \\
        --samples 200 --seed 1 --jobs 2 --store runs.sqlite
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite.sweep import grid, sweep

    points = grid(N=N, p=p, p_star=p_star, a=map(float, a), alpha=map(float, alpha))
    done = sweep(points, store, samples=samples, seed=seed, jobs=jobs, progress=True)
    click.echo(f"{done.computed} samples computed, {done.found} found in {done.store}")


class Parameters(click.ParamType):
    """Parameters to select by, such as `p=1,a=1.5`."""

    name = "parameters"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, float]:
        """Return the parameters by name."""
        try:
            pairs = [part.split("=") for part in str(value).split(",")]
            return {name.strip(): float(number) for name, number in pairs}
        except ValueError:
            self.fail(f"{value!r} is not a list like p=1,a=1.5", param, ctx)


@click.command()
@click.argument("store", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "latex"]),
    default="table",
    show_default=True,
    help="Form of the averages.",
)
@click.option("--select", type=Parameters(), default=None, help="Only these, as in p=1,a=1.5.")
@click.option("--crossings", is_flag=True, help="Where phi(alpha) of successive sizes cross.")
@click.option("--alpha-zero", type=float, metavar="ABOVE", help="Zero of m^2 fitted above ABOVE.")
@click.option("--edge", type=float, metavar="EDGE", help="Exponents of the distance from EDGE.")
def summarize(
    store: Path,
    style: str,
    select: dict[str, float] | None,
    crossings: bool,
    alpha_zero: float | None,
    edge: float | None,
) -> None:
    """Average the samples in STORE, point by point, with bootstrap errors.

    phi is the fraction of samples whose eigenvector of largest overlap is the lowest,
    phi_outliers the fraction in which it is among the p p_star lowest. STORE may also be
    a summary in CSV.

    \b
    Example:
      bbpsym summarize runs.sqlite --format csv > summary.csv
      bbpsym summarize summary.csv --select p=1,a=1.5 --alpha-zero 1.4
    """  # noqa: D301 - click reads the backspace
    from bbpsym.finite import fit_tables
    from bbpsym.finite.summary import Summary
    from bbpsym.finite.summary import summarize as average

    summary = Summary.from_csv(store) if store.suffix == ".csv" else average(store)
    if select is not None:
        summary = summary.select(**select)
    if crossings:
        click.echo(fit_tables.crossing_table(summary))
    if alpha_zero is not None:
        click.echo(fit_tables.alpha_zero_table(summary, alpha_zero))
    if edge is not None:
        click.echo(fit_tables.edge_table(summary, edge))
    if not crossings and alpha_zero is None and edge is None:
        write = {"table": summary.__repr__, "csv": summary.to_csv, "latex": summary.to_latex}
        click.echo(write[style]().rstrip("\n"))
