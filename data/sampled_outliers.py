"""Predicted and simulated outliers sample by sample: writes sampled_outliers.csv, in ten minutes.

Only samples in which all p p* outliers are predicted are compared. `unexplained` is the standard
deviation of measured minus predicted mean outlier, `signs` that of one outlier by the random
signs, as predicted; for p p* = 1 their ratio tends to one, for p = 1 to 1/sqrt(p*).
"""

import csv
import sys

import numpy as np

from bbpsym import Model, predict_from
from bbpsym.finite import Point, draw, lowest, overlaps

SEED = 1
#: N, p, p*, a, alpha, samples.
POINTS = (
    (100, 1, 1, 1.5, 3.0, 400),
    (200, 1, 1, 1.5, 3.0, 400),
    (400, 1, 1, 1.5, 3.0, 300),
    (1000, 1, 1, 1.5, 3.0, 150),
    (2000, 1, 1, 1.5, 3.0, 40),
    (4000, 1, 1, 1.5, 3.0, 12),
    (400, 1, 1, 1.5, 1.8, 300),
    (100, 2, 1, 1.5, 3.0, 200),
    (200, 2, 1, 1.5, 3.0, 200),
    (400, 2, 1, 1.5, 3.0, 100),
    (1000, 2, 1, 1.5, 3.0, 20),
    (400, 1, 2, 3.0, 20.0, 100),
    (200, 2, 2, 1.0, 8.0, 100),
)
COLUMNS = (
    "N", "p", "p_star", "a", "alpha", "samples", "compared", "correlation", "measured", "predicted",
    "spread", "unexplained", "signs", "overlap2_measured", "overlap2_predicted",
    "overlap2_correlation", "gap_measured", "gap_predicted", "edge_correlation", "edge_shift",
)  # fmt: skip


def compare(point, samples):
    """Run the samples of one point and return its row."""
    rows, edges = [], []
    for index in range(samples):
        instance = draw(point, point.stream(SEED, index))
        fields = instance.student_fields, instance.teacher_fields
        found = predict_from(Model(point.p, point.p_star, str(point.a)), *fields, point.N)
        pairs = lowest(instance, point.outliers + 1)
        edges.append((found.edge, pairs.values[-1]))
        if len(found.outliers) == point.outliers:
            squares = overlaps(instance, pairs.vectors[:, :-1]).norm ** 2
            values, predicted = pairs.values[:-1], [item.value for item in found.outliers]
            overlap2 = np.mean([item.overlap2 for item in found.outliers])
            signs = np.mean([item.deviation for item in found.outliers])
            gaps = values[-1] - values[0], predicted[-1] - predicted[0]
            rows.append(
                (np.mean(values), np.mean(predicted), squares.mean(), overlap2, signs, *gaps)
            )
    measured, predicted, squares, overlap2, signs, gap, predicted_gap = np.array(rows).T
    edge, bulk = np.array(edges).T
    numbers = (
        np.corrcoef(measured, predicted)[0, 1], measured.mean(), predicted.mean(),
        measured.std(ddof=1), (measured - predicted).std(ddof=1), np.sqrt(np.mean(signs**2)),
        squares.mean(), overlap2.mean(), np.corrcoef(squares, overlap2)[0, 1],
        gap.mean(), predicted_gap.mean(), np.corrcoef(edge, bulk)[0, 1], np.mean(bulk - edge),
    )  # fmt: skip
    head = (point.N, point.p, point.p_star, point.a, point.alpha, samples, len(rows))
    return (*head, *(f"{value:.5g}" for value in numbers))


def main(path):
    """Write the table, row by row."""
    with open(path, "w") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for N, p, p_star, a, alpha, samples in POINTS:
            writer.writerow(compare(Point(N, p, p_star, a, alpha), samples))
            stream.flush()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sampled_outliers.csv")
