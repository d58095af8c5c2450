"""What the documentation says is true: commands run as printed, names exist, examples hold."""

import csv
import doctest
import importlib
import re
import shlex
import sys
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from bbpsym import Model, alpha_zero, finite_edge, thresholds
from bbpsym.cli import main
from bbpsym.finite.descent_summary import DescentSummary
from bbpsym.finite.estimate import Measured
from tests.cases import with_long

DOCS = Path(__file__).parents[2] / "docs"
README = (DOCS.parent / "README.md").read_text(encoding="utf-8").splitlines()
PAGES = sorted([*DOCS.glob("*.md"), *DOCS.glob("howto/*.md")])


def commands(page):
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def stem(page):
    return page.stem


#: Pages with examples of networks, of derivations and of matrices of many kinds.
DEAR = ("claim", "compare", "derive", "derive_your_own", "matrices", "networks")


def long_of(pages, *names):
    """Pages, of which the named ones take seconds."""
    return with_long(pages, *(page for page in PAGES if page.stem in names))


def find(name):
    """Import the longest module in a dotted name and follow the rest."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(name)


@pytest.mark.parametrize("page", long_of(PAGES, *DEAR), ids=stem)
def test_examples_in_python_hold(page):
    result = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert result.failed == 0


@pytest.mark.parametrize(
    "page", long_of(filter(commands, PAGES), *DEAR, "descent", "tabulate", "verify"), ids=stem
)
def test_commands_run_as_printed(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(DOCS.parent / "data")
    for command in commands(page):
        if command in README and ".jsonl" not in command:
            continue  # `test_readme` runs it
        program, *arguments = shlex.split(command)
        assert program == "bbpsym"
        monkeypatch.setattr(sys, "argv", [program, *arguments])
        with pytest.raises(SystemExit) as finished:
            main()
        assert finished.value.code == 0, command


#: Selections and options behind the tables of docs/finite_size.md.
MEASUREMENTS = [
    *((point, "--crossings") for point in ("p=1,a=1", "p=2,a=0.7", "p=1,a=1.5", "p=2,a=1.5")),
    *((point, "--alpha-zero=1.4") for point in ("p=1,a=1.5", "p=2,a=1.5")),
    ("p=1,a=1,alpha=1.8", "--edge=-1.79047534931"),
    ("p=1,a=0.4,alpha=2", "--edge=-1.88174518193"),
    ("p=2,a=0.7,alpha=1.8", "--edge=-0.980961785961"),
    ("p=1,a=1.5,alpha=3", "--edge=-1.35028534223"),
    ("p=1,a=1.5,alpha=0.8", "--edge=-1.85504362871"),
]


def test_measured_numbers_are_those_of_the_stored_sweep(monkeypatch, capsys):
    store = str(DOCS.parent / "data" / "summary.csv")
    printed = ""
    for point, option in MEASUREMENTS:
        monkeypatch.setattr(sys, "argv", ["bbpsym", "summarize", store, "--select", point, option])
        with pytest.raises(SystemExit):
            main()
        printed += capsys.readouterr().out
    page = (DOCS / "finite_size.md").read_text(encoding="utf-8")
    estimates = re.findall(r"(\d\.\d+)\((\d+)\)", page)
    assert len(estimates) > 10
    # Errors are redrawn by NumPy, whose stream for this is not the same in all its versions.
    near = [{f"{value}({int(error) + k})" for k in (-1, 0, 1)} for value, error in estimates]
    assert [item for item in near if not any(one in printed for one in item)] == []


@pytest.mark.long
def test_predicted_edges_and_alpha_zero_are_those_of_the_package():
    page = (DOCS / "finite_size.md").read_text(encoding="utf-8")
    rows = list(csv.DictReader((DOCS.parent / "data" / "edges.csv").read_text().splitlines()))
    assert len(rows) > 20
    for row in rows:
        model = Model(int(row["p"]), int(row["p_star"]), row["a"])
        found = finite_edge(model, row["alpha"], int(row["N"]))
        simulated = f"{float(row['mean']):.3f} ± {float(row['error']):.3f}"
        assert f"| {row['samples']} | {simulated} | {found.mean:.3f} |" in page
    for p, a in product((1, 2, 3), ("1.5", "3")):
        found = alpha_zero(Model(p, 1, a))
        ways = (found.threshold, found.line, found.tangent, found.resonance.real)
        assert f"| {p}, {a} | " + " | ".join(f"{way:.3f}" for way in ways) in page


def test_predicted_numbers_are_those_of_the_stored_files():
    page = (DOCS / "finite_size.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("|")]
    shown = {tuple(cell.strip() for cell in row) for row in rows}
    with (DOCS.parent / "data" / "predicted_half.csv").open() as stream:
        stored = [row for row in csv.DictReader(stream) if row["p"] == "1"]
    numbers = {(row["a"], f"{float(row['alpha_half']):.4f}") for row in stored}
    assert len(numbers) > 10
    assert numbers <= {(row[0], row[2]) for row in shown if len(row) == 5}
    with (DOCS.parent / "data" / "sampled_outliers.csv").open() as stream:
        stored = [row for row in csv.DictReader(stream) if (row["p"], row["alpha"]) == ("1", "3.0")]
    numbers = {(row["N"], f"{float(row['unexplained']):.4f}") for row in stored}
    assert len(numbers) > 4
    assert numbers <= {(row[0], row[4]) for row in shown if len(row) == 8}


def test_descents_on_the_page_are_those_stored():
    page = (DOCS / "descent.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("|")]
    shown = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    summary = DescentSummary.from_csv(DOCS.parent / "data" / "descents.csv")
    assert set(summary.column("rises")[0]) == {0}  # no step was too large
    samples = sum(row.samples for row in summary.rows)
    assert f"{samples:,} descents at {len(summary)} points" in page
    usual = summary.select(space="free", fraction=0.5, time=1000.0)
    random = usual.select(start="random")
    onsets = [row for row in shown if len(row) == 10 and row[0] in "12"]
    assert len(onsets) > 4
    for row in onsets:
        p_star, a, p = int(row[0]), float(row[1]), int(row[2])
        assert row[3:6:2] == [f"{p_star / 2:g}", f"{thresholds(p, p_star, a).alpha:.3f}"]
        for N, cell in zip((100, 200, 400, 800), row[6:], strict=True):
            found = random.select(N=N, p=p, p_star=p_star, a=a).onset()
            assert cell == str(found) if found else not cell or cell[0] in "<>"
    starts = [row for row in shown if len(row) == 11 and re.fullmatch(r"[01]\.\d\d", row[4])]
    assert len(starts) == 21
    for p, alpha, *cells in starts:
        chosen = usual.select(N=100, p=int(p), p_star=1, a=1.5, alpha=float(alpha))
        for place, start in enumerate(("random", "hessian", "optimal")):
            (row,) = chosen.select(start=start).rows
            first, last, found = cells[3 * place : 3 * place + 3]
            assert first == str(row.estimates["overlap2_0"])
            assert last in (str(row.estimates["overlap2_end"]), "1.000")
            assert found == f"{row.estimates['found'].value:.2f}"


def test_the_lead_of_a_start_is_stored():
    stored = DescentSummary.from_csv(DOCS.parent / "data" / "descents.csv")
    every = stored.select(space="free", fraction=0.5, time=1000.0)
    usual = every.select(p_star=1, a=1.5)
    (rows,) = (rows for head, rows in _tables_of_descents() if head[0] == "start")
    assert len(rows) == 36
    for name, p, N, onset, *shown in rows:
        start = {"eigenvector": "hessian"}.get(name, name)
        chosen = usual.select(start=start, p=int(p), N=int(N))
        found = chosen.onset()
        ends = chosen.column("overlap2_end")[0]
        assert onset == str(found) if found else onset[0] == "<" and ends[0] > 0.5
        at = chosen.select(alpha=2.0).rows
        names = ("overlap2_0", "overlap2_end")
        cells = [str(row.estimates[name]) for row in at for name in names]
        assert shown == cells + [f"{row.estimates['found'].value:.2f}" for row in at] or not at
    (rows,) = (rows for head, rows in _tables_of_descents() if head[-1] == "optimal")
    assert len(rows) == 6
    for p_star, a, p, alpha, *onsets in rows:
        assert alpha == f"{thresholds(int(p), int(p_star), float(a)).alpha:.3f}"
        for start, onset in zip(("random", "hessian", "optimal"), onsets, strict=True):
            chosen = every.select(start=start, p=int(p), p_star=int(p_star), a=float(a), N=100)
            found = chosen.onset()
            ends = chosen.column("overlap2_end")[0]
            assert onset == str(found) if found else onset[0] == "<" and ends[0] > 0.5


def _tables_of_descents():
    """Tables of the page on descent by their headings, cell by cell."""
    page = (DOCS / "descent.md").read_text(encoding="utf-8")
    for lines in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        head, _, *rows = (
            [cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()
        )
        yield head, rows


def test_what_descents_do_on_the_way_is_stored():
    stored = DescentSummary.from_csv(DOCS.parent / "data" / "descents.csv")
    usual = stored.select(start="random", space="free", fraction=0.5, time=1000.0, p_star=1, a=1.5)
    tables = {tuple(head): rows for head, rows in _tables_of_descents()}

    def cells(p, alpha, N, names, scale=1):
        found = usual.select(p=int(p), alpha=float(alpha), N=int(N)).rows
        estimates = [found[0].estimates[name] if found else None for name in names]
        return [(e and str(Measured(scale * e.value, scale * e.error))) or "" for e in estimates]

    (way,) = (rows for head, rows in tables.items() if head[-1].startswith("eigenvalue"))
    times = (0, 30, 100, 300)
    names = [f"lowest_overlap2_{time}" for time in times]
    names += [f"overlap2_{time}" for time in times[1:]] + ["lowest_100"]
    assert len(way) > 9
    for p, alpha, N, *shown in way:
        assert shown == cells(p, alpha, N, names)
    gained = ("overlap2_30", "overlap2_100", "overlap2_end")
    (gains,) = (rows for head, rows in tables.items() if head[2].startswith("t = 30"))
    assert len(gains) > 17
    for p, alpha, *shown in gains:
        columns = [cells(p, alpha, N, gained, N) for N in (100, 200, 400)]
        assert shown == [cell for row in zip(*columns, strict=True) for cell in row]
    (largest,) = (rows for head, rows in tables.items() if head[3] == "samples")
    assert len(largest) > 9
    for p, alpha, N, samples, *shown in largest:
        (row,) = usual.select(p=int(p), alpha=float(alpha), N=int(N)).rows
        assert samples == f"{row.samples}"
        ends = [str(row.estimates["overlap2_end"]), f"{row.estimates['found'].value:.2f}"]
        assert shown == ends + cells(p, alpha, N, gained, int(N))
    (halves,) = (rows for head, rows in tables.items() if "smaller half" in head)
    assert len(halves) > 3
    for p, alpha, N, *shown in halves:
        assert shown == cells(p, alpha, N, ("end_below", "end_above"))


def test_what_step_time_and_spheres_change_is_stored():
    """The table cell by cell, and what is said below it, by the same starts of all columns."""
    stored = DescentSummary.from_csv(DOCS.parent / "data" / "descents.csv")
    chosen = stored.select(start="random", p_star=1, a=1.5, N=100)
    usual = {"space": "free", "fraction": 0.5, "time": 1000.0}
    ways = ({}, {"fraction": 0.25}, {"time": 4000.0}, {"space": "sphere"})
    (rows,) = (rows for head, rows in _tables_of_descents() if head[-1] == "on spheres")
    assert len(rows) == 9
    for p, alpha, *shown in rows:
        found = [chosen.select(p=int(p), alpha=float(alpha), **(usual | way)).rows for way in ways]
        ends = [
            [row.estimates[name] for row in each for name in ("overlap2_end", "found")]
            for each in found
        ]
        assert shown == [f"{end[0]}, {end[1].value:.2f}" if end else "" for end in ends]
        plain, half, _, sphere = (end[:1] for end in ends)
        for end in half:
            assert abs(end.value - plain[0].value) < 0.005
        for end in sphere:
            assert abs(end.value - plain[0].value) < 2 * np.hypot(end.error, plain[0].error)


def test_the_gain_of_descent_does_not_depend_on_the_size():
    page = " ".join((DOCS / "descent.md").read_text(encoding="utf-8").split())
    summary = DescentSummary.from_csv(DOCS.parent / "data" / "descents.csv")
    usual = summary.select(start="random", space="free", fraction=0.5, time=1000.0, p_star=1, a=1.5)
    for time in (30, 100):
        kept = chi_square = freedom = 0
        for p, alpha in sorted({(row.point.p, row.point.alpha) for row in usual.rows}):
            rows = usual.select(p=p, alpha=alpha)
            m2, errors = rows.column(f"overlap2_{time}")
            if len(rows) < 2 or m2.max() >= 0.1:
                continue
            sizes = np.array([row.point.N for row in rows.rows])
            gain, weight = sizes * m2, 1 / (sizes * errors) ** 2
            chi_square += float(np.sum(weight * (gain - np.average(gain, weights=weight)) ** 2))
            freedom += len(rows) - 1
            kept += 1
        words = f"chi-square is {chi_square:.1f} with {freedom} degrees of freedom over {kept} rows"
        assert f"{words} at t = {time}" in page
        assert chi_square < freedom + 2 * np.sqrt(2 * freedom)


def test_the_paper_is_mapped_line_by_line():
    entries = tomllib.loads((DOCS / "paper.toml").read_text(encoding="utf-8"))
    assert [entry["number"] for entry in entries["equation"]] == list(range(1, 59))
    assert [entry["number"] for entry in entries["figure"]] == list(range(1, 8))
    for entry in [*entries["equation"], *entries["figure"]]:
        assert entry["what"]
        assert entry["functions"]
        for name in entry["functions"]:
            assert find(name) is not None, name


def test_what_the_reference_lists_exists():
    names = re.findall(r"^\.\. auto\w+:: ([\w.]+)", (DOCS / "api.md").read_text("utf-8"), re.M)
    assert len(names) > 100
    assert all(find(name) is not None for name in names)


def test_a_name_that_does_not_exist_is_noticed():
    with pytest.raises(AttributeError):
        find("bbpsym.equations.spectrum.missing")
