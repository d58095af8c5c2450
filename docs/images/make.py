"""Draw the README's picture: `python docs/images/make.py`."""

from pathlib import Path

from matplotlib.figure import Figure

from bbpsym.figures import style
from bbpsym.figures.threshold_curves import against_normalisation, draw_against_normalisation

with style.paper():
    (panel,) = against_normalisation(p_star=1, insets=())
    drawn = Figure(figsize=(5.4, 3.1), layout="constrained", facecolor="white")
    ax = drawn.subplots()
    draw_against_normalisation(ax, panel, insets=False)
    ax.set_ylim(0.4, 2.2)
    drawn.savefig(Path(__file__).with_name("thresholds.svg"), metadata={"Date": None})
