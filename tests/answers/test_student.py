"""The student's own directions: simulated resolvents, and no outlier anywhere."""

import numpy as np
import pytest
from scipy.optimize import brentq

from bbpsym import Model, edge, student_outliers, student_resolvent
from bbpsym.equations.sectors import ANTISYMMETRIC, SYMMETRIC, TRACE
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.finite import Point, draw, hessian
from tests.cases import long
from tests.reference.two_dimensional import TwoDimensional


def mixture(name, p):
    """How the rows of W are mixed in a sector: the first two of them, but for the trace."""
    corner = {SYMMETRIC: [[1.0, 0.0], [0.0, -1.0]], ANTISYMMETRIC: [[0.0, 1.0], [-1.0, 0.0]]}
    if name == TRACE:
        return np.eye(p)
    matrix = np.zeros((p, p))
    matrix[:2, :2] = corner[name]
    return matrix


def simulated(parameters, z, N, samples, sectors):
    """Mean and standard error of `v^T (z - H)^{-1} v`, one a sector."""
    point = Point(N, *parameters)
    rows = []
    for index in range(samples):
        instance = draw(point, point.stream(9, index))
        mixed = [mixture(name, point.p) @ instance.student for name in sectors]
        V = np.array([v.ravel() / np.linalg.norm(v) for v in mixed]).T
        H = hessian(instance)
        rows.append(np.sum(V * np.linalg.solve(z * np.eye(len(H)) - H, V), axis=0))
    return np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(samples)


@pytest.mark.parametrize(
    "parameters",
    [(1, 1, 1.5, 3), (2, 1, 0.7, 2), *long((3, 2, 1, 6), (2, 3, 1, 3), whole=True)],
    ids=str,
)
def test_resolvents_agree_with_simulations(parameters):
    """In the limit: two sizes, their correction of order 1/N taken out; four standard errors."""
    *model, alpha = parameters
    z = edge(Model(*model), alpha).value - 1
    expected = student_resolvent(Model(*model), alpha, z)
    small, small_error = simulated(parameters, z, 40, 300, expected)
    large, large_error = simulated(parameters, z, 160, 60, expected)
    limit = (4 * large - small) / 3
    error = np.hypot(4 * large_error, small_error) / 3
    exact = np.array([*expected.values()])
    assert np.all(np.abs(limit - exact) < 4 * error)
    # Sharp enough to tell every sector from the bulk, and from each other.
    assert np.all(error < 0.04 * np.abs(exact))
    g = bulk_stieltjes(model, alpha, z)
    assert np.all(np.abs(exact - g) > 8 * error)


def bulk_stieltjes(model, alpha, z):
    """Solve (31) for g by bisection, with a two-dimensional quadrature."""
    witness = TwoDimensional(*model)
    low, high = -model[0] / 2, -1e-9
    if alpha > witness.edge_alpha(low):
        low = brentq(lambda g: witness.edge_alpha(g) - alpha, low, -1e-6)
    for _ in range(200):
        middle = (low + high) / 2
        above = 1 / middle + alpha * witness.average(lambda _, h: h, middle) > z
        low, high = (middle, high) if above else (low, middle)
    return middle


@pytest.mark.parametrize("p", [1, 2, 3, 7])
def test_another_quadrature_of_the_self_energies(p):
    """The averages of both dressed weights times yh, with nodes in both outputs."""
    model, alpha = Model(p, 2, 1), 5
    left = edge(model, alpha)
    witness = TwoDimensional(p, 2, 1)
    yh = witness.yh[None, :]
    across = p * witness.average(lambda _, h: yh * h, left.g)  # (p - 1) h_1 + h_2, summed
    f = (2 / p) * (3 * yh - witness.y[:, None]) / (1 + witness.y[:, None])
    along = float((witness.weights * yh * f / (1 - left.g * f)).sum())
    first = (across - along) / (p - 1) if p > 1 else 0.0
    found = student_outliers(model, alpha).sectors
    assert found[TRACE].self_energy == pytest.approx(alpha * along, rel=1e-8)
    if p > 1:
        bent = alpha * (p * first + 2 * along) / (p + 2)
        assert found[SYMMETRIC].self_energy == pytest.approx(bent, rel=1e-8)
        assert found[ANTISYMMETRIC].self_energy == pytest.approx(alpha * first, rel=1e-8)


@pytest.mark.parametrize("p", [1, 2, 3, 10, 1000])
@pytest.mark.parametrize("p_star", [1, 5])
@pytest.mark.parametrize("a", ["1e-3", 1, 1000])
def test_no_sector_reaches_the_edge(p, p_star, a):
    """Its self-energy stays above that of the bulk, so that 1/g, negative, is never met."""
    for alpha in ("0.01", 1, 100):
        found = student_outliers(Model(p, p_star, a), alpha).sectors
        assert set(found) == {TRACE} if p == 1 else len(found) == 3
        for sector in found.values():
            assert sector.excess > 0
            assert sector.outlier is None
        excesses = [sector.excess for sector in found.values()]
        assert excesses == sorted(excesses, reverse=True)
        assert sum(sector.dimension for sector in found.values()) == p**2


def test_the_eigenvalues_of_a_sample_hold_no_student_outlier_left_of_the_bulk():
    """The lowest eigenvectors know nothing of the student; here nothing of the teacher either."""
    point = Point(300, 2, 1, 0.7, 0.8)
    shares = []
    for index in range(10):
        instance = draw(point, point.stream(1, index))
        vectors = np.linalg.eigh(hessian(instance))[1][:, :4]
        rows = np.linalg.qr(instance.student.T)[0]
        overlap = np.einsum("ni,knv->kiv", rows, vectors.reshape(2, 300, 4))
        shares.append(np.sum(overlap**2, axis=(0, 1)))
    # Four directions of 600 have a share of 1/150; an outlier's would be of order one.
    assert np.mean(shares) < 0.05


def test_results_are_displayed():
    found = student_outliers(Model(2, 1, "0.7"), 2)
    assert "no outlier" in str(found)
    assert r"\Sigma_{\text{trace}}" in found._repr_latex_()
    record = found.record()
    assert record["sectors"][TRACE]["outlier"] is None
    assert record["edge"] == edge(Model(2, 1, "0.7"), 2).value


def test_bad_arguments():
    for verb in (student_outliers, lambda m, alpha: student_resolvent(m, alpha, -10)):
        with pytest.raises(DomainError, match="alpha must be"):
            verb(Model(1, 1, 1), -1)
        with pytest.raises(DomainError, match="p must be finite"):
            verb(Model("inf", 1, 1), 1)
        with pytest.raises(DomainError, match="model must be"):
            verb("x", 1)
    with pytest.raises(DomainError, match="z must lie left of the edge"):
        student_resolvent(Model(1, 1, 1), 3, 0)
    with pytest.raises(DomainError, match="z must lie left of the edge"):
        student_resolvent(Model(1, 1, 1), 3, float("nan"))
    left = edge(Model(1, 1, 1), 3).value
    with pytest.raises(ConvergenceError, match="too close to the edge"):
        student_resolvent(Model(1, 1, 1), 3, left * (1 + 1e-15))
