# %% [markdown]
# # 7. Any weights
#
# A spectral method (7) is $D = \sum_\mu T(y^\mu)\, x^\mu x^{\mu T}$: the Hessian's matrix of weights
# is replaced by a single number. Nothing in (20)-(58) used more of the weights than their law and
# the mean square of the teacher's pre-activation given them, so every equation holds with
# $f = T(y)$ and $u^2 \to s(y) = E[u^2|y]$.
#
# In this chapter: what the equations say of every weight, the optimal weight, the averaged Hessian.
# Statements are *derived* here unless they are called *computed* or *conjectured*.

# %%
from sympy import (
    Rational,
    cancel,
    factor,
    integrate,
    oo,
    simplify,
    solve,
    symbols,
    tanh,
)
from sympy.abc import y

from bbpsym import (
    Ensemble,
    Model,
    averaged_hessian,
    luo_alghamdi_lu,
    outlier,
    teacher_labels,
    threshold,
)
from bbpsym.equations import labels, methods, spectrum
from bbpsym.equations.average import Average
from bbpsym.identities.compare import same_expression
from bbpsym.symbols import a, alpha, f, g, label, p, p_star, signal_factor, u

spectrum.outlier_equation()

# %% [markdown]
# ## Both sides of the bulk
#
# To the right of the bulk nothing has to be derived again: $D$ with weight $-T$ is $-D$. The end of
# the domain (42) is $g = -1/|f_-|$ on the left and $1/f_+$ on the right, and there is an edge on a
# side only if the weights are bounded on that side.
#
# ## One outlier at most, and where it goes
#
# Write $h = f/(1-gf)$, $K = \langle (u^2-1) h\rangle$. On the outlier curve $1/\alpha = gK$, on the
# edge curve $1/\alpha = g^2 \langle h^2 \rangle$. Their derivatives, by code:

# %%
h = spectrum.dressed_weight
K, square = Average((u**2 - 1) * h), Average(h**2)
rate = 1 / spectrum.outlier_alpha()
edge_rate = 1 / spectrum.sharp_edge_alpha()
slope = K + g * Average((u**2 - 1) * h**2)
assert same_expression(rate.diff(g), slope)

# %% [markdown]
# With $S'(g) = \alpha\langle u^2 h^2\rangle$, $\lambda'(g) = -1/g^2 + \alpha \langle h^2\rangle$ and
# $1/\alpha = gK$, the slope of the outlier curve is
# $\frac{d}{dg}\frac1\alpha = \frac g\alpha\,\big(S'(g) - \lambda'(g)\big)$:

# %%
right_side = g * (Average(u**2 * h**2) - (Average(h**2) - rate / g**2))
assert same_expression(right_side, slope)

# %% [markdown]
# Where an outlier lies left of the bulk, $\lambda' < 0 < S'$, so $1/\alpha$ falls with $g$ all along:
# the outlier of a larger $\alpha$ has a smaller $|g|$. On the edge curve, $g^2\langle h^2\rangle$
# grows with $|g|$, whatever the law, because each $(gf/(1-gf))^2$ does:

# %%
term = (g * f / (1 - g * f)) ** 2
assert factor(term.diff(g) - 2 * g * f**2 / (1 - g * f) ** 3) == 0

# %% [markdown]
# So between two crossings of the curves the outlier takes a range of $\alpha$ of its own: for every
# $\alpha$ there is at most one outlier on each side, for any weight and any law, and the threshold
# is the crossing with the largest $|g|$, or the end of the domain. (That there is only one crossing
# is not true for every law; the program looks for the last one on a grid, which is *computed*.)
#
# ## The optimal weight
#
# For $T = 1 - 1/s$ the dressed weight is $h = (s-1)/(g + (1-g)s)$, hence
# $(1-g)(s-1)h + h = s - 1$.

# %%
s = signal_factor
optimal = methods.optimal_weight()
dressed = cancel(h.subs(f, optimal))
assert simplify((1 - g) * (s - 1) * dressed + dressed - (s - 1)) == 0
dressed

# %% [markdown]
# Average it ($E[s] = 1$): $E[h] = -(1-g)K$. With (40), $\alpha K = 1/g$, the outlier is
# $\lambda_* = 1/g + \alpha E[h] = 1$ for every $\alpha$ above the threshold. Average it times $h$:
# $\langle h^2\rangle = K - (1-g)\langle (s-1)h^2\rangle$, and (58) becomes $m^2 = 1 - g$.

# %%
mean, first, second = symbols("h K B", real=True)  # E[h], K, <(s - 1) h^2>
value = 1 / g + alpha * mean
assert simplify(value.subs(mean, -(1 - g) * first).subs(first, 1 / (g * alpha))) == 1

squares = first - (1 - g) * second
overlap2 = (first / g - squares) / (first / g + second)
assert simplify(overlap2 - (1 - g)) == 0

for ratio in (Rational(3, 5), 1, 3):
    found = outlier(luo_alghamdi_lu(1), ratio, side="right")
    assert abs(found.value - 1) < 1e-11
    assert abs(found.overlap2 + found.g - 1) < 1e-11

# %% [markdown]
# The end of the domain is $g = 1$, where $h = s - 1$. There (40) and (44) are the same equation,
# $1/\alpha = E[(s-1)^2]$: the transition begins with $m^2 = 0$ although the edge is the end of the
# domain. For labels without noise $s = y$ and the variance is $2/p^*$, so the threshold is $p^*/2$.

# %%
assert dressed.subs(g, 1) == s - 1
density = labels.chi_square_density()
moment = lambda power: integrate(label**power * density.subs(p_star, 3), (label, 0, oo))  # noqa: E731
assert simplify(moment(2) - moment(1) ** 2 - 2 / Rational(3)) == 0
for width in (1, 2, 3):
    found = threshold(luo_alghamdi_lu(width), side="right")
    assert abs(found.alpha - float(methods.weak_recovery_alpha().subs(p_star, width))) < 1e-12

# %% [markdown]
# No weight does better. For fixed $g$ let $q = h/c$ with any constant $c$: by (40) and (58)
# $m^2 = (\alpha A^2 - B)/(\alpha A^2 + C)$ with $A = E[(s-1)q]$, $B = E[q^2]$, $C = E[(s-1)q^2]$,
# and $1/m^2 - 1 = E[s q^2]/(\alpha A^2 - E[q^2])$ is least over *all* functions $q(y)$ where its
# variation vanishes. The condition is linear in q:

# %%
q, A, top, bottom = symbols("q A P Q", positive=True)  # P = E[s q^2], Q = alpha A^2 - E[q^2]
variation = 2 * s * q * bottom - top * (2 * alpha * A * (s - 1) - 2 * q)
(best,) = solve(variation, q)
best = factor(best)
assert simplify(best - alpha * A * top * (s - 1) / (s * bottom + top)) == 0
best

# %% [markdown]
# $q \propto (s-1)/(P + Qs)$, which is the dressed optimal weight with $g = P/(P+Q)$, that is
# $m^2 = Q/(P+Q) = 1 - g$, as found above. It is the maximum: $Q$ is a rank-one form minus a positive
# one, so that the quotient $Q/P$ has a single stationary point with $Q > 0$.
#
# The same bound holds for every matrix of this kind, the Hessian of any width included (*derived*).
# With $u = gh$, (40) is $\langle (y-1)u\rangle = 1/\alpha$ and (58) is
# $m^2/(1-m^2) = (1/\alpha - \langle u^2\rangle)/\langle y u^2\rangle$:

# %%
dressed_square = symbols("Q", real=True)  # <h^2>; second is <(y - 1) h^2> as above
any_overlap2 = (first / g - dressed_square) / (first / g + second)
with_u = (g * first - g**2 * dressed_square) / (g**2 * (second + dressed_square))
assert simplify(any_overlap2 / (1 - any_overlap2) - with_u) == 0

# %% [markdown]
# Replacing $u$ by its mean given $y$ (over the student, and over the eigenvalues of $F$) keeps the
# first average and lowers the other two, by Jensen's inequality. So the best is a function of $y$
# alone, and among these the optimal weight is best.
#
# ## The averaged Hessian
#
# Averaged over the student, the Hessian's weight is a number too:

# %%
weight = methods.averaged_weight()
assert simplify(weight - (2 / p) * (1 + 2 / p - label) / (a + label)) == 0
weight

# %% [markdown]
# At the end of its domain, $g = -p/2$, $D = 1 - gf = (a + 1 + 2/p)/(a + y)$, so all averages are
# moments of $y$, and (40) and (44) give threshold and $\alpha_c$ in closed form:

# %%
at_end = cancel(h.subs(f, weight).subs(g, -p / 2))
rest = a + 1 + 2 / p
assert simplify(at_end - (2 / p) * (1 + 2 / p - label) / rest) == 0

variance = 2 / p_star
excess = -(2 / p) * variance / rest  # E[(y - 1) h]
spread = (2 / p) ** 2 * (variance + (2 / p) ** 2) / rest**2  # E[h^2]
closed = simplify(1 / (-p / 2 * excess))
critical = simplify(1 / ((p / 2) ** 2 * spread))
assert simplify(closed - p_star * rest / 2) == 0
closed

# %%
critical

# %% [markdown]
# The closed form is the threshold where it is not beyond $\alpha_c$:

# %%
margin = simplify(critical / closed)
assert simplify(margin - p * (a * p + p + 2) / (p**2 + 2 * p_star)) == 0
margin

# %% [markdown]
# that is for $a \ge \frac2p\left(\frac{p^*}{p} - 1\right)$; for narrow students and wide teachers the
# averaged Hessian has a continuous transition, later than the closed form says. In both cases it
# needs more samples than the overparametrised Hessian, $p^*(a+1)/2$: the outlier curve of a
# continuous transition lies above its value at the end.

# %%
for model in (Model(2, 1, "0.7"), Model(1, 3, "1.5"), Model(1, 3, 5)):
    found = threshold(averaged_hessian(model))
    values = {a: Rational(str(model.a)), p: model.p, p_star: model.p_star}
    formula = closed.subs(values)
    assert (found.kind == "discontinuous") == (margin.subs(values) >= 1)
    assert found.alpha >= float(formula) * (1 - 1e-12)
    assert found.alpha > threshold(Model("inf", model.p_star, model.a)).alpha
    if found.kind == "discontinuous":
        assert abs(found.alpha / float(formula) - 1) < 1e-12

# %% [markdown]
# ## Your own weight
#
# Any expression in one symbol, with labels of a teacher, with noise, of a given density, Laplace
# transform or SciPy distribution, or discrete:

# %%
threshold(Ensemble(weight=tanh(y), law=teacher_labels(1)), side="right")
