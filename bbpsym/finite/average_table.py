"""A table of averages over samples, a row a point: chosen, printed, written as CSV and read."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np

from bbpsym.errors import DomainError, StorageError, meant
from bbpsym.finite.estimate import Measured
from bbpsym.finite.instance import Array
from bbpsym.finite.point import Point
from bbpsym.reading import arguments
from bbpsym.writing.grid import Grid, Tabular
from bbpsym.writing.latex_table import NumberParts

UNKNOWN = Measured(math.nan, math.nan)


#: Averages at one point: they have `point` and `samples`.
Row = TypeVar("Row", bound=Any)


@dataclass(frozen=True, repr=False)
class AverageTable(Tabular, Generic[Row]):
    """A table of averages, a row a point; prints as text, HTML, LaTeX, CSV or JSON."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...] = ()

    #: Parameters by which rows are selected, and all columns that have an error.
    parameters: ClassVar[tuple[str, ...]]
    measured: ClassVar[tuple[str, ...]]

    #: What a file in CSV has to be, said where it is not.
    kind: ClassVar[str]

    def _estimate(self, row: Row, name: str) -> Measured | None:
        raise NotImplementedError

    def _text(self, estimate: Measured | None, samples: int) -> str:
        """An estimate of so many samples as shown in a table."""
        raise NotImplementedError

    def _numbers(self, estimate: Measured | None) -> tuple[str, str]:
        """Both columns of an estimate in the CSV form."""
        raise NotImplementedError

    @classmethod
    def _headers(cls) -> Container[list[str]]:
        """Headings that a file may have."""
        return [cls._header((*cls.parameters, "samples", *cls.measured))]

    @staticmethod
    def _parse(record: Mapping[str, str]) -> Row:
        raise NotImplementedError

    @property
    def head(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the parameters and of the estimates that the table shows."""
        return self.parameters, self.measured

    @property
    def _every(self) -> tuple[str, ...]:
        """Names of all columns."""
        parameters, estimates = self.head
        return (*parameters, "samples", *estimates)

    @property
    def _usual(self) -> tuple[str, ...]:
        """Names of the columns that are printed unless others are chosen."""
        return self._every

    @property
    def _notes(self) -> list[str]:
        """What stands below the table."""
        return []

    def select(self, **parameters: Any) -> Self:
        """Return the rows whose points have these parameters, as in `select(p=[1, 2], N=400)`.

        A `network` is given as such or as its text, a `side` as "left" or "right".

        Raises
        ------
        DomainError
            When a parameter has another name.
        """
        unknown = [name for name in parameters if name not in self.parameters]
        if unknown:
            near = meant(unknown[0], self.parameters)
            known = ", ".join(self.parameters)
            raise DomainError(f"select takes {known}, not {unknown[0]}{near}")
        lists = {k: v if isinstance(v, list | tuple) else [v] for k, v in parameters.items()}
        lists |= {"network": [*map(str, lists["network"])]} if "network" in lists else {}
        rows = (
            row for row in self.rows if all(_parameter(row.point, k) in v for k, v in lists.items())
        )
        return replace(self, rows=tuple(rows))

    def choose(self, *columns: str) -> Self:
        """Return the table with some of its columns, in this order; with all without any."""
        return replace(self, columns=arguments.columns(columns, self._every))

    def column(self, name: str) -> tuple[Array, Array]:
        """Return values and errors of a column, each of shape (rows,).

        Raises
        ------
        DomainError
            When there is no such column.
        """
        known = self.head[1]
        if name not in known:
            raise DomainError(f"column must be one of {', '.join(known)}, not {name!r}")
        found = [self._estimate(row, name) or UNKNOWN for row in self.rows]
        return np.array([e.value for e in found]), np.array([e.error for e in found])

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return self.to_text()

    def record(self) -> list[dict[str, Any]]:
        """Return one dictionary a row, with numbers as CSV has them; None where there is none."""
        heads, *rows = self._csv()
        return [dict(zip(heads, map(_number, row), strict=True)) for row in rows]

    def to_csv(self) -> str:
        """Return the table as CSV: every estimate in two columns, `name` and `name_error`."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self._csv())
        return text.getvalue()

    def _csv(self) -> list[list[Any]]:
        """Headings and cells of the CSV form."""
        names = self.columns or self._every
        rows = ([cell for name in names for cell in self._cells(row, name)] for row in self.rows)
        return [self._header(names), *rows]

    def _cells(self, row: Row, name: str) -> tuple[Any, ...]:
        """A column in the CSV form: an estimate has two."""
        if name in self.measured:
            return self._numbers(self._estimate(row, name))
        return (row.samples if name == "samples" else _parameter(row.point, name),)

    def _shown(self, row: Row, name: str) -> str:
        """A cell as shown in a table."""
        if name in self.measured:
            return self._text(self._estimate(row, name), row.samples)
        return str(row.samples if name == "samples" else getattr(row.point, name))

    def _grid(self) -> Grid:
        """Errors decide how many digits stand in it."""
        names = self.columns or self._usual
        cells = [[self._shown(row, name) for name in names] for row in self.rows]
        aligned = [_has_points(column) for column in zip(*cells, strict=True)]
        return Grid(names, cells, notes=self._notes, aligned=aligned)

    @classmethod
    def from_csv(cls, path: str | Path) -> Self:
        """Read what `to_csv` wrote.

        Raises
        ------
        StorageError
            When the file cannot be read as one.
        """
        try:
            with open(path, newline="", encoding="utf-8") as file:
                records = csv.DictReader(file)
                if records.fieldnames not in cls._headers():
                    raise ValueError("its columns are others")
                return cls(tuple(map(cls._parse, records)))
        except (OSError, TypeError, ValueError, csv.Error) as error:
            raise StorageError(f"{path}: not {cls.kind} ({error})") from error

    @classmethod
    def _header(cls, names: Sequence[str]) -> list[str]:
        """Columns of the CSV form."""
        both = ((name, f"{name}_error") if name in cls.measured else (name,) for name in names)
        return [part for pair in both for part in pair]


def _parameter(point: Point, name: str) -> Any:
    """A parameter as it is selected by and written."""
    value = getattr(point, name)
    return str(value) if name == "network" else value


def _has_points(column: Sequence[str]) -> bool:
    """Whether a column holds decimal numbers, with their errors or without."""
    numbers = [text for text in column if text]
    return any("." in text for text in numbers) and all(map(NumberParts.of, numbers))


def _number(cell: Any) -> Any:
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
