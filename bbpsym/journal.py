"""A journal of finished rows beside an output file, so that a killed table resumes.

One JSON line a row, flushed as soon as the row is known; a line cut short by a kill is ignored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from bbpsym import arguments
from bbpsym.answers.threshold import Threshold
from bbpsym.errors import StorageError
from bbpsym.model import Model
from bbpsym.numerics.ball import Ball
from bbpsym.numerics.multiprecision import context

#: Digits kept beyond those shown, so that a restored row prints as the computed one.
GUARD = 8

#: What a row says about itself besides its numbers.
HOW = ("kind", "digits", "method", "unique")

#: First line of every journal.
HEAD = '{"bbpsym": "journal of thresholds"}'


class Journal:
    """Rows of one table that are already computed.

    Parameters
    ----------
    path : Path
        The journal's file; it is removed by `close`.
    digits : int or None
        Digits of the table; rows of another number of digits are not used.
    certified : bool
        Whether the numbers are balls; rows of the other sort are not used.

    Raises
    ------
    StorageError
        If the file exists and is no journal, or cannot be written.
    """

    def __init__(self, path: Path, digits: int | None, certified: bool = False) -> None:
        self.path = path
        self.asked = f"{digits} certified" if certified else digits
        self._known = dict(self._read())

    def rows(
        self, models: Iterable[Model], compute: Callable[[Model], Threshold]
    ) -> Iterator[Threshold]:
        """Yield a row for each model, computing and recording those that are missing."""
        for model in models:
            key = repr(model)
            if key not in self._known:
                self._known[key] = compute(model)
                self._append(self._known[key])
            yield self._known[key]

    def close(self) -> None:
        """Remove the file: the table has been written."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> Iterator[tuple[str, Threshold]]:
        """Return the rows on file, after removing what a kill has cut short."""
        try:
            text = self.path.read_text() if self.path.exists() else ""
            whole = text[: text.rfind("\n") + 1]
            head, *lines = whole.splitlines() or [HEAD]
            if head != HEAD or (text and not whole and not HEAD.startswith(text)):
                raise ValueError(head)
            entries = [json.loads(line) for line in lines]
            rows = [_restore(entry) for entry in entries if entry["asked"] == self.asked]
            self.path.write_text(whole or f"{HEAD}\n")
        except OSError as error:
            raise StorageError(f"journal {self.path} cannot be used: {error.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise StorageError(f"{self.path} is not a journal of bbpsym; move it") from None
        return ((repr(row.model), row) for row in rows)

    def _append(self, row: Threshold) -> None:
        try:
            with self.path.open("a") as stream:
                stream.write(json.dumps(_entry(row, self.asked)) + "\n")
        except OSError as error:
            raise StorageError(f"journal {self.path} cannot be written: {error.strerror}") from None


def _entry(row: Threshold, asked: int | str | None) -> dict[str, Any]:
    model = row.model
    return {
        "model": [str(model.p), model.p_star, str(model.a)],
        "asked": asked,
        "numbers": {name: _text(getattr(row, name), row.digits) for name in row.symbols},
        **{name: getattr(row, name) for name in HOW},
        "errors": dict(row.errors),
    }


def _text(value: Any, digits: int) -> str | list[str]:
    if isinstance(value, Ball):
        return [str(arguments.exact(end)) for end in (value.lower, value.upper)]
    return repr(value) if isinstance(value, float) else value.context.nstr(value, digits + GUARD)


def _restore(entry: dict[str, Any]) -> Threshold:
    def read(text: str | list[str]) -> Any:
        if isinstance(text, list):
            lower, upper = map(Fraction, text)
            return Ball.between(lower, upper, entry["digits"])
        return float(text) if entry["asked"] is None else context(entry["asked"]).mpf(text)

    numbers: dict[str, Any] = {name: read(text) for name, text in entry["numbers"].items()}
    how: dict[str, Any] = {name: entry[name] for name in (*HOW, "errors")}
    known = {field.name for field in fields(Threshold)} - {"side"}  # always left of the bulk
    if set(numbers) | set(how) | {"model"} != known:
        raise ValueError("fields differ")
    return Threshold(model=Model(*entry["model"]), **numbers, **how)
