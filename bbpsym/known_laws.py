"""Laws of weights that have a name: their expressions are made when they are asked for."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from sympy import Expr

    from bbpsym.equations.ensemble import Law, Weight, WeightLaw


class KnownLaw(Enum):
    """A law of the package's own, in place of the `WeightLaw` that it stands for.

    Equations of these are kept, so that they are answered for without SymPy.
    """

    HESSIAN = "the Hessian"
    OVERPARAMETRISED = "the Hessian at p = inf"

    @property
    def written(self) -> WeightLaw:
        """The law in SymPy."""
        from bbpsym.equations import ensemble

        if self is KnownLaw.HESSIAN:
            return ensemble.hessian_ensemble()
        return ensemble.overparametrised_ensemble()

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


#: What equations are asked of.
AnyLaw: TypeAlias = Union[KnownLaw, "WeightLaw"]
