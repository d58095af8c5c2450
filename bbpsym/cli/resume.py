"""Commands that keep their rows while they compute, and take up again where they were stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

import click
from tqdm import tqdm

from bbpsym.errors import StorageError
from bbpsym.writing.display import counted
from bbpsym.writing.rows import Key, Rows

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Work(Generic[Question, Answer]):
    """Questions of one kind, and how their answers become rows."""

    #: What is asked; one row each.
    questions: Sequence[Question]
    #: Title of the progress bar.
    title: str
    #: First line of the file of rows.
    head: dict[str, Any]
    #: Map a question to the key of its row, and to its answer.
    key: Callable[[Question], Key]
    answer: Callable[[Question], Answer]
    #: Map an answer to its row, and a question and its row back to the answer, exactly.
    dump: Callable[[Answer], Any]
    load: Callable[[Question, Any], Answer]
    #: Processes that answer; with more than one `answer` must be picklable.
    jobs: int = 1

    def answers(self, rows: Rows | None) -> tuple[list[Answer], bool]:
        """Answer until the end or an interrupt, and say whether all answers are there."""
        done: list[Answer] = []
        try:
            done.extend(self._each(rows))
        except KeyboardInterrupt:
            return done, False
        return done, True

    def _each(self, rows: Rows | None) -> Iterator[Answer]:
        known = {} if rows is None else rows.known
        open_ = [question for question in self.questions if self.key(question) not in known]
        bar = tqdm(self.questions, self.title, delay=0.5, leave=False, disable=None)
        with self._answering(open_) as answers:
            for question in bar:
                if rows is None:
                    yield next(answers)
                    continue
                key = self.key(question)
                if key not in rows.known:
                    rows.add([(key, self.dump(next(answers)))])
                yield self.load(question, rows.known[key])

    @contextmanager
    def _answering(self, questions: Sequence[Question]) -> Iterator[Iterator[Answer]]:
        """Answers in the order of the questions, from several processes if asked for."""
        if self.jobs == 1 or len(questions) < 2:
            yield map(self.answer, questions)
            return
        from bbpsym.finite.sweep import follow_parent

        pool = ProcessPoolExecutor(
            min(self.jobs, len(questions)), get_context("spawn"), initializer=follow_parent
        )
        try:
            yield pool.map(self.answer, questions)
        except BaseException:
            for process in list(pool._processes.values()):  # an interrupt does not wait for a row
                process.terminate()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def stop(self, done: int, kept: bool) -> NoReturn:
        """Say how far an interrupted command came, and end it."""
        hint = "; the same command takes up from here" if kept else ""
        click.echo(
            f"bbpsym: interrupted after {done} of "
            f"{counted(len(self.questions), 'row', 'rows')}{hint}",
            err=True,
        )
        raise click.exceptions.Exit(130)


@contextmanager
def partial(output: Path | None, head: dict[str, Any]) -> Iterator[Rows | None]:
    """Open FILE.partial, which keeps rows until FILE is written; None where there is no FILE."""
    if output is None or _is_device(output):  # nowhere to resume from
        yield None
        return
    writable = os.access(output if output.exists() else output.parent, os.W_OK)
    if output.is_dir() or not output.parent.is_dir() or not writable:
        raise StorageError(f"output must be a file that can be written, not {output}")
    with Rows(output.with_name(output.name + ".partial"), head) as rows:
        yield rows


def write(text: str, output: Path) -> None:
    """Write whole or not at all; where the file cannot take it, the terminal does."""
    scratch = output.with_name(output.name + ".writing")
    target = output if _is_device(output) else scratch
    try:
        target.write_text(text + "\n", encoding="utf-8")
        if target is scratch:
            scratch.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
        click.echo(text)
        raise StorageError(
            f"output {output} could not be written ({error.strerror}); the rows are on standard "
            "output instead"
        ) from None


def _is_device(output: Path) -> bool:
    return output.exists() and not output.is_file() and not output.is_dir()
