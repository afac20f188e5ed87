import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, normalSample, randomInteger, sampleIndices, shuffle } from './index.js';

describe('createRandom', () => {
  it('repeats itself for one seed and differs for neighbours', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
  it('stays in [0, 1) with mean one half and variance one twelfth', () => {
    const random = createRandom(5);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 100_000; i++) {
      const u = random();
      expect(u >= 0 && u < 1).toBe(true);
      sum += u;
      squares += u * u;
    }
    expect(sum / 1e5).toBeCloseTo(0.5, 2);
    expect(squares / 1e5 - (sum / 1e5) ** 2).toBeCloseTo(1 / 12, 2);
  });
});

describe('shuffle', () => {
  it('keeps every item and leaves the input alone', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const before = items.slice();
        const after = shuffle(items, createRandom(seed));
        expect(items).toEqual(before);
        expect(after.toSorted()).toEqual(before.toSorted());
      }),
    );
  });
});

describe('sampleIndices', () => {
  it('returns k different sorted indices', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), fc.integer(), (a, b, seed) => {
        const n = Math.max(a, b);
        const k = Math.min(a, b);
        const indices = [...sampleIndices(n, k, createRandom(seed))];
        expect(new Set(indices).size).toBe(k);
        expect(indices.every((i, at) => i < n && (at === 0 || indices[at - 1]! < i))).toBe(true);
      }),
    );
  });
  it('refuses more than there are', () => {
    expect(() => sampleIndices(2, 3, createRandom())).toThrow('The k option of sampleIndices');
  });
});

describe('normalSample and randomInteger', () => {
  it('have the moments of their distributions', () => {
    const random = createRandom(9);
    const z = Array.from({ length: 20_000 }, () => normalSample(random));
    expect(z.reduce((a, b) => a + b, 0) / z.length).toBeCloseTo(0, 1);
    expect(z.reduce((a, b) => a + b * b, 0) / z.length).toBeCloseTo(1, 1);
    expect(Math.max(...Array.from({ length: 1000 }, () => randomInteger(3, random)))).toBe(2);
  });
});
