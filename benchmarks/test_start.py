"""Commands in fresh processes against a process that imports NumPy, scipy.special and mpmath.

What is in the user's cache is neither read nor written: every command is the first one.
"""

import os
import resource
import subprocess
import sys

import pytest

BASE = (sys.executable, "-c", "import numpy, scipy.special, mpmath")
POINT = "--p 2 --p-star 1 --a 0.7"

#: Command -> most processor time, in units of the base.
COMMANDS = {
    f"threshold {POINT}": 2,
    f"threshold {POINT} --digits 50": 2,
    f"threshold {POINT} --digits 50 --certified": 2,
    f"edge {POINT} --alpha 2": 2,
    f"edge {POINT} --alpha 2 --digits 50": 2,
    f"outlier {POINT} --alpha 2": 2,
    f"outlier {POINT} --alpha 2 --digits 50": 2,
    "critical-a --p 2 --p-star 1": 2,
    "critical-a --p 2 --p-star 1 --digits 50": 2,
    "table": 4,
    "verify --only 40": 4,
    "show 40": 4,
    "compare --p-star 1 --a 0.7": 5,
}

#: Modules are compiled once, as an installation leaves them.
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


def used(command, folder, repeat=3) -> float:
    """Shortest processor time of a command and its children, each time without a cache."""
    times = []
    for number in range(repeat):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = os.environ | COMPILED | {"XDG_CACHE_HOME": str(folder / str(number))}
        subprocess.run(command, check=True, capture_output=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return used(BASE, tmp_path_factory.mktemp("base"), 5)


@pytest.mark.parametrize(("line", "target"), COMMANDS.items())
def test_a_command_in_a_fresh_process(line, target, base, report, tmp_path):
    seconds = used((sys.executable, "-m", "bbpsym", *line.split()), tmp_path)
    report("start", f"`{line}`", f"{seconds:.2f} s", f"{seconds / base:.1f}", f"{target}")
