"""The command that derives everything about one network."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sympy import Expr, Symbol

from bbpsym.appendix.assemble import check_name
from bbpsym.appendix.assemble import derive as derive_network
from bbpsym.appendix.derivation import MAX_DIGITS
from bbpsym.cli.options import FORMULAS, foretell, network_options
from bbpsym.cli.problems import check_formulas
from bbpsym.ensembles.networks.two_layer import Network
from bbpsym.errors import DomainError
from bbpsym.model import Model
from bbpsym.reading import arguments
from bbpsym.reading.formulas import check_used, read
from bbpsym.records.check import DIGITS


@click.command()
@click.option("--p", default="p", show_default=True, help='Student width, "inf", or its name.')
@click.option("--p-star", default="p_star", show_default=True, help="Teacher width, or its name.")
@click.option("--a", help="Normalisation of the paper's loss, a number or a name.")
@network_options
@click.option("--notebook", type=click.Path(dir_okay=False), help="Write a notebook there.")
@click.option("--latex", type=click.Path(dir_okay=False), help="Write a LaTeX document there.")
@click.option("--step", help="Print one step with its whole derivation.")
@click.option("--verify", is_flag=True, help="Check every step; exit status 1 if one fails.")
@click.option("--digits", help="Digits of agreement for --verify, 1 to 50; 10 by default.")
def derive(
    p: str,
    p_star: str,
    a: str | None,
    notebook: str | None,
    latex: str | None,
    step: str | None,
    verify: bool,
    digits: str | None,
    **given: Any,
) -> None:
    """Derive the equations of any network; of the paper's without --loss and --activation.

    A name without a value is a positive parameter. Prints the steps if nothing is to be written.
    """
    asked = arguments.digits(digits, MAX_DIGITS) or DIGITS
    if digits is not None and not verify:
        raise DomainError("digits is for --verify: add it, or leave it out")
    _check_file(notebook, "notebook", ".ipynb")
    _check_file(latex, "latex", ".tex")
    if step is not None:
        check_name(step)
    foretell("deriving, up to a minute" + ", then checking every step: minutes" * verify)
    found = derive_network(network_in_names(p, p_star, a, given))
    wanted = found[step] if step is not None else None
    for path, write in ((notebook, found.to_notebook), (latex, found.to_latex)):
        if path is not None:
            click.echo(f"wrote {_written(write, path)}")
    if wanted is not None:
        click.echo(wanted.description())
    elif not (notebook or latex or verify):
        click.echo(str(found), nl=False)
    if verify:
        verification = found.verify(asked)
        click.echo(str(verification))
        sys.exit(0 if verification.ok else 1)


def _check_file(path: str | None, name: str, suffix: str) -> None:
    """Refuse a file of another kind, or in no folder, before anything is derived."""
    if path is None:
        return
    if Path(path).suffix.lower() != suffix:
        raise DomainError(f"{name} must be a file that ends in {suffix}, not {path}")
    if not Path(path).absolute().parent.is_dir():
        raise DomainError(f"{path} cannot be written: there is no such folder")


def _written(write: Any, path: str) -> str:
    try:
        return str(write(path))
    except OSError as error:
        raise DomainError(f"{path} cannot be written: {error.strerror}") from None


def network_in_names(p: str, p_star: str, a: str | None, given: Mapping[str, Any]) -> Any:
    """The paper's model, or another network, in which names without a value stay symbols."""
    names = (*FORMULAS, "output")
    chosen = {name: given[name] for name in names if given.get(name) is not None}
    values = dict(given.get("values") or {})
    widths = {"p": _number_or_name(p), "p_star": _number_or_name(p_star)}
    if not chosen:
        check_used(values)
        return Model(**widths, a=_number_or_name(a or "a"))
    check_formulas(chosen)
    if a is not None:
        if "a" in values:
            raise DomainError("a must be given once, not by --a and by --set")
        values["a"] = a
    texts = {name: chosen[name] for name in ("loss", "activation", "teacher") if name in chosen}
    chosen |= {k: read(text, k, (), values).to_sympy() for k, text in texts.items()}
    for name in ("overlap", "noise", "bias"):
        if name in chosen:
            chosen[name] = _number_or_name(chosen[name])
    check_used(values, *texts.values())
    return Network(**chosen, **widths)


def _number_or_name(text: str) -> str | Expr:
    """A name becomes a symbol; what is no name is left to be read as a number."""
    text = text.strip()
    return Symbol(text) if text.isidentifier() and text.lower() not in ("inf", "nan") else text
