# %% [markdown]
# # 11. Deformed Gaussian matrices
#
# The curves of chapters 2 to 5 are those of other matrices in other variables. Here it is
# $H = J + D + \theta\, w w^T$: J is symmetric and Gaussian with entries of variance $\sigma^2/N$, D is
# diagonal with a law, w a unit vector. "Discontinuous BBP transitions" (arXiv 2604.27992) studies its
# transition, which jumps where the law of D vanishes fast at its end.

# %%
# isort: off
from sympy import Eq, Matrix, Symbol, beta, det, diag, expand, eye, factor, gammasimp, log, series
from sympy import gamma, simplify, solve, symbols
# isort: on

import numpy as np
from sympy.abc import x

from bbpsym import DeformedGaussian, labels_of, outlier, threshold
from bbpsym import symbols as s
from bbpsym.answers.deformed_sampled import deformed_predict_from, deformed_scatter
from bbpsym.equations import marchenko_pastur, partitions, pastur, sampled_diagonal
from bbpsym.equations.average import Average
from bbpsym.finite.gaussian import deformed as simulated
from bbpsym.finite.gaussian import entries
from bbpsym.records.record import Nature, require
from bbpsym.records.registry import equation
from bbpsym.records.show import record

# %% [markdown]
# ## The bulk
#
# On the left of the bulk let $\Gamma = c + 1/g$, with a number c and with $f = d - c$: then
# $\frac1{d-\Gamma} = \frac{-g}{1 - g f}$, and the averages are those of chapter 2.


# %%
@record("deformed-bulk", Nature.DERIVED, "26 planarity", "planar diagrams of J between those of D")
def bulk_of_a_deformed_matrix():
    r"""Bulk of a deformed Gaussian matrix.

    In the diagrams of J only pairs of entries that do not cross survive, as in (26), and the
    self-energy is $\sigma^2$ times the Stieltjes transform: $G_{ii} = 1/(\Gamma - d_i)$ with $\Gamma =
    z - \sigma^2 g(z)$. The moments of $J + D$ counted by non-crossing partitions, whose cumulants are
    those of D, and one more $\sigma^2$ for pairs, agree with it order by order.

    Domain: large N; order 5 of the moments.
    """
    yield Eq(s.z, pastur.eigenvalue())
    order = 5
    kappa = symbols(f"kappa1:{order + 1}")
    diagonal = [partitions.moment(n, lambda k: kappa[k - 1]) for n in range(1, order + 1)]
    both = [
        partitions.moment(n, lambda k: kappa[k - 1] + (s.variance if k == 2 else 0))
        for n in range(1, order + 1)
    ]
    inverse, level = Symbol("epsilon"), Symbol("Gamma")  # epsilon = 1/z
    transform = inverse * (1 + sum(m * inverse**n for n, m in enumerate(both, start=1)))
    yield transform, "Stieltjes transform of J + D, by counting, in epsilon = 1/z"
    small = inverse / (1 - s.variance * inverse * transform)  # 1/Gamma
    subordinated = small * (1 + sum(m * small**n for n, m in enumerate(diagonal, start=1)))
    yield subordinated, "that of D at Gamma = z - sigma^2 g(z)"
    rest = series(subordinated, inverse, 0, order + 2).removeO() - transform
    require(expand(rest) == 0, "both agree to this order")
    yield Eq(s.z, level + s.variance * Symbol("g_D")), "the self-energy"
    shifted = {level: pastur.subordinate(), Symbol("g_D"): -Average(pastur.entry)}
    yield Eq(s.z, (level + s.variance * Symbol("g_D")).subs(shifted)), "in g and f"


# %%
def _factored(random):
    return Average(factor(random))


@record("deformed-edge", Nature.DERIVED, "deformed-bulk", "zero of dz/dGamma")
def edge_of_a_deformed_matrix():
    r"""Edge of a deformed Gaussian matrix.

    $z(\Gamma)$ is concave left of the diagonal, since $E_2$ rises with $\Gamma$. So the edge is its
    one maximum, where it is sharp, unless $\sigma^2 E_2 < 1$ up to the end of the diagonal: a density
    that vanishes faster than linearly there leaves $E_2$ finite, and the edge smooth.

    Domain: Gamma left of the diagonal.
    """
    yield Eq(pastur.edge_rate(), 1)
    level = equation("deformed-bulk").rhs
    slope = (level.diff(s.g) / pastur.subordinate().diff(s.g)).replace(Average, _factored)
    yield slope, "dz/dGamma"
    yield Eq((1 - slope).expand(), 1), "it vanishes"


# %% [markdown]
# ## The outlier


# %%
@record(
    "deformed-outlier", Nature.DERIVED, "deformed-bulk", "determinant of a matrix plus rank one"
)
def outlier_of_a_deformed_matrix():
    r"""Outlier of a deformed Gaussian matrix.

    $\det(z - H)$ has the factor $1 - \theta\, w^T G w$. A vector w that knows nothing of J sees
    $\sum_i w_i^2 G_{ii}$, where $u^2 = N w_i^2$ may depend on $d_i$.

    Domain: z outside the bulk.
    """
    yield Eq(1 / s.theta, -pastur.signal_rate())
    a, b, z = symbols("a b z")
    w = Matrix(symbols("w_1 w_2"))
    base = z * eye(2) - diag(a, b)
    factors = det(base) * (1 - s.theta * (w.T * base.inv() * w)[0])
    require(simplify(det(base - s.theta * w * w.T) - factors) == 0, "the determinant factors")
    overlap = Average(s.u**2 * s.g / (1 - s.g * s.f))
    yield 1 - s.theta * overlap, "with G = 1/(Gamma - d) in g and f"
    yield Eq(1 / s.theta, overlap), "it vanishes"


# %%
@record("deformed-overlap", Nature.DERIVED, "deformed-outlier deformed-edge", "residue of w^T G w")
def overlap_of_a_deformed_matrix():
    r"""Squared overlap of the outlier with the spike.

    With $R(z)$ for $w^T G w$ without the spike, that with it is $R/(1 - \theta R)$, whose residue is
    $-1/(\theta^2 R')$, and $R' = \frac{dR}{d\Gamma} / \frac{dz}{d\Gamma}$. At a sharp edge the slope
    $dz/d\Gamma$ vanishes, and with it the overlap; at a smooth one it jumps.

    Domain: along the outlier curve.
    """
    yield Eq(s.overlap2, pastur.overlap2())
    R, small = Symbol("R"), Symbol(r"\delta z")
    strength, rate = 1 / R, Symbol("R'")
    with_spike = (R + rate * small) / (1 - strength * (R + rate * small))
    residue = simplify(with_spike * small).subs(small, 0)
    yield residue, "residue at theta R = 1"
    require(simplify(residue + R**2 / rate) == 0, "it is -1/(theta^2 R')")
    response = -pastur.signal_rate()
    by_gamma = (response.diff(s.g) / pastur.subordinate().diff(s.g)).replace(Average, _factored)
    slope = 1 - equation("deformed-edge").lhs
    yield by_gamma, "dR/dGamma"
    yield Eq(s.overlap2, -(response**2) * slope / by_gamma)


# %%
@record("deformed-site", Nature.DERIVED, "deformed-outlier deformed-overlap", "one term for P_n")
def spike_along_a_coordinate():
    r"""Spike along a coordinate.

    It takes the place of one entry of the diagonal: the outlier lies where $\Gamma$ is $d_i + \theta$,
    and its overlap is the slope $dz/d\Gamma$ itself.

    Domain: theta < 0 on the left; c = 0 without loss.
    """
    gamma_, own = Symbol("Gamma"), Symbol("d_i")
    yield (Eq(gamma_, own + s.theta), Eq(s.overlap2, pastur.slope()))
    first, second = ((own - gamma_) ** -n for n in (1, 2))
    condition = Eq(1 / s.theta, -first)
    yield condition, "P_1 has one term"
    mean, square = Average(s.u**2 * pastur.entry), Average(s.u**2 * pastur.entry**2)
    terms = {mean: first, square: second}
    overlap = pastur.overlap2().xreplace(terms)
    (level,) = solve(condition, gamma_)
    yield Eq(gamma_, level), "solved for Gamma"
    yield (Eq(gamma_, level), Eq(s.overlap2, simplify(overlap)))


# %% [markdown]
# ## A family with smooth edges
#
# For densities $\propto (1 - d^2)^b$ on $[-1, 1]$ everything at the end of the diagonal is elementary.


# %%
@record("deformed-jump", Nature.DERIVED, "deformed-outlier deformed-overlap", "beta integrals")
def jump_of_a_family():
    r"""Threshold, critical sigma and jump of the densities that vanish like a power b.

    With $d = 2x - 1$ the averages of $(1 - d)^{-n}$ are ratios of beta functions.

    Domain: b > 1, sigma < sigma_c; a spike that pulls to the right.
    """
    b = Symbol("b", positive=True)
    critical = Symbol("sigma_c^2")
    yield (
        Eq(s.theta, 2 * b / (2 * b + 1)),
        Eq(critical, 2 * (b - 1) / (2 * b + 1)),
        Eq(s.overlap2, (1 - s.variance / critical) * (b - 1) * (2 * b + 1) / (2 * b**2)),
    )
    moments = [beta(b + 1 - n, b + 1) / beta(b + 1, b + 1) / 2**n for n in (1, 2)]
    yield tuple(moments), "E[(1 - d)^-n]"
    first, second = (gammasimp(moment.rewrite(gamma)) for moment in moments)
    yield (first, second), "simplified"
    yield (
        Eq(s.theta, simplify(1 / first)),
        Eq(critical, simplify(1 / second)),
        Eq(s.overlap2, simplify((1 - s.variance / critical) * first**2 / second)),
    )


# %%
if __name__ == "__main__":
    law = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1, support=(-1, 1))
    print(threshold(DeformedGaussian(law, sigma="0.3")))  # b = 2
    print(outlier(DeformedGaussian(law, sigma="0.3", spike=1), digits=20))

# %% [markdown]
# ## Finite size: informative eigenvectors below the threshold
#
# At finite N the entries near the end of the diagonal lie far apart, and $A = D + \theta\,w w^T$ has a
# lone eigenvalue $\mu$ well below the threshold. What J does to it follows from the others.


# %%
@record("deformed-sample", Nature.DERIVED, "deformed-bulk deformed-overlap", "logarithm of F")
def outlier_of_a_sample():
    r"""Outlier of a sample whose diagonal and signal are known.

    The matrix $J + A$ without a spike has the eigenvalue $z(\mu) = \mu + \frac{\sigma^2}N \sum_j
    \frac1{\mu - \mu_j}$, provided that $dz/d\mu > 0$, which is also the squared overlap with the
    eigenvector of A. The sum over the other eigenvalues of A is one over D and a logarithmic
    derivative of $F(\Gamma) = 1 - \theta \sum_i w_i^2/(\Gamma - d_i)$, without the pole at $\mu$.

    Domain: mu outside the spectrum of D; P_n = sum_i w_i^2 (mu - d_i)^-n.
    """
    sums = symbols("S_1 S_2")
    yield tuple(Eq(name, sampled_diagonal.others(n)) for n, name in enumerate(sums, start=1))
    shift = Symbol("epsilon")
    _, P_2, P_3, P_4 = sampled_diagonal.signals
    F = s.theta * (P_2 * shift - P_3 * shift**2 + P_4 * shift**3)
    yield F, "F about its zero mu, to third order"
    regular = series(simplify(log(F / shift).diff(shift)), shift, 0, 2).removeO()
    yield regular, "F'/F without its pole"
    E_1, E_2 = sampled_diagonal.entries
    whole = E_1 - E_2 * shift + regular / sampled_diagonal.size
    yield (Eq(sums[0], whole.subs(shift, 0)), Eq(sums[1], -whole.diff(shift).subs(shift, 0)))


# %%
if __name__ == "__main__":
    below = DeformedGaussian(law, sigma="0.3", spike="0.75")  # the threshold is 0.8
    print(deformed_scatter(below, 1000, 100, np.random.default_rng(0)))
    rng = np.random.default_rng(1)
    diagonal = entries("(1 - x^2)^2", -1, 1, 500, rng)
    signal = rng.standard_normal(500)
    predicted = deformed_predict_from(below, diagonal, signal)
    found = simulated(diagonal, 0.3, 0.75, rng, signal)
    print(predicted, found)
    assert abs(predicted.value - found.value) < 0.1

# %% [markdown]
# Far below its threshold the asymptotic theory says that nothing is known of the signal; at
# N = 1000 most samples know a good deal of it, and how much varies strongly.

# %% [markdown]
# ## A spike in a sample covariance
#
# The same curve with another condition once more: n data of a population with eigenvalues $\tau$ have
# the matrix $\sum_\mu \tau_\mu x^\mu x^{\mu T}$ of chapter 2 as their companion, with $f = \tau$ and $\alpha =
# p/n$. One more eigenvalue $\ell$ is one more term.


# %%
@record("covariance-spike", Nature.DERIVED, "41 43", "Schur complement of the spike's direction")
def spike_in_a_sample_covariance():
    r"""Spike in a sample covariance.

    Let $Z$ hold the data without the spike's direction and y those along it, over $\sqrt{\ell}$. The
    entry of the resolvent there is one over $z - \ell\, y^T (1 + Z^T (z - Z Z^T)^{-1} Z)\, y$, and the
    bracket is z times the resolvent of the companion $Z^T Z$. A vector y that knows nothing of Z sees
    its mean g, so that the entry is $1/(z - \ell z g(z))$: a pole where $\ell g = 1$, with the residue
    $-1/(\ell z g')$.

    Domain: z right of the bulk.
    """
    ell, slope = Symbol("ell", positive=True), Symbol("g'")
    yield (Eq(ell, -1 / marchenko_pastur.spike_rate()), Eq(s.overlap2, marchenko_pastur.overlap2()))
    z, small = Symbol("z"), Symbol(r"\delta z")
    data = Matrix(2, 3, symbols("Z_1:7"))
    bracket = eye(3) + data.T * (z * eye(2) - data * data.T).inv() * data
    companion = (z * eye(3) - data.T * data).inv()
    numbers = dict(zip(data, (2, -1, 3, 1, 5, -4), strict=True))
    require(simplify((bracket - z * companion).subs(numbers)).is_zero_matrix, "the bracket")
    near = s.g + slope * small
    entry = 1 / (z - ell * z * near)
    yield entry, "entry of the resolvent, near the pole"
    (pole,) = solve(1 - ell * s.g, ell)
    residue = simplify((entry * small).subs(ell, pole))
    yield residue, "residue at the pole"
    values = {z: equation("41").rhs, slope: 1 / equation("43").rhs}
    yield (Eq(ell, pole), Eq(s.overlap2, residue.subs(values)))


# %% [markdown]
# Left of the bulk, for $\gamma < 1$, the companion has its zeros between the bulk and minus infinity, and g is above all $1/\tau$.
# There $\ell = 1/g$ lies below the population, and the inverse variances are the weights.


# %%
@record("covariance-below", Nature.DERIVED, "covariance-spike 41", "f to -1/f and g to -1/g")
def spike_below_a_population():
    r"""Left edge of a sample covariance, and a spike below it.

    With $f = -1/\tau$ and $g = -\ell$ in place of $f = \tau$ and $g = 1/\ell$ the curve (41) is $\psi(\ell) =
    \ell\,(1 - \gamma \langle (1 - \ell/\tau)^{-1} \rangle)$, and the overlap is $\ell \psi'/\psi$ as on the right.

    Domain: gamma < 1, ell below the population.
    """
    yield (
        Eq(s.z, marchenko_pastur.lower_eigenvalue()),
        Eq(s.overlap2, marchenko_pastur.lower_overlap2()),
    )
    (average,) = equation("41").rhs.atoms(Average)
    inner = average.args[0].subs({s.f: -1 / s.f, s.g: -1 / s.g}, simultaneous=True)
    share = 1 / (1 - s.g * s.f)
    require(simplify(inner - s.g * share) == 0, "the weight in the inverse variances")
    require(simplify((s.g * share).diff(s.g) - share**2) == 0, "its slope")
    outer = equation("41").rhs.xreplace({average: Symbol("A")}).subs(s.g, -1 / s.g)
    curve = outer.subs(Symbol("A"), s.g * Average(share))
    yield curve, "the curve"
    slope = outer.diff(s.g) + s.alpha * Average(share**2)
    yield slope, "its slope"
    overlap = simplify(s.g * slope / curve)
    yield overlap, "ell psi'/psi"
    yield (Eq(s.z, curve), Eq(s.overlap2, overlap))
