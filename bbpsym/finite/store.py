"""One SQLite file for the samples of sweeps: a row a sample, nothing lost when a run dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from bbpsym.errors import StorageError
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample

#: Marks the file as ours ("bbps") and dates its table.
_APPLICATION, _VERSION = 0x62627073, 1

_KEY = ("N", "p", "p_star", "a", "alpha", "seed", "sample")
_MEASURED = (
    "lowest",
    "lowest_overlap2",
    "outlier",
    "outlier_overlap2",
    "bulk",
    "top",
    "top_overlap2",
    "rank",
)
_TABLE = f"""
CREATE TABLE samples (
  N INTEGER NOT NULL, p INTEGER NOT NULL, p_star INTEGER NOT NULL, a REAL NOT NULL,
  alpha REAL NOT NULL, seed INTEGER NOT NULL, sample INTEGER NOT NULL,
  {", ".join(f"{name} {'INTEGER' if name == 'rank' else 'REAL'} NOT NULL" for name in _MEASURED)},
  PRIMARY KEY ({", ".join(_KEY)})
) WITHOUT ROWID
"""
_AT_POINT = " AND ".join(f"{name} = ?" for name in _KEY[:5])


class Store:
    """The samples in a SQLite file.

    Use as a context manager. Every `add` is one transaction: a process killed at any moment leaves
    the rows of the completed ones. Rows are ordered by their key, whatever the order of arrival.

    Parameters
    ----------
    path : path-like
        The file; created unless `create` is false.
    create : bool
        Whether a file that is not there is created.

    Raises
    ------
    StorageError
        When the file cannot be opened, is corrupt, or belongs to something else.
    """

    def __init__(self, path: str | Path, *, create: bool = True) -> None:
        self.path = Path(path)
        if not create and not self.path.is_file():
            raise StorageError(f"{self.path}: there is no such file")
        with self._told_apart():
            self._connection = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        try:
            with self._told_apart():
                self._open()
        except BaseException:
            self._connection.close()
            raise

    def _open(self) -> None:
        """Check whose file it is; lay the table in an empty one."""
        application = self._scalar("PRAGMA application_id")
        if not application and not self._scalar("SELECT count(*) FROM sqlite_master"):
            self._connection.execute("BEGIN IMMEDIATE")
            if not self._scalar("SELECT count(*) FROM sqlite_master"):
                self._connection.execute(_TABLE)
                self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")
            self._connection.execute("COMMIT")
            application = _APPLICATION
        if application != _APPLICATION:
            raise StorageError(f"{self.path}: a SQLite file, but not one of this package")
        version = self._scalar("PRAGMA user_version")
        if version != _VERSION:
            raise StorageError(
                f"{self.path}: written by another version of this package "
                f"(table {version}, this one reads {_VERSION})"
            )
        if self._scalar("PRAGMA quick_check(1)") != "ok":
            raise StorageError(f"{self.path}: the file is corrupt, restore it from a copy")

    def _scalar(self, statement: str) -> object:
        return self._connection.execute(statement).fetchone()[0]

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Turn SQLite's errors into one sentence that says what to do."""
        try:
            yield
        except sqlite3.Error as error:
            raise StorageError(f"{self.path}: {_explain(error)}") from error

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def add(self, samples: Iterable[Sample]) -> None:
        """Add samples in one transaction; those already there are kept as they are.

        Raises
        ------
        StorageError
            When they cannot be written; what was there before is kept.
        """
        marks = ", ".join("?" * (len(_KEY) + len(_MEASURED)))
        statement = f"INSERT OR IGNORE INTO samples VALUES ({marks})"
        with self._told_apart():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(statement, map(_row, samples))
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def indices(self, point: Point, seed: int) -> set[int]:
        """Return the indices of the samples there are at `point` for `seed`."""
        statement = f"SELECT sample FROM samples WHERE {_AT_POINT} AND seed = ?"
        with self._told_apart():
            rows = self._connection.execute(statement, (*_values(point), seed))
            return {index for (index,) in rows}

    def points(self) -> list[Point]:
        """Return the points of which there are samples, in order of their parameters."""
        names = ", ".join(_KEY[:5])
        order = "p, p_star, a, N, alpha"
        with self._told_apart():
            rows = self._connection.execute(
                f"SELECT DISTINCT {names} FROM samples ORDER BY {order}"
            )
            return [Point(*row) for row in rows]

    def samples(self, point: Point) -> list[Sample]:
        """Return the samples at `point`, ordered by seed and index."""
        names = ", ".join(("seed", "sample", *_MEASURED))
        statement = f"SELECT {names} FROM samples WHERE {_AT_POINT} ORDER BY seed, sample"
        with self._told_apart():
            rows = self._connection.execute(statement, _values(point))
            return [Sample(point, *row) for row in rows]

    def __len__(self) -> int:
        with self._told_apart():
            return int(self._connection.execute("SELECT count(*) FROM samples").fetchone()[0])


def _values(point: Point) -> tuple[int, int, int, float, float]:
    return point.N, point.p, point.p_star, point.a, point.alpha


def _row(sample: Sample) -> tuple[object, ...]:
    measured = (getattr(sample, name) for name in _MEASURED)
    return (*_values(sample.point), sample.seed, sample.index, *measured)


def _explain(error: sqlite3.Error) -> str:
    """Say what an error of SQLite means to the owner of the file."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    known = {
        sqlite3.SQLITE_FULL: "the disk is full; make room and run the same command again",
        sqlite3.SQLITE_IOERR: "the disk is full or failing; run the same command again when mended",
        sqlite3.SQLITE_READONLY: "the file cannot be written; check its permissions",
        sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check the directory and permissions",
        sqlite3.SQLITE_NOTADB: "not a SQLite file",
        sqlite3.SQLITE_CORRUPT: "the file is corrupt, restore it from a copy",
        sqlite3.SQLITE_BUSY: "another process holds the file; wait for it or stop it",
    }
    return known.get(primary, str(error)) if primary is not None else str(error)
