#!/bin/sh
# The sweep behind descents.csv: gradient descent of the paper's network, an hour on one core.
# Run it again to resume after an interruption; the raw file is not kept in the repository.
set -eu
store=${1:-descents.jsonl}
run() { bbpsym descend --seed 1 --store "$store" "$@"; }

# One teacher: width, starts side by side, size.
run --p-star 1 --a 1.5 --p 1,2,4,8 --alpha 1:4:0.5,5 --N 100 --samples 30
run --p-star 1 --a 1.5 --p 1,2 --alpha 1:4:0.5 --N 100 --samples 30 --start hessian,optimal
run --p-star 1 --a 1.5 --p 1,2,4 --alpha 1.5:4:0.5,5 --N 200 --samples 30
# Half the step.
run --p-star 1 --a 1.5 --p 1,2 --alpha 2:3:0.5 --N 100 --samples 30 --fraction 0.25
# The other loss, two teachers.
run --p-star 1 --a 0.7 --p 1,2,4,8 --alpha 1.5:3:0.5 --N 100 --samples 30
run --p-star 2 --a 1.5 --p 1,2,4,8 --alpha 2:8:2 --N 100 --samples 30
# Larger, on spheres, and four times as long.
run --p-star 1 --a 1.5 --p 1 --alpha 2.5:4:0.5 --N 400 --samples 15
run --p-star 1 --a 1.5 --p 1,2,4 --alpha 2:3:0.5 --N 100 --samples 30 --space sphere
run --p-star 1 --a 1.5 --p 1,2 --alpha 2:3:0.5 --N 100 --samples 30 --time 4000
# More of each.
run --p-star 1 --a 1.5 --p 2 --alpha 2.5:3.5:0.5 --N 400 --samples 15
run --p-star 2 --a 0.7 --p 1,2,4,8 --alpha 2:8:2 --N 100 --samples 30
run --p-star 1 --a 1.5 --p 4 --alpha 2:3:0.5 --N 400 --samples 15
run --p-star 2 --a 0.7,1.5 --p 1,2,4 --alpha 3,5 --N 100 --samples 30
run --p-star 1 --a 0.7 --p 1 --alpha 1 --N 100 --samples 30
run --p-star 1 --a 0.7 --p 1,2,4,8 --alpha 3.5,4 --N 100 --samples 30
