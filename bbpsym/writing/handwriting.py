"""The paper's handwriting: in which order the terms of a sum are written, and formulas as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Symbol, sympify
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

#: Fewest powers of a symbol that make a sum a polynomial in it, or a series in its inverse.
FEWEST = 3


#: Names of what is small where it stands: a sum of two of its powers is a series already.
SMALL = ("epsilon", "zeta", "q")


class Handwriting:
    """Mixed into a printer of SymPy's: it orders the terms of every sum."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        return ordered(super()._as_ordered_terms(expr, order))  # type: ignore[misc]


class Latex(Handwriting, LatexPrinter):
    """LaTeX of SymPy's, in this order."""


class Text(Handwriting, StrPrinter):
    """Python of SymPy's, in this order."""


def latex(formula: Any, **settings: Any) -> str:
    r"""LaTeX of a formula.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> print(latex((y - x) ** 2 + 1))
    \left(y - x\right)^{2} + 1
    """
    return Latex(settings).doprint(formula)


def text(formula: Any) -> str:
    """A formula on one line, as SymPy reads it.

    Examples
    --------
    >>> from sympy.abc import x, y
    >>> text((y - x) ** 2 / 2), text(1 + 1 / x - 1 / x**2)
    ('(y - x)**2/2', '1 + 1/x - 1/x**2')
    """
    return str(Text().doprint(formula))


def ordered(terms: Sequence[Expr]) -> list[Expr]:
    """The terms of a sum in the order in which one writes them.

    A polynomial by falling degree of its main symbol, or rising where that begins without a minus
    sign; a series in an inverse, or in what is small, from its leading term on; all else begins
    without a minus sign.
    """
    if any(term.is_Order for term in terms):
        return [*terms]
    if degrees := _degrees(terms):
        pairs = sorted(zip(degrees, terms, strict=True), key=lambda pair: pair[0], reverse=True)
        terms = [term for _, term in pairs]
        main = [first for first, *_ in degrees]
        if min(main) < 0 or not _is_negative(terms[0]):
            return terms
        if len({*main}) == len(terms) and not _is_negative(terms[-1]):
            return terms[::-1]
    return sorted(terms, key=_is_negative)


def _is_negative(term: Expr) -> bool:
    return bool(term.could_extract_minus_sign())


def _degrees(terms: Sequence[Expr]) -> list[tuple[Any, ...]]:
    """Each term's powers of the symbols that have several, that with most of them first."""
    if not all(term.is_commutative for term in terms):
        return []
    symbols = {symbol for term in terms for symbol in term.free_symbols}
    several = []
    for symbol in sorted(symbols, key=lambda symbol: (symbol.name not in SMALL, symbol.name)):
        powers = _powers(symbol, terms)
        if len({*powers}) >= (min(FEWEST, len(terms)) if symbol.name in SMALL else FEWEST):
            several.append(powers)
    return [*zip(*sorted(several, key=lambda powers: -len({*powers})), strict=True)]


def _powers(symbol: Symbol, terms: Sequence[Expr]) -> list[Any]:
    """The power of a symbol in each term, less that of what is small.

    None if it stands inside of something, or has a power that is no integer.
    """
    found = []
    for term in terms:
        factors = dict(term.as_powers_dict())
        power = sympify(factors.pop(symbol, 0))
        if not power.is_Integer or any(x.has(symbol) for pair in factors.items() for x in pair):
            return []
        found.append(-power if symbol.name in SMALL else power)
    return found
