# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---
# %% [markdown]
# # 1. From the loss to the weight matrix
#
# A student of width $p$ learns a teacher of width $p^*$. On one input $x$ both only see their
# pre-activations, $\lambda_k = w_k\cdot x$ and $u_l = w^*_l\cdot x$. At initialisation all of them
# are independent standard Gaussians: equations (1) and (2).

# %%
from sympy import Function, diff, factor, simplify, symbols

from bbpsym.equations.ensemble import chi_square
from bbpsym.equations.hessian import lambda_q, lambda_r, loss, rest, weight_matrix
from bbpsym.equations.network import (
    hessian_blocks,
    student_output,
    teacher_output,
    weight_matrix_entries,
)
from bbpsym.identities.model import eigenvalue_statement, explicit_weight_matrix
from bbpsym.symbols import a, p, p_star, sigma, y, yh

teacher_output()

# %%
student_output()

# %% [markdown]
# The loss of one sample, equation (3), compares the two outputs:

# %%
loss()

# %% [markdown]
# ## The chain rule, equation (4)
#
# A weight $w_{qi}$ enters through $\lambda_q$ alone, with $\partial\lambda_q/\partial w_{qi} = x_i$.
# Two derivatives therefore bring down $x_i x_j$ and the second derivative of the loss in the
# pre-activations. We check it for an arbitrary function of two pre-activations.

# %%
w_q, w_r, x_i, x_j, R_q, R_r = symbols("w_q w_r x_i x_j R_q R_r", real=True)
arbitrary = Function("ell")
pre_activations = (w_q * x_i + R_q, w_r * x_j + R_r)
twice = diff(arbitrary(*pre_activations), w_q, w_r)
weight = arbitrary(lambda_q, lambda_r).diff(lambda_q, lambda_r)
example = lambda_q**3 * lambda_r**2  # any function will do; the rule is linear in it
there = dict(zip((lambda_q, lambda_r), pre_activations, strict=True))
left = diff(example.subs(there), w_q, w_r)
assert simplify(left - example.diff(lambda_q, lambda_r).subs(there) * x_i * x_j) == 0
hessian_blocks()

# %% [markdown]
# ## The weight matrix, equation (5)
#
# Write the student's output as two pre-activations and a rest, and differentiate. Off the diagonal
# one finds a multiple of $\lambda_q\lambda_r$; on it the same, and a multiple of one more thing.

# %%
output = (lambda_q**2 + lambda_r**2 + rest) / p
sample = loss().subs(yh, output)
off_diagonal = factor(sample.diff(lambda_q, lambda_r))
off_diagonal

# %%
found = weight_matrix()
assert simplify(off_diagonal - found.rank_one * lambda_q * lambda_r) == 0
others = p * yh - lambda_q**2 - lambda_r**2
diagonal = sample.diff(lambda_q, 2).subs(rest, others)
assert simplify(diagonal - found.identity - found.rank_one * lambda_q**2) == 0
weight_matrix_entries()

# %% [markdown]
# ## Its eigenvalues, equation (48)
#
# $F = c_1 \mathbf 1 + c_2\,\lambda\lambda^T$: every vector across $\lambda$ is an eigenvector with
# eigenvalue $c_1$; along $\lambda$ the rank-one part adds $c_2 |\lambda|^2 = c_2\, p\, \hat y$.

# %%
(flat, flat_count), (along, along_count) = found.eigenvalues()
assert (flat_count, along_count) == (p - 1, 1)
for relation, value in zip(eigenvalue_statement(), (flat, along), strict=True):
    assert simplify(relation.rhs - value) == 0
explicit = explicit_weight_matrix(2)
mean_square = sum(node**2 for node in explicit.free_symbols - {y, a}) / 2
for value in (flat, along):
    value = value.subs({p: 2, yh: mean_square})
    assert simplify((explicit - value * explicit.eye(2)).det()) == 0
along

# %% [markdown]
# ## The law of an output
#
# $y$ is a mean of $p^*$ squared standard Gaussians. Its Laplace transform is all we shall need:

# %%
law = chi_square(y, p_star)
assert law.cumulant(1) == 1
assert law.cumulant(2) == 2 / p_star
assert simplify(law.log_laplace.subs(sigma, 0)) == 0
law.log_laplace
