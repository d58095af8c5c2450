"""What a figure is made of: a computation, a way to draw one panel, and the page it fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from bbpsym.figures.series import Panel


@dataclass(frozen=True)
class Recipe:
    """How a figure is computed and drawn.

    Attributes
    ----------
    title : str
        What it shows.
    compute : callable
        Returns the panels; takes the options named in `options`, and `simulation` if there is one.
    draw : mapping
        What draws a panel onto one Matplotlib axes, by the panel's type.
    size : tuple of float
        Width and height in inches.
    rows, columns : int
        How the panels are arranged.
    options : tuple of str
        Parameters that may be chosen, such as "p".
    stored : callable or None
        Returns the stored simulations that `compute` takes; None for pictures of theory alone.
    simulate : callable or None
        Makes them anew, given the file to keep them in, the samples a point and the processes.
    store : str
        Suffix of that file.
    samples : int or None
        Samples a point where none are asked for; None where each point has its own number.
    """

    title: str
    compute: Callable[..., tuple[Panel, ...]]
    draw: Mapping[type[Panel], Callable[[Axes, Any], None]]
    size: tuple[float, float]
    rows: int = 1
    columns: int = 1
    options: tuple[str, ...] = ()
    stored: Callable[[], Any] | None = None
    simulate: Callable[..., Any] | None = None
    store: str = ".jsonl"
    samples: int | None = 100
