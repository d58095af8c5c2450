# %% [markdown]
# # 10. Sampled weights in place of their law
#
# Equations (27)-(40) average over the law of the weights. A finite system has $M = \alpha N$ weights
# and knows no others. What happens if $\alpha\,\mathbb E[\dots]$ is left as the sum it came from,
# $\frac1N\sum_\mu$?

# %%
from fractions import Fraction

import numpy as np
from sympy import (
    Eq,
    Matrix,
    Rational,
    Symbol,
    cancel,
    diag,
    eye,
    factor,
    oo,
    simplify,
    solve,
    symbols,
)

from bbpsym import Model, outlier, predict, predict_from, predicted_crossing, threshold
from bbpsym.equations import sampled
from bbpsym.equations.spectrum import dressed_weight
from bbpsym.finite import Point, draw, lowest
from bbpsym.symbols import N, f, g, y, yh

# %% [markdown]
# ## The matrix Dyson equation
#
# The rainbow diagrams (27) never used that the weights are averaged: that (24) holds sample by
# sample is enough. So
#
# $$G^{-1} = z - \frac1N\sum_\mu h_\mu,\qquad h_\mu = F_\mu (1 - G F_\mu)^{-1},$$
#
# but the rotation of (29)(30) is lost: $G$ is a symmetric $p\times p$ matrix, $g$ plus something of
# order $N^{-1/2}$. In the eigenbasis of $G$ every $h$ is explicit. With
# $F = c + d\,\lambda\lambda^T$ the geometric series has the rank-one vertices $d$, between them the
# loop $q = \lambda^T G (1 - cG)^{-1} \lambda$, and at either end a factor $(1 - cG)^{-1}$. The matrix of
# the package solves $(1 - FG)\,h = F$:

# %%
c, d, g_1, g_2, l_1, l_2 = symbols("c d g_1 g_2 lambda_1 lambda_2", real=True)
G, vector = diag(g_1, g_2), Matrix([l_1, l_2])
F = c * eye(2) + d * vector * vector.T
units = {sampled.excess: 1 + c}  # F = -(1 - e) + ...
steps = [{**units, sampled.distance: 1 + value} for value in (g_1, g_2)]  # G = -(1 - x)
ends = diag(*(sampled.dressing().subs(step) for step in steps))
identity = diag(*(sampled.dressed_identity().subs(step) for step in steps))
loop = sum(
    sampled.loop_weight().subs(step) * l**2 for step, l in zip(steps, (l_1, l_2), strict=True)
)
vertex = sampled.dressed_rank_one().subs({sampled.rank_one: d, sampled.loop: loop})
h = identity + vertex * ends * vector * vector.T * ends
assert (((eye(2) - F * G) * h - F).applyfunc(cancel)).is_zero_matrix
Eq(Symbol("k"), sampled.dressed_rank_one())

# %% [markdown]
# ## The edge of a finite sample is sharp
#
# For $p = 1$ the edge is where $\frac1N\sum_\mu (g h_\mu)^2 = 1$. Every term grows as $g$ falls from
# zero, since its derivative has the sign of $g$ (derived), and the one of the lowest weight has a pole
# at the end of the domain, $g = 1/f_{\min}$. So there is one root before it, always: a smooth edge
# is the limit of sharp ones, whose turning point is squeezed against the lowest weight.

# %%
growth = factor(((g * dressed_weight) ** 2).diff(g))
assert simplify(growth - 2 * g * f**2 / (1 - g * f) ** 3) == 0
assert cancel((1 - g * f) ** 2 * (g * dressed_weight) ** 2).subs(g, 1 / f) == 1  # a double pole
growth

# %% [markdown]
# A lowest weight far from all others has the root at a distance of order $N^{-1/2}$ from the pole, and
# the edge $2\sqrt{|\lambda'|/N}$ to the left of where the weight alone would put its eigenvalue.

# %%
x, slope = symbols("x lambda'", positive=True)  # 1 - g f, and -g^2 lambda' of all other weights
(root,) = solve(Eq(1 / (N * x**2), slope), x)
shift = 1 / (N * root) + slope * root  # of lambda, in units of |f|
assert simplify(shift - 2 * (slope / N) ** Rational(1, 2)) == 0
root

# %% [markdown]
# ## What the weights leave open
#
# The signal's self-energy holds pairs of different samples,
# $\frac1N\sum_{\mu\ne\nu} u_\mu u_\nu h_\mu (x_\mu^T R\, x_\nu) h_\nu$, whose signs the weights do not
# fix. Their mean vanishes. With $\mathbb E (x_\mu^T R\, x_\nu)^2 = -g'(z)/N = 1/(N|\lambda'|)$ their
# variance is $\frac2N S'^2/|\lambda'|$, as $S' = \frac1N\sum_\mu u_\mu^2 h_\mu^2$, and the pole moves by
# $m^2$ times the sum. By (58) $S'$ follows from $m^2$:

# %%
S, m2 = symbols("S' m^2", positive=True)
(S_of_m2,) = solve(Eq(m2, 1 / (1 + S / slope)), S)  # lambda' = -slope
variance = simplify(m2**2 * 2 / N * S_of_m2**2 / slope)
assert simplify(variance - 2 / N * slope * (1 - m2) ** 2) == 0
variance

# %% [markdown]
# This is derived, to first order in $N^{-1/2}$. For any widths the same argument gives
# $\frac2N m^4 \operatorname{tr} W (-R)^{-1}[W]$, with $W = \frac1N\sum_\mu (h_\mu V^T u_\mu)(h_\mu V^T u_\mu)^T$
# and the response $R[X] = -G^{-1}XG^{-1} + \frac1N\sum_\mu h_\mu X h_\mu$, which is singular at the edge.
# One Hessian, and what its weights predict:

# %%
point = Point(N=400, p=2, p_star=1, a=1.5, alpha=4.0)
instance = draw(point, np.random.default_rng(1))
found = predict_from(Model(2, 1, "1.5"), instance.student_fields, instance.teacher_fields, 400)
measured = lowest(instance).values
for item, value in zip(found.outliers, measured, strict=True):
    assert abs(item.value - value) < 4 * item.deviation
found, measured

# %% [markdown]
# ## Far beyond any simulation
#
# The lowest weights are those of the largest labels. In units of $2/p$ the distance of a weight from
# the bound $-1$ is $\tau$, and small only where $y$ is large:

# %%
assert sampled.identity_distance(single=True).subs(yh, 0).limit(y, oo) == 0
sampled.identity_distance(single=True)

# %% [markdown]
# Drawing those exactly, and integrating the others over their law, gives samples of any size. In
# the limit both ways agree with the theory:

# %%
model, ratio = Model(1, 1, "1.5"), Fraction(3, 2)
huge = predict(model, ratio, 10**12, np.random.default_rng(1))
assert abs(huge.outliers[0].value - outlier(model, ratio).value) < 1e-6
huge

# %% [markdown]
# ## The drift of a discontinuous transition
#
# With a smooth edge the outlier is seen until it meets not $t = 1$ but the pole of the lowest weight,
# $t = 1/(1 - \tau_{\min})$. To first order the outlier curve $\alpha(t)$ goes on beyond $t = 1$ in a
# straight line, and
#
# $$\alpha_{1/2}(N) \approx \alpha_{\mathrm{BBP}} + \frac{d\alpha}{dt}\,\tau_{\min}(N),
# \qquad \tau_{\min} \approx \frac{a}{\log N^{2/p^*}},$$
#
# below the threshold and approaching it like $1/\log N$ (a heuristic argument, checked by the
# prediction itself). The least of $M$ values of $\tau$ is below a $\tau$ with probability one half
# where $M P = \log 2$, with $P \approx e^{-p^* a/(2\tau)}$ up to powers.

# %%
alpha_bbp = threshold(model).alpha
near = outlier(model, alpha_bbp + 1e-4)
steepness = 1e-4 / (near.t - 1)
crossing = predicted_crossing(model, "1e100", 20, np.random.default_rng(1), extremes=200)
drift = alpha_bbp - crossing.alpha
tau = 1.5 / (2 * np.log(10.0**100))
assert 0.8 < drift / (-steepness * tau) < 1.2
alpha_bbp, crossing.alpha

# %% [markdown]
# At $N = 10^{100}$ the threshold is still missed by one percent. Where the transition is continuous
# the edge is sharp, no lowest weight stands in the way, and a thousand samples show the threshold.
