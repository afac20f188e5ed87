import { type GraphValue, withGradient } from '../graph.js';
import { normalizeAxis, sameShape } from '../shapes.js';
import { exp } from './activations.js';
import { divide, multiply, subtract, sumToShape } from './arithmetic.js';
import { emit } from './emit.js';
import { reshape } from './layout.js';
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

/**
 * Cosine of the rows of two values along the last axis; 0 where a row is zero.
 *
 * The same as the sum of products of two `l2Normalize`, with half the passes on the way back: the lengths are divided out
 * of one number a row instead of all its values.
 *
 * @param epsilon - smallest length divided by. @default 1e-12
 * @throws RangeError if the shapes differ.
 * @example
 * const graph = new Graph();
 * rowCosine(graph.input('x', ['n', 4]), graph.input('y', ['n', 4])).shape // => ['n']
 */
export function rowCosine(a: GraphValue, b: GraphValue, epsilon = 1e-12): GraphValue {
  if (!sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `The operands of rowCosine must have one shape. Got [${a.shape.join(', ')}] and [${b.shape.join(', ')}].`,
    );
  }
  const rows = [...a.shape.slice(0, -1), 1];
  const lengthOf = (x: GraphValue) => {
    const length = emit('ReduceL2', [x, x.graph.integers([-1])], rows, { keepdims: 1 });
    return emit('Max', [length, x.graph.scalar(epsilon)], rows);
  };
  const [lengthA, lengthB] = [lengthOf(a), lengthOf(b)];
  const lengths = emit('Mul', [lengthA, lengthB], rows);
  const product = emit('ReduceSum', [emit('Mul', [a, b], a.shape), a.graph.integers([-1])], rows, { keepdims: 1 });
  const cosine = emit('Div', [product, lengths], rows);
  return withGradient(reshape(cosine, rows.slice(0, -1)), [a, b], (dy, wanted) => {
    const slope = reshape(dy, rows);
    const across = divide(slope, lengths);
    const along = multiply(slope, cosine);
    const towards = (other: GraphValue, own: GraphValue, length: GraphValue) =>
      subtract(multiply(other, across), multiply(own, divide(along, multiply(length, length))));
    return [wanted[0] ? towards(b, a, lengthA) : undefined, wanted[1] ? towards(a, b, lengthB) : undefined];
  });
}
