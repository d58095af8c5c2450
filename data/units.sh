#!/bin/sh
# The sweep behind units.csv: one sigmoid unit with a = 1 and one tanh unit with a = 50, the
# camera-ready's Figure 8; a minute or two on one core.
# Run it again to resume after an interruption; the raw file is not kept in the repository.
set -eu
store=${1:-units.jsonl}
unit() {
  activation=$1 a=$2 alpha=$3
  for size in "100 --samples 100" "400 --samples 25"; do
    bbpsym simulate --seed 1 --store "$store" --loss "(y-yh)^2/(2*(a+y))" \
      --activation "$activation" --a "$a" --p 1 --p-star 1 --alpha "$alpha" --N $size
  done
}
unit "logistic(x)" 1 1:14:1
unit "tanh(x)" 50 0.5:7:0.5
