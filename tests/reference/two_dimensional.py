"""Thresholds by a route that shares no code with the package: two-dimensional quadrature.

The averages of equations (40) and (44) are taken over the densities of the two outputs with
generalised Gauss-Laguerre nodes (`y = 2 x/width`, `x ~ Gamma(width/2)`), and the roots are found
by bisection in g. Nothing here is reduced to one dimension, and nothing is imported from bbpsym.
"""

import numpy as np
from scipy.optimize import brentq
from scipy.special import roots_genlaguerre

from tests.reference.plain_ensemble import resolvent

#: Share of a node that a density does without, and the least phase of a Stieltjes transform.
LIGHT, RESOLVED = 1e-12, 0.2


class TwoDimensional:
    """Averages over teacher and student outputs for one (p, p*, a)."""

    def __init__(self, p, p_star, a, nodes=150):
        self.p, self.a = p, a
        x, w = roots_genlaguerre(nodes, p_star / 2 - 1)
        self.y, wy = 2 * x / p_star, w / w.sum()
        x, w = roots_genlaguerre(nodes, p / 2 - 1)
        self.yh, wh = 2 * x / p, w / w.sum()
        self.weights = np.outer(wy, wh)

    def average(self, function, g):
        """Return `(1/p) sum_k E[function(y, f_k/(1 - g f_k))]`."""
        y, yh = self.y[:, None], self.yh[None, :]
        total = 0.0
        for c, count in ((1, self.p - 1), (3, 1)):
            f = (2 / self.p) * (c * yh - y) / (self.a + y)
            total += count / self.p * (self.weights * function(y, f / (1 - g * f))).sum()
        return total

    def outlier_alpha(self, g):
        """Solve (40) for alpha."""
        return 1 / (g * self.average(lambda y, h: (y - 1) * h, g))

    def edge_alpha(self, g):
        """Solve (44) for alpha."""
        return 1 / (g**2 * self.average(lambda _, h: h**2, g))

    def eigenvalue(self, g):
        """Evaluate (39) where (40) holds."""
        return self.outlier_alpha(g) * self.average(lambda y, h: y * h, g)

    def overlap2(self, g):
        """Evaluate (58) where (40) holds."""
        alpha = self.outlier_alpha(g)
        slope = alpha * self.average(lambda _, h: h**2, g) - 1 / g**2
        return 1 / (1 - alpha * self.average(lambda y, h: y * h**2, g) / slope)

    def bulk(self, g, alpha):
        """Evaluate (31)."""
        return 1 / g + alpha * self.average(lambda _, h: h, g)

    def density(self, x, alpha):
        """Density of the bulk at an array of x; zero where the rule does not resolve it."""
        y, yh = self.y[:, None], self.yh[None, :]
        f = [(2 / self.p) * (c * yh - y) / (self.a + y) for c in (1, 3)]
        share = [self.weights * count / self.p for count in (self.p - 1, 1)]
        f, share = np.ravel(f), np.ravel(share)
        g = resolvent(f[share > LIGHT], share[share > LIGHT], x, alpha)
        return np.where(-g.imag > RESOLVED * np.abs(g), -g.imag / np.pi, 0.0)

    def threshold(self):
        """Return (kind, alpha, g) of the BBP threshold."""
        end = -self.p / 2
        if self.outlier_alpha(end) <= self.edge_alpha(end):
            return "discontinuous", self.outlier_alpha(end), end
        meet = brentq(lambda g: np.log(self.outlier_alpha(g) / self.edge_alpha(g)), end, end * 1e-3)
        return "continuous", self.outlier_alpha(meet), meet
