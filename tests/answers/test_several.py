"""Several signal-to-noise ratios at once: lists, ranges and arrays, the same for every verb."""

import numpy as np
import pytest

from bbpsym import Model, density, edge, edges, outlier, outliers, threshold, thresholds
from bbpsym.errors import DomainError

MODEL = Model(2, 1, "0.7")
SPELLINGS = ["1:2:0.5", "1,1.5,2", [1, "1.5", 2.0], (1, "3/2", 2), np.array([1, 1.5, 2])]


@pytest.mark.parametrize("alpha", SPELLINGS, ids=str)
def test_every_spelling_gives_the_same_table(alpha):
    single = [edge(MODEL, ratio) for ratio in (1, "1.5", 2)]
    assert list(edge(MODEL, alpha)) == single
    assert edge(MODEL, range(1, 3))[1] == single[2]


def test_a_table_of_outliers_has_empty_rows_below_the_threshold():
    found = outlier(MODEL, ["0.5", 2], digits=20)
    assert found[0] is None
    single = outlier(MODEL, 2, 20)
    assert found[1] == single
    numbers = ",".join(single.text(name) for name in ("value", "overlap2", "t", "g"))
    assert found.to_csv().splitlines()[1:] == ["2,1,0.7,0.5,,,,", f"2,1,0.7,2,{numbers}"]
    assert found.records()[0] | {"alpha": "0.5", "value": None} == found.records()[0]
    assert str(found).startswith(f"Outliers of {MODEL!r} (20 digits, multiprecision)")


def test_certified_edges_of_several_alpha():
    assert [row.unique for row in edge(MODEL, [1, 2], certified=True)] == [True, True]


def test_a_density_has_an_axis_for_alpha():
    x = np.array([[-1.0, 0.0, 0.5]])
    found = density(MODEL, [1, 2], x)
    assert found.shape == (2, 1, 3)
    assert np.all(found[1] == density(MODEL, 2, x))


def test_arrays_take_models():
    models = [MODEL, Model("inf", 1, 1)]
    assert thresholds(models) == thresholds([2, np.inf], 1, [0.7, 1])
    assert thresholds(MODEL).alpha.shape == ()
    assert edges(models, [1, 2]) == edges([2, np.inf], 1, [0.7, 1], [1, 2])
    assert edges(MODEL, "1:2:0.5") == edges(2, 1, 0.7, [1, 1.5, 2])
    assert outliers(models, alpha=3) == outliers([2, np.inf], 1, [0.7, 1], 3)
    with pytest.raises(DomainError, match="p_star and a must not be given with a Model"):
        thresholds(MODEL, 1, 1)
    with pytest.raises(DomainError, match="alpha must be a number or an array"):
        edges(MODEL)
    with pytest.raises(DomainError, match="p, p_star and a must be given, or one Model"):
        thresholds(1, 1)


def test_arrays_show_the_digits_that_they_have():
    text = str(thresholds([1, 2], 1, [[0.7], [1.5]]))
    assert f"1  1  continuous  {threshold(Model(2, 1, '1.5')).text('alpha')}" not in text
    assert threshold(MODEL).text("alpha") in text
    assert "..." in str(thresholds(1, 1, np.linspace(1, 2, 50)))
    assert "errors" not in repr(edges(MODEL, [1, 2]))
    assert edges(MODEL, [1, 2])._repr_html_().count("<tr>") == 3


@pytest.mark.parametrize("alpha", [[], [0], [1, "x"], "1:2", "1,", "2:1:0.1", [[1, 2]]], ids=str)
def test_bad_lists_are_refused(alpha):
    for call in (edge, outlier, lambda model, ratio: density(model, ratio, 0.0)):
        with pytest.raises(DomainError, match="alpha must be"):
            call(MODEL, alpha)
