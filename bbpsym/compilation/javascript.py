"""SymPy to JavaScript: one more arithmetic, in which the explorer of the documentation computes.

The code is printed from the same compiled `System` as every other arithmetic. Real functions are
printed by SymPy's own printer. Complex ones, which JavaScript does not know, become one pair of
numbers an operation, in straight lines without a call or an allocation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sympy import Add, Expr, Mul, Pow, Symbol, cse, exp
from sympy.codegen.cfunctions import log1p
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.utilities.iterables import numbered_symbols

from bbpsym.compilation.compile import System, magnitude
from bbpsym.errors import DomainError

#: The code of a real and an imaginary part; no imaginary part for a real number.
ScriptPair = tuple[str, str | None]


class RealPrinter(JavascriptCodePrinter):
    """SymPy's printer, with integer powers as products and names that JavaScript allows."""

    def __init__(self) -> None:
        super().__init__({"user_functions": {"log1p": "Math.log1p"}})

    def _print_Symbol(self, expr: Symbol) -> str:
        return identifier(expr.name)

    def _print_re(self, expr: Expr) -> str:  # SymPy does not know that log1p is real
        return self._print(expr.args[0])

    def _print_Pow(self, expr: Expr) -> str:
        if expr.exp.is_Integer and 2 <= abs(expr.exp) <= 8:
            base = self.parenthesize(expr.base, PRECEDENCE["Pow"])
            product = f"({'*'.join([base] * abs(int(expr.exp)))})"
            return product if expr.exp > 0 else f"(1/{product})"
        return super()._print_Pow(expr)


PRINTER = RealPrinter()


def identifier(name: str) -> str:
    """Return the name of a parameter or of an equation in JavaScript, as `p_star` for `p^*`."""
    return re.sub(r"\W+", "_", name.replace("*", "star").replace("^", "_")).strip("_")


def literal(parts: Mapping[str, str]) -> str:
    """Return an object of named pieces of code."""
    return "{\n" + ",\n".join(f"{name}: {code}" for name, code in parts.items()) + "\n}"


def function(arguments: Iterable[str], expressions: Sequence[Expr]) -> str:
    r"""Print a real function of one object that holds the arguments; it returns an array.

    Examples
    --------
    >>> from sympy.abc import x
    >>> function(["x"], [x**2 + 1])
    '({x}) => {\nreturn [(x*x) + 1];\n}'
    """
    lines, results = _real(expressions)
    return _arrow(f"{{{_names(arguments)}}}", [*lines, f"return [{', '.join(results)}];"])


def complex_function(
    arguments: Iterable[str], expressions: Sequence[Expr], unknown: Iterable[str]
) -> str:
    """Print a function with complex arguments `unknown`; it returns `[re, im, re, im, ...]`.

    Raises
    ------
    DomainError
        If an expression holds what has no complex arithmetic here.
    """
    code = Complex(unknown)
    pairs = code.all(expressions, "x")
    lines = [*code.unpacked, *code.lines, f"return [{_pairs(pairs)}];"]
    return _arrow(f"{{{_names(arguments)}}}", lines)


def real_system(system: System, errors: bool) -> str:
    """Print a system over the Laplace variable: its integrands over a rule and their combination.

    With `errors` the sums are followed by those of the magnitudes, and the outputs by their partial
    derivatives with respect to the integrals, row by row.
    """
    integrands, combined = list(system.integrands), list(system.combinations)
    if errors:
        integrands += map(magnitude, system.integrands)
        combined += _flat(system.sensitivities)
    lines, terms = _real(integrands)
    sums = [f"S{k}" for k in range(len(terms))]
    parts = {
        **_description(system),
        "integrate": _arrow(
            f"x, share, count, unit, {{{_names(system.parameters)}}}",
            [
                *_zeros(sums),
                "for (let k = 0; k < count; k++) {",
                "const s = unit*x[k], weight = unit*share[k];",
                *lines,
                *(f"{name} += weight*({term});" for name, term in zip(sums, terms, strict=True)),
                "}",
                f"return [{', '.join(sums)}];",
            ],
        ),
        "combine": _combination(system, *_real(combined)),
    }
    return literal(parts)


def complex_system(system: System, unknown: Iterable[str]) -> str:
    """Print a system for complex parameters `unknown`, along a ray of complex s.

    The sums are pairs, followed by the sums of the absolute values of all terms; the outputs and
    then their partial derivatives, row by row, are pairs.

    Raises
    ------
    DomainError
        If an expression holds what has no complex arithmetic here.
    """
    unknown = tuple(unknown)
    return literal(
        {
            **_description(system),
            "integrate": _along_ray(system, unknown),
            "combine": _complex_combination(system, unknown),
        }
    )


def _along_ray(system: System, unknown: tuple[str, ...]) -> str:
    """The sums over a rule on the ray `s = unit x turn`."""
    code = Complex((*unknown, "s"), unpack=unknown)
    terms = code.all(system.integrands, "x")
    add, results = [], []
    for k, (real, imaginary) in enumerate(terms):
        add += [
            f"R{k} += share[k]*({real});",
            f"J{k} += share[k]*({imaginary});",
            f"M{k} += share[k]*(Math.abs({real}) + Math.abs({imaginary}));",
        ]
        results += [f"unit*(R{k}*turn_re - J{k}*turn_im)", f"unit*(R{k}*turn_im + J{k}*turn_re)"]
    results += [f"unit*M{k}" for k in range(len(terms))]
    return _arrow(
        f"x, share, count, unit, [turn_re, turn_im], {{{_names(system.parameters)}}}",
        [
            *code.unpacked,
            *_zeros([f"{kind}{k}" for kind in "RJM" for k in range(len(terms))]),
            "for (let k = 0; k < count; k++) {",
            "const s_re = unit*x[k]*turn_re, s_im = unit*x[k]*turn_im;",
            *code.lines,
            *add,
            "}",
            f"return [{', '.join(results)}];",
        ],
    )


def _complex_combination(system: System, unknown: tuple[str, ...]) -> str:
    """Outputs and their partial derivatives, from the sums."""
    integrals = [f"I{k}" for k in range(len(system.integrals))]
    code = Complex((*unknown, *integrals), unpack=unknown)
    pairs = code.all([*system.combinations, *_flat(system.sensitivities)], "x")
    given = ", ".join(f"{name}_{part}" for name in integrals for part in ("re", "im"))
    return _arrow(
        f"[{given}], {{{_names(system.parameters)}}}",
        [*code.unpacked, *code.lines, f"return [{_pairs(pairs)}];"],
    )


class Complex:
    """Statements that compute expressions in complex arguments, a pair of constants each.

    Parameters
    ----------
    arguments : iterable of str
        Names of the complex arguments; every other symbol is real.
    unpack : iterable of str, optional
        Those that come as `[re, im]`; all without it.
    """

    def __init__(self, arguments: Iterable[str], unpack: Iterable[str] | None = None) -> None:
        self.lines: list[str] = []
        names = [identifier(name) for name in arguments]
        self.known: dict[str, ScriptPair] = {name: (f"{name}_re", f"{name}_im") for name in names}
        packed = names if unpack is None else map(identifier, unpack)
        self.unpacked = [f"const [{name}_re, {name}_im] = {name};" for name in packed]

    def all(self, expressions: Sequence[Expr], prefix: str) -> list[ScriptPair]:
        """Write the statements for some expressions, with what they share computed once."""
        shared, reduced = cse(expressions, numbered_symbols(prefix))
        for symbol, expression in shared:
            self.known[identifier(symbol.name)] = self.pair(expression)
        return [self.pair(expression) for expression in reduced]

    def pair(self, expression: Expr) -> ScriptPair:
        """Write the statements for one expression."""
        if not any(self._is_complex(symbol) for symbol in expression.free_symbols):
            real = expression.xreplace(
                {
                    symbol: Symbol(self.known[identifier(symbol.name)][0])
                    for symbol in expression.free_symbols
                    if identifier(symbol.name) in self.known
                }
            )
            return self._const(PRINTER.doprint(real)), None
        if expression.is_Symbol:
            return self.known[identifier(expression.name)]
        if isinstance(expression, Add):
            return self._sum(expression)
        if isinstance(expression, Mul):
            return self._product(expression)
        if isinstance(expression, Pow) and expression.exp.is_Integer:
            return self._power(self.pair(expression.base), int(expression.exp))
        if isinstance(expression, exp | log1p):
            return self._function(expression)
        raise DomainError(f"{expression} has no complex arithmetic in JavaScript")

    def _is_complex(self, symbol: Symbol) -> bool:
        return self.known.get(identifier(symbol.name), ("", None))[1] is not None

    def _const(self, code: str) -> str:
        if re.fullmatch(r"[\w.]+", code):
            return code
        name = f"c{len(self.lines)}"
        self.lines.append(f"const {name} = {code};")
        return name

    def _split(self, expression: Expr) -> tuple[list[Expr], list[ScriptPair]]:
        """The real part of an operation's arguments, and the complex ones."""
        real, others = [], []
        for item in expression.args:
            if any(self._is_complex(symbol) for symbol in item.free_symbols):
                others.append(self.pair(item))
            else:
                real.append(item)
        return real, others

    def _sum(self, expression: Expr) -> ScriptPair:
        real, others = self._split(expression)
        constant = [self.pair(Add(*real))[0]] if real else []
        first = " + ".join(_bare(part) for part in [*constant, *(pair[0] for pair in others)])
        second = " + ".join(_bare(str(pair[1])) for pair in others)
        return self._const(first), self._const(second)

    def _product(self, expression: Expr) -> ScriptPair:
        real, others = self._split(expression)
        total = others[0]
        for other in others[1:]:
            total = self._times(total, other)
        if not real:
            return total
        factor = self.pair(Mul(*real))[0]
        return self._const(f"{factor}*{total[0]}"), self._const(f"{factor}*{total[1]}")

    def _times(self, left: ScriptPair, right: ScriptPair) -> ScriptPair:
        (a, b), (c, d) = left, right
        return self._const(f"{a}*{c} - {b}*{d}"), self._const(f"{a}*{d} + {b}*{c}")

    def _power(self, base: ScriptPair, exponent: int) -> ScriptPair:
        power = base
        for _ in range(abs(exponent) - 1):
            power = self._times(power, base)
        if exponent > 0:
            return power
        a, b = power
        size = self._const(f"1/({a}*{a} + {b}*{b})")
        return self._const(f"{a}*{size}"), self._const(f"-{b}*{size}")

    def _function(self, expression: Expr) -> ScriptPair:
        a, b = self.pair(expression.args[0])
        if isinstance(expression, exp):
            size = self._const(f"Math.exp({a})")
            return self._const(f"{size}*Math.cos({b})"), self._const(f"{size}*Math.sin({b})")
        # log|1 + z| by the distance of |1 + z|^2 from one, which does not cancel at small z.
        size = self._const(f"0.5*Math.log1p({a}*(2 + {a}) + {b}*{b})")
        return size, self._const(f"Math.atan2({b}, 1 + {a})")


def _real(expressions: Sequence[Expr]) -> tuple[list[str], list[str]]:
    """Statements for what expressions share, and the code of each."""
    shared, reduced = cse(expressions, numbered_symbols("x"))
    lines = [f"const {symbol} = {PRINTER.doprint(value)};" for symbol, value in shared]
    return lines, [PRINTER.doprint(expression) for expression in reduced]


def _combination(system: System, lines: list[str], results: list[str]) -> str:
    integrals = ", ".join(f"I{k}" for k in range(len(system.integrals)))
    head = f"[{integrals}], {{{_names(system.parameters)}}}"
    return _arrow(head, [*lines, f"return [{', '.join(results)}];"])


def _description(system: System) -> dict[str, str]:
    names = ", ".join(f'"{identifier(name)}"' for name in system.outputs)
    return {"outputs": f"[{names}]", "integrals": str(len(system.integrals))}


def _arrow(head: str, lines: list[str]) -> str:
    return f"({head}) => {{\n" + "\n".join(lines) + "\n}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(identifier, names))


def _pairs(pairs: Iterable[ScriptPair]) -> str:
    return ", ".join(part for real, imaginary in pairs for part in (real, imaginary or "0"))


def _zeros(names: Sequence[str]) -> list[str]:
    return [f"let {', '.join(f'{name} = 0' for name in names)};"] if names else []


def _bare(code: str) -> str:
    return f"({code})" if code.startswith("-") else code


def _flat(rows: Iterable[Iterable[Expr]]) -> list[Expr]:
    return [item for row in rows for item in row]
