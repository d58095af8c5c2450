"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import click

from bbpsym.errors import DomainError, meant, quoted
from bbpsym.model import Model
from bbpsym.numerics.curve import SIDES
from bbpsym.reading import arguments

Command = Callable[..., None]

#: The largest seed.
LAST_SEED = 2**63 - 1

#: Formats of a file by the end of its name.
SUFFIXES = {
    "": "text",
    ".txt": "text",
    ".csv": "csv",
    ".json": "json",
    ".md": "markdown",
    ".tex": "latex",
    ".html": "html",
}
FORMATS_BY_SUFFIX = {suffix.lstrip("."): format_ for suffix, format_ in SUFFIXES.items()}

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


class OneOf(click.Choice):
    """One word of several, in whatever case; `also` says what else some of them are called."""

    def __init__(self, words: Sequence[str], also: Mapping[str, str] | None = None) -> None:
        super().__init__(words, case_sensitive=False)
        self.also = also or {}

    def convert(self, value: Any, param: click.Parameter | None, ctx: Any) -> str:
        """Read it, or say in one sentence which there are."""
        words, text = [*map(str, self.choices)], str(value).lower()
        if text in words:
            return text
        near = meant(self.also.get(text, text), words)
        raise DomainError(f"{_name(param)} must be {_or(words)}, not {quoted(value)}{near}")


def _or(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


#: How the nodes of a network make its output.
OUTPUTS = ("mean", "sum")


class File(click.ParamType):
    """A file to write to; "-" is standard output, as without one."""

    name = "file"

    def convert(self, value: Any, param: Any, ctx: Any) -> Path | None:
        """Return its path, None for standard output."""
        return None if str(value) == "-" else Path(value)


class Destination(File):
    """A file to write to, or how the nodes of a network make its output."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Tell one from the other; a word that is nearly one of a network is no file."""
        text = str(value)
        if text.lower() in OUTPUTS:
            return text.lower()
        if near := meant(text, OUTPUTS):
            raise DomainError(f"output must be a file, or mean or sum, not {quoted(text)}{near}")
        return super().convert(value, param, ctx)


class Integer(click.ParamType):
    """A whole number in its range, read as everywhere: 1000 or 1e3."""

    name = "integer"

    def __init__(self, least: int = 0, most: int = LAST_SEED) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: Any) -> int:
        """Read it, or say in one sentence which are allowed."""
        return arguments.whole(value, _name(param), self.least, self.most)


class Real(click.ParamType):
    """A number of any sign, read as everywhere: 0.5, 1/2 or 1e-3."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: Any) -> float:
        """Read it, or say in one sentence what is none."""
        number = arguments.exact(value)
        if number is None:
            raise DomainError(f"{_name(param)} must be a number, not {quoted(value)}")
        return float(number)


def _name(param: click.Parameter | None) -> str:
    return "value" if param is None else str(param.name).rstrip("_")


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
        command = click.option("--output", type=OneOf(OUTPUTS), help=text)(command)
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
    return click.option("--side", type=OneOf(SIDES), default="left", show_default=True, help=text)


class Precision(NamedTuple):
    """How many digits are asked for, and whether they are to be proved."""

    digits: int | None
    certified: bool


def precision_options(command: Command) -> Command:
    """Add the number of digits, and the wish for proved ones; they arrive as `precision`."""
    digits = "Significant digits, 1 to 2000; without it double precision, 12 digits."
    proved = "Enclose every number by ball arithmetic; 15 digits unless --digits says otherwise."
    read = lambda _context, _option, value: arguments.digits(value)  # noqa: E731

    @wraps(command)
    def call(digits: int | None, certified: bool, **given: Any) -> None:
        command(precision=Precision(digits, certified), **given)

    found = click.option("--certified", is_flag=True, help=proved)(call)
    return click.option("--digits", callback=read, help=digits)(found)


def jobs_option(command: Command) -> Command:
    """Add the number of processes that work at rows or samples in parallel."""
    return click.option(
        "--jobs", type=Integer(1), default=1, show_default=True, help="Worker processes."
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Add the output format; the first one is the default."""
    return click.option(
        "--format",
        "format_",
        type=OneOf(formats, FORMATS_BY_SUFFIX),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )
