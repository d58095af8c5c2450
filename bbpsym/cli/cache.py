"""The command that shows and clears what is kept of derived functions."""

from __future__ import annotations

import click

from bbpsym.compilation import entries


@click.command()
@click.option("--clear", is_flag=True, help="Remove it all.")
def cache(clear: bool) -> None:
    """Show what is kept in the user's cache directory of functions that SymPy derived.

    The directory is bbpsym in $XDG_CACHE_HOME, or in ~/.cache; what an answer needs and is not
    there is derived again. It takes about 50 MB at most: beyond that the oldest files go.
    """
    place = entries.directory()
    if place is None:
        click.echo("nothing is kept: there is no cache directory here")
        return
    found = list(entries.entries())
    if clear:
        click.echo(f"{entries.clear()} of {_files(len(found))} removed from {place}")
        return
    size = sum(entry.size for entry in found)
    click.echo(f"{place}: {_files(len(found))}, {size / 1e6:.1f} MB")
    idle = sum(not entry.is_current for entry in found)
    if idle:
        click.echo(f"{_files(idle)} of other equations, of another SymPy or damaged: not used")


def _files(count: int) -> str:
    return f"{count} file" + "s" * (count != 1)
