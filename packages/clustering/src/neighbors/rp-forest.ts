import type { Matrix } from '@matome/primitives/linalg';
import type { RandomSource } from '@matome/primitives/random';

/** Deepest split: rows that no plane separates end up in a large leaf, which is cut into pieces. */
const maxDepth = 60;

/**
 * Splits the rows in two by random planes, again and again, until groups are small: a leaf holds rows that are near.
 *
 * Each plane lies halfway between two random rows of its group.
 *
 * @param leafSize - most rows of a leaf.
 * @returns rows by leaf, and where each leaf starts (one more start than leaves).
 * @remarks O(n d log n).
 * @see Dasgupta, Freund (2008), Random projection trees, doi:10.1145/1374376.1374452
 */
export function randomProjectionLeaves(
  x: Matrix,
  leafSize: number,
  random: RandomSource,
): { readonly rows: Uint32Array; readonly starts: Uint32Array } {
  const rows = Uint32Array.from({ length: x.rows }, (_, i) => i);
  const starts: number[] = [];
  const sides = new Uint8Array(x.rows);
  const scratch = new Uint32Array(x.rows);
  const open: [number, number, number][] = [[0, x.rows, 0]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [from, to, depth] = next;
    if (to - from <= leafSize) {
      starts.push(from);
      continue;
    }
    const middle = depth < maxDepth ? splitByPlane(x, rows, from, to, sides, scratch, random) : from + leafSize;
    // The left part is taken next: leaves come in the order of their rows.
    open.push([middle, to, depth + 1], [from, middle, depth + 1]);
  }
  starts.push(x.rows);
  return { rows, starts: Uint32Array.from(starts) };
}

/** Puts the rows nearer to one of two random rows first; returns where the others start. */
function splitByPlane(
  x: Matrix,
  rows: Uint32Array,
  from: number,
  to: number,
  sides: Uint8Array,
  scratch: Uint32Array,
  random: RandomSource,
): number {
  const { cols, data } = x;
  const size = to - from;
  const first = Math.floor(random() * size);
  const second = (first + 1 + Math.floor(random() * (size - 1))) % size;
  const a = rows[from + first]! * cols;
  const b = rows[from + second]! * cols;
  const normal = new Float64Array(cols);
  let offset = 0;
  for (let t = 0; t < cols; t++) {
    normal[t] = data[a + t]! - data[b + t]!;
    offset += (normal[t]! * (data[a + t]! + data[b + t]!)) / 2;
  }
  let left = 0;
  for (let i = 0; i < size; i++) {
    let side = -offset;
    for (let t = 0, at = rows[from + i]! * cols; t < cols; t++, at++) side += normal[t]! * data[at]!;
    // Rows on the plane, as all are between equal rows, fall to either side.
    sides[i] = side > 0 || (side === 0 && random() < 0.5) ? 0 : 1;
    if (sides[i] === 0) left++;
  }
  if (left === 0 || left === size) return from + (size >> 1);
  let l = from;
  let r = from + left;
  scratch.set(rows.subarray(from, to), from);
  for (let i = 0; i < size; i++) {
    if (sides[i] === 0) rows[l++] = scratch[from + i]!;
    else rows[r++] = scratch[from + i]!;
  }
  return from + left;
}
