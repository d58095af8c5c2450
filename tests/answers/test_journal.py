"""Thresholds in a file of rows print byte for byte as they did when they were fresh."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import exp, symbols, tanh

from bbpsym import Ensemble, Model, Network, labels_of, teacher_labels, threshold
from bbpsym.answers import journal
from bbpsym.answers.result_table import Table
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.multiprecision import context
from bbpsym.writing.display import number
from bbpsym.writing.grid import FORMATS, written

#: The last squares to 19/69, 0.27536231884057971014|4927..., which two roundings get wrong.
MODELS = [Model(2, 1, "0.7"), Model("inf", 1, "1/3"), Model(1, 1, "0.7"), Model("inf", 1, "1.9")]


def again(row):
    """A row as a later process has it."""
    return journal.load(row.model, json.loads(json.dumps(journal.dump(row))))


@pytest.mark.parametrize(("digits", "certified"), [(None, False), (20, False), (20, True)])
def test_rows_come_back_as_they_were(digits, certified):
    rows = [threshold(model, digits, certified) for model in MODELS]
    restored = [again(row) for row in rows]
    assert restored == rows
    assert [row.errors for row in restored] == [row.errors for row in rows]
    for form in FORMATS:
        fresh, late = (written(Table(tuple(r), digits, certified), form) for r in (rows, restored))
        assert late == fresh


def test_a_square_on_the_edge_of_a_rounding():
    row = again(threshold(MODELS[-1], 20))
    assert row.text("overlap2") == "0.27536231884057971014"


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 60), st.integers(-(10**70), 10**70), st.integers(1, 10**70))
def test_a_number_prints_the_same_at_any_digits(digits, numerator, denominator):
    value = context(digits).mpf(numerator) / denominator
    wide = context(digits + 40).mpf(numerator) / denominator
    entries = json.loads(json.dumps([journal._plain(value), journal._plain(Ball(value, wide, 9))]))
    fresh, ball = map(journal._value, entries)
    assert (fresh, fresh.context.dps) == (value, value.context.dps)
    assert number(fresh, digits) == number(value, digits)
    assert (ball.lower, ball.upper, ball.digits) == (value, wide, 9)


def test_how_a_row_was_asked_for_belongs_to_its_key():
    keys = {journal.key(MODELS[0], *asked) for asked in [(None, False), (20, False), (20, True)]}
    assert len(keys) == 3
    assert len({journal.key(model, None, False) for model in MODELS}) == len(MODELS)


def test_rows_of_weights_and_networks_come_back_too():
    x, y, yh = symbols("x y yh")
    network = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2)
    method = Ensemble((y - 1) / (y + 1), teacher_labels(1))
    for problem, side, digits in (
        (network, "left", None),
        (network, "left", 8),
        (method, "right", 20),
    ):
        row, kind = threshold(problem, digits, side=side), journal.kind(problem)
        restored = journal.load(problem, json.loads(json.dumps(journal.dump(row))), kind)
        assert (restored, type(restored)) == (row, kind)
        assert str(restored) == str(row)
    other = Ensemble(method.weight, labels_of(exp(-y), y))
    third = Ensemble(method.weight, labels_of(exp(-y), y**2 / 2))
    keys = {
        journal.key(item, None, False, side) for item in (method, other, third) for side in "lr"
    }
    assert len(keys) == 6
