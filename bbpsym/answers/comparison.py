"""Which matrix recovers more of the signal: a Hessian, its average over the student, a weight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from tqdm import tqdm

from bbpsym.answers.comparison_table import (
    AVERAGED,
    HESSIAN,
    MADE_FOR_ALPHA,
    OPTIMAL,
    Comparison,
    ComparisonRow,
)
from bbpsym.answers.outlier import outlier
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.ensembles.methods import averaged_hessian, luo_alghamdi_lu, mondelli_montanari
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.errors import DomainError, PrecisionError, quoted
from bbpsym.laws.labels import teacher_labels
from bbpsym.model import Model
from bbpsym.numerics.curve import LEFT, RIGHT
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole

#: Default alphas in units of p*/2, below which no matrix sees the signal.
MULTIPLES = tuple(map(Fraction, ("1.5", "2", "3", "5", "10")))

#: Default widths.
WIDTHS = (1, 2, 4, "inf")

#: How far above the first threshold of a Hessian one default alpha lies, and above the last
#: threshold another, before they are rounded up.
CLOSE, BEYOND = Fraction("1.005"), Fraction("1.1")


@floats.own_settings
def compare(
    p_star: Whole,
    a: Number,
    widths: Whole | Iterable[Whole] = WIDTHS,
    alphas: Number | Iterable[Number] | None = None,
    progress: bool = False,
    *,
    others: Iterable[Ensemble] = (),
) -> Comparison:
    """Compare what the Hessian, its average and the optimal weights recover of the signal.

    Parameters
    ----------
    p_star : int
        Teacher width.
    a : int, str, Fraction, Decimal, SymPy Rational or float
        Loss normalisation of the Hessians, positive; read exactly like `Model.a`.
    widths : iterable of int or "inf", optional
        Student widths p of the Hessians and their averages; 1, 2, 4 and inf without them.
    alphas : iterable of numbers, optional
        Signal-to-noise ratios; by default 1.5 to 10 times p*/2, one just above the first
        threshold of a Hessian and, if a threshold lies beyond, one above the last.
    progress : bool
        Whether to show a progress bar on standard error.
    others : iterable of Ensemble, optional
        Weights of your own for the labels of the same teacher, such as `trimmed(1, 2)`; each on
        the side of the bulk where it sees the signal first.

    Returns
    -------
    Comparison
        In double precision, 12 digits or more in every number.

    Raises
    ------
    DomainError
        If an argument is out of range, there is no width or no alpha, or a weight is for other
        labels or sees no signal at all.
    PrecisionError
        If an alpha is so close to a threshold that its side is not seen.

    Notes
    -----
    No row exceeds the last one. This is derived, for every law of the weights: write `u = g h`
    with h of (27). By (40) `<(y - 1) u> = 1/alpha`, and (58) is
    `m^2/(1 - m^2) = (1/alpha - <u^2>)/<y u^2>`, which grows if u is replaced by its mean given y,
    and is then largest for `u ~ (y - 1)/(1 + r y)`. So m^2 is at most `r/(1 + r)` with
    `alpha <(y - 1)^2/(1 + r y)> = 1`, and the weight `1 - 1/y` reaches it.

    Examples
    --------
    >>> found = compare(1, "0.7", [1, "inf"], alphas=[1, 3])
    >>> found.best(HESSIAN)
    (('Hessian, p=inf',), ('Hessian, p=inf',))
    """
    width, models = _problem(p_star, a, widths)
    made: list[tuple[str, Model, Model | Ensemble]] = []
    made += [(HESSIAN, model, model) for model in models]
    made += [(AVERAGED, model, averaged_hessian(model)) for model in models]
    shown = tqdm(made, "thresholds", disable=not progress, delay=0.5, leave=False)
    thresholds = [threshold(matrix, side=LEFT) for _, _, matrix in shown]
    own = [(method, _first(method, width)) for method in others]
    seen = [*thresholds, *(found for _, found in own)]
    given = _default(width, seen) if alphas is None else _read(alphas)
    rows = [
        _row(kind, model.p, found, [matrix] * len(given), given)
        for (kind, model, matrix), found in zip(made, thresholds, strict=True)
    ]
    rows += [
        _row(method.name or f"T = {method.weight}", None, found, [method] * len(given), given)
        for method, found in own
    ]
    rows += [_made_for_each(width, given, progress), _optimal(width, given)]
    return Comparison(width, models[0].a, given, tuple(rows))


def _problem(p_star: Any, a: Any, widths: Any) -> tuple[int, list[Model]]:
    if isinstance(widths, str) or not isinstance(widths, Iterable):
        widths = [widths]
    widths = arguments.items(widths, "widths", "student widths")
    models = [*dict.fromkeys(Model(p, p_star, a) for p in widths)]
    if not models:
        raise DomainError("widths must hold at least one student width")
    return models[0].p_star, models


def _first(method: Any, p_star: int) -> Threshold:
    """The threshold of a weight on the side where it sees the signal first."""
    if not isinstance(method, Ensemble) or method.law != teacher_labels(p_star):
        raise DomainError(
            f"others must be Ensembles of the labels of p_star = {p_star}, not {quoted(method, 60)}"
        )
    found: list[Threshold] = []
    reasons = []
    for side in method.sides:
        try:
            found.append(threshold(method, side=side))
        except DomainError as error:  # no edge or no outlier
            reasons.append(f"on the {side}, {error}")
    if not found:
        raise DomainError(f"others must see the signal: {'; '.join(reasons)}")
    return min(found, key=lambda item: item.alpha)


def _read(alphas: Any) -> tuple[Fraction, ...]:
    if isinstance(alphas, str) or not isinstance(alphas, Iterable):
        alphas = [alphas]
    alphas = arguments.items(alphas, "alphas", "signal-to-noise ratios")
    given = tuple(sorted(set(map(arguments.signal_to_noise, alphas))))
    if not given:
        raise DomainError("alphas must hold at least one signal-to-noise ratio")
    return given


def _default(p_star: int, thresholds: Sequence[Threshold]) -> tuple[Fraction, ...]:
    """Multiples of p*/2, an alpha that the first Hessian sees, and one that all matrices see."""
    alphas = {Fraction(p_star, 2) * multiple for multiple in MULTIPLES}
    hessians = [found.alpha for found in thresholds if isinstance(found.model, Model)]
    first = _raised(Fraction(min(hessians)) * CLOSE)
    last = _raised(Fraction(max(found.alpha for found in thresholds)) * BEYOND)
    return tuple(sorted({*alphas, first, max(last, *alphas)}))


def _raised(value: Fraction) -> Fraction:
    """Round up to two significant digits."""
    step = Fraction(10) ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / step) * step


def _made_for_each(p_star: int, alphas: tuple[Fraction, ...], progress: bool) -> ComparisonRow:
    """Mondelli and Montanari's weight, made for each alpha above p*/2.

    The weight made for alpha has its own threshold `sqrt(alpha p*/2)`, which is below alpha
    exactly if `alpha > p*/2`; at p*/2 itself it is the optimal weight.
    """
    least = Fraction(p_star, 2)
    found = threshold(mondelli_montanari(p_star, least), side=RIGHT)
    shown = tqdm(alphas, MADE_FOR_ALPHA, disable=not progress, delay=0.5, leave=False)
    matrices = (mondelli_montanari(p_star, max(alpha, least)) for alpha in shown)
    return _row(MADE_FOR_ALPHA, None, found, matrices, alphas)


def _optimal(p_star: int, alphas: tuple[Fraction, ...]) -> ComparisonRow:
    matrix = luo_alghamdi_lu(p_star)
    return _row(OPTIMAL, None, threshold(matrix, side=RIGHT), [matrix] * len(alphas), alphas)


def _row(
    kind: str,
    p: int | float | None,
    found: Threshold,
    matrices: Iterable[Model | Ensemble],
    alphas: tuple[Fraction, ...],
) -> ComparisonRow:
    pairs = [_overlap2(m, alpha, found) for m, alpha in zip(matrices, alphas, strict=True)]
    overlaps, errors = zip(*pairs, strict=True)
    return ComparisonRow(kind, p, found, overlaps, errors)


def _overlap2(matrix: Model | Ensemble, alpha: Fraction, found: Threshold) -> tuple[float, float]:
    """m^2 and its error: 0 below the threshold, at the threshold itself what it starts from."""
    distance, error = float(alpha) - found.alpha, 4 * found.errors["alpha"]
    if distance < -error:
        return 0.0, 0.0
    try:
        seen = outlier(matrix, alpha, side=found.side)
    except PrecisionError:
        if distance > error:
            raise
        return found.overlap2, found.errors["overlap2"]
    return (0.0, 0.0) if seen is None else (seen.overlap2, seen.errors["overlap2"])
