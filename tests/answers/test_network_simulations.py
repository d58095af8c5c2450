"""The theory of other networks against the stored simulations, which share no code with it."""

import numpy as np
import pytest
from sympy import cosh, erf, exp, log, symbols, tanh

from bbpsym.answers.network import network_edge, network_outliers
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.finite.architecture import Architecture as Simulated
from tests.cases import with_long
from tests.finite.test_stored_networks import limit, pull, summary

__all__ = ["summary"]

x, y, yh = symbols("x y yh")
SQUARED, COSH = (y - yh) ** 2 / 2, log(cosh(y - yh))

#: Activation, loss, p*, alpha, and what else the network has.
CASES = {
    "noise": (erf(x), COSH, 1, 5, {"noise": "0.3"}),
    "another teacher": (tanh(x), SQUARED, 1, 4, {"teacher": erf(2 * x)}),
    "bias": (tanh(x), SQUARED, 1, 4, {"bias": "0.5"}),
    "two teachers": (x**2, COSH, 2, 6, {}),
    "scale of the loss": (x**2, log(cosh((y - yh) * 2)) / 4, 1, 2, {}),
    "spectral method": (x, (y - 1) / (y + 1) * yh**2 / 2, 1, 3, {"teacher": x**2}),
    "softplus": (log(1 + exp(2 * x)), COSH, 1, 20, {}),
    "sum": (tanh(x), SQUARED, 1, 8, {"p": 2, "output": "sum"}),
    "four nodes": (x**2, COSH, 1, 4, {"p": 4}),
}

#: The same as the simulations write them.
WRITTEN = {
    "noise": Simulated("log(cosh(y-yh))", "erf(x)", noise=0.3),
    "another teacher": Simulated("(y-yh)^2/2", "tanh(x)", teacher="erf(2*x)"),
    "bias": Simulated("(y-yh)^2/2", "tanh(x)", bias="0.5"),
    "two teachers": Simulated("log(cosh(y-yh))", "x^2"),
    "scale of the loss": Simulated("k^2*log(cosh((y-yh)/k))", "x^2", parameters={"k": "0.5"}),
    "spectral method": Simulated("(y-1)/(y+1)*yh^2/2", "x", teacher="x^2"),
    "softplus": Simulated("log(cosh(y-yh))", "softplus(2*x)"),
    "sum": Simulated("(y-yh)^2/2", "tanh(x)", output="sum"),
    "four nodes": Simulated("log(cosh(y-yh))", "x^2"),
}


#: Networks that take longest.
DEAR = ("noise", "two teachers", "scale of the loss", "softplus", "sum")


@pytest.mark.parametrize("name", with_long(CASES, *DEAR))
def test_edge_outliers_and_overlaps(summary, name):
    activation, loss, p_star, alpha, others = CASES[name]
    side = "right" if name == "spectral method" else "left"
    network = Network(activation=activation, loss=loss, p_star=p_star, **others)
    size = {"p": network.p, "p_star": p_star}
    found = summary.select(network=WRITTEN[name], alpha=alpha, side=side, **size)
    outliers = network_outliers(network, alpha=alpha, side=side)
    assert len(outliers) == p_star
    which = "lowest" if p_star * outliers[0].multiplicity == 1 else "outlier"
    expected = {
        which: np.mean([float(item.value) for item in outliers]),
        f"{which}_span2": np.mean([float(item.overlap2) for item in outliers]),
        f"{which}_student2": np.mean([float(item.student2) for item in outliers]),
        f"{which}_overlap2": np.mean([float(item.teacher2) for item in outliers]),
    }
    for column, value in expected.items():
        assert abs(pull(limit(found, column, -1), value)) < 4, column
    edge = float(network_edge(network, alpha=alpha, side=side).value)
    assert abs(pull(limit(found, "bulk", -2 / 3), edge)) < 4
