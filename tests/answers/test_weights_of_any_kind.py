"""What is a weight: functions of any kind, read exactly, and nothing else."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import special
from scipy.optimize import brentq, minimize_scalar
from sympy import (
    Abs,
    AccumBounds,
    And,
    Derivative,
    DiracDelta,
    Ei,
    Eq,
    Float,
    Function,
    I,
    Interval,
    Lambda,
    LambertW,
    Matrix,
    MatrixSymbol,
    Order,
    Poly,
    Rational,
    Shi,
    Si,
    SingularityFunction,
    Subs,
    Sum,
    Symbol,
    acot,
    acsc,
    airyai,
    airyaiprime,
    asec,
    besseli,
    besselj,
    besselk,
    coth,
    csch,
    digamma,
    dirichlet_eta,
    elliptic_k,
    erf,
    erfcinv,
    exp,
    fresnels,
    gamma,
    hyper,
    legendre,
    log,
    meijerg,
    oo,
    polylog,
    sech,
    sin,
    sinc,
    sqrt,
    tanh,
    zeta,
    zoo,
)
from sympy.abc import x, y
from sympy.codegen.cfunctions import expm1

from bbpsym import Ensemble, Model, density, edge, teacher_labels, threshold
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError
from bbpsym.laws import expressions
from bbpsym.laws.expressions import in_label
from bbpsym.symbols import label
from tests.cases import long, with_long

ONE = teacher_labels(1)

NO_WEIGHTS = [
    *({y: 1}, Eq(y, 1), y > 1, And(y > 1, y < 2), True, None, "1 - y", "", b"1", [y], (y,), {1}),
    *(Matrix([[1, 2], [3, y]]), MatrixSymbol("A", 2, 2), Symbol("A", commutative=False)),
    *(Function("f")(y), Function("f"), Function("f")(y).diff(y), sin, Lambda(y, y), lambda y: y),
    *(Interval(0, 1), AccumBounds(0, 1), Poly(y**2 - 1, y), Order(y), np.array([1.0, 2.0])),
    *(float("nan"), float("inf"), oo, -oo, zoo, zoo * y, oo * y, Decimal("nan"), 0, 10**5000, I),
    *(x + y, ONE, object(), DiracDelta(y - 1), y + SingularityFunction(y, 1, -1)),
]


@pytest.mark.parametrize("weight", NO_WEIGHTS, ids=lambda weight: type(weight).__name__)
def test_what_is_no_weight_is_refused_with_one_sentence(weight):
    with pytest.raises(DomainError) as caught:
        Ensemble(weight, ONE)
    assert "\n" not in str(caught.value)


def test_a_weight_that_is_not_real_is_refused():
    for weight in (I * y, (y - 1) ** Rational(1, 2), (1 - y) ** Rational(1, 3), Abs(sqrt(-y))):
        with pytest.raises(DomainError, match="real"):
            edge(Ensemble(weight, ONE), 2)


def test_what_is_not_worked_out_yet_is_worked_out():
    later = Subs(tanh(x), x, y - 1) + Derivative(y**2, y) + Sum(x, (x, 1, 3)) - 6
    assert in_label(later) == tanh(label - 1) + 2 * label


@pytest.mark.parametrize(
    ("number", "exact"),
    [
        (0.12345678901234566, "0.12345678901234566"),
        (Float("0.1234567890123456789012345678901", 31), "0.1234567890123456789012345678901"),
        (np.float64(0.3), "3/10"),
        (1e-20, "1e-20"),
        (-123456789.12345679, "-123456789.12345679"),
    ],
)
def test_floats_inside_a_weight_are_their_shortest_decimal(number, exact):
    assert in_label(y + number) == label + Rational(exact)


def test_numbers_are_weights_as_they_are():
    for one_third in (Fraction(1, 3), Rational(1, 3)):
        assert in_label(one_third) == Rational(1, 3)
    assert in_label(Decimal("0.1")) == in_label(0.1) == Rational(1, 10)


def test_a_float_has_all_the_digits_of_its_decimal():
    ensemble = Ensemble((y - 1) / (y + 0.12345678901234566), ONE)
    found = threshold(ensemble, digits=20, side="right")
    assert found.text("alpha") == "0.56172839450617283000"


def test_a_float_of_sympys_in_a_model_is_its_decimal():
    assert Model(2, 1, Float(0.7)) == Model(2, 1, "0.7") == Model(2, 1, Float("0.7", 40))
    assert Model(2, 1, Float("0.123456789012345678", 18)).a == Fraction("0.123456789012345678")


class Witness:
    """Transition on the left of a bulk by Gauss-Legendre sums over `u`, `y = u^2`, and bisection.

    It sees the weight as a function of arrays alone, from SciPy.
    """

    def __init__(self, weight):
        nodes, shares = np.polynomial.legendre.leggauss(20)
        ends = np.concatenate([[0], np.geomspace(1e-14, 1, 140), np.linspace(1, 13, 600)[1:]])
        half = np.diff(ends)[:, None] / 2
        u = ((ends[:-1, None] + half) + half * nodes).ravel()
        self.square = u * u
        self.share = (half * shares).ravel() * 2 * np.exp(-u * u / 2) / np.sqrt(2 * np.pi)
        low = self.bound(weight)
        self.is_bounded, self.unit = low < 0, -low if low < 0 else 1.0
        self.weight = weight(self.square) / self.unit

    @staticmethod
    def bound(weight):
        """The least weight, on a grid and between its points."""
        parts = np.geomspace(1e-9, 1, 2000), np.linspace(1, 200, 200_001)[1:], [1e4, 1e9, 1e15]
        grid = np.concatenate([[1e-300], *parts])
        values = weight(grid)
        k = int(np.argmin(values))
        if not 0 < k < grid.size - 1:
            return values[k]
        between = minimize_scalar(
            weight, bounds=grid[[k - 1, k + 1]], method="bounded", options={"xatol": 1e-13}
        )
        return min(values[k], between.fun)

    def dressed(self, t):
        if not self.is_bounded:
            return self.weight / (1 + t * self.weight)
        return self.weight / ((1 - t) + t * (1 + self.weight))

    def response(self, t):
        return -self.share @ ((self.square - 1) * self.dressed(t))

    def gap(self, t):
        return self.response(t) - t * (self.share @ self.dressed(t) ** 2)

    def threshold(self):
        x = np.linspace(-20, 20, 801)
        grid = 1 / (1 + np.exp(-x)) if self.is_bounded else np.exp(x)
        with np.errstate(divide="ignore", invalid="ignore"):  # at a bound that is reached
            gaps = np.array([self.gap(t) for t in grid])
        if self.is_bounded and gaps[-1] > 0:
            return 1 / self.response(1.0)
        last = np.flatnonzero(gaps > 0)[-1]
        t = brentq(self.gap, grid[last], grid[last + 1], xtol=1e-16, rtol=1e-15)
        return 1 / (t * self.response(t))


HALF = Rational(1, 2)
#: Those whose answers are quick come first.
QUICK = 8
KINDS = [
    (-sech(y), lambda x: -1 / np.cosh(np.minimum(x, 700)), "right"),
    (acot(y + 1) - HALF, lambda x: np.arctan(1 / (x + 1)) - 0.5, "left"),
    (1 - coth(y + 1), lambda x: 1 - 1 / np.tanh(x + 1), "right"),
    (1 - 2 * acsc(y + 1), lambda x: 1 - 2 * np.arcsin(1 / (x + 1)), "right"),
    (-airyai(y), lambda x: -special.airy(x)[0], "right"),
    (exp(-LambertW(y)) - HALF, lambda x: np.exp(-special.lambertw(x).real) - 0.5, "left"),
    (erf(y) - HALF, lambda x: special.erf(x) - 0.5, "right"),
    (-elliptic_k(-y), lambda x: -special.ellipk(-x), "right"),
    (-polylog(2, 1 / (1 + y)), lambda x: -special.spence(x / (1 + x)), "right"),
    (digamma(y + 1) * exp(-y), lambda x: special.digamma(x + 1) * np.exp(-x), "right"),
    (expm1(-y) + HALF, lambda x: np.expm1(-x) + 0.5, "left"),
    (besselk(1, y + 1) - HALF / 4, lambda x: special.k1(x + 1) - 0.125, "left"),
    (Abs(log(y)) - 2, lambda x: np.abs(np.log(x)) - 2, "left"),
    (csch(y + 1) - HALF, lambda x: 1 / np.sinh(np.minimum(x, 700) + 1) - 0.5, "left"),
    (asec(y + 1) - 1, lambda x: np.arccos(1 / (x + 1)) - 1, "right"),
    ((y - 1) / (y + 1) ** Rational(3, 2), lambda x: (x - 1) / (x + 1) ** 1.5, "right"),
    (besselj(1, y) - HALF / 2, lambda x: special.jv(1, x) - 0.25, "right"),
    (HALF - 1 / gamma(y + 1), lambda x: 0.5 - special.rgamma(x + 1), "right"),
    (HALF + 1 - zeta(y + 2), lambda x: 0.5 - special.zetac(np.minimum(x, 1e3) + 2), "right"),
    (Ei(-y - 1), lambda x: special.expi(-x - 1), "right"),
    (-sinc(y), lambda x: -np.sinc(x / np.pi), "right"),
    (Si(y) - 1, lambda x: special.sici(x)[0] - 1, "right"),
    (
        -gamma(y + 1) / gamma(y + 3 * HALF),
        lambda x: -np.exp(special.gammaln(x + 1) - special.gammaln(x + 1.5)),
        "right",
    ),
    (log(1 + y) / y - HALF, lambda x: np.log1p(x) / x - 0.5, "left"),
    (meijerg([[1], []], [[1], []], y) - HALF, lambda x: x / (1 + x) - 0.5, "right"),
]


@pytest.mark.parametrize(
    ("weight", "of_arrays", "side"),
    with_long(KINDS, *KINDS[QUICK:]),
    ids=[f"{weight}, {side}" for weight, _, side in KINDS],
)
def test_functions_of_any_kind_are_weights(weight, of_arrays, side):
    sign = -1 if side == "right" else 1
    witness = Witness(lambda x: sign * of_arrays(x))
    found = threshold(Ensemble(weight, ONE), side=side)
    assert found.alpha == pytest.approx(witness.threshold(), rel=1e-12)


@pytest.mark.parametrize(
    ("weight", "side", "alpha"),
    [
        (erf(y - 1), "right", 0.67509485429),
        *long((-besselj(0, y), "right", 1.55959319629)),
        *long((y**y / (1 + y**y), "right", 2.04703729394)),
        (tanh(y) - 1, "right", 3.11098164324),
        (1 - y**-HALF, "right", 1.25331413732),
        (hyper([HALF], [1], -y) - HALF, "left", 1.91300454416),
        *long((dirichlet_eta(y + 2) - Rational(9, 10), "right", 0.551141238176)),
        *long((tanh(y - 1) + 2 * exp(-400 * (y - 3) ** 2), "right", 2.9399200999)),
        (legendre(4, y / (1 + y)), "left", 2.41199608642),  # lowest at an irrational label
        # The bump is highest at the root of a polynomial.
        *long((y / (1 + y) - HALF + 2 / (1 + 10**8 * (y - 3) ** 2), "right", 7.34478091836)),
    ],
    ids=str,
)
def test_thresholds_found_elsewhere(weight, side, alpha):
    """Values of a separate solver: tanh-sinh sums over the law, and bisection."""
    assert threshold(Ensemble(weight, ONE), side=side).alpha == pytest.approx(alpha, rel=2e-11)


def test_a_closed_form_that_is_another_function_is_not_taken(monkeypatch):
    weight = hyper([HALF], [1], -y)
    assert in_label(weight).has(besseli)
    monkeypatch.setattr(expressions, "hyperexpand", lambda _: exp(-y))
    assert in_label(weight) == weight.subs(y, label)


def test_an_edge_found_elsewhere():
    found = edge(Ensemble(-acot(y + 1), ONE), 3, side="right")
    assert found.value == pytest.approx(-0.27425040155, abs=2e-11)


@pytest.mark.parametrize(
    ("weight", "value"),
    [(airyaiprime(y), "-0.623132262589"), (erfcinv(1 / (2 + y)) - 1, "-1.20947293328")],
    ids=["at its bound to rounding", "without a name in mpmath"],
)
def test_edges_found_elsewhere(weight, value):
    assert edge(Ensemble(weight, ONE), "1/2").text("value") == value


@pytest.mark.parametrize("power", [*long(400), -400])
def test_a_weight_beyond_double_precision_needs_digits(power):
    ensemble = Ensemble(Rational(10) ** power * (y - 1) / (y + 1), ONE)
    with pytest.raises(PrecisionError, match="digits must be given"):
        threshold(ensemble, side="right")
    found = threshold(ensemble, side="right", digits=15)
    assert found.text("alpha") == "1.00000000000000"
    assert found.text("value") == f"1.00000000000000e{power:+d}"


def test_weights_of_one_sign_of_any_size():
    one, tiny, huge = (Ensemble(Rational(10) ** k * y, ONE) for k in (0, -150, 150))
    digits = edge(one, 2).text("value").removeprefix("0.0")
    assert edge(tiny, 2).text("value") == f"{digits[0]}.{digits[1:]}e-152"
    assert edge(huge, 2).text("value") == f"{digits[0]}.{digits[1:]}e+148"


@pytest.mark.parametrize("size", [Rational(1, 10**49), Rational(1, 10**20), 10**4, 10**30, 10**49])
def test_weights_of_one_sign_of_odd_sizes(size):
    found = edge(Ensemble(size * y, ONE), 3)
    assert float(found.value) == pytest.approx(0.187632132891 * float(size), rel=1e-11)
    found = threshold(Ensemble(size / (1 + y), ONE))
    assert found.alpha == pytest.approx(7.79306272476, rel=1e-11)


@pytest.mark.parametrize("size", [Rational(1, 10**20), 10**30])
def test_densities_of_weights_of_odd_sizes(size):
    for weight, expected in ((y, 0.27925566), (y - 1, 0.09792038)):
        found = density(Ensemble(size * weight, ONE), 3, [float(size)])
        assert found[0] * float(size) == pytest.approx(expected, abs=1e-8)


@pytest.mark.long
def test_an_oscillating_weight_whose_tail_counts():
    found = threshold(Ensemble(exp(-y) * sin(30 * y), ONE), side="left")
    assert found.text("alpha") == "73.7945437196"


@pytest.mark.slow
def test_a_weight_of_many_small_turns():
    """The threshold is that of Gauss and Legendre's sums over 160,000 nodes, 2.2900736697."""
    with pytest.raises(NoOutlierError, match=r'side="right" there is one from alpha = 2\.29007 on'):
        threshold(Ensemble(fresnels(y), ONE), side="left")


def test_weights_of_too_many_large_turns_are_refused():
    with pytest.raises(DomainError, match=r"at most 2500 times .*sin\(exp\(y\)\) turns more often"):
        threshold(Ensemble(sin(exp(y)), ONE), side="right")


def test_an_answer_says_where_its_bounds_are_seen_and_not_proved():
    seen = edge(Ensemble(Shi(y) * exp(-y), ONE), 2)
    assert seen.method == "double precision, the bounds of the weight far out seen at samples"
    assert seen.text("value") in str(seen)  # as many digits as ever
    assert edge(Ensemble(tanh(y) - 1, ONE), 2).method == "double precision"
