import type { Matrix } from '@matome/primitives/linalg';
import { takeRows } from '@matome/primitives/linalg';
import type { CondensedTree } from './condensed-tree.js';
import type { DensityClustering } from './density-clustering.js';
import type { HdbscanResult } from './hdbscan.js';

/** What a predictor needs of a result. */
export type PredictableClustering = Pick<
  DensityClustering,
  'labels' | 'selected' | 'coreDistances' | 'condensedTree' | 'settings'
> &
  Partial<Pick<HdbscanResult, 'sampledRows' | 'attachedLambda'>>;

/** What a predictor knows; n rows. */
export interface PredictorState {
  /** The rows that the hierarchy holds. */
  readonly rows: Matrix;
  readonly metric: 'euclidean' | 'cosine';
  readonly minSamples: number;
  readonly clusterSelectionEpsilon: number;
  readonly condensedTree: CondensedTree;
  readonly selected: Int32Array;
  readonly coreDistances: Float64Array;
  /** Labels of the rows, and the λ at which some joined a cluster from outside; only where some did. */
  readonly attached?: { readonly labels: Int32Array; readonly lambda: Float64Array };
}

/** @throws RangeError if the clustering is of another number of rows. */
export function predictorState(x: Matrix, clustering: PredictableClustering): PredictorState {
  const { labels, selected, coreDistances, condensedTree, settings, sampledRows, attachedLambda } = clustering;
  if (labels.length !== x.rows) {
    throw new RangeError(
      `The rows of HdbscanPredictor.from must be those of the clustering. Got ${x.rows} for ${labels.length} labels.`,
    );
  }
  const held = sampledRows ? Int32Array.from(sampledRows, (row) => labels[row]!) : labels;
  return {
    rows: sampledRows ? takeRows(x, sampledRows) : x,
    metric: settings.metric,
    minSamples: settings.minSamples,
    clusterSelectionEpsilon: settings.clusterSelectionEpsilon,
    condensedTree,
    selected,
    coreDistances,
    ...(attachedLambda && { attached: { labels: held, lambda: attachedLambda } }),
  };
}

const kind = 'hdbscan-predictor';

/** The JSON form; an infinite density stands as null. */
export function predictorToJson(state: PredictorState): object {
  const { rows, condensedTree: tree, attached } = state;
  const finite = (values: Float64Array) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  return {
    kind,
    version: 1,
    metric: state.metric,
    minSamples: state.minSamples,
    clusterSelectionEpsilon: state.clusterSelectionEpsilon,
    rows: rows.rows,
    cols: rows.cols,
    data: Array.from(rows.data.subarray(0, rows.rows * rows.cols)),
    tree: {
      parent: Array.from(tree.parent),
      birth: finite(tree.birth),
      size: Array.from(tree.size),
      pointCluster: Array.from(tree.pointCluster),
      pointLambda: finite(tree.pointLambda),
    },
    selected: Array.from(state.selected),
    coreDistances: finite(state.coreDistances),
    ...(attached && { attached: { labels: Array.from(attached.labels), lambda: finite(attached.lambda) } }),
  };
}

/** @throws TypeError if the value is not a predictor of version 1 or its parts do not fit together. */
export function predictorFromJson(json: unknown): PredictorState {
  const value = json as Record<string, unknown> | null;
  if (typeof value !== 'object' || value === null || value.kind !== kind || value.version !== 1) {
    throw new TypeError(`The value must be a ${kind} of version 1.`);
  }
  const { rows, cols, metric, minSamples, clusterSelectionEpsilon } = value;
  const tree = (value.tree ?? {}) as Record<string, unknown>;
  const state: PredictorState = {
    rows: { data: Float32Array.from(list(value.data)), rows: Number(rows), cols: Number(cols) },
    metric: metric === 'cosine' ? 'cosine' : 'euclidean',
    minSamples: Number(minSamples),
    clusterSelectionEpsilon: Number(clusterSelectionEpsilon),
    condensedTree: {
      parent: Int32Array.from(list(tree.parent)),
      birth: densities(tree.birth),
      size: Int32Array.from(list(tree.size)),
      pointCluster: Int32Array.from(list(tree.pointCluster)),
      pointLambda: densities(tree.pointLambda),
    },
    selected: Int32Array.from(list(value.selected)),
    coreDistances: densities(value.coreDistances),
    ...readAttached(value.attached),
  };
  checkState(state);
  return state;
}

function readAttached(value: unknown): Pick<PredictorState, 'attached'> {
  if (typeof value !== 'object' || value === null) return {};
  const { labels, lambda } = value as Record<string, unknown>;
  return { attached: { labels: Int32Array.from(list(labels)), lambda: densities(lambda) } };
}

function list(value: unknown): number[] {
  if (!Array.isArray(value)) throw new TypeError(`The ${kind} is incomplete.`);
  return value as number[];
}

function densities(value: unknown): Float64Array {
  return Float64Array.from(list(value), (each: number | null) => each ?? Number.POSITIVE_INFINITY);
}

function checkState({
  rows,
  minSamples,
  condensedTree: tree,
  selected,
  coreDistances,
  attached,
}: PredictorState): void {
  const clusters = tree.parent.length;
  const fits =
    rows.data.length === rows.rows * rows.cols &&
    Number.isInteger(minSamples) &&
    tree.birth.length === clusters &&
    tree.pointCluster.length === rows.rows &&
    tree.pointLambda.length === rows.rows &&
    coreDistances.length === rows.rows &&
    tree.parent.every((parent, c) => parent < c && parent >= -1) &&
    tree.pointCluster.every((cluster) => cluster >= 0 && cluster < clusters) &&
    selected.every((cluster) => cluster >= 0 && cluster < clusters) &&
    (attached === undefined || (attached.labels.length === rows.rows && attached.lambda.length === rows.rows));
  if (!fits) throw new TypeError(`The parts of the ${kind} do not fit together.`);
}
