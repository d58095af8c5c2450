"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import product
from typing import Any

import click

from bbpsym.errors import DomainError, quoted
from bbpsym.model import Model
from bbpsym.reading import arguments

Command = Callable[..., None]

#: What a network other than the paper's is given by, beside its `output` and `values`.
FORMULAS = {
    "loss": "Loss l(y, yh) of a sample, as in log(cosh(y - yh)).",
    "activation": "Activation of the nodes, as in tanh(x).",
    "teacher": "Activation of the teacher's nodes in x, or the label in u1, u2, ...",
    "overlap": "Cosine of the student's weights with each of the teacher's, or p_star: 0.3,0.1.",
    "noise": "Standard deviation of normal noise on the labels.",
    "bias": "Added to the argument of the activation.",
}


#: What a spectral method of any weight is given by, beside `noise`, `p_star` and `values`.
ENSEMBLE = {
    "weight": "Weight T(y) of a spectral method, as in (y-1)/(y+1).",
    "law": "Density of its labels y > 0, as in exp(-y); without it those of p* teachers.",
    "signal": "Mean of u^2 given the label of that law, as in y^2/2. Its mean over the law is "
    "1 for covariance 1/N; a spiked covariance has another one.",
}


class _Output(click.Choice):
    """How the nodes of a network make its output; a file is meant by whoever gives one."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Say where answers go that are to be in a file."""
        if "." in str(value):
            self.fail(f"{value} is no output of a network, mean or sum; for a file: > {value}")
        return super().convert(value, param, ctx)


def foretell(text: str) -> None:
    """Say on a terminal's standard error how long a command will take."""
    if sys.stderr.isatty():
        click.echo(f"bbpsym: {text}", err=True)


def refuse(options: Mapping[str, Any], why: str) -> None:
    """Refuse options that are given where they have no meaning."""
    for name, value in options.items():
        if value is not None and value is not False and value != ():
            raise DomainError(f"{name} must not be given {why}")


def model_options(command: Command) -> Command:
    """Add the widths and the loss normalisations of the paper's models; they arrive as `models`."""

    @wraps(command)
    def call(p: str, p_star: str, a: str, **given: Any) -> None:
        command(models=models_of(p, p_star, a), **given)

    of = click.option("--a", required=True, help="Loss normalisations, a > 0.")
    return width_options(of(call))


def models_of(p: str, p_star: str, a: str) -> list[Model]:
    """Return the models of lists and ranges; p varies fastest."""
    teachers, normalisations = arguments.widths(p_star, "p_star"), arguments.numbers(a, "a")
    students = arguments.widths(p, "p", infinite=True)
    return [Model(k, q, b) for q, b, k in product(teachers, normalisations, students)]


def width_options(
    command: Command, required: bool = True, defaults: Mapping[str, str] | None = None
) -> Command:
    """Add the widths of students and teachers."""
    usual = defaults or {}
    for flag, name, text in (
        ("--p-star", "p_star", "Teacher widths."),
        ("--p", "p", 'Student widths, or "inf".'),
    ):
        shown = usual.get(name)
        command = click.option(flag, required=required, help=text, show_default=shown)(command)
    return command


def network_options(command: Command, ensembles: bool = False, output: bool = True) -> Command:
    """Add the formulas and numbers of a network other than the paper's, all of them optional.

    With `ensembles` those of a spectral method, too; without `output` none for the output.

    They arrive as the strings `loss`, `activation`, `teacher`, `output`, `overlap`, `noise`,
    `bias`, None where they are not given, and `values`, the text of each number by its name.
    """
    read = lambda _context, _option, given: _values(given)  # noqa: E731
    values = "Value of a name in the formulas, as in a=0.7; may be repeated."
    if ensembles:
        values = "Values of a name in the formulas, as in a=0.7 or a=1:2:0.5; may be repeated."
    command = click.option("--set", "values", multiple=True, callback=read, help=values)(command)
    if output:
        text = "The output of a network: mean or sum over its nodes."
        command = click.option("--output", type=_Output(["mean", "sum"]), help=text)(command)
    for name, text in reversed({**FORMULAS, **(ENSEMBLE if ensembles else {})}.items()):
        command = click.option(f"--{name}", help=text)(command)
    return command


def _values(given: Iterable[str]) -> dict[str, str]:
    """Read all values; a name may have one."""
    found: dict[str, str] = {}
    for name, number in map(_value, given):
        if name in found:
            raise DomainError(f"set must give {name} once, not as {found[name]} and as {number}")
        found[name] = number
    return found


def _value(text: str) -> tuple[str, str]:
    name, sign, number = (part.strip() for part in text.partition("="))
    if not (name and sign and number):
        raise DomainError(f"set must be like a=0.7, not {quoted(text)}")
    return name, number


def side_option(text: str) -> Callable[[Command], Command]:
    """Add the side of the spectrum."""
    return click.option(
        "--side",
        type=click.Choice(["left", "right"]),
        default="left",
        show_default=True,
        help=text,
    )


def digits_option(command: Command) -> Command:
    """Add the number of digits."""
    text = "Significant digits, 1 to 2000; without it double precision, 12 digits."
    read = lambda _context, _option, value: arguments.digits(value)  # noqa: E731
    return click.option("--digits", callback=read, help=text)(command)


def certified_option(command: Command) -> Command:
    """Add the wish for proved digits."""
    text = "Enclose every number by ball arithmetic; 15 digits unless --digits says otherwise."
    return click.option("--certified", is_flag=True, help=text)(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Add the output format; the first one is the default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )
