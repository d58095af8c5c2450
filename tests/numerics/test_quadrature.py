"""The double-exponential rule on integrals known in closed form."""

import numpy as np
import pytest
from scipy.special import erfcx

from bbpsym.numerics.multiprecision import context
from bbpsym.numerics.quadrature import double_nodes, precise_nodes


@pytest.mark.parametrize("a", [1e-6, 1e-3, 0.7, 1.0, 30.0, 1e6])
@pytest.mark.parametrize("b", [2.0, 6.0])
def test_square_root_branch_point_in_double_precision(a, b):
    """int exp(-a s) (1 + b s)^(-1/2) ds = sqrt(pi/(a b)) erfcx(sqrt(a/b))."""
    s, ds = double_nodes(np.array(a))
    found = np.sum(ds * np.exp(-a * s) / np.sqrt(1 + b * s))
    assert found == pytest.approx(np.sqrt(np.pi / (a * b)) * erfcx(np.sqrt(a / b)), rel=3e-15)


@pytest.mark.parametrize("digits", [15, 50, 200])
@pytest.mark.parametrize("a", ["1e-6", "0.7", "1e6"])
def test_square_root_branch_point_at_any_precision(a, digits):
    ctx, more = context(digits), context(digits + 20)
    rate = ctx.mpf(a)
    found = sum(ds * ctx.exp(-rate * s) / ctx.sqrt(1 + 6 * s) for s, ds in precise_nodes(ctx, rate))
    rate = more.mpf(rate)
    exact = more.sqrt(more.pi / (6 * rate)) * more.exp(rate / 6) * more.erfc(more.sqrt(rate / 6))
    assert abs(found / exact - 1) < more.mpf(10) ** (3 - digits)


def test_nodes_carry_the_shape_of_the_parameters():
    s, ds = double_nodes(np.ones((3, 4)))
    assert s.shape == ds.shape == (len(s), 3, 4)
