import { createRandom, randomInteger } from '@matome/primitives/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimilarityHeap } from './similarity-heap.js';

type Pair = readonly [value: number, a: number, b: number];

function popAll(heap: SimilarityHeap): (readonly [number, number])[] {
  const out: (readonly [number, number])[] = [];
  while (heap.pop()) out.push([heap.a, heap.b]);
  return out;
}

const inOrder = (pairs: readonly Pair[]) =>
  pairs.toSorted((x, y) => y[0] - x[0] || x[1] - y[1] || x[2] - y[2]).map(([, a, b]) => [a, b]);

describe('SimilarityHeap', () => {
  it('gives the most similar pair first, equal ones by first, then second member', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.nat(5), fc.nat(5));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 100 }), (pairs) => {
        const heap = new SimilarityHeap();
        for (const [value, a, b] of pairs) heap.push(value / 4, a, b);
        expect(popAll(heap)).toEqual(inOrder(pairs));
      }),
    );
  });
  it('takes pairs between pops', () => {
    const random = createRandom(3);
    const heap = new SimilarityHeap();
    let held: Pair[] = [];
    for (let step = 0; step < 2000; step++) {
      if (random() < 0.7) {
        const pair = [random(), randomInteger(50, random), step] as const;
        heap.push(...pair);
        held.push(pair);
      } else {
        expect(heap.pop()).toBe(held.length > 0);
        if (held.length === 0) continue;
        const best = held.reduce((x, y) => (y[0] > x[0] ? y : x));
        expect([heap.a, heap.b]).toEqual([best[1], best[2]]);
        held = held.filter((pair) => pair !== best);
      }
    }
  });
  it('says so when it is empty', () => {
    expect(new SimilarityHeap().pop()).toBe(false);
  });
});
