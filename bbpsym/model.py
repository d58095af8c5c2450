"""The specification of a problem: two widths and the loss normalisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from bbpsym import arguments
from bbpsym.display import exact_text, latex_number


@dataclass(frozen=True)
class Model:
    """The Hessian at initialisation of the paper's two-layer network, eqs. (1)-(5).

    Parameters
    ----------
    p : int or "inf"
        Student width, 1 to 1e6, or infinite overparametrisation.
    p_star : int
        Teacher width, 1 to 1e6.
    a : int, str, Fraction, Decimal, SymPy Rational or float
        Loss normalisation of eq. (3), positive; kept exactly. A float is read as its shortest
        decimal.

    Raises
    ------
    DomainError
        If an argument is outside its range; the sentence names it.

    Examples
    --------
    >>> Model(p=2, p_star=1, a="0.7")
    Model(p=2, p_star=1, a='0.7')
    """

    p: Any
    p_star: Any
    a: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", arguments.width(self.p, "p", infinite=True))
        object.__setattr__(self, "p_star", arguments.width(self.p_star, "p_star"))
        object.__setattr__(self, "a", arguments.positive(self.a, "a"))

    @property
    def is_overparametrised_limit(self) -> bool:
        """Whether p is infinite; eigenvalues and g are then given in units of 2/p and p/2."""
        return self.p == math.inf

    def __repr__(self) -> str:
        p = "'inf'" if self.is_overparametrised_limit else self.p
        return f"Model(p={p}, p_star={self.p_star}, a='{exact_text(self.a)}')"

    def _repr_latex_(self) -> str:
        p = r"\infty" if self.is_overparametrised_limit else self.p
        return rf"$p={p},\ p^*={self.p_star},\ a={latex_number(exact_text(self.a))}$"
