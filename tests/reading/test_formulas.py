import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from bbpsym.errors import DomainError, FormulaError
from bbpsym.reading.formulas import CONSTANTS, FUNCTIONS, SHORT, exact, parse, read

x, y, yh, a = sympy.symbols("x y yh a", real=True)

#: What plain floating point makes of each operation.
FLOATS = {
    "+": lambda *terms: math.fsum(terms),
    "*": lambda *factors: math.prod(factors),
    "-": lambda value: -value,
    "/": lambda value: 1 / value,
    "^": lambda base, power: base**power,
    "abs": abs,
    "max": lambda *values: max(values),
    "min": lambda *values: min(values),
    "sign": lambda value: math.copysign(1, value),
    "pi": lambda: math.pi,
    "E": lambda: math.e,
}


def in_floats(function, *values):
    return (FLOATS.get(function) or getattr(math, function))(*values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(y-yh)^2/(2*(a+y))", (y - yh) ** 2 / (2 * (a + y))),
        ("-x^2", -(x**2)),
        ("2^-x", 2**-x),
        ("x^3^2", x**9),
        ("- -x - +x", sympy.S.Zero),
        ("x/2/y*a", x * a / (2 * y)),
        ("x - y - a", x - y - a),
        ("1.5e-1*x", sympy.Rational(3, 20) * x),
        (".5 + 2.", sympy.Rational(5, 2)),
        ("sigmoid(x)", 1 / (1 + sympy.exp(-x))),
        ("relu(x) + ln(E)", sympy.Max(x, 0) + 1),
        ("Max(x, y, 0)", sympy.Max(x, y, 0)),
        ("log(cosh(y - yh))", sympy.log(sympy.cosh(y - yh))),
        ("cos(pi*x)", sympy.cos(sympy.pi * x)),
        ("2^(1/2)", sympy.sqrt(2)),
        ("((2^3)^2 - 1)/9", sympy.S(7)),
    ],
)
def test_text_becomes_the_expression_that_it_says(text, expected):
    assert sympy.simplify(parse(text).to_sympy() - expected) == 0


@pytest.mark.parametrize("name", [*FUNCTIONS, *CONSTANTS])
def test_every_function_means_the_same_to_sympy_and_to_numbers(name):
    text = name if name in CONSTANTS else f"{name}(x)"
    exact = parse(text).to_sympy().subs(x, sympy.Rational(3, 10))
    assert parse(text).evaluate({"x": 0.3}, in_floats) == pytest.approx(float(exact), rel=1e-14)


def test_numbers_are_exact():
    assert parse("0.1 + 0.2").value == sympy.Rational(3, 10)
    assert str(parse("1/3")) == "1/3"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(y-yh)**2/(2*(a+y))", "(y - yh)^2/(2*(a + y))"),
        ("0.5*x - (y - 3)", "1/2*x - (y - 3)"),
        ("x/2 + -3*(x+y)**-2", "x/2 + -3*(x + y)^(-2)"),
        ("-(x*y)", "-(x*y)"),
        ("1*(x + 0) + (y + a)", "x + y + a"),
        ("1/x/(y*a)", "1/x/(y*a)"),
    ],
)
def test_formulas_are_written_as_one_would(text, written):
    assert str(parse(text)) == written


def test_names_are_found_and_replaced():
    loss = parse("(y-yh)^2/(2*(a+y))")
    assert loss.names == {"y", "yh", "a"}
    assert loss.substitute({"a": parse("0.7")}) == parse("(y-yh)**2/(2*(0.7+y))")


def test_values_are_given_by_name():
    assert read("k*x", "activation", ["x"], {"k": 0.7, "unused": "2"}) == parse("7/10*x")
    with pytest.raises(DomainError, match="k must be a number, not 'one'"):
        read("k*x", "activation", ["x"], {"k": "one"})


def test_numbers_that_divide_by_zero_are_refused():
    with pytest.raises(FormulaError, match=r"y/a has no value at a=0"):
        parse("y/a").substitute({"a": parse("0")})


def test_symbols_may_be_given():
    positive = sympy.Symbol("x", positive=True)
    assert parse("abs(x)").to_sympy({"x": positive}) == positive


def test_an_expression_is_read_through_its_text():
    expression = sympy.tanh(3 * x / 2) ** 2 - sympy.sqrt(2) * sympy.Abs(x) * sympy.pi
    assert read(expression, "activation", ["x"]).to_sympy() == expression
    assert read(parse("x"), "activation") is not None


atoms = st.one_of(
    st.integers(0, 20).map(str), st.sampled_from(["x", "y", "0.25", "pi", "tanh(x)", "max(x, y)"])
)
texts = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(" ".join).map("({})".format),
        st.tuples(inner, st.sampled_from("+-*"), inner).map("".join),
        inner.map("-({})".format),
        inner.map("1/(3 + exp({}))".format),
        inner.map("({})^2".format),
        inner.map("2^({})".format),
    ),
    max_leaves=8,
)


@given(texts)
def test_what_is_written_is_read_again(text):
    try:
        formula = parse(text)
    except FormulaError:
        return
    assert parse(str(formula)) == formula


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a formula is needed"),
        ("  ", "a formula is needed"),
        ("x +", "position 4: a number, a name or a function is missing before the end"),
        ("tanh(x", 'position 7: a "\\)" is missing before the end'),
        ("x)", 'position 2: "\\)" is one too many'),
        ("2x", 'position 2: an operator is missing before "x"'),
        ("x y", 'position 3: an operator is missing before "y"'),
        ("tanh x", 'position 1: "tanh" is a function: give it an argument'),
        ("thanh(x)", 'position 1: there is no function "thanh"; do you mean "tanh"'),
        ("qqq(x)", 'position 1: there is no function "qqq"$'),
        ("tanh(x, y)", "tanh takes one argument"),
        ("max()", "is missing before"),
        ("|x|", "position 1: '\\|' is no part of a formula; write abs"),
        ("2x", r'position 2: an operator is missing before "x", such as \* in 2\*x'),
        ("tanh x", r"is a function: give it an argument, as in tanh\(x\)"),
        ("λ", "position 1: 'λ' is no part"),
        ("٣*x", "position 1: '٣' is no part"),
        ("x.real", "is no part of a formula"),
        ("x[0]", "is no part of a formula"),
        ("'x'", "is no part of a formula"),
        ("x; y", "position 2: ';' is no part"),
        ("x == y", "is no part of a formula"),
        ("__import__('os').system('true')", 'no function "__import__"|is no part'),
        ("__import__(os)", 'no function "__import__"'),
        ("eval(x)", 'no function "eval"'),
        ("exec(x)", 'no function "exec"'),
        ("getattr(x, y)", 'no function "getattr"'),
        ("1/0", "position 2: division by zero"),
        ("x/(1-1)", "position 2: division by zero"),
        ("0^-1", "division by zero"),
        ("1e999999999", "position 1: 1e999999999 is out of range"),
        ("9^9^9^9", "position 4: powers are at most 1000|a number is too large"),
        ("99^999", "a number is too large"),
        ("x^1e6", "powers are at most 1000"),
        ("((2*x)^1000)^2", "powers are at most 1000"),
        ("2^(1000000000/3)", "powers are at most 1000"),
        ("9" * 5000, "position 1: (.*is out of range|a number is too large)"),
        ("(" * 5000 + "x" + ")" * 5000, "at most 10000 characters"),
        ("(" * 4000 + "x" + ")" * 4000, "nested more than 30 deep"),
        ("-" * 9000, "is missing before the end"),
        ("x^" * 4000 + "x", "nested more than 30 deep"),
        ("Piecewise((x, x > 0), (0, True))", "is no part of a formula"),
    ],
)
def test_what_is_no_formula_is_told_where_and_why(text, sentence):
    with pytest.raises(FormulaError, match=f"^loss.*({sentence})") as caught:
        parse(text, "loss")
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_long_formulas_need_no_recursion():
    text = "+".join(["x*2/3"] * 1500)
    assert parse(text).evaluate({"x": 1.0}, in_floats) == pytest.approx(1000)
    assert parse("-" * 9000 + "x") == parse("x")


def test_the_deepest_formula_can_be_used():
    deep = parse("-2/(1 + logistic(" * 14 + "x" + "))" * 14)
    assert math.isfinite(deep.evaluate({"x": 0.1}, in_floats))
    assert deep.to_sympy().free_symbols == {x}


def test_a_name_without_a_value_is_refused():
    with pytest.raises(FormulaError, match=r'loss: "yhat" stands for nothing.*do you mean "yh"'):
        read("(y - yhat)^2", "loss", ["y", "yh"])


@pytest.mark.parametrize("text", ["sqrt(-1)", "log(0)", "1/sin(0)"])
def test_constants_that_are_no_real_numbers_are_refused(text):
    with pytest.raises(FormulaError, match="infinite, complex or undefined"):
        parse(text).to_sympy()


def test_shorthands_are_formulas_of_x():
    assert all(parse(text).names == {"x"} for text in SHORT.values())


def test_signs_that_were_copied_from_a_page():
    assert parse("x² − 3·x×y") == parse("x^2 - 3*x*y")
    assert exact("\N{MINUS SIGN}1/2") == Fraction(-1, 2)
