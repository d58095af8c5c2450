"""How cost grows with digits, points, widths, N and samples: the page's tables and picture.

python benchmarks/growth.py [MOST_DIGITS]
"""

import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import page
from matplotlib.figure import Figure

from bbpsym import Model, predict, threshold, thresholds
from bbpsym.figures import style
from bbpsym.finite.eigen import lowest
from bbpsym.finite.instance import draw
from bbpsym.finite.point import Point

MODEL, ALPHA = Model(2, 1, "0.7"), 2

#: Dimensions of Hessians, and numbers of samples, up to N = 10^7.
SIZES, SAMPLES = (250, 500, 1000, 2000, 4000), tuple(2 * 10**k for k in range(3, 8))


def seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def certified(model: Model, digits: int) -> object:
    return threshold(model, digits, certified=True)


def of_digits(most: int) -> Iterable[tuple[int, float]]:
    certified(MODEL, 20)
    for n in (15, 30, 50, 100, 200, 500, 1000, 2000):
        if n <= most:
            yield n, seconds(lambda n=n: certified(MODEL, n))


def of_points() -> Iterable[tuple[int, float]]:
    thresholds(2, 1, np.linspace(0.1, 3, 10))
    for n in (10, 100, 1000, 10**4, 10**5, 10**6):
        yield n, seconds(lambda n=n: thresholds(2, 1, np.linspace(0.1, 3, n)))


def of_widths() -> Iterable[tuple[int, float]]:
    certified(Model(10, 1, "0.7"), 20)  # compile what a discontinuous transition needs
    for p in (1, 10, 100, 1000, 10**4, 10**5, 10**6):
        yield p, seconds(lambda p=p: certified(Model(p, 1, "0.7"), 30))


def of_dimensions() -> Iterable[tuple[int, float]]:
    for N in SIZES:
        instance = draw(Point(N, 2, 1, 0.7, float(ALPHA)), np.random.default_rng(0))
        yield N, seconds(lambda instance=instance: lowest(instance))


def of_samples() -> Iterable[tuple[int, float]]:
    """All samples are drawn; by default no more than some thousand are beyond a million."""
    model = Model(1, 1, "0.7")
    predict(model, ALPHA, 1000, np.random.default_rng(0), extremes=0)
    for M in SAMPLES:
        generator = np.random.default_rng(0)
        yield M, seconds(lambda M=M, g=generator: predict(model, ALPHA, M // ALPHA, g, extremes=0))


def write(name: str, head: tuple[str, str], rows: list[tuple[int, float]]) -> None:
    page.put(name, page.table(head, [(f"{size:,}", f"{value:.2g}") for size, value in rows]))


def decades(values: Iterable[float]) -> tuple[float, float]:
    """Powers of ten around them."""
    exponents = np.log10([*values])
    return 10 ** np.floor(exponents.min()), 10 ** np.ceil(exponents.max() + 0.1)


def picture(curves: dict[str, list[tuple[int, float]]]) -> None:
    with style.paper():
        drawn = Figure(figsize=(7.2, 4.4), layout="constrained", facecolor="white")
        panels = drawn.subplots(2, 3)
        for ax, (head, rows) in zip(panels.flat, curves.items(), strict=False):
            sizes, times = zip(*rows, strict=True)
            ax.loglog(sizes, times, "o-", markersize=3)
            ax.set(xlabel=head, xlim=decades(sizes), ylim=decades(times))
            ax.minorticks_off()
        for ax in panels[:, 0]:
            ax.set_ylabel("processor time, s")
        panels.flat[-1].set_axis_off()
        images = page.PAGE.parent / "images"
        drawn.savefig(Path(images) / "growth.svg", metadata={"Date": None})


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    measured = {
        "points": ("points in one call of `thresholds`", [*of_points()]),
    }
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    measured |= {
        "digits": ("certified digits", [*of_digits(most)]),
        "widths": ("p, at 30 certified digits", [*of_widths()]),
        "dimensions": ("N of a Hessian, its two lowest pairs", [*of_dimensions()]),
        "samples": ("samples of `predict`, all drawn", [*of_samples()]),
    }
    for name, (head, rows) in measured.items():
        write(name, (head, "s"), rows)
    page.put("memory", f"A process that has asked for a million points has used {memory:.0f} MiB.")
    page.put("machine of the curves", page.machine())
    picture({head.replace("`", ""): rows for head, rows in measured.values()})


if __name__ == "__main__":
    main()
