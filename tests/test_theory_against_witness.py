"""The compiled theory against the values that the simulations are compared with.

Those come from `tests/reference/make_finite.py`, a two-dimensional Gauss-Legendre quadrature that
shares no code with the package.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from bbpsym import Model, density, edge, outlier, threshold

ENTRIES = json.loads((Path(__file__).parent / "reference" / "finite.json").read_text())


def close(value):
    return pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize(
    "entry", ENTRIES, ids=lambda e: f"{e['p']}-{e['p_star']}-{e['a']}-{e['alpha']}"
)
def test_the_package_gives_the_reference_values(entry):
    model, alpha = Model(entry["p"], entry["p_star"], entry["a"]), entry["alpha"]
    if alpha is None:
        found = threshold(model)
        assert found.alpha == close(entry["alpha_bbp"])
        assert found.alpha_c == close(entry["alpha_c"])
        assert (found.kind == "continuous") == entry["continuous"]
    else:
        assert edge(model, alpha).value == close(entry["edge"])
        assert (edge(model, alpha).kind == "smooth") == entry["smooth_edge"]
    if entry.get("outlier") is not None:
        assert outlier(model, alpha).value == close(entry["outlier"])
        assert outlier(model, alpha).overlap2 == close(entry["overlap2"])
    if "density" in entry:
        points, values = (np.array(entry["density"][name]) for name in ("points", "values"))
        assert density(model, alpha, points) == pytest.approx(values, abs=1e-6)
