"""What is answered for a network: an edge, outliers of a sector, a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar, Generic

import numpy as np

from bbpsym.answers.recognised import paper_model
from bbpsym.answers.result import Result
from bbpsym.ensembles.networks.proved_domain import is_admissible
from bbpsym.ensembles.networks.proved_end import is_proved
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.numerics.ball import Value
from bbpsym.numerics.curve import LEFT
from bbpsym.numerics.networks.node_laws import NodeLaw

#: How much farther out G is proved to be in its domain than doubles find it.
BEYOND = 1 + 1e-6

#: Said of the end of the support of F where descent from many starts is all that shows it.
SEEN = "the end of the weights seen, not proved"


@dataclass(frozen=True)
class NetworkResult(Result):
    """A result for a network; all but g carry `digits` digits, on which two rules agree.

    Parts of an overlap, the teacher's and the student's, carry the digits of the whole: a small
    part is known to the same absolute error. Where it says that the end of the support of F is
    seen, descent from many starts found it: no proof excludes data with a lower weight.
    """

    model: Network

    @property
    def is_domain_proved(self) -> bool:
        """Whether a proof says that G is in its domain.

        No data have a weight beyond the end of the support of F then, or, where a sharp edge needs
        no more, `1 - G F` is positive at all data for the G of the answer.
        """
        sign = 1 if self.side == LEFT else -1
        known = not NodeLaw(self.model, sign).variables or paper_model(self.model) is not None
        return known or is_proved(self.model, sign) or self._is_admissible(sign)

    @property
    def _domain_holds(self) -> Any:
        """A G with which all that is told is proved if it is in its domain; None if there is none.

        To the left of a sharp edge, and on the curve, a G in its domain is the right one.
        """
        return None

    def _is_admissible(self, sign: int) -> bool:
        """Whether a proof says that G is in its domain, where no more is needed."""
        place = self._domain_holds
        if place is None or self.model.is_limit:
            return False
        t_s, t_o = (-sign * BEYOND * float(g) for g in np.broadcast_to(place, 2))
        return is_admissible(self.model, sign, (t_s, t_o))

    @property
    def how(self) -> str:
        """The method, and that the end of the support of F is not proved: this takes seconds."""
        return super().how + ("" if self.is_domain_proved else f", {SEEN}")

    def _labels(self) -> dict[str, Any]:
        labels = super()._labels()
        names = [name for name in ("sector", "multiplicity") if hasattr(self, name)]
        return labels | {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class NetworkEdge(NetworkResult, Generic[Value]):
    """An edge of the bulk of a network.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    kind : {"sharp", "smooth"}
        Whether the density vanishes like a square root there, or faster than any power.
    value : float or mpmath number
        The edge; at p = inf in units of 1/p, and of all eigenvalues but a share 1/p.
    g : float or mpmath number
        Stieltjes transform at the edge; a tuple (along and across (1, ..., 1)) where there are two.
    bounds : tuple of float
        Lehner's bounds at the nodes, wider by the error claimed for these: an enclosure of the edge
        to double precision.

    Examples
    --------
    >>> from sympy import symbols, tanh
    >>> from bbpsym import Network, edge
    >>> x, y, yh = symbols("x y yh")
    >>> network = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2)
    >>> edge(network, 3).kind
    'sharp'
    """

    alpha: Fraction
    kind: str
    value: Value
    g: Value | tuple[Value, ...]
    bounds: tuple[float, float] = field(compare=False)

    symbols: ClassVar[Mapping[str, str]] = {"value": r"\lambda_-"}
    columns: ClassVar[tuple[str, ...]] = ("alpha", "kind", "value")
    plural: ClassVar[str] = "Edges of the bulk"

    @property
    def _domain_holds(self) -> Any:
        return self.g if self.kind == "sharp" else None

    def record(self, strings: bool | None = None) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON, with the two bounds as floats."""
        return super().record(strings) | {"bounds": list(self.bounds)}


@dataclass(frozen=True)
class NetworkOutlier(NetworkResult, Generic[Value]):
    """Outliers of one sector.

    Attributes
    ----------
    alpha : Fraction
        Signal-to-noise ratio, exact.
    sector : str
        How the outliers transform when nodes are exchanged or rotated.
    multiplicity : int or inf
        Their number.
    value : float or mpmath number
        The eigenvalue; in units of 1/p at p = inf.
    overlap2, teacher2, student2 : float or mpmath number
        Squared length of the eigenvector's projection on the span of all weight vectors, on the
        teacher's alone, the m^2 of (12), and on the student's alone.
    g : float or mpmath number
        Stieltjes transform at the outlier.

    Examples
    --------
    >>> from sympy import symbols, tanh
    >>> from bbpsym import Network, outlier
    >>> x, y, yh = symbols("x y yh")
    >>> network = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2)
    >>> outlier(network, 3).sector
    'signal'
    """

    alpha: Fraction
    sector: str
    multiplicity: float
    value: Value
    overlap2: Value
    teacher2: Value
    student2: Value
    g: Value

    symbols: ClassVar[Mapping[str, str]] = {
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "teacher2": r"m_{\mathrm{teacher}}^2",
        "student2": r"m_{\mathrm{student}}^2",
    }
    columns: ClassVar[tuple[str, ...]] = ("alpha", "sector", "multiplicity", *symbols)
    plural: ClassVar[str] = "Outliers"

    @property
    def _domain_holds(self) -> Any:
        return self.g


@dataclass(frozen=True)
class NetworkThreshold(NetworkResult, Generic[Value]):
    """The lowest alpha beyond which an outlier has left the bulk.

    Attributes
    ----------
    kind : {"continuous", "discontinuous"}
        Whether it leaves a sharp or a smooth edge.
    sector, multiplicity : str, int or inf
        Sector and number of the first outliers.
    alpha : float or mpmath number
        Threshold.
    alpha_c : float, mpmath number or None
        Where the edge turns from smooth to sharp, 0 if it always is; None where it is not computed,
        with two sectors, unless the overlap jumps, and with one node of several teachers, or where
        fewer digits of it are known than are told.
    value : float or mpmath number
        The outlier where it meets the edge; in units of 1/p at p = inf.
    overlap2, teacher2, student2 : float or mpmath number
        Squared overlaps at the threshold, as of `NetworkOutlier`: 0 if continuous.
    g : float or mpmath number
        Stieltjes transform at the threshold.

    Examples
    --------
    >>> from sympy import symbols, tanh
    >>> from bbpsym import Network, threshold
    >>> x, y, yh = symbols("x y yh")
    >>> network = Network(activation=tanh(x), loss=(y - yh) ** 2 / 2)
    >>> threshold(network).kind
    'continuous'
    """

    kind: str
    sector: str
    multiplicity: float
    alpha: Value
    value: Value
    overlap2: Value
    teacher2: Value
    student2: Value
    g: Value
    alpha_c: Value | None = None

    symbols: ClassVar[Mapping[str, str]] = {
        "alpha": r"\alpha_{\mathrm{BBP}}",
        "alpha_c": r"\alpha_c",
        "value": r"\lambda_*",
        "overlap2": "m^2",
        "teacher2": r"m_{\mathrm{teacher}}^2",
        "student2": r"m_{\mathrm{student}}^2",
    }
    columns: ClassVar[tuple[str, ...]] = ("kind", "sector", "multiplicity", *symbols)
    plural: ClassVar[str] = "BBP thresholds"

    @property
    def _domain_holds(self) -> Any:
        return self.g if self.kind == "continuous" and self.alpha_c is None else None

    def _numbers(self) -> Mapping[str, str]:
        return {k: v for k, v in self.symbols.items() if getattr(self, k) is not None}
