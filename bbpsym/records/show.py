"""One equation on a page: statement, steps, chain back to the definitions, LaTeX."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from textwrap import fill, indent
from typing import Any

from sympy import Basic, Eq, Function, Integral, Pow, Symbol, sympify
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.pretty_symbology import pretty_symbol, pretty_use_unicode
from sympy.printing.pretty.stringpict import prettyForm

from bbpsym import symbols as s
from bbpsym.equations.average import Average
from bbpsym.equations.thresholds import X
from bbpsym.records.record import Nature, Place, Record
from bbpsym.records.registry import ancestors, chapters, record_of
from bbpsym.writing.handwriting import Handwriting, Latex, Text
from bbpsym.writing.lines import broken
from bbpsym.writing.typeset import typeset, words

WIDTH = 92

#: Widest formula that is set in two dimensions; a wider one is written on one line and wrapped.
WIDEST = 100

#: An exponent, for a terminal.
SUPERSCRIPTS = str.maketrans("0123456789T", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ")

#: Quantities that a formula may name, and the records that define them.
DEFINED_IN = {s.lambda_g: "41", s.lambda_slope: "43", s.S: "57", s.S_slope: "57", X: "X"}

#: Stands for f where a formula is printed, so that it sorts behind g: `1 - g f`.
_LAST = Symbol("gf", real=True)


class _Mean(Average):
    """An average that is only printed."""

    @classmethod
    def eval(cls, arg: Any) -> None:
        """Stay as it is, whatever symbols stand inside."""


class _Names:
    """Mixed into a printer: the symbol that stands for f is f."""

    def _print_Symbol(self, expr: Any, *rest: Any) -> Any:
        return super()._print_Symbol(s.f if expr == _LAST else expr, *rest)  # type: ignore[misc]


class _Latex(_Names, Latex):
    pass


class _Pretty(_Names, Handwriting, PrettyPrinter):
    def _print_Indexed(self, expr: Any) -> Any:
        """An index below the letter, or behind one that has some already."""
        letter, *indices = (str(item) for item in (expr.base.label, *expr.indices))
        if "_" in letter:
            behind = ", ".join(map(pretty_symbol, indices))
            return prettyForm(f"{pretty_symbol(letter)}[{behind}]")
        return self._print(Symbol("_".join((letter, *indices))))


class _Flat(_Names, Text):
    """One line, in which a star is a product: the teacher's width is `p_star`."""

    def _print_Symbol(self, expr: Any, *rest: Any) -> str:
        return re.sub(r"_?\*", "_star", super()._print_Symbol(expr, *rest))


def latex(formula: Any) -> str:
    """LaTeX of a formula in the paper's handwriting."""
    return _Latex().doprint(_told_once(_ordered(formula)))


def _told_once(formula: Any) -> Any:
    """One side of an identity whose sides are written alike, unless it is a mere letter."""
    if not isinstance(formula, Eq) or formula.lhs.is_Atom:
        return formula
    return formula.lhs if len({_Flat().doprint(side) for side in formula.args}) == 1 else formula


def _ordered(formula: Any) -> Any:
    if not isinstance(formula, Basic):
        return formula
    if isinstance(formula, Relational):  # with equal sides it would become True
        return formula.func(*map(_ordered, formula.args), evaluate=False)
    formula = formula.xreplace({x: _turned(x) for x in formula.atoms(Pow) if _is_turned(x)})
    return formula.replace(Average, _mean).xreplace({s.f: _LAST})


def _mean(x: Any) -> Any:
    return -_Mean(-x) if x.as_coeff_Mul()[0] < 0 else _Mean(x)


def _is_turned(power: Pow) -> bool:
    """Whether it divides by `g f - 1` or `2 a + 2 y`: one writes `1 - g f` and `2 (a + y)`."""
    base, exponent = power.args
    if not (exponent.is_Integer and exponent < 0 and base.is_Add):
        return False
    return _is_negative(base) or _common(base) != 1


def _is_negative(base: Any) -> bool:
    return len(base.free_symbols) > 1 and bool(base.as_coeff_Add()[0] < 0)


def _common(base: Any) -> int:
    """The integer that divides all terms of a sum."""
    factor = base.primitive()[0]
    return int(factor) if factor.is_Integer else 1


def _turned(power: Pow) -> Any:
    base, exponent = power.args
    factor = -_common(base) if _is_negative(base) else _common(base)
    terms = (term / factor for term in base.args)
    return sympify(factor) ** exponent * base.func(*terms) ** exponent


def description(record: Record, chain: bool = False) -> str:
    """Return all there is to read about a record; with `chain` all that it follows from, too."""
    steps = (f"{step.rule}:\n\n{block(step.formulas)}" for step in record.steps())
    defined = [*definitions(record)]
    parts = [
        f"{record.label} {record.title} [{record.nature}]",
        block(record.relations()),
        f"where\n\n{block(defined)}" if defined else "",
        *told(record),
        _paragraph("Derivation", " ".join((record.how, *_sources(record)))),
        *steps,
        chain_of(record) if chain else "",
        "LaTeX:\n" + "\n".join(_wrapped(latex(relation)) for relation in record.relations()),
    ]
    return "\n\n".join(part for part in parts if part)


def told(record: Record) -> list[str]:
    """Domain and prose of a record, for a terminal."""
    parts = [_paragraph("", paragraph) for paragraph in record.prose.split("\n\n")]
    return [part for part in (_paragraph("Domain", record.domain), *parts) if part]


def markdown(record: Record, heading: str = "") -> str:
    """A record for a notebook: its statement, its steps, each with its rule."""
    lines = [
        heading or f"**{record.label} {words(record.title)}** — *{record.nature}*",
        *_displayed(record.relations()),
    ]
    if defined := [*definitions(record)]:
        lines += ["where", *_displayed(defined)]
    lines.append(typeset(record.prose))
    if record.domain:
        lines.append(f"*Domain:* {words(record.domain)}.")
    for step in record.steps():
        lines += [words(f"{step.rule}:"), *_displayed(step.formulas)]
    return "\n\n".join(line for line in lines if line)


def definitions(record: Record) -> Iterator[Any]:
    """What defines the quantities that a statement names, where these are no averages yet."""
    for quantity, name in DEFINED_IN.items():
        if record.id != name and any(r.rhs.has(quantity) for r in record.relations()):
            yield next(r for r in record_of(name).relations() if r.lhs.has(quantity))


def _displayed(formulas: Any) -> Iterator[str]:
    return (f"$$\n{broken(latex(formula))}\n$$" for formula in formulas)


def chain_of(record: Record) -> str:
    """All that a record follows from, roots first."""
    links = (record_of(name) for name in ancestors(record.id))
    return "Chain:\n" + "\n".join(_link(item) for item in links)


def block(formulas: Any) -> str:
    """Formulas for a terminal, one below the other."""
    return "\n\n".join(indent(_formula(_told_once(plain(item))), "  ") for item in formulas)


def _formula(formula: Any) -> str:
    """A formula in two dimensions, or flat where that is too wide for a terminal."""
    drawn = _drawn(formula)
    if max(map(len, drawn.splitlines())) <= WIDEST:
        return drawn
    flat = getattr(formula, "args", ()) if getattr(formula, "is_Relational", False) else (formula,)
    sides = (_Flat().doprint(side).replace("**", "^") for side in flat)
    sign = {"==": "="}.get(getattr(formula, "rel_op", ""), getattr(formula, "rel_op", ""))
    return _wrapped(f" {sign} ".join(sides))


def _drawn(formula: Any) -> str:
    """A formula in two dimensions, whatever the locale: its characters come from a global table."""
    before = pretty_use_unicode(True)
    try:
        return _Pretty({"use_unicode": True, "wrap_line": False}).doprint(formula)
    finally:
        pretty_use_unicode(before)


def _wrapped(text: str) -> str:
    """Break a long line at spaces, continuation lines set in."""
    return fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)


def plain(formula: Any) -> Any:
    """Rename symbols whose names are LaTeX, for a terminal."""
    formula = getattr(formula, "as_immutable", lambda: formula)()
    if not isinstance(formula, Basic):
        return formula
    if isinstance(formula, Relational):
        return formula.func(*map(plain, formula.args), evaluate=False)
    formula = _ordered(formula)
    bound = {v for whole in formula.atoms(Integral) for v in whole.variables}
    renamed = {
        symbol: Symbol(name, commutative=symbol.is_commutative)
        for symbol in (formula.free_symbols | bound) - {_LAST}
        if (name := _plain_name(symbol.name)) != symbol.name
    }
    return formula.xreplace(renamed).replace(
        lambda item: isinstance(item, AppliedUndef),
        lambda item: Function(_plain_name(item.func.__name__))(*item.args),
    )


def _plain_name(latex_name: str) -> str:
    name = re.sub(r"\\hat\{(\w)\}", "\\1\u0302", latex_name)
    name = re.sub(r"\^\{?(\*?)([\dT]+)\}?", lambda m: m[1] + m[2].translate(SUPERSCRIPTS), name)
    name = re.sub(r"\\frac\{(.+?)\}\{(.+?)\}", r"\1/\2", name)
    name = re.sub(r"\s*\\cdot\s*", "·", name)
    name = re.sub(r"\\(mathrm|mathbf|mathcal|left|right|,)|[{}\\]", "", name)
    for word, letter in (("lambda", "λ"), ("alpha", "α"), ("tau", "τ"), ("kappa", "κ")):
        name = name.replace(word, letter) if "\\" in latex_name else name
    name = name.replace("^", "")
    name = name.replace("[mu]", "[μ]")
    return name.replace("_", "") if "(" in name else name


def _sources(record: Record) -> Iterator[str]:
    if record.follows_from:
        yield f"(from {', '.join(record_of(name).label for name in record.follows_from)})"


def _link(record: Record) -> str:
    reason = " ".join((record.how, *_sources(record)))
    line = f"  {record.label:<14} {record.title} [{record.nature}]"
    return fill(f"{line} {reason}".rstrip(), WIDTH, subsequent_indent=" " * 17)


def _paragraph(title: str, text: str) -> str:
    text = " ".join(text.split())
    return fill(f"{title}: {text}" if title else text, WIDTH) if text else ""


class Page(Record):
    """A record that shows itself in a notebook."""

    def _repr_markdown_(self) -> str:
        return markdown(self)

    def __reduce__(self) -> Any:
        known = self.id in chapters() and record_of(self.id) is self
        return (record_of, (self.id,)) if known else super().__reduce__()


def record(
    id_: str,
    nature: Nature,
    follows_from: str = "",
    how: str = "",
    at: Place | None = None,
    reach: int = 1000,
) -> Callable[[Callable[[], Iterator[Any]]], Record]:
    """Make a record of the generator that tells it; in a notebook, show it below its cell."""

    def decorate(tell: Callable[[], Iterator[Any]]) -> Record:
        made = Page(id_, nature, tell, tuple(follows_from.split()), how, at, reach)
        ipython = sys.modules.get("IPython")
        if tell.__module__ == "__main__" and ipython is not None and ipython.get_ipython():
            # Written out here, so that a broken step stops the notebook.
            page = {"text/markdown": made._repr_markdown_(), "text/plain": repr(made)}
            ipython.display.display(page, raw=True)
        return made

    return decorate
