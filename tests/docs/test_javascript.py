"""What is printed as JavaScript, run in a browser."""

import numpy as np
import pytest
from mpmath import mpc
from sympy import Integral, Rational, exp, gamma, lambdify, log, oo, sqrt, symbols
from sympy.codegen.cfunctions import log1p

from bbpsym.compilation import javascript
from bbpsym.compilation.compile import System
from bbpsym.errors import DomainError
from bbpsym.numerics import double
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.numerics.quadrature import double_nodes
from bbpsym.symbols import a, p, p_star, s, t

x, z = symbols("x z")


@pytest.fixture
def run(browser):
    """Value of a function, given by its code, at arguments."""
    browser.get("about:blank")

    def value(code, *arguments):
        return browser.execute_script(f"return ({code})(...arguments)", *arguments)

    return value


def test_real_functions(run):
    cases = [
        x**-3 + p_star * x**9,
        Rational(1, 3) / (1 + x) ** 2,
        exp(-x) * log1p(x),
        x ** (-p / 2),
    ]
    code = javascript.function(["x", "p", "p^*"], cases)
    at = {x: 0.7, p: 3, p_star: 2}
    plain = [case.replace(log1p, lambda item: log(1 + item)) for case in cases]
    found = run(code, {"x": 0.7, "p": 3, "p_star": 2})
    assert found == pytest.approx([float(case.evalf(20, subs=at)) for case in plain], rel=1e-14)


def test_complex_functions(run):
    cases = [z**-3 + x * z**2, exp(-x * z) / (1 + z), log1p(z * x) * (x - z) ** 2, x**3 + 1]
    flat = run(javascript.complex_function(["x", "z"], cases, ["z"]), {"x": 0.3, "z": [0.4, -1.7]})
    plain = [case.replace(log1p, lambda item: log(1 + item)) for case in cases]
    truth = [complex(lambdify((x, z), case, "mpmath")(0.3, mpc(0.4, -1.7))) for case in plain]
    found = [complex(*pair) for pair in zip(flat[::2], flat[1::2], strict=True)]
    assert found == pytest.approx(truth, rel=1e-14)


def test_what_has_no_complex_arithmetic_is_refused():
    with pytest.raises(DomainError, match="no complex arithmetic"):
        javascript.complex_function(["z"], [sqrt(z)], ["z"])
    with pytest.raises(DomainError, match="no complex arithmetic"):
        javascript.complex_function(["z"], [gamma(z)], ["z"])


def test_a_system_and_its_errors_are_those_of_double_precision(run):
    known = Integral(t * exp(-a * s - p * log(1 + 2 * s / p) / 2), (s, 0, oo))
    system = System({"square": t * known**2})
    nodes, share = double_nodes(np.array([0.7]), np.array([1.0]))
    rule = {"x": nodes[:, 0].tolist(), "share": share[:, 0].tolist()}
    code = f"""(rule, given) => {{
      const system = {javascript.real_system(system, True)};
      const sums = system.integrate(rule.x, rule.share, rule.x.length, 1, given);
      return [sums, system.combine(sums.slice(0, 1), given)];
    }}"""
    at = {"a": 0.7, "p": 3.0, "t": 2.0}
    (total, size), (square, partial) = run(code, rule, at)
    assert total == size  # every term is positive
    truth = double.evaluate(system, at, CHI_SQUARE)["square"]
    assert square == pytest.approx(truth.value, rel=1e-14)
    assert partial * double.ROUNDING * size == pytest.approx(truth.error, rel=0.1)
