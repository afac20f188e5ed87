import { runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe } from 'vitest';
import { type MutualReachabilityOptions, mutualReachability } from './mutual-reachability.js';

/** Rows around ten places, one in twenty anywhere. */
function clouds(rows: number, cols: number): Matrix {
  const random = createRandom(cols);
  const places = Float64Array.from({ length: 10 * cols }, () => 20 * random() - 10);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const place = (i % 10) * cols;
    for (let t = 0; t < cols; t++) {
      data[i * cols + t] = i % 20 === 0 ? 24 * random() - 12 : places[place + t]! + normalSample(random);
    }
  }
  return { data, rows, cols };
}

/** All distances twice, a sort a row, Prim over all rows: as one writes it first. Returns the weight of the tree. */
function naiveTree({ data, rows, cols }: Matrix, minSamples: number): number {
  const distance = (i: number, j: number) => {
    let sum = 0;
    for (let t = 0; t < cols; t++) sum += (data[i * cols + t]! - data[j * cols + t]!) ** 2;
    return Math.sqrt(sum);
  };
  const core = Array.from(
    { length: rows },
    (_, i) => Array.from({ length: rows }, (_, j) => distance(i, j)).sort((a, b) => a - b)[minSamples]!,
  );
  const nearest = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  const joined = new Set<number>();
  let total = 0;
  for (let current = 0; joined.size < rows - 1; ) {
    joined.add(current);
    let next = -1;
    for (let j = 0; j < rows; j++) {
      if (joined.has(j)) continue;
      nearest[j] = Math.min(nearest[j]!, Math.max(core[current]!, core[j]!, distance(current, j)));
      if (next < 0 || nearest[j]! < nearest[next]!) next = j;
    }
    total += nearest[next]!;
    current = next;
  }
  return total;
}

const settings: MutualReachabilityOptions = {
  minSamples: 5,
  algorithm: 'auto',
  simd: true,
  maxListLength: 100,
  pairBytes: Number.POSITIVE_INFINITY,
};

describe.each([
  { rows: 1500, cols: 2 },
  { rows: 1500, cols: 10 },
  { rows: 1000, cols: 256 },
])('exact spanning tree of $rows × $cols', ({ rows, cols }) => {
  const x = clouds(rows, cols);
  const weight = (options: MutualReachabilityOptions) =>
    runSync(mutualReachability(x, options)).tree.weights.reduce((sum, value) => sum + value, 0);
  const expected = naiveTree(x, settings.minSamples);
  if (Math.abs(weight(settings) - expected) > 1e-6 * expected) throw new Error('The trees differ in weight.');
  bench('mutualReachability', () => void weight(settings), { iterations: 5 });
  bench('mutualReachability, plain JavaScript', () => void weight({ ...settings, simd: false }), { iterations: 2 });
  bench('naive Prim', () => void naiveTree(x, settings.minSamples), { iterations: 2 });
});
