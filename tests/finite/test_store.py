import os
import sqlite3
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from bbpsym.errors import StorageError
from bbpsym.finite.network import Network
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample
from bbpsym.finite.store import Store

ROOT = Path(__file__).parents[2]
POINT = Point(50, 1, 1, 1.5, 0.8)
PAPERS_ROW = (50, 1, 1, 1.5, 0.8, 1, 0, -1.0, 0.5, -1.0, 0.5, -0.9, -1.0, 0.5, 0)


def sample(index, point=POINT, seed=1):
    return Sample(point, seed, index, -1.0, 0.5, -1.0, 0.5, -0.9, -1.0, 0.5, 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.sqlite"


def test_samples_come_back_in_order_and_exactly(path):
    other = Point(50, 1, 1, 1.5, 0.1 + 0.7)  # not the same double as 0.8
    with Store(path) as store:
        store.add([sample(2), sample(0)])
        store.add([sample(1), sample(0, other)])
    with Store(path) as store:
        assert len(store) == 4
        assert store.samples(POINT) == [sample(0), sample(1), sample(2)]
        assert store.indices(POINT, 1) == {0, 1, 2}
        assert store.indices(POINT, 2) == set()
        assert set(store.points()) == {POINT, other}


def test_other_networks_and_ends_lie_beside_the_paper(path):
    tanh = Network("(y - yh)^2/2", "tanh(x)", noise=0.1, overlap=1 / 3)
    points = [
        POINT,
        Point(50, 1, 1, 1.5, 0.8, side="right"),
        Point(50, 1, 1, 0, 0.8, tanh),
        Point(50, 1, 1, 0, 0.8, tanh, "right"),
    ]
    shares = dict.fromkeys(("lowest_student2", "outlier_span2"), 0.25)
    shares |= dict.fromkeys(("lowest_span2", "outlier_student2"), 0.5)
    kept = [sample(0), *(replace(sample(0, point), **shares) for point in points[1:])]
    with Store(path) as store:
        store.add(kept)
        store.add(kept)
    with Store(path) as store:
        assert len(store) == 4
        assert set(store.points()) == set(points)
        assert [store.samples(point) for point in points] == [[row] for row in kept]
        assert all(store.indices(point, 1) == {0} for point in points)


def test_a_file_from_before_other_networks_takes_them(path):
    """The table of the paper's network is as it was; nothing is moved."""
    old = sqlite3.connect(path)
    measured = "lowest, lowest_overlap2, outlier, outlier_overlap2, bulk, top, top_overlap2, rank"
    key = "N, p, p_star, a, alpha, seed, sample"
    with old:
        old.execute(f"CREATE TABLE samples ({key}, {measured}, PRIMARY KEY ({key})) WITHOUT ROWID")
        old.execute("PRAGMA application_id = 1650618483")
        old.execute("PRAGMA user_version = 1")
        old.execute(f"INSERT INTO samples VALUES ({', '.join('?' * 15)})", PAPERS_ROW)
    old.close()
    other = Point(50, 1, 1, 0, 0.8, Network("(y - yh)^2/2", "tanh(x)"))
    with Store(path) as store:
        assert store.samples(POINT) == [sample(0)]
        assert store.indices(other, 1) == set()
        assert store.samples(other) == []
        shares = dict.fromkeys(("lowest_student2", "lowest_span2"), 0.5)
        shares |= dict.fromkeys(("outlier_student2", "outlier_span2"), 0.5)
        store.add([sample(1), replace(sample(0, other), **shares)])
        assert store.samples(POINT) == [sample(0), sample(1)]
        assert len(store.samples(other)) == 1


def test_a_sample_that_is_there_is_kept(path):
    with Store(path) as store:
        store.add([sample(0)])
        store.add([sample(0), sample(1)])
        assert len(store) == 2


def test_a_transaction_is_all_or_nothing(path):
    def half():
        yield sample(0)
        raise KeyboardInterrupt

    with Store(path) as store:
        with pytest.raises(KeyboardInterrupt):
            store.add(half())
        assert len(store) == 0
        store.add([sample(0)])
        assert len(store) == 1


def test_a_missing_file_is_only_created_on_demand(path):
    with pytest.raises(StorageError, match="no such file"):
        Store(path, create=False)
    assert not path.exists()


def test_a_text_file_is_refused_and_untouched(path):
    path.write_text("dear diary " * 1000)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not a SQLite file"):
        Store(path)
    assert path.read_bytes() == before


def test_a_foreign_database_is_refused_and_untouched(path):
    foreign = sqlite3.connect(path)
    with foreign:
        foreign.execute("CREATE TABLE samples (x)")
    foreign.close()
    before = path.read_bytes()
    with pytest.raises(StorageError, match="not one of this package"):
        Store(path)
    assert path.read_bytes() == before


def test_another_version_is_refused(path):
    Store(path).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(StorageError, match="another version"):
        Store(path)


def test_a_corrupt_file_is_refused(path):
    with Store(path) as store:
        store.add(sample(index) for index in range(2000))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 8192] = os.urandom(8192)
    path.write_bytes(content)
    with pytest.raises(StorageError, match="corrupt"):
        Store(path)


def test_a_directory_that_is_not_there(tmp_path):
    with pytest.raises(StorageError, match="cannot be opened"):
        Store(tmp_path / "nowhere" / "runs.sqlite")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_file_that_cannot_be_written(path):
    Store(path).close()
    path.chmod(0o400)
    with Store(path) as store, pytest.raises(StorageError, match="cannot be written"):
        store.add([sample(0)])


def test_a_full_disk_keeps_what_was_written(path):
    """A limit on the size of files is the nearest thing to a full disk without one."""
    program = textwrap.dedent(
        f"""
        import resource
        from bbpsym.errors import StorageError
        from bbpsym.finite.store import Store
        from tests.finite.test_store import sample

        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        with Store({str(path)!r}) as store:
            try:
                for start in range(0, 10_000, 10):
                    store.add(sample(index) for index in range(start, start + 10))
            except StorageError as error:
                print(start, error)
        """
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    start, _, message = run.stdout.partition(" ")
    assert "the disk is full" in message
    with Store(path) as store:
        assert store.indices(POINT, 1) == set(range(int(start)))
        store.add([sample(10_000)])
