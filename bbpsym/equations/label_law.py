"""Laws of the labels that a spectral method (7) sees, and the signal factor they carry.

`e` is the energy of the teacher, `e = (1/p*) sum_l u_l^2`, and y the label: e itself, or e with
Gaussian noise. By the symmetry between teachers `E[u_l^2 | y] = E[e | y]`.
"""

from __future__ import annotations

from sympy import Expr, Function, Rational, exp, gamma, pi, sqrt

from bbpsym.symbols import label, p_star

#: Half the teacher's width, the exponent of the chi-square law.
half = p_star * Rational(1, 2)


class ParabolicCylinder(Function):
    """Whittaker's parabolic cylinder function `D_n(z)`, kept unevaluated."""

    nargs = 2

    def _latex(self, printer, exp=None):  # type: ignore[no-untyped-def]
        order, z = (printer._print(item) for item in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"D_{{{order}}}{power}\left({z}\right)"


def chi_square_density() -> Expr:
    """Density of `e`, the mean of p* squared standard Gaussians, eq. (1)."""
    return half**half * label ** (half - 1) * exp(-half * label) / gamma(half)


def noise_argument(noise: Expr) -> Expr:
    """Distance from the label to where noise and law balance, in units of the noise."""
    return noise * half - label / noise


def noisy_density(noise: Expr) -> Expr:
    """Density of `e + noise * xi`, `xi` a standard Gaussian.

    The product of the two densities is `e^(p*/2 - 1)` times a Gaussian in e, whose integral over
    `e > 0` is the definition of a parabolic cylinder function.
    """
    z = noise_argument(noise)
    shape = exp(z**2 / 4 - label**2 / (2 * noise**2)) * ParabolicCylinder(-half, z)
    return half**half * noise ** (half - 1) * shape / sqrt(2 * pi)


def noisy_signal(noise: Expr) -> Expr:
    """`E[u^2 | y]` of noisy labels: the mean of `e` given `e + noise * xi`."""
    z = noise_argument(noise)
    return noise * half * ParabolicCylinder(-half - 1, z) / ParabolicCylinder(-half, z)
