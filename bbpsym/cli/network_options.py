"""Networks from the formulas on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.reading.formulas import check_used, read

#: Names that may be left in a formula; `Network` knows those of a teacher.
NAMES = {"loss": ("y", "yh"), "activation": ("x",), "teacher": ()}


def network_of(
    p: Any, p_star: Any, values: Mapping[str, str] | None = None, **given: Any
) -> Network:
    """Make a network of texts.

    Raises
    ------
    FormulaError, DomainError
        If a formula cannot be read or holds a name without a value, or a number is out of range.
    """
    values = values or {}
    texts = {name: given.pop(name) for name in NAMES if name in given}
    formulas: dict[str, Any] = {
        name: read(text, name, NAMES[name], values).to_sympy() for name, text in texts.items()
    }
    check_used(values, *texts.values())
    return Network(**formulas, **given, p=p, p_star=p_star)
