"""What the explorer shows and says, how it moves, and what it needs."""

import csv
import io
import re
import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bbpsym import Model, density, outlier
from tests.cases import long
from tests.docs.opened import drawn, shown_numbers, texts

DOCS = Path(__file__).parents[2] / "docs"


def test_the_address_is_the_state(explore):
    browser = explore("matrix=hessian&p=3&p_star=2&a=1.5&alpha=4")
    browser.execute_script(
        "const slider = document.querySelector('[data-name=alpha] input[type=range]');"
        "slider.value = Math.log10(8); slider.dispatchEvent(new Event('input'));"
    )
    drawn(browser)
    address = browser.current_url
    moved = re.fullmatch(r"matrix=hessian&p=3&p_star=2&a=1.5&alpha=(.*)", address.partition("#")[2])
    assert float(moved[1]) == pytest.approx(8, rel=0.01)
    before = shown_numbers(browser)
    browser = explore(address.partition("#")[2])
    assert shown_numbers(browser) == before


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("matrix=hessian&a=-1", "a must be a number from 0.01 to 100"),
        ("matrix=hessian&p=2.5", "p must be an integer from 1 to 100"),
        ("matrix=hessian&alpha=nothing", "α must be a number from 0.01 to 1000"),
        ("matrix=other", "matrix must be one of hessian, limit, averaged, optimal, made"),
        ("matrix=made&p_star=5&alpha=1", "weight needs α of at least p*/2 = 2.5"),
    ],
)
def test_wrong_states_are_said(explore, state, sentence):
    browser = explore(state)
    (said,) = texts(browser, "#complaint")
    assert sentence in said


def test_what_does_not_converge_is_said_and_not_drawn(explore):
    browser = explore("matrix=hessian&p=2&p_star=1&a=0.7&alpha=2")
    browser.execute_script("CONSTANTS.iterations = 0; CONSTANTS.steps = 0; change({a: 0.71})")
    drawn(browser)
    assert "a root in t did not settle" in texts(browser, ".card p")
    assert "a root in t did not settle" in texts(browser, "#overlap .note")
    assert texts(browser, "#spectrum path.curve, #overlap path.curve") == []


def test_the_keyboard_reads_a_chart_and_moves_there(explore):
    browser = explore("matrix=hessian&p=2&p_star=1&a=0.7&alpha=2")
    script = """
    const chart = document.querySelector('#overlap svg');
    chart.focus();
    const press = key => chart.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    press('ArrowRight'); press('ArrowRight');
    const said = document.querySelector('#overlap .readout').textContent;
    press('Enter');
    return [document.activeElement === chart, said, state.alpha];
    """
    focused, said, alpha = browser.execute_script(script)
    assert focused
    read = re.fullmatch(r"α = ([\d.]+) m2 = ([\d.]+)", said)
    assert float(read[1]) == pytest.approx(1.56, abs=0.01)  # the middle and two hundredths
    assert float(read[2]) == pytest.approx(outlier(Model(2, 1, "0.7"), read[1]).overlap2, abs=1e-3)
    assert alpha == pytest.approx(1.56, abs=0.01)
    drawn(browser)


def test_a_click_on_a_chart_moves_there(explore):
    browser = explore("matrix=limit&p=2&p_star=1&a=0.7&alpha=2")
    for chart in ("#types svg", "#overlap svg"):
        found = browser.find_element("css selector", chart)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()
        drawn(browser)
    ensemble, p, alpha = browser.execute_script("return [state.ensemble, state.p, state.alpha]")
    assert (ensemble, p) == ("hessian", 7)  # the middle of 1 to 12 and infinity
    assert alpha != 2


def test_downloads_hold_what_is_drawn(explore):
    browser = explore("matrix=hessian&p=2&p_star=1&a=0.7&alpha=2")
    found = browser.execute_script(
        "return Object.entries(charts).map(([name, c]) => [name, c.picture(), c.numbers()])"
    )
    assert len(found) == 5
    for name, picture, numbers in found:
        root = ElementTree.fromstring(picture.encode())
        assert root.tag == "{http://www.w3.org/2000/svg}svg", name
        assert len(list(root.iter())) > 30
        rows = list(csv.reader(numbers.splitlines()))
        assert {len(row) for row in rows} == {3}, name
        assert len(rows) > 10
    (spectrum,) = (numbers for name, _, numbers in found if name == "spectrum")
    rows = [
        (float(row["lambda"]), float(row["value"])) for row in csv.DictReader(io.StringIO(spectrum))
    ]
    some = rows[5::20]
    model = Model(2, 1, "0.7")
    truth = density(model, 2, [x for x, _ in some])
    assert [rho for _, rho in some] == pytest.approx(list(truth), abs=1e-5)


#: Asked of the page about its look.
LOOK = """
const count = (chart, selector) => chart.querySelectorAll(selector).length;
return {
  width: document.documentElement.scrollWidth,
  paper: getComputedStyle(document.body).backgroundColor,
  charts: [...document.querySelectorAll("svg.chart")].map(chart => [
    count(chart, ".curve, rect.discontinuous"), count(chart, ".tick"), count(chart, ".label"),
  ]),
};
"""

SIZES = {"desktop": (1280, 900, False), "telephone": (390, 844, True)}


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        ("desktop", "light"),
        ("telephone", "dark"),
        *long(("desktop", "dark"), ("telephone", "light")),
    ],
)
def test_it_fits_the_screen_and_shows_every_chart(explore, browser, tmp_path, size, scheme):
    width, height, mobile = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    try:
        explore("matrix=hessian&p=1&p_star=1&a=1.5&alpha=3")
        found = browser.execute_script(LOOK)
        screenshot = browser.get_screenshot_as_png()
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert found["width"] <= width
    brightness = sum(map(int, re.findall(r"\d+", found["paper"])[:3])) / 3
    assert (brightness > 128) == (scheme == "light")
    assert len(found["charts"]) == 5
    for curves, ticks, labels in found["charts"]:
        assert curves >= 1
        assert ticks >= 5
        assert labels == 2
    (tmp_path / f"{size}-{scheme}.png").write_bytes(screenshot)
    assert shades(screenshot) > 30


def shades(png):
    """Number of different bytes in a picture: a blank one has few."""
    data, at = b"", 8
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return len(set(zlib.decompress(data)))


def test_the_page_needs_no_other_file(file):
    text = file.read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:|#)([^"]*)"', text) == [
        "index.html",
        "https://arxiv.org/abs/2510.18435",
    ]
    assert "@import" not in text
    assert "url(" not in text.replace("url(#", "")


def test_no_equation_of_the_package_is_written_by_hand():
    """What is not printed from SymPy holds no function that integrands are made of."""
    names = ("solver", "curves", "charts", "page")
    by_hand = "".join((DOCS / "explorer" / f"{name}.js").read_text() for name in names)
    assert "Math.exp(" in by_hand  # of log t, in which roots are looked for
    assert not re.search(r"Math\.(log1p|cos|sin|pow)|\*\* *-", by_hand)
