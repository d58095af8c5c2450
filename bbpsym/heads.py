"""Symbols of what every table may ask or show, wherever its heads are typeset."""

from __future__ import annotations

#: Heads of columns in LaTeX, Markdown and HTML; a terminal and CSV have the names.
HEADS = {
    "p": "$p$",
    "p_star": "$p^*$",
    "a": "$a$",
    "alpha": r"$\alpha$",
    "gamma": r"$\gamma$",
    "sigma": r"$\sigma$",
    "N": "$N$",
    "x": "$x$",
    "density": r"$\rho$",
    "phi": r"$\phi$",
}
