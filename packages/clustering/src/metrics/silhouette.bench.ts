import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { dbcv } from './dbcv.js';
import { silhouette } from './silhouette.js';

const [rows, cols, clusters] = [2000, 64, 20];
const random = createRandom(1);
const labels = Int32Array.from({ length: rows }, (_, i) => i % clusters);
const x: Matrix = {
  data: Float32Array.from(
    { length: rows * cols },
    (_, at) => (at % cols === labels[Math.floor(at / cols)] ? 9 : 0) + normalSample(random),
  ),
  rows,
  cols,
};

/** Every distance of every row, as one writes it first. */
function naiveSilhouette(): number {
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const sums = new Float64Array(clusters);
    const counts = new Float64Array(clusters);
    for (let j = 0; j < rows; j++) {
      if (i === j) continue;
      let squared = 0;
      for (let t = 0; t < cols; t++) squared += (x.data[i * cols + t]! - x.data[j * cols + t]!) ** 2;
      sums[labels[j]!]! += Math.sqrt(squared);
      counts[labels[j]!]!++;
    }
    const means = sums.map((sum, c) => sum / counts[c]!);
    const inside = means[labels[i]!]!;
    const outside = means.reduce(
      (least, mean, c) => (c === labels[i] ? least : Math.min(least, mean)),
      Number.POSITIVE_INFINITY,
    );
    total += (outside - inside) / Math.max(inside, outside);
  }
  return total / rows;
}

if (Math.abs(silhouette(x, labels).mean - naiveSilhouette()) > 1e-5) throw new Error('The silhouettes differ.');

describe('validity of 20 clusters of 2,000 × 64 rows', () => {
  bench('silhouette', () => void silhouette(x, labels), { iterations: 5 });
  bench('naive silhouette', () => void naiveSilhouette(), { iterations: 2 });
  bench('dbcv', () => void dbcv(x, labels), { iterations: 5 });
});
