import sys

import pytest

from bbpsym.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process; returns status, standard output and standard error."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["bbpsym", *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = capsys.readouterr()
        return exit_.value.code, out, err

    return call
