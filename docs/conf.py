"""How the pages are built; see `prepare.py` for the pages that are generated."""

import re
import sys
import tomllib
from pathlib import Path

from sphinx.util import logging

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))

project = "bbpsym"
author = "The bbpsym developers"
project_copyright = author
release = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]["version"]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx-mathjax-offline",
]
html_theme = "furo"
html_title = "bbpsym"
html_static_path = ["static"]
html_css_files = ["bbpsym.css"]
html_js_files = ["search.js"]
html_favicon = "static/favicon.svg"
exclude_patterns = ["build", "*.py", "images/*.py"]

# The explorer is a page of its own, copied as it is.
EXPLORER = HERE / "generated" / "explorer"
EXPLORER.mkdir(parents=True, exist_ok=True)
html_extra_path = ["generated/explorer"]
show_warning_types = True

myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3
# Tables of results are HTML with formulas between dollars.
myst_mathjax_classes = "tex2jax_process|mathjax_process|math|output_area|text_html"
mathjax3_config = {"tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]]}}

# Notebooks and derivations run while the pages are built; an error stops the build.
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
# Records show themselves as Markdown with formulas.
nb_render_markdown_format = "myst"
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
# Widgets need a running kernel and scripts from the network; the page shows what it can.
nb_ipywidgets_js = {}
# Napoleon takes the N of "shape (M, N)" for an attribute, of which several results have one.
suppress_warnings = ["mystnb.unknown_mime_type", "ref.python"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
# Single backticks in the docstrings are code.
default_role = "code"
napoleon_google_docstring = False
napoleon_use_rtype = False


def escape_subscripts(_app, _what, _name, _object, _options, lines):
    """Keep `lambda_-` and `p*`, written plainly, from being read as markup."""
    for number, line in enumerate(lines):
        parts = re.split(r"(``?[^`]*``?)", line)
        parts[::2] = [re.sub(r"(\w)_([-*])", r"\1\\_\\\2", part) for part in parts[::2]]
        lines[number] = "".join(parts)


def announce():
    """Say what will take minutes."""
    logging.getLogger("bbpsym").info(
        "figures are drawn, then all notebooks and chapters run: minutes, the first time"
    )


def setup(app):
    """Generate pages, then read docstrings."""
    from prepare import prepare

    # A formula in a title shows in the menu of every page.
    app.set_html_assets_policy("always")
    app.connect("builder-inited", lambda _app: announce())
    app.connect("builder-inited", lambda _app: prepare(HERE / "generated"))
    app.connect("autodoc-process-docstring", escape_subscripts)
