"""Symbols of what every table may ask or show, wherever its heads are typeset."""

from __future__ import annotations

from collections.abc import Callable

#: Heads of columns in LaTeX, Markdown and HTML; a terminal and CSV have the names.
HEADS = {
    "p": "$p$",
    "p_star": "$p^*$",
    "a": "$a$",
    "alpha": r"$\alpha$",
    "alpha_half": r"$\alpha_{1/2}$",
    "critical_a": r"$a_c$",
    "gamma": r"$\gamma$",
    "sigma": r"$\sigma$",
    "N": "$N$",
    "x": "$x$",
    "density": r"$\rho$",
    "phi": r"$\phi$",
    "overlap2": "$m^2$",
}


def head(name: str, word: Callable[[str], str]) -> str:
    """Return the head of a column: a symbol, a name with symbols in it, or a word.

    Examples
    --------
    >>> head("overlap2", str), head("lowest_overlap2", str), head("seed", str)
    ('$m^2$', 'lowest $m^2$', 'seed')
    """
    parts = name.split("_")
    if name in HEADS or HEADS.keys().isdisjoint(parts):
        return HEADS.get(name) or word(name)
    return " ".join(HEADS.get(part) or word(part) for part in parts)
