"""A second solver for one label: sums over nodes, and bisection. It shares no code with bbpsym.

Labels are `x` on an interval, by the tanh-sinh rule of the law itself on pieces; a weight is a
function of x, seen from the left. Written for double precision and moderate t.
"""

from itertools import pairwise

import numpy as np

#: Nodes are `tanh(pi/2 sinh u)` for u up to this, with this step: enough for an inverse root.
REACH, STEP = 4.6, 0.01

#: The step that resolves poles close to the real axis, Newton's steps with it, and the residual,
#: relative to x, of what they have found.
FINE_STEP, POLISH, FOUND = 0.00125, 8, 1e-10

#: Where curves are looked at: t is the logistic function or the exponential of these.
GRID = np.linspace(-18, 18, 721)

#: Heights from which Stieltjes transforms come down to the axis, and Newton's steps at each.
HEIGHTS, NEWTON = 80, 4


def nodes(cuts, step):
    """Labels and steps of the rule between cuts, the last of which may be infinite."""
    u = np.arange(-REACH, REACH + step / 2, step)
    labels, steps = [], []
    for low, high in pairwise(cuts):
        if np.isfinite(low) and np.isfinite(high):
            away = (high - low) / (1 + np.exp(np.pi * np.sinh(np.abs(u))))
            x = np.where(u < 0, low + away, high - away)
            slope = np.pi * np.cosh(u) * away * (1 - away / (high - low))
        else:
            away = np.exp(np.pi / 2 * np.sinh(u))
            x = low + away if np.isfinite(low) else high - away
            slope = np.pi / 2 * np.cosh(u) * away
        labels.append(x)
        steps.append(step * slope)
    return np.concatenate(labels), np.concatenate(steps)


def averaged(density, weight, cuts, step):
    """Shares, labels and weights at the nodes that count."""
    with np.errstate(all="ignore"):
        x, steps = nodes(cuts, step)
        inside = (x > cuts[0]) & (x < cuts[-1])
        share, f = np.where(inside, density(x) * steps, 0.0), weight(x)
    kept = np.isfinite(share) & (share > 1e-40) & np.isfinite(f)
    return share[kept], x[kept], f[kept]


class Plain:
    """Averages of an ensemble as seen from the left, and what follows from them."""

    def __init__(self, density, signal, weight, cuts, lowest):
        self.given = density, weight, cuts
        share, x, f = averaged(*self.given, STEP)
        with np.errstate(all="ignore"):
            u2 = signal(x)
        finite = np.isfinite(u2)
        self.share, self.x, self.f, self.u2 = share[finite], x[finite], f[finite], u2[finite]
        self.mass = self.share.sum()
        self.bounded = lowest < 0
        self.unit = -lowest if self.bounded else 1.0
        self.lowest = lowest
        self.f = np.maximum(self.f, lowest) / self.unit
        z = GRID
        self.t = 1 / (1 + np.exp(-z)) if self.bounded else np.exp(z)

    def h(self, t):
        """The dressed weight `f/(1 + t f)`, of shape (t, labels)."""
        with np.errstate(all="ignore"):
            return self.f / (1 + np.multiply.outer(t, self.f))

    def rates(self, t):
        """`t R` and `t^2 Q`: one over alpha of an outlier, and of a sharp edge, at t."""
        h = self.h(t)
        return -t * (h @ (self.share * (self.u2 - 1))), t**2 * (h**2 @ self.share)

    def gap(self, t):
        """Positive where an outlier of this t has left the bulk."""
        outlier, edge = self.rates(t)
        return (outlier - edge) / (np.abs(outlier) + edge)

    def bulk(self, t, alpha):
        """Eigenvalue `1/g + alpha <h>` at `g = -t`."""
        return (-1 / t + alpha * (self.h(t) @ self.share)) * self.unit

    def resolvent(self, x, alpha):
        """Stieltjes transform just above the axis, in units of the bound, at an array of x."""
        start = resolvent(self.f, self.share, x, alpha)
        share, _, f = averaged(*self.given, FINE_STEP)
        return polished(np.maximum(f, self.lowest) / self.unit, share, x, alpha, start)

    def threshold(self):
        """Largest t where the gap turns negative; 1.0 if it stays positive, None if it never is."""
        gap = self.gap(self.t)
        inside = np.flatnonzero(gap > 1e-7)
        if not inside.size:
            return None
        last = inside[-1]
        if last + 1 == len(GRID):
            return 1.0
        return bisected(self.gap, self.t[last], self.t[last + 1])

    def edge(self, alpha):
        """The t of the edge: 1.0 if there is no sharp one in sight."""
        if self.rates(self.t[-1])[1] * alpha <= 1:
            return 1.0 if self.bounded else None
        return bisected(lambda t: self.rates(t)[1] * alpha - 1, self.t[0] * 1e-9, self.t[-1])

    def outlier(self, alpha, edge):
        """The t of the outlier and its squared overlap, or None."""
        if self.rates(edge)[0] * alpha <= 1:
            return None
        t = bisected(lambda t: self.rates(t)[0] * alpha - 1, 1e-12, edge)
        h = self.h(t)
        response, square = -(h @ (self.share * (self.u2 - 1))) / t, h**2 @ self.share
        return t, (response - square) / (response + h**2 @ (self.share * (self.u2 - 1)))


def bisected(function, low, high):
    """A sign change between two numbers, by bisection of their logarithms."""
    sign = np.sign(function(low))
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if np.sign(function(middle)) == sign else (low, middle)
    return np.sqrt(low * high)


def resolvent(f, share, x, alpha):
    """Solve `x = 1/g + alpha <f/(1 - g f)>` just above the axis, by lowering the height.

    At each height Newton's method starts from the last one, and from `1/z` far above.
    """
    size = 1 + np.abs(x).max() + alpha * (np.abs(f) @ share)
    heights = np.append(size * np.geomspace(1e3, 1e-9, HEIGHTS), 0.0)
    g = 1 / (x + 1j * heights[0])
    for height in heights:
        for _ in range(NEWTON):
            g = g - newton_step(f, share, x + 1j * height, alpha, g)[0]
    return g


def polished(f, share, x, alpha, g):
    """Stieltjes transforms by a finer rule from those of a coarser one; NaN where none is found."""
    for _ in range(POLISH):
        step, residual = newton_step(f, share, x, alpha, g)
        g = g - step
    found = np.abs(residual) < FOUND * (1 + np.abs(x))
    return np.where(found, g, np.nan)


def newton_step(f, share, z, alpha, g):
    """A step of Newton's method for `z = 1/g + alpha <f/(1 - g f)>`, and what it is to mend."""
    h = f / (1 - np.multiply.outer(g, f))
    residual = 1 / g + alpha * (h @ share) - z
    return residual / (-1 / g**2 + alpha * (h**2 @ share)), residual
