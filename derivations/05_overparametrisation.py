# %% [markdown]
# # 5. Thresholds in closed form, and infinite overparametrisation
#
# At the smooth edge $t = 1$ the denominator of the dressed weight no longer contains $y$: only the
# moments of $y$ enter, and one function of the student's output remains,
# $X(c) = \langle 1/(a + c\,\hat y)\rangle$.

# %%
from sympy import Eq, factor, limit, simplify

from bbpsym.equations import curves, spectrum, thresholds
from bbpsym.equations.ensemble import hessian_ensemble, overparametrised_ensemble
from bbpsym.expansions import overparametrised_series
from bbpsym.identities.closed_forms import (
    at_the_smooth_edge,
    elementary_statement,
    elementary_thresholds,
    inverse_mean_by_substitution,
)
from bbpsym.identities.compare import same_expression, same_statement
from bbpsym.identities.expansions import expanded
from bbpsym.identities.overparametrisation import always_discontinuous, solve_outlier_condition
from bbpsym.symbols import a, p, p_star, t
from bbpsym.systems import reduced

assert same_expression(inverse_mean_by_substitution().rhs, thresholds.inverse_mean())
inverse_mean_by_substitution()

# %% [markdown]
# The discontinuous threshold, for every width of student and teacher:

# %%
assert same_expression(at_the_smooth_edge("outlier_alpha"), thresholds.discontinuous_threshold())
simplify(at_the_smooth_edge("outlier_alpha"))

# %% [markdown]
# For odd widths it is an error function, for even ones an exponential integral:

# %%
assert same_statement(elementary_thresholds(), elementary_statement())
elementary_statement()[0]

# %%
elementary_statement()[1]

# %% [markdown]
# In the same way one finds where the edge changes its type, and the jump of the squared overlap.

# %%
assert same_expression(at_the_smooth_edge("edge_alpha"), thresholds.critical_alpha())
assert same_expression(at_the_smooth_edge("overlap2"), thresholds.overlap_jump())

# %% [markdown]
# ## Infinite overparametrisation, (50)-(53)
#
# As $p\to\infty$ the student's output tends to one and the single eigenvalue loses its weight $1/p$.
# The dressed weight at the smooth edge is bounded by $c\hat y/a + y/a + 1$ in units of $2/p$, whose
# powers are integrable uniformly in $p$: limit and average may be exchanged.

# %%
threshold, ratio = solve_outlier_condition()
assert same_statement((threshold, ratio), always_discontinuous())
exact = reduced(overparametrised_ensemble(), "outlier_alpha").subs(t, 1).doit()
assert simplify(exact - threshold.rhs) == 0
assert limit(threshold.rhs, a, 0) == p_star / 2
threshold

# %% [markdown]
# ## Large but finite widths
#
# Two central moments of the student's output give the first correction. It has the sign of $a - 1$:
# for $a < 1$ the threshold rises with $p$ towards its limit, for $a > 1$ it falls.

# %%
first = overparametrised_series(spectrum.outlier_alpha(), 1)
slope = factor(first.coeff(1 / p))
assert slope.subs(a, 1) == 0
assert factor(slope / (a - 1)).is_positive
slope

# %% [markdown]
# Higher orders come from the same routine, and agree with Watson's lemma applied to $X(c)$:

# %%
third = overparametrised_series(spectrum.outlier_alpha(), 3)
assert simplify(third - expanded(thresholds.discontinuous_threshold)) == 0
jump = overparametrised_series(curves.outlier_overlap2(), 0)
assert simplify(jump - thresholds.overparametrised_jump()) == 0
Eq(thresholds.Symbol("m^2"), jump)

# %%
assert len(hessian_ensemble().weights) == 2
third
