import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinaryHeap, DisjointSet, LruCache } from './index.js';

describe('DisjointSet', () => {
  it('groups like a graph search would', () => {
    const sets = new DisjointSet(6);
    expect(sets.union(0, 3)).toBe(true);
    expect(sets.union(3, 5)).toBe(true);
    expect(sets.union(0, 5)).toBe(false);
    expect(sets.sizeOf(5)).toBe(3);
    expect(sets.groups()).toEqual([[0, 3, 5], [1], [2], [4]]);
  });
});

describe('LruCache', () => {
  it('drops what was unused for longest', () => {
    const cache = new LruCache<string, number>(2);
    cache.set('a', 1);
    cache.set('b', 2);
    cache.get('a');
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
    expect(cache.size).toBe(2);
  });
  it('refuses an empty cache', () => {
    expect(() => new LruCache(0)).toThrow('The maxEntries option of LruCache must be an integer in [1, ∞). Got 0.');
  });
});

describe('BinaryHeap', () => {
  it('pops in order of priority, then item', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 0, max: 5 }))), (pairs) => {
        const heap = new BinaryHeap(1);
        for (const [item, priority] of pairs) heap.push(item, priority);
        const sorted = pairs.toSorted((x, y) => x[1] - y[1] || x[0] - y[0]).map(([item]) => item);
        expect(pairs.map(() => heap.pop())).toEqual(sorted);
        expect(heap.pop()).toBe(-1);
      }),
    );
  });
});

describe('BinaryHeap with NaN', () => {
  it('takes it for Infinity', () => {
    const heap = new BinaryHeap();
    [3, Number.NaN, 1, Number.NaN, 0, 2].forEach((priority, item) => {
      heap.push(item, priority);
    });
    expect([0, 1, 2, 3, 4, 5].map(() => heap.pop())).toEqual([4, 2, 5, 0, 1, 3]);
  });
});
