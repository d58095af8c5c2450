"use strict";

/* The page: its state is its address; what depends on it is drawn again while a slider moves. */

const DEFAULT = { ensemble: "hessian", p: 2, p_star: 1, a: 0.7, alpha: 2, close: false };
const NUMBERS = ["p", "p_star", "a", "alpha"];

/* Which parameters a matrix has beside the teacher's width and alpha. */
const USES = {
  hessian: ["p", "p_star", "a", "alpha"], limit: ["p_star", "a", "alpha"],
  averaged: ["p", "p_star", "a", "alpha"], optimal: ["p_star", "alpha"], made: ["p_star", "alpha"],
};

/* Widths that are drawn beside the chosen one, and those of the map. */
const WIDTHS = [1, 2, 3, 4, 6, 10], MAPPED = 12;

const MOST_DIGITS = 12;

/* Milliseconds without a change after which the density is drawn with every point checked. */
const SETTLED = 140;

const $ = (selector) => document.querySelector(selector);
const usesWidth = (state) => USES[state.ensemble].includes("p");
const usesA = (state) => USES[state.ensemble].includes("a");

/* A number with the digits that its error leaves standing. */
function shown({ value, error }) {
  if (error === 0) return short(value);
  const known = Math.floor(-Math.log10((2 * error) / Math.abs(value)));
  if (!(known >= 1)) return "0";
  return value.toPrecision(Math.min(MOST_DIGITS, known)).replace("-", "−");
}

function fromHash(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, "")), state = { ...DEFAULT };
  if (given.has("matrix")) state.ensemble = given.get("matrix");
  for (const name of NUMBERS) if (given.has(name)) state[name] = Number(given.get(name));
  state.close = given.get("view") === "edge";
  return state;
}

const toHash = (state) => `#matrix=${state.ensemble}&${NUMBERS.map((name) => `${name}=${state[name]}`).join("&")}${state.close ? "&view=edge" : ""}`;

/* The program that prints the same numbers. */
function python({ ensemble, p, p_star, a, alpha }) {
  const model = `Model(p=${ensemble === "limit" ? '"inf"' : p}, p_star=${p_star}, a="${a}")`;
  const [imported, made] = {
    hessian: ["", model], limit: ["", model],
    averaged: ["averaged_hessian", `averaged_hessian(${model})`],
    optimal: ["luo_alghamdi_lu", `luo_alghamdi_lu(p_star=${p_star})`],
    made: ["mondelli_montanari", `mondelli_montanari(p_star=${p_star}, alpha="${alpha}")`],
  }[ensemble];
  const names = made.includes("Model(") ? "Model, edge, outlier, threshold" : "edge, outlier, threshold";
  const side = ENSEMBLES[ensemble].sign < 0 ? ', side="right"' : "";
  return [
    `from bbpsym import ${names}`, ...(imported ? [`from bbpsym.ensembles.methods import ${imported}`] : []), "",
    `matrix = ${made}`, `print(threshold(matrix${side}))`,
    `print(edge(matrix, alpha="${alpha}"${side}))`, `print(outlier(matrix, alpha="${alpha}"${side}))`,
  ].join("\n");
}

/* Commands that print them; weights of the labels alone are rows of `compare`. */
function command({ ensemble, p, p_star, a, alpha }) {
  const model = `--p ${ensemble === "limit" ? "inf" : p} --p-star ${p_star} --a ${a}`;
  if (!["hessian", "limit"].includes(ensemble)) {
    return `bbpsym compare ${model} --alpha ${alpha} --columns matrix,threshold:12,overlap2:12`;
  }
  return [`bbpsym threshold ${model}`, ...["edge", "outlier"].map((verb) => `bbpsym ${verb} ${model} --alpha ${alpha}`)].join("\n");
}

/* The charts: title, alternative text, and what a click on one sets. */
const round = (value) => Number(value.toPrecision(3));
const PLANS = {
  spectrum: { title: "Density of eigenvalues", wide: true },
  overlap: { title: "Overlap of the outlier with the signal", chosen: (alpha) => change({ alpha: round(alpha) }) },
  eigenvalues: { title: "Edge and outlier against <i>α</i>", chosen: (alpha) => change({ alpha: round(alpha) }) },
  thresholds: { title: "Threshold against <i>a</i>", chosen: (a) => change({ a: round(a) }) },
  types: {
    title: "Type of the transition over <i>a</i> and <i>p</i>",
    chosen: (a, row) => {
      const { key } = mapped(state)[Math.round(row)] ?? {};
      change(key === "inf" ? { a: round(a), ensemble: "limit" } : { a: round(a), p: key, ensemble: state.ensemble === "limit" ? "hessian" : state.ensemble });
    },
  },
};

const charts = {};

function makeCharts() {
  for (const [id, { title, wide, chosen }] of Object.entries(PLANS)) {
    const figure = document.createElement("figure");
    figure.id = id;
    if (wide) figure.className = "wide";
    figure.innerHTML = `<figcaption><div class="bar"><h2>${title}</h2><div class="tools">
      ${wide ? `<button type="button" id="close" aria-pressed="false">Close to the edge</button>` : ""}
      <button type="button" data-file="svg" aria-label="Download as SVG">SVG</button><button type="button" data-file="csv" aria-label="Download as CSV">CSV</button>
      </div></div><div class="readout" aria-live="polite"></div></figcaption><div class="canvas"></div><p class="note"></p>`;
    $("#charts").append(figure);
    const chart = new Chart(figure, chosen);
    charts[id] = chart;
    figure.querySelector("[data-file=svg]").addEventListener("click", () => chart.data && save(`${id}.svg`, "image/svg+xml", chart.picture()));
    figure.querySelector("[data-file=csv]").addEventListener("click", () => chart.data && save(`${id}.csv`, "text/csv", chart.numbers()));
  }
}

function save(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `bbp-${name}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/* The edge on the side where the outlier is. */
const edgeName = (state) => (ENSEMBLES[state.ensemble].sign > 0 ? "λ_{−}" : "λ_{+}");

const key = (items) => `<span class="keys">${items.map(([look, name]) => `<span class="value ${look}">${mathHTML(name)}</span>`).join("")}</span>`;

function drawSpectrum(known, state, quality) {
  if (known.edge.unresolved) throw new Unresolved(known.edge.unresolved);
  const found = spectrum(known, state.alpha, quality, state.close);
  const { sign } = known.curve.ensemble, end = known.edge.value.value;
  const { outlier: beyond } = known, last = found.points[found.points.length - 1][0];
  const start = beyond && !beyond.unresolved ? beyond.value.value : end;
  const room = Math.abs(last - start) * 0.07, ends = [start - sign * room, last].sort((one, other) => one - other);
  const lines = [{ x: end, look: "edge", name: edgeName(state), side: sign > 0 ? "right" : "left" }];
  if (beyond && !beyond.unresolved) lines.push({ x: start, look: "outlier", name: "λ_{*}", side: sign > 0 ? "left" : "right" });
  if (state.alpha < 1) lines.push({ x: 0, look: "atom", name: `atom of ${short(1 - state.alpha)}`, side: "right" });
  const unresolved = found.unresolved ? `Not resolved, and left out, at ${found.unresolved === 1 ? "a point" : `${found.unresolved} points`}. ` : "";
  charts.spectrum.show({
    title: "Density of eigenvalues with edge and outlier",
    x: { label: state.ensemble === "limit" ? "λ  in units of 2/p" : "λ", name: "λ", key: "lambda", from: ends[0], to: ends[1] },
    y: { label: "ρ(λ)", from: 0, to: 1.12 * found.height },
    series: [{ name: "ρ", points: found.points, look: "bulk", area: true }],
    lines,
    readout: key([["bulk", "bulk"], ["edge dashed", `${known.edge.kind} edge`], ...(lines.some(({ look }) => look === "outlier") ? [["outlier", "outlier"]] : [])]),
    note: (found.isCut ? "The peak at zero is cut. " : "") + unresolved + (beyond?.unresolved ?? ""),
  });
}

function drawAgainstAlpha(known, state) {
  const { threshold: transition, curve } = known;
  if (transition.unresolved) throw new Unresolved(transition.unresolved);
  const made = state.ensemble === "made" ? state.alpha : "";
  const last = lastAlpha(transition, state.alpha), start = transition.alpha.value;
  const name = ["alpha", state.ensemble, state.p, state.p_star, state.a, made, last].join();
  const found = keep(name, () => againstAlpha(curve, transition, last));
  const x = { label: "α", name: "α", key: "alpha", from: 0, to: last };
  const lines = [{ x: start, look: "threshold", name: "α_{BBP}" }, { x: state.alpha, look: "chosen" }];
  const beyond = known.outlier && !known.outlier.unresolved ? known.outlier : null;
  const note = state.ensemble === "made" ? `For the weight made for α = ${state.alpha}, at every α.` : "";
  const overlap = found.outliers.map(([level, , m2]) => [level, m2]);
  charts.overlap.show({
    title: "Squared overlap against alpha", x, note,
    y: { label: "m^2", from: 0, to: 1 },
    series: [{ name: "m^2", look: "outlier", area: true, points: [[0, 0], [start, 0], ...overlap] }],
    lines,
    marks: [{ x: state.alpha, y: beyond ? beyond.overlap2.value : 0, look: "outlier" }],
    readout: key([["outlier", "m^2"], ["threshold dashed", `${transition.kind} at α_{BBP}`]]),
  });
  const outliers = found.outliers.map(([level, value]) => [level, value]);
  const all = [...found.smooth, ...found.sharp, ...outliers].map(([, value]) => value);
  const low = Math.min(...all), high = Math.max(...all), pad = 0.07 * (high - low || 1);
  const marks = known.edge.unresolved ? [] : [{ x: state.alpha, y: known.edge.value.value, look: "edge" }];
  if (beyond) marks.push({ x: state.alpha, y: beyond.value.value, look: "outlier" });
  charts.eigenvalues.show({
    title: "Edge and outlier against alpha", x, lines, marks, note,
    y: { label: "λ", from: low - pad, to: high + pad },
    series: [
      { name: `${edgeName(state)} (smooth)`, look: "edge smooth", points: found.smooth },
      { name: `${edgeName(state)} (sharp)`, look: "edge", points: found.sharp },
      { name: "λ_{*}", look: "outlier", points: outliers },
    ],
    readout: key([["edge smooth", "smooth edge"], ["edge", "sharp edge"], ["outlier", "outlier"]]),
  });
}

/* Results that depend on few parameters are kept. */
const kept = new Map();
function keep(name, make) {
  if (!kept.has(name)) {
    if (kept.size > 400) kept.clear();
    kept.set(name, make());
  }
  return kept.get(name);
}

/* The Hessian, or its average, at another width. */
const atWidth = (state, p) => p === "inf" ? { ...state, ensemble: "limit" } : { ...state, p, ensemble: state.ensemble === "limit" ? "hessian" : state.ensemble };
const widthName = (p) => (p === "inf" ? "∞" : String(p));
const widthOf = (state) => (state.ensemble === "limit" ? "inf" : state.p);

function drawThresholds(known, state) {
  if (!usesA(state)) throw new Unresolved("This weight does not depend on a.");
  const last = Math.max(2, roundUp(1.2 * state.a)), chosen = widthOf(state);
  const widths = [...new Set([...WIDTHS, chosen, "inf"])];
  const found = widths.map((p) => {
    const at = atWidth(state, p), name = ["a", at.ensemble, p, state.p_star, last].join();
    return [p, keep(name, () => againstA(at, last))];
  });
  const own = found.find(([p]) => p === chosen)[1];
  const heights = [...own.threshold, ...found.find(([p]) => p === "inf")[1].threshold].map(([, value]) => value);
  const series = found.filter(([p]) => p !== chosen).map(([p, { threshold: points }]) => (
    { name: "α_{BBP}", label: `p=${widthName(p)}`, look: p === "inf" ? "limit" : "other", points }));
  series.push({ name: "α_c", look: "critical", points: own.critical });
  series.push({ name: "α_{BBP}", label: `p=${widthName(chosen)}`, look: "threshold", points: own.threshold });
  const here = known.threshold.unresolved ? [] : [{ name: "here", x: state.a, y: known.threshold.alpha.value, look: "threshold" }];
  const to = 1.25 * Math.max(...heights);
  charts.thresholds.show({
    title: "Threshold against a for several widths", labelled: true,
    x: { label: "a", name: "a", key: "a", from: 0, to: last }, y: { label: "α_{BBP}", from: 0, to },
    series, lines: [{ x: state.a, look: "chosen" }],
    marks: [...found.flatMap(([p, { changes }]) => changes.map(([x, y]) => ({ name: `type changes p=${p}`, x, y, look: "change", size: 3 }))), ...here],
    describe: (a, height) => {
      const near = series.map((item) => [item, interpolated(item.points, a)]).filter(([, value]) => value !== null);
      near.sort(([, one], [, other]) => Math.abs(one - height) - Math.abs(other - height));
      return `<span><i>a</i> = ${short(a)}</span> ` + near.slice(0, 3).map(([{ name, label, look }, value]) => (
        `<span class="value ${look}">${mathHTML(name)}${label ? ` (${mathHTML(label)})` : ""} = ${short(value)}</span>`)).join(" ");
    },
    readout: key([["threshold", `α_{BBP} at p = ${widthName(chosen)}`], ["other", "other p"], ["limit", "p = ∞"], ["critical", "α_c"], ["change", "type changes"]]),
  });
}

/* The rows of the map, from below. */
function mapped(state) {
  const widths = Array.from({ length: MAPPED }, (_, k) => k + 1);
  if (usesWidth(state) && state.p > MAPPED) widths.push(state.p);
  return [...widths, "inf"].map((p) => ({ key: p, name: widthName(p) }));
}

function drawTypes(_known, state) {
  if (!usesA(state)) throw new Unresolved("This weight knows neither a nor p.");
  const from = 0.01, to = state.a > 10 ? 100 : 10;
  const rows = mapped(state).map((row) => {
    const at = atWidth(state, row.key), name = ["type", at.ensemble, row.key, state.p_star, to].join();
    const parts = keep(name, () => typeRow(at, from, to));
    return { ...row, at, parts: parts.map((part) => ({ ...part, look: part.jumps ? "discontinuous" : "continuous" })) };
  });
  const row = rows.findIndex(({ key: p }) => p === widthOf(state));
  charts.types.show({
    title: "Type of the transition over a and p",
    x: { label: "a", name: "a", key: "a", from, to, log: true }, y: { label: "p", from: -0.5, to: rows.length - 0.5 },
    rows, marks: [{ x: state.a, y: row, look: "here" }],
    describe: (a, height) => {
      const { name, at } = rows[Math.min(rows.length - 1, Math.max(0, Math.round(height)))];
      const found = drawnThreshold(new Curve({ ...at, a }));
      const kind = found.jumps ? "discontinuous" : "continuous";
      return `<span><i>p</i> = ${name}, <i>a</i> = ${short(a)}</span> <span class="value ${kind}">${kind} at <i>α</i><sub>BBP</sub> = ${short(found.alpha)}</span>`;
    },
    readout: key([["continuous", "continuous"], ["discontinuous", "discontinuous"]]),
  });
}

function card(name, value, text, look = "") {
  const box = $(`[data-answer=${name}]`);
  box.dataset.look = look;
  box.querySelector("output").textContent = value;
  box.querySelector("p").textContent = text;
}

function showAnswers({ threshold: transition, edge: end, outlier: beyond }, state) {
  $("[data-answer=edge] h2").innerHTML = `Edge ${mathHTML(edgeName(state))}`;
  const none = "–", unit = state.ensemble === "limit" ? ", in 2/p" : "";
  if (transition.unresolved) {
    card("threshold", none, transition.unresolved);
    card("critical", none, "");
  } else {
    card("threshold", shown(transition.alpha), transition.kind, transition.kind);
    card("critical", shown(transition.alpha_c), state.alpha > transition.alpha_c.value ? "reached at this α" : "not reached at this α");
  }
  if (end.unresolved) card("edge", none, end.unresolved);
  else card("edge", shown(end.value), end.kind + unit, "edge");
  if (beyond === null) {
    card("outlier", "none", "α is below the threshold");
    card("overlap", "0", "no outlier knows the signal");
  } else if (beyond.unresolved) {
    card("outlier", none, beyond.unresolved);
    card("overlap", none, "");
  } else {
    const side = ENSEMBLES[state.ensemble].sign > 0 ? "left" : "right";
    card("outlier", shown(beyond.value), `${side} of the bulk${unit}`, "outlier");
    card("overlap", shown(beyond.overlap2), `${short(100 * beyond.overlap2.value)} % along the teachers`, "outlier");
  }
}

/* Draw one part; what is not resolved is said in its place, and so is a fault, which is reported. */
function attemptTo(draw, names) {
  try { draw(); } catch (error) {
    const isKnown = error instanceof Unresolved;
    for (const name of names) charts[name].say(isKnown ? error.message : "This could not be drawn.");
    if (!isKnown) reportError(error);
  }
}

let state = { ...DEFAULT }, known = null, frame = 0, timer = 0;

function render() {
  frame = 0;
  const wrong = ENSEMBLES[state.ensemble] ? complaint(state) : `matrix must be one of ${Object.keys(ENSEMBLES).join(", ")}`;
  $("#complaint").textContent = wrong;
  document.body.classList.toggle("wrong", Boolean(wrong));
  document.documentElement.dataset.drawn = wrong ? "nothing" : "draft";
  if (wrong) return;
  $("#answers").setAttribute("aria-busy", "true");
  known = answer(state);
  showAnswers(known, state);
  attemptTo(() => drawAgainstAlpha(known, state), ["overlap", "eigenvalues"]);
  attemptTo(() => drawThresholds(known, state), ["thresholds"]);
  attemptTo(() => drawTypes(known, state), ["types"]);
  attemptTo(() => drawSpectrum(known, state, DRAFT), ["spectrum"]);
  $("#python").textContent = python(state);
  $("#command").textContent = command(state);
  clearTimeout(timer);
  timer = setTimeout(settle, SETTLED);
}

function settle() {
  attemptTo(() => drawSpectrum(known, state, FINE), ["spectrum"]);
  if (location.hash !== toHash(state)) history.replaceState(null, "", toHash(state));
  $("#link").textContent = location.href;
  $("#answers").setAttribute("aria-busy", "false");
  document.documentElement.dataset.drawn = "fine";
}

function change(values) {
  state = { ...state, ...values };
  showControls();
  document.documentElement.dataset.drawn = "";
  frame ||= requestAnimationFrame(render);
}

const isLogarithmic = (name) => name === "a" || name === "alpha";

function showControls() {
  $("#matrix").value = state.ensemble;
  $("#close").setAttribute("aria-pressed", String(state.close));
  for (const row of document.querySelectorAll("[data-name]")) {
    const { name } = row.dataset, [slider, field] = row.querySelectorAll("input");
    const unused = !(USES[state.ensemble] ?? NUMBERS).includes(name);
    row.classList.toggle("unused", unused);
    slider.disabled = field.disabled = unused;
    if (document.activeElement !== field) field.value = Number.isFinite(state[name]) ? state[name] : "";
    if (state[name] > 0) slider.value = isLogarithmic(name) ? Math.log10(state[name]) : state[name];
    slider.setAttribute("aria-valuetext", String(state[name]));
  }
}

function listen() {
  $("#matrix").addEventListener("change", (event) => change({ ensemble: event.target.value }));
  $("#controls").addEventListener("submit", (event) => event.preventDefault());
  for (const row of document.querySelectorAll("[data-name]")) {
    const { name } = row.dataset, [slider, field] = row.querySelectorAll("input");
    slider.addEventListener("input", () => {
      const value = Number(slider.value);
      change({ [name]: isLogarithmic(name) ? round(10 ** value) : value });
    });
    field.addEventListener("input", () => change({ [name]: field.value === "" ? NaN : Number(field.value) }));
    field.addEventListener("blur", showControls);
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", () => copy(button, $(`#${button.dataset.copy}`).textContent));
  }
  $("#close").addEventListener("click", () => change({ close: !state.close }));
  $("#theme").addEventListener("click", () => {
    const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark");
    document.documentElement.dataset.theme = dark ? "light" : "dark";
  });
  addEventListener("hashchange", () => change(fromHash(location.hash)));
}

async function copy(button, text) {
  try { await navigator.clipboard.writeText(text); } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 1200);
}

makeCharts();
listen();
change(fromHash(location.hash));
