"""The explorer in a real browser: its numbers, and those of its code, against Python's."""

import contextlib
import io
import math
import random
import re
import sys
from dataclasses import replace

import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from bbpsym import Model, density, edge, outlier, threshold
from bbpsym.cli import main
from bbpsym.ensembles.methods import averaged_hessian, luo_alghamdi_lu, mondelli_montanari
from tests.cases import long
from tests.docs.opened import shown_numbers, texts

#: Relative error to which the numbers of the page are held, and the absolute one of densities: both
#: sides promise 1e-10, in units of the weights' bound.
TEN_DIGITS, BOTH = 1e-10, 2e-10

#: Distances from the edge at which densities are compared, in units of the weights' bound.
BESIDE = (0.05, 0.6, 2.0)

#: Asked of the page at many points; what is not resolved throws.
ASK = """
return arguments[0].map(([state, x]) => {
  const found = answer(state), { threshold, edge, outlier } = found;
  for (const part of [threshold, edge, outlier]) if (part && part.unresolved) throw part.unresolved;
  const value = (number) => number.value;
  return {
    alpha: value(threshold.alpha), kind: threshold.kind, alpha_c: value(threshold.alpha_c),
    jump: value(threshold.overlap2), edge: value(edge.value), edge_kind: edge.kind,
    outlier: outlier && value(outlier.value), overlap2: outlier && value(outlier.overlap2),
    t: outlier && value(outlier.root), density: density(found, state.alpha, x).map(value),
  };
});
"""


def random_points(count):
    """Hessians in the ranges of the page, at alpha below and above their thresholds."""
    chance = random.Random(2510)
    for _ in range(count):
        p = chance.choice([1, 1, 2, 2, 3, 4, 5, 7, 10, 16, 25, "inf"])
        model = Model(
            p, chance.choice([1, 1, 2, 3, 4, 6]), f"{10 ** chance.uniform(-1.7, 0.9):.4g}"
        )
        found = threshold(model)
        yield model, found, f"{found.alpha * 2 ** chance.uniform(-1.5, 3):.5g}"


def state_of(model, alpha):
    p = "limit" if model.p == math.inf else "hessian"
    numbers = {"p": 1 if model.p == math.inf else model.p, "p_star": model.p_star}
    return {"ensemble": p, **numbers, "a": float(model.a), "alpha": float(alpha)}


def expected(model, found, alpha, end, x=()):
    """What the page has to answer."""
    beyond = outlier(model, alpha, side=end.side)
    numbers = {"alpha": found.alpha, "alpha_c": found.alpha_c, "jump": found.overlap2}
    numbers |= {"edge": end.value, "kind": str(found.kind), "edge_kind": str(end.kind)}
    numbers |= {name: beyond and getattr(beyond, name) for name in ("overlap2", "t")}
    numbers |= {"outlier": beyond and beyond.value}
    return {**numbers, "density": list(density(model, alpha, x)) if len(x) else []}


def check(got, wanted, unit=1.0):
    """Ten digits of every number, and ten digits after the point of a density."""
    for name, value in wanted.items():
        if name == "density":
            assert got[name] == pytest.approx(value, rel=TEN_DIGITS, abs=BOTH / unit), name
        elif isinstance(value, float):
            assert got[name] == pytest.approx(value, rel=TEN_DIGITS, abs=0), name
        else:
            assert got[name] == value, name


@pytest.mark.parametrize("count", [12, *long(100)])
def test_numbers_are_those_of_python_at_random_points(explore, count):
    asked, wanted, units = [], [], []
    for model, found, alpha in random_points(count):
        end = edge(model, alpha)
        x = [end.value - 0.1, *(end.value + float(model.scale) * step for step in BESIDE)]
        asked.append((state_of(model, alpha), x))
        wanted.append(expected(model, found, alpha, end, x))
        units.append(float(model.scale))
    got = explore("").execute_script(ASK, asked)
    for numbers, truth, unit in zip(got, wanted, units, strict=True):
        check(numbers, truth, unit)
    kinds = {(truth["kind"], truth["edge_kind"], truth["outlier"] is None) for truth in wanted}
    assert len(kinds) > 4  # every branch was taken


def test_a_number_that_differs_in_the_ninth_digit_is_noticed():
    model = Model(2, 1, "0.7")
    truth = expected(model, threshold(model), 2, edge(model, 2))
    check(truth, truth)
    for name, value in truth.items():
        if isinstance(value, float) and value != 0:
            with pytest.raises(AssertionError):
                check({**truth, name: value * (1 + 1e-9)}, truth)


def test_weights_of_the_labels_have_their_closed_forms(explore):
    """Averaged Hessian, Luo-Alghamdi-Lu and Mondelli-Montanari, without the package's averages."""
    asked = [
        {"ensemble": "averaged", "p": 3, "p_star": 4, "a": 1.5, "alpha": 9.5},
        {"ensemble": "optimal", "p": 1, "p_star": 3, "a": 1, "alpha": 4},
        {"ensemble": "made", "p": 1, "p_star": 2, "a": 1, "alpha": 7},
    ]
    averaged, optimal, made = explore("").execute_script(ASK, [(state, []) for state in asked])
    assert averaged["kind"] == "discontinuous"
    assert averaged["alpha"] == pytest.approx(4 * (1.5 + 1 + 2 / 3) / 2, rel=TEN_DIGITS)
    # E [(1 + 2/p - y)/(a + 1 + 2/p)]^2 at the smooth edge.
    mean, variance = 1.5 + 1 + 2 / 3, 2 / 4
    assert averaged["alpha_c"] == pytest.approx(mean**2 / ((2 / 3) ** 2 + variance), rel=TEN_DIGITS)
    assert (optimal["kind"], made["kind"]) == ("continuous", "discontinuous")
    assert optimal["alpha"] == pytest.approx(3 / 2, rel=TEN_DIGITS)
    assert optimal["outlier"] == pytest.approx(1, rel=TEN_DIGITS)
    assert mean_of_the_optimum(3, optimal["overlap2"]) == pytest.approx(1 / 4, rel=TEN_DIGITS)
    assert made["edge"] == pytest.approx(1, rel=TEN_DIGITS)
    assert made["alpha"] == pytest.approx(math.sqrt(7 * 2 / 2), rel=TEN_DIGITS)


def mean_of_the_optimum(p_star, m2):
    """`<(y - 1)^2/(1 + r y)>` with `r = m^2/(1 - m^2)`: at the largest overlap it is 1/alpha."""
    law, r = chi2(p_star, scale=1 / p_star), m2 / (1 - m2)

    def integrand(y):
        return law.pdf(y) * (y - 1) ** 2 / (1 + r * y)

    return sum(quad(integrand, *ends, epsabs=1e-14)[0] for ends in ((0, 1), (1, 4), (4, 60)))


@pytest.mark.slow
def test_weights_of_the_labels_are_those_of_python(explore):
    """The page averages over the Laplace variable, the package over the labels."""
    cases = [
        ("averaged", averaged_hessian(Model(1, 2, "0.3")), (1, 2, 0.3, 6.0)),
        ("averaged", averaged_hessian(Model(2, 1, "0.7")), (2, 1, 0.7, 2.0)),
        ("optimal", luo_alghamdi_lu(3), (1, 3, 1.0, 40.0)),
        ("made", mondelli_montanari(5, "2.51"), (1, 5, 1.0, 2.51)),
    ]
    for name, reduced, (p, p_star, a, alpha) in cases:
        method = replace(reduced, reduction=None)
        side = "left" if name == "averaged" else "right"
        end, inwards = edge(method, alpha, side=side), 1 if side == "left" else -1
        x = [end.value + inwards * step for step in BESIDE]
        wanted = expected(method, threshold(method, side=side), alpha, end, x)
        state = {"ensemble": name, "p": p, "p_star": p_star, "a": a, "alpha": alpha}
        (got,) = explore("").execute_script(ASK, [(state, x)])
        got["density"] = [round(value, 9) for value in got["density"]]
        wanted["density"] = [round(value, 9) for value in wanted["density"]]
        if name == "made":  # at alpha = alpha_c itself, a tie
            del wanted["edge_kind"]
        check(got, wanted)


def run(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as finished:
        main()
    assert finished.value.code == 0
    return capsys.readouterr().out


def test_copied_code_prints_the_numbers_shown(explore, monkeypatch, capsys):
    browser = explore("matrix=hessian&p=2&p_star=1&a=0.7&alpha=2")
    code, commands = texts(browser, "#python, #command")
    numbers = shown_numbers(browser)
    assert {"0.927055296717", "-0.959626705215", "0.276230470821"} <= numbers
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    answers = "".join(run(line.split(), monkeypatch, capsys) for line in commands.splitlines())
    for number in numbers:
        assert number in printed.getvalue()
        assert number in answers


@pytest.mark.parametrize("matrix", ["limit", "averaged", "optimal", "made"])
def test_code_and_commands_of_other_matrices_are_valid(explore, matrix, monkeypatch, capsys):
    browser = explore(f"matrix={matrix}&p=3&p_star=2&a=1.5&alpha=4")
    code, commands = texts(browser, "#python, #command")
    compile(code, matrix, "exec")
    matrices = {"Model": Model, "averaged_hessian": averaged_hessian}
    matrices |= {"luo_alghamdi_lu": luo_alghamdi_lu, "mondelli_montanari": mondelli_montanari}
    (made,) = re.findall(r"^matrix = (.*)$", code, re.MULTILINE)
    assert eval(made, matrices) is not None
    printed = "".join(run(line.split(), monkeypatch, capsys) for line in commands.splitlines())
    (overlap2,) = texts(browser, "[data-answer=overlap] output")
    assert overlap2 in printed
    assert texts(browser, "#complaint") == [""]
    assert "–" not in shown_numbers(browser)
