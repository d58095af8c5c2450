"""Models with results of their own: who answers for them, and on which side."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeAlias

from bbpsym.errors import DomainError
from bbpsym.numerics.curve import LEFT

if TYPE_CHECKING:
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
    from bbpsym.ensembles.multi_index import OptimalMethod
    from bbpsym.ensembles.sample_covariance import SampleCovariance
    from bbpsym.ensembles.two_layer import Network
    from bbpsym.model import Model
    from bbpsym.wishart import Ensemble

    #: What may be asked about: with averages over one law, and of any kind.
    Averaged: TypeAlias = Model | Ensemble | OptimalMethod
    Matrix: TypeAlias = Averaged | Network | DeformedGaussian | SampleCovariance
else:
    Averaged = Matrix = Any

#: What such a model may be asked.
VERBS = ("edge", "threshold", "outliers", "density")


def own_answers(model: Any, verb: str, certified: bool = False) -> Callable[..., Any] | None:
    """What answers in place of a verb for a model with results of its own, or None.

    It is the function `NAME_VERB` of the module `bbpsym.answers.NAME` that the model names.

    Raises
    ------
    DomainError
        If balls are asked of it, or it has no answer to the verb.
    """
    home = getattr(model, "answers", None)
    if home is None:
        return None
    name = home.rpartition(".")[2]
    found = vars(import_module(home))
    if f"{name}_{verb}" not in found:
        known = [other for other in VERBS if f"{name}_{other}" in found]
        raise DomainError(f"{verb} has no answer for {model!r:.60}: {', '.join(known)} have")
    answer: Callable[..., Any] = found[f"{name}_{verb}"]
    if not certified:
        return answer
    if "certified" not in signature(answer).parameters:
        raise DomainError(f"certified must be False for {model!r:.60}: its averages have no bounds")
    return partial(answer, certified=True)


def side_seen(model: Any) -> str:
    """The side that is looked at unless another one is asked for."""
    return str(getattr(model, "side_seen", LEFT))
