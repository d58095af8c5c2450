"""Lowest eigenvalues of simulated bulks, in the directions orthogonal to the teacher.

A teacher's direction pulls an eigenvalue out of the bulk or lies in it; without it the lowest
eigenvalue is the bulk's own. Three minutes on one core:

    python data/edges.py > data/edges.csv
"""

import csv
import sys

import numpy as np
from scipy.linalg import eigh

from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import hessian
from bbpsym.finite.point import Point

#: p, p*, a, alpha: smooth edges and two sharp ones; and samples for every N.
ONE_NODE = {100: 1000, 200: 500, 400: 300, 1000: 40}
TWO_NODES = {100: 500, 200: 300, 400: 100, 1000: 10}
CASES = [
    ((1, 1, 1.5, 0.8), ONE_NODE | {2000: 8}),
    ((1, 1, 1.5, 1.2), ONE_NODE),
    ((1, 1, 1.0, 1.8), ONE_NODE),
    ((2, 1, 1.5, 1.0), TWO_NODES),
    ((2, 1, 0.7, 1.8), TWO_NODES),
]
SEED = 1

#: Eigenvalue given to the directions that are taken out: above all others.
ASIDE = 1e3


def lowest(point, index):
    """Lowest eigenvalue of one Hessian, the teacher's directions moved out of the way."""
    instance = draw(point, point.stream(SEED, index))
    matrix = hessian(instance)
    basis = np.linalg.qr(instance.teacher.T)[0]
    whole = np.kron(np.eye(point.p), basis)
    across = whole @ (whole.T @ matrix)
    matrix = matrix - across - across.T + (across @ whole) @ whole.T
    matrix += ASIDE * whole @ whole.T
    return eigh(matrix, eigvals_only=True, subset_by_index=[0, 0])[0]


def main():
    """Write one row for every problem and size."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    head = ["p", "p_star", "a", "alpha", "N", "samples", "lower", "median", "upper", "mean"]
    rows.writerow([*head, "error"])
    for (p, p_star, a, alpha), sizes in CASES:
        for N, samples in sizes.items():
            point = Point(N, p, p_star, a, alpha)
            found = np.array([lowest(point, index) for index in range(samples)])
            error = found.std(ddof=1) / np.sqrt(samples)
            numbers = [*np.quantile(found, [0.25, 0.5, 0.75]), found.mean(), error]
            rows.writerow([p, p_star, a, alpha, N, samples, *(f"{x:.6g}" for x in numbers)])
            sys.stdout.flush()


if __name__ == "__main__":
    main()
