"""The steps of networks whose Stieltjes transform is a matrix: several nodes of any activation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sympy import Eq, Matrix, diag, expand, eye, solve, sqrt, symbols

from bbpsym.appendix import names as n
from bbpsym.appendix.derivation import Status, Step
from bbpsym.ensembles.setting import Setting
from bbpsym.equations import two_nodes
from bbpsym.equations.average import Average
from bbpsym.records.record import Nature, Record
from bbpsym.symbols import alpha, z

#: Width for which the equations of exchangeable nodes are written.
NODES = 2


def sector_steps(setting: Setting) -> Iterator[Step]:
    """Bulk and edge of exchangeable nodes; the signal block is computed."""
    from bbpsym.appendix.general import Chapters

    chapters = Chapters(setting, None)
    for record_id in ("1", "2", "3"):
        yield chapters.step(record_id, n.NETWORK, domain="all data")
    for record_id in ("4", "5"):
        yield chapters.step(record_id, n.MATRIX, domain="all data")
    yield chapters.step("28", n.BULK, domain="z outside the spectrum")
    if setting.is_even:
        yield chapters.step("31", n.BULK)
        for record_id in ("41", "43"):
            yield chapters.step(record_id, n.BULK)
        for record_id in ("44", "45"):
            yield chapters.step(record_id, n.EDGES)
    elif setting.p == NODES:
        yield _exchange()
        yield _bulk()
    else:
        reason = (
            f"G has two eigenvalues, along and across (1, ..., 1); their equations are written for "
            f"{NODES} nodes: derive the network again with p = {NODES}."
        )
        yield Step("Stieltjes equation", n.BULK, Status.UNKNOWN, reason=reason)
    why = (
        "The eigenvalues of F have no closed form of use, and the signal block is a matrix of "
        "averages over all pre-activations: outliers and thresholds are computed from it."
    )
    yield Step("outlier equation", n.OUTLIER, Status.UNKNOWN, reason=why)


def _exchange() -> Step:
    along, mixed, across = symbols("G_{ss} G_{so} G_{oo}", real=True)

    def tell() -> Iterator[Any]:
        r"""What all exchanges of nodes leave alone.

        $F$ and $F$ with two nodes exchanged have one law, so that $G$ commutes with the exchange:
        for two nodes it is diagonal in the basis along and across $(1, 1)$.

        Domain: exchangeable nodes; here two of them.
        """
        g_s, g_o = two_nodes.transforms
        yield Eq(along, g_s), Eq(mixed, 0), Eq(across, g_o)
        entries = Matrix(2, 2, symbols("G_11 G_12 G_21 G_22"))
        swap = Matrix([[0, 1], [1, 0]])
        (solved,) = solve(list(swap * entries - entries * swap), entries[2:], dict=True)
        yield entries.subs(solved), "all that commutes with the exchange"
        basis = Matrix([[1, 1], [1, -1]]) / sqrt(2)
        turned = (basis.T * entries.subs(solved) * basis).applyfunc(expand)
        yield turned, "along and across (1, 1)"
        named = {turned[0, 0]: g_s, turned[1, 1]: g_o}
        found = (turned[0, 0], turned[0, 1], turned[1, 1])
        left = (along, mixed, across)
        yield tuple(Eq(x, named.get(y, y)) for x, y in zip(left, found, strict=True)), "two numbers"

    record = Record("exchange", Nature.DERIVED, tell, (), "linear equations for the exchange")
    return Step("symmetry", n.BULK, Status.DERIVED, record, ("resolvent equation",))


def _bulk() -> Step:
    def tell() -> Iterator[Any]:
        r"""Both Stieltjes transforms of the bulk.

        Domain: two nodes; z outside the spectrum.
        """
        yield two_nodes.bulk_equations()
        K = two_nodes.weight * (eye(2) - diag(*two_nodes.transforms) * two_nodes.weight).inv()
        yield K, "the dressed weight, F (1 - G F)^-1"
        found = (
            Eq(z, 1 / g + alpha * Average(K[i, i])) for i, g in enumerate(two_nodes.transforms)
        )
        yield tuple(found), "diagonal of the resolvent equation, inverted"

    record = Record("two-nodes", Nature.DERIVED, tell, (), "G in its basis")
    return Step("Stieltjes equation", n.BULK, Status.DERIVED, record, ("symmetry",))
