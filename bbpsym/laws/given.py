"""Laws of eigenvalues as users give them: of a diagonal, of a population."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bbpsym.errors import DomainError, quoted
from bbpsym.laws.labels import Labels, discrete_labels, labels_of


def given_law(given: Any, name: str) -> Labels:
    """Return the law of an argument: as it is, of few values, or of a distribution of SciPy.

    Raises
    ------
    DomainError
        If it is none of these.
    """
    if isinstance(given, Labels):
        return given
    if isinstance(given, Mapping):
        return discrete_labels(given, 1, "few values")
    if hasattr(given, "pdf"):
        return labels_of(given, 1, name="given density")
    raise DomainError(
        f"{name} must be Labels (as from labels_of), probabilities of values or a continuous "
        f"distribution, not {quoted(given)}"
    )
