"""What every test is held to: no global precision, no global seed."""

import mpmath
import pytest


@pytest.fixture(autouse=True)
def global_precision_is_left_alone():
    before = mpmath.mp.dps, mpmath.fp.dps
    yield
    assert (mpmath.mp.dps, mpmath.fp.dps) == before
