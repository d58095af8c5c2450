"""Averages over the descents of a store, with bootstrap errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.average_table import UNKNOWN, AverageTable
from bbpsym.finite.descended import ALONG, DESCENT, Descended
from bbpsym.finite.descent import MILESTONES, Descent
from bbpsym.finite.estimate import Measured, bounded
from bbpsym.finite.store import averaged
from bbpsym.finite.summary import bootstrap
from bbpsym.reading import floats

#: What a path is looked at by name: times, and the end.
WHEN = (*map(str, MILESTONES), "end")

_FRACTIONS = ("found", "rest", "rises")
_MEANS = (*_FRACTIONS, *(f"{name}_{when}" for name in ALONG for when in WHEN))
#: Squared overlaps at the end of the halves of the samples with the smaller and the larger one at
#: an early time, of those in `MILESTONES`.
_HALVES, EARLY = ("end_below", "end_above"), 30
COLUMNS = (*_MEANS, *_HALVES)
PARAMETERS = tuple(field.name for field in fields(Descent) if field.name != "side")

#: Mean squared overlap at which descent is said to set in.
HALF = 0.5

#: Columns of the printed table; CSV has all.
_SHOWN = (
    *("found", "overlap2_0", "overlap2_100", "overlap2_end", "loss_end"),
    *("lowest_0", "lowest_overlap2_0", "lowest_100", "lowest_overlap2_100"),
)


@dataclass(frozen=True, eq=False)
class DescentAverages(floats.Arrays):
    """Averages over the descents at one point.

    Attributes
    ----------
    point : Descent
        The parameters.
    samples : int
        How many descents were averaged.
    estimates : mapping
        `found`, `rest` and `rises`, the fractions of samples that found the teacher, came to rest
        and had a step that raised the loss; and `loss`, `overlap2`, `lowest` and
        `lowest_overlap2` of `Descended`, each with the time at its end (NaN where the descents
        ended before), as in `overlap2_100`
        and `overlap2_end`; `end_below` and `end_above`, the last of these for the half of the
        samples with the smaller and the larger `overlap2_30`, which say what is decided by then.
    """

    point: Descent
    samples: int
    estimates: Mapping[str, Measured]


@dataclass(frozen=True, repr=False)
class DescentSummary(AverageTable[DescentAverages]):
    """A table of averages, a row a point; prints as text, HTML, LaTeX, CSV or JSON.

    Attributes
    ----------
    rows : tuple of DescentAverages
        Ordered by p, p_star, a, N, alpha, start, space, fraction and time.
    columns : tuple of str
        Names of the columns that are shown; without any all in CSV, and some elsewhere.

    Examples
    --------
    >>> from bbpsym.figures.simulations import data_file
    >>> DescentSummary.from_csv(data_file("descents.csv")).rows[0].point.N
    100
    """

    parameters = PARAMETERS
    measured = COLUMNS
    kind = "a summary of descents"

    def onset(self) -> Measured | None:
        """Return the alpha at which the mean squared overlap at the end passes one half.

        A straight line joins the two values of alpha between which it first does; the error is that
        of their means. None where it does not, or where rows differ in more than alpha.
        """
        alpha = np.array([row.point.alpha for row in self.rows])
        if len({replace(row.point, alpha=1.0) for row in self.rows}) != 1:
            return None
        m2, errors = self.column("overlap2_end")
        passing = np.flatnonzero((m2[:-1] < HALF) & (m2[1:] >= HALF))
        if not len(passing):
            return None
        pair = slice(passing[0], passing[0] + 2)
        (low, high), width = m2[pair], float(np.diff(alpha[pair])[0])
        share = (HALF - low) / (high - low)
        error = np.hypot(*(errors[pair] * [1 - share, share])) * width / (high - low)
        return Measured(float(alpha[pair][0] + share * width), float(error))

    def onsets(self) -> str:
        """Return a table of `onset`, a row for all that differs in alpha alone."""
        groups: dict[Descent, list[DescentAverages]] = {}
        for row in self.rows:
            groups.setdefault(replace(row.point, alpha=1.0), []).append(row)
        names = [name for name in self._names if name != "alpha"]
        body = [
            [str(getattr(point, name)) for name in names]
            + [", ".join(f"{row.point.alpha:g}" for row in rows)]
            + [str(DescentSummary(tuple(rows)).onset() or "")]
            for point, rows in groups.items()
        ]
        return str(tabulate(body, [*names, "alpha", "onset"], disable_numparse=True))

    @property
    def _names(self) -> list[str]:
        """Parameters that are shown: the network where it is not always the paper's."""
        others = any(row.point.network != PAPER for row in self.rows)
        return [name for name in PARAMETERS if name != "network" or others]

    @property
    def _usual(self) -> tuple[str, ...]:
        return (*self._names, "samples", *_SHOWN)

    def _estimate(self, row: DescentAverages, name: str) -> Measured:
        return row.estimates[name]

    def _text(self, estimate: Any, samples: int) -> str:
        return "" if np.isnan(estimate.value) else str(estimate)

    def _numbers(self, estimate: Any) -> tuple[str, str]:
        return f"{estimate.value:.6g}", f"{estimate.error:.3g}"

    def _cells(self, row: DescentAverages, name: str) -> tuple[Any, ...]:
        """The paper's network has no name."""
        is_papers = name == "network" and row.point.network == PAPER
        return ("",) if is_papers else super()._cells(row, name)

    @staticmethod
    def _parse(record: Mapping[str, str]) -> DescentAverages:
        values: dict[str, Any] = {name: record[name] for name in PARAMETERS}
        for name in ("N", "p", "p_star"):
            values[name] = int(values[name])
        for name in ("a", "alpha", "fraction", "time"):
            values[name] = float(values[name])
        network = values["network"]
        values["network"] = Architecture.from_text(network) if network else PAPER
        estimates = {n: Measured(float(record[n]), float(record[f"{n}_error"])) for n in COLUMNS}
        return DescentAverages(Descent(**values), int(record["samples"]), estimates)


def holds_descents(path: str | Path) -> bool:
    """Whether a store, or a summary in CSV, is one of descents, by its first line."""
    try:
        with open(path, encoding="utf-8") as file:
            first = file.readline()
    except (OSError, UnicodeDecodeError):
        return False  # whoever reads it says why
    return f'"{DESCENT.name}"' in first or first.strip().split(",") in DescentSummary._headers()


@floats.own_settings
def summarize_descents(store: str | Path, *, resamples: int = 400) -> DescentSummary:
    """Average the descents of a store, point by point, with bootstrap errors.

    Parameters
    ----------
    store : path-like
        File written by `bbpsym descend`, or by `sweep` with `what=DESCENT`.
    resamples : int
        Bootstrap resamples behind each error, at least 2.

    Returns
    -------
    DescentSummary

    Raises
    ------
    StorageError
        When the file is missing, foreign, corrupt or empty.

    Examples
    --------
    >>> print(summarize_descents("descents.jsonl"))  # doctest: +SKIP
    """
    rng = np.random.default_rng(0)
    average = partial(_averages, resamples=resamples, rng=rng)
    return DescentSummary(averaged(store, average, what=DESCENT))


def _averages(
    point: Descent, samples: list[Descended], resamples: int, rng: np.random.Generator
) -> DescentAverages:
    columns = np.array([_measured(sample) for sample in samples], dtype=float)
    estimates = dict(zip(_MEANS, bootstrap(columns, resamples, rng), strict=True))
    for name in (f"{name}_{time}" for name in ALONG for time in MILESTONES if time > point.time):
        estimates[name] = UNKNOWN
    rising = sorted(samples, key=lambda sample: sample.overlap2[MILESTONES.index(EARLY)])
    ends = np.array([[sample.overlap2[-1]] for sample in rising])
    for name, half in zip(_HALVES, np.array_split(ends, [len(ends) // 2]), strict=True):
        estimates |= {name: bootstrap(half, resamples, rng)[0] if len(half) else UNKNOWN}
    estimates = bounded(estimates, _FRACTIONS, len(samples))
    return DescentAverages(point, len(samples), estimates)


def _measured(sample: Descended) -> list[float]:
    """One sample's entries in the columns."""
    fractions = [sample.found, sample.rest is not None, sample.rises > 0]
    return [*map(float, fractions), *(x for name in ALONG for x in getattr(sample, name))]
