#!/bin/sh
# The sweep behind the stored summary: about 100,000 Hessians, an hour on one core.
# Run it again to resume after an interruption; the raw file is not kept in the repository.
set -eu
store=${1:-runs.sqlite}
run() { bbpsym simulate --p-star 1 --seed 1 --store "$store" "$@"; }

# phi and overlap against alpha: continuous (p=1, a=1; p=2, a=0.7), discontinuous (a=1.5).
run --p 1 --a 1,1.5 --alpha 0.6:2.0:0.1 --N 100,200,400 --samples 500
run --p 2 --a 0.7,1.5 --alpha 0.6:2.0:0.1 --N 100,200,400 --samples 300
# Larger sizes.
run --p 1 --a 1,1.5 --alpha 0.8:1.8:0.2 --N 1000,2000 --samples 40
run --p 2 --a 0.7,1.5 --alpha 0.8:1.8:0.2 --N 1000 --samples 20
run --p 2 --a 0.7,1.5 --alpha 1.8,2 --N 2000 --samples 6
run --p 1 --a 1,1.5 --alpha 1.8,3 --N 4000 --samples 4
# alpha_0 against p.
run --p 3,4 --a 1.5 --alpha 1.4:2.0:0.1 --N 200,400 --samples 100
# More samples where they are cheap.
run --p 1 --a 1,1.5 --alpha 0.6:2.0:0.1 --N 100,200,400 --samples 800
