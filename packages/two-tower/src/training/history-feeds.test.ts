import { csrFromRows } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { historyFeeds } from './history-feeds.js';

const sizes = [1, 4, 40, 0];
const histories = csrFromRows(
  sizes.map((size) => new Map(Array.from({ length: size }, (_, i) => [i, 1 / Math.sqrt(size)]))),
  50,
);
/** Every pair of the users that have items, and one of a user with an item outside its history. */
const pairs = [...sizes.flatMap((size, u) => Array.from({ length: size }, (_, i) => [u, i])), [3, 7], [1, 9]];
const users = Uint32Array.from(pairs, ([u]) => u!);
const items = Uint32Array.from(pairs, ([, i]) => i!);

/** The histories as the tower sees them, row by row. */
function seenBy(rates: { bag: number; entry: number }): number[][] {
  const { bag, share, own } = historyFeeds(histories, users, items, rates, createRandom(5));
  const weights = share.data as Float32Array;
  return Array.from(users, (_, row) => {
    const seen = new Array<number>(50).fill(0);
    for (let h = 0; h < bag.rows; h++) {
      const factor = weights[row * bag.rows + h]!;
      for (let k = bag.indptr[h]!; k < bag.indptr[h + 1]!; k++) seen[bag.indices[k]!]! += factor * bag.data[k]!;
    }
    for (let k = own.indptr[row]!; k < own.indptr[row + 1]!; k++) seen[own.indices[k]!]! += own.data[k]!;
    return seen;
  });
}

describe('historyFeeds', () => {
  it.each([0, 0.5])('never shows the item of the pair and keeps the length of the rest, dropout %d', (entry) => {
    for (const [row, seen] of seenBy({ bag: 0, entry }).entries()) {
      expect(seen[items[row]!]).toBeCloseTo(0, 6);
      const length = Math.hypot(...seen);
      expect(Math.min(Math.abs(length), Math.abs(length - 1))).toBeLessThan(1e-6);
      if (entry === 0) expect(length).toBeCloseTo(sizes[users[row]!]! > 1 ? 1 : 0, 6);
    }
  });

  it('leaves about as many items out as it is told, others in every batch', () => {
    const kept = seenBy({ bag: 0, entry: 0.5 }).filter((_, row) => users[row] === 2);
    const counts = kept.map((seen) => seen.filter((value) => Math.abs(value) > 1e-6).length);
    for (const count of counts) expect(count).toBeGreaterThan(10);
    for (const count of counts) expect(count).toBeLessThan(30);
    const { bag } = historyFeeds(histories, users, items, { bag: 0, entry: 0.5 }, createRandom(6));
    expect(bag).not.toEqual(historyFeeds(histories, users, items, { bag: 0, entry: 0.5 }, createRandom(5)).bag);
  });

  it('leaves whole histories out', () => {
    const lengths = seenBy({ bag: 1, entry: 0.2 }).map((seen) => Math.hypot(...seen));
    expect(Math.max(...lengths)).toBe(0);
  });
});
