"""The pages and the browser that opens them, once for all tests of this folder."""

import contextlib
import os
import runpy
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.opened import drawn

DOCS = Path(__file__).parents[2] / "docs"

#: What notebooks run with, and what pages are built with besides.
RUN_WITH = ("jupytext", "nbclient", "ipykernel", "ipywidgets", "matplotlib")
NEEDED = {"executed": RUN_WITH, "pages": (*RUN_WITH, "sphinx", "furo", "myst_nb")}

#: The processes that make what tests look at, begun before the first test.
begun = pytest.StashKey[list[subprocess.Popen]]()


def needs(item, name):
    return name in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes longest to make goes on beside the other tests."""
    items.sort(key=place)


def place(item):
    """Tests in the browser come first, in one process; those of what is still being made, last."""
    names = getattr(item, "fixturenames", ())
    order = {"pages": 3, "executed": 2, "browser": 0, "file": 0}
    return next((order[name] for name in order if name in names), 1)


def commands(session):
    """What makes the folders that tests look at, by their names."""
    base = session.config._tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    command = [sys.executable, str(Path(__file__).with_name("building.py"))]
    ran = {i.callspec.params["path"] for i in session.items if needs(i, "executed")}
    pages = any(needs(item, "pages") for item in session.items)
    wanted = {"executed": sorted(map(str, ran))} | ({"pages": []} if pages else {})
    return {
        name: [*command, str(base / name), *paths]
        for name, paths in wanted.items()
        if paths or name == "pages"
    }


def pytest_collection_finish(session):
    """Begin to make it; with several processes one of them does."""
    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    if first and not session.config.option.collectonly:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        session.config.stash[begun] = [
            subprocess.Popen(words, start_new_session=True, **quiet)
            for name, words in commands(session).items()
            if all(map(find_spec, NEEDED[name]))
        ]


def pytest_sessionfinish(session):
    """Whatever is still being made ends with the tests."""
    for process in session.config.stash.get(begun, []):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def made(session, name):
    """A folder, once it is made without a complaint."""
    if not all(map(find_spec, NEEDED[name])):
        pytest.skip('needs the extra: pip install "bbpsym[docs]"')
    command = commands(session)[name]
    subprocess.run(command, check=True)
    folder = Path(command[2])
    assert (folder / "complaint").read_text() == ""
    return folder


@pytest.fixture(scope="session")
def pages(request):
    """Folder of the built pages; building fails on any warning."""
    return made(request.session, "pages") / "html"


@pytest.fixture(scope="session")
def executed(request):
    """Folder of the notebooks and chapters as they ran, with what they showed."""
    return made(request.session, "executed")


#: How the browser runs, without a screen and without a network.
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # The pages must do without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver", reason="the browser check needs selenium")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium with its driver here: the pages are not opened in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    opened.set_script_timeout(3600)
    yield opened
    opened.quit()


@pytest.fixture(scope="session")
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
