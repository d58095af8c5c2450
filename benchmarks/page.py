"""The page on performance: what is measured takes the place of what was."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from tabulate import tabulate

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"

PACKAGES = ("numpy", "scipy", "sympy", "mpmath", "python-flint")


def put(name: str, text: str) -> None:
    """Write what stands between the two comments of that name."""
    before, _, after = _parts(name)
    PAGE.write_text(f"{before}\n{text}\n\n{after}")


def known(name: str) -> list[list[str]]:
    """Rows of a table on the page, its head first."""
    lines = _parts(name)[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]
    return [row for row in rows if not set("".join(row)) <= set(":- ")]


def _parts(name: str) -> tuple[str, str, str]:
    """The page up to the end of a comment, up to the next one of that name, and the rest."""
    text = PAGE.read_text()
    head = f"<!-- measured: {name} -->\n"
    start = text.index(head) + len(head)
    end = text.index(f"<!-- end: {name} -->", start)
    return text[:start], text[start:end], text[end:]


def update(name: str, measured: Iterable[Sequence[str]]) -> None:
    """Put rows in the place of those with the same first cell; all others stay."""
    head, *rows = known(name)
    found = {row[0]: [*row] for row in rows} | {row[0]: [*row] for row in measured}
    put(name, table(head, found.values()))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    aligned = ["left", *["right"] * (len(head) - 1)]
    return tabulate([*rows], head, "pipe", disable_numparse=True, colalign=aligned)


def machine() -> str:
    """What it was measured on, and how busy that was."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {os.cpu_count()} cores of {processor}, {platform.system()}, Python\n"
        f"{platform.python_version()}, {packages};\n"
        f"{os.getloadavg()[0]:.1f} processes were running at the end."
    )
