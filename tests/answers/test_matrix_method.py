"""The optimal matrix of size r N: against single directions, another solver, and matrices."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import root
from sympy import diag

from bbpsym import MultiIndex, density, edge, outlier, outliers, threshold
from bbpsym.ensembles import label_cells
from bbpsym.ensembles.factor_law import NODES
from bbpsym.ensembles.matrix_method import MatrixMethod
from bbpsym.ensembles.teachers import product, teacher_of, two_squares
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError, UndecidedError
from bbpsym.symbols import label as y
from tests.answers.test_multi_index import mixed
from tests.cases import with_long

STORED = Path(__file__).parents[2] / "data" / "multi_index.csv"


def test_directions_of_their_own_are_found_as_one_by_one():
    """Equal ones are shared, and of two that differ the second is not in it below its threshold."""
    for alpha in ("0.6", 1, 2):
        found, known = (
            outlier(m, alpha) for m in (MatrixMethod(product()), product().methods()[0])
        )
        close = 10.0 ** -min(found.digits, known.digits)
        assert float(found.overlap2) == pytest.approx(float(known.overlap2), rel=close)
        assert found.digits >= 8
        assert found.overlap == pytest.approx(np.eye(2) * found.overlap[0, 0], abs=1e-10)
    squares = two_squares("1/2")
    found, known = outlier(MatrixMethod(squares), 1), outlier(squares.methods()[0], 1)
    assert float(found.overlap2) == pytest.approx(float(known.overlap2), rel=1e-9)
    assert found.overlap == pytest.approx(np.diag([found.overlap[0, 0], 0]), abs=1e-9)


@pytest.mark.parametrize("alpha", [5.0, 20.0])
def test_overlaps_are_those_of_the_rising_eigenvalue(alpha):
    """With `m^-2 = 1 - s'(z)` by a difference, and G by another solver."""
    law = mixed()
    (method,) = law.methods()
    moments, share, _ = law.nodes(NODES[-1])
    one, places = np.eye(2), np.triu_indices(2)

    def dressed(G):
        return np.linalg.inv(np.linalg.inv(one - np.linalg.inv(moments)) - G)

    def symmetric(entries):
        G = np.zeros((2, 2))
        G[places] = entries
        return G + G.T - np.diag(np.diag(G))

    def levels(z):
        def excess(entries):
            G = symmetric(entries)
            return (G @ (z * one - alpha * np.tensordot(share, dressed(G), 1)) - one)[places]

        G = symmetric(root(excess, [0.3, 0.0, 0.3], tol=1e-13).x)
        pairs = np.einsum("n,nij,nkl->ikjl", share, dressed(G), moments)
        return G, *np.linalg.eigh(alpha * pairs.reshape(4, 4))

    G, values, vectors = levels(1.0)
    (at,) = np.flatnonzero(np.abs(values - 1) < 1e-9)
    step = 1e-5
    slope = (levels(1 + step)[1][at] - levels(1 - step)[1][at]) / (2 * step)
    found = outlier(method, alpha)
    assert found.above == np.sum(values > 1 + 1e-9)
    assert float(found.overlap2) == pytest.approx(1 / (1 - slope), rel=1e-5)
    way = found.overlap / np.sqrt(float(found.overlap2))
    assert np.abs(way.ravel() @ vectors[:, at]) == pytest.approx(1, abs=1e-9)
    assert way == pytest.approx((one - G) / np.linalg.norm(one - G), abs=1e-9)


def test_the_threshold_is_that_of_weak_recovery():
    law = mixed()
    (method,) = law.methods()
    found = threshold(method)
    least = law.weak_recovery
    assert (found.kind, float(found.alpha)) == ("continuous", pytest.approx(least, rel=1e-12))
    assert outlier(method, least * 0.999) is None
    near = outlier(method, least * 1.001)
    assert 0 < float(near.overlap2) < 1e-2
    assert near.record()["overlap"][0][1] == pytest.approx(near.overlap[0, 1], abs=1e-6)


def test_what_is_not_known_is_refused():
    law = mixed()
    (method,) = law.methods()
    hidden = MatrixMethod(type(law)({-1: "1/2", 1: "1/2"}, np.eye(2).astype(int).tolist()))
    for error, sentence, ask in (
        (DomainError, "side must be", lambda: edge(method, 3, side="left")),
        (DomainError, "side must be", lambda: outlier(method, 3, side="left")),
        (DomainError, "certified must be False", lambda: threshold(method, certified=True)),
        (DomainError, "sector must be None", lambda: threshold(method, sector="signal")),
        (PrecisionError, "digits are reached", lambda: outlier(method, 8, 25)),
        (UndecidedError, "is undecided at", lambda: outlier(method, law.weak_recovery)),
        (NoOutlierError, "labels must tell something", lambda: threshold(hidden)),
    ):
        with pytest.raises(error, match=sentence):
            ask()


def test_the_bulk_is_that_of_single_directions():
    for alpha in ("0.5", 2):
        found, known = (edge(m, alpha) for m in (MatrixMethod(product()), product().methods()[0]))
        assert (found.kind, found.digits >= 8) == (known.kind, True)
        assert float(found.value) == pytest.approx(float(known.value), rel=10.0**-found.digits)
    whole, single = MatrixMethod(product()), product().methods()[0]
    places = [-2, -0.5, 0.3]
    assert density(whole, 2, places) == pytest.approx(density(single, 2, places), rel=1e-9)
    with pytest.raises(UndecidedError, match="is undecided at"):
        edge(whole, product().weak_recovery)


def test_the_bulk_is_that_of_matrices():
    """Shares of the eigenvalues of matrices of size 2 N, between places away from zero."""
    (method,) = mixed().methods()
    C = [np.array(mixed().moments.subs(y, k), dtype=float) for k in (-1, 0, 1)]
    weights = np.eye(2) - np.linalg.inv(C)
    rng, N, seen = np.random.default_rng(3), 150, []
    places = np.linspace(-5, -0.25, 6)
    for _ in range(4):
        X, at = rng.standard_normal((8 * N, N)), rng.integers(0, 3, 8 * N)
        parts = [[(X.T * weights[at, q, k]) @ X / N for k in (0, 1)] for q in (0, 1)]
        values = np.linalg.eigvalsh(np.block(parts))
        seen.append(np.histogram(values, places)[0] / (2 * N))
        assert np.sum(values > float(edge(method, 8).value) + 0.1) <= 2
    inside = np.linspace(places[:-1], places[1:], 9, axis=1)
    expected = np.trapezoid(density(method, 8, inside), inside, axis=1)
    assert np.mean(seen, axis=0) == pytest.approx(expected, abs=0.004)
    assert density(method, 8, 3.0) == 0
    assert np.isinf(density(method, "0.7", 0.0))


@pytest.fixture(scope="module")
def small():
    """Lattices that take a second; two to four digits are right."""
    patch = pytest.MonkeyPatch()
    patch.setattr(label_cells, "LATTICES", ((48, 480), (24, 240), (12, 120)))
    label_cells._extrapolated.cache_clear()
    yield
    patch.undo()
    label_cells._extrapolated.cache_clear()


def test_large_alpha_knows_nearly_all(small):
    (method,) = methods_of("abs(u1)+abs(u1+u2)")
    for found in method.recovered(1e4):
        at_one, above = found
        assert at_one.value == 1
        assert above.value == pytest.approx(890, rel=0.1)
        assert all(0.99 < item.overlap2 < 1.001 for item in found)


def simulated():
    with STORED.open() as file:
        rows = [*csv.DictReader(file)]
    kinds = {}
    for row in rows:
        key = (row["teacher"], row["index"], float(row["alpha"]), int(row["above"]))
        kinds.setdefault(key, []).append(
            {k: float(row[k]) for k in row if k not in ("teacher", "index")}
        )
    return kinds


@cache
def methods_of(teacher):
    return teacher_of(teacher).methods()


@cache
def both(teacher, alpha):
    return outliers(*methods_of(teacher), alpha=alpha)


def expected(teacher, index, alpha, above):
    """Eigenvalue, and parts of the squared overlap along both indices."""
    if index == "both":
        (found,) = (item for item in both(teacher, alpha) if item.above == above)
        return float(found.value), np.sum(found.overlap**2, axis=0)
    way = np.eye(2)[int(index[1]) - 1]
    (method,) = (m for m in methods_of(teacher) if np.abs(m.direction) @ way > 0.99)
    found = outlier(method, alpha)
    return float(found.value), way * float(found.overlap2)


@pytest.mark.parametrize("case", with_long(simulated(), *[*simulated()][1:], whole=True), ids=str)
def test_matrices_of_teachers_by_formulas(case, small):
    """Stored ones, N = 400 and 800: within three errors and what finite N adds."""
    value, parts = expected(*case)
    for row in simulated()[case][2:]:
        for name, number in {"value": value, "along_1": parts[0], "along_2": parts[1]}.items():
            assert abs(row[name] - number) < 3 * row[f"{name}_error"] + 16 / row["N"], (name, row)


def test_eigenvectors_of_groups_that_no_label_mixes_are_told_from_one():
    """Two indices beside one that knows more: any vector in the plane at one is an eigenvector."""
    parted = MultiIndex(dict(mixed().atoms), diag(mixed().moments, 1 + 3 * y / 4))
    (method,) = parted.methods()
    assert len(outliers(method, 3)) == 1
    with pytest.raises(UndecidedError, match="several eigenvectors at one"):
        outliers(method, 8)
