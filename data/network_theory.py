"""What the pictures of networks show, as CSV: `python data/network_theory.py FILE`.

Thresholds against the width p and against the scale kappa of `kappa log cosh(d/kappa)`; the overlap
of one sigmoid or tanh unit with its teacher against alpha; edges and spikes of logistic regression
against the length of its weights. Half an hour on one core.
Rows that are in the file already are kept.
"""

import csv
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sympy import Rational, cosh, erf, exp, log, symbols, tanh

from bbpsym import Network, edge, outlier, threshold
from bbpsym.errors import BBPError

x, y, yh = symbols("x y yh")
SQUARED, LOG_COSH = (y - yh) ** 2 / 2, log(cosh(y - yh))
COLUMNS = ("case", "quantity", "x", "y", "kind")

WIDTHS = {"quadratic": (x**2, LOG_COSH), "tanh": (tanh(x), SQUARED), "erf": (erf(x), SQUARED)}
SCALES = ("0.15", "0.2", "0.3", "0.5", "0.7", "1", "1.5", "2", "3", "4", "5", "6", "7")
UNITS = {
    "sigmoid unit": (Network(1 / (1 + exp(-x)), SQUARED / (1 + y)), np.linspace(2.5, 14.5, 25)),
    "tanh unit": (Network(tanh(x), SQUARED / (50 + y)), np.linspace(1.9, 7.3, 28)),
}
LENGTHS, ALPHAS = (
    ("0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "5", "6", "8", "10", "12"),
    (3, 4, 8),
)

#: Case, quantity, abscissa, and what gives the ordinate and its kind.
Task = tuple[str, str, Any, Callable[[], tuple[Any, str]]]


def tasks() -> Iterator[Task]:
    """Yield what is computed, the fast first."""
    for p in (1, 2, 3, 4, 5, 6, 8, 10, 15, "inf"):
        yield "quadratic", "threshold", p, transition(Network(*WIDTHS["quadratic"], p))
    for scale in SCALES:
        k = Rational(scale)
        yield "kappa", "threshold", scale, transition(Network(x**2, k * log(cosh((y - yh) / k))))
    for case, (network, alphas) in UNITS.items():
        yield case, "threshold", 1, transition(network)
        yield case, "jump", 1, lambda n=network: (threshold(n).text("teacher2"), "")
        for alpha in np.round(alphas, 6).tolist():
            yield case, "overlap2", alpha, overlap(network, alpha, "teacher2")
    for length in LENGTHS:
        k = Rational(length)
        network = Network(x, log(1 + exp(k * yh)) / k**2)
        for side in ("left", "right"):
            yield "logistic", f"{side} edge", length, border(network, side)
            yield "logistic", f"{side} spike", length, overlap(network, ALPHAS[1], "value", side)
        for alpha in ALPHAS:
            yield "logistic", f"overlap2 {alpha}", length, overlap(network, alpha, "student2")
    for p in (1, "inf", 2, 3):
        for case in ("tanh", "erf"):
            yield case, "threshold", p, transition(Network(*WIDTHS[case], p))


def transition(network: Network) -> Callable[[], tuple[Any, str]]:
    """The threshold and its type."""

    def found() -> tuple[Any, str]:
        result = threshold(network)
        return result.text("alpha"), result.kind

    return found


def border(network: Network, side: str) -> Callable[[], tuple[Any, str]]:
    """An edge at the alpha of the picture."""
    return lambda: (edge(network, ALPHAS[1], side=side).text("value"), "")


def overlap(
    network: Network, alpha: Any, name: str, side: str = "left"
) -> Callable[[], tuple[Any, str]]:
    """A number of the outlier; empty where there is none."""

    def found() -> tuple[Any, str]:
        result = outlier(network, alpha, side=side)
        return ("" if result is None else result.text(name)), ""

    return found


def main(path: Path) -> None:
    """Append the rows that are missing."""
    rows = list(csv.DictReader(path.open())) if path.exists() else []
    done = {(row["case"], row["quantity"], row["x"]) for row in rows}
    with path.open("a", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if not rows:
            writer.writerow(COLUMNS)
        for case, quantity, at, compute in tasks():
            if (case, quantity, str(at)) in done:
                continue
            try:
                writer.writerow((case, quantity, at, *compute()))
            except BBPError as error:
                sys.stderr.write(f"{case}, {quantity} at {at}: {error}\n")
            stream.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
