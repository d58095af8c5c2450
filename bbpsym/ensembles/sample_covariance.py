"""Sample covariance matrices: Marchenko and Pastur's law of any population, and a spike in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from sympy import oo

from bbpsym.averages.polynomial_laws import polynomial_law
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.equations.marchenko_pastur import LowerPopulationLaw, PopulationLaw
from bbpsym.errors import DomainError, Suggesting, quoted
from bbpsym.laws.expressions import rational
from bbpsym.laws.given import given_law
from bbpsym.laws.labels import Labels
from bbpsym.numerics.curve import LEFT, RIGHT, SIDES, Curve, Side
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Exact, Number
from bbpsym.symbols import f, label
from bbpsym.writing.display import exact_text, latex_text
from bbpsym.writing.handwriting import latex

#: Numbers that have the unit of eigenvalues.
UNITS = ("value", "spike")


@dataclass(frozen=True, eq=False)
class PopulationSide(Side):
    """The right side, in units of the largest eigenvalue of the population.

    Also the left one for gamma > 1, which no spike leaves.
    """

    def scale(self, name: str) -> Any:
        """The factor to the population's own units."""
        return self.unit if name == "spike" else super().scale(name)

    def edge_level(self, gamma: Fraction) -> Fraction:
        """What the rate of the edge is multiplied with."""
        return gamma

    def spike_level(self, spike: Fraction) -> Any:
        """What the rate of an outlier is multiplied with."""
        return _exact(spike) / self.unit


@dataclass(frozen=True, eq=False)
class LowerSide(PopulationSide):
    """The left side for gamma < 1, in units of the smallest eigenvalue of the population."""

    def scale(self, name: str) -> Any:
        """The factor to the population's own units."""
        return 1 / self.unit if name == "g" else self.unit if name in UNITS else 1

    def edge_level(self, gamma: Fraction) -> Fraction:
        """What the rate of the edge is multiplied with."""
        return gamma / (1 - gamma)

    def spike_level(self, spike: Fraction) -> Any:
        """What the rate of an outlier is multiplied with."""
        return self.unit / _exact(spike)


@dataclass(frozen=True)
class SampleCovariance(Suggesting):
    """The sample covariance `(1/n) sum_i x_i x_i^T` of n data in p dimensions.

    The data are Gaussian with a covariance whose eigenvalues follow a law, and one more eigenvalue,
    the spike. `threshold`, `edge` and `outlier` take it, without alpha.

    Attributes
    ----------
    population : Labels, mapping or distribution of scipy.stats
        Law of the eigenvalues, positive and bounded: a density, as from `labels_of(density, 1,
        support)`, or values with their probabilities.
    gamma : number
        Dimensions over data, `p/n`.
    spike : number, optional
        The eigenvalue that is added, above all others or, for gamma < 1, below them.

    Raises
    ------
    DomainError
        If an argument is no such thing.

    Notes
    -----
    Source: J. W. Silverstein, J. Multivariate Anal. 55 (1995) 331; Z. Bai, J. Yao, J. Multivariate
    Anal. 106 (2012) 167; the overlap is from X. Mestre, IEEE Trans. Signal Process. 56 (2008) 5353.
    Only what leaves the two outer edges is found; a spike inside the population is refused when a
    question is asked. The left edge is that of the eigenvalues that are not zero, also for
    gamma > 1, where no spike leaves it; at gamma = 1 the density diverges at zero.

    Examples
    --------
    >>> from bbpsym import outlier
    >>> found = outlier(SampleCovariance({1: 1}, gamma="1/2", spike=3), digits=20)
    >>> print(found.text("value"), found.text("overlap2"))
    3.7500000000000000000 0.70000000000000000000
    """

    population: Labels
    gamma: Exact
    spike: Exact | None = None

    if TYPE_CHECKING:

        def __init__(
            self, population: Labels | Mapping, gamma: Number, spike: Number | None = None
        ) -> None: ...

    #: Module that answers: what varies is the spike, not alpha.
    answers: ClassVar[str] = "bbpsym.answers.covariance"
    takes_alpha: ClassVar[bool] = False

    #: Sides of the bulk, the one that is meant, and the unit of eigenvalues.
    sides: ClassVar[tuple[str, ...]] = SIDES
    unit: ClassVar[str] = "1"

    def __post_init__(self) -> None:
        object.__setattr__(self, "population", given_law(self.population, "population"))
        object.__setattr__(self, "gamma", arguments.positive(self.gamma, "gamma"))
        if self.spike is not None:
            object.__setattr__(self, "spike", arguments.positive(self.spike, "spike"))

    @property
    def side_seen(self) -> str:
        """The side that the spike may leave; the right one without a spike."""
        below = self.spike is not None and bool(_exact(self.spike) < _ends(self.population)[0])
        return LEFT if below else RIGHT

    def side(self, side: str = RIGHT) -> PopulationSide:
        """Return one side of the bulk.

        Raises
        ------
        DomainError
            If `side` is no side, the population is unbounded there, not positive or zero alone, or
            the spike lies inside of it.
        """
        if side not in SIDES:
            raise DomainError(f'side must be "left" or "right", not {quoted(side)}')
        low, high = _ends(self.population)
        if self.spike is not None and low <= _exact(self.spike) <= high:
            raise DomainError(_inside(self.spike, low, high))
        if side == LEFT and self.gamma == 1:
            raise DomainError("gamma must not be 1 for a left edge: the density diverges at zero")
        lower = _left if self.gamma < 1 else _above_zeros
        return _at(self.gamma, (_right if side == RIGHT else lower)(self.population))

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the ensemble."""
        given = {"population": self.population.name, "gamma": exact_text(self.gamma)}
        return given if self.spike is None else given | {"spike": exact_text(self.spike)}

    def __repr__(self) -> str:
        return "SampleCovariance(" + ", ".join(f"{k}={v}" for k, v in self.labels().items()) + ")"

    def _repr_latex_(self) -> str:
        head = (
            rf"\text{{{latex_text(self.population.name)}}},\ \gamma={latex(rational(self.gamma))}"
        )
        spike = "" if self.spike is None else rf",\ \ell={latex(rational(self.spike))}"
        return f"${head}{spike}$"


def _inside(spike: Any, low: Any, high: Any) -> str:
    """Say that a spike lies inside the population."""
    given, bottom, top = map(exact_text, (spike, low, high))
    if low == high:
        return f"spike must not be {given}, the one value of the population"
    below, above = [f"below {bottom}"] * bool(low > 0), [f"above {top}"] * bool(high < oo)
    if not below + above:
        return "population must be bounded for a spike: none lies outside of it"
    outside = " or ".join(below + above)
    return (
        f"spike must be {outside}, outside of the population, not {given}: only what leaves the "
        "outer edges is looked for"
    )


@lru_cache(maxsize=256)
def _ends(population: Labels) -> tuple[Any, Any]:
    """Smallest and largest eigenvalue of a population."""
    low, high = Ensemble(label, population).bounds
    if not low >= 0:
        raise DomainError("population must be positive: it is a law of variances")
    if not high > 0:
        raise DomainError("population must not be zero alone")
    return low, high


@lru_cache(maxsize=256)
def _right(population: Labels) -> PopulationSide:
    seen = Ensemble(label, population).side(RIGHT)
    curve = _own(seen.curve, PopulationLaw)
    closed = polynomial_law(curve.law, population, -rational(seen.unit) * f)
    return PopulationSide(replace(curve, closed=closed), seen.sign, seen.unit, seen.digits)


@lru_cache(maxsize=256)
def _above_zeros(population: Labels) -> PopulationSide:
    """The left side of the eigenvalues that are not zero."""
    seen = Ensemble(label, population).side(LEFT)
    curve = _own(seen.curve, PopulationLaw)
    closed = polynomial_law(curve.law, population, rational(seen.unit) * f)
    return PopulationSide(replace(curve, closed=closed), seen.sign, seen.unit, seen.digits)


@lru_cache(maxsize=256)
def _left(population: Labels) -> LowerSide:
    low, _ = _ends(population)
    if not low > 0:
        raise DomainError("population must stay away from zero for a left edge")
    seen = Ensemble(1 / label, population).side(RIGHT)
    curve = _own(seen.curve, LowerPopulationLaw)
    closed = polynomial_law(curve.law, population, -1 / (rational(seen.unit) * f))
    return LowerSide(replace(curve, closed=closed), seen.sign, 1 / seen.unit, seen.digits)


@lru_cache(maxsize=256)
def _at(gamma: Any, side: PopulationSide) -> PopulationSide:
    """A side at gamma, which its equations hold in place of alpha."""
    given = {**side.curve.parameters, Parameter.ALPHA: gamma}
    return replace(side, curve=replace(side.curve, parameters=given))


def _own(curve: Curve, kind: type[PopulationLaw]) -> Curve:
    """The curve of an ensemble with the equations of sample covariances."""
    law = kind(curve.law.weights, curve.law.laws, curve.law.signal, curve.law.unit)
    return replace(curve, law=law, name="the sample covariance")


def _exact(spike: Any) -> Any:
    return rational(spike) if isinstance(spike, Fraction) else spike
