# %% [markdown]
# # 6. The overlap with the signal
#
# In the basis of its eigenvectors the resolvent has one simple pole for every eigenvalue, (54).
# Along the signal the residue at the outlier is the squared overlap, (55).

# %%
from sympy import Symbol, limit, residue, simplify, symbols

from bbpsym.equations import curves, resolvent, spectrum, thresholds
from bbpsym.equations.average import Average
from bbpsym.identities.compare import same_expression, same_statement
from bbpsym.identities.notation import outlier_value
from bbpsym.identities.outlier_curves import parametric_curves, parametric_statement
from bbpsym.identities.overlap import overlap2, residue_by_series
from bbpsym.identities.overlap_matrix import symbolic_rotation
from bbpsym.symbols import alpha, g, u, z

projected = overlap2 / (z - outlier_value) + Symbol("m_2") / (z - Symbol("l_2"))
assert residue(projected, z, outlier_value) == overlap2
resolvent.spectral_decomposition()

# %% [markdown]
# The signal block is $1/(z - S(g(z)))$, (33). Near the outlier, where $S = \lambda_*$,
# $g(z) = g + (z-\lambda_*)/\lambda'(g) + \dots$, so that
# $z - S(g(z)) = (z - \lambda_*)\,(1 - S'(g)/\lambda'(g)) + \dots$: equations (56)-(58).

# %%
eps, S1, L1, g2, S2 = symbols("epsilon S' lambda' g_2 S''", nonzero=True)
shift = eps / L1 + g2 * eps**2
denominator = eps - S1 * shift - S2 * shift**2 / 2
assert simplify(limit((eps / denominator).cancel(), eps, 0) - 1 / (1 - S1 / L1)) == 0
assert same_expression(residue_by_series().rhs, spectrum.overlap2())
residue_by_series()

# %% [markdown]
# The slope $S'$ is an average of the same kind:

# %%
slope = spectrum.signal_self_energy().diff(g)
assert same_expression(slope, alpha * Average(u**2 * spectrum.dressed_weight**2))
slope

# %% [markdown]
# ## Curves without a root to solve for
#
# Everything is explicit in $g$: alpha, the outlier and the overlap.

# %%
assert same_statement(parametric_curves(), parametric_statement())
curves.outlier_overlap2()

# %% [markdown]
# From the curves follow the slope of $m^2(\alpha)$ at a continuous threshold and the tangent whose
# zero is a sharp version of the paper's $\alpha_0$. That it estimates the finite-size threshold is
# a conjecture of the paper.

# %%
thresholds.overlap_slope()

# %% [markdown]
# ## Rotations of the nodes, (10)-(13)
#
# The output only depends on $|Wx|$, so eigenvectors come in arbitrary bases of both networks. The
# Frobenius norm of the overlap matrix does not notice: for width two, with general rotations,

# %%
turn = symbolic_rotation(2)
aligned = turn.zeros(2, 2)
aligned[0, 0] = Symbol("m")
seen = turn * aligned * turn.subs({s: Symbol("kappa") for s in turn.free_symbols})
assert simplify(sum(entry**2 for entry in seen) - Symbol("m") ** 2) == 0
