"""The steps of several nodes whose activation is not quadratic: even ones, and all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Eq, Matrix, Symbol, diag, lambdify, solve, symbols

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.chapters import Chapters
from bbpsym.appendix.exchange_sectors import exchange_steps
from bbpsym.appendix.single import ending, has_one_teacher
from bbpsym.appendix.steps import Step
from bbpsym.appendix.worlds import Scene
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations import weights
from bbpsym.equations.exchangeable import WIDTHS
from bbpsym.records import places
from bbpsym.records.record import Nature, Record
from bbpsym.symbols import g

#: Width at which both eigenvalues of F are averaged in numbers.
NODES = 2

#: Exchange of two nodes.
SWAP = Matrix([[0, 1], [1, 0]])

#: Why there is no outlier equation.
COMPUTED = (
    "The eigenvalues of F have no closed form of use, and the signal block is a matrix of averages "
    "over all pre-activations: outliers and thresholds are computed from it."
)


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


def sector_steps(setting: Setting, values: Mapping[Symbol, Any]) -> Iterator[Step]:
    """Bulk and edge of exchangeable nodes, and the outlier of even ones."""
    end = ending(setting) if setting.is_even and setting.p in WIDTHS else None
    counted = end is None and setting.p == NODES and has_one_teacher(setting) and not setting.noise
    scene = PairScene(setting, values) if setting.is_even and counted else None
    chapters = Chapters(setting, scene)
    for record_id in ("1", "2", "3"):
        yield chapters.step(record_id, n.NETWORK, domain="all data")
    for record_id in ("4", "5"):
        yield chapters.step(record_id, n.MATRIX, domain="all data")
    yield chapters.step("28", n.BULK)
    if setting.is_even:
        yield from _even(setting, chapters, end)
        return
    if setting.p in WIDTHS:
        yield from exchange_steps(setting, chapters, values)
        return
    reason = (
        "G has two eigenvalues, along and across (1, ..., 1); their equations are written for two "
        "and three nodes: derive the network again with p = 2 or p = 3."
    )
    yield Step("Stieltjes equation", n.BULK, reason=reason)
    yield Step("outlier equation", n.OUTLIER, reason=reason)


def _even(setting: Setting, chapters: Chapters, end: Step | None) -> Iterator[Step]:
    """All equations of one number g, which hold for even activations of any width."""
    yield _flips()
    yield from chapters.steps(n.BULK, e31=places.bulk, e41=places.bulk, e43=places.bulk)
    if end is not None:
        yield end
        return
    yield from chapters.steps(n.EDGES, e44=None, e45=None)
    if setting.teacher is not None and setting.p_star != 1:
        yield Step("outlier equation", n.OUTLIER, reason=COMPUTED)
        return
    yield chapters.step("34", n.OUTLIER)
    yield from chapters.steps(n.OUTLIER, e38=places.outlier, e40=places.outlier)
    yield from chapters.steps(n.OVERLAP, e55=None, e56=None, e58=places.outlier)
    yield chapters.step("14", n.CLOSED, domain="alpha = alpha_BBP")


def _flips() -> Step:
    along, mixed, across = symbols("G_11 G_12 G_22", real=True)

    def tell() -> Iterator[Any]:
        r"""What changes of sign and exchanges leave alone.

        The activation is even: with a pre-activation of other sign, row and column of $F$ change
        their sign, and $F$ keeps its law. So $G$ commutes with all changes of sign and with all
        exchanges of nodes. The averages with $u^2$ do so as well, and mixed ones of $u$ and a
        student's pre-activation vanish.

        Domain: any two of the nodes.
        """
        yield Eq(along, g), Eq(mixed, 0), Eq(across, g)
        entries = Matrix(2, 2, symbols("G_11 G_12 G_21 G_22"))
        found = entries
        for turn, rule in ((diag(1, -1), "a change of sign"), (SWAP, "the exchange")):
            (solved,) = solve(list(turn * found - found * turn), entries[1:], dict=True)
            found = found.subs(solved)
            yield found, f"all that commutes with {rule}"
        number = found.subs(entries[0], g)
        left = (along, mixed, across)
        right = (number[0, 0], number[0, 1], number[1, 1])
        yield tuple(Eq(x, value) for x, value in zip(left, right, strict=True)), "one number"

    record = Record("flips", Nature.DERIVED, tell, (), "linear equations for signs and exchange")
    return Step("symmetry", n.BULK, record, ("resolvent equation",))
