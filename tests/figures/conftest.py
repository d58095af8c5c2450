import pytest

pytest.importorskip("matplotlib", reason="figures need the extra: pip install bbpsym[figures]")
