"""Every chapter of the derivations runs by itself."""

import runpy
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).parent.parent / "derivations").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_chapter_runs(script):
    runpy.run_path(str(script))


def test_there_are_chapters():
    assert len(SCRIPTS) >= 6
