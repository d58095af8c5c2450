"""Averages as expressions: one-dimensional integrals, closed forms and expansions."""
