"""Networks that are the paper's, recognised by their structure: more digits by its own road."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import simplify

from bbpsym.ensembles.networks.setting import MEAN
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.equations.weights import argument, prediction
from bbpsym.model import Model
from bbpsym.symbols import label

#: Sectors of the outliers that the paper's model has, of which there are p p*.
PAPERS = ("signal", "teacher", "standard")


@lru_cache(maxsize=32)
def paper_model(network: Network) -> Model | None:
    """The model that a network is, or None: nodes `x^2`, means, the loss (3) with some a > 0."""
    nodes = (network.student, network.student if network.teacher is None else network.teacher)
    plain = network.output == MEAN and not (network.noise or network.overlap)
    if not plain or any(node != argument**2 for node in nodes):
        return None
    a = simplify((label - prediction) ** 2 / (2 * network.loss) - label)
    if a.free_symbols or not a.is_positive:
        return None
    return Model(network.p, network.p_star, a)


def papers_digits(
    network: Network, ask: Callable[[Model, int], Any], *names: str
) -> Callable[[int], dict[str, Any]] | None:
    """What gives numbers of the paper's model, in the units of networks; None if it is none.

    Those that are named are asked of the model, to a number of digits.
    """
    model = paper_model(network)
    if model is None:
        return None
    unit = 2 if network.is_limit else 1  # the paper's is 2/p, a network's 1/p

    def more(digits: int) -> dict[str, Any]:
        found = ask(model, digits)
        numbers = {name: getattr(found, name) for name in names}
        numbers |= {"value": unit * found.value, "g": -found.g / unit}
        if "overlap2" in numbers:
            whole = numbers["overlap2"]
            numbers |= {"teacher2": whole, "student2": 0 * whole}
        return numbers

    return more
