import numpy as np
import pytest

from bbpsym.errors import DomainError
from bbpsym.finite import memory
from bbpsym.finite.instance import draw
from bbpsym.finite.point import Point


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_shapes_norms_and_precision(make, dtype):
    problem = make(N=300, p=3, p_star=2, alpha=1.5, dtype=dtype)
    assert problem.data.shape == (450, 300)
    assert problem.data.dtype == dtype
    assert problem.student_fields.shape == (450, 3)
    assert problem.teacher_fields.shape == (450, 2)
    norms = np.linalg.norm(np.vstack([problem.student, problem.teacher]), axis=1)
    np.testing.assert_allclose(norms, np.sqrt(300))
    np.testing.assert_allclose(problem.student_fields, problem.data @ problem.student.T, atol=1e-5)


def test_preactivations_are_standard_normal(make):
    problem = make(N=400, p=2, p_star=2, alpha=10.0)
    fields = np.hstack([problem.student_fields, problem.teacher_fields])
    error = len(fields) ** -0.5
    assert np.all(np.abs(fields.mean(axis=0)) < 4 * error)
    # Their norms share the weights' sphere; the variance fluctuates as that of M squares.
    assert np.all(np.abs(fields.var(axis=0) - 1) < 4 * np.sqrt(2) * error)


def test_labels_have_mean_one_and_variance_two_over_width(make):
    label = make(N=400, p=1, p_star=4, alpha=20.0).label
    assert abs(label.mean() - 1) < 4 * np.sqrt(0.5 / len(label))
    assert abs(label.var() - 0.5) < 0.1


def test_loss_is_the_papers(make):
    problem = make(N=20, p=2, p_star=1, a=0.7)
    total = 0.0
    for x in problem.data:
        y = float(problem.teacher[0] @ x) ** 2
        prediction = sum(float(w @ x) ** 2 for w in problem.student) / 2
        total += (y - prediction) ** 2 / 2 / (0.7 + y)
    assert problem.loss(problem.student) == pytest.approx(total, rel=1e-12)


def test_too_large_is_refused_before_it_is_allocated(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 10**6)
    with pytest.raises(DomainError, match="lower N or alpha, or use float32"):
        draw(Point(1000, 1, 1, 1.0, 1.0), np.random.default_rng(0))


def test_there_is_memory_here():
    assert memory.available() > 2**20


@pytest.mark.parametrize("dtype", [np.int64, np.complex128, np.float16])
def test_other_precisions_are_refused(dtype):
    with pytest.raises(DomainError, match="dtype must be float64 or float32"):
        draw(Point(10, 1, 1, 1.0, 1.0), np.random.default_rng(0), dtype=dtype)


def test_a_seed_is_not_a_generator():
    with pytest.raises(DomainError, match="rng must be a"):
        draw(Point(10, 1, 1, 1.0, 1.0), 0)
