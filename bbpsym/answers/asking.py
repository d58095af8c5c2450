"""How a question is answered: by whom, at which alphas, in which arithmetic, with what proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np

from bbpsym.answers.result import CERTIFIED_DIGITS, Result
from bbpsym.answers.result_table import Table
from bbpsym.errors import DomainError, PrecisionError, UndecidedError, quoted
from bbpsym.numerics.arithmetic import Arithmetic, Balls, Digits, Double
from bbpsym.numerics.certified import lies
from bbpsym.numerics.curve import EIGENVALUES, LEFT, Curve, Side
from bbpsym.numerics.double import Estimate, known_digits
from bbpsym.numerics.enclosures import as_ball, is_narrow, precision, working_bits
from bbpsym.numerics.multiprecision import context, stable
from bbpsym.numerics.questions import Beyond
from bbpsym.numerics.roots import Root
from bbpsym.reading import arguments
from bbpsym.writing.display import DOUBLE_DIGITS, counted

#: Digits that hold every float: computed where double precision cannot keep its promise.
ROUNDED_DIGITS = 17

#: Working digits that an eigenvalue may lose to cancellation.
NOISE_DIGITS = 8

ResultType = TypeVar("ResultType", bound=Result)

#: What users call the verbs of another name.
PUBLIC = {"outliers": "outlier"}


class OwnAnswers(NamedTuple):
    """Who answers in place of the verbs for a model with results of its own."""

    #: The verbs; one that is missing has no answer (callable, optional).
    edge: Callable[..., Any] | None = None
    threshold: Callable[..., Any] | None = None
    outliers: Callable[..., Any] | None = None
    density: Callable[..., Any] | None = None
    #: Maps the model to the accuracy of its density, as a share of the largest value (callable,
    #: optional).
    accuracy: Callable[[Any], float] | None = None

    def to(self, verb: str, model: Any) -> Callable[..., Any]:
        """Who answers a verb; where nobody does, say which verbs have an answer."""
        answer: Callable[..., Any] | None = getattr(self, verb)
        if answer is None:
            known = [PUBLIC.get(name, name) for name in self._fields[:4] if getattr(self, name)]
            asked = PUBLIC.get(verb, verb)
            raise DomainError(
                f"{asked} has no answer for {quoted(model, 60)}: {', '.join(known)} have"
            )
        return answer


def own_answers(model: Any, verb: str, certified: bool = False) -> Callable[..., Any] | None:
    """What answers in place of a verb for a model with results of its own, or None.

    It stands in `ANSWERS` of the module that the model names.

    Raises
    ------
    DomainError
        If balls are asked of it, or it has no answer to the verb.
    """
    if not isinstance(certified, bool | int | np.bool_):
        raise DomainError(f"certified must be True or False, not {quoted(certified)}")
    home = getattr(model, "answers", None)
    if home is None:
        return None
    answers: OwnAnswers = import_module(home).ANSWERS
    answer = answers.to(verb, model)
    if not certified:
        return answer
    if "certified" not in signature(answer).parameters:
        raise DomainError(
            f"certified must be False for {quoted(model, 60)}: its averages have no bounds"
        )
    return partial(answer, certified=True)


def side_seen(model: Any) -> str:
    """The side that is looked at unless another one is asked for."""
    return str(getattr(model, "side_seen", LEFT))


def side_asked(model: Any, side: Any) -> str:
    """The side that is asked for by its name, or else the one that is looked at."""
    if side is not None and not isinstance(side, str):
        raise DomainError(f'side must be "left" or "right", not {quoted(side)}')
    return side_seen(model) if side is None else side


class Question(NamedTuple):
    """What is asked at a signal-to-noise ratio."""

    #: Field of `OwnAnswers` of models with results of their own.
    name: str
    #: Class of the answers.
    of: type[Result]
    #: Maps a curve and alpha to what is found there.
    find: Callable[[Curve, Any], Any]
    #: Maps the model, its side, what was found, digits and `certified` to the result, or None.
    answer: Callable[[Any, Side, Any, int | None, bool], Result | None]


def ask(
    question: Question, model: Any, alpha: Any, digits: int | None, certified: bool, side: Any
) -> Any:
    """Answer a question at one alpha, or at several, in a table."""
    side = side_asked(model, side)
    if (alphas := arguments.several(alpha)) is not None:

        def one(model: Any, ratio: Any, side: str) -> Any:
            return ask(question, model, ratio, digits, certified, side)

        points = [(model, ratio, side) for ratio in alphas]
        found = Table.asked(one, points, question.of, digits, certified)
        kinds = [type(row) for row in found if row is not None]
        return replace(found, of=kinds[0]) if kinds else found
    if own := own_answers(model, question.name, certified):
        found = own(model, alpha, side, digits)
        return next(iter(found), None) if isinstance(found, tuple) else found
    ratio, seen = arguments.signal_to_noise(alpha), side_of(model, side, digits)
    return question.answer(model, seen, question.find(seen.curve, ratio), digits, certified)


class Output(NamedTuple):
    """One number of a result: an equation at a root; exactly zero without an equation."""

    equation: str | None
    root: Root


def no_model(value: Any) -> DomainError:
    """Say what can be asked about."""
    allowed = "a Model(p, p_star, a), an Ensemble or a Network"
    return DomainError(f"model must be {allowed}, not {quoted(value)}")


def side_of(model: Any, side: str, digits: int | None = None) -> Side:
    """One side of what is asked about.

    Raises
    ------
    DomainError
        If it is no model and no ensemble, or has no such side.
    PrecisionError
        If its law and the bounds of its weight are not known to as many digits.
    """
    if not hasattr(model, "side"):
        raise no_model(model)
    found = model.side(side)
    digits = arguments.digits(digits)
    if digits is not None and digits > found.digits:
        raise PrecisionError(
            f"digits must be at most {found.digits}: the law or the bounds of {found.curve.name} "
            "are not known to more"
        )
    return found


#: Number of a result -> where it comes from.
Outputs: TypeAlias = Mapping[str, Output]


def answer(
    build: Callable[..., ResultType],
    side: Side,
    root: Root,
    outputs: Outputs,
    digits: int | None,
    prove: Callable[[int], bool] | None = None,
) -> ResultType:
    """Answer in double precision if no digits are asked for and it can, else precisely.

    With a proof, by enclosures.

    Parameters
    ----------
    build : callable
        Makes the result from its numbers, t and g among them, `digits`, `method` and `errors`.
    side : Side
        What is asked about, with its units.
    root : Root
        The t of the answer.
    outputs : mapping of str to Output
        The other numbers.
    prove : callable, optional
        As of `certified_answer`.

    Raises
    ------
    PrecisionError
        If the digits cannot be reached.
    """
    if prove is not None:
        return certified_answer(build, side, root, outputs, digits, prove)
    digits, law_is_exact = arguments.digits(digits), side.curve.measure.is_exact
    also = f", {side.seen}" if side.seen else ""
    if digits is None or not law_is_exact:
        estimates = numbers_of(side, root, outputs, Double())
        known = min(known_digits(*estimate) for estimate in estimates.values())
        how: dict[str, Any] = {"errors": {k: float(e.error) for k, e in estimates.items()}}
        if not law_is_exact:
            numbers = rounded(estimates, known, digits, side.curve.measure.fewest_digits)
            return build(**numbers, method=f"law in double precision{also}", **how)
        if known >= DOUBLE_DIGITS:
            numbers = {name: float(estimate.value) for name, estimate in estimates.items()}
            return build(**numbers, digits=known, method=f"double precision{also}", **how)
    start: tuple[Any, int] | None = None

    def compute(working: int) -> dict[str, Any]:
        nonlocal start
        found = numbers_of(side, root, outputs, Digits(working, start))
        start = found["t"], working - 10
        return _without_noise(found, working)

    wanted = digits or min(ROUNDED_DIGITS, side.digits)
    numbers = stable(compute, wanted)
    if digits is None:
        numbers = {name: float(value) for name, value in numbers.items()}
    shown = digits or wanted - 2
    errors = {name: abs(float(value)) * 10.0**-shown for name, value in numbers.items()}
    method = "multiprecision" if digits else "double precision from multiprecision"
    return build(**numbers, digits=shown, method=method + also, errors=errors)


def _groups(outputs: Outputs) -> list[tuple[Root, tuple[str, ...]]]:
    """Roots with the equations that are evaluated there."""
    roots = {id(output.root): output.root for output in outputs.values()}
    equations = {
        key: tuple(o.equation for o in outputs.values() if id(o.root) == key and o.equation)
        for key in roots
    }
    return [(roots[key], names) for key, names in equations.items() if names]


def numbers_of(side: Side, root: Root, outputs: Outputs, arithmetic: Arithmetic) -> dict[str, Any]:
    """All numbers of an answer, t and g among them, in the units of the matrix."""
    t = arithmetic.t(root)
    found = {
        (id(at), name): value
        for at, names in _groups(outputs)
        for name, value in arithmetic.values(
            at.level, t if at is root else arithmetic.t(at), *names
        ).items()
    }
    numbers = {
        name: found.get((id(output.root), output.equation or ""), arithmetic.zero)
        for name, output in outputs.items()
    }
    numbers = {"t": t, "g": t} | numbers
    return {name: arithmetic.scaled(value, side.scale(name)) for name, value in numbers.items()}


def rounded(
    estimates: Mapping[str, Estimate], known: int, digits: int | None, fewest: int
) -> dict[str, Any]:
    """Numbers of a law in double precision, with the digits that it allows."""
    shown = digits or min(known, DOUBLE_DIGITS)
    if known < max(shown, fewest):
        reached = counted(known, "digit is", "digits are")
        raise PrecisionError(f"only {reached} reached: the law is in double precision")
    numbers = {name: written_once(e.value) for name, e in estimates.items()}
    return {**numbers, "digits": shown}


def written_once(value: Any) -> Any:
    """A float as a number of mpmath's that keeps all of it, to be rounded once: when written."""
    return context(ROUNDED_DIGITS).mpf(float(value))


def _without_noise(found: dict[str, Any], working: int) -> dict[str, Any]:
    """Make an eigenvalue zero that is so to nearly all working digits.

    It is a difference of terms of the size of 1/g, and may vanish exactly.
    """
    ctx = context(working)
    noise = ctx.mpf(10) ** (NOISE_DIGITS - working) / abs(found["g"])
    return {
        name: ctx.zero if name in EIGENVALUES and abs(value) < noise else value
        for name, value in found.items()
    }


def certified_answer(
    build: Callable[..., ResultType],
    side: Side,
    root: Root,
    outputs: Outputs,
    digits: int | None,
    prove: Callable[[int], bool],
) -> ResultType:
    """Answer by enclosures, with a precision that is raised until they are narrow enough.

    Parameters
    ----------
    digits : int, optional
        Digits to certify; 15 without it.
    prove : callable
        Proves, with a number of bits, that `root` is the one asked for, or raises PrecisionError;
        returns whether it is also proved to be the only one.

    Raises
    ------
    DomainError
        If the law has no bounds for its integrals.
    PrecisionError
        If a sign or a root stays undecided, or a ball too wide, at more than twice the digits.
    """

    def compute(bits: int) -> tuple[dict[str, Any], bool]:
        unique = prove(bits)
        return numbers_of(side, root, outputs, Balls(bits)), unique

    known, unique = enclosed(compute, side.curve.name, digits)
    return build(**known, unique=unique)


def enclosed(
    compute: Callable[[int], tuple[Mapping[str, Any], Any]],
    name: str,
    digits: int | None,
    failed: type[PrecisionError] = PrecisionError,
) -> tuple[dict[str, Any], Any]:
    """What a result is made of, its balls narrow, and what else `compute` finds with these bits.

    A `PrecisionError` asks for more bits, an `UndecidedError` says that none decide.
    """
    digits, reason = arguments.digits(digits) or CERTIFIED_DIGITS, ""
    for bits in working_bits(digits):
        with precision(bits):  # all of it, so that no other thread changes the bits in between
            try:
                balls, found = compute(bits)
            except UndecidedError as error:
                raise UndecidedError(f"{name} is undecided: {error}") from None
            except PrecisionError as error:
                reason = str(error)
                continue
            if all(is_narrow(item, digits) for item in balls.values()):
                numbers: dict[str, Any] = {k: as_ball(item, digits) for k, item in balls.items()}
                errors = {k: float(item.rad()) for k, item in balls.items()}
                how = {"digits": digits, "method": "ball arithmetic", "errors": errors}
                return numbers | how, found
        reason = "the enclosures stay too wide"
    raise failed(f"{name} is undecided at {digits} digits: {reason}")


def proved(prove: Callable[[int], bool], digits: int | None, side: Side) -> None:
    """Prove what needs no number, or raise UndecidedError at more than twice the digits."""
    for bits in working_bits(arguments.digits(digits) or CERTIFIED_DIGITS):
        try:
            with precision(bits):  # no other thread changes the bits in between
                prove(bits)
        except PrecisionError as error:
            reason = str(error)
        else:
            return
    raise UndecidedError(f"{side.curve.name} is undecided: {reason}")


def answer_beyond(
    certified: bool,
    build: Callable[..., ResultType],
    side: Side,
    found: Beyond,
    outputs: Callable[[Root], Outputs],
    digits: int | None,
) -> ResultType | None:
    """Answer for an outlier, or prove, if that is asked for, that there is none."""
    level, edge, root = found
    prove = None
    if certified and edge is not None:
        prove = lies(level, edge, -1 if root is None else 1)
    if root is not None:
        return answer(build, side, root, outputs(root), digits, prove)
    if prove:
        proved(prove, digits, side)
    return None
