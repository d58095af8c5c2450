from dataclasses import replace

import numpy as np
import pytest
import sympy

from bbpsym.errors import DomainError, FormulaError
from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.eigen import lowest
from bbpsym.finite.instance import draw
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.point import Point
from tests.finite.differences import by_differences

SQUARED = "(y - yh)^2/2"
NETWORKS = [
    (Architecture(SQUARED, "tanh(x)"), 2, 1),
    (Architecture("log(cosh(y - yh))", "x^2", output="sum"), 2, 2),
    (Architecture(SQUARED, "erf(x)", teacher="x^3 - x", noise=0.3, overlap=-0.4), 3, 1),
    (Architecture("log(1 + exp(-y*yh))", "x", teacher="sign(u1*u2)"), 1, 2),
    (Architecture("(y - yh)^2/(2*(a + y))", "logistic(x)", bias=0.5), 2, 1),
]


def make(network, p, p_star, N=6, alpha=3.0, seed=0):
    point = Point(N, p, p_star, 0.7 * network.has_a, alpha, network)
    return draw(point, np.random.default_rng(seed))


@pytest.mark.parametrize(("network", "p", "p_star"), NETWORKS, ids=str)
def test_the_hessian_is_the_second_derivative_of_the_loss(network, p, p_star):
    problem = make(network, p, p_star)
    H = hessian(problem)
    np.testing.assert_allclose(H, by_differences(problem), atol=1e-6 * np.abs(H).max())
    V = np.random.default_rng(1).standard_normal((6 * p, 3))
    np.testing.assert_allclose(HessianOperator.of(problem) @ V, H @ V, atol=1e-12)
    right = replace(problem, point=replace(problem.point, side="right"))
    np.testing.assert_allclose(HessianOperator.facing(right) @ V, -H @ V, atol=1e-12)
    pairs, values = lowest(right, 3), np.linalg.eigvalsh(H)
    np.testing.assert_allclose(pairs.values, values[:-4:-1], atol=1e-10)
    assert pairs.converged


@pytest.mark.parametrize(("network", "p", "p_star"), NETWORKS, ids=str)
def test_weights_are_sympys_second_derivatives(network, p, p_star):
    """F of one sample by `sympy.hessian` of the loss in the pre-activations."""
    problem = make(network, p, p_star)
    slope, rank_one, diagonal = network.weights(
        problem.label, problem.student_fields, problem.point.a
    )
    x, y, yh, a = sympy.symbols("x y yh a", real=True)
    fields = sympy.symbols(f"l1:{p + 1}")
    s = sympy.sympify(network.activation.replace("^", "**"), {"x": x})
    total = sum(s.subs(x, field) for field in fields) / (p if network.output == "mean" else 1)
    loss = sympy.sympify(network.loss.replace("^", "**"), {"y": y, "yh": yh, "a": a})
    exact = sympy.hessian(loss.subs({yh: total, a: problem.point.a}), fields)
    for mu in range(3):
        at = dict(zip(fields, problem.student_fields[mu], strict=True))
        F = np.array(exact.subs(at).subs(y, problem.label[mu]).evalf(), dtype=float)
        found = rank_one[mu] * np.outer(slope[mu], slope[mu]) + np.diag(diagonal[mu])
        np.testing.assert_allclose(found, F, rtol=1e-10, atol=1e-12)


def test_the_papers_weights_are_those_of_equation_5():
    problem = make(PAPER, 3, 2)
    y, fields = problem.label, problem.student_fields
    slope, rank_one, diagonal = PAPER.weights(y, fields, 0.7)
    for mu, lam in enumerate(fields):
        F = 2 / 3 * (2 / 3 * np.outer(lam, lam) + np.eye(3) * (np.mean(lam**2) - y[mu]))
        found = rank_one[mu] * np.outer(slope[mu], slope[mu]) + np.diag(diagonal[mu])
        np.testing.assert_allclose(found, F / (0.7 + y[mu]), rtol=1e-12)


@pytest.mark.parametrize("text", ["(y-yh)**2/2/(a+y)", "(yh^2/2 - y*yh + y^2/2)/(y+a)"])
def test_another_spelling_of_the_paper_s_network_is_the_paper_s(text):
    assert Architecture(text, "x*x") == PAPER
    assert Architecture(text.replace("2", "3", 1), "x*x") != PAPER
    assert Architecture(f"sqrt(y - 9) + {text}", "x*x") != PAPER


def test_another_spelling_of_another_network_is_another_stream():
    assert Architecture("(y-yh)^2/2", "tanh(x)") != Architecture("0.5*(y-yh)^2", "tanh(x)")


def test_the_paper_is_recognised_by_its_formulas():
    y, yh, a, x = sympy.symbols("y yh a x")
    assert Architecture("(y-yh)**2 / (2*(a+y))", "x**2") == PAPER
    assert Architecture("(y-yh)^2/(2*(k+y))", "x^2", parameters={"k": "0.7"}).has_a is False
    again = Architecture((y - yh) ** 2 / (2 * (a + y)), x**2)
    assert again == PAPER
    problem, other = make(PAPER, 2, 1), make(again, 2, 1)
    assert other.point.network.has_a
    assert problem.data.shape == other.data.shape


@pytest.mark.parametrize(("network", "p", "p_star"), [*NETWORKS, (PAPER, 1, 1)], ids=str)
def test_text_is_read_again(network, p, p_star):
    assert Architecture.from_text(str(network)) == network


def test_every_parameter_changes_the_stream():
    networks = [
        PAPER,
        Architecture(SQUARED, "tanh(x)"),
        Architecture(SQUARED, "erf(x)"),
        Architecture(SQUARED, "tanh(x)", teacher="x"),
        Architecture(SQUARED, "tanh(x)", output="sum"),
        Architecture(SQUARED, "tanh(x)", overlap=0.1),
        Architecture(SQUARED, "tanh(x)", noise=0.1),
    ]
    points = [Point(10, 1, 1, 1.0 * n.has_a, 1.0, n) for n in networks]
    assert len({float(p.stream(0, 0).standard_normal()) for p in points}) == len(points)
    right = Point(10, 1, 1, 0, 1.0, networks[1], "right")
    assert right.stream(0, 0).standard_normal() == points[1].stream(0, 0).standard_normal()


@pytest.mark.parametrize("overlap", [0.5, -0.9])
def test_students_have_the_overlap_that_is_asked_for(overlap):
    network = Architecture(SQUARED, "tanh(x)", overlap=overlap)
    problem = make(network, 3, 1, N=400)
    np.testing.assert_allclose(problem.student @ problem.teacher[0] / 400, overlap)
    np.testing.assert_allclose(np.linalg.norm(problem.student, axis=1), 20)
    gram = problem.student @ problem.student.T / 400
    assert abs(gram[0, 1] - overlap**2) < 4 * (1 - overlap**2) / 20


def test_noise_has_its_deviation_and_stands_in_the_label():
    network = Architecture(SQUARED, "tanh(x)", noise=0.3)
    problem = make(network, 1, 1, N=1000)
    rest = problem.label - np.tanh(problem.teacher_fields[:, 0])
    assert rest.std() == pytest.approx(0.3, rel=0.08)
    assert abs(np.mean(rest * problem.teacher_fields[:, 0])) < 0.03


def test_outputs_are_means_or_sums():
    fields = np.array([[0.3, -1.0, 2.0]])
    nodes = np.tanh(fields).sum()
    assert Architecture(SQUARED, "tanh(x)", output="sum").prediction(fields, 0.0) == pytest.approx(
        nodes
    )
    assert Architecture(SQUARED, "tanh(x)").label(fields, 0.0) == pytest.approx(nodes / 3)
    product = Architecture(SQUARED, "tanh(x)", teacher="u1*u2 - u3").label(fields, 0.0)
    assert product == pytest.approx(-0.3 - 2)
    assert Architecture(SQUARED, "x", bias=0.5).label(fields, 0.0) == pytest.approx(1.3 / 3 + 0.5)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"loss": "(y-yhat)^2"}, 'loss: "yhat" stands for nothing.*"yh"'),
        ({"activation": "tanh(z)"}, 'activation: "z" stands for nothing'),
        ({"activation": "tanh("}, "activation, position 6"),
        ({"teacher": "t)"}, "teacher, position 2"),
        ({"output": "max"}, 'output must be "mean" or "sum"'),
        ({"overlap": 1}, "overlap must be a number between -1 and 1"),
        ({"overlap": "much"}, "overlap must be a number"),
        ({"noise": -1}, "noise must be a number from 0"),
        ({"bias": "b"}, "bias must be a number"),
        ({"parameters": {"k": 1}}, "k has a value but is in no formula"),
        ({"loss": "k*(y-yh)^2", "parameters": {"k": "x"}}, "k must be a number"),
    ],
    ids=str,
)
def test_a_bad_argument_is_named(arguments, sentence):
    with pytest.raises((DomainError, FormulaError), match=sentence):
        Architecture(**{"loss": SQUARED, "activation": "tanh(x)", **arguments})


@pytest.mark.parametrize(
    ("network", "p_star", "a", "sentence"),
    [
        (
            Architecture(SQUARED, "tanh(x)", teacher="u1*u3"),
            2,
            0,
            "teacher must be .* of u1, u2, not",
        ),
        (Architecture(SQUARED, "tanh(x)", teacher="x*u1"), 2, 0, "teacher must be"),
        (Architecture(SQUARED, "tanh(x)", overlap=0.8), 2, 0, "overlap must be below"),
        (Architecture(SQUARED, "tanh(x)"), 1, 1.0, "a must be 0 for a network without a"),
        (PAPER, 1, 0, "a must be a positive"),
    ],
    ids=str,
)
def test_a_point_that_cannot_be_is_refused(network, p_star, a, sentence):
    with pytest.raises(DomainError, match=sentence):
        Point(20, 1, p_star, a, 2.0, network)


def test_what_is_not_finite_on_the_data_is_refused():
    problem = make(Architecture("log(y + yh)", "x^3"), 1, 1, N=50)
    with pytest.raises(DomainError, match="loss must be finite and real on the data"):
        hessian(problem)
