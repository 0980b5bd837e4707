/* Guided tours: five steps each, a question before each answer. Their text is in index.html.
 *
 * A step is an <article data-state="a link's state" data-until="step" data-at="figures">; all steps
 * of a tour share its data-base. A question ends in a list of answers, of which one is data-right,
 * and what follows is shown after the choice. The answer may have a data-state or data-until of its own.
 */
"use strict";

const tour = { name: null, step: 0, steps: [] };

function startTour(name) {
  Object.assign(tour, { name, steps: [...byId(`tour-${name}`).content.querySelectorAll("article")] });
  byId("tour").hidden = false;
  document.body.classList.add("touring");
  goToTourStep(0);
}

function endTour() {
  const button = document.querySelector(`[data-tour="${tour.name}"]`);
  if (tour.step === 4 && !byId("tour-next").hidden) button.classList.add("done");
  Object.assign(tour, { name: null, steps: [] });
  byId("tour").hidden = true;
  document.body.classList.remove("touring");
  pointAt("");
  lab.whenDone = null;
  pause();
  redraw();
  if (button) button.focus();
}

/** Set the laboratory as a step or an answer asks, and play to its step. */
function arrange({ state, until, at, unit, way, gauge, pace }, done = () => {}) {
  if (state !== undefined) {
    takeLink(`${byId(`tour-${tour.name}`).dataset.base} ${state}`.trim().replace(/ /g, "&"));
    Object.assign(lab, { alone: false, unit: { run: 0, layer: 0, i: Number(unit || 0) } });
  }
  if (at !== undefined) pointAt(at);
  if (way !== undefined) chooseWay(way);
  if (gauge !== undefined) gaugeTo(Number(gauge));
  redraw();
  const goal = Number(until || 0), { t } = lab.runs[0];
  lab.whenDone = null;
  if (goal <= t) return done();
  lab.whenDone = done;
  // about four seconds; where less motion is asked for, at once
  play(goal, still.matches ? goal - t : Number(pace) || Math.max(1, Math.ceil((goal - t) / 240)));
}

/** Outline the figures a step speaks of, and bring the first into view. */
function pointAt(names) {
  for (const figure of document.querySelectorAll(".pointed")) figure.classList.remove("pointed");
  const places = names.split(" ").filter(Boolean).map(byId);
  for (const place of places) place.closest("figure").classList.add("pointed");
  places[0]?.scrollIntoView({ block: "nearest", behavior: still.matches ? "auto" : "smooth" });
}

function goToTourStep(step) {
  tour.step = step;
  const article = tour.steps[step].cloneNode(true), list = article.querySelector("ul");
  const title = byId(`tour-${tour.name}`).dataset.title;
  const answer = list.nextElementSibling;
  answer.hidden = true;
  byId("tour-title").textContent = title;
  byId("tour-count").textContent = `${step + 1} of ${tour.steps.length}`;
  byId("tour-text").replaceChildren(article);
  const next = byId("tour-next");
  next.hidden = true;
  byId("tour-previous").disabled = step === 0;
  list.replaceWith(makeChoices(list, (isRight) => {
    const verdict = document.createElement("strong");
    verdict.textContent = isRight ? "Yes. " : "Not this time. ";
    answer.firstElementChild.prepend(verdict);
    arrange(answer.dataset, () => {
      answer.hidden = false;
      fillNumbers(article);
      next.hidden = false;
      next.textContent = step + 1 < tour.steps.length ? "Next" : "End of the tour";
      next.focus({ preventScroll: true });
      byId("tour").scrollTop = 1e4; // the answer is at the end
    });
  }));
  arrange(tour.steps[step].dataset, () => fillNumbers(article));
  byId("tour").scrollTop = 0;
  byId("tour-title").focus({ preventScroll: true });
}

/** The answers as buttons; a choice is made once. */
function makeChoices(list, chosen) {
  const group = document.createElement("div");
  Object.assign(group, { className: "choices", role: "group", ariaLabel: "Your answer" });
  group.innerHTML = list.innerHTML.replace(/<(\/?)li/g, "<$1button");
  for (const button of group.children) {
    button.addEventListener("click", () => {
      for (const one of group.children) one.disabled = true;
      button.classList.add("taken");
      chosen("right" in button.dataset);
    });
  }
  return group;
}

/* Numbers that a text may ask for by <b data-number="loss">. */
const NUMBERS = {
  loss: ({ now }) => short(now.loss),
  test: ({ now }) => short(now.test),
  right: ({ now }) => percent(now.score),
  alpha: (run) => interval(run.look().alpha),
  gamma: (run) => percent(run.look().gamma),
  flat: (run) => fixed(run.look().flat(1e-3), 2),
  sharpness: (run) => short(run.look().sharpness),
  edge: (run) => short(run.optimizer.edge()),
  dead: (run) => String(run.net.layers[0].fixed.filter((_, i) => isDead(run, 0, i)).length),
  beta: ({ net }) => fixed(net.betaOf(net.layers[0], lab.unit.i), 2),
  slope: (run) => fixed(meanSlope(run), 2),
  sure: (run) => {
    run.pass();
    const all = [...run.tape.layers[0].f_h], most = Math.max(...all);
    return percent(mean(all.map((v) => Number(v < most / 100))));
  },
  least: ({ seen }) => short(least(seen).test),
  when: ({ seen }) => String(least(seen).t),
  rose: ({ seen }) => percent(mean(seen.slice(-200).map(({ loss }, k, rows) => Number(k && loss > rows[k - 1].loss)))),
  in: ({ net: { theta, layers: [{ W, units, fanIn }] } }) =>
    fixed(Math.hypot(...linspace(0, fanIn - 1, fanIn).map((j) => theta[W + j * units + lab.unit.i])), 2),
  out: ({ net: { theta, layers: [, { W }] } }) => fixed(Math.abs(theta[W + lab.unit.i]), 2),
};

/** The step with the least test loss so far. */
const least = (seen) => seen.reduce((best, one) => (one.test < best.test ? one : best));

/** Fill in the numbers of what can be seen; each once, as it was then. */
function fillNumbers(article) {
  for (const place of article.querySelectorAll("[data-number]:empty")) {
    if (!place.closest("[hidden]")) place.textContent = NUMBERS[place.dataset.number](lab.runs[0]);
  }
}

function listenToTours() {
  for (const button of document.querySelectorAll("[data-tour]")) {
    button.addEventListener("click", () => startTour(button.dataset.tour));
  }
  byId("tour-next").addEventListener("click", () => {
    if (tour.step + 1 < tour.steps.length) goToTourStep(tour.step + 1);
    else endTour();
  });
  byId("tour-previous").addEventListener("click", () => goToTourStep(tour.step - 1));
  byId("tour-end").addEventListener("click", endTour);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && tour.name) endTour();
  });
}

// ------------------------------------------------------------- the page begins

function start() {
  readColours();
  makeSettings();
  listen();
  listenToTours();
  startGate();
  byId("key").append(...NAMES.map((name) => {
    const item = document.createElement("li");
    item.append(swatch(name), GATES[name].name);
    return item;
  }));
  openLink(location.hash);
  showGate();
  drawSwatches();
  if (location.hash.includes("=")) return;
  if (still.matches) goTo(400);
  else play(400, 1); // what moves is seen first
}

start();
