"""What tests look at is made once for all processes, into a folder: `building.py FOLDER PATH ...`.

With paths it holds these notebooks and chapters as they ran; without, the pages.
"""

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
STRICT += "warnings.filterwarnings('ignore', module='ipykernel|tornado')\n"


def made_once(folder, paths):
    """Make what a folder holds unless somebody has; what went wrong lies in its complaint."""
    complaint = folder / "complaint"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complaint.exists():
            with forked_kernels(environment(folder / "ipython")) as settings:
                said = ran(paths, folder, settings) if paths else built(folder / "html", settings)
            complaint.write_text(said)


def environment(profile):
    """Where the package is found, and kernels that take a warning for an error."""
    startup = profile / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    (startup / "strict.py").write_text(STRICT)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, "IPYTHONDIR": str(profile)}


def built(target, settings):
    """Build the pages, and say what went wrong."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    command += [str(ROOT / "docs"), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, env=settings, check=False)
    return f"status {done.returncode}: {done.stderr[-3000:]}" if done.returncode else ""


def ran(paths, folder, settings):
    """Run notebooks and chapters, keep what they showed, and say what went wrong."""
    import jupytext
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    os.environ.update(settings)
    for path in map(Path, paths):
        notebook = jupytext.read(path)
        client = NotebookClient(
            notebook,
            timeout=None,
            startup_timeout=3600,
            kernel_name="python3",
            coalesce_streams=True,  # a line may come in pieces
        )
        try:
            client.execute(cwd=str(path.parent))
        except CellExecutionError as error:
            return f"{path.name}: {error}"
        target = folder / path.parent.name / f"{path.stem}.ipynb"
        target.parent.mkdir(exist_ok=True)
        jupytext.write(notebook, target)
    return ""


@contextlib.contextmanager
def forked_kernels(environment):
    """An environment in which Jupyter finds the kernels of `kernels.py` for Python."""
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
            yield {**environment, "JUPYTER_PATH": folder}
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


if __name__ == "__main__":
    made_once(Path(sys.argv[1]), sys.argv[2:])
