"""How the averages of a network become integrals, and what is left in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Expr, Integral, Symbol, factor, oo

from bbpsym import symbols as s
from bbpsym.appendix import names as n
from bbpsym.appendix.steps import Step
from bbpsym.averages.laplace_variable import reduce
from bbpsym.ensembles.networks.bounds import Bound
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.equations import spectrum
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import Weight, WeightLaw, chi_square
from bbpsym.errors import DomainError
from bbpsym.records.record import Nature, Record


def weight_law(setting: Setting, bound: Bound) -> WeightLaw:
    """Weights, laws and signal of a rotated network, in units of the end of its support."""
    unit = -bound.value
    across, along = setting.eigenvalues()
    weights = (
        Weight(factor(across / unit), (s.p - 1) / s.p),
        Weight(factor(along / unit), 1 / s.p),
    )
    return WeightLaw(weights, (chi_square(s.y, s.p_star), chi_square(s.yh, s.p)), s.y, unit)


def average_steps(setting: Setting, bound: Bound | None) -> Iterator[Step]:
    """What the averages are, for a rotated network."""
    if bound is None or not bound.is_below_zero:
        yield _plane(setting, "the end of the domain of g is not known in symbols")
        return
    law = weight_law(setting, bound)
    try:
        reduce(Average(spectrum.dressed_weight**2), law)
    except DomainError as error:
        yield _plane(setting, str(error))
        return
    yield _laplace(law)


def _laplace(law: WeightLaw) -> Step:
    mean = Average(spectrum.dressed_weight)

    def tell() -> Iterator[Any]:
        r"""Averages as integrals over one Laplace variable.

        $1/D^n = \int_0^\infty s^{n-1} e^{-sD}\,ds/(n-1)!$ for the denominator $D$ of the dressed
        weight, which is affine in both outputs; what is left are the Laplace transforms of their
        laws.

        Domain: g = -t in units of the end of the domain, 0 < t <= 1.
        """
        yield Eq(mean, reduce(mean, law))
        for weight in law.weights:
            dressed = spectrum.dressed_weight.subs({s.f: weight.value, s.g: -s.t})
            yield factor(dressed), "a dressed weight, in units of the end of the support"
        yield Eq(mean, reduce(mean, law)), "each 1/D by the Laplace transforms of y and yh"

    record = Record("laplace", Nature.DERIVED, tell, (), "Laplace transforms of the outputs")
    return Step("averages", n.AVERAGES, record, ("eigenvalues",))


def _plane(setting: Setting, why: str) -> Step:
    """The averages stay integrals over both outputs."""
    from sympy import exp, gamma

    mean = Average(spectrum.dressed_weight)

    def density(v: Symbol, width: Expr) -> Expr:
        half = width / 2
        return half**half / gamma(half) * v ** (half - 1) * exp(-half * v)

    def tell() -> Iterator[Any]:
        r"""Averages as integrals over both outputs.

        The outputs are independent, each a mean of squared standard Gaussians.

        Domain: the domain of g.
        """
        across, along = setting.eigenvalues()
        h = spectrum.dressed_weight
        total = ((s.p - 1) * h.subs(s.f, across) + h.subs(s.f, along)) / s.p
        whole = Integral(
            total * density(s.y, s.p_star) * density(s.yh, s.p), (s.y, 0, oo), (s.yh, 0, oo)
        )
        yield Eq(mean, whole)
        yield (density(s.y, s.p_star), density(s.yh, s.p)), "densities of y and yh"
        yield Eq(mean, whole), "mean over the eigenvalues (48) and over both outputs"

    record = Record("plane", Nature.DERIVED, tell, (), "laws of both outputs")
    reason = f"There is no integral over one Laplace variable: {why.partition(': ')[2] or why}."
    return Step("averages", n.AVERAGES, record, ("eigenvalues",), reason)
