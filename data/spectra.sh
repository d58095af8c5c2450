#!/bin/sh
# The spectra under figure 5: one Hessian of order 2000 at each alpha, a few seconds.
set -eu
bbpsym figure 5 --simulate --store "${1:-spectra.csv}" --output "${2:-figure5.pdf}"
