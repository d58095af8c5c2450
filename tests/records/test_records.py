"""Every record holds, and every wrong version of it is caught."""

import ast
from pathlib import Path

import pytest

from bbpsym import derivations
from bbpsym import records as machinery
from bbpsym.errors import DomainError
from bbpsym.records.check import check, matches_derivation, numeric_agreement, points
from bbpsym.records.record import Nature
from bbpsym.records.registry import (
    NUMBERS,
    ROOT_DEFINITIONS,
    ancestors,
    chapters,
    gaps,
    in_chapter,
    record_of,
    records,
)
from tests.cases import long, with_long
from tests.records.mutants import mutants

NAMES = tuple(records())
CLAIMS = tuple(n for n, record in records().items() if record.nature is not Nature.DEFINITION)


@pytest.mark.parametrize("name", NAMES)
def test_record_holds(name):
    verdict = check(record_of(name))
    assert verdict.ok, verdict.trouble


@pytest.mark.parametrize(
    "name", ["40", "alpha-c-wide", "jump-wide", "47", *long("49", "alpha-BBP")]
)
def test_record_holds_with_more_digits_or_to_its_reach(name):
    verdict = check(record_of(name), 25)
    assert verdict.ok, verdict.trouble
    assert verdict.digits >= min(25, record_of(name).reach)


#: Records of whose wrong versions each takes long.
DEAR = ("47", "jump", "moments", "one-outlier", "jump-wide", "rise-and-fall", "student-directions")


@pytest.mark.parametrize("name", with_long(CLAIMS, *DEAR, "tracy-widom-scale"))
def test_every_mutant_is_caught(name):
    record = record_of(name)
    wrong = list(mutants(record.relations()))
    assert wrong
    for statement in wrong:
        verdict = check(record, statement=statement)
        assert not verdict.ok
        assert "broke" not in verdict.trouble
        assert verdict.derived in (False, None)
        assert verdict.digits is None or verdict.digits < min(10, record.reach)


def test_a_changed_sign_is_seen_by_each_witness_alone():
    for name in ("5", "31", "40", "43", "58", "alpha-BBP", "jump"):
        record = record_of(name)
        for statement in mutants(record.relations()):
            assert not matches_derivation(record, statement)
            assert numeric_agreement(record, statement, 10) < 10


def test_chapters_are_known_without_running_them():
    assert list(chapters()) == list(records())
    for name, chapter in chapters().items():
        assert record_of(name) is records()[name]
        assert records()[name] in in_chapter(chapter)


def test_all_equations_of_the_paper_have_a_record():
    assert set(NUMBERS) <= set(records())


def test_everything_is_derived_from_definitions_and_large_n_statements():
    assert gaps() == []
    for name in NAMES:
        roots = [n for n in ancestors(name) if not record_of(n).follows_from]
        for root in roots:
            assert root in ROOT_DEFINITIONS or record_of(root).nature is Nature.LARGE_N


def test_statements_are_written_in_symbols_with_a_domain():
    for record in records().values():
        assert record.domain
        assert all(relation.free_symbols for relation in record.relations())


def test_no_proof_rests_on_an_assert():
    """`python -O` drops them."""
    for folder in (*machinery.__path__, *derivations.__path__):
        for path in Path(folder).glob("*.py"):
            functions = [n for n in ast.parse(path.read_text()).body if hasattr(n, "args")]
            inside = [n for function in functions for n in ast.walk(function)]
            assert not [n for n in inside if isinstance(n, ast.Assert)], path.name


def test_points_are_the_same_every_time():
    first = points(record_of("40"), 10)
    points.cache_clear()
    assert points(record_of("40"), 10) == first


def test_an_unknown_id_names_what_there_is():
    with pytest.raises(DomainError, match="choose from 1 to 58"):
        record_of("59")
