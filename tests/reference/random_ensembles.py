"""Random ensembles, each as the package sees it and as the plain solver does."""

from fractions import Fraction
from math import gamma as gamma_function

import numpy as np
from hypothesis import strategies as st
from sympy import Abs, Max, Min, Piecewise, Rational, S, Symbol, exp, gamma, log, oo, pi, sqrt, tanh
from sympy.abc import y

from bbpsym import Ensemble, labels_of
from tests.reference.plain_ensemble import Plain

x = Symbol("x", positive=True)


def number(value):
    return Rational(value.numerator, value.denominator)


def fractions(low, high, most=6):
    return st.fractions(Fraction(low), Fraction(high), max_denominator=most)


#: Laws of x: density as an expression and for arrays, and the interval.
def power(b):
    return (number(b) + 1) * x ** number(b), lambda v: (float(b) + 1) * v ** float(b), (0, 1)


def gamma_law(k):
    k = number(k)
    factor = 1 / gamma_function(float(k))
    return (
        x ** (k - 1) * exp(-x) / gamma(k),
        lambda v: factor * v ** (float(k) - 1) * np.exp(-v),
        (0, np.inf),
    )


def arcsine(_):
    return 1 / (pi * sqrt(x * (1 - x))), lambda v: 1 / (np.pi * np.sqrt(v * (1 - v))), (0, 1)


def pareto(k):
    k = number(k)
    return (k - 1) * (1 + x) ** -k, lambda v: (float(k) - 1) * (1 + v) ** -float(k), (0, np.inf)


def cosine(_):
    return pi / 2 * S.One * sin_of(x), lambda v: np.pi / 2 * np.sin(np.pi * v), (0, 1)


def sin_of(v):
    from sympy import sin

    return sin(pi * v)


def cusped(b):
    """A law that is singular, or vanishes, in the middle of an interval."""
    b = number(b) / 2
    return (
        (b + 1) / 2 * Abs(x - 1) ** b,
        lambda v: (float(b) + 1) / 2 * np.abs(v - 1) ** float(b),
        (0, 1, 2),
    )


def tent(a):
    """A law that bends."""
    top = number(a)
    return (
        Piecewise((x / top, x < top), ((2 - x) / (2 - top), True)),
        lambda v: np.where(v < float(a), v / float(a), (2 - v) / (2 - float(a))),
        (0, float(a), 2),
    )


LAWS = st.one_of(
    fractions("-2/3", 3).map(power),
    fractions("1/3", 4).map(gamma_law),
    st.just(0).map(arcsine),
    fractions(2, 5).map(pareto).filter(lambda law: law[0] != 0),
    st.just(0).map(cosine),
    fractions("-2/3", 3).map(cusped),
    fractions("1/3", "5/3").map(tent),
)


#: Weights: an expression, a function of arrays, and where it is cut or extreme inside.
def affine(a, b):
    return number(a) * (x - number(b)), lambda v: float(a) * (v - float(b)), ()


def rational(a, b):
    return (x - number(a)) / (x + number(b)), lambda v: (v - float(a)) / (v + float(b)), ()


def root(a, c):
    return x ** number(c) - number(a), lambda v: v ** float(c) - float(a), ()


def logarithm(a, b):
    return log(x) - number(a), lambda v: np.log(v) - float(a), ()


def fraction_of_logarithm(a, b):
    return log(x) / (number(b) + x), lambda v: np.log(v) / (float(b) + v), ()


def sigmoid(a, b):
    return tanh(number(b) * (x - number(a))), lambda v: np.tanh(float(b) * (v - float(a))), ()


def truncated(a, b):
    cut = float(a)
    return Min(x, number(a)) - number(b), lambda v: np.minimum(v, cut) - float(b), (cut,)


def truncated_below(a, b):
    cut = float(a)
    return log(Max(x, number(a))), lambda v: np.log(np.maximum(v, cut)), (cut,)


def cusp(a, c):
    at = float(a)
    return Abs(x - number(a)) ** number(c) - 1, lambda v: np.abs(v - at) ** float(c) - 1, (at,)


def bump(a, b):
    at = float(a)
    return (
        number(b) - 1 / (1 + (x - number(a)) ** 2),
        lambda v: float(b) - 1 / (1 + (v - at) ** 2),
        (at,),
    )


def decaying(a, b):
    return exp(-number(b) * x) - number(a), lambda v: np.exp(-float(b) * v) - float(a), ()


def two_powers(a, c):
    """The bound is reached inside, with another power on either side."""
    at, top = number(a), number(c)
    return (
        Piecewise(((at - x) ** (top / 4), x < at), ((x - at) ** (1 / (1 + top)), True)) - 1,
        lambda v: (
            np.abs(v - float(a)) ** np.where(v < float(a), float(c) / 4, 1 / (1 + float(c))) - 1
        ),
        (float(a),),
    )


def folded(a, b):
    """A logarithm that is cut on both sides."""
    cut = float(a)
    return (
        Max(Min(log(x), number(a)), -number(b)),
        lambda v: np.clip(np.log(v), -float(b), cut),
        (np.exp(cut), np.exp(-float(b))),
    )


A, B = fractions("1/4", "5/2"), fractions("1/3", 3)
WEIGHTS = st.one_of(
    *(
        st.builds(kind, A, B)
        for kind in (
            affine,
            rational,
            root,
            logarithm,
            fraction_of_logarithm,
            sigmoid,
            truncated,
            truncated_below,
            cusp,
            bump,
            decaying,
            two_powers,
            folded,
        )
    )
)

SIGNALS = st.sampled_from(
    [
        (x, lambda v: v),
        (x**2, lambda v: v**2),
        (2 * exp(-x), lambda v: 2 * np.exp(-v)),
        (3 / (1 + x) ** 2, lambda v: 3 / (1 + v) ** 2),
        (5 * x / (1 + x), lambda v: 5 * v / (1 + v)),
    ]
)


class Case:
    """One ensemble for both solvers, or for the plain one only on demand."""

    def __init__(self, law, weight, signal, place, mirrored, side):
        density, densities, (low, *bends, high) = law
        expression, weights, cuts = weight
        factor, factors = signal
        self.side, self.sign = side, 1 if side == "left" else -1
        middle = 1.0 if np.isinf(high) else 0.5
        inside = sorted({c for c in (*cuts, *bends, middle) if low < c < high})
        where = (place - y) if mirrored else (y - place)
        ends = [S(low), oo if np.isinf(high) else S(high)]
        ends = [place - end for end in ends[::-1]] if mirrored else [place + end for end in ends]
        law = labels_of(density.subs(x, where), factor.subs(x, where), support=ends)
        self.ensemble = Ensemble(expression.subs(x, where), law)
        with np.errstate(all="ignore"):
            seen = lambda v: self.sign * weights(v)  # noqa: E731
            lowest = self._lowest(seen, low, high, cuts)
            self.plain = Plain(densities, factors, seen, (low, *inside, high), lowest)

    def __repr__(self):
        law = self.ensemble.law
        return f"{self.ensemble.weight}, {law.density} on {law.breaks}, {law.signal}, {self.side}"

    @staticmethod
    def _lowest(weight, low, high, cuts):
        near, far = np.geomspace(1e-300, 1e-12, 999), np.geomspace(1e-12, 1e12, 40_001)
        far = np.append(far, np.geomspace(1e12, 1e300, 999))
        grid = np.append(near, far)
        if np.isfinite(high):
            half = grid[grid < (high - low) / 2]
            grid = np.concatenate([low + half, high - half])
        values = weight(grid)
        best = grid[np.nanargmin(values)]
        if low + 1e-9 < best < 1e9:  # a stationary point, to more digits
            around = best + np.linspace(-1e-3, 1e-3, 200_001) * min(best, high - best, 1e9)
            values = np.append(values, weight(around))
        return min([np.nanmin(values), *(weight(np.array(c)) for c in cuts if low < c < high)])


CASES = st.builds(
    Case,
    LAWS,
    WEIGHTS,
    SIGNALS,
    st.sampled_from([S.Zero, S.Zero, S(1), -S(3) / 7, sqrt(2)]),
    st.booleans(),
    st.sampled_from(["left", "right"]),
)
