"""How the domain of t ends, against closed forms.

All laws here are one law in disguise: x on (0, 1) with density `(b + 1) x^b` and the weight
`x^c - 1`, whose averages at t = 1 are elementary, under the name of another label.
"""

import pytest
from sympy import Abs, Max, Min, Rational, S, exp, limit, log, oo, pi, sqrt, sympify, tanh
from sympy.abc import y

from bbpsym import Ensemble, discrete_labels, edge, labels_of, laplace_labels, teacher_labels
from bbpsym.ensembles.wishart import LEFT, RIGHT
from bbpsym.errors import ConvergenceError
from bbpsym.numerics import ends
from bbpsym.numerics.curve import End
from tests.cases import with_long

ONE = teacher_labels(1)


def at_zero(b, c):
    return Ensemble(y**c - 1, labels_of((b + 1) * y**b, 1, support=(0, 1)))


def at_one(b, c):
    return Ensemble((1 - y) ** c - 1, labels_of((b + 1) * (1 - y) ** b, 1, support=(0, 1)))


def at_minus_a_third(b, c):
    x = y + Rational(1, 3)
    support = (-Rational(1, 3), Rational(2, 3))
    return Ensemble(x**c - 1, labels_of((b + 1) * x**b, 1, support=support))


SEVEN_FIFTHS = Rational(7, 5)


def inside(b, c, centre=SEVEN_FIFTHS):
    x = Abs(y - centre)
    law = labels_of((b + 1) * x**b / 2, 1, support=(centre - 1, centre + 1))
    return Ensemble(x**c - 1, law)


def at_infinity(b, c):
    x = 1 / (1 + y)
    return Ensemble(x**c - 1, labels_of((b + 1) * x ** (b + 2), 1))


def exponentials(b, c):
    return Ensemble(exp(-c * y) - 1, labels_of((b + 1) * exp(-(b + 1) * y), 1))


def exponentials_downwards(b, c):
    law = labels_of((b + 1) * exp((b + 1) * y), 1, support=(-oo, 0))
    return Ensemble(exp(c * y) - 1, law)


def of_a_logarithm(b, c):
    # x = y/(1 - log y) has no inverse in closed form; near zero law and weight are no powers.
    x = y / (1 - log(y))
    return Ensemble(x**c - 1, labels_of(((b + 1) * x**b * x.diff(y)), 1, support=(0, 1)))


DISGUISES = [
    at_zero,
    at_one,
    at_minus_a_third,
    inside,
    at_infinity,
    exponentials,
    exponentials_downwards,
]
SMOOTH = [("1.02", "1"), ("0", "1/4"), ("2", "1"), ("-1/2", "1/5"), ("6", "3"), ("3", "19/10")]
SHARP = [("1", "1"), ("0", "1"), ("0", "1/2"), ("-1/2", "1/4"), ("-1/2", "2"), ("0.98", "1")]


#: Ends that are approached slowly, all but in one disguise, take longest.
SLOWLY = [(*ends, way) for ends in (SMOOTH[0], SMOOTH[-1]) for way in DISGUISES[:-1]]


@pytest.mark.parametrize(
    ("b", "c", "disguise"),
    with_long([(*ends, way) for ends in SMOOTH for way in DISGUISES], *SLOWLY),
)
def test_smooth_end(disguise, b, c):
    b, c = S(b), S(c)
    ensemble = disguise(Rational(str(b)), c)
    square = 1 - 2 * (b + 1) / (b - c + 1) + (b + 1) / (b - 2 * c + 1)
    assert ensemble.side(LEFT).curve.end is End.SMOOTH
    # Where the end is approached slowly a sharp edge has its t all but at one.
    below, above = (edge(ensemble, str(float(f / square))) for f in (0.99, 3))
    assert (below.kind, above.kind) == ("smooth", "sharp")
    mean = 1 - (b + 1) / (b - c + 1)
    assert below.value == pytest.approx(float(-1 + below.alpha * mean), rel=1e-11)


def test_a_bound_inside_where_the_label_is_irrational():
    ensemble = inside(0, Rational(1, 4), sqrt(2))
    assert edge(ensemble, "2.9").value == pytest.approx(-1 - 2.9 / 3, rel=1e-11)


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("b", "c"), SHARP)
def test_sharp_end(disguise, b, c):
    ensemble = disguise(Rational(b), Rational(c))
    assert ensemble.side(LEFT).curve.end is End.ALWAYS_SHARP


@pytest.mark.parametrize(
    ("ensemble", "side", "end"),
    [
        (Ensemble(Min(y, 3), ONE), RIGHT, End.ALWAYS_SHARP),
        (Ensemble(Max(Min(y, 3), 1) - 2, ONE), LEFT, End.ALWAYS_SHARP),
        (Ensemble(tanh(y), ONE), RIGHT, End.ALWAYS_SHARP),
        (Ensemble(tanh(y), ONE), LEFT, End.OPEN),
        (Ensemble(1 - 1 / y, ONE), RIGHT, End.SMOOTH),
        (Ensemble((y - 1) / (y + 1), ONE), LEFT, End.ALWAYS_SHARP),
        (Ensemble(y - 1, teacher_labels(4)), LEFT, End.ALWAYS_SHARP),
        (Ensemble(y - 1, teacher_labels(5)), LEFT, End.SMOOTH),
        (Ensemble(y - 1, discrete_labels({0: "1/2", 3: "1/2"}, 1)), LEFT, End.ALWAYS_SHARP),
        # The bound is reached twice inside, on one side of which there is no law.
        (Ensemble((y**2 - 1) ** 2 - 1, ONE), LEFT, End.ALWAYS_SHARP),
        # Gaussian tails against exponentials and Gaussians.
        (Ensemble(tanh(y), labels_of(sqrt(2 / pi) * exp(-(y**2) / 2), 1)), RIGHT, End.SMOOTH),
        (
            Ensemble(-exp(-(y**2)), labels_of(sqrt(2 / pi) * exp(-(y**2) / 2), 1)),
            LEFT,
            End.ALWAYS_SHARP,
        ),
        (
            Ensemble(1 - exp(-(y**2) / 5), labels_of(sqrt(2 / pi) * exp(-(y**2) / 2), 1)),
            RIGHT,
            End.SMOOTH,
        ),
        (Ensemble((1 - y) / (1 + y), laplace_labels(1 / (1 + y), y)), LEFT, End.SMOOTH),
        (Ensemble((1 - y) / (1 + y), laplace_labels(1 / (1 + y), y)), RIGHT, End.ALWAYS_SHARP),
        (Ensemble((1 - y) / (1 + y), laplace_labels((1 + y) ** -4, y)), RIGHT, End.SMOOTH),
    ],
    ids=lambda value: str(value)[:60],
)
def test_other_ends(ensemble, side, end):
    assert ensemble.side(side).curve.end is end


@pytest.mark.long
def test_an_end_with_logarithms_is_decided_by_its_power_or_refused():
    assert of_a_logarithm(3, Rational(1)).side(LEFT).curve.end is End.SMOOTH
    assert of_a_logarithm(0, Rational(1)).side(LEFT).curve.end is End.ALWAYS_SHARP
    # x/(log x)^2 has a finite integral over its inverse; no rule would see that.
    with pytest.raises(ConvergenceError, match="not decided"):
        assert of_a_logarithm(1, Rational(1)).side(LEFT).curve.end


def test_a_zero_of_the_density_on_the_way_hides_no_labels():
    """The density vanishes half way between the ends, where the approach to them starts."""
    law = labels_of(3 * y**2 / 2, 1, support=(-1, 1))
    assert Ensemble(y, law).side(LEFT).curve.end is End.ALWAYS_SHARP


@pytest.mark.parametrize(
    "slope", ["(3*x + x**2)/(2*x - x**3)", "x**3/(x + 1) - 2/7", "-1/x + x", "(1 + x)/x**2", "0"]
)
def test_the_limit_of_a_fraction_is_seen_in_its_lowest_terms(slope):
    slope = sympify(slope.replace("x", "away"), {"away": ends.away})
    assert ends._limit(slope) == limit(slope, ends.away, 0, "+")
