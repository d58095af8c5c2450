# %% [markdown]
# # 6b. Series of the threshold: large widths, large and small a
#
# The closed forms of chapter 6 hold one function, $X(c) = \langle 1/(a + c\,\hat y)\rangle$; here it is
# expanded.

# %%
# isort: off
from sympy import Add, Eq, Function, Ge, Poly, S, Symbol, expand, factor, factorial, limit, oo
from sympy import series
# isort: on

from bbpsym import symbols as s
from bbpsym.averages.expansions import overparametrised_series, q, series_of_ratio
from bbpsym.equations import curves, spectrum, thresholds
from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.thresholds import X
from bbpsym.records import places
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record

#: The law of the student's output.
student = chi_square(s.yh, s.p)

# %% [markdown]
# ## Large but finite widths
#
# A routine expands any average in $1/p$, by the central moments of the student's output. Here its
# results are found again by Watson's lemma.


# %%
def watson(c, order=3):
    """X(c) in powers of q = 1/p: `(1 + 2 c s/p)^(-p/2)`, powers of s integrated to factorials."""
    u = Symbol("s", positive=True)
    exponent = Add(*((-2 * c * u) ** k * q ** (k - 1) / (2 * k) for k in range(2, order + 2)))
    terms = Add(*(exponent**n / factorial(n) for n in range(order + 1)))
    kept = Poly(expand(terms), q, u).terms()
    powers = ((k, x * factorial(n) / (s.a + c) ** (n + 1)) for (k, n), x in kept if k <= order)
    return Add(*(x * q**k for k, x in powers))


def expanded(closed, order=3):
    """A closed form in X(c) to third order in 1/p."""
    names = {c: [Function(f"x{c}_{k}")(s.a) for k in range(order + 1)] for c in (1, 3)}
    values = {}
    for c, functions in names.items():
        found = watson(S(c), order)
        values |= {function: found.coeff(q, k) for k, function in enumerate(functions)}
    small = closed(lambda c: Add(*(x * q**k for k, x in enumerate(names[c])))).subs(s.p, 1 / q)
    return Add(*(x / s.p**n for n, x in enumerate(series_of_ratio(small, values, order))))


# %%
@record(
    "alpha-BBP-wide", Nature.LIMIT, "alpha-BBP", "Watson's lemma for X(c)", places.rather_wide, 10
)
def wide_threshold():
    """alpha_BBP to third order in 1/p. Domain: p -> infinity, discontinuous branch."""
    yield Eq(s.alpha_BBP, overparametrised_series(spectrum.outlier_alpha(), 3))
    yield Eq(X.of(s.c), watson(s.c, 1)), "X(c) to first order in q = 1/p"
    yield Eq(s.alpha_BBP, expanded(thresholds.discontinuous_threshold))


# %%
@record("alpha-c-wide", Nature.LIMIT, "alpha-c", "Watson's lemma for X(c)", places.wide, 10)
def wide_critical_alpha():
    """alpha_c to third order in 1/p. Domain: p -> infinity."""
    yield Eq(s.alpha_c, overparametrised_series(spectrum.sharp_edge_alpha(), 3))
    yield Eq(s.alpha_c, expanded(thresholds.critical_alpha))


# %%
@record("jump-wide", Nature.LIMIT, "jump", "Watson's lemma for X(c)", places.wide, 10)
def wide_jump():
    """Jump of the squared overlap to third order in 1/p.

    Domain: p -> infinity, discontinuous branch.
    """
    yield Eq(s.overlap2, overparametrised_series(curves.outlier_overlap2(), 3))
    yield Eq(s.overlap2, expanded(thresholds.overlap_jump))


# %%
@record(
    "rise-and-fall",
    Nature.LIMIT,
    "alpha-BBP-wide",
    "sign of the coefficient of 1/p",
    places.wide,
    7,
)
def rise_and_fall():
    """At large p the threshold rises for a < 1, falls for a > 1.

    Domain: p -> infinity; the coefficient of 1/p has the sign of a - 1.
    """
    yield Eq(s.alpha_BBP, thresholds.large_width_threshold())
    whole = equation("alpha-BBP-wide").rhs.subs(s.p, 1 / q)
    slope = factor(whole.diff(q).subs(q, 0))
    yield slope, "coefficient of 1/p"
    require(slope.subs(s.a, 1) == 0, "the coefficient of 1/p vanishes at a = 1")
    require(factor(slope / (s.a - 1)).is_positive, "the coefficient of 1/p has the sign of a - 1")
    yield Eq(s.alpha_BBP, whole.subs(q, 0) + slope / s.p), "two terms of the series"


# %%
@record("large-a", Nature.LIMIT, "alpha-BBP", "moments of the student's output", places.large_a, 11)
def large_normalisation():
    """Threshold for large a.

    Domain: a -> infinity, always discontinuous; corrections of order 1/a.
    """
    yield Eq(s.alpha_BBP, thresholds.large_a_threshold())
    b = Symbol("epsilon", positive=True)
    mean = lambda c: b * (1 - c * b * student.cumulant(1) + c**2 * b**2)  # noqa: E731
    yield Eq(X.of(s.c), mean(s.c)), "1/(a + c yh) for epsilon = 1/a, to third order"
    found = series(thresholds.discontinuous_threshold(mean), b, 0, 1).removeO()
    yield Eq(s.alpha_BBP, Add(*(t.subs(b, 1 / s.a) for t in Add.make_args(found.expand()))))


# %%
@record("small-a", Nature.LIMIT, "alpha-BBP", "one elementary integral", places.tiny_a, 12)
def small_normalisation():
    r"""Limit of the smooth-edge formula as a -> 0, not a threshold.

    $X(c) = \int_0^\infty (1 + 2 c s/p)^{-p/2} ds$ at $a = 0$, finite for $p = 2 + 2k$ with $k > 0$.

    Domain: a -> 0, p > 2; the formula of alpha_BBP alone, which then lies above alpha_c: the
    transition is continuous and its threshold another.
    """
    yield Eq(s.alpha_BBP, thresholds.small_a_threshold())
    k = Symbol("k", positive=True)
    integrand = (1 + s.c * s.s / (1 + k)) ** (-1 - k)
    primitive = -(1 + k) / (s.c * k) * (1 + s.c * s.s / (1 + k)) ** (-k)
    yield identity(primitive.diff(s.s), integrand), "a primitive"
    mean = limit(primitive, s.s, oo) - primitive.subs(s.s, 0)
    yield Eq(X.of(s.c), mean), "between zero and infinity"
    in_p = mean.subs(k, s.p / 2 - 1)
    found = factor(thresholds.discontinuous_threshold(lambda c: in_p.subs(s.c, c)))
    below = factor(s.p_star / 2 - found).subs(s.p, 3 + k)
    require(below.is_positive, "the value lies below p*/2")
    yield Eq(s.alpha_BBP, found), "in the closed form"


# %%
@record(
    "weak-recovery",
    Nature.CONJECTURE,
    "53 14",
    "conjecture: scan of both kinds of thresholds",
    places.scan,
)
def weak_recovery_bound():
    """Conjecture: the threshold is at least p*/2.

    Domain: seen for p <= 100, p* <= 4, 1e-6 <= a <= 4; equality only as p -> oo, a -> 0.
    """
    yield Ge(s.alpha_BBP, s.p_star / 2, evaluate=False)
