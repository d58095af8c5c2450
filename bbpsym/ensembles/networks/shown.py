"""The weight matrix of a network as it is shown: entries, eigenvalues, symmetry and support."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sympy import Add, Eq, Expr, Matrix, S, Symbol, factor, sqrt

from bbpsym.ensembles.networks.setting import MEAN
from bbpsym.ensembles.networks.support import lower_end
from bbpsym.equations import exchangeable, spectrum, weights
from bbpsym.errors import BBPError
from bbpsym.symbols import p as P
from bbpsym.symbols import z
from bbpsym.writing.display import latex_number
from bbpsym.writing.handwriting import latex

if TYPE_CHECKING:
    from bbpsym.ensembles.networks.two_layer import Network

#: What symmetry says of the Stieltjes transform G, a p x p matrix.
ONE, ROTATED, EVEN, EXCHANGED = (
    "G = g, a number",
    "G = g 1: rotations of the nodes",
    "G = g 1: signs of the pre-activations",
    "G = g_s on (1, ..., 1) and g_o across: exchange of nodes",
)


@dataclass(frozen=True)
class NetworkWeight:
    """The weight matrix F of one sample of a network.

    Attributes
    ----------
    network : Network
        The network.
    matrix : Matrix
        F in the label y and the pre-activations; at p = inf its diagonal, in units of 1/p.
    eigenvalues : tuple of (Expr, Expr)
        Eigenvalues with their multiplicities, where they are written in closed form: at p = 1, 2
        and inf, and for quadratic activations at any p, in `equations.weights.square` where
        neither an overlap nor a bias breaks rotations.
    symmetry : str
        What the exchange of nodes and their signs say of G.
    """

    network: Network
    matrix: Matrix
    eigenvalues: tuple[tuple[Expr, Expr], ...]
    symmetry: str

    @property
    def equations(self) -> tuple[Eq, ...]:
        """The bulk, eq. (31), in averages: one equation, or two where G has two eigenvalues.

        These hold the dressed weight `K = F (1 - G F)^-1` along (1, ..., 1) and across.
        """
        if self.network.has_sectors:
            return exchangeable.bulk_equations()
        return (Eq(z, spectrum.inverse_stieltjes()),)

    @property
    def support(self) -> tuple[float, float]:
        """Ends `(f_-, f_+)` of the support of the eigenvalues, infinite where there is none."""
        return self._end(1), -self._end(-1)

    def _end(self, sign: int) -> float:
        try:
            return lower_end(self.network, sign).low
        except BBPError:
            return -float("inf")

    def _repr_latex_(self) -> str:
        low, high = (latex_number(f"{end:.6g}").replace("inf", r"\infty") for end in self.support)
        listed = ",\\ ".join(
            rf"{latex(value)}\ ({latex(count)}\times)" for value, count in self.eigenvalues
        )
        parts = [
            f"F = {latex(self.matrix)}",
            *([rf"f:\ {listed}"] if listed else []),
            rf"f \in [{low}, {high}]",
            rf"\text{{{self.symmetry}}}",
        ]
        return "$\\displaystyle " + r",\qquad ".join(parts) + "$"


def shown_weight(network: Network) -> NetworkWeight:
    """Collect what is shown of the weight matrix of a network."""
    if network.is_radial:
        return NetworkWeight(network, _radial_matrix(network), _radial(network), ROTATED)
    matrix = network.weight
    if network.is_limit:
        return NetworkWeight(network, matrix, ((matrix[0, 0], P),), ONE)
    symmetry = ONE if network.p == 1 else EVEN if network.is_even else EXCHANGED
    return NetworkWeight(network, matrix, _eigenvalues(network), symmetry)


def _eigenvalues(network: Network) -> tuple[tuple[Expr, Expr], ...]:
    """Eigenvalues of `F = D + c a a^T`, where D is one number, or p at most two."""
    matrix, p = network.weight, network.p
    if p == 1:
        return ((matrix[0, 0], S.One),)
    (slope, curvature), (value, first, second) = weights.parts(
        network.loss, network.student, p, network.output == MEAN
    )
    nodes = weights.student_nodes(p)
    at = {weights.prediction: Add(*(value.subs(weights.argument, node) for node in nodes))}
    if not second.has(weights.argument):
        across = (slope * second).subs(at)
        length = Add(*(first.subs(weights.argument, node) ** 2 for node in nodes))
        return (across, p - S.One), (across + curvature.subs(at) * length, S.One)
    if p > 2:
        return ()
    middle = (matrix[0, 0] + matrix[1, 1]) / 2
    gap = sqrt(((matrix[0, 0] - matrix[1, 1]) / 2) ** 2 + matrix[0, 1] ** 2)
    return (middle - gap, S.One), (middle + gap, S.One)


def _radial(network: Network) -> tuple[tuple[Expr, Expr], ...]:
    across, along = network.radial_weights
    return (across, network.p - 1), (along, 1)


def _radial_matrix(network: Network) -> Matrix:
    """`f_1 1 + (f_2 - f_1) n n^T` for two different nodes q, r."""
    (across, _), (along, _) = _radial(network)
    q, r = (Symbol(f"lambda_{k}", real=True) for k in "qr")
    rank_one = factor((along - across) / weights.square)
    return Matrix(
        [[across + rank_one * q**2, rank_one * q * r], [rank_one * q * r, across + rank_one * r**2]]
    )
