"""Stored simulations of other networks against the theory's values, known to many digits.

The values were computed by two rules of averaging that share no nodes. Measurements at N = 200 to
2000 are extrapolated by a straight line: in 1/N for an outlier and its overlap, in N^(-2/3) for
the lowest eigenvalue of the bulk, which lies inside a sharp edge by so much.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from bbpsym.finite import Measured, Summary
from bbpsym.finite.architecture import PAPER, Architecture

STORED = Path(__file__).parents[2] / "data" / "networks.csv"
SQUARED, COSH = "(y - yh)^2/2", "log(cosh(y - yh))"


class Case(NamedTuple):
    """A network, where it is measured, and the theory's values of `which` eigenvectors."""

    network: Architecture
    p: int
    alpha: float
    which: str
    outlier: float
    overlap2: float | None
    edge: float | None
    sizes: tuple[int, ...] = (200, 400, 1000, 2000)


CASES = [
    Case(
        Architecture(PAPER.loss, "x^2", overlap=0.5),
        1, 3.0, "lowest", -1.23130604334719, 0.25591303095396, -1.12120091018326,
    ),
    Case(Architecture(COSH, "x^2"), 1, 2.0, "lowest", -3.65832553874, 0.2221851322, -3.53353692308),
    Case(
        Architecture(SQUARED, "tanh(x)"),
        1, 3.0, "lowest", -1.64705025885110, 0.2779537241503, -1.59231560269844,
    ),
    Case(
        Architecture("log(1 + exp(5*yh))/25", "x"),
        1, 4.0, "lowest", 0.0211131550700934, 0.848944129408, 0.0302934612027110,
    ),
    Case(
        Architecture(COSH, "x^2"), 2, 3.0, "outlier",
        -2.21787602579, 0.45275620367, -1.906146640493,
    ),
    Case(
        Architecture(SQUARED, "tanh(x)"),
        2, 10.0, "lowest", -2.302789321737, 0.6358442783, -1.92157008928,
    ),
    Case(Architecture(PAPER.loss, "logistic(x)"), 1, 6.0, "lowest", -0.04096, None, None),
    Case(
        Architecture(SQUARED, "tanh(x)", teacher="tanh(2*u1*u2)"),
        1, 10.0, "lowest", -2.2160556, 0.658799, -1.963999,
    ),
    Case(  # beyond a smooth edge
        Architecture(SQUARED, "logistic(x)"),
        2, 4.0, "lowest", -0.0713384872771, 0.477277334987, None, (200, 400, 1000),
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def summary():
    return Summary.from_csv(STORED)


def rows(summary, case):
    found = summary.select(network=case.network, p=case.p, alpha=case.alpha)
    assert [row.point.N for row in found.rows] == [*case.sizes]
    return found


def errors(found, column):
    """Standard errors by the spread of the many samples at N = 400, which falls like `N^(-1/2)`.

    The few samples at large N do not tell their own.
    """
    N, samples = np.array([(row.point.N, row.samples) for row in found.rows]).T
    spread = found.column(column)[1][N == 400] * np.sqrt(samples[N == 400])
    return spread * np.sqrt(400 / N / samples)


def limit(found, column, power):
    """Value at infinite N of a straight line in `N^power`, by weighted least squares."""
    value, error = found.column(column)[0], errors(found, column)
    x = np.array([row.point.N for row in found.rows], dtype=float) ** power
    design = np.stack([np.ones_like(x), x], axis=1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    line = covariance @ design.T @ (value / error)
    chi2 = np.sum(((value - line[0] - line[1] * x) / error) ** 2)
    assert chi2 < 15  # two degrees of freedom
    return Measured(line[0], np.sqrt(covariance[0, 0]))


def pull(measured, theory):
    """Deviation in standard errors."""
    return (measured.value - theory) / measured.error


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.network} p={case.p}")
def test_outlier_overlap_and_edge_tend_to_the_theorys(summary, case):
    found = rows(summary, case)
    pulls = [pull(limit(found, case.which, -1), case.outlier)]
    if case.overlap2 is not None:
        pulls.append(pull(limit(found, f"{case.which}_span2", -1), case.overlap2))
    if case.edge is not None:
        pulls.append(pull(limit(found, "bulk", -2 / 3), case.edge))
    assert np.all(np.abs(pulls) < 4)
