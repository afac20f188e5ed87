import { createRandom } from '@matome/primitives/random';
import { describe, expect, it } from 'vitest';
import { ShingleComparer } from './compare-shingles.js';
import { LocalitySensitiveIndex } from './locality-sensitive-index.js';
import { emptySlot, estimateJaccard, minHash } from './min-hash.js';
import { shingleHashes } from './shingles.js';

/** Two sets of `size` random hashes of which `shared` are the same. */
function twoSets(size: number, shared: number, seed: number): [Uint32Array, Uint32Array] {
  const random = createRandom(seed);
  const draw = () => Math.floor(random() * 2 ** 32);
  const a = Uint32Array.from({ length: size }, draw);
  const b = Uint32Array.from({ length: size }, (_, i) => (i < shared ? a[i]! : draw()));
  return [a, b];
}

describe('shingleHashes', () => {
  it('does not see case, punctuation, white space or width', () => {
    expect(shingleHashes('One, TWO\n three – ＡＢＣ４')).toEqual(shingleHashes('one two three abc4'));
  });

  it('gives one shingle a word for words and one a character for Japanese', () => {
    expect(shingleHashes('a b c d e')).toHaveLength(3);
    expect(shingleHashes('東京で雨が降った')).toHaveLength(3);
    expect(shingleHashes('東京 tower が 立つ')).toHaveLength(2);
  });

  it('gives one hash for a text shorter than a shingle and none for a text without letters', () => {
    expect(shingleHashes('tea time')).toHaveLength(1);
    expect(shingleHashes(' … !')).toHaveLength(0);
  });
});

describe('minHash', () => {
  it('estimates the Jaccard similarity within its standard error', () => {
    const truth = 300 / 500;
    const errors = Array.from({ length: 40 }, (_, seed) => {
      const [a, b] = twoSets(400, 300, seed);
      return estimateJaccard(minHash(a, 256), minHash(b, 256)) - truth;
    });
    const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    for (const error of errors) expect(Math.abs(error)).toBeLessThan(4 * Math.sqrt((truth * (1 - truth)) / 256));
  });

  it('does not depend on order or repeats', () => {
    const [a] = twoSets(50, 0, 1);
    expect(minHash(Uint32Array.of(...[...a].reverse(), ...a))).toEqual(minHash(a));
  });

  it('leaves slots empty for a text without shingles and calls two of them unlike', () => {
    const empty = minHash(new Uint32Array(0), 8);
    expect([...empty]).toEqual(new Array(8).fill(emptySlot));
    expect(estimateJaccard(empty, empty)).toBe(0);
  });

  it('refuses sizes that are no powers of two, and signatures of two sizes', () => {
    expect(() => minHash(new Uint32Array(1), 48)).toThrow('must be a power of two. Got 48.');
    expect(() => estimateJaccard(new Uint32Array(8), new Uint32Array(16))).toThrow(RangeError);
  });
});

describe('LocalitySensitiveIndex', () => {
  it('proposes similar entries and hardly any others, and grows beyond its capacity', () => {
    const index = new LocalitySensitiveIndex({ capacity: 4 });
    const pairs = Array.from({ length: 300 }, (_, seed) => twoSets(200, 80, seed));
    for (const [a] of pairs) index.add(minHash(a));
    let missed = 0;
    let extra = 0;
    pairs.forEach(([, b], i) => {
      const found = index.candidates(minHash(b));
      if (!found.includes(i)) missed++;
      extra += found.length - (found.includes(i) ? 1 : 0);
    });
    expect(missed).toBeLessThanOrEqual(3);
    expect(extra).toBeLessThanOrEqual(3);
  });

  it('forgets what is removed', () => {
    const index = new LocalitySensitiveIndex();
    const [a] = twoSets(100, 0, 1);
    expect(index.add(minHash(a))).toBe(0);
    expect(index.candidates(minHash(a))).toEqual([0]);
    index.remove(0);
    expect(index.candidates(minHash(a))).toEqual([]);
  });

  it('refuses a signature of another size', () => {
    expect(() => new LocalitySensitiveIndex().add(new Uint32Array(32))).toThrow('must have 64 slots. Got 32.');
  });
});

describe('ShingleComparer', () => {
  it('measures the true Jaccard similarity and containment', () => {
    const comparer = new ShingleComparer();
    comparer.load(Uint32Array.of(1, 2, 3, 4, 4));
    const { jaccard, containment } = comparer.compare(Uint32Array.of(3, 4, 5), 3);
    expect(jaccard).toBe(2 / 5);
    expect(containment).toEqual([2 / 4, 2 / 3]);
  });

  it('gives the mirror image when the two texts change places', () => {
    const comparer = new ShingleComparer();
    const [a, b] = twoSets(300, 120, 9);
    comparer.load(a);
    const forward = comparer.compare(b, 300);
    comparer.load(b);
    const backward = comparer.compare(a, 300);
    expect(backward.jaccard).toBe(forward.jaccard);
    expect(backward.coverage).toEqual([...forward.coverage].reverse());
  });

  it('covers a copy with scattered edits throughout and a splice in one half', () => {
    const [a] = twoSets(400, 0, 4);
    const [fresh] = twoSets(400, 0, 5);
    const scattered = a.map((value, i) => (i % 2 === 0 ? fresh[i]! : value));
    const spliced = a.map((value, i) => (i < 200 ? value : fresh[i]!));
    const comparer = new ShingleComparer();
    comparer.load(a);
    expect(comparer.compare(scattered, 400).coverage).toEqual([1, 1]);
    const half = comparer.compare(spliced, 400).coverage;
    expect(half[0]).toBeGreaterThan(0.48);
    expect(half[0]).toBeLessThan(0.53);
  });
});
