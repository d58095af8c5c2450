"""What numerics evaluate: functions of one set of equations in every arithmetic, without SymPy.

Functions are printed by SymPy as Python source, once; `revive` makes them again from their text,
with nothing in reach but the names that belong to their arithmetic.
"""

from __future__ import annotations

import builtins
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any, NamedTuple

Values = Any  # NumPy arrays, mpmath numbers or balls

#: Parts of a system, each a function; the first word says which names it may call.
ARRAY_PARTS = ("array_magnitudes", "array_integrands", "array_combinations", "array_partials")
MPMATH_PARTS = ("mpmath_integrands", "mpmath_combinations")
BALL_PARTS = ("ball_integrands", "ball_tails", "ball_combinations")
PARTS = ARRAY_PARTS + MPMATH_PARTS + BALL_PARTS

#: Parts in ball arithmetic whose arguments are real, so that no cut needs a guard.
REAL_BALL_PARTS = ("ball_tails", "ball_combinations")


class BallFunctions(NamedTuple):
    """A system in ball arithmetic, at the precision of `flint.ctx` when called."""

    #: Maps (s, analytic, *parameters) to all integrands, sharing what they have in common.
    integrands: Callable
    #: Maps (s, *parameters) to bounds of the absolute integrals from s to infinity.
    tails: Callable
    #: Maps the integrals and the parameters to the outputs.
    outputs: Callable


class Compiled(ABC):
    """Named results over shared integrals: functions for arrays, mpmath numbers and balls."""

    #: Names of the results, in order (iterable of str).
    outputs: Any
    #: Names of the arguments of the functions, in order (tuple of str).
    parameters: Any
    #: Names of what integrands are functions of at a node (tuple of str).
    nodes: Any
    #: Number of integrals (int).
    integral_count: Any

    @abstractmethod
    def function(self, part: str) -> FunctionType:
        """The function of one of `PARTS`."""

    @cached_property
    def numpy(self) -> tuple[Callable, Callable]:
        """`integrands + magnitudes`, one list, and `(outputs, sensitivities)` for real arrays."""
        return self.function("array_magnitudes"), self._combine

    @cached_property
    def complex(self) -> tuple[Callable, Callable]:
        """Integrands and `(outputs, sensitivities)` for complex arrays."""
        return self.plain[0], self._combine

    @cached_property
    def plain(self) -> tuple[Callable, Callable]:
        """Integrands and outputs for arrays, without what error estimates need."""
        return self.function("array_integrands"), self.function("array_combinations")

    @cached_property
    def _combine(self) -> Callable:
        flat = self.function("array_partials")
        count, width = len(tuple(self.outputs)), self.integral_count

        def combine(*values: Any) -> tuple[list, list[list]]:
            results = flat(*values)
            starts = (count + k * width for k in range(count))
            return results[:count], [results[k : k + width] for k in starts]

        return combine

    @cached_property
    def _mpmath(self) -> tuple[FunctionType, FunctionType]:
        return self.function("mpmath_integrands"), self.function("mpmath_combinations")

    def mpmath(self, context: Any) -> tuple[Callable, Callable]:
        """Integrands and outputs in the arithmetic of `context`, an mpmath context of one's own.

        The functions are generated once and bound to the context here, so that no precision is
        global.
        """
        integrands, outputs = self._mpmath
        return bind(integrands, context), bind(outputs, context)

    @cached_property
    def balls(self) -> BallFunctions:
        """Integrands, tails and outputs in ball arithmetic, for balls of python-flint."""
        return BallFunctions(*map(self.function, BALL_PARTS))


def bind(function: FunctionType, context: Any) -> Callable:
    """Return `function` with every mpmath name it uses taken from `context`."""
    names = function.__code__.co_names
    bound = {name: getattr(context, name) for name in names if hasattr(context, name)}
    return FunctionType(function.__code__, {**function.__globals__, **bound})


def integer_power(base: Values, exponent: int) -> Values:
    """`base**exponent` for a positive exponent, by multiplications."""
    power = base
    for _ in range(exponent - 1):
        power = power * base
    return power


def revive(part: str, source: str) -> FunctionType:
    """Make the function of a part from its source: one definition, of which nothing else is run.

    Raises
    ------
    ValueError
        If the source is anything but the definition of one plain function, or calls a name that
        is unknown to its arithmetic.
    """
    try:
        module = compile(source, f"<{part}>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{part} cannot be read: {error}") from None
    code = _definition(module)
    if code is None:
        raise ValueError(f"{part} is no plain function")
    return FunctionType(code, {"__builtins__": {}, **_names(part, code.co_names)})


def _definition(module: CodeType) -> CodeType | None:
    """The code of the one function that a module defines."""
    codes = [item for item in module.co_consts if isinstance(item, CodeType)]
    if len(codes) != 1 or len(module.co_names) != 1 or codes[0].co_freevars:
        return None
    return codes[0]


def _names(part: str, wanted: Sequence[str]) -> Mapping[str, Any]:
    """The objects that a function calls by name."""
    found = {name: _named(part, name) for name in wanted}
    missing = [name for name, value in found.items() if value is None]
    if missing:
        raise ValueError(f"{part} calls {missing[0]}, which is unknown")
    return found


def _named(part: str, name: str) -> Any:
    if name == "abs":
        return builtins.abs
    if name.startswith("_"):
        return None
    if part in ARRAY_PARTS:
        import numpy

        return integer_power if name == integer_power.__name__ else getattr(numpy, name, None)
    if part in MPMATH_PARTS:
        import mpmath

        return getattr(mpmath.mp, name, None)
    from bbpsym.functions.arb_functions import NAMES

    return False if part in REAL_BALL_PARTS and name == "analytic" else NAMES.get(name)
