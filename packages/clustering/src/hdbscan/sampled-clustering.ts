import type { Cooperative } from '@matome/primitives/async';
import { type Matrix, takeRows } from '@matome/primitives/linalg';
import { type RandomSource, sampleIndices } from '@matome/primitives/random';
import { createRowSearch } from '../neighbors/row-search.js';
import { clusterByDensity, outlierShare } from './density-clustering.js';
import type { HdbscanResult } from './hdbscan.js';
import type { HdbscanSettings } from './hdbscan-options.js';
import { type HdbscanPrediction, HdbscanPredictor } from './hdbscan-predictor.js';
import { limitOutliers } from './limit-outliers.js';
import { unitRows } from './unit-rows.js';

/** Fewest rows that a cluster of the sample may have, where the settings do not ask for fewer. */
const leastClusterSize = 3;
/** Rows placed between two yields. */
const rowsPerStep = 32;

/** Options of `clusterSample`. */
export interface SampleOptions {
  readonly maxOutlierShare: number | undefined;
  readonly random: RandomSource;
  /** What may be taken beyond `estimatedBytes` of the sample. */
  readonly spareBytes: number;
}

/**
 * Clusters `count` rows drawn at random and places the others beside them.
 *
 * `minClusterSize` and `minSamples` shrink with the share that is drawn: a cluster of the data has that share of its rows
 * in the sample.
 */
export function* clusterSample(
  x: Matrix,
  settings: HdbscanSettings,
  count: number,
  { maxOutlierShare, random, spareBytes }: SampleOptions,
): Cooperative<HdbscanResult> {
  const sampledRows = sampleIndices(x.rows, count, random);
  const rows = takeRows(x, sampledRows);
  const clustered = yield* clusterByDensity(rows, sampleSettings(settings, count, x.rows), spareBytes);
  const limited = maxOutlierShare === undefined ? undefined : limitOutliers(clustered, maxOutlierShare);
  const sample = { ...(limited?.clustering ?? clustered), attachedLambda: limited?.attachedLambda };
  const placed = yield* placeRows(x, HdbscanPredictor.from(rows, sample));
  sampledRows.forEach((row, i) => {
    placed.labels[row] = sample.labels[i]!;
    placed.probabilities[row] = sample.probabilities[i]!;
    placed.outlierScores[row] = sample.outlierScores[i]!;
  });
  const compared = settings.metric === 'cosine' ? unitRows(x) : x;
  if (maxOutlierShare !== undefined) attachNearest(compared, placed, maxOutlierShare);
  const order = orderOfAppearance(placed.labels);
  const numbers = new Map(Array.from(order, (label, number) => [label, number]));
  return {
    ...sample,
    ...placed,
    labels: placed.labels.map((label) => numbers.get(label) ?? -1),
    selected: order.map((label) => sample.selected[label]!),
    persistence: Float32Array.from(order, (label) => sample.persistence[label]!),
    outlierShare: outlierShare(placed.labels),
    sampledRows,
    adjustments: limited ? { outliers: limited.adjustment } : {},
  };
}

/** Labels of clusters by their first row. */
function orderOfAppearance(labels: Int32Array): Int32Array {
  return Int32Array.from(new Set(labels.filter((label) => label !== -1)));
}

function sampleSettings(settings: HdbscanSettings, count: number, rows: number): HdbscanSettings {
  const share = count / rows;
  const scaled = (value: number, least: number) => Math.max(Math.min(value, least), Math.round(value * share));
  return {
    ...settings,
    minClusterSize: scaled(settings.minClusterSize, leastClusterSize),
    minSamples: Math.min(scaled(settings.minSamples, leastClusterSize - 1), Math.max(1, count - 1)),
    maxClusterSize: settings.maxClusterSize * share,
  };
}

function* placeRows(x: Matrix, predictor: HdbscanPredictor): Cooperative<HdbscanPrediction> {
  const labels = new Int32Array(x.rows);
  const probabilities = new Float32Array(x.rows);
  const scores = new Float32Array(x.rows);
  for (let start = 0; start < x.rows; start += rowsPerStep) {
    const end = Math.min(x.rows, start + rowsPerStep);
    const part = { data: x.data.subarray(start * x.cols, end * x.cols), rows: end - start, cols: x.cols };
    const placed = predictor.predict(part);
    labels.set(placed.labels, start);
    probabilities.set(placed.probabilities, start);
    scores.set(placed.outlierScores, start);
    yield { stage: 'predict', completed: end, total: x.rows };
  }
  return { labels, probabilities, outlierScores: scores };
}

/** Gives the outliers nearest to a labelled row its label until they are few enough; their probability stays 0. */
function attachNearest(x: Matrix, { labels }: HdbscanPrediction, maxOutlierShare: number): void {
  const outliers = Array.from(labels.keys()).filter((i) => labels[i] === -1);
  const surplus = outliers.length - Math.floor(maxOutlierShare * x.rows);
  const labelled = Array.from(labels.keys()).filter((i) => labels[i] !== -1);
  if (surplus <= 0 || labelled.length === 0) return;
  const search = createRowSearch(takeRows(x, labelled));
  outliers
    .map((row) => {
      const { indices, squared } = search.nearest(x.data.subarray(row * x.cols, (row + 1) * x.cols), 1);
      return { row, label: labels[labelled[indices[0]!]!]!, distance: squared[0]! };
    })
    .sort((a, b) => a.distance - b.distance || a.row - b.row)
    .slice(0, surplus)
    .forEach(({ row, label }) => {
      labels[row] = label;
    });
}
