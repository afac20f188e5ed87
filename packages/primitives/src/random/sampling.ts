import { checkInteger } from '../options/index.js';
import type { RandomSource } from './random.js';

/**
 * Draws an integer in [0, `bound`).
 *
 * @example
 * randomInteger(1, createRandom(1)) // => 0
 */
export function randomInteger(bound: number, random: RandomSource): number {
  return Math.floor(random() * bound);
}

/**
 * Returns the items in random order (Fisher-Yates); the input is not modified.
 *
 * @remarks O(n).
 * @see Durstenfeld (1964), Algorithm 235, doi:10.1145/364520.364540
 * @example
 * shuffle([1, 2, 3], createRandom(1)).toSorted() // => [1, 2, 3]
 */
export function shuffle<T>(items: readonly T[], random: RandomSource): T[] {
  const result = items.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const held = result[i]!;
    result[i] = result[j]!;
    result[j] = held;
  }
  return result;
}

/**
 * Draws `k` different indices of [0, `n`), in increasing order.
 *
 * @throws RangeError if `k` is above `n`.
 * @remarks O(k) expected (Floyd's method), O(k log k) with the sort.
 * @see Bentley, Floyd (1987), doi:10.1145/30401.315746
 * @example
 * [...sampleIndices(3, 3, createRandom(1))] // => [0, 1, 2]
 */
export function sampleIndices(n: number, k: number, random: RandomSource): Uint32Array {
  checkInteger('sampleIndices', 'n', n, { min: 0 });
  checkInteger('sampleIndices', 'k', k, { min: 0, max: n });
  const chosen = new Set<number>();
  for (let j = n - k; j < n; j++) {
    const t = Math.floor(random() * (j + 1));
    chosen.add(chosen.has(t) ? j : t);
  }
  return Uint32Array.from(chosen).sort();
}

/**
 * Draws one number of the standard normal distribution (Box-Muller).
 *
 * @see Box, Muller (1958), doi:10.1214/aoms/1177706645
 * @example
 * Number.isFinite(normalSample(createRandom(3))) // => true
 */
export function normalSample(random: RandomSource): number {
  const u = 1 - random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
}
