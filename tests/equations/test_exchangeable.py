"""The equations of exchangeable nodes: slopes, the limit of one transform, the engine's sums."""

from itertools import permutations

import numpy as np
import pytest
from sympy import Eq, lambdify, symbols, tanh

from bbpsym.ensembles.networks.domain import domain_of
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.equations import exchangeable as ex
from bbpsym.equations import spectrum
from bbpsym.equations.average import Average
from bbpsym.numerics.networks.matrix_nodes import blocks_of, matrix_nodes, sectors_of
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.ordered_rule import EQUAL, Spacing
from bbpsym.numerics.networks.sector_curve import SectorCurve
from bbpsym.symbols import alpha, f, g, u, z


def entries(p):
    return [ex.entry(i, j) for i in range(p) for j in range(i, p)]


@pytest.mark.parametrize("p", ex.WIDTHS)
def test_the_response_is_the_slope_of_the_dressed_weight(p):
    rng, step = np.random.default_rng(p), 1e-30
    F = rng.standard_normal((p, p))
    F, G = F + F.T, np.diag([-0.1, *[-0.2] * (p - 1)])

    def dressed(G):
        return F @ np.linalg.inv(np.eye(p) - G @ F)

    K = dressed(G)
    numbers = [K[i, j] for i in range(p) for j in range(i, p)]
    for j, moved in enumerate((np.diag([1] + [0] * (p - 1)), np.diag([0] + [1] * (p - 1)))):
        slope = dressed(G + 1j * step * moved).imag / step
        for i in range(2):
            (square,) = ex.response(p)[i, j].args
            assert slope[i, i] == pytest.approx(lambdify(entries(p), square)(*numbers))


@pytest.mark.parametrize("p", ex.WIDTHS)
def test_a_scalar_weight_gives_the_equations_of_one_transform(p):
    same = {ex.entry(i, j): f / (1 - g * f) if i == j else 0 for i in range(p) for j in range(i, p)}
    same |= {ex.g_s: g, ex.g_o: g}
    assert {e.subs(same) for e in ex.bulk_equations()} == {Eq(z, spectrum.inverse_stieltjes())}
    for kind in (ex.TRIVIAL, ex.STANDARD):
        first = ex.signal_block(p, kind)[0, 0]
        assert first.subs(same) == Average(u**2 * f / (1 - g * f))
    edge = ex.sharp_edge(p)
    assert edge.rhs.subs(same) == 0
    assert edge.lhs.subs(same) == (1 / g**2 - alpha * Average((f / (1 - g * f)) ** 2)) ** 2


@pytest.mark.parametrize("p", ex.WIDTHS)
def test_the_kinds_hold_the_whole_signal_block(p):
    copies = {ex.TRIVIAL: 1, ex.STANDARD: p - 1, ex.ALTERNATING: 1}
    sizes = {kind: len(rows) for kind, rows in ex.vectors(p).items()}
    assert sum(copies[kind] * size for kind, size in sizes.items()) == p * (p + 1)
    w = ex.input_directions(p)
    for rows in ex.vectors(p).values():
        parts = [np.array([[x.coeff(v) for v in w] for x in row], dtype=float) for row in rows]
        gram = [[np.sum(one * two) for two in parts] for one in parts]
        assert np.array(gram) == pytest.approx(np.eye(len(parts)))


@pytest.mark.parametrize("p", ex.WIDTHS)
def test_the_engine_s_sums_are_these(p):
    """Its blocks come of another projection, of numbers."""
    x, y, yh = symbols("x y yh")
    law = NodeLaw(Network(tanh(x), (y - yh) ** 2 / 2, p), 1)
    spacing = Spacing(0.9, 0.9, 0.9, EQUAL, EQUAL, 5.0)
    domain = domain_of(law.network, 1)
    curve = SectorCurve(matrix_nodes(law, spacing), blocks_of(law), sectors_of(law), domain)
    nodes, t = curve.nodes, (0.3, 0.9)
    K = basis_of(p).T @ nodes.dressed(*t).matrix() @ basis_of(p)
    values = [K[:, i, j] for i in range(p) for j in range(i, p)]

    def mean(average):
        return nodes.mass @ lambdify(entries(p), average.args[0])(*values)

    state = curve.state(*t)
    found = [mean(Average(sum(ex.entry(i, i) for i in range(p)))), mean(Average(ex.entry(0, 0)))]
    assert state.k == pytest.approx([found[1], (found[0] - found[1]) / (p - 1)])
    assert state.m[0] == pytest.approx([mean(item) for item in ex.response(p).row(0)])
    for number, block in enumerate(curve.blocks):
        levels = np.linalg.eigvalsh(curve.block(t, number))
        assert levels == pytest.approx(levels_of(p, block.name, nodes, K), abs=1e-12)


def basis_of(p):
    return np.array(ex.basis(p).evalf(20), dtype=float)


def levels_of(p, kind, nodes, K):
    """Eigenvalues of a block from `E[v v^T (x) K]`, made symmetric by all exchanges."""
    size = p + 1
    full = np.zeros((size, size, p, p))
    for k, (a, b) in enumerate(zip(*np.triu_indices(size), strict=True)):
        products = nodes.mass * nodes.products[:, k]
        full[a, b] = full[b, a] = np.einsum("n,nij->ij", products, K)
    turn = np.eye(size)
    turn[1:, 1:] = basis_of(p)
    turned = np.einsum("ai,abkl,bj->ijkl", turn, full, turn)
    whole = turned.transpose(0, 2, 1, 3).reshape(size * p, size * p)
    symmetric = np.zeros_like(whole)
    orders = [*permutations(range(p))]
    for order in orders:
        small = basis_of(p).T @ np.eye(p)[:, list(order)] @ basis_of(p)
        frame = np.eye(size)
        frame[1:, 1:] = small
        large = np.kron(frame, small)
        symmetric += large @ whole @ large.T / len(orders)
    w = ex.input_directions(p)
    rows = ex.vectors(p)[kind]
    vectors = np.array([[[x.coeff(v) for x in row] for v in w] for row in rows], dtype=float)
    flat = vectors.reshape(len(rows), -1)
    return np.linalg.eigvalsh(flat @ symmetric @ flat.T)
