"""Run the notebooks and store what they show: `python docs/outputs.py [NAME ...]`.

Whoever reads them without Jupyter, as on GitHub, sees their tables, formulas and pictures. A test
holds what is stored against what the pages have run.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

#: What needs a running kernel, and would name its objects.
LIVE = "application/vnd.jupyter.widget-view+json"

#: Bytes beyond which a picture keeps 256 colours only.
LARGE = 70_000


def plain(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Leave of what a run has added what it shows: no times, no state of a kernel."""
    for cell in notebook.cells:
        cell.metadata = nbformat.NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _shown(output))]
    for key in {*notebook.metadata} - {"kernelspec", "language_info"}:
        del notebook.metadata[key]
    notebook.metadata.language_info = nbformat.NotebookNode(name="python")
    return notebook


def _shown(output: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    if "data" in output:
        if LIVE in output.data:
            return None
        output.metadata = nbformat.NotebookNode()
        if "image/png" in output.data:
            output.data = nbformat.NotebookNode({"image/png": _small(output.data["image/png"])})
    return output


def _small(png: str) -> str:
    """The picture without the name of the program that drew it, and with few colours if large."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    written = _png(picture)
    return base64.b64encode(written if len(written) < LARGE else _png(picture.quantize())).decode()


def _png(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is stored."""
    return nbformat.read(path, as_version=4)


def store(path: Path) -> None:
    """Run a notebook from top to bottom, and store it with what it shows."""
    notebook = read(path)
    client = NotebookClient(
        notebook, timeout=None, record_timing=False, coalesce_streams=True, kernel_name="python3"
    )
    client.execute(cwd=str(path.parent))
    nbformat.write(plain(notebook), path)


if __name__ == "__main__":
    names = sys.argv[1:] or sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    for name in names:
        store(NOTEBOOKS / f"{name}.ipynb")
