"""Tables of thresholds."""

from __future__ import annotations

from collections.abc import Iterable

from tqdm import tqdm

from bbpsym.answers.result_table import Table
from bbpsym.answers.threshold import Threshold, threshold
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments


def table(
    models: Iterable[Model],
    digits: int | None = None,
    progress: bool = False,
    certified: bool = False,
) -> Table:
    """Make a table of BBP thresholds.

    Parameters
    ----------
    models : iterable of Model
        One row for each.
    digits : int, optional
        Significant decimal digits, 1 to 2000; double precision without it.
    progress : bool
        Whether to show a progress bar on standard error.
    certified : bool
        Whether to enclose every number by ball arithmetic; 15 digits unless others are asked for.

    Returns
    -------
    Table

    Raises
    ------
    DomainError
        If `models` holds anything but models or `digits` is out of range.
    PrecisionError
        If the digits cannot be reached.

    Examples
    --------
    >>> from bbpsym import Model
    >>> found = table([Model(p, 1, "0.7") for p in (1, 2)])
    >>> [row.kind for row in found], found[1].text("alpha")
    (['continuous', 'continuous'], '0.927055296717')
    """
    digits = arguments.digits(digits)
    models = list(models) if isinstance(models, Iterable) else [models]
    if not all(isinstance(model, Model) for model in models):
        raise DomainError("models must be a list of Model objects")
    if len({*models}) < len(models):
        twice = next(model for k, model in enumerate(models) if model in models[:k])
        raise DomainError(f"models must hold every model once, and {twice!r} stands there twice")
    each = tqdm(models, "thresholds", disable=not progress, delay=0.5, leave=False)
    rows = tuple(threshold(model, digits, certified) for model in each)
    return Table(rows, digits, certified, Threshold)
