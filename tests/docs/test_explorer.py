"""The explorer in a real browser: its numbers against Python's, what it says, how it looks."""

import contextlib
import csv
import io
import math
import random
import re
import runpy
import struct
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from scipy.integrate import quad
from scipy.stats import chi2

from bbpsym import Model, density, edge, outlier, threshold
from bbpsym.cli import main
from bbpsym.ensembles.methods import averaged_hessian, luo_alghamdi_lu, mondelli_montanari
from tests.cases import long

DOCS = Path(__file__).parents[2] / "docs"

#: Relative error to which the numbers of the page are held, and the absolute one of densities: both
#: sides promise 1e-10, in units of the weights' bound.
TEN_DIGITS, BOTH = 1e-10, 2e-10

#: Distances from the edge at which densities are compared, in units of the weights' bound.
BESIDE = (0.05, 0.6, 2.0)

#: Asked of the page at many points; what is not resolved throws.
ASK = """
return arguments[0].map(([state, x]) => {
  const found = answer(state), { threshold, edge, outlier } = found;
  for (const part of [threshold, edge, outlier]) if (part && part.unresolved) throw part.unresolved;
  const value = (number) => number.value;
  return {
    alpha: value(threshold.alpha), kind: threshold.kind, alpha_c: value(threshold.alpha_c),
    jump: value(threshold.overlap2), edge: value(edge.value), edge_kind: edge.kind,
    outlier: outlier && value(outlier.value), overlap2: outlier && value(outlier.overlap2),
    t: outlier && value(outlier.root), density: density(found, state.alpha, x).map(value),
  };
});
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The page, made as the README says."""
    target = tmp_path_factory.mktemp("explorer") / "explorer.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["explorer.py", str(target)])
        runpy.run_path(str(DOCS / "explorer.py"), run_name="__main__")
    return target


@pytest.fixture
def explore(browser, file):
    """Open the page at a state, wait until all is drawn, and hear no complaint of the browser."""

    def opened(state):
        browser.get("about:blank")
        browser.get(f"{file.as_uri()}#{state}")
        drawn(browser)
        return browser

    browser.get_log("browser")
    yield opened
    assert browser.get_log("browser") == []


def drawn(browser):
    """Wait until all is drawn, as long as a busy machine takes."""
    ended = "return ['fine', 'nothing'].includes(document.documentElement.dataset.drawn)"
    while not browser.execute_script(ended):
        time.sleep(0.02)


def random_points(count):
    """Hessians in the ranges of the page, at alpha below and above their thresholds."""
    chance = random.Random(2510)
    for _ in range(count):
        p = chance.choice([1, 1, 2, 2, 3, 4, 5, 7, 10, 16, 25, "inf"])
        model = Model(
            p, chance.choice([1, 1, 2, 3, 4, 6]), f"{10 ** chance.uniform(-1.7, 0.9):.4g}"
        )
        found = threshold(model)
        yield model, found, f"{found.alpha * 2 ** chance.uniform(-1.5, 3):.5g}"


def state_of(model, alpha):
    p = "limit" if model.p == math.inf else "hessian"
    numbers = {"p": 1 if model.p == math.inf else model.p, "p_star": model.p_star}
    return {"ensemble": p, **numbers, "a": float(model.a), "alpha": float(alpha)}


def expected(model, found, alpha, end, x=()):
    """What the page has to answer."""
    beyond = outlier(model, alpha, side=end.side)
    numbers = {"alpha": found.alpha, "alpha_c": found.alpha_c, "jump": found.overlap2}
    numbers |= {"edge": end.value, "kind": str(found.kind), "edge_kind": str(end.kind)}
    numbers |= {name: beyond and getattr(beyond, name) for name in ("overlap2", "t")}
    numbers |= {"outlier": beyond and beyond.value}
    return {**numbers, "density": list(density(model, alpha, x)) if len(x) else []}


def check(got, wanted, unit=1.0):
    """Ten digits of every number, and ten digits after the point of a density."""
    for name, value in wanted.items():
        if name == "density":
            assert got[name] == pytest.approx(value, rel=TEN_DIGITS, abs=BOTH / unit), name
        elif isinstance(value, float):
            assert got[name] == pytest.approx(value, rel=TEN_DIGITS, abs=0), name
        else:
            assert got[name] == value, name


@pytest.mark.parametrize("count", [25, *long(100)])
def test_numbers_are_those_of_python_at_random_points(explore, count):
    asked, wanted, units = [], [], []
    for model, found, alpha in random_points(count):
        end = edge(model, alpha)
        x = [end.value - 0.1, *(end.value + float(model.scale) * step for step in BESIDE)]
        asked.append((state_of(model, alpha), x))
        wanted.append(expected(model, found, alpha, end, x))
        units.append(float(model.scale))
    got = explore("").execute_script(ASK, asked)
    for numbers, truth, unit in zip(got, wanted, units, strict=True):
        check(numbers, truth, unit)
    kinds = {(truth["kind"], truth["edge_kind"], truth["outlier"] is None) for truth in wanted}
    assert len(kinds) > 4  # every branch was taken


def test_a_number_that_differs_in_the_ninth_digit_is_noticed():
    model = Model(2, 1, "0.7")
    truth = expected(model, threshold(model), 2, edge(model, 2))
    check(truth, truth)
    for name, value in truth.items():
        if isinstance(value, float) and value != 0:
            with pytest.raises(AssertionError):
                check({**truth, name: value * (1 + 1e-9)}, truth)


def test_weights_of_the_labels_have_their_closed_forms(explore):
    """Averaged Hessian, Luo-Alghamdi-Lu and Mondelli-Montanari, without the package's averages."""
    asked = [
        {"ensemble": "averaged", "p": 3, "p_star": 4, "a": 1.5, "alpha": 9.5},
        {"ensemble": "optimal", "p": 1, "p_star": 3, "a": 1, "alpha": 4},
        {"ensemble": "made", "p": 1, "p_star": 2, "a": 1, "alpha": 7},
    ]
    averaged, optimal, made = explore("").execute_script(ASK, [(state, []) for state in asked])
    assert averaged["kind"] == "discontinuous"
    assert averaged["alpha"] == pytest.approx(4 * (1.5 + 1 + 2 / 3) / 2, rel=TEN_DIGITS)
    # E [(1 + 2/p - y)/(a + 1 + 2/p)]^2 at the smooth edge.
    mean, variance = 1.5 + 1 + 2 / 3, 2 / 4
    assert averaged["alpha_c"] == pytest.approx(mean**2 / ((2 / 3) ** 2 + variance), rel=TEN_DIGITS)
    assert (optimal["kind"], made["kind"]) == ("continuous", "discontinuous")
    assert optimal["alpha"] == pytest.approx(3 / 2, rel=TEN_DIGITS)
    assert optimal["outlier"] == pytest.approx(1, rel=TEN_DIGITS)
    assert mean_of_the_optimum(3, optimal["overlap2"]) == pytest.approx(1 / 4, rel=TEN_DIGITS)
    assert made["edge"] == pytest.approx(1, rel=TEN_DIGITS)
    assert made["alpha"] == pytest.approx(math.sqrt(7 * 2 / 2), rel=TEN_DIGITS)


def mean_of_the_optimum(p_star, m2):
    """`<(y - 1)^2/(1 + r y)>` with `r = m^2/(1 - m^2)`: at the largest overlap it is 1/alpha."""
    law, r = chi2(p_star, scale=1 / p_star), m2 / (1 - m2)

    def integrand(y):
        return law.pdf(y) * (y - 1) ** 2 / (1 + r * y)

    return sum(quad(integrand, *ends, epsabs=1e-14)[0] for ends in ((0, 1), (1, 4), (4, 60)))


@pytest.mark.slow
def test_weights_of_the_labels_are_those_of_python(explore):
    """The page averages over the Laplace variable, the package over the labels."""
    cases = [
        ("averaged", averaged_hessian(Model(1, 2, "0.3")), (1, 2, 0.3, 6.0)),
        ("averaged", averaged_hessian(Model(2, 1, "0.7")), (2, 1, 0.7, 2.0)),
        ("optimal", luo_alghamdi_lu(3), (1, 3, 1.0, 40.0)),
        ("made", mondelli_montanari(5, "2.51"), (1, 5, 1.0, 2.51)),
    ]
    for name, reduced, (p, p_star, a, alpha) in cases:
        method = replace(reduced, reduction=None)
        side = "left" if name == "averaged" else "right"
        end, inwards = edge(method, alpha, side=side), 1 if side == "left" else -1
        x = [end.value + inwards * step for step in BESIDE]
        wanted = expected(method, threshold(method, side=side), alpha, end, x)
        state = {"ensemble": name, "p": p, "p_star": p_star, "a": a, "alpha": alpha}
        (got,) = explore("").execute_script(ASK, [(state, x)])
        got["density"] = [round(value, 9) for value in got["density"]]
        wanted["density"] = [round(value, 9) for value in wanted["density"]]
        if name == "made":  # at alpha = alpha_c itself, a tie
            del wanted["edge_kind"]
        check(got, wanted)


def texts(browser, selector):
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)"
    return browser.execute_script(script, selector)


def shown_numbers(browser):
    return {text.replace("−", "-") for text in texts(browser, ".card output")}


def run(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as finished:
        main()
    assert finished.value.code == 0
    return capsys.readouterr().out


def test_copied_code_prints_the_numbers_shown(explore, monkeypatch, capsys):
    browser = explore("matrix=hessian&p=2&p_star=1&a=0.7&alpha=2")
    code, commands = texts(browser, "#python, #command")
    numbers = shown_numbers(browser)
    assert {"0.927055296717", "-0.959626705215", "0.276230470821"} <= numbers
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})
    answers = "".join(run(line.split(), monkeypatch, capsys) for line in commands.splitlines())
    for number in numbers:
        assert number in printed.getvalue()
        assert number in answers


@pytest.mark.parametrize("matrix", ["limit", "averaged", "optimal", "made"])
def test_code_and_commands_of_other_matrices_are_valid(explore, matrix, monkeypatch, capsys):
    browser = explore(f"matrix={matrix}&p=3&p_star=2&a=1.5&alpha=4")
    code, commands = texts(browser, "#python, #command")
    compile(code, matrix, "exec")
    matrices = {"Model": Model, "averaged_hessian": averaged_hessian}
    matrices |= {"luo_alghamdi_lu": luo_alghamdi_lu, "mondelli_montanari": mondelli_montanari}
    (made,) = re.findall(r"^matrix = (.*)$", code, re.MULTILINE)
    assert eval(made, matrices) is not None
    printed = "".join(run(line.split(), monkeypatch, capsys) for line in commands.splitlines())
    (overlap2,) = texts(browser, "[data-answer=overlap] output")
    assert overlap2 in printed
    assert texts(browser, "#complaint") == [""]
    assert "–" not in shown_numbers(browser)


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
