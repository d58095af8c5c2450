"""The pages and the browser that opens them, once for all tests of this folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.docs.building import built_once

#: What the pages are built with.
NEEDED = ("sphinx", "furo", "myst_nb", "jupytext", "ipywidgets", "matplotlib")

#: The process that builds, begun before the first test.
begun = pytest.StashKey[subprocess.Popen]()


def needs_pages(item):
    return "pages" in getattr(item, "fixturenames", ())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Tests of the built pages come last: building takes longest, and goes on beside the others."""
    items.sort(key=needs_pages)


def pytest_collection_finish(session):
    """Begin to build; with several processes one of them does."""
    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    wanted = any(map(needs_pages, session.items)) and not session.config.option.collectonly
    if first and wanted and all(map(find_spec, NEEDED)):
        command = [sys.executable, str(Path(__file__).with_name("building.py"))]
        session.config.stash[begun] = subprocess.Popen(
            [*command, str(folder_of(session.config._tmp_path_factory))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def pytest_sessionfinish(session):
    """Whatever still builds ends with the tests."""
    builder = session.config.stash.get(begun, None)
    if builder is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(builder.pid, signal.SIGKILL)
        builder.wait()


def folder_of(tmp_path_factory):
    """Where the pages are built, the same for all processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "docs"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Folder of the built pages; building fails on any warning."""
    for module in NEEDED:
        pytest.importorskip(module, reason='pages need the extra: pip install "bbpsym[docs]"')
    folder = folder_of(tmp_path_factory)
    assert built_once(folder) == ""
    return folder / "html"


@pytest.fixture(scope="session")
def executed(pages):
    """Folder of the notebooks and chapters as they ran for the pages, with what they printed."""
    return pages.parent / "jupyter_execute" / "generated"


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
