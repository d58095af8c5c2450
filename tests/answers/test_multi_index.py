"""Teachers of several indices: against published numbers, closed forms, and matrices."""

import copy
import pickle

import numpy as np
import pytest
from scipy import special
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from sympy import Abs, Matrix, Piecewise, Rational, Symbol, exp, eye, oo, pi, sqrt
from sympy.abc import y

from bbpsym import MultiIndex, Network, edge, luo_alghamdi_lu, outlier, outliers, threshold
from bbpsym.ensembles.index_models.label_cells import LabelCells
from bbpsym.ensembles.index_models.teachers import (
    product,
    quotient,
    sign_of_product,
    teacher_of,
    two_squares,
)
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError
from bbpsym.finite.spectral import complex_spectral, spectral
from bbpsym.symbols import label


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


def test_the_names_of_the_indices_do_not_matter():
    for text, other in (("u2/u1", "u1/u2"), ("u2^2 + u1^2/3", "u1^2 + u2^2/3")):
        turned, known = teacher_of(text), teacher_of(other)
        assert repr(turned) == f"MultiIndex({text.replace(' + u1^2/3', '+1/3*u1^2')})"
        assert turned.moments == known.moments[::-1, ::-1]
        assert turned.weak_recovery == pytest.approx(known.weak_recovery, rel=1e-12)
    u1, u2 = np.random.default_rng(3).standard_normal((2, 10**5))
    near = np.abs(u2 / u1 - 2) < 0.2  # a label that tells u1 from u2
    moments = np.array(teacher_of("u2/u1").moments.subs(label, 2), dtype=float)
    assert np.diag(moments) == pytest.approx([np.mean(u[near] ** 2) for u in (u1, u2)], rel=0.1)


def test_an_index_that_no_label_knows_costs_no_digits():
    assert teacher_of("u3^2").moments == Matrix([[label**2]])
    assert (teacher_of("u3*u1").name, teacher_of("u3*u1").moments) == ("u1*u3", product().moments)
    first = teacher_of("u3^2 + sign(u2*u1*u3)").methods()[0]
    assert first.direction.tolist() == [0, 0, 1]
    assert first.weak_recovery == pytest.approx(0.575166352288, rel=1e-11)


def test_a_single_index_is_the_known_optimal_method():
    law = exp(-y / 2) / sqrt(2 * pi * y)
    teacher = MultiIndex(law, Matrix([[y]]), (0, 1, 60), "y = u^2")
    assert teacher.weak_recovery == pytest.approx(0.5, abs=1e-9)


def test_a_weight_of_ones_own_sees_each_direction_on_its_own_side():
    """Against averages in the plane of u_1 and u_2, by the road of networks."""
    weight, x, yh = y / (1 + Abs(y)), Symbol("x"), Symbol("yh")
    across, along = product().methods(weight)
    with pytest.raises(NoOutlierError):
        threshold(across, side="right")
    found = threshold(along, side="right")
    assert (found.kind, float(threshold(across, side="left").alpha)) == (
        "discontinuous",
        pytest.approx(float(found.alpha), abs=1e-10),
    )
    even = product().methods(y**2 / (1 + y**2))
    blind = Network(
        x, y**2 / (1 + y**2) * yh**2 / 2, p_star=2, teacher=Symbol("u_1") * Symbol("u_2")
    )
    pair = outliers(blind, alpha=20, side="right")
    assert [float(outlier(method, 20, side="right").overlap2) for method in even] == pytest.approx(
        [item.overlap2 for item in pair], abs=1e-6
    )


def test_two_squares_that_differ_much():
    """By mpmath's quadrature of the Bessel functions, to thirty digits; beyond, these overflow."""
    known = (0.500470494002, 13.3925672571)
    for c in (32, "1/32"):
        found = two_squares(c)
        assert [m.weak_recovery for m in found.methods()] == pytest.approx(known, rel=1e-10)
        assert 10 <= found.recovery_digits <= 12
    assert isinstance(teacher_of("u1^2+u2^2/100"), LabelCells)


def test_directions_that_are_found_one_after_the_other():
    """By quadrature over the angle phi, for `y = u_1^2 + u_2^2/2`."""
    first, second = two_squares("1/2").methods()
    assert first.direction.tolist() == [1, 0]

    def excess(factor):
        def mean(y):
            weight = lambda phi: np.exp(-y * (np.cos(phi) ** 2 + 2 * np.sin(phi) ** 2) / 2)  # noqa: E731
            phi = np.arange(64) * np.pi / 32
            share = weight(phi).mean() / np.sqrt(2)
            return share * ((factor(y, phi) * weight(phi)).mean() / weight(phi).mean() - 1) ** 2

        return 1 / quad(mean, 0, 150, epsabs=1e-12, epsrel=1e-11, limit=400)[0]

    assert first.weak_recovery == pytest.approx(
        excess(lambda y, phi: y * np.cos(phi) ** 2), rel=1e-9
    )
    assert second.weak_recovery == pytest.approx(
        excess(lambda y, phi: 2 * y * np.sin(phi) ** 2), rel=1e-9
    )
    assert outlier(second, "1.5") is None
    assert float(outlier(second, 3).value) == pytest.approx(1, abs=1e-9)


def test_matrices_find_the_second_direction_below_the_first():
    rng, teacher = np.random.default_rng(1), lambda u: u[:, 0] ** 2 + u[:, 1] ** 2 / 2

    def weight(y):
        return 1 - 1 / (y * (1 - special.ive(1, y / 4) / special.ive(0, y / 4)))

    seen = [spectral(teacher, weight, np.array([0.0, 1.0]), 400, 6, rng, 1) for _ in range(6)]
    expected = outlier(two_squares("1/2").methods()[1], 6)
    for name in ("value", "overlap2"):
        values = np.array([getattr(item, name) for item in seen])
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - float(getattr(expected, name))) < 3 * error + 0.02


def test_elementary_laws_have_any_number_of_digits():
    """The complex teacher: two indices and one label, known to `teacher_labels(2)` as well."""
    teacher = MultiIndex(exp(-y / 2) / 2, eye(2) * y / 2, (0, 1, oo))
    found, known = outlier(teacher.methods()[0], 2, 16), luo_alghamdi_lu(2)
    assert found.text("overlap2") == outlier(known, 2, 16, side="right").text("overlap2")
    with pytest.raises(PrecisionError, match="digits must be at most 12"):
        outlier(product().methods()[0], 2, 25)


def test_complex_matrices():
    rng, method = np.random.default_rng(2), luo_alghamdi_lu(2)
    expected = outlier(method, 3, side="right")
    seen = [complex_spectral(lambda y: 1 - 1 / y, 300, 3, rng) for _ in range(6)]
    for name in ("value", "overlap2"):
        values = np.array([getattr(item, name) for item in seen])
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - getattr(expected, name)) < 3 * error + 0.02
    below = [complex_spectral(lambda y: 1 - 1 / y, 300, 0.7, rng).overlap2 for _ in range(3)]
    assert max(below) < 0.1  # the threshold is one, that of real data one half


def test_labels_without_a_finite_weight_and_directions_of_which_nothing_is_known():
    """A factor of 0 or 2 is that of the quotient: g = 2 - alpha at the outlier."""
    teacher = MultiIndex({-1: "1/2", 1: "1/2"}, Matrix([[1, y], [y, 1]]))
    found = outlier(teacher.methods()[0], "1.5", 20)
    assert (found.text("value"), found.text("g")) == ("1." + 19 * "0", "0.5" + 19 * "0")
    known = MultiIndex({0: "1/2", 2: "1/2"}, Matrix([[y, 0], [0, 1]]))
    first, second = known.methods()
    assert (first.weak_recovery, second.weak_recovery) == (pytest.approx(1), np.inf)
    with pytest.raises(NoOutlierError, match="direction must matter"):
        outlier(second, 3)


def test_few_labels_are_certified():
    found = threshold(sign_of_product().methods()[0], 30, certified=True)
    assert found.text("alpha") == str((pi**2 / 4).evalf(30))
    with pytest.raises(DomainError, match="certified must be False"):
        threshold(quotient().methods()[0], certified=True)


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


def mixed():
    """A label whose moments have eigenvectors that turn with it."""
    across = (3 * y**2 - 2) / 4
    turning = Matrix([[1 + y / 2, across], [across, 1]])
    return MultiIndex({-1: "1/3", 0: "1/3", 1: "1/3"}, turning, name="mixed")


BAD = {
    "density must add up to one": lambda: MultiIndex(Rational(1, 3), Matrix([[1]]), (-1, 1)),
    "mean of the moments": lambda: MultiIndex(Rational(1, 2), Matrix([[2]]), (-1, 1)),
    "moments must be a symmetric": lambda: MultiIndex(
        Rational(1, 2), Matrix([[1, y], [0, 1]]), (-1, 1)
    ),
    "side must be": lambda: edge(product().methods()[0], 3, side="left"),
    "alpha must be below 2 for": lambda: outlier(quotient().methods()[0], 2),
    "c must be from 1/32 to 32": lambda: two_squares(33),
    "moments must be means of squares": lambda: MultiIndex(
        {-1: "1/2", 1: "1/2"}, Matrix([[1, 2 * y], [2 * y, 1]])
    ),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()


def test_a_copy_is_equal_and_answers_alike():
    teacher = MultiIndex({1: "1/2", -1: "1/2"}, [[1 + label / 2, label / 2], [label / 2, 1]])
    for item in (teacher, product()):
        found = outlier(item.methods()[0], 20)
        (ensemble, *_) = item.methods(label)
        for mine in (item, item.methods()[0], ensemble, found):
            theirs = pickle.loads(pickle.dumps(mine))
            assert theirs == mine == copy.deepcopy(mine)
            assert hash(theirs) == hash(mine)
        assert outlier(pickle.loads(pickle.dumps(item)).methods()[0], 20) == found
    assert teacher != product()


@pytest.mark.parametrize("moments", [None, 1, "1", [[[1]]], [], {1: 1}, [[object()]]])
def test_what_is_no_matrix_is_refused(moments):
    with pytest.raises(DomainError, match=r"^moments must|must be a SymPy expression"):
        MultiIndex({1: 1}, moments)


def test_a_weight_of_ones_own_where_eigenvectors_turn():
    """For few labels, by hand: the larger eigenvalue of the signal block, and its slope."""
    law, alpha, w = mixed(), 12.0, np.array([-0.5, 0.0, 1.0])
    C = np.array([np.array(law.moments.subs(label, k), dtype=float) for k in (-1, 0, 1)])

    def bulk(g):
        return 1 / g + alpha * np.mean(w / (1 - g * w))

    def block(g):
        return np.linalg.eigvalsh(alpha * np.einsum("n,nij->ij", w / (1 - g * w) / 3, C))[-1]

    g_edge = minimize_scalar(bulk, bounds=(1e-3, 0.999), method="bounded").x
    g = brentq(lambda g: bulk(g) - block(g), 1e-3, g_edge)
    step = 1e-6
    slope = (block(g + step) - block(g - step)) / (bulk(g + step) - bulk(g - step))
    first, second = law.methods(Piecewise((y, y > 0), (y / 2, True)))
    found = outlier(first, 12, side="right")
    assert float(found.value) == pytest.approx(bulk(g), rel=1e-9)
    assert float(found.overlap2) == pytest.approx(1 / (1 - slope), rel=1e-6)
    least = threshold(first, side="right")
    assert outlier(first, float(least.alpha) * 0.999, side="right") is None
    assert outlier(first, float(least.alpha) * 1.001, side="right") is not None
    assert float(edge(second, 12, side="right").value) == pytest.approx(bulk(g_edge), rel=1e-9)
