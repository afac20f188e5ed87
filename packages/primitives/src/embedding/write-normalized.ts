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

/**
 * Scales rows to length 1 in place; zeros stay.
 *
 * Four rows at once, since the sum of one row alone would wait for its last addition.
 */
export function normalizeRows(data: Float32Array, size: number): void {
  const whole = data.length - (data.length % (4 * size));
  for (let at = 0; at < whole; at += 4 * size) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let j = at, end = at + size; j < end; j++) {
      a += data[j]! * data[j]!;
      b += data[j + size]! * data[j + size]!;
      c += data[j + 2 * size]! * data[j + 2 * size]!;
      d += data[j + 3 * size]! * data[j + 3 * size]!;
    }
    scaleRow(data, at, size, a);
    scaleRow(data, at + size, size, b);
    scaleRow(data, at + 2 * size, size, c);
    scaleRow(data, at + 3 * size, size, d);
  }
  for (let at = whole; at < data.length; at += size) writeNormalized(data, at, data, at, size);
}

function scaleRow(data: Float32Array, at: number, size: number, squares: number): void {
  const factor = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  for (let j = at, end = at + size; j < end; j++) data[j] = data[j]! * factor;
}
