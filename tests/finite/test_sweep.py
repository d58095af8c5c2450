import importlib
import itertools
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from bbpsym.errors import DomainError
from bbpsym.finite.sample import measure
from bbpsym.finite.store import Store
from bbpsym.finite.sweep import WorkerError, grid, sweep
from tests.finite import workers

#: The package exports a function of the same name.
module = importlib.import_module("bbpsym.finite.sweep")

GRID = grid(N=[20, 30], p=[1, 2], p_star=[1, 2], a=[0.7], alpha=[0.8, 1.5])
ARGUMENTS = {"samples": 4, "seed": 7}


def rows(path):
    """Everything in the file, by another reader than ours."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT * FROM samples").fetchall()
    connection.close()
    return found


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "expected.sqlite"
    done = sweep(GRID, path, **ARGUMENTS)
    assert (done.computed, done.found) == (4 * len(GRID), 0)
    return rows(path)


def test_a_grid_is_every_combination_once():
    assert len(GRID) == len(set(GRID)) == 16
    assert len(grid(N=[20, 20], p=[1], p_star=[1], a=[1, 1.0], alpha=[1])) == 1


def test_an_empty_axis_is_named():
    with pytest.raises(DomainError, match="alpha must have at least one value"):
        grid(N=[20], p=[1], p_star=[1], a=[1], alpha=[])


def test_a_sample_does_not_depend_on_its_sweep(expected, tmp_path):
    alone = measure(GRID[3], 7, 2)
    sweep(GRID[3:4], tmp_path / "one.sqlite", samples=3, seed=7)
    with Store(tmp_path / "one.sqlite") as store:
        kept = store.samples(GRID[3])[2]
    assert kept == alone
    point = GRID[3]
    key = (point.N, point.p, point.p_star, point.a, point.alpha, 7, 2)
    assert next(row for row in expected if row[:7] == key)[7] == alone.lowest


@pytest.mark.parametrize("jobs", [2])
def test_more_workers_give_the_same_file(expected, tmp_path, jobs):
    sweep(GRID, tmp_path / "runs.sqlite", **ARGUMENTS, jobs=jobs)
    assert rows(tmp_path / "runs.sqlite") == expected


def test_another_order_gives_the_same_file(expected, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_TASK", 1)  # a sample a task
    sweep(GRID[::-1], tmp_path / "runs.sqlite", **ARGUMENTS, executor=workers.Reversed())
    assert rows(tmp_path / "runs.sqlite") == expected


def test_threads_and_a_window_of_one_give_the_same_file(expected, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_IN_FLIGHT", 1)
    with ThreadPoolExecutor(2) as executor:
        sweep(GRID, tmp_path / "runs.sqlite", **ARGUMENTS, executor=executor)
        assert executor.submit(int, 1).result() == 1  # not shut down
    assert rows(tmp_path / "runs.sqlite") == expected


def test_a_cluster_gives_the_same_file(expected, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the extra bbpsym[cluster]")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        sweep(GRID, tmp_path / "runs.sqlite", **ARGUMENTS, executor=client.get_executor())
    assert rows(tmp_path / "runs.sqlite") == expected


def test_a_larger_sweep_adds_to_the_file(expected, tmp_path):
    path = tmp_path / "runs.sqlite"
    assert sweep(GRID[:5], path, samples=2, seed=7).computed == 10
    done = sweep(GRID, path, **ARGUMENTS)
    assert (done.computed, done.found) == (4 * len(GRID) - 10, 10)
    assert rows(path) == expected
    assert sweep(GRID, path, **ARGUMENTS).computed == 0


def test_a_dead_worker_is_said_and_loses_nothing(expected, tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    sweep(GRID[:4], path, **ARGUMENTS)
    spawn = multiprocessing.get_context("spawn")
    with (
        monkeypatch.context() as patch,
        ProcessPoolExecutor(1, mp_context=spawn) as executor,
    ):
        patch.setattr(module, "measure_many", workers.die)
        with pytest.raises(WorkerError, match="a worker process died"):
            sweep(GRID, path, **ARGUMENTS, executor=executor)
    assert len(rows(path)) == 16
    sweep(GRID, path, **ARGUMENTS)
    assert rows(path) == expected


def test_a_failed_sample_is_named_and_loses_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.sqlite"
    sweep(GRID[:2], path, **ARGUMENTS)
    monkeypatch.setattr(module, "measure_many", workers.fail)
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(WorkerError, match=r"samples 0-3 of seed 7 at Point\(.*no such luck"),
    ):
        sweep(GRID, path, **ARGUMENTS, executor=executor)
    assert len(rows(path)) == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [("samples", 0), ("seed", -1), ("seed", 2**63), ("seed", 1.0), ("jobs", 0)],
)
def test_a_bad_argument_is_named(tmp_path, name, value):
    with pytest.raises(DomainError, match=f"^{name} must be"):
        sweep(GRID, tmp_path / "runs.sqlite", **{**ARGUMENTS, name: value})
    assert not (tmp_path / "runs.sqlite").exists()


def count(path):
    """Rows that another process has committed so far."""
    if not path.exists():
        return 0
    try:
        return len(rows(path))
    except sqlite3.OperationalError:  # not laid out yet, or being written
        return 0


def children(pid):
    """Processes whose parent is `pid`, from the process table."""
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listing.stdout.split()]


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


KILLED = ["--N", "60", "--p", "1,2", "--p-star", "1", "--a", "0.7", "--alpha", "0.8:1.4:0.2"]


def start(path):
    """The command line, in a process of its own."""
    options = [*KILLED, "--samples", "300", "--seed", "3", "--jobs", "2", "--store", str(path)]
    call = "from bbpsym.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", call, "simulate", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
def test_a_killed_sweep_resumes_to_the_same_file(tmp_path):
    whole, killed = tmp_path / "whole.sqlite", tmp_path / "killed.sqlite"
    assert start(whole).wait() == 0
    seen = 0
    for portion in (0.1, 0.5):
        run = start(killed)
        while count(killed) <= portion * 2400 and run.poll() is None:
            time.sleep(0.005)
        offspring = children(run.pid)
        run.kill()
        assert run.wait() == -signal.SIGKILL
        with Store(killed) as store:  # sound, and nothing committed is lost
            assert seen < len(store) < 2400
            seen = len(store)
        until = time.monotonic() + 10
        while any(map(alive, offspring)) and time.monotonic() < until:
            time.sleep(0.02)
        assert not any(map(alive, offspring))
    assert start(killed).wait() == 0
    assert rows(killed) == rows(whole)


def test_ctrl_c_keeps_what_is_done(tmp_path):
    path = tmp_path / "runs.sqlite"
    run = start(path)
    while count(path) < 100 and run.poll() is None:
        time.sleep(0.005)
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=20) == 130
    assert 100 <= count(path) < 2400


def test_keys_are_unique(expected):
    keys = [row[:7] for row in expected]
    assert len(set(keys)) == len(keys)
    assert all(a < b for a, b in itertools.pairwise(keys))
