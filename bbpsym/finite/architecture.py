"""What a network is: its loss, its activation and its teacher, as formulas."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from bbpsym.errors import DomainError, quoted
from bbpsym.finite.jets import Array, derivatives
from bbpsym.reading.arguments import exact
from bbpsym.reading.formula_tree import Formula
from bbpsym.reading.formulas import check_used, parse, read

OUTPUTS = ("mean", "sum")

#: The paper's loss (3) and activation.
PAPER_LOSS, PAPER_ACTIVATION = "(y - yh)^2/(2*(a + y))", "x^2"

#: Places at which formulas are held against the paper's, and their relative difference.
PLACES, SAME = 20, 1e-12


@dataclass(frozen=True, order=True, repr=False)
class Architecture:
    """A student and a teacher of one hidden layer, and the loss between them.

    The student's output is `yh = (1/p) sum_k s(lambda_k)`, the label `y` that of the teacher, with
    noise. `F` of `H = sum_mu F^mu (x) x^mu x^muT` is the second derivative of the loss by the
    student's pre-activations.

    Attributes
    ----------
    loss : str
        `l(y, yh)`.
    activation : str
        `s(x)` of the student's nodes.
    teacher : str
        `s(x)` of the teacher's nodes, or the whole label in terms of their pre-activations
        `u1, u2, ...`; the student's activation unless given.
    output : str
        "mean" or "sum" over the nodes.
    overlap : float
        Cosine of every student weight with the one teacher weight, between -1 and 1; the students
        are independent otherwise. Zero unless `p_star` is 1.
    noise : float
        Standard deviation of normal noise on the label, at least zero.

    Other Parameters
    ----------------
    bias : number
        Added to the argument of the activation, and of the teacher's unless that is given.
    parameters : mapping
        Numbers for other names in the formulas.

    Raises
    ------
    FormulaError, DomainError
        When a formula cannot be read or a parameter leaves its range.

    Notes
    -----
    Formulas are given as text, as SymPy expressions or as read by `bbpsym.reading.formulas`, and
    kept as text; the paper's in its own words, however they were given. They may contain `a`,
    which `Point` has a value for.
    """

    loss: Any
    activation: Any
    teacher: Any = None
    output: str = "mean"
    overlap: Any = 0.0
    noise: Any = 0.0
    bias: InitVar[Any] = 0
    parameters: InitVar[Mapping[str, Any] | None] = None

    def __post_init__(self, bias: Any, parameters: Mapping[str, Any] | None) -> None:
        setting, given = object.__setattr__, dict(parameters or {})
        loss = read(self.loss, "loss", ("y", "yh", "a"), given)
        activation = read(self.activation, "activation", ("x", "a"), given)
        activation = activation.substitute({"x": read("x + bias", "bias", ("x",), {"bias": bias})})
        teacher = activation if self.teacher is None else read(self.teacher, "teacher", (), given)
        check_used(given, self.loss, self.activation, self.teacher)
        setting(self, "loss", _canonical(loss, "loss", PAPER_LOSS))
        setting(self, "activation", _canonical(activation, "activation", PAPER_ACTIVATION))
        setting(self, "teacher", _canonical(teacher, "teacher", PAPER_ACTIVATION))
        if self.output not in OUTPUTS:
            raise DomainError(f'output must be "mean" or "sum", not {self.output!r}')
        setting(self, "overlap", _between(self.overlap, "overlap", -1))
        setting(self, "noise", _between(self.noise, "noise", 0))

    @property
    def has_a(self) -> bool:
        """Whether a formula contains the parameter `a`."""
        return any("a" in _read(text).names for text in (self.loss, self.activation, self.teacher))

    def check(self, p_star: int) -> None:
        """Refuse what is not possible for a teacher of `p_star` nodes."""
        nodes = {f"u{node + 1}" for node in range(p_star)}
        names = _read(self.teacher).names - {"a"}
        if not (names <= {"x"} or names <= nodes):
            known = ", ".join(sorted(nodes, key=lambda name: int(name[1:]))[:3])
            raise DomainError(
                f"teacher must be a formula of x, or of {known}{', ...' * (p_star > 3)}, "
                f"not {self.teacher}"
            )
        if not p_star * self.overlap**2 < 1:
            raise DomainError("overlap must be below 1/sqrt(p_star): each teacher node has it")

    def label(self, fields: Array, a: float) -> Array:
        """Labels without noise, shape (M,), from the teacher's pre-activations, shape (M, p_star).

        Raises
        ------
        DomainError
            When the formula is infinite or not real on them.
        """
        teacher = _read(self.teacher)
        if teacher.names <= {"x", "a"}:
            return self._output(derivatives(teacher, "teacher", {"x": fields, "a": a}, "x")[0])
        nodes = {f"u{node + 1}": column for node, column in enumerate(fields.T)}
        return derivatives(teacher, "teacher", {**nodes, "a": a}, "u1")[0]

    def prediction(self, fields: Array, a: float) -> Array:
        """Student outputs `yh`, shape (M,), from pre-activations of shape (M, p)."""
        return self._output(self._nodes(fields, a)[0])

    def per_sample(self, label: Array, prediction: Array, a: float) -> tuple[Array, Array, Array]:
        """Return the loss and its first two derivatives by the student's output, each (M,)."""
        values = {"y": label, "yh": prediction, "a": a}
        return derivatives(_read(self.loss), "loss", values, "yh")

    def weights(self, label: Array, fields: Array, a: float) -> tuple[Array, Array, Array]:
        """Parts of `F = rank_one * slope slope^T + diag(diagonal)`.

        Returns
        -------
        slope : ndarray, shape (M, p)
            Derivative of each node's activation.
        rank_one : ndarray, shape (M,)
        diagonal : ndarray, shape (M, p)
        """
        nodes, slope, curvature = self._nodes(fields, a)
        share = 1 / fields.shape[1] if self.output == "mean" else 1.0
        _, first, second = self.per_sample(label, self._output(nodes), a)
        return slope, share**2 * second, share * first[:, None] * curvature

    def slopes(self, label: Array, fields: Array, a: float) -> tuple[Array, Array]:
        """Return the loss, shape (M,), and its derivatives by the pre-activations, (M, p)."""
        nodes, slope, _ = self._nodes(fields, a)
        share = 1 / fields.shape[1] if self.output == "mean" else 1.0
        loss, first, _ = self.per_sample(label, self._output(nodes), a)
        return loss, share * first[:, None] * slope

    def _nodes(self, fields: Array, a: float) -> tuple[Array, Array, Array]:
        values = {"x": fields, "a": a}
        return derivatives(_read(self.activation), "activation", values, "x")

    def _output(self, nodes: Array) -> Array:
        return nodes.mean(axis=1) if self.output == "mean" else nodes.sum(axis=1)

    def words(self) -> tuple[int, ...]:
        """Return 128 bits that are this network's, for the key of its random streams."""
        digest = hashlib.sha256(str(self).encode()).digest()
        return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))

    def __str__(self) -> str:
        """Write what differs from the default; `from_text` reads it."""
        default = {"teacher": self.activation, "output": "mean", "overlap": 0.0, "noise": 0.0}
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        shown = {name: value for name, value in given.items() if value != default.get(name)}
        return "; ".join(f"{name}={value}" for name, value in shown.items())

    def __repr__(self) -> str:
        return f"Architecture({self})"

    @classmethod
    def from_text(cls, text: str) -> Architecture:
        """Read what `str` wrote."""
        given: dict[str, Any] = dict(part.split("=", 1) for part in text.split("; "))
        return cls(**given)


@lru_cache(maxsize=64)
def _read(text: str) -> Formula:
    return parse(text)


def _canonical(formula: Formula, name: str, paper: str) -> str:
    """Write a formula as it is kept: as the paper's where it is that in other words."""
    text = str(formula)
    parse(text, name)  # what is kept must be read again
    return paper if _agree(formula, _read(paper)) else text


def _agree(one: Formula, other: Formula) -> bool:
    """Whether two formulas have the same names and values, at places on the data's side of zero."""
    if one.names != other.names:
        return False
    rng = np.random.default_rng(0)
    values = {name: rng.uniform(0.1, 3.0, PLACES) for name in sorted(one.names)}
    try:
        mine, its = (derivatives(f, "formula", values, min(one.names))[0] for f in (one, other))
    except DomainError:  # not real there, so not the paper's
        return False
    return bool(np.allclose(mine, its, rtol=SAME, atol=0.0))


def _between(value: Any, name: str, low: int) -> float:
    number = exact(value)
    if number is None or not (-1 < number < 1 if low < 0 else 0 <= number <= 10**6):
        allowed = "between -1 and 1" if low < 0 else "from 0 to 1e6"
        raise DomainError(f"{name} must be a number {allowed}, not {quoted(value)}")
    return float(number)


#: The paper's network, (1)-(3).
PAPER = Architecture(loss=PAPER_LOSS, activation=PAPER_ACTIVATION)
