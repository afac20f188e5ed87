import { type Clock, type Cooperative, runSync } from '@matome/primitives/async';
import type { Matrix } from '@matome/primitives/linalg';
import { createRandom } from '@matome/primitives/random';
import { clusterByDensity, type DensityClustering } from './density-clustering.js';
import {
  checkLimits,
  type HdbscanLimits,
  type HdbscanOptions,
  type HdbscanSettings,
  hdbscanSettings,
} from './hdbscan-options.js';
import { limitOutliers, type OutlierAdjustment } from './limit-outliers.js';
import { clusterSample } from './sampled-clustering.js';
import { affordableRows, affordableShare, attemptWithin, estimatedBytes } from './work-budget.js';

/** Why and how much of the data was clustered instead of all of it. */
export interface SampleAdjustment {
  readonly reason: 'deadline' | 'memory';
  /** Rows that were clustered; the others were placed beside them. */
  readonly sampledRows: number;
  /** `minClusterSize` and `minSamples` for the sample: they shrink with the share drawn. */
  readonly minClusterSize: number;
  readonly minSamples: number;
  /** For a deadline: the time that all rows would have taken, in milliseconds, as projected. */
  readonly projectedMs?: number;
  /** For memory: the bytes that all rows would have taken, as estimated. */
  readonly estimatedBytes?: number;
}

/** What was done about the limits; empty when none was set or all were met as it is. */
export interface HdbscanAdjustments {
  readonly outliers?: OutlierAdjustment;
  readonly sample?: SampleAdjustment;
}

/**
 * What `hdbscan` found. When a sample was clustered, hierarchy, core distances and settings are those of the sample;
 * labels, probabilities and scores always are of all rows.
 */
export interface HdbscanResult extends DensityClustering {
  readonly adjustments: HdbscanAdjustments;
  /** The rows of the sample, ascending; absent when all rows were clustered. */
  readonly sampledRows?: Uint32Array;
  /** λ at which a row of the hierarchy joined a cluster from outside, else 0; absent when none did. */
  readonly attachedLambda?: Float64Array;
}

/**
 * Groups the rows of `x` by density (HDBSCAN*), exactly.
 *
 * Rows in no dense region get label -1 and probability 0. Clusters are numbered by their first row. No row is an error
 * only for values that are not finite: fewer rows than `minClusterSize`, or rows that are all equal, are in no cluster.
 *
 * @param x - n × d, finite; not modified.
 * @returns labels, membership, outlier scores and the hierarchy they come from.
 * @throws RangeError if a value is not finite (names the row) or an option is out of range.
 * @remarks About O(n log n) time for few columns (0.1 s for 50,000 × 2), O(n² d) above some 20 (0.1 s for 5,000 × 50);
 * O(n · (d + minSamples)) memory, and at most 16 MB for the distances of up to 2,880 rows. Equal input gives equal output on every machine, as long as no `deadlineMs` is set.
 * Where core distances tie, hierarchies of other implementations depend on the order of the rows; this one does not,
 * unless distances tie as well.
 * @see Campello, Moulavi, Sander (2013), Density-Based Clustering Based on Hierarchical Density Estimates, doi:10.1007/978-3-642-37456-2_14
 * @example
 * const x = { data: new Float32Array([0, 0.1, 0.2, 9, 9.1, 9.2, 50]), rows: 7, cols: 1 };
 * [...hdbscan(x, { minClusterSize: 3, minSamples: 1 }).labels] // => [0, 0, 0, 1, 1, 1, -1]
 */
export function hdbscan(x: Matrix, options: HdbscanOptions & HdbscanLimits = {}): HdbscanResult {
  return runSync(hdbscanSteps(x, options));
}

/**
 * `hdbscan` in steps of a few milliseconds, for `runAsync` and `withDeadline`.
 *
 * @example
 * const x = { data: new Float32Array([0, 1, 2, 70, 71, 72]), rows: 6, cols: 1 };
 * (await runAsync(hdbscanSteps(x, { minClusterSize: 3, minSamples: 1 }))).nClusters // => 2
 */
export function* hdbscanSteps(x: Matrix, options: HdbscanOptions & HdbscanLimits = {}): Cooperative<HdbscanResult> {
  const settings = hdbscanSettings('hdbscan', x, options);
  checkLimits('hdbscan', options);
  const {
    maxOutlierShare,
    deadlineMs = Number.POSITIVE_INFINITY,
    memoryBudgetBytes = Number.POSITIVE_INFINITY,
  } = options;
  const bytes = estimatedBytes(x.rows, x.cols, settings.minSamples);
  if (bytes > memoryBudgetBytes) {
    const count = affordableRows(memoryBudgetBytes, x.cols, settings.minSamples);
    return yield* sampleInstead(x, settings, options, count, { reason: 'memory', estimatedBytes: bytes });
  }
  const spareBytes = memoryBudgetBytes - bytes;
  if (deadlineMs === Number.POSITIVE_INFINITY) {
    return limited(yield* clusterByDensity(x, settings, spareBytes), maxOutlierShare);
  }
  const now = options.now ?? monotonic;
  const attempt = yield* attemptWithin(clusterByDensity(x, settings, spareBytes), deadlineMs, now);
  if (attempt.status === 'done') return limited(attempt.value, maxOutlierShare);
  const share = affordableShare(attempt.projectedMs, deadlineMs - attempt.elapsedMs);
  const count = Math.floor(share * x.rows);
  return yield* sampleInstead(x, settings, options, count, { reason: 'deadline', projectedMs: attempt.projectedMs });
}

const monotonic: Clock = () => performance.now();

/** Clusters in a sample below which nothing could be found in it. */
const leastClusters = 4;

function limited(clustering: DensityClustering, maxOutlierShare: number | undefined): HdbscanResult {
  if (maxOutlierShare === undefined) return { ...clustering, adjustments: {} };
  const { clustering: found, attachedLambda, adjustment } = limitOutliers(clustering, maxOutlierShare);
  return { ...found, ...(attachedLambda && { attachedLambda }), adjustments: { outliers: adjustment } };
}

function* sampleInstead(
  x: Matrix,
  settings: HdbscanSettings,
  limits: HdbscanLimits,
  affordable: number,
  why: Pick<SampleAdjustment, 'reason' | 'projectedMs' | 'estimatedBytes'>,
): Cooperative<HdbscanResult> {
  const least = Math.min(x.rows, leastClusters * settings.minClusterSize);
  if (why.reason === 'memory' && affordable < least) {
    throw new RangeError(
      `The memoryBudgetBytes option of hdbscan must be at least ${estimatedBytes(least, x.cols, settings.minSamples)} for ${x.cols} columns. Got ${limits.memoryBudgetBytes}.`,
    );
  }
  const count = Math.min(x.rows, Math.max(least, affordable));
  const { maxOutlierShare, memoryBudgetBytes = Number.POSITIVE_INFINITY, random = createRandom() } = limits;
  const spareBytes = memoryBudgetBytes - estimatedBytes(count, x.cols, settings.minSamples);
  const found = yield* clusterSample(x, settings, count, { maxOutlierShare, random, spareBytes });
  const { minClusterSize, minSamples } = found.settings;
  const sample: SampleAdjustment = { ...why, sampledRows: count, minClusterSize, minSamples };
  return { ...found, adjustments: { ...found.adjustments, sample } };
}
