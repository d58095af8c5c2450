"""A comparison of matrices as a result: who is best, and how it is shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import chain, groupby
from typing import Any

from bbpsym.answers.threshold import Threshold
from bbpsym.errors import DomainError
from bbpsym.reading import arguments
from bbpsym.writing.display import DOUBLE_DIGITS, exact_text, json_number, latex_number
from bbpsym.writing.grid import Grid, Tabular
from bbpsym.writing.heads import HEADS
from bbpsym.writing.latex_table import Typeset

#: Kinds of matrix, in the order of the rows.
HESSIAN, AVERAGED = "Hessian", "averaged Hessian"
MADE_FOR_ALPHA, OPTIMAL = "Mondelli-Montanari", "Luo-Alghamdi-Lu"

#: Digits of m^2 and of thresholds in tables for the eye; CSV and JSON hold all that are promised.
SHOWN_DIGITS, THRESHOLD_DIGITS = 4, 6

#: Columns of the CSV file, a line a matrix and alpha; and those of them that are of such a line.
CSV_COLUMNS = (
    *("matrix", "p", "p_star", "a", "side", "kind", "threshold"),
    *("alpha", "overlap2", "best", "best_hessian"),
)
OF_A_LINE = ("alpha", "best", "best_hessian")

#: Columns of a table for the eye, in which overlap2 stands for one at each alpha.
SHOWN = ("matrix", "side", "kind", "threshold", "overlap2")


@dataclass(frozen=True)
class ComparisonRow:
    """One matrix of a comparison.

    Attributes
    ----------
    matrix : str
        Kind of matrix: "Hessian", "averaged Hessian", "Mondelli-Montanari", "Luo-Alghamdi-Lu", or
        the name of a weight of one's own.
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


@dataclass(frozen=True, repr=False)
class Comparison(Tabular):
    """How much of the signal several matrices recover from the same samples.

    Attributes
    ----------
    p_star : int
        Teacher width.
    a : Fraction
        Loss normalisation of the Hessians; the other two weights do not depend on it.
    alphas : tuple of Fraction
        Signal-to-noise ratios, exact.
    rows : tuple of ComparisonRow
        Hessians by width, their averages, weights of one's own, and the two weights.
    columns : tuple of str
        Names of the columns that are shown, those of CSV; the usual ones without any.
    shown : mapping of str to int
        Digits shown of threshold and overlap2.

    Examples
    --------
    >>> from bbpsym import compare
    >>> found = compare(1, "0.7", [1], alphas=[1])
    >>> found.best()
    (('Luo-Alghamdi-Lu',),)
    >>> print(found.choose("matrix", "overlap2", digits={"overlap2": 3}).to_csv())
    matrix,overlap2
    Hessian,0
    averaged Hessian,0
    Mondelli-Montanari,0.206
    Luo-Alghamdi-Lu,0.231
    """

    p_star: int
    a: Fraction
    alphas: tuple[Fraction, ...]
    rows: tuple[ComparisonRow, ...]
    columns: tuple[str, ...] = ()
    shown: Mapping[str, int] = field(default_factory=dict, hash=False)

    def choose(self, *columns: str, digits: Mapping[str, int] | None = None) -> Comparison:
        """Return the table with some of its columns, in this order, and other digits in them.

        Parameters
        ----------
        *columns : str
            Names of columns: matrix, p, p_star, a, side, kind, threshold, overlap2, and in CSV
            alpha, best and best_hessian too; the usual ones without any.
        digits : mapping of str to int, optional
            Significant digits of threshold and of overlap2, 1 to 12.

        Raises
        ------
        DomainError
            If there is no such column, a column stands twice, or its numbers are not known to so
            many digits.
        """
        columns, digits = arguments.columns(columns, CSV_COLUMNS), dict(digits or {})
        arguments.columns(digits, CSV_COLUMNS)
        for name, count in digits.items():
            if name not in ("threshold", "overlap2"):
                raise DomainError(f"digits are for threshold and overlap2, not for {name}")
            arguments.whole(count, f"digits of {name}", 1, DOUBLE_DIGITS)
        return replace(self, columns=columns, shown=digits)

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

    def to_csv(self) -> str:
        """Return comma-separated values, a line for each matrix and alpha, with all digits."""
        names = self.columns or CSV_COLUMNS
        return Grid(names, [[line[name] for name in names] for line in self._lines()]).to_csv()

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Each matrix at each alpha."""
        best, best_hessian = self.best(), self.best(HESSIAN)
        for row in self.rows:
            head = self._head(row) | {"threshold": self._number(row.threshold.alpha, "threshold")}
            for index, alpha in enumerate(self.alphas):
                overlap2 = self._number(row.overlap2[index], "overlap2")
                marks = {"best": best, "best_hessian": best_hessian}
                ranks = {key: int(row.name in names[index]) for key, names in marks.items()}
                yield {**head, "alpha": exact_text(alpha), "overlap2": overlap2, **ranks}

    def _number(self, value: float, name: str) -> str:
        """All digits of a number, or those that were chosen."""
        return _rounded(value, self.shown.get(name, DOUBLE_DIGITS))

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
        if self.columns:
            rows = [{name: row[name] for name in self._of_a_matrix()} for row in rows]
        return {
            "p_star": self.p_star,
            "a": float(self.a),
            "alpha": [float(alpha) for alpha in self.alphas],
            "rows": rows,
            "best": self.best(),
            "best_hessian": self.best(HESSIAN),
            "digits": DOUBLE_DIGITS,
        }

    def _of_a_matrix(self) -> tuple[str, ...]:
        """Columns of a table with one line a matrix."""
        names = self.columns or SHOWN
        for name in names:
            if name in OF_A_LINE:
                raise DomainError(
                    f"columns must be without {name} but in CSV, which has a line for each alpha"
                )
        return names

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
            "outliers, equal as N grows;\nits average and the others, made of the labels "
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

    def _head(self, row: ComparisonRow) -> dict[str, Any]:
        p = "" if row.p is None else _width(row.p) if math.isinf(row.p) else row.p
        kind, side = row.threshold.kind, row.threshold.side
        model = {"p": p, "p_star": self.p_star, "a": float(self.a)}
        return {"matrix": row.matrix, **model, "side": side, "kind": kind}

    def _grid(self) -> Grid:
        names, texts = self._of_a_matrix(), [*map(_text, self.alphas)]
        symbols = HEADS | {"threshold": r"$\alpha_{\mathrm{BBP}}$"}
        columns: list[tuple[str, str, bool]] = []  # as typed, as typeset, whether aligned
        for name in names:
            if name == "overlap2":
                columns += [(f"m^2({t})", f"$m^2({latex_number(t)})$", True) for t in texts]
            else:
                columns.append((name, symbols.get(name, name), name in ("threshold", "a")))
        typed, typeset, aligned = zip(*columns, strict=True)
        return Grid(
            typed,
            [self._cells(row, names) for row in self.rows],
            self.title,
            self.notes,
            typeset,
            [self._cells(row, names, _latex_name(row)) for row in self.rows],
            aligned,
            rounded=[name for name in ("overlap2", "threshold") if name in names],
        )

    def _cells(self, row: ComparisonRow, names: Sequence[str], typeset: str = "") -> list[str]:
        bound = _rounded(row.threshold.alpha, self.shown.get("threshold", THRESHOLD_DIGITS))
        texts = {name: str(value) for name, value in self._head(row).items()}
        texts |= {"matrix": typeset or row.name, "threshold": bound}
        digits = self.shown.get("overlap2", SHOWN_DIGITS)
        overlaps = [_rounded(value, digits) for value in row.overlap2]
        each = (overlaps if name == "overlap2" else [texts[name]] for name in names)
        return [*chain.from_iterable(each)]


def _largest(rows: Sequence[ComparisonRow], index: int) -> tuple[str, ...]:
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


def _latex_name(row: ComparisonRow) -> str:
    if row.p is None:
        return row.matrix
    return Typeset(f"{row.matrix}, $p={_width(row.p)}$".replace("inf", r"\infty"))
