"""A table of texts and its writers: for a terminal, for Jupyter, for a paper, for a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tabulate import tabulate

from bbpsym.errors import Suggesting
from bbpsym.reading import arguments
from bbpsym.writing.display import latex_text
from bbpsym.writing.heads import head
from bbpsym.writing.latex_table import latex_table

#: Formats of a table; `to_NAME` is its writer.
FORMATS = ("text", "csv", "json", "markdown", "latex", "html")


@dataclass(frozen=True)
class Grid:
    """A table of texts."""

    #: Headings, as they are typed.
    names: Sequence[str]
    #: Texts, row by row.
    cells: Sequence[Sequence[str]]
    #: What stands above the table.
    title: str = ""
    #: What stands below it, a paragraph each.
    notes: Sequence[str] = ()
    #: Headings where a format is typeset: LaTeX, Markdown and HTML; those of `heads` without any.
    heads: Sequence[str] = ()
    #: Texts that are typeset where a format can; the cells without any.
    typeset: Sequence[Sequence[str]] = ()
    #: Columns of LaTeX that stand with their points below each other.
    aligned: Sequence[bool] = ()
    #: Names of the columns of a terminal that stand at the right.
    right: Sequence[str] = ()
    #: Names of the columns whose digits can be chosen where the table is made.
    rounded: Sequence[str] = ()
    #: Rows as JSON has them; those of the texts without any (sequence of mapping).
    records: Sequence[Mapping[str, Any]] = ()

    def choose(self, *columns: str) -> Grid:
        """Return the table with some of its columns, in this order; all without any.

        Raises
        ------
        DomainError
            If there is no such column, or one stands twice.

        Examples
        --------
        >>> print(Grid(["p", "a", "b"], [["1", "0.5", "x"]]).choose("b", "p").to_csv())
        b,p
        x,1
        """
        if not columns:
            return self
        names = arguments.columns(columns, self.names)
        places = [list(self.names).index(name) for name in names]
        chosen = lambda row: [row[k] for k in places] if row else ()  # noqa: E731
        return replace(
            self,
            names=names,
            cells=[chosen(row) for row in self.cells],
            heads=chosen(self.heads),
            typeset=[chosen(row) for row in self.typeset],
            aligned=chosen(self.aligned),
            rounded=[name for name in names if name in self.rounded],
            records=[
                {name: record[name] for name in names if name in record} for record in self.records
            ],
        )

    def to_text(self) -> str:
        """Return the table for a terminal."""
        sides = ["right" if name in self.right else "left" for name in self.names]
        body = tabulate(
            self.cells, self.names, tablefmt="simple", disable_numparse=True, colalign=sides
        )
        return "\n\n".join([*filter(None, [self.title]), body, *self.notes])

    def to_markdown(self) -> str:
        """Return the table in GitHub's Markdown."""
        return "\n\n".join([self._body("github"), *self.notes])

    def to_html(self) -> str:
        """Return the table in HTML, its headings typeset where MathJax runs."""
        notes = [*filter(None, [self.title]), *self.notes]
        return self._body("html") + "".join(f"<p>{note}</p>" for note in notes)

    def to_latex(self, caption: str = "", label: str = "") -> str:
        """Return a LaTeX table that needs the packages booktabs and, if it is long, longtable."""
        return latex_table(
            self._heads(latex_text),
            self.aligned or [False] * len(self.names),
            self.typeset or self.cells,
            [*filter(None, [self.title]), *self.notes],
            caption,
            label,
            self._narrower(),
        )

    def _narrower(self) -> str:
        """What makes the table narrower."""
        first, last = self.names[0], self.names[-1]
        if self.rounded:
            return f"choose columns and digits, as in {first},{self.rounded[0]}:6"
        return f"choose columns, as in {first},{last}"

    def to_csv(self) -> str:
        """Return comma-separated values."""
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([self.names, *self.cells])
        return stream.getvalue().rstrip("\n")

    def to_json(self) -> str:
        """Return a JSON list of the rows."""
        rows = self.records or [dict(zip(self.names, row, strict=True)) for row in self.cells]
        return json.dumps(rows, indent=2)

    def _body(self, form: str) -> str:
        cells = self.typeset or self.cells
        return tabulate(cells, self._heads(str), tablefmt=form, disable_numparse=True)

    def _heads(self, word: Callable[[str], str]) -> Sequence[str]:
        """Headings that are typeset: symbols in LaTeX, and words."""
        return self.heads or [head(name, word) for name in self.names]


class Tabular(Suggesting):
    """Base of results that are tables: `_grid` and `record` say what is written."""

    def _grid(self) -> Grid:
        raise NotImplementedError

    def record(self) -> Any:
        """Return the table ready for JSON."""
        raise NotImplementedError

    def to_text(self) -> str:
        """Return the table for a terminal, every digit correct."""
        return self._grid().to_text()

    def to_markdown(self) -> str:
        """Return the table in GitHub's Markdown."""
        return self._grid().to_markdown()

    def to_html(self) -> str:
        """Return the table in HTML, its headings typeset where MathJax runs."""
        return self._grid().to_html()

    def to_latex(self, caption: str = "", label: str = "") -> str:
        """Return a LaTeX tabular that needs the package booktabs, if longer than a page longtable.

        Numbers stand with their points below each other, their decimals in groups of five; what is
        too long for the page goes on in the next line.

        Parameters
        ----------
        caption, label : str
            With one of them the tabular stands in a table environment.
        """
        return self._grid().to_latex(caption, label)

    def to_csv(self) -> str:
        """Return comma-separated values."""
        return self._grid().to_csv()

    def to_json(self) -> str:
        """Return the record as JSON."""
        return json.dumps(self.record(), indent=2)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<{self!s}>"

    def _repr_html_(self) -> str:
        return self.to_html()


def written(table: Any, format_: str) -> str:
    """Write a table in one of the formats."""
    return str(getattr(table, f"to_{format_}")())
