# %% [markdown]
# # 2. The bulk of the spectrum
#
# The resolvent of the Hessian is a Gaussian average, equations (22) and (23). Expanding in the data
# and keeping planar diagrams leaves two geometric series.

# %%
from sympy import Add, expand, simplify

from bbpsym.equations import partitions, resolvent
from bbpsym.equations.average import Average
from bbpsym.equations.spectrum import bulk_self_energy, dressed_weight, inverse_stieltjes
from bbpsym.identities.bulk import cancel_rotations, commutant_of_rotations
from bbpsym.identities.compare import apply_identity, same_expression
from bbpsym.identities.moments import moments_from_equation
from bbpsym.symbols import alpha, f, g

resolvent.gaussian_integral()

# %% [markdown]
# ## Dyson's equation, (25) and (26)
#
# A diagram is a chain of one-particle irreducible pieces $\Sigma$ joined by bare lines $G_0 = 1/z$:

# %%
resolvent.dyson_series()

# %% [markdown]
# Multiply by $1 - G_0\Sigma$. Everything but the first term cancels, whatever the order at which
# the series is cut, up to one remainder:

# %%
G0, Sigma, one = resolvent.G0, resolvent.Sigma, resolvent.identity
step = G0 * Sigma
for order in range(1, 7):
    partial = Add(*(step**k * G0 for k in range(order)))
    assert expand(partial - step * partial - G0 + step**order * G0) == 0
inverse = apply_identity(resolvent.inverse(G0) * (one - step))
assert inverse == resolvent.inverse(G0) - Sigma
resolvent.dyson_equation()

# %% [markdown]
# ## The self-energy, (27) and (28)
#
# Irreducible and planar: one outer arch, with any number of arches below it. In every inner line
# the full resolvent appears. The sum is once more geometric, in $G F$:

# %%
resolvent.rainbow_series()

# %%
F, G = resolvent.F, resolvent.G
for order in range(1, 7):
    partial = Add(*(F * (G * F) ** k for k in range(order)))
    assert expand(partial - partial * G * F - F + F * (G * F) ** order) == 0
resolvent.self_energy()

# %%
resolvent.resolvent_equation()

# %% [markdown]
# ## Rotations, (29) and (30)
#
# $F$ depends on the Gaussian vector $\lambda$ through $|\lambda|^2$ and $\lambda\lambda^T$. Since
# $O\lambda$ has the law of $\lambda$, we may replace $F$ by $OFO^T$; the rotation then moves from the
# weights to the resolvent, term by term:

# %%
O, Ot = resolvent.O, resolvent.Ot
turned, moved = O * F * Ot, Ot * G * O
for order in range(5):
    left = cancel_rotations(expand(Ot * turned * (G * turned) ** order * O))
    assert expand(left - F * (moved * F) ** order) == 0
resolvent.resolvent_equation_rotated_back()

# %% [markdown]
# So $O^T G O$ solves the equation of $G$. The solution that behaves as $1/z$ is unique: $G$ commutes
# with every rotation. Only multiples of the identity do. For $p = 2, 3, 4$ we solve the linear
# equations; for any $p$, the reflection of one axis kills the off-diagonal entries of its row, and
# the exchange of two axes makes their diagonal entries equal.

# %%
commutant_of_rotations()

# %% [markdown]
# ## The scalar equation, (31)
#
# With $G = g\,\mathbf 1$ the trace of (28) only sees the eigenvalues of $F$.

# %%
assert same_expression(resolvent.scalar_equation().rhs, resolvent.z - bulk_self_energy())
resolvent.scalar_equation()

# %% [markdown]
# ## A check by counting
#
# (31) says that the bulk is a free compound Poisson variable with free cumulants
# $\alpha\langle f^n\rangle$. Its moments can also be counted: one term for every non-crossing
# partition. Both agree to order 8; of the 4140 partitions of eight elements 1430 do not cross.

# %%
for n, moment in enumerate(moments_from_equation(8), start=1):
    assert expand(moment - partitions.moment(n)) == 0
crossing = [partitions.is_crossing(item) for item in partitions.partitions(tuple(range(8)))]
assert (len(crossing), crossing.count(False)) == (4140, 1430)
partitions.moment(3)

# %% [markdown]
# Solved for $z$, (31) is the inverse function of the Stieltjes transform, (41), and the dressed
# weight has a simple derivative, which gives (43):

# %%
assert simplify(dressed_weight.diff(g) - dressed_weight**2) == 0
slope = -1 / g**2 + alpha * Average((f / (1 - g * f)) ** 2)
assert same_expression(inverse_stieltjes().diff(g), slope)
inverse_stieltjes()
