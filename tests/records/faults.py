"""Faults in the source: a function of the package replaced everywhere, all caches forgotten."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FunctionType, MappingProxyType
from typing import Any

#: SymPy keeps equal expressions as one object, so that a fault would reach these as well.
WITNESS = ("bbpsym.records.world", "bbpsym.records.places")


@contextmanager
def fault(place, wrong) -> Iterator[tuple[Any, Any]]:
    """Replace `module.name` by `wrong(original)` in every module of the package that holds it.

    Parameters
    ----------
    place : str
        Module below `bbpsym` and name, e.g. "equations.spectrum.overlap2".
    wrong : callable
        Makes the faulty version from the right one.
    """
    module, _, name = place.rpartition(".")
    right = getattr(import_module(f"bbpsym.{module}"), name)
    replaced = wrong(right)
    undo = [
        (holder, key, value, substitute)
        for holder in _modules()
        for key, value in list(vars(holder).items())
        if (substitute := _substitute(value, right, replaced)) is not value
    ]
    defaults = [(item, item.__defaults__) for item in _functions() if item.__defaults__]
    try:
        for holder, key, _, substitute in undo:
            setattr(holder, key, substitute)
        for item, values in defaults:
            item.__defaults__ = tuple(_substitute(value, right, replaced) for value in values)
        _forget()
        yield right, replaced
    finally:
        for holder, key, value, _ in undo:
            setattr(holder, key, value)
        for item, values in defaults:
            item.__defaults__ = values
        _forget()


def _substitute(value, right, replaced):
    """The value itself, or what stands in its place: alone or in a table of functions."""
    if value is right:
        return replaced
    if isinstance(value, MappingProxyType) and any(item is right for item in value.values()):
        return MappingProxyType({k: _substitute(v, right, replaced) for k, v in value.items()})
    return value


def _functions():
    found = {id(v): v for m in _modules() for v in vars(m).values() if isinstance(v, FunctionType)}
    return [v for v in found.values() if v.__module__.startswith("bbpsym.")]


def _modules():
    """All modules but the witness, whose formulas are its own, even where they are equal."""
    names = [name for name in sys.modules if name.split(".")[0] == "bbpsym"]
    return [sys.modules[name] for name in names if name not in WITNESS]


def _forget():
    for module in _modules():
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()
