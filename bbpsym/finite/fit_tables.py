"""The fits of a whole summary as tables, a row a problem; what cannot be fitted says why."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from tabulate import tabulate

from bbpsym.errors import DomainError
from bbpsym.finite.fits import FEWEST_ALPHA, alpha_zero, crossing, edge_scaling
from bbpsym.finite.summary import Summary


def crossing_table(summary: Summary) -> str:
    """Return the crossings of phi(alpha) of every two sizes that have enough values of alpha."""
    body = []
    names = ("p", "p_star", "a")
    for labels, family in _groups(summary, names):
        sizes = sorted({row.point.N for row in family.rows})
        enough = [N for N in sizes if len(family.select(N=N)) >= FEWEST_ALPHA]
        for pair in itertools.combinations(enough if len(enough) > 1 else sizes, 2):
            cells = _or_why(_crossing, family, pair, 2)
            body.append([*labels, "{}, {}".format(*pair), *cells])
    return _table(summary, names, ["N", "alpha", "phi"], body)


def alpha_zero_table(summary: Summary, above: float) -> str:
    """Return `alpha_0` of every problem and size, from the straight line above `above`."""
    names = ("p", "p_star", "a", "N")
    body = [
        [*labels, *_or_why(_alpha_zero, family, above, 4)]
        for labels, family in _groups(summary, names)
    ]
    return _table(summary, names, ["alpha_0", "slope", "chi2", "freedom"], body)


def edge_table(summary: Summary, edge: float) -> str:
    """Return the fits of the distance of the lowest bulk eigenvalue from `edge`."""
    names = ("p", "p_star", "a", "alpha")
    body = [
        [*labels, *_or_why(_edge, family, edge, 5)] for labels, family in _groups(summary, names)
    ]
    return _table(summary, names, ["N^-b: b", "chi2", "(log N)^-c: c", "chi2", "freedom"], body)


def _crossing(family: Summary, pair: tuple[int, int]) -> list[str]:
    found = crossing(family, *pair)
    return [str(found.alpha), f"{found.phi:.2f}"]


def _alpha_zero(family: Summary, above: float) -> list[str]:
    line = alpha_zero(family, above=above)
    return [str(line.zero), str(line.slope), f"{line.chi2:.1f}", str(line.freedom)]


def _edge(family: Summary, edge: float) -> list[str]:
    sizes = np.array([row.point.N for row in family.rows])
    bulk, error = family.column("bulk")
    fit = edge_scaling(sizes, bulk - edge, error)
    power, log = f"{fit.power_chi2:.1f}", f"{fit.log_chi2:.1f}"
    return [str(fit.power), power, str(fit.log_power), log, str(fit.freedom)]


def _or_why(
    fit: Callable[[Summary, Any], list[str]], family: Summary, argument: object, cells: int
) -> list[str]:
    """Cells of a fit and an empty note, or a note that says why there is no fit."""
    try:
        return [*fit(family, argument), ""]
    except DomainError as error:
        return [""] * cells + [str(error)]


def _groups(summary: Summary, names: tuple[str, ...]) -> list[tuple[tuple[Any, ...], Summary]]:
    """Rows that share the named parameters and are of one network, in order of these."""
    names += summary.others
    keys = sorted({tuple(getattr(row.point, name) for name in names) for row in summary.rows})
    return [(key, summary.select(**dict(zip(names, key, strict=True)))) for key in keys]


def _table(
    summary: Summary, names: tuple[str, ...], head: list[str], body: list[list[object]]
) -> str:
    return tabulate(body, [*names, *summary.others, *head, ""], disable_numparse=True)
