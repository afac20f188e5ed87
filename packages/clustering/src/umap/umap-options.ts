import type { ProgressCallback } from '@matome/primitives/async';
import type { DenseEngine } from '@matome/primitives/dense';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { checkKnnGraph, type KnnGraph } from '../neighbors/knn-graph.js';
import type { DensitySettings } from './density-term.js';
import type { LayoutStart } from './initialize-layout.js';

/**
 * How a layout keeps local densities.
 *
 * @see Narayan, Berger, Cho (2021), densMAP, doi:10.1038/s41587-020-00801-7
 * @example
 * const x = { data: Float32Array.from({ length: 60 }, (_, i) => (i < 30 ? i : 10 * i)), rows: 60, cols: 1 };
 * const embedding = await umap(x, { densities: { weight: 3 } });
 * (await densityCorrelation(x, embedding)) > (await densityCorrelation(x, await umap(x))) // => true
 */
export interface DensityOptions {
  /** Strength of the term, in [0, 1e6]: the more, the closer the radii and the looser the neighbourhoods. @default 2 */
  readonly weight?: number;
  /** Last share of the epochs in which the term acts, in [0, 1]. @default 0.3 */
  readonly fraction?: number;
  /** Added to the variance of the logarithms of the layout's radii, at least 0: damps the term while they hardly differ. @default 0.1 */
  readonly varianceShift?: number;
}

/** Options of `umap`. */
export interface UmapOptions {
  /**
   * Rows that a row is compared with, itself counted; more look at larger structure. Clamped to [2, max(2, n / 3)], and
   * ignored when `knn` is given. @default 15
   */
  readonly nNeighbors?: number;
  /** Dimensions of the embedding, in [1, 256]. @default 2 */
  readonly nComponents?: number;
  /** How close rows may come in the embedding, in [0, spread]; 0 packs clusters tightly. @default 0.1 */
  readonly minDist?: number;
  /** Scale of the embedding. @default 1 */
  readonly spread?: number;
  /** Rounds of the optimisation. @default 500, or 200 above 10,000 rows; 200 more with `densities` */
  readonly nEpochs?: number;
  /** @default 'euclidean' */
  readonly metric?: 'euclidean' | 'cosine';
  /** First positions. @default 'spectral' */
  readonly init?: LayoutStart;
  /** First step length; it falls to zero over the epochs. @default 1 */
  readonly learningRate?: number;
  /** Random rows pushed away for every neighbour pulled. @default 5 */
  readonly negativeSampleRate?: number;
  /** Strength of the pushes. @default 1 */
  readonly repulsionStrength?: number;
  /** Nearest rows that count as fully connected. @default 1 */
  readonly localConnectivity?: number;
  /** 1 joins the two directions of an edge by union, 0 by intersection. @default 1 */
  readonly setOperationMix?: number;
  /** n class numbers, -1 where unknown: pulls rows of one class together. @default none */
  readonly target?: ArrayLike<number>;
  /**
   * Lets dense regions of the rows stay denser than others (densMAP): the local radii of the embedding are pulled towards a
   * correlation with those of the rows, under `metric`, and under `target` with its weakened edges. `{}` takes the defaults.
   * @default none
   */
  readonly densities?: DensityOptions;
  /** Neighbours found before, without the rows themselves; makes `nNeighbors` its `k + 1`. */
  readonly knn?: KnnGraph;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
}

/** Options of `umap` that only a call across turns can heed. */
export interface UmapRunOptions extends UmapOptions {
  /** Threads of the optimisation, this one counted; their number does not change the result. @default 1 */
  readonly threads?: number;
  /** The engine for the neighbour search of wide rows. @default createDenseEngine() */
  readonly engine?: DenseEngine;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/** Every option with its value. */
export interface UmapSettings {
  readonly nNeighbors: number;
  readonly nComponents: number;
  readonly minDist: number;
  readonly spread: number;
  readonly nEpochs: number;
  readonly metric: 'euclidean' | 'cosine';
  readonly init: LayoutStart;
  readonly learningRate: number;
  readonly negativeSampleRate: number;
  readonly repulsionStrength: number;
  readonly localConnectivity: number;
  readonly setOperationMix: number;
  readonly target: ArrayLike<number> | undefined;
  readonly densities: DensitySettings | undefined;
  readonly knn: KnnGraph | undefined;
  readonly random: RandomSource;
}

/** Number of neighbours that n rows bear: between 2 and a third of them. */
export function clampNeighbors(nNeighbors: number, rows: number): number {
  return Math.max(2, Math.min(nNeighbors, Math.floor(rows / 3)));
}

/** Rounds of the optimisation unless asked for others. */
export function defaultEpochs(rows: number, densities?: DensityOptions): number {
  return (rows > 10_000 ? 200 : 500) + (densities ? 200 : 0);
}

/** Fills in defaults and checks values. */
export function umapSettings(caller: string, x: Matrix, options: UmapOptions): UmapSettings {
  checkMatrix(caller, x);
  const { knn, target, densities, init = 'spectral', metric = 'euclidean' } = options;
  const nNeighbors = checkInteger(caller, 'nNeighbors', options.nNeighbors ?? 15, { min: 2 });
  const nComponents = checkInteger(caller, 'nComponents', options.nComponents ?? 2, { min: 1, max: 256 });
  const spread = checkNumber(caller, 'spread', options.spread ?? 1, { min: 0, exclusiveMin: true });
  if (knn) checkKnnGraph(caller, knn, x.rows);
  if (target) checkInteger(caller, 'target.length', target.length, { min: x.rows, max: x.rows });
  if (typeof init === 'string') checkOneOf(caller, 'init', init, ['spectral', 'pca', 'random']);
  else checkStart(caller, init, x.rows, nComponents);
  return {
    nNeighbors: knn ? knn.k + 1 : clampNeighbors(nNeighbors, x.rows),
    nComponents,
    minDist: checkNumber(caller, 'minDist', options.minDist ?? 0.1, { min: 0, max: spread }),
    spread,
    nEpochs: checkInteger(caller, 'nEpochs', options.nEpochs ?? defaultEpochs(x.rows, densities), { min: 0 }),
    metric: checkOneOf(caller, 'metric', metric, ['euclidean', 'cosine']),
    init,
    learningRate: checkNumber(caller, 'learningRate', options.learningRate ?? 1, {
      min: 0,
      max: 1e6,
      exclusiveMin: true,
    }),
    negativeSampleRate: checkInteger(caller, 'negativeSampleRate', options.negativeSampleRate ?? 5, { min: 0 }),
    repulsionStrength: checkNumber(caller, 'repulsionStrength', options.repulsionStrength ?? 1, { min: 0, max: 1e6 }),
    localConnectivity: checkNumber(caller, 'localConnectivity', options.localConnectivity ?? 1, { min: 0 }),
    setOperationMix: checkNumber(caller, 'setOperationMix', options.setOperationMix ?? 1, { min: 0, max: 1 }),
    target,
    densities: densities && densitySettings(caller, densities),
    knn,
    random: options.random ?? createRandom(),
  };
}

function checkStart(caller: string, init: Matrix, rows: number, nComponents: number): void {
  if (init.rows !== rows || init.cols !== nComponents) {
    throw new RangeError(
      `The init option of ${caller} must be a matrix of ${rows} × ${nComponents} values. Got ${init.rows} × ${init.cols}.`,
    );
  }
  checkMatrix(caller, init);
}

function densitySettings(caller: string, { weight = 2, fraction = 0.3, varianceShift = 0.1 }: DensityOptions) {
  return {
    weight: checkNumber(caller, 'densities.weight', weight, { min: 0, max: 1e6 }),
    fraction: checkNumber(caller, 'densities.fraction', fraction, { min: 0, max: 1 }),
    varianceShift: checkNumber(caller, 'densities.varianceShift', varianceShift, { min: 0 }),
  };
}
