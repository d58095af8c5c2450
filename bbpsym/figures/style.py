"""How the pictures look: sizes of a two-column page, a palette for the colour-blind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes

from bbpsym.figures.series import PlottedCurve
from bbpsym.model import Model

#: Widths in inches of one column and of the page.
SINGLE, DOUBLE = 3.4, 7.0

#: Okabe and Ito's colours, told apart by everybody and in grey.
BLUE, ORANGE, GREEN, PINK = "#0072b2", "#e69f00", "#009e73", "#cc79a7"
VERMILION, SKY, BLACK, GREY = "#d55e00", "#56b4e9", "#000000", "#777777"

#: One colour and one marker a size N.
SIZES = ((SKY, "o"), (GREEN, "s"), (ORANGE, "^"), (VERMILION, "D"), (PINK, "v"), (BLUE, "P"))

RC: dict[Any, Any] = {
    "text.usetex": False,  # whatever is installed, a picture is the same
    "font.size": 8,
    "font.family": "STIXGeneral",  # by its name: Jupyter draws when this style has gone
    "mathtext.fontset": "stix",
    "axes.titlesize": 8,
    "axes.labelsize": 9,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.prop_cycle": cycler(color=[BLUE, VERMILION, GREEN, ORANGE, PINK, SKY, BLACK]),
    "lines.linewidth": 1.2,
    "lines.markersize": 3.2,
    "figure.dpi": 150,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "bbpsym",
}

#: Labels in the paper's notation, by the names of `bbpsym.figures.series`.
LABELS = {
    "a": r"$a$",
    "alpha": r"$\alpha$",
    "p": r"$p$",
    "p_star": r"$p^{*}$",
    "alpha_0": r"$\alpha_0$",
    "correction": r"$p\,[\alpha_{\mathrm{BBP}}(p)/\alpha_{\mathrm{BBP}}(\infty)-1]$",
    "threshold": r"$\alpha_{\mathrm{BBP}}$",
    "overlap": r"$m$",
    "overlap2": r"$m^2$",
    "phi": r"$\phi$",
    "spike": r"spike $\ell$",
    "theta": r"$\theta$",
    "distance": r"$\lambda-\lambda_-$",
    "g": r"$g$",
    "lambda": r"$\lambda$",
    "density": r"$\rho(\lambda)$",
}


@contextmanager
def paper() -> Iterator[None]:
    """Draw in the style of a two-column page."""
    with mpl.rc_context(RC):
        yield


def ramp(count: int) -> list[Any]:
    """Return colours that rise in lightness, for an ordered parameter such as p."""
    return [mpl.colormaps["viridis"](0.88 * k / max(count - 1, 1)) for k in range(count)]


def label(ax: Axes, abscissa: str, quantity: str) -> None:
    """Label both axes in the paper's notation."""
    ax.set_xlabel(LABELS[abscissa])
    ax.set_ylabel(LABELS[quantity])


def note(ax: Axes, text: str) -> None:
    """Say in the picture what is missing from it."""
    place: dict[str, Any] = {"transform": ax.transAxes, "ha": "right", "va": "bottom"}
    ax.text(0.98, 0.03, text, color=GREY, fontsize=6.5, style="italic", **place)


def letter(ax: Axes, index: int) -> None:
    """Letter a panel: (a), (b), ..."""
    ax.set_title(f"({'abcdefgh'[index]})", loc="left", fontweight="bold")


def model_name(model: Model) -> str:
    """Name a model in the paper's notation."""
    return rf"$p={model.p},\ p^{{*}}={model.p_star},\ a={float(model.a):g}$"


def points(ax: Axes, curve: PlottedCurve, color: str, marker: str, **look: Any) -> None:
    """Draw simulated points with their errors."""
    shape: dict[str, Any] = {
        "marker": marker,
        "color": color,
        "markerfacecolor": "white",
        "ls": "none",
    }
    shape |= {"elinewidth": 0.7, "markeredgewidth": 0.9}
    ax.errorbar(curve.x, curve.y, curve.error, **{**shape, **look})


def limit(ax: Axes, curve: PlottedCurve) -> None:
    """Draw the theory of infinite size over the simulations."""
    ax.plot(curve.x, curve.y, color=BLACK, label=r"$N\to\infty$", zorder=5)


def vertical(
    ax: Axes, x: float, name: str, ls: str = "--", color: str = GREY, side: str = "right"
) -> None:
    """Draw a vertical line and name it at the top of the axes."""
    ax.axvline(x, color=color, lw=0.8, ls=ls)
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    shift, align = (2, "left") if side == "right" else (-2, "right")
    ax.annotate(name, (x, 0.98), (shift, 0), va="top", ha=align, color=color, **place)
