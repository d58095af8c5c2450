"""Claims that are true, claims that are false in ways that teach, and some that say nothing."""

import copy
import json
import pickle
from random import Random

import pytest
from sympy import Eq, EulerGamma, Limit, O, Symbol, cosh, log, oo, tanh

from bbpsym import Claim, Model, Network, claim, edge, spiked_identity, symbols
from bbpsym.claims.approach import Way, falls_like, vanishes
from bbpsym.claims.drawn import NEAR
from bbpsym.claims.sides import Sides
from bbpsym.claims.trial import _judged
from bbpsym.equations import thresholds
from bbpsym.errors import BBPError, DomainError, FormulaError
from bbpsym.numerics.multiprecision import context
from tests.cases import long

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
        "it does not depend on alpha_BBP",
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


def test_networks_with_symbols_and_with_numbers():
    x, y, yh, b = map(Symbol, ("x", "y", "yh", "b"))
    given = {"alpha": (2, 5), "side": "right", "points": 1}
    edge = "lambda_plus = (1 + sqrt(alpha))^2"
    assert claim(f"{edge}/b", of=Network(x, (y - yh) ** 2 / (2 * b)), b=("1/2", 2), **given)
    assert claim(edge, of=Network(x, (y - yh) ** 2 / 2), **given)
    assert claim(f"{edge} + 1e-9", of=Network(x, (y - yh) ** 2 / 2), **given).verdict == "false"


def test_digits_are_those_of_what_is_made():
    x, y, yh = map(Symbol, ("x", "y", "yh"))

    def linear(b):
        return Network(x, (y - yh) ** 2 / (2 * b))

    given = {"of": linear, "b": ("1/2", 2), "alpha": (2, 5)}
    found = claim("lambda_minus = (1 - sqrt(alpha))^2/b", **given)
    assert (found.verdict, found.digits, len(found.points)) == ("true", 20, 2)


@pytest.mark.long
def test_two_nodes_are_held_to_all_digits_that_are_known():
    """Thirteen here: what differs in the eleventh is false; what does in the last two is open."""
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    network = Network(tanh(x), (y - yh) ** 2 / 2, p=2)
    given = {"of": network, "alpha": 4, "points": 1}
    value = edge(network, 4).value
    found = claim(f"lambda_minus = {value!r}", **given)
    assert found.summary == f"true to {edge(network, 4).digits} digits at 1 random point"
    assert claim(f"lambda_minus = {value!r}", digits=9, **given).digits == 9
    off = claim(f"lambda_minus = {value * (1 + 3e-11)!r}", digits=9, **given)
    assert off.verdict == "false"
    assert "they agree to 10.5 digits, and differ in the next of the 13 known" in str(off)
    near = claim(f"lambda_minus = {value * (1 + 3e-12)!r}", digits=9, **given)
    assert near.verdict == "undecided"
    assert "they agree to 11.5 of 13 digits: the rest may be an error" in str(near)
    hidden = claim(f"lambda_minus = {value!r} + 10^-20*alpha", **given)
    assert "a term of it is too small to be seen with 13 digits" in str(hidden)
    more = claim(f"lambda_minus = {value!r}", digits=20, **given)
    assert more.verdict == "undecided"
    assert "13 digits are known of this network: ask for no more" in str(more)


@pytest.mark.parametrize(
    ("claimed", "verdict", "said"),
    [
        ("limit(lambda_minus/k^2, k, 0) = (1 - sqrt(alpha))^2", "true", "true to 1"),
        ("limit(lambda_minus/k^2, k, 0) = (1 - sqrt(alpha))^2 + 1e-9", "false", "off by -1.0e-9"),
        *long(
            ("lambda_minus = (1 - sqrt(alpha))^2*k^2 + O(k^4)", "true", "with exponent 4"),
            ("lambda_minus = (1 - sqrt(alpha))^2*k^2 + O(k^5)", "false", "exponent 4, not 5"),
            ("lambda_minus = 2*(1 - sqrt(alpha))^2*k^2 + O(k^4)", "false", "exponent 2, not 4"),
        ),
    ],
)
def test_limits_and_expansions_of_networks_in_double_precision(claimed, verdict, said):
    x, y, yh, k = map(Symbol, ("x", "y", "yh", "k"))
    network = Network(tanh(k * x), (y - yh) ** 2 / 2)
    found = claim(claimed, of=network, alpha=(4, 9), points=1)
    assert found.verdict == verdict
    assert said in str(found)


@pytest.mark.parametrize("off", [0, *long(1e-9), 1e-6])
@pytest.mark.parametrize(
    "of",
    [lambda v: 1 / v + 3 / v**2, lambda v: 1 / ctx.sqrt(v), *long(lambda v: ctx.log(v) / v)],
)
def test_noise_never_makes_a_limit_true_or_false(of, off):
    rng, noise = Random(3), ctx.mpf(10) ** -12
    ways = [[of(v) + off + rng.uniform(-1, 1) * noise for v in NEAR] for _ in range(20)]
    found = [vanishes(way, ctx.one, [noise] * len(NEAR), None, ctx) for way in ways]
    wrong = "false" if off == 0 else "true"
    assert wrong not in {item.verdict for item in found}
    assert all(item.digits < 12 for item in found if item.verdict == "true")
    if off != 1e-9:
        assert {item.verdict for item in found} == {"true" if off == 0 else "false"}


@pytest.mark.parametrize(
    ("constant", "digits", "verdict"),
    [(False, 5, "true"), (False, 14, "undecided"), (True, 30, "true")],
)
def test_limits_of_networks_are_held_to_the_digits_that_these_have(constant, digits, verdict):
    """The other weight, sech(y - yh)^2 with noise in y, is known in double precision only."""
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    loss, mean = log(cosh(y - yh)), "0.459351619095642171"
    network = Network(x, (y - yh) ** 2 / 2 if constant else loss, noise="1/2")
    given = {"of": network, "points": 1, "digits": digits}
    found = claim(f"limit(lambda_minus/alpha, alpha, inf) = {1 if constant else mean}", **given)
    assert (found.verdict, found.digits) == (verdict, digits)
    if verdict == "undecided":
        assert "digits of it: ask for no more" in str(found)
    wrong = claim("limit(lambda_minus/alpha, alpha, inf) = 2", **given)
    assert wrong.verdict == "false"


@pytest.mark.long
def test_widths_of_a_network_may_be_named():
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    network = Network(tanh(x), (y - yh) ** 2 / 2)
    found = claim("alpha_BBP = p*p_star", of=network, points=1)
    assert (found.verdict, found.points[0].exact) == ("false", {"p": 1, "p_star": 1})
    with pytest.raises(DomainError, match="p does not vary in this claim"):
        claim("alpha_BBP = p", of=network, p=(1, 2))


def test_what_the_paper_has_is_not_claimed_of_others():
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    with pytest.raises(DomainError, match="critical_a is of the paper's model"):
        claim("critical_a = 1", of=Network(tanh(x), (y - yh) ** 2 / 2))


def test_digits_that_are_known_are_less_than_those_asked_for():
    """Two of the 9.5 digits of the noise may be rounded."""
    one = context(30).mpf(1)
    found = Sides(one, one, 0 * one, one, one / context(30).mpf(10) ** 9.5)
    verdict, agreed, note = _judged(found, 8, 10, 2)
    assert (verdict, agreed) == ("undecided", 9.5)
    assert "show 7 of the claim only" in note


def test_the_same_seed_draws_the_same_points():
    one, same, other = (
        claim("alpha_c = a", points=2, digits=5, seed=seed).points for seed in (1, 1, 2)
    )
    assert one == same
    assert [p.exact for p in one] != [p.exact for p in other]


def test_one_model_needs_no_range_and_one_in_symbols_has_the_usual_ones():
    one = claim("alpha_BBP = 1", of=Model(2, 1, 1), points=1, digits=5)
    assert "counterexample: the one model given (transition discontinuous)" in str(one)
    p, p_star, a = map(Symbol, ("p", "p_star", "a"))
    given = {"points": 1, "digits": 5}
    whole = claim("alpha_BBP = a", of=Model(p, p_star, a), **given)
    assert whole.points == claim("alpha_BBP = a", **given).points


def test_ranges_are_kept():
    found = claim("alpha_c = a", points=3, digits=5, p=(2, 3), p_star=1, a=("0.5", "0.6"))
    for point in found.points:
        assert point.exact["p"] in (2, 3)
        assert point.exact["p_star"] == 1
        assert 0.5 <= point.exact["a"] <= 0.6
    assert "p from 2 to 3, p_star = 1, a from 0.5" in found.domain


def test_every_value_of_a_short_range_is_drawn():
    found = claim("alpha_BBP = 1", p=(2, 4), p_star=(1, 2), points=3)
    assert {point.exact["p"] for point in found.points} == {2, 3, 4}
    assert {point.exact["p_star"] for point in found.points} == {1, 2}
    assert len(claim("limit(alpha_c/a^2, a, inf) = 1/2", p=1, p_star=(1, 3)).points) == 3
    assert "p = 1, 3, p_star" in claim("alpha_c = 1", p=(1, 9), points=2, a=1).domain


def test_a_formula_that_has_no_number_says_so_at_once():
    """A tower of exponentials went on without end."""
    for formula, said in (
        ("exp(exp(exp(exp(p))))^9", "exp of more than 10^300"),
        ("1/(p - p)", "division by zero"),
    ):
        found = claim(f"alpha_BBP = {formula}", p=30, points=1)
        assert found.verdict == "undecided"
        assert found.points[0].note == f"the right side has no value: {said}"


def test_a_network_of_which_no_critical_alpha_is_known_has_edges():
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    steep = Network(activation=tanh(2 * x), loss=(y - yh) ** 2 / 2, p=1, p_star=1)
    assert claim("lambda_minus = 1", of=steep, digits=5, points=1).verdict == "false"


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


def test_what_is_wrong_beyond_double_precision_is_false_where_ten_digits_are_asked_for():
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    claimed = "lambda_minus = (1 - sqrt(alpha))^2*(1 + 10^-14)"
    network = Network(x, (y - yh) ** 2 / 2)
    assert claim(claimed, of=network, alpha=(2, 5), digits=10, points=1).verdict == "false"


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "verdict"),
    [("1.804877996082677648686", "true"), *((f"1.804877996082{k}", "false") for k in ("65", "6"))],
)
def test_a_network_of_one_node_is_checked_with_more_digits(text, verdict):
    """Both agree to all digits that double precision knows."""
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    found = claim(f"alpha_BBP = {text}", of=Network(tanh(x), (y - yh) ** 2 / 2), points=1)
    assert (found.verdict, found.digits) == (verdict, 20)


@pytest.mark.parametrize(
    ("claimed", "given", "sentence"),
    [
        ("alpha_BBP", {}, 'the claim must be an equation with one "="'),
        ("alpha_BBP = a = p", {}, 'the claim must be an equation with one "="'),
        (3, {}, "the claim must be a text or an Eq of SymPy"),
        ("p = p", {}, "the claim must speak of a quantity: alpha_BBP, alpha_c"),
        ("alpha_BBP = alpha", {}, "alpha varies only in claims about lambda_star"),
        ("critical_a = a", {}, "a does not vary in a claim about critical_a"),
        ("alpha_BPP = a", {}, "the claim must speak of a quantity"),
        ("alpha_BBP = p_sta", {}, '"p_sta" stands for nothing: .*do you mean "p_star"'),
        (
            "alpha_BBP = expin(p, a)",
            {},
            'right side, position 2: there is no function "expin"; do you',
        ),
        ("alpha_BBP = expint(a)", {}, "expint takes two arguments"),
        ("alpha_BBP = zeta(a, 1, 2)", {}, "zeta takes one or two arguments"),
        ("alpha_BBP = expint", {}, '"expint" is a function: give it an argument'),
        ("alpha_BBP = __import__(a)", {}, 'no function "__import__"'),
        ("alpha_BBP = X(1)", {"where": "X(c) = Y(c)"}, 'no function "Y"'),
        ("alpha_BBP = X(1)", {"where": "X(c) = X(c - 1)"}, 'no function "X"'),
        ("alpha_BBP = X(1)", {"where": "X(c) = d"}, '"d" stands for nothing'),
        (
            "alpha_BBP = X(1)",
            {"where": ["X(c) = c", "Y(c) = c"]},
            "where defines Y, which is",
        ),
        (
            "alpha_BBP = W(1)",
            {"where": ["W(c) = c*V", "V = alpha_c/4"]},
            "where must define V before W, which needs it",
        ),
        ("alpha_BBP = exp(1)", {"where": "exp(c) = c"}, "where must not define exp again"),
        ("alpha_BBP = X(1)", {"where": "X(c, c) = c"}, "where must name its arguments, each once"),
        ("alpha_BBP = X(1)", {"where": "X"}, "where must be like"),
        ("alpha_BBP = X(1)", {"where": 1}, "where must be definitions in text"),
        ("alpha_BBP = X(1, 2)", {"where": "X(c) = c"}, "X takes one argument"),
        ("limit(alpha_BBP, p, inf) = limit(alpha_c, p, inf)", {}, "limit must stand once"),
        ("alpha_BBP <= alpha_c", {}, "'<' is no part of a formula"),
        ("alpha_BBP = 2*limit(a, p, inf)", {}, "limit must stand once, by itself"),
        ("alpha_BBP = 2*O(1/p)", {}, "O must stand once, by itself"),
        ("limit(alpha_BBP, p, inf) = p", {}, "the limit must not depend on p"),
        (
            "alpha_c = limit(alpha_BBP*(a + 1), p, inf)",
            {},
            "the limit must not depend on p, its variable, as alpha_c does",
        ),
        (
            "limit(alpha_BBP, p, inf) = p_star*(a + 1)/2 + X(1)",
            {"where": ["z = 1/p", "X(c) = c*z"]},
            "the limit must not depend on p",
        ),
        ("alpha_BBP = a + O(alpha_c/p, p, inf)", {}, "O must be .* in what varies, not of alpha_c"),
        ("alpha_BBP = a", {"of": "tanh(x)"}, "of must be a Network, a Model, an Ensemble, or a"),
        ("limit(alpha_BBP, p, 0) = a", {}, "p must go to inf: it is an integer"),
        ("limit(alpha_BBP, p, 3) = a", {}, "limit must go to 0 or to inf, not to 3"),
        ("limit(alpha_BBP, q, inf) = a", {}, '"q" stands for nothing'),
        ("alpha_BBP = a + O(1)", {}, "O must say what varies"),
        ("alpha_BBP = a + O(limit(a, a, 0), a, 0)", {}, "O must be of a formula in what varies"),
        ("alpha_BBP = a + O(1 + 0*a)", {}, r"O must say where a goes"),
        ("alpha_BBP = a", {"kind": "smooth"}, "kind must be continuous or discontinuous"),
        ("alpha_BBP = a", {"edge": "smooth"}, "edge has no meaning in a claim about threshold"),
        ("alpha_BBP = a", {"b": 3}, "b does not vary in this claim"),
        ("alpha_BBP = a", {"p": (3, 2)}, "p must be a positive rational number or a rising pair"),
        ("alpha_BBP = a", {"p": "1.5"}, "p must be an integer or a pair of integers"),
        ("alpha_BBP = a", {"digits": 0}, "digits must be an integer from 1 to 200"),
        ("alpha_BBP = a", {"points": 0}, "points must be an integer from 1 to 200"),
        ("alpha_BBP = a", {"kind": "continuous", "a": 20, "p": 9}, "there is no admissible point"),
        (
            "lambda_plus = alpha",
            {},
            'lambda_plus is the edge on the right: side must be "right"',
        ),
        ("lambda_minus = theta", {**spiked}, "lambda_minus is the edge on the left: side must"),
        (Eq(Symbol("lambda_+"), 1), {}, "lambda_plus is the edge on the right"),
        ("overlap2 = a", {"alpha": "0.001"}, "there is no admissible point"),
        ("alpha_BBP = theta", {"of": spiked_identity}, "theta must have a range, as in"),
    ],
)
def test_what_is_no_claim_is_told_why(claimed, given, sentence):
    with pytest.raises(BBPError, match=sentence) as caught:
        claim(claimed, **given)
    assert isinstance(caught.value, DomainError | FormulaError)
    assert "\n" not in str(caught.value)


ctx = context(60)
POWERS = [ctx.mpf(4) ** k for k in range(4, 17)]
NOISE = ctx.mpf(10) ** -50


@pytest.mark.parametrize(
    ("of", "verdict"),
    [
        (lambda v: 1 / v + 3 / v**2, "true"),
        (lambda v: ctx.log(v) / v, "true"),
        (lambda v: 1 / ctx.sqrt(v) + 1 / v, "true"),
        (lambda v: ctx.mpf(10) ** -9 + 1 / v, "false"),
        (lambda v: ctx.mpf(10) ** -15 + ctx.log(v) / v + 1 / v**2, "false"),
        (lambda v: ctx.log(v) ** 2 / v, "true"),
        (lambda v: ctx.exp(-v / 100), "true"),
        (ctx.log, "undecided"),
        (lambda v: 1 / ctx.log(v), "undecided"),
        (lambda v: ctx.sqrt(v), "false"),
    ],
)
def test_limits_of_known_sequences(of, verdict):
    noises = [NOISE] * len(POWERS)
    assert vanishes([of(v) for v in POWERS], ctx.one, noises, 10, ctx).verdict == verdict


def test_noise_is_no_limit():
    loud = [ctx.one] * len(POWERS)
    found = vanishes([ctx.zero] * len(POWERS), ctx.one, loud, 10, ctx)
    assert (found.verdict, found.digits) == ("undecided", 0)
    orders = [1 / v**2 for v in POWERS]
    way = Way(POWERS, [ctx.zero] * len(POWERS), orders, POWERS, loud)
    assert falls_like(way, 10, ctx).verdict == "undecided"


@pytest.mark.parametrize(
    ("rest", "order", "verdict"),
    [
        (lambda v: 2 / v**2 + 1 / v**3, lambda v: 1 / v**2, "true"),
        (lambda v: 2 / v**3, lambda v: 1 / v**2, "true"),
        (lambda v: ctx.log(v) / v**2, lambda v: ctx.log(v) / v**2, "true"),
        (lambda v: 1 / v**2, lambda v: ctx.log(v) / v**2, "true"),
        (lambda v: ctx.log(v) / v**2, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -9 / v, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -9 / ctx.sqrt(v), lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v**2 + ctx.mpf(10) ** -12 / v, lambda v: 1 / v**2, "false"),
        (lambda v: 1 / v, lambda v: 1 / v**2, "false"),
        (lambda v: ctx.zero, lambda v: 1 / v**2, "true"),
    ],
)
def test_orders_of_known_remainders(rest, order, verdict):
    whole, left, claimed = ([f(v) for v in POWERS] for f in (lambda v: 1 + v, rest, order))
    way = Way(whole, left, claimed, POWERS, [NOISE * value for value in whole])
    assert falls_like(way, 10, ctx).verdict == verdict


@pytest.mark.parametrize(
    ("exponent", "digits", "verdict"),
    [(4, 10, "true"), (6, 10, "true"), (6, 14, "undecided"), (7, 10, "false")],
)
def test_a_remainder_that_sinks_into_the_noise_is_read_before(exponent, digits, verdict):
    rest = [1 / v**6 + ctx.mpf(10) ** -37 * (-1) ** k for k, v in enumerate(POWERS)]
    noises = [2 * ctx.mpf(10) ** -37] * len(POWERS)
    orders = [1 / v**exponent for v in POWERS]
    assert not all(abs(value) > noise for value, noise in zip(rest, noises, strict=True))
    way = Way([1 + 1 / v for v in POWERS], rest, orders, POWERS, noises)
    assert falls_like(way, digits, ctx).verdict == verdict


def test_an_order_alone_shows_no_digits():
    orders = [v**2 for v in POWERS]
    way = Way(POWERS, POWERS, orders, POWERS, [NOISE * v for v in POWERS])
    assert falls_like(way, 40, ctx)[:2] == ("true", None)
    found = claim("alpha_BBP = O(p^3, p, inf)", points=1)
    assert (found.verdict, found.record()["digits"]) == ("true", 0)
    assert found.points[0].record()["digits"] is None
    assert found.summary == "true at 1 random point: the order holds, and no digits stand before it"


def test_a_remainder_that_sinks_at_once_decides_nothing():
    rest = [1 / v**30 for v in POWERS]
    noises = [abs(rest[2])] * len(POWERS)
    way = Way([1 + 1 / v for v in POWERS], rest, [1 / v**4 for v in POWERS], POWERS, noises)
    assert falls_like(way, 10, ctx).verdict == "undecided"
