"""Which p at a given a, and which a at a given p, has the lowest threshold."""

import pytest
from sympy import Symbol

from bbpsym import Model, best, critical_a, threshold
from bbpsym.errors import DomainError


@pytest.mark.parametrize(("p_star", "a"), [(1, "0.7"), (2, "0.4"), (3, "0.7")])
def test_the_best_width_is_that_of_the_lowest_of_all_thresholds(p_star, a):
    found = best(p_star, a=a)
    alpha = {p: threshold(Model(p, p_star, a)).alpha for p in [*range(1, 40), "inf"]}
    assert found.value == min(alpha, key=alpha.get)
    assert found.threshold.alpha == alpha[found.value]


def test_beyond_one_infinite_width_is_best():
    found = best(1, a="1.5", certified=True)
    assert found.model == Model("inf", 1, "1.5")
    assert found.proved.startswith("its threshold is below that of p = ")


def test_a_wide_student_is_best_where_the_loss_is_small():
    found = best(1, a="1e-4")
    width = found.value
    near = [threshold(Model(p, 1, "1e-4"), 30).alpha for p in (width - 1, width, width + 1)]
    assert near[1] == min(near)
    assert width > 1000


@pytest.mark.parametrize(("p", "p_star"), [(3, 1), (2, 3)])
def test_the_best_normalisation_is_where_the_type_changes(p, p_star):
    found = best(p_star, p=p)
    assert float(found.value) == pytest.approx(critical_a(p, p_star), rel=1e-11)
    for factor in (0.5, 0.99, 1.01, 2):
        other = threshold(Model(p, p_star, float(found.value) * factor))
        assert other.alpha > found.threshold.alpha


def test_there_may_be_no_best_normalisation():
    for p, p_star in (("inf", 1), (1, 3)):
        found = best(p_star, p=p)
        assert (found.model, found.value) == (None, None)
        assert "lowest at the smallest" in str(found)
        ends = [threshold(Model(p, p_star, a)).alpha for a in ("1e-8", "1e-6", "1e-4")]
        assert ends == sorted(ends)


def test_what_is_proved_is_said():
    found = best(1, a="0.7", certified=True)
    assert found.proved == "its threshold is below that of p = 2, 4, inf"
    assert found.threshold.unique
    assert best(1, a="0.7").proved == "nothing"
    assert "type of the transition changes within" in best(1, p=3, certified=True).proved


def test_bad_input_is_refused():
    for given in ({}, {"p": 3, "a": 1}):
        with pytest.raises(DomainError, match="one of p and a must be given"):
            best(1, **given)
    with pytest.raises(DomainError, match="p_star must be"):
        best(0, a=1)
    for ask in (lambda q: best(q, a=1), lambda q: best(1, a=q), lambda q: critical_a(2, q)):
        with pytest.raises(DomainError, match="p, p_star and a must be numbers here"):
            ask(Symbol("q"))
