"""Models with results of their own: who answers for them, and on which side."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from bbpsym.errors import DomainError
from bbpsym.numerics.curve import LEFT


def own_answers(model: Any, verb: str, certified: bool = False) -> Callable[..., Any] | None:
    """What answers in place of a verb for a model with results of its own, or None.

    It is the function `NAME_VERB` of the module `bbpsym.answers.NAME` that the model names.

    Raises
    ------
    DomainError
        If balls are asked of it.
    """
    home = getattr(model, "answers", None)
    if home is None:
        return None
    if certified:
        raise DomainError(f"certified must be False for {model!r:.60}: its averages have no bounds")
    name = home.rpartition(".")[2]
    return getattr(import_module(home), f"{name}_{verb}")


def side_seen(model: Any) -> str:
    """The side that is looked at unless another one is asked for."""
    return str(getattr(model, "side_seen", LEFT))
