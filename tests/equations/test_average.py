import pytest
from sympy import Symbol, latex

from bbpsym.equations.average import Average
from bbpsym.symbols import alpha, f, g, y


def test_what_is_not_random_is_its_own_average():
    assert Average(alpha * g) == alpha * g


def test_a_derivative_passes_through():
    assert Average(f / (1 - g * f)).diff(g).subs(g, 0) == Average(f**2)
    assert Average(f).diff(alpha) == 0


def test_linearity_on_request():
    inside = Average(alpha * (y - 1) * f)
    assert inside.func is Average
    assert inside.expand(average=True) == alpha * Average(f * y) - alpha * Average(f)


@pytest.mark.parametrize("power", [1, 2])
def test_it_prints_in_angle_brackets(power):
    expected = r"\left\langle f \right\rangle" + (f"^{{{power}}}" if power > 1 else "")
    assert latex(Average(f) ** power) == expected
    assert str(Average(f * Symbol("x"))) == "<f*x>"
