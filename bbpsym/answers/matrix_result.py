"""What is answered for the optimal matrix of several indices: an outlier, a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar, Generic

import numpy as np

from bbpsym.answers.result import Result
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.numerics.ball import Value


@dataclass(frozen=True)
class MatrixResult(Result):
    """What results about the optimal matrix have in common."""

    @property
    def how(self) -> str:
        """The method, and what of it is proved: that G is that of the bulk, too."""
        return self.method + (", every digit certified" if self.unique else "")


@dataclass(frozen=True)
class MatrixOutlier(MatrixResult, Generic[Value]):
    """The eigenvalue at one, or one above it, and what its eigenvector knows of each index.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    value : mpmath number
        The eigenvalue; that of `outlier` is one for every alpha.
    overlap2 : mpmath number
        Squared overlap `|M|^2` of the eigenvector with the span of the teacher's vectors.
    above : int
        How many eigenvalues lie above it, which `outliers` has too: at large alpha the weight of an
        index may see another one as well.
    overlap : ndarray, shape (r, r)
        M, block of the eigenvector by index of the teacher, known to the digits of `overlap2`;
        symmetric for the eigenvalue at one.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from sympy.abc import y
    >>> from bbpsym import MultiIndex, outlier
    >>> turning = Matrix([[1 + y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 1]])
    >>> law = MultiIndex({-1: "1/3", 0: "1/3", 1: "1/3"}, turning)
    >>> found = outlier(law.methods()[0], 8)
    >>> found.text("value", 4), found.above
    ('1.000', 0)
    """

    model: MatrixMethod
    alpha: Fraction
    value: Value
    overlap2: Value
    above: int
    overlap: np.ndarray = field(repr=False, compare=False)

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_*", "overlap2": "m^2"}
    columns: ClassVar[tuple[str, ...]] = ("alpha", "value", "overlap2", "shares", "above")
    plural: ClassVar[str] = "Outliers"

    @property
    def shares(self) -> str:
        """Parts of `overlap2` that lie along u_1, u_2, ..., to its digits at most three.

        What is smaller than the last digit of `overlap2` is rounding, and zero.
        """
        parts = np.sum(self.overlap**2, axis=0)
        parts = np.where(parts < parts.sum() * 10.0**-self.digits, 0.0, parts)
        return ", ".join(f"{part:.{min(3, self.digits)}g}" for part in parts)

    def _labels(self) -> dict[str, Any]:
        return super()._labels() | {"shares": self.shares, "above": self.above}

    def record(self, strings: bool | None = None) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON, with M as lists of floats."""
        digits = min(self.digits, 12)
        return super().record(strings) | {"overlap": self.overlap.round(digits).tolist()}


@dataclass(frozen=True)
class MatrixEdge(MatrixResult, Generic[Value]):
    """The right edge of the bulk.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    kind : {"sharp", "smooth"}
        Smooth, and at one, up to the threshold, where weights come as close to one as may be.
    value : mpmath number
        The edge.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from sympy.abc import y
    >>> from bbpsym import MultiIndex, edge
    >>> turning = Matrix([[1 + y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 1]])
    >>> law = MultiIndex({-1: "1/3", 0: "1/3", 1: "1/3"}, turning)
    >>> edge(law.methods()[0], 8).text("value", 4)
    '0.8626'
    """

    model: MatrixMethod
    alpha: Fraction
    kind: str
    value: Value

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_+"}
    columns: ClassVar[tuple[str, ...]] = ("alpha", "kind", "value")
    plural: ClassVar[str] = "Edges of the bulk"


@dataclass(frozen=True)
class MatrixThreshold(MatrixResult, Generic[Value]):
    """Where the eigenvalue at one leaves the bulk; the overlap is zero there.

    Attributes
    ----------
    kind : {"continuous"}
        The transition never jumps.
    alpha : mpmath number
        `MultiIndex.weak_recovery`.

    Examples
    --------
    >>> from sympy import Matrix
    >>> from sympy.abc import y
    >>> from bbpsym import MultiIndex, threshold
    >>> turning = Matrix([[1 + y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 1]])
    >>> law = MultiIndex({-1: "1/3", 0: "1/3", 1: "1/3"}, turning)
    >>> threshold(law.methods()[0]).text("alpha", 9)
    '4.28147007'
    """

    model: MatrixMethod
    kind: str
    alpha: Value

    symbols: ClassVar[Mapping[str, str]] = {"alpha": r"\alpha_{\mathrm{BBP}}"}
    columns: ClassVar[tuple[str, ...]] = ("kind", "alpha")
    plural: ClassVar[str] = "BBP thresholds"
