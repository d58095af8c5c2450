"""Deformed Gaussian matrices: a Gaussian matrix, a diagonal with a law, and spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sympy import S, oo

from bbpsym.averages.polynomial_laws import polynomial_law
from bbpsym.ensembles.wishart import BOUNDED_GRID, few_labels, weight_law
from bbpsym.equations.pastur import DiagonalLaw
from bbpsym.errors import DomainError, Suggesting, quoted
from bbpsym.laws.expressions import rational
from bbpsym.laws.extrema import extremes
from bbpsym.laws.frame import Frame
from bbpsym.laws.given import given_law
from bbpsym.laws.labels import Labels, discrete_labels
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES, Curve, Side
from bbpsym.numerics.ends import end_of
from bbpsym.numerics.label_measure import LabelLaw
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Exact, Number, Several
from bbpsym.symbols import f, label
from bbpsym.writing.display import DOUBLE_DIGITS, exact_text, latex_text
from bbpsym.writing.handwriting import latex

#: Relative error at which the mean of the squared entries of a signal counts as one.
UNIT = 1e-8


@dataclass(frozen=True, eq=False)
class DeformedSide(Side):
    """One side of a deformed matrix; spikes count as positive if they pull to it."""

    def scale(self, name: str) -> Any:
        """The sign by which a number of the reflected matrix differs from that of the matrix."""
        return -self.sign if name == "theta" else super().scale(name)


@dataclass(frozen=True)
class DeformedGaussian(Suggesting):
    """A matrix `H = J + D + sum_k theta_k w_k w_k^T`: noise, a diagonal, and spikes.

    J is symmetric and Gaussian with entries of variance `sigma^2/N` (twice that on its diagonal,
    which does not matter), D is diagonal with independent entries, the w_k are unit vectors.
    `threshold`, `edge`, `outlier`, `outliers` and `density` take it in place of a `Model`, without
    alpha.

    Attributes
    ----------
    diagonal : Labels, mapping, distribution of scipy.stats or None
        Law of the entries of D: a density (`labels_of`), values with their probabilities, or zero.
        The signal factor of `Labels` is the mean of `N w_i^2` given `D_ii`: 1 for a generic w.
    sigma : number
        Positive.
    spike : number, or sequence of numbers
        Strengths theta, not zero, of orthogonal spikes of the same kind; the side to which the
        first one pulls is the one that questions are about unless another is named. A positive
        one if None.
    site : number, optional
        The spike acts on one coordinate, on which the diagonal has this entry; `theta + site` takes
        its place.

    Raises
    ------
    DomainError
        If an argument is no such thing.

    Notes
    -----
    Source: "Discontinuous BBP transitions", arXiv 2604.27992; derived in chapter 11 of the
    derivations. Without a diagonal it is the spiked Wigner matrix of F. Benaych-Georges,
    R. R. Nadakuditi, Adv. Math. 227 (2011). Only what leaves the outer edges of the bulk is found.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from bbpsym import labels_of, threshold
    >>> law = labels_of(15 * (1 - x**2)**2 / 16, signal=1, support=(-1, 1))
    >>> found = threshold(DeformedGaussian(diagonal=law, sigma="0.3"), digits=20)
    >>> print(found.kind, found.text("theta"), found.text("overlap2"))
    discontinuous 0.80000000000000000000 0.48437500000000000000
    """

    diagonal: Labels = None  # type: ignore[assignment]
    sigma: Exact | int = 1
    spike: tuple[Fraction, ...] = ()
    site: Fraction | None = field(default=None, kw_only=True)

    if TYPE_CHECKING:

        def __init__(
            self,
            diagonal: Labels | Mapping | None = None,
            sigma: Number = 1,
            spike: Number | Several | None = None,
            *,
            site: Number | None = None,
        ) -> None: ...

    #: Module that answers: what varies is the strength of the spike, not alpha.
    answers: ClassVar[str] = "bbpsym.answers.deformed"

    #: Its signal-to-noise ratio is the strength of its spike.
    takes_alpha: ClassVar[bool] = False

    #: Sides that its bulk may have, and the unit of the eigenvalues that results hold.
    sides: ClassVar[tuple[str, ...]] = SIDES
    unit: ClassVar[str] = "1"

    def __post_init__(self) -> None:
        setting = object.__setattr__
        setting(self, "diagonal", _law_of(self.diagonal))
        setting(self, "sigma", arguments.positive(self.sigma, "sigma"))
        setting(self, "spike", _strengths(self.spike))
        if self.site is not None:
            place = arguments.exact(self.site)
            if place is None:
                raise DomainError(f"site must be a number, not {quoted(self.site)}")
            setting(self, "site", place)

    @property
    def side_seen(self) -> str:
        """The side to which the first spike pulls; the right one without spikes."""
        return LEFT if self.spike and self.spike[0] < 0 else RIGHT

    def side(self, side: str) -> Side:
        """Return the ensemble as seen from one side of its bulk.

        Raises
        ------
        DomainError
            If `side` is not "left" or "right", or the diagonal has no bound on that side.
        """
        if side not in SIDES:
            raise DomainError(f'side must be "left" or "right", not {quoted(side)}')
        return _side(self.diagonal, self.sigma, self.site, 1 if side == LEFT else -1)

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the ensemble."""
        given: dict[str, Any] = {"diagonal": self.diagonal.name, "sigma": exact_text(self.sigma)}
        if self.spike:
            given["spike"] = ", ".join(map(exact_text, self.spike))
        return given if self.site is None else given | {"site": exact_text(self.site)}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.labels().items())
        return f"DeformedGaussian({shown})"

    def _repr_latex_(self) -> str:
        parts = [rf"D:\ \text{{{latex_text(self.diagonal.name)}}}"]
        parts += [rf"\sigma={latex(rational(self.sigma))}"]
        parts += [rf"\theta={latex(rational(theta))}" for theta in self.spike]
        parts += [] if self.site is None else [rf"D_{{ii}}={latex(rational(self.site))}"]
        return "$" + r",\ ".join(parts) + "$"


def _law_of(given: Any) -> Labels:
    """The law of a diagonal, with the mean squared entries of a signal."""
    if given is None:
        return discrete_labels({0: 1}, 1, "zero")
    law = given_law(given, "diagonal")
    if law.log_laplace is not None:
        raise DomainError("diagonal must have a density or few values, not a transform")
    return law


def _strengths(given: Any) -> tuple[Fraction, ...]:
    if given is None:
        return ()
    several = given if isinstance(given, list | tuple) else (given,)
    numbers = tuple(arguments.exact(value) for value in several)
    if not all(numbers):
        wrong = ", ".join(str(v) for v, n in zip(several, numbers, strict=True) if not n)
        raise DomainError(f"spike must be a number that is not zero, or several, not {wrong:.40}")
    return numbers  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _side(diagonal: Labels, sigma: Fraction, site: Fraction | None, sign: int) -> Side:
    """One side, reflected if need be, with weights that begin at -1."""
    found = extremes(label, diagonal)
    end = found.low if sign > 0 else -found.high
    if end == -oo:
        where = "below" if sign > 0 else "above"
        raise DomainError(f"diagonal must be bounded {where} for an edge there")
    offset = end + 1
    reached = found.low_at if sign > 0 else found.high_at
    parameters: dict[str, Any] = {Parameter.VARIANCE: sigma**2, Parameter.OFFSET: offset}
    if site is not None:
        parameters[Parameter.SITE] = sign * rational(site) - offset
        if not parameters[Parameter.SITE] >= -1:
            raise DomainError(f"site must not lie beyond the diagonal, as {exact_text(site)} does")
    law = few_labels(sign * label - offset, diagonal) or weight_law(True)
    law = DiagonalLaw(law.weights, law.laws, law.signal, law.unit, site is not None)
    weight = label - sign * offset
    frame = Frame(law, weight, diagonal, sign, S.One, True, found.breaks, found.digits, reached)
    name = f"the matrix with diagonal {diagonal.name}"
    closed = polynomial_law(law, diagonal, sign * (f + offset))
    curve = Curve(
        law, LabelLaw(frame), parameters, BOUNDED_GRID, lambda _: end_of(frame), name, closed=closed
    )
    if diagonal.signal != 1 and site is None:
        _check_unit(curve)
    digits = found.digits if diagonal.is_exact else DOUBLE_DIGITS
    return DeformedSide(curve, sign, Fraction(1), digits)


def _check_unit(curve: Curve) -> None:
    """Refuse a signal that is no unit vector."""
    mean = float(curve.values(0.5, "profile")["profile"].value)
    if not abs(mean - 1) < UNIT:
        raise DomainError(
            f"the mean of the diagonal's signal factor, N w_i^2, must be one, not {mean:.8g}"
        )
