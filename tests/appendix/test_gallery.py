"""Eight losses and activations: what is derived of each holds, and ends where theory does."""

import pytest

from bbpsym import derive
from bbpsym.appendix.gallery import GALLERY
from bbpsym.appendix.steps import Status
from tests.cases import with_long

#: Derived elsewhere: by the chapters, and in `test_derive`.
OTHERS = [name for name in GALLERY if name not in ("The paper's loss", "Square normalisation")]

#: Thresholds in numbers; two of them are found by a prototype that shares no code.
THRESHOLDS = {
    "Sigmoid units": 2.42156092739,
    "Tanh units": 1.8048779960827,
    "Logistic loss": 2.8272889765,
    "A noisy teacher": 5.541282178,
}


def test_there_are_eight():
    assert len(GALLERY) == 8


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.slow) if n == "Log cosh" else n
        for n in with_long(OTHERS, *({*OTHERS} - {"Tanh units", "Log cosh"}))
    ],
)
def test_every_step_holds(name):
    found = derive(GALLERY[name]())
    verification = found.verify()
    assert verification.ok, verification
    assert sum(v is not None for v in verification.verdicts.values()) > 10
    if name in THRESHOLDS:
        alpha = found["threshold in numbers"].expression
        assert abs(float(alpha.rhs) / THRESHOLDS[name] - 1) < 1e-9


@pytest.mark.long
def test_log_cosh_has_no_smooth_edge_for_few_teachers():
    found = derive(GALLERY["Log cosh"]())
    for name in ("eigenvalues", "rate of approach", "outlier equation"):
        assert found[name].check().ok
    assert found["rate of approach"].expression.rhs == 2
    assert "finite only for p_star > 4 r = 8" in found["rate of approach"].reason
    assert found["domain"].status is Status.COMPUTED  # seen, not proved
