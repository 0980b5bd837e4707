/* One gate, turned by hand: its mean state, signal, slopes and entropy against the field. */
"use strict";

const FIELDS = linspace(-5, 5, 401);
const NAMES = Object.keys(GATES);

/** The derivatives of an activation at one place: f, f_h, f_beta, ... */
function at(gate, h, beta) {
  const d = new Float64Array(6);
  GATES[gate].derivatives(h, beta, d);
  return d;
}

/** From where the slider stands to beta: first 0, then 0.01 to 100, fifty steps a factor ten. */
const betaAt = (position) => (position === 0 ? 0 : 10 ** ((position - 101) / 50));

/* The four pictures: which functions, over which values, and in words. */
const PICTURES = {
  state: {
    lines: ["sigmoid", "tanh"].map((name) => [name, GATES[name].name, (h, beta) => at(name, h, beta)[0]]),
    y: { range: [-1.1, 1.1], ticks: [-1, 0, 1] },
    words: "mean state of the gate against the field: sigmoid for states 0 and 1, tanh for −1 and 1",
  },
  signal: {
    lines: ["relu", "esp"].map((name) => [name, GATES[name].name, (h, beta) => at(name, h, beta)[0]]),
    y: { range: [-2.6, 5.1], ticks: [-2, 0, 2, 4] }, guide: true,
    words: "mean signal against the field: ESP, between the line h/2 and ReLU",
  },
  slopes: {
    lines: NAMES.map((name) => [name, GATES[name].name, (h, beta) => at(name, h, beta)[1]]),
    y: { range: [-0.25, 2], ticks: [0, 0.5, 1, 1.5, 2], show: String },
    words: "slope of the four activations against the field",
  },
  doubt: {
    lines: [["sigmoid", "{0, 1}", (h, beta) => entropy(beta * h)],
      ["tanh", "{−1, 1}", (h, beta) => entropy(2 * beta * h)]],
    y: { range: [-0.03, 0.76], ticks: [0, Math.LN2], show: (v) => (v ? "log 2" : "0") },
    words: "entropy of the gate against the field, for states 0 and 1 and for −1 and 1",
  },
};

function drawPicture(id, beta, h) {
  const { lines, y, guide, words } = PICTURES[id], canvas = byId(id);
  const x = { range: [-5, 5], ticks: [-4, -2, 0, 2, 4], show: (v) => fixed(v, 0) };
  const plot = axes(canvas, { x, y, right: 64, label: "field h" });
  stroke(plot, [[plot.x(0), plot.top], [plot.x(0), plot.bottom]], { colour: "quiet", width: 1 });
  if (guide) {
    curve(plot, [-5, 5].map((v) => [v, v / 2]), { colour: "quiet", width: 1.4, dash: [1, 3] });
    write(plot, "h/2", plot.x(-4.9), plot.y(-2.45) - 16);
  }
  const ends = lines.map(([name, text, f]) => {
    const { colour, dash } = GATES[name], points = FIELDS.map((v) => [v, f(v, beta)]);
    curve(plot, points, { colour, dash, width: 2.2 });
    return { y: Math.max(plot.top, plot.y(points[400][1])), text };
  });
  nameEnds(plot, ends);
  stroke(plot, [[plot.x(h), plot.top], [plot.x(h), plot.bottom]], { colour: "accent", width: 1.5 });
  inside(plot, () => lines.forEach(([name, , f]) =>
    marker(plot, GATES[name].marker, plot.x(h), plot.y(f(h, beta)), 5, GATES[name].colour)));
  const values = lines.map(([, text, f]) => `${text} ${short(f(h, beta))}`).join(", ");
  canvas.setAttribute("aria-label", `${words}; at β = ${short(beta)} and h = ${short(h)}: ${values}`);
}

function showGate() {
  const beta = betaAt(Number(byId("noise-beta").value)), h = Number(byId("field").value);
  showValue("noise-beta", short(beta));
  showValue("field", fixed(h, 2));
  for (const id of Object.keys(PICTURES)) drawPicture(id, beta, h);
  byId("gate-said").textContent = `At β = ${short(beta)} and h = ${fixed(h, 2)} the gate is open `
    + `${fixed(100 * sigma(beta * h), 1)} % of the time and lets ${short(at("esp", h, beta)[0])} through on average. `
    + `Its entropy is ${fixed(entropy(beta * h), 4)} of at most ${fixed(Math.LN2, 4)} nats.`;
}

function startGate() {
  for (const id of ["noise-beta", "field"]) byId(id).addEventListener("input", showGate);
  for (const id of Object.keys(PICTURES)) {
    drag(byId(id), (x) => {
      byId("field").value = -5 + (10 * (x - 38)) / (byId(id).clientWidth - 38 - 64);
      showGate();
    });
  }
}
