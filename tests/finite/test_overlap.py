import numpy as np
import pytest

from bbpsym.errors import DomainError
from bbpsym.finite.eigen import lowest
from bbpsym.finite.overlap import overlaps, signal_directions


def test_directions_are_the_entries_of_the_overlap_matrix(make):
    instance = make(N=30, p=3, p_star=2)
    V = np.linalg.qr(np.random.default_rng(0).standard_normal((90, 4)))[0]
    found = overlaps(instance, V).matrices
    for v, M in zip(V.T, found, strict=True):
        by_hand = v.reshape(3, 30) @ instance.teacher.T / np.sqrt(30)
        np.testing.assert_allclose(M, by_hand, atol=1e-14)
        np.testing.assert_allclose(M.ravel(), v @ signal_directions(instance), atol=1e-14)


def test_a_signal_direction_overlaps_completely(make):
    instance = make(N=30, p=2, p_star=1)
    found = overlaps(instance, signal_directions(instance))
    np.testing.assert_allclose(found.norm, 1)
    np.testing.assert_allclose(found.gram, np.eye(2), atol=1e-14)


def test_one_node_each_gives_the_cosine(make):
    instance = make(N=30, p=1, p_star=1)
    v = np.random.default_rng(0).standard_normal((30, 1))
    v /= np.linalg.norm(v)
    cosine = abs(v[:, 0] @ instance.teacher[0]) / np.linalg.norm(instance.teacher[0])
    np.testing.assert_allclose(overlaps(instance, v).norm, cosine)


def test_outliers_become_degenerate_with_equal_overlaps(make):
    """(11) and (13): the Gram matrix tends to `m^2` times one, with fluctuations ~ `N^{-1/2}`."""

    def unevenness(N):
        total = 0.0
        for seed in range(20):
            instance = make(N=N, p=2, p_star=1, a=1.5, alpha=4.0, seed=seed)
            gram = overlaps(instance, lowest(instance).vectors).gram
            mean = np.trace(gram) / 2
            total += np.linalg.norm(gram - mean * np.eye(2)) / mean
        return total / 20

    small, large = unevenness(50), unevenness(400)
    assert large < 0.6 * small
    assert large < 0.1


def test_wrong_shapes_are_refused(make):
    with pytest.raises(DomainError, match="vectors must have shape"):
        overlaps(make(N=30), np.zeros((59, 2)))
