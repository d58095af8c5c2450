"""The simulation witness: finite-N Hessians that share no code with the theory.

Draw a problem, look at its spectrum, or sweep many and average:

>>> import numpy as np
>>> from bbpsym.finite import Point, draw, lowest, overlaps
>>> instance = draw(Point(N=200, p=1, p_star=1, a=1.5, alpha=4.0), np.random.default_rng(0))
>>> pairs = lowest(instance)
>>> pairs.converged
True
>>> overlaps(instance, pairs.vectors).norm.shape
(1,)

Normalisations: inputs have covariance `1/N`, weights norm `sqrt(N)`, the loss is a sum over samples
and its Hessian (4) has a spectrum of order one; overlaps lie between zero and one.
"""

from bbpsym.finite.descended import DESCENT, Descended
from bbpsym.finite.descent import Descent, descend, descents
from bbpsym.finite.descent_summary import DescentSummary, summarize_descents
from bbpsym.finite.eigen import Eigenpairs, lowest
from bbpsym.finite.estimate import Measured
from bbpsym.finite.fits import (
    EdgeScaling,
    Line,
    SizeCrossing,
    alpha_zero,
    crossing,
    edge_scaling,
    straight_line,
)
from bbpsym.finite.instance import Instance, draw
from bbpsym.finite.kernel_polynomial import SpectralDensity, density
from bbpsym.finite.matrix import HessianOperator, hessian
from bbpsym.finite.overlap import Overlaps, overlaps
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample, measure
from bbpsym.finite.signal import Signal, signal, spectral_measure
from bbpsym.finite.store import Store
from bbpsym.finite.summary import PointSummary, Summary, summarize
from bbpsym.finite.sweep import Swept, WorkerError, grid, sweep

__all__ = [
    "DESCENT",
    "Descended",
    "Descent",
    "DescentSummary",
    "EdgeScaling",
    "Eigenpairs",
    "HessianOperator",
    "Instance",
    "Line",
    "Measured",
    "Overlaps",
    "Point",
    "PointSummary",
    "Sample",
    "Signal",
    "SizeCrossing",
    "SpectralDensity",
    "Store",
    "Summary",
    "Swept",
    "WorkerError",
    "alpha_zero",
    "crossing",
    "density",
    "descend",
    "descents",
    "draw",
    "edge_scaling",
    "grid",
    "hessian",
    "lowest",
    "measure",
    "overlaps",
    "signal",
    "spectral_measure",
    "straight_line",
    "summarize",
    "summarize_descents",
    "sweep",
]
