"""Files of rows: kept through kills, refused when damaged, written by one at a time."""

import multiprocessing
import os
import random
import subprocess
import sys
import textwrap
import threading
from contextlib import suppress

import pytest

from bbpsym.errors import StorageError
from bbpsym.writing.rows import Rows

HEAD = {"bbpsym": "numbers", "row": ["x", "text"]}
ROWS = [((i, "é", 0.1 * i), [i / 3, f"row {i}", None]) for i in range(6)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "numbers.jsonl"
    with Rows(path, HEAD) as rows:
        rows.add(ROWS)
    return path


def known(path):
    with Rows(path, HEAD, writable=False) as rows:
        return rows.known


def test_rows_come_back_exactly_and_in_order(path):
    assert list(known(path).items()) == ROWS


def test_a_row_that_is_there_is_kept(path):
    before = path.read_bytes()
    with Rows(path, HEAD) as rows:
        rows.add([(ROWS[0][0], "another")])
    assert path.read_bytes() == before


def test_a_file_cut_anywhere_takes_up_to_the_same_bytes(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with Rows(path, HEAD) as rows:
            assert list(rows.known.items()) == ROWS[: len(rows.known)]
            rows.add(ROWS)
        assert path.read_bytes() == whole


def test_a_flipped_bit_anywhere_is_seen(path):
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << random.Random(place).randrange(8)
        path.write_bytes(damaged)
        for writable in (True, False):
            with pytest.raises(StorageError, match=r"damaged in line \d|holds no numbers"):
                Rows(path, HEAD, writable=writable)
        assert path.read_bytes() == damaged


def test_the_order_of_arrival_does_not_matter(path, tmp_path):
    other = tmp_path / "other.jsonl"
    with Rows(other, HEAD) as rows:
        for row in ROWS[::-1]:
            rows.add([row])
        rows.sort()
    assert other.read_bytes() == path.read_bytes()
    assert sorted(tmp_path.iterdir()) == [path, other]


def test_rows_are_added_all_or_none(path):
    def half():
        yield (9,), 9
        raise KeyboardInterrupt

    before = path.read_bytes()
    with Rows(path, HEAD) as rows:
        with pytest.raises(KeyboardInterrupt):
            rows.add(half())
        with pytest.raises(TypeError):
            rows.add([((9,), 9), ((10,), object())])
        assert path.read_bytes() == before
        assert (9,) not in rows.known


@pytest.mark.parametrize("content", [b"dear diary", b"dear\ndiary\n", b'{"bbpsym": "numbers"}\n'])
def test_another_file_is_refused_and_untouched(path, content):
    path.write_bytes(content)
    with pytest.raises(StorageError, match=r"holds no numbers that this version reads; move it"):
        Rows(path, HEAD)
    assert path.read_bytes() == content


def test_what_cannot_be_opened_is_one_sentence(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened: No such file"):
        Rows(tmp_path / "nowhere" / "rows", HEAD)
    with pytest.raises(StorageError, match="cannot be opened: No such file"):
        Rows(tmp_path / "none", HEAD, writable=False)
    for place in (tmp_path, os.devnull):
        with pytest.raises(StorageError, match="is not a regular file"):
            Rows(place, HEAD)
    with pytest.raises(StorageError, match="null"):
        Rows("a\0b", HEAD)


@pytest.mark.skipif(os.name != "posix", reason="no locks")
def test_one_writes_and_others_may_read(path):
    with Rows(path, HEAD) as rows:
        with pytest.raises(StorageError, match="is being written by another process"):
            Rows(path, HEAD)
        rows.add([((9,), 9)])
        assert known(path)[9,] == 9
    Rows(path, HEAD).close()


def test_a_removed_file_is_begun_anew(path):
    first = Rows(path, HEAD)
    first.remove()
    with Rows(path, HEAD) as again:
        assert not again.known
        again.add(ROWS)
    assert list(known(path).items()) == ROWS


def test_many_at_once_write_every_row_once(tmp_path):
    path = tmp_path / "rows"

    def write():
        while True:
            with suppress(StorageError), Rows(path, HEAD) as rows:
                missing = [row for row in ROWS if row[0] not in rows.known]
                if not missing:
                    return
                rows.add(missing[:1])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes().count(b"\n") == 1 + len(ROWS)


def test_a_full_disk_keeps_what_was_written(tmp_path):
    """A limit on the size of files is the nearest thing to a full disk without one."""
    path = tmp_path / "rows"
    program = textwrap.dedent(
        f"""
        import resource
        from bbpsym.errors import StorageError
        from bbpsym.writing.rows import Rows

        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        with Rows({str(path)!r}, {HEAD!r}) as rows:
            try:
                for start in range(0, 10_000, 10):
                    rows.add(((k,), k) for k in range(start, start + 10))
            except StorageError as error:
                print(start, error)
        """
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    start, _, message = run.stdout.partition(" ")
    assert "cannot be written" in message
    assert set(known(path)) == {(k,) for k in range(int(start))}
    with Rows(path, HEAD) as rows:
        rows.add([((-1,), -1)])
    assert len(known(path)) == int(start) + 1


def write(path):
    """Write rows that are not there yet."""
    with Rows(path, HEAD) as rows:
        for k in range(400):
            rows.add([((k,), "x" * (37 * k % 5000))])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork, nor kill -9")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # forks beside threads
def test_a_writer_killed_at_any_moment_takes_up(tmp_path, seed, record_property):
    """However busy the machine: the moment is told by the bytes that there are."""
    path, rng, kept = tmp_path / "rows", random.Random(seed), []
    write(path)
    whole = path.read_bytes()
    path.unlink()
    while True:
        size = path.stat().st_size if path.exists() else 0
        moment = size + rng.uniform(0, len(whole) / 4)
        run = multiprocessing.get_context("fork").Process(target=write, args=(path,))
        run.start()
        while run.exitcode is None and not (path.exists() and path.stat().st_size >= moment):
            run.join(1e-4)
        run.kill()
        run.join()
        if run.exitcode == 0:
            break
        kept.append(path.read_bytes().count(b"\n") if path.exists() else 0)
    record_property("lines kept at every kill", kept)
    assert kept
    assert path.read_bytes() == whole
