"""One step of a derivation, without those that come after it."""

import pytest

from bbpsym.appendix.general import general_steps


@pytest.fixture(scope="session")
def step_of():
    """The step of a name, of a network with symbols that is not the paper's."""

    def first(network, name):
        return next(step for step in general_steps(network, {}) if step.name == name)

    return first
