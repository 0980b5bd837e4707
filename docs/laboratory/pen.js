/* The pen: numbers as text, charts and maps on canvases, all colours from the style sheet. */
"use strict";

const byId = (id) => document.getElementById(id);
const MINUS = "\u2212";

/** A number to so many digits after the point, with a true minus sign. */
function fixed(value, digits) {
  const text = Number.isFinite(value) ? value.toFixed(digits) : "–";
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", MINUS);
}

/** A number to three significant digits, without powers of ten from a thousandth to a million. */
function short(value) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -3 && exponent < 6) return fixed(value, Math.min(4, Math.max(0, 2 - exponent)));
  return exponent < -99 ? "0" : `${fixed(value / 10 ** exponent, 1)}·10${raised(exponent)}`;
}

/** A whole number as an exponent. */
function raised(exponent) {
  return [...String(exponent)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");
}

/** A signed power of ten, or zero. */
function power(value) {
  if (value === 0) return "0";
  const exponent = Math.round(Math.log10(Math.abs(value)));
  if (Math.abs(exponent) < 3) return String(Number(value.toPrecision(1))).replace("-", MINUS);
  return `${value < 0 ? MINUS : ""}10${raised(exponent)}`;
}

/** An interval, or one number where its ends agree. */
function interval([low, high]) {
  return low === high ? fixed(low, 2) : `${fixed(low, 2)} to ${fixed(high, 2)}`;
}

const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Numbers from one to another, evenly spaced. */
function linspace(from, to, n) {
  return Array.from({ length: n }, (_, k) => from + ((to - from) * k) / Math.max(1, n - 1));
}

// ------------------------------------------------------------- colours and canvases

let palette = {};

/** Read the colours of the style sheet, which differ by day and by night. */
function readColours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["page", "panel", "ink", "quiet", "rule", "grid", "accent", "class0", "class1",
    "class0-point", "class1-point"];
  palette = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  palette.sans = style.getPropertyValue("--sans").trim();
}

/** Red, green and blue of #rrggbb. */
const rgb = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

/** A clean context of a canvas, as many pixels as the screen shows; 1 is a CSS pixel. */
function paper(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  const pen = canvas.getContext("2d");
  const [w, h] = [width, height].map((v) => Math.round(v * ratio));
  if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = `12px ${palette.sans}`;
  return { pen, width, height };
}

// ------------------------------------------------------------- charts

/** Lay axes: x and y are {range, ticks, scale, show}; the scale is applied before laying out. */
function axes(canvas, { x, y, left = 38, right = 12, top = 10, label = "" }) {
  const { pen, width, height } = paper(canvas);
  const plot = { pen, left, right: width - right, top, bottom: height - (label ? 34 : 20) };
  plot.x = scaled(x, plot.left, plot.right);
  plot.y = scaled(y, plot.bottom, plot.top);
  for (const tick of y.ticks) {
    stroke(plot, [[plot.left, plot.y(tick)], [plot.right, plot.y(tick)]], { colour: "grid", width: 1 });
    write(plot, (y.show || power)(tick), left - 6, plot.y(tick), { align: "right" });
  }
  for (const tick of x.ticks) {
    const at = plot.x(tick);
    stroke(plot, [[at, plot.top], [at, plot.bottom]], { colour: "grid", width: 1 });
    write(plot, (x.show || power)(tick), at, plot.bottom + 11, { align: "center" });
  }
  write(plot, label, (plot.left + plot.right) / 2, height - 7, { align: "center" });
  return plot;
}

/** From data to pixels, and back for a straight scale. */
function scaled({ range, scale = (v) => v }, from, to) {
  const [low, high] = range.map(scale);
  const place = (value) => from + ((scale(value) - low) / (high - low)) * (to - from);
  place.back = (pixel) => low + ((pixel - from) / (to - from)) * (high - low);
  return place;
}

const ink = (colour) => palette[colour] || colour;

/** A line through pixels. */
function stroke({ pen }, points, { colour = "ink", width = 2, dash = [], alpha = 1 } = {}) {
  pen.beginPath();
  points.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  Object.assign(pen, { strokeStyle: ink(colour), lineWidth: width, globalAlpha: alpha, lineJoin: "round" });
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

/** A line through data, kept inside the frame. */
function curve(plot, points, look) {
  const hold = (y) => Math.min(plot.bottom + 99, Math.max(plot.top - 99, y));
  inside(plot, () => stroke(plot, points.filter(([, y]) => Number.isFinite(y))
    .map(([x, y]) => [plot.x(x), hold(plot.y(y))]), look));
}

/** Draw only inside the frame. */
function inside({ pen, left, right, top, bottom }, draw) {
  pen.save();
  pen.beginPath();
  pen.rect(left, top - 3, right - left, bottom - top + 6);
  pen.clip();
  draw();
  pen.restore();
}

function fill({ pen }, x, y, width, height, colour, alpha = 1) {
  Object.assign(pen, { fillStyle: ink(colour), globalAlpha: alpha });
  pen.fillRect(x, y, width, height);
  pen.globalAlpha = 1;
}

function write({ pen }, text, x, y, { align = "left", colour = "quiet" } = {}) {
  Object.assign(pen, { textAlign: align, textBaseline: "middle", fillStyle: ink(colour) });
  pen.fillText(text, x, y);
}

/** The marker of an activation, as in every figure: circle, square, triangle, diamond. */
function marker({ pen }, kind, x, y, size, colour, ring = "panel") {
  pen.beginPath();
  corners(pen, kind, x, y, size);
  Object.assign(pen, { fillStyle: ink(colour), strokeStyle: ink(ring), lineWidth: 1.5 });
  pen.fill();
  if (ring) pen.stroke();
}

const CORNERS = {
  s: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  "^": [[0, -1.25], [1.2, 0.95], [-1.2, 0.95]],
  D: [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
};

function corners(pen, kind, x, y, size) {
  if (!CORNERS[kind]) {
    pen.moveTo(x + 1.1 * size, y);
    pen.arc(x, y, 1.1 * size, 0, 2 * Math.PI);
    return;
  }
  CORNERS[kind].forEach(([i, j], k) => pen[k ? "lineTo" : "moveTo"](x + size * i, y + size * j));
  pen.closePath();
}

/** Names at the right ends of curves, [{y, text, colour}], as far apart as reading needs. */
function nameEnds(plot, ends) {
  const order = [...ends].sort((a, b) => a.y - b.y);
  order.forEach((end, k) => {
    end.at = Math.max(plot.top, end.y);
    if (k) end.at = Math.max(end.at, order[k - 1].at + 14);
  });
  let ceiling = plot.bottom - 6; // above the ticks
  for (const end of order.reverse()) {
    end.at = Math.min(end.at, ceiling);
    ceiling = end.at - 14;
    write(plot, end.text, plot.right + 5, end.at, { colour: end.colour || "ink" });
  }
}

/** A piece of an activation's line with its marker. */
function swatch(gate) {
  const canvas = document.createElement("canvas");
  canvas.className = "swatch";
  canvas.dataset.gate = gate;
  canvas.setAttribute("aria-hidden", "true");
  return canvas;
}

function drawSwatches() {
  for (const canvas of document.querySelectorAll(".swatch")) {
    const { colour, dash, marker: kind } = GATES[canvas.dataset.gate];
    const { pen, width, height } = paper(canvas);
    stroke({ pen }, [[1, height / 2], [width - 1, height / 2]], { colour, dash });
    marker({ pen }, kind, width / 2, height / 2, 4, colour);
  }
}

/** Round numbers between 0 and `to`, about `n` of them. */
function roundTicks(to, n) {
  const rough = to / n, unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * [1, 2, 5, 10].find((k) => k * unit >= rough);
  return Array.from({ length: Math.floor(to / step) + 1 }, (_, k) => k * step);
}

/** A logarithmic axis: at most six powers of ten, or between few of them twos and fives as well. */
function logAxis(low, high) {
  const [from, to] = [low, high].map((v) => Math.floor(Math.log10(v))), every = Math.ceil((to - from + 1) / 6);
  const powers = linspace(from, to, to - from + 1).filter((k) => k % every === 0).map((k) => 10 ** k);
  const ticks = high > 120 * low ? powers : powers.flatMap((v) => [v, 2 * v, 5 * v]);
  return { range: [low, high], scale: (v) => Math.log10(Math.max(v, 1e-12)),
    ticks: ticks.filter((v) => v >= low && v <= high) };
}

// ------------------------------------------------------------- pictures of numbers

const scratch = document.createElement("canvas");

/** Paint n by m numbers as an image, one pixel each, `of(value, data, at)` writes its colour (see `mix`). */
function paint(pen, values, columns, rows, [x, y, width, height], of, smooth) {
  Object.assign(scratch, { width: columns, height: rows });
  const small = scratch.getContext("2d", { willReadFrequently: true });
  const image = small.createImageData(columns, rows);
  for (let k = 0; k < columns * rows; k++) {
    of(values[k], image.data, 4 * k);
    image.data[4 * k + 3] = 255;
  }
  small.putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = smooth;
  // a value is the centre of its pixel: where they are blended, half a pixel is cut off all round
  const cut = smooth ? 0.5 : 0;
  pen.drawImage(scratch, cut, cut, columns - 2 * cut, rows - 2 * cut, x, y, width, height);
}

/** Write at data[at] a colour between two: strength 0 is `from`, 1 is `towards`. */
function mix(data, at, from, towards, strength) {
  for (let c = 0; c < 3; c++) data[at + c] = from[c] + strength * (towards[c] - from[c]);
}

/** The line on which n by n values are 0, as pieces in grid units (marching squares). */
function zeroLine(values, n) {
  const pieces = [];
  for (let row = 0; row + 1 < n; row++) {
    for (let column = 0; column + 1 < n; column++) {
      const at = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => [column + i, row + j]);
      const value = at.map(([i, j]) => values[j * n + i]);
      const ends = at.flatMap((a, k) => {
        const m = (k + 1) % 4, b = at[m];
        if (value[k] > 0 === value[m] > 0) return [];
        const t = value[k] / (value[k] - value[m]); // nearly straight along a side
        return [[a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]];
      });
      for (let k = 0; k + 1 < ends.length; k += 2) pieces.push([ends[k], ends[k + 1]]);
    }
  }
  return pieces;
}

// ------------------------------------------------------------- hands

/** Call move(x, y, isFirst) while a finger or a mouse drags over an element. */
function drag(element, move) {
  element.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    element.setPointerCapture(event.pointerId);
    move(event.offsetX, event.offsetY, true);
  });
  element.addEventListener("pointermove", (event) => {
    if (element.hasPointerCapture(event.pointerId)) move(event.offsetX, event.offsetY, false);
  });
}

/** Move by the arrow keys: move(dx, dy), x to the right and y upwards. */
function arrows(element, move) {
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  element.addEventListener("keydown", (event) => {
    if (!steps[event.key]) return;
    event.preventDefault();
    move(...steps[event.key].map((v) => v * (event.shiftKey ? 5 : 1)));
  });
}
