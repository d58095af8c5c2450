"""What the documentation says is true: commands run as printed, names exist, examples hold."""

import doctest
import importlib
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from bbpsym.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("howto/*.md")])


def commands(page):
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def find(name):
    """Import the longest module in a dotted name and follow the rest."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_in_python_hold(page):
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda p: p.stem)
def test_commands_run_as_printed(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        program, *arguments = shlex.split(command)
        assert program == "bbpsym"
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        with pytest.raises(SystemExit) as finished:
            main()
        assert finished.value.code == 0, command


def test_the_paper_is_mapped_line_by_line():
    entries = tomllib.loads((DOCS / "paper.toml").read_text(encoding="utf-8"))
    assert [entry["number"] for entry in entries["equation"]] == list(range(1, 59))
    assert [entry["number"] for entry in entries["figure"]] == list(range(1, 8))
    for entry in [*entries["equation"], *entries["figure"]]:
        assert entry["what"]
        assert entry["functions"]
        for name in entry["functions"]:
            assert find(name) is not None, name


def test_a_name_that_does_not_exist_is_noticed():
    with pytest.raises(AttributeError):
        find("bbpsym.equations.spectrum.missing")
