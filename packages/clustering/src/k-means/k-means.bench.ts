import { type Matrix, normalizeRows, takeRows } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { BisectingKMeans } from './bisecting-k-means.js';
import { KMeans } from './k-means.js';
import { MiniBatchKMeans } from './mini-batch-k-means.js';

const nClusters = 30;
const random = createRandom(1);
const cols = 128;
const places = Float64Array.from({ length: nClusters * cols }, () => normalSample(random));
const x: Matrix = normalizeRows({
  data: Float32Array.from(
    { length: 5000 * cols },
    (_, at) => places[(Math.floor(at / cols) % nClusters) * cols + (at % cols)]! + 1.5 * normalSample(random),
  ),
  rows: 5000,
  cols,
});
const init = takeRows(
  x,
  Array.from({ length: nClusters }, (_, c) => c),
);

/** Lloyd's algorithm without bounds, until nothing changes; returns the inertia. */
function naiveLloyd(): number {
  const centroids = Float64Array.from(init.data);
  const labels = new Int32Array(x.rows).fill(-1);
  for (;;) {
    let changes = 0;
    let inertia = 0;
    const sums = new Float64Array(nClusters * cols);
    const counts = new Float64Array(nClusters);
    for (let i = 0; i < x.rows; i++) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 0; c < nClusters; c++) {
        let squared = 0;
        for (let t = 0; t < cols; t++) squared += (x.data[i * cols + t]! - centroids[c * cols + t]!) ** 2;
        if (squared < least) {
          least = squared;
          best = c;
        }
      }
      if (labels[i] !== best) changes++;
      labels[i] = best;
      inertia += least;
      counts[best]!++;
      for (let t = 0; t < cols; t++) sums[best * cols + t]! += x.data[i * cols + t]!;
    }
    if (changes === 0) return inertia;
    for (let at = 0; at < sums.length; at++) centroids[at] = sums[at]! / counts[Math.floor(at / cols)]!;
  }
}

const fit = () => KMeans.fit(x, { nClusters, init, tolerance: 0 });
if (Math.abs(fit().inertia - naiveLloyd()) > 1e-4 * fit().inertia) throw new Error('The inertias differ.');

describe('30 means of 5,000 × 128 rows', () => {
  bench('KMeans from given centroids', () => void fit(), { iterations: 5 });
  bench('naive Lloyd from the same', () => void naiveLloyd(), { iterations: 2 });
  bench('KMeans', () => void KMeans.fit(x, { nClusters }), { iterations: 5 });
  bench('MiniBatchKMeans', () => void MiniBatchKMeans.fit(x, { nClusters }), { iterations: 5 });
  bench('BisectingKMeans', () => void BisectingKMeans.fit(x, { nClusters }), { iterations: 5 });
});
