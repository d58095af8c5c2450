"""The explorer in the browser: one page made of the package's equations, printed as JavaScript.

Nothing is written twice. Integrands, curves, slopes and error bounds are printed from the compiled
systems; nodes, grids and tolerances are those of the package. `explorer/solver.js` finds the roots,
`explorer/charts.js` draws, `explorer/page.js` listens.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sympy import Expr, Integer, Symbol

from bbpsym.compilation import javascript
from bbpsym.compilation.reductions import RISING, decays, rising, system
from bbpsym.equations import published_weights
from bbpsym.equations.ensemble import (
    Weight,
    WeightLaw,
    chi_square,
    hessian_ensemble,
    overparametrised_ensemble,
)
from bbpsym.model import GRID
from bbpsym.numerics import bulk, curve, double, quadrature, questions, rays
from bbpsym.parameters import PROFILE, PROFILE_SLOPES
from bbpsym.symbols import alpha, label, p, p_star, signal_factor, t, y

HERE = Path(__file__).parent / "explorer"

#: The alpha that a weight was made for.
made_for = Symbol("made_for", positive=True)

#: Equations that are answered with an error.
ANSWERS = (
    *RISING,
    "outlier_alpha",
    "edge_alpha",
    "inverse_stieltjes",
    "outlier_eigenvalue",
    "overlap2",
)

#: The slowest decay for which the rule has nodes.
SLOWEST = 1e-9


class Explored(NamedTuple):
    """An ensemble of the page: its law as seen from the left, and the side that this is."""

    law: WeightLaw
    sign: int = 1


def ensembles() -> dict[str, Explored]:
    """Return the ensembles of the page, by the names that its code and its address know."""
    unit = hessian_ensemble().unit
    averaged = published_weights.averaged_weight().subs(label, y)
    optimal = published_weights.optimal_weight().subs(signal_factor, y)
    made = published_weights.mondelli_montanari_weight().subs({signal_factor: y, alpha: made_for})
    return {
        "hessian": Explored(hessian_ensemble()),
        "limit": Explored(overparametrised_ensemble()),
        "averaged": Explored(_method(averaged / unit, unit)),
        "optimal": Explored(_method(-optimal, Integer(1)), -1),
        "made": Explored(_method(-made, Integer(1)), -1),
    }


def _method(weight: Expr, unit: Expr) -> WeightLaw:
    """A weight of the label alone, in units in which its bound is -1."""
    return WeightLaw((Weight(weight.factor(), Integer(1)),), (chi_square(y, p_star),), y, unit)


def equations() -> str:
    """Return the equations of all ensembles as JavaScript."""
    levels = {name: _level(name) for name in RISING}
    decay, size = Symbol("decay"), Symbol("size")
    parts = {
        "ensembles": javascript.literal(
            {name: _ensemble(item) for name, item in ensembles().items()}
        ),
        "rising": javascript.literal(levels),
        "scale": javascript.function(["decay"], [quadrature.scale(decay)]),
        "ray_scale": javascript.function(["decay", "size"], [rays.scale(decay, size)]),
        "rules": json.dumps(rules()),
        "constants": json.dumps(constants()),
    }
    return f"const GENERATED = {javascript.literal(parts)};\n"


def _ensemble(explored: Explored) -> str:
    law = explored.law
    rates, offsets = decays(law)
    names = sorted({symbol.name for item in (*rates, *offsets) for symbol in item.free_symbols})
    answers, bulk_of = system(law, *ANSWERS), system(law, *rays.NAMES)
    return javascript.literal(
        {
            "sign": str(explored.sign),
            "unit": javascript.function([p.name] if law.unit.has(p) else [], [law.unit]),
            "offsets": javascript.function(names, offsets),
            "profile": javascript.real_system(system(law, *PROFILE, *PROFILE_SLOPES), False),
            "plain": javascript.real_system(answers, False),
            "answers": javascript.real_system(answers, True),
            "bulk": javascript.complex_system(bulk_of, [t.name]),
            "ray_rates": javascript.complex_function(names, rates, [t.name]),
            "ray_offsets": javascript.complex_function(names, offsets, [t.name]),
        }
    )


def _level(name: str) -> str:
    level = rising(name)
    return javascript.function(level.parameters, list(level.outputs.values()))


def rules() -> dict[str, dict[str, list[float]]]:
    """Return the nodes of the double-exponential rule at a scale of one, for each use."""
    steps = {
        "real": quadrature.STEP,
        "draft": 2 * rays.STEP,
        "complex": rays.STEP,
        "finer": rays.STEP / rays.FINER,
    }
    nodes = {
        name: quadrature.double_nodes(np.asarray(SLOWEST), np.asarray(1.0), step)
        for name, step in steps.items()
    }
    return {name: {"x": list(x), "share": list(share)} for name, (x, share) in nodes.items()}


def constants() -> dict[str, object]:
    """Return the package's tolerances and grids."""
    return {
        "epsilon": double.EPSILON,
        "rounding": double.ROUNDING,
        "e_folds": quadrature.MARGIN - float(np.log(double.EPSILON)),
        "reach": rays.REACH,
        "grid": list(GRID),
        "smallest": double.SMALLEST_T,
        "iterations": double.ITERATIONS,
        "probe": curve.PROBE,
        "open": questions.OPEN,
        "places": list(bulk.PLACES),
        "highest": bulk.HIGHEST,
        "lowest": bulk.LOWEST,
        "near": bulk.NEAR,
        "passing": bulk.PASSING,
        "steps": bulk.STEPS,
        "tiny": bulk.TINY,
        "accuracy": rays.ACCURACY,
    }


def page() -> str:
    """Return the page: HTML, style, equations and code in one file that needs no other."""
    text = (HERE / "page.html").read_text(encoding="utf-8")
    scripts = [(HERE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    style = (HERE / "style.css").read_text(encoding="utf-8")
    return text.replace("/* style */", style).replace(
        "/* scripts */", "\n".join([equations(), *scripts])
    )


#: The page's own code, in the order in which it runs.
SCRIPTS = ("solver", "density", "curves", "charts", "page")


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "explorer.html"
    Path(target).write_text(page(), encoding="utf-8")
