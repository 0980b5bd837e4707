// The film of the eigenvalues: counts per bin at each record, as bars on a logarithmic scale.
"use strict";
const films = JSON.parse(document.getElementById("film-numbers").textContent);
const [play, task, speed, slider, says, stage] =
  ["play", "task", "speed", "record", "epoch", "stage"].map((id) => document.getElementById(id));
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [300, 210, 34, 40, 24];
let film, panels, timer = 0;

function add(parent, name, attributes, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  element.textContent = text;
  return parent.appendChild(element);
}

function power(value) {
  const k = Math.round(Math.log10(Math.abs(value)));
  const raised = String(k).replace(/./g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]);
  return (value < 0 ? "−" : "") + (k >= -1 && k <= 2 ? Math.abs(value).toPrecision(1) * 1 : "10" + raised);
}

const x = (value) => LEFT + (WIDTH - LEFT - 4) *
  (Math.asinh(value / film.unit) - film.low) / (film.high - film.low);
const y = (count, most) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) *
  Math.log(Math.max(count, 0.6) / 0.6) / Math.log(most / 0.6);

function panel(run, most) {
  const svg = add(stage, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "font-size": 11, role: "img" });
  const text = (where, words) => add(svg, "text", { "text-anchor": "middle", ...where }, words);
  const [bottom, edge] = [HEIGHT - BOTTOM, { stroke: "currentColor", "stroke-opacity": 0.4 }];
  const bars = add(svg, "path", { fill: run.colour });
  add(svg, "path", { d: `M${LEFT} ${TOP}V${bottom}H${WIDTH - 4}`, fill: "none", ...edge });
  add(svg, "path", { d: `M${x(0)} ${TOP}V${bottom}`, "stroke-dasharray": "2 3", ...edge });
  const shown = [0];
  for (let k = 6; k > 0; k -= 1)
    for (const t of [film.unit * 10 ** k, -film.unit * 10 ** k])
      if (x(t) >= LEFT && x(t) <= WIDTH - 10 && shown.every((other) => Math.abs(x(t) - x(other)) > 34)) shown.push(t);
  for (const t of shown) text({ x: x(t), y: bottom + 15 }, t ? power(t) : "0");
  for (let n = 1; n < most; n *= 10) text({ x: LEFT - 5, y: y(n, most) + 4, "text-anchor": "end" }, n);
  const [name, share] = [18, 33].map((height) => text({ x: (LEFT + WIDTH) / 2, y: height }));
  name.setAttribute("font-size", 13);
  return { run, bars, name, share };
}

function show() {
  const k = Number(slider.value);
  for (const { run, bars, name, share, most } of panels) {
    const counts = run.counts[k], step = (WIDTH - LEFT - 4) / counts.length;
    bars.setAttribute("d", counts.map((count, i) => count &&
      `M${LEFT + i * step} ${HEIGHT - BOTTOM}V${y(count, most)}h${step - 0.6}V${HEIGHT - BOTTOM}z`).filter(Boolean).join(""));
    const inside = counts.reduce((a, b) => a + b);
    name.textContent = `${run.name}, cost ${run.costs[k]}`;
    share.textContent = `${Math.floor(1000 * inside / run.total) / 10} % in the window`;
  }
  says.textContent = `epoch ${film.runs[0].epochs[k]}`;
}

function choose() {
  film = films[task.value];
  stage.replaceChildren();
  const most = 2 * Math.max(...film.runs.flatMap((run) => run.counts.flat()));
  panels = film.runs.map((run) => ({ ...panel(run, most), most }));
  slider.max = film.runs[0].epochs.length - 1;
  slider.value = 0;
  show();
}

function stop() {
  clearInterval(timer);
  timer = 0;
  play.textContent = "▶ Play";
}

function start() {
  if (slider.value === slider.max) slider.value = 0;
  play.textContent = "❚❚ Pause";
  timer = setInterval(() => {
    slider.value = Number(slider.value) + 1;
    show();
    if (slider.value === slider.max) stop();
  }, 250 / speed.value);
}

films.forEach((one, i) => task.add(new Option(one.title, i)));
task.value = films.findIndex((one) => one.title === stage.dataset.first);
play.onclick = () => (timer ? stop() : start());
speed.onchange = () => { if (timer) { stop(); start(); } };
task.onchange = () => { stop(); choose(); };
slider.oninput = show;
choose();
