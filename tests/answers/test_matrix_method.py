"""The optimal matrix of size r N: against single directions, another solver, and matrices."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from mpmath import MPContext
from scipy.optimize import root
from sympy import Matrix, Rational, diag, eye, interpolate, zeros

from bbpsym import MultiIndex, density, edge, outlier, outliers, threshold
from bbpsym.ensembles.index_models import label_cells
from bbpsym.ensembles.index_models.factor_law import NODES
from bbpsym.ensembles.index_models.matrix_bulk import edge_start
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.ensembles.index_models.teachers import product, teacher_of, two_squares
from bbpsym.errors import (
    ConvergenceError,
    DomainError,
    NoOutlierError,
    PrecisionError,
    UndecidedError,
)
from bbpsym.symbols import label as y
from tests.answers.test_multi_index import mixed
from tests.cases import with_long

mp = MPContext()
mp.dps = 60

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


def several():
    """Three indices and four labels."""
    moved = [[8, 2, -1, 3, 5, -4], [-5, 6, 3, -7, 1, 2], [1, -9, 4, 6, -8, 3]]
    moved.append([-sum(column) for column in zip(*moved, strict=True)])
    places = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    moments = zeros(3)
    for place, column in zip(places, zip(*moved, strict=True), strict=True):
        entry = interpolate([(k, Rational(x, 30)) for k, x in enumerate(column)], y)
        moments[place] = moments[place[::-1]] = entry
    return MultiIndex(dict.fromkeys(range(4), "1/4"), eye(3) + moments)


class InDigits:
    """Averages over few labels of one probability, in the digits of mpmath."""

    def __init__(self, law, alpha):
        self.r, self.alpha = law.moments.rows, alpha
        self.places = [(i, j) for i in range(self.r) for j in range(i, self.r)]
        given = [law.moments.subs(y, k).tolist() for k, _ in law.atoms]
        self.moments = [mp.matrix([[mp.mpf(x.p) / x.q for x in row] for row in C]) for C in given]

    def symmetric(self, entries):
        G = mp.matrix(self.r)
        for (i, j), entry in zip(self.places, entries, strict=True):
            G[i, j] = G[j, i] = entry
        return G

    def dressed(self, G):
        one = mp.eye(self.r)
        return [(C - one) * (C - G * (C - one)) ** -1 for C in self.moments]

    def mean(self, terms):
        return sum(terms, mp.zeros(self.r)) / len(self.moments)

    def excess(self, G, z):
        left = G**-1 + self.alpha * self.mean(self.dressed(G)) - z * mp.eye(self.r)
        return [left[place] for place in self.places]

    def turning(self, *unknown):
        """What is zero at the edge: `G^-1 + alpha E[K] - z`, and a derivative's determinant."""
        G, z = self.symmetric(unknown[:-1]), unknown[-1]
        K, inverse, columns = self.dressed(G), G**-1, []
        for place in self.places:
            X = self.symmetric([mp.mpf(place == at) for at in self.places])
            rise = inverse * X * inverse - self.alpha * self.mean([k * X * k for k in K])
            columns.append([rise[at] for at in self.places])
        return [*self.excess(G, z), mp.det(mp.matrix(columns))]


@pytest.mark.parametrize(("law", "alpha"), [(mixed, 8), (several, 30)])
def test_a_certified_edge_is_that_of_another_solver(law, alpha):
    (method,) = law().methods()
    there, (value, G, _) = InDigits(law(), alpha), edge_start(method, alpha)
    *_, end = mp.findroot(there.turning, [*(G[at] for at in there.places), value])
    assert edge(method, alpha, certified=True, digits=25).text("value") == mp.nstr(end, 25)


@pytest.mark.parametrize(("law", "alpha"), [(mixed, 8), (several, 30)])
def test_certified_digits_are_those_of_another_solver(law, alpha):
    """With `m^-2 = 1 - s'(z)` by a difference in sixty digits, and G by mpmath's `findroot`."""
    law = law()
    (method,) = law.methods()
    there = InDigits(law, alpha)
    r, moments, places = there.r, there.moments, there.places

    def level(z):
        start = method.resolvent(alpha)
        at = (start[place] for place in places)
        G = there.symmetric(mp.findroot(lambda *x: there.excess(there.symmetric(x), z), [*at]))
        pairs = mp.matrix(r * r)
        for K, C in zip(there.dressed(G), moments, strict=True):
            for i, j, k, l in np.ndindex(r, r, r, r):
                pairs[i * r + k, j * r + l] += alpha * K[i, j] * C[k, l] / len(moments)
        return min(mp.eigsy(pairs, eigvals_only=True), key=lambda x: abs(x - 1))

    step = mp.mpf(10) ** -14
    slope = (level(1 + step) - level(1 - step)) / (2 * step)
    found = outlier(method, alpha, certified=True, digits=25)
    assert abs(1 / (1 - slope) - mp.mpf(found.text("overlap2"))) < 1e-24
    assert (found.text("value"), found.above) == ("1." + 24 * "0", 0)
    assert found.overlap == pytest.approx(outlier(method, alpha).overlap, abs=1e-9)
    excess = [C - mp.eye(r) for C in moments]
    norm = mp.matrix(r * r)
    for G in excess:
        for i, j, k, l in np.ndindex(r, r, r, r):
            norm[i * r + k, j * r + l] += G[i, j] * G[k, l] / len(moments)
    least = 1 / max(mp.eigsy(norm, eigvals_only=True))
    known = threshold(method, certified=True, digits=40)
    assert abs(least - mp.mpf(known.text("alpha"))) < 1e-37
    assert outlier(method, mp.nstr(least * (1 - mp.mpf(10) ** -20), 40), certified=True) is None


@pytest.mark.parametrize("certified", [True, False])
def test_the_share_of_an_index_that_is_not_found_is_zero(certified):
    turning = Matrix([[1 + y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 1]])
    law = MultiIndex(dict.fromkeys((-1, 0, 1), "1/3"), diag(turning, (3 * y**2 + 2) / 4))
    assert outlier(law.methods()[0], 7, certified=certified).shares == "0.282, 0.115, 0"


def crossing():
    """A weight of one index that sees the other one as well, at large alpha."""
    across = y**2 / 20 + y / 12 - Rational(1, 6)
    rows = [[(24 * y**2 - 58 * y + 78) / 60, across], [across, (3 * y**2 - 19 * y + 74) / 60]]
    return MultiIndex(dict.fromkeys(range(3), "1/3"), rows)


def test_digits_are_those_of_balls():
    """An edge close to a threshold, and one that was rounded wrongly; an outlier above one."""
    (method,), (seen_too,) = mixed().methods(), crossing().methods()
    for alpha in ("4.2819", "6.42221"):
        found, known = edge(method, alpha), edge(method, alpha, 20, certified=True)
        assert found.text("value") == known.text("value", found.digits)
    every = check_outliers(seen_too, 200)
    assert [(one.above, one.text("value", 6)) for one in every] == [(1, "1.00000"), (0, "1.03893")]


def check_outliers(method, alpha):
    """Digits in double precision are those of balls, which are given."""
    every, names = outliers(method, alpha, digits=20, certified=True), ("value", "overlap2")
    for found, known in zip(outliers(method, alpha), every, strict=True):
        assert [found.text(x) for x in names] == [known.text(x, found.digits) for x in names]
    return every


def test_an_overlap_that_is_steep_in_its_value_has_its_digits():
    """Its value, close to one, was found to twelve digits, and the overlap claimed more."""
    first = Matrix([[17, -3, 7], [-3, 9, -1], [7, -1, 3]])
    second = Matrix([[28, 18, -20], [18, 28, -18], [-20, -18, 20]])
    third = Matrix([[12, 6, -2], [6, 14, 4], [-2, 4, 14]])
    given = [Rational(84, 2125) * C for C in (first, second, third)]
    given.append(4 * eye(3) - sum(given, zeros(3)))
    rows = [
        [interpolate([*enumerate(C[i, j] for C in given)], y) for j in range(3)] for i in range(3)
    ]
    (method,) = MultiIndex(dict.fromkeys(range(4), "1/4"), rows).methods()
    assert check_outliers(method, "1.57")[1].text("overlap2", 12) == "0.281314467823"


def test_labels_that_fix_the_signal_are_refused():
    """Half of them give one linear form each."""
    singular = Matrix([[1, 2], [2, 4]]) / 5
    others = (eye(2) - singular / 2) * 2
    bent = Matrix([[1, 1], [1, -1]]) / 10
    given = (singular, others + bent, others - bent)
    places = [
        [interpolate([*enumerate(C[i, j] for C in given)], y) for j in (0, 1)] for i in (0, 1)
    ]
    law = MultiIndex({0: "1/2", 1: "1/4", 2: "1/4"}, places)
    with pytest.raises(ConvergenceError, match="labels may fix the signal"):
        outlier(law.methods()[0], 50)


def test_what_is_not_known_is_refused():
    law = mixed()
    (method,) = law.methods()
    hidden = MatrixMethod(type(law)({-1: "1/2", 1: "1/2"}, np.eye(2).astype(int).tolist()))
    for error, sentence, ask in (
        (DomainError, "side must be", lambda: edge(method, 3, side="left")),
        (DomainError, "side must be", lambda: outlier(method, 3, side="left")),
        (
            DomainError,
            "only averages over a label of few values",
            lambda: threshold(MatrixMethod(product()), certified=True),
        ),
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
    patch.setitem(label_cells.LATTICES, 2, ((48, 480), (24, 240), (12, 120)))
    label_cells._extrapolated.cache_clear()
    yield
    patch.undo()
    label_cells._extrapolated.cache_clear()


def test_large_alpha_knows_nearly_all(small):
    (method,) = methods_of("abs(u1)+abs(u1+u2)")
    for found in method.recovered(1e4)[:2]:
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
    for certified in (False, True):
        with pytest.raises(UndecidedError, match="several eigenvectors"):
            outliers(method, 8, certified=certified)
