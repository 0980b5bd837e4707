/* Guided tours: five steps each, a question before each answer. Their text is in index.html.
 *
 * A step is an <article data-state="a link's state" data-until="step" data-at="figures">; its
 * question ends in a list of answers, of which one is data-right, and what follows is shown after
 * the choice. The answer may have a data-state or data-until of its own.
 */
"use strict";

const tour = { name: null, step: 0, steps: [], back: "" };

function startTour(name) {
  if (!tour.name) tour.back = asLink();
  Object.assign(tour, { name, steps: [...byId(`tour-${name}`).content.querySelectorAll("article")] });
  byId("tour").hidden = false;
  document.body.classList.add("touring");
  goToTourStep(0);
}

function endTour() {
  const button = document.querySelector(`[data-tour="${tour.name}"]`);
  Object.assign(tour, { name: null, steps: [] });
  byId("tour").hidden = true;
  document.body.classList.remove("touring");
  pointAt("");
  pause();
  redraw();
  if (button) button.focus();
}

/** Set the laboratory as a step or an answer asks, and play to its step. */
function arrange({ state, until, at, unit, alone, way, gauge, pace }, done = () => {}) {
  if (state !== undefined) {
    lab.latest = 0;
    takeLink(state);
    lab.alone = false;
  }
  if (at !== undefined) pointAt(at);
  if (unit !== undefined) lab.unit = { run: 0, layer: 0, i: Number(unit) };
  if (alone !== undefined) lab.alone = alone === "yes";
  if (way !== undefined) chooseWay(way);
  if (gauge !== undefined) gaugeTo(Number(gauge));
  redraw();
  const goal = Number(until || 0), { t } = lab.runs[0];
  lab.whenDone = null;
  if (goal <= t) return done();
  lab.whenDone = done;
  play(goal, Number(pace) || Math.max(1, Math.ceil((goal - t) / 240))); // about four seconds
}

/** Outline the figures a step speaks of, and bring the first into view. */
function pointAt(names) {
  for (const figure of document.querySelectorAll(".pointed")) figure.classList.remove("pointed");
  const figures = names.split(" ").filter(Boolean).map((name) => byId(name).closest("figure, .field, .slider"));
  figures.forEach((figure) => figure.classList.add("pointed"));
  if (!figures.length) return;
  const room = byId("tour").getBoundingClientRect(), { top, bottom } = figures[0].getBoundingClientRect();
  const below = room.left < window.innerWidth / 3 ? room.top : window.innerHeight; // a sheet on a phone
  const bar = document.querySelector(".bar").getBoundingClientRect().height + 12;
  if (top >= bar && bottom <= below) return;
  window.scrollBy({ top: top - bar, behavior: still.matches ? "auto" : "smooth" });
}

function goToTourStep(step) {
  tour.step = step;
  const article = tour.steps[step].cloneNode(true), list = article.querySelector("ul");
  const card = byId("tour"), title = byId(`tour-${tour.name}`).dataset.title;
  const after = [...article.children].slice([...article.children].indexOf(list) + 1);
  after.forEach((element) => { element.hidden = true; });
  byId("tour-title").textContent = title;
  byId("tour-count").textContent = `${step + 1} of ${tour.steps.length}`;
  byId("tour-text").replaceChildren(article);
  const next = byId("tour-next");
  next.hidden = true;
  byId("tour-previous").disabled = step === 0;
  list.replaceWith(makeChoices(list, (choice, isRight) => {
    const mine = after[0];
    if (mine.dataset.said === undefined) {
      mine.dataset.said = "yes";
      mine.prepend(Object.assign(document.createElement("strong"), { textContent: isRight ? "Yes. " : "Look again. " }));
    }
    arrange(mine.dataset, () => {
      after.forEach((element) => { element.hidden = false; });
      fillNumbers(article);
      next.hidden = false;
      next.textContent = step + 1 < tour.steps.length ? "Next" : "End of the tour";
      next.focus({ preventScroll: true });
      mine.scrollIntoView({ block: "nearest" });
    });
  }));
  arrange(tour.steps[step].dataset, () => fillNumbers(article));
  fillNumbers(article);
  card.scrollTop = 0;
  byId("tour-title").focus({ preventScroll: true });
}

/** The answers as buttons; a choice is made once. */
function makeChoices(list, chosen) {
  const group = document.createElement("div");
  group.className = "choices";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Your answer");
  const items = [...list.children];
  const buttons = items.map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.innerHTML = item.innerHTML;
    button.addEventListener("click", () => {
      buttons.forEach((one, k) => {
        one.disabled = true;
        if ("right" in items[k].dataset) one.classList.add("right");
      });
      button.classList.add("taken");
      chosen(button, "right" in item.dataset);
    });
    return button;
  });
  group.append(...buttons);
  return group;
}

/* Numbers that a text may ask for by <b data-number="loss">. */
const NUMBERS = {
  loss: (run) => short(run.now.loss),
  test: (run) => short(run.now.test),
  right: (run) => `${fixed(100 * run.now.score, 0)} %`,
  alpha: (run) => interval(run.look().alpha),
  gamma: (run) => fixed(run.look().gamma, 2),
  sharpness: (run) => short(run.look().sharpness),
  edge: (run) => short(run.optimiser.edge()),
  dead: (run) => String(run.net.layers[0].units && Array.from({ length: run.net.layers[0].units }, (_, i) => isDead(run, 0, i)).filter(Boolean).length),
  zeros: (run) => String(run.look().values.filter((v) => v === 0).length),
  slope: (run) => short(meanSlope(run)),
};

/** The mean of |f'| over the points and the first layer's units: what learning is multiplied by. */
function meanSlope(run) {
  run.pass();
  const { f_h } = run.tape.layers[0];
  return f_h.reduce((sum, v) => sum + Math.abs(v), 0) / f_h.length;
}

function fillNumbers(article) {
  for (const place of article.querySelectorAll("[data-number]")) {
    const run = lab.runs[Number(place.dataset.run || 0)];
    if (run) place.textContent = NUMBERS[place.dataset.number](run);
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
  byId("settings").open = window.innerWidth > 900;
  byId("key").append(...NAMES.map((name) => {
    const item = document.createElement("li");
    item.append(swatch(name), GATES[name].name);
    return item;
  }));
  openLink(location.hash);
  showGate();
  drawSwatches();
  if (!location.hash && !still.matches) play(400, 1);
}

start();
