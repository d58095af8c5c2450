"""Edges, outliers and thresholds of the Hessian of any network, on both sides of its bulk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np

from bbpsym.answers.asking import OwnAnswers, written_once
from bbpsym.answers.edge import edge as edge_of
from bbpsym.answers.network_result import (
    NetworkEdge,
    NetworkOutlier,
    NetworkResult,
    NetworkThreshold,
)
from bbpsym.answers.outlier import outlier as outlier_of
from bbpsym.answers.recognised import PAPERS, papers_digits
from bbpsym.answers.threshold import threshold as threshold_of
from bbpsym.ensembles.networks.setting import Setting
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError, PrecisionError, quoted
from bbpsym.numerics.double import known_digits
from bbpsym.numerics.networks.network_density import (
    LEAST,
    accuracy_of,
    check_size,
    rank_share,
    transform,
)
from bbpsym.numerics.networks.network_side import NetworkSide
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.precise_side import (
    MOST_DIGITS,
    edge_digits,
    outlier_digits,
    transition_digits,
)
from bbpsym.numerics.networks.scalar_curve import SectorOutlier, Transition
from bbpsym.reading import arguments
from bbpsym.reading.floats import at_points
from bbpsym.writing.display import DOUBLE_DIGITS, counted

CONTINUOUS, DISCONTINUOUS = "continuous", "discontinuous"

#: Digits below which nothing is answered, and those if nodes are random.
FEWEST_DIGITS, FEWEST_OF_RANDOM = 4, 2

#: How an answer was found.
DOUBLE, AVERAGES, MORE = "double precision", "averages in double precision", "multiprecision"

#: Digits beyond those that are known, so that rounding to them is no error of its own.
GUARD = 3

Answer = TypeVar("Answer", bound="NetworkResult")


def network_edge(
    network: Network, alpha: Any, side: str = "left", digits: int | None = None
) -> NetworkEdge:
    """Find an edge of the bulk of a network, with the bounds that enclose it.

    Parameters
    ----------
    network : Network
        The network.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.
    side : {"left", "right"}
        Side of the bulk.
    digits : int, optional
        Significant decimal digits; without it as many as double precision gives, up to 12.

    Returns
    -------
    NetworkEdge

    Raises
    ------
    DomainError
        If F is unbounded on that side, or alpha out of range.
    PrecisionError
        If the digits cannot be reached.
    """
    alpha = arguments.signal_to_noise(alpha)
    seen = _seen(network, side)
    edge, errors = seen.edge(alpha)
    names = {"value": edge.value, "g": edge.t}
    ends = edge.lower - errors[-1], edge.upper + errors[-1]
    bounds = tuple(sorted(float(seen.sign * end) for end in ends))
    given = {"alpha": alpha, "kind": edge.kind, "bounds": bounds}
    found = {"g": errors[:-1], "value": errors[-1] + (edge.upper - edge.lower)}
    papers = papers_digits(network, lambda model, n: edge_of(model, alpha, n))
    more = papers or partial(edge_digits, seen.law, alpha, edge)
    return _answer(NetworkEdge, seen, digits, names, found, given, more)


def network_outliers(
    network: Network, alpha: Any, side: str = "left", digits: int | None = None
) -> tuple[NetworkOutlier, ...]:
    """Find all outliers on one side of the bulk of a network.

    They are counted by the eigenvalues of the signal block at the edge, so that none is missed.

    Parameters
    ----------
    network : Network
        The network.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.
    side : {"left", "right"}
        Side of the bulk.
    digits : int, optional
        Significant decimal digits; without it as many as double precision gives, up to 12.

    Returns
    -------
    tuple of NetworkOutlier
        The one farthest from the bulk first; empty if there is none.

    Raises
    ------
    DomainError
        If F is unbounded on that side, or alpha out of range.
    PrecisionError
        If the digits cannot be reached, or alpha is a threshold to the accuracy reached.
    """
    alpha = arguments.signal_to_noise(alpha)
    seen = _seen(network, side)
    (_, outliers), errors = seen.outliers(alpha)
    answers = []
    for outlier, error in zip(outliers, errors, strict=True):
        given = {"alpha": alpha, **_sector(outlier)}
        names = {"value": outlier.value, **_overlaps(outlier), "g": outlier.t}
        found = dict(zip(("student2", "teacher2", "overlap2", "value"), error[::-1], strict=False))
        found["g"] = error[:-4]
        papers = papers_digits(network, lambda model, n: outlier_of(model, alpha, n), "overlap2")
        own = partial(outlier_digits, seen.law, alpha, outlier)
        more = papers if papers and outlier.block.name in PAPERS else own
        answers.append(_answer(NetworkOutlier, seen, digits, names, found, given, more))
    return tuple(sorted(answers, key=lambda answer: seen.sign * float(answer.value)))


def network_threshold(
    network: Network, side: str = "left", sector: str | None = None, digits: int | None = None
) -> NetworkThreshold:
    """Find the BBP threshold of a network: of all sectors of outliers the first, or of one.

    Parameters
    ----------
    network : Network
        The network.
    side : {"left", "right"}
        Side of the bulk.
    sector : str, optional
        Sector of the outliers; the one with the lowest threshold without it.
    digits : int, optional
        Significant decimal digits; without it as many as double precision gives, up to 12.

    Returns
    -------
    NetworkThreshold

    Raises
    ------
    DomainError
        If F is unbounded on that side, there is no such sector, or no outlier at any alpha.
    PrecisionError
        If the digits cannot be reached.
    """
    seen = _seen(network, side)
    found, error = seen.transition(sector)
    given = {"kind": DISCONTINUOUS if found.jumps else CONTINUOUS, **_sector(found)}
    keys = ("student2", "teacher2", "overlap2", "value", "alpha_c", "alpha")
    errors = {**dict(zip(keys, error[::-1], strict=False)), "g": error[:-6]}
    # One that is known far worse than all else is not told.
    is_rough = known_digits(found.alpha_c or 0.0, errors["alpha_c"]) < _fewest(seen)
    names = {
        "alpha": found.alpha,
        **({} if found.alpha_c is None or is_rough else {"alpha_c": found.alpha_c}),
        "value": found.value,
        **_overlaps(found),
        "g": found.t,
    }
    papers = papers_digits(network, threshold_of, "alpha", "alpha_c", "overlap2")
    own = partial(transition_digits, seen.law, found)
    more = papers if papers and found.block.name in PAPERS else own
    return _answer(NetworkThreshold, seen, digits, names, errors, given, more)


def network_density_accuracy(network: Network) -> float:
    """Accuracy of the density of a network, as a share of its largest value."""
    return accuracy_of(_seen(network, "left").law)


def network_density(network: Network, alpha: Any, x: Any) -> Any:
    """Evaluate the density of the bulk of a network, eq. (19), in double precision.

    Parameters
    ----------
    network : Network
        The network; its weights may be unbounded.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, positive.
    x : array_like of float
        Eigenvalues at which to evaluate, in units of 1/p at p = inf. Any shape.

    Returns
    -------
    ndarray or float
        rho(x), of the shape of x; zero outside the support, infinite at an atom in zero, which is
        not part of it.

    Raises
    ------
    DomainError
        If `alpha` is out of range, x holds anything but finite real numbers, or a sample has more
        than four Gaussian variables.
    PrecisionError
        If the density is not known at some x to 1e-6 of its largest value, or to 1e-3 where a
        sample has four Gaussian variables.
    """
    alpha = arguments.signal_to_noise(alpha)
    law = _seen(network, "left").law
    return at_points(x, partial(_density, network, law, float(alpha)))


def _density(network: Network, law: NodeLaw, alpha: float, x: np.ndarray) -> np.ndarray:
    """The density at rising x, each once."""
    check_size(law)
    rho = np.full(x.shape, np.inf)
    away = (x != 0) | (alpha * rank_share(law) > 1)
    if np.any(away):
        accuracy = accuracy_of(law)
        values, errors = transform(law, alpha, x[away], accuracy)
        rho[away] = values / np.pi
        worst, largest = int(np.argmax(errors)), max(values.max(), LEAST)
        if errors[worst] > accuracy * largest:
            raise PrecisionError(
                f"the density of {network!r} is not known to {accuracy:g} of its largest "
                f"value, but to {errors[worst] / largest:.1g}, at x = {x[away][worst]:.6g}"
            )
    return rho


@lru_cache(maxsize=32)
def _seen(network: Network, side: str) -> NetworkSide:
    if isinstance(network, Setting):
        network.side(side)  # it has no numbers
    if not isinstance(network, Network):
        raise DomainError(f"network must be a Network, not {quoted(network)}")
    return NetworkSide(network, side)


def _sector(found: SectorOutlier | Transition) -> dict[str, Any]:
    return {"sector": found.block.name, "multiplicity": found.block.multiplicity}


def _overlaps(found: SectorOutlier | Transition) -> dict[str, float]:
    return {name: getattr(found, name) for name in ("overlap2", "teacher2", "student2")}


def _answer(
    build: type[Answer],
    seen: NetworkSide,
    digits: int | None,
    names: Mapping[str, Any],
    errors: Mapping[str, Any],
    given: Mapping[str, Any],
    more: Callable[[int], dict[str, Any]],
) -> Answer:
    """Keep the digits that the errors leave; compute `more` if more of them are asked for."""
    digits = arguments.digits(digits, MOST_DIGITS)
    # A part of the overlap is known as well as the whole: symmetry makes some of them zero.
    whole = {name: "overlap2" if name.endswith("2") else name for name in build.symbols}
    known = min(
        known_digits(value, error)
        for name in whole
        if name in names
        for value, error in zip(np.ravel(names[whole[name]]), np.ravel(errors[name]), strict=True)
    )
    known = min(known, DOUBLE_DIGITS)  # beyond, rounding next to the end of the weights shows
    if digits is not None and digits > known:
        numbers = _reflected(more(digits), seen)
        bounds = {name: abs(float(x)) * 10.0**-digits for name, x in numbers.items()}
        how: dict[str, Any] = {"digits": digits, "method": MORE, "errors": bounds}
        return build(seen.network, **numbers, **given, **how, side=seen.side)
    if known < _fewest(seen):
        raise _too_few(known, seen, _reflected(names, seen), errors)
    double = digits is None and known >= DOUBLE_DIGITS
    shown = known if double else digits or known
    numbers = {
        name: _written(value, None if double else shown + GUARD)
        for name, value in _reflected(names, seen).items()
    }
    bounds = {name: float(np.max(error)) for name, error in errors.items()}
    how = {"digits": shown, "method": DOUBLE if double else AVERAGES, "errors": bounds}
    return build(seen.network, **numbers, **given, **how, side=seen.side)


def _fewest(seen: NetworkSide) -> int:
    """Digits below which nothing is answered."""
    return FEWEST_OF_RANDOM if seen.law.is_random else FEWEST_DIGITS


def _too_few(
    known: int, seen: NetworkSide, numbers: Mapping[str, Any], errors: Mapping[str, Any]
) -> PrecisionError:
    """Say what is known where it is too little for an answer."""
    left = ", ".join(
        f"{name} = {value:.4g} within {errors[name]:.1g}"
        for name, value in numbers.items()
        if name != "g"
    )
    count = counted(known, "digit is", "digits are")
    return PrecisionError(
        f"only {count} known of some number: averages for {seen.network!r} vary, and leave {left}"
    )


def _reflected(numbers: Mapping[str, Any], seen: NetworkSide) -> dict[str, Any]:
    """Turn back what was reflected: eigenvalues by the sign of the side, `g = -sign t`."""
    scales = {"value": seen.sign, "g": -seen.sign}
    return {
        name: scales.get(name, 1) * (np.asarray(x) if isinstance(x, tuple) else x)
        for name, x in numbers.items()
    }


def _written(value: Any, digits: int | None) -> Any:
    """A float or an mpmath number; a tuple of them for several."""
    flat = np.ravel(value)
    numbers = [float(x) if digits is None else written_once(x) for x in flat]
    return numbers[0] if len(numbers) == 1 else tuple(numbers)


ANSWERS = OwnAnswers(
    network_edge, network_threshold, network_outliers, network_density, network_density_accuracy
)
