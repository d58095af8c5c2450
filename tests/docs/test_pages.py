"""The built pages: links alive, and in a real browser formulas, pictures and a quiet console."""

import contextlib
import threading
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urljoin, urlsplit

import pytest

pytestmark = pytest.mark.long

#: Asked of every page, when MathJax has finished.
INSPECT = """
const done = arguments[arguments.length - 1];
const ready = window.MathJax && MathJax.startup ? MathJax.startup.promise : Promise.resolve();
ready.then(() => {
  const formulas = [...document.querySelectorAll(".math")];
  const pictures = [...document.images];
  pictures.forEach(picture => { picture.loading = "eager"; });
  Promise.allSettled(pictures.map(picture => picture.decode())).then(() => done({
    formulas: formulas.length,
    unrendered: formulas.filter(f => !f.querySelector("mjx-container")).map(f => f.textContent),
    raw: [...document.querySelectorAll("th, td")].map(cell => cell.innerText)
      .filter(text => text.includes("$")),
    wrong: [...document.querySelectorAll("mjx-merror")].map(e => e.textContent),
    invisible: formulas.filter(f => !(f.getBoundingClientRect().width > 0)
                                    && f.checkVisibility()).map(f => f.textContent),
    broken: pictures.filter(p => !(p.complete && p.naturalWidth > 0)).map(p => p.src),
    pictures: pictures.length,
  }));
});
"""

#: Pages that must show formulas, and pages that must show pictures.
WITH_FORMULAS = ("conventions.html", "generated/paper.html", "generated/notebooks/quick_start.html")
WITH_PICTURES = ("index.html", "generated/figures.html", "generated/notebooks/overlaps.html")


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without a log."""

    def log_message(self, *arguments):
        pass


class Anchors(HTMLParser):
    """Links and anchors of one page."""

    def __init__(self, text):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.names.update(filter(None, (found.get("id"), found.get("name"))))
        target = found.get("href" if tag in ("a", "link") else "src")
        if target:
            self.links.append(target)


def names(folder):
    return sorted(str(page.relative_to(folder)) for page in folder.rglob("*.html"))


@contextlib.contextmanager
def served(folder):
    """Address at which a folder can be read."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def address(pages):
    with served(pages) as found:
        yield found


def test_every_internal_link_leads_somewhere(pages):
    parsed = {name: Anchors((pages / name).read_text(encoding="utf-8")) for name in names(pages)}
    dead, checked = [], 0
    for name, page in parsed.items():
        for link in page.links:
            parts = urlsplit(urljoin(name, link))
            if parts.scheme or parts.netloc:
                continue
            checked += 1
            path = unquote(parts.path) or name
            target = path + "index.html" if path.endswith("/") else path
            if not (pages / target).exists():
                dead.append((name, link))
            elif parts.fragment and target in parsed:
                fragment = unquote(parts.fragment)
                known = fragment in parsed[target].names
                dead += [] if known else [(name, link)]
    assert dead == []
    assert checked > 100


def test_the_pages_that_matter_are_there(pages):
    expected = {"api.html", "howto/derive.html", "howto/tabulate.html", "howto/verify.html"}
    assert expected | {*WITH_FORMULAS, *WITH_PICTURES} <= set(names(pages))


def test_every_page_renders_in_a_browser(browser, address, pages):
    wrong = {}
    for name in names(pages):
        browser.get_log("browser")
        browser.get(address + name)
        found = browser.execute_async_script(INSPECT)
        lists = ("unrendered", "raw", "wrong", "invisible", "broken")
        trouble = {key: found[key] for key in lists if found[key]}
        console = [entry["message"] for entry in browser.get_log("browser")]
        if name in WITH_FORMULAS and not found["formulas"]:
            trouble["formulas"] = "none"
        if name in WITH_PICTURES and not found["pictures"]:
            trouble["pictures"] = "none"
        if console:
            trouble["console"] = console
        if trouble:
            wrong[name] = trouble
    assert wrong == {}


def test_the_browser_check_can_fail(browser, tmp_path):
    table = "<table><tr><td>$p$</table>"
    trouble = "<img src=missing.png><span class=math>x</span><script>nothing()</script>"
    (tmp_path / "broken.html").write_text(table + trouble)
    with served(tmp_path) as address:
        browser.get_log("browser")
        browser.get(address + "broken.html")
        found = browser.execute_async_script(INSPECT)
        assert found["broken"]
        assert found["unrendered"]
        assert found["raw"] == ["$p$"]
        assert any("nothing" in entry["message"] for entry in browser.get_log("browser"))


def test_a_search_shows_formulas_and_not_their_source(browser, address):
    browser.get(address + "search.html?q=outlier")
    wait = pytest.importorskip("selenium.webdriver.support.ui").WebDriverWait(browser, 3600)
    shown = "return document.querySelectorAll('#search-results mjx-container').length"
    wait.until(lambda opened: opened.execute_script(shown) > 3)
    text = "return document.getElementById('search-results').innerText"
    wait.until(lambda opened: r"\(" not in opened.execute_script(text))  # they arrive one by one
