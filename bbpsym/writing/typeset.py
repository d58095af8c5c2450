"""Mathematics that stands among words, as `1/f_- < g < 0`, between dollars for pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bbpsym.writing.display import latex_number

#: Names of more than one letter, and what LaTeX calls them.
NAMES = {
    word: rf"\{word}"
    for word in (
        *("alpha", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu"),
        *("xi", "pi", "rho", "sigma", "tau", "phi", "psi", "Gamma", "Sigma", "ell"),
        *("exp", "log", "lim"),
    )
}
NAMES |= {"yh": r"\hat{y}", "oo": r"\infty", "inf": r"\infty", "infinity": r"\infty", "star": "*"}
NAMES["sum"] = r"\sum"
NAMES |= {word: rf"\mathrm{{{word}}}" for word in ("BBP", "sh", "sm", "min", "max", "tr", "Var")}

#: Operations, and how they are written.
OPERATIONS = {"->": r"\to", "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "~": r"\sim", ".": r"\cdot"}
OPERATIONS |= {mark: mark for mark in "=<>+-/"} | {"*": "", "×": r"\times"}

#: Letters and names that are words where no operation stands beside them.
WORDS = {"a", "A", "I", "inf", "infinity", "star", "min", "max", "sum"}

_SPARED = re.compile(r"(`[^`]*`|\$[^$]*\$)")
_TOKEN = re.compile(r"(?P<before>[(\[]*)(?P<inside>.*?)(?P<after>('s)?[,;:.)\]]*)", re.DOTALL)
_GROUPS = (
    re.compile(r"\([^()]*\)"),
    re.compile(r"(?<![\w)])<(?! )[^<>=]+>"),
    re.compile(r"(?<!\w)[A-Z]\[[^\[\]]*\]"),  # a mean, as E[u^2 | y]
)
_TIMES = re.compile(r"(?<![\w.*])(\d+|p\*?|n|N) x (?=(?:\d+|p\*?|n|N)(?![\w*]))")
_NUMBER = re.compile(r"\d+(\.\d+)?(e[+-]?\d+)?\+?")
_PIECE = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?\+?(?!\w))"
    r"|sqrt\((?P<root>[^()]*)\)|<(?P<mean>[^ <>=][^<>=]*)>"
    r"|(?P<of>[A-Z]\[)"
    r"|(?P<name>[A-Za-z]+)(?P<star>\*(?![\w(]))?|_(?P<sub>[A-Za-z]+|\d+|[-+*]|\([^()]*\)|\{[^{}]*\})"
    r"|\^(?P<sup>-?\w+|\*|\([^()]*\)|\{[^{}]*\})"
    r"|(?P<sign>->|<=|>=|!=|[=<>+\-*/×])|(?P<mark>[()'|,\x00\]])"
)

#: A space that does not divide two words.
_TIED = "\x00"


def typeset(text: str, plain: Callable[[str], str] = str, code: Callable[[str], str] = str) -> str:
    r"""Put what is mathematics between dollars, and leave what is already, and code.

    Parameters
    ----------
    plain, code : callable
        What is done to words, and to code with its backticks.

    Examples
    --------
    >>> print(typeset("as y -> oo, a smooth edge where alpha_c < 1/f_- in (44)"))
    as $y \to \infty$, a smooth edge where $\alpha_{c} < 1/f_{-}$ in (44)
    """
    found = []
    for k, part in enumerate(_SPARED.split(text)):
        if k % 2:
            found.append(part if part[0] == "$" else code(part))
        else:
            found += [x if x[:1] == "$" else plain(x) for x in _parts(part)]
    return "".join(found)


def words(text: str) -> str:
    r"""Write a prose for Markdown: formulas typeset, stars and underscores as they are.

    Examples
    --------
    >>> print(words("lambda_* of a_file"))
    $\lambda_{*}$ of a\_file
    """
    return typeset(text, escaped)


def escaped(text: str) -> str:
    """Words for Markdown, in which stars and underscores are no marks."""
    return re.sub(r"([*_])", r"\\\1", text)


def _parts(text: str) -> Iterator[str]:
    """Words with their spaces, and runs of mathematics between dollars."""
    text = _TIMES.sub(r"\1 × ", text)
    for group in _GROUPS:
        text = group.sub(_tied, text)
    words = re.split(r"(\s+)", text)
    tokens, spaces = words[::2], [*words[1::2], ""]
    run: list[str] = []
    before = after = ""
    for k, (token, space) in enumerate(zip(tokens, spaces, strict=True)):
        head, inside, tail = _split(token)
        known = _is_maths(inside, tokens[max(k - 1, 0) : k], tokens[k + 1 : k + 2])
        if _NUMBER.fullmatch(inside):
            known = known or any(x in OPERATIONS for x in run)
        if run and (not known or head):
            yield from (_set(run), after)
            run, after = [], ""
        if not known:
            yield token.replace(_TIED, " ") + space
            continue
        if not run:
            before = head
            if before:
                yield before
        run.append(inside)
        after = tail + space
        if tail or "\n" in space:
            yield from (_set(run), after)
            run, after = [], ""
    if run:
        yield from (_set(run), after)


def _split(token: str) -> tuple[str, str, str]:
    """Brackets and stops around a token that do not belong to it."""
    match = _TOKEN.fullmatch(token)
    assert match is not None
    head, inside, tail = match.group("before", "inside", "after")
    pairs = {")": "(", "]": "["}
    while tail[:1] in pairs and inside.count(pairs[tail[0]]) > inside.count(tail[0]):
        inside, tail = inside + tail[0], tail[1:]
    while head[-1:] == "(" and inside.count(")") > inside.count("("):
        head, inside = head[:-1], "(" + inside
    return (head, inside, tail) if inside else ("", token, "")


def _is_maths(token: str, before: list[str], after: list[str]) -> bool:
    """Whether a token is mathematics: a sign beside a formula, a formula, or a letter."""
    beside = [_split(other)[1] for other in (*before, *after)]
    if token in OPERATIONS:
        return len(beside) == 2 and all(_latex(x) or x in OPERATIONS for x in beside)
    if token in WORDS or _NUMBER.fullmatch(token):
        return any(x in OPERATIONS for x in beside if x != ".")
    return bool(_latex(token))


def _tied(match: re.Match[str]) -> str:
    """A group whose parts are all mathematics, as one token; else as it is."""
    inside = re.split(r"[(<\[]", match[0][:-1], maxsplit=1)[1]
    words = [word for word in re.split(r",? ", inside) if word != "|"]
    signs = any(word in OPERATIONS for word in words)
    applied = re.search(r"[\w/^]$", match.string[: match.start()])
    if not (signs or applied or match[0][0] != "("):
        return match[0]
    known = all(word in OPERATIONS or word in WORDS or _latex(word) for word in words)
    return match[0].replace(" ", _TIED) if known else match[0]


def _latex(token: str) -> str:
    """LaTeX of a formula without spaces; nothing if it is none."""
    found, place = [], 0
    while place < len(token):
        piece = _PIECE.match(token, place)
        if piece is None:
            return ""
        written = _piece(piece)
        if not written and piece[0] != "*":
            return ""
        found.append(written)
        place = piece.end()
    if any(token.count(left) != token.count(right) for left, right in ("()", "[]")):
        return ""
    if not re.search(r"\w", token):
        return ""
    return _joined(found)


def _joined(pieces: list[str]) -> str:
    """Pieces side by side, with a space where a command would run into a letter."""
    text = ""
    for piece in pieces:
        text += " " * bool(re.search(r"\\[A-Za-z]+$", text) and piece[:1].isalpha()) + piece
    return text


def _piece(piece: re.Match[str]) -> str:
    number, root, mean, of, name, star, sub, sup, sign, mark = piece.groups()
    if number:
        return latex_number(number.strip("+")) + "^+" * number.endswith("+")
    if mark or of:
        return " " if mark == _TIED else mark or of
    if root or mean:
        inside = _latex(root or mean)
        return inside and (rf"\sqrt{{{inside}}}" if root else rf"\langle {inside} \rangle")
    if index := sub or sup:
        plain = index in "-+*" or (sub and index.isalpha() and len(index) == 2)  # as in x_qr
        inside = NAMES.get(index, index) if plain else _latex(index.strip("(){}"))
        raised = bool(sup) or index == "star"
        return inside and f"{'^' if raised else '_'}{{{inside}}}"
    if name:
        known = NAMES.get(name, name if len(name) == 1 else "")
        return known and known + ("^*" if star else "")
    return OPERATIONS[sign]


def _set(run: list[str]) -> str:
    """A run of tokens between dollars."""
    return f"${' '.join(OPERATIONS.get(token) or _latex(token) for token in run)}$"
