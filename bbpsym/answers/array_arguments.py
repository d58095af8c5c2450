"""What the verbs for many models at once are given, read as arrays of widths and numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from bbpsym.errors import DomainError, quoted
from bbpsym.model import Model
from bbpsym.reading import arguments, floats


def with_alpha(p: Any, p_star: Any, a: Any, alpha: Any) -> tuple[Any, Any, Any, Any]:
    """The four parameters of a question about alpha, which may follow a model directly."""
    if alpha is None and a is None and _models(p) is not None:
        p_star, alpha = None, p_star
    _check_widths(p)
    if alpha is None:
        raise DomainError("alpha must be a number or an array of numbers, not None")
    ratios = arguments.several(alpha) if isinstance(alpha, str) else None
    alpha = alpha if ratios is None else [float(ratio) for ratio in ratios]
    return (*parameters(p, p_star, a), alpha)


def parameters(p: Any, p_star: Any, a: Any) -> tuple[Any, Any, Any]:
    """The three parameters of a model, or of each one in a list or an array of models."""
    models = _models(p)
    if models is None:
        _check_widths(p)
        if p_star is None or a is None:
            raise DomainError("p, p_star and a must be given, or one Model or a list of them as p")
        return p, p_star, a
    if p_star is not None or a is not None:
        raise DomainError("p_star and a must not be given with a Model: it has its own")
    numbers = [[float(x) for x in (m.p, m.p_star, m.a)] for m in models.flat]
    return tuple(np.array(numbers).T.reshape(3, *models.shape))


def _check_widths(p: Any) -> None:
    """Refuse other matrices than models, for which there are no arrays."""
    if hasattr(p, "labels") and not isinstance(p, Model):
        kind = type(p).__name__
        raise DomainError(f"p must be widths, a Model or a list of Models, not of the type {kind}")


def _models(given: Any) -> np.ndarray | None:
    """Models as an array; None if anything else is given, and an error if both are."""
    if isinstance(given, Model):
        given = np.array(given, dtype=object)
    elif not isinstance(given, list | tuple | np.ndarray) or not np.size(given):
        return None
    array = np.asarray(given, dtype=object)
    others = [item for item in array.flat if not isinstance(item, Model)]
    if others and len(others) < array.size:
        raise DomainError(
            f"p must hold nothing but models, or no model, and not {quoted(others[0])}"
        )
    return None if others else array


def widths(given: Any, name: str, infinite: bool = False) -> np.ndarray:
    """Widths of networks, whole numbers or inf, as an array."""
    array = floats.read(given, name)
    whole = (array == np.floor(array)) & (array >= 1) & (array <= arguments.MAX_WIDTH)
    if not np.all(whole | (np.isinf(array) & (array > 0) if infinite else False)):
        allowed = f"integers from 1 to {arguments.MAX_WIDTH}" + (" or inf" if infinite else "")
        raise DomainError(f"{name} must be an array of {allowed}")
    return array


def positive(given: Any, name: str, decades: int = arguments.DECADES) -> np.ndarray:
    """Numbers in a range about one, as an array."""
    array = floats.read(given, name)
    if not np.all((array >= 10.0**-decades) & (array <= 10.0**decades)):
        raise DomainError(f"{name} must be an array of numbers from 1e-{decades} to 1e{decades}")
    return array
