"""Symbols for what a statement is about, where the package's equations give only its value."""

from sympy import Symbol

#: Functions of g, as plain symbols.
bulk_inverse = Symbol(r"\lambda(g)", real=True)
bulk_inverse_slope = Symbol(r"\lambda'(g)", real=True)
signal = Symbol("S(g)", real=True)
signal_slope = Symbol("S'(g)", real=True)

#: Edge, outlier, overlap, thresholds.
edge_value = Symbol("lambda_-", real=True)
outlier_value = Symbol("lambda_*", real=True)
overlap = Symbol("m", nonnegative=True)
alpha_BBP = Symbol(r"\alpha_{\mathrm{BBP}}", positive=True)
alpha_c = Symbol("alpha_c", positive=True)
