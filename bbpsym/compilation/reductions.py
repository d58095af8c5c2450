"""The curves of an ensemble, reduced by code: what `compilation.systems` keeps the functions of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from sympy import Expr, Function, S, Symbol, exp, log, simplify

from bbpsym.averages.laplace_variable import expectation, over_outputs, reduce
from bbpsym.averages.polynomial_laws import PolynomialLaw, closed_form
from bbpsym.compilation.compile import PlaneSystem, System
from bbpsym.equations import (
    curves,
    edges,
    finite_size,
    fluctuation,
    marchenko_pastur,
    pastur,
    spectrum,
    thresholds,
)
from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.equations.marchenko_pastur import LowerPopulationLaw, PopulationLaw
from bbpsym.equations.pastur import DiagonalLaw
from bbpsym.parameters import OFFSET, PROFILE, PROFILE_SLOPES, RATE
from bbpsym.symbols import a, alpha, f, g, s, t, u

#: name -> equation; `reduce` expresses them in t for a given ensemble.
EQUATIONS: Mapping[str, Callable[[], Expr]] = MappingProxyType(
    {
        "ratio": curves.threshold_ratio,
        "ratio_slope": lambda: curves.logarithmic_slope(curves.threshold_ratio()),
        "outlier_alpha": spectrum.outlier_alpha,
        "outlier_eigenvalue": curves.outlier_eigenvalue,
        "overlap2": curves.outlier_overlap2,
        "edge_alpha": spectrum.sharp_edge_alpha,
        "inverse_stieltjes": spectrum.inverse_stieltjes,
        "inverse_stieltjes_slope": spectrum.inverse_stieltjes_slope,
        # The curves without their poles at t = 0: <h^2>, and -<(u^2 - 1) h>, with h of eq. (27).
        "square": lambda: 1 / (g**2 * spectrum.sharp_edge_alpha()),
        "square_slope": lambda: -(1 / (g**2 * spectrum.sharp_edge_alpha())).diff(g),
        "response": lambda: -1 / (g * spectrum.outlier_alpha()),
        "response_slope": lambda: (1 / (g * spectrum.outlier_alpha())).diff(g),
        # Written so that they stay finite where the outlier curve does not.
        "outlier_rate": lambda: 1 / spectrum.outlier_alpha(),
        "outlier_rate_slope": lambda: -curves.logarithmic_slope(spectrum.outlier_alpha()),
        "edge_rate": lambda: 1 / spectrum.sharp_edge_alpha(),
        "edge_rate_slope": lambda: -curves.logarithmic_slope(spectrum.sharp_edge_alpha()),
        # t^2 <u^2 h^2>, which bounds how fast the outlier curve comes closer to the edge.
        "signal_rate": lambda: g**2 * spectrum.signal_self_energy().diff(g) / alpha,
        "gap": curves.outlier_gap,
        "rank_alpha": lambda: 1 / spectrum.share_of_weights(),
        "curvature": edges.inverse_stieltjes_curvature,
        "sampled_variance": finite_size.sampled_edge_variance,
    }
)


def _deformed(at_site: bool) -> Mapping[str, Callable[[], Expr]]:
    """The same curves of a deformed Gaussian matrix, where they exist under the same name."""
    return MappingProxyType(
        {
            "inverse_stieltjes": pastur.eigenvalue,
            "inverse_stieltjes_slope": lambda: pastur.eigenvalue().diff(g),
            "stieltjes": lambda: pastur.moment(1),
            "outlier_eigenvalue": pastur.eigenvalue,
            "outlier_alpha": lambda: 1 / pastur.signal_rate(at_site),
            "outlier_rate": lambda: pastur.signal_rate(at_site),
            "outlier_rate_slope": lambda: curves.logarithmic_slope(pastur.signal_rate(at_site)),
            "overlap2": lambda: pastur.overlap2(at_site),
            "edge_rate": pastur.edge_rate,
            "edge_rate_slope": lambda: curves.logarithmic_slope(pastur.edge_rate()),
            "edge_alpha": lambda: 1 / pastur.edge_rate(),
            "gap": pastur.slope,
            "critical_sigma": pastur.critical_sigma,
            "profile": lambda: Average(u**2),
        }
    )


#: Equations of deformed Gaussian matrices, with a generic spike and with one along a coordinate.
DEFORMED = {at_site: _deformed(at_site) for at_site in (False, True)}


#: Those of sample covariances: the bulk is as ever, the signal's condition another one.
COVARIANCE: Mapping[str, Callable[[], Expr]] = MappingProxyType(
    {
        **EQUATIONS,
        "outlier_rate": marchenko_pastur.spike_rate,
        "outlier_rate_slope": lambda: curves.logarithmic_slope(marchenko_pastur.spike_rate()),
        "outlier_alpha": lambda: 1 / marchenko_pastur.spike_rate(),
        "overlap2": marchenko_pastur.overlap2,
        "spike": lambda: 1 / marchenko_pastur.spike_rate(),
        "gap": lambda: S.One,
    }
)

#: The same below the population.
LOWER_COVARIANCE: Mapping[str, Callable[[], Expr]] = MappingProxyType(
    {
        **COVARIANCE,
        "inverse_stieltjes": marchenko_pastur.lower_eigenvalue,
        "edge_rate": marchenko_pastur.lower_edge_rate,
        "edge_rate_slope": lambda: curves.logarithmic_slope(marchenko_pastur.lower_edge_rate()),
        "edge_alpha": lambda: 1 / marchenko_pastur.lower_edge_rate(),
        "overlap2": marchenko_pastur.lower_overlap2,
        "spike": marchenko_pastur.spike_rate,
        "stieltjes": lambda: 1 / marchenko_pastur.spike_rate(),
    }
)


def equations_of(ensemble: WeightLaw) -> Mapping[str, Callable[[], Expr]]:
    """Return the equations of the family that an ensemble belongs to."""
    if isinstance(ensemble, PopulationLaw):
        return LOWER_COVARIANCE if isinstance(ensemble, LowerPopulationLaw) else COVARIANCE
    return DEFORMED[ensemble.at_site] if isinstance(ensemble, DiagonalLaw) else EQUATIONS


@lru_cache(maxsize=1024)
def reduced(ensemble: WeightLaw, name: str) -> Expr:
    """Return an equation as one-dimensional integrals, in units of the ensemble."""
    if isinstance(ensemble, PolynomialLaw):
        return closed_form(equations_of(ensemble.family)[name](), ensemble)
    return reduce(equations_of(ensemble)[name](), ensemble)


def system(ensemble: WeightLaw, *names: str) -> System:
    """Return named equations over shared integrals."""
    return System({name: reduced(ensemble, name) for name in names})


#: Curves written so that they rise from zero at t = 0 and cross one.
RISING: Mapping[str, Callable[[], Expr]] = MappingProxyType(
    {
        "ratio": curves.threshold_ratio,
        "outlier_rate": lambda: alpha / spectrum.outlier_alpha(),
        "edge_rate": lambda: alpha / spectrum.sharp_edge_alpha(),
    }
)


def rising(name: str) -> System:
    """Return a curve of `RISING` and its slope `d log(curve)/d log(t)` as functions of the profile.

    The symbols are t, the averages of `PROFILE`, and their logarithmic slopes `d log/dt`.
    """
    averages: dict[Expr, Expr] = {}
    slopes: dict[Expr, Expr] = {}
    curve = RISING[name]()
    for part, slope in zip(PROFILE, PROFILE_SLOPES, strict=True):
        (average,) = EQUATIONS[part]().atoms(Average)
        function = Function(part)(t)
        averages[average] = function * average / EQUATIONS[part]()
        slopes |= {function.diff(t): Symbol(slope) * Symbol(part), function: Symbol(part)}
    curve = curve.xreplace(averages).subs(g, -t)
    outputs = {"curve": curve, "slope": t * curve.diff(t) / curve}
    return System({key: simplify(item.subs(slopes)) for key, item in outputs.items()})


def crossover(ensemble: WeightLaw) -> System:
    """The threshold ratio at the smooth edge t = 1, and its logarithmic slope in a."""
    ratio = reduced(ensemble, "ratio").subs(t, 1).doit(integrals=False)
    return System({"ratio": ratio, "ratio_slope": a * ratio.diff(a) / ratio})


def critical(ensemble: WeightLaw) -> System:
    """The alpha_c of a smooth edge, in closed form where no law of a student is left.

    Put into the equation before it is reduced, t = 1 takes the label out of the denominator.
    """
    found = reduce(spectrum.sharp_edge_alpha().subs(g, -1), ensemble)
    return System({"edge_alpha": found if found.has(log) else found.doit()})


def decays(ensemble: WeightLaw) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """Rates r of the factors `log(1 + r s)`, and coefficients d of the factors `exp(-d s)`."""
    integrals = system(ensemble, "inverse_stieltjes").integrals
    logarithms = set().union(*(integral.function.atoms(log) for integral in integrals))
    rates = {((item.args[0] - 1) / s).cancel() for item in logarithms}
    offsets = set()
    for integral in integrals:
        for item in integral.function.atoms(exp):
            exponent = item.args[0].replace(log, lambda _: 0)
            offsets.add((-exponent / s).cancel())
    return tuple(sorted(rates, key=str)), tuple(sorted(offsets, key=str))


def decay(ensemble: WeightLaw) -> System:
    """The rates and offsets of `decays`."""
    rates, offsets = decays(ensemble)
    outputs = {f"{RATE} {k}": item for k, item in enumerate(rates)}
    return System(outputs | {f"{OFFSET} {k}": item for k, item in enumerate(offsets)})


def unit(ensemble: WeightLaw) -> System:
    """The unit of the weights."""
    return System({"unit": ensemble.unit})


def tail(ensemble: WeightLaw) -> System:
    """lambda, its slope in t, the potential, and `E[log(1 - g f_k)]` of every weight."""
    outputs = {
        "value": reduce(spectrum.inverse_stieltjes(), ensemble),
        "slope": -reduce(spectrum.inverse_stieltjes_slope(), ensemble),
        "potential": reduce(finite_size.bulk_potential(), ensemble),
        "scatter": reduce(finite_size.follower_variance(), ensemble),
    }
    for k, weight in enumerate(ensemble.weights):
        outputs[f"log_{k}"] = expectation(log(1 + t * weight.value), ensemble.laws)
    return System(outputs)


def middle(ensemble: WeightLaw) -> System:
    """The mean eigenvalue `alpha <f>`, and the share of the first weight."""
    mean = reduce(alpha * Average(f), ensemble)
    return System({"mean": mean, "share": ensemble.weights[0].share})


def node_spread(ensemble: WeightLaw) -> System:
    """Variance of h over the eigenvalues of one sample, at a place between the two."""
    first, second = (weight.value for weight in ensemble.weights)
    spread = finite_size.dressed_spread(first, second).subs(g, -t)
    return System({"spread": expectation(spread, ensemble.laws)})


def tangent(ensemble: WeightLaw) -> System:
    """Where the tangent to the overlap at a discontinuous threshold vanishes."""
    return System({"tangent": reduce(thresholds.tangent_alpha(), ensemble)})


def airy() -> System:
    """Scale of the lowest eigenvalue at a sharp edge, and where one is expected below."""
    scale, one = finite_size.tracy_widom_scale(), finite_size.sharp_expected_one()
    return System({"scale": scale, "expected_one": one})


def band(ensemble: WeightLaw) -> PlaneSystem:
    """The variances and responses of an outlier band, over shared averages."""
    student, teacher = fluctuation.row_response()
    blocks = {" ".join(block): value for block, value in fluctuation.block_variances().items()}
    outputs = {
        "value_deviation": fluctuation.value_variance(),
        "value_spread": fluctuation.spread_variance(),
        "overlap2_deviation": fluctuation.overlap2_variance(),
        **blocks,
        "student rows": student,
        "teacher rows": teacher,
    }
    return _in_the_plane(outputs, ensemble)


def bend(ensemble: WeightLaw) -> PlaneSystem:
    """Covariance of the second order of a band between two points."""
    return _in_the_plane({"bend": fluctuation.bend()}, ensemble)


def pole(ensemble: WeightLaw) -> PlaneSystem:
    """The slope of lambda, and the distance from the outlier along its curve."""
    slope, distance = spectrum.inverse_stieltjes_slope(), fluctuation.pole_distance()
    return _in_the_plane({"slope": slope, "distance": distance}, ensemble)


def _in_the_plane(outputs: Mapping[str, Expr], ensemble: WeightLaw) -> PlaneSystem:
    return PlaneSystem({name: over_outputs(item, ensemble) for name, item in outputs.items()})
