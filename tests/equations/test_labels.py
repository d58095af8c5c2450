"""Laws of labels against direct convolutions."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import chi2, norm
from sympy import Rational, lambdify

from bbpsym.equations import label_law
from bbpsym.symbols import label, p_star


def convolved(y, width, noise, power):
    """`E[e^power; e + noise xi = y]` by adaptive quadrature in `sqrt(e)`."""

    def integrand(root):
        e = root * root
        law = width * chi2.pdf(width * e, width) * norm.pdf(y - e, scale=noise)
        return 2 * root * e**power * law

    top = np.sqrt(max(y, 0) + 12 * noise)
    return quad(integrand, 0, top, points=[np.sqrt(max(y, 0.01))], epsabs=0, epsrel=1e-11)[0]


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("noise", [Rational(3, 10), Rational(2)])
@pytest.mark.parametrize("y", [-0.7, 0.2, 1.0, 4.0])
def test_noisy_labels_against_a_convolution(width, noise, y):
    names = [{label_law.ParabolicCylinder.__name__: mpmath.pcfd}, "mpmath"]
    density, signal = (
        lambdify(label, law(noise).subs(p_star, width), names)(mpmath.mpf(y))
        for law in (label_law.noisy_density, label_law.noisy_signal)
    )
    mass, energy = (convolved(y, width, float(noise), power) for power in (0, 1))
    assert float(density) == pytest.approx(mass, rel=1e-8)
    assert float(signal) == pytest.approx(energy / mass, rel=1e-8)


@pytest.mark.parametrize("width", [1, 3])
def test_chi_square_density(width):
    density = lambdify(label, label_law.chi_square_density().subs(p_star, width))
    for y in (0.1, 1.0, 3.0):
        assert density(y) == pytest.approx(width * chi2.pdf(width * y, width), rel=1e-13)
