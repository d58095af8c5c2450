"""The pages and the browser that opens them, once for all tests of this folder."""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[2]

#: What the pages are built with.
NEEDED = ("sphinx", "furo", "myst_nb", "jupytext", "ipywidgets", "matplotlib")

#: Run when a kernel starts: in a notebook a warning is a defect like any other.
#: Those of the kernel itself are not ours.
STRICT = "import warnings; warnings.simplefilter('error')\n"
STRICT += "warnings.filterwarnings('ignore', module='ipykernel')\n"


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Folder of the built pages, the same for all processes; building fails on any warning."""
    for module in NEEDED:
        pytest.importorskip(module, reason='pages need the extra: pip install "bbpsym[docs]"')
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "docs"
    folder.mkdir(exist_ok=True)
    complaint = folder / "complaint"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complaint.exists():
            complaint.write_text(build(folder / "html", folder / "ipython"))
    assert complaint.read_text() == ""
    return folder / "html"


def build(target, profile):
    """Build the pages, and say what went wrong."""
    startup = profile / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "strict.py").write_text(STRICT)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(profile)}
    with forked_kernels(environment) as specification:
        built = subprocess.run(
            [*command, str(ROOT / "docs"), str(target)],
            capture_output=True,
            text=True,
            env={**environment, "JUPYTER_PATH": specification},
            check=False,
        )
    return f"status {built.returncode}: {built.stderr[-3000:]}" if built.returncode else ""


@contextlib.contextmanager
def forked_kernels(environment):
    """A folder in which Jupyter finds the kernels of `kernels.py`, in place of Python's own."""
    # The name of a socket must be short.
    with TemporaryDirectory() as folder:
        program, address = str(Path(__file__).with_name("kernels.py")), f"{folder}/socket"
        words = [sys.executable, "-S", program, "start", address, "-f", "{connection_file}"]
        place = Path(folder, "kernels", "python3")
        place.mkdir(parents=True)
        spec = {"argv": words, "display_name": "Python 3", "language": "python"}
        (place / "kernel.json").write_text(json.dumps(spec))
        server = subprocess.Popen(
            [sys.executable, program, "serve", address],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield folder
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


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
