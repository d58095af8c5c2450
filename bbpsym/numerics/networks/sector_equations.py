"""What vanishes at an edge, an outlier and a threshold of a bulk with two sectors.

Each is a function of a curve, its t_s, t_o and alpha, and says how far it is from the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bbpsym.numerics.networks.matrix_nodes import State

if TYPE_CHECKING:
    from bbpsym.numerics.networks.sector_curve import SectorCurve


def perron(matrix: np.ndarray) -> tuple[float, np.ndarray]:
    """Perron eigenvalue of a positive 2 x 2 matrix, and its right vector of sum one."""
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    vector = np.abs(vectors[:, top].real)
    return float(values[top].real), vector / vector.sum()


def excess(t: tuple[float, float], state: State, alpha: float) -> float:
    """Perron eigenvalue of the map of the bulk less one: negative up to a sharp edge."""
    return perron(alpha * np.array([[t[0] ** 2], [t[1] ** 2]]) * state.m)[0] - 1


def gap(t: tuple[float, float], state: State, alpha: float) -> float:
    """`lambda_s - lambda_o`, in units of 1/t_o."""
    return float(-t[1] / t[0] + 1 + t[1] * alpha * (state.k[0] - state.k[1]))


def sharp_edge(curve: SectorCurve, t_s: float, t_o: float, alpha: float) -> list[float]:
    """On the curve, where the map of the bulk is marginal."""
    t, state = (t_s, t_o), curve.state_at((t_s, t_o))
    return [gap(t, state, alpha), excess(t, state, alpha)]


def smooth_edge(curve: SectorCurve, t_s: float, t_o: float, alpha: float) -> list[float]:
    """On the curve, at the border of the domain."""
    t = t_s, t_o
    return [gap(t, curve.state_at(t), alpha), curve.domain.clearance(t)]


def last_smooth(curve: SectorCurve, t_s: float, t_o: float, alpha: float) -> list[float]:
    """Both at once: alpha_c."""
    return [*sharp_edge(curve, t_s, t_o, alpha), curve.domain.clearance((t_s, t_o))]


def outlier(
    curve: SectorCurve, t_s: float, t_o: float, alpha: float, number: int, index: int = 0
) -> list[float]:
    """On the curve, where an eigenvalue of the signal block is its own argument."""
    t, state = (t_s, t_o), curve.state_at((t_s, t_o))
    return [gap(t, state, alpha), curve.distance(t, state, alpha, number, index)]


def sharp_threshold(
    curve: SectorCurve, t_s: float, t_o: float, alpha: float, number: int
) -> list[float]:
    """An outlier at a sharp edge."""
    t, state = (t_s, t_o), curve.state_at((t_s, t_o))
    found = curve.distance(t, state, alpha, number, 0)
    return [gap(t, state, alpha), excess(t, state, alpha), found]


def smooth_threshold(
    curve: SectorCurve, t_s: float, t_o: float, alpha: float, number: int
) -> list[float]:
    """An outlier at a smooth edge."""
    found = outlier(curve, t_s, t_o, alpha, number)
    return [*found, curve.domain.clearance((t_s, t_o))]
