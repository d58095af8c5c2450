"""From averages to one-dimensional integrals over a Laplace variable s, by code.

For a rational function of the latent variables whose denominator is a power of one affine form
`D = d_0 + sum_v d_v v`, `1/D^n = int_0^inf s^(n-1) exp(-s D) ds / (n-1)!` turns the average into
an integral of products of Laplace transforms. A polynomial in front is averaged under the laws
tilted by `exp(-s d_v v)`, by its Taylor expansion about their means in their central moments: in
this form nothing cancels where widths are large, because differences of the means stay explicit.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import comb, factorial

from sympy import (
    Abs,
    Add,
    Expr,
    Integral,
    Mul,
    Poly,
    S,
    Symbol,
    exp,
    factor,
    fraction,
    log,
    oo,
    together,
)

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import Law, WeightLaw
from bbpsym.errors import DomainError
from bbpsym.symbols import distance, f, g, label, s, scale, sigma, signal_factor, t, u


def reduce(expression: Expr, ensemble: WeightLaw) -> Expr:
    """Replace every `Average` in `expression` by one-dimensional integrals over s.

    Parameters
    ----------
    expression : Expr
        An expression of `bbpsym.equations`, in g, alpha and averages over f and u^2.
    ensemble : WeightLaw
        The weights and the laws of the latent variables.

    Returns
    -------
    Expr
        The same quantity in units of `ensemble.unit`, with g = -t: every equation is invariant
        under `f -> c f, g -> g/c, lambda -> c lambda`.

    Raises
    ------
    DomainError
        If a weight is not a rational function with a single affine denominator.
    """
    averages = sorted(expression.atoms(Average), key=str)
    integrals = {average: _share_sum(average.args[0], ensemble) for average in averages}
    return expression.xreplace(integrals).subs(g, -t)


def over_outputs(expression: Expr, ensemble: WeightLaw) -> Expr:
    """Write every average over f and u^2 as one over the outputs, in the paper's units.

    Averages of expressions in the outputs themselves stay as they are; so mixed weights can occur.
    """

    def summed(argument: Expr) -> Expr:
        argument = argument.subs(u**2, ensemble.signal)
        terms = (w.share * argument.subs(f, w.value * ensemble.unit) for w in ensemble.weights)
        return Average(Add(*terms)) if argument.has(f) else Average(argument)

    return expression.replace(Average, summed)


def _share_sum(argument: Expr, ensemble: WeightLaw) -> Expr:
    """Sum over the weights, each with its share: `<X> = (1/p) sum_k E[X_k]`."""
    terms = []
    for weight in ensemble.weights:
        signal = ensemble.signal if weight.signal is None else weight.signal
        value = argument.subs(u**2, signal).subs({f: weight.value, g: -t})
        terms.append(weight.share * expectation(value, ensemble.laws))
    return Add(*terms)


@lru_cache(maxsize=1024)
def expectation(value: Expr, laws: tuple[Law, ...]) -> Expr:
    """Return `E[value]` as an integral over s, for `value` rational in the latent variables.

    `value` may also be the logarithm of a ratio of two affine forms. Without a law it stays an
    integral over the label.
    """
    if not laws:
        return over_labels(value)
    if isinstance(value, log):
        return _mean_logarithm(value.args[0], laws)
    constant, numerator, denominator, power = _split(stein(factor(value), laws), laws)
    if power == 0:
        return constant * tilted_moment(numerator, laws, (S.Zero,) * len(laws))
    tilts = tuple(s * denominator.coeff(law.variable, 1) for law in laws)
    offset = denominator.subs({law.variable: 0 for law in laws})
    moment = tilted_moment(numerator, laws, tilts)
    measure = s ** (power - 1) / factorial(power - 1)
    # exp(log L) rather than L: all averages of one weight then share a single exponential.
    decay = exp(-offset * s + _log_laplace(laws, tilts))
    return constant * Integral(measure * moment * decay, (s, 0, oo))


def over_labels(value: Expr) -> Expr:
    """Return `E[value]` over the label, `value` written as one fraction where it is rational.

    The limits stand for the whole law, atoms included; the rule that integrates knows it.
    """
    variables = (label, distance, scale, signal_factor)
    if not value.has(*variables):
        return value
    if value.is_rational_function(*variables, t):
        value = factor(together(value))
    return Integral(value, (label, -oo, oo))


def _mean_logarithm(ratio: Expr, laws: tuple[Law, ...]) -> Expr:
    """`E[log X]` by `log X = int_0^inf (exp(-s) - exp(-s X)) ds / s`, for a ratio of affine X."""
    numerator, denominator = fraction(together(ratio))
    decays = []
    variables = [law.variable for law in laws]
    for form in (numerator, denominator):
        if not form.is_polynomial(*variables) or Poly(form, *variables).total_degree() > 1:
            raise DomainError(f"the mean of log({ratio}) has no reduction to one dimension")
        tilts = tuple(s * form.expand().coeff(law.variable, 1) for law in laws)
        offset = form.subs({law.variable: 0 for law in laws})
        decays.append(exp(-offset * s + _log_laplace(laws, tilts)))
    return Integral((decays[1] - decays[0]) / s, (s, 0, oo))


def stein(value: Expr, laws: tuple[Law, ...]) -> Expr:
    """Rewrite `(v - 1) F(v)` as `V v F'(v)` where Stein's identity holds for the law of v.

    The average is the same; its integrand no longer changes sign at v = 1, so that no digits are
    lost where the average is small against its terms.
    """
    for law in laws:
        variance = law.stein_variance()
        centred = law.variable - 1
        if centred in Mul.make_args(value) and variance is not None:
            rest = value / centred
            return factor(variance * law.variable * rest.diff(law.variable))
    return value


def tilted_moment(polynomial: Expr, laws: tuple[Law, ...], tilts: tuple[Expr, ...]) -> Expr:
    """Average `polynomial` under the laws tilted by `exp(-tilt v)`, normalised to one.

    Taylor's expansion about the tilted means, with the tilted central moments; every coefficient
    is factored, so that a difference of two means is formed once and symbolically.
    """
    variables = [law.variable for law in laws]
    means = {law.variable: law.cumulant(1, tilt) for law, tilt in zip(laws, tilts, strict=True)}
    degrees = Poly(polynomial, *variables).degree_list()
    terms = []
    for orders in product(*(range(degree + 1) for degree in degrees)):
        derivative = polynomial
        weight = S.One
        for law, tilt, order in zip(laws, tilts, orders, strict=True):
            derivative = derivative.diff(law.variable, order)
            weight *= central_moment(law, order, tilt) / factorial(order)
        terms.append(factor(derivative.subs(means)) * factor(weight))
    return Add(*terms)


def central_moment(law: Law, order: int, tilt: Expr) -> Expr:
    """Central moment of the tilted law, from its cumulants by the usual recursion."""
    if order == 0:
        return S.One
    return Add(
        *(
            comb(order - 1, k) * law.cumulant(order - k, tilt) * central_moment(law, k, tilt)
            for k in range(order - 1)
        )
    )


def tail_bound(integrand: Expr) -> Expr:
    """Bound `int_s^inf |integrand|` by an expression in s, for t in [0, 1].

    An integrand of `expectation` is `R(s) exp(-d s - sum_j k_j log(1 + r_j s))`, with R rational
    and `d > 0`, `k_j, r_j >= 0`. Beyond s every power of a logarithm only falls. In R every term
    is replaced by its absolute value, and every denominator, an affine form in s whose two
    coefficients have the same sign for t in [0, 1], only grows; so R grows at most like the power
    n of its numerators. With `(s'/s)^n <= exp(n (s' - s)/s)` the tail is at most
    `|R|(s) exp(...) / (d - n/s)`, wherever that last denominator is positive.

    Raises
    ------
    DomainError
        If an integrand is not of this form.
    """
    bounds, powers, rates = [], [], []
    for term in Add.make_args(integrand):
        factors = Mul.make_args(term)
        decay = Add(*(item.args[0] for item in factors if isinstance(item, exp)))
        rational = Mul(*(item for item in factors if not isinstance(item, exp)))
        size, power = _majorant(rational)
        bounds.append(size * exp(decay))
        powers.append(power)
        rates.append(_decay_rate(decay))
    if len(set(rates)) != 1:
        raise DomainError(f"no bound for the tail of {integrand} is known")
    return Add(*bounds) / (rates[0] - max(powers) / s)


def _decay_rate(decay: Expr) -> Expr:
    """The d of `-d s - sum_j k_j log(1 + r_j s)`, after checking that all else only falls."""
    rate = -decay.replace(log, lambda _: S.Zero).coeff(s, 1)
    rest = decay + rate * s
    for term in Add.make_args(rest.expand()):
        logarithms = term.atoms(log)
        falling = len(logarithms) == 1 and all(_falls(term, item) for item in logarithms)
        if term != 0 and not falling:
            raise DomainError(f"no bound for the tail of exp({decay}) is known")
    return rate


def _falls(term: Expr, logarithm: Expr) -> bool:
    """Whether a term is a negative constant times a logarithm that grows with s."""
    constant, growth = term.coeff(logarithm), logarithm.args[0].diff(s)
    return not (constant.has(s) or growth.has(s)) and _sign(constant) < 0 < _sign(growth)


def _majorant(expression: Expr) -> tuple[Expr, int]:
    """A bound of `|expression|` at s, and the power with which it may grow beyond s."""
    if not expression.has(s):
        return Abs(expression), 0
    if expression == s:
        return s, 1
    if expression.is_Add or expression.is_Mul:
        sizes, powers = zip(*map(_majorant, expression.args), strict=True)
        return (Add(*sizes), max(powers)) if expression.is_Add else (Mul(*sizes), sum(powers))
    base, exponent = expression.as_base_exp()
    if exponent.is_Integer and exponent > 0:
        size, power = _majorant(base)
        return size**exponent, power * int(exponent)
    signs = {_sign(coefficient) for coefficient in Poly(base, s).all_coeffs()}
    if not exponent.is_negative or Poly(base, s).degree() != 1 or len(signs - {0}) != 1:
        raise DomainError(f"no bound for the tail of {expression} is known")
    return Abs(base) ** exponent, 0


def _sign(coefficient: Expr) -> int:
    """Sign that holds for all t in [0, 1], seen in t or in 1 - t.

    Zero counts as either sign. An unknown sign is an error.
    """
    remainder = Symbol("1-t", nonnegative=True)
    for form in (coefficient.expand(), coefficient.subs(t, 1 - remainder).expand()):
        for sign, holds in ((1, form.is_nonnegative), (-1, form.is_nonpositive)):
            if holds:
                return sign
    raise DomainError(f"the sign of {coefficient} is not known for t in [0, 1]")


def _log_laplace(laws: tuple[Law, ...], tilts: tuple[Expr, ...]) -> Expr:
    transforms = (law.log_laplace.subs(sigma, tilt) for law, tilt in zip(laws, tilts, strict=True))
    return Add(*transforms)


def _split(value: Expr, laws: tuple[Law, ...]) -> tuple[Expr, Expr, Expr, int]:
    """Split a factored rational function into constant * numerator / denominator^power."""
    variables = [law.variable for law in laws]
    constant, numerator, denominators = S.One, S.One, {}
    for factor_ in Mul.make_args(value):
        base, exponent = factor_.as_base_exp()
        if not factor_.has(*variables):
            constant *= factor_
        elif exponent.is_Integer and exponent > 0:
            numerator *= factor_
        else:
            denominators[base] = exponent
    if not denominators:
        return constant, numerator, S.One, 0
    (base, exponent), *others = denominators.items()
    affine = base.is_polynomial(*variables) and Poly(base, *variables).total_degree() == 1
    if others or not affine or not exponent.is_Integer:
        raise DomainError(
            f"weight {value} has no reduction to one dimension: its denominator must be a power of "
            "one affine form in the latent variables"
        )
    if base.subs(dict.fromkeys(variables, 0)).could_extract_minus_sign():
        base, constant = -base, constant * (-1) ** exponent
    return constant, numerator, base.expand(), -int(exponent)
