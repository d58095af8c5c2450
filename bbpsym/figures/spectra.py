"""Simulated spectra under the densities of figure 5: histograms of one Hessian each."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.linalg import eigvalsh

from bbpsym.errors import StorageError
from bbpsym.figures.simulations import SEED, data_file
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import hessian
from bbpsym.finite.point import Point
from bbpsym.model import Model
from bbpsym.reading import floats

#: Input dimension, and the bins of the histogram.
N = 1000
BINS = np.linspace(-1.5, 2.5, 101)

COLUMNS = ("p", "p_star", "a", "alpha", "N", "left", "right", "density")


@dataclass(frozen=True, eq=False)
class Spectrum(floats.Arrays):
    """Histogram of the eigenvalues of one simulated Hessian."""

    #: Input dimension.
    N: int
    #: Ends of the bins (ndarray, shape (n + 1,)).
    edges: np.ndarray
    #: Share of all eigenvalues a bin holds over its width; what lies beyond is not shown (ndarray,
    #: shape (n,)).
    density: np.ndarray


def simulate(model: Model, alphas: Iterable[float]) -> dict[float, Spectrum]:
    """Diagonalise one Hessian at each alpha: under a minute, 70 MB."""
    found = {}
    for alpha in alphas:
        point = Point(N, int(model.p), int(model.p_star), float(model.a), float(alpha))
        eigenvalues = eigvalsh(hessian(draw(point, np.random.default_rng(SEED))))
        count, _ = np.histogram(eigenvalues, BINS)
        found[alpha] = Spectrum(N, BINS, count / (len(eigenvalues) * np.diff(BINS)))
    return found


def write(path: Path, model: Model, spectra: dict[float, Spectrum]) -> None:
    """Write spectra as CSV, a row a bin."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for alpha, found in spectra.items():
            named = (model.p, model.p_star, float(model.a), alpha, found.N)
            for left, right, value in zip(
                found.edges[:-1], found.edges[1:], found.density, strict=True
            ):
                writer.writerow((*named, f"{left:.6g}", f"{right:.6g}", f"{value:.6g}"))


def read(path: Path) -> dict[float, Spectrum]:
    """Read what `write` wrote.

    Raises
    ------
    StorageError
        If the file cannot be read as spectra.
    """
    rows: dict[float, list[dict[str, str]]] = {}
    try:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                rows.setdefault(float(row["alpha"]), []).append(row)
        return {alpha: _spectrum(some) for alpha, some in rows.items()}
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StorageError(f"{path}: not a file of spectra that can be read ({error})") from error


def _spectrum(rows: list[dict[str, str]]) -> Spectrum:
    edges = np.array([float(rows[0]["left"]), *(float(row["right"]) for row in rows)])
    return Spectrum(int(rows[0]["N"]), edges, np.array([float(row["density"]) for row in rows]))


def rebuild(
    model: Model, alphas: Iterable[float], store: Path, samples: int, jobs: int
) -> dict[float, Spectrum]:
    """Simulate spectra and keep them in `store`; one sample a point, in this process."""
    found = simulate(model, alphas)
    write(store, model, found)
    return found


@cache
def stored() -> dict[float, Spectrum]:
    """Return the stored spectra by alpha; none where the file is not there."""
    path = data_file("spectra.csv")
    return read(path) if path.exists() else {}
