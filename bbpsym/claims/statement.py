"""A claim as it is written: two sides, what they are made of, and an approach if there is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from bbpsym.claims.sides import NO_VALUE, value_of
from bbpsym.claims.words import ALSO, AT_ALPHA, CONSTANTS, FROM_SYMPY, FUNCTIONS, NEARLY, QUANTITIES
from bbpsym.errors import DomainError, FormulaError, meant, quoted
from bbpsym.numerics.multiprecision import context, convert
from bbpsym.reading.arguments import items
from bbpsym.reading.formula_tree import Apply, Formula, Name, Number, apply
from bbpsym.reading.formulas import FUNCTIONS as KNOWN
from bbpsym.reading.formulas import Arities, parse

#: Arguments of `limit(what, variable, to)` and of `O(order, variable, to)`, `O(order)` for short.
WORDS = {"limit": (3, 3), "O": (1, 3)}

#: Where a variable may go.
INFINITY, ZERO = "inf", "0"
_INFINITE = ("inf", "oo", "infinity")

#: Near zero, and far out: an order is smaller where its variable goes.
_ENDS = Fraction(1, 10**6), Fraction(10**6)

_NOTHING = Number(Fraction(0))

_DEFINED = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\(([^()]*)\))?\s*=(?!=)(.*)", re.ASCII | re.DOTALL)
_NAME = re.compile(r"\s*([A-Za-z_]\w*)\s*", re.ASCII)


@dataclass(frozen=True)
class Helper:
    """A function, or without parameters a constant, that a claim is written with."""

    name: str
    parameters: tuple[str, ...]
    body: Formula
    text: str

    @property
    def names(self) -> frozenset[str]:
        """Names in it that stand for something outside."""
        return self.body.names - set(self.parameters)


class Towards(NamedTuple):
    """Where a variable goes, and the order of what is left out there (None for a limit)."""

    variable: str
    to: str
    order: Formula | None = None


@dataclass(frozen=True)
class Statement:
    """Two sides that are claimed to be equal, or equal in a limit, or up to an order."""

    text: str
    left: Formula
    right: Formula
    helpers: tuple[Helper, ...]
    approach: Towards | None = None

    @property
    def names(self) -> frozenset[str]:
        """Names on both sides and in the helpers."""
        own = {helper.name for helper in self.helpers}
        parts: list[Any] = [*self.formulas, *self.helpers]
        return frozenset().union(*(part.names for part in parts)) - own

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Both sides, and the order of what is left out."""
        order = self.approach.order if self.approach else None
        return (self.left, self.right, *([order] if order else []))

    @property
    def quantities(self) -> tuple[str, ...]:
        """Quantities of the engine that it speaks of."""
        return tuple(name for name in QUANTITIES if name in self.names)

    @property
    def questions(self) -> set[str]:
        """What the engine must be asked."""
        return {QUANTITIES[name].question for name in self.quantities}


def statement_of(claimed: Any, where: Any, parameters: Sequence[str]) -> Statement:
    """Read a claim.

    Parameters
    ----------
    claimed : str or Eq
        An equation; in a text with one "=".
    where : str or sequence of str
        Helpers, each like "X(c) = exp(c)/c"; a later one may use those before it.
    parameters : sequence of str
        What may vary from point to point, beside alpha.

    Raises
    ------
    DomainError, FormulaError
        If it is no equation, or holds what stands for nothing.
    """
    text = claimed if isinstance(claimed, str) else _written(claimed)
    given = [where] if isinstance(where, str) else items(where, "where", "definitions in text")
    helpers = _helpers(given)
    sides = re.split(r"={1,2}", text)
    if len(sides) != 2 or re.search("[<>!]", text):
        raise DomainError(f'the claim must be an equation with one "=", not {quoted(text, 60)}')
    functions = _arities(helpers)
    left, right = (
        _renamed(parse(side, f"{name} side", functions))
        for side, name in zip(sides, ("left", "right"), strict=True)
    )
    left, right, approach = _approach(left, right, helpers)
    found = Statement(" ".join(text.split()), left, right, helpers, approach)
    _check(found, parameters)
    return found


def _arities(helpers: Iterable[Helper]) -> Arities:
    known = {name: (least, most) for name, (least, most, _) in FUNCTIONS.items()}
    own = {h.name: (len(h.parameters),) * 2 for h in helpers if h.parameters}
    return {**known, **WORDS, **own}


def _helpers(texts: Sequence[Any]) -> tuple[Helper, ...]:
    helpers: list[Helper] = []
    for text in texts:
        found = _DEFINED.fullmatch(str(text))
        if not found:
            raise DomainError(f'where must be like "X(c) = exp(c)/c", not {str(text)!r:.60}')
        name, inside, body = found.groups()
        taken = {*KNOWN, *FUNCTIONS, *WORDS, *QUANTITIES, *(h.name for h in helpers)}
        if name in taken:
            raise DomainError(f"where must not define {name} again: it has a meaning already")
        parameters = () if inside is None else _parameters(inside, str(text))
        known = {word: n for word, n in _arities(helpers).items() if word not in WORDS}
        formula = _renamed(parse(body, name, known), keep=parameters)
        helpers.append(Helper(name, parameters, formula, " ".join(str(text).split())))
    return tuple(helpers)


def _parameters(inside: str, text: str) -> tuple[str, ...]:
    names = [_NAME.fullmatch(part) for part in inside.split(",")]
    found = tuple(name[1] for name in names if name)
    if len(set(found)) < len(names):
        raise DomainError(f"where must name its arguments, each once, not {quoted(text, 60)}")
    return found


def _renamed(formula: Formula, keep: Iterable[str] = ()) -> Formula:
    """The formula with every name in the one form that is used here."""
    also: dict[str, Formula] = {name: Name(to) for name, to in ALSO.items()}
    also |= {name: Apply(name, ()) for name in CONSTANTS}
    return formula.substitute({name: to for name, to in also.items() if name not in keep})


def _approach(
    left: Formula, right: Formula, helpers: Sequence[Helper]
) -> tuple[Formula, Formula, Towards | None]:
    """Take a limit off a side, or an order."""
    if _calls(right, "limit") and not _calls(left, "limit"):
        left, right = right, left
    if isinstance(left, Apply) and left.function == "limit":
        inside, variable, to = left.arguments
        approach = Towards(_variable(variable, "limit"), _end(to, "limit"))
        if not _calls(right, "limit"):
            _check_limit(right, approach.variable, helpers)
        left = inside
    else:
        left, right, approach = _order(left, right, helpers)
    for word in WORDS:
        if _calls(left, word) or _calls(right, word):
            form = "limit(what, p, inf) = ..." if word == "limit" else "... + O(1/p^2)"
            raise DomainError(f"{word} must stand once, by itself, as in {form}")
    return left, right, approach


def _check_limit(value: Formula, variable: str, helpers: Sequence[Helper]) -> None:
    """Refuse the value of a limit that changes with its variable: it would be taken there too."""
    for name in sorted(_names_in(value, helpers)):
        if name == variable or (name in QUANTITIES and _depends(name, variable)):
            also = "" if name == variable else f", as {name} does"
            raise DomainError(f"the limit must not depend on {variable}, its variable{also}")


def _depends(quantity: str, variable: str) -> bool:
    """Whether a quantity depends on a parameter."""
    question = QUANTITIES[quantity].question
    if variable == "alpha":
        return question in AT_ALPHA
    return question != "critical_a" or variable != "a"


def _used(formulas: Iterable[Formula], helpers: Sequence[Helper]) -> list[Helper]:
    """The helpers that formulas are written with, and those that these are."""
    parts, found = list(formulas), list[Helper]()
    for helper in reversed(helpers):  # each is written with earlier ones
        if any(helper.name in part.names or _calls(part, helper.name) for part in parts):
            found.insert(0, helper)
            parts.append(helper.body)
    return found


def _names_in(formula: Formula, helpers: Sequence[Helper]) -> frozenset[str]:
    """Names that a formula and its helpers speak of."""
    used = _used([formula], helpers)
    names = formula.names.union(*(helper.names for helper in used))
    return names - {helper.name for helper in used}


def _order(
    left: Formula, right: Formula, helpers: Sequence[Helper]
) -> tuple[Formula, Formula, Any]:
    """Take the order off the sum on a side."""
    if _calls(left, "O") and not _calls(right, "O"):
        left, right = right, left
    terms = right.arguments if isinstance(right, Apply) and right.function == "+" else (right,)
    orders = [t for t in terms if isinstance(t, Apply) and t.function == "O"]
    if len(orders) != 1:
        return left, right, None
    rest = [term for term in terms if term is not orders[0]]
    return left, apply("+", *rest) if rest else _NOTHING, _order_of(orders[0].arguments, helpers)


def _order_of(arguments: Sequence[Formula], helpers: Sequence[Helper]) -> Towards:
    order, *place = arguments
    names = _names_in(order, helpers)
    if quantities := sorted(names & QUANTITIES.keys()):
        raise DomainError(f"O must be of a formula in what varies, not of {quantities[0]}")
    if any(_calls(order, word) for word in WORDS):
        raise DomainError("O must be of a formula in what varies, as in O(1/p^2)")
    if place:
        if len(place) != 2:
            raise DomainError("O must be like O(1/p^2) or O(1, a, inf)")
        return Towards(_variable(place[0], "O"), _end(place[1], "O"), order)
    if len(names) != 1:
        raise DomainError(f"O must say what varies, as in O({order}, a, inf)")
    (variable,) = names
    near, far = (_size(order, variable, value, helpers) for value in _ENDS)
    if near == far:
        raise DomainError(f"O must say where {variable} goes, as in O({order}, {variable}, inf)")
    return Towards(variable, ZERO if near < far else INFINITY, order)


def _size(order: Formula, variable: str, at: Fraction, helpers: Sequence[Helper]) -> Any:
    """Size of an order near an end."""
    ctx, own = context(30), _used([order], helpers)
    try:
        return abs(value_of(order, {variable: convert(at, ctx)}, own, ctx))
    except NO_VALUE:
        raise DomainError(f"O must be of a positive function, not of {order}") from None


def _calls(formula: Formula, word: str) -> bool:
    if not isinstance(formula, Apply):
        return False
    return formula.function == word or any(_calls(part, word) for part in formula.arguments)


def _variable(formula: Formula, word: str) -> str:
    if not isinstance(formula, Name):
        raise DomainError(f"{word} must name what varies second, as in {word}(..., p, inf)")
    return formula.name


def _end(formula: Formula, word: str) -> str:
    if isinstance(formula, Name) and formula.name in _INFINITE:
        return INFINITY
    if formula == _NOTHING:
        return ZERO
    raise DomainError(f"{word} must go to 0 or to inf, not to {formula}")


def _check(found: Statement, parameters: Sequence[str]) -> None:
    """Refuse names that stand for nothing, and claims that say nothing of a quantity."""
    if not found.quantities:
        words = (NEARLY.get(name, name) for name in sorted(found.names))
        near = filter(None, (meant(word, QUANTITIES) for word in words))
        listed = ", ".join(QUANTITIES)
        raise DomainError(f"the claim must speak of a quantity: {listed}{next(near, '')}")
    used = _used(found.formulas, found.helpers)
    for k, helper in enumerate(found.helpers):
        early = [h.name for h in found.helpers[:k] if helper.name in h.names]
        if early:
            raise DomainError(f"where must define {helper.name} before {early[0]}, which needs it")
        if helper not in used:
            raise DomainError(f"where defines {helper.name}, which is in no formula")
    allowed = list(parameters)
    if found.questions == {"critical_a"}:
        allowed = [name for name in allowed if name != "a"]
    allowed += ["alpha"] * bool(found.questions & AT_ALPHA)
    varies = [found.approach.variable] if found.approach else []
    for name in sorted({*found.names, *varies} - {*allowed, *QUANTITIES}):
        if name == "alpha":
            having = [word for word, of in QUANTITIES.items() if of.question in AT_ALPHA]
            raise FormulaError(f"alpha varies only in claims about {', '.join(having)}")
        if name == "a" and "a" in parameters:
            raise FormulaError("a does not vary in a claim about critical_a")
        known = [*allowed, *QUANTITIES, *(h.name for h in found.helpers)]
        suggestion = meant(name, [*known, *(also for also, to in ALSO.items() if to in known)])
        others = f"none of {', '.join(allowed)}, and no quantity" if allowed else "no quantity"
        raise FormulaError(f'"{name}" stands for nothing: it is {others}{suggestion}')


def _written(claimed: Any) -> str:
    """The text of an equation of SymPy's.

    Raises
    ------
    DomainError
        If it is none.
    """
    from sympy import Equality, Limit, Order

    from bbpsym.writing.handwriting import Text

    if not isinstance(claimed, Equality):
        raise DomainError(f"the claim must be a text or an Eq of SymPy, not {quoted(claimed, 60)}")

    class Printer(Text):
        def _print_Symbol(self, symbol: Any) -> str:
            return ALSO.get(symbol.name, symbol.name)

        def _print_Function(self, item: Any) -> str:
            name = type(item).__name__
            arguments = ", ".join(map(self._print, item.args))
            return f"{FROM_SYMPY.get(name, name)}({arguments})"

        def _print_Limit(self, item: Limit) -> str:
            return f"limit({', '.join(map(self._print, item.args[:3]))})"

        def _print_Order(self, item: Order) -> str:
            places = [f"{self._print(v)}, {self._print(to)}" for v, to in item.args[1:]]
            return f"O({', '.join([self._print(item.expr), *places])})"

    printer = Printer({"full_prec": False})
    return f"{printer.doprint(claimed.lhs)} = {printer.doprint(claimed.rhs)}"


def shown_in_latex(statement: Statement, names: Mapping[str, str]) -> str:
    """The claim for a paper, its names typeset as said; helpers are left as they are named."""
    from sympy import Function, S, Symbol

    from bbpsym.writing.handwriting import latex

    known = [*statement.names, *(helper.name for helper in statement.helpers)]
    symbols = {name: Symbol(name, positive=True) for name in known}
    written = {symbols[name]: names[name] for name in known if name in names}
    functions: dict[str, Any] = {name: Function(name) for name in _arities(statement.helpers)}
    functions |= {name: partial(getattr, S, name) for name in CONSTANTS}

    def typeset(formula: Formula) -> str:
        return latex(formula.to_sympy(symbols, functions), symbol_names=written)

    left, right, approach = typeset(statement.left), typeset(statement.right), statement.approach
    if approach is None:
        return f"{left} = {right}"
    variable = names.get(approach.variable, approach.variable)
    to = r"\infty" if approach.to == INFINITY else "0"
    if approach.order is None:
        return rf"\lim_{{{variable} \to {to}}} {left} = {right}"
    return rf"{left} = {right} + O\left({typeset(approach.order)}\right),\ {variable} \to {to}"
