"""Imported by the process that others are forked from: everything is loaded and compiled here."""

from bbpsym import Model, threshold
from bbpsym.answers import sampled_phi  # noqa: F401
from bbpsym.cli import predict, simulate, table  # noqa: F401
from bbpsym.finite import sweep  # noqa: F401

for asked in ((None, False), (40, False), (15, True)):
    threshold(Model(2, 1, "0.7"), *asked)
    threshold(Model(2, 1, "1.5"), *asked)
