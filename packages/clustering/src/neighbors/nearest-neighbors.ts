import { type Cooperative, nextTurn, type ProgressCallback, runAsync } from '@matome/primitives/async';
import { createDenseEngine, type DenseEngine } from '@matome/primitives/dense';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { unitRows } from '../hdbscan/unit-rows.js';
import type { KnnGraph } from './knn-graph.js';
import { nearestLists } from './nearest-lists.js';
import { nearestByDescentSteps } from './nn-descent.js';
import { watchedSignal } from './watched-signal.js';

/** How neighbours are found: exactly in this thread, exactly by products of the dense engine, or nearly. */
export type NeighborAlgorithm = 'exact' | 'dense' | 'nn-descent';

/** Options of `nearestNeighbors`. */
export interface NearestNeighborsOptions {
  /** Neighbours of each row, the row itself not counted, in [1, n - 1]. */
  readonly k: number;
  /** @default 'euclidean' */
  readonly metric?: 'euclidean' | 'cosine';
  /**
   * `exact` prunes by a tree or compares panels of rows, `dense` multiplies blocks (fastest for wide rows, with
   * onnxruntime-node), `nn-descent` joins neighbours of neighbours and may miss some.
   * @default 'auto': `nn-descent` where an exact search would take minutes, else the faster exact one
   */
  readonly algorithm?: NeighborAlgorithm | 'auto';
  /** The engine for `dense`. @default createDenseEngine() */
  readonly engine?: DenseEngine;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/** A neighbour graph and how it came about. */
export interface NearestNeighbors extends KnnGraph {
  readonly algorithm: NeighborAlgorithm;
  /** Share of the true neighbours found: 1 for an exact search, else measured on a sample of rows. */
  readonly recall: number;
}

/** Multiplications up to which comparing in this thread is quick enough not to ask for an engine. */
const fewProducts = 2e9;
/** Multiplications of one block of the engine. */
const blockProducts = 1e9;
/** Multiplications from which an exact search would take minutes. */
const manyProducts = 4e12;

/**
 * The `k` nearest other rows of every row, nearest first, ties by smaller index.
 *
 * @param x - n × d, finite; not modified.
 * @throws RangeError if `k` is not in [1, n - 1] or a value is not finite; the signal's reason when aborted.
 * @remarks Exact: about O(n log n) for few columns, else O(n² d); O(n k) memory besides blocks. NN-descent: about
 * O(n^1.1 k² d).
 * @example
 * const x = { data: new Float32Array([0, 1, 5]), rows: 3, cols: 1 };
 * [...(await nearestNeighbors(x, { k: 1 })).indices] // => [1, 0, 1]
 */
export async function nearestNeighbors(x: Matrix, options: NearestNeighborsOptions): Promise<NearestNeighbors> {
  const { metric = 'euclidean', algorithm = 'auto', signal, onProgress } = options;
  const caller = 'nearestNeighbors';
  checkInteger(caller, 'rows', x.rows, { min: 2 });
  const k = checkInteger(caller, 'k', options.k, { min: 1, max: x.rows - 1 });
  checkOneOf(caller, 'metric', metric, ['euclidean', 'cosine']);
  checkOneOf(caller, 'algorithm', algorithm, ['auto', 'exact', 'dense', 'nn-descent']);
  checkMatrix(caller, x);
  await nextTurn(signal);
  const products = x.rows * x.rows * x.cols;
  const local = products <= fewProducts || x.cols <= 8;
  const chosen = algorithm !== 'auto' ? algorithm : local ? 'exact' : products < manyProducts ? 'dense' : 'nn-descent';
  if (chosen === 'dense') return denseNeighbors(x, k, metric, options, algorithm === 'auto');
  if (chosen === 'nn-descent') return runAsync(descentSteps(x, k, metric, options.random), { signal, onProgress });
  return runAsync(exactNeighborsSteps(x, k, metric), { signal, onProgress });
}

async function denseNeighbors(
  x: Matrix,
  k: number,
  metric: 'euclidean' | 'cosine',
  options: NearestNeighborsOptions,
  orExact: boolean,
): Promise<NearestNeighbors> {
  const { signal, onProgress } = options;
  const engine = options.engine ?? (await createDenseEngine());
  const letGo = () => (options.engine ? undefined : engine.dispose());
  // Without native code, comparing panels here is faster than the engine's products.
  if (orExact && engine.name === 'js') {
    await letGo();
    return runAsync(exactNeighborsSteps(x, k, metric), { signal, onProgress });
  }
  // Blocks of some ten milliseconds: native code cannot be stopped within one.
  const blockSize = Math.max(32, Math.min(1024, Math.floor(blockProducts / (x.rows * Math.max(1, x.cols)))));
  // An engine asks its signal before each block, and the one of plain JavaScript every 64 rows.
  const total = Math.ceil(x.rows / (engine.name === 'onnx' ? blockSize : 64));
  let begun = 0;
  const check = () => onProgress?.({ stage: 'neighbors', completed: Math.min(begun++, total), total });
  const watched = watchedSignal(signal, { check, reason: () => (signal?.aborted ? signal.reason : undefined) });
  const search = engine.nearestRows(x, x, { k, metric, excludeSelf: true, blockSize, signal: watched }).finally(letGo);
  return { ...(await orAborted(search, signal)), algorithm: 'dense', recall: 1 };
}

/** Settles as the promise does, or with the signal's reason as soon as it is aborted. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function* descentSteps(
  x: Matrix,
  k: number,
  metric: 'euclidean' | 'cosine',
  random = createRandom(),
): Cooperative<NearestNeighbors> {
  const found = yield* nearestByDescentSteps(metric === 'cosine' ? unitRows(x) : x, k, random);
  const distances = metric === 'cosine' ? found.distances.map((distance) => distance ** 2 / 2) : found.distances;
  return { ...found, distances, algorithm: 'nn-descent' };
}

/** Exact neighbours in steps of a few milliseconds. */
export function* exactNeighborsSteps(
  x: Matrix,
  k: number,
  metric: 'euclidean' | 'cosine',
): Cooperative<NearestNeighbors> {
  const rows = metric === 'cosine' ? unitRows(x) : x;
  const lists = yield* nearestLists(rows, k);
  const distances = new Float32Array(lists.squared.length);
  for (let at = 0; at < distances.length; at++) {
    const squared = lists.squared[at]!;
    distances[at] = metric === 'cosine' ? squared / 2 : Math.sqrt(squared);
  }
  return { indices: Uint32Array.from(lists.indices), distances, rows: x.rows, k, algorithm: 'exact', recall: 1 };
}
