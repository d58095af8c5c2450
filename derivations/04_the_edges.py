# %% [markdown]
# # 4. The two kinds of edges
#
# Left of the bulk $g$ is real and negative. How far can it go?

# %%
# isort: off
from sympy import Add, Derivative, Eq, I, Rational, exp, expand, expand_log, expand_power_base
from sympy import factor, gamma, integrate, limit, log, oo, pi, powsimp, simplify, solve, symbols
# isort: on

from bbpsym import symbols as s
from bbpsym.ensembles.networks.bounds import is_not_below, lowest
from bbpsym.ensembles.networks.setting import paper
from bbpsym.equations import edges, spectrum
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import chi_square
from bbpsym.records import places
from bbpsym.records.record import Nature, identity, require
from bbpsym.records.registry import equation, record_of
from bbpsym.records.show import record


# %%
@record("42", Nature.DERIVED, "48", "limits of the eigenvalues", places.far_output)
def domain_of_g(of=None):
    r"""Domain of g.

    No eigenvalue (48) lies below $f_-$, and they come arbitrarily close to it: in the paper
    $f_- = -2/p$, as the teacher's output grows, and there is no upper end. To the left of the bulk
    $g < 0$. Hence $1 - g f$ stays positive down to $g = 1/f_-$.

    Domain: f > -2/p, so -p/2 < g < 0 left of the bulk.
    """
    of = of or paper()
    bound = lowest(of)
    stated = -2 / s.p if of.is_paper else bound.value
    yield Eq(edges.f_minus, stated), Eq(edges.g_minus, 1 / edges.f_minus)
    for value in of.eigenvalues():
        yield factor(value - stated), "distance of an eigenvalue from the lower end"
        if bound.proven:
            require(is_not_below(value, stated), "no weight lies below")
        if of.is_paper:
            require(limit(value, s.yh, oo) is oo, "the weights grow without bound")
    least = bound.weight
    for output, place in bound.where:
        least = limit(least, output, place)
        yield least, f"the lowest as {'yh' if output == s.yh else output} -> {place}"
    (end,) = solve(1 - s.g * edges.f_minus, s.g)
    yield (Eq(edges.f_minus, least), Eq(edges.g_minus, end)), "1 - g f vanishes for the lowest"


# %% [markdown]
# ## Sharp edge
#
# As $g$ falls from zero, $\lambda(g)$ rises from $-\infty$. If its slope vanishes inside the domain,
# it turns back there: no larger $\lambda$ belongs to a real $g$, and the bulk begins.


# %%
@record("44", Nature.DERIVED, "41 42 43", "zero of (43)", places.sharp_edge)
def sharp_edge():
    """Sharp edge. Domain: alpha > alpha_c, g = g_sh in (-p/2, 0)."""
    square = Average(spectrum.dressed_weight**2)
    yield Eq(1 / s.g**2, s.alpha * square), Eq(s.edge, spectrum.inverse_stieltjes())
    slope = equation("43").rhs
    yield Eq(slope, 0), "the slope (43) vanishes"
    yield (Eq(1 / s.g**2, slope + 1 / s.g**2), Eq(s.edge, equation("41").rhs)), "in (41)"


# %%
@record(
    "45",
    Nature.LIMIT,
    "19 44",
    "second order of lambda(g) at its maximum",
    places.near_sharp_edge,
    7,
)
def square_root_law():
    r"""Square-root law with its amplitude.

    Close to the turning point $\xi = \lambda - \lambda_- = \frac12\lambda''(g-g_{sh})^2$ with
    $\lambda'' < 0$. For $\xi > 0$ the solution is complex, and its imaginary part over $\pi$ is the
    density (19).

    Domain: xi = lambda - lambda_- -> 0+ at a sharp edge; lambda''(g_sh) < 0.
    """
    bend = edges.sharp_curvature
    yield Eq(edges.rho, edges.square_root_law()), Eq(bend, edges.inverse_stieltjes_curvature())
    shift = symbols("delta", complex=True)
    distance = Eq(edges.xi, bend * shift**2 / 2)
    yield distance, "g = g_sh + delta, to second order"
    roots = solve(distance, shift)
    yield tuple(roots), "solved for delta"
    (upper,) = (root for root in roots if (root / I).is_positive)
    h = spectrum.dressed_weight
    yield identity(Derivative(h**2, s.g), 2 * h**3), "slope of h^2, for the curvature"
    curvature = equation("43").rhs.diff(s.g)
    yield (
        (Eq(edges.rho, upper / I / pi), Eq(bend, curvature)),
        "imaginary part of the upper root over pi; derivative of (43)",
    )


# %%
@record("15", Nature.LIMIT, "45", "logarithmic slope of (45)", places.exponents, 6)
def exponent_at_a_sharp_edge():
    """Exponent at a sharp edge. Domain: xi -> 0+ above a sharp edge."""
    yield Eq(edges.exponent, Rational(1, 2))
    law = log(equation("45").rhs)
    yield law, "logarithm of (45)"
    yield Eq(edges.exponent, simplify(edges.xi * law.diff(edges.xi)))


# %% [markdown]
# ## Smooth edge
#
# If the slope does not vanish before $g = -p/2$, the bulk begins at the end of the domain. The two
# cases meet where the slope vanishes at the end itself.


# %%
@record("46", Nature.DERIVED, "41 42 43", "end of the domain (42)", places.smooth_edge)
def smooth_edge(of=None):
    r"""Smooth edge.

    Without a zero of the slope, $\lambda(g)$ rises up to the end of the domain.

    Domain: alpha < alpha_c.
    """
    of = of or paper()
    end = edges.smooth_edge_g() if of.is_paper else 1 / lowest(of).value
    yield Eq(edges.g_smooth, end), Eq(s.edge, spectrum.inverse_stieltjes().subs(s.g, end))
    bottom, last = record_of("42").of(of).relations()
    g_end = last.rhs.subs(edges.f_minus, bottom.rhs)
    yield g_end, "the end of the domain (42)"
    yield (Eq(edges.g_smooth, g_end), Eq(s.edge, equation("41").rhs.subs(s.g, g_end))), "in (41)"


# %%
@record("49", Nature.DERIVED, "44 46", "(44) at the end of the domain", places.end)
def where_the_edge_changes_its_type(of=None):
    """Where the edge changes its type. Domain: alpha = alpha_c, g = -p/2."""
    of = of or paper()
    g_end = edges.smooth_edge_g() if of.is_paper else 1 / lowest(of).value
    dressed = spectrum.dressed_weight.subs(s.g, g_end)
    yield Eq(1 / g_end**2, s.alpha_c * Average(dressed**2))
    sharp, end = equation("44"), equation("46", of).rhs
    yield sharp, "the condition (44) of a sharp edge"
    yield Eq(sharp.lhs.subs(s.g, end), sharp.rhs.subs({s.g: end, s.alpha: s.alpha_c}))


# %%
def _require_law_of(density):
    """The chi-square density has the Laplace transform of the package's law."""
    transform = integrate(density * exp(-s.sigma * s.y), (s.y, 0, oo), conds="none")
    ratio = transform / exp(chi_square(s.y, s.p_star).log_laplace)
    for width in (1, 2, 5):
        at_width = ratio.subs({s.p_star: width, s.sigma: Rational(2, 3)})
        require(simplify(at_width - 1).equals(0), "the density has the transform of the law")


def _inverse_of_delta(distance, kappa, bend):
    """One over delta by the distance `kappa delta + bend delta^2/2`, to second order."""
    second, first = symbols("d_2"), distance / kappa
    of_delta = kappa * (first + second * distance**2) + bend * first**2 / 2 - distance
    (coefficient,) = solve(of_delta.expand().coeff(distance, 2), second)
    inverse = (1 / (1 / kappa + coefficient * distance)).series(distance, 0, 2).removeO()
    return (inverse / distance).expand()


@record(
    "47",
    Nature.LIMIT,
    "19 46 48 49 chi-square",
    "residue of the dressed weight past the end of the domain",
    places.near_smooth_edge,
    4,
)
def essential_singularity():
    r"""Essential singularity with its prefactor.

    Go a little past the end, $g = -\frac p2 t$ with $t = 1 + \delta + i0$. The denominator of the
    dressed weight, $D = a + (1-t) y + c\,t\,\hat y$, now vanishes at $y_0 = (a + c\,t\,\hat y)/\delta$,
    deep in the tail of the chi-square law. The residue gives the average an imaginary part of order
    $e^{-p^* y_0/2}$, and $\hat y$ is squeezed to order $\delta$. Keeping $\lambda$ real then fixes the
    height of $t$ above the axis, which is the density. Finally $\delta$ is expressed by the distance
    $\xi$ to second order, because the exponential is sensitive to it: that is where $\lambda''$ enters
    the prefactor.

    Domain: xi = lambda - lambda_- -> 0+, alpha < alpha_c; relative error of order xi.
    """
    end = edges.smooth_edge_g()
    curvature = edges.inverse_stieltjes_curvature().subs(s.g, end)
    yield edges.essential_density(), Eq(edges.curvature, curvature)
    delta, eta, kappa = symbols("delta eta kappa", positive=True)
    half, half_p, t = s.p_star / 2, s.p / 2, 1 + delta
    D = s.a + s.c * t * s.yh - delta * s.y
    weight = (s.c * s.yh - s.y) / (s.a + s.y)
    yield identity(weight / (1 + t * weight), (1 - (s.a + s.y) / D) / t), "split at its pole"
    density = half**half / gamma(half) * s.y ** (half - 1) * exp(-half * s.y)
    _require_law_of(density)
    yield density, "density of y: it has the transform of the law"
    pole = solve(D, s.y)[0]
    yield Eq(s.y, pole), "zero of D"
    # Im 1/(D - i 0 y) = pi delta(D): the residue over delta, at the pole, where a + y is y.
    tail = pi * s.y * density / delta
    yield tail, "imaginary part of y/D, at the pole"
    near = limit(simplify(half * (pole - s.a / delta).subs(s.yh, delta * eta)), delta, 0)
    yield near, "exponent of y beyond a/delta, with yh = delta eta"
    law_of_eta = (delta * half_p) ** half_p / gamma(half_p) * eta ** (half_p - 1)
    mean = integrate(law_of_eta * exp(-near), (eta, 0, oo))
    yield mean, "averaged over eta"
    relative = powsimp(expand_power_base(mean / mean.subs(s.c, 1), force=True))
    shares = ((s.p - 1) * relative.subs(s.c, 1) + relative.subs(s.c, 3)) / s.p
    yield shares, "share of both eigenvalues (48)"
    height = s.alpha * shares * tail.subs(s.y, s.a / delta) * mean.subs(s.c, 1) / kappa
    yield height, "height of t: the imaginary part of lambda vanishes, its slope is kappa"
    distance, bend = symbols("xi_u b", positive=True)
    inverse = _inverse_of_delta(distance, kappa, bend)
    yield Eq(1 / delta, inverse), "xi = kappa delta + lambda'' delta^2/2"
    prefactor = height / pi / exp(-half * s.a / delta)
    law = prefactor.subs(delta, distance / kappa) * exp(-half * s.a * inverse)
    slope = 1 - s.alpha / s.alpha_c
    units = {distance: s.p * edges.xi / 2, bend: s.p**3 * edges.curvature / 8, kappa: slope}
    derived = Eq(edges.curvature, record_of("45").relations()[1].rhs.subs(s.g, end))
    yield (Eq(edges.rho, s.p / 2 * law.subs(units)), derived), "in the paper's units"


# %%
@record("16", Nature.LIMIT, "47", "logarithm of (47)", places.constants, 4)
def constant_of_the_essential_singularity():
    r"""Essential singularity at a smooth edge.

    Domain: A = -lim xi log rho, xi -> 0+; alpha < alpha_c.
    """
    yield Eq(edges.constant, edges.essential_constant())
    terms = Add.make_args(expand(expand_log(log(equation("47").rhs), force=True)))
    limits = [limit(-edges.xi * term, edges.xi, 0) for term in terms]
    yield tuple(x for x in limits if x != 0), "limits of -xi log rho that do not vanish"
    yield Eq(edges.constant, Add(*limits))


# %% [markdown]
# ## The transition


# %%
@record("14", Nature.DEFINITION, "39 44 46")
def bbp_threshold():
    """The BBP threshold. Domain: alpha = alpha_BBP."""
    yield Eq(s.outlier, s.edge)
