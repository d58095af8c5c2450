"""Published spectral methods as ensembles, with their sources.

All see labels (1) without noise, `y = (1/p*) sum_l u_l^2`, whose signal factor is y itself.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from sympy import Expr, S, cancel

from bbpsym.ensembles.wishart import Ensemble
from bbpsym.equations import published_weights as weights
from bbpsym.errors import DomainError, quoted
from bbpsym.laws.expressions import rational
from bbpsym.laws.known_laws import KnownLaw, Reduction
from bbpsym.laws.labels import discrete_labels, teacher_labels
from bbpsym.model import Model
from bbpsym.numerics.curve import LEFT, RIGHT
from bbpsym.parameters import Parameter
from bbpsym.reading import arguments
from bbpsym.reading.arguments import Number, Whole
from bbpsym.symbols import a as A
from bbpsym.symbols import alpha as ALPHA
from bbpsym.symbols import label, p, signal_factor
from bbpsym.symbols import p_star as P_STAR
from bbpsym.writing.display import exact_text


def averaged_hessian(model: Model) -> Ensemble:
    """Return the paper's Hessian with the student averaged out, `T = (2/p)(1 + 2/p - y)/(a + y)`.

    Its outliers lie left of the bulk; at p = inf it is the Hessian itself, in units of 2/p.

    Parameters
    ----------
    model : Model
        Widths and loss normalisation.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If it is no model.

    Notes
    -----
    Source: the paper, where it is compared with the Hessian below (53). Its discontinuous
    threshold is `p*(a + 1 + 2/p)/2`.

    Examples
    --------
    >>> from bbpsym import Model, threshold
    >>> threshold(averaged_hessian(Model(p=2, p_star=1, a="0.7"))).text('alpha')
    '1.35000000000'
    """
    if not isinstance(model, Model):
        raise DomainError(f"model must be a Model(p, p_star, a), not {quoted(model)}")
    weight = weights.averaged_weight().subs(A, rational(model.a))
    limit = model.is_overparametrised_limit
    weight = (weight * p / 2).limit(p, "oo") if limit else weight.subs(p, model.p)
    name = f"averaged Hessian, p={'inf' if limit else model.p}, a={exact_text(model.a)}"
    given: tuple[tuple[str, Any], ...] = ((Parameter.A, model.a), (Parameter.P_STAR, model.p_star))
    law = KnownLaw.OVERPARAMETRISED
    if not limit:
        law, given = KnownLaw.AVERAGED, (*given, (Parameter.P, model.p))
    reduction = Reduction(law, given, LEFT, model.scale)
    return Ensemble(weight, teacher_labels(model.p_star), name, reduction)


def luo_alghamdi_lu(p_star: Whole) -> Ensemble:
    """Return the optimal weight `T = 1 - 1/y`: no other has a larger overlap, at any alpha.

    Its outlier lies right of the bulk, at one for every alpha above the threshold p*/2.

    Parameters
    ----------
    p_star : int
        Teacher width.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If the width is out of range.

    Notes
    -----
    That no other matrix does better is derived in chapter 7 of the derivations.

    Source: W. Luo, W. Alghamdi, Y. M. Lu, "Optimal spectral initialization for signal recovery
    with applications to phase retrieval", IEEE Trans. Signal Process. 67 (2019), arXiv 1811.04420,
    for one teacher. With more, each teacher sees the signal factor y.

    Examples
    --------
    >>> from bbpsym import outlier
    >>> outlier(luo_alghamdi_lu(p_star=1), alpha=2, side="right").text("overlap2")
    '0.638881278113'
    """
    weight = weights.optimal_weight().subs(signal_factor, label)
    labels = teacher_labels(p_star)
    return Ensemble(weight, labels, "Luo-Alghamdi-Lu", _mirrored(p_star, S.Zero))


def mondelli_montanari(p_star: Whole, alpha: Number) -> Ensemble:
    """Return the weight `T = (y - 1)/(y - 1 + sqrt(2 alpha/p*))`, made for one alpha.

    Its outlier lies right of the bulk, whose edge is at one for every alpha.

    Parameters
    ----------
    p_star : int
        Teacher width.
    alpha : int, str, Fraction, Decimal, SymPy Rational or float
        Signal-to-noise ratio, at least p*/2: below, the weight has a pole.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If an argument is out of range.

    Notes
    -----
    Source: M. Mondelli, A. Montanari, "Fundamental limits of weak recovery with applications to
    phase retrieval", Found. Comput. Math. 19 (2019), arXiv 1708.05932, for one teacher.

    Examples
    --------
    >>> from bbpsym import threshold
    >>> threshold(mondelli_montanari(p_star=1, alpha=2), side="right").text("alpha")
    '1.00000000000'
    """
    labels, ratio = teacher_labels(p_star), arguments.signal_to_noise(alpha)
    width = int(arguments.width(p_star, "p_star"))
    if 2 * ratio < width:
        least = exact_text(Fraction(width, 2))
        raise DomainError(f"alpha must be at least p_star/2 = {least}, not {exact_text(ratio)}")
    given = {signal_factor: label, ALPHA: rational(ratio), P_STAR: width}
    weight = weights.mondelli_montanari_weight().subs(given)
    a = weights.mondelli_montanari_normalisation().subs(given)
    name = f"Mondelli-Montanari, alpha={exact_text(ratio)}"
    return Ensemble(weight, labels, name, _mirrored(width, a))


def of_teachers(weight: Expr, p_star: Whole) -> Ensemble:
    """Return any weight of teachers' labels; `(y - 1)/(y + a)` is known by its integrals.

    Parameters
    ----------
    weight : Expr
        T(y).
    p_star : int
        Teacher width.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If the width is out of range, or the weight is none.

    Examples
    --------
    >>> from bbpsym import threshold
    >>> from sympy.abc import y
    >>> threshold(of_teachers((y - 1) / (y + 1), 1), 20, certified=True, side="right").text("alpha")
    '1.0000000000000000000'
    """
    found = Ensemble(weight, teacher_labels(p_star))
    if not found.weight.is_rational_function(label):
        return found
    a = cancel((label - 1) / found.weight - label)
    if not (a.is_number and a.is_nonnegative):
        return found
    return replace(found, reduction=_mirrored(arguments.width(p_star, "p_star"), a))


def _mirrored(p_star: Any, a: Expr) -> Reduction:
    """A weight that is minus that of the Hessian at p = inf."""
    number = Fraction(int(a.p), int(a.q)) if a.is_Rational else a
    given = ((Parameter.A, number), (Parameter.P_STAR, int(p_star)))
    rate = Parameter.A if number else Parameter.T
    return Reduction(KnownLaw.OVERPARAMETRISED, given, RIGHT, Fraction(1), rate)


def trimmed(p_star: Whole, level: Number) -> Ensemble:
    """Return the trimmed weight `T = y` for `y <= level`, else zero; outliers on the right.

    Parameters
    ----------
    p_star : int
        Teacher width.
    level : int, str, Fraction, Decimal, SymPy Rational or float
        Largest label that counts, positive.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If an argument is out of range.

    Notes
    -----
    Source: Y. Chen, E. J. Candes, "Solving random quadratic systems of equations is nearly as easy
    as solving linear systems", Comm. Pure Appl. Math. 70 (2017), arXiv 1505.05114.

    Examples
    --------
    >>> trimmed(p_star=1, level=2).weight
    Piecewise((y, y <= 2), (0, True))
    """
    return _cut(weights.trimmed_weight(), p_star, level, "trimmed")


def truncated(p_star: Whole, level: Number) -> Ensemble:
    """Return the truncated weight `T = min(y, level)`; outliers on the right.

    Parameters
    ----------
    p_star : int
        Teacher width.
    level : int, str, Fraction, Decimal, SymPy Rational or float
        Largest weight, positive.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If an argument is out of range.

    Notes
    -----
    Source: bounded weights in general are treated by Y. M. Lu, G. Li, "Phase transitions of
    spectral initialization for high-dimensional non-convex estimation", Inf. Inference 9 (2020),
    arXiv 1702.06435; they are needed since y itself leaves the bulk without a right edge.

    Examples
    --------
    >>> truncated(p_star=1, level=2).weight
    Min(2, y)
    """
    return _cut(weights.truncated_weight(), p_star, level, "truncated")


def subset(p_star: Whole, level: Number) -> Ensemble:
    """Return the subset weight `T = 1` for `y >= level`, else zero; outliers on the right.

    Parameters
    ----------
    p_star : int
        Teacher width.
    level : int, str, Fraction, Decimal, SymPy Rational or float
        Least label that counts, positive.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If an argument is out of range.

    Notes
    -----
    Source: G. Wang, G. B. Giannakis, Y. C. Eldar, "Solving systems of random quadratic equations
    via truncated amplitude flow", IEEE Trans. Inf. Theory 64 (2018), arXiv 1605.08285.

    Examples
    --------
    >>> subset(p_star=1, level=2).weight
    Piecewise((1, y >= 2), (0, True))
    """
    return _cut(weights.subset_weight(), p_star, level, "subset")


def spiked_identity(theta: Number) -> Ensemble:
    """Return the classical case: weight one, inputs whose covariance has one spike `1 + theta`.

    In the law's terms the signal factor is `1 + theta`. With `gamma = 1/alpha` the transition lies
    at `|theta| = sqrt(gamma)`, right of the bulk for theta > 0, left of it for theta < 0.

    Parameters
    ----------
    theta : int, str, Fraction, Decimal, SymPy Rational or float
        Strength of the spike, above -1 and not zero.

    Returns
    -------
    Ensemble

    Raises
    ------
    DomainError
        If `theta` is out of range.

    Notes
    -----
    Source: J. Baik, G. Ben Arous, S. Peche, "Phase transition of the largest eigenvalue for
    nonnull complex sample covariance matrices", Ann. Probab. 33 (2005), arXiv math/0403022; the
    overlap is from D. Paul, Statist. Sinica 17 (2007), 1617.

    Examples
    --------
    >>> from bbpsym import outlier
    >>> outlier(spiked_identity(theta=2), alpha=2, side="right").text("value")
    '7.50000000000'
    """
    strength = arguments.exact(theta)
    if strength is None or strength <= -1 or strength == 0:
        raise DomainError(f"theta must be a number above -1 and not zero, not {quoted(theta)}")
    law = discrete_labels({0: 1}, 1 + rational(strength), "a spiked covariance")
    return Ensemble(1, law, f"spiked identity, theta={exact_text(strength)}")


def _cut(weight: Expr, width: Any, level: Any, name: str) -> Ensemble:
    cut = arguments.positive(level, "level")
    filled = weight.subs(weights.level, rational(cut))
    return Ensemble(filled, teacher_labels(width), f"{name} at {exact_text(cut)}")
