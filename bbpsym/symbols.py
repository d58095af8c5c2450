"""Every symbol of the paper, once, with its assumptions.

The names are chosen for LaTeX, so that an expression prints in the paper's notation.
"""

from sympy import Symbol, symbols

#: Signal-to-noise ratio M/N and the loss normalisation, eq. (3).
alpha = Symbol("alpha", positive=True)
a = Symbol("a", positive=True)

#: Student and teacher widths, eqs. (1)(2).
p = Symbol("p", positive=True, integer=True)
p_star = Symbol("p^*", positive=True, integer=True)

#: Input dimension and number of samples, M = alpha N.
N, M = symbols("N M", positive=True, integer=True)

#: Outputs of teacher and student, eqs. (1)(2), and one teacher pre-activation.
y = Symbol("y", nonnegative=True)
yh = Symbol(r"\hat{y}", nonnegative=True)
u = Symbol("u", real=True)

#: Coordinate of an input along what a student's weights add to the teacher's.
student_direction = Symbol("v_1", real=True)

#: The label a spectral method (7) sees; with noise it may be negative.
label = Symbol("y", real=True)

#: Mean square of one teacher's pre-activation given the label, the `u^2` of eq. (38).
signal_factor = Symbol(r"\langle u^2 | y \rangle", real=True)

#: A weight as `f = (v - b w)/w`, b = 1 if it has a bound below zero and else 0, in units in which
#: that bound is -1: `v/w` is its distance from the bound (or from zero), and `|v| + w = 1`. Neither
#: overflows where the weight is infinite, nor cancels where it is extreme.
distance = Symbol("v", real=True)
scale = Symbol("w", nonnegative=True)

#: A generic eigenvalue of the weight matrix F, eq. (48).
f = Symbol("f", real=True)

#: Stieltjes transform and spectral parameter, eq. (18).
g = Symbol("g", real=True)
z = Symbol("z")

#: Distance of the bound of a weight from zero, where that is no rational number.
bound = Symbol(r"|f_\pm|", positive=True)

#: g = -t / unit; t = 1 is the smooth edge, eq. (46).
t = Symbol("t", positive=True)

#: Laplace variable of the averages, and the argument of a Laplace transform.
s = Symbol("s", positive=True)
sigma = Symbol("sigma", nonnegative=True)

#: Two or three exchangeable nodes: entries of the dressed weight matrix `K = F (1 - G F)^-1` along
#: (1, ..., 1), which is s, and across, a and b; and coordinates of an input in this basis.
DIRECTIONS = ("s", "a", "b")
dressed_entries = {
    pair: Symbol(f"K_{{{pair}}}", real=True) for pair in ("ss", "sa", "sb", "aa", "ab", "bb")
}
node_directions = symbols("v_s v_a v_b", real=True)

#: A deformed Gaussian matrix: strength of the spike, variance of the Gaussian part (times N), one
#: above the bound of the diagonal, and the diagonal's entry at the spike above that.
theta = Symbol("theta", real=True)
variance = Symbol("sigma^2", positive=True)
offset = Symbol("d_c", real=True)
site = Symbol("f_i", real=True)

#: What an average runs over.
LATENT = (
    *(f, y, yh, u, student_direction, label, distance, scale, signal_factor),
    *(*dressed_entries.values(), *node_directions),
)

#: Functions of g: the inverse Stieltjes transform (41), the signal's self-energy (57), slopes.
lambda_g, lambda_slope = Symbol(r"\lambda(g)", real=True), Symbol(r"\lambda'(g)", real=True)
S, S_slope = Symbol("S(g)", real=True), Symbol("S'(g)", real=True)

#: Edge, outlier, squared overlap, thresholds.
edge, outlier = Symbol("lambda_-", real=True), Symbol("lambda_*", real=True)
overlap2 = Symbol("m^2", nonnegative=True)
alpha_BBP = Symbol(r"\alpha_{\mathrm{BBP}}", positive=True)
alpha_c = Symbol("alpha_c", positive=True)

#: Factor of the student's output in a weight, 1 or 3, eq. (48).
c = Symbol("c", positive=True)

#: Slope of the squared overlap, and the zero of its tangent.
overlap_rate = Symbol(r"\frac{d m^2}{d\alpha}", real=True)
alpha_0 = Symbol("alpha_0", real=True)

#: Laplace transform of an output, and `<1/D>` with `D = a + (1 - t) y + c t yh`.
laplace = Symbol(r"\langle e^{-\sigma y} \rangle", positive=True)
mean_at_t = Symbol(r"\langle 1/D \rangle", positive=True)
