"""The pages, built once for all tests of this folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What the pages are built with.
NEEDED = ("sphinx", "furo", "myst_nb", "jupytext", "ipywidgets", "matplotlib")


@pytest.fixture(scope="session")
def pages(tmp_path_factory):
    """Folder of the built pages; building fails on any warning."""
    for module in NEEDED:
        pytest.importorskip(module, reason='pages need the extra: pip install "bbpsym[docs]"')
    target = tmp_path_factory.mktemp("pages")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    built = subprocess.run(
        [*command, str(ROOT / "docs"), str(target)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    return target
