import { checkNumber } from '../options/index.js';
import type { RandomSource } from '../random/index.js';
import { createMaskKernel } from './mask-kernel.js';

/**
 * Draws a mask for `dropout`: 0 with probability `rate`, else `kept`.
 *
 * The probability is met to 1 in 65,536.
 *
 * @param out - overwritten.
 * @param random - read once; it decides the whole mask.
 * @param kept - 1 for `reluDropout`. @default 1 / (1 - rate)
 * @returns `out`.
 * @throws RangeError if `rate` is not in [0, 1).
 * @example
 * [...dropoutMask(new Float32Array(2), 0, createRandom(1))] // => [1, 1]
 */
export function dropoutMask(
  out: Float32Array,
  rate: number,
  random: RandomSource,
  kept: number = 1 / (1 - rate),
): Float32Array {
  checkNumber('dropoutMask', 'rate', rate, { min: 0, max: 1 - Number.EPSILON });
  fillMask(out, Math.round(rate * 65_536), kept, Math.floor(random() * 4294967296) | 0);
  return out;
}

/** Values of one call of the kernel: they stay in the nearest cache until they are copied. */
const stretch = 4096;

let kernel: ReturnType<typeof createMaskKernel> | undefined;

function fillMask(out: Float32Array, threshold: number, kept: number, seed: number): void {
  kernel ??= createMaskKernel(stretch);
  for (let start = 0; start < out.length; start += stretch) {
    const values = kernel(Math.min(stretch, out.length - start), threshold, kept, seed, start);
    out.set(values, start);
  }
}
