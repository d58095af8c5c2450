"""Teachers of several indices: against published numbers, closed forms, and matrices."""

import numpy as np
import pytest
from scipy import special
from sympy import Matrix, Rational, exp, pi, sqrt
from sympy.abc import y

from bbpsym import MultiIndex, edge, outlier, threshold
from bbpsym.ensembles.multi_index import product, quotient, sign_of_product
from bbpsym.errors import DomainError
from bbpsym.finite.spectral import spectral


def test_the_product_of_two():
    teacher = product()
    assert teacher.weak_recovery == pytest.approx(0.593751098222, abs=1e-11)
    first, second = teacher.methods()
    assert np.abs(first.direction) == pytest.approx(np.full(2, 2**-0.5))
    assert first.direction @ second.direction == pytest.approx(0, abs=1e-12)
    for method in (first, second):
        found = threshold(method)
        assert (found.kind, found.side) == ("continuous", "right")
        assert float(found.alpha) == pytest.approx(teacher.weak_recovery, abs=1e-10)
        for alpha, overlap2 in {"0.8": 0.0693270, 1: 0.1388052, 2: 0.4325386}.items():
            found = outlier(method, alpha)
            assert float(found.value) == pytest.approx(1, abs=1e-9)
            assert float(found.overlap2) == pytest.approx(overlap2, abs=6e-8)
        assert outlier(method, "0.5") is None


def test_the_sign_of_a_product():
    teacher = sign_of_product()
    assert teacher.weak_recovery == pytest.approx(np.pi**2 / 4, abs=1e-12)
    found = threshold(teacher.methods()[0])
    assert float(found.alpha) == pytest.approx(np.pi**2 / 4, abs=1e-11)


def test_a_quotient_prefers_no_direction():
    """With h = 1/(2 - g) the outlier has g = 2 - alpha, by hand."""
    teacher = quotient()
    assert teacher.weak_recovery == pytest.approx(1, abs=1e-11)
    (method,) = teacher.methods()
    found = outlier(method, "1.5")
    assert (float(found.value), float(found.g)) == pytest.approx((1, 0.5), abs=1e-9)
    assert float(edge(method, "1.5").value) < 1


def test_a_single_index_is_the_known_optimal_method():
    law = exp(-y / 2) / sqrt(2 * pi * y)
    teacher = MultiIndex(law, Matrix([[y]]), (0, 1, 60), "y = u^2")
    assert teacher.weak_recovery == pytest.approx(0.5, abs=1e-9)


def test_matrices_find_the_direction():
    def factor(labels):
        size = np.abs(labels)
        return size * special.k1(size) / special.k0(size) + labels

    direction, rng = np.array([1.0, 1.0]), np.random.default_rng(0)
    found = [
        spectral(lambda u: u[:, 0] * u[:, 1], lambda y: 1 - 1 / factor(y), direction, 400, 2, rng)
        for _ in range(6)
    ]
    overlaps = np.array([item.overlap2 for item in found])
    error = overlaps.std(ddof=1) / np.sqrt(len(found))
    assert abs(overlaps.mean() - 0.4325386) < 3 * error + 0.02


#: Moments of mean one whose eigenvectors turn with the label.
MIXED = y**2 / 8 - Rational(1, 24)
TURNING = Matrix([[1 + y / 2, MIXED], [MIXED, 1]])

BAD = {
    "density must add up to one": lambda: MultiIndex(Rational(1, 3), Matrix([[1]]), (-1, 1)),
    "mean of the moments": lambda: MultiIndex(Rational(1, 2), Matrix([[2]]), (-1, 1)),
    "moments must be a symmetric": lambda: MultiIndex(
        Rational(1, 2), Matrix([[1, y], [0, 1]]), (-1, 1)
    ),
    "side must be": lambda: edge(product().methods()[0], 3, side="left"),
    "same eigenvectors": lambda: MultiIndex(Rational(1, 2), TURNING, (-1, 1)).methods(),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()
