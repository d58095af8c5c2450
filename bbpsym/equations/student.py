"""The student's own directions: self-energy by rotation sectors, for any p.

With the rows `w_j` of the student on axes of their own, the resolvent has a block of matrices
`V_kj`, node k and direction j. By the argument of (32)-(34) its self-energy is the map
`V -> alpha E[h V lambda lambda^T]`, with `lambda lambda^T = p yh n n^T`; what would couple it to
the teacher's block is odd in the teacher's pre-activations, and vanishes.
"""

from __future__ import annotations

from sympy import Expr, S, Symbol, factor

from bbpsym.equations.average import Average
from bbpsym.equations.ensemble import WeightLaw
from bbpsym.equations.sectors import Pair, sandwich
from bbpsym.equations.spectrum import bulk_self_energy, dressed_weight
from bbpsym.symbols import alpha, f, p, yh

#: The least self-energy of a student's direction less that of the bulk, over alpha.
excess = Symbol(r"\Sigma_{\mathrm{min}}/\alpha - \langle h \rangle", real=True)


def student_self_energy(ensemble: WeightLaw) -> dict[str, Expr]:
    """Self-energy of the student's directions by sectors, in units of the ensemble.

    The trace sector is the direction of W itself, the antisymmetric one holds the rotations of its
    nodes.
    """
    across, along = (dressed_weight.subs(f, weight.value) for weight in ensemble.weights)
    names = Pair(*(f.func(name, real=True) for name in ("h_1", "h_2")))
    values = sandwich(names, Pair(S.Zero, p * yh))
    return {
        sector: sum(
            alpha * factor(value.expand().coeff(name)) / yh * Average(yh * h)
            for name, h in zip(names, (across, along), strict=True)
        )
        for sector, value in values.items()
    }


def student_excess(ensemble: WeightLaw) -> dict[str, Expr]:
    """Self-energy of the student's directions less that of the bulk, by sectors.

    An outlier would solve `1/g = excess`, as (40) does for the teacher's directions.
    """
    return {s: energy - bulk_self_energy() for s, energy in student_self_energy(ensemble).items()}
