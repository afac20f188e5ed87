/**
 * Dot product, summed in float64.
 *
 * @example
 * dot(new Float32Array([1, 2]), new Float32Array([3, 4])) // => 11
 */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Euclidean length, summed in float64.
 *
 * @example
 * norm(new Float32Array([3, 4])) // => 5
 */
export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/**
 * Cosine of the angle between two vectors, in [-1, 1]; 0 when one of them is zero.
 *
 * @example
 * cosineSimilarity(new Float32Array([1, 0]), new Float32Array([0, 2])) // => 0
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  if (aa === 0 || bb === 0) return 0;
  return Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb)));
}
