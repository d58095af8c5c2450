"""Files of what SymPy has derived once, so that it need not be loaded to do so again.

Some of it is part of the package, the rest lies in the user's cache directory, if there is one that
nobody else can write to; the oldest entries go beyond a `LIMIT`. An entry is taken for what it is
only if it was made from the equations as they stand, by SymPy as it is installed (by the one that
made it, in the package), and is whole; otherwise it is made anew.
`bbpsym.compilation.compiled.revive` runs none of its text but the function asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parents[1]

#: What the package brings along.
SHIPPED = PACKAGE / "shipped.json"

#: Modules that decide what is derived and how it is printed.
SOURCES = (
    *("symbols", "averages/laplace_variable", "averages/polynomial_laws", "functions/balls"),
    *("compilation/compile", "compilation/reductions"),
    *("equations/average", "equations/marchenko_pastur", "equations/curves", "equations/pastur"),
    "equations/edges",
    *("equations/ensemble", "equations/finite_size", "equations/fluctuation", "equations/hessian"),
    *("equations/sectors", "equations/spectrum", "equations/thresholds"),
    "equations/exponential_integral",
)

#: How names of entries end, and how those begin that are being written.
SUFFIX, SCRATCH = ".entry", ".writing-"

#: Largest entry that is read, and what all entries of the user's may take, in bytes.
LARGEST, LIMIT = 10**7, 50 * 10**6

#: How much a process writes between two looks at the limit, which it takes with its first entry.
UNSEEN = LIMIT // 16

_written_unseen = [UNSEEN]


@cache
def sources_digest() -> str:
    """Digest of the modules that decide what is derived."""
    found = hashlib.sha256()
    for name in SOURCES:
        found.update(PACKAGE.joinpath(f"{name}.py").read_bytes())
    return found.hexdigest()


@cache
def sympy_version() -> str:
    """Version of SymPy, which is not imported for it."""
    spec = find_spec("sympy")
    text = Path(str(spec and spec.origin)).with_name("release.py").read_text(encoding="utf-8")
    return text.split("=")[1].strip().strip("\"'")


def written(head: Mapping[str, Any], body: str) -> bytes:
    """Write an entry: a line that says what it is, and the body of which it holds the digest."""
    text = body.encode()
    digest = hashlib.sha256(text).hexdigest()
    return json.dumps({**head, "sha256": digest}).encode() + b"\n" + text


def whole(content: bytes) -> tuple[dict[str, Any], str] | None:
    """Split an entry into what it says of itself and its body; None if it is damaged."""
    first, _, text = content.partition(b"\n")
    with suppress(ValueError):
        head = json.loads(first)
        if isinstance(head, dict) and head.get("sha256") == hashlib.sha256(text).hexdigest():
            return head, text.decode()
    return None


@cache
def _shipped() -> Mapping[str, Mapping[str, str]]:
    """Parts of systems that the package brings along; none if they are of other equations."""
    with suppress(OSError, ValueError):
        found = whole(SHIPPED.read_bytes())
        if found and found[0].get("sources") == sources_digest():
            return json.loads(found[1])
    return {}


def directory() -> Path | None:
    """The user's cache directory for this package, whether it is there or not.

    None where the system does not tell who owns a file, or there is no home.
    """
    if not hasattr(os, "getuid"):
        return None
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    with suppress(RuntimeError):
        return (given if given.is_absolute() else Path.home() / ".cache") / "bbpsym"
    return None


def _is_ours(status: os.stat_result) -> bool:
    """Whether a file belongs to the user, and nobody else may write to it."""
    others = stat.S_IWGRP | stat.S_IWOTH
    return status.st_uid == os.getuid() and not status.st_mode & others


def read_own(path: Path) -> bytes | None:
    """Read a plain file of the user's that nobody else can have written; None if it is not one."""
    with suppress(OSError):
        if not _is_ours(path.parent.lstat()):
            return None
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as file:
            status = os.fstat(number)
            if _is_ours(status) and stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
                return file.read()
    return None


def write_own(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all where that cannot be done."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(path.parent.lstat()):
            return
        with NamedTemporaryFile(dir=path.parent, prefix=SCRATCH, delete=False) as scratch:
            try:
                scratch.write(content)
                scratch.close()
                os.replace(scratch.name, path)
            except BaseException:
                os.unlink(scratch.name)
                raise


def _entry(key: str, part: str) -> tuple[dict[str, str], Path | None]:
    """What an entry of the user's says of itself, and the file that it belongs into."""
    head = {"sources": sources_digest(), "sympy": sympy_version(), "key": key, "part": part}
    name = hashlib.sha256(json.dumps(head).encode()).hexdigest()[:40]
    place = directory()
    return head, place and place / f"{name}{SUFFIX}"


def find(key: str, part: str) -> str | None:
    """Text of a part of a system, from the package or the user's cache; None without one."""
    shipped = _shipped().get(key, {}).get(part)
    if shipped is not None:
        return shipped
    head, path = _entry(key, part)
    content = path and read_own(path)
    found = whole(content) if content else None
    if found is None or any(found[0].get(name) != value for name, value in head.items()):
        return None
    return found[1]


def keep(key: str, part: str, text: str) -> None:
    """Put a part of a system into the user's cache, if there is one."""
    head, path = _entry(key, part)
    if path is None:
        return
    content = written(head, text)
    write_own(path, content)
    _written_unseen[0] += len(content)
    if _written_unseen[0] >= UNSEEN:
        _written_unseen[0] = 0
        trim(path.parent)


def trim(place: Path, limit: int = LIMIT) -> None:
    """Remove the oldest entries of a directory until the others are within the limit."""
    found = []
    for path in place.glob(f"*{SUFFIX}"):
        with suppress(OSError):  # another process may have removed it
            status = path.lstat()
            found.append((status.st_mtime_ns, status.st_size, path))
    excess = sum(size for _, size, _ in found) - limit
    for _, size, path in sorted(found):
        if excess <= 0:
            break
        with suppress(OSError):
            path.unlink()
        excess -= size


class Entry(NamedTuple):
    """A file of the user's cache."""

    #: The file.
    path: Path
    #: Its bytes.
    size: int
    #: Whether it is in use: whole, and of the equations as they stand.
    is_current: bool


def entries() -> Iterator[Entry]:
    """What the user's cache holds."""
    place = directory()
    for path in sorted(place.glob(f"*{SUFFIX}")) if place else ():
        content = read_own(path)
        head, _ = (whole(content) if content else None) or ({}, "")
        _, own = _entry(str(head.get("key")), str(head.get("part")))
        with suppress(OSError):  # another process may have removed it
            yield Entry(path, path.lstat().st_size, path == own)


def clear() -> int:
    """Remove the entries of the user's cache, and what writers left behind; return how many."""
    place, removed = directory(), 0
    for path in [*place.glob(f"*{SUFFIX}"), *place.glob(f"{SCRATCH}*")] if place else ():
        with suppress(OSError):
            path.unlink()
            removed += path.suffix == SUFFIX
    return removed
