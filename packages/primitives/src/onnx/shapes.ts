import type { Dimension, Shape } from './tensor-types.js';

/**
 * The sizes two tensors broadcast to.
 *
 * @throws RangeError if they do not fit.
 * @example
 * broadcastShapes(['batch', 1], [4]) // => ['batch', 4]
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new RangeError(`The shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast.`);
  });
}

/** Axes over which `from` has to be summed to get back to `to`: the leading ones and those that were 1. */
export function broadcastAxes(from: Shape, to: Shape): number[] {
  const lead = from.length - to.length;
  const axes: number[] = [];
  from.forEach((dim, i) => {
    if (i < lead || (to[i - lead] === 1 && dim !== 1)) axes.push(i);
  });
  return axes;
}

/** True when two shapes are the same, names included. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/**
 * An axis counted from the front.
 *
 * @throws RangeError if the axis does not exist.
 * @example
 * normalizeAxis('softmax', -1, 3) // => 2
 */
export function normalizeAxis(caller: string, axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || result < 0 || result >= rank) {
    throw new RangeError(`The axis of ${caller} must be an integer in [${-rank}, ${rank - 1}]. Got ${axis}.`);
  }
  return result;
}

/** Sizes with every axis of `axes` set to 1, or taken out when `keepDims` is false. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  const result: Dimension[] = [];
  shape.forEach((dim, i) => {
    if (!axes.includes(i)) result.push(dim);
    else if (keepDims) result.push(1);
  });
  return result;
}
