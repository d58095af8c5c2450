"""Numbers for two nodes of an even activation: both eigenvalues of F at the nodes of a rule."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from sympy import Symbol, lambdify

from bbpsym import symbols as s
from bbpsym.appendix.worlds import Scene
from bbpsym.equations import weights


class PairScene(Scene):
    """The weights of two nodes of an even activation: both eigenvalues of F."""

    @cached_property
    def weight(self) -> Any:
        """The weight matrix in the Gaussians u, lambda_1, lambda_2."""
        setting = self.setting
        mean = setting.output == "mean"
        matrix = weights.weight_matrix(setting.loss, setting.student, 2, mean)
        return matrix.subs(s.label, setting.target.subs(weights.teacher_nodes(1)[0], s.u))

    @cached_property
    def _axes(self) -> tuple[Symbol, ...]:
        return (s.u, *weights.student_nodes(2))

    def spectrum(self, names: tuple[Symbol, ...], numbers: tuple[float, ...]) -> np.ndarray:
        """Both eigenvalues of F at the nodes, by their sum and their difference."""
        nodes, _ = self._rule
        entries = [self.weight[0, 0], self.weight[0, 1], self.weight[1, 1]]
        function = lambdify((*self._axes, *names), entries, ["scipy", "numpy"])
        with np.errstate(over="ignore"):
            first, mixed, second = (x + 0 * nodes[0] for x in function(*nodes, *numbers))
        middle, gap = (first + second) / 2, np.hypot((first - second) / 2, mixed)
        return np.array([middle - gap, middle + gap])
