"""The table: source, quantity, what is printed there, and what this package finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy import integrate, special
from sympy import Rational, Symbol, cosh, exp, log, pi, sqrt
from sympy import symbols as symbols_of

from bbpsym.answers.density import density
from bbpsym.answers.edge import edge
from bbpsym.answers.outlier import outlier
from bbpsym.answers.threshold import threshold
from bbpsym.ensembles.deformed_gaussian import DeformedGaussian
from bbpsym.ensembles.index_models.teachers import product, quotient, sign_of_product
from bbpsym.ensembles.methods import luo_alghamdi_lu, spiked_identity, truncated
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.ensembles.sample_covariance import SampleCovariance
from bbpsym.ensembles.wishart import Ensemble
from bbpsym.laws.labels import discrete_labels, labels_of, teacher_labels
from bbpsym.model import Model
from bbpsym.numerics.finite_n import tracy_widom
from bbpsym.numerics.multiprecision import context
from bbpsym.published import lu_li
from bbpsym.symbols import label
from bbpsym.writing.display import json_number, number
from bbpsym.writing.grid import Grid

#: What "theirs" is: a number in print, a formula in print that is evaluated here, or equations in
#: print without a number, which are solved here, by code that shares nothing with the engine.
NUMERAL, PRINTED, RECOMPUTED = "numeral", "formula", "recomputed by us"

#: Digits of numbers from formulas, of those by quadrature, and the most that are counted.
FORMULA, QUADRATURE, MOST = 25, 12, 25


@dataclass(frozen=True)
class Published:
    """One number in print, or one that follows from what is in print, beside ours."""

    #: Where it is printed.
    source: str
    #: What it is, and where it is evaluated.
    quantity: str
    #: What theirs is: a printed number, the value of a printed formula, or the solution of printed
    #: equations by quadrature of our own.
    basis: str
    #: What is printed: the number, the formula, or the equations.
    how: str
    #: Its value, and what this package finds (float or mpmath number).
    theirs: Any
    ours: Any
    #: Digits of both that agree.
    digits: int


def published() -> tuple[Published, ...]:
    """Compute the table."""
    rows: list[Published] = []
    parts = (
        *(_covariance, _sample_covariance, _products, _wigner, _tracy_widom, _deformed),
        *(_labels, _lu_li, _several, _paper),
    )
    for part in parts:
        rows += [_row(*item) for item in part()]
    return tuple(rows)


def grid(rows: tuple[Published, ...]) -> Grid:
    """Return the table as texts, with its records."""
    cells = [
        (
            *(row.source, row.quantity, row.basis, row.how),
            *(number(value, min(row.digits, 12)) for value in (row.theirs, row.ours)),
            str(row.digits),
        )
        for row in rows
    ]
    names = ("source", "quantity", "basis", "how", "theirs", "ours", "digits")
    heads = ("source", "quantity", "theirs is", "in print", "theirs", "ours", "digits that agree")
    aligned = [name in ("theirs", "ours") for name in names]
    return Grid(names, cells, heads=heads, aligned=aligned, records=record(rows))


def record(rows: tuple[Published, ...]) -> list[dict[str, Any]]:
    """Return the rows ready for JSON."""
    names = ("source", "quantity", "basis", "how", "digits")
    return [
        {name: getattr(row, name) for name in names}
        | {name: _json(getattr(row, name)) for name in ("theirs", "ours")}
        for row in rows
    ]


def _json(value: Any) -> Any:
    return json_number(value, None if isinstance(value, float) else FORMULA)


def _row(source: str, quantity: str, basis: str, how: str, theirs: Any, ours: Any) -> Published:
    ctx = context(MOST + 10)
    exact = hasattr(theirs, "evalf")
    one = ctx.mpf(str(theirs.evalf(MOST + 5))) if exact else ctx.mpf(theirs)
    apart = abs(ctx.mpf(ours) - one) / abs(one)
    least = FORMULA if exact and not isinstance(ours, float) else QUADRATURE
    digits = least if apart < ctx.mpf(10) ** -least / 2 else int(-ctx.log10(2 * apart))
    return Published(source, quantity, basis, how, +context(FORMULA).mpf(one), ours, digits)


Item = tuple[str, str, str, str, Any, Any]

GAMMA, ELL, BELOW = Rational(1, 2), Rational(3), Rational(1, 5)


def _covariance() -> Iterator[Item]:
    """A covariance with one spike ell, aspect ratio gamma = 1/alpha; theirs is (1/n) of ours."""
    where = "gamma = 1/2, ell = 3"
    method, alpha = spiked_identity(ELL - 1), 1 / GAMMA
    yield (
        "Baik, Ben Arous, Peche 2005",
        "threshold in alpha = 1/gamma, ell = 3",
        PRINTED,
        "ell = 1 + sqrt(gamma), solved for gamma",
        1 / (ELL - 1) ** 2,
        threshold(method, FORMULA, side="right").alpha,
    )
    yield (
        "Marchenko, Pastur 1967",
        "right edge, gamma = 1/2",
        PRINTED,
        "(1 + sqrt(gamma))^2",
        (1 + sqrt(GAMMA)) ** 2,
        edge(method, alpha, FORMULA, side="right").value / alpha,
    )
    found: Any = outlier(method, alpha, FORMULA, side="right")
    spike = ELL * (1 + GAMMA / (ELL - 1))
    yield (
        "Baik, Silverstein 2006",
        f"outlier, {where}",
        PRINTED,
        "ell (1 + gamma/(ell - 1))",
        spike,
        (found.value / int(alpha)),
    )
    share = (1 - GAMMA / (ELL - 1) ** 2) / (1 + GAMMA / (ELL - 1))
    how = "(1 - gamma/(ell-1)^2)/(1 + gamma/(ell-1))"
    yield "Paul 2007", f"squared overlap, {where}", PRINTED, how, share, found.overlap2


def _sample_covariance() -> Iterator[Item]:
    """The same spike, asked of the sample covariance of any population."""
    identity = discrete_labels({1: 1}, 1, "identity")
    matrix = SampleCovariance(identity, gamma=GAMMA, spike=ELL)
    least = threshold(matrix, FORMULA)
    found: Any = outlier(matrix, digits=FORMULA)
    how = "1 + sqrt(gamma)"
    where = "least spike that is seen, gamma = 1/2 (SampleCovariance)"
    yield "Baik, Ben Arous, Peche 2005", where, PRINTED, how, 1 + sqrt(GAMMA), least.spike
    share = (1 - GAMMA / (ELL - 1) ** 2) / (1 + GAMMA / (ELL - 1))
    how = "(1 - gamma/(ell-1)^2)/(1 + gamma/(ell-1))"
    where = "squared overlap, gamma = 1/2, ell = 3 (SampleCovariance)"
    yield "Paul 2007", where, PRINTED, how, share, found.overlap2
    end: Any = edge(matrix, digits=FORMULA, side="left")
    how = "(1 - sqrt(gamma))^2"
    where = "left edge, gamma = 1/2 (SampleCovariance)"
    yield "Marchenko, Pastur 1967", where, PRINTED, how, (1 - sqrt(GAMMA)) ** 2, end.value
    middle = density(matrix, x=1.0)
    how = "sqrt((b - x)(x - a))/(2 pi gamma x)"
    where = "density at 1, gamma = 1/2 (SampleCovariance)"
    yield "Marchenko, Pastur 1967", where, PRINTED, how, np.sqrt(7) / (2 * np.pi), middle
    below: Any = outlier(SampleCovariance(identity, GAMMA, BELOW), digits=FORMULA)
    spike, how = BELOW * (1 + GAMMA / (BELOW - 1)), "ell (1 + gamma/(ell - 1))"
    where = "outlier on the left, gamma = 1/2, ell = 1/5 (SampleCovariance)"
    yield "Baik, Silverstein 2006", where, PRINTED, how, spike, below.value


def _products() -> Iterator[Item]:
    """Two square Gaussian matrices in a product: a sample covariance whose population is one."""
    x = Symbol("x")
    law = labels_of(sqrt((4 - x) / x) / (2 * pi), 1, (0, 4), "Marchenko-Pastur")
    found = edge(SampleCovariance(law, gamma=1), side="right")
    where = "largest squared singular value of a product of s = 2 square matrices"
    how = "(s + 1)^(s + 1)/s^s"
    yield "Penson, Zyczkowski 2011", where, PRINTED, how, Rational(27, 4), float(found.value)


def _tracy_widom() -> Iterator[Item]:
    """The law of the largest eigenvalue of real symmetric matrices, for what finite N sees."""
    law, name = tracy_widom.law(), "Bornemann 2010"
    for quantity, text, ours in (
        ("minus the mean", "1.2065335745820", -law.mean),
        ("variance", "1.607781034581", law.deviation**2),
    ):
        where = f"Tracy-Widom law of real matrices: {quantity}"
        yield name, where, NUMERAL, text, float(text), ours


def _wigner() -> Iterator[Item]:
    """A Wigner matrix with one spike theta."""
    name, where = "Benaych-Georges, Nadakuditi 2011", "sigma = 1, theta = 2"
    matrix = DeformedGaussian(sigma=1, spike=2)
    found: Any = outlier(matrix, digits=FORMULA)
    start = threshold(matrix, FORMULA)
    yield name, "threshold, sigma = 1", PRINTED, "sigma", Rational(1), start.theta
    spike, share = Rational(5, 2), Rational(3, 4)
    yield name, f"outlier, {where}", PRINTED, "theta + sigma^2/theta", spike, found.value
    how = "1 - sigma^2/theta^2"
    yield name, f"squared overlap, {where}", PRINTED, how, share, found.overlap2
    middle = density(matrix, x=0.0)
    yield "Wigner 1958", "density at 0, sigma = 1", PRINTED, "1/pi", 1 / np.pi, middle


def _deformed() -> Iterator[Item]:
    """A diagonal with density (15/16)(1 - d^2)^2: their equations, with E_1, E_2 in closed form."""
    d = Symbol("d")
    law = labels_of(Rational(15, 16) * (1 - d**2) ** 2, 1, (-1, 1), "(15/16)(1 - d^2)^2")
    found = threshold(DeformedGaussian(law, "0.3"), FORMULA)
    name, where = "Bocchi and others 2026", "diagonal (15/16)(1 - d^2)^2, sigma = 0.3"
    yield name, f"threshold, {where}", PRINTED, "1/E_1", Rational(4, 5), found.theta
    how = "(1 - sigma^2 E_2) E_1^2/E_2"
    yield name, f"jump, {where}", PRINTED, how, Rational(31, 64), found.overlap2


def _labels() -> Iterator[Item]:
    """Optimal thresholds of phase retrieval."""
    one, two = (threshold(luo_alghamdi_lu(width), FORMULA, side="right").alpha for width in (1, 2))
    real, complex_ = "real phase retrieval: threshold", "complex phase retrieval: threshold"
    for name in ("Mondelli, Montanari 2019", "Maillard and others 2020"):
        yield name, real, NUMERAL, "1/2", Rational(1, 2), one
        yield name, complex_, NUMERAL, "1", Rational(1), two
    found: Any = outlier(luo_alghamdi_lu(1), 2, FORMULA, side="right")
    yield (
        "Luo, Alghamdi, Lu 2019",
        "outlier of T = 1 - 1/y, alpha = 2",
        NUMERAL,
        "1",
        Rational(1),
        found.value,
    )


def _lu_li() -> Iterator[Item]:
    """Equations that are solved by quadrature here."""
    where, how = "T = min(y, 3), alpha = 2", "equations for psi and phi"
    theirs = lu_li.truncated(3.0, 2.0).solved()
    method = truncated(1, 3)
    found: Any = outlier(method, 2, side="right")
    ours = (edge(method, 2, side="right").value, found.value, found.overlap2)
    names = ("right edge", "outlier", "squared overlap")
    for quantity, one, other in zip(names, theirs, ours, strict=True):
        yield "Lu, Li 2020", f"{quantity}, {where}", RECOMPUTED, how, one, float(other)
    yield from _logistic_mean()
    where = "logistic regression, w of length 2, alpha = 10"
    theirs = lu_li.logistic(2.0, 10.0).solved()
    network = _logistic("2")
    last: Any = outlier(network, 10)
    scale = 4  # of the network's activation 2 x
    values = (edge(network, 10).value / scale, last.value / scale, last.overlap2)
    for quantity, one, other, unit in zip(names, theirs, values, (10, 10, None), strict=True):
        left = quantity.replace("right", "left")
        sign, size = (1, 1) if unit is None else (-1, unit)
        shown = "equations of the deterministic equivalent"
        yield (
            "Liao, Mahoney 2021",
            f"{left} of H/n, {where}",
            RECOMPUTED,
            shown,
            sign * one / size,
            (float(other) / size),
        )
    appears = "1.25793758580"
    alpha = lu_li.logistic(float(appears), 10.0).threshold()
    # The labels do not matter, and the weight is one of u^2 alone: an ensemble, and faster so.
    weight = 1 / (4 * cosh(Rational(appears) * sqrt(label) / 2) ** 2)
    found = threshold(Ensemble(weight, teacher_labels(1)), side="left")
    where = f"alpha at which the outlier appears, logistic regression, w of length {appears}"
    yield "Liao, Mahoney 2021", where, RECOMPUTED, shown, alpha, float(found.alpha)


def _logistic_mean() -> Iterator[Item]:
    """Logistic regression at w = 0 with class means of squared length rho: a quarter of a spike."""
    c, rho = Rational(1, 4), Rational(4, 5)  # those of their Figure 4
    matrix = SampleCovariance(discrete_labels({1: 1}, 1, "identity"), c, 1 + rho)
    found: Any = outlier(matrix, digits=FORMULA)
    least = threshold(matrix, FORMULA).spike - 1
    name, where = "Liao, Mahoney 2021", "class means of rho = 4/5, w = 0, c = 1/4"
    yield name, "least rho that is seen, w = 0, c = 1/4", PRINTED, "sqrt(c)", sqrt(c), least
    spike, how = (1 + rho + c * (rho + 1) / rho) / 4, "(1 + rho + c (rho + 1)/rho)/4"
    yield name, f"outlier of H/n, {where}", PRINTED, how, spike, found.value / 4
    share, how = (rho**2 - c) / (rho**2 + c * rho), "(rho^2 - c)/(rho^2 + c rho)"
    yield name, f"squared overlap, {where}", PRINTED, how, share, found.overlap2


@cache
def _logistic(length: str) -> Any:
    x, y_hat = symbols_of("x yh")
    return Network(activation=Rational(length) * x, loss=log(1 + exp(-y_hat)))


def _several() -> Iterator[Item]:
    """Teachers of two indices."""
    name, how = "Defilippis and others 2025", "1 over the norm of M -> E[G M G]"
    yield (
        name,
        "y = sign(u1 u2): threshold",
        PRINTED,
        "pi^2/4",
        np.pi**2 / 4,
        sign_of_product().weak_recovery,
    )
    yield name, "y = u1/u2: threshold", NUMERAL, "1", 1.0, quotient().weak_recovery
    four = threshold(luo_alghamdi_lu(4), FORMULA, side="right").alpha
    yield name, "y = |u|^2/p, p = 4: threshold", NUMERAL, "2", Rational(2), four
    value = 1 / integrate.quad(_excess, 0, 40, epsabs=1e-14, epsrel=1e-13, limit=500)[0]
    method: Any = product().methods()[0]
    least, last = float(threshold(method).alpha), float(outlier(method, 1).value)
    yield name, "y = u1 u2: threshold", NUMERAL, "0.59375", 0.59375, least
    yield name, "y = u1 u2: threshold", RECOMPUTED, how, value, least
    yield name, "y = u1 u2: largest eigenvalue, alpha = 1", NUMERAL, "1", 1.0, last
    how = "their optimal T in the equations of Lu and Li"
    for alpha in ("0.8", "1", "2"):
        where = f"y = u1 u2: squared overlap, alpha = {alpha}"
        spike: Any = outlier(method, alpha)
        _, _, value = lu_li.product(float(alpha)).solved()
        yield name, where, RECOMPUTED, how, value, float(spike.overlap2)


def _excess(y: float) -> float:
    """`E[(s - 1)^2]` of both signs of `y = u1 u2`, under the density `K_0(|y|)/pi`."""
    if y == 0:
        return 0.0
    square = y * special.k1e(y) / special.k0e(y)
    both = (square + y - 1) ** 2 + (square - y - 1) ** 2
    return float(special.k0(y) / np.pi * both)


def _paper() -> Iterator[Item]:
    """The paper of this package, at infinite overparametrisation."""
    name = "Annesi, Bocchi, Cammarota 2025"
    for a in ("0.7", "1.5"):
        found = threshold(Model("inf", 1, a), FORMULA)
        value = (Rational(a) + 1) / 2
        where = f"(17): alpha_BBP, p = inf, p* = 1, a = {a}"
        yield name, where, PRINTED, "p* (a + 1)/2", value, found.alpha
