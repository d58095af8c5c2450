"""Claims about networks: symbols in them, limits, and the digits that are known."""

import pytest
from sympy import Symbol, cosh, log, tanh

from bbpsym import Network, claim, edge
from bbpsym.errors import DomainError
from tests.cases import long


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
    """What differs in the last but two is false; what does in the last two is open."""
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    network = Network(tanh(x), (y - yh) ** 2 / 2, p=2)
    given = {"of": network, "alpha": 4, "points": 1}
    value, known = edge(network, 4).value, edge(network, 4).digits
    found = claim(f"lambda_minus = {value!r}", **given)
    assert found.summary == f"true to {known} digits at 1 random point"
    assert claim(f"lambda_minus = {value!r}", digits=9, **given).digits == 9
    off = claim(f"lambda_minus = {value * (1 + 3 * 10.0 ** (2 - known))!r}", digits=9, **given)
    assert off.verdict == "false"
    assert (
        f"they agree to {known - 2.5} digits, and differ in the next of the {known} known"
        in str(off)
    )
    near = claim(f"lambda_minus = {value * (1 + 3 * 10.0 ** (1 - known))!r}", digits=9, **given)
    assert near.verdict == "undecided"
    assert f"they agree to {known - 1.5} of {known} digits: the rest may be an error" in str(near)
    hidden = claim(f"lambda_minus = {value!r} + 10^-20*alpha", **given)
    assert f"a term of it is too small to be seen with {known} digits" in str(hidden)
    more = claim(f"lambda_minus = {value!r}", digits=20, **given)
    assert more.verdict == "undecided"
    assert f"{known} digits are known of this network: ask for no more" in str(more)


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


def test_a_network_of_which_no_critical_alpha_is_known_has_edges():
    x, y, yh = map(Symbol, ("x", "y", "yh"))
    steep = Network(activation=tanh(2 * x), loss=(y - yh) ** 2 / 2, p=1, p_star=1)
    assert claim("lambda_minus = 1", of=steep, digits=5, points=1).verdict == "false"


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
