"""Many samples over a grid of parameters, by any executor, into one file that can be resumed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for_sentinel
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tqdm import tqdm

from bbpsym.errors import BBPError, DomainError
from bbpsym.finite.architecture import PAPER, Architecture
from bbpsym.finite.memory import require
from bbpsym.finite.point import Point, whole
from bbpsym.finite.sample import HESSIAN, Measurement
from bbpsym.finite.store import Store
from bbpsym.reading import floats

#: Tasks submitted but not collected: enough for any cluster, few enough to hold in memory.
_IN_FLIGHT = 256
#: More samples at a point would not fit in the list of what is left to do.
_MOST_SAMPLES = 10**7
#: Most that other readers of the file take for a whole number.
_LAST_SEED = 2**63 - 1


class WorkerError(BBPError):
    """A worker died or failed; the samples completed before are in the store."""


@dataclass(frozen=True)
class Task:
    """Samples of one point that one worker measures in one go."""

    point: Point
    seed: int
    indices: tuple[int, ...]


@dataclass(frozen=True)
class Swept:
    """What a sweep did.

    Attributes
    ----------
    store : Path
        Where the samples are.
    computed, found : int
        Samples computed now, and those that were already there.

    Examples
    --------
    >>> Swept("runs.jsonl", computed=10, found=0).computed
    10
    """

    store: Path
    computed: int
    found: int


def grid(
    *,
    N: int | Iterable[int],
    p: int | Iterable[int],
    p_star: int | Iterable[int],
    a: float | Iterable[float],
    alpha: float | Iterable[float],
    network: Architecture = PAPER,
    side: str = "left",
) -> list[Point]:
    """Return every combination of the parameters, small sizes first, for one network and end.

    Raises
    ------
    DomainError
        When a parameter leaves its range, or nothing is combined.

    Examples
    --------
    >>> [point.alpha for point in grid(N=[20], p=[1], p_star=[1], a=[1], alpha=[1, 2])]
    [1.0, 2.0]
    """
    given = (N, p, p_star, a, alpha)
    axes: list[list[Any]] = [list(axis) if isinstance(axis, Iterable) else [axis] for axis in given]
    for name, axis in zip(("N", "p", "p_star", "a", "alpha"), axes, strict=True):
        if not axis:
            raise DomainError(f"{name} must have at least one value")
    points = {Point(*each): None for each in itertools.product(*axes, [network], [side])}
    return sorted(points, key=lambda point: point.size)


@floats.own_settings
def sweep(
    points: Iterable[Point],
    store: str | Path,
    *,
    samples: int,
    seed: int,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: bool = False,
    what: Measurement | None = None,
) -> Swept:
    """Measure `samples` problems at each point and keep them in the file `store`.

    Samples already in the file are not computed again: a run that was killed is resumed by calling
    it once more, and the finished file is the same, byte for byte. A larger grid, more samples or
    another seed add to the same file.

    Parameters
    ----------
    points : iterable of Point
        Usually a `grid`.
    store : path-like
        File of rows, see `Store`.
    samples : int
        Samples at each point, from 1 to `10**7`.
    seed : int
        With the parameters and the index of a sample it determines its random stream; between 0
        and `2**63 - 1`.
    jobs : int
        Worker processes of the default pool, one BLAS thread each; ignored with `executor`.
    executor : concurrent.futures.Executor, optional
        Where to compute: a pool of your own, or that of a cluster. It is not shut down. Threads
        share one setting of BLAS and may differ from processes in the last bit.
    progress : bool
        Show a progress bar on standard error.
    what : Measurement, optional
        What is measured; the random student's Hessian unless given.

    Returns
    -------
    Swept

    Raises
    ------
    DomainError
        When an argument leaves its range.
    StorageError
        When the file cannot be used.
    WorkerError
        When a worker dies or a sample fails. Whatever was completed is in the file.

    Examples
    --------
    On a cluster, with the extra `bbpsym[cluster]`::

        with dask.distributed.Client(address) as client:
            sweep(points, "runs.jsonl", samples=200, seed=1, executor=client.get_executor())

    Examples
    --------
    >>> from bbpsym.finite import grid, summarize
    >>> points = grid(N=[100], p=[1], p_star=[1], a=[1], alpha=[1, 2])
    >>> sweep(points, "runs.jsonl", samples=20, seed=1)  # doctest: +SKIP
    >>> print(summarize("runs.jsonl"))  # doctest: +SKIP
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise SystemExit(1)  # a worker that reads an unguarded script; its parent says so
    points = list(points)
    samples, jobs = whole("samples", samples, 1, _MOST_SAMPLES), whole("jobs", jobs, 1)
    seed = whole("seed", seed, 0, _LAST_SEED)
    total, what = samples * len(points), what or HESSIAN
    with Store(store, what=what) as rows, nullcontext() if executor else _ended_by_signal():
        tasks = list(_missing(rows, points, seed, samples, what))
        computed = sum(len(task.indices) for task in tasks)
        own = None if executor or not tasks else _pool(jobs, tasks)
        bar = tqdm(
            total=total,
            initial=total - computed,
            unit="sample",
            smoothing=0.05,
            disable=not progress,
        )
        try:
            with closing(bar), closing(_completed(executor or own, tasks, what)) as results:
                for measured in results:
                    rows.add(measured)
                    bar.update(len(measured))
        finally:
            if own is not None:
                own.shutdown(wait=True, cancel_futures=True)
        rows.finish()
    return Swept(Path(store), computed, total - computed)


def _missing(
    rows: Store, points: list[Point], seed: int, samples: int, what: Measurement
) -> Iterator[Task]:
    """Tasks for the samples that are not in the file yet."""
    for point in points:
        left = sorted(set(range(samples)) - rows.indices(point, seed))
        length = what.together(point)
        for start in range(0, len(left), length):
            yield Task(point, seed, tuple(left[start : start + length]))


def _completed(
    executor: Executor | None, tasks: list[Task], what: Measurement
) -> Generator[list[Any], None, None]:
    """Results as they complete, with a bounded number of tasks under way."""
    if executor is None:
        return
    waiting = iter(tasks)
    running: dict[Future[list[Any]], Task] = {}
    try:
        while True:
            for task in itertools.islice(waiting, _IN_FLIGHT - len(running)):
                future = executor.submit(what.measure, task.point, task.seed, task.indices)
                running[future] = task
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield _result(future, running.pop(future))
    except BrokenExecutor as error:
        raise WorkerError(
            "a worker process died (killed, or out of memory); the completed samples are kept, "
            "run the same command again"
        ) from error
    finally:
        for future in running:
            future.cancel()


def _result(future: Future[list[Any]], task: Task) -> list[Any]:
    """Return what a task measured; a failure names its samples, to repeat them alone."""
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:
        raise WorkerError(
            f"measuring samples {task.indices[0]}-{task.indices[-1]} of seed {task.seed} at "
            f"{task.point} failed: {error}; the completed samples are kept"
        ) from error


def _pool(jobs: int, tasks: list[Task]) -> ProcessPoolExecutor:
    """Make a pool of fresh processes: a forked one would inherit the BLAS threads' locks."""
    largest = max((task.point for task in tasks), key=lambda point: point.M * point.N)
    require(
        8 * jobs * largest.M * largest.N,
        f"data for {jobs} jobs at N={largest.N}, alpha={largest.alpha}",
        "lower jobs, N or alpha",
    )
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=follow_parent)
    try:
        pool.submit(os.getpid).result()
    except BrokenExecutor:
        pool.shutdown(wait=True)  # its thread, if it held it last, would wait for itself
        raise WorkerError(
            "no worker process could start: a script must be a file, and call sweep under "
            '`if __name__ == "__main__":`, because every worker reads it'
        ) from None
    return pool


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM end the workers and then this process, which leaves nothing of theirs behind."""

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        for child in multiprocessing.active_children():
            child.terminate()
        raise SystemExit(128 + number)

    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def follow_parent() -> None:
    """Let a worker end with its parent, which may be killed without a chance to say so."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait_for_sentinel([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
