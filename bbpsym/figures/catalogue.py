"""The figures by number; a module is imported when its figure is asked for."""

from __future__ import annotations

import importlib
from typing import Any

from bbpsym.errors import BBPError, DomainError
from bbpsym.figures.recipe import Recipe

#: number -> (module, recipe); 1 to 7 are the paper's, the others ours.
NUMBERS = {
    1: ("transition", "RECIPE"),
    2: ("threshold_curves", "SMALL_TEACHER"),
    3: ("phi", "RECIPE"),
    4: ("jump", "RECIPE"),
    5: ("left_edge", "RECIPE"),
    6: ("threshold_curves", "LARGE_TEACHER"),
    7: ("threshold_curves", "TEACHERS"),
    8: ("phase", "RECIPE"),
    9: ("limit", "RECIPE"),
    10: ("recovery", "RECIPE"),
    11: ("spiked", "RECIPE"),
    12: ("networks", "UNIT"),
    13: ("networks", "WIDTH"),
    14: ("networks", "SPIKES"),
    15: ("networks", "SCALE"),
    16: ("any_matrix", "RECIPE"),
    17: ("indices", "RECIPE"),
    18: ("onset", "ONSET"),
    19: ("onset", "WAY"),
    20: ("populations", "RECIPE"),
}


def recipe(number: Any) -> Recipe:
    """Return the recipe of a figure.

    Raises
    ------
    DomainError
        If there is no figure of that number.
    BBPError
        If Matplotlib is not installed.
    """
    if isinstance(number, bool) or number not in NUMBERS:
        raise DomainError(f"number must be a figure from 1 to {max(NUMBERS)}, not {number!r}")
    module, name = NUMBERS[number]
    try:
        return getattr(importlib.import_module(f"bbpsym.figures.{module}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("bbpsym"):
            raise
        raise BBPError(
            f'figures need {error.name}: install it with pip install "bbpsym[figures]"'
        ) from None
