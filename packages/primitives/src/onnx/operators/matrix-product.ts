import { type GraphValue, withGradient } from '../graph.js';
import { broadcastShapes } from '../shapes.js';
import type { Shape } from '../tensor-types.js';
import { sumToShape } from './arithmetic.js';
import { emit } from './emit.js';
import { reshape, transpose } from './layout.js';

/** Which operands of a product of matrices are transposed. */
export interface GemmOptions {
  /** @default false */
  readonly transposeA?: boolean;
  /** @default false */
  readonly transposeB?: boolean;
}

function checkInner(caller: string, a: Shape, b: Shape, inner: unknown, other: unknown): void {
  if (inner !== other) {
    throw new RangeError(`The inner sizes of ${caller} must agree. Got [${a.join(', ')}] and [${b.join(', ')}].`);
  }
}

/**
 * Product of two matrices, either of them transposed.
 *
 * @param bias - added to every row; optional.
 * @throws RangeError if a value is not two-dimensional or the inner sizes differ.
 * @example
 * const graph = new Graph();
 * gemm(graph.input('x', ['n', 4]), graph.input('w', [8, 4]), { transposeB: true }).shape // => ['n', 8]
 */
export function gemm(a: GraphValue, b: GraphValue, options: GemmOptions = {}, bias?: GraphValue): GraphValue {
  const { transposeA: ta = false, transposeB: tb = false } = options;
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    throw new RangeError(
      `The operands of gemm must be matrices. Got [${a.shape.join(', ')}] and [${b.shape.join(', ')}].`,
    );
  }
  checkInner('gemm', a.shape, b.shape, a.shape[ta ? 0 : 1], b.shape[tb ? 1 : 0]);
  const shape = [a.shape[ta ? 1 : 0]!, b.shape[tb ? 0 : 1]!];
  const inputs = bias ? [a, b, bias] : [a, b];
  const y = emit('Gemm', inputs, shape, { transA: ta ? 1 : 0, transB: tb ? 1 : 0 });
  return withGradient(y, inputs, (dy, wanted) => [
    wanted[0] ? gradientOfA(dy, b, ta, tb) : undefined,
    wanted[1] ? gradientOfB(dy, a, ta, tb) : undefined,
    wanted[2] && bias ? sumToShape(dy, bias.shape) : undefined,
  ]);
}

function gradientOfA(dy: GraphValue, b: GraphValue, ta: boolean, tb: boolean): GraphValue {
  return ta ? gemm(b, dy, { transposeA: tb, transposeB: true }) : gemm(dy, b, { transposeB: !tb });
}

function gradientOfB(dy: GraphValue, a: GraphValue, ta: boolean, tb: boolean): GraphValue {
  return tb ? gemm(dy, a, { transposeA: true, transposeB: ta }) : gemm(a, dy, { transposeA: !ta });
}

/**
 * Product over the last axis of `a` and the second last of `b`; leading axes broadcast.
 *
 * @throws RangeError if the inner sizes differ.
 * @example
 * const graph = new Graph();
 * matMul(graph.input('x', ['n', 'length', 4]), graph.input('w', [4, 8])).shape // => ['n', 'length', 8]
 */
export function matMul(a: GraphValue, b: GraphValue): GraphValue {
  if (a.shape.length === 2 && b.shape.length === 2) return gemm(a, b);
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw new RangeError(
      `The operands of matMul must have rank 2 or more. Got [${a.shape.join(', ')}] and [${b.shape.join(', ')}].`,
    );
  }
  checkInner('matMul', a.shape, b.shape, a.shape.at(-1), b.shape.at(-2));
  const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const y = emit('MatMul', [a, b], [...lead, a.shape.at(-2)!, b.shape.at(-1)!]);
  return withGradient(y, [a, b], (dy, wanted) => [
    wanted[0] ? sumToShape(matMul(dy, transpose(b)), a.shape) : undefined,
    wanted[1] ? gradientOfRight(dy, a, b) : undefined,
  ]);
}

// A weight shared by all positions: one tall product instead of one product a position and their sum.
function gradientOfRight(dy: GraphValue, a: GraphValue, b: GraphValue): GraphValue {
  if (b.shape.length > 2) return sumToShape(matMul(transpose(a), dy), b.shape);
  const rows = 'rows';
  return gemm(reshape(a, [rows, a.shape.at(-1)!]), reshape(dy, [rows, dy.shape.at(-1)!]), { transposeA: true });
}
