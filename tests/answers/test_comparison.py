"""The comparison of matrices, against quadratures and simulations that share no code with it."""

import csv
import json
import math
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import chi2
from sympy import Integer, simplify

from bbpsym import (
    Ensemble,
    Model,
    averaged_hessian,
    compare,
    edge,
    luo_alghamdi_lu,
    mondelli_montanari,
    outlier,
    outlier_curve,
    subset,
    teacher_labels,
    threshold,
)
from bbpsym.answers.comparison_table import AVERAGED, HESSIAN, MADE_FOR_ALPHA, OPTIMAL
from bbpsym.equations import published_weights
from bbpsym.equations.ensemble import overparametrised_ensemble
from bbpsym.errors import DomainError
from bbpsym.symbols import a as A
from bbpsym.symbols import sigma, signal_factor, yh
from bbpsym.symbols import y as Y
from tests.cases import long


def mean(function, p_star):
    """Average over the labels of p* teachers; substituted so that p* = 1 has no pole at zero."""
    law = chi2(p_star, scale=1 / p_star)
    integrand = lambda r: 2 * r * law.pdf(r * r) * function(r * r)  # noqa: E731
    parts = [quad(integrand, *ends, epsabs=1e-13, limit=200)[0] for ends in ((0, 1), (1, np.inf))]
    return sum(parts)


def overlap2(weight, p_star, alpha):
    """m^2 right of the bulk by (40) and (58), for a weight whose upper bound is one."""

    def moment(power, factor, g):
        return mean(lambda y: factor(y) * (weight(y) / (1 - g * weight(y))) ** power, p_star)

    g = brentq(lambda g: alpha * g * moment(1, lambda y: y - 1, g) - 1, 1e-6, 1 - 1e-9)
    slope = -1 / g**2 + alpha * moment(2, lambda y: 1, g)
    return 1 / (1 - alpha * moment(2, lambda y: y, g) / slope)


def greatest_overlap2(p_star, alpha):
    """`r/(1 + r)` with `alpha E[(y - 1)^2/(1 + r y)] = 1`: no weights F can do better."""
    if alpha <= p_star / 2:
        return 0.0
    level = lambda r: alpha * mean(lambda y: (y - 1) ** 2 / (1 + r * y), p_star) - 1  # noqa: E731
    r = brentq(level, 0, 1e4, xtol=1e-13, rtol=1e-13)
    return r / (1 + r)


def of(found, matrix):
    return [row for row in found.rows if row.matrix == matrix]


@pytest.fixture(scope="module")
def example():
    return compare(1, "0.7", [1, 4, "inf"], ["0.5", "0.84", 1, "1.1", 3])


@pytest.mark.parametrize("alpha", ["0.75", "1.5"])
def test_a_weight_made_for_alpha_has_its_edge_at_one_and_its_outlier_is_found(alpha):
    """Its alpha_c is alpha itself, so that the edge is neither sharp nor safely smooth."""
    ratio = float(alpha)
    rest = np.sqrt(2 * ratio)
    expected = overlap2(lambda y: (y - 1) / (y - 1 + rest), 1, ratio)
    method = mondelli_montanari(1, alpha)
    assert outlier(method, alpha, side="right").overlap2 == pytest.approx(expected, rel=1e-8)
    found = edge(method, alpha, side="right")
    assert found.kind == "smooth"
    assert found.value == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("p_star", "a", "widths"), [(1, "0.1", [1, 3]), *long((1, 3, [2, "inf"]), (2, "0.7", [1, 5]))]
)
def test_no_matrix_sees_more_than_the_bound_and_one_weight_reaches_it(p_star, a, widths):
    alphas = [Fraction(p_star, 2) * k for k in map(Fraction, ("0.9", "1.5", "3", "8"))]
    found = compare(p_star, a, widths, alphas)
    bound = [greatest_overlap2(p_star, float(alpha)) for alpha in alphas]
    (optimal,) = of(found, OPTIMAL)
    assert optimal.overlap2 == pytest.approx(bound, rel=1e-9)
    others = [row for row in found.rows if row is not optimal]
    assert len(others) == 2 * len(widths) + 1
    for row in others:
        seen = np.array(row.overlap2)
        assert np.all(seen <= np.array(bound) * (1 - 1e-4))
        assert np.any(seen > 0)


@pytest.mark.long
def test_a_weight_of_ones_own_is_compared_on_its_better_side():
    other = Ensemble((Y - 1) / (Y + 1), teacher_labels(2))
    found = compare(2, 1, [1], [3, 5], others=[other, subset(2, 2)])
    own, cut = found.rows[2:4]
    assert (own.name, own.threshold.side) == ("T = (y - 1)/(y + 1)", "right")
    expected = [overlap2(lambda y: (y - 1) / (y + 1), 2, alpha) for alpha in (3, 5)]
    assert own.overlap2 == pytest.approx(expected, rel=1e-8)
    assert cut.name == "subset at 2"
    assert all(0 < x < y for x, y in zip(cut.overlap2, found.rows[-1].overlap2, strict=True))
    for wrong in (luo_alghamdi_lu(1), Model(1, 2, 1), 3):
        with pytest.raises(DomainError, match="others must be Ensembles of the labels of p_star"):
            compare(2, 1, [1], [3], others=[wrong])
    blind = Ensemble(Integer(1), teacher_labels(2))
    with pytest.raises(DomainError, match=r"on the left, weight 1 has .*; on the right, weight 1"):
        compare(2, 1, [1], [3], others=[blind])


def test_the_optimal_outlier_stays_at_one_and_its_overlap_is_one_minus_g():
    for alpha in ("0.8", 2, 7):
        found = outlier(luo_alghamdi_lu(1), alpha, side="right")
        assert found.value == pytest.approx(1, abs=1e-11)
        assert found.overlap2 == pytest.approx(1 - found.g, abs=1e-11)


def test_at_infinite_width_the_hessian_is_its_average(example):
    (hessian,) = [row for row in of(example, HESSIAN) if row.p == math.inf]
    (averaged,) = [row for row in of(example, AVERAGED) if row.p == math.inf]
    assert averaged.overlap2 == pytest.approx(hessian.overlap2, rel=1e-11)
    assert averaged.threshold.alpha == pytest.approx(hessian.threshold.alpha, rel=1e-11)
    assert averaged.threshold.kind == hessian.threshold.kind


def test_rows_are_single_answers_and_zero_below_the_threshold(example):
    for row in of(example, HESSIAN):
        for alpha, overlap2 in zip(example.alphas, row.overlap2, strict=True):
            single = outlier(Model(row.p, 1, "0.7"), alpha)
            assert overlap2 == (single.overlap2 if single else 0)
            assert (overlap2 > 0) == (alpha > row.threshold.alpha)


def test_at_its_threshold_a_matrix_has_what_it_starts_from(example):
    """p*/2 for the optimal weights, p*(a + 1 + 2/p)/2 for the average, where m^2 jumps."""
    assert [row.overlap2[0] for row in example.rows] == [0] * len(example.rows)
    (averaged,) = [row for row in of(example, AVERAGED) if row.p == 4]
    assert averaged.overlap2[3] == averaged.threshold.overlap2 > 0.2
    just_above = outlier(averaged_hessian(Model(4, 1, "0.7")), "1.10000001")
    assert averaged.overlap2[3] == pytest.approx(just_above.overlap2, abs=1e-6)


@pytest.mark.parametrize("alpha", [1, "1.7"])
def test_a_weight_made_for_alpha_starts_to_see_at_the_geometric_mean(alpha):
    """`sqrt(alpha p*/2)`: below alpha exactly from p*/2 on, the threshold of the family."""
    method = mondelli_montanari(1, alpha)
    expected = math.sqrt(float(alpha) / 2)
    assert threshold(method, side="right").alpha == pytest.approx(expected, rel=1e-11)


def test_a_weight_made_for_alpha_is_minus_that_of_a_hessian_at_infinite_width(example):
    limit = overparametrised_ensemble()
    assert {law.variable: law.log_laplace for law in limit.laws}[yh] == -sigma  # so that yh is 1
    (hessian,) = limit.weights
    mirrored = hessian.value.subs({A: published_weights.mondelli_montanari_normalisation(), yh: 1})
    made = published_weights.mondelli_montanari_weight().subs(signal_factor, Y)
    assert simplify(made + mirrored) == 0
    (row,) = of(example, MADE_FOR_ALPHA)
    index = example.alphas.index(1)
    alone = outlier(mondelli_montanari(1, 1), 1, side="right")
    assert row.overlap2[index] == pytest.approx(alone.overlap2, rel=1e-11)


def test_the_best_are_named(example):
    best, hessians = example.best(), example.best(HESSIAN)
    assert best == ((), *((OPTIMAL,),) * 4)
    assert hessians == ((), ("Hessian, p=4",), *(("Hessian, p=inf",),) * 3)
    tied = example.best(HESSIAN, AVERAGED)[2]
    assert tied == ("Hessian, p=inf", "averaged Hessian, p=inf")
    assert "Best Hessian: none at 0.5; Hessian, p=4 at 0.84; Hessian, p=inf at 1, 1.1, 3." in str(
        example
    )


def test_default_alphas_show_where_the_first_hessian_and_where_all_matrices_see():
    found = compare(1, 8, [1, 2])
    least, last = found.alphas[0], found.alphas[-1]
    assert least == Fraction(3, 4)
    assert min(row.overlap2[-1] for row in found.rows) > 0
    first = min(row.threshold.alpha for row in of(found, HESSIAN))
    assert any(first < alpha < 1.06 * first for alpha in found.alphas)
    assert last < 1.25 * max(row.threshold.alpha for row in found.rows)


def test_every_format_holds_every_number(example):
    lines = list(csv.DictReader(example.to_csv().splitlines()))
    assert len(lines) == len(example.rows) * len(example.alphas)
    numbers = [value for row in example.rows for value in row.overlap2]
    assert [float(line["overlap2"]) for line in lines] == pytest.approx(numbers, rel=1e-11)
    best = {(line["alpha"], line["matrix"]) for line in lines if line["best"] == "1"}
    assert best == {(alpha, OPTIMAL) for alpha in ("0.84", "1", "1.1", "3")}
    record = json.loads(example.to_json())
    assert [row["overlap2"] for row in record["rows"]] == [
        pytest.approx(row.overlap2, rel=1e-11) for row in example.rows
    ]
    for text in (
        example.to_text(),
        example.to_markdown(),
        example.to_html(),
        example.to_latex().replace("$ & $.", "."),  # numbers are cut at the point
        example._repr_html_(),
    ):
        for value in numbers:
            assert (f"{value:#.4g}" if value else "0") in text
        assert all(row.matrix in text for row in example.rows)


def test_the_latex_has_as_many_cells_in_every_line(example):
    lines = [line for line in example.to_latex().splitlines() if line.endswith(r"\\")]
    assert len(lines) == 1 + len(example.rows)
    columns = 3 + 2 * (1 + len(example.alphas))  # a number takes two, which meet at its point
    widths = {line.count("&") + 1 + line.count(r"\multicolumn{2}") for line in lines}
    assert widths == {columns}
    begin = re.search(r"tabular}{(.+)}", example.to_latex()).group(1)
    assert len(begin.replace("@{}", "")) == columns
    assert r"Hessian, $p=\infty$" in example.to_latex()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 1, [1]), "p_star must be an integer"),
        ((1, 0, [1]), "a must be a number"),
        ((1, 1, []), "at least one student width"),
        ((1, 1, [0.5]), "p must be an integer"),
        ((1, 1, [1], []), "at least one signal-to-noise ratio"),
        ((1, 1, [1], [-1]), "alpha must be a number"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_sentence(arguments, words):
    with pytest.raises(DomainError, match=words):
        compare(*arguments)


@pytest.mark.parametrize(
    ("method", "side"), [(luo_alghamdi_lu(2), "right"), (averaged_hessian(Model(1, 2, 3)), "left")]
)
def test_the_curve_of_an_ensemble_passes_through_single_answers(method, side):
    curve = outlier_curve(method, 15, points=9, side=side)
    start = threshold(method, side=side)
    assert curve.alpha[0] == pytest.approx(start.alpha, rel=1e-12)
    assert curve.overlap2[0] == pytest.approx(start.overlap2, abs=1e-10)
    assert curve.alpha[-1] == pytest.approx(15, rel=1e-10)
    single = outlier(method, float(curve.alpha[5]), side=side)
    assert curve.overlap2[5] == pytest.approx(single.overlap2, rel=1e-10)
    assert curve.value[5] == pytest.approx(single.value, rel=1e-10)


@pytest.mark.long
@pytest.mark.parametrize(("p_star", "alpha", "N"), [(1, 2.5, 500), (2, 5.0, 400)])
def test_simulated_matrices_rank_as_predicted(p_star, alpha, N):
    """The matrices themselves: the optimal weight, and the averaged Hessian at p = 2."""
    rng, runs, measured = np.random.default_rng(7), 12, []
    for _ in range(runs):
        x = rng.standard_normal((int(alpha * N), N)) / np.sqrt(N)
        y = N * np.mean(x[:, :p_star] ** 2, axis=1)
        tops = []
        for weight in (1 - 1 / y, (y - 2) / (0.7 + y)):  # the average, turned to the right
            vectors = np.linalg.eigh((x.T * weight) @ x)[1][:, -p_star:]
            tops.append(np.mean(np.sum(vectors[:p_star] ** 2, axis=0)))
        measured.append(tops)
    measured = np.array(measured)
    found = compare(p_star, "0.7", [2], [alpha])
    predicted = [of(found, matrix)[0].overlap2[0] for matrix in (OPTIMAL, AVERAGED)]
    error = measured.std(axis=0, ddof=1) / np.sqrt(runs)
    assert np.all(error < 0.015)
    assert np.all(np.abs(measured.mean(axis=0) - predicted) < 4 * error)
    gain = measured[:, 0] - measured[:, 1]
    assert gain.mean() > 5 * gain.std(ddof=1) / np.sqrt(runs)
