import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbpsym.errors import DomainError
from bbpsym.finite.point import Point


def test_derived_sizes():
    point = Point(200, 3, 2, 1.5, 0.8)
    assert (point.M, point.size, point.outliers) == (160, 600, 6)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("N", 1),
        ("N", 20.0),
        ("N", True),
        ("p", 0),
        ("p", "2"),
        ("p_star", 0),
        ("a", 0),
        ("a", -1.0),
        ("a", math.nan),
        ("a", "1"),
        ("alpha", math.inf),
        ("alpha", -2),
        ("alpha", None),
    ],
)
def test_a_bad_parameter_is_named(name, value):
    good = {"N": 100, "p": 1, "p_star": 1, "a": 1.0, "alpha": 1.0}
    with pytest.raises(DomainError, match=f"^{name} must be"):
        Point(**{**good, name: value})


def test_more_teachers_than_inputs_blame_the_inputs():
    with pytest.raises(DomainError, match=r"^N must be at least p_star = 20, not 10"):
        Point(10, 1, 20, 1.0, 1.0)


def test_no_samples_at_all_is_refused():
    with pytest.raises(DomainError, match="at least 1 sample"):
        Point(4, 1, 1, 1.0, 0.1)


def test_streams_repeat():
    draws = [Point(10, 1, 2, 0.7, 1.1).stream(3, 5).standard_normal(4) for _ in range(2)]
    assert np.array_equal(*draws)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, unique=True))
def test_streams_of_different_samples_differ(keys):
    point = Point(10, 1, 1, 1.5, 0.8)
    firsts = {float(point.stream(seed, sample).standard_normal()) for seed, sample in keys}
    assert len(firsts) == len(keys)


def test_streams_of_different_points_differ():
    points = [
        Point(10, 1, 1, 1.5, 0.8),
        Point(11, 1, 1, 1.5, 0.8),
        Point(10, 2, 1, 1.5, 0.8),
        Point(10, 1, 2, 1.5, 0.8),
        Point(10, 1, 1, np.nextafter(1.5, 2), 0.8),
        Point(10, 1, 1, 1.5, np.nextafter(0.8, 1)),
        Point(10, 1, 1, 0.8, 1.5),
    ]
    assert len({float(point.stream(0, 0).standard_normal()) for point in points}) == len(points)
