"""The specification of a problem: two widths and the loss normalisation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from bbpsym.compilation.systems import unit_system
from bbpsym.errors import DomainError, Suggesting, quoted
from bbpsym.laws.known_laws import KnownLaw
from bbpsym.numerics.curve import LEFT, Curve, End, Side
from bbpsym.numerics.laplace_measure import LaplaceVariable
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Exact, Number, Whole, Width
from bbpsym.writing.display import exact_latex, exact_text

#: Where the curve of a single model is looked at before anything else: at once this takes little
#: longer than at one point.
GRID = np.array([1e-4, 1e-3, 0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 0.997, 1.0])


@dataclass(frozen=True)
class Model(Suggesting):
    """The Hessian at initialisation of the paper's two-layer network, eqs. (1)-(5).

    Parameters
    ----------
    p : int or "inf"
        Student width, 1 to 1e6, or infinite overparametrisation.
    p_star : int
        Teacher width, 1 to 1e6.
    a : int, str, Fraction, Decimal, float, mpmath number or number of SymPy's
        Loss normalisation of eq. (3), positive; kept exactly, sqrt(2) and pi too. A float, or a
        number of mpmath's, is read as its shortest decimal.

    Raises
    ------
    DomainError
        If an argument is outside its range; the sentence names it.

    Notes
    -----
    Questions about it are functions: `threshold`, `edge`, `outlier`, `density`, `table`, `compare`;
    `edge_curve` and `outlier_curve` along alpha; `finite_edge`, `outlier_band`, `alpha_zero` and
    `predict` for finite systems; `student_outliers` for the student's own directions; `critical_a`
    of the widths alone. `thresholds`, `edges` and `outliers` answer for many models at once.

    Examples
    --------
    >>> Model(p=2, p_star=1, a="0.7")
    Model(p=2, p_star=1, a='0.7')
    """

    p: Width
    p_star: int
    a: Exact

    if TYPE_CHECKING:

        def __init__(self, p: Whole, p_star: Whole, a: Number) -> None: ...

    def __new__(
        cls, p: Whole | None = None, p_star: Whole | None = None, a: Number | None = None
    ) -> Any:
        """Return a `Setting`, to derive from, where something is given by symbols."""
        if any(getattr(value, "free_symbols", None) for value in (p, p_star, a)):
            from bbpsym.ensembles.networks.setting import paper
            from bbpsym.ensembles.networks.two_layer import Network

            return paper(p, p_star, a, Network)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", arguments.width(self.p, "p", infinite=True))
        object.__setattr__(self, "p_star", arguments.width(self.p_star, "p_star"))
        object.__setattr__(self, "a", arguments.positive(self.a, "a"))

    @property
    def is_overparametrised_limit(self) -> bool:
        """Whether p is infinite; eigenvalues and g are then given in units of 2/p and p/2."""
        return self.p == math.inf

    def side(self, side: str = LEFT) -> Side:
        """Return the Hessian as seen from the left, in units of 2/p.

        Raises
        ------
        DomainError
            If `side` is not "left".
        """
        if side != LEFT:
            raise DomainError(
                f'side must be "left" for a Model, not {quoted(side)}: the weights of the Hessian '
                "are unbounded above, so that its bulk has no right edge"
            )
        return Side(self.curve, 1, self.scale, arguments.MAX_DIGITS)

    #: Sides of its bulk that have an edge.
    sides: ClassVar[tuple[str, ...]] = (LEFT,)

    @property
    def unit(self) -> str:
        """Unit of the eigenvalues that results hold: "1", or "2/p" at p = inf."""
        return "2/p" if self.is_overparametrised_limit else "1"

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the model."""
        p = "inf" if self.is_overparametrised_limit else self.p
        return {"p": p, "p_star": self.p_star, "a": self.a}

    @property
    def curve(self) -> Curve:
        """The equations of its left side."""
        return _curve(self)

    @property
    def scale(self) -> Fraction:
        """Unit of its eigenvalues: 2/p, or 1 (that is, 2/p itself) at p = inf."""
        return _unit(self.p)

    @property
    def whole(self) -> Curve:
        """The equations of the whole spectrum, in units of 2/p; it has no right edge."""
        return self.curve

    def __repr__(self) -> str:
        p = "'inf'" if self.is_overparametrised_limit else self.p
        return f"Model(p={p}, p_star={self.p_star}, a='{exact_text(self.a)}')"

    def _repr_latex_(self) -> str:
        p = r"\infty" if self.is_overparametrised_limit else self.p
        return rf"$p={p},\ p^*={self.p_star},\ a={exact_latex(self.a)}$"


@lru_cache(maxsize=256)
def _unit(p: Any) -> Fraction:
    system = unit_system(KnownLaw.OVERPARAMETRISED if p == math.inf else KnownLaw.HESSIAN)
    given = [{Parameter.P: Fraction(p)}[Parameter(name)] for name in system.parameters]
    (unit,) = system.plain[1]([], *given)
    return Fraction(unit)


@lru_cache(maxsize=256)
def _curve(model: Model) -> Curve:
    return hessian_curve(model.p, model.p_star, model.a, repr(model))


def hessian_curve(p: Any, p_star: Any, a: Any, name: str = "the Hessian") -> Curve:
    """Return the curve of one Hessian or, with arrays, of many of finite or of infinite width.

    That the outlier curve and the edge curve meet once has been seen in every scan; certified
    answers prove it for the model at hand.
    """
    parameters: dict[str, Any] = {Parameter.A: a, Parameter.P_STAR: p_star, Parameter.P: p}
    law = KnownLaw.HESSIAN
    if np.ndim(p) == 0 and p == math.inf:
        law = KnownLaw.OVERPARAMETRISED
        del parameters[Parameter.P]
    return Curve(law, LaplaceVariable(), parameters, GRID, lambda _: End.SMOOTH, name, True)


def in_numbers(p: Any, p_star: Any, a: Any) -> Model:
    """A model that is no `Setting`.

    Raises
    ------
    DomainError
        If something is given by symbols, or out of range.
    """
    found: Any = Model(p, p_star, a)
    if not isinstance(found, Model):
        raise DomainError(
            f"p, p_star and a must be numbers here, and {quoted(found, 60)} has symbols"
        )
    return found
