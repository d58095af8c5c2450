"""Where a claim is checked, and which words are no claim."""

import pytest
from sympy import Eq, Symbol

from bbpsym import Model, claim, spiked_identity
from bbpsym.errors import BBPError, DomainError, FormulaError


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
        ("alpha_BBP = X(1)", {"where": ["X(c) = c", "Y(c) = c"]}, "where defines Y, which is"),
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
        ("alpha_BBP <= alpha_c", {}, 'must be an equation with one "="'),
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
        ("alpha_BBP = a + O(1, a)", {}, "O must be like"),
        ("alpha_BBP = a + O(1/a, 2*a, inf)", {}, "O must name what varies second"),
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
        ("lambda_plus = alpha", {}, 'lambda_plus is the edge on the right: side must be "right"'),
        (
            "lambda_minus = theta",
            {"of": spiked_identity, "side": "right", "theta": ("1/2", 3)},
            "lambda_minus is the edge on the left: side must",
        ),
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
