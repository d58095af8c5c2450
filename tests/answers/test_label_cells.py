"""Teachers of two or three indices by any formula, against closed forms and integrals."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import k0, k1
from scipy.stats import norm
from sympy import Abs, Max, Symbol, sign, tanh
from sympy.abc import y

from bbpsym import Network, density, edge, outlier, outliers, threshold
from bbpsym.ensembles.index_models import label_cells
from bbpsym.ensembles.index_models.factor_law import NODES
from bbpsym.ensembles.index_models.label_cells import by_formula
from bbpsym.ensembles.index_models.label_segments import SPACE
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.ensembles.index_models.teachers import formula_of, product, teacher_of, two_squares
from bbpsym.errors import DomainError, NoOutlierError, PrecisionError
from bbpsym.finite.spectral import spectral
from tests.cases import long, with_long

u1, u2, u3 = SPACE


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Lattices that take a second."""
    monkeypatch.setitem(label_cells.LATTICES, 2, ((48, 480), (24, 240), (12, 120)))
    label_cells._extrapolated.cache_clear()
    yield
    label_cells._extrapolated.cache_clear()


def first_and_size():
    """Threshold of `y = u_1 |u_2|`: its factor is the mean of those of `u_1 u_2`."""

    def excess(y):
        return (y * k1(y) / k0(y) - 1) ** 2 * k0(y) / np.pi

    return 0.5 / (quad(excess, 0, 1)[0] + quad(excess, 1, 60)[0])


KNOWN = {
    u1 * u2: lambda: product().weak_recovery,
    sign(u1 * u2): lambda: np.pi**2 / 4,
    u1 / u2: lambda: 1,
    u1**2 + u2**2 / 2: lambda: two_squares("1/2").weak_recovery,
    u1**2: lambda: 0.5,
    u1 * Abs(u2): first_and_size,
}


@pytest.mark.parametrize(
    "formula", with_long(KNOWN, u1 / u2, u1 * Abs(u2), u1**2 + u2**2 / 2, sign(u1 * u2)), ids=str
)
def test_a_threshold_is_right_to_the_digits_it_claims(formula):
    teacher, known = by_formula(formula, str(formula)), KNOWN[formula]()
    moments, share, _ = teacher.nodes(32)
    assert np.tensordot(share, moments, 1) == pytest.approx(np.eye(moments.shape[1]), abs=1e-12)
    assert teacher.recovery_digits >= 2
    assert abs(teacher.weak_recovery - known) < 10.0**-teacher.recovery_digits * known


def test_an_outlier_is_right_to_the_digits_it_claims():
    method = by_formula(u1 * u2, "u1*u2").methods()[0]
    found = outlier(method, 2)
    assert 2 <= found.digits <= 6
    assert abs(float(found.overlap2) - 0.4325386) < 10.0**-found.digits
    assert threshold(method).kind == "continuous"


def test_three_indices_by_the_law_of_the_largest(monkeypatch):
    """Given their maximum one is equal to it, and the others are normal numbers below."""
    monkeypatch.setitem(label_cells.LATTICES, 3, ((8, 140), (6, 105), (4, 70)))
    label_cells._extrapolated.cache_clear()
    found = by_formula(Max(u1, u2, u3), "max(u1,u2,u3)")
    first, *others = (method.direction for method in found.methods())
    moments, share, _ = found.nodes(NODES[-1])

    def seen(way):
        return 1 / (share @ (np.einsum("i,nij,j->n", way, moments, way) - 1) ** 2)

    def excess(factor):
        def mean(v):
            ratio = norm.pdf(v) / norm.cdf(v)
            share, square = 3 * norm.pdf(v) * norm.cdf(v) ** 2, v * v + 2 * (1 - v * ratio)
            along = (square - 4 * v * ratio + 2 * ratio**2) / 3
            return share * (factor(along, square) - 1) ** 2

        return 1 / quad(mean, -8, 8, epsabs=1e-12, limit=200)[0]

    assert first == pytest.approx(np.ones(3) / np.sqrt(3), abs=1e-12)
    assert seen(first) == pytest.approx(excess(lambda along, _: along), rel=1e-3)
    across = excess(lambda along, square: (square - along) / 2)
    assert [*map(seen, others)] == pytest.approx([across] * 2, rel=1e-3)
    label_cells._extrapolated.cache_clear()


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "known"),
    [("u1^2+u2^2+u3^2", 1.5), ("u1*u2*u3", 2.56518040192), ("max(u1,u2,u3)", 1.29645087037651)],
)
def test_three_indices_are_right_to_the_digits_they_claim(text, known):
    found = by_formula(formula_of(text), text)
    assert found.recovery_digits >= 2
    assert abs(found.weak_recovery / known - 1) < 10.0**-found.recovery_digits


@pytest.mark.long
def test_a_homogeneous_teacher_by_integrals_over_the_angle():
    """For `y = u_1^3 u_2` the radius is `(y/S)^(1/4)`, S of the angle alone."""
    w = np.arange(-400, 401) / 100
    angle = np.pi / 2 / (1 + np.exp(-np.pi * np.sinh(w)))
    other = np.pi / 2 / (1 + np.exp(np.pi * np.sinh(w)))
    across = angle * other * 2 * np.cosh(w) / 100
    c, s = np.sin(other), np.sin(angle)
    inside = (c > 0) & (s > 0) & (across > 0)
    c, s, across = c[inside], s[inside], across[inside]
    log_y = np.arange(-6000, 1200) / 100
    square = np.exp((log_y[:, None] - np.log(c**3 * s)) / 2)
    share = across * square / 4 * np.exp(-square / 2) / np.pi / 100  # of both angles
    density = share.sum(axis=1)
    kept = density > 1e-250
    mean = [((share * square) @ x)[kept] / density[kept] for x in (c * c, c * s, s * s)]
    moments = np.array([[mean[0], mean[1]], [mean[1], mean[2]]]).transpose(2, 0, 1)
    assert 2 * density.sum() == pytest.approx(1, abs=1e-8)
    turned = moments * [[1, -1], [-1, 1]]
    G = np.concatenate([moments, turned]) - np.eye(2)
    norm = np.einsum("n,nij,nkl->ikjl", np.tile(density[kept], 2), G, G).reshape(4, 4)
    found = teacher_of("u1^3*u2")
    assert found.weak_recovery == pytest.approx(1 / np.linalg.eigvalsh(norm)[-1], rel=2e-4)
    assert found.hides_signs
    assert [type(method) for method in found.methods()] == [MatrixMethod]


@pytest.mark.long
def test_a_threshold_that_lattices_do_not_tell_from_none_is_refused():
    """`E[u_1^2 | y] = 1` for all labels `y = u_1^2 exp(-u_1^2)`: there is no threshold."""
    hidden = teacher_of("u1^2*exp(-u1^2)")
    assert hidden.recovery_digits < 2
    for ask in (lambda: hidden.weak_recovery, lambda: threshold(hidden.methods()[0])):
        with pytest.raises(PrecisionError, match="not seen on these lattices: its threshold lies"):
            ask()
    assert np.isinf(teacher_of("abs(sign(u1))").weak_recovery)  # one label


def test_what_has_no_law_is_refused():
    for text in ("log(u1)", "u1+log(u3)"):
        with pytest.raises(DomainError, match="real number"):
            teacher_of(text).methods()
    assert not teacher_of("u1+u2").hides_signs


@pytest.mark.parametrize("formula", ["exp(u1^4)", *long("exp(exp(u1^2))")])
def test_labels_that_doubles_do_not_tell_apart_are_refused(formula):
    """Lattices agree on the law of what is cut off at 1e150, which is another one."""
    with pytest.raises(DomainError, match="labels below 1e"):
        _ = teacher_of(formula).weak_recovery


OWN = (y / (1 + Abs(y)), -1 / (1 + y**2))


def agree(found, known, *names):
    """Whether numbers are those of another road, to the digits that are claimed."""
    for name in names:
        value = float(getattr(known, name))
        assert abs(float(getattr(found, name)) - value) < 10.0**-found.digits * max(1, abs(value))
    return found.digits >= 2


@pytest.mark.parametrize("weight", long(*OWN), ids=str)
def test_a_weight_of_ones_own_sees_what_it_does_by_the_closed_law(weight):
    for formula, teacher in ((u1 * u2, product()), (u1**2 + u2**2 / 2, two_squares("1/2"))):
        cells, closed = (
            sorted(one.methods(weight), key=lambda method: str(method.law.name.split("along")))
            for one in (by_formula(formula, "u1*u2"), teacher)
        )
        for found, known in zip(cells, closed, strict=True):
            assert found.side("right").curve.end == known.side("right").curve.end
            assert agree(edge(found, 6, side="right"), edge(known, 6, side="right"), "value")
            try:
                least = threshold(known, side="right")
            except NoOutlierError:
                with pytest.raises(NoOutlierError, match="as far as its nodes show"):
                    threshold(found, side="right")
                continue
            assert agree(threshold(found, side="right"), least, "alpha", "overlap2")
            at = float(least.alpha) * 3
            pair = (outlier(method, at, side="right") for method in (found, known))
            assert agree(*pair, "value", "overlap2")
    inside = [float(edge(found, 6, side="right").value) - 0.5]
    assert density(found, 6, inside) == pytest.approx(density(known, 6, inside), abs=1e-3)


@pytest.mark.long
def test_without_common_eigenvectors_the_direction_turns():
    """Against averages in the plane by the road of networks, and matrices."""
    x, yh, v1, v2 = map(Symbol, ("x", "yh", "u_1", "u_2"))
    linear = Network(x, tanh(y) * yh**2 / 2, p_star=2, teacher=v1**3 * v2)
    method, other = by_formula(u1**3 * u2, "u1^3*u2").methods(tanh(y))
    assert agree(threshold(method, side="right"), threshold(linear, side="right"), "alpha")
    found = outlier(method, 6, side="right")
    assert agree(found, outliers(linear, alpha=6, side="right")[0], "value", "overlap2")
    assert found.model.law.name == "u1^3*u2 along 0.74, 0.68"
    assert outlier(other, 6, side="right") is None
    with pytest.raises(NoOutlierError, match="outlier 2 of 2"):
        threshold(other, side="right")
    rng, teacher = np.random.default_rng(4), lambda u: u[:, 0] ** 3 * u[:, 1]
    seen = [spectral(teacher, np.tanh, np.eye(2), 300, 6, rng).overlap2 for _ in range(6)]
    error = np.std(seen, ddof=1) / np.sqrt(len(seen))
    assert abs(np.mean(seen) - float(found.overlap2)) < 3 * error + 0.02


def test_labels_that_leave_gaps_are_bounded_where_they_are():
    """1 - 1/y has a pole between the labels, which are 1 and -1: a weight of 0 and of 2."""
    odd, even = by_formula(sign(u1 * u2), "sign(u1*u2)").methods(1 - 1 / y)
    assert odd.bounds == even.bounds == (0, 2)
    seen = [outlier(method, 9, side="right") for method in (odd, even)]
    assert [found is None for found in seen] == [True, False]
