r"""Tables of numbers for LaTeX: points below each other, long decimals grouped and broken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from math import ceil
from typing import NamedTuple

from bbpsym.writing.display import latex_number, latex_text

#: Width of a page of the class article, of the gap between two columns, of a thin space and of
#: `\times 10^{-5}`, in units of a digit's width (5 pt at 10 points).
PAGE, GAP, THIN, POWER = 69.0, 2.4, 0.34, 6.0

#: Lines of such a page, with the head of a table and its rules; taller ones are broken.
TALL = 44

#: Said above a table that is surely wider: letters are narrower than digits.
SURELY = 1.1
WIDE = "Wider than a page of the class article"
LONG = "Longer than a page: needs the package longtable, too."

#: Decimals stand in groups of so many once a number has more than UNGROUPED.
GROUP, UNGROUPED = 5, 15

#: Of a formula, what takes no place of its own.
UNPRINTED = r"\\[a-z]+|[{}$^_\\ ]"

_NUMBER = re.compile(r"(-?\d+)(?:\.(\d*(?:\(\d+\))?\??))?(?:e([+-]\d+))?")

#: What else is typeset as a number: one with its error, as in `0.060(12)`, and a fraction.
_IN_FORMULA = re.compile(r"-?\d+(?:\.\d*)?(?:\(\d+\))?(?:e[+-]\d+)?|-?\d+/\d+")


class NumberParts(NamedTuple):
    """A number's text cut at the point: `-1`, decimals, and the power of ten or nothing.

    An error in parentheses, and a mark behind it, belong to the decimals.
    """

    whole: str
    decimals: str
    power: str

    @classmethod
    def of(cls, text: str) -> NumberParts | None:
        """Cut a text; None if it is no decimal number."""
        found = _NUMBER.fullmatch(text)
        return None if found is None else cls(found[1], found[2] or "", found[3] or "")


class Typeset(str):
    """A text that is LaTeX already."""

    __slots__ = ()

    @classmethod
    def of(cls, formula: str) -> Typeset:
        """A formula; a bar in it is none between columns of Markdown."""
        return cls(f"${formula}$".replace("|", r"\vert "))


def latex_table(
    heads: Sequence[str],
    aligned: Sequence[bool],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
    caption: str = "",
    label: str = "",
    narrower: str = "",
) -> str:
    r"""Write a tabular for the package booktabs; one of several pages also needs longtable.

    Parameters
    ----------
    heads : sequence of str
        Headings, LaTeX.
    aligned : sequence of bool
        Which columns are aligned at the point.
    rows : sequence of sequence of str
        Texts of numbers, and words.
    notes : sequence of str
        Comments above the tabular.
    caption, label : str
        With one of them the tabular stands in a table environment.
    narrower : str
        What makes it narrower, which is said above it where it is wider than a page.

    Returns
    -------
    str

    Examples
    --------
    >>> print(latex_table(["$p$", "$a$"], [False, True], [["2", "0.75"], ["inf", "1"]]))
    \begin{tabular}{rr@{}l}
    \toprule
    $p$ & \multicolumn{2}{c}{$a$} \\
    \midrule
    $2$ & $0$ & $.75$ \\
    $\infty$ & $1$ &  \\
    \bottomrule
    \end{tabular}
    """
    fixed, lengths = _widths(aligned, rows)
    most = _decimals_a_line(fixed, lengths)
    if _width(fixed, lengths, most) > SURELY * PAGE:
        notes = [*notes, ": ".join(filter(None, [WIDE, narrower])) + "."]
    lines = [_lines(row, aligned, most) for row in rows]
    kinds = "".join(_kind(column, is_aligned, rows) for column, is_aligned in enumerate(aligned))
    names = " & ".join(
        rf"\multicolumn{{2}}{{c}}{{{name}}}" if is_aligned else name
        for name, is_aligned in zip(heads, aligned, strict=True)
    )
    above = [rf"\caption{{{caption}}}"] * bool(caption) + [rf"\label{{{label}}}"] * bool(label)
    head = [r"\toprule", rf"{names} \\", r"\midrule"]
    if sum(map(len, lines)) >= TALL:
        notes = [*notes, LONG]
        table = _pages(kinds, above, head, lines)
    else:
        body = [" & ".join(cells) + r" \\" for row in lines for cells in row]
        table = [rf"\begin{{tabular}}{{{kinds}}}", *head, *body, r"\bottomrule", r"\end{tabular}"]
        if above:
            table = [r"\begin{table}", r"\centering", *above, *table, r"\end{table}"]
    return "\n".join([*(f"% {line}" for note in notes for line in note.split("\n")), *table])


def _pages(
    kinds: str, above: Sequence[str], head: Sequence[str], rows: Sequence[Sequence[Sequence[str]]]
) -> list[str]:
    """A table of several pages, each with the head; no page ends inside of a row."""
    first = ["".join(above) + r" \\", *head, r"\endfirsthead"] if above else []
    table = [rf"\begin{{longtable}}{{{kinds}}}", *first, *head, r"\endhead", r"\bottomrule"]
    table.append(r"\endfoot")
    for *others, last in rows:
        table += [" & ".join(cells) + r" \\*" for cells in others]
        table.append(" & ".join(last) + r" \\")
    return [*table, r"\end{longtable}"]


def _kind(column: int, is_aligned: bool, rows: Sequence[Sequence[str]]) -> str:
    if is_aligned:
        return "r@{}l"
    numbers = [row[column] == "inf" or NumberParts.of(row[column]) is not None for row in rows]
    return "r" if numbers and all(numbers) else "l"


def _widths(aligned: Sequence[bool], rows: Sequence[Sequence[str]]) -> tuple[float, list[int]]:
    """Width of all but the decimals, and the most decimals of each column."""
    taken, lengths = 0.0, []
    for column, is_aligned in enumerate(aligned):
        texts = [row[column] for row in rows]
        parts = [part for text in texts if (part := NumberParts.of(text)) is not None]
        if not is_aligned or not parts:
            taken += GAP + max((len(re.sub(UNPRINTED, "", text)) for text in texts), default=0)
            continue
        taken += GAP + 1 + max(len(part.whole) for part in parts)
        taken += POWER * any(part.power for part in parts)
        lengths.append(max(len(part.decimals) for part in parts))
    return taken, lengths


def _width(fixed: float, lengths: Sequence[int], most: int) -> float:
    """Width of a table with at most so many decimals in a line."""
    grouped = max(lengths, default=0) > UNGROUPED
    return fixed + sum(min(length, most) * (1 + grouped * THIN / GROUP) for length in lengths)


def _decimals_a_line(fixed: float, lengths: Sequence[int]) -> int:
    """Decimals that one line of a cell may hold so that the table is no wider than a page.

    Numbers of up to UNGROUPED decimals stay whole: fewer digits, or columns, can be chosen.
    """
    longest = max(lengths, default=1)
    if longest <= UNGROUPED:
        return max(longest, 1)
    whole = range(GROUP * ceil(longest / GROUP), GROUP, -GROUP)
    return next((most for most in whole if _width(fixed, lengths, most) <= PAGE), GROUP)


def _lines(row: Sequence[str], aligned: Sequence[bool], most: int) -> list[list[str]]:
    """One row of a table as one line, or as several where decimals go on in the next."""
    columns: list[list[list[str]]] = []
    for text, is_aligned in zip(row, aligned, strict=True):
        parts = NumberParts.of(text) if is_aligned else None
        if parts is not None:
            columns.append(_number(parts, most))
        else:
            columns.append([[_cell(text), ""] if is_aligned else [_cell(text)]])
    empty = [["", ""] if is_aligned else [""] for is_aligned in aligned]
    return [
        [cell for cells, none in zip(line, empty, strict=True) for cell in cells or none]
        for line in zip_longest(*columns, fillvalue=[])
    ]


def _number(parts: NumberParts, most: int) -> list[list[str]]:
    """The two cells of a number, line by line."""
    chunks = [parts.decimals[k : k + most] for k in range(0, len(parts.decimals), most)] or [""]
    size = GROUP if len(parts.decimals) > UNGROUPED else most
    texts = [
        r"\,".join(chunk[k : k + size] for k in range(0, len(chunk), size)) for chunk in chunks
    ]
    texts[0] = f".{texts[0]}" if parts.decimals else ""
    texts[-1] += rf" \times 10^{{{int(parts.power)}}}" if parts.power else ""
    wholes = [f"${parts.whole}$"] + [""] * (len(texts) - 1)
    return [[whole, f"${text}$" if text else ""] for whole, text in zip(wholes, texts, strict=True)]


def _cell(text: str) -> str:
    if isinstance(text, Typeset):
        return str(text)
    if text == "inf":
        return r"$\infty$"
    return f"${latex_number(text)}$" if _IN_FORMULA.fullmatch(text) else latex_text(text)
