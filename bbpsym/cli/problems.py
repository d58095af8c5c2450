"""What the commands ask about: models, networks and spectral methods, one or several of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from itertools import product
from pathlib import Path
from typing import Any

import click

from bbpsym.cli.options import (
    ENSEMBLE,
    FORMULAS,
    Command,
    Destination,
    network_options,
    width_options,
)
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments

#: Options that hold numbers beside widths and a.
NUMBERS = ("overlap", "noise", "bias")


def problem_options(command: Command) -> Command:
    """Add what models, networks or ensembles are given by; they arrive as the list `problems`.

    Every number may be a list or a range.
    """
    return given_options()(command)


def given_options(defaults: Mapping[str, str] | None = None) -> Callable[[Command], Command]:
    """Make `problem_options` of a command; a file that is given arrives as `output`.

    The `defaults` of p, p_star and a hold where nothing but the paper's model is asked about.
    """
    usual = defaults or {}

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(
            p: str | None,
            p_star: str | None,
            a: str | None,
            output: tuple[str | Path, ...],
            **given: Any,
        ) -> None:
            names = (*FORMULAS, *ENSEMBLE, "values")
            others = {name: value for name in names if (value := given.pop(name)) not in (None, {})}
            file, of_network = _destinations(output)
            others |= {} if of_network is None else {"output": of_network}
            numbers: dict[str, str | None] = {"p_star": p_star, "a": a, "p": p}
            if not others:
                numbers |= {k: usual.get(k) for k, text in numbers.items() if text is None}
            command(problems=problems(numbers, others), output=file, **given)

        of = click.option(
            "--a", help="Normalisations of the paper's loss, a > 0.", show_default=usual.get("a")
        )
        text = "File to write to; of a network also mean or sum, over its nodes."
        to = click.option("--output", type=Destination(), multiple=True, help=text)
        found = of(network_options(to(call), ensembles=True, output=False))
        return width_options(found, False, usual)

    return decorate


def _destinations(given: Sequence[str | Path]) -> tuple[Path | None, str | None]:
    """The file, and the output of a network, each of which may be given once."""
    files = [item for item in given if isinstance(item, Path)]
    words = [item for item in given if isinstance(item, str)]
    if len(files) > 1 or len(words) > 1:
        raise DomainError("output must be given once, or as one file and as mean or sum")
    return next(iter(files), None), next(iter(words), None)


def problems(numbers: Mapping[str, str | None], others: Mapping[str, Any]) -> list[Any]:
    """Return the paper's models, or networks or ensembles where anything of one is given.

    The `numbers` are the texts of p_star, a and p, of which the last one varies fastest; `others`
    what else is given, with the numbers of the formulas by name as `values`.
    """
    make = _kind(numbers, others)
    rest = dict(others)
    axes: dict[str, list[Any]] = {
        name: READERS[name](text) for name, text in numbers.items() if text is not None
    }
    axes |= {name: arguments.values(rest.pop(name), name) for name in NUMBERS if name in rest}
    texts = rest.pop("values", {})
    sets = {name: arguments.values(text, name) for name, text in texts.items()}
    _check_count({**axes, **sets})
    return [make(**chosen, **rest) for chosen in _chosen(axes, sets)]


#: How the numbers of every problem are read.
READERS: Mapping[str, Callable[[str], list[Any]]] = {
    "p_star": lambda text: arguments.widths(text, "p_star"),
    "a": lambda text: arguments.numbers(text, "a"),
    "p": lambda text: arguments.widths(text, "p", infinite=True),
}


def one(found: list[Any], where: str) -> Any:
    """Return the only problem there is."""
    if len(found) > 1:
        raise DomainError(f"{where} takes one matrix, and the lists make {len(found)}")
    return found[0]


def _chosen(
    axes: Mapping[str, list[Any]], sets: Mapping[str, list[str]]
) -> Iterator[dict[str, Any]]:
    for values in product(*sets.values()):
        named = dict(zip(sets, values, strict=True))
        for numbers in product(*axes.values()):
            chosen = dict(zip(axes, numbers, strict=True))
            yield chosen | ({"values": named} if sets else {})


def _check_count(axes: Mapping[str, list[Any]]) -> None:
    rows = math.prod(map(len, axes.values()))
    if rows > arguments.MOST:
        *most, last = [name for name, values in axes.items() if len(values) > 1]
        names = f"{', '.join(most)} and {last}"
        raise DomainError(f"{names} must make at most {arguments.MOST} rows, not {rows}")


def _kind(numbers: Mapping[str, str | None], others: Mapping[str, Any]) -> Callable[..., Any]:
    """Check that what is given goes together, and return what makes a problem of it."""
    if {*ENSEMBLE} & {*others}:
        _check_ensemble(numbers, others)
        from bbpsym.cli.spectral_method import ensemble_of

        return ensemble_of
    need = ("p", "p_star") if others else ("p", "p_star", "a")
    missing = [f"'--{name.replace('_', '-')}'" for name in need if numbers.get(name) is None]
    if missing:
        raise click.UsageError(f"Missing option{'s' * (len(missing) > 1)} {', '.join(missing)}.")
    if not others:
        return Model
    check_formulas(others)
    if numbers.get("a") is not None:
        raise DomainError(
            "a must not be given with loss and activation: write --set a=... for theirs"
        )
    from bbpsym.cli.network_options import network_of

    return network_of


def check_formulas(others: Mapping[str, Any]) -> None:
    """Refuse a network without its loss or its activation."""
    examples = {"loss": "(y-yh)^2/2", "activation": "tanh(x)"}
    missing = [name for name in examples if name not in others]
    if len(missing) == 1:
        (name,) = missing
        (other,) = {*examples} - {name}
        raise DomainError(f'{name} must be given with {other}, as in --{name} "{examples[name]}"')
    if missing:
        name = next("set" if item == "values" else item for item in others)
        raise DomainError(f"{name} is for other networks: give loss and activation with it")


def _check_ensemble(numbers: Mapping[str, str | None], others: Mapping[str, Any]) -> None:
    foreign = [*(name for name in FORMULAS if name != "noise"), "output"]
    wrong = [name for name in foreign if name in others]
    wrong += [name for name in ("p", "a") if numbers.get(name) is not None]
    if wrong:
        raise DomainError(f"{wrong[0]} is for networks: a weight has none")
    if "weight" not in others:
        raise DomainError("weight must be given with law and signal")
