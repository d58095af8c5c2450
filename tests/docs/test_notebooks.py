"""Notebooks and chapters run from top to bottom without an error or a warning.

They run once; what the notebooks showed is stored, and is what they show now.
"""

import json
import re
import runpy
from pathlib import Path

import pytest

from tests.cases import with_long

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = sorted((ROOT / "derivations").glob("*.py"))

#: Chapters that are much like the others. What notebooks show is stored, and is held each time.
LIKE = tuple(path for path in CHAPTERS if path.stem != "02_the_bulk")


def code(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


#: Most characters of a stored picture, and what names a machine or a moment.
LARGE, FOREIGN = 100_000, re.compile(r"/tmp/|/home/|/usr/|0x[0-9a-f]{6}|model_id")

#: Digits to which two runs on two machines show the same numbers: representations hold noise.
DIGITS = 8


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_defines_nothing_and_is_stored_as_it_ran(path):
    for number, cell in enumerate(code(path), start=1):
        assert not any(line.startswith(("def ", "class ")) for line in cell["source"])
        assert cell["execution_count"] == number
        assert cell["metadata"] == {}
        for output in cell["outputs"]:
            assert output.get("metadata", {}) == {}
            picture = output.get("data", {}).pop("image/png", "")
            assert len(picture) < LARGE
            assert not FOREIGN.search(json.dumps(output))
    assert any(cell["outputs"] for cell in code(path))


@pytest.fixture(scope="module")
def store():
    """What stores the notebooks: `python docs/outputs.py`."""
    pytest.importorskip("nbclient", reason='needs the extra: pip install "bbpsym[docs]"')
    return runpy.run_path(str(ROOT / "docs" / "outputs.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_it_shows_is_what_the_code_gives_now(path, executed, store):
    ran = store["read"](executed / "notebooks" / path.name)
    now, stored = store["plain"](ran), store["read"](path)
    assert [*map(shown, stored.cells)] == [*map(shown, now.cells)]


def test_a_number_that_has_changed_is_noticed(store):
    cell = next(cell for cell in store["read"](NOTEBOOKS[0]).cells if cell.get("outputs"))
    before = shown(cell)
    (text,) = {"text/plain", "text/latex"} & {*cell.outputs[0].data} - {"text/plain"}
    number = re.search(r"\d\.\d{8}", cell.outputs[0].data[text])[0]
    changed = f"{float(number) + 1e-6:.8f}"
    cell.outputs[0].data[text] = cell.outputs[0].data[text].replace(number, changed)
    assert shown(cell) != before


def shown(cell):
    """What a cell shows, with numbers of so many digits, and of pictures that they are there."""
    texts = {}
    for output in cell.get("outputs", ()):
        for kind, text in output.get("data", {output.get("name"): output.get("text")}).items():
            plain = re.sub(r"\d+\.\d+", rounded, "" if kind == "image/png" else text)
            texts.setdefault(kind, []).append(" ".join(plain.split()))
    return {kind: joined(parts) for kind, parts in texts.items()}


def joined(parts):
    """One text of several; the pages join them to the first and keep the rest."""
    first, rest = parts[0], " ".join(parts[1:])
    return first if first.endswith(rest) else f"{first} {rest}"


def rounded(number):
    return f"{float(number[0]):.{DIGITS}g}"


@pytest.mark.parametrize(
    "path", with_long([*NOTEBOOKS, *CHAPTERS], *LIKE), ids=lambda path: path.stem
)
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
