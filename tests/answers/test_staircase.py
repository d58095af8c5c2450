"""Indices found one after the other: against quadrature by other rules, and against matrices."""

import numpy as np
import pytest
from mpmath import MPContext
from scipy.integrate import quad
from scipy.stats import chi2

from bbpsym import outlier, threshold
from bbpsym.ensembles.index_models.known_at_nodes import product_of_three, square_and_sign
from bbpsym.ensembles.index_models.staircase import Stair, given, staircase
from bbpsym.errors import DomainError
from bbpsym.finite.spectral import spectral


@pytest.mark.parametrize(
    ("teacher", "steps"),
    [
        ("u1", [(("u1",), (), 0)]),
        ("u1*u2", [(("u1", "u2"), (), 0.593751098222)]),
        ("u1^2+u2^2/2", [(("u1",), (), 0.615720014887), (("u2",), ("u1",), 0.5)]),
        (
            "u1^2+sign(u1*u2*u3)",
            [(("u1",), (), 0.575166352288), (("u2", "u3"), ("u1",), np.pi**2 / 4)],
        ),
        ("u1*u2*u3", [(("u1", "u2", "u3"), (), 2.565180401923)]),
        ("sign(u1*u2*u3)", [(("u1", "u2", "u3"), (), np.inf)]),
    ],
)
def test_steps(teacher, steps):
    for found, expected in zip(staircase(teacher), steps, strict=True):
        assert found == Stair(*expected[:2], pytest.approx(expected[2], abs=1e-11))


def test_the_first_step_of_a_square_and_a_sign_by_densities():
    """The law of the label is the mean of two chi-square laws, one beside the other."""

    def excess(y):
        one, other = chi2.pdf(y - 1, 1), chi2.pdf(y + 1, 1)
        factor = ((y - 1) * one + (y + 1) * other) / (one + other)
        return (one + other) / 2 * (factor - 1) ** 2

    parts = ((-1, np.sqrt(2)), (1, 9))
    value = sum(
        quad(lambda t, at=at: 2 * t * excess(at + t * t), 0, end, epsabs=1e-13, limit=200)[0]
        for at, end in parts
    )
    assert square_and_sign().weak_recovery == pytest.approx(1 / value, rel=1e-9)


@pytest.mark.slow
def test_a_product_of_three_by_meijer_functions():
    mp = MPContext()
    mp.dps = 15

    def density(y, more=0):
        return mp.meijerg([[], []], [[0, 0, more], []], y**2 / 8) / mp.sqrt(2 * mp.pi) ** 3

    value = mp.quad(
        lambda x: 2 * mp.exp(x) * (2 * density(mp.exp(x), 1)) ** 2 / density(mp.exp(x)),
        [-20, -5, 0, 2, 5],
    )
    assert product_of_three().weak_recovery == pytest.approx(float(1 / (value - 1)), rel=1e-7)


def test_what_is_known_is_taken_from_the_label():
    for teacher, known, least in (
        ("u1*u2*u3", ["u1"], 0.593751098222),
        ("u1+u1*u2^2", ["u1"], 0.5),
        ("u3 + abs(u3)*u1*u2", ["u3"], 0.593751098222),
        ("sign(u1*u2*u3)", ["u2"], np.pi**2 / 4),
    ):
        found = threshold(given(teacher, known).methods()[0])
        assert float(found.alpha) == pytest.approx(least, abs=1e-10)


def test_matrices_find_the_second_step_with_the_help_of_the_first():
    """The weight of `sign(u_2 u_3)`, whose factor is `1 + 2 y/pi`, made from label and u_1."""
    rng, alpha = np.random.default_rng(5), 6

    def weight(y, known):
        rest = np.sign(known[:, 0]) * (y - known[:, 0] ** 2)
        return 1 - 1 / (1 + 2 * rest / np.pi)

    def teacher(u):
        return u[:, 0] ** 2 + np.sign(u.prod(axis=1))

    way = np.array([1.0, 1.0])
    seen = [spectral(teacher, weight, way, 400, alpha, rng, known=1) for _ in range(6)]
    methods = given("u1^2+sign(u1*u2*u3)", ["u1"]).methods()
    (expected,) = (outlier(method, alpha) for method in methods if min(method.direction) > 0)
    for name in ("value", "overlap2"):
        values = np.array([getattr(item, name) for item in seen])
        error = values.std(ddof=1) / np.sqrt(len(values))
        assert abs(values.mean() - float(getattr(expected, name))) < 3 * error + 0.02


def test_steps_of_any_formula():
    """What every alpha shows comes first: a mean that is not zero, by symmetry and by draws."""
    for teacher, steps in {
        "u1+u1*u2": [("u1 u2", 0)],
        "sign(u1)*u2^2": [("u1", 0), ("u2", 0.5)],
        "u1^2+u2^3": [("u2", 0), ("u1", 0.5)],
        "2*tanh(3*u1*u2)-1": [("u1 u2", 0.593751098222)],
    }.items():
        found = [(" ".join(step.found), step.alpha) for step in staircase(teacher)]
        assert [names for names, _ in found] == [names for names, _ in steps]
        assert [at for _, at in found] == pytest.approx([at for _, at in steps], abs=1e-10)


BAD = {
    "given must name some of u1, u2, not u3": lambda: given("u1*u2", ["u3"]),
    "given must name some of u1, u2, not u1, u2": lambda: given("u1*u2", ["u1", "u2"]),
    "u2 is seen at any alpha": lambda: given("u1+u1*u2", ["u1"]),
    "teacher must be A": lambda: given("max(u1, 0)*u2^2", ["u1"]),
    "not mixtures, as sin": lambda: staircase("sin(u1 + u2)"),
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_gives_a_sentence(sentence):
    with pytest.raises(DomainError, match=sentence):
        BAD[sentence]()
