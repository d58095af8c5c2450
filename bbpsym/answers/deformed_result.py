"""What is answered for a deformed Gaussian matrix: an edge, an outlier, a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Generic

from bbpsym.answers.result import Result
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.numerics.ball import Value
from bbpsym.writing.display import exact_text


@dataclass(frozen=True)
class DeformedEdge(Result, Generic[Value]):
    """An edge of the bulk of a deformed Gaussian matrix.

    Attributes
    ----------
    kind : {"sharp", "smooth"}
        Whether the density vanishes like a square root there, or as that of the diagonal does.
    value : float or mpmath number
        The edge.
    g : float or mpmath number
        Stieltjes transform there; `Gamma = value - sigma^2 g`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from bbpsym import DeformedGaussian, edge, labels_of
    >>> law = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1, support=(-1, 1))
    >>> edge(DeformedGaussian(law, "0.3")).kind
    'smooth'
    """

    model: DeformedGaussian
    kind: str
    value: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-", "g": "g"}
    columns: ClassVar[tuple[str, ...]] = ("kind", "value", "g")
    plural: ClassVar[str] = "Edges"


@dataclass(frozen=True)
class DeformedOutlier(Result, Generic[Value]):
    """The outlier that one spike makes.

    Attributes
    ----------
    theta : Fraction
        Strength of the spike, exact.
    value : float or mpmath number
        The eigenvalue.
    overlap2 : float or mpmath number
        Squared overlap of its eigenvector with the spike's vector.
    g : float or mpmath number
        Stieltjes transform there; `Gamma = value - sigma^2 g`.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from bbpsym import DeformedGaussian, labels_of, outlier
    >>> law = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1, support=(-1, 1))
    >>> print(outlier(DeformedGaussian(law, "0.3", spike=1)).text("value"))
    1.24142397283
    """

    model: DeformedGaussian
    theta: Fraction
    value: Value
    overlap2: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_*", "overlap2": "m^2", "g": "g"}
    columns: ClassVar[tuple[str, ...]] = ("value", "overlap2", "g")
    #: What a LaTeX table calls a number of the model that has another symbol elsewhere.
    given: ClassVar[Mapping[str, str]] = {"spike": r"\theta"}
    plural: ClassVar[str] = "Outliers"

    def _labels(self) -> dict[str, Any]:
        return {"theta": exact_text(self.theta), **super()._labels()}


@dataclass(frozen=True)
class DeformedThreshold(Result, Generic[Value]):
    """The strength beyond which a spike makes an outlier.

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Whether the outlier leaves a sharp or a smooth edge.
    theta : float or mpmath number
        Threshold of the spike's strength; negative on the left.
    sigma_c : float or mpmath number
        The sigma above which the edge is sharp; 0 if it always is.
    value : float or mpmath number
        The edge that the outlier leaves.
    overlap2 : float or mpmath number
        Squared overlap with the spike's vector there: 0 if continuous, the jump if discontinuous.
    g : float or mpmath number
        Stieltjes transform there.

    Examples
    --------
    >>> from sympy.abc import x
    >>> from bbpsym import DeformedGaussian, labels_of, threshold
    >>> law = labels_of(15 * (1 - x**2) ** 2 / 16, signal=1, support=(-1, 1))
    >>> print(threshold(DeformedGaussian(law, "0.3")).text("theta"))
    0.800000000000
    """

    model: DeformedGaussian
    kind: str
    theta: Value
    sigma_c: Value
    value: Value
    overlap2: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {
        "theta": r"\theta_c",
        "sigma_c": r"\sigma_c",
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "g": "g",
    }
    columns: ClassVar[tuple[str, ...]] = ("kind", *symbols)
    plural: ClassVar[str] = "Thresholds"
