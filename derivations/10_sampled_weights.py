# %% [markdown]
# # 10. Sampled weights in place of their law
#
# Equations (27)-(40) average over the law of the weights. A finite system has $M = \alpha N$ weights
# and knows no others. What happens if $\alpha\,\mathbb E[\dots]$ is left as the sum it came from,
# $\frac1N\sum_\mu$?

# %%
from fractions import Fraction

import numpy as np

# isort: off
from sympy import Eq, Matrix, Symbol, cancel, diag, expand, eye, factor, oo, simplify, solve, sqrt
from sympy import symbols, together
# isort: on

from bbpsym import Model, outlier, predict, predict_from, predicted_crossing, threshold
from bbpsym import symbols as s
from bbpsym.equations import sampled_weights
from bbpsym.equations.spectrum import dressed_weight
from bbpsym.finite import Point, draw, lowest
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.show import record

# %% [markdown]
# ## The matrix Dyson equation


# %%
@record("sampled-dressing", Nature.DERIVED, "26 27 5", "geometric series of rank-one vertices")
def dressed_weight_of_one_sample():
    r"""Dressed weight of one sample.

    The rainbow diagrams (27) never used that the weights are averaged: that (24) holds sample by
    sample is enough. So $G^{-1} = z - \frac1N\sum_\mu h_\mu$ with $h_\mu = F_\mu (1 - G
    F_\mu)^{-1}$, but the rotation of (29)(30) is lost: $G$ is a symmetric $p\times p$ matrix, $g$ plus
    something of order $N^{-1/2}$. In the eigenbasis of $G$ every $h$ is explicit. With
    $F = c + d\,\lambda\lambda^T$ the geometric series has the rank-one vertices $d$, between them the
    loop $q = \lambda^T G (1 - cG)^{-1} \lambda$, and at either end a factor $(1 - cG)^{-1}$. The matrix
    of the package solves $(1 - FG)\,h = F$.

    Domain: the coefficient k of w w^T in h, w = (1 - c G)^{-1} lambda; checked for p = 2.
    """
    k, d, loop = Symbol("k"), sampled_weights.rank_one, sampled_weights.loop
    yield Eq(k, sampled_weights.dressed_rank_one())
    c, g_1, g_2, l_1, l_2 = symbols("c g_1 g_2 lambda_1 lambda_2", real=True)
    G, vector = diag(g_1, g_2), Matrix([l_1, l_2])
    F = c * eye(2) + d * vector * vector.T
    yield F, "weight of one sample"
    units = {sampled_weights.excess: 1 + c}  # F = -(1 - e) + ...
    steps = [{**units, sampled_weights.distance: 1 + value} for value in (g_1, g_2)]  # G = -(1 - x)
    ends = diag(*(sampled_weights.dressing().subs(step) for step in steps))
    one = diag(*(sampled_weights.dressed_identity().subs(step) for step in steps))
    weights = [sampled_weights.loop_weight().subs(step) for step in steps]
    yield one, "the identity part, dressed"
    vertex = d / (1 - d * (weights[0] * l_1**2 + weights[1] * l_2**2))
    h = one + vertex * ends * vector * vector.T * ends
    rest = ((eye(2) - F * G) * h - F).applyfunc(together)
    solved = all(expand(entry.as_numer_denom()[0]) == 0 for entry in rest)
    require(solved, "(1 - F G) h = F")
    yield Eq(k, d + d * loop * k), "a vertex, or a vertex, a loop and the rest"
    yield Eq(k, d / (1 - d * loop))


# %% [markdown]
# ## The edge of a finite sample is sharp


# %%
@record("sampled-edge-rate", Nature.DERIVED, "44", "one term of the edge's condition")
def edge_of_a_finite_sample():
    r"""The edge of a finite sample is sharp.

    For $p = 1$ the edge is where $\frac1N\sum_\mu (g h_\mu)^2 = 1$. Every term grows as $g$ falls from
    zero, since its derivative has the sign of $g$, and the one of the lowest weight has a double pole
    at the end of the domain, $g = 1/f_{\min}$. So there is one root before it, always: a smooth edge
    is the limit of sharp ones, whose turning point is squeezed against the lowest weight.

    Domain: p = 1, 1 - g f > 0.
    """
    rate = Symbol(r"\frac{d}{dg} (g h_\mu)^2")
    yield Eq(rate, 2 * s.g * s.f**2 / (1 - s.g * s.f) ** 3)
    term = (s.g * dressed_weight) ** 2
    yield term, "a term of the sum"
    pole = cancel((1 - s.g * s.f) ** 2 * term).subs(s.g, 1 / s.f)
    require(pole == 1, "the pole is double")
    yield Eq(rate, factor(term.diff(s.g)))


# %%
@record("lowest-weight", Nature.DERIVED, "sampled-edge-rate", "root next to the double pole")
def edge_at_a_lone_weight():
    r"""Edge of a sample whose lowest weight is far from all others.

    It has its root at a distance $x = 1 - g f$ of order $N^{-1/2}$ from the pole, and the edge to the
    left of where the weight alone would put its eigenvalue.

    Domain: shift of lambda in units of |f|; lambda' (times -g^2) that of all other weights.
    """
    x, slope = symbols("x lambda'", positive=True)
    shift = Symbol(r"\delta\lambda")
    yield Eq(shift, 2 * sqrt(slope / s.N))
    condition = Eq(1 / (s.N * x**2), slope)
    yield condition, "the lowest weight against all others"
    (root,) = solve(condition, x)
    yield Eq(x, root), "solved"
    yield Eq(shift, simplify(1 / (s.N * root) + slope * root))


# %% [markdown]
# ## What the weights leave open


# %%
@record("random-signs", Nature.DERIVED, "38 58 sampled-dressing", "variance of pairs of samples")
def variance_that_weights_leave_open():
    r"""Variance of an outlier that the sampled weights leave open, for p = 1.

    The signal's self-energy holds pairs of different samples, $\frac1N\sum_{\mu\ne\nu} u_\mu u_\nu
    h_\mu (x_\mu^T R\, x_\nu) h_\nu$, whose signs the weights do not fix. Their mean vanishes. With
    $\mathbb E (x_\mu^T R\, x_\nu)^2 = -g'(z)/N = 1/(N|\lambda'|)$ their variance is $\frac2N
    S'^2/|\lambda'|$, as $S' = \frac1N\sum_\mu u_\mu^2 h_\mu^2$, and the pole moves by $m^2$ times the
    sum. By (58) $S'$ follows from $m^2$. For any widths the same argument gives
    $\frac2N m^4 \operatorname{tr} W (-R)^{-1}[W]$, with $W = \frac1N\sum_\mu (h_\mu V^T u_\mu)(h_\mu V^T
    u_\mu)^T$ and the response $R[X] = -G^{-1}XG^{-1} + \frac1N\sum_\mu h_\mu X h_\mu$, which is singular
    at the edge.

    Domain: to first order in N^{-1/2}; lambda' < 0.
    """
    variance = Symbol(r"\mathrm{Var}(\lambda_*)")
    yield Eq(variance, -2 * s.lambda_slope / s.N * (1 - s.overlap2) ** 2)
    overlap = Eq(s.overlap2, 1 / (1 - s.S_slope / s.lambda_slope))
    yield overlap, "the squared overlap (58)"
    (signal,) = solve(overlap, s.S_slope)
    yield Eq(s.S_slope, signal), "solved for S'"
    signs = 2 / s.N * s.S_slope**2 / -s.lambda_slope
    yield s.overlap2**2 * signs, "m^4 times the variance of the pairs"
    yield Eq(variance, simplify(s.overlap2**2 * signs.subs(s.S_slope, signal)))


# %% [markdown]
# One Hessian, and what its weights predict:

# %%
if __name__ == "__main__":
    point = Point(N=400, p=2, p_star=1, a=1.5, alpha=4.0)
    instance = draw(point, np.random.default_rng(1))
    fields = instance.student_fields, instance.teacher_fields
    found = predict_from(Model(2, 1, "1.5"), *fields, 400)
    for item, value in zip(found.outliers, lowest(instance).values, strict=True):
        print(item.value, item.deviation, value)
        assert abs(item.value - value) < 4 * item.deviation


# %% [markdown]
# ## Far beyond any simulation


# %%
@record("lowest-distance", Nature.DERIVED, "48", "limit at a large label")
def distance_of_a_weight_from_its_bound():
    r"""Distance of a weight from its bound.

    The lowest weights are those of the largest labels. In units of $2/p$ the distance of a weight
    from the bound $-1$ is $\tau$, and small only where $y$ is large.

    Domain: p = 1; tau in units of 2/p.
    """
    tau = Symbol("tau", nonnegative=True)
    yield Eq(tau, (3 * s.yh + s.a) / (s.a + s.y))
    value = sampled_weights.identity_distance(single=True)
    require(value.subs(s.yh, 0).limit(s.y, oo) == 0, "it vanishes for a large label")
    yield identity(value.subs(s.yh, 0), s.a / (s.a + s.y)), "without an output of the student"
    yield Eq(tau, value)


# %% [markdown]
# Drawing those exactly, and integrating the others over their law, gives samples of any size. In
# the limit both ways agree with the theory:

# %%
if __name__ == "__main__":
    model, ratio = Model(1, 1, "1.5"), Fraction(3, 2)
    huge = predict(model, ratio, 10**12, np.random.default_rng(1))
    print(huge)
    assert abs(huge.outliers[0].value - outlier(model, ratio).value) < 1e-6

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
if __name__ == "__main__":
    alpha_bbp = threshold(model).alpha
    steepness = 1e-4 / (outlier(model, alpha_bbp + 1e-4).t - 1)
    crossing = predicted_crossing(model, "1e100", 20, np.random.default_rng(1), extremes=200)
    tau = 1.5 / (2 * np.log(10.0**100))
    print(alpha_bbp, crossing.alpha)
    assert 0.8 < (alpha_bbp - crossing.alpha) / (-steepness * tau) < 1.2

# %% [markdown]
# At $N = 10^{100}$ the threshold is still missed by one percent. Where the transition is continuous
# the edge is sharp, no lowest weight stands in the way, and a thousand samples show the threshold.
