import { type Clock, DeadlineExceededError, type ProgressCallback } from '@matome/primitives/async';
import type { DenseEngine } from '@matome/primitives/dense';
import type { Matrix } from '@matome/primitives/linalg';
import { checkInteger, checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import { createRandom, type RandomSource } from '@matome/primitives/random';
import { RunBudget } from '../cluster-embeddings/run-budget.js';
import { type HdbscanResult, hdbscanSteps } from '../hdbscan/hdbscan.js';
import { dbcvSteps } from '../metrics/dbcv.js';
import { silhouetteSteps } from '../metrics/silhouette.js';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { nearestNeighbors } from '../neighbors/nearest-neighbors.js';
import { drawSeed, embedSteps } from '../umap/umap.js';
import { umapSettings } from '../umap/umap-options.js';
import { ParzenSampler, type SearchSpace } from './parzen-sampler.js';

/** Values that the search chooses from. */
export interface ClusterSearchSpace {
  /** `tpe` tries every whole number from the least to the largest. @default [10, 15, 20], less for few rows */
  readonly minClusterSize?: readonly number[];
  /** `grid` leaves out those above `minClusterSize`; `tpe` tries 1 to the largest. @default [5] and `minClusterSize` */
  readonly minSamples?: readonly number[];
  /** @default [30, 50], less for few rows */
  readonly nNeighbors?: readonly number[];
  /** @default [5] */
  readonly nComponents?: readonly number[];
}

/** Options of `searchClusters`. */
export interface ClusterSearchOptions extends ClusterSearchSpace {
  /** `tpe` proposes what looks promising, `grid` tries every combination. @default 'tpe' */
  readonly method?: 'tpe' | 'grid';
  /** Combinations that `tpe` tries. @default 50 */
  readonly trials?: number;
  /** @default 'cosine' */
  readonly metric?: 'euclidean' | 'cosine';
  /** @default 0.5 */
  readonly clusterSelectionEpsilon?: number;
  /** @default 'eom' */
  readonly clusterSelectionMethod?: 'eom' | 'leaf';
  /** @default false */
  readonly allowSingleCluster?: boolean;
  /** Weight of the mean silhouette in the score; density-based validity has the rest. @default 0.6 */
  readonly silhouetteWeight?: number;
  /** Milliseconds after which no further combination is tried. @default none */
  readonly deadlineMs?: number;
  /** @default createDenseEngine() */
  readonly engine?: DenseEngine;
  /** @default createRandom(42) */
  readonly random?: RandomSource;
  /** Times the deadline. @default performance.now */
  readonly now?: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: ProgressCallback;
}

/** One combination. */
export interface ClusterTrial {
  readonly minClusterSize: number;
  readonly minSamples: number;
  readonly nNeighbors: number;
  readonly nComponents: number;
}

/** A combination that was tried. */
export interface ScoredTrial extends ClusterTrial {
  /** silhouetteWeight · silhouette + (1 - silhouetteWeight) · dbcv; what is undefined counts 0. */
  readonly score: number;
  readonly silhouette: number | null;
  readonly dbcv: number | null;
  readonly nClusters: number;
}

/** What `searchClusters` found. */
export interface ClusterSearch {
  readonly best: ScoredTrial;
  readonly clusters: HdbscanResult;
  /** The reduced rows that were clustered. */
  readonly embedding: Matrix;
  /** All trials in order. */
  readonly trials: readonly ScoredTrial[];
  /** Whether the deadline ended the search. */
  readonly stoppedEarly: boolean;
}

/**
 * Looks for the density settings that separate clusters best, by silhouette and density-based validity.
 *
 * Neighbours are found once; every reduction is computed once for its number of neighbours and dimensions.
 *
 * @param x - n × d, finite, n ≥ 3; not modified.
 * @throws RangeError if an option is out of range or a value is not finite; the signal's reason when aborted; when the
 * deadline passes before the first trial is done, DeadlineExceededError.
 * @remarks One reduction for each pair of neighbours and dimensions, one HDBSCAN and its validity for each trial.
 * @example
 * const rows = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? [1, i / 200, 0] : [0, i / 200, 1]));
 * const { best } = await searchClusters(matrixFromRows(rows), { method: 'grid', minClusterSize: [5], minSamples: [2] });
 * best.nClusters // => 2
 */
export async function searchClusters(x: Matrix, options: ClusterSearchOptions = {}): Promise<ClusterSearch> {
  const space = checkSearch(x, options);
  const { now = () => performance.now(), random = createRandom(), trials: wanted = 50, method = 'tpe' } = options;
  const budget = new RunBudget(now, options.deadlineMs, options.signal, undefined);
  const workshop = new TrialWorkshop(x, space, options, budget, drawSeed(random));
  const plan = method === 'grid' ? gridPlan(space, x.rows) : parzenPlan(space, wanted, random);
  const trials: ScoredTrial[] = [];
  let best: TriedOut | undefined;
  let stoppedEarly = false;
  for (const { trial, observe, total } of plan) {
    try {
      const tried = await workshop.run(trial);
      trials.push(tried.best);
      observe(tried.best.score);
      if (!best || isBetter(tried.best, best.best)) best = tried;
      options.onProgress?.({ stage: 'search', completed: trials.length, total });
    } catch (error) {
      if (!(error instanceof DeadlineExceededError) || !best) throw error;
      stoppedEarly = true;
      break;
    }
  }
  return { ...best!, trials, stoppedEarly };
}

type CheckedSpace = Required<ClusterSearchSpace> & { readonly samplesFollowSize: boolean };

function checkSearch(x: Matrix, options: ClusterSearchOptions): CheckedSpace {
  const caller = 'searchClusters';
  checkInteger(caller, 'rows', x.rows, { min: 3 });
  checkMatrix(caller, x);
  checkOneOf(caller, 'method', options.method ?? 'tpe', ['tpe', 'grid']);
  checkInteger(caller, 'trials', options.trials ?? 50, { min: 1 });
  if (options.deadlineMs !== undefined) checkNumber(caller, 'deadlineMs', options.deadlineMs, { min: 0 });
  checkNumber(caller, 'silhouetteWeight', options.silhouetteWeight ?? 0.6, { min: 0, max: 1 });
  const n = x.rows;
  const defaults = defaultSpace(n);
  const lists = {
    minClusterSize: options.minClusterSize ?? defaults.minClusterSize,
    minSamples: options.minSamples ?? defaults.minSamples,
    nNeighbors: options.nNeighbors ?? defaults.nNeighbors,
    nComponents: options.nComponents ?? [5],
  };
  for (const [name, values] of Object.entries(lists)) {
    checkInteger(caller, `${name}.length`, values.length, { min: 1 });
    for (const value of values) checkInteger(caller, name, value, { min: name === 'minSamples' ? 1 : 2 });
  }
  const most = Math.max(2, Math.floor(n / 3));
  const fitting = (values: readonly number[], limit: number) => values.filter((value) => value <= limit);
  const sizes = fitting(lists.minClusterSize, n - 1);
  const neighbors = fitting(lists.nNeighbors, most);
  return {
    // With no size that fits, a tenth to a quarter of the rows.
    minClusterSize: sizes.length > 0 ? sizes : [Math.max(2, Math.floor(n / 10)), Math.max(2, Math.floor(n / 4))],
    minSamples: lists.minSamples,
    nNeighbors: neighbors.length > 0 ? neighbors : [most],
    nComponents: lists.nComponents,
    samplesFollowSize: options.minSamples === undefined && n >= 10,
  };
}

/** Ranges that grow with the number of rows. */
function defaultSpace(n: number): Omit<Required<ClusterSearchSpace>, 'nComponents'> {
  if (n < 10) return { minClusterSize: [3, 4, 5], minSamples: [1, 2, 3], nNeighbors: [15] };
  if (n < 50) return { minClusterSize: [5, 7, 10], minSamples: [3, 5], nNeighbors: [15, 30] };
  return { minClusterSize: [10, 15, 20], minSamples: [5], nNeighbors: [30, 50] };
}

interface PlannedTrial {
  readonly trial: ClusterTrial;
  readonly total: number;
  observe(score: number): void;
}

function* gridPlan(space: CheckedSpace, rows: number): Generator<PlannedTrial> {
  const trials: ClusterTrial[] = [];
  for (const nNeighbors of space.nNeighbors) {
    for (const nComponents of space.nComponents) {
      for (const minClusterSize of space.minClusterSize) {
        const samples = new Set(space.minSamples.filter((value) => value <= minClusterSize));
        if (space.samplesFollowSize) samples.add(minClusterSize);
        for (const minSamples of samples) trials.push({ nNeighbors, nComponents, minClusterSize, minSamples });
      }
    }
  }
  if (trials.length === 0) {
    const [nNeighbors, nComponents] = [space.nNeighbors[0]!, space.nComponents[0]!];
    trials.push({ nNeighbors, nComponents, minClusterSize: Math.max(3, Math.floor(rows / 5)), minSamples: 1 });
  }
  for (const trial of trials) yield { trial, total: trials.length, observe: () => undefined };
}

function* parzenPlan(space: CheckedSpace, total: number, random: RandomSource): Generator<PlannedTrial> {
  const [least, most] = [Math.min(...space.minClusterSize), Math.max(...space.minClusterSize)];
  const mostSamples = space.samplesFollowSize ? most : Math.max(...space.minSamples);
  const parameters = {
    minClusterSize: { kind: 'integer', min: least, max: most },
    minSamples: { kind: 'integer', min: 1, max: ({ minClusterSize }) => Math.min(mostSamples, minClusterSize!) },
    nNeighbors: { kind: 'choice', values: space.nNeighbors },
    nComponents: { kind: 'choice', values: space.nComponents },
  } satisfies SearchSpace;
  const sampler = new ParzenSampler(parameters, { random });
  for (let done = 0; done < total; done++) {
    const trial = sampler.suggest() as Record<keyof ClusterTrial, number>;
    yield { trial, total, observe: (score) => sampler.observe(trial, score) };
  }
}

/** Of equal scores, larger clusters and more samples win. */
function isBetter(a: ScoredTrial, b: ScoredTrial): boolean {
  if (a.score !== b.score) return a.score > b.score;
  if (a.minClusterSize !== b.minClusterSize) return a.minClusterSize > b.minClusterSize;
  return a.minSamples > b.minSamples;
}

type TriedOut = Pick<ClusterSearch, 'best' | 'clusters' | 'embedding'>;

/** Runs trials; keeps neighbours, reductions and results for the next ones. */
class TrialWorkshop {
  readonly #embeddings = new Map<string, Matrix>();
  readonly #results = new Map<string, TriedOut>();
  #knn: KnnGraph | undefined;

  constructor(
    readonly x: Matrix,
    readonly space: CheckedSpace,
    readonly options: ClusterSearchOptions,
    readonly budget: RunBudget,
    readonly seed: number,
  ) {}

  async run(trial: ClusterTrial): Promise<TriedOut> {
    const { minClusterSize, minSamples, nNeighbors, nComponents } = trial;
    const key = [minClusterSize, minSamples, nNeighbors, nComponents].join(' ');
    const result = this.#results.get(key) ?? (await this.#tryOut(trial));
    this.#results.set(key, result);
    return result;
  }

  async #tryOut(trial: ClusterTrial): Promise<TriedOut> {
    const { budget, options } = this;
    const { silhouetteWeight = 0.6, clusterSelectionEpsilon = 0.5 } = options;
    const { clusterSelectionMethod = 'eom', allowSingleCluster = false } = options;
    const embedding = await this.#embedding(trial.nNeighbors, trial.nComponents);
    const { minClusterSize, minSamples } = trial;
    const density = { clusterSelectionEpsilon, clusterSelectionMethod, allowSingleCluster };
    const clusters = await budget.run('hdbscan', hdbscanSteps(embedding, { minClusterSize, minSamples, ...density }));
    const measured = clusters.nClusters >= 2;
    const silhouette = measured
      ? finiteOrNull((await budget.run('silhouette', silhouetteSteps(embedding, clusters.labels))).mean)
      : null;
    const dbcv = measured
      ? finiteOrNull((await budget.run('dbcv', dbcvSteps(embedding, clusters.labels))).score)
      : null;
    const score = silhouetteWeight * (silhouette ?? 0) + (1 - silhouetteWeight) * (dbcv ?? 0);
    return { best: { ...trial, score, silhouette, dbcv, nClusters: clusters.nClusters }, clusters, embedding };
  }

  async #embedding(nNeighbors: number, nComponents: number): Promise<Matrix> {
    const key = `${nNeighbors} ${nComponents}`;
    const known = this.#embeddings.get(key);
    if (known) return known;
    const { x, budget, options } = this;
    const { metric = 'cosine' } = options;
    const knn = nearest(await this.#neighbors(), nNeighbors - 1);
    const random = createRandom(this.seed);
    const settings = umapSettings('searchClusters', x, { knn, nComponents, minDist: 0, metric, random });
    const embedding = await budget.run('umap', embedSteps(x, knn, settings));
    this.#embeddings.set(key, embedding);
    return embedding;
  }

  async #neighbors(): Promise<KnnGraph> {
    const { x, space, options, budget } = this;
    const k = Math.min(x.rows, Math.max(...space.nNeighbors)) - 1;
    const signal = budget.boundedSignal();
    const { metric = 'cosine', engine } = options;
    this.#knn ??= await budget.time('neighbors', () => nearestNeighbors(x, { k, metric, engine, signal }));
    return this.#knn;
  }
}

/** The first `k` neighbours of each row. */
function nearest(knn: KnnGraph, k: number): KnnGraph {
  if (k >= knn.k) return knn;
  const indices = new Uint32Array(knn.rows * k);
  const distances = new Float32Array(knn.rows * k);
  for (let i = 0; i < knn.rows; i++) {
    indices.set(knn.indices.subarray(i * knn.k, i * knn.k + k), i * k);
    distances.set(knn.distances.subarray(i * knn.k, i * knn.k + k), i * k);
  }
  return { indices, distances, rows: knn.rows, k };
}

const finiteOrNull = (value: number) => (Number.isFinite(value) ? value : null);
