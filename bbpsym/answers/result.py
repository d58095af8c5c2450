"""What all results share: how they were obtained, what error they carry, how they display."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from bbpsym.errors import DomainError, Suggesting
from bbpsym.writing.display import (
    DOUBLE_DIGITS,
    exact_latex,
    exact_text,
    is_exact,
    latex_number,
    number,
)

if TYPE_CHECKING:
    from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
    from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
    from bbpsym.ensembles.index_models.optimal_method import OptimalMethod
    from bbpsym.ensembles.networks.two_layer import Network
    from bbpsym.ensembles.sample_covariance import SampleCovariance
    from bbpsym.ensembles.wishart import Ensemble
    from bbpsym.model import Model

    #: What may be asked about: with averages over one law, and of any kind.
    Averaged: TypeAlias = Model | Ensemble | OptimalMethod
    Matrix: TypeAlias = Averaged | Network | DeformedGaussian | SampleCovariance | MatrixMethod
else:
    Averaged = Matrix = Any

#: Digits certified unless others are asked for.
CERTIFIED_DIGITS = 15


#: What else the numbers of an answer are called, in lower case -> their attribute.
OTHER_NAMES: Mapping[str, str] = {
    **{"alpha_bbp": "alpha", "type": "kind", "m2": "overlap2", "m": "overlap2"},
    **dict.fromkeys(("eigenvalue", "lambda", "lambda_bbp", "lambda_star", "outlier"), "value"),
    **dict.fromkeys(("lambda_minus", "lambda_plus", "edge"), "value"),
    **dict.fromkeys(("to_pandas", "to_dataframe", "to_df"), "to_frame"),
}


@dataclass(frozen=True)
class Result(Suggesting):
    """A result for one model.

    Attributes
    ----------
    model : Model, Ensemble or Network
        The problem.
    digits : int
        Significant decimal digits known to be right in every number of the result.
    method : str
        "double precision", "multiprecision" or "ball arithmetic", and how it was checked.
    errors : mapping of str to float
        Bound claimed for the absolute error of each number; proved in ball arithmetic.
    unique : bool or None
        Whether the root t was proved to be the only one (or, where t = 1, that there is none
        below); False if the proof did not come to an end, None without ball arithmetic.
    side : {"left", "right"}
        Side of the bulk; right of it only for an `Ensemble`.
    """

    model: Matrix
    digits: int = field(kw_only=True)
    method: str = field(kw_only=True)
    errors: Mapping[str, float] = field(kw_only=True, repr=False, compare=False)
    unique: bool | None = field(default=None, kw_only=True, repr=False)
    side: str = field(default="left", kw_only=True, repr=False)

    #: attribute -> LaTeX symbol, in the order of display.
    symbols: ClassVar[Mapping[str, str]] = {}

    #: Columns of a table beside those of the model, and what it is a table of.
    columns: ClassVar[tuple[str, ...]] = ()
    plural: ClassVar[str] = "Answers"

    other_names = OTHER_NAMES

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def _asked(self) -> int | None:
        return None if self.method.startswith("double") else self.digits

    @property
    def how(self) -> str:
        """The method, and what of it is proved."""
        return self.method + PROOFS[self.unique]

    @property
    def shown_digits(self) -> int:
        """Digits that are shown: 12 in double precision."""
        return self._asked or DOUBLE_DIGITS

    def _numbers(self) -> Mapping[str, str]:
        """What is displayed: attribute -> LaTeX symbol."""
        return self.symbols

    @property
    def unit(self) -> str:
        """Unit of eigenvalues: "1", or "2/p" at p = inf, where they vanish like 1/p."""
        return str(self.model.unit)

    def record(self, strings: bool | None = None) -> dict[str, Any]:
        """Return the result as a dictionary ready for JSON, under the names of the attributes.

        Parameters
        ----------
        strings : bool, optional
            Whether numbers are strings, which keep every digit, or floats; without it floats in
            double precision and strings where digits were asked for. Floats hold 15 digits at
            most, whatever was asked for.
        """
        strings = self._asked is not None if strings is None else strings
        given = {**self.model.labels(), **self._labels()}
        head = exact_record(given, strings)
        texts = {name: number(getattr(self, name), self._asked) for name in self._numbers()}
        numbers = {name: text if strings else float(text) for name, text in texts.items()}
        proof = {} if self.unique is None else {"certified": True, "unique": self.unique}
        digits = self.shown_digits if strings else min(self.shown_digits, FLOAT_DIGITS)
        return head | numbers | {"unit": self.unit, "digits": digits} | proof

    def _labels(self) -> dict[str, Any]:
        """What the result holds beside numbers that were computed: the given alpha, the kind."""
        names = [item.name for item in fields(self) if item.name not in self.symbols]
        shown = ("alpha", "kind", *(("side",) if len(self.model.sides) > 1 else ()))
        return {name: getattr(self, name) for name in shown if name in names}

    def text(self, name: str, digits: int | None = None) -> str:
        """Write one number with its known digits, or with fewer.

        Raises
        ------
        DomainError
            If this answer does not tell that number.
        """
        value = getattr(self, name)
        if value is None:
            raise DomainError(f"name must be that of a number that is known, and {name} is not")
        return number(value, digits or self._asked)

    def __str__(self) -> str:
        labels = self._labels()
        if "alpha" in labels:
            labels["alpha"] = exact_text(labels["alpha"])
        labels |= {name: self.text(name) for name in self._numbers()}
        width = max(map(len, labels))
        lines = [repr(self.model), *(f"  {name:<{width}}  {text}" for name, text in labels.items())]
        shown = self.shown_digits
        inverse = {"2/p": "p/2", "1/p": "p"}.get(self.unit)
        unit = f"; eigenvalues in units of {self.unit}, g of {inverse}" if inverse else ""
        return "\n".join([*lines, f"  ({shown} digit{'s' * (shown > 1)}, {self.how}{unit})"])

    def _repr_latex_(self) -> str:
        right = self.side == "right"
        rows = [
            rf"{symbol.replace('_-', '_+') if right else symbol} &= {latex_number(self.text(name))}"
            for name, symbol in self._numbers().items()
        ]
        labels = self._labels()
        title = self.model._repr_latex_().strip("$")
        if "alpha" in labels:
            title += rf",\ \alpha={exact_latex(labels['alpha'])}"
        if "N" in labels:
            title += rf",\ N={labels['N']}"
        if "kind" in labels:
            title += rf":\ \text{{{labels['kind']}}}"
        body = r" \\ ".join(rows)
        return rf"$\displaystyle {title}\qquad \begin{{aligned}} {body} \end{{aligned}}$"


def exact_record(given: Mapping[str, Any], strings: bool) -> dict[str, Any]:
    """What was given, ready for JSON: exact numbers as texts or as floats."""
    write = exact_text if strings else float
    return {k: write(value) if is_exact(value) else value for k, value in given.items()}


#: Decimal digits that every float keeps.
FLOAT_DIGITS = sys.float_info.dig

#: What is said of the proof that the root t is the only one.
PROOFS = {
    None: "",
    True: ", every digit certified, the root in t proved unique",
    False: ", every digit certified, uniqueness of the root in t not proved",
}
