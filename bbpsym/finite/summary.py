"""Averages over the samples of a store, with bootstrap errors."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bbpsym.errors import DomainError, StorageError, meant
from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.estimate import Measured, bounded
from bbpsym.finite.instance import Array
from bbpsym.finite.point import Point, whole
from bbpsym.finite.sample import Sample
from bbpsym.finite.store import averaged
from bbpsym.reading import arguments, floats
from bbpsym.writing.grid import Grid, Tabular
from bbpsym.writing.latex_table import NumberParts

#: Fewer samples give errors that are themselves uncertain by a quarter and more.
FEWEST_SAMPLES = 10
UNCERTAIN = f"? from fewer than {FEWEST_SAMPLES} samples: the error, if any, is itself uncertain"

Row = TypeVar("Row")

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


_ESTIMATES = tuple(field.name for field in fields(PointSummary))[2:-4]
_SPANS = tuple(field.name for field in fields(PointSummary))[-4:]
_ALL_ESTIMATES = (*_ESTIMATES, *_SPANS)
_FRACTIONS = ("phi", "phi_outliers")


@dataclass(frozen=True, repr=False)
class Summary(Tabular):
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

    rows: tuple[PointSummary, ...]
    columns: tuple[str, ...] = ()

    def select(self, **parameters: Any) -> Summary:
        """Return the rows whose points have these parameters, as in `select(p=[1, 2], N=400)`.

        A `network` is given as such or as its text, a `side` as "left" or "right".
        """
        rows = selected(self.rows, (*_PARAMETERS, *_OTHERS), parameters)
        return replace(self, rows=rows)

    def choose(self, *columns: str) -> Summary:
        """Return the table with some of its columns, in this order; with all without any."""
        return replace(self, columns=arguments.columns(columns, self._every))

    def column(self, name: str) -> tuple[Array, Array]:
        """Return values and errors of a column, each of shape (rows,)."""
        known = self.head[1]
        if name not in known:
            raise DomainError(f"column must be one of {', '.join(known)}, not {name!r}")
        estimates = [getattr(row, name) or Measured(math.nan, math.nan) for row in self.rows]
        return np.array([e.value for e in estimates]), np.array([e.error for e in estimates])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the parameters that tell networks apart; none where all is the paper's."""
        return () if all(row.point.is_papers for row in self.rows) else _OTHERS

    @property
    def head(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the parameters and of the estimates that the table shows."""
        return (*_PARAMETERS, *self.others), (*_ESTIMATES, *(_SPANS if self.others else ()))

    @property
    def _every(self) -> tuple[str, ...]:
        """Names of all columns."""
        parameters, estimates = self.head
        return (*parameters, "samples", *estimates)

    def _grid(self) -> Grid:
        names = self.columns or self._every
        uncertain = any(row.samples < FEWEST_SAMPLES for row in self.rows)
        cells = [[str(_text(row, name)) for name in names] for row in self.rows]
        return table_of(names, cells, [UNCERTAIN] * uncertain)

    def record(self) -> list[dict[str, Any]]:
        """Return one dictionary a row, with numbers as CSV has them; None where there is none."""
        names = self.columns or self._every
        heads = _header(names)
        rows = ([cell for name in names for cell in _cells(row, name)] for row in self.rows)
        return [dict(zip(heads, map(number_of, row), strict=True)) for row in rows]

    def __repr__(self) -> str:
        return self.to_text()

    def to_csv(self) -> str:
        """Return the table as CSV: every estimate in two columns, `name` and `name_error`."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = self.columns or self._every
        writer.writerow(_header(names))
        for row in self.rows:
            writer.writerow([cell for name in names for cell in _cells(row, name)])
        return text.getvalue()

    @classmethod
    def from_csv(cls, path: str | Path) -> Summary:
        """Read what `to_csv` wrote.

        Raises
        ------
        StorageError
            When the file cannot be read as one.
        """
        return cls(rows_of(path, "a summary that can be read", _HEADERS, _parse))


def selected(
    rows: Sequence[Any], known: Sequence[str], wanted: Mapping[str, Any]
) -> tuple[Any, ...]:
    """Return the rows whose points have the wanted parameters, or one in the list of each.

    Raises
    ------
    DomainError
        When a parameter has another name.
    """
    unknown = [name for name in wanted if name not in known]
    if unknown:
        near = meant(unknown[0], known)
        raise DomainError(f"select takes {', '.join(known)}, not {unknown[0]}{near}")
    lists = {k: v if isinstance(v, list | tuple) else [v] for k, v in wanted.items()}
    lists |= {"network": [*map(str, lists["network"])]} if "network" in lists else {}
    return tuple(
        row for row in rows if all(_parameter(row.point, k) in v for k, v in lists.items())
    )


def table_of(names: Sequence[str], cells: Sequence[Sequence[str]], notes: Sequence[str]) -> Grid:
    """Make a table of averages with their errors, which decide how many digits stand in it."""
    aligned = [_has_points(column) for column in zip(*cells, strict=True)]
    return Grid(names, cells, notes=notes, aligned=aligned)


def number_of(cell: Any) -> Any:
    """A cell of CSV as JSON has it; what is not a number stays text, and nothing is null."""
    if not isinstance(cell, str):
        return cell
    if re.fullmatch(r"-?\d+", cell):
        return int(cell)
    try:
        value = float(cell or "nan")
    except ValueError:
        return cell
    return None if math.isnan(value) else value


def _has_points(column: Sequence[str]) -> bool:
    """Whether a column holds decimal numbers, with their errors or without."""
    numbers = [text for text in column if text]
    return any("." in text for text in numbers) and all(map(NumberParts.of, numbers))


def rows_of(
    path: str | Path,
    what: str,
    headers: Container[list[str]],
    parse: Callable[[dict[str, str]], Row],
) -> tuple[Row, ...]:
    """Read the rows of a summary in CSV that has one of these headers.

    Raises
    ------
    StorageError
        When the file cannot be read as one.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            records = csv.DictReader(file)
            if records.fieldnames not in headers:
                raise ValueError("its columns are others")
            return tuple(map(parse, records))
    except (OSError, TypeError, ValueError, csv.Error) as error:
        raise StorageError(f"{path}: not {what} ({error})") from error


def _text(row: PointSummary, name: str) -> Any:
    """A cell as shown in a table."""
    if name not in _ALL_ESTIMATES:
        return row.samples if name == "samples" else _parameter(row.point, name)
    estimate = getattr(row, name)
    if estimate is None:
        return ""
    return f"{estimate}" + ("?" if row.samples < FEWEST_SAMPLES else "")


def _parameter(point: Point, name: str) -> Any:
    """Return a parameter as it is shown."""
    value = getattr(point, name)
    return str(value) if name == "network" else value


def _cells(row: PointSummary, name: str) -> tuple[Any, ...]:
    """A column in the CSV form: an estimate has two, empty where there is none."""
    if name not in _ALL_ESTIMATES:
        return (_text(row, name),)
    estimate = getattr(row, name)
    return ("", "") if estimate is None else (f"{estimate.value:.8g}", f"{estimate.error:.8g}")


def _header(names: Sequence[str]) -> list[str]:
    """Columns of the CSV form."""
    both = ((name, f"{name}_error") if name in _ALL_ESTIMATES else (name,) for name in names)
    return [part for pair in both for part in pair]


_HEADERS = (
    _header((*_PARAMETERS, "samples", *_ESTIMATES)),
    _header((*_PARAMETERS, *_OTHERS, "samples", *_ALL_ESTIMATES)),
)


def _parse(record: dict[str, str]) -> PointSummary:
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
        for name in _ALL_ESTIMATES
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
    names = _ESTIMATES if point.is_papers else _ALL_ESTIMATES
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
