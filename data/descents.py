"""Run the sweep behind descents.csv, or take it up after an interruption, and print its averages.

    python data/descents.py descents.jsonl > data/descents.csv

It takes five hours on one core; a second number is that of the worker processes. The raw
file is not kept in the repository.
"""

import sys

from bbpsym.figures.descent_sweep import points
from bbpsym.figures.simulations import SEED
from bbpsym.finite.descended import DESCENT
from bbpsym.finite.descent_summary import summarize_descents
from bbpsym.finite.sweep import sweep


def main(store, jobs="1"):
    """Sweep, and write the averages."""
    how = {"seed": SEED, "jobs": int(jobs), "progress": True, "what": DESCENT}
    listed = points()
    for samples in sorted({*listed.values()}, reverse=True):
        chosen = [point for point, count in listed.items() if count == samples]
        sweep(chosen, store, samples=samples, **how)
    sys.stdout.write(summarize_descents(store).to_csv())


if __name__ == "__main__":
    main(*sys.argv[1:] or ["descents.jsonl"])
