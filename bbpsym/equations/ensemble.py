"""What the equations need to know of a random matrix `H = sum_mu F^mu (x) x^mu x^muT`.

An ensemble holds the eigenvalues `f_k` of the weight matrix with their shares, the laws of the
latent variables they depend on, and the signal factor. The paper's Hessian is one instance; a
spectral method (7) is another, with the single weight `T(y)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from sympy import Expr, Integer, Rational, S, Symbol, cancel, limit, log, oo

from bbpsym.equations.hessian import averaged_weight, weight_matrix
from bbpsym.symbols import p, p_star, sigma, y, yh


@dataclass(frozen=True)
class Law:
    """Law of a non-negative latent variable, by `log E[exp(-sigma v)]`."""

    #: The latent variable `v`.
    variable: Symbol
    #: `log E[exp(-sigma v)]` as an expression in `bbpsym.symbols.sigma`.
    log_laplace: Expr

    def cumulant(self, order: int, at: Expr = S.Zero) -> Expr:
        """Cumulant of the law tilted by `exp(-at v)`; `at = 0` gives the law's own."""
        return ((-1) ** order * self.log_laplace.diff(sigma, order)).subs(sigma, at)

    def stein_variance(self) -> Expr | None:
        """The `V` of Stein's identity `E[(v - 1) F(v)] = V E[v F'(v)]`, or None.

        On `F = exp(-sigma v)` the identity is the differential equation
        `(1 + V sigma) (log L)' = -1`; a gamma law of unit mean satisfies it, with its variance.
        """
        variance = cancel((-1 / self.log_laplace.diff(sigma) - 1) / sigma)
        return None if variance.has(sigma) else variance

    def limit(self, parameter: Symbol) -> Law:
        """Return the law as `parameter` goes to infinity."""
        return Law(self.variable, limit(self.log_laplace, parameter, oo))


def chi_square(variable: Symbol, width: Expr) -> Law:
    """Return the law of a mean of `width` squared standard Gaussians, eqs. (1)(2)."""
    return Law(variable, -width * Rational(1, 2) * log(1 + 2 * sigma / width))


@dataclass(frozen=True)
class Weight:
    """An eigenvalue of the weight matrix in units of `WeightLaw.unit`, with its share of all.

    `signal` is the factor `u^2` of eq. (38) where the weight has one of its own.
    """

    value: Expr
    share: Expr
    signal: Expr | None = None


@dataclass(frozen=True)
class WeightLaw:
    """Law of the weights of a reweighted Wishart matrix, jointly with its signal."""

    #: Eigenvalues of the weight matrix with shares that add up to one.
    weights: tuple[Weight, ...]
    #: Laws of the independent latent variables; empty if averages are to stay averages over a label
    #: of any law.
    laws: tuple[Law, ...]
    #: The factor `u^2` of eq. (38), averaged over what the weights do not depend on.
    signal: Expr
    #: Unit of the weights and of the eigenvalues; `g = -t / unit`.
    unit: Expr

    def limit(self, parameter: Symbol) -> WeightLaw:
        """Return the ensemble as `parameter` goes to infinity, weights without share dropped.

        Weights and eigenvalues stay in the (vanishing) unit of the finite ensemble, so the
        limit is expressed with unit 1.
        """
        weights = tuple(
            Weight(limit(weight.value, parameter, oo), limit(weight.share, parameter, oo))
            for weight in self.weights
        )
        laws = tuple(law.limit(parameter) for law in self.laws)
        kept = tuple(weight for weight in weights if weight.share != 0)
        return WeightLaw(kept, laws, self.signal, Integer(1))


@cache
def hessian_ensemble() -> WeightLaw:
    """The paper's Hessian at finite width: weights (48), outputs (1)(2), signal factor `y`.

    By the symmetry between teachers `u_l^2` may be replaced by its mean `y` over the teachers.
    The unit `2/p` makes the lower end of the weights' support -1.
    """
    unit = 2 / p
    weights = tuple(
        Weight(value / unit, count / p) for value, count in weight_matrix().eigenvalues()
    )
    return WeightLaw(weights, (chi_square(y, p_star), chi_square(yh, p)), y, unit)


@cache
def averaged_ensemble() -> WeightLaw:
    """The Hessian with the student averaged out, in the unit in which its weights begin at -1."""
    unit = 2 / p
    return WeightLaw((Weight(averaged_weight() / unit, S.One),), (chi_square(y, p_star),), y, unit)


@cache
def overparametrised_ensemble() -> WeightLaw:
    """The Hessian as the student width p goes to infinity, eqs. (50)-(53), in units of 2/p."""
    return hessian_ensemble().limit(p)
