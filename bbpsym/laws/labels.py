"""Labels of a spectral method: their law, and what they know of the signal.

The signal factor `E[u^2 | y]` is the mean square of one teacher's pre-activation given the label;
with it equations (31)-(58) hold for any law of the label.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from sympy import Expr, Integer, Rational, S, Symbol, expand_log, interpolate, log, oo

from bbpsym.equations import label_law as laws
from bbpsym.errors import DomainError, quoted
from bbpsym.functions.kinks import kinks
from bbpsym.laws.expressions import exact_number, in_label, rational
from bbpsym.reading import arguments, floats
from bbpsym.reading.arguments import Number, Whole, items
from bbpsym.symbols import label, p_star, sigma
from bbpsym.writing.display import exact_text

#: Range of the noise, in decades.
NOISE_DECADES = 3

#: Either exact, in the symbol `label`, or a function of NumPy arrays in double precision.
LabelFunction: TypeAlias = Expr | Callable[[Any], Any]

if TYPE_CHECKING:
    from scipy.stats import gaussian_kde, rv_continuous, rv_histogram

    #: What is read as a formula in the label, and as a law of it.
    Formula: TypeAlias = Number | Callable[[Any], Any]
    Density: TypeAlias = Formula | rv_continuous | rv_histogram | gaussian_kde


@dataclass(frozen=True)
class Labels:
    """The law of a label y together with its signal factor.

    Attributes
    ----------
    name : str
        The law in words.
    signal : Expr or callable
        `E[u^2 | y]`. Its mean is one for a signal of covariance `1/N`; a spiked covariance has
        another one.
    log_laplace : Expr, optional
        `log E[exp(-sigma y)]` in `bbpsym.symbols.sigma`, for a law that is given by it.
    density : Expr or callable, optional
        Density of the continuous part, as an expression in `bbpsym.symbols.label`, or as a
        function of arrays in double precision.
    breaks : tuple of Expr
        Ends of the support and points between them, increasing: where density or signal are not
        analytic, and about the bulk of the law.
    spread : Expr
        Width of the law around its last finite break.
    atoms : tuple of (Expr, Expr)
        Values with a probability of their own.
    parameters : tuple of (Symbol, Expr)
        Values of the symbols beside the label; put in as numbers, since a closed form such as
        `gamma(p*/2)` would grow without bounds.
    is_probability : bool
        Whether the density adds up to one, which is checked.
    has_closed_breaks : bool
        Whether the breaks are in closed form; answers have 30 digits where they are not.
    nodes : Nodes, optional
        Label and signal factor at nodes of `bbpsym.numerics.known_labels`, for a law that is known
        there alone.

    Examples
    --------
    >>> from bbpsym import teacher_labels
    >>> print(teacher_labels(1).name)
    labels of one teacher
    """

    name: str
    signal: LabelFunction
    log_laplace: Expr | None = field(default=None, repr=False)
    density: LabelFunction | None = field(default=None, repr=False)
    breaks: tuple[Expr, ...] = field(default=(), repr=False)
    spread: Expr = field(default=S.One, repr=False)
    atoms: tuple[tuple[Expr, Expr], ...] = field(default=(), repr=False)
    parameters: tuple[tuple[Symbol, Expr], ...] = field(default=(), repr=False)
    is_probability: bool = field(default=True, repr=False)
    has_closed_breaks: bool = field(default=True, repr=False)
    nodes: Any = field(default=None, repr=False)

    @property
    def is_exact(self) -> bool:
        """Whether the law is known to any number of digits."""
        curves = (self.signal, self.density)
        return self.nodes is None and all(c is None or isinstance(c, Expr) for c in curves)


def teacher_labels(width: Whole, noise: Number = 0) -> Labels:
    """Labels (1) of a teacher, `y = (1/p*) sum_l (w*_l . x)^2`, with or without noise.

    Parameters
    ----------
    width : int
        Teacher width p*, 1 to 1e6.
    noise : int, str, Fraction, Decimal, SymPy Rational or float
        Standard deviation of Gaussian noise added to y, zero or 1e-3 to 1e3.

    Returns
    -------
    Labels

    Raises
    ------
    DomainError
        If an argument is out of range.

    Examples
    --------
    >>> teacher_labels(2).name, teacher_labels(2, noise="0.5").name
    ('labels of 2 teachers', 'labels of 2 teachers with noise 0.5')
    """
    width = int(arguments.width(width, "p_star"))
    name, given = f"labels of {_teachers(width)}", ((p_star, Integer(width)),)
    if arguments.exact(noise) == 0:
        spread = Rational(2, max(width, 2)) ** Rational(1, 2)
        breaks = (S.Zero, S.One, oo)
        density = laws.chi_square_density()
        return Labels(name, label, None, density, breaks, spread, parameters=given)
    exact = arguments.positive(noise, "noise", NOISE_DECADES)
    level = rational(exact)
    spread = (Rational(2, width) + level**2) ** Rational(1, 2)
    return Labels(
        f"{name} with noise {exact_text(exact)}",
        laws.noisy_signal(level),
        None,
        laws.noisy_density(level),
        (-oo, S.Zero, S.One, oo),
        spread,
        parameters=given,
    )


@floats.own_settings
def labels_of(
    density: Density,
    signal: Formula,
    support: Sequence[Number] = (0, oo),
    name: str = "given labels",
) -> Labels:
    """Labels whose law has a density, from SymPy or SciPy.

    Parameters
    ----------
    density : Expr or distribution of scipy.stats
        Density as an expression in one symbol, or a continuous SciPy distribution, old or new, a
        histogram (`rv_histogram`) or a kernel density (`gaussian_kde`), which brings its own
        support and reaches double precision only.
    signal : Expr, number or callable
        `E[u^2 | y]`, an expression in the same symbol, or with SciPy a function of arrays.
    support : sequence of numbers
        Ends of the support, which may be infinite, with points about the bulk of the law between
        them if that is not near zero and of width one, as in `(-oo, 50, oo)`, or if the density or
        the signal is singular there. Where `Abs`, `Piecewise`, `floor` and their like bend or jump
        is found; those who name points between the ends name these too, where there is no end of
        them. Not used for SciPy.
    name : str
        The law in words, for printing.

    Returns
    -------
    Labels

    Raises
    ------
    DomainError
        If an argument is no such thing.

    Examples
    --------
    >>> from sympy import exp
    >>> from sympy.abc import y
    >>> from bbpsym import Ensemble, threshold
    >>> law = labels_of(exp(-y), signal=y**2 / 2)
    >>> threshold(Ensemble((y - 1) / (y + 1), law), side="right").text("alpha")
    '1.00000000000'
    """
    if hasattr(density, "pdf"):
        from bbpsym.laws.scipy_laws import Density, cut

        curve = signal if callable(signal) and not isinstance(signal, Expr) else in_label(signal)
        return Labels(name, curve, None, Density(density), *cut(density))
    breaks = tuple(exact_number(end, "support") for end in items(support, "support", "numbers"))
    if len(breaks) < 2 or any(not low < high for low, high in pairwise(breaks)):
        raise DomainError(f"support must be two or more numbers that rise, not {support}")
    if breaks == (-oo, oo):  # half-lines are integrated each from one end
        breaks = (-oo, S.Zero, oo)
    symbols = getattr(density, "free_symbols", set()) | getattr(signal, "free_symbols", set())
    if len(symbols) > 1:
        raise DomainError("density and signal must be expressions in the same symbol")
    curves = in_label(signal), in_label(density)
    bends = [kinks(curve, breaks) for curve in curves]
    if len(support) == 2 and not all(found.is_proved for found in bends):
        raise DomainError("support must name the points where density and signal bend or jump")
    breaks = tuple(sorted({*breaks}.union(*(found.points for found in bends))))
    exact = all(found.is_exact for found in bends)
    return Labels(name, curves[0], None, curves[1], breaks, has_closed_breaks=exact)


def laplace_labels(laplace: Expr, signal: Formula, name: str = "given labels") -> Labels:
    """Non-negative labels whose law is given by its Laplace transform.

    Averages are then integrals over the Laplace variable; that takes a weight `T` that is a
    fraction of polynomials, with `1 - g T` of first degree in the label over a common denominator,
    and a signal factor that is a polynomial.

    Parameters
    ----------
    laplace : Expr
        `E[exp(-sigma y)]` as an expression in one symbol.
    signal : Expr or number
        `E[u^2 | y]` as a polynomial in one symbol.
    name : str
        The law in words, for printing.

    Returns
    -------
    Labels

    Raises
    ------
    DomainError
        If an argument is no such thing, or the transform is not one at zero.

    Examples
    --------
    >>> from sympy.abc import s, y
    >>> print(laplace_labels(1 / (1 + s), signal=y).name)
    given labels
    """
    transform = in_label(laplace).subs(label, sigma)
    if transform.subs(sigma, 0) != 1:
        raise DomainError(f"laplace must be one at zero, not {transform.subs(sigma, 0)}")
    falling = [transform.subs(sigma, Rational(k, 4)).evalf() for k in range(41)]
    if not all(low < high and low > 0 for high, low in pairwise(falling)):
        raise DomainError(f"laplace must fall and stay positive, as {laplace} does not")
    if not in_label(signal).is_polynomial(label):
        raise DomainError(f"signal must be a polynomial in the label, not {signal}")
    logarithm = expand_log(log(transform))
    return Labels(name, in_label(signal), logarithm, breaks=(S.Zero, oo))


def discrete_labels(
    probabilities: Mapping[Number, Number],
    signal: Formula | Mapping[Number, Number],
    name: str = "discrete labels",
) -> Labels:
    """Labels that take finitely many values.

    Parameters
    ----------
    probabilities : mapping of number to number
        Probability of each value; they add up to one.
    signal : Expr, number or mapping of number to number
        `E[u^2 | y]` as an expression in one symbol, or value by value.
    name : str
        The law in words, for printing.

    Returns
    -------
    Labels

    Raises
    ------
    DomainError
        If the probabilities are not positive or do not add up to one, or a value stands twice.

    Examples
    --------
    >>> from sympy.abc import y
    >>> from bbpsym import Ensemble, threshold
    >>> law = discrete_labels({0: "1/2", 2: "1/2"}, {0: 0, 2: 2})
    >>> threshold(Ensemble(y - 1, law), side="right").text("alpha")
    '1.29559774252'
    """
    if not isinstance(probabilities, Mapping):
        raise DomainError(f"probabilities must be a mapping, not {quoted(probabilities)}")
    atoms = tuple(
        (exact_number(value, "probabilities"), exact_number(share, "probabilities"))
        for value, share in probabilities.items()
    )
    shares = [share for _, share in atoms]
    if not all(value.is_finite for value, _ in atoms):
        raise DomainError("probabilities must be those of finite labels")
    values = [value for value, _ in atoms]
    if len({*values}) < len(values):
        twice = max(values, key=values.count)
        raise DomainError(f"probabilities must have each value once, not {twice} twice")
    if not atoms or min(shares) <= 0 or sum(shares) != 1:
        raise DomainError("probabilities must be positive numbers that add up to one exactly")
    if isinstance(signal, Mapping):
        table = {exact_number(value, "signal"): factor for value, factor in signal.items()}
        if missing := [value for value in values if value not in table]:
            raise DomainError(f"signal must have a value for every label: {missing[0]} has none")
        points = [(value, exact_number(factor, "signal")) for value, factor in table.items()]
        return Labels(name, interpolate(points, label), atoms=atoms)
    curve = in_label(signal)
    if infinite := [value for value in values if not curve.subs(label, value).is_finite]:
        raise DomainError(f"signal must be finite for every label, and is not for {infinite[0]}")
    return Labels(name, curve, atoms=atoms)


def _teachers(width: int) -> str:
    return "one teacher" if width == 1 else f"{width} teachers"
