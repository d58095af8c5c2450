"""The command for teachers of several indices."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict, fields, replace
from functools import partial
from itertools import product
from math import isinf
from typing import Any, cast

import click
from sympy import zeros

from bbpsym.answers.edge import Edge, edge
from bbpsym.answers.matrix_result import MatrixEdge, MatrixOutlier, MatrixThreshold
from bbpsym.answers.outlier import Outlier, outlier
from bbpsym.answers.result_table import Table
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.cli.columns import Style, file_option, style_options
from bbpsym.cli.densities import is_density, put_densities, x_option
from bbpsym.cli.options import OneOf, Precision, precision_options, refuse
from bbpsym.cli.spiked_matrices import probabilities
from bbpsym.ensembles.index_models.label_cells import LabelCells
from bbpsym.ensembles.index_models.matrix_method import MatrixMethod
from bbpsym.ensembles.index_models.multi_index import MultiIndex
from bbpsym.ensembles.index_models.staircase import Stair, given
from bbpsym.ensembles.index_models.staircase import staircase as steps_of
from bbpsym.ensembles.index_models.teachers import INDICES, formula_of, indices_of, teacher_of
from bbpsym.ensembles.index_models.turning_method import TurningMethod
from bbpsym.errors import DomainError, NoOutlierError
from bbpsym.numerics.curve import RIGHT, SIDES
from bbpsym.reading import arguments
from bbpsym.reading.formulas import read
from bbpsym.writing.display import DOUBLE_DIGITS, number
from bbpsym.writing.grid import Grid

#: What a weight of one's own and the optimal ones are told by, before the numbers.
OWN, OPTIMAL = ("weight", "law", "side"), ("teacher", "direction")

#: What is said where the optimal method has no directions of its own.
MIXED = (
    "Its moments have no common eigenvectors: there is one optimal matrix for all indices, of size "
    "r N. Shares of overlap2 lie along u1, u2, ...; above counts larger eigenvalues."
)

#: What is said of a weight of one's own there.
TURNS = (
    "Its moments have no common eigenvectors: the direction of an outlier turns with alpha, and "
    "stands in the law of a row by --format json."
)


@click.command("multi-index")
@click.option("--teacher", help="Label in u1, u2, u3, as in u1*u2, u1/u2 or u1^2+u2^2/2.")
@click.option("--given", "known", help="Indices that are known, as in u1: about the others.")
@click.option("--staircase", is_flag=True, help="Which indices help to find which: all steps.")
@click.option("--density", help='Of another label, in y, or its values "-1:1/2,1:1/2".')
@click.option("--moments", help='E[u u^T | y], upper triangle row by row: "1; 2*y/pi; 1".')
@click.option("--support", help="Ends of the density, as in --support=0,inf.")
@click.option("--weight", help="Weight T(y) of one's own, as in y/(1+abs(y)).")
@click.option(
    "--side",
    type=OneOf([*SIDES, "both"]),
    default=RIGHT,
    show_default=True,
    help="Side of the bulk.",
)
@click.option("--alpha", help="Signal-to-noise ratios, as in 0.6:2:0.2; thresholds without it.")
@click.option(
    "--only", type=OneOf(["edge", "density"]), help="Edges of the bulk, or its density; --alpha."
)
@x_option
@precision_options
@file_option
@style_options
def multi_index(
    teacher: str | None,
    known: str | None,
    staircase: bool,
    density: str | None,
    moments: str | None,
    support: str | None,
    weight: str | None,
    side: str,
    alpha: str | None,
    only: str | None,
    x: str | None,
    precision: Precision,
    style: Style,
) -> None:
    """Print what spectral methods see of a teacher of several indices.

    A row for each direction, the first to be found first: its threshold, or with --alpha its
    outlier. Each direction has its own optimal weight; --weight asks about one weight for all.
    Indices found before help to find others: --staircase shows the steps, --given one of them.

    \b
    Example:
      bbpsym multi-index --teacher u1*u2 --alpha 0.8,1,2
      bbpsym multi-index --teacher "u1^2+sign(u1*u2*u3)" --staircase
      bbpsym multi-index --teacher u1*u2 --weight "y/(1+abs(y))" --side both
    """  # noqa: D301 - click reads the backspace
    if staircase:
        others: dict[str, Any] = {"density": density, "moments": moments, "support": support}
        others |= {"given": known, "weight": weight, "alpha": alpha, "only": only, "x": x}
        others |= {"side": None if side == RIGHT else side, **precision._asdict()}
        refuse(others, "with staircase")
        style.put(_stairs(teacher, style))
        return
    if only is not None and alpha is None:
        raise DomainError("only must come with alpha: the bulk depends on it")
    asked = _teacher(teacher, known, density, moments, support)
    formula = None if weight is None else read(weight, "weight", ("y",), {}).to_sympy()
    methods = asked.methods(formula)
    if is_density(only, x, {"side": None if side == RIGHT else side}, precision):
        ratios = arguments.alphas(cast(str, alpha))
        put_densities([*product(methods, ratios)], x, style)
        return
    pairs = [
        (method, at) for method in methods for at in (method.sides if side == "both" else [side])
    ]
    found = _table(pairs, alpha, only, precision)
    (first, _), *_ = pairs
    if not style.columns and not isinstance(first, MatrixMethod):
        found = found.choose(*(OPTIMAL if weight is None else OWN), *found.of.columns)
    text = style.write(found)
    if style.format == "text":
        both = side == "both" and weight is None
        text += f"\n\n{_notes(first, asked, teacher, known, both)}"
    style.put(text)


def _notes(
    method: Any, asked: MultiIndex, teacher: str | None, known: str | None, both: bool
) -> str:
    """What is to be said below a table: of sides, of weak recovery, of indices that are known."""
    least, digits = asked.weak_recovery, min(asked.recovery_digits, DOUBLE_DIGITS)
    when = "at any alpha" if isinf(least) else f"below alpha = {number(least, digits)}"
    notes = [MIXED] * isinstance(method, MatrixMethod) + [TURNS] * isinstance(method, TurningMethod)
    if both:
        notes.append("Optimal weights have their outliers right of the bulk only.\n")
    hidden = asked.hides_signs if isinstance(asked, LabelCells) else teacher is not None
    start = "No" if hidden else "If E[u|y] = 0, no"
    notes.append(f"{start} method of low degree sees {asked.name} {when}.")
    if known is None and teacher is not None:
        used = [str(index) for index in indices_of(formula_of(teacher))]
        unseen = [str(index) for index in INDICES if str(index) < used[-1]]
        if unseen := [index for index in unseen if index not in used]:
            notes.append(
                f"Directions are in {', '.join(used)}: no label tells of {', '.join(unseen)}."
            )
    if known is not None:
        notes.append(f"That is what is left of {teacher} if {known} is known, by new names.")
    return "\n".join(notes)


def _table(
    pairs: list[tuple[Any, str]], alpha: str | None, only: str | None, precision: Precision
) -> Table:
    """Thresholds, or outliers or edges at each alpha; no numbers where there is none."""
    ratios: list[Any] = [None] if alpha is None else arguments.alphas(alpha)
    one = isinstance(pairs[0][0], MatrixMethod)
    kinds = (MatrixThreshold, MatrixOutlier, MatrixEdge) if one else (Threshold, Outlier, Edge)
    points = [(method, at, side) for method, side in pairs for at in ratios]
    ask = partial(_answer, only=only, precision=precision)
    kind = kinds[0 if alpha is None else 1 if only is None else 2]
    return Table.asked(ask, points, kind, *precision)


def _answer(method: Any, alpha: Any, side: Any, only: str | None, precision: Precision) -> Any:
    """Threshold, edge or outlier; None where there is none."""
    with suppress(NoOutlierError):
        if alpha is None:
            return threshold(method, *precision, side=side)
        verb = outlier if only is None else edge
        return verb(method, alpha, *precision, side=side)
    return None


def _stairs(teacher: str | None, style: Style) -> str:
    """The steps in which indices are found, in a format."""
    if teacher is None:
        raise DomainError("staircase must come with teacher")
    steps = steps_of(teacher)
    known = {step: None if isinf(step.alpha) else _alpha(step) for step in steps}
    write = str if style.strings else float
    records = [asdict(step) | {"alpha": text and write(text)} for step, text in known.items()]
    cells = [[", ".join(step.found), ", ".join(step.given), _alpha(step)] for step in steps]
    digits = min(step.digits for step in steps)
    title = f"Indices of {teacher} found one after the other ({digits} digits, double precision)"
    note = "alpha is that of the best spectral method that uses what is given, known exactly."
    heads = [field.name for field in fields(Stair)][:3]
    grid = Grid(heads, cells, title, [note], records=records)
    return replace(style, strings=None).write(grid)


def _alpha(step: Stair) -> str:
    """A threshold to its digits."""
    return "never" if isinf(step.alpha) else number(step.alpha, step.digits)


def _teacher(
    teacher: str | None,
    known: str | None,
    density: str | None,
    moments: str | None,
    support: str | None,
) -> MultiIndex:
    """A teacher by its formula, or by the law of its label."""
    own = {"density": density, "moments": moments, "support": support}
    if teacher is not None:
        refuse(own, "with teacher")
        if known is not None:
            return given(teacher, [name.strip() for name in known.split(",")])
        return teacher_of(teacher)
    if known is not None:
        raise DomainError("given must come with teacher")
    if density is None or moments is None:
        raise DomainError("teacher must be given, or density and moments of its label")
    if ":" in density:
        if support is not None:
            raise DomainError("support is for a density, not for values")
        return MultiIndex(probabilities(density, "density"), _moments(moments), name=density)
    if support is None:
        raise DomainError("support must be given for a density, as in --support=0,inf")
    law = read(density, "density", ("y",), {}).to_sympy()
    ends = [end.strip() for end in support.split(",")]
    return MultiIndex(law, _moments(moments), ends, density)


def _moments(text: str) -> Any:
    """A symmetric matrix from its upper triangle."""
    entries = [read(part, "moments", ("y",), {}).to_sympy() for part in text.split(";")]
    size = int((2 * len(entries)) ** 0.5)
    if size * (size + 1) != 2 * len(entries):
        raise DomainError(
            f"moments must be an upper triangle of 1, 3, 6, ... entries, not {len(entries)}"
        )
    places = [(i, j) for i in range(size) for j in range(i, size)]
    matrix = zeros(size)
    for (i, j), entry in zip(places, entries, strict=True):
        matrix[i, j] = matrix[j, i] = entry
    return matrix
