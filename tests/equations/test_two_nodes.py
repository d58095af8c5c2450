"""The equations of two nodes: slopes by SymPy, the limit of one transform, numbers at nodes."""

import numpy as np
import pytest
from sympy import cancel, diag, lambdify, symbols, tanh

from bbpsym.ensembles.two_layer import Network
from bbpsym.equations import spectrum, two_nodes
from bbpsym.equations.average import Average
from bbpsym.equations.two_nodes import g_o, g_s
from bbpsym.numerics.matrix_nodes import blocks_of, matrix_nodes
from bbpsym.numerics.node_laws import NodeLaw
from bbpsym.numerics.sector_curve import SectorCurve
from bbpsym.symbols import alpha, f, f_across, f_along, f_mixed, g


def test_the_response_is_the_slope_of_the_self_energy():
    K = two_nodes.dressed_weight()
    for i in range(2):
        for j, transform in enumerate((g_s, g_o)):
            (square,) = two_nodes.response()[i, j].args
            assert cancel(K[i, i].diff(transform) - square) == 0
    for i, value in enumerate(two_nodes.inverse_stieltjes()):
        row = two_nodes.edge_map().row(i)
        slopes = [-row[j] if i != j else 1 - row[j] for j in range(2)]
        transform = (g_s, g_o)[i]
        for other, slope in zip((g_s, g_o), slopes, strict=True):
            found = (value.diff(other) * transform**2 + slope).replace(
                Average, lambda inside: Average(cancel(inside))
            )
            assert found.expand() == 0


def test_a_scalar_weight_gives_the_equations_of_one_transform():
    same = {f_along: f, f_across: f, f_mixed: 0, g_s: g, g_o: g}
    for value in two_nodes.inverse_stieltjes():
        assert (value.subs(same) - spectrum.inverse_stieltjes()).replace(
            Average, lambda inside: Average(cancel(inside))
        ).expand() == 0
    assert two_nodes.edge_map().subs(same).is_diagonal()
    block = two_nodes.teacher_block().subs(same)
    assert block == diag(block[0, 0], block[0, 0])


def test_the_compiled_averages_are_these():
    x, y, yh = symbols("x y yh")
    law = NodeLaw(Network(tanh(x), (y - yh) ** 2 / 2, 2), 1)
    curve = SectorCurve(law, matrix_nodes(law, 0.8, 6.0), *blocks_of(law))
    nodes, t = curve.nodes, (0.3, 0.9)
    F = (nodes.vectors * nodes.f[:, None, :]) @ nodes.vectors.transpose(0, 2, 1)
    basis = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    entries = basis @ F @ basis
    arguments = entries[:, 0, 0], entries[:, 0, 1], entries[:, 1, 1], -t[0], -t[1]
    names = f_along, f_mixed, f_across, g_s, g_o
    K = [lambdify(names, entry, "numpy")(*arguments) for entry in two_nodes.dressed_weight()]
    state = curve.state(*t)
    assert state.k == pytest.approx([nodes.mass @ K[0], nodes.mass @ K[3]])
    assert state.m.ravel() == pytest.approx([nodes.mass @ entry**2 for entry in K])


def test_the_slopes_of_the_transforms_solve_the_bulk():
    equations = two_nodes.transform_slopes()
    assert {str(s) for e in equations for s in e.free_symbols} >= {"g_s'", "g_o'"}
    (first, second) = two_nodes.bulk_equations()
    assert first.rhs.has(alpha)
    assert second.lhs == first.lhs
    assert two_nodes.overlap2().subs(two_nodes.slope, 0) == 1
