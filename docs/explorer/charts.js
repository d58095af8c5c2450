"use strict";

/* Charts as SVG: axes with ticks, a readout under the pointer or the arrow keys, SVG and CSV. */

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 14, right: 18, bottom: 44, left: 58 };
const PROPERTIES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "opacity", "font-family", "font-size", "font-style", "font-weight", "text-anchor"];

/* Text with math: letters of one character are italic, _ and ^ (with braces) lower and raise. */
function* mathParts(text) {
  for (const [, script, braced, single, plain] of text.matchAll(/([_^])(?:\{([^}]*)\}|(.))|([^_^]+)/g)) {
    if (plain === undefined) { yield { text: braced ?? single, script }; continue; }
    for (const part of plain.split(/(?<![\p{L}])(\p{L})(?![\p{L}])/u)) {
      if (part) yield { text: part, italic: /^\p{L}$/u.test(part) };
    }
  }
}

const escaped = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function mathHTML(text) {
  return Array.from(mathParts(text), (part) => {
    const inner = escaped(part.text);
    if (part.script) return part.script === "_" ? `<sub>${inner}</sub>` : `<sup>${inner}</sup>`;
    return part.italic ? `<i>${inner}</i>` : inner;
  }).join("");
}

function element(name, attributes = {}, parent = null) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
}

function mathText(text, attributes, parent) {
  const made = element("text", attributes, parent);
  let shift = 0;
  for (const part of mathParts(text)) {
    const look = part.script ? { "font-size": "75%" } : part.italic ? { "font-style": "italic" } : {};
    const wanted = { _: 4, "^": -5 }[part.script] ?? 0;
    element("tspan", { ...look, dy: wanted - shift }, made).textContent = part.text;
    shift = wanted;
  }
  return made;
}

/* Round numbers on an axis. */
function ticks(from, to, wanted, log) {
  if (log) {
    const all = [];
    for (let k = Math.floor(Math.log10(from)); k <= Math.ceil(Math.log10(to)); k++) {
      for (const step of [1, 2, 5]) all.push(step * 10 ** k);
    }
    const inside = all.filter((value) => value >= from * (1 - 1e-9) && value <= to * (1 + 1e-9));
    return inside.length > wanted ? inside.filter((value) => /^1e|^10*$|^0\.0*1$/.test(String(value))) : inside;
  }
  const rough = (to - from) / wanted, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const first = Math.ceil(from / step - 1e-9), last = Math.floor(to / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
}

const short = (value) => {
  const text = String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
};

/* Where a polyline has a given x, between its points. */
function interpolated(points, x) {
  for (let k = 1; k < points.length; k++) {
    const [[x0, y0], [x1, y1]] = [points[k - 1], points[k]];
    if ((x0 - x) * (x1 - x) > 0 || x0 === x1 || y0 === null || y1 === null) continue;
    return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
  }
  return null;
}

class Chart {
  /* `chosen` is told the point that is clicked or entered. */
  constructor(figure, chosen) {
    this.figure = figure;
    this.svg = element("svg", { class: "chart", role: "img", tabindex: "0" });
    figure.querySelector(".canvas").append(this.svg);
    this.readout = figure.querySelector(".readout");
    this.note = figure.querySelector(".note");
    this.cursor = null;
    this.chosen = chosen;
    this.listen();
    new ResizeObserver(() => this.draw()).observe(figure.querySelector(".canvas"));
  }

  listen() {
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerdown", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => this.move(null));
    this.svg.addEventListener("blur", () => this.move(null));
    this.svg.addEventListener("click", () => this.choose());
    this.svg.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], rise = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key === "Enter") this.choose();
      else if (event.key === "Escape") this.move(null);
      else if (step || (rise && this.data?.rows)) {
        const { left, right, top, bottom } = this.box, [x, y] = this.cursor ?? [(left + right) / 2, (top + bottom) / 2];
        const jump = (right - left) * (event.shiftKey ? 0.1 : 0.01), row = (bottom - top) / (this.data.rows?.length ?? 1);
        this.move([x + (step ?? 0) * jump, y + (rise ?? 0) * row]);
      } else return;
      event.preventDefault();
    });
  }

  point(event) {
    const frame = this.svg.getBoundingClientRect();
    this.move([event.clientX - frame.left, event.clientY - frame.top]);
  }

  choose() {
    if (this.cursor && this.data && this.chosen) this.chosen(...this.at(this.cursor));
  }

  /* Show new data; see `draw` for what it may hold. */
  show(data) {
    this.data = data;
    this.note.textContent = data.note ?? "";
    this.figure.classList.remove("empty");
    this.draw();
  }

  /* Say why nothing is drawn. */
  say(sentence) {
    this.data = null;
    this.figure.classList.add("empty");
    this.svg.replaceChildren();
    this.readout.innerHTML = "";
    this.note.textContent = sentence;
  }

  scaleOf(axis, from, to) {
    const f = axis.log ? Math.log : (value) => value;
    const low = f(axis.from), high = f(axis.to);
    const forward = (value) => from + ((to - from) * (f(value) - low)) / (high - low);
    const back = (place) => {
      const value = low + ((high - low) * (place - from)) / (to - from);
      return axis.log ? Math.exp(value) : value;
    };
    return [forward, back];
  }

  draw() {
    if (!this.data) return;
    const canvas = this.svg.parentElement, width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    const { x, y, series = [], lines = [], marks = [], rows } = this.data;
    const margin = { ...MARGIN, right: this.data.labelled ? 46 : MARGIN.right };
    this.box = { left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom };
    [this.x, this.fromX] = this.scaleOf(x, this.box.left, this.box.right);
    [this.y, this.fromY] = this.scaleOf(y, this.box.bottom, this.box.top);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", this.data.title);
    this.svg.replaceChildren();
    this.axes(x, y, rows);
    const clip = `clip-${this.figure.id}`, { left, right, top, bottom } = this.box;
    const path = element("clipPath", { id: clip }, element("defs", {}, this.svg));
    element("rect", { x: left, y: top - 1, width: right - left, height: bottom - top + 2 }, path);
    const inner = element("g", { "clip-path": `url(#${clip})` }, this.svg);
    if (rows) this.drawRows(rows, inner);
    for (const line of lines) this.drawLine(line, inner);
    for (const item of series) this.drawSeries(item, inner);
    for (const mark of marks) this.drawMark(mark);
    if (this.data.labelled) this.label(series);
    this.hover = element("g", { class: "hover" }, this.svg);
    this.move(this.cursor);
  }

  axes(x, y, rows) {
    const { left, right, top, bottom } = this.box;
    const group = element("g", { class: "axes" }, this.svg);
    for (const value of ticks(x.from, x.to, Math.max(3, (right - left) / 75), x.log)) {
      const place = this.x(value);
      element("line", { class: "grid", x1: place, x2: place, y1: top, y2: bottom }, group);
      element("text", { class: "tick", x: place, y: bottom + 17, "text-anchor": "middle" }, group).textContent = short(value);
    }
    const heights = rows ? rows.map((_, k) => k) : ticks(y.from, y.to, Math.max(3, (bottom - top) / 48), y.log);
    for (const value of heights) {
      const place = this.y(value);
      if (!rows) element("line", { class: "grid", x1: left, x2: right, y1: place, y2: place }, group);
      element("text", { class: "tick", x: left - 8, y: place + 4, "text-anchor": "end" }, group).textContent = rows ? rows[value].name : short(value);
    }
    element("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }, group);
    element("line", { class: "axis", x1: left, x2: left, y1: top, y2: bottom }, group);
    mathText(x.label, { class: "label", x: (left + right) / 2, y: bottom + 37, "text-anchor": "middle" }, group);
    const middle = (top + bottom) / 2;
    mathText(y.label, { class: "label", x: 0, y: 0, "text-anchor": "middle", transform: `translate(15 ${middle}) rotate(-90)` }, group);
  }

  drawRows(rows, group) {
    const height = Math.abs(this.y(1) - this.y(0)) * 0.78;
    rows.forEach((row, k) => row.parts.forEach((part) => {
      const from = this.x(part.from), to = this.x(part.to);
      element("rect", { class: part.look, x: from, width: Math.max(0, to - from), y: this.y(k) - height / 2, height }, group);
    }));
  }

  drawLine({ x, look, name, side }, group) {
    const place = this.x(x), { top, bottom } = this.box;
    if (place < this.box.left - 1 || place > this.box.right + 1) return;
    element("line", { class: look, x1: place, x2: place, y1: top, y2: bottom }, group);
    if (!name) return;
    const before = side === "left" || (side !== "right" && place > this.box.left + 50) || place > this.box.right - 24;
    mathText(name, { class: `name ${look}`, x: place + (before ? -5 : 5), y: top + 12, "text-anchor": before ? "end" : "start" }, group);
  }

  drawSeries({ points, look, area }, group) {
    const runs = [[]];
    for (const [x, y] of points) {
      if (y === null) runs.push([]); else runs[runs.length - 1].push(`${this.x(x).toFixed(2)},${Math.max(-1e4, this.y(y)).toFixed(2)}`);
    }
    for (const run of runs.filter((some) => some.length > 1)) {
      if (area) {
        const first = run[0].split(",")[0], last = run[run.length - 1].split(",")[0], floor = this.box.bottom;
        element("path", { class: `area ${look}`, d: `M${first},${floor}L${run.join("L")}L${last},${floor}Z` }, group);
      }
      element("path", { class: `curve ${look}`, d: `M${run.join("L")}` }, group);
    }
  }

  drawMark({ x, y, look, stem, size = 5 }) {
    const [cx, cy] = [this.x(x), this.y(y)], { left, right, top, bottom } = this.box;
    if (cx < left - 1 || cx > right + 1 || cy < top - 1 || cy > bottom + 1) return;
    if (stem) element("line", { class: `stem ${look}`, x1: cx, x2: cx, y1: bottom, y2: cy }, this.svg);
    element("circle", { class: `mark ${look}`, cx, cy, r: size }, this.svg);
  }

  /* Names at the right ends of curves, kept apart. */
  label(series) {
    const ends = series.filter(({ label, points }) => label && points.length && points[points.length - 1][1] !== null);
    const named = ends.map((item) => ({ item, y: this.y(item.points[item.points.length - 1][1]) }));
    named.sort((one, other) => one.y - other.y);
    const least = 13;
    for (let k = 1; k < named.length; k++) named[k].y = Math.max(named[k].y, named[k - 1].y + least);
    const over = named.length ? named[named.length - 1].y - this.box.bottom : 0;
    if (over > 0) named.forEach((one, k) => { one.y = Math.min(one.y, this.box.bottom - (named.length - 1 - k) * least); });
    for (const { item, y } of named) {
      if (y >= this.box.top) mathText(item.label, { class: `name ${item.look}`, x: this.box.right + 5, y: y + 4 }, this.svg);
    }
  }

  /* Values at a place on the screen. */
  at([px, py]) {
    return [this.fromX(px), this.fromY(py)];
  }

  move(cursor) {
    if (!this.data || !this.box) { this.cursor = null; return; }
    this.hover.replaceChildren();
    const { left, right, top, bottom } = this.box;
    this.cursor = cursor && [Math.min(right, Math.max(left, cursor[0])), Math.min(bottom, Math.max(top, cursor[1]))];
    if (!this.cursor) { this.readout.innerHTML = this.data.readout ?? ""; return; }
    const [x, y] = this.at(this.cursor), place = this.cursor[0];
    element("line", { class: "pointer", x1: place, x2: place, y1: top, y2: bottom }, this.hover);
    if (this.data.describe) { this.readout.innerHTML = this.data.describe(x, y); return; }
    const parts = [`<span>${mathHTML(this.data.x.name)} = ${short(x)}</span>`];
    for (const { points, name, look } of this.data.series) {
      const value = interpolated(points, x);
      if (value === null) continue;
      const cy = this.y(value);
      if (cy >= top - 1 && cy <= bottom + 1) element("circle", { class: `spot ${look}`, cx: place, cy, r: 4 }, this.hover);
      parts.push(`<span class="value ${look}">${mathHTML(name)} = ${short(value)}</span>`);
    }
    this.readout.innerHTML = parts.join(" ");
  }

  /* The picture as a file of its own. */
  picture() {
    const copy = this.svg.cloneNode(true);
    const originals = [this.svg, ...this.svg.querySelectorAll("*")], copies = [copy, ...copy.querySelectorAll("*")];
    originals.forEach((original, k) => {
      const look = getComputedStyle(original);
      copies[k].removeAttribute("class");
      copies[k].setAttribute("style", PROPERTIES.map((name) => `${name}:${look.getPropertyValue(name)}`).join(";"));
    });
    const background = element("rect", { width: "100%", height: "100%", fill: getComputedStyle(this.figure).backgroundColor });
    copy.prepend(background);
    for (const name of ["tabindex", "role", "aria-label"]) copy.removeAttribute(name);
    const [, , width, height] = this.svg.getAttribute("viewBox").split(" ");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}`;
  }

  /* What is drawn as numbers, a row a point. */
  numbers() {
    const { x, series = [], marks = [], rows = [] } = this.data;
    const plain = (text) => text.replace(/[{}]/g, "").replace(/,/g, ";");
    const lines = [`curve,${x.key},value`];
    for (const { name, label, points } of series) {
      for (const [at, value] of points) lines.push([plain(label ? `${name} ${label}` : name), at, value ?? "nan"].join(","));
    }
    for (const { name, x: at, y: value } of marks) if (name) lines.push([plain(name), at, value].join(","));
    for (const row of rows) {
      for (const part of row.parts) lines.push([`p=${row.key}`, part.from, part.look], [`p=${row.key}`, part.to, part.look]);
    }
    return `${lines.join("\n")}\n`;
  }
}
