"""Tests of records stand together, so that one process derives them all; faults come last."""

from pathlib import Path

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Records first, whatever the order of all others; faults forget what others have derived."""
    items.sort(key=place)


def place(item):
    """Where in the order a test stands."""
    if item.path.name == "test_faults.py":
        return 2
    return 0 if item.path.parent == Path(__file__).parent else 1
