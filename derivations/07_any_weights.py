# %% [markdown]
# # 7. Any weights
#
# A spectral method (7) is $D = \sum_\mu T(y^\mu)\, x^\mu x^{\mu T}$: the Hessian's matrix of weights
# is replaced by a single number. Nothing in (20)-(58) used more of the weights than their law and
# the mean square of the teacher's pre-activation given them, so every equation holds with
# $f = T(y)$ and $u^2 \to s(y) = E[u^2|y]$.
#
# In this chapter: what the equations say of every weight, the optimal weight, the averaged Hessian.

# %%
from sympy import Eq, Symbol, cancel, factor, integrate, oo, simplify, solve, symbols, tanh
from sympy.abc import y

from bbpsym import Ensemble, teacher_labels, threshold
from bbpsym import symbols as s
from bbpsym.equations import edges, label_law, published_weights, spectrum
from bbpsym.equations.average import Average
from bbpsym.records import places
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation, record_of
from bbpsym.records.show import record

h, excess = spectrum.dressed_weight, s.u**2 - 1


# %% [markdown]
# ## Both sides of the bulk
#
# To the right of the bulk nothing has to be derived again: $D$ with weight $-T$ is $-D$. The end of
# the domain (42) is $g = -1/|f_-|$ on the left and $1/f_+$ on the right, and there is an edge on a
# side only if the weights are bounded on that side.
#
# ## One outlier at most, and where it goes


# %%
@record("outlier-rate", Nature.DERIVED, "40 43 57 curves", "derivative of (40)", places.outlier)
def slope_of_the_outlier_curve():
    r"""Slope of the outlier's curve, for any weights.

    $\frac{d}{dg}\frac1\alpha = \frac g\alpha\,\big(S'(g) - \lambda'(g)\big)$. Where an outlier lies
    left of the bulk, $\lambda' < 0 < S'$, so $1/\alpha$ falls with $g$ all along: the outlier of a
    larger $\alpha$ has a smaller $|g|$.

    Domain: g on the outlier curve of any weights and any law.
    """
    rate = s.g * Average(excess * h)
    slope = s.g / s.alpha * (s.S_slope - s.lambda_slope)
    yield Eq(rate.diff(s.g).doit(), slope)
    yield equation("40"), "1/alpha is g times the average"
    found = rate.diff(s.g).doit()
    yield found, "its derivative"
    bulk, signal = equation("43").rhs, equation("38").rhs.diff(s.g)
    values = {s.S_slope: signal, s.lambda_slope: bulk}
    first = slope.subs(values).expand().subs(1 / s.alpha, rate)
    yield identity(first, found), "g/alpha (S' - lambda'), with 1/alpha = g K"
    yield Eq(found, slope)


# %%
@record("edge-rate", Nature.DERIVED, "44", "derivative of one term")
def slope_of_the_edge_curve():
    r"""Slope of the edge's curve, for any weights.

    On the edge curve $1/\alpha = g^2\langle h^2\rangle$ grows with $|g|$, whatever the law, because
    each term does: its derivative has the sign of $g$. So between two crossings of the curves the
    outlier takes a range of $\alpha$ of its own: for every $\alpha$ there is at most one outlier on
    each side, and the threshold is the crossing with the largest $|g|$, or the end of the domain.
    That there is only one crossing is not true for every law; the program looks for the last one on
    a grid, which is computed.

    Domain: 1 - g f > 0.
    """
    term = (s.g * s.f / (1 - s.g * s.f)) ** 2
    rate = Symbol(r"\frac{d}{dg} (g h)^2")
    yield Eq(rate, 2 * s.g * s.f**2 / (1 - s.g * s.f) ** 3)
    yield term, "a term of g^2 <h^2>"
    yield Eq(rate, factor(term.diff(s.g)))


# %% [markdown]
# ## The optimal weight
#
# For $T = 1 - 1/s$ everything is explicit, and no other weight does better.


# %%
@record(
    "optimal-weight", Nature.DERIVED, "39 40 58", "average of an identity for h", places.optimal
)
def optimal_weight():
    r"""Outlier and overlap of the optimal weight.

    The dressed weight is $h = (s-1)/(g + (1-g)s)$, hence $(1-g)(s-1)h + h = s - 1$. Average it
    ($E[s] = 1$): $E[h] = -(1-g)K$. Average it times $h$: $\langle h^2\rangle = K - (1-g)B$ with
    $B = \langle (s-1)h^2\rangle$.

    Domain: 0 < g < 1, to the right of the bulk; above the threshold, for every alpha.
    """
    yield Eq(s.outlier, 1), Eq(s.overlap2, 1 - s.g)
    factor_ = s.signal_factor
    dressed = cancel(h.subs(s.f, published_weights.optimal_weight()))
    yield dressed, "the dressed weight"
    left = (1 - s.g) * (factor_ - 1) * dressed + dressed
    yield identity(left, factor_ - 1), "with one denominator"
    K, B = symbols("K B", real=True)
    mean, square = -(1 - s.g) * K, K - (1 - s.g) * B
    yield (mean, square), "<h> and <h^2>"
    level = (1 / s.g + s.alpha * mean).subs(s.alpha, 1 / (s.g * K))
    yield level, "(41) on the outlier's curve, alpha = 1/(g K)"
    overlap = (K / s.g - square) / (K / s.g + B)
    yield overlap, "the squared overlap along the curve"
    yield Eq(s.outlier, simplify(level)), Eq(s.overlap2, simplify(overlap))


# %%
@record(
    "optimal-threshold",
    Nature.DERIVED,
    "optimal-weight 44",
    "variance of s at the end of the domain",
    places.optimal_end,
)
def threshold_of_the_optimal_weight():
    r"""Threshold of the optimal weight: weak recovery.

    The end of the domain is $g = 1$, where $h = s - 1$. There (40) and (44) are the same equation,
    $1/\alpha = E[(s-1)^2]$: the transition begins with $m^2 = 0$ although the edge is the end of the
    domain. For labels without noise $s = y$, whose variance is $2/p^*$.

    Domain: labels of the teacher without noise.
    """
    yield Eq(s.alpha, published_weights.weak_recovery_alpha())
    end = cancel(h.subs(s.f, published_weights.optimal_weight())).subs(s.g, 1)
    yield end, "dressed weight at g = 1"
    require(end == s.signal_factor - 1, "(40) and (44) are the same equation")
    density = label_law.chi_square_density()
    first, second = (
        simplify(integrate(s.label**n * density, (s.label, 0, oo), conds="none")) for n in (1, 2)
    )
    yield (first, second), "moments of the labels"
    yield Eq(s.alpha, simplify(1 / (second - first**2)))


# %%
@record("any-matrix", Nature.DERIVED, "40 58 curves", "(40) and (58) in g h", places.outlier)
def overlap_of_any_matrix():
    r"""The overlap of any matrix of this kind, the Hessian of any width included.

    With $q = gh$, (40) is $\langle (u^2-1) q\rangle = 1/\alpha$. Replacing $q$ by its mean given $y$
    (over the student, and over the eigenvalues of $F$) keeps this average and lowers
    $\langle q^2\rangle$ and $\langle u^2 q^2\rangle$, by Jensen's inequality: the best is a function
    of $y$ alone.

    Domain: g on the outlier curve.
    """
    square, signal = s.g**2 * Average(h**2), s.g**2 * Average(s.u**2 * h**2)
    odds = s.overlap2 / (1 - s.overlap2)
    yield Eq(odds, (1 / s.alpha - square) / signal)
    overlap = record_of("curves").relations()[2].rhs
    yield Eq(s.overlap2, overlap), "the squared overlap along the curve"
    K, B, C = symbols("K B C", real=True)
    means = {Average(excess * h): K, Average(h**2): B, Average(excess * h**2): C}
    found = factor(odds.subs(s.overlap2, overlap.xreplace(means)))
    yield Eq(odds, found), "the odds, with K = <(u^2 - 1) h>, B = <h^2>, C = <(u^2 - 1) h^2>"
    with_alpha = found.subs(K, 1 / (s.g * s.alpha))
    yield Eq(odds, with_alpha), "(40): alpha g K = 1"
    yield Eq(odds, with_alpha.subs(C, signal / s.g**2 - B).subs(B, Average(h**2)))


# %%
@record("optimal-function", Nature.DERIVED, "any-matrix optimal-weight", "vanishing variation")
def optimal_function():
    r"""The best function of the label.

    For fixed $g$ let $q = h/c$ with any constant $c$: $1/m^2 - 1 = P/Q$ with $P = E[s q^2]$,
    $Q = \alpha A^2 - E[q^2]$, $A = E[(s-1)q]$ is least over all functions $q(y)$ where its variation
    vanishes. The condition is linear in $q$, and the solution is the dressed optimal weight with
    $g = P/(P+Q)$, that is $m^2 = Q/(P+Q) = 1 - g$. It is the maximum: $Q$ is a rank-one form minus a
    positive one, so that the quotient $Q/P$ has a single stationary point with $Q > 0$.

    Domain: any law of the labels; q up to a constant.
    """
    q, A, P, Q = symbols("q A P Q", positive=True)
    factor_ = s.signal_factor
    yield Eq(q, s.alpha * A * P * (factor_ - 1) / (factor_ * Q + P))
    variation = 2 * factor_ * q * Q - P * (2 * s.alpha * A * (factor_ - 1) - 2 * q)
    yield Eq(variation, 0), "variation of P/Q, times Q^2"
    (best,) = solve(variation, q)
    dressed = cancel(h.subs(s.f, published_weights.optimal_weight())).subs(s.g, P / (P + Q))
    ratio = simplify(best / dressed)
    require(not ratio.has(factor_), "it is the dressed optimal weight up to a constant")
    yield ratio, "over the dressed optimal weight"
    yield Eq(q, factor(best)), "solved for q"


# %% [markdown]
# ## The averaged Hessian
#
# Averaged over the student, the Hessian's weight is a number too. At the end of its domain all
# averages are moments of $y$.


# %%
@record(
    "averaged",
    Nature.DERIVED,
    "40 49",
    "moments of y at the end of the domain",
    places.averaged_end,
)
def thresholds_of_the_averaged_hessian():
    r"""Threshold and alpha_c of the averaged Hessian.

    The closed form is the threshold where it is not beyond $\alpha_c$, that is for
    $a \ge \frac2p\left(\frac{p^*}{p} - 1\right)$; for narrow students and wide teachers the averaged
    Hessian has a continuous transition, later than the closed form says. In both cases it needs more
    samples than the overparametrised Hessian, $p^*(a+1)/2$: the outlier curve of a continuous
    transition lies above its value at the end.

    Domain: g = -p/2; the threshold where it is at most alpha_c.
    """
    closed = s.p_star * (s.a + 1 + 2 / s.p) / 2
    margin = s.p * (s.a * s.p + s.p + 2) / (s.p**2 + 2 * s.p_star)
    yield Eq(s.alpha_BBP, closed), Eq(s.alpha_c / s.alpha_BBP, margin)
    weight, g_end = published_weights.averaged_weight(), edges.smooth_edge_g()
    yield weight, "trace of F over p, at yh = 1"
    at_end = factor(cancel(h.subs(s.f, weight).subs(s.g, g_end)))
    yield at_end, "dressed weight at the end"
    variance, shift = 2 / s.p_star, Symbol("x")
    powers = {shift**2: variance, shift: 0}

    def mean(argument):
        """Average of a polynomial of second degree in y - 1."""
        return argument.subs(s.label, 1 + shift).expand().subs(powers)

    K, square = mean((s.label - 1) * at_end), mean(at_end**2)
    yield (factor(K), factor(square)), "<(y - 1) h> and <h^2>"
    threshold_, critical = simplify(1 / (g_end * K)), simplify(1 / (g_end**2 * square))
    yield Eq(s.alpha_BBP, threshold_), Eq(s.alpha_c / s.alpha_BBP, factor(critical / threshold_))


# %% [markdown]
# ## Your own weight
#
# Any expression in one symbol, with labels of a teacher, with noise, of a given density, Laplace
# transform or SciPy distribution, or discrete:

# %%
if __name__ == "__main__":
    print(threshold(Ensemble(weight=tanh(y), law=teacher_labels(1)), side="right"))
