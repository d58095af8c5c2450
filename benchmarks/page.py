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
    head, tail = f"<!-- measured: {name} -->\n", f"<!-- end: {name} -->"
    before, _, rest = PAGE.read_text().partition(head)
    _, _, after = rest.partition(tail)
    PAGE.write_text(f"{before}{head}\n{text}\n\n{tail}{after}")


def known(name: str) -> list[list[str]]:
    """Rows of a table on the page, its head first."""
    _, _, rest = PAGE.read_text().partition(f"<!-- measured: {name} -->\n")
    lines = rest.partition(f"<!-- end: {name} -->")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]
    return [row for row in rows if not set("".join(row)) <= set(":- ")]


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
    lines = Path("/proc/cpuinfo").read_text().splitlines() if os.name == "posix" else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"Measured on {os.cpu_count()} cores of {processor}, {platform.system()}, Python\n"
        f"{platform.python_version()}, {packages};\n"
        f"{os.getloadavg()[0]:.1f} processes were running at the end."
    )
