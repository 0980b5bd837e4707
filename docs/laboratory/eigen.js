/* Eigenvalues and eigenvectors of a symmetric matrix, and what can be said of their signs.
 *
 * Householder reflections make the matrix tridiagonal; the QL algorithm with implicit shifts does
 * the rest (Bowdler, Martin, Reinsch, Wilkinson, 1968; Dubrulle, Martin, Wilkinson, 1968). Both are
 * orthogonal, so an eigenvalue is off by at most about P eps |H|, as LAPACK's in the package.
 */
"use strict";

const EPS = Number.EPSILON;

/** Ascending eigenvalues (n) of H (n, n), and vectors: row k of `vectors` belongs to values[k]. */
function eigen(H, n, withVectors = true) {
  const indices = Array.from({ length: n }, (_, k) => k);
  const isZero = (i) => H.subarray(i * n, i * n + n).every((v) => v === 0); // has an eigenvalue of exactly 0
  const dead = indices.filter(isZero), live = indices.filter((i) => !isZero(i)), m = live.length;
  const A = new Float64Array(m * m), vectors = new Float64Array(n * n);
  live.forEach((i, r) => live.forEach((j, c) => { A[r * m + c] = H[i * n + j]; }));
  const { d, e, V } = tridiagonal(A, m, withVectors);
  rotateAway(d, e, V, withVectors ? m : 0, m);
  const valueOf = (k) => (k < m ? d[k] : 0);
  indices.sort((a, b) => valueOf(a) - valueOf(b)).forEach((k, r) => {
    if (k >= m) vectors[r * n + dead[k - m]] = 1;
    else live.forEach((i, c) => { vectors[r * n + i] = V[k * m + c]; });
  });
  return { values: Float64Array.from(indices, valueOf), vectors };
}

/** The diagonal d and what is beside it, e; the rows of V make A of it: A = V^T T V. */
function tridiagonal(A, n, withVectors) {
  const d = new Float64Array(n), e = new Float64Array(n), V = new Float64Array(n * n);
  const p = new Float64Array(n), reflections = [];
  for (let k = 0; k + 2 < n; k++) {
    let size = 0, norm = 0;
    for (let i = k + 1; i < n; i++) size = Math.max(size, Math.abs(A[i * n + k]));
    if (size === 0) continue;
    const v = new Float64Array(n);
    for (let i = k + 1; i < n; i++) norm += (v[i] = A[i * n + k] / size) ** 2;
    norm = v[k + 1] > 0 ? -Math.sqrt(norm) : Math.sqrt(norm); // the sign with which nothing cancels
    const half = norm * norm - norm * v[k + 1]; // |v|^2 / 2, after the next line
    v[k + 1] -= norm;
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += A[i * n + j] * v[j];
      p[i] = sum / half;
      along += p[i] * v[i];
    }
    for (let i = k + 1; i < n; i++) p[i] -= (along / (2 * half)) * v[i];
    for (let i = k + 1; i < n; i++) { // A <- Q A Q, with Q = 1 - v v^T / half
      for (let j = k + 1; j < n; j++) A[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    }
    A[(k + 1) * n + k] = norm * size;
    reflections.push([k, v, half]);
  }
  for (let i = 0; i < n; i++) {
    d[i] = A[i * n + i];
    e[i] = i + 1 < n ? A[(i + 1) * n + i] : 0;
    V[i * n + i] = 1;
  }
  for (const [k, v, half] of withVectors ? reflections.reverse() : []) { // V <- V Q, of the part that is not yet 1
    for (let r = k + 1; r < n; r++) {
      let sum = 0;
      for (let i = k + 1; i < n; i++) sum += V[r * n + i] * v[i];
      sum /= half;
      for (let i = k + 1; i < n; i++) V[r * n + i] -= sum * v[i];
    }
  }
  return { d, e, V };
}

/** Rotate e to nothing; d become the eigenvalues, the rows of V (n, width) the eigenvectors. */
function rotateAway(d, e, V, width, n) {
  let norm = 0;
  for (let i = 0; i < n; i++) norm = Math.max(norm, Math.abs(d[i]) + Math.abs(e[i]));
  const small = (m) => Math.abs(e[m]) <= EPS * (Math.abs(d[m]) + Math.abs(d[m + 1]) + EPS * norm);
  for (let l = 0; l < n; l++) {
    for (let round = 0; round < 60; round++) {
      let m = l;
      while (m + 1 < n && !small(m)) m++;
      if (m === l) break;
      let g = (d[l + 1] - d[l]) / (2 * e[l]);
      const r = Math.sqrt(g * g + 1);
      g = d[m] - d[l] + e[l] / (g + (g < 0 ? -r : r));
      let s = 1, c = 1, p = 0, i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i], b = c * e[i], length = Math.sqrt(f * f + g * g);
        e[i + 1] = length;
        if (length === 0) {
          d[i + 1] -= p;
          e[m] = 0;
          break;
        }
        s = f / length;
        c = g / length;
        g = d[i + 1] - p;
        const turn = (d[i] - g) * s + 2 * c * b;
        p = s * turn;
        d[i + 1] = g + p;
        g = c * turn - b;
        for (let k = 0, a = i * n, z = a + n; k < width; k++, a++, z++) {
          const upper = V[z];
          V[z] = s * V[a] + c * upper;
          V[a] = c * V[a] - s * upper;
        }
      }
      if (i >= l) continue;
      d[l] -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

/** What minifnn.spectrum says: alpha as an interval, gamma, and how far rounding reaches. */
function spectrum(values) {
  const P = values.length, norm = Math.max(Math.abs(values[0]), Math.abs(values[P - 1]));
  const tau = P * EPS * norm + P * Number.MIN_VALUE; // (11.1)
  const share = (holds) => values.filter(holds).length / P;
  return {
    tau, norm, sharpness: values[P - 1],
    alpha: [share((v) => v < -tau), share((v) => v < tau)], // (11.2)
    gamma: share((v) => Math.abs(v) <= tau), // (11.3)
    flat: (r) => share((v) => Math.abs(v) <= r * norm), // (11.4)
  };
}
