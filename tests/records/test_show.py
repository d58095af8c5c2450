"""The page of every record, as a terminal shows it."""

import re

import pytest
from sympy import Eq, Integral, Symbol, oo

from bbpsym import symbols as s
from bbpsym.records.registry import record_of, records
from bbpsym.records.show import block, description, latex, plain
from bbpsym.writing.handwriting import text
from tests.cases import with_long

#: Records whose derivation takes long to tell.
DEAR = ("jump-wide", "deformed-bulk", "spread")


@pytest.mark.parametrize("name", with_long(tuple(records()), *DEAR))
def test_a_page_fits_a_terminal_and_has_no_stray_markup(name):
    page = description(record_of(name))
    assert max(map(len, page.splitlines())) <= 120
    formulas = page.split("\n\nDomain:")[0].split("\n", 1)[1]
    assert not re.search(r"m_?2\b|m₂|[\\{}]", formulas)
    assert "g f - 1" not in page  # the paper writes 1 - g f


def test_sums_stand_in_the_order_in_which_one_writes_them():
    p, e = s.p, Symbol("epsilon")
    assert text(1 - s.g * s.u) == "1 - g*u"
    assert text(p**2 - 25 * p**6 + 19 * p**8 - 18) == "19*p**8 - 25*p**6 + p**2 - 18"
    assert text(2 * p - p**3 - 1) == "2*p - p**3 - 1"
    assert text(1 - 3 * p + 2 * p**2 - p**3) == "1 - 3*p + 2*p**2 - p**3"
    wide = 2 / (p**3 * (s.a + 1)) - 3 / p**2 + s.a * s.p_star / p - s.a
    assert text(wide) == "-a + a*p^*/p - 3/p**2 + 2/(p**3*(a + 1))"
    assert text(s.t * e**2 - e + 1) == "1 - epsilon + epsilon**2*t"
    assert text(e / s.a - s.t) == "-t + epsilon/a"
    assert text(s.a + s.t * s.u - s.t * s.g) == "a + t*u - g*t"
    series = " ".join(description(record_of("alpha-BBP-wide")).split())
    assert "19*a^8 + 73*a^7 - 25*a^6 - 665*a^5" in series
    assert series.index("/(p^2*") < series.index("/(p^3*")


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
