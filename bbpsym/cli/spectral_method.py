"""Spectral methods of any weight from the formulas on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from bbpsym.ensembles.methods import of_teachers
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError
from bbpsym.laws.labels import labels_of, teacher_labels
from bbpsym.numerics.label_measure import LabelLaw
from bbpsym.numerics.label_rule import double_rule
from bbpsym.reading.formulas import check_used, read
from bbpsym.symbols import signal_factor

#: How far from one the mean of a signal factor may be before it is told.
UNEQUAL = 1e-8


def ensemble_of(
    weight: str,
    p_star: Any = None,
    law: str | None = None,
    signal: str | None = None,
    noise: Any = None,
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
        if noise:
            return Ensemble(formulas["weight"], teacher_labels(p_star, noise))
        return of_teachers(formulas["weight"], p_star)
    if signal is None:
        raise DomainError("signal must be given with law: E[u^2 | y], as in y^2/2")
    for name, text in (("p_star", p_star), ("noise", noise)):
        if text is not None:
            raise DomainError(
                f"{name} must not be given with law: it is for the labels of teachers"
            )
    labels = labels_of(formulas["law"], formulas["signal"], name=f"density {formulas['law']}")
    ensemble = Ensemble(formulas["weight"], labels)
    _tell_the_mean(ensemble)
    return ensemble


def _tell_the_mean(ensemble: Ensemble) -> None:
    """Say on standard error that the signal factor has a mean other than one.

    It may be meant so, for a spiked covariance, or be forgotten.
    """
    measure: Any = ensemble.whole.measure
    rule = double_rule(measure.frame, LabelLaw.FIRST)
    signal = rule.values[signal_factor]
    mean, coarse = (float(signal @ share) for share in (rule.share, rule.coarse))
    if abs(mean - 1) > max(UNEQUAL, abs(mean - coarse)):
        told = f"bbpsym: signal has the mean {mean:.6g} over law, not 1 as for covariance 1/N"
        click.echo(told, err=True)
