"""Derivations that many tests look at, and one step without those that come after it."""

import pytest
from sympy import symbols

from bbpsym import Model, Network, derive
from bbpsym.appendix.assemble import _read
from bbpsym.appendix.general import general_steps

x, y, yh, a, p, p_star = symbols("x y yh a p p_star")


@pytest.fixture(scope="session")
def appendix():
    """The appendix of the paper."""
    return derive(Model(p, p_star, a))


@pytest.fixture(scope="session")
def square():
    """That of its square normalisation."""
    return derive(Network(x**2, (y - yh) ** 2 / (2 * (a + y**2)), p, p_star))


@pytest.fixture(scope="session")
def step_of():
    """The step of a name, of a network that is not the paper's."""

    def first(network, name):
        return next(step for step in general_steps(*_read(network)[1:]) if step.name == name)

    return first
