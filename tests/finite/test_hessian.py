import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbpsym.errors import DomainError
from bbpsym.finite import memory
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.point import Point
from tests.finite.differences import by_differences

points = st.builds(
    Point,
    st.integers(4, 30),
    st.integers(1, 4),
    st.integers(1, 4),
    st.floats(0.1, 5),
    st.floats(0.5, 4),
)


@pytest.mark.parametrize(("p", "p_star"), [(1, 1), (2, 1), (3, 2), (2, 3)])
def test_dense_hessian_is_the_second_derivative_of_the_loss(make, p, p_star):
    problem = make(N=6, p=p, p_star=p_star, alpha=3.0)
    H, measured = hessian(problem), by_differences(problem, step=0.1)
    np.testing.assert_allclose(H, measured, atol=1e-9 * np.abs(H).max())


@pytest.mark.parametrize(("p", "p_star"), [(1, 1), (3, 2)])
def test_operator_is_the_second_derivative_of_the_loss(make, p, p_star):
    problem = make(N=6, p=p, p_star=p_star, alpha=3.0)
    H = HessianOperator.of(problem) @ np.eye(6 * p)
    np.testing.assert_allclose(H, by_differences(problem, step=0.1), atol=1e-9 * np.abs(H).max())


@given(points, st.integers(0, 2**32), st.integers(1, 5))
def test_operator_and_matrix_agree(point, seed, columns):
    rng = np.random.default_rng(seed)
    if point.p_star > point.N:
        return
    problem = draw(point, rng)
    V = rng.standard_normal((point.size, columns))
    H, operator = hessian(problem), HessianOperator.of(problem)
    np.testing.assert_allclose(operator @ V, H @ V, atol=1e-11 * (1 + np.abs(H).max()))
    np.testing.assert_allclose(operator @ V[:, 0], H @ V[:, 0], atol=1e-11 * (1 + np.abs(H).max()))
    assert np.array_equal(H, H.T) or np.allclose(H, H.T, rtol=0, atol=1e-12 * np.abs(H).max())


def test_more_samples_than_one_slice(make):
    problem = make(N=40, p=2, alpha=40.0)
    V = np.random.default_rng(1).standard_normal((80, 3))
    np.testing.assert_allclose(HessianOperator.of(problem) @ V, hessian(problem) @ V, rtol=1e-11)


def test_precision_follows_the_vectors(make):
    double = HessianOperator.of(make(N=50))
    V = np.random.default_rng(1).standard_normal((100, 2))
    exact, single = double @ V, double.single() @ V.astype(np.float32)
    assert (exact.dtype, single.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(single, exact, atol=1e-4)
    assert (double @ V.astype(np.float32)).dtype == np.float32


def test_single_precision_data_lose_no_digits_in_double_products(make):
    problem = make(N=50, dtype=np.float32)
    V = np.random.default_rng(1).standard_normal((100, 2))
    np.testing.assert_allclose(HessianOperator.of(problem) @ V, hessian(problem) @ V, rtol=1e-11)


def test_whole_numbers_are_vectors_too(make):
    operator = HessianOperator.of(make(N=10))
    assert np.array_equal(operator @ np.ones(20, int), operator @ np.ones(20))


def test_wrong_shapes_are_refused(make):
    operator = HessianOperator.of(make(N=10))
    for shape in ((19,), (20, 2, 2), ()):
        with pytest.raises(DomainError, match="vectors must have 20 rows"):
            operator @ np.zeros(shape)


def test_a_copy_that_does_not_fit_is_refused(make, monkeypatch):
    operators = [HessianOperator.of(make(N=50, dtype=dtype)) for dtype in (np.float64, np.float32)]
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(DomainError, match="draw with dtype=float32"):
        operators[0].single()
    assert operators[1].single().data is operators[1].data


def test_a_matrix_that_does_not_fit_is_refused(make, monkeypatch):
    problem = make(N=50)
    monkeypatch.setattr(memory, "available", lambda: 1000)
    with pytest.raises(DomainError, match="use HessianOperator"):
        hessian(problem)
