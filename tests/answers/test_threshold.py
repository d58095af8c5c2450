"""BBP thresholds against values and routes that share no code with them."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from bbpsym import Model, critical_a, threshold
from bbpsym.errors import DomainError
from bbpsym.numerics.questions import Kind
from tests.reference.two_dimensional import TwoDimensional
from tests.reference.values import THRESHOLDS, decimals


@pytest.mark.parametrize("digits", [None, 20])
@pytest.mark.parametrize(("p_star", "p", "a", "kind", "alpha", "alpha_c"), THRESHOLDS)
def test_reference_values_to_all_printed_digits(p_star, p, a, kind, alpha, alpha_c, digits):
    found = threshold(Model(p, p_star, a), digits)
    assert found.kind == kind
    assert f"{float(found.alpha):.{decimals(alpha)}f}" == alpha
    assert f"{float(found.alpha_c):.{decimals(alpha_c)}f}" == alpha_c


@pytest.mark.parametrize(
    ("p", "p_star", "a", "accuracy"),
    [(1, 1, 1, 1e-6), (2, 1, 0.7, 1e-8), (2, 1, 1.5, 1e-12), (3, 2, 1, 1e-12), (4, 3, 2, 1e-12)],
)
def test_two_dimensional_quadrature_agrees(p, p_star, a, accuracy):
    kind, alpha, g = (witness := TwoDimensional(p, p_star, a)).threshold()
    found = threshold(Model(p, p_star, a))
    assert found.kind == kind
    assert found.alpha == pytest.approx(alpha, rel=accuracy)
    assert found.g == pytest.approx(g, rel=accuracy)
    assert found.value == pytest.approx(witness.eigenvalue(g), rel=accuracy)
    if kind == Kind.DISCONTINUOUS:
        assert found.overlap2 == pytest.approx(witness.overlap2(g), rel=1e-9)


@pytest.mark.parametrize(("p_star", "a"), [(1, "0.7"), (2, "1"), (5, "1/3"), (1, "100")])
@pytest.mark.parametrize("digits", [None, 40])
def test_infinite_overparametrisation(p_star, a, digits):
    """(53), (51) and the jump a/(a + 1 + 4/p*), obtained from the limit of the equations."""
    found = threshold(Model("inf", p_star, a), digits)
    a = Fraction(a)
    expected = {
        "alpha": p_star * (a + 1) / 2,
        "alpha_c": p_star * (a + 1) ** 2 / 2,
        "overlap2": a / (a + 1 + Fraction(4, p_star)),
        "value": Fraction(-1),
        "t": Fraction(1),
    }
    for name, exact in expected.items():
        error = abs(getattr(found, name) * exact.denominator / exact.numerator - 1)
        assert error < (1e-12 if digits is None else 1e-39), name
    assert found.kind == Kind.DISCONTINUOUS
    assert found.unit == "2/p"


def test_large_width_approaches_the_limit():
    limit = threshold(Model("inf", 1, "0.7"))
    gaps = []
    for p in (10**4, 10**5, 10**6):
        found = threshold(Model(p, 1, "0.7"))
        gaps.append(p * (found.alpha - limit.alpha))
        assert found.value * p / 2 == pytest.approx(limit.value, abs=10 / p)
    # the first-order coefficient -(1/2)(a + 1)(2/(1 + a)^2 - 2/(a + 3)), of order one
    first = -0.85 * (2 / 1.7**2 - 2 / 3.7)
    assert gaps == pytest.approx([first] * 3, rel=1e-3)


@pytest.mark.parametrize(
    ("p", "p_star", "a"),
    [
        (1, 1, "1e-6"),
        (1, 1, "1e6"),
        (1, 10**6, "1"),
        (1, 10**6, "1e6"),
        (10**6, 1, "1e-6"),
        (10**6, 10**6, "1"),
        (2, 50, "0.01"),
        (1000, 3, "0.004"),
        (7, 1, "1e-3"),
    ],
)
def test_double_precision_keeps_its_promise_at_the_corners(p, p_star, a):
    model = Model(p, p_star, a)
    double, precise = threshold(model), threshold(model, 30)
    assert double.kind == precise.kind
    assert double.digits >= 12
    for name in ("alpha", "alpha_c", "t", "value", "overlap2"):
        value, exact = getattr(double, name), float(getattr(precise, name))
        assert abs(value - exact) <= double.errors[name] + 1e-15 * abs(exact), name
        assert value == pytest.approx(exact, rel=1e-12), name


def test_more_digits_begin_with_fewer():
    few, many = (threshold(Model(2, 1, "0.7"), digits) for digits in (30, 60))
    for name in few.symbols:
        assert float(abs(getattr(many, name) - getattr(few, name))) < 1e-29


def test_fifty_digits():
    alpha = "0.92705529671706608466785573723919677948402851664571"
    found = threshold(Model(2, 1, "0.7"), 50)
    assert found.text("alpha") == alpha
    assert str(found.alpha) == alpha


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("distance", [1e-3, 1e-9, 1e-14, 1e-30])
def test_the_type_is_right_however_close_to_the_crossover(side, distance):
    crossover = critical_a(2, 1, 60)
    model = Model(2, 1, crossover * (1 + side * crossover.context.mpf(distance)))
    kind = threshold(model).kind
    assert kind == (Kind.DISCONTINUOUS if side > 0 else Kind.CONTINUOUS)
    found = threshold(model, 20)
    assert found.kind == kind
    assert (found.t == 1) == (side > 0)


@pytest.mark.parametrize(("p", "p_star"), [(2, 1), (4, 2)])
def test_the_minimum_in_a_lies_at_the_crossover(p, p_star):
    best = minimize_scalar(
        lambda a: threshold(Model(p, p_star, round(a, 9))).alpha, bounds=(0.1, 3), method="bounded"
    )
    assert best.x == pytest.approx(critical_a(p, p_star), abs=1e-3)


def test_the_threshold_is_not_monotonic_in_p():
    alpha = {p: threshold(Model(p, 1, "0.7")).alpha for p in (1, 2, 3, 4, 6, 10, "inf")}
    assert alpha[1] > alpha[2] > alpha[3] < alpha[4] < alpha[6] < alpha[10] < alpha["inf"]


def test_underparametrised_thresholds_are_large():
    alphas = [threshold(Model(1, p_star, 1)).alpha for p_star in (1, 2, 5, 20)]
    assert np.all(np.diff(alphas) > 0)
    assert alphas[-1] > 20**2 / 2


def test_digits_out_of_range():
    with pytest.raises(DomainError, match="digits must be"):
        threshold(Model(1, 1, 1), digits=0)


@pytest.mark.parametrize("how", [{}, {"digits": 30}, {"digits": 20, "certified": True}])
def test_results_travel_between_processes(how):
    found = threshold(Model(2, 1, "0.7"), **how)
    assert str(pickle.loads(pickle.dumps(found))) == str(found)


def test_display():
    found = threshold(Model("inf", 1, "0.7"), digits=15)
    assert str(found) == (
        "Model(p='inf', p_star=1, a='0.7')\n"
        "  kind      discontinuous\n"
        "  alpha     0.850000000000000\n"
        "  alpha_c   1.44500000000000\n"
        "  value     -1.00000000000000\n"
        "  overlap2  0.122807017543860\n"
        "  t         1.00000000000000\n"
        "  g         -1.00000000000000\n"
        "  (15 digits, multiprecision; eigenvalues in units of 2/p, g of p/2)"
    )
    latex = threshold(Model(2, 1, "0.7"))._repr_latex_()
    assert r"\alpha_{\mathrm{BBP}} &= 0.927055296717" in latex
    assert latex.count("$") == 2
