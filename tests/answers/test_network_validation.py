"""Networks: what is read, what is refused and why, and what is shown of their weights."""

import numpy as np
import pytest
import scipy.special
from sympy import (
    Abs,
    Float,
    Function,
    Heaviside,
    I,
    Integer,
    Max,
    Piecewise,
    Rational,
    Symbol,
    airyai,
    besselj,
    cos,
    cosh,
    exp,
    log,
    sin,
    symbols,
    tanh,
)
from sympy import sqrt as root

from bbpsym import density, edge, outlier, threshold
from bbpsym.answers.network import network_edge, network_threshold
from bbpsym.ensembles.networks import landscape
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.real_values import compiled
from bbpsym.equations import weights
from bbpsym.equations.hessian import weight_matrix as paper
from bbpsym.errors import DomainError, PrecisionError, UnboundedError
from bbpsym.numerics.networks.network_side import settled
from bbpsym.numerics.networks.ordered_rule import ordered
from bbpsym.numerics.networks.sector_transition import UnseenThresholdError
from bbpsym.symbols import label
from tests.cases import long

x, y, yh = symbols("x y yh")
SQUARED = (y - yh) ** 2 / 2


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"activation": log(x)}, "activation must be real and finite.* at x = -"),
        ({"teacher": log(Symbol("u1"))}, "teacher must be real and finite.* at u_1 = -"),
        ({"loss": root(y - yh)}, "loss must be real and finite"),
    ],
)
def test_what_is_complex_on_the_data_is_named(given, words):
    with pytest.raises(DomainError, match=words):
        network_edge(Network(**({"activation": tanh(x), "loss": SQUARED} | given)), 3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"activation": "tanh(x)"}, "activation must be a SymPy expression in x"),
        ({"activation": tanh(Symbol("z"))}, "z has no value"),
        ({"loss": y**2}, "loss must depend on yh"),
        ({"activation": Integer(3)}, "activation must depend on x, and 3 does not"),
        ({"activation": x, "loss": y * yh}, "loss or activation must be curved"),
        ({"loss": Max(0, 1 - y * yh)}, "has a kink.* at yh = 1/y"),
        ({"activation": Abs(x)}, "kink, an atom of its second derivative, at x = 0"),
        ({"activation": Max(x, 0)}, "kink"),
        ({"activation": Heaviside(x)}, "jumps"),
        ({"activation": Piecewise((0, x < 1), (x - 1, True))}, "kink.*at x = 1"),
        ({"loss": Abs(y - yh)}, "loss must be differentiable twice"),
        ({"activation": I * x}, "real and finite"),
        ({"loss": 10**400 * SQUARED}, "loss must have numbers between 1e-300 and 1e300 in size"),
        ({"activation": Function("s")(x)}, "functions that are known: s is none"),
        ({"p": 0}, "p must be an integer"),
        ({"p": 11}, "p must be at most 10, or inf"),
        ({"p_star": 17}, "p_star must be smaller"),
        ({"overlap": 1}, "overlap must be a number between -1 and 1"),
        ({"overlap": "0.8", "p_star": 2}, "squares add up to less than one"),
        ({"overlap": ("0.1", "0.2")}, "one number or p_star = 1 numbers"),
        ({"noise": -1}, "noise must be a number, 0 or positive"),
        ({"noise": Function("f")(y)}, "noise must be a number or a name for one"),
        ({"overlap": Piecewise((1, y > 0))}, "overlap must be a number or a name for one"),
        ({"output": Symbol("mean")}, 'output must be "mean" or "sum"'),
        ({"output": "max"}, 'output must be "mean" or "sum"'),
        ({"output": "sum", "p": "inf"}, 'output must be "mean" for p = inf'),
        ({"activation": 2 * x + 1, "p": "inf"}, "activation must be curved for p = inf"),
    ],
)
def test_what_is_no_network_is_refused_with_a_sentence(given, words):
    with pytest.raises(DomainError, match=words):
        Network(**{"activation": tanh(x), "loss": SQUARED, **given})


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"loss": SQUARED / Symbol("a")}, "a has no value"),
        ({"p": Symbol("p"), "noise": Symbol("nu")}, "nu, p has no value"),
        ({"activation": tanh(Symbol("k") * x)}, "k has no value"),
    ],
)
def test_numbers_are_refused_of_what_holds_symbols(given, names):
    network = Network(**{"activation": tanh(x), "loss": SQUARED, **given})
    for ask in (threshold, network_threshold, edge, outlier, density):
        with pytest.raises(DomainError, match=names):
            ask(network, *([2] if ask in (edge, outlier) else [2, 0] if ask is density else []))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"loss": y**2 / Symbol("a")}, "a has no value"),
        ({"activation": Abs(Symbol("k") * x)}, "kink"),
        ({"loss": SQUARED / Symbol("a"), "output": "max"}, 'output must be "mean" or "sum"'),
        ({"p": Symbol("p"), "p_star": 0}, "p_star must be an integer"),
        ({"p": 2 * Symbol("p")}, r"p must be an integer or a name for one, not 2\*p"),
    ],
)
def test_symbols_excuse_nothing(given, words):
    with pytest.raises(DomainError, match=words):
        Network(**{"activation": tanh(x), "loss": SQUARED, **given})


@pytest.mark.parametrize("activation", [Abs(x) ** 3, Max(0, x) ** 3])
def test_a_kink_of_a_higher_derivative_is_none(activation):
    assert Network(activation, SQUARED).weight.shape == (1, 1)


@pytest.mark.parametrize("activation", [log(x), root(x)])
def test_complex_values_on_the_data_are_refused(activation):
    with pytest.raises(DomainError, match="real and finite on the data"):
        network_edge(Network(tanh(x), (y - yh) ** 2 / 2, teacher=activation), 3)


def test_an_unknown_sector_or_side_is_refused():
    network = Network(tanh(x), SQUARED)
    with pytest.raises(DomainError, match='side must be "left" or "right"'):
        network_edge(network, 3, "top")
    with pytest.raises(DomainError, match="sector must be one of signal"):
        network_threshold(network, sector="standard")
    with pytest.raises(DomainError, match="network must be a Network"):
        network_threshold(3)


def test_floats_are_read_as_decimals():
    network = Network(x**2, SQUARED / (0.7 + y))
    assert network.loss.has(Rational(7, 10))
    network = Network(x**2, SQUARED / (Float("0.70000000000000000001", 25) + y))
    assert network.loss.has(Rational("0.70000000000000000001"))  # a double ended in 0.7


def test_the_paper_s_weights_are_an_instance():
    a = Rational(3, 2)
    network = Network(x**2, (y - yh) ** 2 / (2 * (a + y)), p=5)
    squares = weights.square / 5
    for (mine, count), (its, number) in zip(
        network.weight_matrix().eigenvalues, paper().eigenvalues(), strict=True
    ):
        names = {s.name: s for s in its.free_symbols}
        value = its.subs({names["p"]: 5, names["a"]: a, names[r"\hat{y}"]: squares})
        assert (mine - value.subs(names["y"], label)).equals(0)
        assert count == number.subs(names["p"], 5) if number.free_symbols else count == number


@pytest.mark.parametrize(
    ("activation", "loss", "p", "place"),
    [
        *long((tanh(x), SQUARED / (Rational(7, 10) + y), 1, "u_1 = -0.867")),
        (tanh(x), SQUARED / (Rational(7, 10) + y), 2, "u_1 = -0.867"),
        (x**2, SQUARED / (Rational(7, 10) - y) ** 2, 2, "u_1 = -?0.837"),
    ],
)
def test_a_pole_among_the_data_leaves_no_edge(activation, loss, p, place):
    for side in ("left", "right"):
        with pytest.raises(DomainError, match=rf"unbounded .*near {place}.* no {side} edge"):
            edge(Network(activation, loss, p), 3, side=side)


def test_a_valley_that_becomes_narrow_far_out_is_unbounded():
    """At `lambda = 0` the weight is `-y`, and its valley is about 1/u wide."""
    for side in ("left", "right"):
        with pytest.raises(DomainError, match=f"unbounded .* no {side} edge"):
            edge(Network(x**2, log(1 + exp(-y * yh))), 2, side=side)


def test_a_ridge_without_a_turning_point_is_unbounded():
    with pytest.raises(DomainError, match=r"unbounded above .* no right edge"):
        edge(Network(x**3 - 3 * x, log(cosh(y - yh)), teacher=tanh(x)), 3, side="right")


def test_an_end_where_doubles_end_is_not_reached():
    """The weight falls like `-y`; doubles of `exp(u)` end at u = 709, and its descent with them."""
    with pytest.raises(DomainError, match=r"unbounded below .* no left edge"):
        lower_end(Network(log(1 + exp(x)), SQUARED), 1)


def test_an_end_that_is_approached_slowly_is_looked_for_further_out():
    """`(yh - y)/(1 + y/256)` falls to -256 as y grows, and has reached -250 at u = 100."""
    assert lower_end(Network(x**2, SQUARED / (1 + y / 256), 2), 1).low == -256


def test_a_denominator_that_vanishes_need_be_no_pole():
    """`1/(y + yh)^2` is infinite at zero only, where what it multiplies is zero."""
    found = lower_end(Network(x**2, SQUARED / (y + yh)), 1)
    assert -10 < found.low < -1


@pytest.mark.parametrize(
    ("activation", "loss", "p"),
    [
        (x**2, log(cosh(y - yh)), 2),
        (x**2 + x, SQUARED / (1 + y**2), 3),
        (1 / (1 + exp(-x)), SQUARED, 2),
    ],
)
def test_shown_eigenvalues_are_those_of_the_matrix(activation, loss, p):
    shown = Network(activation, loss, p, overlap="0.3").weight_matrix()
    generator = np.random.default_rng(p)
    at = {v: Rational(int(generator.integers(1, 99)), 37) for v in shown.matrix.free_symbols}
    matrix = np.array(shown.matrix.xreplace(at).evalf(20), dtype=float)
    values = [float(f.xreplace(at)) for f, count in shown.eigenvalues for _ in range(count)]
    assert np.linalg.eigvalsh(matrix) == pytest.approx(sorted(values), rel=1e-12)


def test_two_derivatives_are_the_chain_rule():
    """F by SymPy's Hessian against the formula of the module, for two nodes."""
    network = Network(cos(x), log(1 + (y - yh) ** 2), p=2)
    one, two = weights.student_nodes(2)
    output = (network.activation.subs(weights.argument, one) + cos(two)) / 2
    slope, curvature = (network.loss.diff(weights.prediction, k) for k in (1, 2))
    slope, curvature = (e.subs(weights.prediction, output) for e in (slope, curvature))
    diagonal = curvature * sin(one) ** 2 / 4 - slope * cos(one) / 2
    assert (network.weight[0, 0] - diagonal).equals(0)
    assert (network.weight[0, 1] - curvature * sin(one) * sin(two) / 4).equals(0)


@pytest.mark.parametrize(
    ("activation", "p", "symmetry"),
    [
        (tanh(x), 1, "a number"),
        (x**2, 7, "rotations"),
        (cos(x), 2, "signs"),
        (tanh(x), 2, "exchange"),
    ],
)
def test_the_symmetry_is_found_from_the_activation(activation, p, symmetry):
    shown = Network(activation, (y - yh) ** 2 / (2 * (1 + y**2)), p).weight_matrix()
    assert symmetry in shown.symmetry
    assert len(shown.equations) == (2 if symmetry == "exchange" else 1)
    assert "F = " in shown._repr_latex_()


def test_support_of_the_weights_on_both_sides():
    low, high = Network(x**2, (y - yh) ** 2 / (2 * (1 + y)), 4).weight_matrix().support
    assert (low, high) == (-0.5, float("inf"))


@pytest.mark.parametrize("p", [4, 5, 8, 10])
def test_only_the_label_goes_to_infinity_at_the_end_of_a_wide_support(p):
    """`F -> -2/p` for any student as the label grows: no pre-activation need go with it."""
    found = lower_end(Network(x**2, log(cosh(y - yh)), p), 1)
    assert (found.limit, len(found.away)) == (Rational(-2, p), 1)
    assert not found.is_filled


def test_gaussian_means_are_closed_forms_where_sympy_has_them():
    means = {x**2: 1, tanh(x): 0, exp(2 * x): exp(2), x**4 + x: 3}
    for formula, value in means.items():
        assert weights.gaussian_mean(Network(formula, SQUARED).activation) == value


def test_too_many_variables_for_a_rule_that_is_not_random():
    with pytest.raises(DomainError, match="p_star must be at most 3 for p = inf"):
        network_edge(Network(tanh(x), SQUARED, "inf", 4), 3)
    with pytest.raises(DomainError, match=r"smaller for a density.*a sample has 5"):
        density(Network(tanh(x), SQUARED, 4, 1), 3, [0.5])


def test_nodes_of_no_student_variable():
    values, mass = ordered(0, np.array([1.0, 2.0]), np.array([0.5, 0.5]))
    assert values.shape == (1, 0)
    assert mass.tolist() == [1]


def test_a_kink_that_the_activation_makes_is_refused():
    """As of `sqrt(x^2)`; the bulk was that of a constant weight."""
    amplitude = (root(y) - root(yh)) ** 2 / 2
    for node, place in ((x**2, "0"), (cosh(x) - 1, "0"), ((x - 1) ** 2, "1")):
        with pytest.raises(DomainError, match=f"loss must .* has a kink.* at x = {place}$"):
            Network(node, amplitude)
    for smooth in (Network(x**4, amplitude), Network(x**2, amplitude.subs(yh, yh + 1))):
        assert smooth.p == 1


@pytest.mark.parametrize("loss", [SQUARED, log(1 + exp(-y * yh))])
def test_several_linear_nodes_are_refused(loss):
    with pytest.raises(DomainError, match=r"p must be 1 .* linear nodes are one"):
        edge(Network(x, loss, p=2), 8)


def test_a_peak_far_outside_of_the_data_counts_for_nothing():
    """F/k^2 tends to one, and its left edge to that of Marchenko and Pastur."""
    k = Rational(1, 4096)
    found = edge(Network(tanh(k * x), SQUARED), 8).value / float(k) ** 2
    assert found == pytest.approx((1 - 8**0.5) ** 2, rel=1e-5)


@pytest.mark.parametrize(
    ("powers", "filled"),
    [((2,) * 4, True), ((2,) * 5, False), ((1, 1), True), ((1, 1, 2), False), ((4,) * 8, True)],
    ids=str,
)
def test_an_end_is_filled_by_the_powers_with_which_the_weight_rises(powers, filled):
    """`int r^(k-1)/r^(2c) dr` diverges at zero in k directions of one power c up to k = 2 c."""
    at, names = np.full(len(powers), 0.3), symbols(f"v:{len(powers)}", real=True)
    scene = landscape.Landscape(
        names, lambda x: (np.abs(x - at) ** np.array(powers)).sum(axis=1) - 1, (), y, np.ones_like
    )
    assert landscape.fills(scene, at, -1.0) is filled


def test_an_end_in_a_cusp_is_found():
    """Descents along a slope stop short of it, and its two slopes need not be alike."""
    crooked = Piecewise((y - Rational(1, 5), y > Rational(1, 5)), (3 * (Rational(1, 5) - y), True))
    found = lower_end(Network(x, yh**2 / 2 * (1 + crooked), teacher=tanh(x)), 1)
    assert (found.low, found.is_filled) == (pytest.approx(1, abs=1e-12), True)
    narrow = exp(-200 * Abs(Symbol("u1")))
    found = lower_end(Network(x**2, log(cosh(y - yh)), teacher=narrow), 1)
    assert found.low == pytest.approx(-2 * np.tanh(1), rel=1e-12)


@pytest.mark.parametrize(
    ("loss", "p"),
    [(1 - exp(-((y - yh) ** 2)), 3), *long(*((log(1 + (y - yh) ** 2), p) for p in (1, 2, 20)))],
)
def test_a_weight_that_falls_along_a_narrow_valley_is_unbounded(loss, p):
    """Where `|lambda|^2/p = y + c`, along which `4 |lambda|^2 l''(c)/p^2` falls without end."""
    with pytest.raises(UnboundedError, match="unbounded below"):
        lower_end(Network(x**2, loss, p), 1)


def test_functions_of_scipy_are_known_and_others_are_named():
    """By their formulas: `J_0'' = J_1/x - J_0` at one."""
    found = compiled(besselj(0, x).diff(x, 2), (x,))(np.ones(1))[0]
    assert found == pytest.approx(scipy.special.j1(1.0) - scipy.special.j0(1.0))
    with pytest.raises(DomainError, match="NumPy or SciPy has, and airyai"):
        lower_end(Network(airyai(x), SQUARED), 1)


def test_a_threshold_that_rules_do_not_see_is_not_sought_by_all():
    """Each scan takes a while: three are enough."""
    asked = []

    def unseen(level, _near):
        asked.append(level)
        raise UnseenThresholdError("no threshold is seen above alpha = 1")

    with pytest.raises(PrecisionError, match="no threshold is seen above alpha = 1"):
        settled(unseen, lambda found: found)
    assert asked == [0, 1, 2]
