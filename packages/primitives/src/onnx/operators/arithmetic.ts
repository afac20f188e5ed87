import { type GraphValue, withGradient } from '../graph.js';
import { broadcastAxes, broadcastShapes, sameShape } from '../shapes.js';
import type { Shape, TensorType } from '../tensor-types.js';
import { emit } from './emit.js';
import { reshape } from './layout.js';

/** A value, or a number that becomes a scalar constant. */
export type Operand = GraphValue | number;

function lift(a: Operand, other: Operand): GraphValue {
  if (typeof a !== 'number') return a;
  if (typeof other === 'number') throw new TypeError('One operand must be a graph value. Got two numbers.');
  return other.graph.scalar(a);
}

function binary(op: string, a: GraphValue, b: GraphValue): GraphValue {
  return emit(op, [a, b], broadcastShapes(a.shape, b.shape));
}

/** Sums a gradient over the axes along which its owner was broadcast. */
export function sumToShape(gradient: GraphValue, shape: Shape): GraphValue {
  if (sameShape(gradient.shape, shape)) return gradient;
  const axes = broadcastAxes(gradient.shape, shape);
  const kept = gradient.shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const summed =
    axes.length === 0 ? gradient : emit('ReduceSum', [gradient, gradient.graph.integers(axes)], kept, { keepdims: 1 });
  return sameShape(kept, shape) ? summed : reshape(summed, shape);
}

/**
 * a + b, with broadcasting.
 *
 * @example
 * const x = new Graph().input('x', ['n', 3]);
 * add(x, 1).shape // => ['n', 3]
 */
export function add(left: Operand, right: Operand): GraphValue {
  const a = lift(left, right);
  const b = lift(right, left);
  return withGradient(binary('Add', a, b), [a, b], (dy, wanted) => [
    wanted[0] ? sumToShape(dy, a.shape) : undefined,
    wanted[1] ? sumToShape(dy, b.shape) : undefined,
  ]);
}

/**
 * a - b, with broadcasting.
 *
 * @example
 * const x = new Graph().input('x', ['n', 3]);
 * subtract(1, x).shape // => ['n', 3]
 */
export function subtract(left: Operand, right: Operand): GraphValue {
  const a = lift(left, right);
  const b = lift(right, left);
  return withGradient(binary('Sub', a, b), [a, b], (dy, wanted) => [
    wanted[0] ? sumToShape(dy, a.shape) : undefined,
    wanted[1] ? sumToShape(negate(dy), b.shape) : undefined,
  ]);
}

/**
 * a · b element by element, with broadcasting.
 *
 * @example
 * const x = new Graph().input('x', ['n', 3]);
 * multiply(x, 0.5).shape // => ['n', 3]
 */
export function multiply(left: Operand, right: Operand): GraphValue {
  const a = lift(left, right);
  const b = lift(right, left);
  return withGradient(binary('Mul', a, b), [a, b], (dy, wanted) => [
    wanted[0] ? sumToShape(multiply(dy, b), a.shape) : undefined,
    wanted[1] ? sumToShape(multiply(dy, a), b.shape) : undefined,
  ]);
}

/**
 * a / b element by element, with broadcasting.
 *
 * @example
 * const x = new Graph().input('x', ['n', 3]);
 * divide(x, 2).shape // => ['n', 3]
 */
export function divide(left: Operand, right: Operand): GraphValue {
  const a = lift(left, right);
  const b = lift(right, left);
  const y = binary('Div', a, b);
  return withGradient(y, [a, b], (dy, wanted) => {
    const da = divide(dy, b);
    return [
      wanted[0] ? sumToShape(da, a.shape) : undefined,
      wanted[1] ? sumToShape(negate(multiply(da, y)), b.shape) : undefined,
    ];
  });
}

/**
 * -x.
 *
 * @example
 * negate(new Graph().input('x', [2])).shape // => [2]
 */
export function negate(x: GraphValue): GraphValue {
  return withGradient(emit('Neg', [x], x.shape), [x], (dy) => [negate(dy)]);
}

/**
 * The larger of x and a fixed number, element by element; the gradient passes where x is above it.
 *
 * @example
 * atLeast(new Graph().input('x', [2]), 0).shape // => [2]
 */
export function atLeast(x: GraphValue, minimum: number): GraphValue {
  const floor = x.graph.scalar(minimum);
  return withGradient(emit('Max', [x, floor], x.shape), [x], (dy) => [
    multiply(dy, cast(emit('Greater', [x, floor], x.shape, {}, 'bool'), 'float32')),
  ]);
}

/**
 * Changes the element type, or returns `x` when it has it; gradients pass between float types only.
 *
 * @example
 * cast(new Graph().input('mask', [2], 'int64'), 'float32').type // => 'float32'
 */
export function cast(x: GraphValue, type: TensorType): GraphValue {
  if (x.type === type) return x;
  const codes = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
  const y = emit('Cast', [x], x.shape, { to: codes[type] }, type);
  const smooth = (t: TensorType) => t === 'float32' || t === 'float16';
  return smooth(x.type) && smooth(type) ? withGradient(y, [x], (dy) => [cast(dy, x.type)]) : y;
}
