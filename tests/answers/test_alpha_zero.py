"""alpha_0 in several ways, each against another computation of the same number."""

import numpy as np
import pytest
from scipy.special import roots_genlaguerre

from bbpsym import Model, alpha_zero, outlier, threshold
from bbpsym.errors import DomainError
from tests.reference.two_dimensional import TwoDimensional


def test_line_is_a_fit_to_single_outliers():
    model = Model(2, 1, "1.5")
    start = threshold(model)
    alpha = start.alpha * np.linspace(1, 1.2, 21)
    overlap2 = [start.overlap2, *(outlier(model, float(x)).overlap2 for x in alpha[1:])]
    slope, height = np.polyfit(alpha, overlap2, 1)
    assert alpha_zero(model).line == pytest.approx(-height / slope, rel=1e-9)


@pytest.mark.parametrize(
    "model", [Model(1, 1, "1.5"), Model(3, 2, 3), Model("inf", 1, 1)], ids=repr
)
def test_tangent_is_the_limit_of_secants(model):
    start = threshold(model)
    zeros = []
    for step in (2e-4, 1e-4):
        near = outlier(model, start.alpha * (1 + step))
        slope = (near.overlap2 - start.overlap2) / (start.alpha * step)
        zeros.append(start.alpha - start.overlap2 / slope)
    assert alpha_zero(model).tangent == pytest.approx(2 * zeros[1] - zeros[0], rel=1e-5)


def test_real_part_has_the_known_root():
    """A separately written program found t = 1.0581, alpha = 1.0964 here."""
    found = alpha_zero(Model(1, 1, "1.5"))
    assert found.real_part_t == pytest.approx(1.0581, abs=1e-4)
    assert found.real_part == pytest.approx(1.0964, abs=1e-4)


def rotated_averages(model, t, angle=0.7):
    """`<h^2>` and `<(y - 1) h>` by two-dimensional quadrature, y turned away from its pole."""
    p, p_star, a = model.p, model.p_star, float(model.a)
    r, weight_r = roots_genlaguerre(120, p_star / 2 - 1)
    v, weight_v = roots_genlaguerre(120, p / 2 - 1)
    scale = 2 / (p_star * np.cos(angle))
    y = (np.exp(1j * angle) * scale * r)[:, None]
    # exp(-p* y/2) over the weight exp(-r), with the Jacobian of the rotation.
    tilt = np.exp(r - p_star * y[:, 0] / 2) * np.exp(1j * angle * p_star / 2)
    tilt = weight_r * tilt * np.cos(angle) ** (-p_star / 2)
    law = tilt / np.sum(tilt), weight_v / np.sum(weight_v)
    yh = 2 * v / p
    square = signal = 0
    for share, c in (((p - 1) / p, 1), (1 / p, 3)):
        h = (c * yh - y) / (a + (1 - t) * y + c * t * yh)
        square += share * (law[0] @ h**2 @ law[1])
        signal += share * (law[0] @ ((y - 1) * h) @ law[1])
    return square, signal


@pytest.mark.parametrize("model", [Model(1, 1, 3), Model(2, 1, 3), Model(2, 2, 4)], ids=repr)
def test_resonance_solves_the_equation_on_another_contour(model):
    found = alpha_zero(model)
    t, g = found.resonance_t, -found.resonance_t
    square, signal = rotated_averages(model, t)
    assert signal / g == pytest.approx(square, rel=2e-5)
    assert 1 / (g * signal) == pytest.approx(found.resonance, rel=2e-5)
    assert t.real > 1
    assert t.imag < 0


def test_the_other_contour_is_right_on_the_axis():
    """Where nothing has to be continued it is the plain two-dimensional average."""
    model = Model(2, 1, "1.5")
    square, signal = rotated_averages(model, 0.5)
    witness = TwoDimensional(2, 1, 1.5)
    assert 1 / (0.25 * square) == pytest.approx(witness.edge_alpha(-0.5), rel=1e-6)
    assert -1 / (0.5 * signal) == pytest.approx(witness.outlier_alpha(-0.5), rel=1e-6)


def test_resonance_starts_real_at_the_change_of_type():
    near = alpha_zero(Model(1, 1, "1.12"))
    assert abs(near.resonance.imag) < 1e-12
    assert near.resonance.real == pytest.approx(near.real_part, rel=1e-10)
    assert 0 < near.threshold - near.real_part < 0.02


def test_where_no_root_survives_there_is_a_reason():
    strong = alpha_zero(Model(1, 1, 100))
    assert strong.resonance is None
    assert strong.real_part is None
    assert set(strong.reasons) == {"crossing", "resonance", "real_part"}
    infinite = alpha_zero(Model("inf", 1, 1))
    assert infinite.resonance is None
    assert "p = inf" in infinite.reasons["resonance"]
    assert "-" in str(infinite)
    assert infinite.record()["resonance"] is None


def test_continuous_transitions_need_no_extrapolation():
    found = alpha_zero(Model(1, 1, 1))
    ways = {found.line, found.tangent, found.resonance, found.real_part, found.threshold}
    assert ways == {threshold(Model(1, 1, 1)).alpha}
    assert "conjectured" not in str(found)


def test_a_crossing_is_passed_on():
    assert alpha_zero(Model(1, 1, 1), crossing="1.1").crossing == 1.1
    with pytest.raises(DomainError, match="alpha must be a number"):
        alpha_zero(Model(1, 1, 1), crossing=-1)
