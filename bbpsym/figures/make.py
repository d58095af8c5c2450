"""A whole figure: its numbers, its panels on axes, its files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bbpsym.errors import DomainError, StorageError
from bbpsym.figures.catalogue import recipe
from bbpsym.figures.recipe import Recipe
from bbpsym.figures.series import Panel, to_csv
from bbpsym.reading import floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


#: Formats of a figure's file, by suffix.
SUFFIXES = (".pdf", ".svg", ".png")


@floats.own_settings
def figure_data(number: int, *, simulation: Any = None, **options: Any) -> tuple:
    """Compute what a figure shows.

    Parameters
    ----------
    number : int
        1 to 7 are the paper's figures, 8 to 20 this project's.
    simulation : optional
        Simulations to show (a `bbpsym.finite.summary.Summary`; for figure 5 spectra by alpha);
        those stored with the package by default.
    **options
        `p` or `p_star`, for the figures that leave them open (2, 7, 8, 10); `a` and `alpha_max`
        for figure 10; `matrix`, `alpha` and `side` for figure 16, which shows any matrix.

    Returns
    -------
    tuple of Panel
        Frozen panels that hold the curves and marks as arrays and numbers.

    Raises
    ------
    DomainError
        If there is no such figure, or it does not take an option.

    Examples
    --------
    >>> (panel,) = figure_data(8, p=2, p_star=1)
    >>> type(panel).__name__
    'PhaseDiagram'
    """
    chosen = recipe(number)
    foreign = sorted(set(options) - set(chosen.options))
    if foreign:
        known = ", ".join(chosen.options) or "no option"
        raise DomainError(f"{foreign[0]} cannot be chosen in figure {number}, which takes {known}")
    if chosen.stored is None:
        return chosen.compute(**options)
    return chosen.compute(chosen.stored() if simulation is None else simulation, **options)


@floats.own_settings
def figure(
    number: int, axes: Axes | Iterable[Axes] | None = None, *, data: Any = None, **options: Any
) -> Figure:
    """Draw a figure of the paper, or one of ours.

    Parameters
    ----------
    number : int
        1 to 7 are the paper's figures, 8 to 20 this project's.
    axes : Axes or iterable of Axes, optional
        Where to draw, one axes a panel; a new figure of a two-column page by default.
    data : tuple of Panel, optional
        What `figure_data` returned; computed by default.
    **options
        As in `figure_data`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DomainError
        If there is no such figure, it does not take an option, or `axes` are too many or too few.

    Examples
    --------
    >>> fig = figure(8, p=3, p_star=2)
    >>> fig.savefig("phases.pdf")  # doctest: +SKIP
    """
    from bbpsym.figures import style

    with style.paper():
        drawn = _drawn(number, axes, data, **options)
        if axes is None:
            _make_ticks(drawn)
    return drawn


def _drawn(number: int, axes: Any, data: Any, **options: Any) -> Figure:
    """Draw, in the style that is set."""
    from bbpsym.figures import style

    chosen = recipe(number)
    places = _new_axes(chosen) if axes is None else _flat(axes)
    if len(places) != chosen.rows * chosen.columns:
        count = chosen.rows * chosen.columns
        raise DomainError(
            f"axes must be {count} Matplotlib axes for figure {number}, not {len(places)}"
        )
    panels = figure_data(number, **options) if data is None else data
    for index, (ax, panel) in enumerate(zip(places, panels, strict=True)):
        chosen.draw[type(panel)](ax, panel)
        if axes is None and len(places) > 1:
            style.letter(ax, index)
    drawn: Any = places[0].get_figure(root=True)
    return drawn


def _make_ticks(drawn: Figure) -> None:
    """Make the ticks, which else are made late, and belong to the style too."""
    from matplotlib.axis import Axis

    engine: Any = drawn.get_layout_engine()
    engine.execute(drawn)
    for axis in drawn.findobj(Axis):
        axis.get_ticklabels(which="both")


@floats.own_settings
def save(number: int, output: str | Path, panels: tuple[Panel, ...]) -> tuple[Path, Path]:
    """Write a figure to a PDF, SVG or PNG file, and its data as CSV beside it.

    Returns
    -------
    tuple of Path
        The picture and the data.

    Raises
    ------
    DomainError
        If the suffix names another format.
    StorageError
        If a file cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from bbpsym.figures import figure_data
    >>> with TemporaryDirectory() as folder:
    ...     picture, data = save(8, Path(folder) / "phases.svg", figure_data(8))
    >>> picture.name, data.name
    ('phases.svg', 'phases.csv')
    """
    picture = check_output(output)
    data = picture.with_suffix(".csv")
    from bbpsym.figures import style

    # Without dates the same numbers give the same file.
    stamps = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
    with style.paper():
        drawn = _drawn(number, None, panels)
        try:
            data.write_text(to_csv(panels))
            drawn.savefig(picture, metadata=stamps.get(picture.suffix.lower()))
        except OSError as error:
            raise StorageError(f"output {picture} could not be written: {error}") from None
    return picture, data


def check_output(output: str | Path, name: str = "output") -> Path:
    """Return the path of a picture, or say before the work why it cannot be one."""
    path = Path(output)
    if path.suffix.lower() not in SUFFIXES:
        raise DomainError(f"{name} must end in {', '.join(SUFFIXES)}, not {path.suffix or path}")
    target = path if path.exists() else path.parent
    if path.is_dir() or not target.exists() or not os.access(target, os.W_OK):
        raise StorageError(f"{name} must be a file that can be written, not {path}")
    return path


def _new_axes(chosen: Recipe) -> list[Axes]:
    from matplotlib.figure import Figure

    fig = Figure(figsize=chosen.size, layout="constrained")
    return _flat(fig.subplots(chosen.rows, chosen.columns, squeeze=False))


def _flat(axes: Any) -> list[Axes]:
    """List axes given as one, as a sequence or as the array that `subplots` returns."""
    if hasattr(axes, "plot"):
        return [axes]
    if hasattr(axes, "flat"):
        return list(axes.flat)
    return list(axes)
