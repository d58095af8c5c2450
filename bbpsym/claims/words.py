"""The words of a claim: quantities that the engine knows, and functions that mpmath knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bbpsym.numerics.curve import LEFT, RIGHT
from bbpsym.reading.formula_tree import ELEMENTARY, EXTREMES


class Quantity(NamedTuple):
    """A number of some answer."""

    #: What is asked of the engine: "threshold", "edge", "outlier" or "critical_a".
    question: str
    #: The number of that answer; "" where it is the answer.
    attribute: str
    #: How it is typeset.
    latex: str


#: Name -> quantity. `lambda_BBP` and `jump` are outlier and m^2 right at the threshold.
QUANTITIES = {
    "alpha_BBP": Quantity("threshold", "alpha", r"\alpha_{\mathrm{BBP}}"),
    "alpha_c": Quantity("threshold", "alpha_c", r"\alpha_c"),
    "lambda_BBP": Quantity("threshold", "value", r"\lambda_*(\alpha_{\mathrm{BBP}})"),
    "jump": Quantity("threshold", "overlap2", r"m^2(\alpha_{\mathrm{BBP}})"),
    "lambda_star": Quantity("outlier", "value", r"\lambda_*"),
    "overlap2": Quantity("outlier", "overlap2", "m^2"),
    "lambda_minus": Quantity("edge", "value", r"\lambda_-"),
    "lambda_plus": Quantity("edge", "value", r"\lambda_+"),
    "critical_a": Quantity("critical_a", "", r"a_c"),
}

#: What a quantity may be meant by that has no name of its own here.
NEARLY = {"alpha": "alpha_BBP", "lambda": "lambda_star", "m": "overlap2", "overlap": "overlap2"}

#: Questions whose answer depends on alpha.
AT_ALPHA = {"outlier", "edge"}

#: The side of the bulk on which an edge lies; the engine is asked for one side only.
EDGES = {"lambda_minus": LEFT, "lambda_plus": RIGHT}

#: Other names of the same: from the paper, and the names of the symbols in `bbpsym.symbols`.
ALSO = {
    "m2": "overlap2",
    "m^2": "overlap2",
    "a_c": "critical_a",
    "lambda_*": "lambda_star",
    "lambda_-": "lambda_minus",
    "lambda_+": "lambda_plus",
    r"\alpha_{\mathrm{BBP}}": "alpha_BBP",
    "p^*": "p_star",
    "pstar": "p_star",
}

#: How parameters are typeset; others as SymPy does.
LATEX = {"p": "p", "p_star": "p^*", "a": "a", "alpha": r"\alpha"}


def _same(name: str) -> Callable[..., Any]:
    return lambda ctx, *x: getattr(ctx, name)(*x)


def _whole(number: Any, what: str) -> int:
    """An integer where mpmath would take its whole part in silence."""
    if number != int(number):
        raise ValueError(f"{what} must be an integer")
    return int(number)


#: Name -> fewest and most arguments, and the function of an mpmath context and of these.
FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Any]]] = {
    **{
        name: (1, 1, _same(name))
        for name in (
            *("asin", "acos", "acosh", "atanh", "cbrt", "expm1", "log1p", "log10"),
            *("gamma", "rgamma", "loggamma", "factorial", "erfi", "erfinv", "ncdf", "npdf"),
            *("e1", "ei", "li", "si", "ci", "shi", "chi", "airyai", "airybi", "ellipk", "ellipe"),
        )
    },
    **{
        name: (2, 2, _same(name))
        for name in (
            *("expint", "beta", "binomial", "polylog", "hyp0f1", "pcfd", "agm"),
            *("besselj", "bessely", "besseli", "besselk"),
        )
    },
    **{name: (3, 3, _same(name)) for name in ("hyp1f1", "hyperu", "whitm", "whitw")},
    "hyp2f1": (4, 4, _same("hyp2f1")),
    "digamma": (1, 1, _same("digamma")),
    "zeta": (1, 2, _same("zeta")),
    "gammainc": (1, 3, _same("gammainc")),
    "uppergamma": (2, 2, lambda ctx, order, x: ctx.gammainc(order, x)),
    "lowergamma": (2, 2, lambda ctx, order, x: ctx.gammainc(order, 0, x)),
    "lambertw": (1, 2, lambda ctx, x, branch=0: ctx.lambertw(x, _whole(branch, "a branch"))),
    "polygamma": (2, 2, lambda ctx, order, x: ctx.polygamma(_whole(order, "an order"), x)),
}

#: What SymPy calls some of them.
FROM_SYMPY = {
    "ExponentialIntegral": "expint",
    "E1": "e1",
    "Ei": "ei",
    "Si": "si",
    "Ci": "ci",
    "Shi": "shi",
    "Chi": "chi",
    "LambertW": "lambertw",
    "elliptic_k": "ellipk",
    "elliptic_e": "ellipe",
}

#: Constants beside pi and E, by SymPy's names, and what mpmath calls them.
CONSTANTS = {"EulerGamma": "euler", "Catalan": "catalan", "GoldenRatio": "phi"}

#: The operations of a formula, for numbers of an mpmath context.
OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda ctx, *terms: sum(terms, ctx.zero),
    "*": lambda ctx, *factors: ctx.fprod(factors),
    "-": lambda ctx, x: -x,
    "/": lambda ctx, x: 1 / x,
    "^": lambda ctx, x, power: x**power,
    "pi": lambda ctx: +ctx.pi,
    "E": lambda ctx: +ctx.e,
    **{name: (lambda ctx, own=own: +getattr(ctx, own)) for name, own in CONSTANTS.items()},
    "abs": lambda ctx, x: abs(x),
    **{name: (lambda ctx, *x, f=f: f(x)) for name, f in (("max", max), ("min", min))},
    **{name: _same(name) for name in ELEMENTARY if name != "abs"},
}
assert set(OPERATIONS) >= {*ELEMENTARY, *EXTREMES}
