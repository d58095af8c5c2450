"""How cost grows with digits, points and width; writes a Markdown page's tables.

Usage: python benchmarks/growth.py [MOST_DIGITS] > growth.md
"""

import sys
import time

import numpy as np

from bbpsym import Model, threshold, thresholds


def seconds(call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def certified(model: Model, digits: int):
    return threshold(model, digits, certified=True)


def show(head: str, unit: str, rows) -> None:
    print(f"| {head} | {unit} |\n| ---: | ---: |")  # noqa: T201
    for size, value in rows:
        print(f"| {size} | {value:.3g} |", flush=True)  # noqa: T201
    print()  # noqa: T201


def main() -> None:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    model = Model(2, 1, "0.7")
    certified(model, 20)
    counts = [n for n in (15, 30, 50, 100, 200, 500, 1000, 2000) if n <= most]
    show("certified digits", "s", ((n, seconds(lambda n=n: certified(model, n))) for n in counts))
    sizes = (10, 100, 1000, 10**4, 10**5, 10**6)
    grid = {n: np.linspace(0.1, 3, n) for n in sizes}
    thresholds(2, 1, grid[10])
    show("points", "s", ((n, seconds(lambda n=n: thresholds(2, 1, grid[n]))) for n in sizes))
    widths = (1, 10, 100, 1000, 10**4, 10**5, 10**6)
    certified(Model(10, 1, "0.7"), 20)  # compile what a discontinuous transition needs
    show(
        "p, 30 certified digits",
        "s",
        ((p, seconds(lambda p=p: certified(Model(p, 1, "0.7"), 30))) for p in widths),
    )


if __name__ == "__main__":
    main()
