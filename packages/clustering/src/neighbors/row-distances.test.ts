import { createRandom, normalSample } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { squaredDistance } from './neighbor-lists.js';
import { createRowDistances } from './row-distances.js';

describe('createRowDistances', () => {
  it.each([1, 15, 16, 19, 64, 257])('gives the bits of squaredDistance in %i columns', (cols) => {
    const random = createRandom(cols);
    const rows = 40;
    const data = Float32Array.from({ length: rows * cols }, () => 1e3 * normalSample(random));
    const others = Int32Array.from({ length: 32 }, () => Math.floor(random() * rows));
    for (const simd of [true, false]) {
      const distances = createRowDistances({ data, rows, cols }, simd);
      for (const count of [0, 1, 7, 32]) {
        const found = distances.measure(39, others, count);
        const expected = Array.from(others.subarray(0, count), (j) => squaredDistance(data, 39, j, cols));
        expect([...found.subarray(0, count)]).toEqual(expected);
      }
    }
  });
});
