"""One side of the bulk of a network: its edge, outliers and transition, refined until they settle.

Every question is answered by rules of ever smaller step, until two that share no nodes agree; what
they differ by, and how fast that falls, gives the error that is claimed for the finer one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

import numpy as np

from bbpsym.ensembles.networks.domain import domain_of
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.equations.weights import argument
from bbpsym.errors import ConvergenceError, DomainError, NoOutlierError, PrecisionError, quoted
from bbpsym.numerics.networks.blocks import Block
from bbpsym.numerics.networks.limit_curve import limit_curve_of
from bbpsym.numerics.networks.node_laws import NodeLaw
from bbpsym.numerics.networks.scalar_curve import EnclosedEdge, SectorOutlier, Transition
from bbpsym.numerics.networks.scalar_nodes import curve_of, has_two_rules
from bbpsym.numerics.networks.sector_curve import sector_curve_of
from bbpsym.numerics.networks.sector_transition import HIGHEST, LOWEST, UnseenThresholdError

#: Most levels of refinement, and what rounding leaves.
LEVELS, ROUNDING = 12, 2e-15

#: Agreement at which refinement ends, and that for two sectors, by the width: nodes are dear there.
AGREED, ENOUGH = 2e-13, {2: 1e-11, 3: 2e-7}

#: Level from which on rules of two nodes find no edge that coarser ones have not seen: a search of
#: the finer ones takes minutes. Coarse rules of three nodes show less.
LOST = {2: 3, 3: LEVELS}

#: Rules that have to see no threshold at all before finer ones are not asked: each takes a scan.
UNSEEN = 3

#: Random rules, and standard errors of their mean that are claimed: chance exceeds them once in a
#: thousand times.
SEQUENCES, DEVIATIONS = 8, 5.4

#: How much slower changes may fall at the next refinement than at the last.
SAFETY = 20.0

#: Distance of an eigenvalue of the signal block from the edge, in units of 1/t, below which alpha
#: is a threshold to the accuracy reached, in units of the change under refinement.
UNDECIDED = 4

#: Relative error from which on another family of rules is tried.
POOR = 1e-9

#: Rules that have to agree that there is no outlier.
RULES = 2

#: Clearance from the border of the domain, in units of 1/t, that counts as none.
ON_BORDER = 1e-9

Found = TypeVar("Found")


class Settled(NamedTuple):
    """An answer of the finest rule, and by how much its numbers changed at the last refinement."""

    value: Any
    errors: Any


@dataclass(frozen=True)
class NetworkSide:
    """One side of the bulk of a network."""

    #: The network.
    network: Network
    #: "left" or "right"; all numbers are those of `sign * H`, seen from the left.
    side: str

    def __post_init__(self) -> None:
        if self.side not in ("left", "right"):
            raise DomainError(f'side must be "left" or "right", not {quoted(self.side)}')
        if self.network.has_sectors and self.network.student.diff(argument, 2) == 0:
            raise DomainError(
                f"p must be 1 for {self.network!r}: linear nodes are one, which sees the mean of "
                "their weights, and the Hessian has zeros for all others"
            )

    @property
    def sign(self) -> int:
        """1 on the left, -1 on the right."""
        return 1 if self.side == "left" else -1

    @property
    def law(self) -> NodeLaw:
        """The weights as seen from the left."""
        return NodeLaw(self.network, self.sign)

    def curve(self, level: int, graded: bool = False) -> Any:
        """Curves at the nodes of the rule of a level, of one with a step for each direction."""
        if self.network.has_sectors:
            return sector_curve_of(self.law, level)
        return (limit_curve_of if self.network.is_limit else curve_of)(self.law, level, graded)

    @property
    def sectors(self) -> tuple[str, ...]:
        """Names of the sectors of the signal block."""
        return tuple(block.name for block in self.curve(0).blocks)

    def _settled(self, compute: Callable, numbers: Callable) -> Settled:
        """Refine an answer of curves, by the better one of two families of rules if one is poor."""
        if self.law.is_random:
            return sampled(lambda seed, near: compute(self.curve(seed), near), numbers)
        if not has_two_rules(self.law):
            return self._refined(compute, numbers, False)
        found: list[Settled] = []
        for graded in (False, True):
            try:
                found.append(self._refined(compute, numbers, graded))
            except PrecisionError:
                if graded and not found:
                    raise
            if found and _worst(found[0], numbers) < POOR:
                break
        return min(found, key=lambda item: _worst(item, numbers))

    def _refined(self, compute: Callable, numbers: Callable, graded: bool) -> Settled:
        """Refine an answer of curves by one family of rules."""
        width = self.network.p if self.network.has_sectors else None
        of = lambda level, near: compute(self.curve(level, graded), near)  # noqa: E731
        if width is None:
            return settled(of, numbers)
        return settled(of, numbers, ENOUGH[width], LOST[width])

    def edge(self, alpha: Fraction) -> Settled:
        """Find the edge: `EnclosedEdge` with errors."""
        found = self._settled(lambda curve, near: curve.edge(float(alpha), near), _edge_numbers)
        self._check_domain(found.value)
        return found

    def _check_domain(self, edge: EnclosedEdge | Transition) -> None:
        """Refuse an edge that the nodes allow but the support of F does not."""
        if not self.network.has_sectors:
            return
        if domain_of(self.network, self.sign).seen(edge.t)[0] < -ON_BORDER:
            raise PrecisionError(
                f"the {self.side} edge of {self.network!r} is smooth, or too near to being so, "
                "where F is lowest at finite data"
            )

    def outliers(self, alpha: Fraction) -> Settled:
        """Find all outliers: a list of `SectorOutlier` with a list of errors."""
        margins: list[np.ndarray] = []

        def at(curve: Any, near: Any) -> tuple[EnclosedEdge, list[SectorOutlier]]:
            edge = curve.edge(float(alpha), near and near[0])
            margins.append(np.array(curve.margins(float(alpha), edge)))
            return edge, curve.outliers(float(alpha), edge, near and near[1])

        found = self._settled(at, _outlier_numbers)
        self._check_domain(found.value[0])
        if any(len(item) for item in margins):
            random = self.law.is_random
            spread = np.std(margins[1:], axis=0) if random else np.abs(margins[-1] - margins[-2])
            change = spread + ROUNDING
            if np.any(np.abs(margins[-1]) < UNDECIDED * change):
                raise PrecisionError("alpha is a threshold to the accuracy reached")
        return Settled(found.value, found.errors[: len(found.value[1])])

    def transition(self, sector: str | None = None) -> Settled:
        """Find the lowest threshold of all sectors, or that of one.

        Raises
        ------
        DomainError
            If there is no such sector, or it has no outlier at any alpha.
        """
        names = self.sectors
        if sector is not None and not (isinstance(sector, str) and sector in names):
            raise DomainError(f"sector must be one of {', '.join(names)}, not {quoted(sector)}")

        absent: list[Any] = []

        def at(curve: Any, near: Transition | None) -> Transition:
            if near is not None:
                (block,) = (b for b in curve.blocks if b.name == near.block.name)
                found = [curve.transition(block, near)]
            else:
                blocks = (b for b in curve.blocks if sector in (None, b.name))
                found = [curve.transition(block) for block in blocks]
            some = [item for item in found if item is not None]
            if not some:
                absent.append(curve)
                where = f"on the {self.side} of its bulk at any alpha{self._scanned}"
                if len(absent) < RULES:
                    raise ConvergenceError(f"no outlier is seen {where}, by one rule alone")
                raise NoOutlierError(f"{self.network!r} has no outlier {where}")
            return min(some, key=lambda item: item.alpha)

        result = self._settled(at, _transition_numbers)
        self._check_domain(result.value)
        return result

    @property
    def _scanned(self) -> str:
        """Where thresholds are looked for, if not everywhere."""
        return f" from {LOWEST} to {HIGHEST:g}" if self.network.has_sectors else ""


def settled(
    compute: Callable[[int, Any], Found],
    numbers: Callable[[Found], np.ndarray],
    agreed: float = AGREED,
    lost: int = LEVELS,
) -> Settled:
    """Refine an answer until two levels agree, or no further.

    Parameters
    ----------
    compute : callable
        Maps a level and the answer of the one before to an answer.
    numbers : callable
        Maps an answer to an array of its numbers.
    agreed : float
        Relative error at which refinement ends.
    lost : int
        Level from which on nothing is found that was not found before.

    Raises
    ------
    PrecisionError
        If the answer changes its kind up to the last level.
    """
    best: Settled | None = None
    previous: Any = None
    change: np.ndarray | None = None
    reason, unseen = "its averages do not settle", 0
    for level in range(LEVELS):
        try:
            found = compute(level, previous)
        except ConvergenceError as error:
            reason = str(error)
            unseen += isinstance(error, UnseenThresholdError)
            if previous is not None or level >= lost or unseen == UNSEEN:
                break
            continue
        if previous is not None:
            old, new = numbers(previous), numbers(found)
            last, change = change, np.abs(new - old) if old.shape == new.shape else None
            if change is not None:
                errors = _error(change, last) + ROUNDING * np.abs(new)
                worst = _relative(errors, new)
                if best is None or worst < _relative(best.errors, numbers(best.value)):
                    best = Settled(found, errors)
                elif _relative(best.errors, numbers(best.value)) < 1e-10:
                    break  # rounding, which no finer rule makes smaller
                if worst < agreed:
                    break
        previous = found
    if best is None:
        raise PrecisionError(f"no digit is known: {reason}")
    return best


def sampled(
    compute: Callable[[int, Any], Found], numbers: Callable[[Found], np.ndarray]
) -> Settled:
    """Average answers over random rules; the error is `DEVIATIONS` standard errors of the mean.

    Raises
    ------
    PrecisionError
        If the answer changes its kind from rule to rule.
    """
    try:
        first = compute(0, None)
        found = [compute(number, first) for number in range(1, SEQUENCES + 1)]
    except ConvergenceError as error:
        raise PrecisionError(f"no digit is known: {error}") from None
    rows = [numbers(item) for item in found]
    if len({row.shape for row in rows}) > 1:
        raise PrecisionError("alpha is a threshold to the accuracy reached")
    spread = np.std(rows, axis=0, ddof=1) / np.sqrt(SEQUENCES)
    return Settled(_mean(found), DEVIATIONS * spread + ROUNDING * np.abs(rows[0]))


def _mean(items: list[Any]) -> Any:
    """Average the numbers in answers, part by part; of all else the first one's."""
    first = items[0]
    if isinstance(first, float):
        return float(np.mean(items))
    if isinstance(first, tuple | list) and not isinstance(first, Block):
        parts = [_mean(list(parts)) for parts in zip(*items, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)
    if isinstance(first, str | bool) and len(set(items)) > 1:
        raise PrecisionError(f"it is not known whether it is {' or '.join(map(str, set(items)))}")
    return first


def _error(change: np.ndarray, last: np.ndarray | None) -> np.ndarray:
    """Error of the finer rule: the next change, if changes fall at least as fast as the last did.

    They fall faster with every level, as the error is exponential in the inverse step.
    """
    if last is None or last.shape != change.shape:
        return change
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.nan_to_num(change / last, nan=1.0, posinf=1.0)
    return change * np.minimum(1.0, SAFETY * ratio)


def _relative(errors: np.ndarray, values: np.ndarray) -> float:
    """Largest error relative to its number; exact zeros have none."""
    size = np.where(values == 0, 1.0, np.abs(values))
    return float(np.max(errors / size, initial=0.0))


def _worst(found: Settled, numbers: Callable[[Any], np.ndarray]) -> float:
    return _relative(found.errors, numbers(found.value))


def _edge_numbers(edge: EnclosedEdge) -> np.ndarray:
    return np.array([*np.atleast_1d(edge.t), edge.value])


def _outlier_numbers(found: tuple[EnclosedEdge, list[SectorOutlier]]) -> np.ndarray:
    """Numbers of each outlier; where there is none, those of the edge, which must settle, too."""
    if not found[1]:
        return _edge_numbers(found[0])
    rows = [[*np.atleast_1d(o.t), o.value, o.overlap2, o.teacher2, o.student2] for o in found[1]]
    return np.array(rows)


def _transition_numbers(found: Transition) -> np.ndarray:
    numbers = found.alpha, found.alpha_c or 0.0, found.value
    return np.array(
        [*np.atleast_1d(found.t), *numbers, found.overlap2, found.teacher2, found.student2]
    )
