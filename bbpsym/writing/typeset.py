"""Formulas that are written plainly in prose, `-p/2 < g < 0`, become formulas between dollars."""

from __future__ import annotations

import re

_GREEK = "alpha|lambda|Lambda|sigma|Sigma|gamma|Gamma|theta|kappa|delta|tau|rho|phi|xi|mu"

#: A letter with what hangs on it, a number, and what stands in brackets.
_INDEX = r"(?:_(?:(?:BBP|min|max|star|infinity|[A-Za-z0-9]{1,2})(?!\w)|[*+-](?!\w)))?"
_POWER = r"(?:\^(?:\{[^{}]*\}|-?\w+))?"
_LETTER = rf"(?:yh|infinity|(?:{_GREEK}|[A-Za-z])'{{0,2}}{_INDEX}(?:\*(?!\w))?)(?![A-Za-z])"
_NUMBER = r"\d+(?:\.\d+)?(?:e-?\d+)?(?!\w|\.\d)\+?"
_PLAIN = rf"(?:{_LETTER}{_POWER}|{_NUMBER}{_POWER})"
_INSIDE = rf"(?:{_PLAIN}|[-+/ ,])+"
_ATOM = rf"(?:{_LETTER}\({_INSIDE}\)|{_PLAIN}|\({_INSIDE}\){_POWER}|\|{_INSIDE}\|{_POWER})"
_TERM = rf"-?{_ATOM}(?: (?!a [a-z]{{2}}){_ATOM}|/{_ATOM})*"  # "a" may be the article
_SIGN = r"(?: (?:<=|>=|!=|->|[-<>=+]) )"
_LEFT, _RIGHT = r"(?<![\w`$\\^({|*'-])", r"(?![\w({*^'|\[]|-\w)"
_FORMULA = re.compile(rf"{_LEFT}{_TERM}(?:{_SIGN}{_TERM})+{_RIGHT}")

#: Alone, only what can be nothing else: an index, a power, a Greek letter.
_NAME = re.compile(
    rf"{_LEFT}(?:yh|p\*|p p\*|[A-Za-z](?=_){_INDEX}|[A-Za-z]\^\d+|-?\w/p|"
    rf"(?:{_GREEK})'{{0,2}}{_INDEX}){_RIGHT}"
)

_SIGNS = {"->": r"\to", "<=": r"\le", ">=": r"\ge", "!=": r"\ne"}


def typeset(text: str) -> str:
    r"""Put formulas of a prose that is plain otherwise between dollars; what stands there stays.

    Examples
    --------
    >>> print(typeset("-p/2 < g < 0; u^2 -> y above alpha_BBP."))
    $-p/2 < g < 0$; $u^{2} \to y$ above $\alpha_{\mathrm{BBP}}$.
    >>> print(typeset("a simple pole of `m^2`, where $x$ is"))
    a simple pole of `m^2`, where $x$ is
    >>> print(typeset("for p > 2 a sample"))
    for $p > 2$ a sample
    """
    for pattern in (_FORMULA, _NAME):
        parts = re.split(r"(\$[^$]*\$|`[^`]*`)", text)
        parts[::2] = [pattern.sub(lambda found: _latex(found[0]), part) for part in parts[::2]]
        text = "".join(parts)
    return text


def words(text: str) -> str:
    r"""Write a prose for Markdown: formulas typeset, stars and underscores as they are.

    Examples
    --------
    >>> print(words("lambda_* of a_file"))
    $\lambda_*$ of a\_file
    """
    parts = typeset(text).split("$")
    parts[::2] = [re.sub(r"([*_])", r"\\\1", part) for part in parts[::2]]
    return "$".join(parts)


def _latex(formula: str) -> str:
    """A formula as it is typed becomes one of LaTeX."""
    text = re.sub(r"\^(-?\w+)", r"^{\1}", formula)
    text = text.replace("_star", "*")
    text = re.sub(r"_(BBP|sh|min|max)\b", r"_{\\mathrm{\1}}", text)
    text = re.sub(r"_([A-Za-z0-9]+)\b", r"_{\1}", text)
    text = re.sub(r"(?<![_^])\*", "^*", text)
    text = re.sub(r"(\d)e(-?\d+)", r"\1 \\times 10^{\2}", text)
    text = re.sub(rf"(?<![A-Za-z\\])({_GREEK})(?![A-Za-z])", r"\\\1", text)
    text = text.replace("yh", r"\hat y").replace("infinity", r"\infty")
    for plain, sign in _SIGNS.items():
        text = text.replace(plain, sign)
    return f"${text}$"
