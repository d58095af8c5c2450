"""Chapters of the derivations as they are written; that they run is seen in `docs`."""

import ast
from pathlib import Path

import pytest

from bbpsym.records.registry import in_chapter

SCRIPTS = sorted((Path(__file__).parent.parent / "derivations").glob("*.py"))
LIST = (SCRIPTS[0].parent / "README.md").read_text()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_the_list_of_chapters_says_where_an_equation_is(script):
    labels = ", ".join(record.label for record in in_chapter(script.stem))
    assert f"| [{script.stem}]({script.name}) | {labels} |\n" in LIST


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_no_code_stands_in_a_cell_of_prose(script):
    for cell in script.read_text().split("\n# %%")[1:]:
        if cell.startswith(" [markdown]"):
            assert [line for line in cell.splitlines()[1:] if line[:1] not in ("", "#")] == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_helpers_stand_before_the_record_that_shows_itself(script):
    functions = [n for n in ast.parse(script.read_text()).body if isinstance(n, ast.FunctionDef)]
    places = {function.name: function.lineno for function in functions}
    for function in functions:
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        late = [name for name in names if places.get(name, 0) > function.lineno]
        assert late == [] or not function.decorator_list
