"""The weight matrix of any two-layer network: `F = d^2 l / dlambda dlambda^T`, for any loss.

A sample has the loss `l(y, yh)`, the student the output `yh = n sum_k s(lambda_k)` with `n = 1/p`
(a mean) or 1 (a sum), and the Hessian is `H = sum_mu F^mu (x) x^mu x^muT` with

    F_qr = n^2 l'' s'(lambda_q) s'(lambda_r) + delta_qr n l' s''(lambda_q),

derivatives of `l` with respect to `yh`: eqs. (4)(5) for any loss and any activation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sympy import (
    Add,
    Dummy,
    Expr,
    I,
    Integral,
    Matrix,
    Mul,
    Rational,
    S,
    Symbol,
    cos,
    cosh,
    erf,
    exp,
    hessian,
    oo,
    pi,
    simplify,
    sin,
    sinh,
    sqrt,
    symbols,
)

from bbpsym.equations.factored import factored

#: Argument of an activation, and the student's output, of either sign.
argument = Symbol("x", real=True)
prediction = Symbol(r"\hat{y}", real=True)

#: A standard Gaussian that is added to a label, times the noise.
zeta = Symbol("zeta", real=True)

#: Squared length of the student's pre-activations, `lambda_1^2 + ... + lambda_p^2`.
square = Symbol(r"|\lambda|^2", nonnegative=True)


#: Largest width for which all entries of F are simplified, each for itself.
WRITTEN = 3

#: A point at which a difference of formulas is looked at before SymPy simplifies it.
SOMEWHERE = Rational(731, 997)


class Quadratic(NamedTuple):
    """An activation `curvature * x^2 + offset`."""

    curvature: Expr
    offset: Expr


def student_nodes(p: int) -> tuple[Symbol, ...]:
    """Pre-activations of the student's nodes."""
    return symbols(f"lambda_1:{p + 1}", real=True)


def teacher_nodes(p_star: int) -> tuple[Symbol, ...]:
    """Pre-activations of the teacher's nodes."""
    return symbols(f"u_1:{p_star + 1}", real=True)


def output(activation: Expr, nodes: Sequence[Expr], mean: bool) -> Expr:
    """Output of a network: the mean or the sum of its activations, as (1) and (2)."""
    total = Add(*(activation.subs(argument, node) for node in nodes))
    return total / len(nodes) if mean else total


def weight_matrix(loss: Expr, activation: Expr, p: int, mean: bool) -> Matrix:
    """Differentiate the loss of one sample twice: F in the label and the pre-activations."""
    nodes = student_nodes(p)
    sample = loss.subs(prediction, output(activation, nodes, mean))
    if p <= WRITTEN:
        return hessian(sample, nodes).applyfunc(factored)
    # Of many nodes two entries are simplified; exchange gives the others.
    first, second = (factored(sample.diff(nodes[0], v)) for v in nodes[:2])

    def entry(q: int, r: int) -> Expr:
        moved = [q] if q == r else [q, r]
        rest = [k for k in range(p) if k not in moved]
        order = dict(zip(nodes, (nodes[k] for k in moved + rest), strict=True))
        return (first if q == r else second).xreplace(order)

    return Matrix(p, p, entry)


class Parts(NamedTuple):
    """F as `D + c a a^T`, with `D_q = l' n s''(lambda_q)`, `c = l''` and `a_q = n s'(lambda_q)`."""

    #: `l'` and `l''` in the label and the student's output.
    loss: tuple[Expr, ...]
    #: `n s`, which add up to the output, `n s'` and `n s''` in `argument`.
    activation: tuple[Expr, ...]


def parts(loss: Expr, activation: Expr, p: int, mean: bool) -> Parts:
    """The parts of F."""
    share = S.One / p if mean else S.One
    return Parts(
        tuple(factored(loss.diff(prediction, k)) for k in (1, 2)),
        tuple(share * factored(activation.diff(argument, k)) for k in range(3)),
    )


def limit_slopes(loss: Expr, activation: Expr, mean: Expr | None = None) -> tuple[Expr, Expr]:
    """`l'` and `l''` at p = inf, mean output: the student's output is its mean `E s`."""
    mean = gaussian_mean(activation) if mean is None else mean
    slope, curvature = (loss.diff(prediction, k).subs(prediction, mean) for k in (1, 2))
    return slope, curvature


def limit_weight(loss: Expr, activation: Expr, mean: Expr | None = None) -> Expr:
    """Weight at p = inf, mean output, in units of 1/p: `f = l'(y, E s) s''(lambda)`.

    It is the diagonal of F; the rank-one part `l'' s' s'^T/p` matters in the trivial sector alone.
    Where nodes overlap with the teacher, the mean is that at given pre-activations of its.
    """
    (node,) = student_nodes(1)
    slope, _ = limit_slopes(loss, activation, mean)
    return factored(slope * activation.diff(argument, 2).subs(argument, node))


def gaussian_mean(activation: Expr, shift: Expr = S.Zero, width: Expr = S.One) -> Expr:
    """`E s(shift + width x)` of a standard Gaussian: in closed form if there is one.

    Else it is an `Integral`. What is odd, but for a constant, has that as its mean.
    """
    moved = activation.subs(argument, shift + width * argument)
    return Add(*(_mean_of_term(term) for term in Add.make_args(moved)))


def _mean_of_term(term: Expr) -> Expr:
    middle = term.subs(argument, 0)
    if middle.is_finite and parity(term - middle) < 0:
        return middle
    integral = Integral(term * exp(-(argument**2) / 2), (argument, -oo, oo))
    value = _of_error_function(term)
    value = _in_closed_form(term) if value is None else value
    return integral / sqrt(2 * pi) if value is None else value


def _of_error_function(term: Expr) -> Expr | None:
    """`E c erf(a + b x) = c erf(a/sqrt(1 + 2 b^2))`."""
    factor, rest = term.as_independent(argument)
    if not isinstance(rest, erf) or not rest.args[0].is_polynomial(argument):
        return None
    line = rest.args[0].as_poly(argument)
    if line.degree() > 1:
        return None
    slope, middle = line.nth(1), line.nth(0)
    return factor * erf(middle / sqrt(1 + 2 * slope**2))


def _in_closed_form(term: Expr) -> Expr | None:
    """Gaussian mean of polynomials times exponentials and waves.

    `E x^n e^(b x)` is the n-th derivative of `e^(b^2/2)` by b.
    """
    total, b = S.Zero, Dummy()
    for part in Add.make_args(term.rewrite([sin, cos, sinh, cosh], exp).expand()):
        factor, rest = part.as_independent(argument)
        power, slope = 0, S.Zero
        for item in Mul.make_args(rest):
            rate = item.args[0] / argument if isinstance(item, exp) else None
            base, exponent = item.as_base_exp()
            if rate is not None and not rate.has(argument):
                slope += rate
            elif base == argument and exponent.is_Integer and exponent > 0:
                power += int(exponent)
            elif item != 1:
                return None
        total += factor * exp(b**2 / 2).diff(b, power).subs(b, slope)
    return simplify(total.as_real_imag()[0] if total.has(I) else total)


def parity(activation: Expr) -> int:
    """Return 1 for an even, -1 for an odd activation, 0 for neither."""
    mirrored = activation.subs(argument, -argument)
    somewhere = dict.fromkeys(activation.free_symbols, SOMEWHERE)
    for sign in (1, -1):
        difference = activation - sign * mirrored
        if abs(difference.subs(somewhere).evalf(30)) < 1e-20 and simplify(difference) == 0:
            return sign
    return 0


def quadratic(activation: Expr) -> Quadratic | None:
    """Read an activation as `c x^2 + d`, or return None: F then has the form of (5)."""
    if not activation.is_polynomial(argument):
        return None
    polynomial = activation.as_poly(argument)
    curvature, slope = (polynomial.coeff_monomial(argument**k) for k in (2, 1))
    if polynomial.degree() != 2 or slope != 0:
        return None
    return Quadratic(curvature, polynomial.coeff_monomial(1))


def radial_weights(loss: Expr, form: Quadratic, p: int, mean: bool) -> tuple[Expr, Expr]:
    """Eigenvalues of F for a quadratic activation, eq. (48) for any loss.

    The first belongs to the p - 1 directions across `lambda`, the second to the one along it; both
    are expressions in the label and in `square`.
    """
    share = S.One / p if mean else S.One
    yh = form.curvature * share * square + form.offset * share * p
    slope, curvature = (loss.diff(prediction, k).subs(prediction, yh) for k in (1, 2))
    across = 2 * form.curvature * share * slope
    along = across + 4 * form.curvature**2 * share**2 * curvature * square
    return factored(across), factored(along)
