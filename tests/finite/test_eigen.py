import numpy as np
import pytest

from bbpsym.errors import ConvergenceError, DomainError
from bbpsym.finite.eigen import lowest
from bbpsym.finite.matrix import hessian

PROBLEMS = [
    {"N": 60, "p": 2, "p_star": 1},  # dense
    {"N": 500, "p": 1, "p_star": 1, "a": 1.5, "alpha": 1.3},  # discontinuous, hard
    {"N": 300, "p": 2, "p_star": 1, "alpha": 2.0},
    {"N": 250, "p": 2, "p_star": 3, "a": 1.0, "alpha": 0.5},  # no outlier
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
@pytest.mark.parametrize("k", [1, 5])
def test_the_lowest_pairs_are_those_of_lapack(make, problem, k):
    instance = make(**problem)
    H = hessian(instance)
    values = np.linalg.eigvalsh(H)
    pairs = lowest(instance, k)
    assert pairs.converged
    np.testing.assert_allclose(pairs.values, values[:k], atol=1e-10)
    residuals = np.linalg.norm(H @ pairs.vectors - pairs.values * pairs.vectors, axis=0)
    np.testing.assert_allclose(pairs.residuals, residuals, atol=1e-12)
    assert residuals.max() <= 1e-8
    np.testing.assert_allclose(pairs.vectors.T @ pairs.vectors, np.eye(k), atol=1e-12)


def test_the_default_is_the_outliers(make):
    assert len(lowest(make(N=60, p=2, p_star=3)).values) == 6


def test_a_tighter_tolerance_is_met(make):
    pairs = lowest(make(N=500, p=1, p_star=1), tolerance=1e-11)
    assert pairs.residuals.max() <= 1e-11


def test_single_precision_data_reach_the_same_tolerance(make):
    instance = make(N=500, p=1, p_star=1, dtype=np.float32)
    pairs = lowest(instance, 2)
    np.testing.assert_allclose(pairs.values, np.linalg.eigvalsh(hessian(instance))[:2], atol=1e-10)


def test_the_same_instance_gives_the_same_pairs(make):
    first, second = (lowest(make(N=300)) for _ in range(2))
    assert np.array_equal(first.vectors, second.vectors)


def test_blind_signal_directions_do_not_hide_the_lowest(make):
    """Teachers orthogonal to the lowest eigenvectors: only the random part can find those."""
    instance = make(N=500, p=1, p_star=1, alpha=1.0)
    vectors = np.linalg.eigh(hessian(instance))[1][:, :3]
    blind = instance.teacher - instance.teacher @ vectors @ vectors.T
    other = type(instance)(
        instance.point,
        instance.data,
        instance.student,
        blind,
        instance.student_fields,
        instance.teacher_fields,
    )
    np.testing.assert_allclose(lowest(other, 3).values, lowest(instance, 3).values, atol=1e-10)


def test_not_converged_is_said(make):
    instance = make(N=500, p=1, p_star=1)
    with pytest.raises(ConvergenceError, match="exceeds tolerance"):
        lowest(instance, tolerance=1e-20, cycles=1)
    pairs = lowest(instance, tolerance=1e-20, cycles=1, strict=False)
    assert not pairs.converged


@pytest.mark.parametrize(
    ("name", "value"),
    [("k", 0), ("k", 121), ("k", 1.5), ("tolerance", 0.0), ("tolerance", np.nan), ("cycles", 0)],
)
def test_a_bad_argument_is_named(make, name, value):
    with pytest.raises(DomainError, match=f"^{name} must be"):
        lowest(make(N=60), **{name: value})
