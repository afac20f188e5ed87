import type { Cooperative } from '@matome/primitives/async';
import type { KnnGraph } from '../neighbors/knn-graph.js';
import { type SmoothDistanceOptions, type SmoothDistances, smoothDistanceSteps } from './smooth-distances.js';

/** A symmetric weighted graph in compressed rows; columns ascend in each row. */
export interface FuzzyGraph {
  /** n + 1 starts. */
  readonly starts: Uint32Array;
  readonly targets: Uint32Array;
  /** Memberships in (0, 1]. */
  readonly weights: Float32Array;
  readonly rows: number;
}

/** Options of `fuzzyGraphSteps`. */
export interface FuzzyGraphOptions extends SmoothDistanceOptions {
  /** 1 joins the two directions of an edge by union, 0 by intersection. @default 1 */
  readonly setOperationMix?: number;
}

/**
 * The fuzzy simplicial set of a neighbour graph: one membership for every pair of neighbours, both directions joined.
 *
 * @param knn - neighbours without the row itself.
 * @remarks O(n k log k) time, about 24 n k bytes.
 * @see McInnes, Healy, Melville (2018), UMAP, section 3.1, arXiv:1802.03426
 */
export function* fuzzyGraphSteps(knn: KnnGraph, options: FuzzyGraphOptions = {}): Cooperative<FuzzyGraph> {
  const smooth = yield* smoothDistanceSteps(knn, options);
  const directed = directedGraph(knn, smooth);
  yield { stage: 'fuzzy-graph', completed: knn.rows, total: knn.rows };
  return joinDirections(directed, options.setOperationMix ?? 1);
}

/** The memberships of each row's neighbours, as seen from the row. */
export function directedGraph({ indices, distances, rows, k }: KnnGraph, smooth: SmoothDistances): FuzzyGraph {
  const { rhos, sigmas } = smooth;
  const starts = new Uint32Array(rows + 1);
  const targets = new Uint32Array(rows * k);
  const weights = new Float32Array(rows * k);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    const first = count;
    const rho = rhos[i]!;
    const sigma = sigmas[i]!;
    for (let at = i * k; at < (i + 1) * k; at++) {
      const target = indices[at]!;
      if (target === i) continue;
      const beyond = distances[at]! - rho;
      const weight = beyond <= 0 || sigma === 0 ? 1 : Math.fround(Math.exp(-beyond / sigma));
      if (weight === 0) continue;
      // Insertion keeps the row sorted: rows are short.
      let slot = count++;
      while (slot > first && targets[slot - 1]! > target) {
        targets[slot] = targets[slot - 1]!;
        weights[slot] = weights[slot - 1]!;
        slot--;
      }
      targets[slot] = target;
      weights[slot] = weight;
    }
    starts[i + 1] = count;
  }
  return { starts, targets: targets.slice(0, count), weights: weights.slice(0, count), rows };
}

/** Turns every edge around; rows stay sorted. */
function transpose({ starts, targets, weights, rows }: FuzzyGraph): FuzzyGraph {
  const turned = new Uint32Array(rows + 1);
  for (const target of targets) turned[target + 1]!++;
  for (let i = 0; i < rows; i++) turned[i + 1]! += turned[i]!;
  const next = turned.slice(0, rows);
  const sources = new Uint32Array(targets.length);
  const values = new Float32Array(targets.length);
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const slot = next[targets[at]!]!++;
      sources[slot] = i;
      values[slot] = weights[at]!;
    }
  }
  return { starts: turned, targets: sources, weights: values, rows };
}

/** Joins the two directions of every edge: mix · (p + q - p q) + (1 - mix) · p q. */
function joinDirections(directed: FuzzyGraph, mix: number): FuzzyGraph {
  const back = transpose(directed);
  const { rows } = directed;
  const starts = new Uint32Array(rows + 1);
  const targets = new Uint32Array(2 * directed.targets.length);
  const weights = new Float32Array(targets.length);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    let a = directed.starts[i]!;
    let b = back.starts[i]!;
    const endA = directed.starts[i + 1]!;
    const endB = back.starts[i + 1]!;
    while (a < endA || b < endB) {
      const targetA = a < endA ? directed.targets[a]! : rows;
      const targetB = b < endB ? back.targets[b]! : rows;
      const p = targetA <= targetB ? directed.weights[a++]! : 0;
      const q = targetB <= targetA ? back.weights[b++]! : 0;
      const weight = mix * (p + q - p * q) + (1 - mix) * p * q;
      if (weight <= 0) continue;
      targets[count] = Math.min(targetA, targetB);
      weights[count++] = weight;
    }
    starts[i + 1] = count;
  }
  return { starts, targets: targets.slice(0, count), weights: weights.slice(0, count), rows };
}

/** What the labels of some rows do to the graph. */
export interface SupervisionOptions {
  /** n class numbers; -1 where unknown. */
  readonly target: ArrayLike<number>;
  /** Edges between an unknown class and any other shrink by exp(-unknownDistance). @default 1 */
  readonly unknownDistance?: number;
  /** Edges between different classes shrink by exp(-farDistance). @default 5 */
  readonly farDistance?: number;
}

/** Shrinks the edges between rows of different or unknown classes. */
export function weakenEdges(graph: FuzzyGraph, options: SupervisionOptions): FuzzyGraph {
  const { target, unknownDistance = 1, farDistance = 5 } = options;
  const { starts, targets, rows } = graph;
  const weights = graph.weights.slice();
  const unknown = Math.exp(-unknownDistance);
  const far = Math.exp(-farDistance);
  for (let i = 0; i < rows; i++) {
    for (let at = starts[i]!; at < starts[i + 1]!; at++) {
      const a = target[i]!;
      const b = target[targets[at]!]!;
      if (a === -1 || b === -1) weights[at]! *= unknown;
      else if (a !== b) weights[at]! *= far;
    }
  }
  return { starts, targets, weights, rows };
}

/**
 * Weakens the edges between rows of different classes, then lets every row have one edge of full strength again.
 *
 * @see McInnes, Healy, Melville (2018), UMAP, section 3.3, arXiv:1802.03426
 */
export function superviseGraph(graph: FuzzyGraph, options: SupervisionOptions): FuzzyGraph {
  const weak = weakenEdges(graph, options);
  const { starts, weights, rows } = weak;
  for (let i = 0; i < rows; i++) {
    const own = weights.subarray(starts[i]!, starts[i + 1]!);
    const largest = own.reduce((most, weight) => Math.max(most, weight), 0);
    for (let at = 0; at < own.length; at++) own[at]! /= largest;
  }
  return joinDirections(weak, 1);
}
