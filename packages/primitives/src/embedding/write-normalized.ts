/** Writes `size` numbers scaled to length 1, which may be done in place; zeros stay. */
export function writeNormalized(
  out: Float32Array,
  to: number,
  vectors: Float32Array,
  from: number,
  size: number,
): void {
  let sum = 0;
  for (let j = 0; j < size; j++) sum += vectors[from + j]! * vectors[from + j]!;
  const factor = sum === 0 ? 0 : 1 / Math.sqrt(sum);
  for (let j = 0; j < size; j++) out[to + j] = vectors[from + j]! * factor;
}
