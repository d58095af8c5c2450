"""The README says what the code does."""

import doctest
import re
import shlex
import sys
from pathlib import Path

import pytest

from bbpsym.cli import main
from tests.cases import with_long

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_examples_in_python():
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted > 4
    assert result.failed == 0


def test_the_table_shown_is_the_table_printed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["bbpsym", "table"])
    with pytest.raises(SystemExit):
        main()
    printed = capsys.readouterr().out.splitlines()
    shown, *_ = blocks("text")
    assert all(line in printed for line in shown.splitlines())


COMMANDS = [re.findall(r"^bbpsym .*", block, flags=re.MULTILINE) for block in blocks("sh")]
BLOCKS = [block for block in COMMANDS if block]


def first(start):
    """The first command that starts so."""
    return next(line for block in BLOCKS for line in block if line.startswith(start))


#: Commands whose answers are shown, which is looked at: they need not run again without that.
COMPARED, NETWORK, VERIFIED = map(
    first, ("bbpsym compare", "bbpsym outlier --loss", "bbpsym verify")
)


@pytest.mark.parametrize(("line", "place"), [(COMPARED, 1), (NETWORK, 2)])
def test_the_answer_shown_is_the_one_printed(line, place, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", shlex.split(line))
    with pytest.raises(SystemExit):
        main()
    assert capsys.readouterr().out == blocks("text")[place]


def without_digits(text):
    """Digits of agreement may differ by one between processors."""
    return re.sub(r"\d+ ok", "ok", text)


def test_the_verification_shown_is_the_one_printed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", shlex.split(VERIFIED))
    with pytest.raises(SystemExit):
        main()
    (shown,) = blocks("console")
    assert without_digits(capsys.readouterr().out) == without_digits(shown)


#: Fewer rows and samples than shown.
SHORTER = {
    "1:4,inf --p-star 1,2 --a 0.1:2:0.1": "1,inf --p-star 1,2 --a 0.1:2:1.9",
    "--set b=0.5:2:0.5 --p-star 1:3": "--set b=0.5:2:1.5 --p-star 1,3",
    "--alpha 1:3:1 --N 50,100 --samples 20 ": "--alpha 1 --N 20,40 --samples 4 ",
    "--samples 20 ": "--samples 4 ",
    "--samples 10": "--samples 2",
}


def shortened(line):
    """A command with less to do."""
    for shown, run in SHORTER.items():
        line = line.replace(shown, run)
    return line


@pytest.mark.parametrize(
    "block",
    with_long(BLOCKS, *(block for block in BLOCKS if block[0].startswith("bbpsym derive"))),
    ids=lambda block: block[0][:30],
)
def test_commands_run_as_printed(block, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    for line in (line for line in block if line not in (COMPARED, NETWORK, VERIFIED)):
        monkeypatch.setattr(sys, "argv", shlex.split(shortened(line)))
        with pytest.raises(SystemExit) as status:
            main()
        assert status.value.code == 0, line
        assert capsys.readouterr().out or list(tmp_path.iterdir())


def test_there_are_commands():
    assert sum(map(len, BLOCKS)) >= 10


def test_links_to_files_exist():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (README.parent / target).exists(), target
