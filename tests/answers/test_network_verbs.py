"""A network is asked by the same verbs as a model."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from sympy import exp, log, symbols, tanh

from bbpsym import Model, Network, density, edge, outlier, outliers, threshold
from bbpsym.answers import network as home
from bbpsym.answers.asking import OwnAnswers
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.errors import DomainError, PrecisionError

x, y, yh = symbols("x y yh")
UNIT = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2, p=1, p_star=1)


def test_the_verbs_hand_on():
    assert threshold(UNIT) == home.network_threshold(UNIT)
    assert edge(UNIT, 3, side="right") == home.network_edge(UNIT, 3, "right")
    assert outliers(UNIT, alpha=3) == home.network_outliers(UNIT, 3)
    assert outlier(UNIT, 3) == outliers(UNIT, alpha=3)[0]
    assert outlier(UNIT, 1) is None
    assert density(UNIT, 3, 0.5) == home.network_density(UNIT, 3, 0.5)


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda: threshold(UNIT, certified=True), "certified"),
        (lambda: outliers(UNIT), "alpha"),
        (lambda: outliers(UNIT, 1, alpha=3), "p_star"),
        (lambda: threshold(Model(1, 1, 1), sector="signal"), "sector"),
        (lambda: outliers(1, 1, 1, 2, side="right"), "side"),
    ],
)
def test_what_goes_with_something_else_is_refused(ask, name):
    with pytest.raises(DomainError, match=f"^{name}"):
        ask()


def test_a_verb_without_an_answer_has_the_name_that_users_type(monkeypatch):
    own = ModuleType("own")
    vars(own).update(ANSWERS=OwnAnswers(edge=abs, density=abs))
    monkeypatch.setitem(sys.modules, "own", own)
    with pytest.raises(DomainError, match=r"^outlier has no answer for .*: edge, density have"):
        outlier(SimpleNamespace(answers="own"), 3)


def test_a_small_part_of_an_overlap_has_all_its_digits():
    """By Gauss and Legendre's rule in the plane, and the residue of a block of two by two."""
    unit = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2, p=1, p_star=1, overlap="1/2")
    found = outlier(unit, 30)
    assert found.text("teacher2") == "0.000735384764009"
    assert found.text("student2") == "0.748870078070"


STEEP = Network(activation=tanh(x), loss=log(1 + exp(-5000 * y * yh)), p=1, p_star=1)


def test_weights_of_a_loss_so_steep_that_its_exponentials_overflow_have_ends():
    """To the left they were called unbounded."""
    lows = [lower_end(STEEP, sign).low for sign in (1, -1)]
    assert lows == pytest.approx([-3849.0017946, -6.25e6], rel=1e-9)


@pytest.mark.long
def test_a_loss_so_steep_that_its_exponentials_overflow():
    """The right end by quadrature of the weight itself."""
    assert float(edge(STEEP, 3, side="right").value) == pytest.approx(6256221.816594, abs=0.1)
    with pytest.raises(PrecisionError, match="digits are known"):
        edge(STEEP, 3)
