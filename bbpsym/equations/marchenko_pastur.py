"""Sample covariance matrices of any population: bulk, spike, overlap.

With population eigenvalues tau and `x ~ N(0, 1/n)` the matrix `sum_mu tau_mu x^mu x^muT` of n data
has the eigenvalues of the sample covariance, and the weights f = tau at the ratio
`alpha = gamma = p/n`. One more eigenvalue ell of the population is one more term of the sum, of
rank one: its outlier lies where `ell g = 1`. Right of the bulk.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from bbpsym.equations.ensemble import WeightLaw
from bbpsym.equations.spectrum import inverse_stieltjes, inverse_stieltjes_slope
from bbpsym.symbols import g


@dataclass(frozen=True)
class PopulationLaw(WeightLaw):
    """Law of the eigenvalues of a population covariance."""


def spike_rate() -> Expr:
    """`|g|`: the outlier of a spike ell lies where it is `1/ell`."""
    return -g


def overlap2() -> Expr:
    """Squared overlap of the outlier's eigenvector with the spike's: `ell psi'(ell)/psi(ell)`.

    Here `psi(ell) = lambda(g)` at `g = 1/ell`, so that it is `-g lambda'/lambda`.
    """
    return -g * inverse_stieltjes_slope() / inverse_stieltjes()
