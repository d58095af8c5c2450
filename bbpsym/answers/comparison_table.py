"""A comparison of matrices as a result: who is best, and how it is shown."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

from tabulate import tabulate

from bbpsym.answers.threshold import Threshold
from bbpsym.display import DOUBLE_DIGITS, exact_text, json_number, latex_number, number

#: Kinds of matrix, in the order of the rows.
HESSIAN, AVERAGED = "Hessian", "averaged Hessian"
MADE_FOR_ALPHA, OPTIMAL = "Mondelli-Montanari", "Luo-Alghamdi-Lu"

#: Digits of m^2 and of thresholds in tables for the eye; CSV and JSON hold all that are promised.
SHOWN_DIGITS, THRESHOLD_DIGITS = 4, 6

#: Columns of the CSV file, a line a matrix and alpha.
CSV_COLUMNS = (
    *("matrix", "p", "p_star", "a", "side", "kind", "threshold"),
    *("alpha", "overlap2", "best", "best_hessian"),
)


@dataclass(frozen=True)
class Row:
    """One matrix of a comparison.

    Attributes
    ----------
    matrix : {"Hessian", "averaged Hessian", "Mondelli-Montanari", "Luo-Alghamdi-Lu"}
        Kind of matrix.
    p : int, float or None
        Student width, of Hessians and their averages; `math.inf` in the limit.
    threshold : Threshold
        Threshold, its type and its side. Of Mondelli and Montanari's weight, which is another one
        for each alpha, where the weight made for alpha starts to see the signal: p*/2.
    overlap2 : tuple of float
        Squared overlap m^2 at each alpha; 0 below the threshold.
    errors : tuple of float
        Bounds claimed for their absolute errors.
    """

    matrix: str
    p: int | float | None
    threshold: Threshold
    overlap2: tuple[float, ...]
    errors: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name of the matrix, with its width if it has one."""
        return self.matrix if self.p is None else f"{self.matrix}, p={_width(self.p)}"


@dataclass(frozen=True)
class Comparison:
    """How much of the signal several matrices recover from the same samples.

    Attributes
    ----------
    p_star : int
        Teacher width.
    a : Fraction
        Loss normalisation of the Hessians; the other two weights do not depend on it.
    alphas : tuple of Fraction
        Signal-to-noise ratios, exact.
    rows : tuple of Row
        Hessians by width, their averages, and the two weights.

    Examples
    --------
    >>> from bbpsym import compare
    >>> compare(1, "0.7", [1], alphas=[1]).best()
    (('Luo-Alghamdi-Lu',),)
    """

    p_star: int
    a: Fraction
    alphas: tuple[Fraction, ...]
    rows: tuple[Row, ...]

    def best(self, *matrices: str) -> tuple[tuple[str, ...], ...]:
        """Name the matrix of largest m^2 at each alpha.

        Parameters
        ----------
        *matrices : str
            Kinds of matrix to choose from; all without any.

        Returns
        -------
        tuple of tuple of str
            For each alpha the best, or all that equal it to within their errors, such as the
            Hessian at p = inf and its average; none if none has an outlier.
        """
        rows = [row for row in self.rows if row.matrix in matrices or not matrices]
        return tuple(_largest(rows, index) for index in range(len(self.alphas)))

    def to_text(self) -> str:
        """Return the table for a terminal."""
        heads = ["matrix", "side", "kind", "threshold", *(f"m^2({_text(x)})" for x in self.alphas)]
        body = tabulate(
            self._cells(), heads, tablefmt="simple", disable_numparse=True, stralign="left"
        )
        return "\n\n".join([self.title, body, *self.notes])

    def to_markdown(self) -> str:
        """Return the table in GitHub's Markdown."""
        body = tabulate(
            self._cells(_latex_name), self._heads(), tablefmt="github", disable_numparse=True
        )
        return "\n\n".join([body, *self.notes])

    def to_html(self) -> str:
        """Return the table in HTML, its headings typeset where MathJax runs."""
        body = tabulate(
            self._cells(_latex_name), self._heads(), tablefmt="html", disable_numparse=True
        )
        return body + "".join(f"<p>{note}</p>" for note in [self.title, *self.notes])

    def to_latex(self) -> str:
        """Return a LaTeX tabular that needs the package booktabs."""
        lines = [" & ".join(map(_latex_cell, row)) + r" \\" for row in self._cells(_latex_name)]
        notes = [rf"% {line}" for note in [self.title, *self.notes] for line in note.split("\n")]
        begin = [*notes, rf"\begin{{tabular}}{{llll{'l' * len(self.alphas)}}}", r"\toprule"]
        head = " & ".join(self._heads()) + r" \\"
        return "\n".join([*begin, head, r"\midrule", *lines, r"\bottomrule", r"\end{tabular}"])

    def to_csv(self) -> str:
        """Return comma-separated values, a line for each matrix and alpha, with all digits."""
        stream = io.StringIO()
        writer = csv.DictWriter(stream, CSV_COLUMNS, lineterminator="\n")
        writer.writeheader()
        best, best_hessian = self.best(), self.best(HESSIAN)
        for row in self.rows:
            head = self._head(row) | {"threshold": row.threshold.text("alpha")}
            for index, alpha in enumerate(self.alphas):
                found = {"alpha": exact_text(alpha), "overlap2": number(row.overlap2[index], None)}
                marks = {"best": best, "best_hessian": best_hessian}
                ranks = {key: int(row.name in names[index]) for key, names in marks.items()}
                writer.writerow({**head, **found, **ranks})
        return stream.getvalue().rstrip("\n")

    def to_json(self) -> str:
        """Return a JSON object with all digits: the problem, a record a matrix, and the best."""
        return json.dumps(self.record(), indent=2)

    def record(self) -> dict[str, Any]:
        """Return the comparison as a dictionary ready for JSON."""
        rows = [
            self._head(row)
            | {
                "threshold": json_number(row.threshold.alpha, None),
                "overlap2": [json_number(value, None) for value in row.overlap2],
            }
            for row in self.rows
        ]
        return {
            "p_star": self.p_star,
            "a": float(self.a),
            "alpha": [float(alpha) for alpha in self.alphas],
            "rows": rows,
            "best": self.best(),
            "best_hessian": self.best(HESSIAN),
            "digits": DOUBLE_DIGITS,
        }

    @property
    def title(self) -> str:
        """What the table shows."""
        return (
            f"Squared overlap m^2 with the signal at alpha, for p* = {self.p_star}, "
            f"a = {exact_text(self.a)}\n(double precision, rounded from {DOUBLE_DIGITS} digits, "
            "which CSV and JSON hold)"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Which matrix is best, and what m means for matrices of different size."""
        return (
            f"Best: {self._ranking()}.\nBest Hessian: {self._ranking(HESSIAN)}.",
            "m is the overlap (12) of one eigenvector with all p* teachers: m^2 is the share of "
            "its squared\nlength in their span, 0 below the threshold. A Hessian has p p* such "
            "outliers, equal as N grows;\nits average and the other two, made of the labels "
            f"alone, have p*. {MADE_FOR_ALPHA} is made\nanew for each alpha.",
        )

    def _ranking(self, *matrices: str) -> str:
        """Say for which alphas which matrix is best."""
        pairs = zip(self.best(*matrices), self.alphas, strict=True)
        parts = []
        for names, group in groupby(pairs, key=lambda pair: pair[0]):
            alphas = ", ".join(_text(alpha) for _, alpha in group)
            parts.append(f"{' = '.join(names) or 'none'} at {alphas}")
        return "; ".join(parts)

    def _head(self, row: Row) -> dict[str, Any]:
        p = "" if row.p is None else _width(row.p) if math.isinf(row.p) else row.p
        kind, side = row.threshold.kind, row.threshold.side
        model = {"p": p, "p_star": self.p_star, "a": float(self.a)}
        return {"matrix": row.matrix, **model, "side": side, "kind": kind}

    def _heads(self) -> list[str]:
        overlaps = (f"$m^2({latex_number(_text(alpha))})$" for alpha in self.alphas)
        return ["matrix", "side", "kind", r"$\alpha_{\mathrm{BBP}}$", *overlaps]

    def _cells(self, name: Callable[[Row], str] = lambda row: row.name) -> list[list[str]]:
        return [
            [
                name(row),
                row.threshold.side,
                row.threshold.kind,
                _rounded(row.threshold.alpha, THRESHOLD_DIGITS),
                *map(_rounded, row.overlap2),
            ]
            for row in self.rows
        ]

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def _repr_latex_(self) -> str:
        return self.to_latex()


#: Formats of a comparison on the command line.
FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": Comparison.to_text,
    "csv": Comparison.to_csv,
    "json": Comparison.to_json,
    "markdown": Comparison.to_markdown,
    "latex": Comparison.to_latex,
    "html": Comparison.to_html,
}


def _largest(rows: Sequence[Row], index: int) -> tuple[str, ...]:
    seen = [row for row in rows if row.overlap2[index] > 0]
    if not seen:
        return ()
    top = max(seen, key=lambda row: row.overlap2[index])
    level = top.overlap2[index] - top.errors[index]
    return tuple(row.name for row in seen if row.overlap2[index] + row.errors[index] >= level)


def _width(p: int | float) -> str:
    return "inf" if math.isinf(p) else str(p)


def _text(alpha: Fraction) -> str:
    """A short name for an alpha: exact if it has few digits."""
    text = exact_text(alpha)
    return text if len(text) <= SHOWN_DIGITS + 4 else f"{float(alpha):.{SHOWN_DIGITS}g}"


def _rounded(value: float, digits: int = SHOWN_DIGITS) -> str:
    return f"{value:#.{digits}g}".rstrip(".") if value else "0"


def _latex_name(row: Row) -> str:
    if row.p is None:
        return row.matrix
    return f"{row.matrix}, $p={_width(row.p)}$".replace("inf", r"\infty")


def _latex_cell(cell: str) -> str:
    is_number = re.fullmatch(r"[\d.]+(e[+-]\d+)?", cell)
    return f"${latex_number(cell)}$" if is_number else cell
