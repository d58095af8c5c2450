"""Laws of weights that have a name: their expressions are made when they are asked for."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Union

from bbpsym.parameters import Parameter

if TYPE_CHECKING:
    from sympy import Expr

    from bbpsym.equations.ensemble import Law, Weight, WeightLaw


class KnownLaw(Enum):
    """A law of the package's own, in place of the `WeightLaw` that it stands for.

    Equations of these are kept, so that they are answered for without SymPy.
    """

    HESSIAN = "the Hessian"
    OVERPARAMETRISED = "the Hessian at p = inf"
    AVERAGED = "the averaged Hessian"

    @property
    def written(self) -> WeightLaw:
        """The law in SymPy."""
        from bbpsym.equations import ensemble

        made = {
            KnownLaw.HESSIAN: ensemble.hessian_ensemble,
            KnownLaw.OVERPARAMETRISED: ensemble.overparametrised_ensemble,
            KnownLaw.AVERAGED: ensemble.averaged_ensemble,
        }
        return made[self]()

    @property
    def weights(self) -> tuple[Weight, ...]:
        """Eigenvalues of the weight matrix with their shares."""
        return self.written.weights

    @property
    def laws(self) -> tuple[Law, ...]:
        """Laws of the latent variables."""
        return self.written.laws

    @property
    def signal(self) -> Expr:
        """The signal factor."""
        return self.written.signal

    @property
    def unit(self) -> Expr:
        """Unit of the weights."""
        return self.written.unit


class Reduction(NamedTuple):
    """One side of a matrix whose averages are those of a law with a name."""

    #: The law.
    law: KnownLaw
    #: Its parameters, by name (tuple of (str, number)).
    parameters: tuple[tuple[str, Any], ...]
    #: The side of the bulk.
    side: str
    #: Distance of the bound of the weights from zero.
    unit: Fraction
    #: Name of the parameter that integrands decay with.
    rate: Parameter = Parameter.A

    @property
    def is_optimal(self) -> bool:
        """Whether the weight is the optimal one, `1 - 1/y`: `(y - 1)/(y + a)` where a is zero."""
        return self.rate is Parameter.T


#: What equations are asked of.
AnyLaw: TypeAlias = Union[KnownLaw, "WeightLaw"]
