"""The lowest eigenvalue of a finite bulk, against simulated Hessians and other integrals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.linalg import eigh

from bbpsym import Model, density, edge, finite_edge
from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import hessian
from bbpsym.finite.point import Point
from tests.cases import long, with_long

#: p, p*, a, alpha: sharp with one and with two nodes, smooth with one, two and three.
SHARP = [(1, 1, 1.0, 1.8), (2, 1, 0.7, 1.8)]
SMOOTH = [(1, 1, 1.5, 0.8), (2, 1, 1.5, 1.0), (3, 1, 1.5, 1.0)]


def simulated(parameters, N, samples):
    """Lowest eigenvalues of the Hessian in the directions orthogonal to the teacher: no outlier."""
    p, p_star, a, alpha = parameters
    lowest = []
    for index in range(samples):
        instance = draw(Point(N, p, p_star, a, alpha), np.random.default_rng([7, N, index]))
        basis = np.linalg.qr(instance.teacher.T, mode="complete")[0][:, p_star:]
        whole = np.kron(np.eye(p), basis)
        matrix = whole.T @ hessian(instance) @ whole
        lowest.append(eigh(matrix, eigvals_only=True, subset_by_index=[0, 0])[0])
    return np.array(lowest)


def predicted(parameters, N):
    p, p_star, a, alpha = parameters
    return finite_edge(Model(p, p_star, str(a)), str(alpha), N)


def compare(parameters, N, samples):
    """Hold mean and median against four standard errors."""
    lowest, found = simulated(parameters, N, samples), predicted(parameters, N)
    error = lowest.std(ddof=1) / np.sqrt(samples)
    assert abs(lowest.mean() - found.mean) < 4 * error
    assert abs(np.median(lowest) - found.median) < 4 * 1.25 * error
    inside = np.mean((lowest > found.lower) & (lowest < found.upper))
    # Half by definition; a test of the width alone, with room for what is only conjectured.
    assert 0.25 < inside < 0.85
    # Without the shift from the edge the mean would be missed by far.
    assert abs(lowest.mean() - found.edge) > 3 * error


@pytest.mark.parametrize("parameters", with_long(SMOOTH, *SMOOTH[1:], whole=True), ids=str)
def test_smooth_edge_against_simulation(parameters):
    compare(parameters, 100, 100)


@pytest.mark.parametrize("parameters", SHARP, ids=str)
def test_sharp_edge_against_simulation(parameters):
    compare(parameters, 150, 60)


@pytest.mark.slow
@pytest.mark.parametrize("parameters", SHARP + SMOOTH, ids=str)
def test_both_edges_against_larger_simulations(parameters):
    compare(parameters, 600 // parameters[0], 100)


@pytest.mark.long
def test_matrices_of_several_nodes_have_the_scale_of_all_their_eigenvalues():
    """The gap between the two lowest has no part of the edge's own scatter: n = p N, not N."""
    parameters, N, samples = (2, 1, 0.7, 1.8), 150, 60
    gaps = []
    for index in range(samples):
        instance = draw(Point(N, *parameters), np.random.default_rng([8, index]))
        basis = np.kron(np.eye(2), np.linalg.qr(instance.teacher.T, mode="complete")[0][:, 1:])
        matrix = basis.T @ hessian(instance) @ basis
        low = eigh(matrix, eigvals_only=True, subset_by_index=[0, 1])
        gaps.append(low[1] - low[0])
    scale, mean = predicted(parameters, N).scale, np.mean(gaps)
    error = np.std(gaps, ddof=1) / np.sqrt(samples)
    # Largest eigenvalues of 2000 tridiagonal Gaussian matrices (beta = 1) give the gap in gamma.
    expected = gaussian_gap(samples=2000)
    assert abs(mean / scale - expected) < 4 * error / scale + 0.15 * expected
    assert abs(mean / (scale * 2 ** (2 / 3)) - expected) > 2 * error / scale


def gaussian_gap(samples, size=200):
    """Mean gap of the two largest eigenvalues of Gaussian matrices, in Tracy-Widom scales."""
    from scipy.linalg import eigh_tridiagonal

    rng, gaps = np.random.default_rng(5), []
    for _ in range(samples):
        diagonal = rng.normal(size=size) * np.sqrt(2)
        off = np.sqrt(rng.chisquare(np.arange(size - 1, 0, -1)))
        top = eigh_tridiagonal(
            diagonal, off, eigvals_only=True, select="i", select_range=(size - 2, size - 1)
        )
        gaps.append(top[1] - top[0])
    return np.mean(gaps) * size ** (1 / 6)


@pytest.mark.parametrize(("p", "alpha"), [(1, 3), *long((2, 3))])
def test_sharp_edge_expects_one_where_the_density_does(p, alpha):
    model, N = Model(p, 1, "1.5"), 10**6
    found = finite_edge(model, alpha, N)
    below = quad(lambda x: density(model, alpha, x), found.edge, found.expected_one, epsrel=1e-6)
    assert p * N * below[0] == pytest.approx(1, rel=2e-3)


@pytest.mark.parametrize(("p", "alpha"), [(1, 3), (2, 3), (3, 1)])
def test_deviation_against_sampled_weights(p, alpha):
    """The variance of `(1/p) tr h` over a million drawn samples."""
    model, N = Model(p, 1, "1.5"), 1000
    left, rng = edge(model, alpha), np.random.default_rng(3)
    y = rng.chisquare(1, 10**6)
    yh = rng.chisquare(p, 10**6) / p
    h = []
    for c in (1, 3):
        f = 2 / p * (c * yh - y) / (1.5 + y)
        h.append(f / (1 - left.g * f))
    mean = ((p - 1) * h[0] + h[1]) / p
    expected = np.sqrt(alpha * np.var(mean) / N)
    assert finite_edge(model, alpha, N).deviation == pytest.approx(expected, rel=0.01)


def test_approach_is_logarithmic():
    """A thousand million times more inputs move a smooth edge less than a sharp one by 1000."""
    model = Model(1, 1, "1.5")
    sizes = [10**3, 10**6, 10**9, 10**12, 10**15, 10**60]
    found = [finite_edge(model, "0.8", N) for N in sizes]
    distances = np.array([row.distance for row in found])
    assert np.all(np.diff(distances) < 0)
    assert distances[1] / distances[4] < 3
    A = 1.5 * (1 - 0.8 / 1.6721475)
    assert distances[-1] * np.log(1e60) / A == pytest.approx(1, abs=0.1)
    sharp = [finite_edge(model, 3, N).distance for N in sizes[:2]]
    assert sharp[0] / sharp[1] == pytest.approx(1000 ** (2 / 3), rel=0.2)


def test_errors_are_stated_and_small():
    for alpha in ("1.2", "3"):
        found = finite_edge(Model(1, 1, "1.5"), alpha, 10**6)
        for name in ("median", "mean", "lower", "upper", "expected_one", "distance"):
            assert 0 < found.errors[name] < 1e-5
        assert set(found.record()) >= {"N", "kind", "basis", "median"}
        assert "edge" in str(found)


@pytest.mark.parametrize("N", [9, 10.5, "many", 0, 10**101, True, None])
def test_bad_dimensions(N):
    with pytest.raises(DomainError, match=r"from 10 to 1e100, .*: the accuracy of"):
        finite_edge(Model(1, 1, 1), 2, N)


def test_refusals():
    with pytest.raises(DomainError, match="p must be finite"):
        finite_edge(Model("inf", 1, 1), 2, 100)
    with pytest.raises(DomainError, match="N must be larger"):
        finite_edge(Model(1, 1, "1.5"), "0.1", 20)


def test_what_rounding_hides_is_refused():
    """So close to alpha_c and with so many eigenvalues they differ in the last digits alone."""
    with pytest.raises(ConvergenceError, match="closer together than double precision"):
        finite_edge(Model(50, 20, "0.176"), "8.526783797", 538919215400419)


@pytest.mark.parametrize(
    ("model", "alpha", "N"),
    [
        (Model(50, 20, "0.0144"), "1.615", 219),
        (Model(1, 3, "0.0435"), "0.01563312111", 68157049),
        (Model(3, 20, "34.8"), "43.03", 136217806173704),
        (Model(2, 6, "0.0246"), "0.03204243609", 268339813568),
    ],
    ids=str,
)
def test_far_corners(model, alpha, N):
    found = finite_edge(model, alpha, N)
    assert found.lower < found.median < found.upper
    assert 0 < found.errors["distance"] < 1e-2 * found.distance
