/* Points to learn from: the shapes of minifnn/datasets.py, in the square from -2 to 2. */
"use strict";

const EDGE = 2.2; // half the width of the plane that is drawn

/** A point of a class; `at` and `width` are those of datasets.py, mapped into the square. */
const SHAPES = {
  linear(rng, y) { // two blobs, longer along the line than across it
    const along = 0.7 * rng.normal(), across = 0.32 * rng.normal();
    const x1 = (y ? 3.0 : 1.8) + 0.9 * along + 0.45 * across;
    const x2 = (y ? 3.8 : 2.6) - 0.45 * along + 0.9 * across;
    return [x1 - 2.4, x2 - 3.2];
  },
  nonlinear(rng, y) { // an arch with two lobes against what is around it
    for (;;) {
      const [x1, x2] = [0.04 + 0.96 * rng.uniform(), 0.4 + 0.6 * rng.uniform()];
      if (inArch(x1, x2) === (y === 0)) return [(x1 - 0.52) * 4, (x2 - 0.7) * 6];
    }
  },
  moons(rng, y) { // two half circles
    const angle = Math.PI * rng.uniform();
    const [x1, x2] = [y + Math.cos(angle), 0.5 * y + (1 - 2 * y) * Math.sin(angle)];
    return [1.2 * (x1 - 0.5), 1.2 * (x2 - 0.25)];
  },
  spirals(rng, y) { // two arms, as dense outside as inside
    const radius = Math.sqrt(0.01 + 0.99 * rng.uniform()), angle = 3 * Math.PI * radius + Math.PI * y;
    return [1.9 * radius * Math.cos(angle), 1.9 * radius * Math.sin(angle)];
  },
};

function inArch(x, y) {
  const bump = (centre, width) => Math.exp(-0.5 * ((x - centre) / width) ** 2);
  const rise = (centre, width) => 1 / (1 + Math.exp(-(x - centre) / width));
  const roof = 0.7 + 0.17 * bump(0.31, 0.07) + 0.17 * bump(0.64, 0.08);
  const wall = 0.3 * rise(0.2, -0.008) + 0.3 * rise(0.29, -0.025);
  const ground = 0.34 + wall + 0.28 * bump(0.6, 0.085) + 0.28 * rise(0.88, 0.015);
  return (ground < y && y < roof) || y < 0.3 + 0.18 * bump(0.66, 0.08);
}

/** Rows [x1, x2, class, is it for testing]. Own points: every so many of them is. */
function makePoints({ data, n, noise, test, dataSeed, own }) {
  if (data === "own") return own.map(([x1, x2, y], k) => [x1, x2, y, ((k + 1) * 0.618034) % 1 < test ? 1 : 0]);
  const rng = new Random(dataSeed, 3), points = [], nTest = Math.round(test * n);
  for (let k = 0; k < n; k++) {
    const [x1, x2] = SHAPES[data](rng, k % 2);
    points.push([x1 + noise * rng.normal(), x2 + noise * rng.normal(), k % 2, 0]);
  }
  for (const k of rng.shuffled(n).slice(0, nTest)) points[k][3] = 1;
  return points;
}

/** The same as arrays: X, y and N to learn from, and a `test` like it. */
function asData(points) {
  const part = (which) => {
    const rows = points.filter((point) => point[3] === which);
    return { N: rows.length, X: Float64Array.from(rows.flatMap(([x1, x2]) => [x1, x2])),
      y: Float64Array.from(rows, (point) => point[2]) };
  };
  return { ...part(0), test: part(1) };
}
