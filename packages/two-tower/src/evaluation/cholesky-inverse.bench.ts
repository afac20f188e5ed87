import { createRandom, normalSample } from '@matome/primitives/random';
import { bench, describe, expect } from 'vitest';
import { invertPositiveDefinite } from './cholesky-inverse.js';

const n = 400;
const random = createRandom(1);
const source = new Float64Array(n * n);
for (let i = 0; i < n; i++) {
  for (let j = 0; j <= i; j++) source[i * n + j] = source[j * n + i] = 0.1 * normalSample(random);
  source[i * n + i] = n;
}

/** Gauss-Jordan elimination, row by row. */
function naive(): Float64Array {
  const a = source.slice();
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  for (let p = 0; p < n; p++) {
    const pivot = a[p * n + p]!;
    for (let j = 0; j < n; j++) {
      a[p * n + j]! /= pivot;
      inverse[p * n + j]! /= pivot;
    }
    for (let i = 0; i < n; i++) {
      const factor = a[i * n + p]!;
      if (i === p || factor === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i * n + j]! -= factor * a[p * n + j]!;
        inverse[i * n + j]! -= factor * inverse[p * n + j]!;
      }
    }
  }
  return inverse;
}

function blocked(): Float64Array {
  const a = source.slice();
  invertPositiveDefinite(a, n);
  return a;
}

const expected = naive();
const furthest = blocked().reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
expect(furthest).toBeLessThan(1e-12);

describe('inverse of 400 × 400', () => {
  bench('blocks', () => void blocked(), { iterations: 5 });
  bench('naive elimination', () => void naive(), { iterations: 3 });
});
