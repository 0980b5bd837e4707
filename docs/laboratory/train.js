/* From gradient to step, as minifnn/optimise.py, and a run: data, network, steps, what was seen. */
"use strict";

/** Numbers from 0 to 1 from a seed (mulberry32); `normal` by Box and Muller. */
class Random {
  constructor(seed, stream = 0) {
    this.state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b)) >>> 0;
    for (let k = 0; k < 4; k++) this.uniform();
  }

  uniform() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  normal() {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  shuffled(n) {
    const order = Array.from({ length: n }, (_, k) => k);
    for (let k = n - 1; k > 0; k--) {
      const other = Math.floor(this.uniform() * (k + 1));
      [order[k], order[other]] = [order[other], order[k]];
    }
    return order;
  }
}

/* How the weights of a layer are drawn; biases start at 0. */
const STARTS = {
  xavier(rng, fanIn, units) {
    const limit = Math.sqrt(6 / (fanIn + units)); // (3.4)
    return Float64Array.from({ length: fanIn * units }, () => limit * (2 * rng.uniform() - 1));
  },
  he(rng, fanIn, units) {
    return Float64Array.from({ length: fanIn * units }, () => Math.sqrt(2 / fanIn) * rng.normal()); // (3.5)
  },
  conserving(rng, fanIn, units) { // flat Dirichlet: shares of one, from exponential numbers
    const W = Float64Array.from({ length: fanIn * units }, () => -Math.log(1 - rng.uniform()));
    for (let j = 0; j < fanIn; j++) {
      const row = W.subarray(j * units, (j + 1) * units), sum = row.reduce((a, b) => a + b);
      row.forEach((w, i) => { row[i] = w / sum; }); // (3.3)
    }
    return W;
  },
};

/** A network with fresh weights: the same for each activation, from the same seed. */
function freshNetwork({ sizes, gate, trained, init, beta, seed }) {
  const net = new Network(sizes, gate, trained), rng = new Random(seed, 1);
  net.layers.forEach((layer, l) => {
    net.theta.set(STARTS[init](rng, layer.fanIn, layer.units), layer.W);
    const start = l + 1 < net.layers.length ? beta : 1;
    for (let i = 0; i < layer.units; i++) net.setBeta(layer, i, start);
  });
  return net;
}

/** Gradient descent, momentum or Adam: `step` changes theta in place. */
class Optimizer {
  constructor(kind, rate, decay, P) {
    Object.assign(this, { kind, rate, decay, t: 0 });
    this.m = new Float64Array(P);
    this.v = new Float64Array(P);
  }

  /** The rate at this step: `decay` is the factor per thousand steps. */
  rateNow() {
    return this.rate * this.decay ** (this.t / 1000); // (7.6)
  }

  step(theta, g) {
    const { kind, m, v } = this, rate = this.rateNow(), k = ++this.t;
    const adam = (rate * Math.sqrt(1 - 0.999 ** k)) / (1 - 0.9 ** k);
    for (let p = 0; p < theta.length; p++) {
      if (kind === "gd") {
        theta[p] -= rate * g[p]; // (7.1)
      } else if (kind === "momentum") {
        m[p] = 0.9 * m[p] - rate * g[p]; // (7.2): the velocity
        theta[p] += m[p];
      } else {
        m[p] += (1 - 0.9) * (g[p] - m[p]); // (7.3)
        v[p] += (1 - 0.999) * (g[p] * g[p] - v[p]); // (7.4)
        theta[p] -= (adam * m[p]) / (Math.sqrt(v[p]) + 1e-8); // (7.5)
      }
    }
  }

  /** The curvature at which a step along an eigenvector no longer comes nearer to its middle. */
  edge() {
    return { gd: 2, momentum: 2 + 2 * 0.9, adam: (2 + 2 * 0.9) / (1 - 0.9) }[this.kind] / this.rateNow();
  }

  /** For Adam the roots of D, which scale H to D^-1/2 H D^-1/2; else nothing. */
  scaling() {
    if (this.kind !== "adam" || this.t === 0) return null;
    const correction = 1 - 0.999 ** this.t;
    return this.v.map((v) => Math.sqrt(Math.sqrt(v / correction) + 1e-8));
  }

  state() {
    return { t: this.t, m: this.m.slice(), v: this.v.slice() };
  }

  become({ t, m, v }) {
    this.t = t;
    this.m.set(m);
    this.v.set(v);
  }
}

const KEPT = 100; // every so many steps a state is kept, to go back to

/** One network being trained, and what has been seen of it. */
class Run {
  constructor(settings, data) {
    this.settings = settings;
    this.net = freshNetwork(settings);
    this.from({ t: 0, ...this.net.state() });
    this.first = this.net.theta.slice(); // whether a hand has moved it since
    this.take(data);
  }

  /** Learn from these points from now on. */
  take(data) {
    this.data = data;
    this.tape = this.net.tape(data.N);
    this.batchTape = this.net.tape(Math.min(this.settings.batch || data.N, data.N));
    this.testTape = this.net.tape(data.test.N);
    this.measuresAll = this.batchTape.N === data.N; // the next step needs the same forward pass
    this.spareTape = this.net.tape(data.N); // for what is not the network's own theta
    this.fresh = false;
    this.measure();
  }

  /** Begin from this state: the optimizer remembers nothing of what was before. */
  from(state) {
    const { opt, rate, decay, seed } = this.settings;
    this.origin = state;
    this.net.become(state);
    this.fresh = false;
    this.t = state.t;
    this.optimizer = new Optimizer(opt, rate, decay, this.net.P);
    this.rng = new Random(seed, 2);
    this.order = [];
    this.seen = (this.seen || []).filter(({ t }) => t < this.t); // losses, one entry per step
    this.curvatures = (this.curvatures || []).filter(({ t }) => t < this.t);
    this.kept = new Map([...(this.kept || [])].filter(([t]) => t < this.t));
    this.keep();
    if (this.data) this.measure();
  }

  keep() {
    this.kept.set(this.t, { net: this.net.state(), optimizer: this.optimizer.state(),
      order: this.order.slice(), random: this.rng.state });
  }

  /** Forward through all training points, unless that is what the tape holds. */
  pass() {
    if (!this.fresh) this.outputs = this.net.forward(this.tape, this.data.X, true);
    this.fresh = true;
    return this.outputs;
  }

  /** The loss and the share of right answers, of training and of test, at this step. */
  measure() {
    const { net, data, testTape } = this;
    const o = this.pass(), p = net.forward(testTape, data.test.X);
    this.now = {
      t: this.t, loss: lossOf(o, data.y, data.N), test: lossOf(p, data.test.y, data.test.N),
      score: scoreOf(o, data.y, data.N),
    };
    while (this.seen.length && this.seen.at(-1).t >= this.t) this.seen.pop();
    this.seen.push(this.now);
    this.curvature = null;
  }

  /** One step on the next batch. */
  step(measured = true) {
    const { net, data, settings } = this, size = settings.batch || data.N;
    if (!data.N) return;
    if (size >= data.N) {
      this.pass();
      net.backward(this.tape, data.X, data.y);
    } else {
      if (!this.order.length) this.order = this.rng.shuffled(data.N);
      const rows = this.order.splice(0, size);
      this.batchTape.N = rows.length; // the last batch may be smaller
      const X = Float64Array.from(rows.flatMap((n) => [data.X[2 * n], data.X[2 * n + 1]]));
      net.forward(this.batchTape, X, true);
      net.backward(this.batchTape, X, rows.map((n) => data.y[n]));
    }
    if (settings.l2) net.addDecay(settings.l2);
    this.optimizer.step(net.theta, net.gradient);
    this.t++;
    this.fresh = false;
    if (this.t % KEPT === 0) this.keep();
    if (measured) this.measure();
  }

  /** Go to a step: forward, or back to the kept state before it and forward from there.
   * What came before a change by hand was made by other settings: there, only kept states are gone to. */
  goTo(t) {
    if (t < this.t) {
      const start = Math.max(...[...this.kept.keys()].filter((k) => k <= t));
      const { net, optimizer, order, random } = this.kept.get(start);
      if (start < this.origin.t) return this.from({ t: start, ...net });
      this.net.become(net);
      this.fresh = false;
      this.optimizer.become(optimizer);
      this.order = order.slice();
      this.rng.state = random;
      this.t = start;
      this.curvatures = this.curvatures.filter((one) => one.t <= t);
      this.measure();
    }
    while (this.t < t && this.data.N) this.step(this.t + 1 === t || this.measuresAll);
  }

  /** The Hessian of the loss on all training points, its eigenvalues and what follows of them. */
  look() {
    if (this.curvature || !this.data.N) return this.curvature;
    const { net, data, tape, settings, optimizer } = this, { P } = net;
    this.pass();
    net.backward(tape, data.X, data.y);
    const H = hessian(net, tape, data.X, settings.l2);
    if (settings.l2) net.addDecay(settings.l2);
    if (!H.every(Number.isFinite)) return null;
    const { values, vectors } = eigen(H, P), found = spectrum(values);
    const D = optimizer.scaling();
    const scaled = D && eigen(H.map((v, k) => v / (D[Math.floor(k / P)] * D[k % P])), P, false).values[P - 1];
    this.curvature = { H, values, vectors, gradient: net.gradient.slice(), ...found };
    this.curvatures = this.curvatures.filter(({ t }) => t < this.t);
    this.curvatures.push({ t: this.t, steep: scaled ?? found.sharpness, edge: optimizer.edge() });
    return this.curvature;
  }

  /** The loss, decay included, at theta + s v for each s. */
  lossAlong(v, steps) {
    const { net, data, spareTape, settings } = this, theta = net.theta.slice();
    const losses = steps.map((s) => {
      for (let p = 0; p < theta.length; p++) net.theta[p] = theta[p] + s * v[p];
      return lossOf(net.forward(spareTape, data.X), data.y, data.N) + net.penalty(settings.l2);
    });
    net.theta.set(theta);
    return losses;
  }
}
