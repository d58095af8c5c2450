"""Ctrl-C, kill -9, a full disk and a closed pipe, for real."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "bbpsym", "table", "--a", "0.5:0.8:0.1", "--digits", "30"]
MANY = [*COMMAND, "--p", "1:3"]


def wait_for_rows(path, count):
    """Wait until the journal holds some rows."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if path.exists() and path.read_text().count("\n") > count:  # the first line is the head
            return
        time.sleep(0.02)
    raise AssertionError("no rows appeared")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "table.csv"
    subprocess.run([*MANY, "--output", path], check=True, capture_output=True)
    return path.read_text()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_table_resumes(tmp_path, expected, blow):
    path = tmp_path / "table.csv"
    journal = Path(f"{path}.partial")
    with subprocess.Popen([*MANY, "--output", path], stderr=subprocess.DEVNULL) as process:
        wait_for_rows(journal, 2)
        process.send_signal(blow)
    assert process.returncode == -blow
    assert not path.exists()
    kept = journal.read_text()
    assert kept.count("\n") >= 3
    subprocess.run([*MANY, "--output", path], check=True, capture_output=True)
    assert path.read_text() == expected
    assert not journal.exists()


def test_ctrl_c_prints_what_is_done(tmp_path, expected):
    path = tmp_path / "table.csv"
    process = subprocess.Popen([*MANY, "--output", path], stderr=subprocess.PIPE, text=True)
    wait_for_rows(Path(f"{path}.partial"), 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted after" in err
    assert "of 12 rows; the same command takes up from here" in err
    assert "Traceback" not in err
    done = path.read_text().splitlines()
    assert 3 <= len(done) < len(expected.splitlines())
    assert done == expected.splitlines()[: len(done)]


def test_ctrl_c_does_not_replace_a_whole_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("what was there before\n")
    process = subprocess.Popen([*MANY, "--output", path], stdout=subprocess.PIPE, text=True)
    wait_for_rows(Path(f"{path}.partial"), 2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert path.read_text() == "what was there before\n"
    assert out.startswith("p,p_star,a,kind")


def test_progress_goes_to_standard_error():
    result = subprocess.run([*COMMAND, "--p", "1"], capture_output=True, text=True, check=True)
    assert "thresholds" in result.stderr
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
