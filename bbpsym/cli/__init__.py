"""The `bbpsym` command. Subcommands are imported only when they are called."""

from __future__ import annotations

import errno
import importlib
import os
import sys

import click

from bbpsym.errors import BBPError, meant

#: name of the command -> (module that defines it, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "table": ("bbpsym.cli.table", "Print a table of BBP thresholds."),
    "threshold": ("bbpsym.cli.values", "Print the BBP threshold of a model or a network."),
    "edge": ("bbpsym.cli.values", "Print an edge of the bulk at a given alpha."),
    "outlier": ("bbpsym.cli.values", "Print the outlier and its overlap at a given alpha."),
    "density": ("bbpsym.cli.densities", "Print the density of the bulk at given eigenvalues."),
    "compare": ("bbpsym.cli.compare", "Print which matrix recovers more of the signal."),
    "published": ("bbpsym.cli.in_print", "Print published numbers beside ours."),
    "covariance": ("bbpsym.cli.spiked_matrices", "Print what leaves a sample covariance."),
    "deformed": ("bbpsym.cli.spiked_matrices", "Print what leaves a deformed Gaussian matrix."),
    "multi-index": ("bbpsym.cli.several_indices", "Print what sees a teacher of several indices."),
    "best": ("bbpsym.cli.best", "Print which p, or which a, has the lowest threshold."),
    "critical-a": ("bbpsym.cli.values", "Print the a at which the transition changes type."),
    "finite-edge": ("bbpsym.cli.finite_n", "Print the lowest eigenvalue of a finite bulk."),
    "alpha-zero": ("bbpsym.cli.finite_n", "Print alpha_0 in several ways."),
    "predict": ("bbpsym.cli.predict", "Predict finite-size transitions from sampled weights."),
    "derive": ("bbpsym.cli.derive", "Derive the equations of any network."),
    "verify": ("bbpsym.cli.verify", "Derive and check every equation of the paper."),
    "claim": ("bbpsym.cli.claim", "Hold a formula of your own against the engine."),
    "show": ("bbpsym.cli.verify", "Print one equation and where it comes from."),
    "figure": ("bbpsym.cli.figure", "Draw a figure of the paper, or one of ours."),
    "simulate": ("bbpsym.cli.simulate", "Draw finite-size Hessians and measure them."),
    "descend": ("bbpsym.cli.simulate", "Descend the loss of finite-size problems."),
    "summarize": ("bbpsym.cli.simulate", "Averages and errors of a file of simulations."),
    "cache": ("bbpsym.cli.cache", "Show or clear the functions that are kept."),
}

#: What else some look for a command by.
OTHER_NAMES = {
    **dict.fromkeys(("plot", "draw", "picture", "phase", "phases"), "figure"),
    **dict.fromkeys(("overlap", "eigenvalue", "outliers", "spike"), "outlier"),
    **dict.fromkeys(("spectrum", "bulk", "histogram"), "density"),
    **dict.fromkeys(("equation", "equations"), "show"),
    **{"check": "verify", "prove": "verify", "test": "verify", "alpha-bbp": "threshold"},
}

#: Commands that take any problem, and have one of their own where nothing is given.
FREE = ("table", "figure")


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called.

    The help page needs only the one-line texts, so `bbpsym --help` never loads SymPy.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which `COMMANDS` presents them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that defines `cmd_name` and return its command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        return getattr(module, cmd_name.replace("-", "_"))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; one that is misspelt is suggested, all missing options are named."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = meant(OTHER_NAMES.get(name.lower(), name), COMMANDS)
            ctx.fail(f"No such command {name!r}{near or '; bbpsym --help lists all'}")
        found, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _name_all_missing(ctx, command, rest)
        return found, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


def _name_all_missing(ctx: click.Context, command: click.Command, args: list[str]) -> None:
    """Refuse a call in which several options are missing; a single one is named by click."""
    own = click.Context(command, info_name=command.name, parent=ctx)
    given, _, _ = command.make_parser(own).parse_args(list(args))
    known = {parameter.name for parameter in command.params}
    if given.keys() & {"help", "version"} or {"-h", "--help"} & {*args}:
        return
    missing = [
        parameter.get_error_hint(own)
        for parameter in command.params
        if parameter.required and parameter.name not in given
    ]
    is_other = given.keys() & {"loss", "activation", "weight", "law"}
    if {"law", "p"} <= known and command.name not in FREE and not is_other:
        names = {"p": "'--p'", "p_star": "'--p-star'", "a": "'--a'"}
        missing = [hint for name, hint in names.items() if name not in given] + missing
    if len(missing) > 1:
        raise click.UsageError(f"Missing options {', '.join(missing)}.")


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="bbpsym")
def bbpsym() -> None:
    """BBP transitions of Hessians and reweighted Wishart matrices, at any precision."""


def main() -> None:
    """Run the command; bad input gives one sentence on standard error and status 2."""
    _fill_closed_streams()
    try:
        status = bbpsym.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("bbpsym: interrupted", err=True)
        status = 130
    except click.NoSuchOption as error:
        given = [] if error.ctx is None else error.ctx.command.params
        known = [name.lstrip("-") for item in given for name in item.opts]
        written = error.option_name.lstrip("-").replace("*", "-star")
        near = meant(written, known).replace('"', '"--', 1)
        click.echo(f"bbpsym: No such option {error.option_name!r}{near}", err=True)
        status = 2
    except click.ClickException as error:
        click.echo(f"bbpsym: {error.format_message()}{_named(error)}", err=True)
        status = 2
    except BBPError as error:
        click.echo(f"bbpsym: {error}", err=True)
        status = 2
    except OSError as error:
        # A closed pipe or a full disk behind standard output; nothing more can be written there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno not in (errno.EPIPE, errno.EBADF):
            click.echo(f"bbpsym: standard output: {error.strerror}", err=True)
        status = 2
    sys.exit(status or 0)


def _named(error: click.ClickException) -> str:
    """The end of a sentence about a value that follows no option."""
    context = getattr(error, "ctx", None)
    if context is None or "unexpected extra argument" not in error.message:
        return ""
    options = [item for item in context.command.params if isinstance(item, click.Option)]
    takers = [item.opts[0] for item in options if not item.is_flag]
    return f"; values follow their options, as in {takers[0]} ..." if takers else ""


def _fill_closed_streams() -> None:
    """Put something in the place of closed standard streams, so that no file of ours takes it.

    Standard output stays closed for writing: what is lost is an error, though a silent one.
    """
    for name, mode in (("stdin", "r"), ("stdout", "r"), ("stderr", "w")):
        if getattr(sys, name) is None:
            device = os.open(os.devnull, os.O_RDONLY if mode == "r" else os.O_WRONLY)
            setattr(sys, name, os.fdopen(device, "r" if name == "stdin" else "w"))
