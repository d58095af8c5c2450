"""The figures of the paper and of this project; numbers apart from drawing.

`figure` draws onto axes, `figure_data` gives the numbers, `save` writes picture and data.
"""

from bbpsym.figures.make import figure as figure
from bbpsym.figures.make import figure_data as figure_data
from bbpsym.figures.make import save as save

__all__ = ["figure", "figure_data", "save"]
