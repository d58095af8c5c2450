"""Relations between the equations that must hold whatever the ensemble."""

from sympy import Rational, simplify

from bbpsym.equations import curves, spectrum
from bbpsym.equations.average import Average
from bbpsym.symbols import alpha, f, g, u


def test_outlier_equation_follows_from_bulk_and_self_energy():
    """(40) is (31) at z = lambda_*, (39)."""
    difference = spectrum.inverse_stieltjes() - spectrum.signal_self_energy()
    equation = spectrum.outlier_equation()
    assert simplify((difference - (equation.lhs - equation.rhs)).expand(average=True)) == 0


def test_slope_is_that_of_the_inverse():
    stated = -1 / g**2 + alpha * Average((f / (1 - g * f)) ** 2)
    assert simplify(spectrum.inverse_stieltjes_slope() - stated) == 0


def deterministic(expression):
    """A single weight f = -1 and signal factor 2: averages become values."""
    values = {
        average: average.args[0].subs({f: -1, u: 2 ** Rational(1, 2)})
        for average in expression.atoms(Average)
    }
    return expression.xreplace(values)


def test_a_single_weight_is_a_wishart_matrix():
    """f = -1: -H is a Wishart matrix, with edges (1 + sqrt(alpha))^2, Marchenko and Pastur."""
    for ratio in (Rational(1, 4), Rational(4), Rational(9, 4)):
        slope = deterministic(spectrum.inverse_stieltjes_slope()).subs(alpha, ratio)
        at = -1 / (1 + ratio ** Rational(1, 2))
        assert simplify(slope.subs(g, at)) == 0
        edge = deterministic(spectrum.inverse_stieltjes()).subs({alpha: ratio, g: at})
        assert simplify(edge + (1 + ratio ** Rational(1, 2)) ** 2) == 0


def test_a_single_weight_and_a_spike():
    """Signal factor 2 is a spike of strength one: the classical transition at alpha = 1."""
    ratio = deterministic(curves.threshold_ratio())
    threshold = deterministic(spectrum.outlier_alpha())
    (meet,) = [root for root in (-Rational(1, 2),) if simplify(ratio.subs(g, root) - 1) == 0]
    assert threshold.subs(g, meet) == 1


def test_overlap_vanishes_where_the_curves_meet():
    overlap = deterministic(curves.outlier_overlap2())
    assert overlap.subs(g, -Rational(1, 2)) == 0
    # cos^2 of a spike 1 + 1 at alpha: (1 - 1/alpha) / (1 + 1/alpha)
    at = -Rational(1, 3)
    ratio = deterministic(spectrum.outlier_alpha()).subs(g, at)
    assert overlap.subs(g, at) == (1 - 1 / ratio) / (1 + 1 / ratio)
