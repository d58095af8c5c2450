"""A fault in the source of an equation fails the record that states it."""

import pytest
from sympy import Eq

from bbpsym.equations.hessian import WeightMatrix
from bbpsym.records.check import check
from bbpsym.records.registry import record_of
from bbpsym.symbols import f, g
from tests.cases import with_long
from tests.records.faults import fault


def _result(change):
    """A function whose result is changed: one side of an equation, or an expression."""

    def wrong(right):
        def faulty(*arguments, **named):
            found = right(*arguments, **named)
            if isinstance(found, Eq):
                return Eq(found.lhs, change(found.rhs), evaluate=False)
            if isinstance(found, WeightMatrix):
                return WeightMatrix(found.identity, change(found.rank_one))
            return change(found)

        return faulty

    return wrong


FAULTS = {"sign": _result(lambda x: -x), "factor two": _result(lambda x: 2 * x)}

#: A function of `bbpsym.equations`, and a record that a fault in it must fail.
CAUGHT_BY = {
    "hessian.loss": "5",
    "hessian.weight_matrix": "48",
    "student_teacher.hessian_blocks": "4",
    "student_teacher.weight_matrix_entries": "5",
    "student_teacher.student_output": "10",
    "student_teacher.student_output_as_matrix": "10",
    "student_teacher.rotated_output": "10",
    "student_teacher.teacher_output": "39",
    "student_teacher.overlap_matrix_definition": "11",
    "student_teacher.rotated_overlap_matrix": "11",
    "student_teacher.overlap_norm": "12",
    "spectrum.bulk_self_energy": "31",
    "spectrum.signal_self_energy": "38",
    "spectrum.inverse_stieltjes": "41",
    "spectrum.inverse_stieltjes_slope": "43",
    "spectrum.outlier_equation": "40",
    "spectrum.outlier_alpha": "curves",
    "spectrum.sharp_edge_alpha": "alpha-c-wide",
    "spectrum.overlap2": "58",
    "resolvent.inversion_formula": "19",
    "resolvent.signal_block": "21",
    "resolvent.gaussian_integral": "22",
    "resolvent.replica_trick": "23",
    "resolvent.bulk_independence": "24",
    "resolvent.dyson_series": "25",
    "resolvent.dyson_equation": "26",
    "resolvent.dressed_matrix": "27",
    "resolvent.rainbow_series": "27",
    "resolvent.self_energy": "27",
    "resolvent.resolvent_equation": "28",
    "resolvent.rotated_resolvent_equation": "29",
    "resolvent.resolvent_equation_rotated_back": "30",
    "resolvent.scalar_equation": "31",
    "resolvent.marginal_weight": "32",
    "resolvent.signal_dyson_equation": "33",
    "resolvent.signal_matrix": "34",
    "resolvent.signal_self_energy_matrix": "34",
    "resolvent.signal_self_energy_scalar_resolvent": "35",
    "resolvent.signal_self_energy_rotated": "36",
    "resolvent.signal_self_energy_rotated_back": "37",
    "resolvent.singular_signal_block": "38",
    "resolvent.spectral_decomposition": "54",
    "edges.smooth_edge_g": "46",
    "edges.inverse_stieltjes_curvature": "45",
    "edges.square_root_law": "45",
    "edges.essential_constant": "16",
    "edges.essential_law": "47",
    "curves.outlier_eigenvalue": "curves",
    "curves.outlier_overlap2": "curves",
    "partitions.free_cumulant": "moments",
    "partitions.moment": "moments",
    "thresholds.inverse_mean": "X",
    "thresholds.parametric_alpha": "tangent",
    "thresholds.parametric_overlap2": "curves",
    "thresholds.tangent_alpha": "tangent",
    "thresholds.discontinuous_threshold": "alpha-BBP",
    "thresholds.critical_alpha": "alpha-c",
    "thresholds.large_width_threshold": "rise-and-fall",
    "thresholds.small_a_threshold": "small-a",
}


#: Faults whose records take longest.
DEAR = (
    *("edges.essential_law", "partitions.free_cumulant", "spectrum.sharp_edge_alpha"),
    *("student_teacher.rotated_output", "student_teacher.student_output_as_matrix"),
    *("thresholds.critical_alpha", "thresholds.large_width_threshold"),
    *("thresholds.small_a_threshold", "partitions.moment"),
)


@pytest.mark.parametrize("kind", with_long(FAULTS, "factor two"))
@pytest.mark.parametrize("place", with_long(CAUGHT_BY, *DEAR))
def test_a_fault_in_the_source_fails_its_record(place, kind):
    record = record_of(CAUGHT_BY[place])
    with fault(f"equations.{place}", FAULTS[kind]):
        verdict = check(record)
    assert not verdict.ok


@pytest.mark.parametrize("name", ["31", "38", "40", "43"])
def test_a_wrong_dressed_weight_is_seen(name):
    with fault("equations.spectrum.dressed_weight", lambda right: f / (1 + g * f) + 0 * right):
        assert not check(record_of(name)).ok


def test_a_wrong_sharp_edge_is_seen():
    """Twice the equation is the same one; the sign of one term is not."""
    with fault(
        "equations.spectrum.sharp_edge_equation",
        lambda right: lambda: Eq(right().lhs + 2 / g**2, 0),
    ):
        assert not check(record_of("alpha-c-wide")).ok


def test_the_records_hold_again_once_the_fault_is_gone():
    with fault("equations.spectrum.overlap2", FAULTS["sign"]):
        pass
    assert check(record_of("58")).ok
