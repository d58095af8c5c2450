#!/bin/sh
# The sweep behind networks.csv: networks other than the paper's, twelve minutes on one core.
# Run it again to resume after an interruption; the raw file is not kept in the repository.
set -eu
store=${1:-networks.jsonl}
run() { bbpsym simulate --seed 1 --store "$store" "$@"; }
narrow() {
  run --p 1 "$@" --N 200,400 --samples 80
  run --p 1 "$@" --N 1000 --samples 16
  run --p 1 "$@" --N 2000 --samples 6
}
short() {
  run --p 1 "$@" --N 200,400 --samples 80
  run --p 1 "$@" --N 1000 --samples 10
}
wide() {
  run --p 2 "$@" --N 200,400 --samples 60
  run --p 2 "$@" --N 1000 --samples 8
  run --p 2 "$@" --N 2000 --samples 3
}
squared="(y-yh)^2/2"
paper="(y-yh)^2/(2*(a+y))"
cosh="log(cosh(y-yh))"

# Cases of which the theory's values were known before.
narrow --loss "$paper" --activation "x^2" --set a=1.5 --overlap 0.5 --p-star 1 --alpha 3
narrow --loss "$cosh" --activation "x^2" --p-star 1 --alpha 2
narrow --loss "$squared" --activation "tanh(x)" --p-star 1 --alpha 3
narrow --loss "log(1+exp(5*yh))/25" --activation "x" --p-star 1 --alpha 4
wide --loss "$cosh" --activation "x^2" --p-star 1 --alpha 3
wide --loss "$squared" --activation "tanh(x)" --p-star 1 --alpha 10
narrow --loss "$paper" --activation "logistic(x)" --set a=1 --p-star 1 --alpha 6

# The loss bounds F on the side that is measured: otherwise there is no edge to tend to.
# Noise, a teacher of another kind, a bias, a sum, two teachers, a multi-index teacher, a scale of
# the loss, a spectral method from the right, another activation, a wider student.
narrow --loss "$cosh" --activation "erf(x)" --noise 0.3 --p-star 1 --alpha 5
narrow --loss "$squared" --activation "tanh(x)" --teacher "erf(2*x)" --p-star 1 --alpha 4
narrow --loss "$squared" --activation "tanh(x)" --bias 0.5 --p-star 1 --alpha 4
wide --loss "$squared" --activation "tanh(x)" --output sum --p-star 1 --alpha 8
narrow --loss "$cosh" --activation "x^2" --p-star 2 --alpha 6
product() { run --p 1 --p-star 2 --loss "$squared" --activation "tanh(x)" --teacher "tanh(2*u1*u2)" "$@"; }
product --alpha 10 --N 200,400 --samples 80
product --alpha 10 --N 1000 --samples 40
product --alpha 10 --N 2000 --samples 24
narrow --loss "k^2*log(cosh((y-yh)/k))" --activation "x^2" --set k=0.5 --p-star 1 --alpha 2
narrow --loss "(y-1)/(y+1)*yh^2/2" --activation "x" --teacher "x^2" --p-star 1 --alpha 3 --side right
short --loss "$cosh" --activation "softplus(2*x)" --p-star 1 --alpha 20
run --p 4 --p-star 1 --alpha 4 --loss "$cosh" --activation "x^2" --N 200,400 --samples 12
run --p 4 --p-star 1 --alpha 4 --loss "$cosh" --activation "x^2" --N 1000 --samples 3

# A smooth edge of two nodes, and three and four nodes without any symmetry but exchange.
run --p 2 --loss "$squared" --activation "logistic(x)" --p-star 1 --alpha 4 --N 200,400 --samples 60
run --p 2 --loss "$squared" --activation "logistic(x)" --p-star 1 --alpha 4 --N 1000 --samples 8
run --p 3,4 --loss "$squared" --activation "tanh(x)" --p-star 1 --alpha 10 --N 200,400 --samples 30
run --p 3,4 --loss "$squared" --activation "tanh(x)" --p-star 1 --alpha 10 --N 1000 --samples 3
