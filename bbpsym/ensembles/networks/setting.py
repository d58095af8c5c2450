"""A network whose numbers are not all given: formulas with symbols, to derive from."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from sympy import Eq, Expr, Float, Integer, Rational, S, Symbol, oo

from bbpsym import symbols as s
from bbpsym.equations import hessian, student_teacher, weights
from bbpsym.equations.factored import factored, without_overflow
from bbpsym.equations.weights import argument, prediction, zeta
from bbpsym.errors import DomainError, quoted
from bbpsym.functions.signs import is_seen_not_zero
from bbpsym.reading import arguments
from bbpsym.writing.handwriting import text

#: How activations make an output.
MEAN, SUM = "mean", "sum"

#: Parameters with a symbol of their own; any other name is a positive number.
KNOWN: Mapping[str, Symbol] = {"p": s.p, "p_star": s.p_star, "p^*": s.p_star, "a": s.a}

#: Names that vary from sample to sample.
VARIABLES = {"x": argument, "y": s.label, "yh": prediction}

#: Names that equations have for something else, which no parameter may have.
TAKEN = {v.name for v in (*vars(s).values(), zeta) if isinstance(v, Symbol)}
TAKEN -= KNOWN.keys() | VARIABLES.keys()

#: A teacher's pre-activation, in the formula of a whole label.
NODE = re.compile(r"u_?([1-9]\d*)")

#: Value of a parameter at which a formula is tried.
TRIED = Rational(13, 10)


@dataclass(frozen=True)
class Setting:
    """A network with symbols among its widths and in its formulas.

    `Network` and `Model` return one where they are given symbols: `derive` goes on with it, and
    what computes numbers asks for values.

    Attributes
    ----------
    activation, loss : Expr
        `s(x)` and `l(y, yh)`; every other symbol in them is a positive parameter.
    p, p_star : Expr
        Widths, positive integers; p may be infinite.
    overlap, noise, bias : Expr
        As of `Network`.
    output : {"mean", "sum"}
        How activations make an output.
    teacher : Expr or None
        The teacher's activation, if it is not the student's, or the whole label.
    make : callable
        Makes the network of numbers: `Network`, of which this knows no more.
    """

    activation: Expr
    loss: Expr
    p: Expr = S.One
    p_star: Expr = S.One
    overlap: Expr = S.Zero
    noise: Expr = S.Zero
    output: str = MEAN
    teacher: Expr | None = None
    bias: Expr = S.Zero
    make: Callable[..., Any] | None = field(default=None, repr=False, compare=False)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """The symbols without a value."""
        given = (self.activation, self.loss, self.p, self.p_star, self.overlap, self.noise)
        found = set().union(*(item.free_symbols for item in (*given, self.bias)))
        if self.teacher is not None:
            found |= {v for v in self.teacher.free_symbols if not NODE.fullmatch(str(v))}
        return tuple(sorted(found - set(VARIABLES.values()), key=str))

    def at(self, values: Mapping[Any, Any]) -> Any:
        """The `Network` with numbers for its symbols, by symbol or by name.

        Raises
        ------
        DomainError
            If a symbol has no value, or the network is refused.
        """
        numbers = {symbol_of(k): _exact(v) for k, v in values.items()}
        missing = [v for v in self.parameters if v not in numbers]
        if missing:
            raise DomainError(f"{_names(missing)} has no value in {self}")

        def put(item: Expr | None) -> Any:
            return None if item is None else item.subs(numbers).subs(prediction, Symbol("yh"))

        p = put(self.p)
        names = "activation", "loss", "p_star", "overlap", "noise", "teacher", "bias"
        given = {name: put(getattr(self, name)) for name in names}
        assert self.make is not None
        return self.make(**given, p=math.inf if p is oo else p, output=self.output)

    @property
    def answers(self) -> str:
        """There are none without numbers."""
        raise self._unanswered()

    def side(self, side: str = "left") -> Any:
        """Refuse to compute."""
        raise self._unanswered()

    #: Sides that its bulk may have.
    sides: ClassVar[tuple[str, ...]] = ("left", "right")

    def _unanswered(self) -> DomainError:
        return DomainError(
            f"model must have numbers for all its symbols: {_names(self.parameters)} has no value "
            f"in {self}"
        )

    @cached_property
    def is_paper(self) -> bool:
        """Whether it is the network of the paper, whatever its widths and a."""
        if not self.is_rotated:
            return False
        own = hessian.loss()
        if self.formula == own:
            return True
        difference = self.formula - own
        return not is_seen_not_zero(difference) and difference.equals(0) is True

    @cached_property
    def student(self) -> Expr:
        """The student's activation with its bias."""
        return self.activation.subs(argument, argument + self.bias)

    @cached_property
    def is_plain(self) -> bool:
        """Whether labels are those of a teacher like the student, without noise."""
        return self.overlap == 0 and self.noise == 0 and self.teacher is None

    @cached_property
    def is_rotated(self) -> bool:
        """Whether both networks only see the lengths of their pre-activations: (10)."""
        return self.is_plain and self.p is not oo and weights.quadratic(self.student) is not None

    @cached_property
    def is_even(self) -> bool:
        """Whether F keeps its law when a pre-activation changes its sign."""
        if self.overlap != 0:
            return False
        (node,) = weights.student_nodes(1)
        own = self.student
        if self.p == 1 and weights.parity(own) <= 0:  # a loss may be even where the node is not
            own = self.single_weight().subs(node, argument)
        return weights.parity(own) > 0

    @cached_property
    def formula(self) -> Expr:
        """The loss in the outputs y and yh; of lengths, in the mean squares (1)(2) themselves."""
        form = weights.quadratic(self.student) if self.is_rotated else None
        if form is None:
            return self.loss
        target, output = (
            form.curvature * square + form.offset
            if self.output == MEAN
            else width * (form.curvature * square + form.offset)
            for square, width in ((s.y, self.p_star), (s.yh, self.p))
        )
        return self.loss.subs({s.label: target, prediction: output}, simultaneous=True)

    @property
    def node(self) -> Expr:
        """Activation of one node in `formula`: a square if both networks only see lengths."""
        return student_teacher.SQUARE if self.is_rotated else self.student

    @property
    def share_of_node(self) -> Expr:
        """Weight of one activation in the outputs of `formula`."""
        return 1 / s.p if self.is_rotated else 1 / self.p if self.output == MEAN else S.One

    @property
    def outputs(self) -> tuple[Symbol, Symbol]:
        """The symbols of both outputs in `formula`."""
        return (s.y, s.yh) if self.is_rotated else (s.label, prediction)

    def teacher_output(self) -> Eq:
        """Output of the teacher, eq. (1)."""
        if self.is_rotated:
            return student_teacher.teacher_output()
        if self.teacher is not None and not self.teacher.has(argument):
            return Eq(s.label, self.target)
        node = self.student if self.teacher is None else self.teacher
        share = 1 / self.p_star if self.output == MEAN else S.One
        clean = student_teacher.teacher_output(node, share, s.label, self.p_star)
        return Eq(s.label, clean.rhs.doit() + self.noise * zeta)

    def student_output(self) -> Eq:
        """Output of the student, eq. (2)."""
        if self.is_rotated:
            return student_teacher.student_output()
        width = s.p if self.p is oo else self.p
        share = 1 / width if self.output == MEAN else S.One
        found = student_teacher.student_output(self.student, share, prediction, width)
        return Eq(prediction, found.rhs.doit()) if self.p == 1 else found

    def slopes(self) -> tuple[Expr, Expr]:
        """First two derivatives of the loss by the student's output."""
        output = self.outputs[1]
        first, second = (self.formula.diff(output, n) for n in (1, 2))
        return without_overflow(first), without_overflow(second)

    def weight_matrix_entries(self) -> Eq:
        """Weight matrix of one sample, eq. (5)."""
        if self.is_paper:
            return student_teacher.weight_matrix_entries()
        slope, curvature = map(factored, self.slopes())
        return student_teacher.entries_of(slope, curvature, self.node, self.share_of_node)

    def single_weight(self, mean: Expr | None = None) -> Expr:
        """The weight of one node, or across the nodes at p = inf, in units of 1/p.

        There `mean` may stand for the student's output.
        """
        if self.p is oo:
            return weights.limit_weight(self.loss, self.student, mean)
        (node,) = weights.student_nodes(1)
        sample = self.loss.subs(prediction, self.student.subs(argument, node))
        return factored(sample.diff(node, 2))

    def eigenvalues(self) -> tuple[Expr, Expr]:
        """Eigenvalues of F across the pre-activations and along them, eq. (48)."""
        return self._eigenvalues

    @cached_property
    def _eigenvalues(self) -> tuple[Expr, Expr]:
        (slope, curvature), output = self.slopes(), self.outputs[1]
        across = 2 * slope / s.p
        return factored(across), factored(across + 4 * output * curvature / s.p)

    @cached_property
    def clean_label(self) -> Expr:
        """The label of a single teacher node without noise, or the whole one if it is given."""
        node = weights.teacher_nodes(1)[0]
        activation = self.student if self.teacher is None else self.teacher
        return activation.subs(argument, node)

    @property
    def target(self) -> Expr:
        """The same with the noise."""
        return self.clean_label + self.noise * zeta

    def __str__(self) -> str:
        widths = f"p={self.p}, p_star={self.p_star}"
        loss = text(self.loss).replace(str(prediction), "yh")
        given = f"activation={text(self.activation)}, loss={loss}, {widths}"
        for name in ("overlap", "noise", "bias"):
            if (value := getattr(self, name)) != 0:
                given += f", {name}={value}"
        given += f", output={self.output}" if self.output != MEAN else ""
        given += f", teacher={text(self.teacher)}" if self.teacher is not None else ""
        return f"Network({given})".replace("p^*", "p_star")

    __repr__ = __str__


def paper(p: Any = s.p, p_star: Any = s.p_star, a: Any = s.a, make: Any = None) -> Setting:
    """The network of the paper, eqs. (1)-(3)."""
    loss = hessian.loss().subs({s.y: s.label, s.yh: prediction}, simultaneous=True)
    _check_names({"p": p, "p_star": p_star, "a": a})
    widths = _width(p, "p", infinite=True), _width(p_star, "p_star")
    own = _symbolic(a, "a")
    if not (own.is_positive and own.is_finite):
        raise DomainError(f"a must be positive, or a name that stands for nothing yet, not {a}")
    return Setting(student_teacher.SQUARE, loss.subs(s.a, own), *widths, make=make)


def _width(value: Any, name: str, infinite: bool = False) -> Expr:
    found = _symbolic(value, name)
    if found.is_number:
        arguments.width(value, name, infinite=infinite)
    return found


def symbol_of(name: Any) -> Symbol:
    """The symbol of a parameter: the package's own for p, p_star and a, else a positive one."""
    text = str(name)
    return KNOWN.get(text) or VARIABLES.get(text) or Symbol(text, positive=True)


def has_symbols(given: Mapping[str, Any]) -> bool:
    """Whether anything that a network is given by holds a symbol that does not vary."""
    for name, value in given.items():
        if isinstance(value, Expr):
            own = VARIABLES.keys() if name in ("activation", "loss", "teacher") else ()
            names = {str(v) for v in value.free_symbols}
            needed = {"activation": "x", "loss": "yh"}.get(name)
            if needed is not None and needed not in names:
                if foreign := sorted(names - set(own)):
                    raise DomainError(
                        f"{name} must be a formula in {needed}: {', '.join(foreign)} has no value "
                        f"in {value}"
                    )
                if name == "loss":
                    raise DomainError(f"loss must depend on yh, and {value} does not")
            if name == "teacher":
                names = {n for n in names if n != "u" and not NODE.fullmatch(n)}
            if not names <= set(own):
                return True
    return False


def setting_of(make: Callable[..., Any], **given: Any) -> Setting:
    """Read what a network is given by, some of it in symbols.

    Raises
    ------
    DomainError
        If `Network` refuses it with numbers in the place of the symbols.
    """
    _check_names(given)
    given = {k: _nodes_named(v, given) if k == "teacher" else v for k, v in given.items()}
    read = {k: v if k == "output" or v is None else _symbolic(v, k) for k, v in given.items()}
    for name in given.keys() - {"activation", "loss", "teacher"}:
        if name == "output" and not isinstance(given[name], str):
            raise DomainError(f'output must be "mean" or "sum", not {given[name]!s:.40}')
        if name != "output" and read[name].free_symbols & {*VARIABLES.values()}:
            raise DomainError(f"{name} must be a number or a name for one, not {given[name]!s:.40}")
    found = Setting(**read, make=make)
    widths = {s.p: 1, s.p_star: 1}
    cosines = found.overlap.free_symbols
    tried = {v: S.Half if v in cosines else TRIED for v in found.parameters}
    found.at(tried | {v: n for v, n in widths.items() if v in tried})
    return found


def _check_names(given: Mapping[str, Any]) -> None:
    """Refuse a width by the name of something else: it is p or p_star in all equations.

    A loss may depend on a width by that name.
    """
    names = {k: {str(v) for v in getattr(x, "free_symbols", ())} for k, x in given.items()}
    for width in names.keys() & {"p", "p_star"}:
        for other in names.keys() - {width}:
            allowed = {width} if other == "loss" else set()
            if same := names[width] & names[other] - allowed:
                raise DomainError(
                    f"{width} must have another name than {same.pop()}, which is in {other}, too"
                )


def _symbolic(value: Any, name: str) -> Expr:
    if value == "inf" or (isinstance(value, float) and math.isinf(value)):
        return oo
    found = value if isinstance(value, Expr) else _exact(value)
    found = found.xreplace({number: _exact(number) for number in found.atoms(Float)})
    if name in ("p", "p_star"):
        if found.free_symbols and not isinstance(found, Symbol):
            raise DomainError(f"{name} must be an integer or a name for one, not {quoted(value)}")
        return {"p": s.p, "p_star": s.p_star}[name] if found.free_symbols else found
    nodes = {v for v in found.free_symbols if name == "teacher" and NODE.fullmatch(str(v))}
    names = found.free_symbols - nodes
    for own in sorted(map(str, names)):
        if own in TAKEN or NODE.fullmatch(own):
            where = "" if str(value) == own else f" in {value}"
            raise DomainError(
                f"{name} must have another name than {own}{where}, "
                "which stands for something else in the equations"
            )
    return found.xreplace({v: symbol_of(v) for v in names})


def _nodes_named(teacher: Any, given: Mapping[str, Any]) -> Any:
    """A whole label in the pre-activations of `teacher_nodes`; u is the first where it is alone."""
    if not isinstance(teacher, Expr):
        return teacher
    width = given.get("p_star", 1)
    first = "u_1" if isinstance(width, Symbol) or str(width) == "1" else "u"
    named = ((v, NODE.fullmatch(first if str(v) == "u" else str(v))) for v in teacher.free_symbols)
    return teacher.xreplace({v: Symbol(f"u_{m[1]}", real=True) for v, m in named if m})


def _exact(value: Any) -> Expr:
    number = arguments.exact(value)
    if number is None:
        if arguments.is_infinite(value):
            return oo
        raise DomainError(f"a value must be a number, not {quoted(value)}")
    return Integer(number) if number.denominator == 1 else Rational(*number.as_integer_ratio())


def _names(items: Any) -> str:
    return ", ".join(str(v).replace("^*", "_star") for v in items)
