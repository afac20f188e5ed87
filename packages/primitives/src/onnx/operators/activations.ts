import { type GraphValue, withGradient } from '../graph.js';
import { add, divide, multiply, subtract } from './arithmetic.js';
import { elementwise, emit } from './emit.js';

/**
 * max(x, 0).
 *
 * @example
 * relu(new Graph().input('x', [2])).shape // => [2]
 */
export function relu(x: GraphValue): GraphValue {
  return elementwise('Relu', x, (dy, y) => multiply(dy, whereAboveZero(y)));
}

/**
 * max(x, 0) with dropout by a mask of 0 and 1. Kept values are not scaled up: the `scale` of the product that follows does
 * that, which spares a pass over them on the way back.
 *
 * @param mask - 1 keeps, 0 drops, of the shape of `x`; `dropoutMask` draws one.
 * @see `dropout` for the source
 * @example
 * const graph = new Graph();
 * reluDropout(graph.input('x', ['n', 4]), graph.input('mask', ['n', 4])).shape // => ['n', 4]
 */
export function reluDropout(x: GraphValue, mask: GraphValue): GraphValue {
  const y = emit('Mul', [emit('Relu', [x], x.shape), mask], x.shape);
  return withGradient(y, [x], (dy) => [multiply(dy, whereAboveZero(y))]);
}

/** 1 above 0 and 0 at 0: a slope that takes every normal number past 1 does in one pass what a comparison does in two. */
function whereAboveZero(y: GraphValue): GraphValue {
  return emit('HardSigmoid', [y], y.shape, { alpha: { float: 3e38 }, beta: { float: 0 } });
}

/**
 * x · Φ(x) with the error function, as BERT has it.
 *
 * @see Hendrycks, Gimpel (2016), arXiv:1606.08415
 * @example
 * gelu(new Graph().input('x', [2])).shape // => [2]
 */
export function gelu(x: GraphValue): GraphValue {
  return elementwise('Gelu', x, (dy) => {
    const cumulative = multiply(add(emit('Erf', [multiply(x, Math.SQRT1_2)], x.shape), 1), 0.5);
    const density = multiply(exp(multiply(multiply(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return multiply(dy, add(cumulative, multiply(x, density)));
  });
}

/**
 * Hyperbolic tangent.
 *
 * @example
 * tanh(new Graph().input('x', [2])).shape // => [2]
 */
export function tanh(x: GraphValue): GraphValue {
  return elementwise('Tanh', x, (dy, y) => multiply(dy, subtract(1, multiply(y, y))));
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example
 * sigmoid(new Graph().input('x', [2])).shape // => [2]
 */
export function sigmoid(x: GraphValue): GraphValue {
  return elementwise('Sigmoid', x, (dy, y) => multiply(dy, multiply(y, subtract(1, y))));
}

/**
 * eˣ.
 *
 * @example
 * exp(new Graph().input('x', [2])).shape // => [2]
 */
export function exp(x: GraphValue): GraphValue {
  return elementwise('Exp', x, (dy, y) => multiply(dy, y));
}

/**
 * Natural logarithm.
 *
 * @example
 * log(new Graph().input('x', [2])).shape // => [2]
 */
export function log(x: GraphValue): GraphValue {
  return elementwise('Log', x, (dy) => divide(dy, x));
}

/**
 * Square root; its gradient at 0 is infinite.
 *
 * @example
 * sqrt(new Graph().input('x', [2])).shape // => [2]
 */
export function sqrt(x: GraphValue): GraphValue {
  return elementwise('Sqrt', x, (dy, y) => divide(multiply(dy, 0.5), y));
}

/**
 * |x|; the gradient at 0 is 0.
 *
 * @example
 * absolute(new Graph().input('x', [2])).shape // => [2]
 */
export function absolute(x: GraphValue): GraphValue {
  return elementwise('Abs', x, (dy) => multiply(dy, emit('Sign', [x], x.shape)));
}

/**
 * log(1 + eˣ) without overflow.
 *
 * @example
 * softplus(new Graph().input('x', [2])).shape // => [2]
 */
export function softplus(x: GraphValue): GraphValue {
  const tail = emit(
    'Log',
    [add(emit('Exp', [emit('Neg', [emit('Abs', [x], x.shape)], x.shape)], x.shape), 1)],
    x.shape,
  );
  const y = add(emit('Relu', [x], x.shape), tail);
  return withGradient(y, [x], (dy) => [multiply(dy, sigmoid(x))]);
}

/**
 * Sets values to 0 and scales the others, by a mask that is an input: the caller draws it, so a run can be repeated.
 *
 * @param mask - 0, or 1 / (1 - rate), of the shape of `x`; `dropoutMask` draws one.
 * @see Srivastava et al. (2014), Dropout, JMLR 15
 * @example
 * const graph = new Graph();
 * dropout(graph.input('x', ['n', 4]), graph.input('mask', ['n', 4])).shape // => ['n', 4]
 */
export function dropout(x: GraphValue, mask: GraphValue): GraphValue {
  const y = emit('Mul', [x, mask], x.shape);
  return withGradient(y, [x], (dy) => [multiply(dy, mask)]);
}
