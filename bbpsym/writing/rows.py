"""A file of finished rows, so that whatever is killed takes up where it was.

The first line says what the file holds; every other is `[key, row, checksum]` in JSON, written as
soon as the row is known. A line that a kill has cut short is dropped, a damaged one is refused.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

from bbpsym.errors import StorageError

try:
    import fcntl
except ImportError:  # Windows, where two writers at once are not told apart
    fcntl = None  # type: ignore[assignment]

#: Seconds of work that a power cut may take; a kill takes none.
SYNC = 1.0

#: A key is a tuple of texts and numbers.
Key = tuple[Any, ...]


class Rows:
    """The rows in a file by their keys; use as a context manager.

    Whoever writes has the file alone. Every `add` writes its rows at once: what was added before a
    kill at any moment is kept.

    Parameters
    ----------
    path : path-like
        The file; created if it is not there.
    head : mapping
        What the file holds, its first line; it begins with `{"bbpsym": kind}`.
    writable : bool
        Whether rows will be added; if not, the file must be there, and may be written by others.

    Attributes
    ----------
    known : dict
        The rows, ready for JSON, by their keys.

    Raises
    ------
    StorageError
        If the file cannot be opened, is damaged, holds something else, or is being written.
    """

    def __init__(self, path: str | Path, head: dict[str, Any], *, writable: bool = True) -> None:
        self.path, self._head, self._writable = Path(path), json.dumps(head), writable
        self.known: dict[Key, Any] = {}
        self._end, self._synced = 0, time.monotonic()
        with self._explained("opened"):
            self._file = self._open()
        try:
            with self._explained("read"):
                self._read(self._file.readall() or b"")
        except BaseException:
            self.close()
            raise

    def _open(self) -> FileIO:
        """Open the file, and lock it unless it is only read."""
        if self.path.exists() and not self.path.is_file():
            raise StorageError(f"{self.path} cannot be opened: it is not a regular file")
        if not self._writable:
            return FileIO(self.path, "r")
        while True:
            create = lambda path, flags: os.open(path, flags | os.O_CREAT, 0o666)  # noqa: E731
            file = FileIO(self.path, "r+", opener=create)
            if not _lock(file):
                file.close()
                raise StorageError(
                    f"{self.path} is being written by another process; wait for it or stop it"
                )
            # Whoever held the lock may have removed or replaced the file before letting go.
            if self.path.exists() and os.path.samestat(os.fstat(file.fileno()), self.path.stat()):
                return file
            file.close()

    def _read(self, content: bytes) -> None:
        """Take in the whole lines; what a kill has left of one is overwritten."""
        head, *lines = content.split(b"\n")
        expected = self._head.encode()
        if head != expected and (lines or not expected.startswith(head)):
            name = json.loads(self._head)["bbpsym"]
            raise StorageError(f"{self.path} holds no {name} that this version reads; move it")
        if not lines:  # empty, or cut short within the first line
            if self._writable:
                self._write(expected + b"\n")
            return
        *whole, torn = lines
        if _is_row(torn[:-1]):  # not cut short: the end of its line is damaged
            whole.append(torn)
        for number, line in enumerate(whole, 2):
            if not _is_row(line):
                raise StorageError(f"{self.path} is damaged in line {number}; restore or move it")
            key, row, _ = json.loads(line)
            self.known[tuple(key)] = row
        self._end = len(content) - len(torn)

    def add(self, rows: Iterable[tuple[Key, Any]]) -> None:
        """Write rows whose keys are not there yet, all or none of them.

        Raises
        ------
        StorageError
            If they cannot be written; what was there before is kept.
        """
        new = {key: row for key, row in dict(rows).items() if key not in self.known}
        self._write(b"".join(map(_line, new, new.values())))
        self.known |= new

    def _write(self, content: bytes) -> None:
        with self._explained("written"):
            self._file.seek(self._end)
            self._file.truncate()
            written = self._file.write(content) or 0
            if written < len(content):
                self._file.truncate(self._end)
                raise OSError(0, "the disk is full")
            self._end += written
            if time.monotonic() > self._synced + SYNC:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()

    def sort(self) -> None:
        """Put the rows into the order of their keys, so that equal rows make equal files."""
        keys = sorted(self.known)
        if keys == list(self.known):
            return
        scratch = self.path.with_name(self.path.name + ".sorting")
        with self._explained("written"):
            with scratch.open("wb") as stream:
                stream.write(self._head.encode() + b"\n")
                stream.writelines(_line(key, self.known[key]) for key in keys)
            scratch.replace(self.path)
        self.close()

    def remove(self) -> None:
        """Remove the file: what was made of its rows has been written."""
        with self._explained("removed"):
            self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Close the file and let others write it."""
        self._file.close()

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        """Turn errors of the system into one sentence."""
        try:
            yield
        except StorageError:
            raise
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StorageError(f"{self.path} cannot be {what}: {reason}") from None

    def __enter__(self) -> Rows:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(file: FileIO) -> bool:
    """Take the file for this process alone, unless another has it."""
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            pass
    return True


def _line(key: Key, row: Any) -> bytes:
    body = json.dumps([list(key), row])[:-1]
    return f'{body}, "{zlib.crc32(body.encode()):08x}"]\n'.encode()


def _is_row(line: bytes) -> bool:
    """Whether a line is whole and as it was written."""
    body, checksum = line[:-13], line[-13:]
    return checksum == f', "{zlib.crc32(body):08x}"]'.encode()
