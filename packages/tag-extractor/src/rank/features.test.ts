import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { writeRanks } from './features.js';

describe('writeRanks', () => {
  const ranksOf = (...values: number[]) => {
    const rows = Float32Array.from(values.flatMap((value) => [value, 9]));
    writeRanks(rows, 2, 0, 1);
    return values.map((_, i) => rows[2 * i + 1]);
  };

  it('gives 0 to the largest, 1 to the smallest, and equals in order', () => {
    expect(ranksOf(1, 3, 2)).toEqual([1, 0, 0.5]);
    expect(ranksOf(2, 2, 2)).toEqual([0, 0.5, 1]);
    expect(ranksOf(5)).toEqual([0]);
    expect(ranksOf()).toEqual([]);
  });

  it('puts numbers below 0 behind it, and takes both zeros for one', () => {
    expect(ranksOf(-0, -1, 0, -2, 1e-40)).toEqual([0.25, 0.75, 0.5, 1, 0]);
  });

  it('agrees with comparing the rows', () => {
    const random = createRandom(5);
    const values = Array.from({ length: 500 }, () => Math.fround(Math.round(random() * 100) / 7 - 5));
    const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
    const expected = new Array<number>(values.length);
    order.forEach((i, rank) => {
      expected[i] = Math.fround(rank / 499);
    });
    expect(ranksOf(...values)).toEqual(expected);
  });
});
