import { type GraphValue, withGradient } from '../graph.js';
import { normalizeAxis, reducedShape } from '../shapes.js';
import type { Dimension, Shape } from '../tensor-types.js';
import { emit } from './emit.js';

/**
 * The same values with other sizes.
 *
 * @param shape - numbers, names that stand at the same place in `x`, and at most one other name, whose size is worked out.
 * @throws RangeError if more than one size would have to be worked out.
 * @example
 * reshape(new Graph().input('x', ['n', 4, 2]), ['n', 8]).shape // => ['n', 8]
 */
export function reshape(x: GraphValue, shape: Shape): GraphValue {
  let inferred = 0;
  const sizes = shape.map((dim, i) => {
    if (typeof dim === 'number') return dim;
    // 0 stands for "as in the input at this place".
    if (x.shape[i] === dim) return 0;
    inferred++;
    return -1;
  });
  if (inferred > 1) {
    throw new RangeError(`reshape can work out one size only. Got [${x.shape.join(', ')}] to [${shape.join(', ')}].`);
  }
  const count = (dims: Shape) => (dims.every(isFixed) ? dims.reduce((product, dim) => product * dim, 1) : undefined);
  const [from, to] = [count(x.shape), count(shape)];
  if (from !== undefined && to !== undefined && from !== to) {
    throw new RangeError(
      `reshape must keep the number of values. Got [${x.shape.join(', ')}] to [${shape.join(', ')}].`,
    );
  }
  const y = emit('Reshape', [x, x.graph.integers(sizes)], shape);
  return withGradient(y, [x], (dy) => [reshapeLike(dy, x)]);
}

/**
 * Gives `y` the sizes of `x`, also where several of them are known only when the graph runs.
 *
 * @example
 * const graph = new Graph();
 * reshapeLike(graph.input('rows', ['m', 8]), graph.input('x', ['n', 'length', 8])).shape // => ['n', 'length', 8]
 */
export function reshapeLike(y: GraphValue, x: GraphValue): GraphValue {
  const names = x.shape.filter((dim, i) => typeof dim === 'string' && y.shape[i] !== dim);
  if (names.length <= 1) return reshape(y, x.shape);
  const sizes = emit('Shape', [x], [x.shape.length], {}, 'int64');
  // These are sizes as they are: 0 is no row, not a size to be copied.
  const result = emit('Reshape', [y, sizes], x.shape, { allowzero: 1 });
  return withGradient(result, [y], (dy) => [reshapeLike(dy, y)]);
}

/**
 * Axes in another order; without `order` the last two are swapped.
 *
 * @example
 * transpose(new Graph().input('x', ['n', 4])).shape // => [4, 'n']
 */
export function transpose(x: GraphValue, order?: readonly number[]): GraphValue {
  const rank = x.shape.length;
  const swapped = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  const perm = order ?? swapped;
  if (rank < 2 || [...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== rank) {
    throw new RangeError(
      `The order of transpose must name each axis of a rank ${rank} value once. Got [${perm.join(', ')}].`,
    );
  }
  const y = emit(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    { perm },
  );
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return withGradient(y, [x], (dy) => [transpose(dy, inverse)]);
}

function isFixed(dim: Dimension | undefined): dim is number {
  return typeof dim === 'number';
}

function joinedDimension(parts: readonly GraphValue[], axis: number): Dimension {
  const dims = parts.map((part) => part.shape[axis]!);
  if (dims.every((dim) => typeof dim === 'number')) return dims.reduce((a, b) => a + b, 0);
  return dims.join('+');
}

/**
 * Joins values along one axis; the other sizes must agree.
 *
 * @throws RangeError if the axis does not exist, there are no values, or sizes that are known differ.
 * @example
 * const graph = new Graph();
 * concat([graph.input('a', ['n', 2]), graph.input('b', ['n', 3])], 1).shape // => ['n', 5]
 */
export function concat(parts: readonly GraphValue[], axis: number): GraphValue {
  const first = parts[0];
  if (!first) throw new RangeError('The values of concat must be at least one. Got none.');
  const at = normalizeAxis('concat', axis, first.shape.length);
  for (const { shape } of parts) {
    const fits = (dim: Dimension, i: number) => i === at || !isFixed(dim) || !isFixed(shape[i]) || dim === shape[i];
    if (shape.length !== first.shape.length || !first.shape.every(fits)) {
      throw new RangeError(
        `The values of concat must agree in all axes but ${at}. Got [${first.shape.join(', ')}] and [${shape.join(', ')}].`,
      );
    }
  }
  const shape = first.shape.map((dim, i) => (i === at ? joinedDimension(parts, at) : dim));
  const y = emit('Concat', parts, shape, { axis: at });
  return withGradient(y, parts, (dy) => splitLike(dy, parts, at));
}

function splitLike(dy: GraphValue, parts: readonly GraphValue[], axis: number): GraphValue[] {
  const graph = dy.graph;
  const fixed = parts.every((part) => typeof part.shape[axis] === 'number');
  const sizes = fixed
    ? graph.integers(parts.map((part) => part.shape[axis] as number))
    : emit(
        'Concat',
        parts.map((part) => emit('Shape', [part], [1], { start: axis, end: axis + 1 }, 'int64')),
        [parts.length],
        { axis: 0 },
      );
  return graph.node('Split', [dy, sizes], {
    attributes: { axis },
    outputs: parts.map((part) => ({ type: dy.type, shape: part.shape })),
  });
}

/**
 * Rows of a table by number, as an embedding layer reads them. The gradient adds up rows that are read several times.
 *
 * @param table - v × … values.
 * @param indices - int64 of any shape, each in [0, v).
 * @returns shape of `indices` followed by the sizes of one row.
 * @remarks The gradient is as large as the table and summed on one thread in a fixed order; for a table of many
 * thousand rows use `EmbeddingTable`, whose cost grows with the rows read.
 * @throws RangeError if `indices` is not int64.
 * @example
 * const graph = new Graph();
 * gather(graph.input('table', [100, 8]), graph.input('ids', ['n', 5], 'int64')).shape // => ['n', 5, 8]
 */
export function gather(table: GraphValue, indices: GraphValue): GraphValue {
  if (indices.type !== 'int64') throw new RangeError(`The indices of gather must be int64. Got ${indices.type}.`);
  const y = emit('Gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], { axis: 0 });
  return withGradient(y, [table], (dy) => [scatterAdd(dy, indices, table)]);
}

function scatterAdd(dy: GraphValue, indices: GraphValue, table: GraphValue): GraphValue {
  const graph = table.graph;
  const row = table.shape.slice(1);
  if (row.some((dim) => typeof dim === 'string')) {
    throw new RangeError(`The gradient of gather needs rows of fixed size. Got [${table.shape.join(', ')}].`);
  }
  const flatIds = emit('Reshape', [indices, graph.integers([-1, ...row.map(() => 1)])], ['ids', ...row.map(() => 1)]);
  const flat = emit('Reshape', [dy, graph.integers([-1, ...row.map(Number)])], ['ids', ...row]);
  const spread = emit('Expand', [flatIds, emit('Shape', [flat], [1 + row.length], {}, 'int64')], flat.shape);
  const zeros = emit(
    'ConstantOfShape',
    [emit('Shape', [table], [table.shape.length], {}, 'int64')],
    table.shape,
    {},
    'float32',
  );
  // ScatterND would be 20 times as fast, but loses additions to one row when it runs on several threads.
  return emit('ScatterElements', [zeros, spread, flat], table.shape, { axis: 0, reduction: 'add' });
}

/**
 * Takes an axis of size 1 out.
 *
 * @throws RangeError if the axis does not exist.
 * @example
 * squeeze(new Graph().input('x', ['n', 1]), 1).shape // => ['n']
 */
export function squeeze(x: GraphValue, axis: number): GraphValue {
  const at = normalizeAxis('squeeze', axis, x.shape.length);
  return reshape(x, reducedShape(x.shape, [at], false));
}
