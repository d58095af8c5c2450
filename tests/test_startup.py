"""Start-up stays light: what is heavy is loaded when first needed."""

import subprocess
import sys

import pytest

import bbpsym

HEAVY = {"sympy", "scipy", "numpy", "mpmath", "matplotlib", "tabulate"}


def loaded_after(code):
    script = f"import sys; {code}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import bbpsym",
        "import bbpsym.cli",
        "from bbpsym.cli import bbpsym; bbpsym.main(['--help'], standalone_mode=False)",
    ],
)
def test_nothing_heavy_is_loaded(code):
    assert not loaded_after(code) & HEAVY


def test_the_theory_is_loaded_on_demand():
    assert "sympy" in loaded_after("from bbpsym import Ensemble")
    assert "sympy" not in loaded_after(
        "from bbpsym import Model, threshold; threshold(Model(2, 1, 1))"
    )


def test_public_names_resolve():
    assert set(bbpsym.__all__) <= set(dir(bbpsym))
    for name in bbpsym.__all__:
        assert getattr(bbpsym, name) is not None
    with pytest.raises(AttributeError, match=r"no attribute 'nothing'$"):
        _ = bbpsym.nothing
    with pytest.raises(AttributeError, match=r"'treshold'; do you mean .threshold"):
        _ = bbpsym.treshold


def test_the_version_is_that_of_the_distribution_and_nothing_else_is_listed():
    from importlib.metadata import version

    assert bbpsym.__version__ == version("bbpsym")
    listed = {name for name in dir(bbpsym) if not name.startswith("__")}
    assert listed == {*bbpsym.__all__, *bbpsym._MODULES}
    assert "threshold" in bbpsym.Model.__doc__
