"""Formulas wider than a page, in lines that end before a term or a factor, also inside brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: Widest line of a page and of a notebook, in letters.
ROOM = 80

#: Least room for what is broken inside of a fraction or of brackets, in letters.
LEAST = 30

#: A left-hand side that is at most this share of a line has its equals sign beside it.
SHORT = 0.35

_TOKEN = re.compile(
    r"\\(?:left|right)\s*(?:\\[a-z]+|\\.|.)|\\(?:begin|end)\{\w+\}|\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL
)
_SIGNS = ("+", "-", "=", "<", ">", r"\leq", r"\geq", r"\le", r"\ge")

#: Width in letters of what is not one letter wide.
_WIDTHS = {r"\,": 0.3, r"\quad": 2.0, r"\limits": 0.0, r"\displaystyle": 0.0, "&": 0.0}
_WIDTHS |= dict.fromkeys(_SIGNS, 2.2)
_WIDTHS |= {rf"\{word}": len(word) for word in ("tanh", "cosh", "exp", "log", "sin", "cos", "lim")}

#: What a style or an accent is put on, and what has its limits above and below.
_STYLES = (r"\operatorname", r"\mathrm", r"\mathbf", r"\mathbb", r"\hat", r"\text", r"\overline")
_LIMITS = (r"\limits", r"\sum", r"\prod", r"\lim", r"\inf", r"\sup")


@dataclass(frozen=True)
class _Piece:
    """A letter, sign, script, fraction or bracket; what stands between the parts of its frame."""

    text: str
    width: float
    frame: tuple[str, ...] = ()
    rows: tuple[tuple[_Piece, ...], ...] = ()


_Row = Sequence[_Piece]


def broken(text: str, room: float = ROOM) -> str:
    r"""LaTeX of a formula, in lines where it is wider than `room` letters.

    Examples
    --------
    >>> print(broken("a + b"))
    a + b
    >>> print(broken("a + b - c", room=6))
    \begin{aligned}
    &a + b \\
    &\quad - c
    \end{aligned}
    """
    return _set(_parsed(text), room)


def width(text: str) -> float:
    r"""Width of LaTeX in letters, about.

    Examples
    --------
    >>> width(r"\frac{a b}{c}")
    2.5
    """
    return _width(_parsed(text))


def _parsed(text: str) -> _Row:
    return _Reader(_TOKEN.findall(text)).row()


class _Reader:
    """Reads the tokens of a formula, as SymPy writes them."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = iter(tokens)

    def row(self, end: str = "") -> tuple[_Piece, ...]:
        """All pieces up to a token, or to the end."""
        found: list[_Piece] = []
        above = False
        for token in self.tokens:
            if end and token.startswith(end):
                self.last = token
                break
            if token in "^_":
                piece = self._piece(next(self.tokens))
                found.append(_Piece(token + piece.text, 0 if above else 0.7 * piece.width))
                continue
            found.append(self._piece(token))
            above = token in _LIMITS
        return tuple(found)

    def _piece(self, token: str) -> _Piece:
        if token == "{":
            return _framed("{", self.row("}"), "}")
        if token == r"\frac":
            above, below = self._argument(), self._argument()
            return _fraction(r"\frac{", _taller(above), _taller(below))
        if token.startswith(r"\left"):
            inside = self.row(r"\right")
            return _framed(token, inside, self.last, 2.2)
        if token.startswith(r"\begin"):
            inside = self.row(r"\end")
            return _Piece(f"{token}{_text(inside)}{self.last}", _width_of_lines(inside))
        if token in (*_STYLES, r"\sqrt"):
            pieces = self._styled(token == r"\sqrt")
            size = sum(piece.width for piece in pieces) + 1.2 * (token == r"\sqrt")
            return _Piece(token + _text(pieces), size)
        return _Piece(token, 0.0 if token.isspace() else _WIDTHS.get(token, 1.0))

    def _argument(self) -> tuple[_Piece, ...]:
        """What a command is applied to, without its braces."""
        token = next(self.tokens)
        return self.row("}") if token == "{" else (self._piece(token),)

    def _styled(self, is_root: bool) -> list[_Piece]:
        token = next(self.tokens)
        if is_root and token == "[":
            order = _text(self.row("]"))
            return [_Piece(f"[{order}]", 0.5), self._piece(next(self.tokens))]
        return [self._piece(token)]


def _fraction(opening: str, above: _Row, below: _Row) -> _Piece:
    frame, rows = (opening, "}{", "}"), (tuple(above), tuple(below))
    size = max(map(_width, rows)) + 0.5
    return _Piece(_joined(frame, [*map(_text, rows)]), size, frame, rows)


def _taller(row: _Row) -> _Row:
    """A row of a fraction, in which fractions of fractions are set no smaller than it is."""
    return [
        _fraction(r"\dfrac{", *x.rows) if len(x.rows) == 2 and x.text.count("frac{") > 1 else x
        for x in row
    ]


def _framed(opening: str, inside: tuple[_Piece, ...], closing: str, more: float = 0.0) -> _Piece:
    text = opening + _text(inside) + closing
    return _Piece(text, _width(inside) + more, (opening, closing), (inside,))


def _joined(frame: Sequence[str], inside: Sequence[str]) -> str:
    """The parts of a frame with what stands between them."""
    return frame[0] + "".join(x + part for x, part in zip(inside, frame[1:], strict=True))


def _text(row: _Row) -> str:
    return "".join(piece.text for piece in row)


def _width(row: _Row) -> float:
    return sum(piece.width for piece in row)


def _width_of_lines(row: _Row) -> float:
    """Width of a matrix, or of lines that are aligned: that of the widest entries."""
    lines = [[_width(cell) for cell in _split(line, "&")] for line in _split(row, r"\\")]
    columns = max(map(len, lines))
    widest = (max(line[k] for line in lines if k < len(line)) for k in range(columns))
    return sum(widest) + 2.0 * (columns - 1)


def _split(row: _Row, mark: str) -> Iterator[_Row]:
    found: list[_Piece] = []
    for piece in row:
        if piece.text == mark:
            yield found
            found = []
        else:
            found.append(piece)
    yield found


def _set(row: _Row, room: float) -> str:
    """A row, in lines that end before its terms where it is too wide."""
    if _width(row) <= room:
        return _text(row)
    lines = _packed(_terms(row, SHORT * room), room)
    if len(lines) == 1:
        return _set_term(lines[0], room)
    return _aligned([_set_term(line, room - 2 * bool(k)) for k, line in enumerate(lines)])


def _set_term(row: _Row, room: float) -> str:
    """A term, broken inside of its widest factor, or else before its factors."""
    if _width(row) <= room:
        return _text(row)
    widest = max((piece for piece in row if piece.rows), key=lambda x: x.width, default=None)
    if widest is None:
        return _text(row)
    left = room - (_width(row) - widest.width) - 2
    if left >= min(LEAST, room / 2):
        inside = [_set(inner, left) for inner in widest.rows]
        return "".join(_joined(x.frame, inside) if x is widest else x.text for x in row)
    lines = _packed(_factors(row), room)
    if len(lines) == 1:
        return _text(row)
    return _aligned([_set_term(line, room - 2 * bool(k)) for k, line in enumerate(lines)], r"\cdot")


def _aligned(lines: Sequence[str], sign: str = "") -> str:
    first, *others = (line.strip() for line in lines)
    rest = "".join(f" \\\\\n&\\quad {sign} {line}".replace("  ", " ") for line in others)
    return f"\\begin{{aligned}}\n&{first}{rest}\n\\end{{aligned}}"


def _packed(parts: Sequence[_Row], room: float) -> Sequence[_Row]:
    """As many parts in each line as it has room for."""
    lines: list[list[_Piece]] = []
    for part in parts:
        if lines and _width(lines[-1]) + _width(part) <= room - 2 * (len(lines) > 1):
            lines[-1] += part
        else:
            lines.append([*part])
    return lines


def _terms(row: _Row, short: float) -> Sequence[_Row]:
    """The terms of a sum, each with its sign, and the sides of an equation."""
    found: list[list[_Piece]] = [[]]
    for piece in row:
        before = _width(found[-1])
        ends = before > (0 if piece.text in "+-" else short)
        if piece.text in _SIGNS and ends and not _is_sign(found[-1]):
            found.append([])
        found[-1].append(piece)
    return found


def _is_sign(row: _Row) -> bool:
    """Whether a row ends with a sign, so that the next one is of a number."""
    words = [piece.text for piece in row if not piece.text.isspace()]
    return bool(words) and words[-1] in _SIGNS


def _factors(row: _Row) -> Sequence[_Row]:
    """The factors of a term, as SymPy sets them apart; its sign stays with the first."""
    found: list[list[_Piece]] = [[]]
    for piece in row:
        if piece.text.isspace() and _width(found[-1]) and not _is_sign(found[-1]):
            found.append([])
        found[-1].append(piece)
    return found
