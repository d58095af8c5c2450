"""How the pages are built for the tests: `building.py FOLDER`, once for all processes."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]

#: Run when a kernel starts: in a notebook a warning is a defect like any other.
#: Those of the kernel itself are not ours.
STRICT = "import warnings; warnings.simplefilter('error')\n"
STRICT += "warnings.filterwarnings('ignore', module='ipykernel')\n"


def built_once(folder):
    """Build the pages in a folder unless somebody has, and return what went wrong."""
    complaint = folder / "complaint"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complaint.exists():
            complaint.write_text(build(folder / "html", folder / "ipython"))
    return complaint.read_text()


def build(target, profile):
    """Build the pages, and say what went wrong."""
    startup = profile / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
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


if __name__ == "__main__":
    built_once(Path(sys.argv[1]))
