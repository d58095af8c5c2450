"""A few equations in positive unknowns from a good guess, where each evaluation is dear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bbpsym.errors import ConvergenceError

#: Most steps; where they may end, and what they may be where they no longer shrink.
STEPS, SMALL, STALLED = 60, 1e-15, 1e-11

#: Step of a slope in the logarithms of the unknowns.
QUOTIENT = 1e-5

#: What vanishes, as a function of the unknowns.
Equations = Callable[[np.ndarray], list[float]]


def solve(
    equations: Equations, coarser: Equations, guess: tuple[float, ...]
) -> tuple[float, ...] | None:
    """Solve equations from a guess; None if that fails.

    Slopes are those of coarser equations, improved by Broyden's updates on the way.
    """
    x, last = np.log(guess), np.inf
    try:
        slopes = _slopes(coarser, x)
        left = np.array(equations(np.exp(x)))
        for _ in range(STEPS):
            step = -np.linalg.solve(slopes, left)
            size = float(np.max(np.abs(step)))
            if size < SMALL or (size >= last / 2 and size < STALLED):
                return tuple(float(value) for value in np.exp(x))
            if not size < 1:
                return None
            x, last = x + step, size
            left = np.array(equations(np.exp(x)))
            slopes += np.outer(left, step) / (step @ step)
    except (ConvergenceError, np.linalg.LinAlgError):
        pass
    return None


def _slopes(equations: Equations, x: np.ndarray) -> np.ndarray:
    """Slopes of equations in the logarithms of their unknowns."""
    here = np.array(equations(np.exp(x)))
    # Smaller unknowns are farther inside the domain, on whose border x may be.
    moved = np.array([equations(np.exp(y)) for y in x - QUOTIENT * np.eye(len(x))])
    if not (np.isfinite(here).all() and np.isfinite(moved).all()):
        raise ConvergenceError("the equations are not finite near the guess")
    return (here - moved).T / QUOTIENT
