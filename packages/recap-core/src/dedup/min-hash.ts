import { checkInteger } from '@matome/primitives/options';

/** Slot of a signature into which no shingle fell. */
export const emptySlot = 0xffffffff;

/**
 * Reduces the shingles of a text to a signature of fixed size: one smallest hash in each of `size` slots.
 *
 * The share of slots in which two signatures agree estimates the Jaccard similarity of the two sets. Every shingle is
 * hashed once and falls into one slot (one-permutation hashing), so the cost does not grow with `size`.
 *
 * @param shingles - 32-bit hashes in any order; repeats do not count.
 * @param size - number of slots, a power of two.
 * @returns `size` values; `0xffffffff` in a slot that stayed empty.
 * @throws RangeError when `size` is not a power of two in [8, 1024].
 * @remarks O(shingles + size).
 * @see Li, Owen, Zhang (2012), One permutation hashing, https://arxiv.org/abs/1208.1259
 * @see Broder (1997), doi:10.1109/SEQUEN.1997.666900
 * @example
 * minHash(shingleHashes('the same text in both'), 64).join() === minHash(shingleHashes('The same text, in both'), 64).join() // => true
 */
export function minHash(shingles: Uint32Array, size = 64): Uint32Array {
  checkInteger('minHash', 'size', size, { min: 8, max: 1024 });
  if ((size & (size - 1)) !== 0)
    throw new RangeError(`The size option of minHash must be a power of two. Got ${size}.`);
  const signature = new Uint32Array(size).fill(emptySlot);
  writeMinHash(shingles, signature, 0, size);
  return signature;
}

/** `minHash` into a part of a larger array that already holds `emptySlot`. */
export function writeMinHash(shingles: Uint32Array, out: Uint32Array, at: number, size: number): void {
  const mask = size - 1;
  for (let i = 0; i < shingles.length; i++) {
    const shingle = shingles[i]!;
    const slot = at + (shingle & mask);
    // The low bits choose the slot; multiplying makes the order inside a slot independent of them.
    const value = Math.imul(shingle ^ (shingle >>> 15), 0x2c1b3c6d) >>> 0;
    if (value < out[slot]!) out[slot] = value;
  }
}

/**
 * Estimates the Jaccard similarity of two sets from their signatures.
 *
 * @returns in [0, 1]: equal slots over slots that hold something in either; 0 when both are empty.
 * @throws RangeError when the signatures differ in size.
 * @remarks O(size); the standard error is about `sqrt(j (1 - j) / size)`.
 * @example
 * estimateJaccard(minHash(shingleHashes('a b c d')), minHash(shingleHashes('a b c d'))) // => 1
 */
export function estimateJaccard(a: Uint32Array, b: Uint32Array): number {
  if (a.length !== b.length) {
    throw new RangeError(`The signatures of estimateJaccard must have one size. Got ${a.length} and ${b.length}.`);
  }
  let equal = 0;
  let used = 0;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === emptySlot && b[i] === emptySlot) continue;
    used++;
    if (a[i] === b[i]) equal++;
  }
  return used === 0 ? 0 : equal / used;
}
