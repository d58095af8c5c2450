"""The weight matrix from the loss, against explicit widths."""

import pytest
from sympy import Matrix, Rational, hessian, simplify, symbols

from bbpsym.equations.hessian import loss, weight_matrix
from bbpsym.symbols import a, p, y, yh


def explicit(width):
    """`F` by differentiating the loss of a student with `width` nodes, all written out."""
    nodes = symbols(f"l1:{width + 1}", real=True)
    output = sum(node**2 for node in nodes) / width
    return nodes, output, hessian(loss().subs(yh, output), nodes)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_weight_matrix_of_an_explicit_student(width):
    nodes, output, matrix = explicit(width)
    form = weight_matrix()
    vector = Matrix(nodes)
    expected = form.identity * Matrix.eye(width) + form.rank_one * vector * vector.T
    assert simplify(expected.subs(p, width).subs(yh, output) - matrix) == Matrix.zeros(width)


@pytest.mark.parametrize("width", [2, 3])
def test_eigenvalues_with_multiplicities(width):
    nodes, output, matrix = explicit(width)
    point = dict(zip(nodes, [Rational(3, 5), Rational(-4, 5), Rational(2, 7)], strict=False))
    point |= {a: Rational(7, 10), y: Rational(1, 3)}
    found = matrix.subs(point).eigenvals()
    at = {p: width, yh: output.subs(point)}
    stated = {
        value.subs(at).subs(point): (0 * p + count).subs(p, width)
        for value, count in weight_matrix().eigenvalues()
    }
    assert found == stated


def test_support_of_the_eigenvalues():
    for value, _ in weight_matrix().eigenvalues():
        assert value.subs(yh, 0).limit(y, "oo") == -2 / p
