"""Closed forms at the smooth edge, for every width: threshold, alpha_c, eigenvalue and jump.

With `X(c) = E[1/(a + c yh)]` and its derivative in a everything at t = 1 is explicit, because
`c yh - y = (a + c yh) - (a + y)` and the teacher's output enters through its moments alone.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Function, Symbol, exp
from sympy.printing.pretty.stringpict import prettyForm

from bbpsym.equations.average import Average
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.equations.spectrum import dressed_weight
from bbpsym.symbols import a, c, g, p, p_star, t, u

#: X(c) as a function of c.
Mean = Callable[[Expr], Expr]


class X(Function):
    """`X(c) = E[1/(a + c yh)]`, as a function of c and a that is not evaluated."""

    nargs = 2

    @classmethod
    def of(cls, factor: Expr) -> Expr:
        """X at a factor c."""
        return cls(factor, a)

    def _latex(self, printer, exp=None):  # type: ignore[no-untyped-def]
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"X{power}\left({printer._print(self.args[0])}\right)"

    def _pretty(self, printer):  # type: ignore[no-untyped-def]
        body = prettyForm(*printer._print(self.args[0]).parens())
        return prettyForm(*body.left("X"))

    def _sympystr(self, printer):  # type: ignore[no-untyped-def]
        return f"X({printer._print(self.args[0])})"


#: The discontinuous threshold of the smallest widths.
alpha_of = {width: Symbol(rf"\alpha_{{\mathrm{{BBP}}}}|_{{p={width}}}") for width in (1, 2)}

#: The variance of the teacher's output, its third central moment, and `E (a + y) = a + 1`.
variance, third = 2 / p_star, 8 / p_star**2


def inverse_mean(factor: Expr = c) -> Expr:
    """`X(c) = E[1/(a + c yh)]`."""
    z = p * a / (2 * factor)
    return p / (2 * factor) * exp(z) * ExponentialIntegral(p / 2, z)


def over_weights(term: Callable[[Expr], Expr]) -> Expr:
    """Mean over the p eigenvalues: c = 1 for p - 1 of them, c = 3 for one."""
    return ((p - 1) * term(1) + term(3)) / p


def discontinuous_threshold(mean: Mean = inverse_mean) -> Expr:
    """`alpha_BBP` of a discontinuous transition; `mean` is X(c) or an expansion of it."""
    return p_star / (2 * over_weights(mean))


def mean_square(factor: Expr, mean: Mean = inverse_mean) -> Expr:
    """`E[((c yh - y)/(a + c yh))^2]`."""
    x = mean(factor)
    return 1 - 2 * (a + 1) * x - ((a + 1) ** 2 + variance) * x.diff(a)


def critical_alpha(mean: Mean = inverse_mean) -> Expr:
    """`alpha_c`, where the edge turns from smooth to sharp."""
    return 1 / over_weights(lambda factor: mean_square(factor, mean))


def signal_square(factor: Expr, mean: Mean = inverse_mean) -> Expr:
    """`E[(y - 1) ((c yh - y)/(a + c yh))^2]`."""
    x = mean(factor)
    return -2 * variance * x - (2 * (a + 1) * variance + third) * x.diff(a)


def overlap_jump(mean: Mean = inverse_mean) -> Expr:
    """Squared overlap right at a discontinuous threshold."""
    first = variance * over_weights(mean)
    square = over_weights(lambda factor: mean_square(factor, mean))
    signal = over_weights(lambda factor: signal_square(factor, mean))
    return (first - square) / (first + signal)


def eigenvalue_at_threshold(mean: Mean = inverse_mean) -> Expr:
    """Outlier and edge at a discontinuous threshold."""
    x = over_weights(mean)
    return p_star / p * (1 / x - (a + 1 + variance))


def overparametrised_jump() -> Expr:
    """Squared overlap at the threshold for p = infinity."""
    return a / (a + 1 + 4 / p_star)


def two_exponentials(factor: Expr = c) -> Expr:
    """`E[1/(a + (1 - t) y + c t yh)]` for p = p* = 2, at any t."""
    slow, fast = 1 - t, factor * t
    terms = (exp(a / v) * ExponentialIntegral(1, a / v) for v in (fast, slow))
    return (next(terms) - next(terms)) / (fast - slow)


def parametric_alpha() -> Expr:
    """Alpha along the outlier curve, `1/(g K)`."""
    return 1 / (g * Average((u**2 - 1) * dressed_weight))


def parametric_eigenvalue() -> Expr:
    """The outlier along its curve, `<u^2 h>/(g K)`."""
    return Average(u**2 * dressed_weight) * parametric_alpha()


def parametric_overlap2() -> Expr:
    """Squared overlap along the outlier curve, `(K/g - <h^2>)/(K/g + <(u^2 - 1) h^2>)`."""
    first = Average((u**2 - 1) * dressed_weight) / g
    square, signal = (Average(x * dressed_weight**2) for x in (1, u**2 - 1))
    return (first - square) / (first + signal)


def overlap_slope() -> Expr:
    """`d m^2/d alpha` at a continuous threshold."""
    square, cube = Average(dressed_weight**2), Average(dressed_weight**3)
    signal = Average((u**2 - 1) * dressed_weight**2)
    return g**2 * square**2 * (square - signal + 2 * g * cube) / (square + signal) ** 2


def tangent_alpha() -> Expr:
    """Where the tangent to `m^2(alpha)` vanishes: a sharp version of the paper's alpha_0."""
    overlap2, ratio = parametric_overlap2(), parametric_alpha()
    return ratio - overlap2 * ratio.diff(g) / overlap2.diff(g)


def large_width_threshold() -> Expr:
    """`alpha_BBP` to first order in 1/p: it rises with p for a < 1 and falls for a > 1."""
    return p_star * (a + 1) / 2 + p_star * (a - 1) * (a + 2) / ((a + 1) * (a + 3) * p)


def large_a_threshold() -> Expr:
    """`alpha_BBP` for large a, to order zero."""
    return p_star / 2 * (a + 1 + 2 / p)


def small_a_threshold() -> Expr:
    """The smooth-edge value of `alpha_BBP` as a -> 0, for p > 2: below p*/2, so not reached."""
    return 3 * p_star * (p - 2) / (2 * (3 * p - 2))
