"""Faults in the source: a function of the package replaced everywhere, all caches forgotten."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module


@contextmanager
def fault(place, wrong) -> Iterator[None]:
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
    holders = [
        (holder, key)
        for holder in _modules()
        for key, value in list(vars(holder).items())
        if value is right
    ]
    try:
        for holder, key in holders:
            setattr(holder, key, replaced)
        _forget()
        yield
    finally:
        for holder, key in holders:
            setattr(holder, key, right)
        _forget()


def _modules():
    return [item for name, item in sys.modules.items() if name.split(".")[0] == "bbpsym"]


def _forget():
    for module in _modules():
        if module.__name__ == "bbpsym.identities.registry":
            continue  # records hold references to functions, none of which are replaced
        for value in list(vars(module).values()):
            if hasattr(value, "cache_clear"):
                value.cache_clear()
