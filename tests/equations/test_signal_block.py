"""The parts of a fluctuation: divided differences, and resolvents that are simulated."""

import numpy as np
import pytest
from sympy import factor, symbols

from bbpsym.averages.laplace_variable import over_outputs
from bbpsym.compilation.compile import PlaneSystem
from bbpsym.equations import fluctuation
from bbpsym.equations.ensemble import hessian_ensemble
from bbpsym.equations.fluctuation import g_2
from bbpsym.equations.sectors import ANTISYMMETRIC, SYMMETRIC, TRACE, crossed, dimension
from bbpsym.equations.spectrum import inverse_stieltjes, signal_self_energy
from bbpsym.finite import Point, draw, hessian
from bbpsym.numerics import plane
from bbpsym.symbols import a, alpha, g, p, p_star
from tests.cases import long


def value(expression, p_=2, p_star_=1, a_=0.7, alpha_=2.0, **at):
    """A number for an expression in averages; `g` and `other` say where."""
    parameters = {p: p_, p_star: p_star_, a: a_, alpha: alpha_, g: at["g"], g_2: at.get("other")}
    system = PlaneSystem({"x": over_outputs(expression, hessian_ensemble())})
    return float(plane.evaluate(system, parameters)["x"].value)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_the_trace_sector_is_made_of_divided_differences(width):
    """`h(g) - h(g') = (g - g') h(g) h(g')`, so that nothing is averaged but `h` itself."""
    g_1, g_other = -0.2, -0.31
    at = {"p_": width, "p_star_": 2, "g": g_1, "other": g_other}

    def difference(curve):
        return (value(curve, **at) - value(curve.subs(g, g_2), **at)) / (g_1 - g_other)

    ladder = fluctuation.signal_ladder(g, g_2)[TRACE]
    assert value(ladder, **at) == pytest.approx(difference(signal_self_energy()), rel=1e-9)
    resolvents = fluctuation.two_resolvents(g, g_2)[TRACE]
    assert value(resolvents, **at) == pytest.approx(-1 / difference(inverse_stieltjes()), rel=1e-9)


MATRICES = {TRACE: [[1, 0], [0, 1]], SYMMETRIC: [[1, 2], [2, -1]], ANTISYMMETRIC: [[0, 1], [-1, 0]]}


def simulated(parameters, N, samples, places):
    """Mean and error of `(1/N) tr R (B x 1) R'`, the two other sectors over the trace, p = 2."""
    rows = []
    for index in range(samples):
        point = Point(N, *parameters)
        H = hessian(draw(point, point.stream(11, index)))
        R, S = (np.linalg.inv(z * np.eye(2 * N) - H).reshape(2, N, 2, N) for z in places)
        found = [
            np.einsum("kiaj,ab,bjli,kl->", R, B, S, B, optimize=True) / np.sum(np.square(B)) / N
            for B in MATRICES.values()
        ]
        rows.append(np.divide(found[1:], found[0]))
    return np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1) / np.sqrt(samples)


@pytest.mark.parametrize(
    "parameters", [(2, 1, 0.7, 2.0), *long((2, 2, 1.0, 3.0), whole=True)], ids=str
)
def test_two_resolvents_agree_with_simulations(parameters):
    """Symmetric and antisymmetric over trace: what moves all three alike, such as g, drops out."""
    at = dict(zip(("p_", "p_star_", "a_", "alpha_"), parameters, strict=True))
    at |= {"g": -0.45, "other": -0.4}
    curve = inverse_stieltjes()
    places = [value(item, **at) for item in (curve, curve.subs(g, g_2))]
    trace, *others = (value(item, **at) for item in fluctuation.two_resolvents(g, g_2).values())
    found, error = simulated(parameters, 250, 16, places)
    expected = np.divide(others, trace)
    assert np.all(np.abs(found - expected) < 4 * error)
    # Sharp enough to tell the three sectors apart.
    assert np.all(8 * error < np.abs(np.diff([1, *expected])))


def test_the_trace_sector_diverges_first():
    """At the edge its ladder is one, and the others stay below: the edge is that of the trace."""
    at = {"p_": 3, "p_star_": 2, "a_": 1.0, "alpha_": 5.0}
    for place in (-1.4, -1.0, -0.3):
        rungs = [value(item, g=place, **at) for item in fluctuation.bulk_ladder().values()]
        assert rungs == sorted(rungs, reverse=True)


def test_the_mean_of_the_outliers_is_the_trace_by_either_way():
    """Summed over sectors of its first indices, or rearranged into those of the matrix itself."""
    signs = dict(zip(MATRICES, symbols("k:3"), strict=True))
    summed = 2 * sum(dimension(name) * part for name, part in signs.items()) / (p**2 * p_star)
    assert factor(summed - 2 * crossed(signs)[TRACE] / (p * p_star)) == 0


def sampled_weights(width, width_star, loss, place, samples):
    """Dressed weights as matrices, `y`, and both pre-activations, straight from (1), (2), (5)."""
    rng = np.random.default_rng(4)
    student = rng.standard_normal((samples, width))
    teacher = rng.standard_normal((samples, width_star))
    y, yh = np.mean(teacher**2, axis=1), np.mean(student**2, axis=1)
    outer, unit = student[:, :, None] * student[:, None, :], np.eye(width)
    F = 2 / width * outer + unit * (yh - y)[:, None, None]
    F *= (2 / width / (loss + y))[:, None, None]
    return F @ np.linalg.inv(unit - place * F), y, student, teacher


#: p, p*, a and g at which pre-activations are sampled, and a matrix of every sector for p = 3.
SAMPLED = (3, 2, 1.0, -0.8)
UNITS = {
    TRACE: np.eye(3) / np.sqrt(3),
    SYMMETRIC: np.diag([1.0, -1.0, 0.0]) / np.sqrt(2),
    ANTISYMMETRIC: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]) / np.sqrt(2),
}
AT = {"p_": 3, "p_star_": 2, "a_": 1.0, "alpha_": 8.0, "g": -0.8}


def component(matrix, along):
    return np.einsum("mij,ij->m", matrix, along)


def agrees(sample, expected):
    """Whether the mean of a sample is what is expected, within four standard errors of 3 %."""
    error = sample.std() / np.sqrt(len(sample))
    assert error < 0.03 * abs(expected)
    assert abs(sample.mean() - expected) < 4 * error


def test_ladders_of_sampled_weights():
    h, y, _, _ = sampled_weights(*SAMPLED, 200_000)
    bulk, signal = fluctuation.bulk_ladder(), fluctuation.signal_ladder()
    for sector, unit in UNITS.items():
        rung = 8 * component(h @ unit @ h, unit)
        agrees(rung, value(bulk[sector], **AT))
        agrees(y * rung, value(signal[sector], **AT))
        ends, middle = (value(item[sector], **AT) for item in (signal, bulk))
        moved = value(fluctuation.response()[sector], **AT)
        assert moved == pytest.approx(ends / (1 / 0.8**2 - middle), rel=1e-9)


def test_the_sampled_weights_vary_as_they_should():
    """`v v^T (x) h` and the response to `h`, along one unit matrix of every sector."""
    h, _, _, teacher = sampled_weights(*SAMPLED, 200_000)
    star = {TRACE: np.eye(2) / np.sqrt(2), SYMMETRIC: np.diag([1.0, -1.0]) / np.sqrt(2)}
    v = teacher[:, :, None] * teacher[:, None, :]
    signs, whole = crossed(fluctuation.sign_sectors()), fluctuation.block_variances()
    for (one, other), expression in whole.items():
        if one == ANTISYMMETRIC:
            continue  # v v^T and h are symmetric
        moved = value(fluctuation.response()[one], **AT) if other == TRACE else 0.0
        along = component(v, star[other]) + np.sqrt(2) * moved
        sample = component(h, UNITS[one]) * along
        agrees(8 * (sample - sample.mean()) ** 2, value(expression - 2 * signs[one], **AT))


@pytest.mark.parametrize("side", ["student", "teacher"])
def test_rows_that_are_not_orthogonal_tilt_the_law(side):
    """The derivative by the overlap of two rows: the law gains `1 + q u_1 u_2` to first order."""
    width, width_star, loss, ratio, place = 2, 2, 1.0, 8.0, -0.5
    h, y, student, teacher = sampled_weights(width, width_star, loss, place, 200_000)
    product = np.prod(student if side == "student" else teacher, axis=1)
    at = {"p_": width, "p_star_": width_star, "a_": loss, "alpha_": ratio, "g": place}
    expected = dict(zip(("student", "teacher"), fluctuation.row_response(), strict=True))[side]
    if side == "teacher":
        # The directions are made orthogonal: half of q from either side of the mean, y h.
        terms = ratio * np.trace(h, axis1=1, axis2=2) / 2 * (product**2 - y)
    else:
        turn = h[:, 0, 0] * h[:, 1, 1] + h[:, 0, 1] ** 2
        bulk = 1 / (1 / place**2 - ratio * np.mean(turn))
        response = ratio * np.mean(y * turn) * bulk
        terms = ratio * h[:, 0, 1] * product * (y + response)
    error = terms.std() / np.sqrt(len(terms))
    assert abs(terms.mean() - value(expected, **at)) < 4 * error
    assert error < 0.03 * abs(terms.mean())
