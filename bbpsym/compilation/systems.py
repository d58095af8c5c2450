"""The equations of an ensemble, compiled once per process, from what is kept of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bbpsym.compilation.kept import Kept
from bbpsym.laws.known_laws import AnyLaw, KnownLaw

if TYPE_CHECKING:
    from bbpsym.compilation.compile import System
    from bbpsym.equations.ensemble import WeightLaw


@lru_cache(maxsize=1024)
def system(ensemble: AnyLaw, *names: str) -> Kept:
    """Return equations that `bbpsym.compilation.reductions` names, over shared integrals."""

    def derive() -> System:
        from bbpsym.compilation import reductions

        return reductions.system(_written(ensemble), *names)

    return Kept(f"{_key(ensemble)}: {', '.join(names)}", derive)


@lru_cache(maxsize=1024)
def crossover_system(ensemble: AnyLaw) -> Kept:
    """The threshold ratio at the smooth edge t = 1, and its logarithmic slope in a."""
    return _of(ensemble, "crossover")


@lru_cache(maxsize=1024)
def critical_system(ensemble: AnyLaw) -> Kept:
    """The alpha_c of a smooth edge, eq. (49), with what t = 1 leaves of the integrals."""
    return _of(ensemble, "critical")


@lru_cache(maxsize=1024)
def unit_system(ensemble: AnyLaw) -> Kept:
    """The unit of the weights."""
    return _of(ensemble, "unit")


@lru_cache(maxsize=1024)
def decay_system(ensemble: AnyLaw) -> Kept:
    """Rates and offsets of the integrands of lambda, by `RATE` and `OFFSET` of parameters."""
    return _of(ensemble, "decay")


@lru_cache(maxsize=1024)
def finite_system(ensemble: AnyLaw, name: str) -> Kept:
    """What finite sizes ask for: a function of `bbpsym.compilation.reductions` by its name."""
    return _of(ensemble, name)


@cache
def airy_system() -> Kept:
    """Scale and first distance of the lowest eigenvalue at a sharp edge."""

    def derive() -> System:
        from bbpsym.compilation import reductions

        return reductions.airy()

    return Kept("airy", derive)


@cache
def rising(name: str) -> Kept:
    """Return a curve that rises through one, and its slope, as functions of the profile."""

    def derive() -> System:
        from bbpsym.compilation import reductions

        return reductions.rising(name)

    return Kept(f"rising: {name}", derive)


def _of(ensemble: AnyLaw, name: str) -> Kept:
    """Return what a function of `bbpsym.compilation.reductions` makes of a law."""

    def derive() -> System:
        from bbpsym.compilation import reductions

        make: Callable[..., System] = getattr(reductions, name)
        return make(_written(ensemble))

    return Kept(f"{_key(ensemble)}; {name}", derive)


def _written(ensemble: AnyLaw) -> WeightLaw:
    return ensemble.written if isinstance(ensemble, KnownLaw) else ensemble


def _key(ensemble: AnyLaw) -> str:
    """What tells a law from all others."""
    if isinstance(ensemble, KnownLaw):
        return ensemble.value
    from sympy import srepr

    return f"{type(ensemble).__name__}{srepr(astuple(ensemble))}"
