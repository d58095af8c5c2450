"""Every chapter of the derivations runs by itself."""

import runpy
from pathlib import Path

import pytest

from bbpsym.records.registry import in_chapter

SCRIPTS = sorted((Path(__file__).parent.parent / "derivations").glob("*.py"))
LIST = (SCRIPTS[0].parent / "README.md").read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_chapter_runs(script):
    runpy.run_path(str(script), run_name="__main__")


def test_there_are_chapters():
    assert len(SCRIPTS) >= 6


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_list_of_chapters_says_where_an_equation_is(script):
    labels = ", ".join(record.label for record in in_chapter(script.stem))
    assert f"| [{script.stem}]({script.name}) | {labels} |\n" in LIST
