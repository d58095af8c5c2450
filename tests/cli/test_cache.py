"""The command that shows and clears what is kept."""

import os

import pytest

from bbpsym.compilation import entries


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "bbpsym"


def test_it_is_shown_and_cleared(run, place):
    assert run("cache") == (0, f"{place}: 0 files, 0.0 MB\n", "")
    entries.keep("a", "head", "text")
    entries.keep("b", "head", "text")
    place.joinpath(f"{entries.SCRATCH}0").touch()
    assert run("cache")[1] == f"{place}: 2 files, 0.0 MB\n"
    (first, *_) = sorted(place.glob(f"*{entries.SUFFIX}"))
    first.write_text("damaged")
    assert "\n1 file of other equations, of another SymPy or damaged: not used\n" in run("cache")[1]
    assert run("cache", "--clear") == (0, f"2 of 2 files removed from {place}\n", "")
    assert not list(place.iterdir())


def test_without_a_directory_it_says_so(run, monkeypatch):
    monkeypatch.delattr(os, "getuid")
    assert run("cache") == (0, "nothing is kept: there is no cache directory here\n", "")
