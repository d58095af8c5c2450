import json

import pytest

from bbpsym import Model, threshold
from bbpsym.errors import StorageError
from bbpsym.journal import Journal
from bbpsym.tables import Table

MODELS = [Model(2, 1, "0.7"), Model("inf", 1, "1/3"), Model(1, 1, "0.7")]


def never(model):
    raise AssertionError(f"{model} was computed again")


@pytest.mark.parametrize("digits", [None, 25])
def test_rows_come_back_as_they_were(tmp_path, digits):
    path = tmp_path / "rows"
    first = list(Journal(path, digits).rows(MODELS, lambda model: threshold(model, digits)))
    again = list(Journal(path, digits).rows(MODELS, never))
    for form in (Table.to_text, Table.to_json):
        assert form(Table(tuple(again), digits)) == form(Table(tuple(first), digits))


def test_a_line_cut_short_is_computed_again(tmp_path):
    path = tmp_path / "rows"
    list(Journal(path, None).rows(MODELS[:2], threshold))
    path.write_text(path.read_text()[:-40])
    computed = []
    rows = Journal(path, None).rows(MODELS[:2], lambda m: computed.append(m) or threshold(m))
    assert [row.model for row in rows] == MODELS[:2]
    assert computed == [MODELS[1]]
    # and the journal is whole again
    assert len(list(Journal(path, None).rows(MODELS[:2], never))) == 2


@pytest.mark.parametrize("torn", ["", '{"bbpsym": "jour'])
def test_a_kill_before_the_first_row_leaves_a_journal(tmp_path, torn):
    path = tmp_path / "rows"
    path.write_text(torn)
    assert len(list(Journal(path, None).rows(MODELS[:1], threshold))) == 1
    assert len(list(Journal(path, None).rows(MODELS[:1], never))) == 1


def test_other_digits_are_not_mixed(tmp_path):
    path = tmp_path / "rows"
    list(Journal(path, None).rows(MODELS[:1], threshold))
    with pytest.raises(AssertionError, match="computed again"):
        list(Journal(path, 30).rows(MODELS[:1], never))


@pytest.mark.parametrize(
    "content", ["not a journal\nat all\n", "no newline", '{"a": 1}\n{"a": 2}\n']
)
def test_a_foreign_file_is_left_alone(tmp_path, content):
    path = tmp_path / "rows"
    path.write_text(content)
    with pytest.raises(StorageError, match="is not a journal of bbpsym"):
        Journal(path, None)
    assert path.read_text() == content


def test_an_unwritable_journal_is_one_sentence(tmp_path):
    with pytest.raises(StorageError, match=r"cannot be used: No such file"):
        Journal(tmp_path / "missing" / "rows", None)
    journal = Journal(tmp_path / "rows", None)
    journal.path.unlink()
    journal.path.mkdir()
    with pytest.raises(StorageError, match=r"cannot be written: Is a directory"):
        list(journal.rows(MODELS[:1], threshold))


def test_a_journal_is_removed_when_the_table_is_written(tmp_path):
    path = tmp_path / "rows"
    journal = Journal(path, None)
    list(journal.rows(MODELS[:1], threshold))
    assert json.loads(path.read_text().splitlines()[1])["kind"] == "continuous"
    journal.close()
    assert not path.exists()


def test_certified_rows_come_back_as_they_were(tmp_path):
    path, model = tmp_path / "rows", Model(2, 1, "0.7")
    row = threshold(model, 20, certified=True)
    journal = Journal(path, 20, certified=True)
    assert list(journal.rows([model], lambda _: row)) == [row]
    again = Journal(path, 20, certified=True)
    assert list(again.rows([model], lambda _: pytest.fail("computed again"))) == [row]
    plain = threshold(model, 20)
    assert list(Journal(path, 20).rows([model], lambda _: plain)) == [plain]
