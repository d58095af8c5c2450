"""The command in a process of its own, to be killed and interrupted.

The processes are forked from one that has imported the package and answered once, so that they
start at once. A shell lets its background jobs ignore Ctrl-C, and their children with them: here
it works.
"""

import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.warm"])


def _run(words: tuple[str, ...], out: str, err: str) -> None:
    """What a process does: `bbpsym` with its streams in files."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, name in ((1, out), (2, err)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    sys.argv = ["bbpsym", *words]
    from bbpsym.cli import main

    main()


class Command:
    """`bbpsym` with some words, running."""

    def __init__(self, *words: object, folder: Path) -> None:
        self.out, self.err = (
            folder / f"{name}-{os.urandom(4).hex()}" for name in ("stdout", "stderr")
        )
        arguments = (tuple(map(str, words)), str(self.out), str(self.err))
        self._process = _context.Process(target=_run, args=arguments)
        self._process.start()
        self.pid = self._process.pid

    def send(self, blow: int) -> None:
        """Send a signal."""
        os.kill(self.pid, blow)

    def ends_within(self, seconds: float) -> bool:
        """Wait so long, and say whether it has ended."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    def wait(self) -> tuple[int, str, str]:
        """Wait for the end; returns status, standard output and standard error."""
        self._process.join()
        streams = [path.read_text() if path.exists() else "" for path in (self.out, self.err)]
        for path in (self.out, self.err):
            path.unlink(missing_ok=True)
        return self._process.exitcode, *streams

    def wait_for_rows(self, path: Path, rows: int) -> None:
        """Wait until it has kept so many rows."""
        while count(path) < rows:
            assert not self.ends_within(0.002), f"it ended before: {self.wait()}"


def finish(*words: object, folder: Path) -> None:
    """Run `bbpsym` to its end, which must be a good one."""
    status, _, err = Command(*words, folder=folder).wait()
    assert status == 0, err


def count(path: Path) -> int:
    """Rows in a file of rows; its first line is a head."""
    return max(0, path.read_bytes().count(b"\n") - 1) if path.exists() else 0


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def outlived(pids: list[int]) -> None:
    """Wait until these processes have ended."""
    while any(map(is_alive, pids)):
        time.sleep(0.01)
