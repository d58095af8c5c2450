"""The spectrum, its edge, the outlier and its overlap, redrawn while parameters change.

Between neighbouring parameters the density is followed rather than solved afresh.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bbpsym.answers.edge import Edge, edge
from bbpsym.answers.outlier import Outlier, outlier
from bbpsym.errors import ConvergenceError
from bbpsym.figures import style
from bbpsym.model import Model
from bbpsym.numerics import bulk
from bbpsym.numerics.bulk import Bulk
from bbpsym.numerics.rays import Rays

#: Points of the density, and the range beyond the edge in units of 2/p.
GRID = np.linspace(0, 1, 81)[1:] ** 2
SPAN = 4.0

#: Ranges of the sliders: first, last, step, start.
RANGES = {
    "p": (1, 10, 1, 2),
    "p_star": (1, 6, 1, 1),
    "a": (0.1, 4.0, 0.05, 1.5),
    "alpha": (0.2, 6.0, 0.05, 3.0),
}


@dataclass(frozen=True, eq=False)
class SpectrumView:
    """What is shown at one set of parameters."""

    #: Widths and loss normalisation.
    model: Model
    #: Left edge of the bulk.
    edge: Edge
    #: The outlier and its overlap; None below the threshold.
    outlier: Outlier | None
    #: Eigenvalues and the density of the bulk, eq. (19), without the atom at zero (ndarray, shape
    #: (n,)).
    x: np.ndarray
    density: np.ndarray
    #: Stieltjes transforms, from which neighbouring parameters are reached.
    roots: Bulk


def view(p: Any, p_star: Any, a: Any, alpha: Any, near: SpectrumView | None = None) -> SpectrumView:
    """Compute the spectrum at given parameters, from a neighbouring view if there is one.

    Parameters
    ----------
    p, p_star, a, alpha : int or float
        Finite student width, teacher width, loss normalisation, signal-to-noise ratio.
    near : SpectrumView, optional
        A view at parameters nearby: it saves most of the work.

    Raises
    ------
    DomainError
        If a parameter is out of range.
    ConvergenceError
        If the density cannot be found.
    """
    model = Model(p, p_star, a)
    left = edge(model, alpha)
    unit, rays = float(model.scale), Rays(model.curve, left.alpha)
    x = left.value / unit + SPAN * GRID
    roots = None if near is None else bulk.follow(rays, x, near.roots)
    if roots is None or not bulk.settled(roots):
        width = 1 + abs(left.value) / unit
        roots = bulk.solve(rays, x, width, (left.value / unit, 0.0))
    density = roots.t.imag / np.pi / unit
    return SpectrumView(model, left, outlier(model, alpha), unit * x, density, roots)


def draw(ax: Axes, shown: SpectrumView) -> None:
    """Draw a view onto one axes; numbers as plain text, since mathematics costs time to set."""
    unit = 2 / shown.model.p
    ax.fill_between(shown.x, shown.density, color=style.SKY, alpha=0.5, lw=0)
    ax.plot(shown.x, shown.density, color=style.BLACK)
    left, found = shown.edge.value, "no outlier"
    ax.axvline(left, color=style.BLUE, lw=0.8, ls="--")
    if shown.outlier is not None:
        out, m2 = shown.outlier.value, shown.outlier.overlap2
        ax.vlines(out, 0, 0.25 / unit, color=style.VERMILION, lw=2)
        found = f"outlier {out:.4f}, squared overlap m² = {m2:.4f}"
    ax.set_title(f"{shown.edge.kind} edge {left:.4f}, {found}")
    ax.set(xlim=(left - 1.2 * unit, left + SPAN * unit), ylim=(0, 1 / unit))
    style.label(ax, "lambda", "density")


class Explorer:
    """A picture of the spectrum that follows its parameters.

    Attributes
    ----------
    shown : SpectrumView or None
        What was drawn last.
    """

    def __init__(self) -> None:
        self.shown: SpectrumView | None = None
        self._figure = Figure(figsize=(style.DOUBLE, 3), dpi=110)
        self._canvas = FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0.08, 0.15, 0.9, 0.74))

    def png(self, p: Any, p_star: Any, a: Any, alpha: Any) -> bytes:
        """Return the picture at given parameters, as a PNG file."""
        self.shown = view(p, p_star, a, alpha, self.shown)
        with style.paper():
            self._axes.clear()
            draw(self._axes, self.shown)
            stream = io.BytesIO()
            self._canvas.print_png(stream)
        return stream.getvalue()


def sliders() -> Any:
    """Return sliders for p, p*, a and alpha over a picture that follows them.

    Returns
    -------
    ipywidgets.VBox
        For the last line of a Jupyter cell.
    """
    import ipywidgets as widgets

    explorer, image, message = Explorer(), widgets.Image(format="png"), widgets.Label()
    controls = {
        name: (widgets.IntSlider if isinstance(step, int) else widgets.FloatSlider)(
            value=start, min=first, max=last, step=step, description=name.replace("_star", "*")
        )
        for name, (first, last, step, start) in RANGES.items()
    }

    def redraw(_change: Any = None) -> None:
        try:
            values = {name: control.value for name, control in controls.items()}
            image.value, message.value = explorer.png(**values), ""
        except ConvergenceError as error:
            message.value = str(error)

    for control in controls.values():
        control.observe(redraw, names="value")
    redraw()
    return widgets.VBox([*controls.values(), image, message])
