"""One file for the samples of sweeps: a row a sample, nothing lost when a run dies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from bbpsym.errors import StorageError
from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.point import Point
from bbpsym.finite.sample import HESSIAN, Measurement
from bbpsym.writing.rows import Key, Rows


class Store:
    """The samples in a file of `Rows`; use as a context manager.

    A process killed at any moment leaves the rows of every completed `add`.

    Parameters
    ----------
    path : path-like
        The file; created unless `create` is false.
    create : bool
        Whether samples will be added; if not, the file must be there.
    what : Measurement
        What was measured.

    Raises
    ------
    StorageError
        When the file cannot be opened, is damaged, belongs to something else, or samples will be
        added and another process is adding some.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Store(Path(folder) / "runs.jsonl") as store:
    ...     store.points()
    []
    """

    def __init__(
        self, path: str | Path, *, create: bool = True, what: Measurement = HESSIAN
    ) -> None:
        self.path, self._what = Path(path), what
        self._point = tuple(field.name for field in fields(what.point))
        self._measured = tuple(field.name for field in fields(what.row))[3:]
        if not create and not self.path.exists():
            raise StorageError(f"{self.path}: there is no such file")
        key = (*self._point, "seed", "sample")
        head = {"bbpsym": what.name, "key": key, "row": self._measured}
        self._rows = Rows(self.path, head, writable=create)
        self._points: dict[Key, set[Key]] = {}
        self._index(self._rows.known)

    def _index(self, keys: Iterable[Key]) -> None:
        """Sort keys by their points."""
        for key in keys:
            self._points.setdefault(key[:-2], set()).add(key)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def add(self, samples: Iterable[Any]) -> None:
        """Add samples, all or none; those already there are kept as they are.

        Raises
        ------
        StorageError
            When they cannot be written; what was there before is kept.
        """
        new = [
            (self._key(sample), [getattr(sample, name) for name in self._measured])
            for sample in samples
        ]
        self._rows.add(new)
        self._index(key for key, _ in new)

    def finish(self) -> None:
        """Order the rows by their keys and close: equal samples make equal files."""
        self._rows.sort()
        self.close()

    def indices(self, point: Point, seed: int) -> set[int]:
        """Return the indices of the samples there are at `point` for `seed`."""
        keys = self._points.get(self._values(point), set())
        return {index for *_, of, index in keys if of == seed}

    def points(self) -> list[Any]:
        """Return the points of which there are samples, in order, the paper's network first."""
        found = [self._read(key) for key in self._points]

        def place(at: Point) -> tuple[Any, ...]:
            other = () if at.is_papers else (str(at.network), at.side)
            return other, at.p, at.p_star, at.a, at.N, at.alpha, *self._values(at)[7:]

        return sorted(found, key=place)

    def samples(self, point: Point) -> list[Any]:
        """Return the samples at `point`, ordered by seed and index."""
        keys = sorted(self._points.get(self._values(point), set()))
        return [self._what.row(point, *key[-2:], *self._rows.known[key]) for key in keys]

    def __len__(self) -> int:
        return len(self._rows.known)

    def _values(self, point: Point) -> Key:
        """Fields of a point; a network is kept as text, the paper's as none."""
        known = {"network": "" if point.network == PAPER else str(point.network)}
        return tuple(known.get(name, getattr(point, name)) for name in self._point)

    def _read(self, key: Key) -> Any:
        values = dict(zip(self._point, key, strict=True))
        network = values.pop("network")
        return self._what.point(
            **values, network=Architecture.from_text(network) if network else PAPER
        )

    def _key(self, sample: Any) -> Key:
        return (*self._values(sample.point), sample.seed, sample.index)


def averaged(path: str | Path, average: Callable[[Any, list[Any]], Any], **given: Any) -> tuple:
    """Average the samples of a store point by point.

    Raises
    ------
    StorageError
        When the file is missing, foreign, corrupt or empty.
    """
    with Store(path, create=False, **given) as rows:
        points = rows.points()
        if not points:
            raise StorageError(f"{path}: there are no samples in it")
        return tuple(average(point, rows.samples(point)) for point in points)
