import type { Clock } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { checkBoolean, checkInteger, checkMatrix, checkNumber, checkOneOf } from '@matome/primitives/options';
import type { RandomSource } from '@matome/primitives/random';
import type { SpanningTreeAlgorithm } from './mutual-reachability.js';

/** Options of `hdbscan`. */
export interface HdbscanOptions {
  /** Fewest rows of a cluster. @default 5 */
  readonly minClusterSize?: number;
  /**
   * Rank of the neighbour that sets the core distance of a row, the row itself not counted (scikit-learn counts it: its
   * value is one higher). Larger values call more rows outliers. Capped at n - 1. @default minClusterSize
   */
  readonly minSamples?: number;
  /** @default 'euclidean' */
  readonly metric?: 'euclidean' | 'cosine';
  /** `eom` keeps the most stable clusters, `leaf` the smallest ones. @default 'eom' */
  readonly clusterSelectionMethod?: 'eom' | 'leaf';
  /** Clusters that separate only below this distance are merged. @default 0 */
  readonly clusterSelectionEpsilon?: number;
  /** Lets everything be one cluster. @default false */
  readonly allowSingleCluster?: boolean;
  /** Most rows of a cluster under `eom`; larger ones are broken up where the hierarchy allows. @default Infinity */
  readonly maxClusterSize?: number;
  /** How the spanning tree is found; the labels are the same. @default 'auto': whichever is estimated to be faster */
  readonly algorithm?: SpanningTreeAlgorithm | 'auto';
  /** False keeps to plain JavaScript; the labels are the same. @default true */
  readonly simd?: boolean;
}

/** Options of `hdbscan` that bound its outcome or its cost; the result says what was done about them. */
export interface HdbscanLimits {
  /**
   * Largest share of rows, in [0, 1], that may stay in no cluster. First a larger `clusterSelectionEpsilon` is tried, then
   * the nearest outliers join the cluster they reach first.
   * @default no limit
   */
  readonly maxOutlierShare?: number;
  /**
   * Time in milliseconds. When all rows are projected to take longer, a random sample is clustered and the other rows are
   * placed beside it.
   * @default no limit
   */
  readonly deadlineMs?: number;
  /** Bytes above the input. Where they do not suffice, a sample is clustered. @default no limit */
  readonly memoryBudgetBytes?: number;
  /** Clock of `deadlineMs`. @default performance.now */
  readonly now?: Clock;
  /** Draws the sample. @default createRandom(42) */
  readonly random?: RandomSource;
}

/** Every option of `HdbscanOptions` with its value. */
export type HdbscanSettings = Required<HdbscanOptions>;

/** Checks the limits. */
export function checkLimits(caller: string, limits: HdbscanLimits): void {
  const {
    maxOutlierShare = 1,
    deadlineMs = Number.POSITIVE_INFINITY,
    memoryBudgetBytes = Number.POSITIVE_INFINITY,
  } = limits;
  checkNumber(caller, 'maxOutlierShare', maxOutlierShare, { min: 0, max: 1 });
  checkNumber(caller, 'deadlineMs', deadlineMs, { min: 0, exclusiveMin: true });
  checkNumber(caller, 'memoryBudgetBytes', memoryBudgetBytes, { min: 0, exclusiveMin: true });
}

/** Fills in defaults and checks values. */
export function hdbscanSettings(caller: string, x: Matrix, options: HdbscanOptions): HdbscanSettings {
  checkMatrix(caller, x);
  const minClusterSize = checkInteger(caller, 'minClusterSize', options.minClusterSize ?? 5, { min: 2 });
  const minSamples = checkInteger(caller, 'minSamples', options.minSamples ?? minClusterSize, { min: 1 });
  const {
    metric = 'euclidean',
    clusterSelectionMethod = 'eom',
    clusterSelectionEpsilon = 0,
    allowSingleCluster = false,
    maxClusterSize = Number.POSITIVE_INFINITY,
    algorithm = 'auto',
    simd = true,
  } = options;
  return {
    minClusterSize,
    minSamples: Math.min(minSamples, Math.max(1, x.rows - 1)),
    metric: checkOneOf(caller, 'metric', metric, ['euclidean', 'cosine']),
    clusterSelectionMethod: checkOneOf(caller, 'clusterSelectionMethod', clusterSelectionMethod, ['eom', 'leaf']),
    clusterSelectionEpsilon: checkNumber(caller, 'clusterSelectionEpsilon', clusterSelectionEpsilon, { min: 0 }),
    allowSingleCluster: checkBoolean(caller, 'allowSingleCluster', allowSingleCluster),
    maxClusterSize: checkNumber(caller, 'maxClusterSize', maxClusterSize, { min: 1 }),
    algorithm: checkOneOf(caller, 'algorithm', algorithm, ['auto', 'kd-tree', 'dense']),
    simd: checkBoolean(caller, 'simd', simd),
  };
}
