"""Whatever else lives in the process, or the process in, every verb answers the same and leaves it.

Python's and NumPy's settings, other libraries' precision, threads, forks, a bare environment.
"""

import copy
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import flint
import mpmath
import numpy as np
import pytest
import scipy.stats
from sympy import exp
from sympy.abc import y

from bbpsym import (
    Ensemble,
    Model,
    MultiIndex,
    critical_a,
    density,
    edge,
    labels_of,
    outlier,
    predict_from,
    threshold,
    thresholds,
)
from bbpsym.appendix.derivation import Verification
from bbpsym.ensembles.index_models import label_cells
from bbpsym.ensembles.index_models.teachers import teacher_of
from bbpsym.errors import DomainError
from bbpsym.finite import HessianOperator
from bbpsym.finite.population import sample_covariance
from bbpsym.records.check import check
from bbpsym.records.registry import record_of
from tests.cases import long, with_long
from tests.verbs import MODEL, VERBS, plain

ROOT = Path(__file__).parents[1]
CALLS = {
    f"{module.__name__}.{name}": call
    for module, calls in VERBS.items()
    for name, call in calls.items()
}


#: Verbs that take longest.
DEAR = ("bbpsym.predicted_crossing", "bbpsym.figures.figure", "bbpsym.figures.save")


@cache
def answer(name):
    """What a verb answers where nothing disturbs it."""
    return CALLS[name]()


def test_every_public_verb_is_tried():
    for module, calls in VERBS.items():
        assert set(calls) == {name for name in module.__all__ if name.islower()}


@contextmanager
def hostile():
    """Every global setting that a neighbour may have made."""
    before = mpmath.mp.dps, mpmath.mp.pretty, flint.ctx.prec, flint.ctx.pretty
    with np.errstate(all="raise"), np.printoptions(precision=2), warnings.catch_warnings():
        warnings.simplefilter("error")
        mpmath.mp.dps, mpmath.mp.pretty, flint.ctx.prec, flint.ctx.pretty = 3, True, 7, True
        try:
            yield
            assert (mpmath.mp.dps, mpmath.mp.pretty) == (3, True)
            assert (flint.ctx.prec, flint.ctx.pretty) == (7, True)
            assert set(np.geterr().values()) == {"raise"}
        finally:
            mpmath.mp.dps, mpmath.mp.pretty, flint.ctx.prec, flint.ctx.pretty = before


@pytest.mark.parametrize("name", with_long(CALLS, *DEAR))
def test_hostile_settings_change_nothing(name):
    expected = plain(answer(name))
    with hostile():
        assert plain(CALLS[name]()) == expected


@pytest.mark.parametrize("name", with_long(CALLS, *DEAR))
def test_answers_can_be_compared_hashed_and_sent(name):
    found = answer(name)
    for item in found if isinstance(found, list) else [found]:
        for other in (pickle.loads(pickle.dumps(item)), copy.deepcopy(item)):
            if not isinstance(item, np.ndarray | tuple | dict):
                assert other == item
                assert hash(other) == hash(item)
            assert plain(other) == plain(item)


SENT = """
import functools, gc, pickle, sys
sent = pickle.load(sys.stdin.buffer)
found = [pickle.loads(item) for item in sent]
for item in gc.get_objects():
    if isinstance(item, functools._lru_cache_wrapper) and item.__module__.startswith("bbpsym"):
        item.cache_clear()
again = [pickle.loads(item) for item in sent]
assert found == again and list(map(hash, found)) == list(map(hash, again))
pickle.dump(found, sys.stdout.buffer)
"""


@pytest.fixture
def coarse(monkeypatch):
    """Teachers by a formula in a second."""
    monkeypatch.setitem(label_cells.LATTICES, 2, ((48, 480), (24, 240), (12, 120)))
    label_cells._extrapolated.cache_clear()
    yield
    label_cells._extrapolated.cache_clear()


def test_what_another_process_sends_back_is_equal(coarse):
    """Where no cache holds what it was made of: copies out of one are equal, whatever they are."""
    turning = [[1 + y / 2, (3 * y**2 - 2) / 4], [(3 * y**2 - 2) / 4, 1]]
    several = MultiIndex(dict.fromkeys((-1, 0, 1), "1/3"), turning).methods()[0]
    cells, verdict = teacher_of("u1*u2 + sin(u1)"), check(record_of("40"))
    mine = [
        *(verdict, Verification({"a": verdict, "b": None}, 10), record_of("40")),
        *(edge(several, 8), outlier(several, 8), cells.methods(1 / (1 + y**2))[0]),
        HessianOperator.of(CALLS["bbpsym.finite.draw"]()),
        sample_covariance(np.ones(9), 3.0, 20, np.random.default_rng(1)),
    ]
    sent = pickle.dumps([pickle.dumps(item) for item in mine])
    ran = subprocess.run([sys.executable, "-c", SENT], input=sent, capture_output=True, check=True)
    assert pickle.loads(ran.stdout) == mine == copy.deepcopy(mine)
    with pytest.raises(TypeError, match=r"functions that tell .40. cannot be sent: send its step"):
        pickle.dumps(record_of("40").of(None))


ASKED = {
    "certified": lambda: threshold(Model(2, 1, "0.71"), 20, certified=True),
    "jump": lambda: threshold(Model(2, 1, "1.41"), 30, certified=True),
    "edge": lambda: edge(Model(2, 1, "0.71"), 2, 20, certified=True),
    "outlier": lambda: outlier(Model(2, 1, "0.71"), 2, 20, certified=True),
    "critical": lambda: critical_a(3, 1, 20, certified=True),
    "digits": lambda: threshold(Model(3, 1, "0.4"), 40),
}


def test_twelve_threads_answer_as_one():
    expected = {name: plain(call()) for name, call in ASKED.items()}
    start = threading.Barrier(12)

    def answers(thread):
        """Every question is asked by four threads, in two orders."""
        start.wait()
        names = [*ASKED, *ASKED][thread % len(ASKED) :][:2]
        return [plain(ASKED[name]()) == expected[name] for name in names]

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(answers, range(12))) == [[True, True]] * 12
    assert flint.ctx.prec == 53


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_fork_while_another_thread_computes():
    expected, stop = ASKED["certified"](), threading.Event()

    def busy():
        while not stop.is_set():
            ASKED["edge"]()

    thread = threading.Thread(target=busy)
    thread.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # forks beside threads
            context = multiprocessing.get_context("fork")
            receiver, sender = context.Pipe(duplex=False)
            child = context.Process(target=lambda: sender.send(ASKED["certified"]()))
            child.start()
        assert receiver.recv() == expected
        child.join()
    finally:
        stop.set()
        thread.join()
    assert child.exitcode == 0


@pytest.mark.parametrize("names", [("table", "outlier", "best"), *long((), whole=True)])
def test_a_bare_environment_changes_nothing(names, tmp_path):
    """Some verbs; and all of them."""
    tmp_path.chmod(0o500)  # nothing can be written where the command runs, nor is there a home
    bare = {
        "PATH": "/nonexistent",
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        "PYTHONHASHSEED": "12345",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "LC_ALL": "C",
    }
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.verbs", *names],
        cwd=tmp_path, env=bare, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stderr == ""
    found = json.loads(run.stdout)
    expected = {name: answer(f"bbpsym.{name}") for name in found}
    assert found == json.loads(json.dumps({name: plain(item) for name, item in expected.items()}))


def laws():
    """Laws of SciPy, no two of which are the same."""
    bins = np.linspace(0, 3, 7)
    heights = np.array([[1, 2, 3, 3, 2, 1], [1, 2, 3, 3, 2, 2]])
    sample = np.random.default_rng(1).gamma(2, size=(2, 50))

    class Mine(scipy.stats.rv_continuous):
        def __init__(self, power):
            super().__init__(a=0, b=1)
            self.power = power

        def _pdf(self, y):
            return (self.power + 1) * y**self.power

    return [
        scipy.stats.gamma(2.0),
        scipy.stats.gamma(2.5),
        scipy.stats.gamma(2.0, scale=2),
        *(scipy.stats.rv_histogram((counts, bins)) for counts in heights),
        *(scipy.stats.rv_histogram((counts, bins))(loc=1) for counts in heights),
        *(scipy.stats.gaussian_kde(part) for part in sample),
        *(Mine(power) for power in (1, 2)),
    ]


def test_laws_of_scipy_are_equal_only_if_they_are_the_same():
    ensembles, again = (
        [Ensemble((y - 1) / (y + 1), labels_of(law, y / 2)) for law in laws()] for _ in range(2)
    )
    for i, one in enumerate(ensembles):
        assert [one == other for other in ensembles] == [i == j for j in range(len(ensembles))]
        same = i < len(ensembles) - 2  # of a law of somebody's own nobody knows what it depends on
        assert (one == again[i], hash(one) == hash(again[i])) == (same, same)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("x", lambda array: density(MODEL, 2, array)),
        ("a", lambda array: thresholds(1, 1, array)),
        ("student_fields", lambda array: predict_from(Model(1, 1, 1), array, array, 3)),
    ],
)
def test_masked_entries_are_refused(name, call):
    masked = np.ma.masked_array([1.0, 2.0, 3.0], mask=[False, True, False])
    with pytest.raises(DomainError, match=f"{name} must have no masked entries"):
        call(masked)


def test_names_are_text_in_latex():
    law = labels_of(exp(-y), y**2 / 2, name=r"$\input{x}$ & 50%_#~^")
    text = Ensemble(y - 1, law)._repr_latex_()
    name = r"\$$\backslash$input\{x\}\$ \& 50\%\_\#\~{}\^{}"
    assert text == rf"$T(y)=y - 1,\ \text{{{name}}}$"
