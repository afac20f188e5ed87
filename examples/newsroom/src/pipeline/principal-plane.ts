import { dot, type Matrix, meanRow, row } from '@matome/primitives/linalg';

/** Places of the rows in the plane, both coordinates in [0, 1]. */
export interface Plane {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const iterations = 60;

/**
 * Lays rows out in the plane of their two widest directions (principal components), spread evenly.
 *
 * Each coordinate is half its value and half its rank: a few far rows would otherwise press all others together.
 *
 * @remarks O(n · d): power iteration with a fixed start; the same rows give the same places.
 * @see Pearson (1901), doi:10.1080/14786440109462720
 */
export function principalPlane(vectors: Matrix): Plane {
  const centred = centre(vectors);
  const first = widestDirection(centred);
  const x = project(centred, first);
  removeDirection(centred, first, x);
  const y = project(centred, widestDirection(centred));
  return { x: spread(x), y: spread(y) };
}

function centre(vectors: Matrix): Matrix {
  const data = Float32Array.from(vectors.data);
  const result = { data, rows: vectors.rows, cols: vectors.cols };
  if (vectors.rows === 0) return result;
  const mean = meanRow(vectors);
  for (let i = 0; i < data.length; i++) data[i]! -= mean[i % vectors.cols]!;
  return result;
}

function widestDirection(centred: Matrix): Float32Array {
  const { rows, cols } = centred;
  let direction = new Float32Array(cols);
  let longest = 0;
  for (let i = 0; i < rows; i++) {
    const length = dot(row(centred, i), row(centred, i));
    if (length <= longest) continue;
    longest = length;
    direction = Float32Array.from(row(centred, i));
  }
  for (let step = 0; step < iterations; step++) {
    const next = new Float64Array(cols);
    for (let i = 0; i < rows; i++) {
      const vector = row(centred, i);
      const weight = dot(vector, direction);
      for (let c = 0; c < cols; c++) next[c]! += weight * vector[c]!;
    }
    const length = Math.hypot(...next);
    if (length === 0) return direction;
    direction = Float32Array.from(next, (value) => value / length);
  }
  return direction;
}

function project(centred: Matrix, direction: Float32Array): Float64Array {
  return Float64Array.from({ length: centred.rows }, (_, i) => dot(row(centred, i), direction));
}

function removeDirection(centred: Matrix, direction: Float32Array, along: Float64Array): void {
  for (let i = 0; i < centred.rows; i++) {
    const vector = row(centred, i);
    for (let c = 0; c < centred.cols; c++) vector[c]! -= along[i]! * direction[c]!;
  }
}

/** Brings values into [0, 1], half by value, half by rank; equal values by position. */
export function spread(values: Float64Array): Float64Array {
  const n = values.length;
  if (n < 2) return new Float64Array(n).fill(0.5);
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  const low = values[order[0]!]!;
  const width = values[order[n - 1]!]! - low || 1;
  const result = new Float64Array(n);
  order.forEach((i, rank) => {
    result[i] = (rank / (n - 1) + (values[i]! - low) / width) / 2;
  });
  return result;
}
