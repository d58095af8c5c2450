"""Answers for many models: arrays by name, and how they display."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from tabulate import tabulate

from bbpsym.answers.result import OTHER_NAMES
from bbpsym.reading import floats
from bbpsym.writing.display import certain

#: Rows that are displayed of a long answer, at either end.
SHOWN = 10


class Answers(floats.Arrays):
    """Base of answers for arrays: a table with a row for each point, and digits by their errors."""

    errors: Mapping[str, np.ndarray]

    other_names = OTHER_NAMES

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of every array."""
        return tuple(next(iter(self._columns().values())).shape)

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row for each point, in the order of `ravel`.

        Raises
        ------
        BBPError
            If pandas is not installed.
        """
        from bbpsym.answers.result_table import frame

        return frame({name: array.ravel() for name, array in self._columns().items()})

    def _columns(self) -> dict[str, np.ndarray]:
        names = [item.name for item in fields(self) if item.name != "errors"]  # type: ignore[arg-type]
        return {name: getattr(self, name) for name in names}

    def _cells(self) -> Iterator[list[str]]:
        size = int(np.prod(self.shape))
        places = [*range(size)]
        if size > 2 * SHOWN:
            places = [*places[:SHOWN], -1, *places[-SHOWN:]]
        columns = {name: array.ravel() for name, array in self._columns().items()}
        errors = {name: np.ravel(error) for name, error in self.errors.items()}
        for place in places:
            if place < 0:
                yield ["..."] * (len(self.shape) + len(columns))
                continue
            index = map(str, np.unravel_index(place, self.shape))
            yield [*index, *(_text(name, array, errors, place) for name, array in columns.items())]

    def _table(self, style: str) -> str:
        heads = [*[""] * len(self.shape), *self._columns()]
        return str(tabulate([*self._cells()], heads, tablefmt=style, disable_numparse=True))

    def __str__(self) -> str:
        return f"{type(self).__name__} of shape {self.shape}\n\n{self._table('simple')}"

    def __repr__(self) -> str:
        return f"<{self!s}>"

    def _repr_html_(self) -> str:
        return f"<p>{type(self).__name__} of shape {self.shape}</p>{self._table('html')}"


def _text(name: str, array: np.ndarray, errors: Mapping[str, np.ndarray], place: int) -> str:
    value = array[place]
    if name not in errors:
        return str(value)
    return "-" if np.isnan(value) else certain(float(value), float(errors[name][place]), 12)


@dataclass(frozen=True, eq=False, repr=False)
class Thresholds(Answers):
    """BBP thresholds of many models.

    Attributes
    ----------
    kind : ndarray of str
        "continuous" or "discontinuous".
    alpha, alpha_c, t, value, overlap2 : ndarray of float
        As in `Threshold`; values are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number; alpha, alpha_c and t carry 12 digits
        or more, the others what their error says.

    Examples
    --------
    >>> from bbpsym import Model, thresholds
    >>> print(thresholds([Model(1, 1, 1), Model(3, 1, 1)]).kind)
    ['continuous' 'discontinuous']
    """

    kind: np.ndarray
    alpha: np.ndarray
    alpha_c: np.ndarray
    t: np.ndarray
    value: np.ndarray
    overlap2: np.ndarray
    errors: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False, repr=False)
class Edges(Answers):
    """Left edges of many bulks.

    Attributes
    ----------
    kind : ndarray of str
        "sharp" or "smooth".
    value, t : ndarray of float
        As in `Edge`; values are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number.

    Examples
    --------
    >>> from bbpsym import edges
    >>> print(edges(2, 1, 0.7, alpha=[0.5, 2]).kind)
    ['smooth' 'sharp']
    """

    kind: np.ndarray
    value: np.ndarray
    t: np.ndarray
    errors: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False, repr=False)
class Outliers(Answers):
    """Outliers of many models; all numbers are nan where there is none.

    Attributes
    ----------
    exists : ndarray of bool
        Whether alpha is beyond the threshold.
    value, overlap2, t : ndarray of float
        As in `Outlier`; values are in units of 2/p where p is infinite.
    errors : mapping of str to ndarray
        Bound claimed for the absolute error of each number.

    Examples
    --------
    >>> from bbpsym import outliers
    >>> print(outliers(2, 1, 0.7, alpha=[0.5, 2]).exists)
    [False  True]
    """

    exists: np.ndarray
    value: np.ndarray
    overlap2: np.ndarray
    t: np.ndarray
    errors: Mapping[str, np.ndarray]
