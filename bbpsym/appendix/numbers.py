"""Numbers of a network: the engine's answers, each held against averages by brute force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from sympy import Eq, Float, Symbol, oo

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.errors import BBPError, PrecisionError
from bbpsym.model import Model
from bbpsym.records.record import Assignment, Nature, Record
from bbpsym.records.world import World

#: Why there are no numbers of three nodes and more, and no table and figure of several.
MINUTES = (
    "A threshold of three or four nodes takes about a minute: ask `threshold(network)` for it."
)
A_TABLE = (
    "A table and a figure of several nodes take minutes: ask `threshold(numbers)`, "
    "`edge(numbers, alpha)` and `outlier(numbers, alpha)` for single numbers."
)


def number_steps(
    network: Any, setting: Setting, values: Mapping[Symbol, Any], has_edge: bool
) -> Iterator[Step]:
    """The threshold in numbers, where the network has them."""
    first, reason = None, _without_numbers(network, setting, has_edge)
    if not reason:
        try:
            first = _threshold(network, None)
        except BBPError as error:
            reason = str(error)
    if first is not None and not _has_world(network, setting):
        reason = (
            f"A {first.kind} transition at alpha = {first.text('alpha')}, computed to "
            f"{first.digits} digits ({first.how}): no second rule is here to hold it against."
        )
    if first is None or reason:
        yield Step("threshold in numbers", n.NUMBERS, reason=reason)
        return

    def more(digits: int) -> Record:
        """To as many digits as the engine has, which may be no more than in double precision."""
        try:
            found = _threshold(network, digits) if digits > first.digits else first
        except PrecisionError:
            found = first
        return _record(network, setting, values, found)

    record = _record(network, setting, values, first)
    reason = (
        f"A {first.kind} transition, computed to {first.digits} digits ({first.how}) and held "
        "against averages by another rule."
    )
    sources = ("threshold condition", "outlier equation")
    yield Step("threshold in numbers", n.NUMBERS, record, sources, reason, more)


def _without_numbers(network: Any, setting: Setting, has_edge: bool) -> str:
    """Why there are no numbers, so far as it is known before any is computed."""
    if not has_edge:
        return "There is none: the bulk has no left edge."
    if isinstance(network, Setting):
        names = [str(v).replace("^*", "_star") for v in network.parameters]
        have, them = ("has a value", "it") if len(names) == 1 else ("have values", "them")
        told = ", ".join(names)
        return f"There are numbers once {told} {have}: derive the network with {them}."
    return MINUTES if has_several(setting) and setting.p != 2 else ""


def has_several(setting: Setting) -> bool:
    """Whether averages need a Gaussian for each of several nodes, beside the teacher's."""
    return not (setting.is_paper or setting.is_rotated or setting.p in (1, oo))


def _threshold(network: Any, digits: int | None) -> Any:
    if isinstance(network, Model):
        from bbpsym.answers.threshold import threshold

        return threshold(network, digits)
    from bbpsym.answers.network import network_threshold

    return network_threshold(network, digits=digits)


def _record(network: Any, setting: Setting, values: Mapping[Symbol, Any], found: Any) -> Record:
    quantities = {"alpha": s.alpha_BBP, "value": s.outlier, "overlap2": s.overlap2}
    numbers = {name: Float(found.text(name)) for name in quantities}
    stated = {name: x for name, x in numbers.items() if not x.is_zero}

    def tell() -> Iterator[Any]:
        """Threshold, eigenvalue there and jump of the squared overlap. Domain: these parameters."""
        yield tuple(Eq(quantities[name], x) for name, x in stated.items())

    def at(_rng: Random, digits: int) -> Iterator[Assignment]:
        world = _world(network, setting, values, found, digits)
        world.on_outlier()
        seen = {s.alpha_BBP: world[s.alpha], s.outlier: world[s.outlier]}
        if "overlap2" in stated:
            seen[s.overlap2] = world[s.overlap2]
        yield seen

    reach = max(min(found.digits, Scene(setting, values).reach) - 2, 1)
    return Record("numbers", Nature.COMPUTED, tell, (), "roots of the equations above", at, reach)


def _has_world(network: Any, setting: Setting) -> bool:
    """Whether another rule than the engine's averages its weights."""
    if isinstance(network, Model):
        return not network.is_overparametrised_limit
    return setting.is_rotated or (network.p_star == 1 and setting.p in (1, oo))


def _world(
    network: Any, setting: Setting, values: Mapping[Symbol, Any], found: Any, digits: int
) -> World:
    g = Float(found.text("g"))
    if isinstance(network, Model):
        return World(dict(values) | {s.g: g}, digits)
    return Scene(setting, values, whole=True).world(dict(values) | {s.g: g}, digits)
