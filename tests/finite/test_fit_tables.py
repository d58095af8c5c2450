import numpy as np
import pytest

from bbpsym.finite.estimate import Measured
from bbpsym.finite.fit_tables import alpha_zero_table, crossing_table, edge_table
from bbpsym.finite.point import Point
from bbpsym.finite.summary import PointSummary, Summary


@pytest.fixture
def summary():
    """Curves that cross at 1.2, a line that vanishes at 0.5, and a sharp edge at -1."""
    rows = []
    for N in (100, 400, 1600):
        for alpha in np.round(np.arange(0.6, 2.0, 0.1), 12):
            phi = Measured(1 / (1 + np.exp(-0.2 * np.sqrt(N) * (alpha - 1.2))), 0.01)
            line, bulk = Measured(0.2 * alpha - 0.1, 0.001), Measured(N ** (-2 / 3) - 1, 1e-4)
            flat = Measured(0.0, 1.0)
            point = Point(N, 1, 1, 1.5, float(alpha))
            rows.append(
                PointSummary(point, 2000, phi, phi, flat, flat, flat, line, bulk, flat, flat)
            )
    return Summary(tuple(rows))


def test_crossings(summary):
    first = crossing_table(summary).splitlines()[2].split()
    assert first[:5] == ["1", "1", "1.5", "100,", "400"]
    assert float(first[5].split("(")[0]) == pytest.approx(1.2, abs=0.02)


def test_alpha_zero(summary):
    lines = alpha_zero_table(summary, 1.0).splitlines()[2:]
    assert [line.split()[3] for line in lines] == ["100", "400", "1600"]
    assert all(line.split()[4].startswith("0.50") for line in lines)


def test_edges(summary):
    lines = edge_table(summary, -1.0).splitlines()[2:]
    assert len(lines) == 14
    assert all(line.split()[4].startswith("0.66") for line in lines)


def test_what_cannot_be_fitted_says_why(summary):
    assert "at least 3" in alpha_zero_table(summary, 5.0)
    assert "distance must be positive" in edge_table(summary, 0.0)
    assert "at least 5 values" in crossing_table(Summary(summary.rows[:2] + summary.rows[-2:]))
