"""How much memory there is, asked before it is taken."""

from __future__ import annotations

import os
from pathlib import Path

from bbpsym.errors import DomainError

GIB = 2**30


def available() -> int:
    """Bytes of memory free for new arrays: `MemAvailable` on Linux, all of it elsewhere."""
    table = Path("/proc/meminfo")
    if table.exists():
        for line in table.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def require(size: int, what: str, remedy: str) -> None:
    """Refuse an allocation of `size` bytes that would not fit.

    Parameters
    ----------
    size : int
        Bytes about to be allocated.
    what, remedy : str
        The array, and what the caller can change; both appear in the error.

    Raises
    ------
    DomainError
        When `size` exceeds what is `available`.
    """
    free = available()
    if size > free:
        raise DomainError(
            f"{what} needs {size / GIB:.1f} GiB and {free / GIB:.1f} GiB are free: {remedy}"
        )
