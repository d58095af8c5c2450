"use strict";

/* The Stieltjes transform inside the bulk: lambda(t) = x + i 0 with Im t > 0, eqs. (19) and (41).

   There is one root in the upper half-plane for each x, so that a root found is the right one
   wherever it was looked for. Averages run along a ray of complex s, between the branch points of
   the Laplace transforms and the end of the decay. Complex numbers are pairs [re, im]. */

const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];
const over = ([a, b], [c, d]) => {
  const size = c * c + d * d;
  return [(a * c + b * d) / size, (b * c - a * d) / size];
};
const inverse = (z) => over([1, 0], z);
const minus = ([a, b], [c, d]) => [a - c, b - d];
const size = ([a, b]) => Math.hypot(a, b);
const pairs = (flat) => Array.from({ length: flat.length / 2 }, (_, k) => [flat[2 * k], flat[2 * k + 1]]);

/* Direction of the ray at a place in its sector, and the slowest decay along it. */
function ray(curve, given, place) {
  const rates = pairs(curve.ensemble.ray_rates(given));
  const offsets = pairs(curve.ensemble.ray_offsets(given));
  let top = Infinity, bottom = -Infinity;
  for (const [a, b] of offsets) {
    top = Math.min(top, Math.PI / 2 - Math.atan2(b, a));
    bottom = Math.max(bottom, -Math.PI / 2 - Math.atan2(b, a));
  }
  for (const [a, b] of rates) {
    const angle = Math.atan2(b, a);
    top = Math.min(top, angle > 0 ? Math.PI - angle : Math.PI);
    bottom = Math.max(bottom, angle < 0 ? -Math.PI - angle : -2 * Math.PI);
  }
  const angle = bottom + (top - bottom) * place;
  const turn = [Math.cos(angle), Math.sin(angle)];
  const decays = offsets.map((offset) => times(turn, offset)[0]);
  return { turn, slowest: Math.min(...decays), least: Math.min(...offsets.map(size)) };
}

/* lambda, d lambda/dt and the rounding error of lambda at complex t. */
function continued(curve, alpha, t, place, rule = "complex") {
  const system = curve.ensemble.bulk, count = system.integrals;
  const given = { ...curve.given, alpha, t };
  const { turn, slowest, least } = ray(curve, given, place);
  const [unit] = GENERATED.ray_scale({ decay: least, size: size(t) });
  const { x, share, count: length } = nodes(rule, slowest / CONSTANTS.reach, unit);
  const sums = system.integrate(x, share, length, unit, turn, given);
  const [value, slope, ...partials] = pairs(system.combine(sums.slice(0, 2 * count), given));
  let error = CONSTANTS.epsilon * size(value);
  for (let k = 0; k < count; k++) error += size(partials[k]) * CONSTANTS.rounding * sums[2 * count + k];
  // The slope is d lambda/dg, and g = -t.
  return { value, slope: [-slope[0], -slope[1]], error: Number.isFinite(error) ? error : Infinity };
}

/* Newton's method for lambda(t) = z in 1/t, kept in the upper half-plane. */
function newton(curve, alpha, z, start, place, enough = 0, rule = "complex") {
  let t = start, error = Infinity;
  for (let step = 0; step < CONSTANTS.steps; step++) {
    const { value, slope, error: rounding } = continued(curve, alpha, t, place, rule);
    let move = over(minus(z, value), times(slope, times(t, t)));
    const shorten = Math.min(1, 0.7 / (size(times(move, t)) + CONSTANTS.tiny));
    move = [move[0] * shorten, move[1] * shorten];
    const after = inverse(minus(inverse(t), move));
    after[1] = Math.max(after[1], CONSTANTS.tiny);
    const moved = size(minus(after, t));
    const left = rounding / size(slope) + (moved * moved) / size(after);
    t = after;
    error = moved <= 4 * left ? left : moved;
    if (moved <= Math.max(4 * left, enough * size(t))) break;
  }
  return { t, error, place };
}

/* The place at which a ray has the least rounding error. */
function bestPlace(curve, alpha, t) {
  let best = [Infinity, CONSTANTS.places[0]];
  for (const place of CONSTANTS.places) {
    try {
      const { error } = continued(curve, alpha, t, place);
      if (error < best[0]) best = [error, place];
    } catch (problem) {
      if (!(problem instanceof Unresolved)) throw problem;
    }
  }
  return best[1];
}

/* The root at x, followed from far above the real axis. */
function approach(curve, alpha, x, width, singular) {
  const distance = Math.max(Math.min(...singular.map((point) => Math.abs(x - point))), CONSTANTS.epsilon * width);
  const lowest = Math.min(CONSTANTS.lowest * width, CONSTANTS.near * distance);
  const highest = CONSTANTS.highest * width;
  const stages = 2 + Math.trunc(1.4 * Math.log(highest / lowest));
  let t = over([-1, 0], [x, highest]), found;
  for (let stage = 0; stage <= stages; stage++) {
    const isLast = stage === stages;
    const height = isLast ? 0 : highest * (lowest / highest) ** (stage / (stages - 1));
    found = newton(curve, alpha, [x, height], t, bestPlace(curve, alpha, t), isLast ? 0 : CONSTANTS.passing);
    t = found.t;
  }
  return found;
}

const isSettled = (found) => found.error < 1e-9 * (1 + size(found.t));

/* Roots at points of the bulk, in units of the ensemble; each starts from the last two. */
function follow(curve, alpha, points, width, singular) {
  let before = null, last = null;
  return points.map((x) => {
    let found = null;
    if (last !== null) {
      found = attemptRoot(() => newton(curve, alpha, [x, 0], guess(before, last, x), last.place));
      if (found && !isSettled(found)) found = null;
    }
    found ??= attemptRoot(() => approach(curve, alpha, x, width, singular));
    if (found && !isSettled(found)) found = null;
    before = found && last;
    last = found && { ...found, x };
    return last && { ...last, error: errorAt(curve, alpha, last) };
  });
}

function attemptRoot(find) {
  try { return find(); } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    return null;
  }
}

/* A first guess: 1/t continued in a straight line. */
function guess(before, last, x) {
  if (before === null) return last.t;
  const step = (x - last.x) / (last.x - before.x);
  const now = inverse(last.t), past = inverse(before.t);
  const t = inverse([now[0] + step * (now[0] - past[0]), now[1] + step * (now[1] - past[1])]);
  return t[1] > 0 && Math.abs(step) < 4 ? t : last.t;
}

/* Error of a root at x: what a finer rule finds left of its equation, and what rounding hides. */
function errorAt(curve, alpha, { t, place, x }) {
  const { value, slope, error } = continued(curve, alpha, t, place, "finer");
  return (size(minus(value, [x, 0])) + error) / size(slope);
}

/* The density at eigenvalues x inside the edge, each {value, error} or null where not resolved. */
function density(known, alpha, x) {
  const { curve } = known, end = known.edge.value.value / curve.scale;
  const points = Array.from(x, (value) => value / curve.scale);
  const inside = points.filter((point) => point > end);
  const width = 1 + Math.abs(end);
  const roots = follow(curve, alpha, inside, width, [end, 0]);
  const unit = Math.abs(curve.scale);
  let k = 0;
  return points.map((point) => {
    if (!(point > end)) return { value: 0, error: 0 };
    const root = roots[k++];
    if (root === null) return null;
    const rho = root.t[1] / Math.PI, error = root.error / Math.PI;
    if (!(error <= 10 * CONSTANTS.accuracy)) return null;
    return { value: rho < error ? 0 : rho / unit, error: error / unit };
  });
}
