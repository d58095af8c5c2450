"""What generated code calls in ball arithmetic, by the names under which SymPy prints it.

The precision of python-flint is global: it is set by `precision` for the length of a call and
always restored; one thread at a time holds it. Whatever it is, every ball stays an enclosure; only
its width depends on it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from math import factorial
from threading import RLock
from typing import Any

from flint import acb, arb, arb_series, ctx, fmpq, fmpz_poly

#: Held by the thread that sets the precision; a fork waits, so that its child finds it free.
_LOCK = RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
    )

#: Where the series of zeta begins with what matters, and that of Lerch's transcendent.
ZETA_FAR, LERCH_FAR = 64, arb(10) ** 100

#: What is compared with, and exact numbers: made once, since an integrand is called at every node.
_ZERO, _NUMBERS = arb(0), (int, fmpq)

#: Most terms of a geometric series that are added up.
MOST_TERMS = 100_000


class _Precision:
    """What `precision` gives: entered for every value, it takes a third of a generator's time."""

    __slots__ = ("before", "bits")

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        _LOCK.acquire()
        self.before = ctx.prec
        try:
            ctx.prec = self.bits
        except BaseException:
            _LOCK.release()
            raise

    def __exit__(self, *_: object) -> None:
        ctx.prec = self.before
        _LOCK.release()


def precision(bits: int) -> AbstractContextManager[None]:
    """Work with `bits` bits inside the context, and restore the precision that was set before."""
    return _Precision(bits)


def _power(x: Any, n: int) -> Any:
    """`x^n`; python-flint's own knows no sign of it at a real ball that holds zero."""
    if not (isinstance(x, arb) and n > 0 and x.contains(_ZERO) and not x.is_exact()):
        return x**n
    low, high = x.lower() ** n, x.upper() ** n
    return arb(0).union(low.max(high)) if n % 2 == 0 else low.union(high)


def _ball(x: Any) -> Any:
    """A number as a ball, where it is not one yet: numbers alone have no functions."""
    return arb(x) if isinstance(x, _NUMBERS) else x


def _of_balls(function: Callable) -> Callable:
    """A function whose arguments may be numbers, too."""
    return lambda *given: function(*map(_ball, given))


def _exp(x: Any) -> Any:
    return _ball(x).exp()


def _log(x: Any, analytic: bool) -> Any:
    if isinstance(x, _NUMBERS):
        return arb(x).log()
    return x.log(analytic=True) if analytic else x.log()


def _log1p(x: Any, analytic: bool) -> Any:
    """`log(1 + x)`; as a test of analyticity it needs no accuracy, but must see the cut."""
    return (1 + x).log(analytic=True) if analytic else x.log1p()


def _polygamma(order: arb, x: arb) -> arb:
    if order == 0:
        return x.digamma()
    return _between(lambda end: _real(acb(end).polygamma(order)), x) if x > 0 else arb.nan()


def _besseli(order: Any, x: Any) -> Any:
    """Modified Bessel function, which rises right of zero where its order is not negative."""
    if not _is_wide(x) or not order >= 0:
        return x.bessel_i(order)
    return _between(lambda end: end.bessel_i(order), x)


def _scaled_besseli(order: Any, x: Any) -> Any:
    """`exp(-x) I(x)`: that of order zero falls, and what another one is of it rises."""
    if not _is_wide(x) or not order >= 0:
        return x.bessel_i(order, True)
    first = _between(lambda end: end.bessel_i(0, True), x)
    return first * _between(lambda end: end.bessel_i(order, True) / end.bessel_i(0, True), x)


def _oscillating(name: str) -> Callable:
    """Bessel functions J and Y of a real order: both are at most `sqrt(J^2 + Y^2)`.

    That falls along x > 0 for orders from 1/2 on, and is at most `sqrt(2/(pi x))` below (G. N.
    Watson, Theory of Bessel Functions, 13.74).
    """

    def function(order: Any, x: Any) -> Any:
        found = getattr(x, name)(order)
        if not _is_wide(x) or not x > 1 or found.rad() < 1 / x.upper():
            return found
        low, size = x.lower(), abs(arb(order))
        if size >= arb(1) / 2:
            square = low.bessel_j(size) ** 2 + low.bessel_y(size) ** 2
        else:
            square = 2 / (arb.pi() * low)
        most = arb(0, square.sqrt().upper())
        return found.intersection(most) if found.is_finite() else most

    return function


def _besselk(order: Any, x: Any) -> Any:
    """Modified Bessel function of the second kind, which falls along x > 0."""
    if not _is_wide(x) or not x > 0:
        return x.bessel_k(order)
    return _between(lambda end: end.bessel_k(order), x)


def _zeta(s: Any, a: Any = None) -> Any:
    """Riemann's and Hurwitz's zeta function; the latter falls along a > 0 for s > 1."""
    if a is None:
        return s.zeta()
    if not _is_wide(a) or not (a > 0 and s.is_exact() and s > 1):
        return s.zeta(a)
    return _between(lambda end: s.zeta(end), a)


def _lerchphi(z: Any, s: Any, a: Any) -> Any:
    """Lerch's transcendent, which falls along a > 0 for 0 <= z < 1 and s >= 0, as its terms do.

    Far out, where Arb has no digit of it, the terms are `z^k a^-s (1 + k/a)^-s`, and the last
    factor lies between `1 - s k/a` and one.
    """
    is_falling = a > 0 and 0 <= z < 1 and s >= 0
    if _is_wide(a):
        return _between(lambda end: _lerchphi(z, s, end), a) if is_falling else arb.nan()
    if is_falling and (count := _terms(z)) <= MOST_TERMS:
        return _lerch_sum(z, s, a, count)
    if is_falling and a > LERCH_FAR:
        most = 1 / (1 - z)
        return most.union(most - s * z * most**2 / a) * a**-s
    return _real(acb(z).lerch_phi(s, a))


def _terms(z: Any) -> int:
    """How many terms of a geometric series matter at the current precision."""
    ratio = float(z)
    return math.ceil(ctx.prec * math.log(2) / -math.log(ratio)) if ratio else 1


def _lerch_sum(z: Any, s: Any, a: Any, count: int) -> arb:
    """Lerch's transcendent by its first terms, which are positive and fall like a power of z."""
    total, power = arb(0), arb(1)
    for k in range(count):
        total += power * (a + k) ** -s
        power *= z
    return total + arb(0).union(power / (1 - z) * (a + count) ** -s)


def _is_wide(x: Any) -> bool:
    """Whether a ball is an interval of numbers that are not negative."""
    return isinstance(x, arb) and not x.is_exact() and x.lower() >= 0


def _fresnel(name: str) -> Callable:
    """Fresnel's integrals. Their distance from 1/2 is at most `1/(pi x) + 1/(pi^2 x^3)`."""

    def integral(x: Any) -> Any:
        found = getattr(x, name)()
        if not _is_wide(x) or not x > 1:
            return found
        reach = arb.pi() * x.lower()
        rest = arb(1) / 2 + arb(0, (1 / reach + arb.pi() / reach**3).upper())
        return found.intersection(rest) if found.is_finite() else rest

    return integral


def _zeta_slope(order: arb, x: arb) -> arb:
    """Slopes of zeta. Right of one all of them are monotone: the ends of a ball enclose them.

    Far out the term `2^-x` of the series is followed by at most `2 3^n (2/3)^x` times as much.
    """
    n = _whole(order)
    if x > ZETA_FAR and (n or not x.is_exact() or x > ctx.prec):
        rest = arb(0, (2 * 3**n * (arb(2) / 3) ** x).upper())
        return (n == 0) + (-arb(2).log()) ** n * arb(2) ** -x * (1 + rest)
    if n == 0 and x.is_exact():
        return x.zeta()
    if x > 1 and not x.is_exact():
        return _between(lambda end: _zeta_slope(order, end), x)
    return arb_series([x, 1], prec=n + 1).zeta()[n] * factorial(n)


def _parabolic_cylinder(order: Any, x: Any) -> Any:
    """Whittaker's D of a negative order, by Kummer's functions, which cancel for x > 0.

    Source: DLMF 12.7.13 and 12.7.14, with D_n(z) = U(-n - 1/2, z).
    """
    n, x = -arb(order) / 2, arb(x)
    square, half = x * x / 2, arb(fmpq(1, 2))
    outside = 2**-n * (-square / 2).exp()
    if x > 0:
        return outside * square.hypgeom_u(n, half)
    even = square.hypgeom_1f1(n, half) * (n + half).rgamma()
    odd = square.hypgeom_1f1(n + half, 1 + half) * n.rgamma() * arb(2).sqrt() * x
    return outside * arb.pi().sqrt() * (even - odd)


def _between(function: Callable[[arb], arb], x: arb) -> arb:
    """Enclose the values of a monotone function."""
    return function(x) if x.is_exact() else function(x.lower()).union(function(x.upper()))


def _whole(number: Any) -> int:
    return int(float(number))


def _polynomial_root(number: Any, *coefficients: Any) -> arb:
    """The real root of a number; Arb tells that it is real by an imaginary part of zero."""
    whole = [arb(item).unique_fmpz() for item in coefficients]
    exact = tuple(int(item) for item in whole if item is not None)
    if len(exact) < len(whole):  # of more digits than the precision tells
        return arb.nan()
    return _real_roots(exact, ctx.prec)[_whole(number)]


@lru_cache(maxsize=64)
def _real_roots(coefficients: tuple[int, ...], _bits: int) -> list[arb]:
    found: Any = fmpz_poly([*coefficients]).complex_roots()
    return sorted((x.real for x, _ in found if x.imag.is_zero()), key=lambda x: x.mid())


def _real(value: acb) -> arb:
    return value.real if value.imag.contains(0) else arb.nan()


def _method(name: str) -> Callable:
    return lambda x: getattr(x, name)()


def _with_order(name: str) -> Callable:
    return lambda order, x: getattr(x, name)(order)


#: SymPy's names of functions and constants that Arb encloses.
FUNCTIONS: dict[str, Callable] = {
    name: _method(name)
    for name in (
        *("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan"),
        *("sinh", "cosh", "tanh", "coth", "sech", "csch", "asinh", "acosh", "atanh"),
        *("erf", "erfc", "erfi", "erfinv", "erfcinv", "gamma", "rgamma", "digamma", "li"),
    )
}
FUNCTIONS |= {
    name: _method(theirs)
    for name, theirs in {
        **{"Ei": "ei", "Si": "si", "Ci": "ci", "Shi": "shi", "Chi": "chi"},
        **{"loggamma": "lgamma", "airyai": "airy_ai", "airybi": "airy_bi"},
    }.items()
}
FUNCTIONS |= {
    name: _with_order(theirs)
    for name, theirs in {
        **{"uppergamma": "gamma_upper", "lowergamma": "gamma_lower", "expint": "expint"}
    }.items()
}
FUNCTIONS |= {
    "acot": lambda x: (1 / x).atan(),
    "asec": lambda x: (1 / x).acos(),
    "acsc": lambda x: (1 / x).asin(),
    "acoth": lambda x: (1 / x).atanh(),
    "asech": lambda x: (1 / x).acosh(),
    "acsch": lambda x: (1 / x).asinh(),
    "airyaiprime": lambda x: x.airy()[1],
    "airybiprime": lambda x: x.airy()[3],
    "besselj": _oscillating("bessel_j"),
    "bessely": _oscillating("bessel_y"),
    "besseli": _besseli,
    "besselk": _besselk,
    "ScaledBesselI": _scaled_besseli,
    "fresnels": _fresnel("fresnel_s"),
    "fresnelc": _fresnel("fresnel_c"),
    "LambertW": lambda x, branch=0: x.lambertw(_whole(branch)),
    "polygamma": _polygamma,
    "polylog": lambda s, x: x.polylog(s),
    "zeta": _zeta,
    "ZetaSlope": _zeta_slope,
    "ParabolicCylinder": _parabolic_cylinder,
    "Sinc": lambda x: x.sinc(),
    "Confluent": lambda b, x: x.hypgeom_0f1(b),
    "PolynomialRoot": _polynomial_root,
    "elliptic_k": lambda m: _real(acb(m).elliptic_k()),
    "elliptic_e": lambda m: _real(acb(m).elliptic_e()),
    "dirichlet_eta": lambda s: _real(acb(s).dirichlet_eta()),
}
if hasattr(acb, "lerch_phi"):  # not in every python-flint
    FUNCTIONS["lerchphi"] = _lerchphi
FUNCTIONS = {name: _of_balls(function) for name, function in FUNCTIONS.items()}
CONSTANTS: dict[str, Callable] = {
    "Pi": arb.pi,
    "Exp1": arb.const_e,
    "EulerGamma": arb.const_euler,
    "Catalan": arb.const_catalan,
}

#: All that is called by name.
NAMES: dict[str, Any] = {"arb": arb, "fmpq": fmpq, "exp": _exp, "log": _log, "log1p": _log1p}
NAMES |= {"Abs": abs, "power": _power, **CONSTANTS, **FUNCTIONS}
