"""The chapters: installed beside this file, in a checkout those of its folder `derivations/`."""

from pathlib import Path

_HERE = Path(__file__).parent
if not any(_HERE.glob("[0-9]*.py")):
    __path__ = [str(_HERE.parents[1] / "derivations")]
