"""Time and memory of the lowest pairs and their overlaps against N, a process a size.

python benchmarks/finite_scaling.py 1000 2000 4000 8000
python benchmarks/finite_scaling.py --dtype float32 20000
"""

import resource
import subprocess
import sys
import time

import click
import numpy as np

from bbpsym.finite.eigen import lowest
from bbpsym.finite.instance import draw
from bbpsym.finite.overlap import overlaps
from bbpsym.finite.point import Point

COLUMNS = "{:>7} {:>8} {:>8} {:>9} {:>9} {:>9} {:>9} {:>10} {:>8}"


def measure(N: int, dtype: str) -> None:
    start = time.perf_counter()
    instance = draw(Point(N, 2, 1, 0.7, 2.0), np.random.default_rng(0), dtype=dtype)
    drawn, busy = time.perf_counter(), time.process_time()
    pairs = lowest(instance)
    overlap2 = overlaps(instance, pairs.vectors).norm ** 2
    solved = time.perf_counter()
    busy = time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    cells = (
        N,
        dtype,
        f"{drawn - start:.2f}",
        f"{solved - drawn:.2f}",
        f"{busy:.2f}",
        f"{peak:.2f}",
        pairs.products,
        f"{pairs.residuals.max():.1e}",
        f"{overlap2.mean():.4f}",
    )
    click.echo(COLUMNS.format(*cells))


@click.command()
@click.argument("sizes", type=int, nargs=-1, required=True)
@click.option("--dtype", type=click.Choice(["float64", "float32"]), default="float64")
@click.option("--alone", is_flag=True, hidden=True)
def main(sizes: tuple[int, ...], dtype: str, alone: bool) -> None:
    """Draw p=2, p_star=1, a=0.7, alpha=2 at each size and find its two outliers."""
    if alone:
        measure(sizes[0], dtype)
        return
    head = ("N", "dtype", "draw/s", "solve/s", "cpu/s", "peak/GiB", "products", "residual", "m^2")
    click.echo(COLUMNS.format(*head))
    for size in sizes:
        command = [sys.executable, __file__, str(size), "--dtype", dtype, "--alone"]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
