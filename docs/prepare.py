"""Pages that are generated from what they show: notebooks, chapters, figures, the explorer."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import explorer

from bbpsym import derive
from bbpsym.appendix.gallery import GALLERY
from bbpsym.figures import figure_data, save
from bbpsym.figures.catalogue import NUMBERS, recipe
from bbpsym.records.record import Record
from bbpsym.records.registry import NUMBERS as EQUATIONS
from bbpsym.records.registry import in_chapter, record_of
from bbpsym.records.show import latex
from bbpsym.writing.lines import broken
from bbpsym.writing.typeset import words

DOCS = Path(__file__).parent
ROOT = DOCS.parent

#: Notebooks in the order in which they are read.
NOTEBOOKS = (
    "derive_your_own",
    "quick_start",
    "thresholds_and_tables",
    "edges_and_densities",
    "overlaps",
    "finite_size",
    "edges_at_finite_size",
    "sampled_weights",
    "any_weights",
    "closed_forms",
    "your_own_question",
    "interactive",
)


def prepare(target: Path) -> None:
    """Write every generated page below `target`; files that did not change keep their date."""
    for folder in ("notebooks", "derivations", "figures", "explorer"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for name in NOTEBOOKS:
        _copy(ROOT / "notebooks" / f"{name}.ipynb", target / "notebooks")
    chapters = sorted((ROOT / "derivations").glob("*.py"))
    for chapter in chapters:
        _copy(chapter, target / "derivations", folded)
    _write(target / "derivations" / "index.md", derivations([path.stem for path in chapters]))
    figures(target)
    _write(target / "paper.md", paper())
    _write(target / "gallery.md", gallery())
    _write(target / "explorer" / "explorer.html", explorer.page())


def derivations(chapters: list[str]) -> str:
    """Return the page that lists the derivation chapters."""
    told = {name: ", ".join(r.label for r in in_chapter(name)) for name in chapters}
    parts = [
        "# The derivations",
        "From the loss to the overlap, to follow with pencil and paper: each function of a chapter "
        "derives one equation, and `bbpsym verify` checks what it says.",
        "| Chapter | Equations |\n|---|---|\n"
        + "\n".join(f"| [{name}]({name}.py) | {labels} |" for name, labels in told.items()),
    ]
    if chapters:
        parts.append("```{toctree}\n:maxdepth: 1\n\n" + "\n".join(chapters) + "\n```")
    return "\n\n".join(parts) + "\n"


#: Steps that the gallery shows, of those that a network has.
SHOWN = (
    *("eigenvalues", "weight", "domain", "no left edge", "confined directions", "rate of approach"),
    *("outlier equation", "overlap", "threshold", "weight for p -> infinity"),
    *("first order in 1/p", "a -> 0", "a -> infinity"),
    "threshold in numbers",
)


def gallery() -> str:
    """Return the page of losses and activations with what is derived of them."""
    parts = [
        "# A gallery of derivations",
        "Eight losses and activations, as `derive` and `bbpsym derive` give them; here a few steps "
        "of each. [How to derive your own](../howto/derive_your_own.md).",
    ]
    for title, network in GALLERY.items():
        found = derive(network())
        parts += [f"## {title}", f"`{found.network}`"]
        for name in SHOWN:
            if name in found.names:
                step = found[name]
                shown = "\n\n".join(f"$$\n{broken(latex(item))}\n$$" for item in step.expressions)
                parts += [f"**{words(step.label)}** — *{step.status}*", shown, words(step.reason)]
    return "\n\n".join(part for part in parts if part) + "\n"


def figures(target: Path) -> None:
    """Draw every figure, and the page that shows them."""
    parts = ["# The figures", "Each is one command; the numbers drawn lie beside it as CSV."]
    for number in sorted(NUMBERS):
        picture, data = save(
            number, target / "figures" / f"figure{number}.svg", figure_data(number)
        )
        title = recipe(number).title
        parts += [
            f"(figure-{number})=\n## Figure {number}: {words(title)}",
            f"```console\n$ bbpsym figure {number} --output figure{number}.pdf\n```",
            f"![{title}](figures/{picture.name})",
            f"{{download}}`Numbers as CSV <figures/{data.name}>`",
        ]
    _write(target / "figures.md", "\n\n".join(parts) + "\n")


def paper() -> str:
    """Return the page that maps every equation and figure to what gives it here."""
    entries = tomllib.loads((DOCS / "paper.toml").read_text(encoding="utf-8"))
    stated = formulas()
    for entry in entries["equation"]:
        entry["what"] += stated[str(entry["number"])]
    parts = [
        "# The paper, line by line",
        "Every numbered equation and every figure of [arXiv 2510.18435]"
        "(https://arxiv.org/abs/2510.18435), and the function that gives it.",
        "## Equations",
        "| Equation | What it says, and where it is here |\n|---|---|\n"
        + "\n".join(_row(f"({entry['number']})", entry) for entry in entries["equation"]),
        "## Figures",
        "| Figure | What it shows, and where it is here |\n|---|---|\n"
        + "\n".join(_row(_figure(entry), entry) for entry in entries["figure"]),
    ]
    return "\n\n".join(parts) + "\n"


def formulas() -> dict[str, str]:
    """Return the formulas of the numbered equations."""
    return {name: _formula(record_of(name)) for name in EQUATIONS}


def _formula(record: Record) -> str:
    # A bar would end the cell of the table.
    relations = (latex(relation).replace("|", r"\vert ") for relation in record.relations())
    return "".join(rf"<br>$\displaystyle {relation}$" for relation in relations)


def _row(name: str, entry: dict) -> str:
    functions = "<br>".join(f"{{py:obj}}`{function}`" for function in entry["functions"])
    # In one column: beside a long formula the functions would be out of sight.
    return f"| {name} | {entry['what']}<br>{functions} |"


def _figure(entry: dict) -> str:
    return f"[{entry['number']}](figures.md#figure-{entry['number']})"


def folded(text: str) -> str:
    """A chapter whose code is shown by a click: its cells print the formulas that they derive."""
    return re.sub(r"^# %%$", '# %% tags=["hide-input"]', text, flags=re.MULTILINE)


def _copy(source: Path, folder: Path, change: Callable[[str], str] = str) -> None:
    """Copy a page; what its links call docs/ is two folders above it here."""
    text = change(source.read_text(encoding="utf-8"))
    _write(folder / source.name, text.replace("](../docs/", "](../../"))


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
