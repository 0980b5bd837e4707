/* The exact Hessian of the loss, by blocks, as minifnn/hessian.py has it.
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
  const space = layers.map(({ units, fanIn }) => {
    const [S, T, G] = [1, 2, 3].map(() => new Float64Array(units * units));
    const [J, Pi, row] = [fanIn * C, units * C, units].map((size) => new Float64Array(size));
    return { S, T, G, J, Pi, row };
  });
  for (let n = 0; n < N; n++) {
    withinLayers(net, tape, n, map, space, M);
    betweenLayers(net, tape, n, map, space, M);
    for (let p = 0; p < P; p++) {
      const l = layerOf[p], j = rowOf[p], { fanIn } = layers[l];
      x[p] = j < 0 ? 1 : l ? tape.layers[l - 1].a[n * fanIn + j] : X[n * fanIn + j];
    }
    for (let c = 0; c < C; c++) { // M's columns, each times what its parameters have for x
      for (let q = 0; q < map.stop[c]; q++) Mx[c * P + q] = M[c * C + of[q]] * x[q];
    }
    for (let p = 0; p < P; p++) {
      const at = p * P, row = of[p] * P, own = x[p], l = layerOf[p], j = rowOf[p];
      for (let q = 0; q <= p; q++) H[at + q] += own * Mx[row + q]; // (10.11) (10.12)
      if (j < 0 || l === 0) continue;
      const { W, units } = layers[l], { J } = space[l], delta = tape.layers[l].dh[n * units + unitOf[p]];
      for (let q = 0; q < W; q++) H[at + q] += delta * J[j * C + of[q]] * x[q]; // (10.12)
    }
  }
  net.isWeight.forEach((is, p) => { H[p * P + p] += is * l2; });
  for (let p = 0; p < P; p++) for (let q = 0; q < p; q++) H[q * P + p] = H[p * P + q];
  return H;
}

/** The channel, layer, unit and, for a weight, input of each parameter. */
function channels(net) {
  const [of, layerOf, unitOf, rowOf] = Array.from({ length: 4 }, () => new Int32Array(net.P));
  const first = [], beta = []; // each layer's first channel, and the first of a beta
  const stop = []; // of each channel, where the parameters of its layer end
  let C = 0;
  net.layers.forEach((layer, l) => {
    first.push(C);
    beta.push(layer.beta < 0 ? -1 : C + layer.units);
    const fill = (start, rows, channel, isWeight) => {
      for (let k = 0; k < rows * layer.units; k++) {
        const i = k % layer.units;
        of[start + k] = channel + i;
        layerOf[start + k] = l;
        unitOf[start + k] = i;
        rowOf[start + k] = isWeight ? Math.floor(k / layer.units) : -1;
      }
    };
    fill(layer.W, layer.fanIn, C, true);
    fill(layer.b, 1, C, false);
    if (layer.beta >= 0) fill(layer.beta, 1, C + layer.units, false);
    const size = layer.units * (layer.beta < 0 ? 1 : 2);
    for (let c = 0; c < size; c++) stop.push(layer.W + (layer.fanIn + 1) * layer.units + size - layer.units);
    C += size;
  });
  return { C, of, layerOf, unitOf, rowOf, first, beta, stop };
}

/** S, T and B of each layer, from the loss down, for sample n; they are blocks of M. */
function withinLayers(net, tape, n, { C, first, beta }, space, M) {
  const { theta, layers } = net, top = layers.length - 1;
  space[top].G[0] = cumulants(tape.layers[top].a[n]).w / tape.N; // (4.3)
  for (let l = top; l >= 0; l--) {
    const { units, W, fanIn } = layers[l], { S, T, G } = space[l];
    const { f_h, f_b, f_hh, f_hb, f_bb, da } = tape.layers[l], at = n * units;
    for (let i = 0; i < units; i++) {
      for (let k = 0; k < units; k++) {
        const g = G[i * units + k], own = i === k ? da[at + i] : 0;
        S[i * units + k] = f_h[at + i] * g * f_h[at + k] + own * f_hh[at + i]; // (10.7)
        T[i * units + k] = f_b[at + i] * g * f_h[at + k] + own * f_hb[at + i]; // (10.8)
        M[(first[l] + i) * C + first[l] + k] = S[i * units + k];
        if (beta[l] < 0) continue;
        M[(beta[l] + i) * C + first[l] + k] = T[i * units + k];
        M[(beta[l] + i) * C + beta[l] + k] = f_b[at + i] * g * f_b[at + k] + own * f_bb[at + i]; // (10.9)
      }
    }
    if (l) sandwich(theta, W, S, space[l - 1].G, fanIn, units, space[l].row);
  }
}

/** G below = W S W^T, with W at a place in theta. */
function sandwich(theta, W, S, G, fanIn, units, row) {
  for (let j = 0; j < fanIn; j++) {
    for (let i = 0; i < units; i++) {
      row[i] = 0;
      for (let k = 0; k < units; k++) row[i] += theta[W + j * units + k] * S[k * units + i];
    }
    for (let k = 0; k < fanIn; k++) {
      let sum = 0;
      for (let i = 0; i < units; i++) sum += row[i] * theta[W + k * units + i];
      G[j * fanIn + k] = sum; // (10.10)
    }
  }
}

/** J, how the inputs of each layer change with every channel below it; and the blocks S Pi, T Pi. */
function betweenLayers(net, tape, n, { C, first, beta }, space, M) {
  const { theta, layers } = net;
  for (let l = 1; l < layers.length; l++) {
    const { fanIn, units, W } = layers[l], { S, T, J, Pi } = space[l];
    const below = tape.layers[l - 1], at = n * fanIn;
    for (let j = 0; j < fanIn; j++) { // through the gates of the layer below
      const row = j * C, slope = below.f_h[at + j];
      for (let c = 0; c < first[l - 1]; c++) J[row + c] = slope * space[l - 1].Pi[row + c];
      J[row + first[l - 1] + j] = slope; // the others of that layer stay 0
      if (beta[l - 1] >= 0) J[row + beta[l - 1] + j] = below.f_b[at + j];
    }
    for (let c = 0; c < first[l]; c++) {
      for (let i = 0; i < units; i++) {
        let sum = 0;
        for (let j = 0; j < fanIn; j++) sum += theta[W + j * units + i] * J[j * C + c];
        Pi[i * C + c] = sum; // (10.13)
      }
      for (let i = 0; i < units; i++) {
        let field = 0, noise = 0;
        for (let k = 0; k < units; k++) {
          field += S[i * units + k] * Pi[k * C + c];
          noise += T[i * units + k] * Pi[k * C + c];
        }
        M[(first[l] + i) * C + c] = field;
        if (beta[l] >= 0) M[(beta[l] + i) * C + c] = noise;
      }
    }
  }
}
