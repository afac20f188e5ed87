import { checkNumber } from '../options/index.js';
import type { RandomSource } from '../random/index.js';

/**
 * Draws a mask for `dropout`: 0 with probability `rate`, else 1 / (1 - rate).
 *
 * @param out - overwritten.
 * @returns `out`.
 * @throws RangeError if `rate` is not in [0, 1).
 * @example
 * [...dropoutMask(new Float32Array(2), 0, createRandom(1))] // => [1, 1]
 */
export function dropoutMask(out: Float32Array, rate: number, random: RandomSource): Float32Array {
  checkNumber('dropoutMask', 'rate', rate, { min: 0, max: 1 - Number.EPSILON });
  const kept = 1 / (1 - rate);
  for (let i = 0; i < out.length; i++) out[i] = random() < rate ? 0 : kept;
  return out;
}
