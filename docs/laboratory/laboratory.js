/* The laboratory: one gate turned by hand, and four trainings stepped through.
 *
 * First the mathematics, all of it pure functions (tests compare them with the
 * library); then the pen; then the two benches. Numbers such as (2.1) are those of
 * docs/equations.md. RECORDED comes from recorded.js, which make_data.py writes.
 */
"use strict";

const NAMES = Object.keys(RECORDED.runs);
const STYLES = RECORDED.styles;

// ------------------------------------------------------------- what a gate does

/** How probably the gate is open; only exp(-|u|) is taken, which cannot overflow. */
function sigma(u) {
  const e = Math.exp(-Math.abs(u));
  return (u >= 0 ? 1 : e) / (1 + e); // (1.5)
}

/** w = s(1 - s), the variance of the gate. */
function bell(u) {
  const e = Math.exp(-Math.abs(u));
  return e / (1 + e) ** 2; // (2.2)
}

/** Value f, and its slopes in the field h and in the inverse noise beta. */
const ACTIVATIONS = {
  sigmoid: {
    value: (h, beta) => sigma(beta * h), // (1.5)
    slope: (h, beta) => beta * bell(beta * h), // (2.3)
    slopeInBeta: (h, beta) => h * bell(beta * h), // (2.3)
  },
  tanh: {
    value: (h, beta) => Math.tanh(beta * h), // (1.4)
    slope: (h, beta) => 4 * beta * bell(2 * beta * h), // (2.4)
    slopeInBeta: (h, beta) => 4 * h * bell(2 * beta * h), // (2.4)
  },
  esp: {
    value: (h, beta) => h * sigma(beta * h), // (2.1)
    slope: (h, beta) => sigma(beta * h) + beta * h * bell(beta * h), // (2.6)
    slopeInBeta: (h, beta) => h * h * bell(beta * h), // (2.6)
  },
  relu: {
    value: (h) => Math.max(h, 0), // (2.9)
    slope: (h) => (h > 0 ? 1 : 0),
    slopeInBeta: () => 0,
  },
};

/** Nats of doubt in the gate with the states 0 and 1. */
function entropy(h, beta) {
  const m = Math.abs(beta * h);
  const e = Math.exp(-m);
  return Math.log1p(e) + (e === 0 ? 0 : (m * e) / (1 + e)); // (2.10)
}

/** The same of a gate with the states -1 and 1: it is as sure as the other at twice beta. */
function entropyOfSpin(h, beta) {
  return entropy(h, 2 * beta);
}

/** From where the slider stands to beta: first 0, then 0.01 to 100, fifty steps a factor ten. */
function betaAt(position) {
  return position === 0 ? 0 : 10 ** ((position - 101) / 50);
}

// ------------------------------------------------------------- what a network does

/** The parameters of a run at a record by name; a beta that was not trained is 1. */
function parameters(name, record) {
  const { slices, theta } = RECORDED.runs[name];
  const parts = { beta1: Array(10).fill(1), beta2: [1] };
  for (const [part, [start, stop]] of Object.entries(slices)) {
    parts[part] = theta[record].slice(start, stop);
  }
  return parts;
}

/** The logit of one point: two inputs, a row of gates, one output. */
function logit(name, { W1, b1, beta1, W2, b2, beta2 }, x) {
  const { value } = ACTIVATIONS[name];
  const units = b1.length;
  let sum = b2[0];
  for (let i = 0; i < units; i++) {
    const h = x[0] * W1[i] + x[1] * W1[units + i] + b1[i]; // (3.1)
    sum += value(h, beta1[i]) * W2[i]; // (3.2)
  }
  return beta2[0] * sum;
}

/** The logit over an n by n grid on the box [left, right, low, high], row by row from below. */
function logitsOnGrid(name, parts, [left, right, low, high], n) {
  const at = (from, to, k) => from + ((to - from) * k) / (n - 1);
  return Float64Array.from({ length: n * n }, (_, k) =>
    logit(name, parts, [at(left, right, k % n), at(low, high, Math.floor(k / n))]));
}

/** The box around the training points, with a margin. */
function boxAround(points, margin = 0.04) {
  return [0, 1].flatMap((axis) => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return [low - margin * (high - low), high + margin * (high - low)];
  });
}

/** Pieces of the line on which a grid of values is 0: one or two a cell (marching squares). */
function zeroLine(values, n) {
  const pieces = [];
  for (let row = 0; row + 1 < n; row++) {
    for (let column = 0; column + 1 < n; column++) {
      const ends = crossings(values, n, column, row);
      for (let k = 0; k + 1 < ends.length; k += 2) pieces.push([ends[k], ends[k + 1]]);
    }
  }
  return pieces;
}

/** Where the values change sign along the four sides of one cell, in grid units. */
function crossings(values, n, column, row) {
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [column + i, row + j]);
  const value = ([i, j]) => values[j * n + i];
  return corners.flatMap((a, k) => {
    const b = corners[(k + 1) % 4];
    if (value(a) > 0 === value(b) > 0) return [];
    const t = value(a) / (value(a) - value(b)); // the values are nearly straight along a side
    return [[a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]];
  });
}

// ------------------------------------------------------------- what a spectrum says

/** The fraction of eigenvalues for which something holds. */
function fraction(eigenvalues, holds) {
  return eigenvalues.filter(holds).length / eigenvalues.length;
}

/** Alpha: the least and the largest fraction of negative eigenvalues. */
function alpha(eigenvalues, tau) {
  return [fraction(eigenvalues, (l) => l < -tau), fraction(eigenvalues, (l) => l < tau)]; // (11.2)
}

/** Gamma: the fraction that rounding cannot tell from zero. */
function gamma(eigenvalues, tau) {
  return fraction(eigenvalues, (l) => Math.abs(l) <= tau); // (11.3)
}

/** How many values lie between one edge and the next; the last bin has its right end. */
function counts(values, edges) {
  const bins = edges.length - 1;
  return Array.from({ length: bins }, (_, k) => values.filter((v) =>
    edges[k] <= v && (v < edges[k + 1] || (k === bins - 1 && v === edges[k + 1]))).length);
}

/** All that the page says of a run at a record. */
function summary(name, record) {
  const { eigenvalues, tolerance, cost, score } = RECORDED.runs[name];
  const [lambda, tau] = [eigenvalues[record], tolerance[record]];
  const heights = counts(lambda, RECORDED.histogram.edges);
  return {
    cost: cost[record],
    score: score[record],
    alpha: alpha(lambda, tau),
    gamma: gamma(lambda, tau),
    counts: heights,
    outside: lambda.length - heights.reduce((sum, count) => sum + count),
    range: [lambda[0], lambda[lambda.length - 1]],
  };
}

window.laboratory = {
  ACTIVATIONS, RECORDED, alpha, betaAt, boxAround, counts, entropy, entropyOfSpin, gamma, logit,
  logitsOnGrid, parameters, sigma, summary, zeroLine,
};

// ------------------------------------------------------------- numbers as text

const MINUS = "\u2212";

/** A number to so many digits after the point, with a true minus sign. */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS);
}

/** A number to three significant digits, without powers of ten down to a thousandth. */
function short(value) {
  if (value === 0) return "0";
  if (Math.abs(value) >= 1e-3) return fixed(value, digitsFor(value));
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  return exponent < -99 ? "0" : `${fixed(value / 10 ** exponent, 1)}·10${raised(exponent)}`;
}

/** How many digits after the point make three significant ones, at most four. */
function digitsFor(value) {
  return Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
}

/** A whole number as an exponent. */
function raised(exponent) {
  return [...String(exponent)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
}

/** A signed power of ten, or zero, as plots.py writes it: 0.01, −10⁻³. */
function power(value) {
  if (value === 0) return "0";
  const exponent = Math.round(Math.log10(Math.abs(value)));
  if (Math.abs(exponent) < 4) return String(Number(value.toPrecision(1))).replace("-", MINUS);
  return `${value < 0 ? MINUS : ""}10${raised(exponent)}`;
}

/** An interval, or one number where its ends agree. */
function interval([low, high]) {
  return low === high ? fixed(low, 2) : `${fixed(low, 2)} to ${fixed(high, 2)}`;
}

// ------------------------------------------------------------- the pen

const DASHES = { "-": "", "--": "7 4", "-.": "9 3 2 3", ":": "2 3" };

/** A new SVG element. */
function draw(parent, tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** Numbers from one to another, evenly spaced. */
function linspace(from, to, n) {
  return Array.from({ length: n }, (_, k) => from + ((to - from) * k) / (n - 1));
}

/** Empty a picture and lay its axes: scales from data to pixels, grid, ticks, label.
 *
 * `spec` has x and y, each {range, ticks, scale, show}, room on the right, and a label.
 * The scale (identity, log10, asinh) is applied to data before they are laid out evenly.
 */
function axes(svg, { x, y, right = 62, left = 34, label }) {
  const width = svg.clientWidth;
  const height = svg.clientHeight;
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const plot = {
    svg, left, right: width - right, top: 10, bottom: height - (label ? 36 : 20),
  };
  plot.x = scale(x, plot.left, plot.right);
  plot.y = scale(y, plot.bottom, plot.top);
  grid(plot, x, y);
  const middle = (plot.left + plot.right) / 2;
  if (label) draw(svg, "text", { x: middle, y: height - 4, "text-anchor": "middle" }, label);
  return plot;
}

/** From data to pixels. */
function scale({ range, scale: by = (v) => v }, from, to) {
  const [low, high] = range.map(by);
  return (value) => from + ((by(value) - low) / (high - low)) * (to - from);
}

function grid(plot, x, y) {
  const { svg, left, right, top, bottom } = plot;
  for (const tick of y.ticks) {
    const at = plot.y(tick);
    draw(svg, "line", { x1: left, x2: right, y1: at, y2: at, class: "grid" });
    const place = { x: left - 6, y: at + 4, "text-anchor": "end" };
    draw(svg, "text", place, (y.show || power)(tick));
  }
  for (const tick of x.ticks) {
    const at = plot.x(tick);
    const line = { x1: at, x2: at, y1: top, y2: bottom };
    draw(svg, "line", { ...line, class: tick === 0 ? "zero" : "grid" });
    const place = { x: at, y: bottom + 16, "text-anchor": "middle" };
    draw(svg, "text", place, (x.show || power)(tick));
  }
}

/** A path through points; what is far outside is held just beyond the frame, and clipped. */
function pathThrough(plot, points) {
  const hold = (y) => Math.min(plot.bottom + 40, Math.max(plot.top - 40, y));
  return "M" + points.map(([x, y]) =>
    `${plot.x(x).toFixed(1)},${hold(plot.y(y)).toFixed(1)}`).join("L");
}

/** Keep what is drawn into the returned group inside the frame. */
function clipped(plot) {
  const id = `clip-${plot.svg.id}`;
  const { left, right, top, bottom } = plot;
  const room = { x: left, y: top - 2, width: right - left, height: bottom - top + 4 };
  draw(draw(plot.svg, "clipPath", { id }), "rect", room);
  return draw(plot.svg, "g", { "clip-path": `url(#${id})` });
}

/** Colour and line of an activation. */
function look(name) {
  return { stroke: STYLES[name].colour, "stroke-dasharray": DASHES[STYLES[name].line] };
}

/** Curves {name, label, points, now}, each with its label at its right end.
 *
 * With `now`, what comes after that point is drawn faintly: it has not happened yet.
 */
function curves(plot, lines) {
  const inside = clipped(plot);
  for (const { name, points, now } of lines) {
    const d = pathThrough(plot, points);
    if (now === undefined) {
      draw(inside, "path", { d, class: "curve", ...look(name) });
      continue;
    }
    draw(inside, "path", { d, class: "curve ahead", ...look(name) });
    const past = pathThrough(plot, points.slice(0, now + 1));
    draw(inside, "path", { d: past, class: "curve", ...look(name) });
  }
  labelEnds(plot, lines);
}

/** The name of each curve at its right end, as far apart as reading needs. */
function labelEnds(plot, lines) {
  const ends = lines.map(({ points }) =>
    Math.min(plot.bottom, Math.max(plot.top, plot.y(points[points.length - 1][1]))));
  const places = spread(ends, 15, plot.top, plot.bottom);
  lines.forEach(({ name, label }, k) => {
    const [from, to] = [plot.right, plot.right + 12];
    const lead = { x1: from, x2: to, y1: ends[k], y2: places[k], stroke: STYLES[name].colour };
    draw(plot.svg, "line", lead);
    const text = label || STYLES[name].name;
    draw(plot.svg, "text", { x: to + 3, y: places[k] + 4, class: "direct" }, text);
  });
}

/** Push places apart until they are so far from each other, none beyond the ends. */
function spread(places, gap, low, high) {
  const order = places.map((_, k) => k).sort((a, b) => places[a] - places[b]);
  const moved = [...places];
  order.forEach((k, n) => {
    if (n) moved[k] = Math.max(moved[k], moved[order[n - 1]] + gap);
  });
  let ceiling = high;
  for (const k of order.reverse()) {
    moved[k] = Math.max(low, Math.min(moved[k], ceiling));
    ceiling = moved[k] - gap;
  }
  return moved;
}

/** The marker of an activation, as in plots.py: circle, square, triangle, diamond. */
function marker(parent, name, x, y, size = 5) {
  const corners = {
    s: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
    "^": [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
    D: [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
  }[STYLES[name].marker];
  const common = { class: "marker", fill: STYLES[name].colour };
  if (!corners) return draw(parent, "circle", { cx: x, cy: y, r: size * 1.1, ...common });
  const points = corners.map(([i, j]) => `${x + size * i},${y + size * j}`).join(" ");
  return draw(parent, "polygon", { points, ...common });
}

/** The cursor and a marker where each curve meets it. */
function cursor(plot, at, marks) {
  const x = plot.x(at);
  draw(plot.svg, "line", { x1: x, x2: x, y1: plot.top, y2: plot.bottom, class: "cursor" });
  for (const [name, y] of marks) {
    const where = plot.y(y);
    if (where > plot.top - 8) marker(plot.svg, name, x, where);
  }
}

/** A short piece of an activation's line, with its marker. */
function swatch(name) {
  const svg = draw(document.createElement("span"), "svg", {
    class: "swatch", viewBox: "0 0 42 14", "aria-hidden": "true",
  });
  draw(svg, "line", { x1: 1, x2: 41, y1: 7, y2: 7, "stroke-width": 2.2, ...look(name) });
  marker(svg, name, 21, 7, 4);
  return svg;
}

/** Let a finger or a mouse move a slider by what is under it. */
function drag(svg, move) {
  const follow = (event) => move(event.clientX - svg.getBoundingClientRect().left);
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) follow(event);
  });
}

const byId = (id) => document.getElementById(id);

// ------------------------------------------------------------- bench 1: one gate

const FIELDS = linspace(-5, 5, 601);

/** The four pictures: which functions, over which values, and in words. */
const PICTURES = {
  gate: {
    lines: ["sigmoid", "tanh"].map((name) => [name, ACTIVATIONS[name].value]),
    y: { range: [-1.1, 1.1], ticks: [-1, 0, 1] },
    words: "mean state of the gate against the field: sigmoid for states 0 and 1, tanh for −1 and 1",
  },
  signal: {
    lines: ["relu", "esp"].map((name) => [name, ACTIVATIONS[name].value]),
    y: { range: [-2.6, 5.1], ticks: [-2, 0, 2, 4] },
    guide: (h) => h / 2,
    words: "mean signal against the field: ESP, between the line h/2 and ReLU",
  },
  slopes: {
    lines: NAMES.map((name) => [name, ACTIVATIONS[name].slope]),
    y: { range: [-0.25, 2], ticks: [0, 0.5, 1, 1.5, 2], show: String },
    words: "slope of the four activations against the field",
  },
  doubt: {
    lines: [["sigmoid", entropy, "{0, 1}"], ["tanh", entropyOfSpin, "{−1, 1}"]],
    y: { range: [-0.03, 0.76], ticks: [0, Math.LN2], show: (v) => (v ? "log 2" : "0") },
    left: 44,
    words: "entropy of the gate against the field, for states 0 and 1 and for −1 and 1",
  },
};

function drawPicture(id, beta, h) {
  const { lines, y, guide, words, left } = PICTURES[id];
  const svg = byId(id);
  const x = { range: [-5, 5], ticks: [-4, -2, 0, 2, 4], show: (v) => fixed(v, 0) };
  const plot = axes(svg, { x, y, left, label: "field h" });
  if (guide) drawGuide(plot, guide);
  curves(plot, lines.map(([name, f, label]) => ({
    name, label, points: FIELDS.map((field) => [field, f(field, beta)]),
  })));
  cursor(plot, h, lines.map(([name, f]) => [name, f(h, beta)]));
  const where = "The numbers are in the table below.";
  svg.setAttribute("aria-label", `${words}; β = ${short(beta)}. ${where}`);
}

/** A thin line for comparison. */
function drawGuide(plot, guide) {
  const points = [-5, 5].map((h) => [h, guide(h)]);
  const style = { class: "guide", "stroke-dasharray": "1 3" };
  draw(plot.svg, "path", { d: pathThrough(plot, points), ...style });
  const place = { x: plot.x(-4.9), y: plot.y(guide(-4.9)) - 12 };
  draw(plot.svg, "text", place, "h/2");
}

/** One row an activation: value and slopes at the cursor. */
function fillTable(beta, h) {
  byId("numbers").replaceChildren(...NAMES.map((name) => {
    const { value, slope, slopeInBeta } = ACTIVATIONS[name];
    const row = document.createElement("tr");
    row.dataset.activation = name;
    row.append(nameCell(name));
    for (const f of [value, slope, slopeInBeta]) {
      row.insertCell().textContent = fixed(f(h, beta), 4);
    }
    return row;
  }));
}

function nameCell(name) {
  const cell = document.createElement("th");
  cell.scope = "row";
  cell.append(withSwatch("span", name));
  return cell;
}

/** An element with the swatch and the name of an activation. */
function withSwatch(tag, name) {
  const element = document.createElement(tag);
  element.className = "name";
  element.append(swatch(name), STYLES[name].name);
  return element;
}

function gateInWords(beta, h) {
  const signal = short(ACTIVATIONS.esp.value(h, beta));
  return `At β = ${short(beta)} and h = ${fixed(h, 2)} the gate is open `
    + `${fixed(100 * sigma(beta * h), 1)} % of the time and lets ${signal} through on average. `
    + `Its entropy is ${fixed(entropy(h, beta), 4)} of at most ${fixed(Math.LN2, 4)} nats.`;
}

function showGate() {
  const beta = betaAt(Number(byId("beta").value));
  const h = Number(byId("field").value);
  setSlider("beta", short(beta));
  setSlider("field", fixed(h, 2));
  for (const id of Object.keys(PICTURES)) drawPicture(id, beta, h);
  fillTable(beta, h);
  byId("said").textContent = gateInWords(beta, h);
}

/** What a slider stands at, for the eye and for the ear. */
function setSlider(id, text) {
  byId(`${id}-shown`).textContent = text;
  byId(id).setAttribute("aria-valuetext", text);
}

function startGate() {
  for (const id of ["beta", "field"]) byId(id).addEventListener("input", showGate);
  for (const [id, { left = 34 }] of Object.entries(PICTURES)) {
    const svg = byId(id);
    drag(svg, (x) => {
      const width = svg.clientWidth - left - 62;
      byId("field").value = -5 + (10 * (x - left)) / width;
      showGate();
    });
  }
}

// ------------------------------------------------------------- bench 2: four trainings

const BOX = boxAround(RECORDED.points);
const CELLS = 72; // across the plane: fine enough for the eye, quick enough to play
const SUMMARIES = Object.fromEntries(NAMES.map((name) =>
  [name, RECORDED.epochs.map((_, record) => summary(name, record))]));
const MOST = Math.max(...NAMES.flatMap((name) => SUMMARIES[name].flatMap((s) => s.counts)));

/** The card of an activation: its name, two pictures, four numbers. */
function makeCard(name) {
  const card = document.createElement("article");
  card.className = "card";
  card.id = `card-${name}`;
  card.append(withSwatch("h3", name));
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  card.append(canvas);
  draw(card, "svg", { id: `histogram-${name}`, class: "plot", role: "img" });
  const list = document.createElement("dl");
  for (const [key, text] of [["cost", "cost"], ["score", "right"], ["alpha", "α"], ["gamma", "γ"]]) {
    const [term, value] = ["dt", "dd"].map((tag) => document.createElement(tag));
    term.textContent = text;
    value.dataset.number = key;
    list.append(term, value);
  }
  card.append(list);
  return card;
}

function fillCard(name, record) {
  const card = byId(`card-${name}`);
  const now = SUMMARIES[name][record];
  const numbers = numbersAsText(now);
  for (const cell of card.querySelectorAll("dd")) cell.textContent = numbers[cell.dataset.number];
  const canvas = card.querySelector("canvas");
  const words = `${STYLES[name].name} at epoch ${RECORDED.epochs[record]}`;
  canvas.setAttribute("aria-label", `${words}: decision boundary; ${numbers.score} are right.`);
  drawPlane(canvas, name, record);
  drawHistogram(name, now, words);
}

function numbersAsText({ cost, score, alpha: bounds, gamma: zeros }) {
  return {
    cost: `${short(cost)} nats`,
    score: `${fixed(100 * score, 1)} %`,
    alpha: interval(bounds),
    gamma: fixed(zeros, 2),
  };
}

/** The probability of class 1 over the plane, its line at one half, and the points. */
function drawPlane(canvas, name, record) {
  const size = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  canvas.width = canvas.height = size;
  const pen = canvas.getContext("2d");
  const values = logitsOnGrid(name, parameters(name, record), BOX, CELLS);
  pen.imageSmoothingEnabled = true;
  // a grid point is the centre of its pixel, so half a pixel is cut off all round
  pen.drawImage(shades(values), 0.5, 0.5, CELLS - 1, CELLS - 1, 0, 0, size, size);
  drawZeroLine(pen, values, size);
  drawPoints(pen, size);
}

/** One pixel a grid point: the panel's colour where the network is undecided. */
function shades(values) {
  const [panel, class0, class1] = ["--panel", "--class0", "--class1"].map(colourOf);
  const small = document.createElement("canvas");
  small.width = small.height = CELLS;
  const pen = small.getContext("2d");
  const image = pen.createImageData(CELLS, CELLS);
  values.forEach((o, k) => {
    const p = sigma(o);
    const [colour, strength] = [p > 0.5 ? class1 : class0, 0.6 * Math.abs(2 * p - 1)];
    const row = CELLS - 1 - Math.floor(k / CELLS); // the canvas counts rows from above
    const at = 4 * (row * CELLS + (k % CELLS));
    for (let c = 0; c < 3; c++) image.data[at + c] = panel[c] + strength * (colour[c] - panel[c]);
    image.data[at + 3] = 255;
  });
  pen.putImageData(image, 0, 0);
  return small;
}

/** Red, green and blue of a colour of the style sheet. */
function colourOf(variable) {
  const text = getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
  return [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
}

function drawZeroLine(pen, values, size) {
  const toPixel = ([i, j]) => [(i / (CELLS - 1)) * size, size - (j / (CELLS - 1)) * size];
  pen.beginPath();
  for (const [a, b] of zeroLine(values, CELLS)) {
    pen.moveTo(...toPixel(a));
    pen.lineTo(...toPixel(b));
  }
  pen.strokeStyle = `rgb(${colourOf("--ink")})`;
  pen.lineWidth = 2 * (window.devicePixelRatio || 1);
  pen.lineCap = "round";
  pen.stroke();
}

/** Class 0 as circles, class 1 as triangles. */
function drawPoints(pen, size) {
  const r = Math.max(1.5, size / 150);
  const [left, right, low, high] = BOX;
  [0, 1].forEach((which) => {
    pen.beginPath();
    for (const [x1, x2, y] of RECORDED.points) {
      if (y !== which) continue;
      const x = (size * (x1 - left)) / (right - left);
      dot(pen, which, x, size - (size * (x2 - low)) / (high - low), r);
    }
    pen.fillStyle = `rgb(${colourOf(`--class${which}-point`)})`;
    pen.fill();
  });
}

function dot(pen, which, x, y, r) {
  if (which === 0) {
    pen.moveTo(x + r, y);
    pen.arc(x, y, r, 0, 2 * Math.PI);
    return;
  }
  pen.moveTo(x, y - 1.3 * r);
  pen.lineTo(x + 1.2 * r, y + r);
  pen.lineTo(x - 1.2 * r, y + r);
  pen.closePath();
}

/** How many eigenvalues lie where, on the axis of plots.eigenvalue_film. */
function drawHistogram(name, { counts: heights, outside, range }, words) {
  const { edges, unit } = RECORDED.histogram;
  const svg = byId(`histogram-${name}`);
  const x = {
    range: [edges[0], edges[edges.length - 1]],
    ticks: eigenvalueTicks(edges, unit, svg.clientWidth),
    scale: (v) => Math.asinh(v / unit),
  };
  const y = { range: [0.6, 1.5 * MOST], ticks: [1, 10], scale: Math.log10 };
  const label = eigenvalueLabel(outside);
  const plot = axes(svg, { x, y, left: 22, right: 12, label });
  const d = stairs(plot, heights, edges);
  draw(svg, "path", { d: `${d}Z`, fill: STYLES[name].colour, "fill-opacity": 0.25 });
  draw(svg, "path", { d, class: "curve", ...look(name), "stroke-width": 1.6 });
  const [low, high] = range.map(short);
  svg.setAttribute("aria-label", `${words}: histogram of the eigenvalues, from ${low} to ${high}.`);
}

/** Zero, and every other power of ten on both sides; those next to zero where there is room. */
function eigenvalueTicks(edges, unit, width) {
  const powers = (width < 190 ? [3, 5] : [1, 3, 5]).map((k) => unit * 10 ** k);
  return [...powers.map((t) => -t), 0, ...powers]
    .filter((t) => edges[0] <= t && t <= edges[edges.length - 1]);
}

/** What the axis is, and how many eigenvalues have no place on it. */
function eigenvalueLabel(outside) {
  return outside ? `λ (${outside} outside)` : "eigenvalue λ";
}

/** The outline of a histogram; an empty bin lies on the floor. */
function stairs(plot, heights, edges) {
  const corners = heights.flatMap((count, k) => {
    const y = count ? plot.y(count) : plot.bottom;
    return [[plot.x(edges[k]), y], [plot.x(edges[k + 1]), y]];
  });
  const floor = (x) => [x, plot.bottom];
  const all = [floor(corners[0][0]), ...corners, floor(corners[corners.length - 1][0])];
  return "M" + all.map((corner) => corner.map((v) => v.toFixed(1)).join(",")).join("L");
}

const LAST_EPOCH = RECORDED.epochs[RECORDED.epochs.length - 1];
const FRACTION_AXIS = { range: [-0.03, 0.8], ticks: [0, 0.2, 0.4, 0.6, 0.8], show: String };

/** The three curves over the epochs: how each is read from a summary. */
const COURSES = {
  cost: {
    of: (now) => now.cost,
    y: { range: [0.04, 1], ticks: [0.05, 0.1, 0.2, 0.5, 1], scale: Math.log10, show: String },
    words: "cost against the epoch, on a log scale",
  },
  alpha: {
    of: (now) => now.alpha[0],
    band: (now) => now.alpha,
    y: FRACTION_AXIS,
    words: "fraction of negative eigenvalues against the epoch",
  },
  gamma: {
    of: (now) => now.gamma,
    y: FRACTION_AXIS,
    words: "fraction of zero eigenvalues against the epoch",
  },
};

function drawCourse(id, record) {
  const { of, band, y, words } = COURSES[id];
  const { epochs } = RECORDED;
  const x = { range: [0, LAST_EPOCH], ticks: [0, 500, 1000, 1500, 2000], show: String };
  const plot = axes(byId(id), { x, y, label: "epoch" });
  if (band) NAMES.forEach((name) => drawBand(plot, name, band));
  curves(plot, NAMES.map((name) => ({
    name, now: record, points: epochs.map((epoch, k) => [epoch, of(SUMMARIES[name][k])]),
  })));
  cursor(plot, epochs[record], NAMES.map((name) => [name, of(SUMMARIES[name][record])]));
  const where = "The numbers at each epoch are in the cards above.";
  byId(id).setAttribute("aria-label", `${words}. ${where}`);
}

function drawBand(plot, name, band) {
  const side = (end) => RECORDED.epochs.map((epoch, k) => [epoch, band(SUMMARIES[name][k])[end]]);
  const d = pathThrough(plot, [...side(0), ...side(1).reverse()]) + "Z";
  draw(plot.svg, "path", { d, fill: STYLES[name].colour, "fill-opacity": 0.18 });
}

function showTraining() {
  const record = Number(byId("record").value);
  setSlider("record", `${RECORDED.epochs[record]} of ${LAST_EPOCH}`);
  for (const name of NAMES) fillCard(name, record);
  for (const id of Object.keys(COURSES)) drawCourse(id, record);
  byId("told").textContent = trainingInWords(record);
}

function trainingInWords(record) {
  const each = NAMES.map((name) => {
    const { cost, alpha: bounds, gamma: zeros } = SUMMARIES[name][record];
    return `${STYLES[name].name} cost ${short(cost)}, α ${interval(bounds)}, γ ${fixed(zeros, 2)}`;
  });
  return `Epoch ${RECORDED.epochs[record]}: ${each.join("; ")}.`;
}

let playing = null;

/** Play from here, or from the start if this is the end; the ear hears where it stopped. */
function play() {
  const slider = byId("record");
  if (Number(slider.value) === RECORDED.epochs.length - 1) slider.value = 0;
  byId("play").textContent = "pause";
  byId("told").setAttribute("aria-live", "off");
  showTraining();
  playing = setInterval(() => {
    slider.value = Number(slider.value) + 1;
    if (Number(slider.value) === RECORDED.epochs.length - 1) pause();
    showTraining();
  }, 250);
}

function pause() {
  clearInterval(playing);
  playing = null;
  byId("play").textContent = "play";
  byId("told").setAttribute("aria-live", "polite");
}

/** Go to a record, by whatever hand, and stop playing; the slider holds it to what is there. */
function goTo(record) {
  pause();
  byId("record").value = record;
  showTraining();
}

/** The record whose epoch is closest. */
function nearest(epoch) {
  const far = RECORDED.epochs.map((e) => Math.abs(e - epoch));
  return far.indexOf(Math.min(...far));
}

function startTraining() {
  byId("cards").append(...NAMES.map(makeCard));
  const slider = byId("record");
  slider.addEventListener("input", () => goTo(slider.value));
  byId("back").addEventListener("click", () => goTo(Number(slider.value) - 1));
  byId("forward").addEventListener("click", () => goTo(Number(slider.value) + 1));
  byId("play").addEventListener("click", () => {
    if (playing === null) return play();
    pause();
    showTraining();
  });
  for (const id of Object.keys(COURSES)) {
    const svg = byId(id);
    drag(svg, (x) => goTo(nearest((LAST_EPOCH * (x - 34)) / (svg.clientWidth - 34 - 62))));
  }
}

// ------------------------------------------------------------- both together

function start() {
  byId("key").append(...NAMES.map((name) => withSwatch("li", name)));
  startGate();
  startTraining();
  const showAll = () => {
    showGate();
    showTraining();
  };
  showAll();
  window.addEventListener("resize", showAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", showAll);
}

// a test loads this file for its mathematics alone, without the page
if (byId("cards")) start();
