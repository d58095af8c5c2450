"""The page of every record, as a terminal shows it."""

import re

import pytest
from sympy import Eq, Integral, oo

from bbpsym import symbols as s
from bbpsym.records.registry import record_of, records
from bbpsym.records.show import block, description, latex, plain


@pytest.mark.parametrize("name", tuple(records()))
def test_a_page_fits_a_terminal_and_has_no_stray_markup(name):
    page = description(record_of(name))
    assert max(map(len, page.splitlines())) <= 120
    formulas = page.split("\n\nDomain:")[0].split("\n", 1)[1]
    assert not re.search(r"m_?2\b|m₂|[\\{}]", formulas)
    assert "g f - 1" not in page  # the paper writes 1 - g f


def test_a_square_is_a_superscript():
    assert "m²" in description(record_of("58"))
    assert any("m²" in str(plain(relation)) for relation in record_of("58").relations())
    assert "H⁸" in description(record_of("moments"))


def test_a_variable_of_an_integral_has_no_latex_in_its_name():
    whole = Integral(s.yh ** (s.p / 2), (s.yh, 0, oo))
    assert "\\" not in str(plain(whole))
    assert plain(whole).variables == [plain(s.yh)]


def test_an_identity_whose_sides_are_written_alike_is_told_once():
    same = Eq(s.y + 1, s.y + 1, evaluate=False)
    assert block((same,)) == "  y + 1"
    assert latex(same) == "y + 1"
    assert latex(Eq(s.y, s.u + 1)) == "y = u + 1"
