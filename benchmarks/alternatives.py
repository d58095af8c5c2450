"""What one would write without bbpsym, for the same numbers; nothing is imported from bbpsym.

All take the student width p, the teacher width q and the normalisation a, and follow the paper:
`h = f/(1 - g f)` with `g = -(p/2) t` is `(2/p)(c v - y)/(a + (1 - t) y + c t v)`, where y and v are
means of q and p squared Gaussians, with c = 1 for p - 1 of the p weights and c = 3 for one.
"""

import mpmath
import numpy as np
from scipy.integrate import dblquad
from scipy.optimize import brentq
from scipy.special import gamma, roots_genlaguerre

WEIGHTS = ((1.0, lambda p: (p - 1) / p), (3.0, lambda p: 1 / p))


def chi_density(width, x):
    """Density of x where x^2 is a mean of `width` squared Gaussians."""
    half = width / 2
    return 2 * half**half / gamma(half) * x ** (width - 1) * np.exp(-half * x * x)


def nested_quadrature(p, q, a, tolerance=1e-12):
    """The continuous threshold by `dblquad` inside `brentq`."""

    def average(function):
        def integrand(w, x):
            return function(x * x, w * w) * chi_density(q, x) * chi_density(p, w)

        return dblquad(integrand, 0, 9, 0, 9, epsabs=tolerance, epsrel=tolerance)[0]

    def parts(y, v, t):
        for c, share in WEIGHTS:
            yield share(p), (2 / p) * (c * v - y) / (a + (1 - t) * y + c * t * v)

    def gain(t):
        return average(lambda y, v: sum(w * (y - 1) * h for w, h in parts(y, v, t)))

    def square(t):
        return average(lambda y, v: sum(w * h * h for w, h in parts(y, v, t)))

    def gap(t):
        return gain(t) / (-p * t / 2) - square(t)

    t = brentq(gap, 0.5, 1 - 1e-9, xtol=1e-13, rtol=1e-13)
    return 1 / (-p * t / 2 * gain(t))


def one_dimensional(p, q, a, digits):
    """The continuous threshold by `mpmath.quad` over the Laplace variable and `findroot`."""
    with mpmath.workdps(digits + 5):
        a = mpmath.mpf(a)

        def averages(t):
            gain = square = mpmath.mpf(0)
            for c, share in ((1, mpmath.mpf(p - 1) / p), (3, mpmath.mpf(1) / p)):

                def moments(s, c=c):
                    r, u = 1 / (1 + 2 * s * (1 - t) / q), 1 / (1 + 2 * s * c * t / p)
                    decay = mpmath.exp(-a * s) * r ** (mpmath.mpf(q) / 2) * u ** (mpmath.mpf(p) / 2)
                    y2, v2 = r * r * (1 + mpmath.mpf(2) / q), u * u * (1 + mpmath.mpf(2) / p)
                    return r, u, y2, v2, decay

                def first(s, c=c):
                    r, u, y2, _, decay = moments(s)
                    return decay * (c * r * u - y2 - c * u + r)

                def second(s, c=c):
                    r, u, y2, v2, decay = moments(s)
                    return decay * s * (c * c * v2 - 2 * c * r * u + y2)

                gain += share * mpmath.quad(first, [0, mpmath.inf]) * 2 / p
                square += share * mpmath.quad(second, [0, mpmath.inf]) * 4 / p**2
            return gain, square

        def gap(t):
            gain, square = averages(t)
            return gain / (-p * t / 2) - square

        t = mpmath.findroot(gap, (0.5, 1), solver="anderson", tol=mpmath.mpf(10) ** (-2 * digits))
        return 1 / (-p * t / 2 * averages(t)[0])


def laguerre_density(p, q, a, alpha, x, nodes=100):
    """The density by Newton's method on a grid of Gauss and Laguerre nodes, from x + i down."""
    y, wy = roots_genlaguerre(nodes, q / 2 - 1)
    v, wv = roots_genlaguerre(nodes, p / 2 - 1)
    y, v = (2 / q) * y[:, None], (2 / p) * v[None, :]
    weight = (wy / wy.sum())[:, None] * (wv / wv.sum())[None, :]
    f = np.concatenate([(2 / p) * (c * v - y) / (a + y) for c, _ in WEIGHTS]).ravel()
    w = np.concatenate([share(p) * weight for _, share in WEIGHTS]).ravel()
    keep = w > 1e-18
    f, w = f[keep], w[keep]
    g = np.empty(len(x), dtype=complex)
    guess = 1 / (x[0] + 1j)
    for k, point in enumerate(x):
        for height in (1.0, 0.1, 1e-2, 1e-3, 0.0) if k == 0 else (0.0,):
            guess = newton(guess, point + 1j * height, alpha, f, w)
        g[k] = guess
    return np.abs(g.imag) / np.pi


def newton(g, z, alpha, f, w):
    """Solve `1/g = z - alpha <f/(1 - g f)>` by Newton's method."""
    for _ in range(50):
        h = f / (1 - g * f)
        value, slope = 1 / g - z + alpha * (w @ h), -1 / g**2 + alpha * (w @ (h * h))
        step = value / slope
        g -= step
        if abs(step) < 1e-13 * abs(g):
            break
    return g
