import json
from pathlib import Path

import numpy as np
import pytest

from bbpsym.finite.instance import Instance, draw
from bbpsym.finite.point import Point

REFERENCE = Path(__file__).parents[1] / "reference" / "finite.json"


@pytest.fixture
def make():
    """Draw an instance from parameters and a seed."""

    def build(N=60, p=2, p_star=2, a=0.7, alpha=2.0, seed=0, dtype=np.float64) -> Instance:
        return draw(Point(N, p, p_star, a, alpha), np.random.default_rng(seed), dtype=dtype)

    return build


@pytest.fixture(scope="session")
def reference():
    """Theory's values at (p, p_star, a, alpha), or at (p, p_star, a, None) for thresholds."""
    records = json.loads(REFERENCE.read_text())
    return {(r["p"], r["p_star"], r["a"], r["alpha"]): r for r in records}
