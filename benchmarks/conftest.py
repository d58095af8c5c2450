"""Every comparison goes to the page on performance; times are processor times of one core."""

import time
from collections import defaultdict
from collections.abc import Callable

import page
import pytest

MEASURED: dict[str, list[tuple[str, ...]]] = defaultdict(list)


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
def report() -> Callable[..., None]:
    """Keep a row for a table of the page."""
    return lambda name, *cells: MEASURED[name].append(cells)


def pytest_terminal_summary(terminalreporter) -> None:
    for name, rows in MEASURED.items():
        terminalreporter.section(f"{name} (processor time, one core)")
        terminalreporter.write_line(page.table(page.known(name)[0], rows))
        page.update(name, rows)
    if MEASURED:
        page.put("machine", page.machine())
