"""Sample covariance matrices: Marchenko and Pastur's law of any population, and a spike in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

from sympy import latex

from bbpsym import arguments
from bbpsym.display import exact_text, latex_text
from bbpsym.equations.marchenko_pastur import PopulationLaw
from bbpsym.errors import DomainError
from bbpsym.labels import Labels, rational
from bbpsym.numerics.curve import RIGHT, Side
from bbpsym.symbols import label
from bbpsym.wishart import Ensemble


@dataclass(frozen=True, eq=False)
class PopulationSide(Side):
    """The right side, in units of the largest eigenvalue of the population."""

    def scale(self, name: str) -> Any:
        """The factor to the population's own units."""
        return self.unit if name == "spike" else super().scale(name)


@dataclass(frozen=True)
class SampleCovariance:
    """The sample covariance `(1/n) sum_i x_i x_i^T` of n data in p dimensions.

    The data are Gaussian with a covariance whose eigenvalues follow a law, and one more eigenvalue,
    the spike. `threshold`, `edge` and `outlier` take it, without alpha.

    Attributes
    ----------
    population : Labels
        Law of the eigenvalues, positive and bounded, as from `labels_of(density, 1, support)` or
        `discrete_labels(probabilities, 1)`.
    gamma : number
        Dimensions over data, `p/n`.
    spike : number, optional
        The eigenvalue that is added, above all others: what a lower one makes is not looked for.

    Raises
    ------
    DomainError
        If an argument is no such thing.

    Notes
    -----
    Source: J. W. Silverstein, J. Multivariate Anal. 55 (1995) 331; Z. Bai, J. Yao, J. Multivariate
    Anal. 106 (2012) 167; the overlap is from X. Mestre, IEEE Trans. Signal Process. 56 (2008) 5353.
    Only what leaves the right edge is found; a spike that is not above all others is refused when
    a question is asked.

    Examples
    --------
    >>> from bbpsym import discrete_labels, outlier
    >>> identity = discrete_labels({1: 1}, 1, "identity")
    >>> found = outlier(SampleCovariance(identity, gamma="1/2", spike=3), digits=20)
    >>> print(found.text("value"), found.text("overlap2"))
    3.7500000000000000000 0.70000000000000000000
    """

    population: Labels
    gamma: Any
    spike: Any = None

    #: Module that answers: what varies is the spike, not alpha.
    answers: ClassVar[str] = "bbpsym.answers.covariance"
    takes_alpha: ClassVar[bool] = False

    #: Sides of the bulk, the one that is meant, and the unit of eigenvalues.
    sides: ClassVar[tuple[str, ...]] = (RIGHT,)
    side_seen: ClassVar[str] = RIGHT
    unit: ClassVar[str] = "1"

    def __post_init__(self) -> None:
        if not isinstance(self.population, Labels):
            raise DomainError(f"population must be Labels, not {self.population!r:.40}")
        object.__setattr__(self, "gamma", arguments.positive(self.gamma, "gamma"))
        if self.spike is not None:
            object.__setattr__(self, "spike", arguments.positive(self.spike, "spike"))

    def side(self, side: str = RIGHT) -> Side:
        """Return the right side of the bulk.

        Raises
        ------
        DomainError
            If another side is asked for, the population is unbounded, not positive or zero alone,
            or the spike does not lie above it.
        """
        if side != RIGHT:
            raise DomainError(f'side must be "right" for a spike, not {side!r:.40}')
        found = _side(self.population)
        if self.spike is not None and not level(self.spike, found.unit) > 1:
            top, spike = exact_text(found.unit), exact_text(self.spike)
            raise DomainError(
                f"spike must be above {top}, the largest of the population, not {spike}: only what "
                "leaves the right edge is looked for"
            )
        return found

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


@lru_cache(maxsize=256)
def _side(population: Labels) -> Side:
    low, high = Ensemble(label, population).bounds
    if not low >= 0:
        raise DomainError("population must be positive: it is a law of variances")
    if not high > 0:
        raise DomainError("population must not be zero alone")
    seen = Ensemble(label, population).side(RIGHT)
    law = seen.curve.law
    family = PopulationLaw(law.weights, law.laws, law.signal, law.unit)
    name = f"the sample covariance of {population.name}"
    curve = replace(seen.curve, law=family, name=name)
    return PopulationSide(curve, seen.sign, seen.unit, seen.digits)


def level(spike: Fraction, unit: Any) -> Any:
    """A spike in units of the largest eigenvalue of the population."""
    return spike / unit if isinstance(unit, Fraction) else rational(spike) / unit
