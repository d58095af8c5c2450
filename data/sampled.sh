#!/bin/sh
# What sampled weights predict: phi(alpha, N), and where it is one half. About half an hour on one
# core; run it again to resume after an interruption.
set -eu
phi=${1:-predicted_phi.csv}
half=${2:-predicted_half.csv}
run() { bbpsym predict --p-star 1 --seed 1 "$@" > /dev/null; }

# At the sizes of summary.csv.
run --p 1 --a 1.5 --alpha 0.6:2:0.1 --N 100,200,400,1000 --samples 400 --output "$phi"
run --p 1 --a 1 --alpha 0.6:2:0.1 --N 100,200,400,1000 --samples 400 --output "$phi"
run --p 2 --a 1.5 --alpha 0.6:2:0.1 --N 100,200,400 --samples 100 --output "$phi"
# Beyond them, by all weights and by the extreme ones.
run --p 1 --a 1.5 --alpha 1:1.4:0.02 --N 10000 --samples 200 --output "$phi"
run --p 1 --a 1.5 --alpha 1.04:1.16:0.02 --N 100000 --samples 200 --output "$phi"
run --p 1 --a 1.5 --alpha 1.04:1.16:0.02 --N 100000 --extremes 4000 --samples 200 --output "$phi"
run --p 1 --a 1.5 --alpha 1.1:1.14:0.02 --N 10000000 --samples 8 --extremes 0 --output "$phi"
run --p 1 --a 1.5 --alpha 1.1:1.14:0.02 --N 10000000 --samples 200 --output "$phi"
# Where phi is one half: the drift towards the threshold.
run --p 1 --a 1.5 --N 100,1000,10000 --samples 100 --output "$half"
run --p 1 --a 1.5 --N 1e5,1e6,1e7,1e9,1e12,1e15,1e20,1e30,1e50,1e100,1e200 --samples 40 \
  --extremes 4000 --output "$half"
run --p 1 --a 1 --N 1000,10000,1e9 --samples 40 --output "$half"
run --p 2 --a 1.5 --N 1000 --samples 20 --output "$half"
