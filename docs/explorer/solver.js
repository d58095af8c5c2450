"use strict";

/* Roots in t of the generated curves: edge, outlier and threshold, with the error of every number.

   Everything is seen from the left of the bulk, in units in which the weights end at -1, with
   g = -t. Each level rises through one and is close to a power of t, so that Newton's method in
   log t, kept inside a bracket, settles in a few steps. What does not settle is said. */

class Unresolved extends Error {}

const { ensembles: ENSEMBLES, rising: RISING, constants: CONSTANTS, rules: RULES } = GENERATED;

/* The nodes that a decay needs, at a scale. */
function nodes(name, decay, unit) {
  const { x, share } = RULES[name];
  const last = CONSTANTS.e_folds / (decay * unit);
  if (!(x[x.length - 1] >= last)) throw new Unresolved("the averages decay too slowly here");
  let low = 0, high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] >= last) high = middle; else low = middle + 1;
  }
  return { x, share, count: low + 1 };
}

/* The equations of an ensemble at given parameters, and its averages at t. */
class Curve {
  constructor(state) {
    this.ensemble = ENSEMBLES[state.ensemble];
    this.given = { a: state.a, p: state.p, p_star: state.p_star, made_for: state.alpha };
    this.scale = this.ensemble.sign * this.ensemble.unit(this.given)[0];
  }

  sums(system, t) {
    const given = { ...this.given, t };
    const decay = Math.min(...this.ensemble.offsets(given));
    const [unit] = GENERATED.scale({ decay });
    const { x, share, count } = nodes("real", decay, unit);
    return [given, system.integrate(x, share, count, unit, given)];
  }

  /* Averages of the three levels, with their slopes. */
  profile(t) {
    const [given, integrals] = this.sums(this.ensemble.profile, t);
    return this.ensemble.profile.combine(integrals, given);
  }

  /* What crosses one at t, and its slope d log(level)/d log(t). */
  level(name, t, alpha) {
    const [square, response, square_slope, response_slope] = this.profile(t);
    if (!(response > 0)) return [name === "ratio" ? Infinity : 0, NaN];
    return RISING[name]({
      t, alpha, square, response,
      square_slope: square_slope / square, response_slope: response_slope / response,
    });
  }

  /* All answers at t, without errors. */
  plain(t, alpha) {
    const system = this.ensemble.plain;
    const [given, integrals] = this.sums(system, t);
    const at = (level) => named(system.outputs, system.combine(integrals, { ...given, alpha: level }));
    const found = at(alpha ?? NaN);
    found.edge_eigenvalue = at(found.edge_alpha).inverse_stieltjes;
    return found;
  }

  /* All answers at t, each with the error that rounding leaves. */
  values(t, alpha) {
    const system = this.ensemble.answers, count = system.integrals;
    const [given, sums] = this.sums(system, t);
    const combined = system.combine(sums.slice(0, count), { ...given, alpha: alpha ?? NaN });
    const found = {};
    system.outputs.forEach((name, row) => {
      let error = 4 * CONSTANTS.epsilon * Math.abs(combined[row]);
      for (let k = 0; k < count; k++) {
        const partial = combined[system.outputs.length + row * count + k];
        error += Math.abs(partial) * CONSTANTS.rounding * sums[count + k];
      }
      found[name] = { value: combined[row], error };
    });
    return found;
  }

  /* The same at a root, whose own error is carried into them. */
  along(root, alpha) {
    const found = this.values(root.value, alpha);
    if (root.error === 0) return found;
    const step = CONSTANTS.probe * Math.min(root.value, Math.max(1 - root.value, 1e-8));
    const near = this.plain(root.value - step, alpha), here = this.plain(root.value, alpha);
    for (const name of Object.keys(found)) {
      found[name].error += Math.abs((here[name] - near[name]) / step) * root.error;
    }
    return found;
  }
}

const named = (names, values) => Object.fromEntries(names.map((name, k) => [name, values[k]]));

/* The last t up to `upper` at which a level crosses one, or null if it does so nowhere. */
function solve(curve, name, alpha, upper = 1) {
  const grid = CONSTANTS.grid.map((t) => t * upper);
  let k = grid.length - 1;
  while (k >= 0 && !(curve.level(name, grid[k], alpha)[0] < 1)) k--;
  if (k === grid.length - 1) return null;
  let low = Math.log(k < 0 ? CONSTANTS.smallest : grid[k]), high = Math.log(grid[k + 1]);
  let x = k < 0 ? high : (low + high) / 2;
  for (let step = 0; step < CONSTANTS.iterations; step++) {
    const [value, slope] = curve.level(name, Math.exp(x), alpha);
    const residual = Math.log(value), newton = x - residual / slope;
    if (Math.abs(residual / slope) < 1e-13 || high - low < 1e-15) return polished(curve, name, alpha, x, slope);
    if (residual > 0) high = x; else low = x;
    x = newton >= low && newton <= high ? newton : (low + high) / 2;
  }
  throw new Unresolved("a root in t did not settle");
}

/* One more step with the error of the level, which is the error of the root. */
function polished(curve, name, alpha, x, slope) {
  const { value, error } = curve.values(Math.exp(x), alpha)[name];
  const factor = name === "ratio" ? 1 : alpha;
  const step = -Math.log(factor * value) / slope;
  const root = Math.min(1, Math.exp(x + step));
  const uncertainty = error / Math.abs(value * slope) + 4 * CONSTANTS.epsilon;
  if (!(uncertainty < 1e-3 && Math.abs(step) < 1e-9 + 10 * uncertainty)) throw new Unresolved("a root in t is lost in rounding errors");
  return { value: root, error: 2 * root * (uncertainty + step * step) };
}

/* A root that has to be there. */
function found(root) {
  if (root === null) throw new Unresolved("a root in t lies too near to the end of its range");
  return root;
}

const END = { value: 1, error: 0 };

/* The lowest alpha at which an outlier has left the bulk, eqs. (14), (40), (44). */
function threshold(curve) {
  const end = curve.values(1);
  const gap = 1 - end.ratio.value, margin = CONSTANTS.open * end.ratio.error;
  const seen = end.outlier_alpha.value > 0;
  const alpha_c = end.edge_alpha;
  if (seen && gap > margin) {
    return { kind: "discontinuous", root: END, alpha: end.outlier_alpha, alpha_c, overlap2: end.overlap2 };
  }
  const tie = seen && Math.abs(gap) <= margin;
  const root = tie ? END : solve(curve, "ratio", 1);
  if (root === null) throw new Unresolved("no transition is seen");
  return { kind: "continuous", root, alpha: curve.along(root).edge_alpha, alpha_c, overlap2: { value: 0, error: 0 } };
}

/* The edge: smooth up to alpha_c, and beyond at the one root of (44). */
function edge(curve, alpha) {
  const { value, error } = curve.values(1).edge_alpha;
  const isSharp = alpha - value > CONSTANTS.open * error;
  const root = isSharp ? found(solve(curve, "edge_rate", alpha)) : END;
  return { kind: isSharp ? "sharp" : "smooth", root, value: curve.along(root, alpha).inverse_stieltjes };
}

/* The outlier's t below that of the edge; null if there is none. */
function outlier(curve, alpha, end) {
  const { value, error } = curve.along(end.root, alpha).outlier_rate;
  const excess = alpha * value - 1;
  if (Math.abs(excess) <= CONSTANTS.open * alpha * error + 1e-15) {
    throw new Unresolved("α is so close to the threshold that its side is not decided");
  }
  if (!(excess > 0)) return null;
  const root = found(solve(curve, "outlier_rate", alpha, end.root.value));
  const { outlier_eigenvalue, overlap2 } = curve.along(root);
  return { root, value: outlier_eigenvalue, overlap2 };
}

const scaled = (number, factor) => ({ value: number.value * factor, error: Math.abs(number.error * factor) });

/* Everything that is known at one point; a part that is not resolved holds a sentence instead. */
function answer(state) {
  const wrong = complaint(state);
  if (wrong) throw new Unresolved(wrong);
  const curve = new Curve(state), { alpha } = state;
  const attempt = (find) => {
    try { return find(); } catch (error) {
      if (!(error instanceof Unresolved)) throw error;
      return { unresolved: error.message };
    }
  };
  const transition = attempt(() => threshold(curve));
  const end = attempt(() => edge(curve, alpha));
  const beyond = end.unresolved ? end : attempt(() => outlier(curve, alpha, end));
  const inUnits = (part) => part && !part.unresolved ? { ...part, value: scaled(part.value, curve.scale) } : part;
  return { curve, threshold: transition, edge: inUnits(end), outlier: inUnits(beyond) };
}

/* Ranges in which the numbers are held against Python's. */
const RANGES = { p: [1, 100], p_star: [1, 20], a: [0.01, 100], alpha: [0.01, 1000] };

/* What is wrong with given parameters, in a sentence; nothing if all is well. */
function complaint(state) {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = state[name], title = { p_star: "p*", alpha: "α" }[name] ?? name;
    const whole = name.startsWith("p");
    if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
      return `${title} must be ${whole ? "an integer" : "a number"} from ${least} to ${most}`;
    }
  }
  if (state.ensemble === "made" && state.alpha < state.p_star / 2) {
    return `Mondelli and Montanari’s weight needs α of at least p*/2 = ${state.p_star / 2}`;
  }
  return "";
}
