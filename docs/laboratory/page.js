/* The page: its settings, its link, what hands and keys do, and the loop that trains and draws. */
"use strict";

const GATE_NAMES = Object.fromEntries(Object.entries(GATES).map(([key, { name }]) => [key, name]));

/* Every setting, by group: a slider over values, or a list of names. What changes the data or the
 * network starts afresh; what changes the training goes on from where the network is. */
const GROUPS = {
  data: {
    data: { label: "points", names: { spirals: "two spirals", moons: "two moons", nonlinear: "an arch",
      linear: "two blobs", own: "my own" } },
    n: { label: "how many", values: [10, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 500] },
    noise: { label: "noise", values: [0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1] },
    test: { label: "test share", values: [0, 0.1, 0.2, 0.3, 0.4, 0.5], show: percent },
    draw: { label: "seed", values: linspace(1, 40, 40) },
  },
  network: {
    gate: { label: "activation", names: GATE_NAMES },
    units1: { label: "first layer", values: linspace(1, 10, 10) },
    units2: { label: "second layer", values: linspace(0, 10, 11), show: (v) => v || "none" },
    trained: { label: "β is", names: { 1: "trained", 0: "fixed" } },
    beta: { label: "β at the start", values: [0.01, 0.03, 0.1, 0.3, 0.5, 1, 2, 3, 5, 10, 30, 100] },
    init: { label: "initial weights", names: { xavier: "Xavier", he: "He", conserving: "conserving" } },
    seed: { label: "seed", values: linspace(1, 40, 40) },
    other: { label: "compare with", names: { none: "nothing", ...GATE_NAMES } },
  },
  training: {
    opt: { label: "optimizer", names: { gd: "gradient descent", momentum: "momentum", adam: "Adam" } },
    rate: { label: "rate", values: [0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5,
      2, 3, 4, 6, 10] },
    decay: { label: "decay per 1000 steps", values: [1, 0.9, 0.7, 0.5, 0.3, 0.1], show: (v) => `× ${v}` },
    batch: { label: "batch", names: { 0: "all", 64: "64", 32: "32", 16: "16", 8: "8", 4: "4" } },
    l2: { label: "weight decay", values: [0, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1] },
  },
  speed: { speed: { label: "speed", values: [0.1, 0.5, 1, 4, 16], show: (v) => `${60 * v} steps/s` } },
};
const SETTINGS = Object.assign({}, ...Object.values(GROUPS));
const DEFAULTS = { data: "spirals", n: 300, noise: 0.05, test: 0.2, draw: 1,
  gate: "esp", units1: 10, units2: 0, trained: "1", beta: 1, init: "xavier", seed: 2, other: "none",
  opt: "adam", rate: 0.03, decay: 1, batch: "0", l2: 0, speed: 1 };

function percent(v) {
  return `${fixed(100 * v, 0)} %`;
}

// ------------------------------------------------------------- from settings to runs

function settingsOf(gate) {
  const { S } = lab;
  const sizes = [2, S.units1, ...(S.units2 ? [S.units2] : []), 1];
  return { ...S, gate, sizes, trained: S.trained === "1", batch: Number(S.batch) };
}

/** New points, new weights, step 0. */
function startAfresh() {
  pause();
  const { S } = lab;
  lab.points = makePoints({ ...S, dataSeed: S.draw, own: lab.own || [] });
  const data = asData(lab.points);
  const gates = [S.gate, ...(S.other === "none" ? [] : [S.other])];
  lab.runs = gates.map((gate) => new Run(settingsOf(gate), data));
  const { layers } = lab.runs[0].net, { unit } = lab;
  if (!lab.runs[unit.run] || unit.layer > layers.length - 2 || unit.i >= layers[unit.layer].units) {
    lab.unit = { run: 0, layer: 0, i: 0 };
    lab.alone = false;
  }
  Object.assign(lab, { walk: null, held: null, last: 0, latest: 0 });
  settle();
  makeRunFigures();
}

/** Go on from here with other steps, other points or other weights. */
function goOnFrom(points = lab.points) {
  lab.points = points;
  const data = asData(points);
  lab.runs.forEach((run) => {
    run.settings = settingsOf(run.net.gate);
    run.from({ t: run.t, ...run.net.state() });
    run.take(data);
  });
}

/** The figures of each run: plane, units and Hessian, from the template. */
function makeRunFigures() {
  const figures = lab.runs.map((run, k) => {
    const copy = byId("run").content.cloneNode(true);
    for (const element of copy.querySelectorAll("[id]")) element.id += `-${k}`;
    for (const name of copy.querySelectorAll(".of")) {
      if (lab.runs.length > 1) name.append(swatch(run.net.gate), lookOf(run).name);
    }
    return copy;
  });
  byId("runs").replaceChildren(...figures);
  document.body.classList.toggle("double", figures.length > 1);
  lab.runs.forEach((_, k) => {
    makeUnits(k);
    listenToPlane(k);
    listenToHessian(k);
  });
  drawSwatches();
}

// ------------------------------------------------------------- the link

/** The state as text: what differs from the defaults, the step, and what was changed by hand. */
function asLink() {
  const parts = Object.entries(lab.S).filter(([key, v]) => v !== DEFAULTS[key]);
  if (lab.S.data === "own") parts.push(["own", packPoints(lab.points)]);
  const { origin, t } = lab.runs[0], states = lab.runs.map((run) => (lab.walk ? run.net.state() : run.origin));
  const isMoved = lab.runs.some(({ first }, k) => states[k].theta.some((v, p) => v !== first[p]));
  if (origin.t || isMoved) parts.push(["at", lab.walk ? t : origin.t], ["state", states.map(packState).join(".")]);
  if (t) parts.push(["t", t]);
  return `#${parts.map(([key, v]) => `${key}=${v}`).join("&")}`;
}

/** Five letters per point: two for each coordinate, one for the class. */
function packPoints(points) {
  const two = (v) => Math.round(((v + EDGE) / (2 * EDGE)) * 1295).toString(36).padStart(2, "0");
  return points.map(([x1, x2, y]) => two(x1) + two(x2) + y).join("");
}

function unpackPoints(text) {
  const place = (two) => (parseInt(two, 36) / 1295) * 2 * EDGE - EDGE;
  return (text.match(/.{5}/g) || []).map((five) =>
    [place(five.slice(0, 2)), place(five.slice(2, 4)), five[4] === "1" ? 1 : 0]);
}

/** All bits of theta and of the betas that are not trained. */
function packState({ theta, fixed: betas }) {
  const all = Float64Array.from([...theta, ...betas.flatMap((row) => [...row])]);
  const bytes = String.fromCharCode(...new Uint8Array(all.buffer));
  return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function unpackState(text, net) {
  const bytes = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  const all = new Float64Array(Uint8Array.from(bytes, (c) => c.charCodeAt(0)).buffer);
  let at = net.P;
  const betas = net.layers.map(({ units }) => all.slice(at, (at += units)));
  if (all.length !== at || !all.every(Number.isFinite)) throw new RangeError("another network's state");
  return { theta: all.slice(0, net.P), fixed: betas };
}

/** Take up a link's state; what it does not say is as at first. Returns the step it asks for. */
function takeLink(text) {
  const given = Object.fromEntries(text.replace(/^#/, "").split("&").map((part) => part.split("=")));
  lab.S = { ...DEFAULTS };
  for (const [key, { names, values }] of Object.entries(SETTINGS)) {
    if (!(key in given)) continue;
    if (names ? given[key] in names : values.includes(Number(given[key]))) {
      lab.S[key] = names ? given[key] : Number(given[key]);
    }
  }
  lab.own = unpackPoints(given.own || "");
  startAfresh();
  try {
    (given.state || "").split(".").filter(Boolean).forEach((one, k) =>
      lab.runs[k].from({ t: Number(given.at) || 0, ...unpackState(one, lab.runs[k].net) }));
  } catch {
    startAfresh(); // a damaged link
  }
  showSettings();
  return Math.min(Number(given.t) || 0, 100000);
}

let linking = 0;

/** Write the state into the address, a moment later. */
function rememberLink() {
  clearTimeout(linking);
  linking = setTimeout(() => {
    if (!lab.playing) history.replaceState(null, "", asLink());
  }, 250);
}

// ------------------------------------------------------------- the settings

/** A field per setting: a list of names, or a slider over a list of values. */
function makeSettings() {
  for (const [group, settings] of Object.entries(GROUPS)) {
    for (const [key, { label, names, values }] of Object.entries(settings)) {
      const field = document.createElement("div");
      field.className = names ? "field" : "slider";
      field.innerHTML = `<label for="${key}">${label}</label>` + (names ? `<select id="${key}"></select>`
        : `<output id="${key}-shown" for="${key}"></output>
           <input type="range" id="${key}" min="0" max="${values.length - 1}" step="1">`);
      byId(`settings-${group}`).append(field);
      const input = field.querySelector("select, input");
      if (names) input.append(...Object.entries(names).map(([value, text]) => new Option(text, value)));
      input.addEventListener(names ? "change" : "input", () =>
        change({ [key]: names ? input.value : values[Number(input.value)] }, group));
    }
  }
}

function showSettings() {
  for (const [key, { names, values, show = String }] of Object.entries(SETTINGS)) {
    const value = lab.S[key];
    byId(key).value = names ? value : values.indexOf(value);
    if (!names) showValue(key, String(show(value)));
  }
  const isOwn = lab.S.data === "own", isRelu = lab.S.gate === "relu" && lab.S.other === "none";
  for (const key of ["n", "noise", "draw"]) byId(key).disabled = isOwn;
  for (const key of ["trained", "beta"]) byId(key).disabled = isRelu;
  byId("tools").hidden = !isOwn;
  document.body.classList.toggle("own", isOwn);
}

/** What a slider stands at, for the eye and for the ear. */
function showValue(id, text) {
  byId(`${id}-shown`).textContent = text;
  byId(id).setAttribute("aria-valuetext", text);
}

/** Change settings, and begin afresh where they ask for it. */
function change(changes, group) {
  const wasOwn = lab.S.data === "own";
  settle();
  Object.assign(lab.S, changes);
  byId("said").classList.remove("seen");
  if (changes.data === "own" && !wasOwn) lab.own = lab.points.map(([x1, x2, y]) => [x1, x2, y]);
  if (group === "training") goOnFrom();
  else if (group !== "speed") startAfresh();
  showSettings();
  redraw();
}

// ------------------------------------------------------------- playing

/** Whether a loss is no number any more, or far beyond all bounds. */
const diverged = () => lab.runs.some((run) => run.data.N && !(run.now.loss < 1e6));

function play(goal = Infinity, perFrame = 0) {
  if (!lab.runs[0].data.N || lab.runs[0].t >= goal) return;
  settle();
  holdDirection((perFrame || lab.S.speed) <= 0.1);
  Object.assign(lab, { playing: true, goal, perFrame, owed: 0, before: 0 });
  byId("said").classList.remove("seen");
  byId("play").textContent = "Pause";
  if (!lab.frame) lab.frame = requestAnimationFrame(frame);
}

function pause() {
  lab.playing = false;
  byId("play").textContent = "Play";
}

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** Steps for this frame, a look at the Hessian if there is time for one, and what one sees of it. */
function frame(now) {
  lab.frame = 0;
  if (!lab.playing) return;
  lab.owed += (lab.perFrame || lab.S.speed) * Math.min(6, (now - (lab.before || now)) / (1000 / 60));
  lab.before = now;
  const end = performance.now() + 12;
  let count = Math.floor(lab.owed);
  lab.owed -= count;
  count = Math.min(count, lab.goal - lab.runs[0].t);
  for (; count > 0 && performance.now() < end; count--) {
    for (const run of lab.runs) run.step(count === 1 || run.measuresAll);
  }
  for (const run of lab.runs) if (run.now.t !== run.t) run.measure();
  if (diverged()) return stopped("The loss has left all bounds: the rate is too large here. Lower it, and restart.");
  if (lab.runs[0].t >= lab.goal) return stopped("");
  const isDue = now - (lab.last || 0) > Math.max(30, 6 * (lab.cost || 0));
  if (isDue) {
    const began = performance.now();
    lab.runs.forEach((run) => run.look());
    lab.last = now;
    lab.cost = performance.now() - began;
  }
  const pace = still.matches ? 500 : 0; // less motion, if asked for
  if (now - (lab.drawn || 0) >= pace) {
    lab.drawn = now;
    showStep();
    draw(isDue || pace > 0);
  }
  lab.frame = requestAnimationFrame(frame);
}

/** The end of playing: by hand, at a goal, or because it diverged. */
function stopped(message) {
  pause();
  redraw();
  byId("said").textContent = message || inWords();
  byId("said").classList.toggle("seen", Boolean(message));
  const done = lab.whenDone;
  lab.whenDone = null;
  if (done) done();
}

/** Draw everything as it is now. */
function redraw() {
  showStep();
  draw(true);
  rememberLink();
}

function showStep() {
  const { t } = lab.runs[0];
  byId("step-shown").textContent = t.toLocaleString("en").replace(/,/g, "\u202f");
  lab.latest = Math.max(t, lab.latest);
  byId("time").max = Math.max(100, lab.latest);
  byId("time").value = t;
  byId("time").setAttribute("aria-valuetext", `step ${t}`);
}

function inWords() {
  return lab.runs.map((run, k) => {
    const { loss, test, score } = run.now, seen = run.look();
    return `${nameOf(k)}Step ${run.t}: loss ${short(loss)}, test ${short(test)}, ${percent(score)} right`
      + (seen ? `, α ${interval(seen.alpha)}, sharpness ${short(run.curvatures.at(-1).steep)}` : "");
  }).join(". ") + ".";
}

/** Go to a step, backwards or forwards. */
function goTo(t) {
  pause();
  settle();
  holdDirection(t === lab.runs[0].t + 1);
  lab.runs.forEach((run) => run.goTo(t));
  stopped("");
}

function restart() {
  startAfresh();
  stopped("");
}

// ------------------------------------------------------------- by hand: units, cells, directions

function chooseUnit(unit) {
  const same = ["run", "layer", "i"].every((key) => lab.unit[key] === unit[key]);
  lab.alone = !(same && lab.alone);
  lab.unit = unit;
  redraw();
}

function listenToHessian(k) {
  const canvas = byId(`hessian-${k}`);
  const show = (cell) => {
    lab.cell = cell;
    if (!lab.playing) drawHessian(k);
  };
  for (const name of ["pointerdown", "pointermove"]) { // a mouse need not be pressed
    canvas.addEventListener(name, (event) => show(cellAt(k, event.offsetX, event.offsetY)));
  }
  arrows(canvas, (dx, dy) => {
    const { P } = lab.runs[k].net, { p, q } = lab.cell && lab.cell.run === k ? lab.cell : { p: 0, q: 0 };
    const hold = (v) => Math.min(P - 1, Math.max(0, v));
    show({ run: k, p: hold(p - dy), q: hold(q + dx) });
    byId("said").textContent = cellInWords(k);
  });
}

/** Choose an eigenvalue, whose direction is then "chosen". */
function chooseRank(rank) {
  const { P } = lab.runs[0].net;
  if (!lab.runs[0].look()) return; // no points
  lab.rank = Math.min(P - 1, Math.max(0, rank));
  chooseWay("chosen");
  byId("said").textContent = `Eigenvalue ${lab.rank + 1} of ${P}: ${short(lab.runs[0].look().values[lab.rank])}.`;
}

function chooseWay(way) {
  settle();
  lab.held = null;
  lab.way = way;
  for (const radio of document.getElementsByName("way")) radio.checked = radio.value === way;
  draw(true);
}

/** Take theta along the eigenvector, by a part of the reach; the network moves with it. */
function walkTo(part) {
  pause();
  if (!lab.walk) settle();
  lab.held = null;
  const run = lab.runs[0];
  if (!landscape(run)) return;
  lab.walk ??= { state: run.net.state(), landscape: landscape(run),
    v: landscape(run).ways.find(({ way }) => way === lab.way).v };
  const s = (lab.walk.s = part * lab.walk.landscape.reach);
  run.net.become(lab.walk.state);
  lab.walk.v.forEach((v, p) => { run.net.theta[p] += s * v; });
  run.fresh = false;
  run.measure();
  byId("walk").value = part;
  showValue("walk", fixed(s, 2));
  draw(true);
}

/** What was moved by hand stays where it is, and training goes on from there. */
function settle() {
  if (lab.walk?.s) lab.runs.forEach((run) => run.from({ t: run.t, ...run.net.state() }));
  Object.assign(lab, { walk: null, gauge: null });
  byId("gauge").value = byId("walk").value = 0;
  showValue("gauge", "× 1");
  showValue("walk", "0");
}

/** Multiply what enters each hidden unit by c = 10^power, and undo it behind: the gauge. */
function gaugeTo(power) {
  pause();
  if (!lab.gauge) settle();
  lab.held = null;
  lab.gauge ??= lab.runs.map((run) => run.net.state());
  lab.runs.forEach((run, k) => {
    run.net.become(lab.gauge[k]);
    run.net.rescale(10 ** power);
    run.from({ t: run.t, ...run.net.state() });
  });
  byId("gauge").value = power;
  showValue("gauge", `× ${short(10 ** power)}`);
  redraw();
}

// ------------------------------------------------------------- points of one's own

const tool = () => document.querySelector("input[name=tool]:checked").value;

function nearestPoint([x1, x2], within = 0.15) {
  let best = -1, least = within ** 2;
  lab.points.forEach(([a, b], k) => {
    const far = (a - x1) ** 2 + (b - x2) ** 2;
    if (far < least) [best, least] = [k, far];
  });
  return best;
}

/** Add, move or remove a point: the network keeps its weights and learns on. */
function editPoints(edit) {
  settle();
  const own = lab.points.map(([x1, x2, y]) => [x1, x2, y]);
  edit(own);
  lab.own = own;
  goOnFrom(makePoints({ ...lab.S, own }));
  if (!lab.playing) redraw();
}

function listenToPlane(k) {
  const canvas = byId(`plane-${k}`);
  const place = (x, y) => [x, y].map((v, axis) =>
    Math.max(-1, Math.min(1, (2 * v) / canvas.clientWidth - 1)) * (axis ? -EDGE : EDGE));
  const isOwn = () => lab.S.data === "own";
  const add = (at) => editPoints((own) => own.push([...at, Number(tool())]));
  const remove = (at) => {
    const found = nearestPoint(at, 0.3);
    if (found >= 0) editPoints((own) => own.splice(found, 1));
  };
  let held = -1; // the point that is dragged
  drag(canvas, (x, y, isFirst) => {
    if (!isOwn()) return;
    const at = (lab.cross = place(x, y));
    if (isFirst) {
      held = tool() === "remove" ? -1 : nearestPoint(at);
      if (tool() === "remove") remove(at);
      else if (held < 0) {
        add(at);
        held = lab.points.length - 1;
      }
    } else if (held >= 0) editPoints((own) => own.splice(held, 1, [...at, own[held][2]]));
  });
  canvas.addEventListener("contextmenu", (event) => {
    if (!isOwn()) return;
    event.preventDefault();
    remove(place(event.offsetX, event.offsetY));
  });
  arrows(canvas, (dx, dy) => {
    if (!isOwn()) return;
    const [x1, x2] = lab.cross || [0, 0], hold = (v) => Math.max(-EDGE, Math.min(EDGE, v));
    lab.cross = [hold(x1 + 0.1 * dx), hold(x2 + 0.1 * dy)];
    drawPlane(k);
  });
  canvas.addEventListener("keydown", (event) => {
    if (!isOwn() || !["Enter", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    lab.cross ??= [0, 0];
    if (event.key === "Enter" && tool() !== "remove") add(lab.cross);
    else remove(lab.cross);
    byId("said").textContent = `${lab.points.length} points.`;
  });
  canvas.addEventListener("focus", () => drawPlane(k));
  canvas.addEventListener("blur", () => drawPlane(k));
}

// ------------------------------------------------------------- beginning

function listen() {
  byId("play").addEventListener("click", () => (lab.playing ? stopped("") : play()));
  byId("one").addEventListener("click", () => goTo(lab.runs[0].t + 1));
  byId("rewind").addEventListener("click", restart);
  byId("time").addEventListener("input", () => goTo(Number(byId("time").value)));
  byId("walk").addEventListener("input", () => walkTo(Number(byId("walk").value)));
  byId("gauge").addEventListener("input", () => gaugeTo(Number(byId("gauge").value)));
  byId("clear").addEventListener("click", () => editPoints((own) => own.splice(0)));
  byId("link").addEventListener("click", copyLink);
  for (const radio of document.getElementsByName("way")) {
    radio.addEventListener("change", () => chooseWay(radio.value));
  }
  drag(byId("spectrum"), (x) => {
    const { clientWidth } = byId("spectrum"), { P } = lab.runs[0].net;
    chooseRank(Math.floor((P * (x - 44)) / (clientWidth - 56)));
  });
  arrows(byId("spectrum"), (dx, dy) => chooseRank(lab.rank + dx + dy));
  drag(byId("along"), (x) => {
    if (!landscape(lab.runs[0])) return;
    if (lab.held) chooseWay(lab.way); // 0 is where the network is
    walkTo(Math.max(-1, Math.min(1, lab.alongPlot.x.back(x) / landscape(lab.runs[0]).reach)));
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = /^(INPUT|SELECT|BUTTON|A|SUMMARY|CANVAS)$/.test(event.target.tagName);
    if (event.key !== " " || isTyping || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    byId("play").click();
  });
  const wide = window.matchMedia("(min-width: 62rem)"), unfold = () => { byId("settings").open = wide.matches; };
  wide.addEventListener("change", unfold);
  unfold();
  const again = () => {
    readColours();
    drawSwatches();
    showGate();
    draw(true);
  };
  window.addEventListener("resize", again);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  window.addEventListener("hashchange", () => {
    if (location.hash.includes("=")) openLink(location.hash);
  });
}

async function copyLink() {
  history.replaceState(null, "", asLink());
  let text = "The address of this page is the link.";
  try {
    await navigator.clipboard.writeText(location.href);
    text = "Link copied.";
  } catch { /* from the disk a page may not copy */ }
  byId("link").textContent = text;
  setTimeout(() => { byId("link").textContent = "Link to this run"; }, 2500);
}

/** Open a link's run at its step. */
function openLink(hash) {
  const t = takeLink(hash);
  redraw();
  if (t > lab.runs[0].t) play(t, Math.ceil((t - lab.runs[0].t) / 60));
}
