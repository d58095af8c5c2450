"""Faults come last: they forget what others have derived."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Tests of faults after all others, whatever the order of these."""
    items.sort(key=lambda item: item.path.name == "test_faults.py")
