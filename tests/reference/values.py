"""Values known from elsewhere, with their source.

THRESHOLDS were found in double precision by two separately written programs, one integrating over
two dimensions and one over the Laplace variable; `tests/reference/two_dimensional.py` is a third.
"""

#: (p_star, p, a, kind, alpha_BBP, alpha_c), as printed.
THRESHOLDS = [
    (1, 1, "1", "continuous", "1.13485412638", "0.96501307"),
    (1, 1, "1.5", "discontinuous", "1.37452923097", "1.6721475"),
    (1, 2, "0.7", "continuous", "0.927055296717", "0.72759118"),
    (1, 2, "1.5", "discontinuous", "1.32293760709", "1.9806948"),
    (1, 3, "0.7", "discontinuous", "0.827070859046", "0.83215537"),
    (1, 10, "0.7", "discontinuous", "0.839489937039", "1.1472589"),
    (2, 2, "1", "continuous", "2.40782368008", "1.7945873"),
    (2, 3, "1", "discontinuous", "2.02169445765", "2.0733271"),
]

#: (p, p_star, a, alpha, lambda_-, lambda_*, m^2), as printed.
OUTLIERS = [
    (2, 1, "1.5", 3, "-0.812576960", "-0.988637344", "0.446785659"),
    (2, 1, "0.7", 2, "-0.959626705", "-1.021693497", "0.276230471"),
]


def decimals(text):
    """Number of decimals of a printed number."""
    return len(text.partition(".")[2])
