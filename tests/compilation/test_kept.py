"""What SymPy derived once: whole, of these equations, and nobody else's; or else derived again."""

import json
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from sympy import Integral, exp, oo

from bbpsym import Model, shipping, threshold
from bbpsym.compilation import entries
from bbpsym.compilation.compile import System, source
from bbpsym.compilation.compiled import PARTS, revive
from bbpsym.compilation.entries import PACKAGE, SHIPPED, SOURCES
from bbpsym.compilation.kept import Kept
from bbpsym.numerics import double
from bbpsym.numerics.laplace_measure import CHI_SQUARE
from bbpsym.symbols import a, s
from tests.test_layers import imported

#: Modules that decide nothing of what is derived: they name, run or refuse it.
NEUTRAL = {"errors", "parameters", "compilation.compiled", "functions.arb_functions"}

COMMANDS = """
import sys
from bbpsym.cli import bbpsym
for line in (
    "threshold --p 2 --p-star 1 --a 0.7",
    "threshold --p 3 --p-star 1 --a 1.5 --digits 20",
    "threshold --p inf --p-star 2 --a 1 --digits 20 --certified",
    "threshold --p 1 --p-star 1 --a 0.7 --certified",
    "edge --p 2 --p-star 1 --a 0.7 --alpha 2",
    "edge --p 2 --p-star 1 --a 0.7 --alpha 0.3 --digits 20",
    "edge --p inf --p-star 1 --a 0.7 --alpha 2 --certified",
    "outlier --p 2 --p-star 1 --a 0.7 --alpha 2",
    "outlier --p 2 --p-star 1 --a 0.7 --alpha 2 --digits 20 --format latex",
    "outlier --p inf --p-star 1 --a 0.7 --alpha 2 --certified --format json",
    "outlier --p 2 --p-star 1 --a 0.7 --alpha 0.5",
    "outlier --p 2 --p-star 1 --a 0.7 --alpha 3 --N 1000",
    "critical-a --p 2 --p-star 1",
    "critical-a --p 2 --p-star 1 --digits 20",
    "critical-a --p 2 --p-star 1 --certified",
    "table --p 1,2,inf --a 0.7,3",
    "table --p 1,2,inf --a 0.7 --certified --format html",
):
    bbpsym.main(line.split(), standalone_mode=False)
    assert "sympy" not in sys.modules, line

from bbpsym import Model, density, finite_edge
assert [finite_edge(Model(1, 1, a), 1, 1000).kind for a in ("0.7", 3)] == ["sharp", "smooth"]
assert density(Model(2, 1, "0.7"), 2, [-1, 0, 0.5]).round(6).tolist() == [0, 0.477553, 0.274605]
assert density(Model("inf", 1, "0.7"), "1.5", 0.1) > 0
assert "sympy" not in sys.modules
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "bbpsym"


@pytest.fixture
def kept():
    """A system, and how often it has been derived."""
    count = []

    def derive():
        count.append(1)
        return System({"mean": a * Integral(exp(-a * s), (s, 0, oo))})

    def again():
        found = double.evaluate(Kept("mean", derive), {"a": 2.0}, CHI_SQUARE)["mean"]
        assert abs(found.value - 1) <= found.error < 1e-13
        return len(count)

    return again


@pytest.mark.long
def test_what_is_shipped_is_what_sympy_derives():
    """After a change of the equations: `python -m bbpsym.shipping`."""
    _, body = entries.whole(SHIPPED.read_bytes())
    assert body == shipping.body()


def test_some_of_what_is_shipped_is_derived_each_time():
    """The sources are those that it was derived of; every fortieth system is derived again."""
    head, body = entries.whole(SHIPPED.read_bytes())
    assert head["sources"] == entries.sources_digest()
    shipped, systems = json.loads(body), [*shipping.systems()]
    assert [*shipped] == [kept.key for kept, _ in systems]
    for kept, parts in systems[::40]:
        assert shipped[kept.key] == shipping.derived(kept, parts)


def test_the_digest_sees_all_that_a_derivation_uses():
    seen, open_ = set(), {"compilation.reductions"}
    while open_:
        name = open_.pop()
        seen.add(name)
        path = PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
        open_ |= {m for m in imported(path) if m not in NEUTRAL} - seen
    assert {name.replace(".", "/") for name in seen} == set(SOURCES)


def test_commands_load_no_sympy(place):
    environment = {**os.environ, "XDG_CACHE_HOME": str(place.parent)}
    subprocess.run([sys.executable, "-c", COMMANDS], check=True, env=environment)
    assert not place.exists()  # all of it is part of the package


def test_workers_load_no_sympy(place):
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(threshold, Model(2, 1, "0.7")).result().kind == "continuous"
        assert not pool.submit(eval, "'sympy' in __import__('sys').modules").result()
    assert not place.exists()


def test_a_system_is_derived_once(place, kept):
    assert kept() == kept() == 1
    assert len(list(place.iterdir())) == 3


def damaged(path):
    path.write_bytes(path.read_bytes()[:-5])


def swapped(path):
    path.write_bytes(b'{"sha256": 3}\n')


def writable_by_others(path):
    path.chmod(0o666)


def linked(path):
    other = path.with_suffix(".elsewhere")
    path.rename(other)
    path.symlink_to(other)


def of_another_system(path):
    others = [other for other in path.parent.iterdir() if other != path]
    path.write_bytes(others[0].read_bytes())


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "harm", [damaged, swapped, writable_by_others, linked, of_another_system, a_pipe]
)
def test_what_is_harmed_is_derived_again(harm, place, kept):
    kept()
    for path in sorted(place.iterdir()):
        harm(path)
        break
    assert kept() == 2
    assert kept() == 2
    assert all(entry.is_current for entry in entries.entries())


@pytest.mark.parametrize("name", ["sources_digest", "sympy_version"])
def test_what_is_stale_is_derived_again(name, place, kept, monkeypatch):
    kept()
    monkeypatch.setattr(entries, name, lambda: "another")
    assert kept() == 2
    assert [entry.is_current for entry in entries.entries()].count(False) == 3


def test_a_shipped_file_of_other_equations_is_not_used(monkeypatch):
    entries._shipped.cache_clear()
    monkeypatch.setattr(entries, "sources_digest", lambda: "another")
    assert entries._shipped() == {}
    entries._shipped.cache_clear()


def test_a_directory_of_somebody_else_is_neither_read_nor_written(place, kept, monkeypatch):
    kept()
    before = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert kept() == 2
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == before


def test_a_directory_that_others_may_write_to_is_not_used(place, kept):
    kept()
    place.chmod(0o777)
    assert kept() == 2


def test_without_a_directory_nothing_is_kept(place, kept, monkeypatch):
    place.write_text("a file in its place")
    assert (kept(), kept()) == (1, 2)
    monkeypatch.delattr(os, "getuid")
    assert entries.directory() is None
    assert (kept(), kept()) == (3, 4)


def test_writers_do_no_harm_to_each_other(place):
    texts = [f"{k}" * 10000 for k in range(4)]

    def work(text):
        found = set()
        for _ in range(50):
            entries.keep("key", "part", text)
            found.add(entries.find("key", "part"))
        return found

    with ThreadPoolExecutor(4) as pool:
        found = set().union(*pool.map(work, texts))
    assert found <= set(texts)
    assert len(list(place.iterdir())) == 1


def test_the_oldest_go_beyond_the_limit(place):
    def held():
        return [key for key in "abcd" if entries.find(key, "part")]

    for age, key in enumerate("abcd"):
        entries.keep(key, "part", "x" * 1000)
        os.utime(entries._entry(key, "part")[1], (10**9 + age, 10**9 + age))
    size = sum(path.stat().st_size for path in place.iterdir())
    entries.trim(place, size)
    assert held() == ["a", "b", "c", "d"]
    entries.trim(place, size - 1)
    assert held() == ["b", "c", "d"]
    entries.trim(place, size // 2)
    assert held() == ["c", "d"]


def test_the_limit_is_looked_at_now_and_then(place, monkeypatch):
    monkeypatch.setattr(entries, "UNSEEN", 5000)
    monkeypatch.setattr(entries, "_written_unseen", [0])
    monkeypatch.setattr(entries.trim, "__defaults__", (3000,))
    for number in range(20):
        entries.keep(f"{number}", "part", "x" * 1000)
        assert sum(path.stat().st_size for path in place.iterdir()) < 3000 + 5000 + 1300
    assert entries.find("19", "part")
    assert not entries.find("0", "part")


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "x = 1",
        "def f(s):\n    return s\n\ndef g(s):\n    return s\n",
        "@print\ndef f(s):\n    return s\n",
        "def f(s=print()):\n    return s\n",
        "def f(s):\n    return open(s)\n",
        "def f(s):\n    return s.__class__\n",
        "def f(s:\n",
        "\0",
    ],
)
@pytest.mark.parametrize("part", ["array_integrands", "mpmath_integrands", "ball_integrands"])
def test_only_plain_functions_of_known_names_are_revived(part, text):
    with pytest.raises(ValueError, match=part):
        revive(part, text)


def test_a_source_is_the_same_in_every_derivation():
    made = [System({"mean": a * Integral(exp(-a * s), (s, 0, oo))}) for _ in range(2)]
    for part in PARTS:
        first, second = (source(system.function(part)) for system in made)
        assert first == second
