"""Print, after the run, every comparison as a ratio; times are processor times of one core."""

import time
from collections.abc import Callable

import pytest

LINES: list[str] = []


@pytest.fixture
def seconds() -> Callable[..., float]:
    """Measure a call: the shortest processor time of several."""

    def measure(call: Callable, repeat: int = 3, inner: int = 1) -> float:
        times = []
        for _ in range(repeat):
            start = time.process_time()
            for _ in range(inner):
                call()
            times.append((time.process_time() - start) / inner)
        return min(times)

    return measure


@pytest.fixture
def report() -> Callable[[str], None]:
    """Keep a line for the summary."""
    return LINES.append


def pytest_terminal_summary(terminalreporter) -> None:
    if LINES:
        terminalreporter.section("ratios (processor time, one core)")
        for line in sorted(LINES):
            terminalreporter.write_line(line)
