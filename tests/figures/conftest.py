import pytest

matplotlib = pytest.importorskip(
    "matplotlib", reason='figures need the extra: pip install "bbpsym[figures]"'
)
matplotlib.use("agg")
