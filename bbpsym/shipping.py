"""What the package brings along of what SymPy derives.

`python -m bbpsym.shipping` writes it anew, after a change of the equations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bbpsym.compilation.compile import System, source
from bbpsym.compilation.compiled import PARTS
from bbpsym.compilation.entries import SHIPPED, sources_digest, sympy_version, written
from bbpsym.compilation.kept import HEAD, Kept, head_of
from bbpsym.compilation.systems import (
    airy_system,
    critical_system,
    crossover_system,
    decay_system,
    finite_system,
    rising,
    system,
    unit_system,
)
from bbpsym.laws.known_laws import KnownLaw
from bbpsym.numerics.curve import Condition
from bbpsym.parameters import PROFILE, PROFILE_SLOPES

#: Equations that answers of a Model evaluate together.
TOGETHER = (
    *((crossing.value,) for crossing in Condition),
    *((crossing.value, f"{crossing}_slope") for crossing in Condition),
    ("gap",),
    ("edge_alpha",),
    ("outlier_alpha", "outlier_eigenvalue"),
    ("outlier_alpha", "outlier_eigenvalue", "overlap2"),
    ("outlier_eigenvalue", "overlap2"),
    ("inverse_stieltjes",),
    ("inverse_stieltjes", "inverse_stieltjes_slope"),
    (*PROFILE, *PROFILE_SLOPES),
)


#: Parts that answers in double precision use: with the errors of integrals, and without.
WITH_ERRORS = ("array_magnitudes", "array_partials")
PLAIN = ("array_integrands", "array_combinations")

#: What finite sizes ask of the Hessian in double precision: equations, and functions of
#: `bbpsym.compilation.reductions`, with the parts that they use.
FINITE: dict[Any, Sequence[str]] = {
    **dict.fromkeys((("curvature",), ("sampled_variance",)), WITH_ERRORS),
    **dict.fromkeys(("tail", "middle", "node_spread", "band", "bend", "pole"), PLAIN),
}

#: What the apparent transition asks for, at p = inf as well.
APPARENT: dict[Any, Sequence[str]] = {
    "tangent": WITH_ERRORS,
    PROFILE: PLAIN,
    ("outlier_alpha",): PLAIN,
}


def systems() -> Iterator[tuple[Kept, Sequence[str]]]:
    """All systems that the package brings along, and their parts."""
    for kept in _in_every_arithmetic():
        yield kept, PARTS
    yield from _in_double(KnownLaw.HESSIAN, FINITE | APPARENT)
    yield from _in_double(KnownLaw.OVERPARAMETRISED, APPARENT)
    yield airy_system(), PLAIN


def _in_double(law: KnownLaw, asked: Mapping[Any, Any]) -> Iterator[tuple[Kept, Sequence[str]]]:
    for name, parts in asked.items():
        by_name = isinstance(name, str)
        yield finite_system(law, name) if by_name else system(law, *name), parts


def _in_every_arithmetic() -> Iterator[Kept]:
    for law in KnownLaw:
        yield unit_system(law)
        yield critical_system(law)
        yield decay_system(law)
        for names in TOGETHER:
            yield system(law, *names)
    yield crossover_system(KnownLaw.HESSIAN)
    for crossing in Condition:
        yield rising(crossing.value)


def derived(kept: Kept, parts: Sequence[str]) -> Mapping[str, str]:
    """Derive a system afresh: its head and the source of its functions."""
    made: System = kept.derive()
    return {HEAD: head_of(made)} | {part: source(made.function(part)) for part in parts}


def body() -> str:
    """Everything that is shipped, derived afresh."""
    return (
        json.dumps({kept.key: derived(kept, parts) for kept, parts in systems()}, indent=1) + "\n"
    )


def main() -> None:
    """Write the file anew."""
    head = {"sympy": sympy_version(), "sources": sources_digest()}
    SHIPPED.write_bytes(written(head, body()))


if __name__ == "__main__":
    main()
