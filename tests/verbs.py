"""One quick call of every public verb, and what it returns in a form that can be compared."""

import json
import sys
import tempfile
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy.stats
from sympy import Symbol, exp, tanh
from sympy.abc import x, y

import bbpsym
import bbpsym.figures
from bbpsym import (
    DeformedGaussian,
    Ensemble,
    Model,
    Network,
    SampleCovariance,
    finite,
    teacher_labels,
)
from bbpsym.ensembles.index_models.teachers import product
from bbpsym.equations.spectrum import outlier_alpha
from bbpsym.figures import simulations

MODEL = Model(2, 1, "0.7")
ENSEMBLE = Ensemble((y - 1) / (y + 1), teacher_labels(1))
UNIT = Network(activation=tanh(x), loss=(y - Symbol("yh")) ** 2 / 2, p=1, p_star=1)
SPIKED = DeformedGaussian({-1: "1/2", 1: "1/2"}, "0.3", 2)
POPULATION = SampleCovariance({1: "1/2", 3: "1/2"}, "1/2", 8)
PAIR = ([1, 2], 1, [0.7, 1.5])
FALLING = np.array([[10, 20, 40], [4, 2, 1.1], [0.1, 0.1, 0.1]])
ALPHAS = [0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 2.0, 3.0]
POINT = finite.Point(40, 1, 1, 1.5, 3.0)


def of_every_kind(verb):
    """What a verb answers to matrices with a spike, a network and a teacher of two indices."""
    method = product().methods()[0]
    certified = [verb(matrix, digits=20, certified=True) for matrix in (SPIKED, POPULATION)]
    asked = ((UNIT, 3), (method, 1)) if verb is not bbpsym.threshold else ((UNIT,), (method,))
    return (
        certified
        + [verb(matrix) for matrix in (SPIKED, POPULATION)]
        + [verb(*one) for one in asked]
    )


def instance():
    return finite.draw(POINT, np.random.default_rng(1))


def swept(points, summarize, **options):
    """A sweep and its summary."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "runs.jsonl"
        finite.sweep(points, store, seed=1, **options)
        return summarize(store)


@cache
def rows():
    """What a sweep of many points leaves in its file."""
    points = finite.grid(N=[20, 60], p=[1], p_star=[1], a=[1.0], alpha=ALPHAS)
    return swept(points, Path.read_bytes, samples=12)


def summary():
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "runs.jsonl"
        store.write_bytes(rows())
        return finite.summarize(store)


def sweep():
    points = finite.grid(N=[20], p=[1], p_star=[1], a=[1.0], alpha=ALPHAS[:2])
    return swept(points, finite.summarize, samples=4)


def descent():
    (point,) = finite.descents([POINT], time=5)
    return finite.descend([finite.draw(point, np.random.default_rng(1))])


def descent_summary():
    points = finite.descents([POINT], time=2)
    return swept(points, finite.summarize_descents, samples=2, what=finite.DESCENT)


def saved():
    with tempfile.TemporaryDirectory() as folder:
        files = bbpsym.figures.save(8, Path(folder) / "8.svg", bbpsym.figures.figure_data(8))
        return [path.read_bytes() for path in files]


def fields_of(width):
    return np.random.default_rng(3).normal(size=(200, width))


#: Module, name of the verb, call.
VERBS = {
    bbpsym: {
        "threshold": lambda: (
            [bbpsym.threshold(MODEL, *asked) for asked in ((None,), (25,), (20, True))]
            + [bbpsym.threshold(ENSEMBLE, side="right")]
            + of_every_kind(bbpsym.threshold)
        ),
        "edge": lambda: (
            [bbpsym.edge(MODEL, 2, *a) for a in ((None,), (25,), (20, True))]
            + of_every_kind(bbpsym.edge)
        ),
        "outlier": lambda: (
            [bbpsym.outlier(MODEL, 2, *asked) for asked in ((None,), (25,), (20, True))]
            + [bbpsym.outlier(ENSEMBLE, 2, side="right")]
            + of_every_kind(bbpsym.outlier)
        ),
        "outlier_band": lambda: bbpsym.outlier_band(MODEL, 4, 1000),
        "critical_a": lambda: [bbpsym.critical_a(2, 1, *a) for a in ((None,), (25,), (20, True))],
        "claim": lambda: [
            bbpsym.claim("alpha_c = p_star*(a + 1)^2/2", points=2, digits=5),
            bbpsym.claim("lambda_minus = -2/p*(1 - alpha*expint(p/2, a))", points=1, digits=5),
        ],
        "derive": lambda: str(bbpsym.derive(UNIT)),
        "evaluate": lambda: bbpsym.evaluate(outlier_alpha(), MODEL, t="1/2"),
        "lambdify": lambda: bbpsym.lambdify(outlier_alpha(), MODEL)([0.5, 1]),
        "best": lambda: bbpsym.best(1, p=3),
        "table": lambda: bbpsym.table([MODEL, Model("inf", 1, "1/3")]),
        "thresholds": lambda: bbpsym.thresholds(*PAIR),
        "edges": lambda: bbpsym.edges(*PAIR, 2),
        "outliers": lambda: bbpsym.outliers(*PAIR, [2, 0.5]),
        "edge_curve": lambda: bbpsym.edge_curve(MODEL, "0.4", 3, 20),
        "outlier_curve": lambda: bbpsym.outlier_curve(MODEL, 3, 20),
        "density": lambda: [
            bbpsym.density(MODEL, 2, [-2, -1, 0.5, 3, 3000]),
            bbpsym.density(ENSEMBLE, 2, [-1, 0.1, 0.5]),
            bbpsym.density(UNIT, 2, [-1, 0.5]).round(12),  # another BLAS sums otherwise
            *(
                bbpsym.density(matrix, x=[-1, 0.5, 1, 3]).round(12)
                for matrix in (SPIKED, POPULATION)
            ),
            bbpsym.density(product().methods()[0], 1, [0.1, 0.5]).round(12),
        ],
        "compare": lambda: bbpsym.compare(1, "0.7", [2], [2]),
        "finite_edge": lambda: [bbpsym.finite_edge(MODEL, 2, N) for N in (100, 10**15)],
        "alpha_zero": lambda: bbpsym.alpha_zero(MODEL),
        "student_outliers": lambda: bbpsym.student_outliers(MODEL, 2),
        "student_resolvent": lambda: bbpsym.student_resolvent(MODEL, 2, -3.0),
        "predict": lambda: bbpsym.predict(MODEL, 2, 100, np.random.default_rng(1)),
        "predict_from": lambda: bbpsym.predict_from(MODEL, fields_of(2), fields_of(1), 100),
        "predicted_phi": lambda: bbpsym.predicted_phi(
            Model(1, 1, "1.5"), [1, 2], 100, 20, np.random.default_rng(1)
        ),
        "predicted_crossing": lambda: bbpsym.predicted_crossing(
            Model(1, 1, "1.5"), 100, 20, np.random.default_rng(1)
        ),
        "teacher_labels": lambda: bbpsym.teacher_labels(2, "0.5"),
        "labels_of": lambda: [
            bbpsym.labels_of(exp(-y), y**2 / 2),
            bbpsym.labels_of(scipy.stats.gamma(2.0), y / 2),
        ],
        "laplace_labels": lambda: bbpsym.laplace_labels(1 / (1 + y), y),
        "discrete_labels": lambda: bbpsym.discrete_labels({0: "1/2", 2: "1/2"}, {0: 0, 2: 2}),
        "averaged_hessian": lambda: bbpsym.averaged_hessian(MODEL),
        "luo_alghamdi_lu": lambda: bbpsym.luo_alghamdi_lu(1),
        "mondelli_montanari": lambda: bbpsym.mondelli_montanari(1, 2),
        "spiked_identity": lambda: bbpsym.spiked_identity(2),
        "subset": lambda: bbpsym.subset(1, 2),
        "trimmed": lambda: bbpsym.trimmed(1, 2),
        "truncated": lambda: bbpsym.truncated(1, 2),
    },
    finite: {
        "draw": instance,
        "hessian": lambda: finite.hessian(instance()),
        "lowest": lambda: finite.lowest(instance()),
        "overlaps": lambda: finite.overlaps(instance(), finite.lowest(instance()).vectors),
        "signal": lambda: finite.signal(instance()),
        "spectral_measure": lambda: finite.spectral_measure(instance()),
        "density": lambda: finite.density(
            instance(), np.linspace(-2, 2, 5), rng=np.random.default_rng(1), degree=50
        ),
        "measure": lambda: finite.measure(POINT, 1, 0),
        "descend": descent,
        "descents": lambda: finite.descents([POINT], start=("random", "optimal")),
        "summarize_descents": descent_summary,
        "grid": lambda: finite.grid(N=[20], p=[1], p_star=[1], a=[1], alpha=[1, 2]),
        "sweep": sweep,
        "summarize": summary,
        "crossing": lambda: finite.crossing(
            simulations.stored().select(p=1, p_star=1, a=1.0), 100, 400
        ),
        "alpha_zero": lambda: finite.alpha_zero(summary().select(N=60), above=1.5),
        "edge_scaling": lambda: finite.edge_scaling(
            *np.array([[10, 20, 40], [4, 2, 1.0], [1] * 3])
        ),
        "straight_line": lambda: finite.straight_line(*FALLING),
    },
    bbpsym.figures: {
        "figure_data": lambda: [bbpsym.figures.figure_data(number) for number in (1, 8)],
        "figure": lambda: len(bbpsym.figures.figure(8).axes),
        "save": saved,
    },
}


def plain(value):
    """Something that can be compared: every number of a result to its last bit."""
    if isinstance(value, np.ndarray):
        return [*value.shape, repr(value.tolist())]
    if hasattr(value, "_what"):  # the density of a SciPy distribution
        return plain(value._what())
    if isinstance(value, type):
        return value.__name__
    if is_dataclass(value):
        parts = [plain(getattr(value, field.name)) for field in fields(value)]
        return [type(value).__name__, *parts]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "_mpf_"):
        return list(map(int, value._mpf_))
    return value if isinstance(value, int | str | bytes) else repr(value)


if __name__ == "__main__":  # what an unfriendly environment makes of them, the last verb first
    names = sys.argv[1:] or [name for name in reversed(VERBS[bbpsym]) if name != "compare"]
    print(json.dumps({name: plain(VERBS[bbpsym][name]()) for name in names}))  # noqa: T201
