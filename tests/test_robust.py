"""Double, multiprecision and certified thresholds agree over the whole range.

The long run takes hours: `pytest tests/test_robust.py -m slow`; the number of its points is
ROBUST_POINTS in the environment, 2000 without it.
"""

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bbpsym import Model, threshold
from bbpsym.errors import PrecisionError
from bbpsym.numerics.ball import Ball
from tests.cases import with_long

NAMES = ("alpha", "alpha_c", "value", "overlap2", "t", "g")

#: Decimals log-uniform over 1e-6 to 1e6, as texts, so that they are exact.
normalisations = st.floats(-6, 6).map(lambda x: f"{10**x:.6g}")
widths = st.floats(0, 6).map(lambda x: round(10**x))
models = st.builds(Model, st.one_of(widths, widths, widths, st.just("inf")), widths, normalisations)
digits = st.floats(1, 2.3).map(lambda x: min(200, max(10, round(10**x))))


def within(number, ball: Ball, error) -> bool:
    """Whether a number lies in the ball widened by the error the number claims."""
    from bbpsym.reading import arguments

    value, error = arguments.exact(number), arguments.exact(error)
    lower, upper = arguments.exact(ball.lower), arguments.exact(ball.upper)
    return lower - error <= value <= upper + error


def disagreements(model: Model, count: int) -> list[str]:
    """Whatever the three answers for one model do not agree on."""
    try:
        certified = threshold(model, count, certified=True)
    except PrecisionError as error:
        return [] if "undecided" in str(error) else [str(error)]
    found = []
    for other in (threshold(model), threshold(model, count)):
        if other.kind != certified.kind:
            found.append(f"{other.method}: {other.kind}, not {certified.kind}")
        for name in NAMES:
            number, ball = getattr(other, name), getattr(certified, name)
            error = other.errors[name]
            if not within(number, ball, error):
                found.append(f"{other.method}: {name} = {number}, not {ball!r}, error {error}")
    return found


def check(model: Model, count: int) -> None:
    assert disagreements(model, count) == []


CORNERS = [
    (Model(1, 10**6, 1), 30),  # t near 0
    (Model(2, 1, "0.830386524051"), 30),  # t near 1
    (Model(2, 1, "0.830386524052"), 30),
    (Model(1, 1, "0.000001"), 20),  # heavy tails
    (Model(1, 1, "1e6"), 20),
    (Model(10**6, 10**6, "1e-6"), 20),
    (Model(10**6, 1, "5e-6"), 20),  # crossover at large p
    (Model("inf", 1, "1e-6"), 20),
    (Model("inf", 10**6, "1e6"), 20),
    (Model(3, 1, "1/3"), 50),  # half-integer powers
]


@pytest.mark.parametrize(
    ("model", "count"), with_long(CORNERS, CORNERS[3], CORNERS[6], CORNERS[7]), ids=repr
)
def test_corners(model, count):
    check(model, count)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(models, st.integers(1, 40))
@example(Model(1, 1, "0.1"), 15)
def test_the_three_answers_agree(model, count):
    check(model, count)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("ROBUST_POINTS", "2000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(models, digits)
def test_the_three_answers_agree_in_the_long_run(model, count):
    check(model, count)
