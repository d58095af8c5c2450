"""Notebooks and chapters run from top to bottom without an error or a warning.

They run once, for the pages.
"""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = sorted((ROOT / "derivations").glob("*.py"))


def code(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_defines_nothing(path):
    for cell in code(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert not any(line.startswith(("def ", "class ")) for line in cell["source"])


@pytest.mark.parametrize("path", [*NOTEBOOKS, *CHAPTERS], ids=lambda path: path.stem)
def test_it_runs_without_error_or_warning(path, executed):
    cells = code(executed / path.parent.name / f"{path.stem}.ipynb")
    assert cells
    for cell in cells:
        assert cell["execution_count"]
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr", output["text"]


def test_all_of_them_are_here():
    assert {path.stem for path in NOTEBOOKS} == {
        "derive_your_own",
        "quick_start",
        "thresholds_and_tables",
        "edges_and_densities",
        "overlaps",
        "finite_size",
        "edges_at_finite_size",
        "any_weights",
        "sampled_weights",
        "closed_forms",
        "your_own_question",
        "interactive",
    }
    assert len(CHAPTERS) >= 6
