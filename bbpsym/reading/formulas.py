"""Numbers of any kind, exactly, and formulas as text; nothing is run as Python.

    sum     = product (("+" | "-") product)*
    product = signed (("*" | "/") signed)*
    signed  = ("+" | "-")* power
    power   = atom (("^" | "**") signed)?
    atom    = number | name | name "(" sum ("," sum)* ")" | "(" sum ")"

>>> formula = parse("(y - yh)**2/(2*(0.7 + y))")
>>> print(formula)
(y - yh)^2/(2*(7/10 + y))
>>> sorted(formula.names)
['y', 'yh']
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from bbpsym.errors import DomainError, FormulaError, meant
from bbpsym.reading.formula_tree import (
    BITS,
    CONSTANTS,
    ELEMENTARY,
    EXTREMES,
    Apply,
    Formula,
    Name,
    Number,
    apply,
    bits,
)

#: Largest decimal exponent of a number that is read at all.
MAX_EXPONENT = 1000

#: Fewest bits at which a binary number is taken for a rounded decimal.
DOUBLE_BITS = 53

#: Functions of one argument that are short for a formula in `x`, which it holds once.
SHORT = {"relu": "max(x, 0)", "logistic": "1/(1 + exp(-x))", "softplus": "log(1 + exp(x))"}
#: Other names of the same functions.
_ALSO = {"sigmoid": "logistic", "ln": "log", "Abs": "abs", "Max": "max", "Min": "min"}
FUNCTIONS = (*ELEMENTARY, *EXTREMES, *SHORT)

#: Pre-activations, the label, the student's output, the teacher's pre-activations.
_VARIABLE = re.compile(r"x|yh?|u_?\d+", re.ASCII)

#: Small numbers in words.
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}

#: Longest text and deepest nesting.
_LENGTH, _DEPTH = 10_000, 30

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|[-+*/^(),]))",
    re.ASCII,
)


#: Signs that come with what is copied from a page: minus, dash, dot, cross, and small powers.
_SIGNS = str.maketrans("\u2212\u2013\u00b7\u00d7", "--**") | {0xB2: "^2", 0xB3: "^3"}


def exact(value: Any) -> Fraction | None:
    """Return `value` as a Fraction, or None if it is no finite rational number.

    A float is its shortest decimal, one of mpmath's at the precision of its context, or at its own
    where this is higher.

    Examples
    --------
    >>> from mpmath import mpf
    >>> exact(0.7) == exact(mpf("0.7")) == exact("7/10")
    True
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        if getattr(value, "is_Float", False):
            return _from_decimal(_shortest(value._mpf_, value._prec))
        if hasattr(value, "_mpf_"):
            if dyadic(value) is None:
                return None
            bits = max(DOUBLE_BITS, value.context.prec, int(value._mpf_[3]))
            return _from_decimal(_shortest(value._mpf_, bits))
        if isinstance(value, numbers.Rational):
            return Fraction(int(value.numerator), int(value.denominator))
        if isinstance(value, numbers.Real):
            return _from_decimal(Decimal(str(value)))
        if isinstance(value, Decimal):
            return _from_decimal(value)
        if isinstance(value, str):
            text = value.strip().translate(_SIGNS)
            return Fraction(text) if "/" in text else _from_decimal(Decimal(text))
    except (ValueError, OverflowError, InvalidOperation, ZeroDivisionError, TypeError):
        return None
    return None


def dyadic(value: Any) -> Fraction | None:
    """Return the exact value of an mpmath number; None if it is not finite, or huge or tiny."""
    sign, mantissa, exponent, bits = value._mpf_
    finite = (mantissa or not exponent) and abs(exponent + bits) < 4 * MAX_EXPONENT
    return (-1) ** sign * int(mantissa) * Fraction(2) ** exponent if finite else None


def _shortest(number: tuple, bits: int) -> Decimal:
    """The shortest decimal that is this binary number when rounded to so many bits."""
    from mpmath.libmp import from_str, repr_dps, to_str

    texts = (to_str(number, digits) for digits in range(1, repr_dps(bits) + 1))
    return Decimal(next(text for text in texts if from_str(text, bits, "n") == number))


def _from_decimal(number: Decimal) -> Fraction:
    """Take a decimal exactly, unless its exponent would fill the memory."""
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(number)
    return Fraction(number)


def closed_form(value: Any) -> Any:
    """Return a real number of SymPy's, or a text such as "2*pi/3", as an expression without floats.

    None for anything else.
    """
    if isinstance(value, str):
        if not re.search(r"[a-zA-Z^*(]", value):
            return None
        try:
            formula = parse(value)
            value = None if formula.names else formula.to_sympy()
        except (FormulaError, ValueError, ArithmeticError):
            return None
    if not getattr(value, "is_number", False) or not hasattr(value, "xreplace"):
        return None
    from sympy import Float, Rational

    decimals = {item: exact(item) for item in value.atoms(Float)}
    number = value.xreplace({item: Rational(found) for item, found in decimals.items()})
    if not (number.is_extended_real and number.is_finite):
        return None
    return exact(number) if number.is_Rational else number


#: How many arguments functions beside `FUNCTIONS` take, at least and at most, by their names.
Arities: TypeAlias = Mapping[str, tuple[int, int]]


def parse(text: str, name: str = "formula", functions: Arities | None = None) -> Formula:
    """Read a formula.

    Parameters
    ----------
    text : str
        The formula; `^` and `**` are powers. `FUNCTIONS` are known, sigmoid and ln besides, and
        the constants pi and E.
    name : str
        What the formula is, for the error message.
    functions : mapping of str to (int, int), optional
        More functions, which only who asks for them evaluates, with the fewest and the most
        arguments that they take.

    Raises
    ------
    FormulaError
        When the text is no formula; the sentence says where and why.

    Examples
    --------
    >>> print(parse("2*expint(1/2, a)", functions={"expint": (2, 2)}))
    2*expint(1/2, a)
    """
    return _Parser(text, name, functions or {}).formula()


def read(
    value: Any, name: str, allowed: Iterable[str] = (), values: Mapping[str, Any] | None = None
) -> Formula:
    """Read a formula from text, from a SymPy expression through its text, or as it is.

    Parameters
    ----------
    value : str, Formula or SymPy expression
        The formula.
    name : str
        What it is, for the error message.
    allowed : iterable of str
        The only names that may be left in it; any where none is given.
    values : mapping
        Numbers to put for names.

    Raises
    ------
    FormulaError
        When it is no formula, has a name that stands for nothing, or is not finite.
    DomainError
        When a value is no number.
    """
    formula = value if isinstance(value, Formula) else parse(str(value), name)
    numbers = {key: exact(number) for key, number in (values or {}).items()}
    for key, number in numbers.items():
        if number is None:
            raise DomainError(f"{key} must be a number, not {(values or {})[key]!r:.40}")
    formula = formula.substitute({k: Number(v) for k, v in numbers.items() if v is not None})
    known = tuple(allowed)
    for other in sorted(formula.names - set(known)) if known else ():
        raise FormulaError(
            f'{name}: "{other}" stands for nothing: it is not {" or ".join(known)} '
            f"and has no value{meant(other, known)}"
        )
    return formula


def check_used(values: Iterable[str], *formulas: Any) -> None:
    """Refuse values for names that are in no formula, or stand for what varies.

    Parameters
    ----------
    values : iterable of str
        The names that have a value.
    formulas : str, Formula, SymPy expression or None
        The formulas, before the values are put in; None for one that is not given.

    Raises
    ------
    DomainError
        For the first such name.
    """
    used = {name for f in formulas if f is not None for name in read(f, "formula").names}
    for name in sorted(values):
        if _VARIABLE.fullmatch(name):
            raise DomainError(f"{name} cannot have a value: it varies from sample to sample")
        if name not in used:
            raise DomainError(f"{name} has a value but is in no formula")


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


class _Parser:
    """One pass over the tokens of a text, by precedence."""

    def __init__(self, text: str, name: str, functions: Arities) -> None:
        self.name, self.functions = name, functions
        if not isinstance(text, str) or not text.strip():
            raise FormulaError(f"{name}: a formula is needed, such as tanh(x) or x^2")
        if len(text) > _LENGTH:
            raise FormulaError(f"{name}: a formula has at most {_LENGTH} characters")
        self.tokens = list(self._tokens(text.translate(_SIGNS)))
        self.depth = 0

    def _tokens(self, text: str) -> Iterable[_Token]:
        position, end = 0, len(text.rstrip())
        while position < end:
            found = _TOKEN.match(text, position)
            if not found:
                position += len(text[position:]) - len(text[position:].lstrip())
                instead = "; write abs(x)" if text[position] == "|" else ""
                wrong = f"{text[position]!r} is no part of a formula{instead}"
                raise self._wrong(wrong, position)
            kind = str(found.lastgroup)
            yield _Token(kind, found[kind], found.start(kind))
            position = found.end()
        yield _Token("end", "the end", end)

    def _wrong(self, what: str, position: int) -> FormulaError:
        return FormulaError(f"{self.name}, position {position + 1}: {what}")

    def formula(self) -> Formula:
        found = self._sum()
        if self._next.kind in ("number", "name") or self._next.text == "(":
            missing = f"an operator is missing before {self._shown}, such as * in 2*x"
            raise self._wrong(missing, self._next.position)
        if self._next.kind != "end":
            raise self._wrong(f"{self._shown} is one too many", self._next.position)
        return found

    @property
    def _next(self) -> _Token:
        return self.tokens[0]

    @property
    def _shown(self) -> str:
        return self._next.text if self._next.kind == "end" else f'"{self._next.text}"'

    def _take(self, *texts: str) -> _Token | None:
        """Take the next token if it is one of these."""
        return self.tokens.pop(0) if self._next.text in texts else None

    def _close(self) -> None:
        if not self._take(")"):
            raise self._wrong(f'a ")" is missing before {self._shown}', self._next.position)

    def _sum(self) -> Formula:
        terms = [self._product()]
        while sign := self._take("+", "-"):
            term = self._product()
            terms.append(self._apply(sign, "-", term) if sign.text == "-" else term)
        return self._apply(self._next, "+", *terms)

    def _product(self) -> Formula:
        factors = [self._signed()]
        while sign := self._take("*", "/"):
            factor = self._signed()
            factors.append(self._apply(sign, "/", factor) if sign.text == "/" else factor)
        return self._apply(self._next, "*", *factors)

    def _signed(self) -> Formula:
        negative = False
        start = self._next
        while sign := self._take("+", "-"):
            negative ^= sign.text == "-"
        power = self._power()
        return self._apply(start, "-", power) if negative else power

    def _power(self) -> Formula:
        self.depth += 1
        if self.depth > _DEPTH:
            raise self._wrong(f"nested more than {_DEPTH} deep", self._next.position)
        base = self._atom()
        if sign := self._take("^", "**"):
            base = self._apply(sign, "^", base, self._signed())
        self.depth -= 1
        return base

    def _atom(self) -> Formula:
        token = self._next
        if token.kind == "number":
            return self._number(self.tokens.pop(0))
        if token.kind == "name":
            self.tokens.pop(0)
            return self._call(token) if self._take("(") else self._named(token)
        if self._take("("):
            inside = self._sum()
            self._close()
            return inside
        raise self._wrong(
            f"a number, a name or a function is missing before {self._shown}", token[2]
        )

    def _number(self, token: _Token) -> Formula:
        value = exact(token.text)
        if value is None or bits(value) > BITS:
            raise self._wrong(f"{token.text[:20]} is out of range", token.position)
        return Number(value)

    def _named(self, token: _Token) -> Formula:
        if token.text in CONSTANTS:
            return Apply(token.text, ())
        if token.text in self.functions or _ALSO.get(token.text, token.text) in FUNCTIONS:
            need = f'"{token.text}" is a function: give it an argument, as in {token.text}(x)'
            raise self._wrong(need, token.position)
        return Name(token.text)

    def _call(self, token: _Token) -> Formula:
        function = token.text if token.text in self.functions else _ALSO.get(token.text, token.text)
        if function not in (*FUNCTIONS, *self.functions):
            suggestion = meant(token.text, (*FUNCTIONS, *_ALSO, *self.functions))
            raise self._wrong(f'there is no function "{token.text}"{suggestion}', token.position)
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        self._close()
        self._check_arity(token, function, len(arguments))
        if function in SHORT and function not in self.functions:
            return parse(SHORT[function]).evaluate({"x": arguments[0]}, apply, Number)
        return self._apply(token, function, *arguments)

    def _check_arity(self, token: _Token, function: str, count: int) -> None:
        least, most = self.functions.get(function, (1, count if function in EXTREMES else 1))
        if not least <= count <= most:
            allowed = " or ".join(_NUMBERS.get(n, str(n)) for n in range(least, most + 1))
            noun = "argument" if most == 1 else "arguments"
            raise self._wrong(f"{token.text} takes {allowed} {noun}", token.position)

    def _apply(self, token: _Token, function: str, *arguments: Formula) -> Formula:
        try:
            return apply(function, *arguments)
        except (ZeroDivisionError, OverflowError) as error:
            zero = isinstance(error, ZeroDivisionError)
            sentence = "division by zero" if zero else str(error)
            raise self._wrong(sentence, token.position) from error
