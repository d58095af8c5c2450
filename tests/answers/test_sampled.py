"""Predictions from the sampled weights, against simulated Hessians and against the limit."""

import numpy as np
import pytest

from bbpsym import Model, edge, outlier, predict, predict_from
from bbpsym.errors import DomainError
from bbpsym.finite import Point, draw, hessian, lowest, overlaps
from tests.cases import long

MODEL = Model(1, 1, "1.5")


def pairs(point, samples):
    """Predictions, the simulated outliers (lowest first), their overlaps, and the bulk."""
    model = Model(point.p, point.p_star, str(point.a))
    for index in range(samples):
        instance = draw(point, point.stream(11, index))
        predicted = predict_from(model, instance.student_fields, instance.teacher_fields, point.N)
        found = lowest(instance, point.outliers + 1)
        squares = overlaps(instance, found.vectors).norm ** 2
        yield predicted, found.values, squares


def compared(point, samples):
    """Predicted and measured means over the outliers, of samples where all were predicted."""
    rows = [
        (
            np.mean([item.value for item in predicted.outliers]),
            values[: point.outliers].mean(),
            np.mean([item.overlap2 for item in predicted.outliers]),
            squares[: point.outliers].mean(),
            np.mean([item.deviation for item in predicted.outliers]),
        )
        for predicted, values, squares in pairs(point, samples)
        if len(predicted.outliers) == point.outliers
    ]
    assert len(rows) >= 0.6 * samples
    return np.array(rows).T


def check(point, samples, least):
    """Hold predictions against simulations; every bound is four standard errors wide."""
    predicted, measured, overlap2, measured2, deviation = compared(point, samples)
    assert np.corrcoef(predicted, measured)[0, 1] > least
    unexplained = (measured - predicted) / deviation
    n = len(unexplained)
    if point.outliers == 1:
        # A chi-square of n degrees of freedom has relative spread sqrt(2/n).
        assert abs(np.mean(unexplained**2) - 1) < 4 * np.sqrt(2 / n)
    else:  # the mean of several outliers varies less than one of them
        assert np.mean(unexplained**2) < 1 + 4 * np.sqrt(2 / n)
    assert abs(unexplained.mean()) < 4 * unexplained.std() / np.sqrt(n) + 0.2
    difference = measured2 - overlap2
    # What is left on average is of order 1/N.
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(n) + 3 / point.N
    # Knowing the weights must help.
    assert np.std(measured - predicted) < 0.75 * np.std(measured)


def test_outliers_sample_by_sample():
    check(Point(N=300, p=1, p_star=1, a=1.5, alpha=4.0), 60, 0.7)


@pytest.mark.parametrize(("p", "p_star", "a", "alpha"), long((2, 1, 1.5, 4.0), (1, 2, 3.0, 20.0)))
def test_several_outliers_sample_by_sample(p, p_star, a, alpha):
    check(Point(N=200, p=p, p_star=p_star, a=a, alpha=alpha), 30, 0.6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("point", "samples"),
    [
        (Point(N=100, p=1, p_star=1, a=1.5, alpha=4.0), 400),
        (Point(N=1000, p=1, p_star=1, a=1.5, alpha=3.0), 150),
        (Point(N=4000, p=1, p_star=1, a=1.5, alpha=3.0), 8),
        (Point(N=500, p=2, p_star=1, a=1.5, alpha=3.0), 100),
        (Point(N=300, p=1, p_star=2, a=3.0, alpha=20.0), 100),
        (Point(N=300, p=2, p_star=2, a=0.7, alpha=8.0), 60),
    ],
    ids=lambda value: str(value)[:40],
)
def test_outliers_sample_by_sample_at_length(point, samples):
    check(point, samples, 0.6)


def test_the_scalar_equation_by_eigenvalues():
    """For p = 1 and G(z) of a matrix that is drawn: an independent solution on a grid."""
    rng = np.random.default_rng(3)
    student, teacher = rng.standard_normal((400, 1)), rng.standard_normal((400, 1))
    found = predict_from(MODEL, student, teacher, 200)
    y, yh = teacher[:, 0] ** 2, student[:, 0] ** 2
    f = 2 * (3 * yh - y) / (1.5 + y)
    g = -np.logspace(-4, np.log10(-1 / f.min()), 200_001)[:-1]
    grid = np.array([1 / x + np.mean(f / (1 - x * f)) * 2 for x in g[::20]])
    assert found.edge == pytest.approx(grid.max(), rel=1e-5)
    assert found.edge >= grid.max() - found.edge_error
    gaps = np.array([1 / x + np.mean((1 - y) * f / (1 - x * f)) * 2 for x in g[::20]])
    left = gaps[: grid.argmax()]
    assert found.is_outlier == bool(np.any(left > 0))


def test_the_matrix_equation_by_iteration():
    """For p = 2, 1/z (1 + (1/N) sum h) iterated from far left gives the trace of the resolvent."""
    rng = np.random.default_rng(5)
    N = 150
    point = Point(N=N, p=2, p_star=1, a=1.5, alpha=4.0)
    instance = draw(point, rng)
    found = predict_from(Model(2, 1, "1.5"), instance.student_fields, instance.teacher_fields, N)
    y, yh = instance.label, instance.prediction
    fields = instance.student_fields
    F = (fields[:, :, None] * fields[:, None, :] + (yh - y)[:, None, None] * np.eye(2)) / (1.5 + y)[
        :, None, None
    ]
    G = -0.01 * np.eye(2)
    z = found.outliers[0].value
    for _ in range(20_000):
        h = F @ np.linalg.inv(np.eye(2) - G @ F)
        new = np.linalg.inv(z * np.eye(2) - h.sum(axis=0) / N)
        if np.abs(new - G).max() < 1e-13:
            break
        G = new
    self_energy = np.einsum("m,mij->ij", instance.teacher_fields[:, 0] ** 2, h) / N
    assert np.linalg.eigvalsh(self_energy)[0] == pytest.approx(z, abs=1e-9)


def test_the_bulk_is_that_of_the_matrix():
    """The edge lies left of the lowest bulk eigenvalue and follows it from sample to sample."""
    point = Point(N=200, p=1, p_star=1, a=1.5, alpha=4.0)
    rows = np.array([(p.edge, v[1]) for p, v, _ in pairs(point, 40)])
    assert np.mean(rows[:, 1] - rows[:, 0]) > 0
    assert np.corrcoef(rows.T)[0, 1] > 0.8


def test_large_samples_reach_the_limit():
    found = predict(MODEL, 3, 10**5, np.random.default_rng(1))
    exact = outlier(MODEL, 3)
    assert found.outliers[0].value == pytest.approx(exact.value, abs=5 * 3.6 / 10**2.5)
    assert found.outliers[0].overlap2 == pytest.approx(exact.overlap2, abs=0.01)
    assert found.edge == pytest.approx(edge(MODEL, 3).value, abs=0.05)


@pytest.mark.parametrize("p", [1, 2])
def test_extreme_weights_alone_reach_the_limit(p):
    model = Model(p, 1, "1.5")
    found = predict(model, "1.5", 10**15, np.random.default_rng(1))
    exact = outlier(model, "1.5")
    assert len(found.outliers) == p
    for item in found.outliers:
        assert item.value == pytest.approx(exact.value, abs=1e-7)
        assert item.overlap2 == pytest.approx(exact.overlap2, abs=1e-7)
    # The smooth edge is approached from the right, slowly.
    assert edge(model, "1.5").value < 0
    assert 0.001 < found.edge - edge(model, "1.5").value < 0.01


@pytest.mark.parametrize(("p", "p_star", "alpha"), long((1, 1, 1.5), (1, 2, 3), (2, 1, 1.5)))
def test_extreme_weights_against_all(p, p_star, alpha):
    """Two ways to sample the same law: the edges have the same distribution."""
    model, N, samples = Model(p, p_star, "1.5"), 20_000 if p == 1 else 2000, 60 if p == 1 else 10
    rng = np.random.default_rng(7)
    edges = [
        np.array([predict(model, alpha, N, rng, extremes=count).edge for _ in range(samples)])
        for count in (0, N // 4)
    ]
    difference = edges[0].mean() - edges[1].mean()
    error = np.sqrt(sum(values.var(ddof=1) / samples for values in edges))
    assert abs(difference) < 4 * error


def test_random_signs_are_all_that_is_left_open():
    """Flipping the signs of the pre-activations leaves the prediction alone, not the Hessian."""
    point = Point(N=60, p=1, p_star=1, a=1.5, alpha=4.0)
    instance = draw(point, np.random.default_rng(2))
    fields = instance.student_fields, instance.teacher_fields
    flipped = predict_from(MODEL, -fields[0], -fields[1], 60)
    assert flipped == predict_from(MODEL, *fields, 60)
    assert hessian(instance).shape == (60, 60)


BAD = {
    "N must be an integer from 2 to 1e200, .*: the accuracy of": lambda rng: predict(
        MODEL, 1, 1.5, rng
    ),
    "N must be an integer from 2 to 1e15, .*: at p = 2 extreme": lambda rng: predict(
        Model(2, 1, 1), 1, "1e16", rng
    ),
    "alpha must be a number": lambda rng: predict(MODEL, -1, 100, rng),
    "p must be finite": lambda rng: predict(Model("inf", 1, 1), 1, 100, rng),
    "rng must be a numpy": lambda rng: predict(MODEL, 1, 100, 1),
    "extremes must be 0 or an integer": lambda rng: predict(MODEL, 1, 1000, rng, extremes=5),
    "extremes must be at most half": lambda rng: predict(MODEL, 1, 100, rng, extremes=100),
    "N must be lower for p > 2": lambda rng: predict(Model(3, 1, 1), 1, 10**7, rng),
    "alpha N must round to at least 10": lambda rng: predict(MODEL, 1, 5, rng),
    "alpha N must be at most 1e8": lambda rng: predict(MODEL, 1, 10**9, rng, extremes=0),
    "model must be a Model": lambda rng: predict("x", 1, 100, rng),
    "student_fields must be finite": lambda rng: predict_from(
        MODEL, np.ones((9, 2)), np.ones((9, 1)), 9
    ),
    "no sampled weight is negative": lambda rng: predict_from(
        MODEL, np.ones((9, 1)), 0.1 * np.ones((9, 1)), 9
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence](np.random.default_rng(0))


def test_how_it_shows():
    found = predict(MODEL, 3, 1000, np.random.default_rng(1))
    assert "random signs" in str(found)
    assert found.record()["outliers"][0]["value"] == found.lowest
    assert "no outlier" in str(predict(MODEL, "0.5", 1000, np.random.default_rng(1)))
