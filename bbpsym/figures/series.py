"""What a picture shows, as plain numbers: curves, single marks, panels; and their CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from bbpsym.reading import floats

THEORY, SIMULATION, FIT = "theory", "simulation", "fit"

#: Columns of the CSV file; a column that means nothing for a row stays empty.
PARAMETERS = ("p", "p_star", "a", "alpha", "N", "sigma", "network", "start")
COLUMNS = ("panel", "source", "quantity", *PARAMETERS, "abscissa", "x", "y", "error")


@dataclass(frozen=True, eq=False)
class PlottedCurve(floats.Arrays):
    """One line, or one set of points."""

    #: What y and x are.
    quantity: str
    abscissa: str
    #: The numbers drawn (ndarray, shape (n,)).
    x: np.ndarray
    y: np.ndarray
    #: What is held fixed, by the names in `PARAMETERS`.
    parameters: Mapping[str, Any] = field(default_factory=dict)
    #: Standard error of y, for simulations (ndarray of shape (n,) or None).
    error: np.ndarray | None = None
    #: Where the numbers come from: "theory", "simulation" or "fit".
    source: str = THEORY

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one CSV row a point."""
        errors = np.full(len(self.x), np.nan) if self.error is None else self.error
        head = {"source": self.source, "quantity": self.quantity, **self.parameters}
        for x, y, error in zip(self.x, self.y, errors, strict=True):
            numbers = {"x": _text(x), "y": _text(y), "error": _text(error)}
            yield {**head, "abscissa": self.abscissa, **numbers}


@dataclass(frozen=True, eq=False)
class Mark(floats.Arrays):
    """A single number marked in a picture, such as a threshold; measured ones have an error."""

    quantity: str
    value: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    source: str = THEORY
    error: float = np.nan

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the CSV row."""
        head = {"source": self.source, "quantity": self.quantity, **self.parameters}
        yield {**head, "y": _text(self.value), "error": _text(self.error)}


@dataclass(frozen=True, eq=False)
class Panel(floats.Arrays):
    """Base of all panels: a frozen dataclass whose fields hold curves, marks or tuples of them."""

    def items(self) -> Iterator[PlottedCurve | Mark]:
        """Yield every curve and mark of the panel."""
        for item in fields(self):
            yield from _items(getattr(self, item.name))


def _items(value: Any) -> Iterator[PlottedCurve | Mark]:
    if isinstance(value, PlottedCurve | Mark):
        yield value
    elif isinstance(value, Panel):
        yield from value.items()
    elif isinstance(value, tuple):
        for item in value:
            yield from _items(item)


def to_csv(panels: Iterable[Panel]) -> str:
    """Write panels as comma-separated values, a row a point; panels are counted from one."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for number, panel in enumerate(panels, start=1):
        for item in panel.items():
            writer.writerows({"panel": number, **row} for row in item.rows())
    return stream.getvalue()


def _text(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.10g}"
