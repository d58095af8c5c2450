"""Many answers of one kind as a table: in a terminal, in Jupyter, in a paper, as records."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Generic, NamedTuple, TypeVar, overload

from bbpsym.answers.result import CERTIFIED_DIGITS, OTHER_NAMES, Matrix, Result, exact_record
from bbpsym.errors import BBPError, DomainError, UndecidedError, quoted
from bbpsym.model import Model
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Exact
from bbpsym.writing.display import DOUBLE_DIGITS, exact_latex, exact_text, is_exact
from bbpsym.writing.grid import Grid, Tabular
from bbpsym.writing.heads import HEADS
from bbpsym.writing.latex_table import Typeset

#: Said below a table that holds p = inf.
UNIT_NOTE = "At p = inf eigenvalues vanish like 1/p: they are given in units of 2/p."

#: Columns that are no numbers of a result and stand at the right of a terminal.
AT_RIGHT = ("p", "p_star", "a", "alpha")

#: Labels that are texts of formulas.
FORMULAS = ("weight", "activation", "loss", "teacher")

#: What stands where there is no answer, where that is not decided, and what is said then.
NONE, UNDECIDED = "-", "?"
UNDECIDED_NOTE = (
    "?: so close to a threshold that its side is not decided, or a threshold too far away to be "
    "seen, if there is one. More digits may decide it, but at the threshold itself."
)


#: What a row holds: an answer, or None where there may be none.
Row = TypeVar("Row", bound=Result | None)


class TablePoint(NamedTuple):
    """What one row asks: a model and, if there are any, the signal-to-noise ratio and the side.

    `undecided` says that the answer is not known, None in its row notwithstanding.
    """

    model: Matrix
    alpha: Exact | None = None
    side: str | None = None
    undecided: bool = False


@dataclass(frozen=True, repr=False)
class Table(Tabular, Sequence[Row], Generic[Row]):
    """A table of answers, a row for each model or each alpha; a sequence of its rows.

    Attributes
    ----------
    rows : tuple of Result or None
        The answers, such as `Threshold`; None where there is none, as below a threshold, and
        where that is not decided.
    digits : int or None
        Digits asked for; None in double precision, where 12 are shown.
    certified : bool
        Whether every number is enclosed by ball arithmetic.
    of : type
        Class of the answers.
    points : tuple of TablePoint
        What was asked, row by row.
    columns : tuple of str
        Names of the columns that are shown, those of attributes and of JSON; all without any.
    shown : mapping of str to int
        Digits shown of a column, where these are fewer than are known.

    Examples
    --------
    >>> from bbpsym import Model, table
    >>> found = table([Model(p, 1, "0.7") for p in (1, 2, 3)])
    >>> len(found), found[1].kind
    (3, 'continuous')
    >>> print(found.choose("p", "alpha", digits={"alpha": 4}).to_csv())
    p,alpha
    1,1.243
    2,0.9271
    3,0.8271
    """

    other_names = OTHER_NAMES

    rows: tuple[Row, ...]
    digits: int | None = None
    certified: bool = False
    of: type[Result] = Result
    points: tuple[TablePoint, ...] = ()
    columns: tuple[str, ...] = ()
    shown: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not self.points:
            given = "alpha" in self.of.columns and "alpha" not in self.of.symbols
            points = tuple(
                TablePoint(row.model, row.alpha if given else None, row.side)
                for row in self._answers
            )
            object.__setattr__(self, "points", points)

    @classmethod
    def asked(
        cls,
        ask: Callable[..., Any],
        points: Iterable[tuple[Matrix, Any, str | None]],
        of: type[Result],
        digits: int | None,
        certified: bool,
    ) -> Table[Any]:
        """Ask about a model, an alpha and a side for each row, which may stay undecided."""
        rows, given = [], []
        for point in points:
            try:
                rows.append(ask(*point))
                given.append(TablePoint(*point))
            except UndecidedError:
                rows.append(None)
                given.append(TablePoint(*point, undecided=True))
        return cls(tuple(rows), digits, certified, of, tuple(given))

    @property
    def _answers(self) -> list[Result]:
        return [row for row in self.rows if isinstance(row, Result)]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Table[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Table[Row]:
        """A row, or with a slice a table of some of them."""
        if isinstance(index, slice):
            return replace(self, rows=self.rows[index], points=self.points[index])
        return self.rows[index]

    def choose(self, *columns: str, digits: Mapping[str, int] | None = None) -> Table[Row]:
        """Return the table with some of its columns, in this order, and fewer digits in them.

        Parameters
        ----------
        *columns : str
            Names of columns; all without any.
        digits : mapping of str to int, optional
            Significant digits of a column.

        Raises
        ------
        DomainError
            If there is no such column, a column stands twice, or its numbers are not known to so
            many digits.
        """
        every, digits = self._every(), dict(digits or {})
        columns = arguments.columns(columns, every, OTHER_NAMES)
        arguments.columns(digits, every)
        known = min((row.shown_digits for row in self._answers), default=DOUBLE_DIGITS)
        for name, count in digits.items():
            if name not in self.of.symbols:
                raise DomainError(f"digits are for numbers that were computed, not for {name}")
            if not (isinstance(count, int) and 1 <= count <= known):
                raise DomainError(
                    f"digits of {name} must be from 1 to {known}, not {quoted(count)}"
                )
        return replace(self, columns=columns, shown=digits)

    def _grid(self) -> Grid:
        names = self._names()
        cells = self._cells(names)
        return Grid(
            names,
            cells,
            self.title,
            self._notes(),
            self._heads(names),
            [self._typeset(*row, names) for row in zip(self.rows, self.points, cells, strict=True)],
            [name in {*self.of.symbols, "alpha", "a"} for name in names],
            [name for name in AT_RIGHT if name not in self.of.symbols],
            [name for name in names if name in self.of.symbols],
        )

    def _typeset(
        self, row: Result | None, point: TablePoint, cells: Sequence[str], names: Sequence[str]
    ) -> list[str]:
        """Cells of a row with formulas and irrational numbers in mathematics."""
        values = (_formula(point.model, name, _value(row, point, name)) for name in names)
        return [
            Typeset.of(exact_latex(value)) if hasattr(value, "free_symbols") else cell
            for value, cell in zip(values, cells, strict=True)
        ]

    def to_csv(self) -> str:
        """Return comma-separated values; the columns are those of the JSON records."""
        names = self._names(every=True)
        return Grid(names, self._cells(names, none="")).to_csv()

    def to_json(self, strings: bool | None = None) -> str:
        """Return a JSON list of records, as `records` gives them."""
        return json.dumps(self.records(strings), indent=2)

    def to_frame(self) -> Any:
        """Return the table as a pandas DataFrame; numbers as they stand in the rows.

        Raises
        ------
        BBPError
            If pandas is not installed.
        """
        pairs = [*zip(self.rows, self.points, strict=True)]
        return frame(
            {
                name: [_number(_value(row, point, name)) for row, point in pairs]
                for name in self._names(every=True)
            }
        )

    def records(self, strings: bool | None = None) -> list[dict[str, Any]]:
        """Return one dictionary a row; its numbers are None where there is no answer.

        Parameters
        ----------
        strings : bool, optional
            Whether numbers are strings, which keep every digit, or floats; without it floats in
            double precision and strings where digits were asked for.
        """
        asked = self.digits is not None or self.certified if strings is None else strings
        found = [
            self._absent(point, asked) if row is None else row.record(asked)
            for row, point in zip(self.rows, self.points, strict=True)
        ]
        if not self.columns:
            return found
        return [{name: record.get(name) for name in self.columns} for record in found]

    def _absent(self, point: TablePoint, strings: bool) -> dict[str, Any]:
        """The record of a point without an answer: its numbers are None."""
        given = {**point.model.labels(), "alpha": point.alpha, "side": point.side}
        asked = {name: value for name, value in given.items() if name in self._every()}
        absent = dict.fromkeys((*self.of.columns, *self.of.symbols))
        record = exact_record(asked, strings) | {k: v for k, v in absent.items() if k not in asked}
        return record | {"undecided": True} if point.undecided else record

    @property
    def title(self) -> str:
        """What the table shows and how its digits were obtained."""
        how = "double precision" if self.digits is None else "multiprecision"
        digits = DOUBLE_DIGITS if self.digits is None else self.digits
        if self.certified:
            how = "every digit certified by ball arithmetic"
            digits = self.digits or CERTIFIED_DIGITS
        models = self._models()
        what = "the Hessian at initialisation" if _are_hessians(models) else "matrices"
        if len(models) == 1 and self.points[0].alpha is not None:
            what = repr(models[0])
        elif self.columns and models:
            what += self._left_out([model.labels() for model in models])
        known = {row.shown_digits for row in self._answers} or {digits}
        ends = [str(end) for end in sorted({min(known), max(known)})]
        return f"{self.of.plural} of {what} ({' to '.join(ends)} digits, {how})"

    def _left_out(self, labels: Sequence[Mapping[str, Any]]) -> str:
        """Parameters that no chosen column shows, where all models share them."""
        shared = [
            f"{name} = {exact_text(value) if is_exact(value) else value}"
            for name, value in labels[0].items()
            if name not in (*self.columns, "name")
            and all(item.get(name) == value for item in labels)
        ]
        return f" for {', '.join(shared)}" if shared else ""

    def _models(self) -> list[Matrix]:
        return list(dict.fromkeys(point.model for point in self.points))

    def _every(self) -> list[str]:
        """Names of all columns."""
        models = self._models()
        labels = [model.labels() for model in models] or [dict.fromkeys(("p", "p_star", "a"))]
        names = dict.fromkeys(name for label in labels for name in label)
        sides = any(len(model.sides) > 1 for model in models)
        return [*names, *["side"] * sides, *self.of.columns]

    def _names(self, every: bool = False) -> list[str]:
        """Names of the columns that are shown; a title that names the model spares some."""
        if self.columns:
            return [*self.columns]
        models = self._models()
        if every:
            return self._every()
        if len(models) == 1 and self.points[0].alpha is not None:
            return [*self.of.columns]
        unnamed = all(model.labels().get("name") == "" for model in models)
        return [name for name in self._every() if not (unnamed and name == "name")]

    def _heads(self, names: Sequence[str]) -> list[str]:
        right = any(row is not None and row.side == "right" for row in self.rows)
        known = {**getattr(self.of, "given", {}), **self.of.symbols}
        symbols = {
            name: f"${symbol.replace('_-', '_+') if right else symbol}$"
            for name, symbol in known.items()
        }
        return [(HEADS | symbols).get(name, name) for name in names]

    def _cells(self, names: Sequence[str], none: str = NONE) -> list[list[str]]:
        return [
            [_text(row, point, name, self.shown.get(name), none) for name in names]
            for row, point in zip(self.rows, self.points, strict=True)
        ]

    def _notes(self) -> list[str]:
        limits = any(model.unit == "2/p" for model in self._models())
        unproved = [row.model for row in self._answers if row.unique is False]
        undecided = any(point.undecided for point in self.points)
        notes = [UNIT_NOTE] * limits + [_unproved_note(unproved)] * bool(unproved)
        return notes + [UNDECIDED_NOTE] * undecided


def frame(columns: Mapping[str, Any]) -> Any:
    """Make a pandas DataFrame of columns.

    Raises
    ------
    BBPError
        If pandas is not installed.
    """
    try:
        pandas = import_module("pandas")
    except ImportError:
        raise BBPError("to_frame needs pandas: pip install pandas") from None
    return pandas.DataFrame(columns)


def _are_hessians(models: Sequence[Matrix]) -> bool:
    return all("p_star" in model.labels() and "loss" not in model.labels() for model in models)


def _unproved_note(models: Sequence[Matrix]) -> str:
    names = ", ".join(
        f"(p={m.p}, p*={m.p_star}, a={exact_text(m.a)})" if isinstance(m, Model) else repr(m)
        for m in models
    )
    return f"Types and numbers are proved; that the root in t is the only one is not for {names}."


def _text(row: Result | None, point: TablePoint, name: str, digits: int | None, none: str) -> str:
    """What one cell holds."""
    value = _value(row, point, name)
    if value is None:
        return UNDECIDED if point.undecided else none
    if row is not None and name in row.symbols:
        return str(row.text(name, digits))
    return exact_text(value) if is_exact(value) else str(value)


def _value(row: Result | None, point: TablePoint, name: str) -> Any:
    """A number of the answer, or what was asked; None where there is none."""
    if row is not None and name in row.symbols:
        return getattr(row, name)
    labels = point.model.labels()
    return labels[name] if name in labels else getattr(row, name, getattr(point, name, None))


def _formula(model: Matrix, name: str, value: Any) -> Any:
    """The formula of which a label is the text; else the label."""
    return getattr(model, name, value) if name in FORMULAS and isinstance(value, str) else value


def _number(value: Any) -> Any:
    """A value for a frame."""
    if value is None:
        return math.nan
    return float(value) if is_exact(value) or value == "inf" else value
