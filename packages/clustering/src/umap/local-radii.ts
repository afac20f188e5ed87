import { runAsync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { fuzzyGraphSteps } from './fuzzy-graph.js';
import { leastRadius, logRadii, standardize } from './log-radii.js';
import { findNeighbors } from './umap.js';
import { type UmapRunOptions, umapSettings } from './umap-options.js';

/** Options of `localRadii` and `densityCorrelation`, each as `umap` has it. */
export type LocalRadiiOptions = Pick<
  UmapRunOptions,
  | 'nNeighbors'
  | 'metric'
  | 'localConnectivity'
  | 'setOperationMix'
  | 'knn'
  | 'random'
  | 'engine'
  | 'signal'
  | 'onProgress'
>;

/**
 * How far the neighbours of every row are, as a logarithm: small where rows lie dense.
 *
 * The radius is the mean squared distance to the neighbours of a row and the rows it is a neighbour of, weighted by the
 * memberships of UMAP. It is what `densities` keeps: take it of the rows and of an embedding to see how well.
 *
 * @param x - n × d, finite; not modified. For an embedding leave `metric` Euclidean.
 * @returns n values ln(1e-8 + radius), the radius in squared units of distance; ln 1e-8 for a single row and for rows
 * among duplicates only.
 * @throws RangeError if a value is not finite or an option is out of range; the signal's reason when aborted.
 * @remarks Neighbours as `umap` finds them, then O(n nNeighbors²): 20 ms for 2,000 rows.
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 10 * i)), rows: 60, cols: 1 };
 * const radii = await localRadii(x);
 * (radii[45]! - radii[15]!).toFixed(2) // => '4.61'
 */
export async function localRadii(x: Matrix, options: LocalRadiiOptions = {}): Promise<Float64Array> {
  return radiiOf('localRadii', x, options);
}

/**
 * Correlation (Pearson) of the local radii of the rows with those of their embedding: 1 where dense stays dense.
 *
 * @param x - n × d, finite; the options speak of it.
 * @param embedding - n × e, finite; its neighbours are as many, and Euclidean.
 * @returns a value in [-1, 1]; NaN where the radii of one side are all equal, as with one row or none.
 * @throws RangeError if rows differ in number, a value is not finite or an option is out of range.
 * @remarks As `localRadii`, twice.
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 10 * i)), rows: 60, cols: 1 };
 * (await densityCorrelation(x, x)).toFixed(4) // => '1.0000'
 */
export async function densityCorrelation(
  x: Matrix,
  embedding: Matrix,
  options: LocalRadiiOptions = {},
): Promise<number> {
  const caller = 'densityCorrelation';
  if (embedding.rows !== x.rows) {
    throw new RangeError(`The embedding of ${caller} must have ${x.rows} rows, as the data. Got ${embedding.rows}.`);
  }
  const { nNeighbors, metric, localConnectivity, setOperationMix } = umapSettings(caller, x, options);
  const original = await radiiOf(caller, x, { ...options, metric });
  const { engine, random, signal, onProgress } = options;
  const shared = { nNeighbors, localConnectivity, setOperationMix, engine, random, signal, onProgress };
  return correlation(original, await radiiOf(caller, embedding, shared));
}

async function radiiOf(caller: string, x: Matrix, options: LocalRadiiOptions): Promise<Float64Array> {
  const settings = umapSettings(caller, x, options);
  const { signal, onProgress } = options;
  if (x.rows < 2) return new Float64Array(x.rows).fill(Math.log(leastRadius));
  const knn = settings.knn ?? (await findNeighbors(x, settings, options));
  return logRadii(await runAsync(fuzzyGraphSteps(knn, settings), { signal, onProgress }), knn);
}

function correlation(a: Float64Array, b: Float64Array): number {
  const [left, right] = [standardize(a), standardize(b)];
  if (left.every((value) => value === 0) || right.every((value) => value === 0)) return Number.NaN;
  const mean = left.reduce((sum, value, i) => sum + value * right[i]!, 0) / left.length;
  return Math.max(-1, Math.min(1, mean));
}
