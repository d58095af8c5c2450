"""Every digit that is printed: against twenty more, against the file of rows, against balls.

The long run: `pytest tests/test_digits.py -m slow`; DIGITS_POINTS in the environment is the number
of its points, 1000 without it.
"""

import json
import os
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from sympy import Symbol, tanh
from sympy.abc import x, y

from bbpsym import (
    DeformedGaussian,
    Model,
    Network,
    SampleCovariance,
    claim,
    critical_a,
    edge,
    outlier,
    threshold,
)
from bbpsym.answers import journal
from bbpsym.answers.result_table import Table
from bbpsym.errors import DomainError, PrecisionError
from bbpsym.writing.display import number
from bbpsym.writing.grid import FORMATS, written
from tests.cases import long
from tests.test_robust import models, within

#: alpha in units of the threshold, so that there is an outlier.
beyond = st.integers(1001, 9000).map(lambda k: k / 1000)


def is_rounded(text: str, value, digits: int) -> bool:
    """Whether a text is a number rounded; half way between two, as 1/4, it may be either."""
    off = abs(Decimal(text) - Decimal(number(value, digits + 15)))
    half = Decimal(10) ** Decimal(text).as_tuple().exponent / 2
    return text == number(value, digits) or off <= half * (1 + Decimal("1e-9"))


def is_exact_text(text: str, value, digits: int) -> bool:
    """Whether a text is a number rounded."""
    return text == number(value, digits)


def check_texts(short, long, certified, agrees=is_exact_text) -> None:
    """Numbers with D digits are those with D + 20, rounded; balls hold both."""
    for name in short.symbols:
        few, many, ball = (getattr(found, name) for found in (short, long, certified))
        assert agrees(short.text(name), many, short.digits)
        assert agrees(certified.text(name), many, short.digits)
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


def shares(counts: dict) -> dict:
    """Probabilities of values, from how often each is counted."""
    return {value: Fraction(count, sum(counts.values())) for value, count in counts.items()}


def few_values(least):
    values = st.fractions(least, 3, max_denominator=6).filter(bool)
    return st.dictionaries(values, st.integers(1, 5), min_size=1, max_size=4).map(shares)


#: Matrices with a spike and few values on their diagonal, or in their population.
sizes = st.fractions("1/8", 4, max_denominator=8)
spiked = st.one_of(
    st.builds(DeformedGaussian, few_values(-3), sizes, st.fractions(-5, 5).filter(bool)),
    st.builds(SampleCovariance, few_values("1/6"), sizes, st.fractions(4, 9, max_denominator=8)),
)


def check_spiked(ensemble, digits: int) -> None:
    """Threshold, edge and outlier of a matrix with a spike, to D and D + 20 digits and in balls."""
    for verb in (threshold, edge, outlier):
        try:
            few, many = (verb(ensemble, digits=count) for count in (digits, digits + 20))
        except DomainError:  # no edge on that side
            continue
        try:
            ball = verb(ensemble, digits=digits, certified=True)
        except PrecisionError as error:  # at a tie, or where an eigenvalue is zero
            assume("undecided" not in str(error))
            raise
        assert (few is None) == (many is None) == (ball is None)
        if few is not None:
            check_texts(few, many, ball, is_rounded)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(spiked, st.integers(1, 40))
@example(DeformedGaussian({-1: "1/2", 1: "1/2"}, "0.3", 2), 20)
@example(DeformedGaussian({-1: "3/4", 1: "1/4"}, "1/8", 4), 1)
def test_printed_digits_of_spiked_matrices(ensemble, digits):
    check_spiked(ensemble, digits)


def check_network(verbs: tuple, slope: str, alpha: str, digits: int) -> None:
    """Answers for one node in double precision, to D and to D + 8 digits; none at smooth edges."""
    node = Network(tanh(Fraction(slope) * x), (y - Symbol("yh")) ** 2 / 2, p=1, p_star=1)
    for verb in verbs:
        if verb is edge and edge(node, alpha).kind == "smooth":
            critical = threshold(node).alpha_c
            assert critical is None or Fraction(alpha) < float(critical)
            with pytest.raises(PrecisionError, match="narrow peaks at a smooth edge"):
                edge(node, alpha, digits=digits)
            continue
        double, few, many = (verb(node, alpha, digits=d) for d in (None, digits, digits + 8))
        for name in double.symbols if double else ():
            assert few.text(name) == number(getattr(many, name), digits)
            assert double.text(name) == number(getattr(many, name), double.shown_digits)


@pytest.mark.parametrize(
    ("verbs", "slope", "alpha", "digits"),
    [((outlier,), "1", "3", 14), *long(((edge,), "1", "3", 14), ((edge, outlier), "3/2", "2", 20))],
)
def test_printed_digits_of_a_network(verbs, slope, alpha, digits):
    check_network(verbs, slope, alpha, digits)


def check_claims(model: Model, digits: int, off: int) -> None:
    """What holds to D + 20 digits holds to D, and what is wrong in the last of D digits fails."""
    formula = f"alpha_c = {model.p_star}*({model.a} + 1)^2/2"
    for count in (digits, digits + 20):
        assert claim(formula, of=model, digits=count)
    assert not claim(f"{formula}*(1 + 1/10^{off})", of=model, digits=off + 2)


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.builds(Model, st.just("inf"), st.integers(1, 50), sizes), st.integers(1, 40))
def test_digits_of_claims(model, digits):
    check_claims(model, digits, digits)


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


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("DIGITS_POINTS", "1000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(spiked, st.integers(1, 100))
def test_printed_digits_of_spiked_matrices_in_the_long_run(ensemble, digits):
    check_spiked(ensemble, digits)


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("DIGITS_POINTS", "1000")) // 20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.builds(Model, st.just("inf"), st.integers(1, 50), sizes),
    st.integers(1, 100),
    st.integers(1, 60),
)
def test_digits_of_claims_in_the_long_run(model, digits, off):
    check_claims(model, digits, off)


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.fractions("1/2", 2, max_denominator=8), sizes, st.integers(13, 30))
def test_printed_digits_of_networks_in_the_long_run(slope, alpha, digits):
    check_network((edge, outlier), str(slope), str(alpha), digits)
