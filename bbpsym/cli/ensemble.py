"""Spectral methods of any weight from the formulas on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bbpsym.ensemble import Ensemble
from bbpsym.errors import DomainError
from bbpsym.formulas import check_used, read
from bbpsym.labels import labels_of, teacher_labels


def ensemble_of(
    p_star: str | None,
    weight: str,
    law: str | None = None,
    signal: str | None = None,
    noise: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Ensemble:
    """Make an ensemble of texts: of teachers' labels, or of labels with a density.

    Raises
    ------
    FormulaError, DomainError
        If a formula cannot be read or holds a name without a value, or what is given does not go
        together.
    """
    values = values or {}
    texts = {"weight": weight, "law": law, "signal": signal}
    formulas: dict[str, Any] = {
        name: read(text, name, ("y",), values).to_sympy()
        for name, text in texts.items()
        if text is not None
    }
    check_used(values, *(text for text in texts.values() if text is not None))
    if law is None:
        if signal is not None:
            raise DomainError("signal is for a law of its own: give law, the density of y")
        if p_star is None:
            raise DomainError("p_star must be given for the labels of teachers, or else law")
        return Ensemble(formulas["weight"], teacher_labels(p_star, noise or 0))
    if signal is None or p_star is not None or noise is not None:
        raise DomainError("law must come with signal, E[u^2 | y], and without p_star and noise")
    labels = labels_of(formulas["law"], formulas["signal"], name=f"density {law}")
    return Ensemble(formulas["weight"], labels)
