/* Activation functions f(h, beta) and their derivatives, as minifnn/activations.py has them.
 *
 * A unit has a pre-activation h (its field) and an inverse noise beta; u = beta h, s = sigma(u),
 * w = s(1 - s). Only exp(-|u|) is computed, which cannot overflow. Numbers such as (2.1) are those
 * of docs/equations.md.
 */
"use strict";

/** How probably a gate is open. */
function sigma(u) {
  const e = Math.exp(-Math.abs(u));
  return (u >= 0 ? 1 : e) / (1 + e); // (1.5)
}

/** Entropy in nats of a gate with the states 0 and 1; of one with -1 and 1, it is that of 2 u. */
function entropy(u) {
  const m = Math.abs(u), e = Math.exp(-m);
  return Math.log1p(e) + (m * e) / (1 + e); // (2.10)
}

/** s, w and w(1 - 2s), the first three cumulants of the gate, for one exponential. */
const CUMULANTS = { s: 0, w: 0, third: 0 };
function cumulants(u) {
  const e = Math.exp(-Math.abs(u)), open = 1 / (1 + e), shut = e * open;
  CUMULANTS.s = u < 0 ? shut : open; // (1.5)
  CUMULANTS.w = open * shut; // (2.2)
  CUMULANTS.third = u < 0 ? CUMULANTS.w * (open - shut) : CUMULANTS.w * (shut - open);
  return CUMULANTS;
}

/* Each gate: how it looks in every figure (minifnn/plots/style.py), its value, and
 * derivatives(h, beta, d), which writes f, f_h, f_beta, f_hh, f_hbeta, f_betabeta into d. */
const GATES = {
  esp: {
    name: "ESP", colour: "#D55E00", dash: [], marker: "o",
    value: (h, beta) => h * sigma(beta * h), // (2.1)
    derivatives(h, beta, d) {
      const u = beta * h, { s, w, third } = cumulants(u), turn = 2 * w + u * third;
      d[0] = h * s;
      d[1] = s + u * w; d[2] = w * h * h; // (2.6)
      d[3] = turn * beta; d[4] = turn * h; d[5] = third * h * h * h; // (2.8)
    },
  },
  relu: {
    name: "ReLU", colour: "#0072B2", dash: [7, 4], marker: "s",
    value: (h) => (h > 0 ? h : 0), // (2.9)
    derivatives(h, beta, d) {
      d[0] = h > 0 ? h : 0;
      d[1] = h > 0 ? 1 : 0; // 0 at the kink h = 0, by convention
      d[2] = d[3] = d[4] = d[5] = 0;
    },
  },
  sigmoid: {
    name: "sigmoid", colour: "#009E73", dash: [9, 3, 2, 3], marker: "^",
    value: (h, beta) => sigma(beta * h), // (1.5)
    derivatives(h, beta, d) {
      const u = beta * h, { s, w, third } = cumulants(u);
      d[0] = s;
      d[1] = w * beta; d[2] = w * h; // (2.3)
      d[3] = third * beta * beta; d[4] = w + u * third; d[5] = third * h * h; // (2.5)
    },
  },
  tanh: {
    name: "tanh", colour: "#CC79A7", dash: [2, 3], marker: "D",
    value: (h, beta) => Math.tanh(beta * h), // (1.4)
    derivatives(h, beta, d) { // the sigmoid at doubled u: 2 sigma(2u) - 1
      const u = 2 * beta * h, { s, w, third } = cumulants(u);
      d[0] = 2 * s - 1; // (2.4)
      d[1] = 4 * w * beta; d[2] = 4 * w * h;
      d[3] = 8 * third * beta * beta; d[4] = 4 * (w + u * third); d[5] = 8 * third * h * h;
    },
  },
};

/** The last layer's gate, o = beta h: the logit. */
const SCALE = {
  value: (h, beta) => beta * h,
  derivatives(h, beta, d) {
    d[0] = beta * h;
    d[1] = beta; d[2] = h;
    d[3] = d[5] = 0; d[4] = 1;
  },
};
