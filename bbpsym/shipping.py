"""What the package brings along of what SymPy derives.

`python -m bbpsym.shipping` writes it anew, after a change of the equations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from bbpsym.compile import System, source
from bbpsym.compiled import PARTS
from bbpsym.entries import SHIPPED, sources_digest, sympy_version, written
from bbpsym.kept import HEAD, Kept, head_of
from bbpsym.known_laws import KnownLaw
from bbpsym.numerics.curve import Crossing
from bbpsym.parameters import PROFILE, PROFILE_SLOPES
from bbpsym.systems import crossover_system, decay_system, rising, system, unit_system

#: Equations that answers of a Model evaluate together.
TOGETHER = (
    *((crossing.value,) for crossing in Crossing),
    *((crossing.value, f"{crossing}_slope") for crossing in Crossing),
    ("gap",),
    ("edge_alpha",),
    ("outlier_alpha", "outlier_eigenvalue"),
    ("outlier_alpha", "outlier_eigenvalue", "overlap2"),
    ("outlier_eigenvalue", "overlap2"),
    ("inverse_stieltjes",),
    ("inverse_stieltjes", "inverse_stieltjes_slope"),
    (*PROFILE, *PROFILE_SLOPES),
)


def systems() -> Iterator[Kept]:
    """All systems that the package brings along."""
    for law in KnownLaw:
        yield unit_system(law)
        yield decay_system(law)
        for names in TOGETHER:
            yield system(law, *names)
    yield crossover_system(KnownLaw.HESSIAN)
    for crossing in Crossing:
        yield rising(crossing.value)


def derived(kept: Kept) -> Mapping[str, str]:
    """Derive a system afresh: its head and the source of its functions."""
    made: System = kept.derive()
    return {HEAD: head_of(made)} | {part: source(made.function(part)) for part in PARTS}


def body() -> str:
    """Everything that is shipped, derived afresh."""
    return json.dumps({kept.key: derived(kept) for kept in systems()}, indent=1) + "\n"


def main() -> None:
    """Write the file anew."""
    head = {"sympy": sympy_version(), "sources": sources_digest()}
    SHIPPED.write_bytes(written(head, body()))


if __name__ == "__main__":
    main()
