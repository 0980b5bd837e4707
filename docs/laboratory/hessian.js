/* The exact Hessian of the loss: its blocks are those of minifnn/hessian.py.
 *
 * The loss sees a parameter through one number: the field h of its unit, or the unit's beta. These
 * numbers are called channels here, and M holds the second derivatives of one sample's loss with
 * respect to them. A parameter p of the channel c has dc/dp = x_p: an input for a weight, 1 for a
 * bias or a beta. So H is the sum over samples of x_p M[c, c'] x_p', and for a weight of an upper
 * layer, whose input depends on the channels below, delta J x_p' as well.
 */
"use strict";

/** H (P, P) row by row, of what `forward` with slopes and `backward` left in a tape. */
function hessian(net, tape, X, l2 = 0) {
  const { P, layers } = net, { N } = tape, H = new Float64Array(P * P);
  const map = channels(net), { C, of, layerOf, unitOf, rowOf } = map;
  const M = new Float64Array(C * C), x = new Float64Array(P), Mx = new Float64Array(C * P);
  const J = layers.map(({ units }) => new Float64Array(units * C)); // da/dc of each layer
  for (let n = 0; n < N; n++) {
    betweenChannels(net, tape, n, map, J, M);
    for (let p = 0; p < P; p++) {
      const l = layerOf[p], j = rowOf[p], { fanIn } = layers[l];
      x[p] = j < 0 ? 1 : l ? tape.layers[l - 1].a[n * fanIn + j] : X[n * fanIn + j];
    }
    for (let c = 0; c < C; c++) { // M's columns, each times what its parameters have for x
      for (let q = 0; q < P; q++) Mx[c * P + q] = M[c * C + of[q]] * x[q];
    }
    for (let p = 0; p < P; p++) {
      const at = p * P, row = of[p] * P, own = x[p], l = layerOf[p], j = rowOf[p];
      for (let q = 0; q <= p; q++) H[at + q] += own * Mx[row + q]; // (10.11) (10.12)
      if (j < 0 || l === 0) continue;
      const { W, units } = layers[l], below = J[l - 1], delta = tape.layers[l].dh[n * units + unitOf[p]];
      for (let q = 0; q < W; q++) H[at + q] += delta * below[j * C + of[q]] * x[q]; // (10.12)
    }
  }
  net.isWeight.forEach((is, p) => { H[p * P + p] += is * l2; });
  for (let p = 0; p < P; p++) for (let q = 0; q < p; q++) H[q * P + p] = H[p * P + q];
  return H;
}

/** The channel, layer, unit and, for a weight, input of each parameter; the first channels of each layer. */
function channels(net) {
  const [of, layerOf, unitOf, rowOf] = Array.from({ length: 4 }, () => new Int32Array(net.P));
  const first = [], beta = []; // a layer's first field, and its first beta or -1
  let C = 0, p = 0;
  net.layers.forEach((layer, l) => {
    const { fanIn, units } = layer, hasBeta = layer.beta >= 0;
    first.push(C);
    beta.push(hasBeta ? C + units : -1);
    for (let k = 0; k < (fanIn + 1 + hasBeta) * units; k++, p++) { // W row by row, b, beta
      const row = Math.floor(k / units), i = k % units;
      of[p] = C + i + (row > fanIn ? units : 0);
      layerOf[p] = l;
      unitOf[p] = i;
      rowOf[p] = row < fanIn ? row : -1;
    }
    C += units * (1 + hasBeta);
  });
  return { C, of, layerOf, unitOf, rowOf, first, beta };
}

/** M and each layer's J for sample n: the chain rule, twice, from the first layer to the loss. */
function betweenChannels(net, tape, n, { C, first, beta }, J, M) {
  const R = new Float64Array(C), top = net.layers.length - 1; // R: dh/dc of one unit
  M.fill(0);
  net.layers.forEach(({ units, fanIn, W }, l) => {
    const { f_h, f_b, f_hh, f_hb, f_bb, da } = tape.layers[l];
    for (let i = 0; i < units; i++) {
      const at = n * units + i, noise = beta[l] < 0 ? -1 : beta[l] + i;
      R.fill(0);
      R[first[l] + i] = 1;
      for (let j = 0; l && j < fanIn; j++) {
        const w = net.theta[W + j * units + i];
        for (let c = 0; c < first[l]; c++) R[c] += w * J[l - 1][j * C + c]; // (10.13)
      }
      const slope = f_h[at], h2 = da[at] * f_hh[at], hb = da[at] * f_hb[at], row = i * C;
      for (let c = 0; c < C; c++) {
        J[l][row + c] = slope * R[c];
        const field = h2 * R[c] + (c === noise ? hb : 0); // (10.7) (10.8)
        for (let k = 0; field && k < C; k++) M[c * C + k] += field * R[k];
        if (noise >= 0) M[c * C + noise] += hb * R[c]; // (10.8)
      }
      if (noise < 0) continue;
      J[l][row + noise] = f_b[at];
      M[noise * C + noise] += da[at] * f_bb[at]; // (10.9)
    }
  });
  const w = cumulants(tape.layers[top].a[n]).w / tape.N; // (4.3)
  for (let c = 0; c < C; c++) for (let k = 0; k < C; k++) M[c * C + k] += w * J[top][c] * J[top][k]; // (10.10)
}
