import importlib

import numpy as np
import pytest

from bbpsym.errors import DomainError
from bbpsym.finite.architecture import Architecture
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import hessian
from bbpsym.finite.overlap import overlaps
from bbpsym.finite.point import Point
from bbpsym.finite.signal import signal, spectral_measure

#: Above the transition, just around it, and two where the signal is buried in the bulk.
PROBLEMS = [
    {"N": 400, "p": 1, "p_star": 1, "a": 1.5, "alpha": 3.0},
    {"N": 300, "p": 2, "p_star": 1, "a": 0.7, "alpha": 2.0},
    {"N": 200, "p": 2, "p_star": 2, "a": 1.0, "alpha": 6.0},
    {"N": 400, "p": 1, "p_star": 1, "a": 1.5, "alpha": 1.0},
    {"N": 60, "p": 1, "p_star": 3, "a": 1.0, "alpha": 0.8},  # and a null space
    {"N": 150, "p": 2, "p_star": 1, "a": 1.0, "alpha": 0.6},
]

#: The package exports a function of the same name.
module = importlib.import_module("bbpsym.finite.signal")


def full(instance):
    """Every eigenvalue and overlap by a full diagonalisation: the witness."""
    values, vectors = np.linalg.eigh(hessian(instance))
    overlap2 = overlaps(instance, vectors).norm ** 2
    null = np.abs(values) < 1e-12
    assert null.sum() == instance.point.p * max(0, instance.point.N - instance.point.M)
    overlap2[null] = overlap2[null].sum() / max(1, null.sum())
    return values, overlap2


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_the_spectral_measure_is_that_of_a_full_diagonalisation(make, problem):
    instance = make(**problem)
    values, overlap2 = full(instance)
    found, weights = spectral_measure(instance)
    np.testing.assert_allclose(found, values, atol=1e-11)
    np.testing.assert_allclose(weights, overlap2, atol=1e-9)
    assert weights.sum() == pytest.approx(instance.point.outliers)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["dense", "krylov"])
@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_the_largest_overlap_is_found_wherever_it_is(make, problem, method, seed):
    instance = make(**problem, seed=seed)
    values, overlap2 = full(instance)
    found = signal(instance, method=method)
    top = np.argmax(overlap2)
    assert found.value == pytest.approx(values[top], abs=1e-8)
    assert found.overlap2 == pytest.approx(overlap2[top], abs=1e-6)
    assert (found.rank == 0) == (top == 0)
    assert found.rank <= top
    if method == "dense":
        assert found.rank == top
    k = instance.point.outliers + 1
    np.testing.assert_allclose(found.lowest, values[:k], atol=1e-9)
    np.testing.assert_allclose(found.lowest_overlap2, overlap2[:k], atol=1e-6)


@pytest.mark.parametrize("size", [(2, 1, 1), (2, 2, 2), (3, 1, 2), (4, 3, 1)])
@pytest.mark.parametrize("alpha", [0.5, 2.0])
def test_the_smallest_problems(make, size, alpha):
    N, p, p_star = size
    instance = make(N=N, p=p, p_star=p_star, alpha=alpha)
    values, overlap2 = full(instance)
    found, weights = spectral_measure(instance)
    np.testing.assert_allclose(found, values, atol=1e-11)
    np.testing.assert_allclose(weights, overlap2, atol=1e-9)
    assert signal(instance).overlap2 == pytest.approx(overlap2.max(), abs=1e-9)


def test_single_precision_data_have_the_same_signal(make):
    instance = make(N=300, p=1, p_star=1, a=1.5, alpha=3.0, dtype=np.float32)
    assert signal(instance).overlap2 == pytest.approx(full(instance)[1].max(), abs=1e-9)


def test_the_default_falls_back_to_the_dense_way(make, monkeypatch):
    """A signal spread evenly over the bulk has no eigenvector that Krylov can single out."""
    instance = make(N=200, p=2, p_star=3, a=1.0, alpha=0.5)
    monkeypatch.setattr(module, "_DENSE", 10)
    found = signal(instance)
    assert found.method == "dense"
    assert found.overlap2 == pytest.approx(full(instance)[1].max(), abs=1e-9)


def test_the_default_is_krylov_at_large_order(make, monkeypatch):
    monkeypatch.setattr(module, "_DENSE", 10)
    instance = make(N=400, p=1, p_star=1, a=1.5, alpha=4.0)
    assert signal(instance).method == "krylov"


def test_an_unknown_method_is_named(make):
    with pytest.raises(DomainError, match="method must be"):
        signal(make(N=20), method="sparse")


def test_the_other_end_and_the_spans_of_all_weights():
    """Dense and Krylov alike, against a full diagonalisation."""
    network = Architecture("(y - yh)^2/2", "tanh(x)", overlap=0.5)
    point = Point(200, 2, 1, 0, 4.0, network, "right")
    instance = draw(point, np.random.default_rng(1))
    values, vectors = np.linalg.eigh(hessian(instance))
    values, vectors = values[::-1], vectors[:, ::-1]
    nodes = vectors[:, :3].reshape(2, 200, 3)
    frames = [instance.student, np.vstack([instance.student, instance.teacher])]
    expected = []
    for frame in frames:  # by least squares, node by node
        inside = [frame.T @ np.linalg.lstsq(frame.T, node, rcond=None)[0] for node in nodes]
        expected.append(np.sum(np.square(inside), axis=(0, 1)))
    overlap2 = overlaps(instance, vectors).norm ** 2
    for method in ("dense", "krylov"):
        found = signal(instance, method=method)
        np.testing.assert_allclose(found.lowest, values[:3], atol=1e-9)
        np.testing.assert_allclose(found.lowest_overlap2, overlap2[:3], atol=1e-6)
        np.testing.assert_allclose(found.spans, expected, atol=1e-6)
        assert found.value == pytest.approx(values[np.argmax(overlap2)], abs=1e-8)
        assert found.rank <= np.argmax(overlap2)


def test_the_papers_network_has_no_other_spans(make):
    assert signal(make(N=30)).spans == ()
