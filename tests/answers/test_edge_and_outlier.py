"""Edges, outliers and overlaps."""

from fractions import Fraction

import numpy as np
import pytest

from bbpsym import Model, critical_a, edge, outlier, threshold
from bbpsym.errors import DomainError
from bbpsym.numerics.questions import Kind
from tests.reference.two_dimensional import TwoDimensional
from tests.reference.values import OUTLIERS

MODELS = [Model(2, 1, "0.7"), Model(2, 1, "1.5"), Model(1, 3, 1), Model("inf", 2, 1)]


@pytest.mark.parametrize("digits", [None, 20])
@pytest.mark.parametrize(("p", "p_star", "a", "alpha", "left", "value", "overlap2"), OUTLIERS)
def test_reference_values(p, p_star, a, alpha, left, value, overlap2, digits):
    model = Model(p, p_star, a)
    found = outlier(model, alpha, digits)
    assert f"{float(edge(model, alpha, digits).value):.9f}" == left
    assert f"{float(found.value):.9f}" == value
    assert f"{float(found.overlap2):.9f}" == overlap2


@pytest.mark.parametrize(("p", "p_star", "a", "alpha"), [(2, 1, 1.5, 3), (3, 2, 1, 4)])
def test_two_dimensional_quadrature_agrees(p, p_star, a, alpha):
    witness = TwoDimensional(p, p_star, a)
    found, left = outlier(Model(p, p_star, a), alpha), edge(Model(p, p_star, a), alpha)
    assert witness.outlier_alpha(found.g) == pytest.approx(alpha, rel=1e-9)
    assert witness.eigenvalue(found.g) == pytest.approx(found.value, rel=1e-9)
    assert witness.overlap2(found.g) == pytest.approx(found.overlap2, rel=1e-8)
    assert witness.edge_alpha(left.g) == pytest.approx(alpha, rel=1e-9)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_double_and_precise_agree(model):
    for alpha in (threshold(model).alpha * 1.1, 20):
        for verb in (edge, outlier):
            double, precise = verb(model, alpha), verb(model, alpha, 25)
            for name in double.symbols:
                exact = float(getattr(precise, name))
                error = double.errors[name] + 1e-15 * abs(exact)
                assert abs(getattr(double, name) - exact) <= error, (verb, name)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_the_edge_turns_sharp_at_alpha_c(model):
    alpha_c = threshold(model).alpha_c
    below, above = edge(model, alpha_c * (1 - 1e-9)), edge(model, alpha_c * (1 + 1e-9))
    assert (below.kind, above.kind) == (Kind.SMOOTH, Kind.SHARP)
    assert below.t == 1 > above.t
    assert above.value == pytest.approx(below.value, rel=1e-8)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_the_outlier_leaves_the_edge_at_the_threshold(model):
    found = threshold(model)
    assert outlier(model, found.alpha * (1 - 1e-10)) is None
    just_above = outlier(model, found.alpha * (1 + 1e-10))
    left = edge(model, found.alpha).value
    assert just_above.value == pytest.approx(left, rel=1e-6)
    assert just_above.overlap2 == pytest.approx(found.overlap2, abs=1e-6)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_outliers_lie_left_of_the_edge_and_align_with_more_data(model):
    start = threshold(model).alpha
    alphas = [start * factor for factor in (1.01, 1.5, 3, 10, 100)]
    found = [outlier(model, alpha) for alpha in alphas]
    assert all(
        item.value < edge(model, alpha).value for item, alpha in zip(found, alphas, strict=True)
    )
    overlaps = [item.overlap2 for item in found]
    assert np.all(np.diff(overlaps) > 0)
    assert 0 < overlaps[0] < overlaps[-1] < 1


def test_ties_are_decided():
    """At p = inf threshold and alpha_c are rational, so that alpha can hit them exactly."""
    limit = Model("inf", 1, 1)
    assert outlier(limit, 1).t == 1
    assert outlier(limit, 1).overlap2 == pytest.approx(1 / 6, rel=1e-13)
    assert outlier(limit, "0.999999999999") is None
    assert edge(limit, 2).kind == Kind.SMOOTH


def test_a_threshold_known_to_thirty_digits_separates():
    model = Model(2, 1, "0.7")
    assert outlier(model, "0.927055296717066084667855737239") is None
    assert 0 < outlier(model, "0.9270552967170660846678557372392").overlap2 < 1e-30


@pytest.mark.parametrize("verb", [edge, outlier])
def test_bad_alpha(verb):
    for alpha in (0, -1, "x", float("nan"), None):
        with pytest.raises(DomainError, match=r"^alpha must be a number from 1e-24 to 1e24, not"):
            verb(Model(2, 1, 1), alpha)
    with pytest.raises(DomainError, match="digits must be"):
        verb(Model(2, 1, 1), 2, digits=5000)


@pytest.mark.parametrize("verb", [edge, outlier])
def test_a_result_says_at_which_alpha(verb):
    found = verb(Model(2, 1, "0.7"), "5/3", digits=15)
    assert found.record()["alpha"] == "5/3"
    assert "alpha     5/3" in str(found).replace("alpha  5/3", "alpha     5/3")
    assert r"\alpha=\frac{5}{3}" in found._repr_latex_()


def test_outliers_of_thresholds_beyond_a_million_million():
    model = Model(1, 10**6, 10**6)
    alpha = threshold(model).alpha
    assert alpha > 1e12
    assert outlier(model, 2 * alpha).overlap2 > 0
    assert edge(model, 2 * alpha).kind == Kind.SHARP


@pytest.mark.parametrize("verb", [threshold, lambda m: edge(m, 2), lambda m: outlier(m, 2)])
@pytest.mark.parametrize("model", [None, "x", (2, 1, 0.7), 2])
def test_what_is_no_model_is_refused(verb, model):
    with pytest.raises(
        DomainError, match=r"^model must be a Model\(p, p_star, a\), an Ensemble or a Network, not"
    ):
        verb(model)


@pytest.mark.parametrize("digits", range(1, 10))
def test_few_digits(digits):
    model = Model(2, 1, "0.7")
    answers = [threshold(model, digits), edge(model, 2, digits), outlier(model, 2, digits)]
    for found, exact in zip(
        answers, [threshold(model), edge(model, 2), outlier(model, 2)], strict=True
    ):
        for name in found.symbols:
            value = getattr(exact, name)
            assert float(found.text(name)) == pytest.approx(value, rel=0.51 * 10.0 ** (1 - digits))
    assert float(critical_a(2, 1, digits)) == pytest.approx(
        0.830386524051, rel=10.0 ** (1 - digits)
    )


@pytest.mark.parametrize(("p", "p_star"), [(10**6, 1), (3 * 10**5, 1), (10**6, 3)])
def test_critical_a_keeps_its_digits_where_double_precision_does_not(p, p_star):
    assert critical_a(p, p_star) == pytest.approx(float(critical_a(p, p_star, 25)), rel=1e-12)


def test_results_record_themselves():
    record = edge(Model(2, 1, "0.7"), "2", digits=20).record()
    assert record["kind"] == Kind.SHARP
    assert record["value"] == "-0.95962670521538613204"
    assert {"kind", "value", "t"} <= set(record)
    record = outlier(Model(2, 1, "0.7"), 2).record()
    assert {"value", "overlap2", "t"} <= set(record)
    assert record["value"] == pytest.approx(-1.02169349739)
    assert edge(Model(2, 1, "0.7"), "1/3").alpha == Fraction(1, 3)


@pytest.mark.parametrize(
    ("p", "p_star", "value"), [(2, 1, "0.83038652405138"), (1, 1, "1.10875550014565")]
)
def test_critical_a(p, p_star, value):
    assert f"{critical_a(p, p_star):.14f}" == value
    assert str(critical_a(p, p_star, 40)).startswith(value[:-1])
    witness = TwoDimensional(p, p_star, critical_a(p, p_star))
    assert witness.outlier_alpha(-p / 2) == pytest.approx(witness.edge_alpha(-p / 2), rel=1e-6)


def test_critical_a_needs_a_finite_width():
    with pytest.raises(DomainError, match="p must be finite"):
        critical_a("inf", 1)
    with pytest.raises(DomainError, match="p_star must be an integer"):
        critical_a(1, 0)
