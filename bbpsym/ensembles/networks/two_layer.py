"""Any two-layer network at initialisation: its Hessian is a sum of weight matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, ClassVar

from sympy import Expr, Matrix, Symbol, diag, sqrt, symbols

from bbpsym.ensembles.networks.network_arguments import cosines_of, formula_of, number_of
from bbpsym.ensembles.networks.setting import MEAN, SUM, has_symbols, setting_of
from bbpsym.ensembles.networks.shown import NetworkWeight, shown_weight
from bbpsym.ensembles.networks.smoothness import check_composition, check_twice_differentiable
from bbpsym.equations import weights
from bbpsym.equations.weights import Quadratic, argument, prediction, zeta
from bbpsym.errors import DomainError, Suggesting, quoted
from bbpsym.laws.expressions import rational
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Number, Whole, Width
from bbpsym.symbols import label
from bbpsym.writing.handwriting import latex, text

#: Largest width of a student with an activation that is not quadratic, and most Gaussian
#: variables of a sample, for which averages are computed.
WIDEST, MOST_VARIABLES = 10, 16


@dataclass(frozen=True)
class Network(Suggesting):
    """The Hessian of a network with any activation and any loss, at random weights.

    A student with nodes `lambda_k = w_k . x` has the output `yh = (1/p) sum_k s(lambda_k)`; the
    label is that of a teacher, plus noise. The inputs are `x ~ N(0, 1/N)`, the weights lie on
    spheres of radius sqrt(N), and the Hessian is that of the sum of `l(y, yh)` over the samples.

    Attributes
    ----------
    activation : Expr
        `s(x)`, in a symbol named x.
    loss : Expr
        `l(y, yh)`, in symbols named y (the label) and yh (the student's output).
    p : int, "inf" or Symbol
        Student width, up to 3 unless the activation is quadratic; at p = inf, with a mean output,
        eigenvalues are in units of 1/p and edges those of all but a share 1/p of them.
    p_star : int
        Teacher width.
    overlap : number, or p_star numbers
        Cosines between a student's and the teacher's weight vectors, one for each of these or the
        same for all, their squares adding up to less than one: every student node has them, and is
        independent of the others otherwise.
    noise : number
        Standard deviation of the Gaussian noise on the label, 0 or positive.
    output : {"mean", "sum"}
        How the activations make an output, of both networks.
    teacher : Expr, optional
        The teacher's activation in x, if it is not the student's; or its whole output in symbols
        u_1, ..., u_{p*}.
    bias : number
        Added to every pre-activation of the student, and of the teacher unless it is given.

    With symbols for a width, or in a formula beside those above, it is a `Setting`, to derive from:
    what computes numbers refuses it.

    Raises
    ------
    DomainError
        If an argument is outside its range, or a formula is not differentiable twice; the sentence
        says why.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y, yh = symbols("x y yh")
    >>> Network(activation=x**2, loss=(y - yh)**2 / 2).weight_matrix().matrix[0, 0]
    -2*(-3*lambda_1**2 + y)
    """

    activation: Expr
    loss: Expr
    p: Width = 1
    p_star: int = 1
    overlap: Fraction | int | tuple[Fraction, ...] = 0
    noise: Fraction | int = 0
    output: str = MEAN
    teacher: Expr | None = None
    bias: Fraction | int = 0

    if TYPE_CHECKING:

        def __init__(
            self,
            activation: Expr | str,
            loss: Expr | str,
            p: Whole = 1,
            p_star: Whole = 1,
            overlap: Number | Sequence[Number] = 0,
            noise: Number = 0,
            output: str = MEAN,
            teacher: Expr | str | None = None,
            bias: Number = 0,
        ) -> None: ...

    def __new__(cls, *args: Any, **given: Any) -> Any:
        """Return a `Setting`, to derive from, where something is given by symbols."""
        given = dict(zip(cls.__dataclass_fields__, args, strict=False)) | given
        if has_symbols(given):
            return setting_of(cls, **given)
        return super().__new__(cls)

    def __post_init__(self) -> None:
        setting = object.__setattr__
        setting(self, "p", arguments.width(self.p, "p", infinite=True))
        setting(self, "p_star", arguments.width(self.p_star, "p_star"))
        setting(self, "overlap", cosines_of(self.overlap, self.p_star))
        setting(self, "noise", number_of(self.noise, "noise", 0, None))
        setting(self, "bias", number_of(self.bias, "bias", None, None))
        if not (isinstance(self.output, str) and self.output in (MEAN, SUM)):
            raise DomainError(f'output must be "mean" or "sum", not {quoted(self.output)}')
        setting(self, "activation", formula_of(self.activation, "activation", {"x": argument}))
        setting(self, "loss", formula_of(self.loss, "loss", {"y": label, "yh": prediction}))
        if self.teacher is not None:
            setting(self, "teacher", formula_of(self.teacher, "teacher", self._teacher_symbols))
        check_twice_differentiable(self.activation, argument, "activation")
        check_twice_differentiable(self.loss, prediction, "loss")
        if self.p == 1:
            check_composition(self.loss, self.student)
        self._check_size()

    @property
    def _teacher_symbols(self) -> dict[str, Symbol]:
        nodes = weights.teacher_nodes(self.p_star)
        names = {f"u{i}": node for i, node in enumerate(nodes, start=1)}
        names |= {f"u_{i}": node for i, node in enumerate(nodes, start=1)}
        return names | {"x": argument} | ({"u": nodes[0]} if len(nodes) == 1 else {})

    def _check_size(self) -> None:
        if not self.loss.has(prediction):
            raise DomainError(f"loss must depend on yh, and {self.loss} does not")
        if not self.activation.has(argument):
            raise DomainError(f"activation must depend on x, and {self.activation} does not")
        if self.loss.diff(prediction, 2) == 0 == self.activation.diff(argument, 2):
            raise DomainError("loss or activation must be curved: F is zero else")
        if self.is_limit:
            if self.output != MEAN:
                raise DomainError('output must be "mean" for p = inf')
            if self.activation.diff(argument, 2) == 0:
                raise DomainError("activation must be curved for p = inf: F is zero there else")
        elif self.p > WIDEST and self.form is None:
            raise DomainError(
                f"p must be at most {WIDEST}, or inf, for the activation {self.activation}: only "
                "for a quadratic one, without overlap, is there a reduction at any width"
            )
        count = len(self.frame) + (self.noise != 0)
        if count > MOST_VARIABLES and not self.is_radial:
            raise DomainError(
                f"p_star must be smaller: a sample has {count} Gaussian variables, and averages "
                f"are computed over {MOST_VARIABLES} at most"
            )

    @property
    def is_limit(self) -> bool:
        """Whether p is infinite; eigenvalues are then in units of 1/p."""
        return self.p == math.inf

    #: Module that answers for a network: its Stieltjes transform may be a matrix.
    answers: ClassVar[str] = "bbpsym.answers.network"

    #: Sides that its bulk may have.
    sides: ClassVar[tuple[str, ...]] = ("left", "right")

    @property
    def unit(self) -> str:
        """Unit of the eigenvalues."""
        return "1/p" if self.is_limit else "1"

    @cached_property
    def student(self) -> Expr:
        """The student's activation with its bias, in `equations.weights.argument`."""
        return self.activation.subs(argument, argument + rational(self.bias))

    @cached_property
    def form(self) -> Quadratic | None:
        """The student's activation as `c x^2 + d`, if it is so and there is no overlap."""
        return weights.quadratic(self.student) if self.overlap == 0 and not self.is_limit else None

    @property
    def is_radial(self) -> bool:
        """Whether p > 1 and the student enters by the length of its pre-activations only."""
        return self.form is not None and self.p > 1

    @property
    def has_sectors(self) -> bool:
        """Whether G has two eigenvalues, along and across (1, ..., 1)."""
        return not (self.is_limit or self.p == 1 or self.is_radial or self.is_even)

    @cached_property
    def radial_weights(self) -> tuple[Expr, Expr]:
        """The two eigenvalues of F where `is_radial`, across and along the pre-activations."""
        assert self.form is not None
        return weights.radial_weights(self.loss, self.form, self.p, self.output == MEAN)

    @cached_property
    def is_even(self) -> bool:
        """Whether F keeps its law when a pre-activation changes sign: then `G = g 1`."""
        return self.overlap == 0 and weights.parity(self.student) > 0

    @cached_property
    def clean_label(self) -> Expr:
        """The label without noise, in the teacher's pre-activations."""
        nodes = weights.teacher_nodes(self.p_star)
        activation = self.student if self.teacher is None else self.teacher
        if self.teacher is not None and not self.teacher.has(argument):
            return self.teacher
        return weights.output(activation, nodes, self.output == MEAN)

    @cached_property
    def label(self) -> Expr:
        """The label: the teacher's output plus noise."""
        return self.clean_label + rational(self.noise) * zeta

    @cached_property
    def teacher_frame(self) -> tuple[Symbol, ...]:
        """Orthonormal directions along the teacher's weight vectors."""
        return weights.teacher_nodes(self.p_star)

    @cached_property
    def student_frame(self) -> tuple[Symbol, ...]:
        """Orthonormal directions that complete the teacher's to hold the student's as well."""
        return symbols(f"v_1:{self._nodes + 1}", real=True)

    @property
    def frame(self) -> tuple[Symbol, ...]:
        """Orthonormal directions in the span of all weight vectors; standard Gaussians."""
        return (*self.teacher_frame, *self.student_frame)

    @property
    def _nodes(self) -> int:
        return 1 if self.is_limit else self.p

    @property
    def cosines(self) -> tuple[Expr, ...]:
        """Overlaps of every student node with the teacher's nodes."""
        given = self.overlap if isinstance(self.overlap, tuple) else (self.overlap,) * self.p_star
        return tuple(rational(value) for value in given)

    @cached_property
    def student_vectors(self) -> Matrix:
        """Unit vectors along the student's weights, as rows, in the frame."""
        cosines, first = Matrix([self.cosines]), len(self.teacher_frame)
        rows = Matrix.zeros(self._nodes, len(self.frame))
        for k in range(self._nodes):
            rows[k, :first] = cosines
            rows[k, first + k] = sqrt(1 - cosines.dot(cosines))
        return rows

    @cached_property
    def projectors(self) -> tuple[Matrix, Matrix]:
        """Projectors on the teacher's and on the student's span, in the frame.

        At p = inf the mean of the student's vectors is the direction that they share.
        """
        size, first = len(self.frame), len(self.teacher_frame)
        rows = self.student_vectors
        teacher = diag(*[1] * first, *[0] * (size - first))
        if self.is_limit and self.overlap != 0:
            shared = rows * teacher
            rows = Matrix.vstack(shared, rows - shared)
        return teacher, rows.T * (rows * rows.T).inv() * rows

    @cached_property
    def limit_mean(self) -> Expr:
        """The student's output at p = inf: what its activations are on average over the nodes.

        It depends on the teacher's pre-activations where nodes overlap with these.
        """
        shared = Matrix([self.cosines]).dot(Matrix(self.teacher_frame))
        return weights.gaussian_mean(self.student, shared, self.student_vectors[0, -1])

    @cached_property
    def weight(self) -> Matrix:
        """F in the label and the student's pre-activations; at p = inf the one weight of (48).

        This holds the teacher's pre-activations as well if there is an overlap.
        """
        if self.is_limit:
            return Matrix([[weights.limit_weight(self.loss, self.student, self.limit_mean)]])
        return weights.weight_matrix(self.loss, self.student, self.p, self.output == MEAN)

    @cached_property
    def weight_in_frame(self) -> Matrix:
        """F in the frame's Gaussian variables and the noise."""
        nodes = weights.student_nodes(self._nodes)
        values = self.student_vectors * Matrix(self.frame)
        replaced = dict(zip(nodes, values, strict=True)) | {label: self.label}
        return self.weight.subs(replaced, simultaneous=True)

    def weight_matrix(self) -> NetworkWeight:
        """Return F with its eigenvalues, symmetry and support."""
        return shown_weight(self)

    def labels(self) -> dict[str, Any]:
        """What a record of a result says of the network."""
        given = {
            "activation": text(self.activation),
            "loss": text(self.loss).replace(str(prediction), "yh"),
            "p": "inf" if self.is_limit else self.p,
            "p_star": self.p_star,
        }
        optional = {"overlap": self.overlap, "noise": self.noise, "bias": self.bias}
        given |= {name: _text(value) for name, value in optional.items() if value != 0}
        if self.output != MEAN:
            given["output"] = self.output
        if self.teacher is not None:
            given["teacher"] = text(self.teacher)
        return given

    def __repr__(self) -> str:
        return "Network(" + ", ".join(f"{k}={v}" for k, v in self.labels().items()) + ")"

    def _repr_latex_(self) -> str:
        p = r"\infty" if self.is_limit else self.p
        parts = [
            rf"s(x)={latex(self.activation)}",
            rf"\ell(y,\hat{{y}})={latex(self.loss)}",
            rf"p={p}",
            rf"p^*={self.p_star}",
        ]
        parts += [] if self.teacher is None else [rf"y={latex(self.teacher)}"]
        parts += [] if self.output == MEAN else [rf"\text{{{self.output} of the nodes}}"]
        names = {r"\sigma": self.noise, "b": self.bias}
        if self.overlap != 0:
            same = len(set(self.cosines)) == 1
            parts.append(f"m_0={latex(self.cosines[0] if same else self.cosines)}")
        parts += [rf"{name}={latex(rational(v))}" for name, v in names.items() if v != 0]
        return "$" + r",\ ".join(parts) + "$"


# What `help` and Jupyter show in place of `__new__`, which takes anything.
_, *TAKES = signature(Network.__init__).parameters.values()
Network.__signature__ = Signature(TAKES)  # type: ignore[attr-defined]


def _text(value: Fraction | int | tuple[Fraction, ...]) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
