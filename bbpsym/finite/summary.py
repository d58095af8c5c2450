"""Averages over the samples of a store, with bootstrap errors."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np

from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.average_table import AverageTable
from bbpsym.finite.estimate import Measured, bounded
from bbpsym.finite.instance import Array
from bbpsym.finite.point import Point, whole
from bbpsym.finite.sample import Sample
from bbpsym.finite.store import averaged
from bbpsym.reading import floats

#: Fewer samples give errors that are themselves uncertain by a quarter and more.
FEWEST_SAMPLES = 10
UNCERTAIN = f"? from fewer than {FEWEST_SAMPLES} samples: the error, if any, is itself uncertain"

_PARAMETERS = ("p", "p_star", "a", "N", "alpha")
#: Further columns where there are other networks than the paper's.
_OTHERS = ("network", "side")


@dataclass(frozen=True)
class PointSummary:
    """Averages over the samples at one point.

    Attributes
    ----------
    point : Point
        The parameters.
    samples : int
        How many samples were averaged.
    phi : Measured
        Fraction of samples in which the eigenvector of largest overlap is the lowest (Figure 3).
    phi_outliers : Measured
        The same for "among the `p p_star` lowest". Above the transition the outliers are
        degenerate and any of them may have the largest overlap, so that for `p p_star > 1` it is
        this fraction that goes to one.
    lowest, lowest_overlap2 : Measured
        Lowest eigenvalue, and the squared overlap of its eigenvector.
    outlier, outlier_overlap2 : Measured
        Means over the `p p_star` lowest eigenvalues and over their squared overlaps.
    bulk : Measured
        The eigenvalue after those: the lowest of the bulk, above the transition.
    top, top_overlap2 : Measured
        Eigenvalue and squared overlap of the eigenvector of largest overlap.
    lowest_student2, lowest_span2, outlier_student2, outlier_span2 : Measured or None
        Squared projections of the lowest and of the `p p_star` lowest eigenvectors on what the
        students span, and the students and teachers; None for the paper's network.

    Examples
    --------
    >>> from bbpsym.finite import Summary
    >>> from bbpsym.figures.simulations import data_file
    >>> summary = Summary.from_csv(data_file("summary.csv")).select(p=1, p_star=1, a=1.0)
    >>> row = summary.rows[0]
    >>> 0 <= row.phi.value <= 1
    True
    """

    point: Point
    samples: int
    phi: Measured
    phi_outliers: Measured
    lowest: Measured
    lowest_overlap2: Measured
    outlier: Measured
    outlier_overlap2: Measured
    bulk: Measured
    top: Measured
    top_overlap2: Measured
    lowest_student2: Measured | None = None
    lowest_span2: Measured | None = None
    outlier_student2: Measured | None = None
    outlier_span2: Measured | None = None


_SPANS = tuple(field.name for field in fields(PointSummary))[-4:]
_ESTIMATES = tuple(field.name for field in fields(PointSummary))[2:-4]
_FRACTIONS = ("phi", "phi_outliers")


@dataclass(frozen=True, repr=False)
class Summary(AverageTable[PointSummary]):
    """A table of averages, a row a point; prints as text, HTML, LaTeX, CSV or JSON.

    Attributes
    ----------
    rows : tuple of PointSummary
        Ordered by `p`, `p_star`, `a`, `N`, `alpha`, the paper's network first.
    columns : tuple of str
        Names of the columns that are shown; all without any.

    Examples
    --------
    >>> from bbpsym.figures.simulations import data_file
    >>> summary = Summary.from_csv(data_file("summary.csv")).select(p=1, p_star=1, a=1.0)
    >>> sorted({row.point.N for row in summary.rows})
    [100, 200, 400, 1000, 4000]
    """

    parameters = (*_PARAMETERS, *_OTHERS)
    measured = (*_ESTIMATES, *_SPANS)
    kind = "a summary that can be read"

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the parameters that tell networks apart; none where all is the paper's."""
        return () if all(row.point.is_papers for row in self.rows) else _OTHERS

    @property
    def head(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the parameters and of the estimates that the table shows."""
        return (*_PARAMETERS, *self.others), (*_ESTIMATES, *(_SPANS if self.others else ()))

    @property
    def _notes(self) -> list[str]:
        return [UNCERTAIN] * any(row.samples < FEWEST_SAMPLES for row in self.rows)

    def _estimate(self, row: PointSummary, name: str) -> Measured | None:
        found: Measured | None = getattr(row, name)
        return found

    def _text(self, estimate: Measured | None, samples: int) -> str:
        return "" if estimate is None else f"{estimate}{'?' * (samples < FEWEST_SAMPLES)}"

    def _numbers(self, estimate: Measured | None) -> tuple[str, str]:
        return ("", "") if estimate is None else (f"{estimate.value:.8g}", f"{estimate.error:.8g}")

    @classmethod
    def _headers(cls) -> Container[list[str]]:
        return [
            cls._header((*_PARAMETERS, "samples", *_ESTIMATES)),
            cls._header((*cls.parameters, "samples", *cls.measured)),
        ]

    @staticmethod
    def _parse(record: Mapping[str, str]) -> PointSummary:
        point = Point(
            int(record["N"]),
            int(record["p"]),
            int(record["p_star"]),
            float(record["a"]),
            float(record["alpha"]),
            Architecture.from_text(record["network"]) if "network" in record else PAPER,
            record.get("side", "left"),
        )
        estimates = {
            name: Measured(float(record[name]), float(record[f"{name}_error"]))
            for name in Summary.measured
            if record.get(name)
        }
        samples = int(record["samples"])
        return PointSummary(point, samples, **bounded(estimates, _FRACTIONS, samples))


@floats.own_settings
def summarize(
    store: str | Path, *, resamples: int = 400, rng: np.random.Generator | None = None
) -> Summary:
    """Average the samples of a store, point by point.

    Parameters
    ----------
    store : path-like
        File written by `sweep`.
    resamples : int
        Bootstrap resamples behind each error, at least 2.
    rng : numpy.random.Generator, optional
        For the bootstrap; by default a fixed stream, so that a file has one summary.

    Returns
    -------
    Summary

    Raises
    ------
    StorageError
        When the file is missing, foreign, corrupt or empty.

    Examples
    --------
    >>> print(summarize("runs.jsonl"))  # doctest: +SKIP
    """
    resamples = whole("resamples", resamples, 2)
    rng = np.random.default_rng(0) if rng is None else rng
    return Summary(averaged(store, partial(_averages, resamples=resamples, rng=rng)))


def _averages(
    point: Point, samples: list[Sample], resamples: int, rng: np.random.Generator
) -> PointSummary:
    """Averages of the samples at one point."""
    names = _ESTIMATES if point.is_papers else Summary.measured
    columns = np.array([[_measured(sample, name) for name in names] for sample in samples])
    estimates = bootstrap(columns, resamples, rng)
    named = bounded(dict(zip(names, estimates, strict=True)), _FRACTIONS, len(columns))
    return PointSummary(point, len(columns), **named)


def bootstrap(columns: Array, resamples: int, rng: np.random.Generator) -> list[Measured]:
    """Return the mean of every column, a row a sample, with its spread over resamples."""
    count = len(columns)
    weights = rng.multinomial(count, np.full(count, 1 / count), size=resamples) / count
    means = columns.mean(axis=0)
    errors = (weights @ (columns - means)).std(axis=0, ddof=1) if count > 1 else means * np.nan
    return [Measured(float(m), float(e)) for m, e in zip(means, errors, strict=True)]


def _measured(sample: Sample, name: str) -> float:
    """One sample's entry in a column."""
    if name == "phi":
        return float(sample.rank == 0)
    if name == "phi_outliers":
        return float(sample.rank < sample.point.outliers)
    return float(getattr(sample, name))
