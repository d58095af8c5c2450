"""Names and stages of the steps that a derivation shares with the chapters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Stages of a derivation, in their order.
NETWORK, MATRIX, BULK, EDGES, OUTLIER, OVERLAP, AVERAGES, CLOSED, LIMITS, NUMBERS = (
    "The network",
    "The weight matrix",
    "The bulk",
    "The edges",
    "The outlier",
    "The overlap",
    "The averages",
    "Closed forms",
    "Limits and expansions",
    "Numbers",
)

#: Name of a step by the id of its record, where that is not the record's title.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "1": "teacher",
        "2": "student",
        "3": "loss",
        "4": "Hessian",
        "5": "weight matrix",
        "48": "eigenvalues",
        "28": "resolvent equation",
        "29": "rotated weights",
        "30": "rotated resolvent",
        "commutant": "symmetry",
        "31": "Stieltjes equation",
        "41": "inverse Stieltjes transform",
        "43": "slope",
        "42": "domain",
        "44": "sharp edge",
        "45": "square root",
        "46": "smooth edge",
        "49": "alpha_c",
        "34": "signal self-energy",
        "35": "signal self-energy, scalar resolvent",
        "36": "signal self-energy, rotated weights",
        "37": "signal self-energy, rotated",
        "38": "signal block",
        "39": "outlier",
        "40": "outlier equation",
        "14": "threshold condition",
        "55": "residue",
        "56": "residue of the signal block",
        "57": "slope of the self-energy",
        "58": "overlap",
        "curves": "curves",
        "alpha-BBP": "threshold",
        "alpha-c": "alpha_c in closed form",
        "jump": "jump",
        "17": "limit p -> infinity",
    }
)

#: Names of the steps that no chapter tells.
OTHERS = (
    *("weight", "averages", "no left edge", "no smooth edge", "confined directions"),
    *("rate of approach", "weight for p -> infinity", "first order in 1/p"),
    *("threshold, first order in 1/p", "threshold, second order in 1/p", "threshold in numbers"),
    *("slopes of the transforms", "outlier equation, trivial sector", "overlap, trivial sector"),
    *("outlier equation, alternating sector", "overlap, alternating sector", "sampled matrices"),
    "outlier equation along the student",
)

#: First words of a title that keep their capital.
PROPER = ("Stieltjes", "Dyson")

#: Stages of the paper's chapters, by their first number.
CHAPTERS: Mapping[str, str] = MappingProxyType(
    {
        "01": MATRIX,
        "02": BULK,
        "03": OUTLIER,
        "04": EDGES,
        "05": OVERLAP,
        "06": "Closed forms, limits and expansions",
    }
)


def name_of(record_id: str, title: str) -> str:
    """Name of the step that shows a record."""
    plain = title if title.startswith(PROPER) else title[:1].lower() + title[1:]
    return NAMES.get(record_id, plain)


def is_common(name: str) -> bool:
    """Whether some network has a step of that name or number, beside the paper's own."""
    limit = name.endswith((" -> 0", " -> infinity"))  # of any parameter
    return limit or name in (*NAMES, *NAMES.values(), *OTHERS)
