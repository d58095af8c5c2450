"""One node by plain rules: nodes in the plane, and what they make of edges."""

import numpy as np
from scipy.optimize import brentq, minimize_scalar


def polar(radii=400, angles=600):
    """Nodes r (cos, sin): Gauss-Legendre in r, the trapezoidal rule in the angle."""
    r, mass = np.polynomial.legendre.leggauss(radii)
    r, mass = 4.5 * (r + 1), 4.5 * mass
    angle = 2 * np.pi * (np.arange(angles) + 0.3) / angles
    weight = np.outer(mass * r * np.exp(-(r**2) / 2), np.ones(angles)) / angles
    return np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle)), weight


def plain_edge(weight, alpha):
    """The left edge by a trapezoidal sum over the plane and bisection; shares no code."""
    nodes = np.linspace(-9, 9, 1201)
    mass = np.exp(-(nodes**2) / 2)
    teacher, student = np.meshgrid(nodes, nodes, indexing="ij")
    mass, f = np.outer(mass, mass) / mass.sum() ** 2, weight(teacher, student)
    f, mass = f[mass > 1e-18], mass[mass > 1e-18]
    last = -1 / f.min()
    slope = lambda t: 1 / t**2 - alpha * np.sum(mass * (f / (1 + t * f)) ** 2)  # noqa: E731
    t = brentq(slope, 1e-3 * last, last * (1 - 1e-9), xtol=1e-14)
    return -1 / t + alpha * np.sum(mass * f / (1 + t * f))


def largest_bound(weight, alpha, count, step):
    """The left edge as the largest of Lehner's bounds, by a plain sum over data."""
    line = np.arange(-8, 8, step) + step / 3
    data = np.array(np.meshgrid(*[line] * count)).reshape(count, -1)
    mass = np.exp(-(data**2).sum(axis=0) / 2)
    f = weight(*data)
    last = -1 / f.min() if f.min() < 0 else 20
    bound = lambda t: 1 / t - alpha * np.sum(mass * f / (1 + t * f)) / mass.sum()  # noqa: E731
    return -minimize_scalar(bound, bounds=(1e-3, last), options={"xatol": 1e-9}).fun
