"""Claims that are true, claims that are false in ways that teach, and some that say nothing."""

import copy
import json
import pickle

import pytest
from sympy import Eq, EulerGamma, Limit, O, Symbol, oo

from bbpsym import Claim, claim, spiked_identity, symbols
from bbpsym.claims.sides import Sides
from bbpsym.claims.trial import _judged
from bbpsym.equations import thresholds
from bbpsym.numerics.multiprecision import context

#: Digits of the engine are ten more.
DIGITS = 15

#: One sequence of limits in p, one in a, at one point each.
TO_INFINITY = {"digits": 10, "points": 1}

X = "X(c) = p/(2*c)*exp(p*a/(2*c))*expint(p/2, p*a/(2*c))"
OTHER_ORDER = X.replace("(p/2,", "(p/2 - 1,")
MEAN = "mean = ((p - 1)*X(1) + X(3))/p"
LEFT_OF_ALL = "(p - 1)*X(1) + X(3)"
THRESHOLD = f"alpha_BBP = p*p_star/(2*({LEFT_OF_ALL}))"
SMOOTH_EDGE = "lambda_minus = 2/p*(alpha*(1 - (a + 1)*mean) - 1)"
FIRST_ORDER = "p_star*(a - 1)*(a + 2)/((a + 1)*(a + 3)*p)"
EXPANSION = f"alpha_BBP = p_star*(a + 1)/2 + {FIRST_ORDER}"

jumps = {"kind": "discontinuous", "points": 4}
spiked = {"of": spiked_identity, "side": "right", "theta": ("1/2", 3), "points": 2}

#: One quantity in the shade of another.
BOTH = Symbol("alpha_BBP") + 10**14 * Symbol("alpha_c")

#: Name -> claim, and how it is put.
TRUE = {
    "threshold": (THRESHOLD, {"where": X, **jumps}),
    "threshold of SymPy": (Eq(symbols.alpha_BBP, thresholds.discontinuous_threshold()), jumps),
    "by U of Kummer": (
        THRESHOLD,
        {"where": "X(c) = p/(2*c)*hyperu(1, 2 - p/2, p*a/(2*c))", **jumps},
    ),
    "by the incomplete gamma function": (
        f"2*alpha_BBP*({LEFT_OF_ALL}) = p*p_star",
        {
            "where": [
                "E(n, z) = z^(n - 1)*uppergamma(1 - n, z)",
                "z(c) = p*a/(2*c)",
                "X(c) = p/(2*c)*exp(z(c))*E(p/2, z(c))",
            ],
            **jumps,
        },
    ),
    "p = 1": (
        "alpha_BBP = 3*p_star*exp(-a/6)/(sqrt(6*pi/a)*erfc(sqrt(a/6)))",
        {"p": 1, "kind": "discontinuous", "points": 2},
    ),
    "p = 2": (
        "alpha_BBP = p_star/(exp(a)*e1(a) + exp(a/3)*e1(a/3)/3)",
        {"p": 2, "kind": "discontinuous", "points": 2},
    ),
    "alpha_c": (Eq(Symbol("alpha_c"), thresholds.critical_alpha()), {"points": 4}),
    "jump": (Eq(Symbol("jump"), thresholds.overlap_jump()), jumps),
    "nothing above": ("jump + 1 = 1 + 10^60*jump", {"kind": "continuous", "points": 1}),
    "the larger of two": (
        f"max(alpha_BBP, alpha_c/10^6) = p*p_star/(2*({LEFT_OF_ALL}))",
        {"where": X, "kind": "discontinuous", "points": 2},
    ),
    "no jump": ("jump = 0", {"kind": "continuous", "points": 4}),
    "eigenvalue": (
        "lambda_BBP = p_star/p*(1/mean - (a + 1 + 2/p_star))",
        {"where": [X, MEAN], **jumps},
    ),
    "two quantities": ("lambda_BBP = 2*alpha_BBP/p - (p_star*(a + 1) + 2)/p", jumps),
    "smooth edge": (SMOOTH_EDGE, {"where": [X, MEAN], "edge": "smooth", "points": 4}),
    "limit": ("limit(alpha_BBP, p, inf) = p_star*(a + 1)/2", TO_INFINITY),
    "limit of the jump": ("limit(jump, p, inf) = a/(a + 1 + 4/p_star)", TO_INFINITY),
    "limit of alpha_c": ("limit(alpha_c/(a + 1)^2, p, oo) = p_star/2", TO_INFINITY),
    "leading order": (
        "alpha_c = p_star*(a + 1)^2/2 + O(z)",
        {"where": "z = 1/p", **TO_INFINITY},
    ),
    "expansion": (f"{EXPANSION} + O(1/p^2)", TO_INFINITY),
    "large a": ("alpha_BBP = p_star/2*(a + 1 + 2/p) + O(1/a)", TO_INFINITY),
    "limit of the eigenvalue": ("limit(p*lambda_BBP, p, inf) = -2", TO_INFINITY),
    "spiked covariance": ("alpha_BBP = 1/theta^2", spiked),
    "its edge": ("lambda_plus = (1 + sqrt(alpha))^2", spiked),
    "its outlier": ("lambda_star = (1 + theta)*(alpha + 1/theta)", spiked),
    "its overlap": ("overlap2 = (1 - 1/(alpha*theta^2))/(1 + 1/(alpha*theta))", spiked),
}  # fmt: skip

#: Name -> claim, how it is put, and a part of what must be said.
FALSE = {
    "a lost factor": (f"{THRESHOLD}*2", {"where": X, **jumps}, "to 0.0 digits"),
    "another order": (THRESHOLD, {"where": OTHER_ORDER, **jumps}, "false at 4 of 4"),
    "a lost sign": (THRESHOLD, {"where": X.replace("exp(", "exp(-"), **jumps}, "false at 4 of 4"),
    "right for p = 1 only": (
        "alpha_BBP = p*p_star/(2*X(3))",
        {"where": X, **jumps},
        "it holds at all 2 points with p = 1, at none of the 2 others",
    ),
    "right on one branch only": (
        THRESHOLD,
        {"where": X, "points": 4},
        "it holds at all 2 points with transition discontinuous, at none of the 2 others",
    ),
    "right on the other branch only": (
        "jump = 0",
        {"points": 4},
        "it holds at all 2 points with transition continuous, at none of the 2 others",
    ),
    "right at smooth edges only": (
        SMOOTH_EDGE,
        {"where": [X, MEAN], "points": 4},
        "it holds at all 2 points with edge smooth, at none of the 2 others",
    ),
    "right to eleven digits": (
        f"{THRESHOLD} + 1e-12",
        {"where": X, "digits": 10, **jumps},
        "they agree to 11.",
    ),
    "right for large a only": (
        f"{THRESHOLD} + max(0, 2 - a)",
        {"where": X, "points": 4, "kind": "discontinuous"},
        "not at the other one",
    ),
    "a term that is small for large a": (
        f"{THRESHOLD} + exp(-20*a)",
        {"where": X, "points": 4, "kind": "discontinuous"},
        "false at 4 of 4",
    ),
    "a large factor beside it": (
        f"10^90*({THRESHOLD.replace(' = ', ' - ')}) + (alpha_BBP - 7) = 0",
        {"where": X, "kind": "discontinuous", "points": 1},
        "false at 1 of 1",
    ),
    "a large number hides it": (
        "10^20 + alpha_BBP = 10^20 + p_star",
        {"points": 2},
        "false at 2 of 2",
    ),
    "the limit at finite p": ("alpha_c = p_star*(a + 1)^2/2", {"points": 4}, "false at 4 of 4"),
    "critical a": ("critical_a = 1", {"points": 1, "digits": 5, "p": 2}, "at 1 of 1"),
    "a limit without its half": (
        "limit(alpha_BBP, p, inf) = p_star*(a + 1)",
        TO_INFINITY,
        "off by -",
    ),
    "a limit off by 1e-9": (
        "limit(alpha_BBP, p, inf) = p_star*(a + 1)/2 + 1e-9",
        {**TO_INFINITY, "digits": 10},
        "off by -1.0e-9",
    ),
    "no limit": ("limit(alpha_BBP, a, inf) = p_star/2", TO_INFINITY, "it grows without bound"),
    "right at leading order only": (
        "alpha_BBP = p_star*(a + 1)/2 + O(1/p^2)",
        TO_INFINITY,
        "what is left falls with exponent 1, not 2",
    ),
    "a coefficient": (
        f"{EXPANSION.replace('(a + 2)', '(a + 4)')} + O(1/p^2)",
        TO_INFINITY,
        "what is left falls with exponent 1, not 2",
    ),
    "a coefficient off by 1e-8": (
        f"{EXPANSION}*(1 + 1e-8) + O(1/p^2)",
        TO_INFINITY,
        "the term of exponent 1 is off by",
    ),
    "a coefficient off by 1e-12": (
        f"{EXPANSION}*(1 + 1e-12) + O(1/p^2)",
        TO_INFINITY,
        "the term of exponent 1 is off by",
    ),
    "an order too high": (
        "alpha_BBP = p_star/2*(a + 1 + 2/p) + O(1/a^2)",
        TO_INFINITY,
        "what is left falls with exponent 1, not 2",
    ),
    "a quantity of zero hides it": (
        "alpha_BBP + 10^60*jump = 7",
        {"kind": "continuous", "points": 1},
        "they agree to 0.",
    ),
    "a quantity of zero on the right": (
        "alpha_BBP = 7 + 10^60*jump",
        {"kind": "continuous", "points": 1},
        "they agree to 0.",
    ),
    "nearly zero": (
        "jump = exp(-100*p)",
        {"kind": "continuous", "points": 1},
        "they agree to 0.0 digits",
    ),
    "nearly one": ("1 + jump = 1 + 1e-45", {"kind": "continuous", "points": 1}, "to 45.3 digits"),
    "out of reach": ("cos(10^12*alpha_BBP) = 7", {"points": 1}, "false at 1 of 1"),
    "large on the way": (
        "limit(alpha_BBP/a*(1 + exp(200 - a)), a, inf) = 7*p_star",
        {"p": 3, "p_star": 1, "points": 1},
        "off by -6.5",
    ),
    "another branch": (
        "alpha_BBP = p_star/2*sqrt(6*a/pi)*exp(-a/6)/erfc(-sqrt(a/6))",
        {"p": 1, "kind": "discontinuous", "points": 2},
        "false at 2 of 2",
    ),
    "right for p = 1 among all widths": (
        "alpha_BBP = p_star/2*sqrt(6*a/pi)*exp(-a/6)/erfc(sqrt(a/6))",
        jumps,
        "false at 2 of 4",
    ),
    "small wherever it is seen": (
        "alpha_BBP = p_star/2*sqrt(6*a/pi)*exp(-a/6)/erfc(sqrt(a/6)) + 10^-20*sin(a)",
        {"p": 1, "kind": "discontinuous", "points": 1},
        "false at 1 of 1",
    ),
    "a half of an order": ("alpha_BBP = a*p_star/2 + O(1/a, a, inf)", TO_INFINITY, "of 1"),
    "only where there is no jump": ("jump = jump^2", {"points": 4}, "false at 2 of 4"),
    "the edge for the outlier": ("lambda_star = lambda_minus", {"points": 1}, "false at 1 of 1"),
    "a guess": ("overlap2 = 1 - alpha_BBP/alpha", {"points": 1, "digits": 5}, "false at 1 of 1"),
    "a lost square": ("alpha_BBP = 1/theta", spiked, "false at 2 of 2"),
}  # fmt: skip

#: What is never true, since it was never evaluated, and why not.
UNDECIDED = {
    "complex": ("alpha_BBP = sqrt(-p)", {}, "the right side is complex"),
    "infinite": ("alpha_BBP = gamma(1 - p)", {}, "the right side has no value"),
    "half an order": ("alpha_BBP = polygamma(1/2, a)", {}, "an order must be an integer"),
    "compared": ("alpha_BBP = max(sqrt(-a), 1)", {}, "complex numbers are compared"),
    "divided by zero": ("alpha_BBP = 1/(p - p)", {}, "the right side has no value"),
    "no order": ("alpha_BBP = a + O(0, p, inf)", {}, "the order 0 has no value"),
    "nothing said": ("alpha_BBP - alpha_BBP = 0", {}, "it does not depend on alpha_BBP"),
    "a branch of no matter": (
        "alpha_c = alpha_c*lambertw(-2*exp(-2), -1)/(-2)",
        {},
        "it does not depend on alpha_c",
    ),
    "far too large": ("alpha_BBP = gamma(10^9*p)", {}, "alpha_BBP is lost in its sides, which add"),
    "always true": ("sign(alpha_BBP) = 1", {}, "it does not depend on alpha_BBP"),
    "too fast": ("cos(10^50*alpha_BBP) = 7", {}, "in proportion to alpha_BBP"),
    "another quantity hides it": (
        Eq(BOTH, 7 + 10**14 * thresholds.critical_alpha()),
        {"kind": "discontinuous"},
        "the digits known of its quantities show 0 of the claim only: ask for fewer",
    ),
    "lost in another quantity": (
        Eq(
            Symbol("alpha_BBP") / 10**30 + 10**40 * Symbol("alpha_c"),
            10**40 * thresholds.critical_alpha(),
        ),
        {"kind": "discontinuous"},
        "alpha_BBP is lost in its sides",
    ),
    "a term that is never seen": (
        f"{THRESHOLD} + 1e-400",
        {"where": X, "kind": "discontinuous"},
        "a term of it is too small to be seen with 300 digits",
    ),
    "nearly nothing said": ("tanh(10^3*alpha_BBP) = 1", {}, "it does not depend on alpha_BBP"),
}


def held(claimed, given):
    return claim(claimed, **{"digits": DIGITS, **given})


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_found_true(name):
    found = held(*TRUE[name])
    assert found
    assert found.verdict == "true"
    assert found.summary.startswith(f"true to {found.digits} digits at {len(found.points)} random")
    assert found.counterexample is None


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_is_found_false(name):
    claimed, given, said = FALSE[name]
    found = held(claimed, given)
    assert not found
    assert found.verdict == "false"
    assert said in str(found)
    assert found.counterexample in found.points


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_was_never_evaluated_is_not_true(name):
    claimed, given, said = UNDECIDED[name]
    found = claim(claimed, digits=5, points=1, **given)
    assert not found
    assert found.verdict == "undecided"
    assert said in str(found)


#: The moments of 1/yh, and what they make of alpha_c where a vanishes.
SMALL_A = [
    "first(c) = p/(c*(p - 2))",
    "second(c) = p^2/(c^2*(p - 2)*(p - 4))",
    "square(c) = 1 - 2*first(c) + (1 + 2/p_star)*second(c)",
]


@pytest.mark.slow
@pytest.mark.parametrize("p", [5, 6, 7])
def test_limits_through_roots_and_logarithms(p):
    limit = "limit(alpha_c, a, 0) = p/((p - 1)*square(1) + square(3))"
    given = {"where": SMALL_A, "points": 1, "p": p, "digits": 8}
    assert claim(limit, **given)
    assert claim(f"{limit} + 1e-10", **given).verdict == "false"


@pytest.mark.slow
@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_is_true_at_more_points(name):
    claimed, given = TRUE[name]
    assert claim(claimed, **{**given, "points": 2 * given["points"], "digits": 15, "seed": 7})


def test_there_are_thirty_and_half_of_them_are_false():
    assert len(TRUE) >= 15
    assert len(FALSE) >= 15


def test_limits_and_orders_of_sympy():
    p, a, p_star, alpha_BBP = (Symbol(name) for name in ("p", "a", "p_star", "alpha_BBP"))
    assert claim(Eq(Limit(alpha_BBP, p, oo), p_star * (a + 1) / 2), **TO_INFINITY)
    expansion = p_star * (a + 1 + 2 / p) / 2 + O(1 / a, (a, oo))
    assert claim(Eq(alpha_BBP, expansion), **TO_INFINITY)
    assert not claim(Eq(symbols.alpha_BBP, EulerGamma * symbols.p_star), points=1, digits=5)


def test_digits_that_are_known_are_less_than_those_asked_for():
    """Two of the 9.5 digits of the noise may be rounded."""
    one = context(30).mpf(1)
    found = Sides(one, one, 0 * one, one, one / context(30).mpf(10) ** 9.5)
    verdict, agreed, note = _judged(found, 8, 10, 2)
    assert (verdict, agreed) == ("undecided", 9.5)
    assert "show 7 of the claim only" in note


def test_a_formula_that_has_no_number_says_so_at_once():
    """A tower of exponentials went on without end."""
    for formula, said in (
        ("exp(exp(exp(exp(p))))^9", "exp of more than 10^300"),
        ("1/(p - p)", "division by zero"),
    ):
        found = claim(f"alpha_BBP = {formula}", p=30, points=1)
        assert found.verdict == "undecided"
        assert found.points[0].note == f"the right side has no value: {said}"


def test_a_result_shows_itself():
    found = held(*FALSE["right on one branch only"][:2])
    record = json.loads(json.dumps(found.record()))
    assert record["verdict"] == "false"
    assert record["counterexample"]["at"].keys() == {"p", "p_star", "a"}
    assert record["seed"] == 1
    assert r"X{\left(1 \right)}" in found._repr_latex_()
    assert found._repr_html_().count("<tr>") == 5
    assert "it holds at all 2 points" in found._repr_html_()
    assert isinstance(found, Claim)
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    assert hash(found) == hash(copy.copy(found))


def test_latex_of_limits_and_orders():
    limit = held(*TRUE["limit"]).to_latex()
    assert r"\lim_{p \to \infty} \alpha_{\mathrm{BBP}} = " in limit
    assert r"O\left(\frac{1}{a}\right),\ a \to \infty" in held(*TRUE["large a"])._repr_latex_()
