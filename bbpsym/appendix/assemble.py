"""The verb `derive`: which steps a network has, in the order in which they follow."""

from __future__ import annotations

import copyreg
from collections.abc import Hashable, Iterator
from dataclasses import replace
from functools import lru_cache
from pkgutil import iter_modules
from typing import Any

from sympy import Integer, Rational, Symbol, oo

import bbpsym.derivations
from bbpsym import symbols as s
from bbpsym.answers.recognised import paper_model
from bbpsym.appendix.derivation import Derivation
from bbpsym.appendix.general import general_steps
from bbpsym.appendix.names import CHAPTERS, NAMES, OTHERS, is_common, name_of
from bbpsym.appendix.numbers import number_steps
from bbpsym.appendix.reduction import average_steps
from bbpsym.appendix.steps import STATUS, Status, Step, no_step, step_name
from bbpsym.ensembles.networks.bounds import lowest
from bbpsym.ensembles.networks.setting import Setting, paper
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError, quoted
from bbpsym.model import Model
from bbpsym.records.registry import in_chapter, record_of


def derive(network: Model | Network | Setting) -> Derivation:
    """Derive bulk, edges, outlier, overlap and thresholds of a network, step by step.

    For the paper's network the steps are its equations (1) to (58) and the closed forms of the
    chapters. For any other one they are made by the same functions.

    Parameters
    ----------
    network : Network or Model
        Numbers or symbols for the widths; in the formulas every symbol that has no value is a
        positive parameter. What symbols cannot carry becomes numbers, and says so.

    Returns
    -------
    Derivation
        Its steps by name, as in `derive(...)["outlier equation"].expression`; it shows itself in
        Jupyter and in a terminal, writes a notebook and LaTeX, and verifies itself.

    Raises
    ------
    DomainError
        If it is no network.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y, yh, a, p, p_star = symbols("x y yh a p p_star")
    >>> d = derive(Network(activation=x**2, loss=(y - yh)**2 / (2*(a + y**2)), p=p, p_star=p_star))
    >>> d["domain"].expression
    Eq(f_-, -1/(sqrt(a)*p))
    """
    if not isinstance(network, Hashable):
        raise DomainError(f"network must be a Network or a Model, not {quoted(network)}")
    return _derived(network)


@lru_cache(maxsize=32)
def _derived(network: Any) -> Derivation:
    network, setting, values = _read(network)
    if setting.p is oo and setting.overlap != 0:
        raise DomainError(
            f"overlap must be 0 for a derivation at p = inf, not {setting.overlap}: there the "
            "student's output depends on the label"
        )
    if setting.is_paper:
        steps = [*paper_steps(), *average_steps(setting, lowest(setting))]
    else:
        steps = list(general_steps(setting, values))
    has_edge = all(step.name != "no left edge" for step in steps)
    steps += number_steps(network, setting, values, has_edge)
    return Derivation(network, setting, tuple(replace(step, network=network) for step in steps))


def _step_of(network: Any, name: str) -> Step:
    return derive(network)[name]


#: Steps are told by generators, which cannot be sent: a copy is derived anew.
copyreg.pickle(Derivation, lambda found: (derive, (found.network,)))
copyreg.pickle(Step, lambda step: (_step_of, (step.network, step.name)))


def _read(network: Any) -> tuple[Any, Setting, dict[Symbol, Any]]:
    """A network, its formulas, and the numbers of its widths and parameters.

    With values or symbols, the paper's loss at infinite width is the limit of the paper's network.
    """
    if isinstance(network, Setting):
        finite = replace(network, p=s.p)
        if network.p is oo and finite.is_paper:
            return network, finite, {s.p: oo}
        return network, network, {}
    if isinstance(network, Network) and network.is_limit:
        network = paper_model(network) or network
    if isinstance(network, Model):
        width = oo if network.is_overparametrised_limit else Integer(network.p)
        a = Rational(network.a.numerator, network.a.denominator)
        values = {s.p: width, s.p_star: Integer(network.p_star), s.a: a}
        return network, paper(make=Network), values
    if isinstance(network, Network):
        names = "activation", "loss", "output", "teacher"
        given = {name: getattr(network, name) for name in names}
        if isinstance(network.overlap, tuple):
            raise DomainError("overlap must be one number for a derivation, not several")
        for name in ("overlap", "noise", "bias"):
            value = getattr(network, name)
            given[name] = Rational(value.numerator, value.denominator)
        width = oo if network.is_limit else Integer(network.p)
        widths = {s.p: width, s.p_star: Integer(network.p_star)}
        setting = Setting(**given, p=width, p_star=widths[s.p_star], make=Network)
        return network, setting, widths
    raise DomainError(f"network must be a Network or a Model, not {quoted(network)}")


def check_name(name: str) -> None:
    """Refuse the name of a step that no network has, before anything is derived.

    Raises
    ------
    DomainError
        If there is none; the sentence suggests another one.
    """
    name = step_name(name)
    if not is_common(name):
        steps = tuple(paper_steps())
        known = {s.name for s in steps} | {s.record.id for s in steps if s.record}
        if name not in known:
            raise no_step(name, (*NAMES.values(), *OTHERS, *(s.name for s in steps)))


def paper_steps() -> Iterator[Step]:
    """The steps of the paper's own network: the records of its chapters."""
    names = sorted(item.name for item in iter_modules(bbpsym.derivations.__path__))
    chosen = [name for name in names if name[:2] in CHAPTERS]
    known = {record.id for name in chosen for record in in_chapter(name)}
    for name in chosen:
        for record in in_chapter(name):
            sources = [x for x in record.follows_from if x in known]
            yield Step(
                name_of(record.id, record.title),
                CHAPTERS[name[:2]],
                record,
                tuple(name_of(x, record_of(x).title) for x in sources),
                "a conjecture" if STATUS[record.nature] is Status.UNKNOWN else "",
            )
