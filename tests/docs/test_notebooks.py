"""Every notebook runs from top to bottom without an error or a warning, and is stored clean."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

#: Run before the first cell: in a notebook a warning is a defect like any other.
STRICT = "import warnings; warnings.simplefilter('error')"


def cells(path):
    return json.loads(path.read_text())["cells"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_stored_without_outputs_and_defines_nothing(path):
    for cell in cells(path):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            assert not any(line.startswith(("def ", "class ")) for line in cell["source"])


@pytest.mark.usefixtures("untidy")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_error_or_warning(path):
    nbclient = pytest.importorskip("nbclient", reason='needs pip install "bbpsym[notebooks]"')
    for module in ("ipykernel", "ipywidgets", "matplotlib"):
        pytest.importorskip(module, reason='needs pip install "bbpsym[notebooks]"')
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRICT))
    resources = {"metadata": {"path": str(FOLDER)}}
    patient = {"timeout": None, "startup_timeout": 3600}
    nbclient.NotebookClient(notebook, **patient, resources=resources).execute()
    streams = [
        output.text
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert streams == []


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
