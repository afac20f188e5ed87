/** A rising step-wise linear function: its corners, left to right. */
export interface IsotonicFunction {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Fits the rising function that is nearest to the values in least squares (pool adjacent violators).
 *
 * @param scores - n numbers; equal ones are merged.
 * @param values - n numbers, e.g. 1 for right and 0 for wrong.
 * @throws RangeError if the lengths differ or there is no row.
 * @remarks O(n log n).
 * @see Zadrozny, Elkan (2002), doi:10.1145/775047.775151; Ayer et al. (1955), doi:10.1214/aoms/1177728423
 * @example
 * const fitted = fitIsotonic([1, 2, 3, 4], [0, 1, 0, 1]);
 * isotonicValue(fitted, 2.5) // => 0.5
 */
export function fitIsotonic(scores: ArrayLike<number>, values: ArrayLike<number>): IsotonicFunction {
  const n = scores.length;
  if (n === 0 || n !== values.length) {
    throw new RangeError(`fitIsotonic needs scores and as many values. Got ${n} and ${values.length}.`);
  }
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const blocks: { sum: number; count: number; first: number; last: number }[] = [];
  for (let at = 0; at < n; ) {
    const first = scores[order[at]!]!;
    let sum = 0;
    let count = 0;
    for (; at < n && scores[order[at]!]! === first; at++) {
      sum += values[order[at]!]!;
      count++;
    }
    blocks.push({ sum, count, first, last: first });
    while (blocks.length > 1) {
      const above = blocks.at(-1)!;
      const below = blocks.at(-2)!;
      if (below.sum / below.count < above.sum / above.count) break;
      blocks.splice(-2, 2, {
        sum: below.sum + above.sum,
        count: below.count + above.count,
        first: below.first,
        last: above.last,
      });
    }
  }
  const corners = blocks.flatMap(({ sum, count, first, last }) =>
    first === last ? [[first, sum / count] as const] : [[first, sum / count] as const, [last, sum / count] as const],
  );
  return { x: Float64Array.from(corners, ([x]) => x), y: Float64Array.from(corners, ([, y]) => y) };
}

/**
 * The value of a fitted function: linear between its corners, level outside them.
 *
 * @example
 * isotonicValue({ x: new Float64Array([0, 2]), y: new Float64Array([0, 1]) }, 1) // => 0.5
 */
export function isotonicValue({ x, y }: IsotonicFunction, score: number): number {
  const last = x.length - 1;
  if (score <= x[0]!) return y[0]!;
  if (score >= x[last]!) return y[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= score) low = middle;
    else high = middle;
  }
  return y[low]! + ((y[high]! - y[low]!) * (score - x[low]!)) / (x[high]! - x[low]!);
}
