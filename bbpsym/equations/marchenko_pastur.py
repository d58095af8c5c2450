"""Sample covariance matrices of any population: bulk, spike, overlap.

With population eigenvalues tau and `x ~ N(0, 1/n)` the matrix `sum_mu tau_mu x^mu x^muT` of n data
has the eigenvalues of the sample covariance, and the weights f = tau at the ratio
`alpha = gamma = p/n`. One more eigenvalue ell of the population is one more term of the sum, of
rank one: its outlier lies where `ell g = 1`. Right of the bulk.

Left of the bulk, for gamma < 1, ell lies below the population. With the weights `f = 1/tau` and
ell in the place of g the curve is `psi(ell) = ell (1 - gamma E[1/(1 - ell/tau)])`; all is seen from
the left, so that `ell = -g` with weights `-1/tau`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.equations.spectrum import inverse_stieltjes, inverse_stieltjes_slope
from bbpsym.symbols import alpha, f, g


@dataclass(frozen=True)
class PopulationLaw(WeightLaw):
    """Law of the eigenvalues of a population covariance."""

    #: An outlier is where its spike says, not where `<(u^2 - 1) h>` does.
    has_own_condition: ClassVar[bool] = True


@dataclass(frozen=True)
class LowerPopulationLaw(PopulationLaw):
    """Law of minus the inverse eigenvalues, for the left edge."""


def spike_rate() -> Expr:
    """`|g|`: the outlier of a spike ell lies where it is `1/ell`."""
    return -g


def overlap2() -> Expr:
    """Squared overlap of the outlier's eigenvector with the spike's: `ell psi'(ell)/psi(ell)`.

    Here `psi(ell) = lambda(g)` at `g = 1/ell`, so that it is `-g lambda'/lambda`.
    """
    return -g * inverse_stieltjes_slope() / inverse_stieltjes()


def lower_moment(order: int) -> Expr:
    """`E[(1 - ell/tau)^-n]`."""
    return Average((1 - g * f) ** -order)


def lower_eigenvalue() -> Expr:
    """`psi(ell)` below the population."""
    return -g * (1 - alpha * lower_moment(1))


def lower_edge_rate() -> Expr:
    """What is `(1 - gamma)/gamma` at the left edge, and zero at `ell = 0`: `psi' = 0` there."""
    return lower_moment(2) - 1


def lower_overlap2() -> Expr:
    """`ell psi'(ell)/psi(ell)` below the population."""
    return (1 - alpha * lower_moment(2)) / (1 - alpha * lower_moment(1))
