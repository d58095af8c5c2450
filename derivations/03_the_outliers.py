# %% [markdown]
# # 3. The outliers
#
# Put the teachers on the first axes. The rows and columns of the Hessian that touch them form a
# small block; what is left is the bulk of the last chapter. Integrating the other fields out leaves
# the Schur complement, equations (21) and (32).

# %%
from sympy import Eq, integrate, oo, simplify, solve

from bbpsym.equations import network, resolvent, spectrum
from bbpsym.equations.average import Average
from bbpsym.identities.compare import same_expression
from bbpsym.identities.outlier import outlier_statement
from bbpsym.identities.resolvent import block_inversion
from bbpsym.symbols import alpha, g, u, z

marginal = resolvent.marginal_weight()
by_hand = integrate(resolvent.gaussian_weight(), (resolvent.phi_2, -oo, oo))
assert simplify(by_hand / marginal.rhs) == 1
marginal

# %%
assert block_inversion() == resolvent.signal_block()
resolvent.signal_block()

# %% [markdown]
# ## Self-energy of a signal direction, (33)-(37)
#
# Both ends of a diagram now carry the teacher's pre-activation $u$; in between the rainbows are those
# of the bulk. The average is even in each $u_l$, so different teachers do not mix.

# %%
resolvent.signal_self_energy_matrix()

# %% [markdown]
# With $G = g\,\mathbf 1$ it commutes with all rotations, as before: a multiple of the identity. The
# signal block is then $(z - S)\,\mathbf 1$ and it is singular where (38) holds:

# %%
resolvent.singular_signal_block()

# %% [markdown]
# All teachers enter alike, so $u_l^2$ may be replaced by its mean over $l$, the output $y$: (39).

# %%
mean = network.teacher_output()
assert same_expression(
    outlier_statement().rhs, spectrum.signal_self_energy().xreplace({u**2: mean.lhs})
)
outlier_statement()

# %% [markdown]
# ## One equation for $g$, (40)
#
# (31) gives another expression for the same $z$. Their difference no longer contains $z$:

# %%
(level,) = solve(resolvent.scalar_equation(), z)
difference = (spectrum.signal_self_energy() - level + 1 / g).expand(average=True)
assert same_expression(difference, alpha * Average((u**2 - 1) * spectrum.dressed_weight))
spectrum.outlier_equation()

# %% [markdown]
# Read the other way round it is explicit: for every $g$ there is one $\alpha$.

# %%
Eq(alpha, spectrum.outlier_alpha())
