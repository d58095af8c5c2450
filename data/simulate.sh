#!/bin/sh
# The sweep behind summary.csv: 147,000 Hessians, an hour on one core.
# Run it again to resume after an interruption; the raw file is not kept in the repository.
set -eu
store=${1:-runs.jsonl}
run() { bbpsym simulate --p-star 1 --seed 1 --store "$store" "$@"; }

# phi and overlap against alpha: continuous (p=1, a=1; p=2, a=0.7), discontinuous (a=1.5).
run --p 1 --a 1,1.5 --alpha 0.6:2.0:0.1 --N 100,200,400 --samples 500
run --p 2 --a 0.7,1.5 --alpha 0.6:2.0:0.1 --N 100,200,400 --samples 300
# Far on the continuous side.
run --p 1 --a 0.4 --alpha 1.0:2.2:0.1 --N 100,200,400 --samples 800
# Larger sizes.
run --p 1 --a 1,1.5 --alpha 0.6:2.0:0.1 --N 1000 --samples 100
run --p 2 --a 0.7,1.5 --alpha 0.6:2.0:0.2 --N 1000 --samples 16
# A few of order 4000.
run --p 2 --a 0.7,1.5 --alpha 2,3 --N 2000 --samples 5
run --p 1 --a 1,1.5 --alpha 2,3 --N 4000 --samples 3
# Edge distances, sharp and smooth, at more sizes.
run --p 1 --a 1.5 --alpha 1.6,3 --N 100,200,400 --samples 500
run --p 1 --a 1.5 --alpha 1.6,3 --N 1000,2000 --samples 40
# alpha_0 against p.
run --p 3,4 --a 1.5 --alpha 1.4:2.0:0.1 --N 200 --samples 60
run --p 3,4 --a 1.5 --alpha 1.4:2.0:0.1 --N 400 --samples 20
# More samples around the crossings.
run --p 1 --a 1,1.5 --alpha 0.8:1.6:0.1 --N 100,200,400 --samples 1000
run --p 2 --a 0.7,1.5 --alpha 0.6:1.2:0.1 --N 100,200,400 --samples 600
