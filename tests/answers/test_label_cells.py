"""Teachers of two indices by any formula, against closed forms and integrals over an angle."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import k0, k1
from sympy import Abs, sign

from bbpsym import outlier, threshold
from bbpsym.ensembles import label_cells
from bbpsym.ensembles.label_cells import PLANE, by_formula
from bbpsym.ensembles.matrix_method import MatrixMethod
from bbpsym.ensembles.teachers import product, teacher_of, two_squares
from bbpsym.errors import DomainError, PrecisionError
from tests.cases import long

u1, u2 = PLANE


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Lattices that take a second."""
    monkeypatch.setattr(label_cells, "LATTICES", ((48, 384), (24, 192), (12, 96)))
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


@pytest.mark.parametrize("formula", KNOWN, ids=str)
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


def test_a_threshold_that_lattices_do_not_tell_from_none_is_refused():
    """`E[u_1^2 | y] = 1` for all labels `y = u_1^2 exp(-u_1^2)`: there is no threshold."""
    hidden = teacher_of("u1^2*exp(-u1^2)")
    assert hidden.recovery_digits < 2
    for ask in (lambda: hidden.weak_recovery, lambda: threshold(hidden.methods()[0])):
        with pytest.raises(PrecisionError, match="not seen on these lattices: its threshold lies"):
            ask()
    assert np.isinf(teacher_of("abs(sign(u1))").weak_recovery)  # one label


def test_what_has_no_law_is_refused():
    for text, sentence in {"log(u1)": "real number", "u1*u2+u3": "any other formula"}.items():
        with pytest.raises(DomainError, match=sentence):
            teacher_of(text).methods()
    with pytest.raises(DomainError, match="must be left out"):
        teacher_of("u1*abs(u2)").methods(u1)
    assert not teacher_of("u1+u2").hides_signs


@pytest.mark.parametrize("formula", ["exp(u1^4)", *long("exp(exp(u1^2))")])
def test_labels_that_doubles_do_not_tell_apart_are_refused(formula):
    """Lattices agree on the law of what is cut off at 1e150, which is another one."""
    with pytest.raises(DomainError, match="labels below 1e"):
        _ = teacher_of(formula).weak_recovery
