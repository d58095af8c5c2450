"""The quantities of a claim from the engine, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from bbpsym.answers.crossover import critical_a
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.threshold import threshold
from bbpsym.claims.words import QUANTITIES
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.numerics.curve import LEFT

#: Parameters of the paper's model.
PARAMETERS = ("p", "p_star", "a")


@lru_cache(maxsize=4096)
def ask(question: str, problem: Any, alpha: Any, side: str, digits: int | None) -> Any:
    """One answer of the engine; double precision without digits.

    Raises
    ------
    BBPError
        If there is none.
    """
    if question == "critical_a":
        return critical_a(problem.p, problem.p_star, digits)
    if question == "threshold":
        return threshold(problem, digits, side=side)
    verb: Callable[..., Any] = edge if question == "edge" else outlier
    found = verb(problem, alpha, digits, side=side)
    if found is None:
        raise DomainError(f"there is no outlier at alpha = {alpha}")
    return found


def quantities(
    names: Iterable[str], problem: Any, alpha: Any, digits: int, side: str = LEFT
) -> Mapping[str, Any]:
    """Quantities at a point, each to so many digits.

    Parameters
    ----------
    names : iterable of str
        Names in `QUANTITIES`.
    problem : Model, Ensemble or Network
        What is asked about.
    alpha : Fraction or None
        Signal-to-noise ratio, for those that depend on it.

    Raises
    ------
    BBPError
        If the engine refuses.
    """
    found = {}
    for name in names:
        quantity = QUANTITIES[name]
        at = None if quantity.question in ("threshold", "critical_a") else alpha
        answer = ask(quantity.question, problem, at, side, digits)
        if getattr(answer, "digits", digits) < digits:
            raise PrecisionError(f"{name} is known to {answer.digits} digits only")
        found[name] = getattr(answer, quantity.attribute, None) if quantity.attribute else answer
        if found[name] is None:
            raise DomainError(f"{name} is not known for {problem!r:.60}")
    return found
