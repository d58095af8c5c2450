"""Threshold tables: computed row by row, shown in a terminal, in Jupyter and in a paper."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tabulate import tabulate
from tqdm import tqdm

from bbpsym import arguments
from bbpsym.answers.result import CERTIFIED_DIGITS
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.display import DOUBLE_DIGITS, exact_text, latex_number
from bbpsym.errors import DomainError
from bbpsym.model import Model

#: Columns: key of the JSON record, plain heading, LaTeX heading.
COLUMNS = (
    ("p", "p", "$p$"),
    ("p_star", "p*", "$p^*$"),
    ("a", "a", "$a$"),
    ("kind", "type", "type"),
    ("alpha_bbp", "alpha_BBP", r"$\alpha_{\mathrm{BBP}}$"),
    ("alpha_c", "alpha_c", r"$\alpha_c$"),
    ("eigenvalue", "lambda_*", r"$\lambda_*$"),
    ("overlap2", "m^2", "$m^2$"),
)

#: Said below a table that holds p = inf.
UNIT_NOTE = "At p = inf eigenvalues vanish like 1/p: lambda_* is given in units of 2/p."


@dataclass(frozen=True)
class Table:
    """A table of BBP thresholds.

    Attributes
    ----------
    rows : tuple of Threshold
        One row for each model.
    digits : int or None
        Digits asked for; None in double precision, where 12 are shown.
    certified : bool
        Whether every number is enclosed by ball arithmetic.
    """

    rows: tuple[Threshold, ...]
    digits: int | None = None
    certified: bool = False

    def to_text(self) -> str:
        """Return the table for a terminal, every digit correct."""
        body = tabulate(
            self._cells(),
            [plain for _, plain, _ in COLUMNS],
            tablefmt="simple",
            disable_numparse=True,
            colalign=("right", "right", "right", *["left"] * 5),
        )
        return "\n\n".join([self.title, body, *self._notes()])

    def to_markdown(self) -> str:
        """Return the table in GitHub's Markdown."""
        heads = [latex for _, _, latex in COLUMNS]
        body = tabulate(self._cells(), heads, tablefmt="github", disable_numparse=True)
        return "\n\n".join([body, *self._notes()])

    def to_html(self) -> str:
        """Return the table in HTML, its headings typeset where MathJax runs."""
        heads = [latex for _, _, latex in COLUMNS]
        body = tabulate(self._cells(), heads, tablefmt="html", disable_numparse=True)
        notes = "".join(f"<p>{note}</p>" for note in [self.title, *self._notes()])
        return f"{body}{notes}"

    def to_latex(self) -> str:
        """Return a LaTeX tabular that needs the package booktabs."""
        lines = [" & ".join(_latex_cell(cell) for cell in row) + r" \\" for row in self._cells()]
        head = " & ".join(latex for _, _, latex in COLUMNS) + r" \\"
        rule = [rf"% {note}" for note in [self.title, *self._notes()]]
        begin = [*rule, r"\begin{tabular}{rrrlllll}", r"\toprule", head, r"\midrule"]
        return "\n".join([*begin, *lines, r"\bottomrule", r"\end{tabular}"])

    def to_csv(self) -> str:
        """Return comma-separated values; the columns are those of the JSON records."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, [key for key, _, _ in COLUMNS], lineterminator="\n")
        writer.writeheader()
        keys = [key for key, _, _ in COLUMNS]
        writer.writerows(dict(zip(keys, row, strict=True)) for row in self._cells())
        return stream.getvalue().rstrip("\n")

    def to_json(self) -> str:
        """Return a JSON list of records; numbers are strings once digits were asked for."""
        return json.dumps(self.records(), indent=2)

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary a row."""
        return [row.record() for row in self.rows]

    @property
    def title(self) -> str:
        """What the table shows and how its digits were obtained."""
        how = "double precision" if self.digits is None else "multiprecision"
        digits = DOUBLE_DIGITS if self.digits is None else self.digits
        if self.certified:
            how, digits = (
                "every digit certified by ball arithmetic",
                self.digits or CERTIFIED_DIGITS,
            )
        return f"BBP thresholds of the Hessian at initialisation ({digits} digits, {how})"

    def _cells(self) -> list[list[str]]:
        return [_cells(row) for row in self.rows]

    def _notes(self) -> list[str]:
        limits = any(row.model.is_overparametrised_limit for row in self.rows)
        unproved = any(row.unique is False for row in self.rows)
        return [UNIT_NOTE] * limits + [self._unproved_note()] * unproved

    def _unproved_note(self) -> str:
        models = (row.model for row in self.rows if row.unique is False)
        names = ", ".join(f"(p={m.p}, p*={m.p_star}, a={exact_text(m.a)})" for m in models)
        return (
            f"Types and numbers are proved; that the root in t is the only one is not for {names}."
        )

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()


#: Formats of a table on the command line.
FORMATS = {
    "text": Table.to_text,
    "csv": Table.to_csv,
    "json": Table.to_json,
    "markdown": Table.to_markdown,
    "latex": Table.to_latex,
    "html": Table.to_html,
}


def table(
    models: Iterable[Model],
    digits: int | None = None,
    progress: bool = False,
    certified: bool = False,
) -> Table:
    """Make a table of BBP thresholds.

    Parameters
    ----------
    models : iterable of Model
        One row for each.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    progress : bool
        Whether to show a progress bar on standard error.
    certified : bool
        Whether to enclose every number by ball arithmetic; 15 digits unless others are asked for.

    Returns
    -------
    Table

    Raises
    ------
    DomainError
        If `models` holds anything but models or `digits` is out of range.
    PrecisionError
        If the digits cannot be reached.
    """
    digits = arguments.digits(digits)
    return Table(tuple(compute_rows(models, digits, progress, certified)), digits, certified)


def compute_rows(
    models: Iterable[Model], digits: int | None, progress: bool, certified: bool = False
) -> Iterator[Threshold]:
    """Compute the rows of a table one by one, for callers that keep what is done."""
    models = list(models) if isinstance(models, Iterable) else [models]
    if not all(isinstance(model, Model) for model in models):
        raise DomainError("models must be a list of Model objects")
    for model in tqdm(models, "thresholds", disable=not progress, delay=0.5, leave=False):
        yield threshold(model, digits, certified)


def _cells(row: Threshold) -> list[str]:
    p = "inf" if row.model.is_overparametrised_limit else str(row.model.p)
    numbers = [row.text(name) for name in ("alpha", "alpha_c", "eigenvalue", "overlap2")]
    return [p, str(row.model.p_star), exact_text(row.model.a), row.kind, *numbers]


def _latex_cell(cell: str) -> str:
    if cell == "inf":
        return r"$\infty$"
    return f"${latex_number(cell)}$" if any(c.isdigit() for c in cell) else cell
