"""Systems whose functions are kept as source: SymPy derives only what is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any

from bbpsym.compilation.compiled import Compiled, revive
from bbpsym.compilation.entries import find, keep

if TYPE_CHECKING:
    from sympy import Integral, Symbol

    from bbpsym.compilation.compile import System

#: Part of a system that is no function: the names of its arguments and results.
HEAD = "head"


@dataclass(frozen=True)
class Kept(Compiled):
    """A system of which SymPy derives only what is not kept."""

    #: What it is: the law and the equations.
    key: str
    #: Derives it with SymPy.
    derive: Callable[[], System]

    @cached_property
    def system(self) -> System:
        """The system as SymPy derives it."""
        return self.derive()

    @cached_property
    def _head(self) -> dict[str, Any]:
        text = find(self.key, HEAD)
        if text is not None:
            with suppress(ValueError):
                return json.loads(text)
        text = head_of(self.system)
        keep(self.key, HEAD, text)
        return json.loads(text)

    @property
    def integrals(self) -> tuple[Integral, ...]:
        """Every integral that occurs, as SymPy writes it."""
        return self.system.integrals

    @property
    def arguments(self) -> tuple[Symbol, ...]:
        """Symbols of `parameters`."""
        return self.system.arguments

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the results, in order."""
        return tuple(self._head["outputs"])

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments of the functions, in order."""
        return tuple(self._head["parameters"])

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Names of what integrands are functions of at a node."""
        return tuple(self._head["nodes"])

    @cached_property
    def integral_count(self) -> int:
        """Number of integrals."""
        return int(self._head["integrals"])

    def function(self, part: str) -> FunctionType:
        """The function of a part, from its text if that is kept."""
        text = find(self.key, part)
        if text is not None:
            with suppress(ValueError):
                return revive(part, text)
        from bbpsym.compilation.compile import source

        function = self.system.function(part)
        with suppress(ValueError):  # what calls unknown names is not kept
            text = source(function)
            revive(part, text)
            keep(self.key, part, text)
        return function


def head_of(system: System) -> str:
    """What there is to know of a system beside its functions."""
    return json.dumps(
        {
            "outputs": list(system.outputs),
            "parameters": list(system.parameters),
            "nodes": list(system.nodes),
            "integrals": system.integral_count,
        }
    )
