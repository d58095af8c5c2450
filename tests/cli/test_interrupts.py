"""Ctrl-C, kill -9, a full disk and a closed pipe, for real."""

import os
import pty
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cases import long
from tests.processes import Command, count, finish

WORDS = ("table", "--a", "0.5:0.8:0.1", "--digits", "40")
COMMAND = [sys.executable, "-m", "bbpsym", *WORDS]
MANY = (*WORDS, "--p", "1:3", "--output")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    finish(*MANY, folder / "table.csv", folder=folder)
    return (folder / "table.csv").read_text()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


@pytest.fixture
def running(tmp_path, path):
    """A table that has three of its rows."""
    process = Command(*MANY, path, folder=tmp_path)
    process.wait_for_rows(Path(f"{path}.partial"), 3)
    return process


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_table_resumes(tmp_path, path, running, expected, blow):
    running.send(blow)
    assert running.wait()[0] == -blow
    assert not path.exists()
    assert count(Path(f"{path}.partial")) >= 3
    finish(*MANY, path, folder=tmp_path)
    assert path.read_text() == expected
    assert list(tmp_path.iterdir()) == [path]


def test_two_tables_into_one_file_are_refused(tmp_path, path, running, expected):
    running.send(signal.SIGSTOP)
    status, out, err = Command(*MANY, path, folder=tmp_path).wait()
    running.send(signal.SIGCONT)
    assert (status, out) == (2, "")
    assert err == (
        f"bbpsym: {path}.partial is being written by another process; wait for it or stop it\n"
    )
    assert running.wait()[0] == 0
    assert path.read_text() == expected


def test_ctrl_c_prints_what_is_done(path, running, expected):
    running.send(signal.SIGINT)
    status, _, err = running.wait()
    assert status == 130
    assert "interrupted after" in err
    assert "of 12 rows; the same command takes up from here" in err
    assert "Traceback" not in err
    done = path.read_text().splitlines()
    assert 3 <= len(done) < len(expected.splitlines())
    assert done == expected.splitlines()[: len(done)]


def test_ctrl_c_does_not_replace_a_whole_table(tmp_path, path):
    path.write_text("what was there before\n")
    running = Command(*MANY, path, folder=tmp_path)
    running.wait_for_rows(Path(f"{path}.partial"), 3)
    running.send(signal.SIGINT)
    status, out, _ = running.wait()
    assert status == 130
    assert path.read_text() == "what was there before\n"
    assert out.startswith("p,p_star,a,kind")


def test_progress_goes_to_a_terminal_on_standard_error():
    screen, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    words = [*COMMAND, "--p", "2", "--digits", "200"]  # what is quick shows no bar
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=terminal, text=True, check=True)
    os.set_blocking(screen, False)
    assert b"thresholds" in os.read(screen, 2**16)
    os.close(terminal)
    os.close(screen)
    assert "thresholds:" not in result.stdout


def test_a_full_disk_loses_nothing():
    full = [*COMMAND, "--p", "2", "--output", "/dev/full"]
    result = subprocess.run(full, capture_output=True, text=True)
    assert result.returncode == 2
    assert "could not be written (No space left on device)" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout.count("continuous") == 4


def test_a_full_standard_output_is_one_sentence():
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "bbpsym", "threshold", "--p", "1", "--p-star", "1", "--a", "1"],
            stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == "bbpsym: standard output: No space left on device\n"


def test_a_closed_pipe_is_silent():
    read, write = os.pipe()
    os.close(read)
    words = [sys.executable, "-m", "bbpsym", "--help"]
    result = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert result.returncode != 0
    assert result.stderr == ""


@pytest.mark.parametrize(
    "words", ["--help", *long("show 40"), "edge --p 1 --p-star 1 --a 1 --alpha 2"]
)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_are_silent(words, closed):
    line = f"{sys.executable} -m bbpsym {words} {closed}"
    result = subprocess.run(line, shell=True, capture_output=True, text=True)
    assert result.returncode == (2 if ">&- " in f" {closed} ".replace("2>&-", "") else 0)
    assert result.stderr == ""


def test_bad_input_has_its_status_without_streams():
    line = f"{sys.executable} -m bbpsym threshold --p 0 --p-star 1 --a 1 >&- 2>&-"
    assert subprocess.run(line, shell=True).returncode == 2
