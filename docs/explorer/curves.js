"use strict";

/* What is drawn: curves parametric in t, thresholds over a and p, and the density over x. */

/* The smallest of 1, 1.5, 2, 3, 5, 7.5 times a power of ten that is not below a value. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 1.5, 2, 3, 5, 7.5, 10].find((step) => step * power >= value * (1 - 1e-9));
}

/* Numbers from one to another by equal factors or, from zero, by equal steps. */
const geometric = (from, to, count) => Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));
const linear = (from, to, count) => Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1));

/* The end of an axis of alpha. */
const lastAlpha = (transition, alpha) => roundUp(Math.max(2.4 * transition.alpha.value, 1.2 * alpha, 1.2 * transition.alpha_c.value));

/* Edge, outlier and overlap against alpha: no root is needed but at the ends of the curves. */
function againstAlpha(curve, transition, last, samples = 90) {
  const start = transition.alpha.value;
  const top = transition.root.value;
  const end = found(solve(curve, "outlier_rate", last, top));
  const outliers = geometric(top, end.value, samples).map((t) => {
    const { outlier_alpha, outlier_eigenvalue, overlap2 } = curve.plain(t);
    return [outlier_alpha, curve.scale * outlier_eigenvalue, overlap2];
  });
  outliers[0] = [start, outliers[0][1], transition.overlap2.value];
  const critical = transition.alpha_c.value;
  const first = 0.004 * last;
  const smooth = critical > first ? linear(first, Math.min(critical, last), 12).map(
    (level) => [level, curve.scale * curve.plain(1, level).inverse_stieltjes]) : [];
  const furthest = critical < last ? found(solve(curve, "edge_rate", last)) : null;
  const sharp = furthest === null ? [] : geometric(1, furthest.value, samples).map((t) => {
    const { edge_alpha, edge_eigenvalue } = curve.plain(t);
    return [edge_alpha, curve.scale * edge_eigenvalue];
  }).filter(([level]) => level >= first);
  return { smooth, sharp, outliers };
}

/* Distance from one at which, for drawing, a ratio is one. */
const TIE = 1e-12;

/* A threshold without its error, for drawing; null if there is none. */
function drawnThreshold(curve) {
  const end = curve.plain(1);
  if (end.outlier_alpha > 0 && end.ratio < 1 - TIE) return { alpha: end.outlier_alpha, jumps: true, alpha_c: end.edge_alpha };
  const root = Math.abs(end.ratio - 1) <= TIE ? END : solve(curve, "ratio", 1);
  if (root === null) return null;
  return { alpha: curve.plain(root.value).edge_alpha, jumps: false, alpha_c: end.edge_alpha };
}

/* Whether the transition at one a is discontinuous. */
const isJump = (state, a) => {
  const [square, response] = new Curve({ ...state, a }).profile(1);
  return response > 0 && RISING.ratio({ t: 1, square, response, square_slope: 0, response_slope: 0, alpha: 1 })[0] < 1 - TIE;
};

/* Every a of an interval at which the type of the transition changes. */
function typeChanges(state, from, to, samples = 25) {
  const grid = geometric(from, to, samples), types = grid.map((a) => isJump(state, a));
  const changes = [];
  for (let k = 1; k < samples; k++) {
    if (types[k] === types[k - 1]) continue;
    let low = Math.log(grid[k - 1]), high = Math.log(grid[k]);
    while (high - low > 1e-12) {
      const middle = (low + high) / 2;
      if (isJump(state, Math.exp(middle)) === types[k - 1]) low = middle; else high = middle;
    }
    changes.push(Math.exp((low + high) / 2));
  }
  return { jumpsFirst: types[0], changes };
}

/* Rows of the map of types: for each width the intervals of a with their type. */
function typeRow(state, from, to) {
  const { jumpsFirst, changes } = typeChanges(state, from, to);
  const ends = [from, ...changes, to];
  return ends.slice(1).map((end, k) => ({ from: ends[k], to: end, jumps: jumpsFirst === (k % 2 === 0) }));
}

/* alpha_BBP and alpha_c against a, the changes of type among the points. */
function againstA(state, to, samples = 61) {
  const from = Math.max(RANGES.a[0], to / 200);
  const { changes } = typeChanges(state, from, to);
  const grid = [...linear(from, to, samples), ...changes].sort((one, other) => one - other);
  const rows = grid.map((a) => [a, drawnThreshold(new Curve({ ...state, a }))]);
  return {
    threshold: rows.map(([a, found]) => [a, found && found.alpha]),
    critical: rows.map(([a, found]) => [a, found && found.alpha_c]),
    changes: rows.filter(([a, found]) => found && changes.includes(a)).map(([a, found]) => [a, found.alpha]),
  };
}

/* How densities are drawn: fast while a slider moves, then with every point checked. */
const DRAFT = { points: 70, growth: 1.12, rounds: 1, rule: "draft", checked: false };
const FINE = { points: 160, growth: 1.05, rounds: 3, rule: "complex", checked: true };

/* Step of Newton's method after which a point is drawn, and the largest error of one. */
const CLOSE = 1e-4;

/* How much of the mass of the bulk is shown at least, and at most; the height at which it may end. */
const SHOWN = [0.6, 0.88], LOW = 0.05;

/* At zero, where an atom appears at alpha = 1, the density has a peak of its own. */
const isBesideZero = (x, reach) => Math.abs(x) > 0.05 * reach;

/* How many times higher than all else a peak at zero may be and still be drawn whole. */
const CUT = 2.5;

/* How far the close view of an edge reaches, in widths. */
const REACH = 0.25;

/* Roots next to the edges drawn last. */
const started = new Map();

/* The density from the edge on, until most of its mass is seen, or close to the edge only. */
function spectrum(known, alpha, quality, isClose = false) {
  const { curve } = known, unit = Math.abs(curve.scale);
  const end = known.edge.value.value / curve.scale, width = 1 + Math.abs(end);
  const add = (x, before, last) => drawnPoint({ curve, alpha, quality, width, end }, x, before, last);
  // The first root starts from that of the last picture: one that is found is the right one.
  const trace = [{ x: end, rho: 0, ...started.get(curve.ensemble) }];
  let seen = 0, highest = 0, step = (isClose ? 2e-4 : 1e-3) * width;
  for (let k = 0; k < quality.points; k++) {
    const last = trace[trace.length - 1];
    const x = Math.abs(last.x + step) < 1e-9 * width ? 1e-6 * width : last.x + step;
    const next = add(x, trace[trace.length - 2], last);
    trace.push(next);
    if (k === 0 && next.t) started.set(curve.ensemble, { t: next.t, place: next.place });
    seen += (((next.rho ?? 0) + (last.rho ?? 0)) / 2) * (x - last.x);
    if (isBesideZero(x, x - end)) highest = Math.max(highest, next.rho ?? 0);
    step *= quality.growth;
    const mass = seen / Math.min(1, alpha);
    const isLow = next.rho < LOW * highest && isBesideZero(x, 4 * (x - end));
    if (isClose ? x > end + REACH * width : mass > SHOWN[1] || (mass > SHOWN[0] && isLow)) break;
  }
  const reach = trace[trace.length - 1].x - end;
  highest = Math.max(...trace.map(({ x, rho }) => (isBesideZero(x, reach) ? rho ?? 0 : 0)));
  const full = refined(trace, add, highest, quality.rounds);
  const peak = Math.max(...full.map(({ rho }) => rho ?? 0));
  const isCut = !isClose && peak >= CUT * highest;
  return {
    points: full.map(({ x, rho }) => [x * curve.scale, rho === null ? null : rho / unit]),
    height: (isCut ? highest : peak) / unit,
    isCut,
    unresolved: full.filter(({ rho }) => rho === null).length,
  };
}

/* One point of a density, from its neighbours on one side; without rho where it is not resolved. */
function drawnPoint({ curve, alpha, quality, width, end }, x, before, last) {
  const near = before && before.t && before.x !== end ? before : null;
  const settled = (found) => found && found.error < 2 * CLOSE * (1 + size(found.t));
  let found = last && last.t ? attemptRoot(
    () => newton(curve, alpha, [x, 0], guess(near, last, x), last.place, CLOSE, quality.rule)) : null;
  if (!settled(found)) found = attemptRoot(() => approach(curve, alpha, x, width, [end, 0]));
  if (!settled(found)) return { x, rho: null };
  if (quality.checked && !(errorAt(curve, alpha, { ...found, x }) < CLOSE * (1 + size(found.t)))) return { x, rho: null };
  return { ...found, x, rho: found.t[1] / Math.PI };
}

/* Bends at both ends of a step, relative to the height, from which on a corner is seen. */
const BENT = 0.008;

/* Points halfway between neighbours where the curve rises or bends much between them. */
function refined(trace, add, highest, rounds) {
  for (let round = 0; round < rounds; round++) {
    const next = [trace[0]], height = (k) => trace[k]?.rho ?? 0;
    const bend = (k) => (k > 0 && k < trace.length - 1 ? Math.abs(height(k - 1) - 2 * height(k) + height(k + 1)) : 0);
    for (let k = 1; k < trace.length; k++) {
      const [left, right] = [trace[k - 1], trace[k]];
      const jump = Math.abs(height(k) - height(k - 1)), crosses = left.x < 0 && right.x > 0;
      if (jump > 0.06 * highest || bend(k - 1) + bend(k) > BENT * highest || (crosses && round > 0)) {
        next.push(add((left.x + right.x) / 2 || 1e-6, left.t && trace[k - 2], left));
      }
      next.push(right);
    }
    trace = next;
  }
  return trace;
}
