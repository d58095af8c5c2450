import importlib
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import pytest

from bbpsym.errors import DomainError, StorageError
from bbpsym.finite.sample import HESSIAN, measure
from bbpsym.finite.store import Store
from bbpsym.finite.sweep import WorkerError, grid, sweep
from tests.finite import workers
from tests.processes import Command, count, outlived

#: The package exports a function of the same name.
module = importlib.import_module("bbpsym.finite.sweep")

GRID = grid(N=[20, 30], p=[1, 2], p_star=[1, 2], a=[0.7], alpha=[0.8, 1.5])
ARGUMENTS = {"samples": 4, "seed": 7}


def rows(path):
    """Everything in the file, by another reader than ours."""
    _, *lines = path.read_text().splitlines()
    return [key + row for key, row, _ in map(json.loads, lines)]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "expected.jsonl"
    done = sweep(GRID, path, **ARGUMENTS)
    assert (done.computed, done.found) == (4 * len(GRID), 0)
    return path.read_bytes()


def test_a_grid_is_every_combination_once():
    assert len(GRID) == len(set(GRID)) == 16
    assert len(grid(N=[20, 20], p=[1], p_star=[1], a=[1, 1.0], alpha=[1])) == 1
    assert grid(N=20, p=1, p_star=1, a=1.5, alpha=[1]) == grid(
        N=[20], p=[1], p_star=[1], a=[1.5], alpha=1
    )


def test_an_empty_axis_is_named():
    with pytest.raises(DomainError, match="alpha must have at least one value"):
        grid(N=[20], p=[1], p_star=[1], a=[1], alpha=[])


@pytest.mark.long
def test_a_sample_does_not_depend_on_its_sweep(expected, tmp_path):
    alone = measure(GRID[3], 7, 2)
    sweep(GRID[3:4], tmp_path / "one.jsonl", samples=3, seed=7)
    with Store(tmp_path / "one.jsonl") as store:
        kept = store.samples(GRID[3])[2]
    assert kept == alone
    point = GRID[3]
    key = [point.N, point.p, point.p_star, point.a, point.alpha, "", "left", 7, 2]
    (line,) = (line for line in expected.splitlines()[1:] if json.loads(line)[0] == key)
    assert json.loads(line)[1][0] == alone.lowest


@pytest.mark.parametrize("jobs", [2])
def test_more_workers_give_the_same_file(expected, tmp_path, jobs):
    sweep(GRID, tmp_path / "runs.jsonl", **ARGUMENTS, jobs=jobs)
    assert (tmp_path / "runs.jsonl").read_bytes() == expected


def test_another_order_gives_the_same_file(expected, tmp_path):
    one = replace(HESSIAN, together=lambda _: 1)
    reverse = workers.Reversed()
    sweep(GRID[::-1], tmp_path / "runs.jsonl", **ARGUMENTS, executor=reverse, what=one)
    assert (tmp_path / "runs.jsonl").read_bytes() == expected


def test_threads_and_a_window_of_one_give_the_same_file(expected, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_IN_FLIGHT", 1)
    with ThreadPoolExecutor(2) as executor:
        sweep(GRID, tmp_path / "runs.jsonl", **ARGUMENTS, executor=executor)
        assert executor.submit(int, 1).result() == 1  # not shut down
    assert (tmp_path / "runs.jsonl").read_bytes() == expected


@pytest.mark.long
@pytest.mark.usefixtures("untidy")
def test_a_cluster_gives_the_same_file(expected, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the extra bbpsym[cluster]")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        sweep(GRID, tmp_path / "runs.jsonl", **ARGUMENTS, executor=client.get_executor())
    assert (tmp_path / "runs.jsonl").read_bytes() == expected


@pytest.mark.long
def test_a_larger_sweep_adds_to_the_file(expected, tmp_path):
    path = tmp_path / "runs.jsonl"
    assert sweep(GRID[:5], path, samples=2, seed=7).computed == 10
    done = sweep(GRID, path, **ARGUMENTS)
    assert (done.computed, done.found) == (4 * len(GRID) - 10, 10)
    assert path.read_bytes() == expected
    assert sweep(GRID, path, **ARGUMENTS).computed == 0


def test_a_dead_worker_is_said_and_loses_nothing(expected, tmp_path, monkeypatch):
    path = tmp_path / "runs.jsonl"
    sweep(GRID[:4], path, **ARGUMENTS)
    spawn = multiprocessing.get_context("spawn")
    with monkeypatch.context() as patch, ProcessPoolExecutor(1, mp_context=spawn) as executor:
        patch.setattr(module, "HESSIAN", replace(HESSIAN, measure=workers.die))
        with pytest.raises(WorkerError, match="a worker process died"):
            sweep(GRID, path, **ARGUMENTS, executor=executor)
    assert len(rows(path)) == 16
    sweep(GRID, path, **ARGUMENTS)
    assert path.read_bytes() == expected


def test_a_failed_sample_is_named_and_loses_nothing(tmp_path, monkeypatch):
    path = tmp_path / "runs.jsonl"
    sweep(GRID[:2], path, **ARGUMENTS)
    monkeypatch.setattr(module, "HESSIAN", replace(HESSIAN, measure=workers.fail))
    with (
        ThreadPoolExecutor(1) as executor,
        pytest.raises(WorkerError, match=r"samples 0-3 of seed 7 at Point\(.*no such luck"),
    ):
        sweep(GRID, path, **ARGUMENTS, executor=executor)
    assert len(rows(path)) == 8


@pytest.mark.parametrize(
    ("name", "value"), [("samples", 0), ("seed", -1), ("seed", 2**63), ("seed", 1.0), ("jobs", 0)]
)
def test_a_bad_argument_is_named(tmp_path, name, value):
    with pytest.raises(DomainError, match=f"^{name} must be"):
        sweep(GRID, tmp_path / "runs.jsonl", **{**ARGUMENTS, name: value})
    assert not (tmp_path / "runs.jsonl").exists()


def children(pid):
    """Processes whose parent is `pid`, from the process table."""
    listing = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listing.stdout.split()]


KILLED = ["--N", "60", "--p", "1,2", "--p-star", "1", "--a", "0.7", "--alpha", "0.8:1.4:0.2"]


def simulating(path):
    """The command line, in a process of its own."""
    options = [*KILLED, "--samples", 150, "--seed", 3, "--jobs", 2, "--store", path]
    return Command("simulate", *options, folder=path.parent)


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")
def test_a_killed_sweep_resumes_to_the_same_file(tmp_path):
    whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
    assert simulating(whole).wait()[0] == 0
    seen = 0
    for portion in (0.1, 0.5):
        run = simulating(killed)
        run.wait_for_rows(killed, int(portion * 1200) + 1)
        offspring = children(run.pid)
        run.send(signal.SIGKILL)
        assert run.wait()[0] == -signal.SIGKILL
        with Store(killed, create=False) as store:  # sound, and nothing kept is lost
            assert seen < len(store) < 1200
            seen = len(store)
        outlived(offspring)
    assert simulating(killed).wait()[0] == 0
    assert killed.read_bytes() == whole.read_bytes()


def test_ctrl_c_keeps_what_is_done(tmp_path):
    path = tmp_path / "runs.jsonl"
    run = simulating(path)
    run.wait_for_rows(path, 100)
    run.send(signal.SIGINT)
    assert run.wait()[0] == 130
    assert 100 <= count(path) < 1200


def test_sigterm_leaves_nothing_behind(tmp_path):
    path = tmp_path / "runs.jsonl"
    run = simulating(path)
    run.wait_for_rows(path, 100)
    offspring = children(run.pid)
    run.send(signal.SIGTERM)
    status, _, err = run.wait()
    outlived(offspring)  # the resource tracker among them, which would complain
    assert status == 128 + signal.SIGTERM
    assert "resource_tracker" not in err
    assert "Traceback" not in err
    assert 100 <= count(path) < 1200


def test_an_unguarded_script_is_told(tmp_path):
    script, store = tmp_path / "script.py", tmp_path / "runs.jsonl"
    script.write_text(
        "from bbpsym import finite\n"
        "points = finite.grid(N=[20], p=[1], p_star=[1], a=[1], alpha=[1])\n"
        "try:\n"
        f"    finite.sweep(points, {str(store)!r}, samples=2, seed=1, jobs=2)\n"
        "except ValueError as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert "call sweep under `if __name__ ==" in run.stdout
    assert (run.stderr, count(store)) == ("", 0)


def test_two_sweeps_into_one_file_are_refused(tmp_path):
    path = tmp_path / "runs.jsonl"
    with Store(path), pytest.raises(StorageError, match="being written by another process"):
        sweep(GRID[:1], path, **ARGUMENTS)


def test_every_sample_is_there_once(expected, tmp_path):
    path = tmp_path / "runs.jsonl"
    path.write_bytes(expected)
    keys = [row[:9] for row in rows(path)]
    assert len(keys) == 4 * len(GRID)
    assert all(a < b for a, b in itertools.pairwise(keys))
