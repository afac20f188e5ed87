import { createMatrix, type Matrix, row } from '@matome/primitives/linalg';
import { checkMatrix } from '@matome/primitives/options';
import { createRowSearch, type RowSearch } from '../neighbors/row-search.js';
import { type CondensedTree, deathLambdas } from './condensed-tree.js';
import { ownerOfClusters } from './label-points.js';
import { densestBelow, outlierScore } from './outlier-scores.js';
import {
  type PredictableClustering,
  type PredictorState,
  predictorFromJson,
  predictorState,
  predictorToJson,
} from './predictor-state.js';
import { type PointInTree, SoftMembership } from './soft-membership.js';
import { unitRows } from './unit-rows.js';

/** Labels of new rows. */
export interface HdbscanPrediction {
  /** Cluster of each row, -1 for none. */
  readonly labels: Int32Array;
  /** Strength of membership of each row, in [0, 1]. */
  readonly probabilities: Float32Array;
  /** GLOSH score of each row in [0, 1], as if it stood in the hierarchy. */
  readonly outlierScores: Float32Array;
}

/**
 * Places new rows in an existing clustering, which stays as it is.
 *
 * A new row goes where its nearest row (by mutual reachability) is, as deep in the hierarchy as its own density allows.
 * Rows of the clustering itself get the labels that they have.
 *
 * @remarks Making one costs O(n log n) for few columns; a prediction a few microseconds there, O(n d) for many columns.
 * @see McInnes, Healy, Astels, hdbscan documentation, "Predicting clusters for new points"
 * @example
 * const x = { data: new Float32Array([0, 1, 2, 70, 71, 72]), rows: 6, cols: 1 };
 * const predictor = HdbscanPredictor.from(x, hdbscan(x, { minClusterSize: 3, minSamples: 1 }));
 * [...predictor.predict({ data: new Float32Array([1.5, 71.4, 500]), rows: 3, cols: 1 }).labels] // => [0, 1, -1]
 */
export class HdbscanPredictor {
  private readonly state: PredictorState;
  /** The rows as they are compared. */
  private readonly x: Matrix;
  private readonly search: RowSearch;
  /** Label of each cluster of the tree, by the chosen cluster it is or lies in; -1 for none. */
  private readonly labelOf: Int32Array;
  private readonly death: Float64Array;
  private readonly densest: Float64Array;
  private readonly soft: SoftMembership;

  private constructor(state: PredictorState) {
    const { rows, metric, condensedTree, selected } = state;
    this.state = state;
    this.x = metric === 'cosine' ? unitRows(rows, true) : rows;
    this.search = createRowSearch(this.x);
    this.labelOf = ownerOfClusters(condensedTree, selected).map((cluster) => selected.indexOf(cluster));
    this.death = deathLambdas(condensedTree);
    this.densest = densestBelow(condensedTree);
    this.soft = new SoftMembership(this.x, state, this.death);
  }

  /**
   * @param x - the n × d rows that were clustered.
   * @throws RangeError if the clustering is of another number of rows.
   */
  static from(x: Matrix, clustering: PredictableClustering): HdbscanPredictor {
    return new HdbscanPredictor(predictorState(x, clustering));
  }

  /** @throws TypeError if the value is not what `toJSON` made. */
  static fromJSON(json: unknown): HdbscanPredictor {
    return new HdbscanPredictor(predictorFromJson(json));
  }

  /** A plain object for `JSON.stringify`; it holds the rows, about 10 bytes a value as text. */
  toJSON(): object {
    return predictorToJson(this.state);
  }

  /**
   * Labels new rows.
   *
   * @param queries - m × d, finite.
   * @throws RangeError if the width differs or a value is not finite.
   */
  predict(queries: Matrix): HdbscanPrediction {
    const labels = new Int32Array(queries.rows).fill(-1);
    const probabilities = new Float32Array(queries.rows);
    const scores = new Float32Array(queries.rows).fill(1);
    this.placeAll(queries).forEach((place, i) => {
      const cluster = clusterAt(this.state.condensedTree, place);
      const [label, densest] = this.labelAt(place, cluster);
      labels[i] = label;
      if (label !== -1) probabilities[i] = Number.isFinite(densest) ? Math.min(1, place.lambda / densest) : 1;
      scores[i] = outlierScore(this.densest[cluster]!, place.lambda);
    });
    return { labels, probabilities, outlierScores: scores };
  }

  /** The label of a place and the density of full membership there. */
  private labelAt({ point, lambda }: PointInTree, cluster: number): [number, number] {
    const { condensedTree: tree, selected, clusterSelectionEpsilon, attached } = this.state;
    // Of the cluster that holds everything, only rows as dense as its densest splits belong to it.
    const rootLambda = clusterSelectionEpsilon > 0 ? 1 / clusterSelectionEpsilon : this.death[0]!;
    const label = this.labelOf[cluster]!;
    if (label !== -1 && (selected[label] !== 0 || Math.min(lambda, tree.pointLambda[point]!) >= rootLambda)) {
      return [label, this.death[selected[label]!]! || Number.POSITIVE_INFINITY];
    }
    const joined = attached?.lambda[point] ?? 0;
    if (attached === undefined || joined === 0 || lambda < joined) return [-1, Number.POSITIVE_INFINITY];
    const own = attached.labels[point]!;
    return [own, this.death[selected[own]!]!];
  }

  /**
   * How much each new row belongs to every cluster.
   *
   * @param queries - m × d, finite.
   * @returns m × c, rows sum to the probability of being in a cluster at all.
   * @throws RangeError if the width differs or a value is not finite.
   */
  membership(queries: Matrix): Matrix {
    const points = this.prepare(queries);
    const result = createMatrix(queries.rows, this.state.selected.length);
    this.placeAll(queries).forEach((place, i) => {
      row(result, i).set(this.soft.of(row(points, i), place));
    });
    return result;
  }

  /**
   * How much each row that the hierarchy holds (all, or the sample) belongs to every cluster.
   *
   * @returns n × c, rows sum to the probability of being in a cluster at all.
   * @remarks O(n · exemplars · d).
   */
  trainingMembership(): Matrix {
    const { x, state } = this;
    const result = createMatrix(x.rows, state.selected.length);
    for (let i = 0; i < x.rows; i++) {
      const place = { point: i, lambda: state.condensedTree.pointLambda[i]! };
      row(result, i).set(this.soft.of(row(x, i), place));
    }
    return result;
  }

  private prepare(queries: Matrix): Matrix {
    const cosine = this.state.metric === 'cosine';
    const width = cosine ? this.x.cols - 1 : this.x.cols;
    if (queries.cols !== width) {
      throw new RangeError(`The queries of HdbscanPredictor must have ${width} columns. Got ${queries.cols}.`);
    }
    checkMatrix('HdbscanPredictor', queries);
    return cosine ? unitRows(queries, true) : queries;
  }

  /** The nearest row by mutual reachability of each query, and the density at which they meet. */
  private placeAll(queries: Matrix): PointInTree[] {
    const points = this.prepare(queries);
    const { metric, minSamples, coreDistances } = this.state;
    const cosine = metric === 'cosine';
    const rows = this.x.rows;
    return Array.from({ length: rows === 0 ? 0 : queries.rows }, (_, i) => {
      const { indices, squared } = this.search.nearest(row(points, i), Math.min(rows, 2 * minSamples));
      const distances = Float64Array.from(squared, (square) => (cosine ? square / 2 : Math.sqrt(square)));
      // A row of the clustering finds itself first: the same rank as its core distance.
      const own = distances[Math.min(minSamples, distances.length - 1)]!;
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let r = 0; r < distances.length; r++) {
        const reach = Math.max(own, coreDistances[indices[r]!]!, distances[r]!);
        if (reach < least) {
          least = reach;
          best = r;
        }
      }
      return { point: indices[best]!, lambda: 1 / least };
    });
  }
}

/** The cluster that something of density `lambda` beside `point` is in. */
function clusterAt(tree: CondensedTree, { point, lambda }: PointInTree): number {
  let cluster = tree.pointCluster[point]!;
  if (tree.pointLambda[point]! > lambda) {
    while (cluster > 0 && tree.birth[cluster]! >= lambda) cluster = tree.parent[cluster]!;
  }
  return cluster;
}

/**
 * Labels new rows by an existing clustering; see `HdbscanPredictor` for many calls.
 *
 * @param x - the n × d rows that were clustered.
 * @param queries - m × d, finite.
 * @throws RangeError if rows or widths do not fit or a value is not finite.
 * @remarks Prepares a search over x on every call.
 * @example
 * const x = { data: new Float32Array([0, 1, 2, 70, 71, 72]), rows: 6, cols: 1 };
 * const clustering = hdbscan(x, { minClusterSize: 3, minSamples: 1 });
 * [...approximatePredict(x, clustering, x).labels] // => [0, 0, 0, 1, 1, 1]
 */
export function approximatePredict(x: Matrix, clustering: PredictableClustering, queries: Matrix): HdbscanPrediction {
  return HdbscanPredictor.from(x, clustering).predict(queries);
}
