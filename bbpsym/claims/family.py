"""What a claim is about: a family of models, the ranges of its parameters, a class of points."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sympy import sympify

from bbpsym.answers.recognised import paper_model
from bbpsym.claims.drawn import DEFAULTS, Asked, model, range_of, way
from bbpsym.claims.quantities import PARAMETERS
from bbpsym.claims.statement import Statement, Towards
from bbpsym.claims.words import ALSO, AT_ALPHA, EDGES
from bbpsym.ensembles.networks.setting import Setting, paper
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import BBPError, DomainError, meant, quoted


class Restriction(NamedTuple):
    """What a claim may be restricted to: a class of points, its values, and whom it concerns."""

    of: str
    values: tuple[str, str]
    questions: set[str]


KINDS = {
    "kind": Restriction("transition", ("continuous", "discontinuous"), {"threshold", "outlier"}),
    "edge": Restriction("edge", ("smooth", "sharp"), AT_ALPHA),
}


#: Widths of a network, which a claim may name also where they are numbers.
WIDTHS = ("p", "p_star")


class Family(NamedTuple):
    """What makes a model of its parameters, their names, the usual ranges, and what is fixed."""

    make: Callable[..., Any]
    names: tuple[str, ...]
    ranges: Mapping[str, Any] = {}
    fixed: Mapping[str, int] = {}


def family(of: Any) -> Family:
    """What a claim is about, by its parameters.

    Raises
    ------
    DomainError
        If nothing can be asked about it.
    """
    if of is None or (isinstance(of, Setting) and of == paper()):
        return Family(model, PARAMETERS, DEFAULTS)
    if isinstance(of, Setting | Network):
        own = of.parameters if isinstance(of, Setting) else ()
        names = tuple(ALSO.get(v.name, v.name) for v in own)
        widths = {name: getattr(of, name) for name in WIDTHS if name not in names}
        fixed = {name: int(width) for name, width in widths.items() if sympify(width).is_integer}
        make = of.at if isinstance(of, Setting) else lambda _: of
        return Family(lambda **values: make(values), (*names, *fixed), fixed, fixed)
    if callable(of):
        return Family(of, tuple(inspect.signature(of).parameters))
    if not hasattr(of, "sides"):
        allowed = "a Network, a Model, an Ensemble, or a function that makes one of its parameters"
        raise DomainError(f"of must be {allowed}, not {quoted(of)}")
    return Family(lambda: of, ())


def makes_network(of: Any, place: Asked, approach: Towards | None) -> bool:
    """Whether it is a network, or makes one at an end of all ranges, other than the paper's."""
    if isinstance(of, Setting) and not of.is_paper:
        return True
    for end in ("low", "high"):
        exact: dict[str, Any] = {name: getattr(at, end) for name, at in place.ranges.items()}
        if approach is not None:
            exact[approach.variable] = way(place, approach)[-1]
        exact.pop("alpha", None)
        try:
            return isinstance(place.of(**exact), Network)
        except BBPError:
            continue
    return False


def place_of(
    statement: Statement,
    of: Family,
    side: str,
    kinds: Mapping[str, str | None],
    asked: Mapping[str, Any],
) -> Asked:
    """What is asked about, and the ranges of its parameters.

    Raises
    ------
    DomainError
        If a range is missing, is none, or belongs to nothing, or an edge is on the other side.
    """
    for name, at in EDGES.items():
        if name in statement.quantities and side != at:
            raise DomainError(f'{name} is the edge on the {at}: side must be "{at}"')
    questions, names = frozenset(statement.questions), list(of.names)
    if "critical_a" in questions and of.make is not model:
        raise DomainError("critical_a is of the paper's model: of must be left out")
    if questions == {"critical_a"}:
        names = [name for name in names if name != "a"]
    known = [*names, *(["alpha"] if questions & AT_ALPHA else [])]
    for name in asked:
        if name not in known or name in of.fixed:
            raise DomainError(f"{name} does not vary in this claim{meant(name, known)}")
    ranges = {k: v for k, v in {**of.ranges, **asked}.items() if k in known}
    varies = statement.approach.variable if statement.approach else None
    for name in names:
        if name not in ranges and name != varies:
            raise DomainError(f"{name} must have a range, as in {name}=(1, 5)")
    read = {name: range_of(name, ranges[name]) for name in known if name in ranges}
    make = partial(_made, of.make)
    wanted = dict(_wanted(questions, kinds))
    return Asked(make, read, questions, side, wanted, frozenset(asked))


def _made(make: Callable[..., Any], **values: Any) -> Any:
    """A model of its parameters; for the paper's network its own, which is quick and has digits."""
    found = make(**values)
    finite = isinstance(found, Network) and not found.is_limit  # there eigenvalues have other units
    return (paper_model(found) if finite else None) or found


def _wanted(
    questions: frozenset[str], kinds: Mapping[str, str | None]
) -> Iterator[tuple[str, str]]:
    for name, value in kinds.items():
        kind = KINDS[name]
        if value is None:
            continue
        if value not in kind.values:
            raise DomainError(f"{name} must be {' or '.join(kind.values)}, not {quoted(value)}")
        if not questions & kind.questions:
            raise DomainError(f"{name} has no meaning in a claim about {', '.join(questions)}")
        yield kind.of, value
