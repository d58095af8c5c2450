"""Every command that resumes, killed at random moments, writes the bytes that it writes unharmed.

The long run: `pytest tests/cli/test_kills.py -m slow --log-cli-level=INFO`; KILLS is the number
of kills of a command, 40 without it, and KILLS_SEED their seed, both in the environment.
"""

import logging
import os
import random
import signal
from pathlib import Path

import pytest

from tests.cases import with_long
from tests.processes import Command, count, finish

POINT = ("--p", "2,inf", "--a", "0.3:1.4:0.1")
WEIGHTS = ("--p", 1, "--p-star", 1, "--a", 1.5, "--alpha", "1:2:0.1", "--N", "300,1000")
HESSIANS = ("--p", "1,2", "--p-star", 1, "--a", "0.7", "--alpha", "0.8:1.4:0.2", "--N", 60)

#: What resumes: the command, and what follows the file's name.
COMMANDS = {
    "table": ("table", *POINT, "--output"),
    "digits": ("table", *POINT, "--digits", 40, "--output"),
    "certified": ("table", "--p", "1,2", "--a", "0.3:0.7:0.1", "--certified", "--output"),
    "predict": ("predict", *WEIGHTS, "--samples", 20, "--seed", 1, "--output"),
    "simulate": ("simulate", *HESSIANS, "--samples", 100, "--seed", 3, "--store"),
    "workers": ("simulate", *HESSIANS, "--samples", 100, "--seed", 3, "--jobs", 2, "--store"),
    "descend": ("descend", *HESSIANS, "--samples", 30, "--seed", 5, "--store"),
}

#: Those that take longest.
DEAR = ("digits", "certified", "predict", "workers", "descend")

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is a POSIX signal")


def kill_and_resume(name: str, folder: Path, kills: int, rng: random.Random) -> list[int]:
    """Kill a command so often, resume it, compare; returns the rows kept at each kill."""
    words = COMMANDS[name]
    whole, killed = folder / "whole.csv", folder / "killed.csv"
    finish(*words, whole, folder=folder)
    total = count(whole)
    kept: list[int] = []
    partial = killed if words[-1] == "--store" else Path(f"{killed}.partial")
    for number in range(kills):
        process = Command(*words, killed, folder=folder)
        # Somewhere in what is left, but not at its end: every kill should meet a running command.
        done, share = count(partial), rng.uniform(0, 0.9 / (kills - number))
        process.wait_for_rows(partial, done + int(share * (total - done)))
        if not process.ends_within(rng.expovariate(50)):
            process.send(signal.SIGKILL)
        if process.wait()[0] == 0 or (partial != killed and killed.exists()):
            break  # it came to its end first
        kept.append(count(partial))
    finish(*words, killed, folder=folder)
    assert killed.read_bytes() == whole.read_bytes()
    assert sorted(folder.iterdir()) == [killed, whole]
    assert kept == sorted(kept)
    return kept


@pytest.mark.parametrize(
    "name", with_long(COMMANDS, "digits", "certified", "predict", "workers", "descend")
)
def test_a_killed_command_writes_the_same_bytes(name, tmp_path):
    kill_and_resume(name, tmp_path, 2, random.Random(1))


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_killed_often_writes_the_same_bytes(name, tmp_path):
    seed, kills = (int(os.environ.get(key, x)) for key, x in (("KILLS_SEED", 1), ("KILLS", 40)))
    kept = kill_and_resume(name, tmp_path, kills, random.Random(f"{seed} {name}"))
    logging.info("%s: seed %s, %s kills, rows kept at each: %s", name, seed, len(kept), kept)
