"""The spread of the edge over samples of the weights, in double precision."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bbpsym.compilation.systems import finite_system, system
from bbpsym.laws.known_laws import AnyLaw
from bbpsym.numerics import double
from bbpsym.numerics.double import Estimate
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.parameters import Parameter

#: Orders of the Gauss-Legendre rule for Feynman's formula: the second one checks the first.
ORDERS = (16, 24)


def variance(ensemble: AnyLaw, parameters: Mapping, at: float) -> Estimate:
    """N times the variance of the edge at t in (0, 1], in units of the ensemble."""
    spreads = [_spread(ensemble, parameters, at, order) for order in ORDERS]
    values = {**parameters, Parameter.T: at, Parameter.SPREAD: spreads[0]}
    equations = system(ensemble, "sampled_variance")
    found = double.evaluate(equations, values, CHI_SQUARE)["sampled_variance"]
    return Estimate(found.value, found.error + abs(spreads[1] - spreads[0]))


def _spread(ensemble: AnyLaw, parameters: Mapping, at: float, order: int) -> float:
    x, weight = np.polynomial.legendre.leggauss(order)
    values = {**parameters, Parameter.T: at, Parameter.BETWEEN: (1 + x) / 2}
    equations = finite_system(ensemble, "node_spread")
    found = double.evaluate_plain(equations, values, CHI_SQUARE)["spread"]
    return float(weight / 2 @ found)
