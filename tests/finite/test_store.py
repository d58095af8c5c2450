from dataclasses import replace

import pytest

from bbpsym.errors import StorageError
from bbpsym.finite.architecture import Architecture
from bbpsym.finite.point import Point
from bbpsym.finite.sample import Sample
from bbpsym.finite.store import Store

POINT = Point(50, 1, 1, 1.5, 0.8)


def sample(index, point=POINT, seed=1):
    return Sample(point, seed, index, -1.0, 0.5, -1.0, 0.5, -0.9, -1.0, 0.5, 0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.jsonl"


def test_samples_come_back_in_order_and_exactly(path):
    other = Point(50, 1, 1, 1.5, 0.1 + 0.7)  # not the same double as 0.8
    with Store(path) as store:
        store.add([sample(2), sample(0)])
        store.add([sample(1), sample(0, other)])
    with Store(path, create=False) as store:
        assert len(store) == 4
        assert store.samples(POINT) == [sample(0), sample(1), sample(2)]
        assert store.indices(POINT, 1) == {0, 1, 2}
        assert store.indices(POINT, 2) == set()
        assert set(store.points()) == {POINT, other}


def test_a_sample_that_is_there_is_kept(path):
    with Store(path) as store:
        store.add([sample(0)])
        store.add([sample(0), sample(1)])
        assert len(store) == 2


def test_other_networks_and_ends_lie_beside_the_paper(path):
    tanh = Architecture("(y - yh)^2/2", "tanh(x)", noise=0.1, overlap=1 / 3)
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
    with Store(path, create=False) as store:
        assert len(store) == 4
        assert set(store.points()) == set(points)
        assert store.points()[0] == POINT
        assert [store.samples(point) for point in points] == [[row] for row in kept]
        assert all(store.indices(point, 1) == {0} for point in points)


def test_a_store_can_be_read_while_it_is_written(path):
    with Store(path) as store:
        store.add([sample(0)])
        with Store(path, create=False) as reader:
            assert reader.samples(POINT) == [sample(0)]
        with pytest.raises(StorageError, match="being written by another process"):
            Store(path)


def test_a_missing_file_is_only_created_on_demand(path):
    with pytest.raises(StorageError, match="no such file"):
        Store(path, create=False)
    assert not path.exists()


def test_another_file_is_refused_and_untouched(path):
    path.write_text("dear diary " * 1000)
    before = path.read_bytes()
    with pytest.raises(StorageError, match="holds no samples that this version reads"):
        Store(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", [":memory:", "file:runs.db?mode=memory"])
def test_a_name_is_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with Store(name) as store:
        store.add([sample(0)])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with Store(name, create=False) as store:
        assert len(store) == 1
