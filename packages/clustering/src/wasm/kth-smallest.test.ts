import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kthSmallest } from './kth-smallest.js';

describe('kthSmallest', () => {
  it('is what a sort has in that place, and leaves other values alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 60 }),
        fc.nat(),
        (list, seed) => {
          const k = 1 + (seed % list.length);
          for (const values of [Float64Array.from([-1, ...list, -2]), Uint16Array.from([100, ...list, 200])]) {
            const [first, last] = [values[0], values.at(-1)];
            expect(kthSmallest(values, 1, list.length + 1, k)).toBe([...list].sort((a, b) => a - b)[k - 1]);
            expect([values[0], values.at(-1)]).toEqual([first, last]);
          }
        },
      ),
    );
  });
});
