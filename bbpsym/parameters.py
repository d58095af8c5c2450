"""Arguments of compiled functions, by the names of their symbols."""

from enum import StrEnum


class Parameter(StrEnum):
    """What the curves of an ensemble depend on; the value is the name of the SymPy symbol.

    Numerics know parameters by these names, so that what is compiled already needs no SymPy.
    """

    T = "t"
    ALPHA = "alpha"
    A = "a"
    P = "p"
    P_STAR = "p^*"
    BOUND = r"|f_\pm|"
    VARIANCE = "sigma^2"
    OFFSET = "d_c"
    SITE = "f_i"
    G = "g"
    OTHER_G = "g'"
    Z = "z"
    COUNT = "n"
    CURVATURE = r"\lambda''(g_{\mathrm{sh}})"
    SPREAD = "v"
    BETWEEN = "x"


#: The two averages of which curves that cross one are made, and their slopes in t.
PROFILE = ("square", "response")
PROFILE_SLOPES = ("square_slope", "response_slope")

#: The three kinds of matrices that rotations do not mix.
TRACE, SYMMETRIC, ANTISYMMETRIC = "trace", "symmetric", "antisymmetric"

#: How names of the rates r and offsets d begin, for factors `log(1 + r s)` and `exp(-d s)`.
RATE, OFFSET = "rate", "offset"
