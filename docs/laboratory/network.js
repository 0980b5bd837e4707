/* Layers in a row over one flat vector theta, as minifnn/network.py, layers.py and losses.py.
 *
 * Layer l holds W (fan_in, units), b and, where it is trained, beta, in this order and row-major
 * in theta; a beta that is not trained lies in `fixed`. Points X are rows: x1, x2, x1, x2, ...
 * The output o is a logit, and the loss the mean of log(1 + exp(o)) - y o.
 */
"use strict";

class Network {
  constructor(sizes, gate, trained) {
    this.sizes = sizes;
    this.gate = gate;
    this.trained = trained && gate !== "relu"; // where beta changes nothing, it is not trained
    this.groups = []; // {name, start, stop}: what the parameters are called
    let at = 0;
    const take = (name, size) => {
      this.groups.push({ name, start: at, stop: at + size });
      return (at += size) - size;
    };
    this.layers = sizes.slice(1).map((units, l) => {
      const fanIn = sizes[l], n = l + 1;
      const layer = { fanIn, units, W: take(`W${n}`, fanIn * units), b: take(`b${n}`, units) };
      layer.beta = this.trained ? take(`β${n}`, units) : -1; // its place in theta, or -1
      layer.fixed = new Float64Array(units).fill(1);
      layer.gate = n === sizes.length - 1 ? SCALE : GATES[gate];
      return layer;
    });
    this.P = at;
    this.theta = new Float64Array(at);
    this.gradient = new Float64Array(at);
    this.isWeight = new Float64Array(at); // 1 for a weight, 0 for a bias or a beta
    for (const { W, b } of this.layers) this.isWeight.fill(1, W, b);
  }

  betaOf(layer, i) {
    return layer.beta < 0 ? layer.fixed[i] : this.theta[layer.beta + i];
  }

  setBeta(layer, i, value) {
    if (layer.beta < 0) layer.fixed[i] = value;
    else this.theta[layer.beta + i] = value;
  }

  /** The name of a parameter: "W1[0,3]". */
  label(p) {
    const { name, start } = this.groups.find(({ stop }) => p < stop);
    if (name[0] !== "W") return `${name}[${p - start}]`;
    const { units } = this.layers[Number(name.slice(1)) - 1];
    return `${name}[${Math.floor((p - start) / units)},${(p - start) % units}]`;
  }

  /** What a pass over N points leaves behind, per layer: h, a, the slopes, and so on. */
  tape(N) {
    const names = ["h", "a", "f_h", "f_b", "f_hh", "f_hb", "f_bb", "da", "dh"];
    return { N, layers: this.layers.map(({ units }) => Object.fromEntries(
      names.map((name) => [name, new Float64Array(N * units)]))) };
  }

  /** Fill a tape with what each layer makes of X; return the logits. With slopes, if asked. */
  forward(tape, X, slopes = false) {
    const { theta } = this, d = new Float64Array(6);
    let x = X;
    this.layers.forEach((layer, l) => {
      const { fanIn, units, W, b, gate } = layer, kept = tape.layers[l];
      const beta = Float64Array.from({ length: units }, (_, i) => this.betaOf(layer, i));
      for (let n = 0; n < tape.N; n++) {
        for (let i = 0; i < units; i++) {
          let h = theta[b + i];
          for (let j = 0; j < fanIn; j++) h += x[n * fanIn + j] * theta[W + j * units + i]; // (3.1)
          const at = n * units + i;
          kept.h[at] = h;
          if (!slopes) {
            kept.a[at] = gate.value(h, beta[i]); // (3.2)
            continue;
          }
          gate.derivatives(h, beta[i], d);
          kept.a[at] = d[0];
          kept.f_h[at] = d[1]; kept.f_b[at] = d[2];
          kept.f_hh[at] = d[3]; kept.f_hb[at] = d[4]; kept.f_bb[at] = d[5];
        }
      }
      x = kept.a;
    });
    return x;
  }

  /** The gradient of the loss of points X with classes y, of what `forward` left in a tape. */
  backward(tape, X, y) {
    const { theta, gradient } = this, { N } = tape;
    const top = tape.layers[tape.layers.length - 1];
    for (let n = 0; n < N; n++) {
      top.da[n] = ((1 - y[n]) * sigma(top.a[n]) - y[n] * sigma(-top.a[n])) / N; // (4.2)
    }
    gradient.fill(0);
    for (let l = this.layers.length - 1; l >= 0; l--) {
      const { fanIn, units, W, b, beta } = this.layers[l], kept = tape.layers[l];
      const x = l ? tape.layers[l - 1].a : X, dx = l ? tape.layers[l - 1].da : null;
      for (let n = 0; n < N; n++) {
        for (let i = 0; i < units; i++) {
          const at = n * units + i, dh = kept.da[at] * kept.f_h[at]; // (5.1)
          kept.dh[at] = dh;
          if (beta >= 0) gradient[beta + i] += kept.da[at] * kept.f_b[at]; // (5.2)
          for (let j = 0; j < fanIn; j++) gradient[W + j * units + i] += x[n * fanIn + j] * dh; // (5.3)
          gradient[b + i] += dh; // (5.4)
        }
        for (let j = 0; dx && j < fanIn; j++) {
          let sum = 0;
          for (let i = 0; i < units; i++) sum += kept.dh[n * units + i] * theta[W + j * units + i];
          dx[n * fanIn + j] = sum; // (5.5)
        }
      }
    }
    return gradient;
  }

  /** Add the gradient of (l2/2)|W|^2, over weights only. */
  addDecay(l2) {
    this.isWeight.forEach((is, p) => { this.gradient[p] += is * l2 * this.theta[p]; });
  }

  /** (l2/2)|W|^2. */
  penalty(l2) {
    return (l2 / 2) * this.isWeight.reduce((sum, is, p) => sum + is * this.theta[p] ** 2, 0);
  }

  /** Multiply what enters each hidden unit by c and undo it after: the outputs stay. */
  rescale(c) {
    this.layers.slice(0, -1).forEach((layer, l) => {
      const { theta } = this, above = this.layers[l + 1];
      const undoneAbove = this.gate === "esp" || this.gate === "relu"; // f(c h, beta/c) = c f(h, beta)
      for (let i = 0; i < layer.units; i++) {
        for (let j = 0; j < layer.fanIn; j++) theta[layer.W + j * layer.units + i] *= c;
        theta[layer.b + i] *= c;
        if (this.gate !== "relu") this.setBeta(layer, i, this.betaOf(layer, i) / c);
        for (let k = 0; undoneAbove && k < above.units; k++) theta[above.W + i * above.units + k] /= c;
      }
    });
  }

  /** All that makes it what it is; `become` takes it back. */
  state() {
    return { theta: this.theta.slice(), fixed: this.layers.map(({ fixed }) => fixed.slice()) };
  }

  become({ theta, fixed }) {
    this.theta.set(theta);
    this.layers.forEach((layer, l) => layer.fixed.set(fixed[l]));
  }
}

/** log(1 + exp(o)), with only exp(-|o|) ever taken. */
function softplus(o) {
  return Math.max(o, 0) + Math.log1p(Math.exp(-Math.abs(o)));
}

/** The mean loss of logits. */
function lossOf(o, y, N) {
  let sum = 0;
  for (let n = 0; n < N; n++) sum += y[n] ? softplus(-o[n]) : softplus(o[n]); // (4.1)
  return sum / N;
}

/** The fraction of points on the right side of one half. */
function scoreOf(o, y, N) {
  let right = 0;
  for (let n = 0; n < N; n++) right += (o[n] > 0) === (y[n] > 0.5) ? 1 : 0;
  return right / N;
}
