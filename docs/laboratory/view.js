/* What is seen of the runs: the plane, the units, the Hessian, its eigenvalues, and the charts. */
"use strict";

/** Everything that the page shows and does; page.js fills it. */
const lab = {
  S: null, points: [], runs: [], playing: false, goal: Infinity,
  unit: { run: 0, layer: 0, i: 0 }, alone: false, // the chosen unit; whether the plane shows it
  cell: null, // {run, p, q} of the Hessian
  way: "steepest", rank: 0, walk: null, // the direction, and a walk along it
};

const CELLS = 60; // across the plane: fine enough for the eye, quick enough to play
const GRID = Float64Array.from({ length: 2 * CELLS * CELLS }, (_, k) => {
  const at = k >> 1, part = (n) => EDGE * (1 - (2 * n) / (CELLS - 1));
  return k % 2 ? part(Math.floor(at / CELLS)) : -part(at % CELLS);
});

const lookOf = (run) => GATES[run.net.gate];
const nameOf = (k) => (lab.runs.length > 1 ? `${lookOf(lab.runs[k]).name} ` : "");
const colourOf = (run) => ({ colour: lookOf(run).colour, dash: lab.runs.length > 1 ? lookOf(run).dash : [] });

/** What a canvas shows, for those who do not see it; not sixty times per second. */
function describe(canvas, text) {
  if (!lab.playing) canvas.setAttribute("aria-label", text);
}

/** Numbers behind a figure's title, one piece per run in the colour of its activation. */
function say(id, of) {
  const pieces = lab.runs.map((run, k) => {
    const piece = document.createElement("b");
    piece.textContent = of(run, k);
    if (lab.runs.length > 1) piece.style.borderBottom = `2px solid ${lookOf(run).colour}`;
    return piece;
  });
  byId(id).replaceChildren(...pieces.flatMap((piece) => [piece, " "]));
}

// ------------------------------------------------------------- the plane

const toPixel = (size) => (x1, x2) => [size * (x1 + EDGE) / (2 * EDGE), size * (EDGE - x2) / (2 * EDGE)];

/** The probability of class 1, or the response of the chosen unit, with the points. */
function drawPlane(k) {
  const run = lab.runs[k], { net } = run, canvas = byId(`plane-${k}`);
  run.gridTape ??= net.tape(CELLS * CELLS);
  const o = net.forward(run.gridTape, GRID), { pen, width } = paper(canvas);
  const { run: r, layer, i } = lab.unit, alone = lab.alone && r === k;
  const grid = run.gridTape.layers[layer], units = net.layers[layer].units;
  const values = alone ? grid.a.filter((_, at) => at % units === i) : o;
  const square = [0, 0, width, width];
  if (alone) paintResponse(pen, values, CELLS, square, lookOf(run).colour);
  else {
    const from = rgb(palette.panel), classes = [rgb(palette.class0), rgb(palette.class1)];
    paint(pen, values, CELLS, CELLS, square, (v, data, at) => {
      const p = sigma(v);
      mix(data, at, from, classes[p > 0.5 ? 1 : 0], 0.62 * Math.abs(2 * p - 1));
    }, true);
  }
  const line = alone ? grid.h.filter((_, at) => at % units === i) : o;
  pen.beginPath();
  for (const [a, b] of zeroLine(line, CELLS)) {
    pen.moveTo(...a.map((v) => (v / (CELLS - 1)) * width));
    pen.lineTo(...b.map((v) => (v / (CELLS - 1)) * width));
  }
  Object.assign(pen, { strokeStyle: palette.ink, lineWidth: 2, lineCap: "round" });
  pen.stroke();
  drawPoints(pen, width);
  if (document.activeElement === canvas && lab.cross) {
    const [x, y] = toPixel(width)(...lab.cross);
    fill({ pen }, x - 9, y - 1, 18, 2, "accent");
    fill({ pen }, x - 1, y - 9, 2, 18, "accent");
  }
  const { score, loss } = run.now, what = alone ? `the response of ${unitName()}` : "the decision boundary";
  describe(canvas, `${nameOf(k)}${what} over the plane with ${lab.points.length} points, at step ${run.t}; `
    + `loss ${short(loss)}, ${percent(score)} are right.`);
}

/** A unit's response: its colour where it is positive, ink where it is negative. */
function paintResponse(pen, values, n, square, colour) {
  const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-300);
  const [from, plus, minus] = [palette.panel, colour, palette.ink].map(rgb);
  paint(pen, values, n, n, square, (v, data, at) =>
    mix(data, at, from, v > 0 ? plus : minus, 0.85 * Math.abs(v) / most), true);
}

/** Class 0 as circles, class 1 as triangles; hollow if for testing. */
function drawPoints(pen, size) {
  const r = Math.max(1.8, size / (lab.points.length < 60 ? 80 : 150)), place = toPixel(size);
  for (const kind of [0, 1, 2, 3]) {
    pen.beginPath();
    for (const [x1, x2, y, test] of lab.points) {
      if (y + 2 * test === kind) corners(pen, y ? "^" : "o", ...place(x1, x2), r * (y ? 1.1 : 1));
    }
    const colour = palette[`class${kind % 2}-point`];
    Object.assign(pen, { fillStyle: kind < 2 ? colour : palette.panel, strokeStyle: colour, lineWidth: 1.2 });
    pen.fill();
    if (kind > 1) pen.stroke();
  }
}

// ------------------------------------------------------------- the units

const unitName = ({ layer, i } = lab.unit) => `Unit ${i + 1} of layer ${layer + 1}`;

/** Whether a ReLU unit lets nothing through for any training point. */
function isDead(run, layer, i) {
  const { units } = run.net.layers[layer], { h } = run.tape.layers[layer];
  if (run.net.gate !== "relu" || !run.data.N) return false;
  for (let n = 0; n < run.data.N; n++) if (h[n * units + i] > 0) return false;
  return true;
}

/** A button per hidden unit, on which its response over the plane is drawn. */
function makeUnits(k) {
  const { layers } = lab.runs[k].net;
  byId(`units-${k}`).replaceChildren(...layers.slice(0, -1).map(({ units }, layer) => {
    const row = document.createElement("div");
    for (let i = 0; i < units; i++) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(document.createElement("canvas"));
      button.addEventListener("click", () => chooseUnit({ run: k, layer, i }));
      row.append(button);
    }
    return row;
  }));
}

function drawUnits(k) {
  const run = lab.runs[k], every = 3, n = CELLS / every;
  byId(`hint-${k}`).textContent = lab.alone && lab.unit.run === k
    ? `${unitName()}: coloured where positive.` : "Tap a unit: what it sends. Bar: its weight.";
  const top = run.net.layers.length - 1, { W, fanIn } = run.net.layers[top];
  const weights = run.net.theta.subarray(W, W + fanIn), most = Math.max(1e-300, ...weights.map(Math.abs));
  [...byId(`units-${k}`).children].forEach((row, layer) => {
    const { units } = run.net.layers[layer], { a } = run.gridTape.layers[layer];
    [...row.children].forEach((button, i) => {
      const { pen, width } = paper(button.firstChild); // a square, and a bar below
      const values = Float64Array.from({ length: n * n }, (_, at) =>
        a[((Math.floor(at / n) * CELLS + (at % n)) * every) * units + i]);
      paintResponse(pen, values, n, [0, 0, width, width], lookOf(run).colour);
      const side = weights[i] > 0 ? "class1" : "class0", long = (width * Math.abs(weights[i])) / most;
      if (layer === top - 1) fill({ pen }, (width - long) / 2, width + 2, long, 3, side);
      const chosen = lab.unit.run === k && lab.unit.layer === layer && lab.unit.i === i;
      const dead = isDead(run, layer, i);
      button.className = `${chosen ? "chosen" : ""} ${chosen && lab.alone ? "alone" : ""} ${dead ? "dead" : ""}`;
      if (lab.playing) return;
      button.setAttribute("aria-pressed", chosen && lab.alone);
      button.setAttribute("aria-label", `${nameOf(k)}${unitName({ layer, i })}${dead ? ", dead" : ""}`);
      button.title = button.getAttribute("aria-label");
    });
  });
}

// ------------------------------------------------------------- the Hessian

const MAP = { left: 34, top: 20 };

/** The Hessian as a map: ink where positive, accent where negative, by about the fourth root of size. */
function drawHessian(k) {
  const run = lab.runs[k], seen = run.look(), canvas = byId(`hessian-${k}`);
  const { pen, width, height } = paper(canvas);
  if (!seen) return;
  const { P, groups } = run.net, { H } = seen, side = Math.min(width - MAP.left, height - MAP.top);
  const most = H.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-300);
  const [from, plus, minus] = [palette.panel, palette.ink, palette.accent].map(rgb);
  paint(pen, H, P, P, [MAP.left, MAP.top, side, side], (v, data, at) =>
    mix(data, at, from, v > 0 ? plus : minus, (Math.abs(v) / most) ** 0.27), false);
  const at = (p) => (side * p) / P;
  for (const { name, start, stop } of groups) {
    for (const edge of [start, stop]) {
      const [x, y] = [MAP.left + at(edge), MAP.top + at(edge)], thin = { colour: "rule", width: 1 };
      stroke({ pen }, [[x, MAP.top], [x, MAP.top + side]], thin);
      stroke({ pen }, [[MAP.left, y], [MAP.left + side, y]], thin);
    }
    if (at(stop - start) < 15) continue;
    write({ pen }, name, MAP.left + at((start + stop) / 2), 9, { align: "center" });
    write({ pen }, name, MAP.left - 6, MAP.top + at((start + stop) / 2), { align: "right" });
  }
  const { cell } = lab;
  if (cell && cell.run === k && cell.p < P && cell.q < P) {
    Object.assign(pen, { strokeStyle: palette.accent, lineWidth: 2 });
    pen.strokeRect(MAP.left + at(cell.q) - 1, MAP.top + at(cell.p) - 1, at(1) + 2, at(1) + 2);
  }
  byId(`cell-${k}`).textContent = cellInWords(k);
  describe(canvas, `${nameOf(k)}exact Hessian, ${P} by ${P}, at step ${run.t}. Arrow keys move over its cells.`);
}

/** The library's W1[1,3], with units counted from 1 as on this page: W1(2→4), from input 2 to unit 4. */
const fromOne = (label) => label.replace(/\[(.*)\]/, (_, at) =>
  `(${at.split(",").map((i) => Number(i) + 1).join("→")})`);

function cellInWords(k) {
  const { net } = lab.runs[k], { cell } = lab, seen = lab.runs[k].look();
  if (!seen || !cell || cell.run !== k || cell.p >= net.P || cell.q >= net.P) {
    return "A row and a column per parameter: weights W, biases b, inverse noise β. Tap a cell.";
  }
  const [row, column] = [cell.p, cell.q].map((p) => fromOne(net.label(p)));
  return `∂²loss / ∂${row} ∂${column} = ${short(seen.H[cell.p * net.P + cell.q])}`;
}

/** The cell of the map under a pixel. */
function cellAt(k, x, y) {
  const canvas = byId(`hessian-${k}`), { P } = lab.runs[k].net;
  const side = Math.min(canvas.clientWidth - MAP.left, canvas.clientHeight - MAP.top);
  const [q, p] = [x - MAP.left, y - MAP.top].map((v) =>
    Math.min(P - 1, Math.max(0, Math.floor((P * v) / side))));
  return { run: k, p, q };
}

// ------------------------------------------------------------- eigenvalues

const LOG = { low: -8, high: 2 }; // the decades that are drawn on each side of zero

/** Sign, and where between the smallest decade and the largest one: 0 inside the rounding band. */
function signedLog(tau) {
  return (v) => {
    if (Math.abs(v) <= tau) return 0;
    const decade = Math.min(LOG.high, Math.max(LOG.low, Math.log10(Math.abs(v))));
    return Math.sign(v) * (1 + (decade - LOG.low));
  };
}

const RANK = { range: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], show: String };

/** The eigenvalues from the least to the largest, with alpha where they cross zero. */
function drawSpectrum() {
  const found = lab.runs.map((run) => run.look()), canvas = byId("spectrum");
  const scale = signedLog(found[0] ? found[0].tau : 0), decades = [1e-6, 1e-3, 1];
  const y = { range: [-100, 100], scale, ticks: [...decades, ...decades.map((v) => -v), 0] };
  const plot = axes(canvas, { x: RANK, y, left: 44, label: "rank, as a share" });
  fill(plot, plot.left, plot.y(1e-99) - 4, plot.right - plot.left, 8, "quiet", 0.22);
  if (lab.S.l2) {
    const at = plot.y(lab.S.l2);
    stroke(plot, [[plot.left, at], [plot.right, at]], { colour: "accent", width: 1.4, dash: [6, 3] });
    write(plot, `decay ${lab.S.l2}`, plot.left + 4, at - 8, { colour: "accent" });
  }
  found.forEach((seen, k) => {
    if (!seen) return;
    const { colour, marker: kind } = lookOf(lab.runs[k]), P = seen.values.length;
    const [low, high] = seen.alpha.map(plot.x);
    fill(plot, low - 1, plot.top, high - low + 2, plot.bottom - plot.top, colour, 0.2);
    const size = Math.min(3.6, Math.max(1.4, (plot.right - plot.left) / P / 2));
    seen.values.forEach((v, r) =>
      marker(plot, kind, plot.x((r + 0.5) / P), plot.y(v), size, colour, ""));
    if (k || lab.way !== "chosen" || lab.rank >= P) return;
    const at = [plot.x((lab.rank + 0.5) / P), plot.y(seen.values[lab.rank])];
    marker(plot, "o", ...at, 5, "accent");
  });
  if (!found.every(Boolean)) return;
  say("alpha-now", (run, k) => `${nameOf(k)}α ${interval(run.look().alpha).replace(" to ", "–")}`);
  describe(canvas, lab.runs.map((run, k) => `${nameOf(k)}${run.net.P} eigenvalues from `
    + `${short(found[k].values[0])} to ${short(found[k].sharpness)}, α ${interval(found[k].alpha)}, `
    + `γ ${fixed(found[k].gamma, 2)}`).join("; ") + ". Arrow keys choose one.");
}

/** The fraction of eigenvalues that are smaller than r times the largest, for every r. */
function drawGamma() {
  const canvas = byId("gamma"), powers = linspace(-16, 0, 81);
  const x = { range: [-16, 0], ticks: [-15, -10, -5, 0], show: (v) => power(10 ** v) };
  const plot = axes(canvas, { x, y: { ...RANK, range: [-0.02, 1.03] }, label: "r" });
  lab.runs.forEach((run) => {
    const seen = run.look();
    if (seen) curve(plot, powers.map((p) => [p, seen.flat(10 ** p)]), colourOf(run));
  });
  say("gamma-now", (run, k) => `${nameOf(k)}${run.look() ? fixed(run.look().flat(1e-3), 2) : "–"}`);
  describe(canvas, `Fraction of flat eigenvalues against r. ${byId("gamma-now").textContent.trim()}.`);
}

// ------------------------------------------------------------- against the step

/** The x axis of the charts against the step. */
function stepsAxis() {
  const last = Math.max(100, ...lab.runs.map((run) => run.t)) * 1.02;
  return { range: [0, last], ticks: roundTicks(last, 4), show: (v) => String(v) };
}

/** At most some 300 rows: of many, the lowest and the highest of each few, and the last one. */
function thinned(rows, of) {
  const size = 2 * Math.ceil(rows.length / 300), kept = [];
  if (size <= 2) return rows;
  for (let k = 0; k < rows.length; k += size) {
    const few = rows.slice(k, k + size), values = few.map(of);
    const ends = [values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values))];
    kept.push(few[Math.max(0, Math.min(...ends))], few[Math.max(...ends, 0)]);
  }
  return [...kept, rows.at(-1)];
}

function drawLoss() {
  const canvas = byId("loss"), rows = lab.runs.map((run) => thinned(run.seen, ({ loss }) => loss));
  const all = rows.flat().flatMap(({ loss, test }) => [loss, test]).filter((v) => v > 0 && Number.isFinite(v));
  const y = logAxis(Math.max(1e-6, Math.min(0.3, ...all) / 1.3), Math.min(20, Math.max(1, ...all) * 1.1));
  const plot = axes(canvas, { x: stepsAxis(), y, right: 44, label: "step" }), ends = [];
  lab.runs.forEach((run, k) => {
    const look = colourOf(run), { now } = run;
    curve(plot, rows[k].map(({ t, test }) => [t, test]), { ...look, width: 1.4, alpha: 0.65, dash: [1, 3] });
    curve(plot, rows[k].map(({ t, loss }) => [t, loss]), look);
    if (now.loss > 0) marker(plot, lookOf(run).marker, plot.x(now.t), plot.y(now.loss), 4, look.colour);
    if (lab.runs.length === 1) ends.push({ y: plot.y(now.loss), text: "train" });
    if (run.data.test.N) ends.push({ y: plot.y(now.test), text: "test", colour: "quiet" });
  });
  nameEnds(plot, ends.filter((end) => Number.isFinite(end.y)));
  say("loss-now", ({ now, data }, k) => nameOf(k) + short(now.loss)
    + (data.test.N && lab.runs.length === 1 ? `, test ${short(now.test)}` : ""));
  describe(canvas, `Loss against the step. ${byId("loss-now").textContent.trim()}.`);
}

/** Sharpness against 2/rate: where a step no longer comes nearer to the bottom. */
function drawEdge() {
  const canvas = byId("edge"), rows = lab.runs.map((run) => thinned(run.curvatures, ({ steep }) => steep));
  const all = rows.flat().flatMap(({ steep, edge }) => [steep, edge]).filter((v) => v > 0);
  const y = logAxis(Math.min(1, ...all) / 1.6, Math.max(1, ...all) * 1.6);
  const x = stepsAxis(), plot = axes(canvas, { x, y, right: 52, label: "step" }), ends = [];
  const { opt } = lab.S, name = { gd: "2/rate", momentum: "3.8/rate", adam: "38/rate" }[opt];
  lab.runs.forEach((run, k) => {
    const look = colourOf(run), row = rows[k], now = row.at(-1);
    if (!now) return;
    const edges = [[0, row[0].edge], ...row.map(({ t, edge }) => [t, edge]), [x.range[1], now.edge]];
    if (!k) curve(plot, edges, { colour: "accent", width: 1.6, dash: [6, 3] });
    curve(plot, row.map(({ t, steep }) => [t, steep]), look);
    marker(plot, lookOf(run).marker, plot.x(now.t), plot.y(now.steep), 4, look.colour);
    if (!k) ends.push({ y: plot.y(now.edge), text: name, colour: "accent" });
  });
  nameEnds(plot, ends);
  const now = lab.runs[0].curvatures.at(-1);
  say("edge-now", (run, k) => nameOf(k) + (run.curvatures.length ? short(run.curvatures.at(-1).steep) : "–"));
  byId("edge-what").textContent = `the largest eigenvalue${opt === "adam" ? ", scaled as Adam's steps are" : ""}; `
    + `stable below ${name} = ${now ? short(now.edge) : "–"}`;
  describe(canvas, `Sharpness ${byId("edge-now").textContent}against the step: ${byId("edge-what").textContent}.`);
}

const short1 = (v) => String(Number(v.toPrecision(1)));

// ------------------------------------------------------------- along an eigenvector

const WAYS = ["steepest", "negative", "chosen"];
const STEPS = linspace(-1, 1, 31); // in units of the reach

/** How far to look along an eigenvector: less where it is steep. */
const reachFor = (value) => [3, 2, 1, 0.5, 0.3, 0.2, 0.1].find((r) => Math.abs(value) * r * r < 2) || 0.05;

/** Which eigenvector a direction is, and the side on which the loss falls first. */
function direction(run, way) {
  const { values, vectors, gradient } = run.look(), P = values.length;
  const r = { steepest: P - 1, negative: 0, chosen: Math.min(lab.rank, P - 1) }[way];
  const v = vectors.slice(r * P, r * P + P);
  const slope = v.reduce((sum, value, p) => sum + value * gradient[p], 0);
  return { r, value: values[r], slope: -Math.abs(slope), v: slope > 0 ? v.map((x) => -x) : v };
}

/** While steps are slow, the direction stays the one they began on, and 0 the bottom of its parabola:
 * there one sees the network move. */
function holdDirection(isSlow) {
  const [run] = lab.runs;
  if (!isSlow || !run.look()) lab.held = null;
  else if (!lab.held) {
    const { value, slope, v } = direction(run, lab.way), reach = reachFor(4 * value);
    const bottom = -slope / value < reach && value > 0 ? -slope / value : 0;
    lab.held = { v, reach, origin: run.net.theta.map((x, p) => x + bottom * v[p]) };
  }
}

/** The loss along the held direction, and where the network is on it; nothing if it has left. */
function heldLandscape(run, seen) {
  const { v, reach, origin } = lab.held, { H, gradient } = seen, P = v.length;
  const along = (x) => v.reduce((sum, value, p) => sum + value * x(p), 0);
  const at = along((p) => run.net.theta[p] - origin[p]), slope = along((p) => gradient[p]);
  if (Math.abs(at) > reach) return null;
  const value = along((p) => v.reduce((sum, x, q) => sum + x * H[p * P + q], 0));
  const losses = run.lossAlong(v, STEPS.map((s) => s * reach - at));
  return { at, reach, ways: [{ way: lab.way, v, value, slope, losses }] };
}

/** The three curves of the loss; while one walks along one, they stay as they were. */
function landscape(run) {
  const seen = run.look();
  if (!seen) return null;
  if (lab.walk) return lab.walk.landscape;
  const { landscape: old } = run;
  const isSame = old && old.seen === seen && old.rank === lab.rank && old.way === lab.way;
  if (isSame && old.held === lab.held && (lab.playing || lab.held || old.ways.length === WAYS.length)) return old;
  const about = { seen, rank: lab.rank, way: lab.way, loss: run.now.loss + run.net.penalty(run.settings.l2) };
  const held = lab.held && heldLandscape(run, seen);
  if (held) return (run.landscape = { ...about, ...held, held: lab.held });
  lab.held = null;
  const reach = reachFor(direction(run, lab.way).value);
  const ways = WAYS.filter((way) => !lab.playing || way === lab.way).map((way) => {
    const found = direction(run, way);
    return { way, ...found, losses: run.lossAlong(found.v, STEPS.map((s) => s * reach)) };
  });
  return (run.landscape = { ...about, at: 0, held: null, reach, ways });
}

function drawAlong() {
  const canvas = byId("along"), run = lab.runs[0], found = landscape(run);
  if (!found) return;
  const all = found.ways.flatMap(({ losses }) => losses).filter(Number.isFinite), low = Math.min(...all);
  const high = Math.min(Math.max(...all), Math.max(4 * found.loss, found.loss + 0.4));
  const levels = roundTicks(high, 4).filter((v) => v >= low);
  const y = { range: [low - 0.06 * (high - low), high], ticks: levels, show: short1 };
  const { reach } = found, ticks = [-1, 0, 1].map((part) => part * Number(short1(reach * 0.67)));
  const x = { range: [-reach, reach], ticks, show: (v) => String(Number(v.toPrecision(2))).replace("-", MINUS) };
  const plot = axes(canvas, { x, y, left: 42, label: "distance along it" });
  lab.alongPlot = plot;
  const looks = { steepest: { colour: "ink" }, negative: { colour: "accent" },
    chosen: { colour: "quiet", dash: [5, 3] } };
  for (const { way, losses, value, slope } of found.ways) {
    const on = way === lab.way, look = { ...looks[way], width: on ? 2.6 : 1.4, alpha: on ? 1 : 0.6 };
    curve(plot, STEPS.map((s, k) => [s * reach, losses[k]]), look);
    if (!on) continue;
    const parabola = (s) => found.loss + s * slope + (s * s * value) / 2;
    curve(plot, STEPS.map((s) => [s * reach, parabola(s * reach - found.at)]),
      { ...looks[way], width: 1, dash: [2, 3] });
  }
  const s = lab.walk ? lab.walk.s : found.at;
  const height = run.now.loss + run.net.penalty(run.settings.l2);
  marker(plot, "o", plot.x(s), Math.max(plot.top, plot.y(height)), 7, lookOf(run).colour);
  const now = found.ways.find(({ way }) => way === lab.way);
  byId("along-now").textContent = `${nameOf(0)}along λ = ${short(now.value)}`;
  describe(canvas, `Loss along the eigenvector of ${short(now.value)}; at ${fixed(s, 2)}: ${short(height)}.`);
}

// ------------------------------------------------------------- the gate of the chosen unit

/** The mean |f'| of the chosen unit over the points: what its learning is multiplied by. */
function meanSlope(run) {
  const { layer, i } = lab.unit, { units } = run.net.layers[layer];
  run.pass();
  return mean([...run.tape.layers[layer].f_h].filter((_, at) => at % units === i).map(Math.abs));
}

/** The chosen unit: the fields that reach it, and what it makes of them. */
function drawGate() {
  const { run: k, layer, i } = lab.unit, run = lab.runs[k], { net } = run, canvas = byId("unit");
  const { units } = net.layers[layer], beta = net.betaOf(net.layers[layer], i), look = lookOf(run);
  const fields = run.tape.layers[layer].h.filter((_, at) => at % units === i);
  const reach = Math.max(2, Math.min(12, fields.reduce((m, h) => Math.max(m, Math.abs(h)), 0)));
  const right = roundTicks(reach, 2), ticks = [...right.slice(1).map((v) => -v), ...right];
  const x = { range: [-reach, reach], ticks, show: (v) => String(v).replace("-", MINUS) };
  const y = { range: [-1.15, 1.6], ticks: [-1, 0, 1], show: (v) => fixed(v, 0) };
  const plot = axes(canvas, { x, y, right: 58, label: "field h" });
  const bins = new Float64Array(40);
  for (const h of fields) bins[Math.min(39, Math.max(0, Math.floor((h + reach) / (2 * reach) * 40)))]++;
  const most = Math.max(1, ...bins), unit = (plot.bottom - plot.y(-0.4)) / most;
  bins.forEach((count, b) => {
    const [from, to] = [b, b + 1].map((n) => plot.x(-reach + (n / 40) * 2 * reach));
    fill(plot, from, plot.bottom - count * unit, to - from - 1, count * unit, "quiet", 0.35);
  });
  const d = new Float64Array(6), spin = net.gate === "tanh" ? 2 : 1;
  const derivative = (k) => (h) => {
    GATES[net.gate].derivatives(h, beta, d);
    return d[k];
  };
  const isRelu = net.gate === "relu", isState = net.gate === "tanh" || net.gate === "sigmoid";
  const shown = [["slope f′", derivative(1), { colour: "ink", width: 1.4, dash: [5, 3] }]];
  const doubtLook = { colour: "quiet", width: 1.4, dash: [1, 3] };
  if (!isRelu) shown.unshift(["entropy", (h) => entropy(spin * beta * h), doubtLook]);
  if (net.gate === "esp") shown.push(["σ(βh)", (h) => sigma(beta * h), { colour: "ink", width: 1.2 }]);
  shown.push([isState ? "state f" : "signal f", derivative(0), { ...colourOf(run), width: 2.4 }]);
  nameEnds(plot, shown.map(([text, f, look]) => {
    curve(plot, linspace(-reach, reach, 161).map((h) => [h, f(h)]), look);
    return { y: plot.y(Math.min(1.6, f(reach))), text, colour: look.colour === "quiet" ? "quiet" : "ink" };
  }));
  const open = mean(fields.map((h) => (isRelu ? Number(h > 0) : sigma(spin * beta * h))));
  const doubt = mean(fields.map((h) => entropy(spin * beta * h)));
  byId("unit-name").textContent = `${nameOf(k)}Unit ${i + 1}${net.layers.length > 2 ? `, layer ${layer + 1}` : ""}`;
  const isMuted = isDead(run, layer, i);
  byId("unit-now").textContent = isMuted ? "dead" : isRelu ? "" : `β ${fixed(beta, 2)}`;
  byId("unit-what").textContent = `Over the points (bars): open ${percent(open)}, `
    + `${isRelu ? "" : `entropy ${fixed(doubt, 2)}, `}slope ${fixed(meanSlope(run), 2)}.`;
  describe(canvas, `The gate of ${nameOf(k)}${unitName()} with ${byId("unit-now").textContent}: mean state, signal, `
    + `slope and entropy against the field; ${byId("unit-what").textContent}.`);
}

// ------------------------------------------------------------- all of it

/** Whether any of it is on the screen: what is not need not be drawn while it plays. */
function isSeen(id) {
  const { top, bottom } = byId(id).getBoundingClientRect();
  return bottom > 0 && top < window.innerHeight;
}

/** Draw what changes with every step; with `looked`, also what the Hessian says. */
function draw(looked = true) {
  const seen = (id) => !lab.playing || isSeen(id);
  lab.runs.forEach((_, k) => {
    if (seen(`plane-${k}`)) {
      drawPlane(k);
      drawUnits(k);
    }
    if (looked && seen(`hessian-${k}`)) drawHessian(k);
  });
  if (seen("loss")) drawLoss();
  if (seen("unit")) drawGate();
  if (!looked) return;
  if (seen("spectrum")) drawSpectrum();
  if (seen("edge")) drawEdge();
  if (seen("gamma")) drawGamma();
  const now = performance.now(); // thirty more forward passes, which may wait while it plays
  if (!seen("along") || (lab.playing && now - (lab.alongDrawn || 0) < 150)) return;
  lab.alongDrawn = now;
  drawAlong();
}
