"""Every digit that is printed: against twenty more, against the file of rows, against balls.

The long run: `pytest tests/test_digits.py -m slow`; DIGITS_POINTS in the environment is the number
of its points, 1000 without it.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bbpsym import Model, critical_a, edge, outlier, threshold
from bbpsym.answers import journal
from bbpsym.answers.result_table import Table
from bbpsym.errors import PrecisionError
from bbpsym.writing.display import number
from bbpsym.writing.grid import FORMATS, written
from tests.test_robust import models, within

#: alpha in units of the threshold, so that there is an outlier.
beyond = st.integers(1001, 9000).map(lambda k: k / 1000)


def check_texts(short, long, certified) -> None:
    """Numbers with D digits are those with D + 20, rounded; balls hold both."""
    for name in short.symbols:
        few, many, ball = (getattr(found, name) for found in (short, long, certified))
        assert short.text(name) == number(many, short.digits)
        assert certified.text(name) == short.text(name)
        assert within(few, ball, short.errors[name])
        assert within(many, ball, long.errors[name])


def check(model: Model, digits: int, ratio: float) -> None:
    """Threshold, edge and outlier of a model, and its row in a table."""
    asked = ((digits, False), (digits + 20, False), (digits, True))
    try:
        found = [threshold(model, *how) for how in asked]
        alpha = f"{float(found[0].alpha) * ratio:.6g}"
        edges = [edge(model, alpha, *how) for how in asked]
        outliers = [outlier(model, alpha, *how) for how in asked]
    except PrecisionError as error:
        assume("undecided" not in str(error) and "unstable" not in str(error))
        raise
    check_texts(*found)
    check_texts(*edges)
    check_texts(*outliers)
    for row in (found[0], found[2]):
        again = journal.load(model, json.loads(json.dumps(journal.dump(row))))
        tables = [Table((item,), digits, row is found[2]) for item in (row, again)]
        for form in FORMATS:
            assert written(tables[0], form) == written(tables[1], form)


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(models, st.integers(1, 40), beyond)
@example(Model("inf", 1, "1.9"), 20, 2.0)
@example(Model(3, 1, "1/3"), 15, 1.5)
def test_printed_digits(model, digits, ratio):
    check(model, digits, ratio)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 40))
def test_printed_digits_of_the_critical_a(p, p_star, digits):
    few, many = critical_a(p, p_star, digits), critical_a(p, p_star, digits + 20)
    ball = critical_a(p, p_star, digits, certified=True)
    assert number(few, digits) == number(many, digits) == str(ball)
    assert within(many, ball, 0)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("DIGITS_POINTS", "1000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(models, st.integers(1, 200), beyond)
def test_printed_digits_in_the_long_run(model, digits, ratio):
    check(model, digits, ratio)
