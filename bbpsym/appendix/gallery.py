"""Eight losses and activations, derived in the tests and shown in the documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sympy import cosh, exp, log, symbols, tanh

from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.model import Model

x, y, yh, a, p, p_star = symbols("x y yh a p p_star")

_SQUARED = (y - yh) ** 2 / 2
_SIGMOID = 1 / (1 + exp(-x))

#: Title -> what is derived.
GALLERY: Mapping[str, Callable[[], Any]] = MappingProxyType(
    {
        "The paper's loss": lambda: Model(p, p_star, a),
        "Square normalisation": lambda: Network(x**2, _SQUARED / (a + y**2), p, p_star),
        "No normalisation": lambda: Network(x**2, _SQUARED, p, p_star),
        "Log cosh": lambda: Network(x**2, log(cosh(y - yh)), p, p_star),
        "Logistic loss": lambda: Network(tanh(x), log(1 + exp(-y * yh)), teacher=tanh(3 * x)),
        "Sigmoid units": lambda: Network(_SIGMOID, _SQUARED / (1 + y)),
        "Tanh units": lambda: Network(tanh(x), _SQUARED),
        "A noisy teacher": lambda: Network(x**2, _SQUARED / (1 + y**2), noise="0.5"),
    }
)
