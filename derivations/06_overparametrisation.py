# %% [markdown]
# # 6. Thresholds in closed form, and infinite overparametrisation
#
# At the smooth edge $t = 1$ the denominator of the dressed weight no longer contains $y$: only the
# moments of $y$ enter, and one function of the student's output remains,
# $X(c) = \langle 1/(a + c\,\hat y)\rangle$.

# %%
# isort: off
from sympy import Add, Eq, Integral, Poly, S, Symbol, apart, cancel, erfc, exp, expand
from sympy import factor, factorial, limit, oo, pi, simplify, solve, sqrt
# isort: on

from bbpsym import symbols as s
from bbpsym.averages.closed_forms import elementary
from bbpsym.averages.laplace_variable import reduce
from bbpsym.equations import curves, edges, spectrum, thresholds
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import chi_square, overparametrised_ensemble
from bbpsym.equations.exponential_integral import ExponentialIntegral
from bbpsym.equations.hessian import weight_matrix
from bbpsym.equations.thresholds import X
from bbpsym.records import places
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation, record_of
from bbpsym.records.show import record

#: The laws of both outputs, and `D = a + c yh`, the denominator at the smooth edge.
teacher, student = chi_square(s.y, s.p_star), chi_square(s.yh, s.p)
D = Symbol("D", positive=True)


def at_the_smooth_edge(argument):
    """The steps from an argument of an average at `g = -p/2` to its mean in X(c); returns it."""
    (flat, _), _ = weight_matrix().eigenvalues()
    weight = flat.subs(s.yh, s.c * s.yh)  # c = 1 or 3, eq. (48)
    there = factor(argument.subs(s.u**2, s.y).subs({s.f: weight, s.g: edges.smooth_edge_g()}))
    yield there, "one weight at g = -p/2"
    in_D = factor(there.subs(s.yh, (D - s.a) / s.c))
    yield in_D, "D = a + c yh does not contain y"
    mean = over_teacher(in_D)
    yield mean, "average over y by its moments"
    found = in_X(mean, lambda n: (-1) ** (n - 1) / factorial(n - 1) * X.of(s.c).diff(s.a, n - 1))
    yield found, "average over yh, with derivatives of X(c) for powers of 1/D"
    return thresholds.over_weights(lambda c: found.subs(s.c, c))


def over_teacher(polynomial):
    """The average over y of a polynomial in y, by cumulants of its law."""
    shift, total = Symbol("shift"), S.Zero
    for (n,), part in Poly(expand(polynomial.subs(s.y, 1 + shift)), shift).terms():
        total += part * (1, 0, teacher.cumulant(2), teacher.cumulant(3))[n]
    return factor(total)


def in_X(mean, power):
    """A sum of powers of 1/D with `<D^-n>` in place of them."""
    terms = Add.make_args(expand(mean))
    return Add(*(x * power(-n) if n else x for x, n in (t.as_coeff_exponent(D) for t in terms)))


# %%
@record("X", Nature.DERIVED, "chi-square 2", "substitute w = 1 + 2 c s/p", places.bulk)
def mean_inverse_of_the_shifted_output():
    r"""Mean inverse of the shifted output.

    $1/D = \int_0^\infty e^{-sD}\,ds$, and the average of $e^{-s c \hat y}$ is the law's transform.

    Domain: X(c) = E[1/(a + c yh)]; a > 0, c > 0.
    """
    yield Eq(X.of(s.c), thresholds.inverse_mean())
    integrand = exp(-s.a * s.s + student.log_laplace.subs(s.sigma, s.c * s.s))
    yield Eq(X.of(s.c), Integral(integrand, (s.s, 0, oo))), "Laplace variable s"
    w, slope = Symbol("w", positive=True), 2 * s.c / s.p
    in_w = simplify(integrand.subs(s.s, (w - 1) / slope)) / slope
    yield Integral(in_w, (w, 1, oo)), "w = 1 + 2 c s/p"
    z = s.a / slope
    yield identity(in_w, exp(z) / slope * exp(-z * w) * w ** (-s.p / 2)), "z = p a/(2 c)"
    yield Eq(X.of(s.c), exp(z) / slope * ExponentialIntegral(s.p / 2, z)), "definition of E_n(z)"


# %%
@record("alpha-BBP", Nature.DERIVED, "40 46 X 14", "(40) at the smooth edge, in X(c)", places.end)
def discontinuous_threshold():
    """Discontinuous threshold for every p and p*.

    Domain: the threshold wherever it is at most alpha_c.
    """
    yield Eq(s.alpha_BBP, thresholds.discontinuous_threshold(X.of))
    condition = equation("40")
    yield condition, "the outlier's condition (40)"
    (average,) = condition.atoms(Average)
    mean = yield from at_the_smooth_edge(average.args[0])
    at_edge = condition.subs(average, mean).subs(s.g, edges.smooth_edge_g())
    yield at_edge, "mean over the eigenvalues, c = 1 and once c = 3"
    (found,) = solve(at_edge, s.alpha)
    yield Eq(s.alpha_BBP, found), "solved for alpha"


# %%
@record("alpha-c", Nature.DERIVED, "49 X", "(49) in X(c)", places.end)
def where_the_edge_changes_in_closed_form():
    """alpha_c for every p and p*. Domain: a > 0."""
    yield Eq(s.alpha_c, thresholds.critical_alpha(X.of))
    mean = yield from at_the_smooth_edge(spectrum.dressed_weight**2)
    condition = Eq(equation("49").lhs, s.alpha_c * mean)
    yield condition, "in the condition (49)"
    yield Eq(s.alpha_c, solve(condition, s.alpha_c)[0])


# %%
@record("lambda-BBP", Nature.DERIVED, "39 46 X alpha-BBP", "(39) in X(c)", places.end)
def eigenvalue_at_the_threshold():
    """Eigenvalue at a discontinuous threshold. Domain: lambda_* = lambda_- there."""
    yield Eq(s.outlier, thresholds.eigenvalue_at_threshold(X.of))
    mean = yield from at_the_smooth_edge(s.y * spectrum.dressed_weight)
    yield Eq(s.outlier, s.alpha * mean), "in (39)"
    yield Eq(s.outlier, equation("alpha-BBP").rhs * mean), "at the threshold"


# %%
@record("jump", Nature.DERIVED, "58 curves 46 X", "overlap along its curve, in X(c)", places.end)
def jump_of_the_overlap():
    r"""Jump of the squared overlap. Domain: at a discontinuous threshold."""
    yield Eq(s.overlap2, thresholds.overlap_jump(X.of))
    overlap = record_of("curves").relations()[2].rhs
    yield Eq(s.overlap2, overlap), "along the outlier's curve"
    means = {}
    for average in sorted(overlap.atoms(Average), key=str):
        means[average] = yield from at_the_smooth_edge(average.args[0])
    yield Eq(s.overlap2, overlap.xreplace(means).subs(s.g, edges.smooth_edge_g()))


# %%
@record("elementary", Nature.DERIVED, "alpha-BBP", "recurrence of the E_n", places.narrow_widths)
def elementary_thresholds():
    """Thresholds of p = 1 and p = 2 in elementary terms.

    For odd widths the threshold is an error function, for even ones an exponential integral.

    Domain: error function for odd, exponential integral E_1 for even widths.
    """
    a, half = s.a, s.p_star / 2
    e_1 = lambda z: exp(z) * ExponentialIntegral(1, z)  # noqa: E731
    yield (
        Eq(thresholds.alpha_of[1], half * sqrt(6 * a / pi) * exp(-a / 6) / erfc(sqrt(a / 6))),
        Eq(thresholds.alpha_of[2], 6 * half / (3 * e_1(a) + e_1(a / 3))),
    )
    found = []
    for width, symbol in thresholds.alpha_of.items():
        value = thresholds.discontinuous_threshold().subs(s.p, S(width))
        yield Eq(symbol, value), f"the closed form for p = {width}"
        found.append(Eq(symbol, simplify(elementary(value))))
    yield tuple(found), "recurrence of the E_n; E_(1/2) is an error function"


# %%
@record("even-widths", Nature.DERIVED, "chi-square", "partial fractions", places.two_and_two)
def averages_for_even_widths():
    """Averages at any t for p = p* = 2.

    Domain: D = a + (1 - t) y + c t yh, 0 < t < 1, c t != 1 - t.
    """
    yield Eq(s.mean_at_t, thresholds.two_exponentials())
    tilts = {teacher: (1 - s.t) * s.s, student: s.c * s.t * s.s}
    laws = (law.log_laplace.subs({s.p: 2, s.p_star: 2, s.sigma: x}) for law, x in tilts.items())
    integrand = exp(Add(*laws))
    yield Integral(exp(-s.a * s.s) * integrand, (s.s, 0, oo)), "Laplace variable s"
    parts, total = apart(factor(integrand), s.s), S.Zero
    yield parts, "partial fractions in s"
    for part in Add.make_args(parts):
        numerator, affine = part.as_numer_denom()
        slope = affine.diff(s.s)
        z = s.a * affine.subs(s.s, 0) / slope  # int_0^inf exp(-a s)/(s + q) ds = exp(a q) E_1(a q)
        total += cancel(numerator / slope) * exp(z) * ExponentialIntegral(1, z)
    yield Eq(s.mean_at_t, total), "each is an E_1"


# %% [markdown]
# ## Infinite overparametrisation
#
# As $p\to\infty$ the student's output tends to one and the single eigenvalue loses its weight $1/p$.
# The dressed weight at the smooth edge is $(c\hat y - y)/(a + c\hat y)$ in units of $2/p$, bounded by
# $c\hat y/a + y/a + 1$, whose powers are integrable uniformly in $p$; $\hat y$ tends to one in law, so
# the averages converge by dominated convergence.


# %%
def at_infinite_width(argument):
    """The steps from an argument of an average at `g = -p/2` to its limit in y; returns it."""
    (flat, many), (_, once) = weight_matrix().eigenvalues()
    for count in (many, once):
        yield limit(count / s.p, s.p, oo), "limit of the share of an eigenvalue"
    law = limit(student.log_laplace, s.p, oo)
    yield law, "limit of the logarithm of the transform of yh: the sure value one"
    require(expand(law + s.sigma) == 0, "the student's output is a sure value")
    dressed = simplify(spectrum.dressed_weight.subs({s.f: flat, s.g: edges.smooth_edge_g()}))
    there = (argument.subs(spectrum.dressed_weight, dressed)).subs({s.u**2: s.y, s.yh: 1})
    yield factor(there), "the argument at yh = 1"
    return Average(factor(there)).expand(average=True)


# %%
@record("50", Nature.LIMIT, "49 48 chi-square", "limit of weights and laws", places.widening, 12)
def edge_condition_at_large_p():
    """Edge condition at large p. Domain: p -> infinity, g = -p/2."""
    yield Eq(S.One, s.alpha_c * Average((1 - s.y) ** 2) / (s.a + 1) ** 2)
    mean = yield from at_infinite_width(spectrum.dressed_weight**2)
    condition = Eq(equation("49").lhs, s.alpha_c * mean)
    yield condition, "in (49)"
    yield Eq(S.One, condition.rhs / condition.lhs), "divided by the left-hand side"


# %%
def with_moments(condition):
    """Average polynomials in y."""
    return condition.replace(Average, over_teacher)


@record("51", Nature.LIMIT, "50 chi-square", "solve (50) with Var y = 2/p*", places.widening, 12)
def critical_alpha_at_large_p():
    """alpha_c at infinite overparametrisation. Domain: p -> infinity."""
    yield Eq(s.alpha_c, s.p_star * (s.a + 1) ** 2 / 2)
    condition = with_moments(equation("50"))
    yield condition, "variance of the teacher's output"
    yield Eq(s.alpha_c, solve(condition, s.alpha_c)[0])


# %%
@record("52", Nature.LIMIT, "40 48 chi-square", "limit of weights and laws", places.widening, 12)
def outlier_condition_at_large_p():
    """Outlier condition at large p. Domain: p -> infinity, g = -p/2."""
    yield Eq(S.One, s.alpha_BBP * Average((1 - s.y) ** 2) / (s.a + 1))
    (average,) = equation("40").atoms(Average)
    mean = yield from at_infinite_width(average.args[0])
    condition = equation("40").subs(average, mean).subs(s.g, edges.smooth_edge_g())
    yield condition.subs(s.alpha, s.alpha_BBP), "in (40)"
    yield Eq(S.One, (condition.rhs / condition.lhs).subs(s.alpha, s.alpha_BBP))


# %%
@record("53", Nature.LIMIT, "51 52 14", "solve (52); ratio to (51)", places.widening, 10)
def always_discontinuous():
    """The transition is always discontinuous at large p.

    Domain: p -> infinity; alpha_BBP < alpha_c for a > 0, infimum p*/2 as a -> 0.
    """
    yield Eq(s.alpha_BBP, s.p_star * (s.a + 1) / 2), Eq(s.alpha_c / s.alpha_BBP, s.a + 1)
    condition = with_moments(equation("52"))
    yield condition, "variance of the teacher's output"
    (found,) = solve(condition, s.alpha_BBP)
    yield Eq(s.alpha_BBP, found), "solved"
    ratio = factor(equation("51").rhs / found)
    require((ratio - 1).is_positive, "alpha_c lies above alpha_BBP")
    yield limit(found, s.a, 0, "+"), "infimum: the threshold rises with a"
    require(found.diff(s.a).is_positive, "the threshold rises with a")
    yield Eq(s.alpha_BBP, found), Eq(s.alpha_c / s.alpha_BBP, ratio)


# %%
@record("17", Nature.LIMIT, "53", "the limiting ensemble, integrated by SymPy", places.widening, 12)
def threshold_at_infinite_overparametrisation():
    """Threshold at infinite overparametrisation.

    The result (53) by another route: the integrals over the Laplace variable of the limiting
    ensemble.

    Domain: p -> infinity after N -> infinity.
    """
    yield Eq(s.alpha_BBP, s.p_star * (s.a + 1) / 2)
    exact = reduce(spectrum.outlier_alpha(), overparametrised_ensemble()).subs(s.t, 1)
    yield exact, "the outlier's curve at p = infinity and t = 1"
    yield Eq(s.alpha_BBP, factor(exact.doit()))


# %%
@record(
    "jump-infinite",
    Nature.LIMIT,
    "58 46 48",
    "the limiting ensemble, integrated by SymPy",
    places.widening,
    12,
)
def jump_at_infinite_overparametrisation():
    """Jump of the squared overlap at p = infinity. Domain: p -> infinity."""
    yield Eq(s.overlap2, thresholds.overparametrised_jump())
    exact = reduce(curves.outlier_overlap2(), overparametrised_ensemble()).subs(s.t, 1)
    yield Eq(s.overlap2, simplify(exact.doit())), "its curve at p = infinity and t = 1"
