"""The quantities of a claim from the engine, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from bbpsym.answers.crossover import critical_a
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.recognised import paper_model
from bbpsym.answers.threshold import threshold
from bbpsym.claims.words import AT_ALPHA, QUANTITIES
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError, PrecisionError, quoted
from bbpsym.numerics.curve import LEFT
from bbpsym.numerics.networks.network_digits import supported
from bbpsym.numerics.networks.network_side import NetworkSide

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
        answer = _answered(quantity.question, problem, alpha, side, digits)
        if getattr(answer, "digits", digits) < digits:
            raise PrecisionError(f"{name} is known to {answer.digits} digits only")
        found[name] = getattr(answer, quantity.attribute, None) if quantity.attribute else answer
        if found[name] is None:
            raise DomainError(f"{name} is not known for {quoted(problem, 60)}")
    return found


def reach(names: Iterable[str], problem: Network, alpha: Any, side: str = LEFT) -> int:
    """Digits that double precision leaves of quantities of a network.

    Raises
    ------
    BBPError
        If the engine refuses.
    """
    questions = {QUANTITIES[name].question for name in names}
    return min(_asked(question, problem, alpha, side, None).digits for question in questions)


def is_dear(problem: Any) -> bool:
    """Whether a single answer takes seconds: averages over more than two Gaussian variables."""
    if not isinstance(problem, Network) or problem.is_radial:
        return False
    return len(problem.frame) + (problem.noise != 0) > 2


def has_digits(problem: Any, side: str, far: bool = False) -> bool:
    """Whether more digits than those of double precision are computed for a network.

    For a limit, `far`, they are asked for at many points: averages in a plane take too long there.
    """
    if not isinstance(problem, Network):
        return False
    if paper_model(problem) is not None:
        return True
    law = NetworkSide(problem, side).law
    return supported(law) and not (far and len(law.variables) > 1)


def _answered(question: str, problem: Any, alpha: Any, side: str, digits: int) -> Any:
    """An answer to so many digits; of a network in double precision where that has them."""
    if isinstance(problem, Network):
        found = _asked(question, problem, alpha, side, None)
        if found.digits >= digits:
            return found
    return _asked(question, problem, alpha, side, digits)


def _asked(question: str, problem: Any, alpha: Any, side: str, digits: int | None) -> Any:
    return ask(question, problem, alpha if question in AT_ALPHA else None, side, digits)
