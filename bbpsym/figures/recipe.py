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
    """How a figure is computed and drawn."""

    #: What it shows.
    title: str
    #: Returns the panels; takes the options named in `options`, and `simulation` if there is one.
    compute: Callable[..., tuple[Panel, ...]]
    #: What draws a panel onto one Matplotlib axes, by the panel's type.
    draw: Mapping[type[Panel], Callable[[Axes, Any], None]]
    #: Width and height in inches.
    size: tuple[float, float]
    #: How the panels are arranged.
    rows: int = 1
    columns: int = 1
    #: Parameters that may be chosen, such as "p".
    options: tuple[str, ...] = ()
    #: Returns the stored simulations that `compute` takes; None for pictures of theory alone.
    stored: Callable[[], Any] | None = None
    #: Makes them anew, given the file to keep them in, the samples a point and the processes.
    simulate: Callable[..., Any] | None = None
    #: Suffix of that file.
    store: str = ".jsonl"
    #: Samples a point where none are asked for; None where each point has its own number.
    samples: int | None = 100
