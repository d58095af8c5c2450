"""Simulated outliers and overlaps, and how far they scatter: writes outlier_band.csv.

For every sample the mean of the p p* lowest eigenvalues, the mean square of their distances from
it, and the mean of their squared overlaps; in the table the mean of each and its standard
deviation, with the standard error of the latter from the sample's own fourth moment. The theory is
not asked: `tests/answers/test_outlier_band.py` compares.
"""

import csv
import math
import sys

import numpy as np

from bbpsym.finite import Point, draw, lowest, overlaps

SEED = 5
#: N, p, p*, a, alpha, samples.
POINTS = (
    (200, 1, 1, 1.0, 4.0, 500),
    (150, 1, 1, 1.0, 6.0, 600),
    (200, 1, 1, 1.5, 3.0, 1000),
    (400, 1, 1, 1.5, 3.0, 400),
    (150, 1, 1, 1.5, 6.0, 1000),
    (300, 1, 1, 1.5, 6.0, 300),
    (60, 1, 1, 3.0, 8.0, 800),
    (150, 1, 1, 3.0, 8.0, 500),
    (150, 1, 2, 1.0, 30.0, 400),
    (60, 1, 2, 1.0, 60.0, 600),
    (400, 1, 2, 1.2, 7.0, 50),
    (125, 2, 1, 0.4, 3.0, 600),
    (250, 2, 1, 0.4, 3.0, 400),
    (500, 2, 1, 0.4, 3.0, 200),
    (100, 2, 1, 0.7, 4.0, 500),
    (200, 2, 1, 0.7, 4.0, 300),
    (150, 2, 1, 1.5, 3.0, 300),
    (100, 2, 2, 1.0, 15.0, 300),
    (140, 2, 2, 1.0, 40.0, 300),
    (250, 2, 2, 1.0, 40.0, 60),
    (120, 2, 2, 1.0, 100.0, 200),
    (250, 2, 2, 3.0, 30.0, 100),
    (100, 3, 1, 0.7, 4.0, 300),
    (210, 3, 1, 0.7, 4.0, 150),
    (100, 3, 1, 1.5, 4.0, 300),
    (100, 3, 2, 1.5, 15.0, 200),
    (140, 3, 2, 1.5, 40.0, 150),
    (100, 4, 1, 0.7, 4.0, 200),
    (150, 4, 1, 0.7, 4.0, 150),
)
NAMES = ("value", "spread2", "overlap2")
MOMENTS = ("mean", "deviation", "deviation_error")
COLUMNS = (
    *("N", "p", "p_star", "a", "alpha", "samples"),
    *(f"{name}_{moment}" for name in NAMES for moment in MOMENTS),
)


def simulate(point, samples):
    """Mean outlier, mean square distance from it and mean overlap, a row a sample."""
    rows = []
    for index in range(samples):
        instance = draw(point, point.stream(SEED, index))
        pairs = lowest(instance)
        squares = overlaps(instance, pairs.vectors).norm ** 2
        rows.append((pairs.values.mean(), pairs.values.var(), squares.mean()))
    return np.array(rows)


def moments(sample):
    """Mean, standard deviation and its standard error, whatever the law."""
    spread = sample.std(ddof=1)
    fourth = np.mean((sample - sample.mean()) ** 4)
    error = math.sqrt(max(fourth - spread**4, 0) / len(sample)) / (2 * spread) if spread else 0.0
    return sample.mean(), spread, error


def main(path):
    """Write the table, row by row."""
    with open(path, "w") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for N, p, p_star, a, alpha, samples in POINTS:
            columns = simulate(Point(N, p, p_star, a, alpha), samples).T
            numbers = (f"{value:.5g}" for column in columns for value in moments(column))
            writer.writerow((N, p, p_star, a, alpha, samples, *numbers))
            stream.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "outlier_band.csv")
