import { type GraphValue, withGradient } from '../graph.js';
import { normalizeAxis, reducedShape } from '../shapes.js';
import { divide, multiply } from './arithmetic.js';
import { emit } from './emit.js';
import { reshape } from './layout.js';

/** Options of the reductions. */
export interface ReduceOptions {
  /** Axes to reduce, negative ones counted from the end. @default all */
  readonly axes?: readonly number[];
  /** Keeps reduced axes with size 1. @default false */
  readonly keepDims?: boolean;
}

function reduce(op: string, x: GraphValue, options: ReduceOptions, share: (dx: GraphValue) => GraphValue): GraphValue {
  const rank = x.shape.length;
  const axes = (options.axes ?? x.shape.map((_, i) => i)).map((axis) => normalizeAxis(op, axis, rank));
  const keepDims = options.keepDims ?? false;
  const y = emit(op, [x, x.graph.integers(axes)], reducedShape(x.shape, axes, keepDims), {
    keepdims: keepDims ? 1 : 0,
  });
  return withGradient(y, [x], (dy) => {
    const kept = keepDims ? dy : reshape(dy, reducedShape(x.shape, axes, true));
    const sizes = emit('Shape', [x], [rank], {}, 'int64');
    return [share(emit('Expand', [kept, sizes], x.shape))];
  });
}

/**
 * Sum over axes.
 *
 * @example
 * reduceSum(new Graph().input('x', ['n', 4]), { axes: [1] }).shape // => ['n']
 */
export function reduceSum(x: GraphValue, options: ReduceOptions = {}): GraphValue {
  return reduce('ReduceSum', x, options, (dx) => dx);
}

/**
 * Mean over axes.
 *
 * @example
 * reduceMean(new Graph().input('x', ['n', 4])).shape // => []
 */
export function reduceMean(x: GraphValue, options: ReduceOptions = {}): GraphValue {
  const rank = x.shape.length;
  const axes = (options.axes ?? x.shape.map((_, i) => i)).map((axis) => normalizeAxis('reduceMean', axis, rank));
  return reduce('ReduceMean', x, options, (dx) => {
    const fixed = axes.every((axis) => typeof x.shape[axis] === 'number');
    if (fixed) return multiply(dx, 1 / axes.reduce((n, axis) => n * (x.shape[axis] as number), 1));
    return divide(dx, countOf(x, axes));
  });
}

function countOf(x: GraphValue, axes: readonly number[]): GraphValue {
  const sizes = emit('Shape', [x], [x.shape.length], {}, 'int64');
  const reduced = emit('Gather', [sizes, x.graph.integers(axes)], [axes.length], { axis: 0 });
  const count = emit('ReduceProd', [reduced], [], { keepdims: 0 });
  return emit('Cast', [count], [], { to: 1 }, 'float32');
}
