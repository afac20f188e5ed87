import { type GraphValue, withGradient } from '../graph.js';
import { normalizeAxis } from '../shapes.js';
import { exp } from './activations.js';
import { divide, multiply, subtract, sumToShape } from './arithmetic.js';
import { emit } from './emit.js';
import { reduceMean, reduceSum } from './reductions.js';

const overLast = { axes: [-1], keepDims: true } as const;

/**
 * eˣ / Σ eˣ along an axis.
 *
 * @param axis - @default -1
 * @example
 * softmax(new Graph().input('x', ['n', 4])).shape // => ['n', 4]
 */
export function softmax(x: GraphValue, axis = -1): GraphValue {
  const at = normalizeAxis('softmax', axis, x.shape.length);
  const y = emit('Softmax', [x], x.shape, { axis: at });
  return withGradient(y, [x], (dy) => {
    const product = multiply(dy, y);
    return [subtract(product, multiply(y, reduceSum(product, { axes: [at], keepDims: true })))];
  });
}

/**
 * Logarithm of the softmax, without underflow.
 *
 * @param axis - @default -1
 * @example
 * logSoftmax(new Graph().input('x', ['n', 4])).shape // => ['n', 4]
 */
export function logSoftmax(x: GraphValue, axis = -1): GraphValue {
  const at = normalizeAxis('logSoftmax', axis, x.shape.length);
  const y = emit('LogSoftmax', [x], x.shape, { axis: at });
  return withGradient(y, [x], (dy) => [subtract(dy, multiply(exp(y), reduceSum(dy, { axes: [at], keepDims: true })))]);
}

/**
 * Shifts and scales the last axis to mean 0 and variance 1, then applies `scale` and `bias`.
 *
 * @param epsilon - added to the variance. @default 1e-5
 * @see Ba, Kiros, Hinton (2016), arXiv:1607.06450
 * @example
 * const graph = new Graph();
 * layerNorm(graph.input('x', ['n', 4]), graph.input('scale', [4]), graph.input('bias', [4])).shape // => ['n', 4]
 */
export function layerNorm(x: GraphValue, scale: GraphValue, bias: GraphValue, epsilon = 1e-5): GraphValue {
  const stats = [...x.shape.slice(0, -1), 1];
  const [y, mean, inverse] = x.graph.node('LayerNormalization', [x, scale, bias], {
    attributes: { axis: -1, epsilon: { float: epsilon } },
    outputs: [x, { type: 'float32', shape: stats }, { type: 'float32', shape: stats }],
  }) as [GraphValue, GraphValue, GraphValue];
  return withGradient(y, [x, scale, bias], (dy, wanted) => {
    const standard = multiply(subtract(x, mean), inverse);
    return [
      wanted[0] ? layerNormInput(multiply(dy, scale), standard, inverse) : undefined,
      wanted[1] ? sumToShape(multiply(dy, standard), scale.shape) : undefined,
      wanted[2] ? sumToShape(dy, bias.shape) : undefined,
    ];
  });
}

function layerNormInput(gradient: GraphValue, standard: GraphValue, inverse: GraphValue): GraphValue {
  const centred = subtract(gradient, reduceMean(gradient, overLast));
  const along = multiply(standard, reduceMean(multiply(gradient, standard), overLast));
  return multiply(subtract(centred, along), inverse);
}

/**
 * Scales the last axis to Euclidean length 1; a row of zeros stays zero.
 *
 * @param epsilon - smallest length divided by. @default 1e-12
 * @example
 * l2Normalize(new Graph().input('x', ['n', 4])).shape // => ['n', 4]
 */
export function l2Normalize(x: GraphValue, epsilon = 1e-12): GraphValue {
  const length = emit('ReduceL2', [x, x.graph.integers([-1])], [...x.shape.slice(0, -1), 1], { keepdims: 1 });
  const divisor = emit('Max', [length, x.graph.scalar(epsilon)], length.shape);
  const y = emit('Div', [x, divisor], x.shape);
  return withGradient(y, [x], (dy) => [
    divide(subtract(dy, multiply(y, reduceSum(multiply(dy, y), overLast))), divisor),
  ]);
}
