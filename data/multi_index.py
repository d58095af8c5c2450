"""Outliers of the optimal methods of teachers by formulas, diagonalised, with matrix weights too.

The moments given the label are averages of sorted draws, so that nothing is taken from the theory.
Some minutes on one core:

    python data/multi_index.py data/multi_index.csv
"""

import csv
import sys

import numpy as np

from bbpsym.finite.spectral import label_moments, matrix_spectral, spectral

#: Formula of a teacher as the theory reads it, and as arrays.
TEACHERS = {
    "u1^2+abs(u2)": lambda u: u[:, 0] ** 2 + np.abs(u[:, 1]),
    "u1^3*u2": lambda u: u[:, 0] ** 3 * u[:, 1],
    "abs(u1)+abs(u1+u2)": lambda u: np.abs(u[:, 0]) + np.abs(u[:, 0] + u[:, 1]),
}

#: Teacher, index that is looked for or None for the matrix of both, alpha, eigenvalues above, and
#: how many are looked at for the largest overlap: the bulk may reach close to the outlier.
CASES = (
    ("u1^2+abs(u2)", 0, 1.5, 0, 1),
    ("u1^2+abs(u2)", 0, 4.0, 0, 1),
    ("u1^2+abs(u2)", 1, 6.0, 0, 10),
    ("u1^3*u2", None, 1.5, 0, 1),
    ("u1^3*u2", None, 3.0, 0, 1),
    ("abs(u1)+abs(u1+u2)", None, 1.5, 0, 1),
    ("abs(u1)+abs(u1+u2)", None, 3.0, 0, 10),
    ("abs(u1)+abs(u1+u2)", None, 12.0, 0, 1),
    ("abs(u1)+abs(u1+u2)", None, 12.0, 1, 1),
)

#: Samples for every N, and the seed.
SIZES = {100: 200, 200: 100, 400: 50, 800: 12}
SEED = 1

HEAD = ("value", "overlap2", "along_1", "along_2")


def sample(teacher, moments, index, N, alpha, rank, among, rng):
    """Eigenvalue, squared overlap, and its parts along both vectors of the teacher."""
    if index is None:
        one = np.eye(2)
        weight = lambda y: one - np.linalg.inv(moments(y))  # noqa: E731
        found = matrix_spectral(teacher, weight, 2, N, alpha, rng, rank, among)
        parts = np.sum(found.overlap**2, axis=0)
    else:
        weight = lambda y: 1 - 1 / moments(y)[:, index, index]  # noqa: E731
        found = spectral(teacher, weight, np.eye(2)[index], N, alpha, rng, rank, among=among)
        parts = np.eye(2)[index] * found.overlap2
    return found.value, parts.sum(), *parts


def main(path):
    """Write one row for every case and size."""
    known = {
        name: label_moments(teacher, 2, np.random.default_rng(SEED))
        for name, teacher in TEACHERS.items()
    }
    with open(path, "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        given = ("teacher", "index", "alpha", "above", "N", "samples")
        rows.writerow([*given, *(part for name in HEAD for part in (name, f"{name}_error"))])
        for case, (name, index, alpha, rank, among) in enumerate(CASES):
            for N, samples in SIZES.items():
                rng = np.random.default_rng([SEED, case, N])
                asked = (TEACHERS[name], known[name], index, N, alpha, rank, among, rng)
                found = np.array([sample(*asked) for _ in range(samples)])
                error = found.std(axis=0, ddof=1) / np.sqrt(samples)
                pairs = zip(found.mean(axis=0), error, strict=True)
                numbers = [f"{x:.6g}" for pair in pairs for x in pair]
                whose = "both" if index is None else f"u{index + 1}"
                rows.writerow([name, whose, f"{alpha:g}", rank, N, samples, *numbers])
                file.flush()


if __name__ == "__main__":
    main(*sys.argv[1:] or ["multi_index.csv"])
