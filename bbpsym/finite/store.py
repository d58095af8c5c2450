"""One SQLite file for the samples of sweeps: a row a sample, nothing lost when a run dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from bbpsym.errors import StorageError
from bbpsym.finite.network import Network
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample

#: Marks the file as ours ("bbps") and dates its table.
_APPLICATION, _VERSION = 0x62627073, 1

_POINT = ("N", "p", "p_star", "a", "alpha")
_KEY = (*_POINT, "seed", "sample")
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
_WHOLE = ("N", "p", "p_star", "seed", "sample", "rank")


class _Table(NamedTuple):
    """A table of samples: names of the columns of a point, of its key, and of measurements."""

    name: str
    point: tuple[str, ...]
    key: tuple[str, ...]
    measured: tuple[str, ...]

    @property
    def layout(self) -> str:
        types = {"network": "TEXT", "side": "TEXT", **dict.fromkeys(_WHOLE, "INTEGER")}
        columns = [
            f"{name} {types.get(name, 'REAL')} NOT NULL" for name in self.key + self.measured
        ]
        columns.append(f"PRIMARY KEY ({', '.join(self.key)})")
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(columns)}) WITHOUT ROWID"

    @property
    def addition(self) -> str:
        marks = ", ".join("?" * (len(self.key) + len(self.measured)))
        return f"INSERT OR IGNORE INTO {self.name} VALUES ({marks})"

    @property
    def at_point(self) -> str:
        return f"FROM {self.name} WHERE " + " AND ".join(f"{name} = ?" for name in self.point)

    def values(self, point: Point) -> tuple[object, ...]:
        """Columns of a point; a network is kept as text."""
        known = {"network": str(point.network)}
        return tuple(known.get(name) or getattr(point, name) for name in self.point)

    def row(self, sample: Sample) -> tuple[object, ...]:
        known = dict(zip(self.point, self.values(sample.point), strict=True))
        known |= {"seed": sample.seed, "sample": sample.index}
        measured = (getattr(sample, name) for name in self.measured)
        return (*(known[name] for name in self.key), *measured)


_NETWORK = ("network", "side")
_SPANS = ("lowest_student2", "lowest_span2", "outlier_student2", "outlier_span2")
#: The paper's network has a table of its own: files from before there were others have no other.
_PAPERS = _Table("samples", _POINT, _KEY, _MEASURED)
_OTHERS = _Table("networks", (*_POINT, *_NETWORK), (*_KEY, *_NETWORK), (*_MEASURED, *_SPANS))


def _table(point: Point) -> _Table:
    return _PAPERS if point.is_papers else _OTHERS


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
                self._connection.execute(_PAPERS.layout)
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
        rows: dict[_Table, list[tuple[object, ...]]] = {}
        for sample in samples:
            table = _table(sample.point)
            rows.setdefault(table, []).append(table.row(sample))
        with self._told_apart():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for table, additions in rows.items():
                    self._connection.execute(table.layout)
                    self._connection.executemany(table.addition, additions)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def indices(self, point: Point, seed: int) -> set[int]:
        """Return the indices of the samples there are at `point` for `seed`."""
        table = _table(point)
        if table not in self._tables():
            return set()
        statement = f"SELECT sample {table.at_point} AND seed = ?"
        with self._told_apart():
            rows = self._connection.execute(statement, (*table.values(point), seed))
            return {index for (index,) in rows}

    def points(self) -> list[Point]:
        """Return the points of which there are samples, in order of their parameters."""
        return [point for table in self._tables() for point in self._points(table)]

    def _points(self, table: _Table) -> list[Point]:
        order = ("p", "p_star", "a", "N", "alpha")
        others = [name for name in table.point if name not in order]
        statement = f"SELECT DISTINCT {', '.join(table.point)} FROM {table.name} ORDER BY "
        with self._told_apart():
            rows = self._connection.execute(statement + ", ".join((*others, *order)))
            named = [dict(zip(table.point, row, strict=True)) for row in rows]
        return [Point(**{**names, **_network(names.get("network"))}) for names in named]

    def samples(self, point: Point) -> list[Sample]:
        """Return the samples at `point`, ordered by seed and index."""
        table = _table(point)
        if table not in self._tables():
            return []
        names = ", ".join(("seed", "sample", *table.measured))
        statement = f"SELECT {names} {table.at_point} ORDER BY seed, sample"
        with self._told_apart():
            rows = self._connection.execute(statement, table.values(point))
            return [Sample(point, *row) for row in rows]

    def _tables(self) -> list[_Table]:
        """Tables that the file has."""
        with self._told_apart():
            rows = self._connection.execute("SELECT name FROM sqlite_master").fetchall()
        names = {name for (name,) in rows}
        return [table for table in (_PAPERS, _OTHERS) if table.name in names]

    def __len__(self) -> int:
        counts = (f"SELECT count(*) FROM {table.name}" for table in self._tables())
        with self._told_apart():
            return sum(int(str(self._scalar(count))) for count in counts)


def _network(text: str | None) -> dict[str, Network]:
    return {} if text is None else {"network": Network.from_text(text)}


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
