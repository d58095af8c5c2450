"""Which cases of a test run each time, and which are `long`: run by `pytest -m "not slow"`."""

import pytest


def long(*cases, whole=False):
    """Cases that assert on dearer inputs what the others do.

    A tuple holds several arguments, unless it is `whole` one.
    """
    return [
        pytest.param(
            *(case if isinstance(case, tuple) and not whole else (case,)), marks=pytest.mark.long
        )
        for case in cases
    ]


def with_long(cases, *dear, whole=False):
    """All cases, in their order, of which the dear ones are `long`."""
    return [long(case, whole=whole)[0] if case in dear else case for case in cases]
