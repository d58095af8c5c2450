"""Gradient descent: the gradient, the step, the starts, the rows, the command."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bbpsym.errors import DomainError, StorageError
from bbpsym.finite.architecture import Architecture
from bbpsym.finite.descended import DESCENT, measure_descents
from bbpsym.finite.descent import (
    Descent,
    at,
    descend,
    descents,
    gradient,
    lowest_along,
    overlap2,
    start,
)
from bbpsym.finite.descent_summary import (
    DescentAverages,
    DescentSummary,
    holds_descents,
    summarize_descents,
)
from bbpsym.finite.estimate import Measured
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.point import Point
from bbpsym.finite.store import Store
from bbpsym.finite.sweep import grid, sweep
from tests.cases import long

TANH = Architecture("log(cosh(y - yh))", "tanh(x)", output="sum", noise=0.1)


def drawn(index=0, **changes):
    given = {"N": 20, "p": 2, "p_star": 1, "a": 1.5, "alpha": 3.0, "time": 40.0, **changes}
    point = Descent(**given)
    return draw(point, point.stream(1, index))


@pytest.mark.parametrize("changes", [{}, {"p": 3, "p_star": 2}, {"network": TANH, "a": 0}])
def test_the_gradient_is_the_derivative_of_the_loss(changes):
    instance = drawn(**changes)
    W, along = instance.student, np.random.default_rng(0).standard_normal(instance.student.shape)
    steps = 1e-4 * np.array([-2, -1, 1, 2])
    weights = np.array([1, -8, 8, -1]) / (12 * 1e-4)  # a difference of fourth order
    differences = weights @ [instance.loss(W + h * along) for h in steps]
    assert np.sum(gradient(instance, W) * along) == pytest.approx(differences, rel=1e-8)


def test_the_hessian_is_the_derivative_of_the_gradient():
    instance = drawn(p=3)
    W, along = instance.student, np.random.default_rng(0).standard_normal(instance.student.shape)
    ends = (gradient(at(instance, W + h * along), W + h * along) for h in (1e-5, -1e-5))
    difference = (next(ends) - next(ends)) / 2e-5
    product = HessianOperator.of(at(instance, W)) @ along.ravel()
    assert product == pytest.approx(difference.ravel(), rel=1e-6, abs=1e-6)


def stepped(instance, count):
    """The paper's descent, written out: step by step, in full."""
    point, X, W = instance.point, instance.data, instance.student
    y = np.mean((X @ instance.teacher.T) ** 2, axis=1)
    step = point.fraction / np.linalg.eigvalsh(hessian(instance))[-1]
    for _ in range(count):
        excess = (np.mean((X @ W.T) ** 2, axis=1) - y) / (point.a + y)
        slope = 2 / point.p * np.array([X.T @ (excess * (X @ w)) for w in W])
        if point.space == "sphere":
            slope -= np.array([w * (w @ g) / (w @ w) for w, g in zip(W, slope, strict=True)])
        W = W - step * slope
        if point.space == "sphere":
            W = np.array([w * np.sqrt(len(w)) / np.sqrt(w @ w) for w in W])
    return W


@pytest.mark.parametrize("space", ["free", "sphere"])
def test_it_steps_against_the_gradient(space):
    instance = drawn(space=space)
    (path,) = descend([instance], dtype=np.float64)
    assert path.students[1] == pytest.approx(stepped(instance, 20), abs=1e-9)
    assert path.students[0] == pytest.approx(instance.student)
    assert path.loss[-1] == pytest.approx(instance.loss(path.students[-1]))
    assert np.all(np.diff(path.loss) <= 0)
    assert path.rises == 0
    if space == "sphere":
        assert np.linalg.norm(path.students, axis=2) == pytest.approx(np.sqrt(20))


@pytest.mark.long
def test_a_sample_does_not_depend_on_what_is_descended_with_it():
    several = [drawn(index, p=1, alpha=6.0, time=600.0) for index in range(4)]
    together = descend(several)
    assert len({path.rest for path in together}) > 1  # they leave at different times
    assert [descend([instance])[0] for instance in several] == together


@pytest.mark.parametrize("p", [*long(1), 2])
def test_neither_step_nor_precision_matters(p):
    ends = [
        overlap2(descend([instance], dtype=dtype)[0].students[-1], instance.teacher)
        for instance, dtype in (
            (drawn(p=p, alpha=6.0, time=300.0), np.float32),
            (drawn(p=p, alpha=6.0, time=300.0), np.float64),
            (drawn(p=p, alpha=6.0, time=300.0, fraction=0.25), np.float64),
        )
    ]
    assert ends[0] > 0.8
    assert ends[1] == pytest.approx(ends[0], abs=1e-5)
    assert ends[2] == pytest.approx(ends[0], abs=1e-3)


def test_a_step_that_is_too_large_is_noticed(monkeypatch):
    low = SimpleNamespace(values=[1.0])  # far below the highest eigenvalue
    monkeypatch.setattr("bbpsym.finite.descent.lowest", lambda *_, **__: low)
    assert descend([drawn(time=1.0)])[0].rises > 0


def test_starts_are_what_they_are_called():
    weights = {name: start(drawn(start=name)) for name in ("random", "hessian", "optimal")}
    instance = drawn()
    lengths = [np.sum(W**2) for W in weights.values()]
    assert lengths == pytest.approx([40] * 3)
    assert weights["random"] == pytest.approx(instance.student)
    lowest = np.linalg.eigh(hessian(instance))[1][:, 0]
    assert abs(lowest @ weights["hessian"].ravel()) == pytest.approx(np.sqrt(40))
    y, X = instance.label, instance.data
    top = np.linalg.eigh(sum(np.outer(x, x) * (1 - 1 / t) for x, t in zip(X, y, strict=True)))[1][
        :, -1
    ]
    assert np.linalg.norm(weights["optimal"] @ top) == pytest.approx(np.sqrt(40))


def test_the_optimal_start_needs_positive_labels():
    with pytest.raises(DomainError, match='start must not be "optimal"'):
        start(drawn(start="optimal", network=TANH, a=0))


def test_the_lowest_eigenpair_belongs_to_the_student():
    instance = drawn()
    (path,) = descend([instance])
    pairs = lowest_along(instance, path)
    dense = [np.linalg.eigvalsh(hessian(at(instance, W)))[0] for W in path.students]
    assert [pair.values[0] for pair in pairs] == pytest.approx(dense, abs=1e-4 * path.highest)


def test_overlaps_are_shares_of_what_the_teachers_span():
    instance = drawn(p=2, p_star=2)
    assert overlap2(instance.teacher, instance.teacher) == pytest.approx(1)
    apart = np.linalg.svd(instance.teacher)[2][2:4]
    assert overlap2(apart, instance.teacher) == pytest.approx(0, abs=1e-20)
    assert overlap2(
        apart + np.linalg.svd(instance.teacher)[2][:2], instance.teacher
    ) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "zero"}, "start must be one of random, hessian, optimal, not 'zero'"),
        ({"space": "torus"}, "space must be one of free, sphere"),
        ({"fraction": 0}, "fraction must be a positive finite number"),
        ({"fraction": 1.5}, "fraction must be from 0 to 1, not 1.5"),
        ({"time": 0.5}, r"time must be from 1 to 1e\+06, not 0.5"),
        ({"alpha": -1}, "alpha must be"),
    ],
)
def test_bad_input_is_named(changes, words):
    with pytest.raises(DomainError, match=words):
        drawn(**changes)


def test_one_point_at_a_time():
    plain = Point(20, 1, 1, 1.5, 3.0)
    for given in ([], [drawn(), drawn(alpha=2.0)], [draw(plain, plain.stream(1, 0))]):
        with pytest.raises(DomainError, match="instances must be one or more, all drawn at one"):
            descend(given)


GRID = descents(
    grid(N=[20], p=[1, 2], p_star=[1], a=[1.5], alpha=[2.0, 6.0]), ["random", "optimal"], time=100
)
SWEEP = {"seed": 1, "what": DESCENT}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("descents") / "descents.jsonl"
    done = sweep(GRID, path, samples=3, **SWEEP)
    assert (done.computed, done.found) == (24, 0)
    return path


@pytest.mark.long
def test_a_sweep_that_is_taken_up_is_the_same(stored, tmp_path):
    path = tmp_path / "descents.jsonl"
    sweep(GRID[:3], path, samples=2, **SWEEP)
    assert sweep(GRID, path, samples=3, **SWEEP).found == 6
    assert path.read_bytes() == stored.read_bytes()


def test_rows_come_back_exactly(stored):
    with Store(stored, create=False, what=DESCENT) as rows:
        assert set(rows.points()) == set(GRID)
        for point in GRID[:2]:
            assert rows.samples(point) == measure_descents(point, 1, (0, 1, 2))


def test_descents_and_hessians_do_not_share_a_file(stored):
    with pytest.raises(StorageError, match="holds no samples"):
        Store(stored)


def test_starts_share_their_problems(stored):
    with Store(stored, create=False, what=DESCENT) as rows:
        pairs = [[rows.samples(replace(p, start=s)) for s in ("random", "optimal")] for p in GRID]
    assert all(
        one.overlap2[0] != other.overlap2[0]
        for pair in pairs
        for one, other in zip(*pair, strict=True)
    )
    assert drawn(start="random").data == pytest.approx(drawn(start="optimal").data)


def test_averages_are_means_and_survive_csv(stored, tmp_path):
    summary = summarize_descents(stored)
    row = summary.select(p=1, alpha=6.0, start="optimal").rows[0]
    with Store(stored, create=False, what=DESCENT) as rows:
        samples = rows.samples(row.point)
    assert row.samples == 3
    low, *high = [s.overlap2[-1] for s in sorted(samples, key=lambda s: s.overlap2[2])]
    assert row.estimates["end_below"].value == low
    assert row.estimates["end_above"].value == pytest.approx(np.mean(high))
    assert row.estimates["found"].value == np.mean(
        [sample.overlap2[-1] > 0.9 for sample in samples]
    )
    assert row.estimates["overlap2_30"].value == pytest.approx(
        np.mean([s.overlap2[2] for s in samples])
    )
    assert row.estimates["lowest_end"].value == pytest.approx(
        np.mean([s.lowest[-1] for s in samples])
    )
    path = tmp_path / "descents.csv"
    path.write_text(summary.to_csv())
    again = DescentSummary.from_csv(path)
    assert [row.point for row in again.rows] == [row.point for row in summary.rows]
    assert again.column("loss_end")[0] == pytest.approx(summary.column("loss_end")[0], rel=1e-4)
    assert holds_descents(path)
    assert holds_descents(stored)
    assert not holds_descents(tmp_path / "missing")
    for wrong in (lambda: summary.select(start_="random"), lambda: summary.column("phi")):
        with pytest.raises(DomainError, match=r"select takes|column must be one of"):
            wrong()
    path.write_text("alpha\n1\n")
    with pytest.raises(StorageError, match="not a summary of descents"):
        DescentSummary.from_csv(path)


def test_the_onset_is_where_the_overlap_passes_one_half():
    point = Descent(20, 1, 1, 1.5, 1.0)
    half = [
        DescentAverages(replace(point, alpha=alpha), 9, {"overlap2_end": Measured(m2, 0.1)})
        for alpha, m2 in ((1.0, 0.1), (2.0, 0.4), (4.0, 0.8), (5.0, 0.9))
    ]
    found = DescentSummary(tuple(half)).onset()
    assert found.value == pytest.approx(2.5)
    assert found.error == pytest.approx(2 / 0.4 * 0.1 * np.hypot(0.75, 0.25))
    assert DescentSummary(tuple(half[:2])).onset() is None
    other = replace(half[0], point=replace(point, p=2))
    assert DescentSummary((*half, other)).onset() is None
    table = DescentSummary((*half, other)).onsets().splitlines()
    assert [row.split()[-1] for row in table[2:]] == ["2.50(40)", "1"]


@pytest.mark.parametrize(("p", "a"), [(1, 1.5), *long((2, 0.7))])
def test_overlap_grows_at_first_as_the_averaged_hessian_says(p, a):
    """Of orthogonal students, by `alpha E[(1 - y) T(y)]`, whatever alpha is."""
    point = Point(10, p, 1, a, 1e5)  # so many samples that the loss is its mean
    instance = draw(point, point.stream(1, 0))
    frame = np.linalg.qr(np.vstack([instance.teacher, instance.student]).T)[0].T * np.sqrt(10)
    m, teacher = 0.05, frame[0] / np.sqrt(10)
    ways = [sign * m * frame[0] + np.sqrt(1 - m**2) * frame[1:] for sign in (1, -1)]
    slopes = [gradient(instance, W) for W in ways]
    along = np.mean((slopes[0] - slopes[1]) @ teacher) / (2 * m * np.sqrt(10))
    growth = np.sum(ways[0] * slopes[0]) / np.sum(ways[0] ** 2) - along
    y = np.random.default_rng(0).chisquare(1, 10**6)
    averaged = 2 / p * (1 + 2 / p - y) / (a + y)
    assert growth / point.alpha == pytest.approx(np.mean((1 - y) * averaged), rel=0.02)
